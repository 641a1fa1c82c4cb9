//! Whether an issuer's key signed a certificate. ENV-37, ENV-38.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use der::asn1::ObjectIdentifier;
use x509_cert::certificate::TbsCertificate;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::Certificate;
use crate::EnvelopeError;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

/// The kinds of key a certificate may hold. Any other is `None` below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    P256,
    P384,
    P521,
    Rsa,
}

/// The kind and bytes of a certificate's key: a whole point, or an RSAPublicKey in DER.
pub(super) fn public_key(signed: &TbsCertificate) -> Option<(KeyKind, &[u8])> {
    let info = signed.subject_public_key_info();
    let parameters = info.algorithm.parameters.as_ref();
    let key = info.subject_public_key.as_bytes()?;
    let kind = if info.algorithm.oid == EC_PUBLIC_KEY {
        match parameters?.decode_as::<ObjectIdentifier>().ok()? {
            P256 => KeyKind::P256,
            P384 => KeyKind::P384,
            P521 => KeyKind::P521,
            _ => return None,
        }
    } else if info.algorithm.oid == RSA_ENCRYPTION && parameters.is_some_and(|any| any.is_null()) {
        KeyKind::Rsa
    } else {
        return None;
    };
    // The library below would take other forms of a point too, even a whole subjectPublicKeyInfo (ENV-9, ENV-37).
    (kind == KeyKind::Rsa || key.first() == Some(&4)).then_some((kind, key))
}

/// SHA-256 of certificate and issuer, both whole, of pairs that verified; a refused pair is never kept. All go when there are too many.
static VERIFIED: LazyLock<Mutex<HashSet<Vec<u8>>>> = LazyLock::new(Mutex::default);
const MOST_VERIFIED: usize = 20_000;

impl Certificate {
    /// Verifies this certificate's signature under the issuer's key. The costly step: one ECDSA or RSA verification, done once for a pair: the same
    /// authorities issue to everyone, and a signature that verified does so for ever.
    pub(crate) fn verify_issued_by(&self, issuer: &Certificate) -> Result<(), EnvelopeError> {
        let mut pair = Context::new(&SHA256);
        pair.update(&(self.as_der().len() as u64).to_be_bytes());
        pair.update(self.as_der());
        pair.update(issuer.as_der());
        let pair = pair.finish().as_ref().to_vec();
        if VERIFIED.lock().is_ok_and(|verified| verified.contains(&pair)) {
            return Ok(());
        }
        issuer.verify_as(&self.signature_algorithm, &self.signed_bytes, &self.signature)?;
        if let Ok(mut verified) = VERIFIED.lock() {
            if verified.len() >= MOST_VERIFIED {
                verified.clear();
            }
            verified.insert(pair);
        }
        Ok(())
    }

    /// Verifies what an authority or service has signed with this certificate's key, in the way that is named. ENV-37, ENV-38.
    pub(crate) fn verify_as(&self, named: &AlgorithmIdentifierOwned, message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
        let (kind, key) = public_key(&self.signed).ok_or(EnvelopeError::IssuerAlgorithm)?;
        let algorithm = verification(named, kind).ok_or(EnvelopeError::IssuerAlgorithm)?;
        UnparsedPublicKey::new(algorithm, key).verify(message, signature).map_err(|_| EnvelopeError::IssuerSignature)
    }
}

/// The hash and kind of key that an algorithm's name fixes: a closed list, on which SHA-1 is not. ENV-37.
fn verification(named: &AlgorithmIdentifierOwned, kind: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    let rsa = kind == KeyKind::Rsa;
    let parameters_fit = if rsa { named.parameters.as_ref().is_some_and(|any| any.is_null()) } else { named.parameters.is_none() };
    let hash = match (named.oid, rsa) {
        (ECDSA_SHA256, false) | (RSA_SHA256, true) => Sha::Sha256,
        (ECDSA_SHA384, false) | (RSA_SHA384, true) => Sha::Sha384,
        (ECDSA_SHA512, false) | (RSA_SHA512, true) => Sha::Sha512,
        _ => return None,
    };
    parameters_fit.then_some(algorithm(hash, kind))
}

/// A hash of the SHA-2 family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sha {
    Sha256,
    Sha384,
    Sha512,
}

/// ECDSA in DER, or RSA PKCS#1 v1.5 with a modulus of 2,048 to 8,192 bits.
pub(crate) fn algorithm(hash: Sha, kind: KeyKind) -> &'static dyn VerificationAlgorithm {
    match (hash, kind) {
        (Sha::Sha256, KeyKind::P256) => &ECDSA_P256_SHA256_ASN1,
        (Sha::Sha384, KeyKind::P256) => &ECDSA_P256_SHA384_ASN1,
        (Sha::Sha512, KeyKind::P256) => &ECDSA_P256_SHA512_ASN1,
        (Sha::Sha256, KeyKind::P384) => &ECDSA_P384_SHA256_ASN1,
        (Sha::Sha384, KeyKind::P384) => &ECDSA_P384_SHA384_ASN1,
        (Sha::Sha512, KeyKind::P384) => &ECDSA_P384_SHA512_ASN1,
        (Sha::Sha256, KeyKind::P521) => &ECDSA_P521_SHA256_ASN1,
        (Sha::Sha384, KeyKind::P521) => &ECDSA_P521_SHA384_ASN1,
        (Sha::Sha512, KeyKind::P521) => &ECDSA_P521_SHA512_ASN1,
        (Sha::Sha256, KeyKind::Rsa) => &RSA_PKCS1_2048_8192_SHA256,
        (Sha::Sha384, KeyKind::Rsa) => &RSA_PKCS1_2048_8192_SHA384,
        (Sha::Sha512, KeyKind::Rsa) => &RSA_PKCS1_2048_8192_SHA512,
    }
}
