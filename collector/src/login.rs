//! Who is asking. Spec: 07-casting, LOGIN.

use crate::collector::{Collector, now, random};
use crate::intake::Token;
use crate::limits::MOST_NONCES;
use crate::refusal::Refusal;
use crate::store::{self, SessionRow};
use crate::writer::Job;
use ballot::Hash;
use ballot::encode::parse_hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::certificate::{MAX_PATH, verify_chain};
use envelope::login::{Added, Flow, Form, login_message, verify_login_as};
use envelope::{Certificate, EnvelopeError, Purpose};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a nonce may be answered.
const NONCE_TIME: Duration = Duration::from_secs(300);
/// How long a session lives.
const SESSION_SECONDS: u64 = 1800;

/// Nonces given out and not yet answered. They do not outlive the process.
#[derive(Debug, Default)]
pub struct Nonces(Mutex<HashMap<Hash, Instant>>);

impl Nonces {
    /// Gives out a nonce.
    pub fn give(&self) -> Result<Hash, Refusal> {
        let nonce = random()?;
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if given.len() >= MOST_NONCES {
            given.retain(|_, at| at.elapsed() < NONCE_TIME);
        }
        if given.len() >= MOST_NONCES {
            return Err(Refusal::wait("HTTP-6", 60, "too many logins at once"));
        }
        given.insert(nonce, Instant::now());
        Ok(nonce)
    }

    fn is_fresh(&self, nonce: &Hash) -> bool {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.get(nonce).is_some_and(|at| at.elapsed() < NONCE_TIME)
    }

    /// True for one caller only.
    fn take(&self, nonce: &Hash) -> bool {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.remove(nonce).is_some_and(|at| at.elapsed() < NONCE_TIME)
    }
}

/// The body of `POST /v1/login`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    nonce: String,
    certificates: Vec<String>,
    signature: String,
    #[serde(default)]
    web_eid: Option<WebEid>,
    #[serde(default)]
    smart_id: Option<SmartId>,
}

/// A login in the form of Web eID.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebEid {
    origin: String,
}

/// A login in the form of Smart-ID: what the phone has added.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmartId {
    server_random: String,
    user_challenge: String,
    interactions: String,
    interaction: String,
    #[serde(default)]
    flow: Option<String>,
}

/// The forms of login that the operator has set up beside the plain one (LOGIN-5).
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Forms {
    /// Origin of a page that logs in with Web eID, such as `https://vote.example` (repeat for each); without any, such logins are refused
    #[arg(long, value_name = "URL", env = "HAAL_WEB_EID_ORIGIN")]
    web_eid_origin: Vec<String>,
    /// Name of the relying party for Smart-ID; without it, such logins are refused
    #[arg(long, value_name = "NAME", env = "HAAL_SMART_ID_NAME")]
    smart_id_name: Option<String>,
    /// Smart-ID's scheme: `smart-id-demo` in SK's test environment
    #[arg(long, value_name = "SCHEME", default_value = "smart-id", env = "HAAL_SMART_ID_SCHEME")]
    smart_id_scheme: String,
}

impl Forms {
    /// LOGIN-5.
    fn of(&self, request: &LoginRequest) -> Result<Form, Refusal> {
        let refuse = |message| Err(Refusal::new(401, "LOGIN-5", message));
        match (&request.web_eid, &request.smart_id, &self.smart_id_name) {
            (None, None, _) => Ok(Form::Plain),
            (Some(WebEid { origin }), None, _) if self.web_eid_origin.contains(origin) => Ok(Form::WebEid { origin: origin.clone() }),
            (Some(_), None, _) => refuse("LOGIN-5: this collector takes no login with Web eID for that origin"),
            (None, Some(SmartId { server_random, user_challenge, interactions, interaction, flow }), Some(name)) => Ok(Form::SmartId {
                scheme: self.smart_id_scheme.clone(),
                name: name.clone(),
                added: Added {
                    server_random: server_random.clone(),
                    user_challenge: user_challenge.clone(),
                    interactions: interactions.clone(),
                    interaction: interaction.clone(),
                    flow: flow_named(flow.as_deref())?,
                },
            }),
            (None, Some(_), None) => refuse("LOGIN-5: this collector takes no login with Smart-ID"),
            (Some(_), Some(_), _) => refuse("LOGIN-5: a login has one form"),
        }
    }
}

