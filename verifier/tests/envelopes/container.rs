//! CMS containers written from the page, with every field in the test's hand.

use crate::certificates::Chain;
use crate::der::*;
use crate::openssl::{Key, hash};
use verifier::hash::sha256;

pub const CONTENT: &[u8] = b"a ballot";
const DATA: &str = "1.2.840.113549.1.7.1";

/// Each field is the whole element, or nothing.
pub struct Cms {
    pub kind: Vec<u8>,
    pub version: Vec<u8>,
    pub digests: Vec<u8>,
    pub info: Vec<u8>,
    /// Without their tag; written in ascending order.
    pub certificates: Vec<Vec<u8>>,
    pub crls: Vec<u8>,
    /// How often the signer stands there.
    pub signers: usize,
    pub signer_version: Vec<u8>,
    pub sid: Vec<u8>,
    pub digest: Vec<u8>,
    pub attributes: Vec<Vec<u8>>,
    /// In ascending order, or as they are.
    pub sorted: bool,
    pub algorithm: Vec<u8>,
    pub unsigned: Vec<u8>,
    pub key: &'static Key,
    /// Makes the signature from what is signed; none for the page's way.
    pub sign: Option<Box<dyn Fn(&[u8]) -> Vec<u8>>>,
}

pub fn attribute(kind: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(kind), &element(SET, value)])
}

pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";

/// Value of signing-certificate-v2 for these certificates in this order.
pub fn listed(certificates: &[&[u8]]) -> Vec<u8> {
    let one = |bytes: &&[u8]| seq(&[&element(OCTETS, &sha256(bytes))]);
    seq(&[&element(SEQUENCE, &certificates.iter().flat_map(one).collect::<Vec<u8>>())])
}

impl Cms {
    /// An honest one: the leaf and these others.
    pub fn new(chain: &Chain, leaf: &[u8], others: &[Vec<u8>]) -> Self {
        let key = chain.leaf_key;
        let mut sorted = others.to_vec();
        sorted.sort();
        let list: Vec<&[u8]> = std::iter::once(leaf).chain(sorted.iter().map(Vec::as_slice)).collect();
        let hash = hash(key.hash(), CONTENT);
        Self {
            kind: oid("1.2.840.113549.1.7.2"),
            version: element(INTEGER, &[1]),
            digests: element(SET, &digest(key.hash())),
            info: seq(&[&oid(DATA)]),
            certificates: list.iter().map(|bytes| bytes.to_vec()).collect(),
            crls: Vec::new(),
            signers: 1,
            signer_version: element(INTEGER, &[1]),
            sid: seq(&[&chain.leaf.issuer, &element(INTEGER, &chain.leaf.serial)]),
            digest: digest(key.hash()),
            attributes: vec![
                attribute(CONTENT_TYPE, &oid(DATA)),
                attribute(SIGNING_TIME, &utc("261118120000Z")),
                attribute(MESSAGE_DIGEST, &element(OCTETS, &hash)),
                attribute(SIGNING_CERTIFICATE, &listed(&list)),
            ],
            sorted: true,
            algorithm: if key.kind.starts_with("rsa") { pss() } else { ecdsa(key.hash()) },
            unsigned: Vec::new(),
            key,
            sign: None,
        }
    }

    /// Puts a value in place of an attribute's.
    pub fn attribute(&mut self, kind: &str, value: &[u8]) {
        let wanted = oid(kind);
        let place = self.attributes.iter().position(|attribute| attribute.windows(wanted.len()).any(|part| part == wanted)).unwrap();
        self.attributes[place] = attribute(kind, value);
    }

    /// Signs and writes.
    pub fn bytes(&self) -> Vec<u8> {
        let with = |tag| if self.sorted { set_of(tag, self.attributes.clone()) } else { element(tag, &self.attributes.concat()) };
        let signed = with(SET);
        let signature = self.sign.as_ref().map_or_else(|| sign(self.key, &signed), |sign| sign(&signed));
        let signer = seq(&[
            &self.signer_version,
            &self.sid,
            &self.digest,
            &with(0xA0),
            &self.algorithm,
            &element(OCTETS, &signature),
            &self.unsigned,
        ]);
        let certificates = if self.certificates.is_empty() { Vec::new() } else { set_of(0xA0, self.certificates.clone()) };
        let data = seq(&[&self.version, &self.digests, &self.info, &certificates, &self.crls, &element(SET, &signer.repeat(self.signers))]);
        seq(&[&self.kind, &element(0xA0, &data)])
    }
}

/// In the way that the key's kind fixes, with a low s.
pub fn sign(key: &Key, signed: &[u8]) -> Vec<u8> {
    if key.kind.starts_with("rsa") {
        return key.sign_pss("sha512", 64, signed);
    }
    loop {
        let signature = key.sign(key.hash(), signed);
        if is_low(key, &numbers(&signature).1) {
            return signature;
        }
    }
}

/// r and s of an ECDSA signature.
pub fn numbers(signature: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let parts = verifier::asn1::all(verifier::asn1::only(signature, SEQUENCE).unwrap()).unwrap();
    let value = |at: usize| parts[at].content.iter().copied().skip_while(|byte| *byte == 0).collect();
    (value(0), value(1))
}

fn is_low(key: &Key, s: &[u8]) -> bool {
    let half = halves().into_iter().find(|(kind, ..)| *kind == key.kind).unwrap().2;
    let padded = |bytes: &[u8]| [vec![0; 66 - bytes.len()], bytes.to_vec()].concat();
    padded(s) <= padded(&half)
}

/// Curves with their order n and the whole half of it, from SEC 2.
pub fn halves() -> [(&'static str, Vec<u8>, Vec<u8>); 3] {
    let of = |kind, order: &str, half: &str| (kind, ::hex::decode(order).unwrap(), ::hex::decode(half).unwrap());
    [
        of(
            "P-256",
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8",
        ),
        of(
            "P-384",
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
            "7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9",
        ),
        of(
            "P-521",
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
            "00fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd28c343c1df97cb35bfe600a47b84d2e81ddae4dc44ce23d75db7db8f489c3204",
        ),
    ]
}

/// SIGNATURE of an RSA key.
pub fn pss() -> Vec<u8> {
    let hash = algorithm("2.16.840.1.101.3.4.2.3", &NULL);
    let generator = algorithm("1.2.840.113549.1.1.8", &hash);
    let parameters = seq(&[&element(0xA0, &hash), &element(0xA1, &generator), &element(0xA2, &element(INTEGER, &[64]))]);
    algorithm("1.2.840.113549.1.1.10", &parameters)
}
