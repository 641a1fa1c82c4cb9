//! The container of one ballot as a ZIP with a XAdES signature, of which every byte is prescribed. Spec: 07b-asic-e.

use crate::asn1::{self, INTEGER, SEQUENCE};
use crate::bytes::Fault;
use crate::certificate::{Anchors, Certificate, Curve, PublicKey};
use crate::envelope::{LONGEST, Suite, modulus, signature_form, suite};
use crate::text;
use aws_lc_rs::digest;
use aws_lc_rs::signature::UnparsedPublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::str::FromStr;

const MIMETYPE: &str = "application/vnd.etsi.asic-e+zip";
const MANIFEST: [&str; 5] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n",
    "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">",
    "<manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.etsi.asic-e+zip\"/>",
    "<manifest:file-entry manifest:full-path=\"ballot.bin\" manifest:media-type=\"application/octet-stream\"/>",
    "</manifest:manifest>",
];
const NAMESPACES: &str = concat!(
    " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\"",
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
    " xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\""
);
const C14N: &str = "http://www.w3.org/2006/12/xml-c14n11";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// What varies.
struct Fields<'a> {
    content: &'a [u8],
    time: &'a str,
    signature: Vec<u8>,
    /// The leaf first.
    certificates: Vec<Certificate>,
}

/// Accepts a container over a content at a time; gives the person code.
pub fn accept(container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
    if container.len() as u64 > LONGEST.saturating_add(content.len() as u64) {
        return Err(Fault::new("ENV-1", "too long"));
    }
    let text = signatures(container, content).ok_or_else(|| Fault::new("ENV-2", "not the four entries of the layout"))?;
    let fields = read(&text, content)?;
    let Some(leaf) = fields.certificates.first() else { return Err(Fault::new("ENV-7", "no certificate")) };
    let (suite, key) = suite(leaf)?;
    let signature = der(&fields.signature, leaf, &suite)?;
    let names = names(&leaf.key);
    if write(&fields, &suite, names) != container {
        return Err(Fault::new("ENV-16", "a byte that the layout does not prescribe"));
    }
    let signed = information(&fields, &suite, names, NAMESPACES);
    let verified = UnparsedPublicKey::new(suite.verification, key).verify(signed.as_bytes(), &signature);
    verified.map_err(|_| Fault::new("ENV-17", "the signature does not verify"))?;
    anchors.accept(leaf, &fields.certificates, time)?;
    leaf.person_code()
}

/// The text of the fourth entry and what follows it; bytes that are no text are replaced and found by ENV-16.
fn signatures(container: &[u8], content: &[u8]) -> Option<String> {
    let before: Vec<u8> = first_three(content).iter().flat_map(|(name, data)| entry(name, data)).collect();
    let rest = container.strip_prefix(before.as_slice())?.get(30..)?;
    Some(String::from_utf8_lossy(rest.strip_prefix(b"META-INF/signatures0.xml")?).into_owned())
}

/// Time, signature and certificates. ENV-2, ENV-7, ENV-20.
fn read<'a>(text: &'a str, content: &'a [u8]) -> Result<Fields<'a>, Fault> {
    let missing = |what| move || Fault::new("ENV-2", format!("no {what} where the layout has it"));
    let rest = text.strip_prefix(opening().as_str()).ok_or_else(missing("signed information"))?;
    let time = between(rest, "<xades:SigningTime>", "</xades:SigningTime>").filter(|time| is_time(time)).ok_or_else(missing("time"))?;
    let signature = between(rest, "<ds:SignatureValue Id=\"S0-SIG\">", "</ds:SignatureValue>").and_then(text::base64);
    let signature = signature.ok_or_else(missing("signature"))?;
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
    Ok(Fields { content, time, signature, certificates })
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    Some(text.split_once(from)?.1.split_once(to)?.0)
}

/// A day that exists, from 1970 to 9999, in its only form.
fn is_time(time: &str) -> bool {
    der::DateTime::from_str(time).is_ok_and(|read| read.to_string() == time)
}

/// The signature as the library takes it. ENV-14, ENV-15.
fn der(raw: &[u8], leaf: &Certificate, suite: &Suite) -> Result<Vec<u8>, Fault> {
    let fault = || Fault::new("ENV-14", "not as long as the key asks for, or no two numbers of the curve");
    if let PublicKey::Rsa(key) = &leaf.key {
        return if modulus(key) == Some(raw.len()) { Ok(raw.to_vec()) } else { Err(fault()) };
    }
    let width = suite.order.len() / 2;
    let (r, s) = raw.split_at_checked(width).filter(|(_, s)| s.len() == width).ok_or_else(fault)?;
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let short = bytes.get(zeros..).unwrap_or_default();
        let sign = if short.first().is_some_and(|byte| *byte >= 0x80) { vec![0] } else { Vec::new() };
        asn1::element(INTEGER, &[sign.as_slice(), short].concat())
    };
    let pair = asn1::holding(SEQUENCE, &[&number(r), &number(s)]);
    signature_form(&pair, suite)?;
    Ok(pair)
}

