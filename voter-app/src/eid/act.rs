//! What every means does alike around the signature itself: choose certificates, hash, check what comes back.

use super::LoginAnswer;
use super::fault::Fault;
use crate::failure::Failure;
use ballot::Hash;
use envelope::login::{Form, login_message};
use envelope::{Certificate, EnvelopeError, Profile, Purpose, Scheme};

/// Answers a login nonce with a key that signs hashes: `make` gets the kind of key and the hash, and gives `r` and `s` side by side, or
/// what an RSA key makes.
pub fn login(
    leaf: &Certificate,
    above: &[Certificate],
    [election, collector_key, nonce]: [&Hash; 3],
    make: impl FnOnce(Scheme, &[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<LoginAnswer, Failure> {
    let message = login_message(election, collector_key, nonce);
    let signature = signature(leaf, &message, make)?;
    leaf.verify(&message, &signature).map_err(|_| Fault::BadSignature)?;
    Ok(LoginAnswer { certificates: chain(leaf, above), signature, form: Form::Plain })
}

/// Signs a ballot with a key that signs hashes; gives the container.
pub fn sign(
    leaf: &Certificate,
    above: &[Certificate],
    ballot: &[u8],
    (profile, time): (Profile, u64),
    make: impl FnOnce(Scheme, &[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<Vec<u8>, Failure> {
    let draft = profile.draft(ballot, leaf, above, time)?;
    let signature = signature(leaf, draft.message(), make)?;
    Ok(draft.finish(&signature).map_err(|_| Fault::BadSignature)?)
}

fn signature(leaf: &Certificate, message: &[u8], make: impl FnOnce(Scheme, &[u8]) -> Result<Vec<u8>, Failure>) -> Result<Vec<u8>, Failure> {
    let scheme = leaf.scheme()?;
    let made = make(scheme, &scheme.digest(message))?;
    Ok(scheme.canonical(&made).map_err(|_| Fault::BadSignature)?)
}

/// DER, leaf first.
pub fn chain(leaf: &Certificate, above: &[Certificate]) -> Vec<Vec<u8>> {
    std::iter::once(leaf).chain(above).map(|certificate| certificate.as_der().to_vec()).collect()
}

/// The person code of a certificate that is for this purpose. ENV-9, ENV-25 to ENV-29.
pub fn person_of(certificate: &Certificate, purpose: Purpose) -> Result<String, EnvelopeError> {
    certificate.accept_for(purpose)?;
    certificate.scheme()?;
    Ok(certificate.person_code()?.to_owned())
}

/// Refuses a certificate that is not for this purpose, or another person's.
pub fn require(certificate: &Certificate, purpose: Purpose, expected: &str) -> Result<(), Fault> {
    let found = person_of(certificate, purpose).map_err(|e| Fault::NoCertificate(e.to_string()))?;
    if found == expected { Ok(()) } else { Err(Fault::OtherPerson { expected: expected.to_owned(), found }) }
}
