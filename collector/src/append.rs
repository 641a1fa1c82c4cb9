//! How the log grows: batches, orders, posts, and the closing entry. Part of the writer. Spec: 03, 08 ENTRY, 13 HTTP-2 to HTTP-5.

use crate::closing::closing_entry;
use crate::collector::now;
use crate::crash;
use crate::orders::Submission;
use crate::phase;
use crate::refusal::Refusal;
use crate::store::{self, StoreError, Tx};
use crate::writer::{Writer, commit, give_up};
use ballot::Hash;
use ballot::encode::{Record, sha256};
use board::changes::{Act, ChangeSet};
use board::entry::Entry;
use board::form;
use board::order::OrderKind;
use board::replay::{Replay, ReplayError};
use board::{Phase, Roll};
use std::path::PathBuf;
use std::{fs, io};

impl Writer {
    /// One batch interval is over.
    pub fn tick(&mut self) {
        let (pending, takes) = {
            let state = self.collector.state();
            (state.pending, state.replay.phases().takes_ballots())
        };
        if pending == 0 || !takes {
            return;
        }
        let smallest = self.collector.manifest.description().board.batch_smallest;
        if pending < smallest && !self.waited {
            self.waited = true;
            return;
        }
        match self.append(None, u64::MAX) {
            Ok(_) => self.waited = false,
            Err(refusal) => tracing::error!("no batch could be written: {refusal}"),
        }
    }

    /// An order or a post: checked on a copy of the state, made durable, then taken over.
    pub fn submit(&mut self, submission: &Submission) -> Result<u64, Refusal> {
        let (entry, blob) = (submission.entry.as_slice(), submission.blob.as_slice());
        let (known, mut phases, ready_key, pending) = {
            let state = self.collector.state();
            let known = state.known.get(&sha256(entry)).copied();
            (known, state.replay.phases().clone(), state.replay.ceremony().ready_key(), state.pending)
        };
        if let Some(index) = known {
            return Ok(index); // HTTP-2
        }
        let Submission { decoded, .. } = submission;
        let mut at_most = None;
        if let Entry::Order(order) = decoded {
            // Before pending ballots are touched: the order itself must be right.
            phases.apply(order, &self.collector.manifest, ready_key).map_err(|e| Refusal::entry(&ReplayError::Order(e)))?;
            if phase::ends_ballots(order.kind) && pending > 0 {
                at_most = Some(if order.kind == OrderKind::Close { order.time } else { u64::MAX });
            }
            match order.kind {
                OrderKind::Roll => self.check_openings(blob)?,
                OrderKind::Amend => self.check_added(blob)?,
                OrderKind::Open => self.check_prepared()?,
                _ => {}
            }
        }
        let index = self.append(Some((entry, blob, decoded)), at_most.unwrap_or(u64::MAX))?;
        tracing::info!("entry {index}: {}", submission.name());
        Ok(index)
    }

    /// ROLL-3: a roll without the openings of its pseudonyms could let nobody vote, and only one roll may be ordered.
    fn check_openings(&self, blob: &[u8]) -> Result<(), Refusal> {
        let roll = Roll::from_bytes(blob).map_err(|e| Refusal::entry(&ReplayError::roll(e)))?;
        let voters = store::voters(&*self.db).map_err(|_| Refusal::unavailable("HTTP-4"))?;
        let same = voters.len() == roll.lines().len()
            && voters.iter().zip(roll.lines()).all(|(v, line)| v.pseudonym == line.pseudonym && v.district == line.district);
        if same { Ok(()) } else { Err(Refusal::new(409, "ROLL-3", "ROLL-3: this is not the roll that was imported here")) }
    }

    /// GATE-5: what was imported is what the committee has ordered.
    fn check_prepared(&self) -> Result<(), Refusal> {
        let prepared = store::prepared(&*self.db).map_err(|_| Refusal::unavailable("HTTP-4"))?;
        let in_force = self.collector.state().replay.roll().map(|roll| roll.tree().root());
        if prepared.is_none_or(|root| Some(root) == in_force) {
            return Ok(());
        }
        Err(Refusal::new(409, "GATE-5", "GATE-5: voters were imported or changed, and the committee has not ordered that roll"))
    }

    /// ROLL-3: nobody is added whose opening is not here (HTTP-14). What else a change set must satisfy is judged when it is applied.
    fn check_added(&self, blob: &[u8]) -> Result<(), Refusal> {
        let set = ChangeSet::from_bytes(blob).map_err(|e| Refusal::entry(&ReplayError::Decode(e)))?;
        for change in set.lines().iter().filter(|c| c.act == Act::Added) {
            if store::voter(&*self.db, &change.pseudonym).map_err(|_| Refusal::unavailable("HTTP-4"))?.is_none() {
                return Err(Refusal::new(409, "ROLL-3", "ROLL-3: a pseudonym that is added has no opening here"));
            }
        }
        Ok(())
    }

