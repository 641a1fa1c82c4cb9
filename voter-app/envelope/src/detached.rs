//! Signatures that stand in a file of their own: ECDSA on P-256 with SHA-256, as `openssl dgst -sha256 -sign` makes them.
//!
//! So the state signs its voter lists (VIS3-EHS 3, §4). Nothing on the board is signed in this way: here either value of `s` is taken.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ecdsa::{self, Curve};

/// A SubjectPublicKeyInfo of P-256 up to its uncompressed point.
const HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];

/// Why a detached signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetachedError {
    /// Not one public key in PEM, or on another curve.
    #[error("not a public key on P-256 in PEM (VIS3-EHS 3, §4)")]
    Key,
    /// Not a signature, or one of another file or key.
    #[error("the signature does not verify under this key over this file (VIS3-EHS 3, §4)")]
    Signature,
}

/// A public key on P-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    der: Vec<u8>,
}

impl PublicKey {
    /// From `-----BEGIN PUBLIC KEY-----`, with nothing else in the file.
    pub fn from_pem(text: &str) -> Result<Self, DetachedError> {
        let body = text.trim().strip_prefix("-----BEGIN PUBLIC KEY-----").and_then(|t| t.strip_suffix("-----END PUBLIC KEY-----"));
        let body: String = body.ok_or(DetachedError::Key)?.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| DetachedError::Key)?;
        let point = der.strip_prefix(&HEAD).ok_or(DetachedError::Key)?;
        if point.len() == 65 && point.first() == Some(&4) { Ok(Self { der }) } else { Err(DetachedError::Key) }
    }

    /// SHA-256 of the key in DER: its name in records.
    pub fn id(&self) -> [u8; 32] {
        let mut id = [0; 32];
        id.copy_from_slice(digest(&SHA256, &self.der).as_ref());
        id
    }

    /// Verifies the bytes of a signature file over the bytes of another.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), DetachedError> {
        let signature = ecdsa::canonical(Curve::P256, signature).map_err(|_| DetachedError::Signature)?;
        let point = self.der.get(HEAD.len()..).unwrap_or_default();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, &signature).map_err(|_| DetachedError::Signature)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

    fn pem(der: &[u8]) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    #[test]
    fn both_halves_of_s_and_no_other_key_or_message() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der = [&HEAD, pair.public_key().as_ref()].concat();
        let key = PublicKey::from_pem(&pem(&der)).unwrap();
        let (mut low, mut high) = (0, 0);
        while low == 0 || high == 0 {
            let made = pair.sign(&SystemRandom::new(), b"a list").unwrap();
            let is_low = ecdsa::canonical(Curve::P256, made.as_ref()).unwrap() == made.as_ref();
            *if is_low { &mut low } else { &mut high } += 1;
            assert_eq!(key.verify(b"a list", made.as_ref()), Ok(()));
            assert_eq!(key.verify(b"a lisp", made.as_ref()), Err(DetachedError::Signature));
            assert!(key.verify(b"a list", &[made.as_ref(), &[0]].concat()).is_err());
        }
        assert!(key.verify(b"a list", b"").is_err());
        let other = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let made = other.sign(&SystemRandom::new(), b"a list").unwrap();
        assert_eq!(key.verify(b"a list", made.as_ref()), Err(DetachedError::Signature));
        let strange = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
        for bad in
            ["", "-----BEGIN PUBLIC KEY-----", &pem(strange.public_key().as_ref()), &pem(&der[..90]), &pem(&[&der[..], &[0]].concat())]
        {
            assert_eq!(PublicKey::from_pem(bad), Err(DetachedError::Key), "{bad}");
        }
    }
}
