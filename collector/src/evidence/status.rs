//! Asking whether a certificate is good. Spec: 07c-evidence, OCSP-9, OCSP-10.

use super::{agent, ask};
use crate::gate::Places;
use crate::refusal::Refusal;
use ballot::Hash;
use ballot::encode::{hash, sha256};
use ballot::manifest::OcspPolicy;
use envelope::ocsp::{self, Freshness, StatusError};
use envelope::{Certificate, SignedBy};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use ureq::Agent;

/// How many may wait for the responder at once. When it is slow, others are told so at once, and threads stay free for all else.
const MOST_WAITING: usize = 32;
/// Answers kept for a certificate's next ballot; all go when there are more.
const MOST_KEPT: usize = 100_000;

/// The responder, and its last answers.
pub struct Status {
    policy: OcspPolicy,
    url: Option<String>,
    agent: Agent,
    waiting: Places<MOST_WAITING>,
    /// By the hash of the certificate; empty with `nonce`.
    kept: Mutex<HashMap<Hash, Vec<u8>>>,
}

impl Status {
    pub fn new(policy: OcspPolicy, url: Option<String>) -> Self {
        Self { policy, url, agent: agent(), waiting: Places::default(), kept: Mutex::default() }
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
        let _place = self.waiting.take().ok_or_else(unavailable)?;
        ask(&self.agent, &url, "application/ocsp-request", &question).map_err(|error| {
            tracing::warn!("the OCSP responder: {error:#}");
            unavailable()
        })
    }
}

/// OCSP-9.
fn unavailable() -> Refusal {
    let words = "OCSP-9: whether the certificate is good cannot be found out now; nothing was stored; please send it again";
    Refusal::new(503, "OCSP-9", words)
}
