//! Asking whether a certificate is good. Spec: 07c-evidence, OCSP-9, OCSP-10.

use super::{agent, ask};
use crate::gate::{Place, Places};
use crate::refusal::Refusal;
use ballot::Hash;
use ballot::encode::{hash, sha256};
use ballot::manifest::OcspPolicy;
use envelope::ocsp::{self, Freshness, StatusError};
use envelope::{Certificate, SignedBy};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};
use ureq::Agent;

/// How many may wait for the responder at once, so that threads stay free for all else.
const MOST_WAITING: usize = 32;
/// While it has answered within this time, more voters stand in line, each for so long; else they are told at once.
const IN_LINE: Duration = Duration::from_secs(1);
/// Answers kept for a certificate's next ballot; all go when there are more.
const MOST_KEPT: usize = 100_000;

/// The responder, and its last answers.
pub struct Status {
    policy: OcspPolicy,
    url: Option<String>,
    agent: Agent,
    desk: Desk,
    /// By the hash of the certificate; empty with `nonce`.
    kept: Mutex<HashMap<Hash, Vec<u8>>>,
}

impl Status {
    pub fn new(policy: OcspPolicy, url: Option<String>) -> Self {
        Self { policy, url, agent: agent(), desk: Desk::default(), kept: Mutex::default() }
    }

    /// An answer that shows the signer of `container` to be good `now`, as received.
    pub fn require(
        &self,
        election: &Hash,
        signed: &SignedBy,
        container: &[u8],
        anchors: &[Certificate],
        now: u64,
    ) -> Result<Vec<u8>, Refusal> {
        let leaf = signed.certificate();
        let issuer = ocsp::issuer(signed, anchors).ok_or_else(unavailable)?;
        let nonce = self.policy.nonce.then(|| hash("ocsp", &[election, container]));
        let wanted = Freshness { age: self.policy.age, clock: self.policy.clock, nonce };
        let name = sha256(leaf.as_der());
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(answer) = kept.filter(|answer| ocsp::verify(answer, leaf, issuer, now, &wanted).is_ok()) {
            return Ok(answer);
        }
        let answer = self.ask(leaf, issuer, nonce.as_ref())?;
        match ocsp::verify(&answer, leaf, issuer, now, &wanted) {
            Ok(()) => {}
            Err(error @ StatusError::NotGood) => return Err(Refusal::new(403, "OCSP-5", error)),
            Err(error) => {
                tracing::warn!("the OCSP responder's answer is no evidence: {error}");
                return Err(unavailable());
            }
        }
        if nonce.is_none() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(name, answer.clone());
        }
        Ok(answer)
    }

    fn ask(&self, leaf: &Certificate, issuer: &Certificate, nonce: Option<&Hash>) -> Result<Vec<u8>, Refusal> {
        let url = self.url.clone().or_else(|| ocsp::responder_url(leaf)).ok_or_else(unavailable)?;
        let question = ocsp::request(leaf, issuer, nonce).ok_or_else(unavailable)?;
        let _place = self.desk.enter().ok_or_else(unavailable)?;
        let answer = ask(&self.agent, &url, "application/ocsp-request", &question).map_err(|error| {
            tracing::warn!("the OCSP responder: {error:#}");
            unavailable()
        })?;
        self.desk.answered();
        Ok(answer)
    }
}

/// Places at the responder, and when it answered last.
struct Desk {
    places: Places<MOST_WAITING>,
    answered: Mutex<Instant>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { places: Places::default(), answered: Mutex::new(Instant::now()) }
    }
}

impl Desk {
    fn answered(&self) {
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_quick(&self) -> bool {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < IN_LINE
    }

    /// A place, after standing in line if the responder is quick.
    fn enter(&self) -> Option<Place<'_>> {
        let until = Instant::now() + IN_LINE;
        loop {
            match self.places.take() {
                None if self.is_quick() && Instant::now() < until => sleep(Duration::from_millis(5)),
                place => return place,
            }
        }
    }
}

/// OCSP-9.
fn unavailable() -> Refusal {
    let words = "OCSP-9: whether the certificate is good cannot be found out now; nothing was stored; please send it again";
    Refusal::new(503, "OCSP-9", words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voters_stand_in_line_while_the_responder_is_quick() {
        let desk = Desk::default();
        let mut places: Vec<_> = (0..MOST_WAITING).map(|_| desk.enter().unwrap()).collect();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| desk.enter().is_some());
            sleep(Duration::from_millis(100));
            assert!(!other.is_finished(), "it stands in line");
            places.pop();
            assert!(other.join().unwrap());
        });
    }

    #[test]
    fn nobody_stands_in_line_for_a_responder_that_is_slow() {
        let desk = Desk { answered: Mutex::new(Instant::now() - IN_LINE), ..Desk::default() };
        let places: Vec<_> = (0..MOST_WAITING).map(|_| desk.enter().unwrap()).collect();
        let begun = Instant::now();
        assert!(desk.enter().is_none() && begun.elapsed() < IN_LINE / 2);
        drop(places);
        assert!(desk.enter().is_some());
    }
}
