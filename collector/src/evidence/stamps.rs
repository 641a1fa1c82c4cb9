//! Time stamps for ballots that are stored. Spec: 07c-evidence, TSP-10, TSP-11.
//!
//! A stamp is asked for after the ballot is durable, so the party's register never holds a ballot that the box does not.

use super::{agent, ask};
use crate::collector::{Collector, now};
use crate::refusal::Refusal;
use crate::store::{self, Unstamped};
use crate::writer::Job;
use anyhow::{Context, Result};
use ballot::manifest::StampPolicy;
use ballot::signature::{self, Purpose};
use envelope::{Certificate, ObjectIdentifier, tsp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use ureq::Agent;

/// How often it is looked for ballots without a stamp, and how long it rests after a failure.
const LOOK: Duration = Duration::from_millis(200);
const REST: Duration = Duration::from_secs(1);
/// How many are asked for at once.
const AT_ONCE: usize = 4;
/// How many are looked up at a time.
const GROUP: usize = 64;
/// With more ballots waiting, no new one is taken.
const MOST_WAITING: u64 = 10_000;

/// The time-stamping party, and what the manifest asks of it.
pub struct Stamps {
    policy: StampPolicy,
    anchors: Vec<Certificate>,
    policies: Vec<ObjectIdentifier>,
    url: Option<String>,
    agent: Agent,
}

impl Stamps {
    pub fn new(policy: StampPolicy, anchors: Vec<Certificate>, policies: Vec<ObjectIdentifier>, url: Option<String>) -> Self {
        Self { policy, anchors, policies, url, agent: agent() }
    }

    /// TSP-11: no new ballot while stored ones wait too long.
    pub fn require_room(&self, collector: &Collector, now: u64) -> Result<(), Refusal> {
        let (waiting, oldest) = collector.read("TSP-11", store::waiting_for_stamps)?;
        if waiting > MOST_WAITING || oldest.is_some_and(|accepted| now.saturating_sub(accepted) > self.policy.seconds / 2) {
            let words = "TSP-11: the time-stamping party does not answer; nothing was stored; please send it again";
            return Err(Refusal::new(503, "TSP-11", words));
        }
        Ok(())
    }

    /// Asks for one stamp, and gives the answer as received if it is right.
    fn ask(&self, collector: &Collector, ballot: &Unstamped) -> Result<Vec<u8>> {
        let nonce = signature::sign(&collector.key, Purpose::Stamp, &collector.manifest.id(), &ballot.imprint);
        let question = tsp::request(&ballot.imprint, &nonce).context("no request")?;
        let answer = ask(&self.agent, self.url.as_deref().context("no URL")?, "application/timestamp-query", &question)?;
        let stamp = tsp::verify(&answer, &self.anchors)?;
        stamp.require(&ballot.imprint, &nonce, &self.policies, ballot.accepted, self.policy.clock)?;
        let late = stamp.time.saturating_sub(ballot.accepted.saturating_add(self.policy.seconds).saturating_add(self.policy.clock));
        if late > 0 {
            tracing::warn!("TSP-6: a time stamp is {late} seconds late");
        }
        Ok(answer)
    }
}

/// The thread that gets time stamps. It ends with this value.
pub struct Stamper {
    thread: Option<JoinHandle<()>>,
    end: Arc<AtomicBool>,
}

impl Stamper {
    /// Starts it, if the manifest asks for time stamps.
    pub fn start(collector: &Arc<Collector>) -> Result<Option<Self>> {
        if collector.evidence.stamps.is_none() {
            return Ok(None);
        }
        let end = Arc::new(AtomicBool::new(false));
        let (shared, ending) = (collector.clone(), end.clone());
        let thread = thread::Builder::new().name("stamper".to_owned()).spawn(move || run(&shared, &ending))?;
        Ok(Some(Self { thread: Some(thread), end }))
    }
}

impl Drop for Stamper {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn run(collector: &Collector, end: &AtomicBool) {
    let Some(stamps) = &collector.evidence.stamps else { return };
    while !end.load(Ordering::Relaxed) {
        let waiting = collector.read("TSP-10", |db| store::unstamped(db, GROUP)).unwrap_or_default();
        let one = |ballot: &Unstamped| -> Result<()> {
            let answer = collector.metrics.step("stamp", || stamps.ask(collector, ballot))?;
            collector.write("TSP-10", |reply| Job::Stamped { ballot: ballot.hash, answer, reply }).map_err(anyhow::Error::msg)
        };
        // The first failure ends a part: a party that is down is not asked for each ballot.
        let work = |part: &[Unstamped]| part.iter().take_while(|_| !end.load(Ordering::Relaxed)).try_for_each(one);
        let results: Vec<Result<()>> = thread::scope(|scope| {
            let parts = waiting.chunks(waiting.len().div_ceil(AT_ONCE).max(1));
            let asking: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
            asking.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread failed")))).collect()
        });
        let failed = results.into_iter().find_map(Result::err);
        if let Some(error) = &failed {
            let oldest = waiting.first().map_or(0, |ballot| now().saturating_sub(ballot.accepted));
            tracing::warn!("the time-stamping party: {error:#}; the oldest ballot has waited {oldest} s");
        }
        match (&failed, waiting.len() < GROUP) {
            (Some(_), _) => thread::park_timeout(REST),
            (None, true) => thread::park_timeout(LOOK),
            (None, false) => {}
        }
    }
}
