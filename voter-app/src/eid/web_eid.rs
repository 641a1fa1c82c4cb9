//! Web eID: a card through the Web eID application. Interface: web-eid-app, command-line mode (`get-signing-certificate`, `authenticate`, `sign`).
//!
//! The application reads the card and asks for the PINs in a window of its own, so this program sees neither card nor PIN. A login has the
//! form of Web eID (07a): the application signs hashes of the origin, which is that of the collector's pages, and of a challenge.

use super::fault::Fault;
use super::service::{bytes, certificate, text};
use super::{Answers, Eid, Holder, Input, InputKind, LoginAnswer, Means, Notice, Opened, Secret, act};
use crate::failure::Failure;
use ballot::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::login::{Form, login_message, verify_login_as, web_eid_challenge};
use envelope::{Certificate, Profile, Purpose, Scheme};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// A card, with its PINs in another program's window.
pub const MEANS: Means = Means {
    name: "web-eid",
    title: "ID card with the Web eID application",
    inputs: &[
        Input::new("program", "the absolute path of the Web eID application", InputKind::Setting),
        Input::new("origin", "the origin that the collector takes, such as https://vote.example", InputKind::Setting),
    ],
    open,
};

struct WebEid {
    program: PathBuf,
    origin: String,
    holder: Arc<dyn Holder>,
    person_code: String,
    /// For signing. The one for logging in comes with the login.
    certificate: Certificate,
}

fn open(answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
    let program = PathBuf::from(answers.need("program")?);
    if !program.is_absolute() {
        return Err(Failure::usage("The Web eID application is named by its absolute path."));
    }
    let origin = answers.need("origin")?.to_owned();
    if !origin.strip_prefix("https://").is_some_and(|host| !host.is_empty() && !host.contains('/')) {
        return Err(Failure::usage("An origin is like https://vote.example, without a slash at its end."));
    }
    let answer = run(&program, "get-signing-certificate", &json!({ "origin": origin }))?;
    let certificate = certificate(&answer, "/certificate")?;
    let person_code = act::person_of(&certificate, Purpose::Signing).map_err(|e| Fault::NoCertificate(e.to_string()))?;
    Ok(Box::new(WebEid { program, origin, holder, person_code, certificate }))
}

/// One command of the application: arguments as JSON, one line of JSON back.
fn run(program: &Path, command: &str, arguments: &Value) -> Result<Value, Fault> {
    let mut process = Command::new(program);
    process.args(["-c", command]).arg(arguments.to_string()).stdin(Stdio::null()).stderr(Stdio::null());
    let out = process.output().map_err(|e| Fault::Device(format!("{}: {e}", program.display())))?;
    let answer: Value = serde_json::from_slice(&out.stdout).map_err(|_| Fault::Device("Web eID gave no answer".to_owned()))?;
    if answer.get("error").is_none() {
        return Ok(answer);
    }
    Err(match text(&answer, "/error/code")? {
        "ERR_WEBEID_USER_CANCELLED" => Fault::Refused,
        "ERR_WEBEID_USER_TIMEOUT" => Fault::TimedOut,
        code => Fault::Device(format!("Web eID says {code}: {}", text(&answer, "/error/message").unwrap_or_default())),
    })
}

impl WebEid {
    /// A command for which the voter types a PIN into the application's window.
    fn run_with_pin(&self, pin: Secret, command: &str, arguments: &Value) -> Result<Value, Fault> {
        self.holder.show(&Notice::Elsewhere(pin));
        let answer = run(&self.program, command, arguments);
        self.holder.show(&Notice::Over);
        answer
    }
}

/// `ES256` and so on, of a card's key.
fn algorithm(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::P256 => "ES256",
        Scheme::P384 => "ES384",
        Scheme::P521 => "ES512",
        Scheme::RsaPss(_) => "PS512",
    }
}

impl Eid for WebEid {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        let message = login_message(election, collector_key, nonce);
        let arguments = json!({ "challengeNonce": web_eid_challenge(&message), "origin": self.origin });
        let token = self.run_with_pin(Secret::Pin1, "authenticate", &arguments)?;
        let leaf = certificate(&token, "/unverifiedCertificate")?;
        act::require(&leaf, Purpose::Login, &self.person_code)?;
        let scheme = leaf.scheme()?;
        if !text(&token, "/format")?.starts_with("web-eid:1") || text(&token, "/algorithm")? != algorithm(scheme) {
            return Err(Fault::Device("Web eID signed in another way than it should".to_owned()).into());
        }
        let signature = scheme.canonical(&bytes(&token, "/signature")?).map_err(|_| Fault::BadSignature)?;
        let form = Form::WebEid { origin: self.origin.clone() };
        verify_login_as(&form, &leaf, &message, &signature).map_err(|_| Fault::BadSignature)?;
        Ok(LoginAnswer { certificates: act::chain(&leaf, &[]), signature, form })
    }

    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure> {
        act::sign(&self.certificate, &[], ballot, as_of, |scheme, hash| {
            let arguments = json!({
                "hash": STANDARD.encode(hash), "hashFunction": format!("SHA-{}", scheme.bits()), "origin": self.origin,
                "certificate": STANDARD.encode(self.certificate.as_der()),
            });
            Ok(bytes(&self.run_with_pin(Secret::Pin2, "sign", &arguments)?, "/signature")?)
        })
    }
}
