//! XML of others: plain, or refused. Spec: 07d-digidoc, DOC-8 to DOC-10.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;

use super::{DigidocError, Rule};

/// XMLDSig.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XAdES 1.3.2.
pub const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// ASiC.
pub const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

const MAX_NODES: u32 = 20_000;
const MAX_LEVELS: usize = 64;

/// Reads a text that a canonicaliser without special cases can write anew. DOC-8, DOC-9.
pub fn parse<'a>(place: &str, text: &'a [u8]) -> Result<Document<'a>, DigidocError> {
    let refused = |why: &str| Rule::Xml.at(format!("{place}: {why}"));
    let text = std::str::from_utf8(text).map_err(|_| refused("not UTF-8"))?;
    if !declares_utf8(text) {
        return Err(refused("another encoding is declared"));
    }
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| refused(&error.to_string()))?;
    let mut ids = BTreeSet::new();
    for node in document.descendants() {
        if node.is_comment() || node.is_pi() {
            return Err(refused("a comment or processing instruction"));
        }
        if node.ancestors().take(MAX_LEVELS + 2).count() > MAX_LEVELS + 1 {
            return Err(refused("too many levels"));
        }
        for attribute in node.attributes() {
            if attribute.namespace() == Some(XML) {
                return Err(refused("an attribute of xml:"));
            }
            if attribute.name().eq_ignore_ascii_case("id") && !ids.insert(attribute.value()) {
                return Err(Rule::SameId.at(format!("{place}: {}", attribute.value())));
            }
        }
    }
    Ok(document)
}

/// The parser takes no notice of the encoding that a text declares; another program would.
fn declares_utf8(text: &str) -> bool {
    let declaration = text.trim_start_matches('\u{feff}').strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let encoding = declaration.and_then(|(inside, _)| inside.split_once("encoding"));
    encoding.is_none_or(|(_, rest)| rest.split(['"', '\'']).nth(1).is_some_and(|name| name.eq_ignore_ascii_case("UTF-8")))
}

/// An element, and where it is for errors.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub node: Node<'a, 'a>,
    pub place: &'a str,
}

impl<'a> Element<'a> {
    /// An error of DOC-10 about this element.
    pub fn misplaced(self, what: &str) -> DigidocError {
        self.refused(Rule::Structure, what)
    }

    /// An error about this element.
    pub fn refused(self, rule: Rule, what: &str) -> DigidocError {
        rule.at(format!("{}: {}: {what}", self.place, self.node.tag_name().name()))
    }

    pub fn is(self, namespace: &str, name: &str) -> bool {
        self.node.has_tag_name((namespace, name))
    }

    /// The elements in this one.
    pub fn children(self) -> impl Iterator<Item = Element<'a>> {
        self.node.children().filter(Node::is_element).map(move |node| Element { node, place: self.place })
    }

    /// The elements in this one, which are of these names of one namespace, in any order, and no others.
    pub fn only(self, namespace: &str, names: &[&str]) -> Result<(), DigidocError> {
        match self.children().find(|child| !names.iter().any(|name| child.is(namespace, name))) {
            Some(other) => Err(self.misplaced(other.node.tag_name().name())),
            None => Ok(()),
        }
    }

    /// The only child of this name, if there is one.
    pub fn maybe(self, namespace: &str, name: &str) -> Result<Option<Element<'a>>, DigidocError> {
        let mut found = self.children().filter(|child| child.is(namespace, name));
        match (found.next(), found.next()) {
            (found, None) => Ok(found),
            _ => Err(self.misplaced(name)),
        }
    }

    /// The only child of this name.
    pub fn one(self, namespace: &str, name: &str) -> Result<Element<'a>, DigidocError> {
        self.maybe(namespace, name)?.ok_or_else(|| self.misplaced(name))
    }

    /// An attribute without a prefix.
    pub fn attribute(self, name: &str) -> Result<&'a str, DigidocError> {
        self.node.attribute(name).ok_or_else(|| self.misplaced(name))
    }

    /// The text in this element, which has no elements in it.
    pub fn text(self) -> Result<String, DigidocError> {
        if self.children().next().is_some() {
            return Err(self.misplaced("text"));
        }
        Ok(self.node.children().filter_map(|child| child.text()).collect())
    }

    /// The bytes that the text in this element stands for; base64 may be broken into lines.
    pub fn base64(self) -> Result<Vec<u8>, DigidocError> {
        let text: String = self.text()?.split_ascii_whitespace().collect();
        STANDARD.decode(text).map_err(|_| self.misplaced("base64"))
    }
}
