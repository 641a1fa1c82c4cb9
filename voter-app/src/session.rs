//! A logged-in voter, checked against the roll that the committee signed. Spec: 07-casting, LOGIN and ROLL-2 (VOTER-2).

use crate::client::{CastReply, Collector, LoginReply, patiently};
use crate::eid::Eid;
use crate::election::{Election, SignedRoll};
use crate::failure::{Failure, Kind};
use crate::memory::{Memory, entropy};
use ballot::Hash;
use ballot::ballot::{BallotStyle, Context, Seed};
use ballot::shape::Selection;
use ballot::voter::{MarkedBallot, PendingBallot};
use board::roll::{RollLine, pseudonym};
use board::tree;

/// A session at the collector, and where its voter stands.
pub struct Session<'a> {
    election: &'a Election,
    collector: &'a Collector,
    eid: &'a dyn Eid,
    token: String,
    /// The pseudonym under which ballots stand on the board.
    pub voter: Hash,
    /// Position of the district.
    pub district: usize,
    /// Running number of the next ballot.
    pub number: u32,
    /// Hash of the ballot before it; zeros for the first.
    pub previous: Hash,
}

impl<'a> Session<'a> {
    /// Logs in; a cut line is tried again with a fresh nonce.
    pub fn begin(election: &'a Election, collector: &'a Collector, eid: &'a dyn Eid) -> Result<Self, Failure> {
        let reply = log_in(election, collector, eid)?;
        check_line(election, &election.roll_at(collector, reply.roll)?, eid.person_code(), &reply)?;
        Ok(Self {
            election,
            collector,
            eid,
            token: reply.session,
            voter: reply.pseudonym.0,
            district: reply.district.into(),
            number: reply.number,
            previous: reply.previous.0,
        })
    }

    /// How ballots of the voter's district are made.
    pub fn style(&self) -> Result<&'a BallotStyle, Failure> {
        self.election.styles.get(self.district).ok_or_else(|| Failure::new("VOTER-2: the roll names an unknown district"))
    }

    /// Encrypts. The seed hashes fresh entropy with the installation's secret and the context (BAL-7).
    pub fn encrypt(&self, selections: Vec<Selection>, memory: &Memory) -> Result<PendingBallot, Failure> {
        entropy()?; // refuses a generator that does not work
        let context = Context { voter: self.voter, number: self.number, previous: self.previous };
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let seed = Seed::new(&mut rng, memory.secret(), &self.election.id(), &context);
        MarkedBallot::new(context, selections).encrypt(self.style()?, seed).map_err(|(_, error)| {
            Failure::new(error).next("Look at the rules of the contests with `voter-app contests`. Nothing was sent.")
        })
    }

    /// The collector of this session.
    pub fn collector(&self) -> &'a Collector {
        self.collector
    }

    /// Signs a ballot with the eID.
    pub fn sign(&self, ballot: &[u8]) -> Result<Vec<u8>, Failure> {
        self.eid.sign(ballot, (self.election.profile(), self.election.clock.now()))
    }

    /// Hands in token and pad, ballot and container.
    pub fn cast(&mut self, body: &[u8]) -> Result<CastReply, Failure> {
        self.with_login(|collector, token| collector.cast(token, body))
    }

    /// Hands in an opened ballot.
    pub fn challenge(&mut self, opened: &[u8]) -> Result<CastReply, Failure> {
        self.with_login(|collector, token| collector.challenge(token, opened))
    }

    /// The voter's ballots, by the collector's word.
    pub fn mine(&mut self) -> Result<Vec<crate::client::MineItem>, Failure> {
        self.with_login(|collector, token| collector.mine(token))
    }

    /// A ballot was accepted: the next one follows it.
    pub fn advance(&mut self, ballot: Hash) {
        self.number = self.number.saturating_add(1);
        self.previous = ballot;
    }

    /// Logs in once more if the session has ended meanwhile.
    fn with_login<T>(&mut self, call: impl Fn(&Collector, &str) -> Result<T, Failure>) -> Result<T, Failure> {
        match call(self.collector, &self.token) {
            Err(failure) if failure.kind == Kind::Session => {
                let reply = log_in(self.election, self.collector, self.eid)?;
                check_line(self.election, &self.election.roll_at(self.collector, reply.roll)?, self.eid.person_code(), &reply)?;
                self.token = reply.session;
                call(self.collector, &self.token)
            }
            other => other,
        }
    }
}

fn log_in(election: &Election, collector: &Collector, eid: &dyn Eid) -> Result<LoginReply, Failure> {
    patiently(|| {
        let nonce = collector.nonce()?;
        let answer = eid.login(&election.id(), election.collector_key(), &nonce)?;
        collector.login(&nonce, &answer)
    })
}

/// VOTER-2: the opening gives the pseudonym, and the line is in the tree whose root the committee signed.
pub fn check_line(election: &Election, roll: &SignedRoll, person_code: &str, reply: &LoginReply) -> Result<(), Failure> {
    let refuse = |what: &str| {
        Err(Failure::new(format!("VOTER-2: {what}"))
            .next("Do not vote over this server; tell the election committee, or vote on paper. No ballot was handed in."))
    };
    if reply.person_code != person_code {
        return refuse("the collector takes you for another person");
    }
    if pseudonym(&election.id(), &reply.blinding.0, person_code) != reply.pseudonym.0 {
        return refuse("the pseudonym is not made from your person code");
    }
    let line = RollLine { pseudonym: reply.pseudonym.0, district: reply.district };
    let path: Vec<Hash> = reply.path.iter().map(|h| h.0).collect();
    let leaf = tree::leaf_hash(&line.to_bytes());
    let listed = tree::verify_inclusion(&leaf, reply.line, reply.lines, &path, &roll.root);
    if reply.roll != roll.entry || roll.lines.is_some_and(|lines| lines != reply.lines) || listed.is_err() {
        return refuse("your line is not on the roll that the committee signed, or not with this district");
    }
    if reply.number < 1 || (reply.number == 1) != (reply.previous.0 == [0; 32]) {
        return refuse("the running number and the ballot before do not fit");
    }
    Ok(())
}
