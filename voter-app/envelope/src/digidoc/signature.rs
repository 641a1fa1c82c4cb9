//! One file of XAdES signatures over the files of a container. Spec: 07d-digidoc, DOC-10 to DOC-17.

use der::DateTime;

use super::algorithm::{Method, hash_named};
use super::c14n::Canonicalisation;
use super::xml::{ASIC, DS, Element, XADES, parse};
use super::{DigidocError, File, MAX_INTERMEDIATES, Rule, Signature, Unsigned};
use crate::Certificate;

const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";

/// The signatures of one file, each verified.
pub fn read(place: &str, text: &[u8], files: &[File]) -> Result<Vec<Signature>, DigidocError> {
    let document = parse(place, text)?;
    let root = Element { node: document.root_element(), place };
    root.only(DS, &["Signature"])?;
    if !root.is(ASIC, "XAdESSignatures") || root.children().next().is_none() {
        return Err(root.misplaced("XAdESSignatures"));
    }
    root.children().map(|signature| one(signature, files)).collect()
}

fn one(signature: Element<'_>, files: &[File]) -> Result<Signature, DigidocError> {
    signature.only(DS, &["SignedInfo", "SignatureValue", "KeyInfo", "Object"])?;
    let object = signature.one(DS, "Object")?;
    object.only(XADES, &["QualifyingProperties"])?;
    let qualifying = object.one(XADES, "QualifyingProperties")?;
    qualifying.only(XADES, &["SignedProperties", "UnsignedProperties"])?;
    if qualifying.attribute("Target")?.strip_prefix('#') != Some(signature.attribute("Id")?) {
        return Err(qualifying.misplaced("Target"));
    }
    let properties = qualifying.one(XADES, "SignedProperties")?;
    let info = signature.one(DS, "SignedInfo")?;
    info.only(DS, &["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
    references(info, properties, files)?;

    let (certificate, others) = signer(signature.one(DS, "KeyInfo")?, properties)?;
    let way = info.one(DS, "SignatureMethod")?;
    let method = Method::named(parameterless(way)?).ok_or_else(|| way.refused(Rule::SignatureMethod, "Algorithm"))?;
    let message = canonicalisation(info.one(DS, "CanonicalizationMethod")?)?.of(info.node);
    let value = signature.one(DS, "SignatureValue")?;
    method.verify(&certificate, message.as_bytes(), &value.base64()?).map_err(|rule| value.refused(rule, &certificate.subject()))?;

    let unsigned = unsigned(qualifying)?;
    let beside = unsigned.iter().filter(|one| one.kind == "X509Certificate").map(|one| &one.bytes);
    let intermediates = others.iter().chain(beside).filter_map(|der| Certificate::from_der(der).ok()).take(MAX_INTERMEDIATES).collect();
    Ok(Signature { certificate, intermediates, signing_time: signing_time(properties)?, unsigned })
}

/// One for each file and one for the properties, each of which is what was signed. DOC-11, DOC-12, DOC-14, DOC-15.
fn references(info: Element<'_>, properties: Element<'_>, files: &[File]) -> Result<(), DigidocError> {
    let id = properties.attribute("Id")?;
    let (mut of_files, mut of_properties) = (Vec::new(), 0);
    for reference in info.children().filter(|child| child.is(DS, "Reference")) {
        reference.only(DS, &["Transforms", "DigestMethod", "DigestValue"])?;
        let uri = reference.attribute("URI")?;
        let refused = || reference.refused(Rule::References, uri);
        let transforms: Vec<Element<'_>> = match reference.maybe(DS, "Transforms")? {
            Some(list) => list.children().collect(),
            None => Vec::new(),
        };
        let canonical; // kept here for the slice of it
        let data = match (uri.strip_prefix('#'), transforms.as_slice()) {
            (Some(target), [transform])
                if target == id && reference.attribute("Type")? == SIGNED_PROPERTIES && transform.is(DS, "Transform") =>
            {
                of_properties += 1;
                canonical = canonicalisation(*transform)?.of(properties.node);
                canonical.as_bytes()
            }
            (None, []) => {
                let name = unescaped(uri).ok_or_else(refused)?;
                let file = files.iter().find(|file| file.name == name).ok_or_else(refused)?;
                of_files.push(name);
                file.data.as_slice()
            }
            _ => return Err(refused()),
        };
        let (hash, wanted) = digest(reference)?;
        if hash.of(data) != wanted {
            return Err(reference.refused(Rule::Digest, uri));
        }
    }
    of_files.sort();
    of_files.dedup();
    let count = info.children().filter(|child| child.is(DS, "Reference")).count();
    // As many names as files, none twice, so each file once.
    if of_properties != 1 || of_files.len() != files.len() || count != files.len() + 1 {
        return Err(info.refused(Rule::References, "each file and the signed properties once"));
    }
    Ok(())
}

/// The signer's certificate, which the signed properties name, and the others in DER. DOC-16.
fn signer(key_info: Element<'_>, properties: Element<'_>) -> Result<(Certificate, Vec<Vec<u8>>), DigidocError> {
    let signed = properties.one(XADES, "SignedSignatureProperties")?;
    let named = match (signed.maybe(XADES, "SigningCertificate")?, signed.maybe(XADES, "SigningCertificateV2")?) {
        (Some(named), None) | (None, Some(named)) => named,
        _ => return Err(signed.misplaced("SigningCertificate")),
    };
    named.only(XADES, &["Cert"])?;
    let first = named.children().next().ok_or_else(|| named.misplaced("Cert"))?;
    let (hash, wanted) = digest(first.one(XADES, "CertDigest")?)?;
    let mut found = Vec::new();
    for data in key_info.children().filter(|child| child.is(DS, "X509Data")) {
        for certificate in data.children().filter(|child| child.is(DS, "X509Certificate")) {
            found.push(certificate.base64()?);
        }
    }
    let (mut signers, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|der| hash.of(der) == wanted);
    let (Some(der), true) = (signers.pop(), signers.is_empty()) else {
        return Err(key_info.refused(Rule::Certificate, "X509Certificate"));
    };
    let certificate = Certificate::from_der(&der).map_err(|error| key_info.refused(Rule::Certificate, &error.to_string()))?;
    Ok((certificate, others))
}

/// What a DigestMethod and a DigestValue in an element say. DOC-12.
fn digest(element: Element<'_>) -> Result<(crate::certificate::Sha, Vec<u8>), DigidocError> {
    let method = element.one(DS, "DigestMethod")?;
    let hash = hash_named(parameterless(method)?).ok_or_else(|| method.refused(Rule::DigestMethod, "Algorithm"))?;
    Ok((hash, element.one(DS, "DigestValue")?.base64()?))
}

/// DOC-11.
fn canonicalisation(element: Element<'_>) -> Result<Canonicalisation, DigidocError> {
    let refused = || element.refused(Rule::Canonicalisation, "Algorithm");
    if element.children().next().is_some() {
        return Err(refused());
    }
    Canonicalisation::named(element.attribute("Algorithm")?).ok_or_else(refused)
}

/// The algorithm that an element without content names.
fn parameterless(element: Element<'_>) -> Result<&str, DigidocError> {
    element.only(DS, &[])?;
    element.attribute("Algorithm")
}

fn signing_time(properties: Element<'_>) -> Result<u64, DigidocError> {
    let element = properties.one(XADES, "SignedSignatureProperties")?.one(XADES, "SigningTime")?;
    let time: DateTime = element.text()?.parse().map_err(|_| element.misplaced("time"))?;
    Ok(time.unix_duration().as_secs())
}

/// What lies in the unsigned properties, wherever.
fn unsigned(qualifying: Element<'_>) -> Result<Vec<Unsigned>, DigidocError> {
    let Some(unsigned) = qualifying.maybe(XADES, "UnsignedProperties")? else { return Ok(Vec::new()) };
    let all = unsigned.node.descendants().filter(|node| node.tag_name().namespace() == Some(XADES));
    let encapsulated = all.filter_map(|node| Some((node.tag_name().name().strip_prefix("Encapsulated")?, Element { node, ..unsigned })));
    encapsulated.map(|(kind, element)| Ok(Unsigned { kind: kind.to_owned(), bytes: element.base64()? })).collect()
}

/// A file's name from a URI: `%20` and the like undone.
fn unescaped(uri: &str) -> Option<String> {
    let mut parts = uri.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    String::from_utf8(bytes).ok()
}
