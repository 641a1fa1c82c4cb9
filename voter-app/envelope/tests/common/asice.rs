//! Containers as others make them, with anything about them changed.

#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::{Certificate, Identity};
use miniz_oxide::deflate::compress_to_vec;

use crate::common::NOW;

pub const MIMETYPE: &[u8] = b"application/vnd.etsi.asic-e+zip";
pub const NAMESPACES: &str = " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";
pub const SHA256_NAME: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub const C14N11: &str = "http://www.w3.org/2006/12/xml-c14n11";

/// Which text is changed: before it is signed or hashed, or the whole afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Properties,
    Info,
    Whole,
}

pub fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, bytes))
}

pub fn cert_digest(certificate: &Certificate) -> String {
    format!(
        "<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"{SHA256_NAME}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></xades:CertDigest></xades:Cert>",
        sha256(certificate.as_der())
    )
}

pub fn x509(certificate: &Certificate) -> String {
    format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(certificate.as_der()))
}

/// One reference of a file, by its name as a URI.
pub fn reference(uri: &str, data: &[u8]) -> String {
    format!(
        "<ds:Reference URI=\"{uri}\"><ds:DigestMethod Algorithm=\"{SHA256_NAME}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
        sha256(data)
    )
}

/// A signature file of a P-256 signer. The texts are canonical but for what is changed.
pub fn signatures(voter: &Identity, files: &[(&str, &[u8])], change: &dyn Fn(Part, String) -> String) -> String {
    let properties = format!(
        "<xades:SignedProperties{{NS}} Id=\"S-P\"><xades:SignedSignatureProperties><xades:SigningTime>2026-09-21T14:13:20Z</xades:SigningTime>\
         <xades:SigningCertificateV2>{}</xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>",
        cert_digest(voter.certificate())
    );
    let properties = change(Part::Properties, properties);
    let references: String = files.iter().map(|(name, data)| reference(&name.replace(' ', "%20"), data)).collect();
    let info = format!(
        "<ds:SignedInfo{{NS}}><ds:CanonicalizationMethod Algorithm=\"{C14N11}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>{references}\
         <ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#S-P\"><ds:Transforms><ds:Transform Algorithm=\"{C14N11}\">\
         </ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"{SHA256_NAME}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>\
         </ds:Reference></ds:SignedInfo>",
        sha256(properties.replace("{NS}", NAMESPACES).as_bytes())
    );
    let info = change(Part::Info, info);
    let value = raw(&voter.sign(info.replace("{NS}", NAMESPACES).as_bytes()).unwrap());
    let whole = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:XAdESSignatures{NAMESPACES}><ds:Signature Id=\"S\">{}<ds:SignatureValue>{}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data>{}</ds:X509Data></ds:KeyInfo><ds:Object><xades:QualifyingProperties Target=\"#S\">{}\
         </xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>",
        info.replace("{NS}", ""),
        STANDARD.encode(value),
        x509(voter.certificate()) + &x509(&voter.intermediates()[0]),
        properties.replace("{NS}", ""),
    );
    change(Part::Whole, whole)
}

/// `r` and `s` side by side from DER, of P-256.
fn raw(der: &[u8]) -> Vec<u8> {
    let r_end = 4 + usize::from(der[3]);
    let padded = |integer: &[u8]| {
        let significant = &integer[integer.len().saturating_sub(32)..];
        [vec![0; 32 - significant.len()], significant.to_vec()].concat()
    };
    [padded(&der[4..r_end]), padded(&der[r_end + 2..])].concat()
}

/// An entry of a ZIP, and what is to be wrong about it.
#[derive(Clone, Debug)]
pub struct Piece {
    pub name: Vec<u8>,
    pub local_name: Option<Vec<u8>>,
    pub method: u16,
    pub flags: u16,
    pub mode: u16,
    pub packed: Vec<u8>,
    pub sum: u32,
    pub length: u32,
    /// Bytes before the entry.
    pub gap: Vec<u8>,
    /// The descriptor behind the data is of another length.
    pub descriptor_lies: bool,
}

impl Piece {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        let (name, sum, length) = (name.as_bytes().to_vec(), crc32(data), data.len() as u32);
        let packed = data.to_vec();
        Self { name, local_name: None, method: 0, flags: 0, mode: 0, packed, sum, length, gap: Vec::new(), descriptor_lies: false }
    }

    /// As DigiDoc4j has it: deflated, the lengths behind the data.
    pub fn deflated(name: &str, data: &[u8]) -> Self {
        Self { method: 8, flags: 0x808, packed: compress_to_vec(data, 6), ..Self::stored(name, data) }
    }
}

pub fn zip(pieces: &[Piece], comment: &[u8]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for piece in pieces {
        file.extend(&piece.gap);
        let offset = file.len() as u32;
        let lengths = [piece.sum.to_le_bytes(), (piece.packed.len() as u32).to_le_bytes(), piece.length.to_le_bytes()].concat();
        let head = |lengths: &[u8], name: &[u8]| {
            let kind = [[20, 0], piece.flags.to_le_bytes(), piece.method.to_le_bytes(), [0, 0], [0x21, 0]].concat();
            [&kind, lengths, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat()
        };
        let has_descriptor = piece.flags & 8 != 0;
        let local = piece.local_name.as_ref().unwrap_or(&piece.name);
        file.extend(b"PK\x03\x04");
        file.extend(head(if has_descriptor { &[0; 12] } else { &lengths }, local));
        file.extend(local);
        file.extend(&piece.packed);
        if has_descriptor {
            file.extend(b"PK\x07\x08");
            file.extend(&lengths);
            *file.last_mut().unwrap() ^= u8::from(piece.descriptor_lies);
        }
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(head(&lengths, &piece.name));
        directory.extend([0; 8]);
        directory.extend(piece.mode.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&piece.name);
    }
    let (begin, length) = ((file.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (pieces.len() as u16).to_le_bytes();
    let comment_length = (comment.len() as u16).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &length, &begin, &comment_length, comment].concat();
    [file, directory, end].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()));
    !bytes.iter().fold(u32::MAX, step)
}

/// The entries of a container around a signature file.
pub fn pieces(files: &[(&str, &[u8])], signatures: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::stored("mimetype", MIMETYPE), Piece::deflated("META-INF/manifest.xml", b"<not-read/>")];
    pieces.extend(files.iter().map(|(name, data)| Piece::deflated(name, data)));
    pieces.push(Piece::deflated("META-INF/signatures0.xml", signatures.as_bytes()));
    pieces
}

/// The moment that the texts above have.
pub const SIGNED_AT: u64 = NOW;
