//! The system's own signatures. Spec: 02-encoding, SIG.

use crate::Hash;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

/// What a signature is for; the label of the table in 02-encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A committee member signs the manifest.
    Manifest,
    /// A committee member signs an order.
    Order,
    /// A trustee or mixer signs a post.
    Post,
    /// The collector signs a promise.
    Promise,
    /// The collector signs what is to be time-stamped (07c-evidence).
    Stamp,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Manifest => b"haal/1/manifest\0",
            Self::Order => b"haal/1/order\0",
            Self::Post => b"haal/1/post\0",
            Self::Promise => b"haal/1/promise\0",
            Self::Stamp => b"haal/1/stamp\0",
        }
    }

    /// The bytes that are signed (SIG-2).
    pub fn message(self, election: &Hash, body: &[u8]) -> Vec<u8> {
        [self.label(), election, body].concat()
    }
}

/// Why a signature or key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SIG-1: the signature does not verify, or its key is not canonical")]
pub struct SignatureError;

/// Signs `body` for `purpose` in `election`.
pub fn sign(key: &SigningKey, purpose: Purpose, election: &Hash, body: &[u8]) -> [u8; 64] {
    key.sign(&purpose.message(election, body)).to_bytes()
}

/// Verifies a signature made by [`sign`].
pub fn verify(key: &[u8; 32], purpose: Purpose, election: &Hash, body: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
    verify_bytes(key, &purpose.message(election, body), signature)
}

/// Verifies a signature over plain bytes, strictly (SIG-1): used for C2SP notes too.
pub fn verify_bytes(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
    verifying_key(key)?.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).map_err(|_| SignatureError)
}

/// A key that is canonical and not of small order (MAN-6). The library accepts other encodings, hence the comparison.
pub fn verifying_key(key: &[u8; 32]) -> Result<VerifyingKey, SignatureError> {
    let parsed = VerifyingKey::from_bytes(key).map_err(|_| SignatureError)?;
    let canonical = parsed.to_edwards().compress().to_bytes() == *key;
    if canonical && !parsed.is_weak() { Ok(parsed) } else { Err(SignatureError) }
}
