//! The collector's HTTP as the voter sees it. Spec: 13-http.

use crate::clock::Clock;
use crate::eid::LoginAnswer;
use crate::failure::{Failure, Kind};
use ballot::Hash;
use ballot::manifest::Hex32;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::Source;
use board::http::{Reply, Web};
use envelope::login::{Added, Form};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const BYTES: &str = "application/octet-stream";
const JSON: &str = "application/json";
/// How often a request is made before giving up; about half a minute in all.
const TRIES: u32 = 9;

/// One collector over kept-alive connections. A clone shares them; [`Collector::another`] opens its own.
#[derive(Clone, Debug)]
pub struct Collector {
    url: String,
    web: Web,
}

/// Where the election stands, by the collector's word.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // the table in 13-http
pub struct Status {
    pub phase: String,
    pub suspended: bool,
    pub time: u64,
}

impl Status {
    /// In words.
    pub fn words(&self) -> String {
        match (self.phase.as_str(), self.suspended) {
            ("voting" | "last", true) => "voting is suspended".to_owned(),
            ("voting", false) => "voting is open".to_owned(),
            ("last", false) => "voting is about to end; nobody can log in any more".to_owned(),
            ("setup", _) => "voting has not begun".to_owned(),
            ("closed" | "sealed" | "done", _) => "voting is closed".to_owned(),
            (other, _) => format!("phase {other}"),
        }
    }

    /// True if a ballot may be taken.
    pub fn takes_ballots(&self) -> bool {
        matches!(self.phase.as_str(), "voting" | "last") && !self.suspended
    }
}

/// Session, opening, roll line with its audit path, and the place of the next ballot.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct LoginReply {
    pub session: String,
    pub person_code: String,
    pub blinding: Hex32,
    pub pseudonym: Hex32,
    pub district: u16,
    pub line: u64,
    pub lines: u64,
    pub path: Vec<Hex32>,
    pub roll: u64,
    pub number: u32,
    pub previous: Hex32,
}

/// What the collector answers to a ballot: its promise, and the salt of the envelope hash (none for a challenged ballot).
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct CastReply {
    pub promise: String,
    pub salt: Option<Hex32>,
}

/// One of the voter's ballots, by the collector's word.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct MineItem {
    pub hash: Hex32,
    pub number: u32,
    pub index: Option<u64>,
}

/// Where a ballot stands in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReceiptReply {
    pub index: u64,
    pub size: u64,
    pub path: Vec<Hex32>,
    pub checkpoint: String,
}

/// Repeats what failed for a passing reason, waiting longer each time.
pub fn patiently<T>(mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    static SAID: AtomicBool = AtomicBool::new(false);
    let mut wait = Duration::from_millis(100);
    for tried in 1..TRIES {
        match attempt() {
            Err(failure) if failure.kind == Kind::Passing => sleep(wait),
            other => return other,
        }
        if tried == 3 && !SAID.swap(true, Ordering::Relaxed) {
            eprintln!("The collector does not answer; trying again …");
        }
        wait = (wait * 2).min(Duration::from_secs(8));
    }
    attempt()
}

fn read<T: DeserializeOwned>(reply: Reply) -> Result<T, Failure> {
    let reply = reply.accepted()?;
    serde_json::from_slice(&reply.body).map_err(|e| {
        Failure::new(format!("The collector's answer cannot be understood: {e}")).next("Check the address of the collector and try again.")
    })
}

impl Collector {
    /// A collector by its base URL.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), web: Web::board(url) }
    }

    /// The same collector over connections of its own.
    pub fn another(&self) -> Self {
        Self::new(&self.url)
    }

    fn get<T: DeserializeOwned>(&self, path: &str, session: Option<&str>) -> Result<T, Failure> {
        patiently(|| read(self.web.get(path, session)?))
    }

    /// Phase and time.
    pub fn status(&self) -> Result<(Status, Clock), Failure> {
        patiently(|| {
            let asked = Instant::now();
            let status: Status = read(self.web.get("/v1/status", None)?)?;
            let clock = Clock::new(status.time, asked);
            Ok((status, clock))
        })
    }

    /// A nonce for one login. Not repeated here: [`crate::session`] repeats the whole login.
    pub fn nonce(&self) -> Result<Hash, Failure> {
        #[derive(Deserialize)]
        struct Nonce {
            nonce: Hex32,
        }
        let reply: Nonce = read(self.web.post("/v1/login/nonce", JSON, None, b"{}")?)?;
        Ok(reply.nonce.0)
    }

    /// Answers a nonce. A nonce works once, so this is not repeated here either.
    pub fn login(&self, nonce: &Hash, answer: &LoginAnswer) -> Result<LoginReply, Failure> {
        let certificates: Vec<String> = answer.certificates.iter().map(|c| STANDARD.encode(c)).collect();
        let mut body = serde_json::Map::new();
        body.insert("nonce".to_owned(), hex::encode(nonce).into());
        body.insert("certificates".to_owned(), certificates.into());
        body.insert("signature".to_owned(), STANDARD.encode(&answer.signature).into());
        match &answer.form {
            Form::Plain => {}
            Form::WebEid { origin } => drop(body.insert("web_eid".to_owned(), serde_json::json!({ "origin": origin }))),
            Form::SmartId { added: Added { server_random, user_challenge, interactions, interaction, flow }, .. } => {
                let added = serde_json::json!({
                    "server_random": server_random, "user_challenge": user_challenge,
                    "interactions": interactions, "interaction": interaction, "flow": flow.name(),
                });
                body.insert("smart_id".to_owned(), added);
            }
        }
        read(self.web.post("/v1/login", JSON, None, serde_json::Value::Object(body).to_string().as_bytes())?)
    }

    /// Hands in ballot and container. Repeated with the same bytes: the collector answers with the same promise (CAST-3).
    pub fn cast(&self, session: &str, body: &[u8]) -> Result<CastReply, Failure> {
        patiently(|| read(self.web.post("/v1/cast", BYTES, Some(session), body)?))
    }

    /// Hands in an opened ballot.
    pub fn challenge(&self, session: &str, opened: &[u8]) -> Result<CastReply, Failure> {
        patiently(|| read(self.web.post("/v1/challenge", BYTES, Some(session), opened)?))
    }

    /// The voter's ballots, by the collector's word.
    pub fn mine(&self, session: &str) -> Result<Vec<MineItem>, Failure> {
        #[derive(Deserialize)]
        struct Mine {
            ballots: Vec<MineItem>,
        }
        Ok(self.get::<Mine>("/v1/mine", Some(session))?.ballots)
    }

    /// The receipt of a ballot, or nothing while it is not published.
    pub fn receipt(&self, ballot: &Hash) -> Result<Option<ReceiptReply>, Failure> {
        patiently(|| {
            let reply = self.web.get(&format!("/v1/receipt/{}", hex::encode(ballot)), None)?;
            if reply.status == 202 { Ok(None) } else { read(reply).map(Some) }
        })
    }
}

impl Source for Collector {
    /// A file of the board; a cut line is tried again.
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        let mut wait = Duration::from_millis(100);
        for _ in 1..TRIES {
            match self.web.read(path) {
                Err(_) => sleep(wait),
                found => return found,
            }
            wait = (wait * 2).min(Duration::from_secs(8));
        }
        self.web.read(path)
    }
}