/// METHOD and HASH.
fn names(key: &PublicKey) -> [&'static str; 2] {
    const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    match key {
        PublicKey::Ec(Curve::P256, _) => ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SHA256],
        PublicKey::Ec(Curve::P384, _) => {
            ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"]
        }
        PublicKey::Ec(Curve::P521, _) => ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", SHA512],
        PublicKey::Rsa(_) | PublicKey::Other => ["http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", SHA512],
    }
}

/// An element with attributes and a content.
fn element(name: &str, attributes: &str, content: &str) -> String {
    format!("<{name}{attributes}>{content}</{name}>")
}

fn hashed(algorithm: &str, hash: &[u8]) -> String {
    let method = element("ds:DigestMethod", &format!(" Algorithm=\"{algorithm}\""), "");
    method + &element("ds:DigestValue", "", &STANDARD.encode(hash))
}

/// PROPERTIES.
fn properties(fields: &Fields<'_>, namespaces: &str) -> String {
    let cert = |certificate: &Certificate| element("xades:Cert", "", &element("xades:CertDigest", "", &hashed(SHA256, &certificate.hash)));
    let certs: String = fields.certificates.iter().map(cert).collect();
    let signature = element("xades:SigningTime", "", fields.time) + &element("xades:SigningCertificateV2", "", &certs);
    let format = element("xades:MimeType", "", "application/octet-stream");
    let format = element("xades:DataObjectFormat", " ObjectReference=\"#S0-RefId0\"", &format);
    let both = element("xades:SignedSignatureProperties", "", &signature) + &element("xades:SignedDataObjectProperties", "", &format);
    element("xades:SignedProperties", &format!("{namespaces} Id=\"S0-SignedProperties\""), &both)
}

/// INFO.
fn information(fields: &Fields<'_>, suite: &Suite, [method, hash]: [&str; 2], namespaces: &str) -> String {
    let h = |bytes: &[u8]| hashed(hash, digest::digest(suite.digest, bytes).as_ref());
    let algorithm = |name: &str, value: &str| element(name, &format!(" Algorithm=\"{value}\""), "");
    let of_content = element("ds:Reference", " Id=\"S0-RefId0\" URI=\"ballot.bin\"", &h(fields.content));
    let transforms = element("ds:Transforms", "", &algorithm("ds:Transform", C14N));
    let of_properties = element(
        "ds:Reference",
        " Id=\"S0-RefId1\" Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#S0-SignedProperties\"",
        &(transforms + &h(properties(fields, NAMESPACES).as_bytes())),
    );
    let first = algorithm("ds:CanonicalizationMethod", C14N) + &algorithm("ds:SignatureMethod", method);
    element("ds:SignedInfo", namespaces, &(first + &of_content + &of_properties))
}

/// The text up to INFO.
fn opening() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:XAdESSignatures{NAMESPACES}><ds:Signature Id=\"S0\">")
}

fn first_three(content: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    [("mimetype", MIMETYPE.into()), ("META-INF/manifest.xml", MANIFEST.concat().into()), ("ballot.bin", content.to_vec())]
}

/// Writes the container anew from what is free in it.
fn write(fields: &Fields<'_>, suite: &Suite, names: [&str; 2]) -> Vec<u8> {
    let one = |certificate: &Certificate| element("ds:X509Certificate", "", &STANDARD.encode(&certificate.bytes));
    let certificates: String = fields.certificates.iter().map(one).collect();
    let object = element("xades:QualifyingProperties", " Target=\"#S0\"", &properties(fields, ""));
    let parts = [
        opening(),
        information(fields, suite, names, ""),
        element("ds:SignatureValue", " Id=\"S0-SIG\"", &STANDARD.encode(&fields.signature)),
        element("ds:KeyInfo", "", &element("ds:X509Data", "", &certificates)),
        element("ds:Object", "", &object),
        "</ds:Signature></asic:XAdESSignatures>".to_owned(),
    ];
    let last = [("META-INF/signatures0.xml", parts.concat().into_bytes())];
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in first_three(fields.content).iter().chain(&last) {
        let offset = number(file.len());
        file.extend(entry(name, data));
        directory.extend([0x50, 0x4B, 0x01, 0x02, 20, 0]);
        directory.extend(attributes(name, data));
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let end = [&[0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0, 4, 0, 4, 0], &number(directory.len())[..], &number(file.len()), &[0, 0]].concat();
    [file, directory, end].concat()
}

/// One stored entry.
fn entry(name: &str, data: &[u8]) -> Vec<u8> {
    [&[0x50, 0x4B, 0x03, 0x04], attributes(name, data).as_slice(), name.as_bytes(), data].concat()
}

/// From the version needed to the length of the extra field.
fn attributes(name: &str, data: &[u8]) -> Vec<u8> {
    let (length, name) = (number(data.len()), number(name.len()));
    let fixed = [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    let [low, high, ..] = name;
    [&fixed[..], &crc32(data).to_le_bytes(), &length, &length, &[low, high, 0, 0]].concat()
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

/// The check sum of ISO 3309, reflected.
fn crc32(data: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in data {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = sum & 1 == 1;
            sum >>= 1;
            if odd {
                sum ^= 0xEDB8_8320;
            }
        }
    }
    !sum
}
