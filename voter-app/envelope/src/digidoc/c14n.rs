//! Canonical XML of one element: 1.0, 1.1 and exclusive 1.0. Spec: 07d-digidoc, DOC-8, DOC-11.
//!
//! The text has no comments, processing instructions, DTD or attributes of `xml:`, so that little of the standards is left: namespaces, order,
//! escapes.

use roxmltree::Node;
use std::collections::BTreeMap;

/// Which namespace declarations an element shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canonicalisation {
    /// All that hold where it stands (1.0, 1.1).
    Inclusive,
    /// Those that its own name and attributes use (exclusive 1.0).
    Exclusive,
}

impl Canonicalisation {
    pub fn named(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" | "http://www.w3.org/2006/12/xml-c14n11" => Some(Self::Inclusive),
            "http://www.w3.org/2001/10/xml-exc-c14n#" => Some(Self::Exclusive),
            _ => None,
        }
    }

    /// The canonical form of an element and all in it.
    pub fn of(self, element: Node<'_, '_>) -> String {
        let mut out = String::new();
        self.write(element, &BTreeMap::new(), &mut out);
        out
    }

    /// `shown` holds, by prefix, the namespaces that elements around this one have declared in what is written.
    fn write<'a>(self, element: Node<'a, '_>, shown: &BTreeMap<&'a str, &'a str>, out: &mut String) {
        let source = element.document().input_text();
        let name = source.get(element.range().start + 1..).unwrap_or_default();
        let name = name.split(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').next().unwrap_or_default();
        let mut attributes: Vec<_> = element
            .attributes()
            .map(|attribute| {
                let name = source.get(attribute.range_qname()).unwrap_or_default();
                ((attribute.namespace().unwrap_or_default(), attribute.name()), name, attribute.value())
            })
            .collect();
        attributes.sort();

        let prefix = |name: &'a str| name.split_once(':').map(|(prefix, _)| prefix);
        let is_used = |wanted: &str| {
            prefix(name).unwrap_or_default() == wanted
                || attributes.iter().any(|(_, name, _)| prefix(name).is_some_and(|found| found == wanted))
        };
        // Where none is declared, the namespace of names without a prefix is the empty one.
        let mut holding = BTreeMap::from([("", "")]);
        holding.extend(element.namespaces().map(|namespace| (namespace.name().unwrap_or_default(), namespace.uri())));
        holding.remove("xml");
        let mut shown = shown.clone();

        out.push('<');
        out.push_str(name);
        for (prefix, uri) in holding {
            let before = shown.get(prefix).copied().unwrap_or_default();
            if uri == before || self == Self::Exclusive && !is_used(prefix) {
                continue;
            }
            out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            out.push_str(prefix);
            value(uri, out);
            shown.insert(prefix, uri);
        }
        for (_, name, text) in &attributes {
            out.push(' ');
            out.push_str(name);
            value(text, out);
        }
        out.push('>');
        for child in element.children() {
            match child.text() {
                _ if child.is_element() => self.write(child, &shown, out),
                text => escape(text.unwrap_or_default(), &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\r', "&#xD;")], out),
            }
        }
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    }
}

/// `="…"`
fn value(text: &str, out: &mut String) {
    out.push_str("=\"");
    escape(text, &[('&', "&amp;"), ('<', "&lt;"), ('"', "&quot;"), ('\t', "&#x9;"), ('\n', "&#xA;"), ('\r', "&#xD;")], out);
    out.push('"');
}

fn escape(text: &str, escapes: &[(char, &str)], out: &mut String) {
    for c in text.chars() {
        match escapes.iter().find(|(from, _)| *from == c) {
            Some((_, to)) => out.push_str(to),
            None => out.push(c),
        }
    }
}
