//! A voter with an eID.

use super::client::Reply;
use super::election::Election;
use super::now;
use super::pki::{Credential, P256, Person, Use};
use super::server::Server;
use ballot::Hash;
use ballot::ballot::{Ballot, BallotStyle, Context, OpenedBallot, Seed};
use ballot::encode::{parse_hash, sha256};
use ballot::shape::Selection;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::login::sign_login;
use envelope::{Certificate, Identity, cades};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Voter<'e> {
    pub election: &'e Election,
    pub login: Credential,
    pub sign: Credential,
}

/// What a login gave.
#[derive(Clone, Debug)]
pub struct Session {
    pub token: String,
    pub district: usize,
    pub pseudonym: Hash,
    pub number: u32,
    pub previous: Hash,
    pub reply: Value,
}

pub fn identity(credential: &Credential) -> Identity {
    Identity::from_pem(&credential.key_pem, &credential.chain_pem).unwrap()
}

/// The chain of a credential as a login sends it.
pub fn chain(credential: &Credential) -> Vec<String> {
    Certificate::list_from_pem(&credential.chain_pem).unwrap().iter().map(|c| STANDARD.encode(c.as_der())).collect()
}

/// A seed that is never used twice.
pub fn fresh_seed() -> Seed {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Seed(sha256(format!("{}", COUNT.fetch_add(1, Ordering::SeqCst)).as_bytes()))
}

/// Bytes before the ballot: token and pad for the second device.
pub const SECOND_DEVICE: usize = 64;

/// The body of a cast, with a token and a pad of its own.
pub fn handed_in(ballot: &[u8], container: &[u8]) -> Vec<u8> {
    [&fresh_seed().0[..], &fresh_seed().0, ballot, container].concat()
}

impl<'e> Voter<'e> {
    pub fn new(election: &'e Election, code: &str) -> Self {
        let eid = &election.eids[code];
        Self { election, login: eid.login.clone(), sign: eid.sign.clone() }
    }

    /// Somebody with an eID who is not on the roll.
    pub fn stranger(election: &'e Election) -> Self {
        let person = Person::numbered(999);
        let issue = |usage| election.pki.issuing.issue(&election.pki.params(&person, usage), P256).unwrap();
        Self { election, login: issue(Use::Login), sign: issue(Use::Sign) }
    }

    pub fn nonce(server: &Server) -> String {
        server.client.post("/v1/login/nonce", None, b"").ok()["nonce"].as_str().unwrap().to_owned()
    }

    /// The body of a login over this nonce.
    pub fn login_body(&self, nonce: &str) -> Value {
        let key = self.election.manifest.description().collector.key.0;
        let signature = sign_login(&identity(&self.login), &self.election.id(), &key, &parse_hash(nonce).unwrap()).unwrap();
        json!({ "nonce": nonce, "certificates": chain(&self.login), "signature": STANDARD.encode(signature) })
    }

    pub fn try_login(&self, server: &Server) -> Reply {
        let body = self.login_body(&Self::nonce(server));
        server.client.post("/v1/login", None, body.to_string().as_bytes())
    }

    pub fn login(&self, server: &Server) -> Session {
        Session::of(&self.try_login(server).ok())
    }

    pub fn style(&self) -> impl Fn(usize) -> BallotStyle + use<> {
        let replay = self.election.replay();
        let styles = BallotStyle::all(&self.election.manifest, &replay.ceremony().confirmed().unwrap().key).unwrap();
        move |district| styles[district].clone()
    }

    pub fn selections(district: usize) -> Vec<Selection> {
        let mayor = Selection(vec![0, 1, 0, 0]);
        if district == 0 { vec![mayor, Selection(vec![1, 0, 1])] } else { vec![mayor] }
    }

    pub fn ballot_in(&self, context: Context, district: usize) -> Ballot {
        self.style()(district).encrypt(&context, &Self::selections(district), &fresh_seed()).unwrap()
    }

    /// The voter's next ballot.
    pub fn ballot(&self, session: &Session) -> Ballot {
        self.ballot_in(session.context(), session.district)
    }

    pub fn container(&self, ballot: &[u8]) -> Vec<u8> {
        cades::sign(ballot, &identity(&self.sign), now()).unwrap()
    }

    /// The body of a cast.
    pub fn body(&self, ballot: &Ballot) -> Vec<u8> {
        handed_in(ballot.bytes(), &self.container(ballot.bytes()))
    }

    /// Opens the voter's next ballot.
    pub fn opened(&self, session: &Session) -> OpenedBallot {
        let (seed, selections) = (fresh_seed(), Self::selections(session.district));
        let ballot = self.style()(session.district).encrypt(&session.context(), &selections, &seed).unwrap();
        OpenedBallot { ballot, seed, selections }
    }

    /// Casts a next ballot, which must be taken; moves the session on.
    pub fn cast(&self, server: &Server, session: &mut Session) -> (Ballot, Value) {
        let ballot = self.ballot(session);
        let reply = server.client.post("/v1/cast", Some(&session.token), &self.body(&ballot)).ok();
        session.after(&ballot);
        (ballot, reply)
    }
}

impl Session {
    /// Reads the reply to a login.
    pub fn of(reply: &Value) -> Self {
        let hex = |name: &str| parse_hash(reply[name].as_str().unwrap()).unwrap();
        Self {
            token: reply["session"].as_str().unwrap().to_owned(),
            district: reply["district"].as_u64().unwrap() as usize,
            pseudonym: hex("pseudonym"),
            number: reply["number"].as_u64().unwrap() as u32,
            previous: hex("previous"),
            reply: reply.clone(),
        }
    }

    pub fn context(&self) -> Context {
        Context { voter: self.pseudonym, number: self.number, previous: self.previous }
    }

    pub fn after(&mut self, ballot: &Ballot) {
        self.number += 1;
        self.previous = ballot.hash();
    }
}