/// ENV-18.
fn flow_named(name: Option<&str>) -> Result<Flow, Refusal> {
    let flow = name.map_or(Some(Flow::default()), Flow::named);
    flow.ok_or_else(|| Refusal::new(401, "LOGIN-3", format!("LOGIN-3: {}", EnvelopeError::LoginForm)))
}

/// What a voter's program needs to make a ballot.
#[derive(Serialize)]
pub struct LoginReply {
    session: String,
    person_code: String,
    blinding: String,
    pseudonym: String,
    district: u16,
    line: u64,
    lines: u64,
    path: Vec<String>,
    roll: u64,
    number: u64,
    previous: String,
}

/// LOGIN-1 to LOGIN-5.
pub fn login(collector: &Collector, request: &LoginRequest) -> Result<LoginReply, Refusal> {
    let refuse = |rule, message| Refusal::new(401, rule, message);
    let nonce = parse_hash(&request.nonce).filter(|nonce| collector.nonces.is_fresh(nonce));
    let nonce = nonce.ok_or_else(|| refuse("LOGIN-1", "LOGIN-1: this nonce was not given out, or is used or too old"))?;

    let refused = |e: EnvelopeError| Refusal::new(401, "LOGIN-2", format!("LOGIN-2: {e}"));
    let chain = read_chain(&request.certificates).map_err(refused)?;
    let (leaf, above) = chain.split_first().ok_or_else(|| refused(EnvelopeError::CertificateCount))?;
    verify_chain(leaf, above, &collector.evidence.anchors, now(), Purpose::Login).map_err(refused)?;
    let person_code = leaf.person_code().map_err(refused)?;

    let election = collector.manifest.id();
    let key = collector.key.verifying_key().to_bytes();
    let signature = STANDARD.decode(&request.signature).unwrap_or_default();
    let form = collector.forms.of(request)?;
    verify_login_as(&form, leaf, &login_message(&election, &key, &nonce), &signature)
        .map_err(|e| Refusal::new(401, "LOGIN-3", format!("LOGIN-3: {e}")))?;

    let unknown = || refuse("LOGIN-4", "LOGIN-4: this person is not on the roll");
    let voter = collector.read("LOGIN-4", |db| store::voter_by_code(db, person_code))?.ok_or_else(unknown)?;
    let roll = collector.state().roll.clone().ok_or_else(unknown)?;
    let (at, line) = roll.roll.find(&voter.pseudonym).ok_or_else(unknown)?;
    let (line_at, lines) = (at as u64, roll.tree.len());
    let path = roll.tree.inclusion(line_at, lines).ok_or_else(unknown)?;
    let (number, previous) = collector.read("LOGIN-4", |db| store::last_ballot(db, &voter.pseudonym))?;

    let token = Token::new()?;
    if !collector.nonces.take(&nonce) {
        return Err(refuse("LOGIN-1", "LOGIN-1: this nonce was not given out, or is used or too old"));
    }
    // Whether it began before last-login is for the writer to say.
    let session = SessionRow { voter: voter.pseudonym, ends: now() + SESSION_SECONDS, early: false };
    collector.write("LOGIN-4", |reply| Job::Session { token: token.hash(), session, reply })?;
    Ok(LoginReply {
        session: token.reveal(),
        person_code: voter.person_code,
        blinding: hex::encode(voter.blinding),
        pseudonym: hex::encode(voter.pseudonym),
        district: line.district,
        line: line_at,
        lines,
        path: path.iter().map(hex::encode).collect(),
        roll: roll.entry,
        number: u64::from(number) + 1,
        previous: hex::encode(previous),
    })
}

/// The leaf and at most three above it.
fn read_chain(certificates: &[String]) -> Result<Vec<Certificate>, EnvelopeError> {
    if !(1..=MAX_PATH).contains(&certificates.len()) {
        return Err(EnvelopeError::CertificateCount);
    }
    let read = |text: &String| Certificate::from_der(&STANDARD.decode(text).map_err(|_| EnvelopeError::CertificateMalformed)?);
    certificates.iter().map(read).collect()
}
