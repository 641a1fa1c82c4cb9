//! Ed25519 signatures of the system's roles. Spec: 02-encoding, SIG.

use crate::bytes::{Fault, Hash};
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::{Signature, VerifyingKey};

/// A key that is canonical and not of small order.
pub fn key(bytes: &Hash) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes).ok()?;
    let canonical = CompressedEdwardsY(*bytes).decompress()?.compress().to_bytes() == *bytes;
    (canonical && !key.is_weak()).then_some(key)
}

/// Strict RFC 8032 verification of plain bytes. SIG-1.
pub fn verify_bytes(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
    let signature = Signature::from_bytes(signature);
    key.verify_strict(message, &signature).map_err(|_| Fault::new("SIG-1", "the signature does not verify"))
}

/// Verifies a signature under a label and an election. SIG-1, SIG-2.
pub fn verify(key: &VerifyingKey, label: &str, election: &Hash, body: &[u8], signature: &[u8; 64]) -> Result<(), Fault> {
    let message = [b"haal/1/", label.as_bytes(), &[0], election, body].concat();
    verify_bytes(key, &message, signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    #[test]
    fn strict() {
        let signer = SigningKey::from_bytes(&[3; 32]);
        let verifier = key(&signer.verifying_key().to_bytes()).unwrap();
        let message = [b"haal/1/order\0".as_slice(), &[9; 32], b"body"].concat();
        let mut signature = signer.sign(&message).to_bytes();
        assert!(verify(&verifier, "order", &[9; 32], b"body", &signature).is_ok());
        assert!(verify(&verifier, "post", &[9; 32], b"body", &signature).is_err());
        assert!(verify(&verifier, "order", &[8; 32], b"body", &signature).is_err());
        signature[63] |= 0x80; // S above the order
        assert!(verify(&verifier, "order", &[9; 32], b"body", &signature).is_err());
    }

    #[test]
    fn weak_keys_are_none() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(key(&identity).is_none());
        let mut high = [0xff; 32]; // y = p + 1 in disguise: not canonical
        high[0] = 0xee;
        high[31] = 0x7f;
        assert!(key(&high).is_none());
    }
}
