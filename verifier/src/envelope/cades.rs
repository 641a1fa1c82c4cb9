//! The container as CMS SignedData, of which every byte is prescribed. Spec: 07a-envelope, ENV-1 to ENV-17.

use super::LONGEST;
use super::layout::{CONTENT_TYPE, DATA, Layout, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE, SIGNING_TIME};
use super::suite::Suite;
use crate::asn1::{self, CONTEXT_0, CONTEXT_1, Element, OCTETS, OID, SEQUENCE, SET};
use crate::bytes::Fault;
use crate::certificate::{Anchors, Certificate};

/// What is looked at in a container.
struct Fields<'a> {
    certificates: Vec<&'a [u8]>,
    digests: &'a [u8],
    sid: &'a [u8],
    digest: &'a [u8],
    attributes: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// Accepts a container over a content at a time; gives the person code.
pub fn accept(container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
    if container.len() as u64 > LONGEST {
        return Err(Fault::new("ENV-1", "too long"));
    }
    let fields = cut(container)?;
    let embedded = fields.certificates.iter().map(|bytes| Certificate::read(bytes)).collect::<Result<Vec<_>, _>>()?;
    let leaf = leaf(&embedded, fields.sid)?;
    let suite = Suite::of(leaf)?;
    if fields.digest != suite.digest() || fields.digests != suite.digest() || fields.algorithm != suite.signature() {
        return Err(Fault::new("ENV-10", "not the algorithms of the leaf's key"));
    }
    let mut layout = Layout { content, leaf, embedded: &embedded, suite: &suite, time: &[] };
    layout.time = attributes(fields.attributes, &layout)?;
    suite.well_formed(fields.signature)?;
    if layout.container(fields.signature) != container {
        return Err(Fault::new("ENV-16", "a byte that the layout does not prescribe"));
    }
    suite.verify(&layout.signed_attributes(SET), fields.signature)?;
    anchors.accept(leaf, &embedded, time)?;
    leaf.person_code()
}

/// All certificates, the leaf first.
pub fn certificates(container: &[u8]) -> Result<Vec<Certificate>, Fault> {
    let fields = cut(container)?;
    let embedded = fields.certificates.iter().map(|bytes| Certificate::read(bytes)).collect::<Result<Vec<_>, _>>()?;
    let leaf = leaf(&embedded, fields.sid)?.clone();
    let others = embedded.into_iter().filter(|other| other.hash != leaf.hash);
    Ok(std::iter::once(leaf.clone()).chain(others).collect())
}

/// ENV-8.
fn leaf<'a>(embedded: &'a [Certificate], sid: &[u8]) -> Result<&'a Certificate, Fault> {
    let mut named = embedded.iter().filter(|certificate| certificate.name() == sid);
    match (named.next(), named.next()) {
        (Some(leaf), None) => Ok(leaf),
        _ => Err(Fault::new("ENV-8", "the sid does not name exactly one certificate")),
    }
}

