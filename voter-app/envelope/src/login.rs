//! Proving who you are to one collector of one election. Spec: 07.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Certificate, EnvelopeError, Identity, Scheme};

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

/// How an eID signs a login. Spec: 07a, logging in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The message itself.
    Plain,
    /// Web eID: hashes of an origin and a challenge.
    WebEid {
        /// `https://vote.example`, as the browser has it.
        origin: String,
    },
    /// Smart-ID, protocol ACSP_V2.
    SmartId {
        /// `smart-id`, or `smart-id-demo` in the test environment.
        scheme: String,
        /// The relying party's name.
        name: String,
        /// What the phone has added.
        added: Added,
    },
}

/// What Smart-ID adds to the text that the phone signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Base64, 24 to 88 characters.
    pub server_random: String,
    /// Base64url without padding, up to 64 characters.
    pub user_challenge: String,
    /// Base64 of the SHA-256 of the interactions as they were sent, 44 characters.
    pub interactions: String,
    /// The interaction that was used, 1 to 64 letters.
    pub interaction: String,
    /// How the phone came to it.
    pub flow: Flow,
}

/// How a phone with Smart-ID learns of a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// The service calls it.
    #[default]
    Notification,
    /// It scans a code that changes each second.
    Qr,
}

impl Flow {
    /// As the phone signs it: `Notification` or `QR`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::Qr => "QR",
        }
    }

    /// The flow of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Notification, Self::Qr].into_iter().find(|flow| flow.name() == name)
    }
}

impl Added {
    /// ENV-18.
    fn is_well_formed(&self) -> bool {
        let base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        (24..=88).contains(&self.server_random.len())
            && base64(&self.server_random)
            && self.user_challenge.len() <= 64
            && self.user_challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            && self.interactions.len() == 44
            && base64(&self.interactions)
            && (1..=64).contains(&self.interaction.len())
            && self.interaction.bytes().all(|byte| byte.is_ascii_alphabetic())
    }
}

/// The challenge for Web eID: base64 of SHA-256 of the login message, 44 characters.
pub fn web_eid_challenge(message: &[u8]) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, message))
}

/// The challenge for Smart-ID: 64 bytes, of which the service gets the base64.
pub fn smart_id_challenge(message: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA512, message).as_ref().to_vec()
}

/// What is signed in a form, by a key of this kind. ENV-18.
pub fn signed_bytes(form: &Form, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    match form {
        Form::Plain => Ok(message.to_vec()),
        Form::WebEid { origin } => Ok([scheme.digest(origin.as_bytes()), scheme.digest(web_eid_challenge(message).as_bytes())].concat()),
        Form::SmartId { scheme, name, added } if added.is_well_formed() => {
            let challenge = STANDARD.encode(smart_id_challenge(message));
            let Added { server_random, user_challenge, interactions, interaction, flow } = added;
            let flow = flow.name();
            let name = STANDARD.encode(name);
            let text =
                format!("{scheme}|ACSP_V2|{server_random}|{challenge}|{user_challenge}|{name}||{interactions}|{interaction}||{flow}");
            Ok(text.into_bytes())
        }
        Form::SmartId { .. } => Err(EnvelopeError::LoginForm),
    }
}

/// Verifies a login signature in the form *plain*: [`verify_login_as`].
pub fn verify_login(
    certificate: &Certificate,
    election_id: &[u8; 32],
    log_key: &[u8; 32],
    nonce: &[u8; 32],
    signature: &[u8],
) -> Result<(), EnvelopeError> {
    verify_login_as(&Form::Plain, certificate, &login_message(election_id, log_key, nonce), signature)
}

/// Verifies a signature over a login message in its form, under the certificate's key. ENV-9, ENV-14, ENV-15, ENV-17, ENV-18.
///
/// # Security
///
/// A caller MUST NOT let anyone in on this alone: `verify_chain` with `Purpose::Login` says whether to trust the
/// certificate, the nonce must be one the collector issued and has not yet seen answered, and origin or relying party must be its own.
pub fn verify_login_as(form: &Form, certificate: &Certificate, message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
    certificate.verify(&signed_bytes(form, certificate.scheme()?, message)?, signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of SK's own example (rp-api, signature protocols), with its challenge and without brokered name and callback.
    #[test]
    fn acsp_v2_has_eleven_fields_in_their_order() {
        let added = Added {
            server_random: "MTlop6EXCrQ6FOErcKjxUhbV".to_owned(),
            user_challenge: "GnsWXXEjTCKR89fj9uo5u5ReBZ9JR7_pezLAI5jMS00".to_owned(),
            interactions: "RW2HOCLDvRFNWmAOmpWE+3rt7a8q4JGQD3n75d6xJHM=".to_owned(),
            interaction: "displayTextAndPIN".to_owned(),
            flow: Flow::Notification,
        };
        let form = |added: &Added| Form::SmartId { scheme: "smart-id".to_owned(), name: "DEMO".to_owned(), added: added.clone() };
        let text = String::from_utf8(signed_bytes(&form(&added), Scheme::RsaPss(256), b"M").unwrap()).unwrap();
        let fields: Vec<&str> = text.split('|').collect();
        let challenge = STANDARD.encode(smart_id_challenge(b"M"));
        assert_eq!(challenge.len(), 88);
        let expected = [
            "smart-id",
            "ACSP_V2",
            "MTlop6EXCrQ6FOErcKjxUhbV",
            &challenge,
            "GnsWXXEjTCKR89fj9uo5u5ReBZ9JR7_pezLAI5jMS00",
            "REVNTw==",
            "",
            "RW2HOCLDvRFNWmAOmpWE+3rt7a8q4JGQD3n75d6xJHM=",
            "displayTextAndPIN",
            "",
            "Notification",
        ];
        assert_eq!(fields, expected);
        let scanned = signed_bytes(&form(&Added { flow: Flow::Qr, ..added.clone() }), Scheme::RsaPss(256), b"M").unwrap();
        assert_eq!(String::from_utf8(scanned).unwrap(), text.replace("|Notification", "|QR"));
        assert_eq!(["Notification", "QR", "qr", ""].map(Flow::named), [Some(Flow::Notification), Some(Flow::Qr), None, None]);

        let changes: [fn(&mut Added); 9] = [
            |a| a.server_random.push('|'),
            |a| a.server_random.truncate(23),
            |a| a.server_random = "A".repeat(89),
            |a| a.user_challenge.push('|'),
            |a| a.user_challenge = "A".repeat(65),
            |a| a.interactions.push('A'),
            |a| a.interactions.replace_range(3..4, "|"),
            |a| a.interaction.clear(),
            |a| a.interaction.push('|'),
        ];
        for change in changes {
            let mut changed = added.clone();
            change(&mut changed);
            assert_eq!(signed_bytes(&form(&changed), Scheme::RsaPss(256), b"M"), Err(EnvelopeError::LoginForm), "ENV-18: {changed:?}");
        }
    }

    #[test]
    fn web_eid_signs_two_hashes() {
        let form = Form::WebEid { origin: "https://vote.example".to_owned() };
        let bytes = signed_bytes(&form, Scheme::P384, b"M").unwrap();
        let challenge = web_eid_challenge(b"M");
        assert_eq!((challenge.len(), bytes.len()), (44, 96));
        assert_eq!(bytes, [Scheme::P384.digest(b"https://vote.example"), Scheme::P384.digest(challenge.as_bytes())].concat());
    }
}
