//! Writes a container anew from what is free in it. Spec: 07a-envelope, Layout, ENV-16.

use super::suite::Suite;
use crate::asn1::{self, CONTEXT_0, INTEGER, OCTETS, OID, SEQUENCE, SET};
use crate::certificate::Certificate;

pub const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
pub const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
pub const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
pub const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
pub const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05];
pub const SIGNING_CERTIFICATE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];

/// What is free, but for the signature.
pub struct Layout<'a> {
    pub content: &'a [u8],
    pub leaf: &'a Certificate,
    /// All certificates, the leaf among them, in any order.
    pub embedded: &'a [Certificate],
    pub suite: &'a Suite<'a>,
    /// The element of the signing time.
    pub time: &'a [u8],
}

impl Layout<'_> {
    /// Value of the attribute: `H(content)`.
    pub fn message_digest(&self) -> Vec<u8> {
        asn1::element(OCTETS, &self.suite.hash(self.content))
    }

    /// Value of the attribute: the hash of the leaf, then those of the others in the order of the SET.
    pub fn signing_certificate(&self) -> Vec<u8> {
        let mut others: Vec<&Certificate> = self.embedded.iter().filter(|other| other.hash != self.leaf.hash).collect();
        others.sort_by(|a, b| a.bytes.cmp(&b.bytes));
        let id = |certificate: &&Certificate| asn1::holding(SEQUENCE, &[&asn1::element(OCTETS, &certificate.hash)]);
        let ids: Vec<Vec<u8>> = std::iter::once(&self.leaf).chain(&others).map(id).collect();
        asn1::holding(SEQUENCE, &[&asn1::element(SEQUENCE, &ids.concat())])
    }

    /// The signed attributes under a tag: `SET` to be signed, `[0]` to be sent.
    pub fn signed_attributes(&self, tag: u8) -> Vec<u8> {
        let attribute = |kind: &[u8], value: &[u8]| asn1::holding(SEQUENCE, &[&asn1::element(OID, kind), &asn1::element(SET, value)]);
        asn1::set_of(
            tag,
            vec![
                attribute(CONTENT_TYPE, &asn1::element(OID, DATA)),
                attribute(SIGNING_TIME, self.time),
                attribute(MESSAGE_DIGEST, &self.message_digest()),
                attribute(SIGNING_CERTIFICATE, &self.signing_certificate()),
            ],
        )
    }

    /// The whole container.
    pub fn container(&self, signature: &[u8]) -> Vec<u8> {
        let (one, digest) = (asn1::element(INTEGER, &[1]), self.suite.digest());
        let signer = asn1::holding(
            SEQUENCE,
            &[
                &one,
                &self.leaf.name(),
                &digest,
                &self.signed_attributes(CONTEXT_0),
                &self.suite.signature(),
                &asn1::element(OCTETS, signature),
            ],
        );
        let data = asn1::holding(
            SEQUENCE,
            &[
                &one,
                &asn1::element(SET, &digest),
                &asn1::holding(SEQUENCE, &[&asn1::element(OID, DATA)]),
                &asn1::set_of(CONTEXT_0, self.embedded.iter().map(|certificate| certificate.bytes.clone()).collect()),
                &asn1::element(SET, &signer),
            ],
        );
        asn1::holding(SEQUENCE, &[&asn1::element(OID, SIGNED_DATA), &asn1::element(CONTEXT_0, &data)])
    }
}
