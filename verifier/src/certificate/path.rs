//! Paths from a leaf to an anchor. Spec: 07a-envelope, ENV-30 to ENV-38.

use super::Certificate;
use crate::bytes::{Fault, Hash};
use std::collections::HashSet;
use std::sync::Mutex;

/// Certificates that the manifest names, and signatures among issuers that have been verified.
pub struct Anchors {
    certificates: Vec<Certificate>,
    /// Contents of OIDs, one of which a signing certificate must have; none if it may have any. ENV-39.
    policies: Option<Vec<Vec<u8>>>,
    verified: Mutex<HashSet<(Hash, Hash)>>,
}

impl Anchors {
    /// The anchors that can be read; the manifest's check has refused others already.
    pub fn new(anchors: &[Vec<u8>]) -> Self {
        let certificates = anchors.iter().filter_map(|bytes| Certificate::read(bytes).ok()).collect();
        Self { certificates, policies: None, verified: Mutex::default() }
    }

    /// Asks signing certificates for one of these policies, if there are any. ENV-39.
    #[must_use]
    pub fn asking(self, policies: Option<&[Vec<u8>]>) -> Self {
        Self { policies: policies.map(<[Vec<u8>]>::to_vec), ..self }
    }

    /// The issuer of a leaf, among anchors and the certificates beside it. All that are have one name and one key.
    pub fn issuer<'a>(&'a self, leaf: &Certificate, beside: &'a [Certificate]) -> Option<&'a Certificate> {
        let mut all = self.certificates.iter().chain(beside);
        all.find(|issuer| issuer.subject == leaf.issuer && leaf.issued_by(issuer).is_ok())
    }

    /// Accepts a signing certificate at a time if one path holds. ENV-21 to ENV-39.
    pub fn accept(&self, leaf: &Certificate, embedded: &[Certificate], time: u64) -> Result<(), Fault> {
        leaf.well_made()?;
        leaf.signs_for_a_person()?;
        if let Some(policies) = &self.policies {
            leaf.has_policy(policies)?;
        }
        self.path(leaf, embedded, time)
    }

    /// Accepts any certificate at a time if one path holds. ENV-21 to ENV-24, ENV-30 to ENV-38.
    pub fn path(&self, leaf: &Certificate, embedded: &[Certificate], time: u64) -> Result<(), Fault> {
        leaf.well_made()?;
        leaf.valid_at(time)?;
        let mut nearest = None;
        let mut path = vec![leaf];
        if self.search(&mut path, embedded, time, &mut nearest) {
            Ok(())
        } else {
            Err(nearest.map_or_else(|| Fault::new("ENV-32", "no issuer of that name"), |(_, fault)| fault))
        }
    }

    /// Tries every issuer of the last certificate. `nearest` is the fault of the longest path that failed.
    fn search<'a>(
        &'a self,
        path: &mut Vec<&'a Certificate>,
        embedded: &'a [Certificate],
        time: u64,
        nearest: &mut Option<(usize, Fault)>,
    ) -> bool {
        let Some(last) = path.last().copied() else { return false };
        let issuers = self.certificates.iter().zip(std::iter::repeat(true)).chain(embedded.iter().zip(std::iter::repeat(false)));
        for (issuer, is_anchor) in issuers {
            if issuer.subject != last.issuer || path.iter().any(|other| other.hash == issuer.hash) {
                continue;
            }
            let fault = if path.len() >= 4 {
                Err(Fault::new("ENV-33", "a path of more than four certificates"))
            } else {
                self.step(last, issuer, path.len(), time)
            };
            match fault {
                Err(fault) => {
                    if nearest.as_ref().is_none_or(|(length, _)| *length < path.len()) {
                        *nearest = Some((path.len(), fault));
                    }
                }
                Ok(()) if is_anchor => return true,
                Ok(()) => {
                    path.push(issuer);
                    if self.search(path, embedded, time, nearest) {
                        return true;
                    }
                    path.pop();
                }
            }
        }
        false
    }

    fn step(&self, child: &Certificate, issuer: &Certificate, length: usize, time: u64) -> Result<(), Fault> {
        issuer.well_made()?;
        issuer.valid_at(time)?;
        issuer.may_issue(length.saturating_sub(1))?;
        // Authorities sign each other once for all voters; a voter's own certificate is verified each time.
        let pair = (child.hash, issuer.hash);
        let known = length > 1 && self.verified.lock().is_ok_and(|verified| verified.contains(&pair));
        if !known {
            child.issued_by(issuer)?;
            if length > 1
                && let Ok(mut verified) = self.verified.lock()
                && verified.len() < 10_000
            {
                verified.insert(pair);
            }
        }
        Ok(())
    }
}
