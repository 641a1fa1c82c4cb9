//! Certificates byte by byte, with every field in the test's hand.

use crate::der::*;
use crate::openssl::{Key, key};

/// What an authority signs, before it does.
pub struct Tbs {
    /// The element, or nothing.
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    /// The algorithm inside and outside.
    pub inner: Vec<u8>,
    pub outer: Vec<u8>,
    pub issuer: Vec<u8>,
    pub from: Vec<u8>,
    pub until: Vec<u8>,
    pub subject: Vec<u8>,
    pub key: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
    /// Who signs, and with which hash.
    pub signer: &'static Key,
    pub hash: &'static str,
}

impl Tbs {
    /// Signs with another key, and says so.
    pub fn signed_by(&mut self, signer: &'static Key, hash: &'static str) {
        (self.signer, self.hash) = (signer, hash);
        self.inner = if signer.kind.starts_with("rsa") { rsa(hash) } else { ecdsa(hash) };
        self.outer = self.inner.clone();
    }

    /// The certificate.
    pub fn bytes(&self) -> Vec<u8> {
        let extensions = if self.extensions.is_empty() { Vec::new() } else { element(0xA3, &element(SEQUENCE, &self.extensions.concat())) };
        let tbs = seq(&[
            &self.version,
            &element(INTEGER, &self.serial),
            &self.inner,
            &self.issuer,
            &seq(&[&self.from, &self.until]),
            &self.subject,
            &self.key,
            &extensions,
        ]);
        let signature = self.signer.sign_once(self.hash, &tbs);
        seq(&[&tbs, &self.outer, &element(BITS, &[&[0], signature.as_slice()].concat())])
    }
}

pub const PERSON: &str = "PNOEE-38001085718";

/// Subject of a voter with this serial number.
pub fn person(number: &str) -> Vec<u8> {
    name(&[("2.5.4.3", UTF8, "Mari Maasikas"), ("2.5.4.5", PRINTABLE, number)])
}

fn authority_tbs(subject: &str, issuer: &str, signer: &'static Key, own: &'static Key, below: u8) -> Tbs {
    let mut tbs = Tbs {
        version: element(0xA0, &element(INTEGER, &[2])),
        serial: vec![1, 2, below + 1],
        inner: Vec::new(),
        outer: Vec::new(),
        issuer: common_name(issuer),
        from: utc("200101000000Z"),
        until: utc("400101000000Z"),
        subject: common_name(subject),
        key: own.public.clone(),
        extensions: vec![authority(Some(below)), usage(CERT_SIGN)],
        signer,
        hash: "sha384",
    };
    tbs.signed_by(signer, "sha384");
    tbs
}

/// A root, an authority under it, and a voter.
pub struct Chain {
    pub root: Tbs,
    pub sub: Tbs,
    pub leaf: Tbs,
    pub leaf_key: &'static Key,
}

impl Chain {
    /// With a voter's key of this kind.
    pub fn new(kind: &'static str) -> Self {
        let (root, sub, leaf) = (key("root", "P-384"), key("sub", "P-384"), key("leaf", kind));
        let mut voter = authority_tbs("", "sub", sub, leaf, 9);
        (voter.from, voter.until, voter.subject) = (utc("250101000000Z"), utc("300101000000Z"), person(PERSON));
        voter.extensions = vec![usage(NON_REPUDIATION)];
        Self {
            root: authority_tbs("root", "root", root, root, 1),
            sub: authority_tbs("sub", "root", root, sub, 0),
            leaf: voter,
            leaf_key: leaf,
        }
    }

    /// One more authority between root and sub, and so one more below the root.
    pub fn longer(&mut self, name: &'static str) -> Tbs {
        let own = key(name, "P-384");
        let mut more = authority_tbs(name, "root", key("root", "P-384"), own, 1);
        more.extensions = vec![authority(None), usage(CERT_SIGN)];
        self.root.extensions = more.extensions.clone();
        self.sub.issuer = common_name(name);
        self.sub.signed_by(own, "sha384");
        more
    }
}
