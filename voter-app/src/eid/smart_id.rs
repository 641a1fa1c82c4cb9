//! Smart-ID: RSA keys shared between a phone and a server. Interface: RP API v3 (3.1), `ACSP_V2` and `RAW_DIGEST_SIGNATURE`.
//!
//! The phone never signs what it is given at a login, but a text of its own around a challenge, so a login has the form of Smart-ID (07a).
//! The service calls the phone (notification), or the phone scans a code from this screen ([`smart_id_link`](super::smart_id_link)).
//!
//! When it is called: the verification code of a login is made here from the challenge; that of a signature comes from the service, as its interface has it.
//! The phone is asked to show three codes, of which the voter chooses the one shown here.

use super::fault::Fault;
use super::service::{ADDRESS, PARTY, PARTY_NAME, Service, bytes, certificate, text};
use super::smart_id_link::{Begun, Link};
use super::{Answers, Eid, Holder, Input, InputKind, LoginAnswer, Means, Notice, Opened, act};
use crate::failure::Failure;
use ballot::Hash;
use ballot::encode::sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::login::{Added, Flow, Form, login_message, smart_id_challenge, verify_login_as};
use envelope::{Profile, Purpose, Scheme};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// A phone with Smart-ID.
pub const MEANS: Means = Means {
    name: "smart-id",
    title: "Smart-ID",
    inputs: &[
        ADDRESS,
        PARTY,
        PARTY_NAME,
        Input::optional("scheme", "`smart-id-demo` in SK's test environment", InputKind::Setting),
        Input::optional("flow", "`qr`: the phone scans a code; `notification`: the service calls the phone", InputKind::Setting),
        Input::new("person", "the person code, such as PNOEE-40504040001", InputKind::Text),
    ],
    open,
};

struct SmartId {
    service: Service,
    scheme: String,
    flow: Flow,
    person_code: String,
    /// The account that logged in, and that signs: `PNOEE-40504040001-DEM0-Q`.
    document: Mutex<Option<String>>,
}

fn open(answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
    let person_code = answers.need("person")?.to_owned();
    let known = person_code.starts_with("PNO") && ballot::text::is_person_code(&person_code);
    if !known || !person_code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Failure::unreadable("A person code is like PNOEE-40504040001."));
    }
    let scheme = answers.get("scheme").unwrap_or("smart-id").to_owned();
    let flow = match answers.get("flow") {
        None | Some("notification") => Flow::Notification,
        Some("qr") => Flow::Qr,
        Some(_) => return Err(Failure::usage("The flow of Smart-ID is `qr` or `notification`.")),
    };
    Ok(Box::new(SmartId { service: Service::new(answers, holder)?, scheme, flow, person_code, document: Mutex::default() }))
}

/// `result.endResult` of a session, other than `OK`.
fn end_result(result: &str) -> Result<(), Fault> {
    Err(match result {
        "OK" => return Ok(()),
        "WRONG_VC" => Fault::WrongCode,
        "TIMEOUT" => Fault::TimedOut,
        "DOCUMENT_UNUSABLE" => Fault::Unknown,
        refused if refused.starts_with("USER_REFUSED") => Fault::Refused,
        other => Fault::Service(format!("it calls the result `{other}`")),
    })
}

/// The code of a login: the last two bytes of SHA-256 of the challenge, modulo 10,000 (RP API v3, notification based flows).
pub fn verification_code(challenge: &[u8]) -> String {
    let [.., high, low] = sha256(challenge);
    format!("{:04}", u16::from_be_bytes([high, low]) % 10_000)
}

/// What the phone shows, as it is sent: base64 of JSON. Who has scanned a code has none to choose.
fn interactions(flow: Flow, words: &str) -> String {
    let first = match flow {
        Flow::Notification => "confirmationMessageAndVerificationCodeChoice",
        Flow::Qr => "confirmationMessage",
    };
    let list = json!([
        { "type": first, "displayText200": words },
        { "type": "displayTextAndPIN", "displayText60": words },
    ]);
    STANDARD.encode(list.to_string())
}

