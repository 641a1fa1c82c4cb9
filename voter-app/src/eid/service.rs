//! What the services behind a phone have in common: JSON over HTTPS, a session that is asked about until it is over.
//!
//! The service, or a relay of the election's operator in front of it, is not trusted: what it returns is checked against what was to be signed.

use super::fault::Fault;
use super::{Answers, Holder, Input, InputKind};
use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::http::{Reply, Web, WebError};
use envelope::Certificate;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the service may hold one question, in milliseconds.
const HELD: u32 = 5_000;
/// How long a phone is waited for. The services give up earlier themselves.
const LONGEST: Duration = Duration::from_secs(300);

/// Where the service is.
pub const ADDRESS: Input =
    Input::new("service", "the address of the service, or of the election's relay in front of it", InputKind::Setting);
/// Who asks.
pub const PARTY: Input = Input::new("party", "the relying party's UUID", InputKind::Setting);
/// Who asks, as the phone shows it.
pub const PARTY_NAME: Input = Input::new("party-name", "the relying party's name", InputKind::Setting);

/// One service, asked in the name of one relying party.
pub struct Service {
    web: Web,
    /// `relyingPartyUUID`.
    pub party: String,
    /// `relyingPartyName`.
    pub party_name: String,
    pub holder: Arc<dyn Holder>,
}

impl Service {
    /// From [`ADDRESS`], [`PARTY`] and [`PARTY_NAME`].
    pub fn new(answers: &Answers, holder: Arc<dyn Holder>) -> Result<Self, Failure> {
        let url = answers.need(ADDRESS.name)?;
        if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") && !url.starts_with("http://localhost:") {
            return Err(Failure::usage("The address of an eID service begins with https://."));
        }
        let (party, party_name) = (answers.need(PARTY.name)?.to_owned(), answers.need(PARTY_NAME.name)?.to_owned());
        Ok(Self { web: Web::new(url), party, party_name, holder })
    }

    /// Adds who asks, and posts.
    pub fn post(&self, path: &str, mut body: Value) -> Result<Value, Fault> {
        if let Some(body) = body.as_object_mut() {
            body.insert("relyingPartyUUID".to_owned(), self.party.as_str().into());
            body.insert("relyingPartyName".to_owned(), self.party_name.as_str().into());
        }
        read(self.web.post(path, "application/json", None, body.to_string().as_bytes()), true)
    }

    /// Asks about a session until its state is `COMPLETE`; the voter may give up meanwhile.
    pub fn wait(&self, path: &str) -> Result<Value, Fault> {
        let begun = Instant::now();
        loop {
            if self.holder.gave_up() {
                return Err(Fault::Cancelled);
            }
            let answer = read(self.web.get(&format!("{path}?timeoutMs={HELD}"), None), false)?;
            match text(&answer, "/state")? {
                "COMPLETE" => return Ok(answer),
                "RUNNING" if begun.elapsed() < LONGEST => std::thread::sleep(Duration::from_millis(50)),
                "RUNNING" => return Err(Fault::TimedOut),
                other => return Err(Fault::Service(format!("it calls the state of the session `{other}`"))),
            }
        }
    }
}

/// The JSON of a reply, or what its status means. `known` says whether 404 is about the person.
fn read(reply: Result<Reply, WebError>, known: bool) -> Result<Value, Fault> {
    let reply = reply.map_err(|e| Fault::Service(e.to_string()))?;
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|_| Fault::Service("its answer is no JSON".to_owned())),
        401 | 403 => Err(Fault::Service("it does not know the relying party".to_owned())),
        404 | 471 if known => Err(Fault::Unknown),
        472 => Err(Fault::Service("it asks you to look into the eID's own app or portal".to_owned())),
        580 => Err(Fault::Service("it is being maintained".to_owned())),
        status => Err(Fault::Service(format!("HTTP {status}"))),
    }
}

/// A text in an answer, by its JSON pointer.
pub fn text<'a>(answer: &'a Value, at: &str) -> Result<&'a str, Fault> {
    answer.pointer(at).and_then(Value::as_str).ok_or_else(|| Fault::Service(format!("its answer has no {at}")))
}

/// Base64 in an answer.
pub fn bytes(answer: &Value, at: &str) -> Result<Vec<u8>, Fault> {
    STANDARD.decode(text(answer, at)?).map_err(|_| Fault::Service(format!("{at} of its answer is no base64")))
}

/// A certificate in an answer.
pub fn certificate(answer: &Value, at: &str) -> Result<Certificate, Fault> {
    Certificate::from_der(&bytes(answer, at)?).map_err(|e| Fault::Service(format!("{at} of its answer: {e}")))
}
