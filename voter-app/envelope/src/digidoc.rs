//! Signed containers of others: ASiC-E with XAdES, as DigiDoc writes them. Spec: 07d-digidoc.
//!
//! For voter lists, annulment lists and decisions that come signed. Never for a ballot: a ballot's envelope has the one layout that
//! [`cades`](crate::cades) and [`asic`](crate::asic) read, and nothing here makes a [`SignedBy`](crate::SignedBy).

use der::DateTime;
use std::time::Duration;

use crate::certificate::verify_chain;
use crate::{Certificate, EnvelopeError, Purpose};

mod algorithm;
mod c14n;
mod rule;
mod signature;
mod xml;
mod zip;

pub use rule::{DigidocError, Rule};

/// Longest container, and most bytes of its entries together.
pub const MAX_CONTAINER: usize = 256 << 20;
/// Longest signature file, in bytes.
pub const MAX_SIGNATURES: usize = 1 << 20;
/// Most certificates among which a path is looked for. Those after them are listed only.
const MAX_INTERMEDIATES: usize = 8;

/// What a container holds, every signature of it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    files: Vec<File>,
    signatures: Vec<Signature>,
}

/// A signed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, which may have folders (`a/b.txt`) but never leaves the one it is unpacked into.
    pub name: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// A signature over all files, which verifies under its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the signature holds, but nobody has vouched for the signer yet: call accept"]
pub struct Signature {
    certificate: Certificate,
    intermediates: Vec<Certificate>,
    signing_time: u64,
    unsigned: Vec<Unsigned>,
}

/// Something beside a signature that nobody has judged: a time stamp, an OCSP response, a certificate, a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The name of its element without `Encapsulated`: `TimeStamp`, `OCSPValue`, `X509Certificate`, `CRLValue`.
    pub kind: String,
    /// Its bytes, DER if its maker is right.
    pub bytes: Vec<u8>,
}

/// Names and contents of a ZIP of others, read as strictly as a container's. DOC-1 to DOC-5.
pub fn unzip(file: &[u8]) -> Result<Vec<(String, Vec<u8>)>, DigidocError> {
    Ok(zip::read(file)?.into_iter().map(|entry| (entry.name, entry.data)).collect())
}

/// Reads a container and verifies every signature. DOC-1 to DOC-17.
pub fn open(container: &[u8]) -> Result<Container, DigidocError> {
    let entries = zip::read(container)?;
    let mut entries = entries.into_iter();
    let first =
        entries.next().filter(|entry| entry.name == "mimetype" && entry.is_stored && entry.data == crate::asic::MIMETYPE.as_bytes());
    first.ok_or_else(|| Rule::Mimetype.at("the first entry"))?;

    let (mut files, mut texts, mut manifests) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        match entry.name.strip_prefix("META-INF/") {
            None if entry.name.to_lowercase().starts_with("meta-inf") => return Err(Rule::MetaInf.at(entry.name)),
            None => files.push(File { name: entry.name, data: entry.data }),
            Some("") => {}
            Some("manifest.xml") => manifests += 1,
            Some(name) if name.starts_with("signatures") && name.ends_with(".xml") && !name.contains('/') => texts.push(entry),
            Some(_) => return Err(Rule::MetaInf.at(entry.name)),
        }
    }
    if files.is_empty() || manifests != 1 || !(1..=100).contains(&texts.len()) {
        return Err(Rule::MetaInf.at("the container"));
    }
    if let Some(long) = texts.iter().find(|text| text.data.len() > MAX_SIGNATURES) {
        return Err(Rule::Length.at(long.name.as_str()));
    }
    let mut signatures = Vec::new();
    for text in &texts {
        signatures.extend(signature::read(&text.name, &text.data, &files)?);
    }
    Ok(Container { files, signatures })
}

impl Container {
    /// The files, in the order of the container. At least one.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The signatures, each over all files. At least one.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

impl Signature {
    /// Accepts the signer at a time in Unix seconds: a path leads to a trust anchor, and the certificate is for signing.
    /// ENV-26, ENV-27, ENV-30 to ENV-38.
    pub fn accept(&self, anchors: &[Certificate], at: u64) -> Result<(), EnvelopeError> {
        verify_chain(&self.certificate, &self.intermediates, anchors, at, Purpose::Signing)
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What the signer's clock said, in Unix seconds. A claim only.
    pub fn signing_time(&self) -> u64 {
        self.signing_time
    }

    /// The same as the signature has it: `2026-09-21T14:13:20Z`.
    pub fn signing_time_text(&self) -> String {
        DateTime::from_unix_duration(Duration::from_secs(self.signing_time)).map(|time| time.to_string()).unwrap_or_default()
    }

    /// What lies beside the signature, not judged.
    pub fn unsigned(&self) -> &[Unsigned] {
        &self.unsigned
    }
}
