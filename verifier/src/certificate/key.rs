//! Keys of certificates, and what authorities sign with them. Spec: 07a-envelope, ENV-9, ENV-37, ENV-38.

use crate::asn1::{self, OID, SEQUENCE};
use crate::bytes::Fault;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

const EC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const RSA_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const CURVES: [(&[u8], Curve); 3] = [
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], Curve::P256),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], Curve::P384),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], Curve::P521),
];
/// ECDSA with SHA-256, SHA-384, SHA-512: the OID without its last number.
const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];
/// RSA PKCS#1 v1.5 with the same.
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
const NULL: &[u8] = &[0x05, 0];

/// Curves of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Curve {
    P256,
    P384,
    P521,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point in its long form, `04 || x || y`.
    Ec(Curve, Vec<u8>),
    /// An RSAPublicKey in DER.
    Rsa(Vec<u8>),
    /// Something that signs nothing here.
    Other,
}

impl PublicKey {
    /// From the algorithm of a SubjectPublicKeyInfo, in DER, and the bits after it.
    pub fn read(algorithm: &[u8], key: &[u8]) -> Self {
        if algorithm == named(RSA_KEY, NULL) {
            return Self::Rsa(key.to_vec());
        }
        match CURVES.into_iter().find(|(curve, _)| algorithm == named(EC_KEY, &asn1::element(OID, curve))) {
            Some((_, curve)) if key.len() == 1 + 2 * curve.width() && key.starts_with(&[4]) => Self::Ec(curve, key.to_vec()),
            _ => Self::Other,
        }
    }

    /// Verifies what an authority has signed; the algorithm in DER. ENV-37, ENV-38.
    pub fn verify(&self, algorithm: &[u8], signed: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let (method, key) = self.method(algorithm).ok_or_else(|| Fault::new("ENV-37", "signed in a way that is not listed"))?;
        let verified = UnparsedPublicKey::new(method, key).verify(signed, signature);
        verified.map_err(|_| Fault::new("ENV-38", "the signature does not verify under the issuer's key"))
    }

    fn method(&self, algorithm: &[u8]) -> Option<(&'static dyn VerificationAlgorithm, &[u8])> {
        let is = |oid: &[u8], last: u8, parameters: &[u8]| algorithm == named(&[oid, &[last]].concat(), parameters);
        match self {
            Self::Ec(curve, key) => (2..=4).find(|last| is(ECDSA, *last, &[])).map(|last| (curve.method(last), key.as_slice())),
            Self::Rsa(key) => {
                let methods: [&'static dyn VerificationAlgorithm; 3] = [
                    &signature::RSA_PKCS1_2048_8192_SHA256,
                    &signature::RSA_PKCS1_2048_8192_SHA384,
                    &signature::RSA_PKCS1_2048_8192_SHA512,
                ];
                (11..=13).zip(methods).find(|(last, _)| is(RSA, *last, NULL)).map(|(_, method)| (method, key.as_slice()))
            }
            Self::Other => None,
        }
    }
}

impl Curve {
    /// Bytes of a coordinate.
    fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// By the last number of the algorithm.
    fn method(self, last: u8) -> &'static dyn VerificationAlgorithm {
        match (self, last) {
            (Self::P256, 2) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::P256, 3) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::P256, _) => &signature::ECDSA_P256_SHA512_ASN1,
            (Self::P384, 2) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::P384, 3) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::P384, _) => &signature::ECDSA_P384_SHA512_ASN1,
            (Self::P521, 2) => &signature::ECDSA_P521_SHA256_ASN1,
            (Self::P521, 3) => &signature::ECDSA_P521_SHA384_ASN1,
            (Self::P521, _) => &signature::ECDSA_P521_SHA512_ASN1,
        }
    }
}

/// The algorithm of a CMS signer by which to verify, if it is one of ENV-37 with the hash of this place (SHA-256, SHA-384, SHA-512),
/// or rsaEncryption, which leaves the hash to the digest algorithm. TSP-9.
pub fn algorithm_with(given: &[u8], hash: usize) -> Option<Vec<u8>> {
    let (ecdsa, rsa) = [(2, 11), (3, 12), (4, 13)].get(hash).copied()?;
    let (ecdsa, rsa) = (named(&[ECDSA, &[ecdsa]].concat(), &[]), named(&[RSA, &[rsa]].concat(), NULL));
    if given == named(RSA_KEY, NULL) {
        return Some(rsa);
    }
    [ecdsa, rsa].into_iter().find(|known| known == given)
}

/// An AlgorithmIdentifier.
fn named(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    asn1::holding(SEQUENCE, &[&asn1::element(OID, oid), parameters])
}
