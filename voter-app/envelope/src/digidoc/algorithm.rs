//! Hashes and ways of signing, by the names that XML has for them. Spec: 07d-digidoc, DOC-12, DOC-13, DOC-17.

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::signature::{
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};

use super::Rule;
use crate::Certificate;
use crate::certificate::{KeyKind, Sha, algorithm};
use crate::ecdsa::{self, Curve};

/// The hash of a name. DOC-12.
pub fn hash_named(uri: &str) -> Option<Sha> {
    match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Sha::Sha256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Sha::Sha384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Sha::Sha512),
        _ => None,
    }
}

impl Sha {
    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest(algorithm, bytes).as_ref().to_vec()
    }
}

/// A way of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Ecdsa(Sha),
    Pkcs1(Sha),
    Pss(Sha),
}

impl Method {
    /// DOC-13.
    pub fn named(uri: &str) -> Option<Self> {
        let hash = |name| match name {
            "sha256" => Some(Sha::Sha256),
            "sha384" => Some(Sha::Sha384),
            "sha512" => Some(Sha::Sha512),
            _ => None,
        };
        if let Some(name) = uri.strip_prefix("http://www.w3.org/2007/05/xmldsig-more#") {
            return name.strip_suffix("-rsa-MGF1").and_then(hash).map(Self::Pss);
        }
        let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
        match name.strip_prefix("ecdsa-") {
            Some(name) => hash(name).map(Self::Ecdsa),
            None => name.strip_prefix("rsa-").and_then(hash).map(Self::Pkcs1),
        }
    }

    /// DOC-13, DOC-17.
    pub fn verify(self, certificate: &Certificate, message: &[u8], value: &[u8]) -> Result<(), Rule> {
        let (kind, key) = certificate.key().ok_or(Rule::SignatureMethod)?;
        let curve = match kind {
            KeyKind::P256 => Some(Curve::P256),
            KeyKind::P384 => Some(Curve::P384),
            KeyKind::P521 => Some(Curve::P521),
            KeyKind::Rsa => None,
        };
        let (algorithm, value): (&'static dyn VerificationAlgorithm, _) = match (self, curve) {
            (Self::Ecdsa(hash), Some(curve)) => (algorithm(hash, kind), ecdsa::from_raw(curve, value).map_err(|_| Rule::Signature)?),
            (Self::Pkcs1(hash), None) => (algorithm(hash, kind), value.to_vec()),
            (Self::Pss(Sha::Sha256), None) => (&RSA_PSS_2048_8192_SHA256, value.to_vec()),
            (Self::Pss(Sha::Sha384), None) => (&RSA_PSS_2048_8192_SHA384, value.to_vec()),
            (Self::Pss(Sha::Sha512), None) => (&RSA_PSS_2048_8192_SHA512, value.to_vec()),
            _ => return Err(Rule::SignatureMethod),
        };
        UnparsedPublicKey::new(algorithm, key).verify(message, &value).map_err(|_| Rule::Signature)
    }
}
