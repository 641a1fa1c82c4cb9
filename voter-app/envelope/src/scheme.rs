//! How the key of a voter signs: its kind fixes the hash and the one encoding of a signature. Spec: 07a, ENV-9, ENV-10, ENV-14, ENV-15.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA512, UnparsedPublicKey};
use der::asn1::ObjectIdentifier;

use crate::ecdsa::{self, Curve};
use crate::{Certificate, EnvelopeError};

/// The kind of a voter's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA with SHA-256.
    P256,
    /// ECDSA with SHA-384.
    P384,
    /// ECDSA with SHA-512.
    P521,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes. The length of the modulus in bytes.
    RsaPss(usize),
}

impl Scheme {
    /// Bits of the hash: 256, 384 or 512 (SHA-2).
    pub fn bits(self) -> u16 {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 | Self::RsaPss(_) => 512,
        }
    }

    /// Hashes what is to be signed.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::P256 => &SHA256,
            Self::P384 => &SHA384,
            Self::P521 | Self::RsaPss(_) => &SHA512,
        };
        digest::digest(algorithm, message).as_ref().to_vec()
    }

    /// The one encoding of a signature that a key, card or service has made: `r` and `s` side by side become DER with the lower `s`.
    pub fn canonical(self, made: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        match self.curve() {
            Some(curve) => ecdsa::from_raw(curve, made),
            None => Ok(made.to_vec()),
        }
    }

    /// `r` and `s` side by side from their one encoding; an RSA signature as it is.
    pub(crate) fn raw(self, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        match self.curve() {
            Some(curve) => ecdsa::to_raw(curve, signature),
            None => Ok(signature.to_vec()),
        }
    }

    /// The one encoding of `r` and `s` side by side, which must be the lower `s` already. ENV-14, ENV-15.
    pub(crate) fn exact(self, raw: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let signature = self.canonical(raw)?;
        if self.raw(&signature)? == raw { Ok(signature) } else { Err(EnvelopeError::HighS) }
    }

    /// `id-sha256`, `id-sha384` or `id-sha512`.
    pub(crate) fn digest_oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
            Self::P384 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
            Self::P521 | Self::RsaPss(_) => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
        }
    }

    /// AlgorithmIdentifier of the signature, in DER.
    pub(crate) fn algorithm(self) -> &'static [u8] {
        match self {
            Self::P256 => &[0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
            Self::P384 => &[0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
            Self::P521 => &[0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04],
            Self::RsaPss(_) => &[
                0x30, 0x41, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A, // id-RSASSA-PSS
                0x30, 0x34, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05,
                0x00, // SHA-512
                0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, // MGF1
                0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, // with SHA-512
                0xA2, 0x03, 0x02, 0x01, 0x40, // 64 bytes of salt
            ],
        }
    }

    pub(crate) fn curve(self) -> Option<Curve> {
        match self {
            Self::P256 => Some(Curve::P256),
            Self::P384 => Some(Curve::P384),
            Self::P521 => Some(Curve::P521),
            Self::RsaPss(_) => None,
        }
    }
}

impl Certificate {
    /// Verifies a signature in its one encoding under this certificate's key. ENV-9, ENV-14, ENV-15, ENV-17.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
        let (scheme, key) = self.voter_key()?;
        match scheme {
            Scheme::RsaPss(length) if signature.len() != length => Err(EnvelopeError::SignatureEncoding),
            Scheme::RsaPss(_) => {
                UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA512, key).verify(message, signature).map_err(|_| EnvelopeError::Signature)
            }
            Scheme::P256 => ecdsa::verify(Curve::P256, key, message, signature),
            Scheme::P384 => ecdsa::verify(Curve::P384, key, message, signature),
            Scheme::P521 => ecdsa::verify(Curve::P521, key, message, signature),
        }
    }
}