/// Follows the layout from the outside in. ENV-2 to ENV-7.
fn cut(container: &[u8]) -> Result<Fields<'_>, Fault> {
    let broken = || Fault::new("ENV-2", "not one ContentInfo with a SignedData in DER");
    let outer = asn1::only(container, SEQUENCE).and_then(asn1::all).ok_or_else(broken)?;
    let [kind, wrapped] = outer.as_slice() else { return Err(broken()) };
    if kind.tag != OID || kind.content != SIGNED_DATA || wrapped.tag != CONTEXT_0 {
        return Err(broken());
    }
    let data = asn1::only(wrapped.content, SEQUENCE).and_then(asn1::all).ok_or_else(broken)?;
    let [_, digests, info, rest @ ..] = data.as_slice() else { return Err(broken()) };
    let (digests, info) = (inside(digests, SET), inside(info, SEQUENCE));
    let ([digests], [_, content @ ..]) = (digests.as_slice(), info.as_slice()) else { return Err(broken()) };
    if !content.is_empty() {
        return Err(Fault::new("ENV-3", "the content stands inside"));
    }
    let (certificates, rest) = match rest {
        [first, rest @ ..] if first.tag == CONTEXT_0 => (inside(first, CONTEXT_0), rest),
        _ => return Err(Fault::new("ENV-7", "no certificates")),
    };
    if !(1..=4).contains(&certificates.len()) {
        return Err(Fault::new("ENV-7", format!("{} certificates", certificates.len())));
    }
    let signers = match rest {
        [crls, ..] if crls.tag == CONTEXT_1 => return Err(Fault::new("ENV-4", "revocation lists")),
        [signers] => inside(signers, SET),
        _ => return Err(broken()),
    };
    let [signer] = signers.as_slice() else { return Err(Fault::new("ENV-5", format!("{} signers", signers.len()))) };
    let signer = inside(signer, SEQUENCE);
    let [_, sid, digest, attributes, algorithm, signature, unsigned @ ..] = signer.as_slice() else { return Err(broken()) };
    if !unsigned.is_empty() {
        return Err(Fault::new("ENV-6", "unsigned attributes"));
    }
    if attributes.tag != CONTEXT_0 || signature.tag != OCTETS {
        return Err(broken());
    }
    Ok(Fields {
        certificates: certificates.iter().map(|certificate| certificate.whole).collect(),
        digests: digests.whole,
        sid: sid.whole,
        digest: digest.whole,
        attributes: attributes.content,
        algorithm: algorithm.whole,
        signature: signature.content,
    })
}

/// The elements in an element with this tag; none if it has another.
fn inside<'a>(element: &Element<'a>, tag: u8) -> Vec<Element<'a>> {
    if element.tag == tag { asn1::all(element.content).unwrap_or_default() } else { Vec::new() }
}

/// Reads the four attributes, and gives the element of the signing time. ENV-11 to ENV-13.
fn attributes<'a>(bytes: &'a [u8], layout: &Layout<'_>) -> Result<&'a [u8], Fault> {
    let fault = || Fault::new("ENV-11", "not the four attributes, each with one value");
    let mut found: Vec<(&[u8], Element<'_>)> = Vec::new();
    for attribute in asn1::all(bytes).ok_or_else(fault)? {
        let parts = inside(&attribute, SEQUENCE);
        let [kind, values] = parts.as_slice() else { return Err(fault()) };
        let values = inside(values, SET);
        let ([value], OID) = (values.as_slice(), kind.tag) else { return Err(fault()) };
        found.push((kind.content, *value));
    }
    let value = |kind: &[u8]| found.iter().find(|(other, _)| *other == kind).map(|(_, value)| *value).ok_or_else(fault);
    let (kind, time) = (value(CONTENT_TYPE)?, value(SIGNING_TIME)?);
    let (digest, certificates) = (value(MESSAGE_DIGEST)?, value(SIGNING_CERTIFICATE)?);
    if found.len() != 4 || kind.whole != asn1::element(OID, DATA) || !is_time(&time) {
        return Err(fault());
    }
    if digest.whole != layout.message_digest() {
        return Err(Fault::new("ENV-12", "signs another content"));
    }
    if certificates.whole != layout.signing_certificate() {
        return Err(Fault::new("ENV-13", "does not list the hashes of the certificates"));
    }
    Ok(time.whole)
}

/// UTCTime through 2049, then GeneralizedTime; a day that exists; not before 1970. What the signer's clock said decides nothing.
fn is_time(time: &Element<'_>) -> bool {
    use der::asn1::{GeneralizedTime, UtcTime};
    use der::{Decode, Encode};
    let same = |again: der::Result<Vec<u8>>| again.is_ok_and(|again| again == time.whole);
    match time.tag {
        0x17 => UtcTime::from_der(time.whole).is_ok_and(|utc| same(utc.to_der())),
        0x18 => GeneralizedTime::from_der(time.whole).is_ok_and(|general| general.to_date_time().year() >= 2050 && same(general.to_der())),
        _ => false,
    }
}
