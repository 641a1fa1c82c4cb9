//! A voter who never gives up, and keeps what the collector has promised.

use crate::election::now;
use crate::load::client::{Answer, Client};
use crate::load::run::log_in;
use anyhow::{Context as _, Result};
use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::{Record, hash, parse_hash};
use ballot::{Context, Hash, Manifest, Selection};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::promise::Promise;
use envelope::{Identity, cades};
use std::time::Duration;

/// A ballot and the promise for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Acknowledged {
    pub ballot: Hash,
    pub promise: Vec<u8>,
}

/// What is under way: sent perhaps, and not acknowledged.
struct UnderWay {
    ballot: Hash,
    body: Vec<u8>,
}

/// Somebody with an eID, and all that he knows.
pub struct Voter {
    login: Identity,
    sign: Identity,
    session: Option<String>,
    next: Option<Context>,
    under_way: Option<UnderWay>,
    /// Everything that was promised.
    pub acknowledged: Vec<Acknowledged>,
    /// What must never be: the words for the test.
    pub violations: Vec<String>,
    /// Ballots of which the voter learned at a login that they were stored.
    pub learned: usize,
}

/// The election as its voters know it.
pub struct Rules {
    /// Its manifest.
    pub manifest: Manifest,
    /// How a ballot is made.
    pub style: BallotStyle,
    /// What a voter chooses.
    pub choice: Selection,
}

impl Voter {
    /// Nobody knows him yet.
    pub fn new(login: Identity, sign: Identity) -> Self {
        let (session, next, under_way, acknowledged, violations) = (None, None, None, Vec::new(), Vec::new());
        Self { login, sign, session, next, under_way, acknowledged, violations, learned: 0 }
    }

    /// True if something was sent of which he does not know the outcome.
    pub fn is_waiting(&self) -> bool {
        self.under_way.is_some()
    }

    /// Does the next thing: logs in, or casts what is under way or a new ballot. An error is a collector that does not answer.
    pub fn step(&mut self, client: &mut Client, rules: &Rules) -> Result<()> {
        let Some(session) = self.session.clone() else { return self.log_in(client, rules) };
        let body = self.request(rules)?;
        let answer = client.call("POST", "/v1/cast", Some(&session), &body)?;
        self.answered(&answer, rules)?;
        // Now and then he asks again: the same promise (CAST-3).
        if answer.status == 200 && self.acknowledged.len().is_multiple_of(5) {
            let again = client.call("POST", "/v1/cast", Some(&session), &body)?;
            if again.status == 200 && promise(&again)? != promise(&answer)? {
                self.violations.push("the same ballot got another promise".into());
            }
        }
        Ok(())
    }

    /// He lost the line; every second time he logs in anew, and hears what is stored of him.
    pub fn hang_up(&mut self) {
        self.session = self.session.take().filter(|_| self.acknowledged.len().is_multiple_of(2));
    }

    /// The session; empty without one.
    pub fn session(&self) -> &str {
        self.session.as_deref().unwrap_or_default()
    }

    fn log_in(&mut self, client: &mut Client, rules: &Rules) -> Result<()> {
        let answer = log_in(client, &rules.manifest, &self.login)?;
        if [429, 503].contains(&answer.status) {
            std::thread::sleep(Duration::from_millis(100));
            return Ok(());
        }
        if answer.status != 200 {
            self.violations.push(format!("no login: {} {}", answer.status, answer.rule()));
            return Ok(());
        }
        let reply = answer.json();
        let hash = |name: &str| reply[name].as_str().and_then(parse_hash).context("a hash is missing");
        let number = u32::try_from(reply["number"].as_u64().context("no number")?)?;
        let told = Context { voter: hash("pseudonym")?, number, previous: hash("previous")? };
        // What he knows of, or what is under way and was stored: that is how he learns of it.
        if let Some(known) = &self.next
            && *known != told
        {
            let learned = self.under_way.as_ref().is_some_and(|u| told.number == known.number + 1 && told.previous == u.ballot);
            if learned {
                self.learned += 1; // he asks for its promise by sending it again
            } else {
                self.violations.push(format!("the collector says number {}, the voter knows of {}", told.number, known.number));
            }
        } else {
            self.next = Some(told);
        }
        self.session = Some(reply["session"].as_str().context("no session")?.to_owned());
        Ok(())
    }

    /// The body to be sent next.
    pub fn request(&mut self, rules: &Rules) -> Result<Vec<u8>> {
        if self.under_way.is_none() {
            let context = self.next.context("not logged in")?;
            let seed = |what: &str| hash("faults", &[what.as_bytes(), &context.voter, &context.number.to_be_bytes()]);
            let ballot = rules.style.encrypt(&context, std::slice::from_ref(&rules.choice), &Seed(seed("seed")))?;
            let container = cades::sign(ballot.bytes(), &self.sign, now())?;
            let body = [&seed("token"), &seed("pad"), ballot.bytes(), &container].concat();
            self.under_way = Some(UnderWay { ballot: ballot.hash(), body });
        }
        Ok(self.under_way.as_ref().map(|u| u.body.clone()).unwrap_or_default())
    }

    fn answered(&mut self, answer: &Answer, rules: &Rules) -> Result<()> {
        match (answer.status, answer.rule().as_str()) {
            (200, _) => {
                let under_way = self.under_way.take().context("nothing was sent")?;
                let promise = promise(answer)?;
                let read = Promise::from_bytes(&promise)?;
                if read.ballot != under_way.ballot || read.verify(&rules.manifest.description().collector.key.0).is_err() {
                    self.violations.push("a promise for another ballot, or signed by nobody".into());
                }
                let next = self.next.as_mut().context("not logged in")?;
                (next.number, next.previous) = (next.number + 1, under_way.ballot);
                self.acknowledged.push(Acknowledged { ballot: under_way.ballot, promise });
            }
            (429 | 503, _) => std::thread::sleep(Duration::from_millis(100)),
            (401, "CAST-2") => self.session = None,
            (409, "CAST-2") => std::thread::sleep(Duration::from_millis(100)), // the clock stands before the opening
            (status, rule) => self.violations.push(format!("refused: {status} {rule}")),
        }
        Ok(())
    }
}

fn promise(answer: &Answer) -> Result<Vec<u8>> {
    Ok(BASE64_STANDARD.decode(answer.json()["promise"].as_str().context("no promise")?)?)
}
