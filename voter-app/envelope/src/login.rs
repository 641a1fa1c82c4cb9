//! Proving who you are to one collector of one election. Spec: 07.

use crate::{Certificate, EnvelopeError, Identity};

const LABEL: &[u8] = b"haal/1/login\0";

/// The message a voter signs to log in.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 12 | label | ASCII `haal/1/login` |
/// | 1 | zero | ends the label |
/// | 32 | `election_id` | the election |
/// | 32 | `log_key` | the collector's log key, so that another server cannot pass the signature on |
/// | 32 | `nonce` | chosen by the collector, used once |
///
/// 109 bytes. It cannot be the signed attributes of a container, which begin with `0x31`.
pub fn login_message(election_id: &[u8; 32], log_key: &[u8; 32], nonce: &[u8; 32]) -> Vec<u8> {
    [LABEL, election_id, log_key, nonce].concat()
}

/// Signs a login message with the voter's login certificate: a canonical DER signature.
pub fn sign_login(identity: &Identity, election_id: &[u8; 32], log_key: &[u8; 32], nonce: &[u8; 32]) -> Result<Vec<u8>, EnvelopeError> {
    identity.sign(&login_message(election_id, log_key, nonce))
}

/// Verifies a login signature under the certificate's key. ENV-9, ENV-14, ENV-15, ENV-17.
///
/// # Security
///
/// A caller MUST NOT let anyone in on this alone: `verify_chain` with `Purpose::Login` says whether to trust the
/// certificate, and the nonce must be one the collector issued and has not yet seen answered.
pub fn verify_login(
    certificate: &Certificate,
    election_id: &[u8; 32],
    log_key: &[u8; 32],
    nonce: &[u8; 32],
    signature: &[u8],
) -> Result<(), EnvelopeError> {
    certificate.verify(&login_message(election_id, log_key, nonce), signature)
}
