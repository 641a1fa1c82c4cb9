//! Mobile-ID: keys on the SIM of a phone. Interface: SK-EID/MID, REST (`/certificate`, `/authentication`, `/signature`, `…/session/{id}`).
//!
//! The phone signs a hash, so a login has the plain form. The verification code is the first six and the last seven bits of the hash, and is
//! computed here: the service cannot show another one.

use super::fault::Fault;
use super::service::{ADDRESS, PARTY, PARTY_NAME, Service, bytes, certificate, text};
use super::{Answers, Eid, Holder, Input, InputKind, LoginAnswer, Means, Notice, Opened, act};
use crate::failure::Failure;
use ballot::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::login::{Form, login_message};
use envelope::{Certificate, Profile, Purpose, Scheme};
use serde_json::{Value, json};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A phone with Mobile-ID.
pub const MEANS: Means = Means {
    name: "mobile-id",
    title: "Mobile-ID",
    inputs: &[
        ADDRESS,
        PARTY,
        PARTY_NAME,
        Input::new("phone", "the phone number with its country, such as +37200000766", InputKind::Text),
        Input::new("code", "the personal code, such as 60001019906", InputKind::Text),
        Input::optional("language", "language on the phone: EST, ENG (if left out), RUS or LIT", InputKind::Text),
    ],
    open,
};

struct MobileId {
    service: Service,
    phone: Zeroizing<String>,
    code: Zeroizing<String>,
    language: String,
    person_code: String,
    /// For signing. The one for logging in comes with the login.
    certificate: Certificate,
}

fn open(answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
    let (phone, code) = (answers.need("phone")?, answers.need("code")?);
    let digits = |text: &str, least, most| (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !phone.strip_prefix('+').is_some_and(|rest| digits(rest, 7, 15)) {
        return Err(Failure::unreadable("A phone number begins with + and the country, and has digits only: +37200000766."));
    }
    if !digits(code, 11, 11) {
        return Err(Failure::unreadable("A personal code has 11 digits."));
    }
    let language = answers.get("language").unwrap_or("ENG").to_owned();
    if !["EST", "ENG", "RUS", "LIT"].contains(&language.as_str()) {
        return Err(Failure::usage("The language of Mobile-ID is EST, ENG, RUS or LIT."));
    }
    let service = Service::new(answers, holder)?;
    let answer = service.post("/certificate", json!({ "phoneNumber": phone, "nationalIdentityNumber": code }))?;
    result(text(&answer, "/result")?)?;
    let certificate = certificate(&answer, "/cert")?;
    let person_code = act::person_of(&certificate, Purpose::Signing).map_err(|e| Fault::NoCertificate(e.to_string()))?;
    if !person_code.ends_with(&format!("-{code}")) {
        return Err(Fault::OtherPerson { expected: code.to_owned(), found: person_code }.into());
    }
    let (phone, code) = (Zeroizing::new(phone.to_owned()), Zeroizing::new(code.to_owned()));
    Ok(Box::new(MobileId { service, phone, code, language, person_code, certificate }))
}

/// `result` of a certificate or a session, other than `OK`.
fn result(result: &str) -> Result<(), Fault> {
    Err(match result {
        "OK" => return Ok(()),
        "USER_CANCELLED" => Fault::Refused,
        "TIMEOUT" => Fault::TimedOut,
        "NOT_MID_CLIENT" | "NOT_FOUND" | "NOT_ACTIVE" => Fault::Unknown,
        "PHONE_ABSENT" | "DELIVERY_ERROR" | "SIM_ERROR" => Fault::PhoneAway,
        "SIGNATURE_HASH_MISMATCH" => Fault::BadSignature,
        other => Fault::Service(format!("it calls the result `{other}`")),
    })
}

/// First six and last seven bits of the hash, as four digits (MID, 2.4.1).
pub fn verification_code(hash: &[u8]) -> String {
    let (first, last) = (hash.first().copied().unwrap_or(0), hash.last().copied().unwrap_or(0));
    format!("{:04}", u16::from(first >> 2) << 7 | u16::from(last & 0x7f))
}

impl MobileId {
    /// Has the phone sign a hash; gives the whole answer and `r` and `s`.
    fn act(&self, call: &str, scheme: Scheme, hash: &[u8], words: &str) -> Result<(Value, Vec<u8>), Fault> {
        let body = json!({
            "phoneNumber": self.phone.as_str(), "nationalIdentityNumber": self.code.as_str(), "hash": STANDARD.encode(hash),
            "hashType": format!("SHA{}", scheme.bits()), "language": self.language, "displayText": words, "displayTextFormat": "GSM-7",
        });
        self.service.holder.show(&Notice::Code(verification_code(hash)));
        let answered = self.service.post(call, body).and_then(|begun| {
            let session = text(&begun, "/sessionID")?;
            if !session.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(Fault::Service("its session has a strange name".to_owned()));
            }
            self.service.wait(&format!("{call}/session/{session}"))
        });
        self.service.holder.show(&Notice::Over);
        let answer = answered?;
        result(text(&answer, "/result")?)?;
        let made = bytes(&answer, "/signature/value")?;
        Ok((answer, made))
    }
}

impl Eid for MobileId {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        // The certificate comes with the answer, the hash goes with the question: Mobile-ID's keys are on P-256.
        let message = login_message(election, collector_key, nonce);
        let (answer, made) = self.act("/authentication", Scheme::P256, &Scheme::P256.digest(&message), "Log in to vote")?;
        let leaf = certificate(&answer, "/cert")?;
        act::require(&leaf, Purpose::Login, &self.person_code)?;
        let signature = Scheme::P256.canonical(&made).map_err(|_| Fault::BadSignature)?;
        leaf.verify(&message, &signature).map_err(|_| Fault::BadSignature)?;
        Ok(LoginAnswer { certificates: act::chain(&leaf, &[]), signature, form: Form::Plain })
    }

    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure> {
        let make = |scheme, hash: &[u8]| Ok(self.act("/signature", scheme, hash, "Sign your encrypted ballot")?.1);
        act::sign(&self.certificate, &[], ballot, as_of, make)
    }
}