impl SmartId {
    fn wait(&self, begun: &Value) -> Result<Value, Fault> {
        let session = text(begun, "/sessionID")?;
        if !session.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Fault::Service("its session has a strange name".to_owned()));
        }
        let answer = self.service.wait(&format!("/session/{session}"))?;
        end_result(text(&answer, "/result/endResult")?)?;
        Ok(answer)
    }

    /// Shows what the phone scans until it has signed.
    fn scanned(&self, answer: &Value, [kind, protocol, digest, interactions]: [&str; 4]) -> Result<Value, Fault> {
        let begun = Begun { kind, scheme: &self.scheme, protocol, digest, name: &self.service.party_name, interactions };
        Link::new(answer, &begun)?.shown_while(self.service.holder.as_ref(), || self.wait(answer))
    }

    /// Only the way of signing that was asked for: RSASSA-PSS with SHA-512.
    fn made(answer: &Value, protocol: &str) -> Result<Vec<u8>, Fault> {
        let expected = [
            ("/signatureProtocol", protocol),
            ("/signature/signatureAlgorithm", "rsassa-pss"),
            ("/signature/signatureAlgorithmParameters/hashAlgorithm", "SHA-512"),
        ];
        for (at, value) in expected {
            if text(answer, at)? != value {
                return Err(Fault::Service(format!("it signed in another way than was asked for ({at})")));
            }
        }
        bytes(answer, "/signature/value")
    }

    fn authenticate(&self, message: &[u8]) -> Result<LoginAnswer, Fault> {
        let challenge = smart_id_challenge(message);
        let (encoded, interactions) = (STANDARD.encode(&challenge), interactions(self.flow, "Log in to vote"));
        let mut body = json!({
            "certificateLevel": "QUALIFIED", "signatureProtocol": "ACSP_V2", "interactions": interactions,
            "signatureProtocolParameters": {
                "rpChallenge": encoded, "signatureAlgorithm": "rsassa-pss", "signatureAlgorithmParameters": { "hashAlgorithm": "SHA-512" },
            },
        });
        let answer = match self.flow {
            Flow::Notification => {
                self.service.holder.show(&Notice::Choose(verification_code(&challenge)));
                body.as_object_mut().map(|body| body.insert("vcType".to_owned(), "numeric4".into()));
                self.wait(&self.service.post(&format!("/authentication/notification/etsi/{}", self.person_code), body)?)?
            }
            Flow::Qr => {
                let begun = self.service.post(&format!("/authentication/device-link/etsi/{}", self.person_code), body)?;
                self.scanned(&begun, ["auth", "ACSP_V2", &encoded, &interactions])?
            }
        };
        let signature = Self::made(&answer, "ACSP_V2")?;
        let leaf = certificate(&answer, "/cert/value")?;
        act::require(&leaf, Purpose::Login, &self.person_code)?;
        let form = Form::SmartId {
            scheme: self.scheme.clone(),
            name: self.service.party_name.clone(),
            added: Added {
                server_random: text(&answer, "/signature/serverRandom")?.to_owned(),
                user_challenge: text(&answer, "/signature/userChallenge").unwrap_or_default().to_owned(),
                interactions: STANDARD.encode(sha256(interactions.as_bytes())),
                interaction: text(&answer, "/interactionTypeUsed")?.to_owned(),
                flow: self.flow,
            },
        };
        verify_login_as(&form, &leaf, message, &signature).map_err(|_| Fault::BadSignature)?;
        let document = text(&answer, "/result/documentNumber")?;
        let own = document.strip_prefix(&self.person_code).is_some_and(|rest| rest.starts_with('-'));
        if !own || !document.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Fault::OtherPerson { expected: self.person_code.clone(), found: document.to_owned() });
        }
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = Some(document.to_owned());
        Ok(LoginAnswer { certificates: act::chain(&leaf, &[]), signature, form })
    }

    /// Has the phone sign a hash.
    fn sign_hash(&self, document: &str, scheme: Scheme, hash: &[u8]) -> Result<Vec<u8>, Fault> {
        if !matches!(scheme, Scheme::RsaPss(_)) {
            return Err(Fault::NoCertificate("Smart-ID signs with an RSA key".to_owned()));
        }
        let (encoded, interactions) = (STANDARD.encode(hash), interactions(self.flow, "Sign your encrypted ballot"));
        let body = json!({
            "certificateLevel": "QUALIFIED", "signatureProtocol": "RAW_DIGEST_SIGNATURE", "interactions": interactions,
            "signatureProtocolParameters": {
                "digest": encoded, "signatureAlgorithm": "rsassa-pss", "signatureAlgorithmParameters": { "hashAlgorithm": "SHA-512" },
            },
        });
        if self.flow == Flow::Qr {
            let begun = self.service.post(&format!("/signature/device-link/document/{document}"), body)?;
            return Self::made(&self.scanned(&begun, ["sign", "RAW_DIGEST_SIGNATURE", &encoded, &interactions])?, "RAW_DIGEST_SIGNATURE");
        }
        let begun = self.service.post(&format!("/signature/notification/document/{document}"), body)?;
        let code = text(&begun, "/vc/value")?;
        if text(&begun, "/vc/type")? != "numeric4" || code.len() != 4 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault::Service("its verification code has not four digits".to_owned()));
        }
        self.service.holder.show(&Notice::Choose(code.to_owned()));
        Self::made(&self.wait(&begun)?, "RAW_DIGEST_SIGNATURE")
    }

    fn over<T>(&self, done: Result<T, Fault>) -> Result<T, Failure> {
        self.service.holder.show(&Notice::Over);
        Ok(done?)
    }
}

impl Eid for SmartId {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        self.over(self.authenticate(&login_message(election, collector_key, nonce)))
    }

    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure> {
        let document = self.document.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let document = document.ok_or_else(|| Failure::new("Log in with Smart-ID before signing."))?;
        let answer = self.service.post(&format!("/signature/certificate/{document}"), json!({ "certificateLevel": "QUALIFIED" }))?;
        end_result(text(&answer, "/state")?)?;
        let leaf = certificate(&answer, "/cert/value")?;
        act::require(&leaf, Purpose::Signing, &self.person_code)?;
        act::sign(&leaf, &[], ballot, as_of, |scheme, hash| self.over(self.sign_hash(&document, scheme, hash)))
    }
}
