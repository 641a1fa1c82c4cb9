//! The container as a ZIP with a XAdES signature, of which every byte is prescribed. Spec: 07b-asic-e, Rules.
//!
//! No XML is parsed: three values are cut out of the text, and what they give is compared with the whole container.

use super::suite::Suite;
use super::xades::{self, Layout};
use super::{LONGEST, zip};
use crate::asn1::{self, INTEGER, SEQUENCE};
use crate::bytes::Fault;
use crate::certificate::{Anchors, Certificate};
use crate::text;
use std::str::FromStr;

/// Accepts a container over a content at a time; gives the person code.
pub fn accept(container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
    if container.len() as u64 > LONGEST.saturating_add(content.len() as u64) {
        return Err(Fault::new("ENV-1", "too long"));
    }
    let text = signatures(container, content)?;
    let found = read(&text)?;
    let Some(leaf) = found.certificates.first() else { return Err(Fault::new("ENV-7", "no certificate")) };
    let suite = Suite::of(leaf)?;
    let signature = as_the_library_takes_it(&found.signature, &suite)?;
    let names = xades::names(&leaf.key);
    let layout = Layout { content, time: found.time, certificates: &found.certificates, suite: &suite, names };
    let [first, second, third] = xades::before(content);
    if zip::write(&[first, second, third, (xades::SIGNATURES, layout.signatures(&found.signature).into())]) != container {
        return Err(Fault::new("ENV-16", "a byte that the layout does not prescribe"));
    }
    suite.verify(layout.signed().as_bytes(), &signature)?;
    anchors.accept(leaf, &found.certificates, time)?;
    leaf.person_code()
}

/// The text of the fourth entry and what follows it; bytes that are no text are replaced and found by ENV-16.
fn signatures(container: &[u8], content: &[u8]) -> Result<String, Fault> {
    let before: Vec<u8> = xades::before(content).iter().flat_map(|(name, data)| zip::entry(name, data)).collect();
    let rest = container.strip_prefix(before.as_slice()).and_then(|rest| rest.get(30..));
    let text = rest.and_then(|rest| rest.strip_prefix(xades::SIGNATURES.as_bytes()));
    let text = text.ok_or_else(|| Fault::new("ENV-2", "not the four entries of the layout"))?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// All certificates, the leaf first.
pub fn certificates(container: &[u8], content: &[u8]) -> Result<Vec<Certificate>, Fault> {
    Ok(read(&signatures(container, content)?)?.certificates)
}

/// What is free in a container.
struct Found<'a> {
    time: &'a str,
    signature: Vec<u8>,
    /// The leaf first, the others in ascending order, whatever their order was.
    certificates: Vec<Certificate>,
}

/// Time, signature and certificates. ENV-2, ENV-7, ENV-20.
fn read(text: &str) -> Result<Found<'_>, Fault> {
    let missing = |what| move || Fault::new("ENV-2", format!("no {what} where the layout has it"));
    let rest = text.strip_prefix(xades::opening().as_str()).ok_or_else(missing("signed information"))?;
    let time = between(rest, "<xades:SigningTime>", "</xades:SigningTime>").filter(|time| is_time(time)).ok_or_else(missing("time"))?;
    let signature = between(rest, "<ds:SignatureValue Id=\"S0-SIG\">", "</ds:SignatureValue>").ok_or_else(missing("signature"))?;
    let signature = text::base64(signature).ok_or_else(|| Fault::new("ENV-14", "the signature is not base64"))?;
    let data = between(rest, "<ds:X509Data>", "</ds:X509Data>").ok_or_else(missing("certificates"))?;
    let list = data.split("<ds:X509Certificate>").skip(1).map(|one| text::base64(one.strip_suffix("</ds:X509Certificate>")?));
    let list: Vec<Vec<u8>> = list.collect::<Option<_>>().ok_or_else(missing("certificates"))?;
    if !(1..=4).contains(&list.len()) {
        return Err(Fault::new("ENV-7", format!("{} certificates", list.len())));
    }
    let mut certificates = list.iter().map(|bytes| Certificate::read(bytes)).collect::<Result<Vec<_>, _>>()?;
    if let Some((_, others)) = certificates.split_first_mut() {
        others.sort_by(|a, b| a.bytes.cmp(&b.bytes));
    }
    Ok(Found { time, signature, certificates })
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    Some(text.split_once(from)?.1.split_once(to)?.0)
}

/// A time that exists, from 1970 to 9999, in its only form.
fn is_time(time: &str) -> bool {
    der::DateTime::from_str(time).is_ok_and(|read| read.to_string() == time)
}

/// `r || s` as a SEQUENCE of two INTEGERs, an RSA key's signature as it is. ENV-14, ENV-15.
fn as_the_library_takes_it(raw: &[u8], suite: &Suite<'_>) -> Result<Vec<u8>, Fault> {
    let signature = match suite.width() {
        None => raw.to_vec(),
        Some(width) => {
            let pair = raw.split_at_checked(width).filter(|(_, s)| s.len() == width);
            let (r, s) = pair.ok_or_else(|| Fault::new("ENV-14", "not two numbers as long as the order of the curve"))?;
            asn1::holding(SEQUENCE, &[&number(r), &number(s)])
        }
    };
    suite.well_formed(&signature)?;
    Ok(signature)
}

/// An INTEGER without more zeros than its sign needs.
fn number(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let short = bytes.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if short.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    asn1::element(INTEGER, &[sign, short].concat())
}
