//! A voter's program that is not ours (D05): it speaks specs/13 by hand, and sends what it is told to.

use crate::election::Election;
use anyhow::{Context as _, Result, ensure};
use ballot::ballot::BallotStyle;
use ballot::encode::{Record, parse_hash};
use ballot::{Context, Manifest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::http::{Reply, Web};
use board::{Entry, Log, Replay};
use envelope::Identity;
use envelope::login::sign_login;
use serde_json::{Value, json};
use std::sync::Arc;

/// Logged in.
#[derive(Debug)]
pub struct Client<'w> {
    web: &'w Web,
    session: String,
    /// Of the next ballot, by the collector's word.
    pub context: Context,
}

impl<'w> Client<'w> {
    /// Logs in with a key for authentication.
    pub fn log_in(web: &'w Web, manifest: &Manifest, login: &Identity) -> Result<Self> {
        let nonce = answer(&web.post("/v1/login/nonce", "application/json", None, b"")?)?;
        let nonce = nonce["nonce"].as_str().context("no nonce")?;
        let bytes = parse_hash(nonce).context("a nonce that is none")?;
        let signature = sign_login(login, &manifest.id(), &manifest.description().collector.key.0, &bytes)?;
        let chain = std::iter::once(login.certificate()).chain(login.intermediates());
        let certificates: Vec<String> = chain.map(|c| BASE64_STANDARD.encode(c.as_der())).collect();
        let body = json!({ "nonce": nonce, "certificates": certificates, "signature": BASE64_STANDARD.encode(signature) });
        let reply = answer(&web.post("/v1/login", "application/json", None, body.to_string().as_bytes())?)?;
        Ok(Self { web, session: reply["session"].as_str().context("no session")?.to_owned(), context: next_ballot(&reply)? })
    }

    /// Sends the parts of a cast one after the other: token and pad, ballot, container.
    pub fn cast(&self, parts: &[&[u8]]) -> Result<Reply> {
        Ok(self.web.post("/v1/cast", "application/octet-stream", Some(&self.session), &parts.concat())?)
    }

    /// How many ballots of this voter the collector has.
    pub fn ballots(&self) -> Result<usize> {
        Ok(answer(&self.web.get("/v1/mine", Some(&self.session))?)?["ballots"].as_array().context("no list")?.len())
    }
}

/// What the reply to a login says of the voter's next ballot.
pub fn next_ballot(login: &Value) -> Result<Context> {
    let hash = |name: &str| login[name].as_str().and_then(parse_hash).context("a hash is missing");
    let number = u32::try_from(login["number"].as_u64().context("no number")?)?;
    Ok(Context { voter: hash("pseudonym")?, number, previous: hash("previous")? })
}

fn answer(reply: &Reply) -> Result<Value> {
    ensure!(reply.status == 200, "{}: {}", reply.status, String::from_utf8_lossy(&reply.body));
    Ok(serde_json::from_slice(&reply.body)?)
}

/// How ballots are made, by the log of an election that is open.
pub fn styles(election: &Election) -> Result<Vec<BallotStyle>> {
    let board = Web::board(&election.board());
    let mut replay = Replay::new(Arc::new(election.manifest.clone()));
    for entry in &Log::load(&board, &election.manifest)?.entries {
        let blob = Entry::from_bytes(entry)?.blob();
        let blob = blob.map(|name| board::source::load_blob(&board, &name)).transpose()?;
        replay.apply(entry, blob.as_deref())?;
    }
    let keys = replay.ceremony().confirmed().context("no key")?;
    BallotStyle::all(&election.manifest, &keys.key).context("a key of another width")
}