    /// Appends pending ballots as a batch if it is due, then an entry, then what must follow it; all in one commit.
    fn append(&mut self, entry: Option<(&[u8], &[u8], &Entry)>, at_most: u64) -> Result<u64, Refusal> {
        let unavailable = |error: StoreError| {
            tracing::error!("cannot append: {error}");
            Refusal::unavailable("HTTP-4")
        };
        let mut replay = self.collector.state().replay.clone();
        let mut added = Added::default();
        let (mut new_blob, mut named_blob) = (None, None);
        let ends = matches!(entry, Some((_, _, Entry::Order(order))) if phase::ends_ballots(order.kind));
        if (entry.is_none() || ends) && replay.phases().takes_ballots() {
            let batch = store::pending(&*self.db).and_then(|p| Ok((p, store::pending_count(&*self.db)?.1))).map_err(unavailable)?;
            added.batch(&mut replay, batch, at_most)?;
        }
        let index = replay.size();
        if let Some((bytes, blob, decoded)) = entry {
            let findings = replay.findings().len();
            replay.apply(bytes, Some(blob)).map_err(|error| match (&error, decoded) {
                (ReplayError::Ballots, Entry::Order(order)) => Refusal::dated_back(order.kind),
                _ => Refusal::entry(&error),
            })?;
            // HTTP-7: what nobody could use stays outside, so that its author can still send a right one.
            if let Entry::Post(post) = decoded {
                form::check(post.kind, blob).map_err(|e| Refusal::entry(&ReplayError::Decode(e)))?;
            }
            if let Some(found) = replay.findings().get(findings).filter(|f| !f.error.ends_session()) {
                return Err(Refusal::ceremony(&found.error));
            }
            added.entries.push(bytes.to_vec());
            if replay.phases().phase() == Phase::Sealed && replay.closing().is_none() {
                let closing = closing_entry(&*self.db, &replay).map_err(|e| Refusal::new(503, "HTTP-5", e))?;
                replay.apply(&closing, None).map_err(|e| Refusal::entry(&e))?;
                added.entries.push(closing); // HTTP-5
            }
            if let Some(name) = decoded.blob() {
                named_blob = Some((name, blob));
                new_blob = self.keep_blob(&name, blob).map_err(|error| {
                    tracing::error!("cannot write a blob: {error}");
                    Refusal::unavailable("HTTP-4")
                })?;
            }
        }
        if added.entries.is_empty() {
            return Ok(index);
        }
        let first = replay.size() - added.entries.len() as u64;
        let point = if entry.is_some() { "entry-commit" } else { "batch-commit" };
        let stored = (|| {
            let tx = store::begin(&*self.db)?;
            if let Some((name, blob)) = named_blob.filter(|_| tx.is_shared()) {
                store::insert_blob(&tx, &name, blob)?;
            }
            added.store(&tx, first, now() + 60 * self.collector.manifest.description().check.minutes)?;
            crash::around(point, || commit(tx))
        })();
        if let Err(error) = stored {
            if let Some(path) = new_blob {
                let _ = fs::remove_file(path); // HTTP-3; if it stays, the next start removes it
            }
            return Err(unavailable(error));
        }
        let mut state = self.collector.state_mut();
        state.pending -= (added.ballots.len() as u64).min(state.pending);
        if let Err(error) = state.advance(replay, &added.entries) {
            give_up(&format!("{error:#}"));
        }
        drop(state);
        self.collector.announce();
        Ok(index)
    }

    /// The blob is durable before the entry that names it. Gives the path if the blob was not there before.
    fn keep_blob(&self, name: &Hash, blob: &[u8]) -> io::Result<Option<PathBuf>> {
        let path = format!("blob/{}", hex::encode(name));
        let full = self.collector.data.record().join(&path);
        if fs::read(&full).is_ok_and(|there| there == blob) {
            return Ok(None);
        }
        crash::around("blob-write", || self.collector.data.write_record(&path, blob))?;
        Ok(Some(full))
    }
}

/// Entries to be appended, and which of them were pending ballots.
#[derive(Default)]
struct Added {
    entries: Vec<Vec<u8>>,
    ballots: Vec<Hash>,
}

impl Added {
    /// ENTRY-5: a batch entry, then ballots sorted by hash.
    fn batch(&mut self, replay: &mut Replay, (pending, accepted): (Vec<(Hash, Vec<u8>)>, u64), at_most: u64) -> Result<(), Refusal> {
        if pending.is_empty() {
            return Ok(());
        }
        let time = phase::batch_time(replay, accepted, now(), at_most);
        self.entries.push(Entry::Batch { time, count: pending.len() as u32 }.to_bytes());
        for (hash, entry) in pending {
            self.ballots.push(hash);
            self.entries.push(entry);
        }
        self.entries.iter().try_for_each(|entry| replay.apply(entry, None).map(|_| ())).map_err(|e| Refusal::entry(&e))
    }

    /// The batch's ballots come right after the first entry; all else is only appended. Pads may be released until `ends` (CHECK-6).
    fn store(&self, tx: &Tx<'_>, first: u64, ends: u64) -> Result<(), StoreError> {
        for (at, entry) in self.entries.iter().enumerate() {
            let position = first + at as u64;
            match self.ballots.get(at.wrapping_sub(1)) {
                Some(hash) => {
                    store::sequence(tx, hash, position, entry)?;
                    store::open_window(tx, hash, ends)?;
                }
                _ => store::append(tx, position, entry)?,
            }
        }
        Ok(())
    }
}
