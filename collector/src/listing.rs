//! The running list grows with the log. Part of the writer. Spec: 17-xroad XROAD-7 to XROAD-9.

use crate::intake::Head;
use crate::store::{self, Listed, StoreError};
use crate::writer::{Writer, commit};
use crate::xroad::Growth;
use ballot::Hash;
use ballot::encode::Record;
use board::Phase;
use board::entry::Entry;

/// Records that are made in one transaction, about.
const MOST: usize = 1000;
/// Entries that are in memory at a time.
const PAGE: u64 = 256;

impl Writer {
    /// Numbers those whose ballots came into the log since, if they are enough.
    pub fn list(&mut self) {
        let Some(growth) = self.growth else { return };
        let now = {
            let state = self.collector.state();
            (state.tree.len(), state.replay.phases().phase() >= Phase::Closed)
        };
        if self.listed == Some(now) {
            return;
        }
        match self.grow(growth, now) {
            Ok(whole) => self.listed = whole.then_some(now),
            Err(error) => tracing::error!("the running list does not grow: {error}"),
        }
    }

    /// False if there is more to number.
    fn grow(&self, growth: Growth, (size, ended): (u64, bool)) -> Result<bool, StoreError> {
        let mut next = store::looked_at(&*self.db)?;
        let mut found: Vec<(Hash, Listed)> = Vec::new();
        while found.len() < MOST.max(growth.group) && next < size {
            let to = (next + PAGE).min(size);
            for entry in store::entries(&*self.db, next, to)? {
                if let Some(listed) = self.record(&entry, growth.again)? {
                    found.push((random()?, listed));
                }
            }
            next = to;
        }
        if found.len() < growth.group && !ended {
            return Ok(true);
        }
        found.sort_by_key(|(at_random, _)| *at_random); // XROAD-9
        let people: Vec<Listed> = found.into_iter().map(|(_, listed)| listed).collect();
        let tx = store::begin(&*self.db)?;
        store::append_running(&tx, &people, next)?;
        commit(tx)?;
        Ok(next == size)
    }

    /// XROAD-7.
    fn record(&self, entry: &[u8], again: bool) -> Result<Option<Listed>, StoreError> {
        let Ok(Entry::Ballot { ballot, .. }) = Entry::from_bytes(entry) else { return Ok(None) };
        let Some(head) = Head::read(&ballot).filter(|head| again || head.number == 1) else { return Ok(None) };
        let Some(voter) = store::voter(&*self.db, &head.voter)? else { return Ok(None) };
        let Some(code) = voter.person_code.strip_prefix("PNOEE-") else { return Ok(None) };
        store::listed(&*self.db, code)
    }
}

fn random() -> Result<Hash, StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Failed("no randomness".to_owned()))?;
    Ok(bytes)
}
