//! A key held in a file together with its certificates: the test eID, and any software key.

use std::path::Path;
use std::{fmt, fs};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair};
use der::SecretDocument;
use zeroize::Zeroizing;

use crate::ecdsa;
use crate::{Certificate, EnvelopeError};

/// A private key and the certificates that belong to it, the leaf first.
///
/// The key lives inside the cryptographic library, which wipes it on drop; the text and DER it was read from are
/// wiped here. An eID on a card has no such value: there the card signs, and only the certificates are files.
///
/// # Security
///
/// A caller MUST NOT sign bytes chosen by someone else with [`Identity::sign`]: use [`cades::sign`](crate::cades::sign)
/// or [`login::sign_login`](crate::login::sign_login), which fix what is signed.
pub struct Identity {
    key: EcdsaKeyPair,
    certificate: Certificate,
    intermediates: Vec<Certificate>,
}

impl Identity {
    /// Reads a PKCS#8 key and a certificate chain from two PEM files.
    pub fn from_files(key: &Path, chain: &Path) -> Result<Self, EnvelopeError> {
        let read = |path| fs::read_to_string(path).map_err(|error| EnvelopeError::File(error.kind()));
        let key = Zeroizing::new(read(key)?);
        Self::from_pem(&key, &read(chain)?)
    }

    /// Reads a PKCS#8 key and a certificate chain, the leaf first, from PEM texts. ENV-41 to ENV-43.
    pub fn from_pem(key: &str, chain: &str) -> Result<Self, EnvelopeError> {
        let chain = Certificate::list_from_pem(chain)?;
        let (label, secret) = SecretDocument::from_pem(key.trim()).map_err(|_| EnvelopeError::KeyFile)?;
        if label != "PRIVATE KEY" {
            return Err(EnvelopeError::KeyFile);
        }
        Self::from_der(secret.as_bytes(), chain)
    }

    /// From a PKCS#8 key in DER and a chain, the leaf first. ENV-41, ENV-43.
    pub(crate) fn from_der(key: &[u8], chain: Vec<Certificate>) -> Result<Self, EnvelopeError> {
        let mut chain = chain.into_iter();
        let certificate = chain.next().ok_or(EnvelopeError::CertificateFile)?;
        let intermediates = chain.collect();
        let (scheme, point) = certificate.voter_key()?;
        let curve = scheme.curve().ok_or(EnvelopeError::KeyFile)?;
        let key = EcdsaKeyPair::from_pkcs8(curve.signing(), key).map_err(|_| EnvelopeError::KeyFile)?;
        if key.public_key().as_ref() != point {
            return Err(EnvelopeError::KeyMismatch);
        }
        Ok(Self { key, certificate, intermediates })
    }

    /// Signs with the hash of the curve (07a); the signature is canonical DER with the lower `s`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let signature = self.key.sign(&SystemRandom::new(), message).map_err(|_| EnvelopeError::SigningFailed)?;
        ecdsa::canonical(self.certificate.scheme()?.curve().ok_or(EnvelopeError::KeyType)?, signature.as_ref())
    }

    /// The certificate of the key.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificates above it, as the file had them.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("key", &"<redacted>").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}
