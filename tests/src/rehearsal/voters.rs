//! Everybody votes: a P-384 eID for each, a login, a ballot made and signed, and its cast with a promise that is checked.
//!
//! All of it takes the way of a real voter through the collector's HTTP: nonce, login, cast, with every check of 07-casting. Voters come in
//! groups, so that memory stays bounded however many there are. What lies between a login and its cast is one group's work.

use super::lists::Sample;
use super::meter::Meter;
use crate::election::Election;
use crate::load::client::{Answer, Target};
use crate::load::run::{Outcome, Pressure, log_all_in, log_in, press, session};
use crate::load::town::{Prepared, signed_ballot};
use crate::own_client::{next_ballot, styles};
use crate::pki::{P384, Person};
use anyhow::{Context, Result, ensure};
use ballot::ballot::BallotStyle;
use ballot::encode::Record;
use ballot::{Hash, Manifest, Selection};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use board::promise::Promise;
use envelope::Identity;
use rayon::prelude::*;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How voters come.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Crowd {
    pub connections: usize,
    /// How many in a group.
    pub group: usize,
}

/// A ballot that is ready, with its hash.
struct Ready {
    session: String,
    body: Vec<u8>,
    ballot: Hash,
}

/// Casts the whole sample; voter `n` of the roll casts vote `n`. Gives how often each refusal was heard; whoever was refused came again.
pub fn vote(election: &Election, sample: &Sample, crowd: Crowd, meter: &mut Meter) -> Result<Outcome> {
    let (styles, places) = (styles(election)?, sample.places(&election.manifest)?);
    let target = Target::plain(election.url().strip_prefix("http://").context("an odd URL")?.parse()?);
    let how = Pressure { connections: crowd.connections, rate: None };
    let mut progress = Progress::new(sample.votes.len());
    let (mut from, mut all) = (0, Outcome::default());
    for votes in sample.votes.chunks(crowd.group) {
        let voters = meter.stage("make eIDs", || {
            let people = (from..from + votes.len()).into_par_iter().map(|n| Person::numbered(n as u32));
            let eids = people.map(|person| Ok(Prepared::of(&election.pki().voter(&person, P384)?)));
            eids.collect::<Result<Vec<Prepared>>>()
        })?;
        let (logins, replies) = meter.stage("log in", || log_all_in(&target, how, &election.manifest, &voters))?;
        let ready = meter.stage("make ballots", || {
            let one = |((vote, voter), reply): ((&super::lists::Vote, &Prepared), &Value)| {
                let (district, candidates) = &places[vote.district];
                make(&styles[*district], Selection(vec![candidates[vote.candidate]]), voter, reply)
            };
            votes.par_iter().zip(&voters).zip(&replies).map(one).collect::<Result<Vec<Ready>>>()
        })?;
        let cast = meter.stage("cast", || {
            let cast = press(&target, how, &ready, |client, at, ready| {
                let mut answer = client.call("POST", "/v1/cast", Some(&ready.session), &ready.body)?;
                if answer.status == 401 {
                    // The session is over: the machine was busy with other things, or stopped, for half an hour.
                    let (key, chain) = &voters[at].login;
                    let again = log_in(client, &election.manifest, &Identity::from_pem(key, chain)?)?.ok()?;
                    answer = client.call("POST", "/v1/cast", Some(session(&again)), &ready.body)?;
                }
                if answer.status == 200 {
                    check_promise(&answer, &election.manifest, &ready.ballot)?;
                }
                Ok(answer)
            });
            ensure!(cast.failed == 0, "{} ballots were not taken: {:?}", cast.failed, cast.refused);
            Ok(cast)
        })?;
        from += votes.len();
        progress.tell(from);
        all.add(logins);
        all.add(cast);
    }
    Ok(all)
}

fn make(style: &BallotStyle, selection: Selection, voter: &Prepared, login: &Value) -> Result<Ready> {
    let signer = Identity::from_pem(&voter.sign.0, &voter.sign.1)?;
    let context = next_ballot(login)?;
    ensure!(context.number == 1, "somebody has voted for this voter");
    let (body, ballot) = signed_ballot(style, &context, &selection, &signer)?;
    Ok(Ready { session: session(login).to_owned(), body, ballot })
}

/// The collector has promised this ballot, in this election.
fn check_promise(answer: &Answer, manifest: &Manifest, ballot: &Hash) -> Result<()> {
    let promise = BASE64_STANDARD.decode(answer.json()["promise"].as_str().context("no promise")?)?;
    let promise = Promise::from_bytes(&promise)?;
    promise.verify(&manifest.description().collector.key.0)?;
    ensure!(promise.election == manifest.id() && promise.ballot == *ballot, "a promise of another ballot");
    Ok(())
}

/// Says every ten seconds how far it is.
struct Progress {
    of: usize,
    begun: Instant,
    told: Instant,
}

impl Progress {
    fn new(of: usize) -> Self {
        Self { of, begun: Instant::now(), told: Instant::now() }
    }

    fn tell(&mut self, done: usize) {
        if self.told.elapsed() < Duration::from_secs(10) && done < self.of {
            return;
        }
        self.told = Instant::now();
        let each = self.begun.elapsed().as_secs_f64() / done.max(1) as f64;
        let left = each * (self.of - done) as f64;
        println!(
            "    {done} of {} have voted, {:.0} a second, {:.0} min {:.0} s left",
            self.of,
            1.0 / each,
            (left / 60.0).floor(),
            left % 60.0
        );
    }
}
