//! A trustee's own view of a whole record: everything recomputed, nothing believed. Spec: 10-tally, OPEN-1.
//!
//! Record in, state out. What is wrong with ballots or orders is an error, because then there is no count; what is wrong with the
//! post of one mixer or trustee is a finding with its author's name, and the count goes on.

mod ballots;
mod posts;
mod result;
mod unit;

use crate::ceremony::judge;
use crate::counted::{CountedSet, SetError, Status};
use crate::mix::{Bases, chain::Mixing};
use crate::open::Closed;
use crate::units::units;
use ballot::ballot::{BallotError, BallotStyle};
use ballot::{Hash, Manifest, Record};
use board::ceremony::KeySet;
use board::checkpoint::CheckpointError;
use board::replay::{Event, ReplayError};
use board::{Checkpoint, Phase, PostKind, Replay, tree};
use rand_core::CryptoRng;
use std::sync::Arc;

pub use ballots::Checked;
pub use posts::{Finding, OpenRefusal, PostFault};
pub use result::ResultError;
pub use unit::UnitView;

/// Why there is nothing to mix, open or count: the record is not ready, or wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ViewError {
    #[error("REC-3: the entries are not those of the checkpoint")]
    Checkpoint,
    #[error("OPEN-1: the record does not continue the one that was verified")]
    Fork,
    #[error(transparent)]
    Cosigned(CheckpointError),
    #[error("OPEN-1: the election is not closed and sealed")]
    NotSealed,
    #[error("entry {entry}: {error}")]
    Entry { entry: u64, error: ReplayError },
    #[error("KEY-10: the order open names no key that the ceremony confirmed")]
    Key,
    #[error("entry {entry}: {error}")]
    Ballot { entry: u64, error: BallotError },
    #[error("BAL-2: entry {entry} names no district of the manifest")]
    District { entry: u64 },
    #[error("BAL-6: entry {entry} repeats an encryption of an earlier ballot")]
    Repeated { entry: u64 },
    #[error("SET-2: entry {entry} is of nobody on the roll in force, or for another district")]
    Voter { entry: u64 },
    #[error("{error}; the ballot is entry {entry}")]
    Set { entry: u64, error: SetError },
}

impl ViewError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Checkpoint => "REC-3",
            Self::Cosigned(_) => "LOG-4",
            Self::Fork | Self::NotSealed => "OPEN-1",
            Self::Entry { error, .. } => error.rule(),
            Self::Key => "KEY-10",
            Self::Ballot { error, .. } => error.rule(),
            Self::District { .. } => "BAL-2",
            Self::Repeated { .. } => "BAL-6",
            Self::Voter { .. } => "SET-2",
            Self::Set { error, .. } => error.rule(),
        }
    }
}

/// The record as one reader has recomputed it, from the manifest to the last opening.
#[derive(Debug)]
pub struct View {
    replay: Replay,
    keys: KeySet,
    closed: Closed,
    set: CountedSet,
    mixing: Mixing,
    units: Vec<UnitView>,
    wrong_intents: std::collections::BTreeSet<u16>,
    findings: Vec<Finding>,
    /// Root of the tree over the entries that were replayed.
    root: Hash,
}

/// Replays one entry; `blob` reads what it names.
fn step(replay: &mut Replay, (entry, bytes): (u64, &[u8]), blob: &mut impl FnMut(&Hash) -> Option<Vec<u8>>) -> Result<Event, ViewError> {
    let wrong = |error| ViewError::Entry { entry, error };
    let name = board::Entry::from_bytes(bytes).map_err(|e| wrong(e.into()))?.blob();
    replay.apply(bytes, name.and_then(|n| blob(&n)).as_deref()).map_err(wrong)
}

/// What the ceremony's replay says against trustees, complaints among it.
fn ceremony_findings(replay: &Replay) -> Vec<Finding> {
    let judged = replay.complaints().filter_map(|(entry, session, c)| Some((entry, judge(replay.manifest(), session, c)?)));
    let complaints = judged.map(|(entry, judgement)| Finding::of_complaint(entry, judgement));
    replay.findings().iter().map(Finding::of_ceremony).chain(complaints).collect()
}

/// The tree over the entries, if it is that of a checkpoint with a quorum.
fn tree_of(manifest: &Manifest, checkpoint: &Checkpoint, entries: &[Vec<u8>]) -> Result<tree::Tree, ViewError> {
    checkpoint.require_quorum(manifest).map_err(ViewError::Cosigned)?;
    let tree = tree::Tree::from_leaves(entries.iter().map(|e| tree::leaf_hash(e)));
    if (tree.len(), tree.root()) == (checkpoint.size, checkpoint.root) { Ok(tree) } else { Err(ViewError::Checkpoint) }
}

impl View {
    /// Replays a record: `entries` are those of `checkpoint`, whose signatures the caller has verified; `blob` reads a blob by name.
    ///
    /// Refused unless a quorum cosigned, and the election is closed and sealed (OPEN-1, PHASE-6).
    pub fn new(
        manifest: Arc<Manifest>,
        checkpoint: &Checkpoint,
        entries: &[Vec<u8>],
        mut blob: impl FnMut(&Hash) -> Option<Vec<u8>>,
        bases: Arc<Bases>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, ViewError> {
        let tree = tree_of(&manifest, checkpoint, entries)?;
        let mut replay = Replay::new(manifest.clone());
        let (mut cast, mut late) = (Vec::new(), Vec::new());
        for (entry, bytes) in (0u64..).zip(entries) {
            match step(&mut replay, (entry, bytes), &mut blob)? {
                Event::Ballot { ballot, .. } => cast.push(ballots::Raw { entry, bytes: ballot, opened: false }),
                Event::Challenged { opened } => cast.push(ballots::Raw { entry, bytes: opened, opened: true }),
                Event::Post { post, blob } => late.push(posts::Late { entry, post, blob }),
                Event::Done | Event::Closing { .. } => {}
            }
        }
        if replay.phases().phase() < Phase::Sealed {
            return Err(ViewError::NotSealed);
        }
        let (at, counted, closing_root) = replay.closing().ok_or(ViewError::NotSealed)?;
        let opened = replay.phases().opened().map(|(id, _)| id);
        let keys = replay.ceremony().confirmed().filter(|k| Some(k.key.id()) == opened).ok_or(ViewError::Key)?.clone();
        let styles = BallotStyle::all(&manifest, &keys.key).ok_or(ViewError::Key)?;
        let rolls = replay.rolls().ok_or(ViewError::NotSealed)?.clone();
        let checked = ballots::check(&styles, &keys.key, &rolls, &cast, rng)?;
        let facts: Vec<_> = checked.iter().map(|b| b.facts).collect();
        let entry_of = |at: usize| checked.get(at).map(|b| b.entry).unwrap_or_default();
        let in_set = |error: SetError| ViewError::Set { entry: error.ballot().map_or(at, entry_of), error };
        let annulled = |voter: &Hash| replay.annulled().contains_key(voter);
        let set = CountedSet::new(&manifest.id(), &facts, &rolls, annulled).map_err(in_set)?;
        set.check_closing(&counted, &closing_root).map_err(in_set)?;
        let root = tree.root_at(at + 1).ok_or(ViewError::Checkpoint)?;
        let closed = Closed { election: manifest.id(), key: keys.key.id(), session: keys.session, counted, size: at + 1, root };
        let counted_ballots: Vec<Checked> =
            checked.into_iter().zip(&set.status).filter(|(_, s)| **s == Status::Counted).map(|(b, _)| b).collect();
        let mut per_district = vec![0; manifest.description().districts.len()];
        for ballot in &counted_ballots {
            per_district.get_mut(ballot.facts.district).into_iter().for_each(|n| *n += 1);
        }
        let units = units(&manifest, &per_district).into_iter().map(|u| UnitView::new(&manifest, u, &counted_ballots));
        let units = units.collect::<Option<Vec<_>>>().ok_or(ViewError::Key)?; // every unit has a shape of the manifest
        let required = manifest.description().mixers.required as usize;
        let mixing = Mixing::new(manifest.id(), keys.key.clone(), counted, required, bases);
        let findings = ceremony_findings(&replay);
        let root = checkpoint.root;
        let mut view = Self { replay, keys, closed, set, mixing, units, wrong_intents: Default::default(), findings, root };
        view.take_posts(late, rng);
        Ok(view)
    }

    /// The same record, some entries later: only what is new is read and verified. `entries` are all of `checkpoint`, as in [`View::new`].
    ///
    /// The result is that of [`View::new`]. A new mix changes what earlier intents were about, so everything is then recomputed.
    pub fn extend(
        mut self,
        checkpoint: &Checkpoint,
        entries: &[Vec<u8>],
        mut blob: impl FnMut(&Hash) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, ViewError> {
        let tree = tree_of(self.manifest(), checkpoint, entries)?;
        if tree.root_at(self.replay.size()) != Some(self.root) {
            return Err(ViewError::Fork);
        }
        let mut late = Vec::new();
        for (entry, bytes) in (0u64..).zip(entries).skip(self.replay.size() as usize) {
            if let Event::Post { post, blob } = step(&mut self.replay, (entry, bytes), &mut blob)? {
                late.push(posts::Late { entry, post, blob }); // sealed: no ballot can follow (PHASE-4)
            }
        }
        if late.iter().any(|l| l.post.kind == PostKind::Mix) {
            let (manifest, bases) = (self.replay.manifest().clone(), self.mixing.bases().clone());
            return Self::new(manifest, checkpoint, entries, blob, bases, rng);
        }
        self.findings.retain(|f| !matches!(f.fault, PostFault::Ceremony(_) | PostFault::Complaint(_)));
        self.findings.extend(ceremony_findings(&self.replay));
        self.take_posts(late, rng);
        self.root = checkpoint.root;
        Ok(self)
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.replay.manifest()
    }
    /// Orders, roll, ceremony.
    pub fn replay(&self) -> &Replay {
        &self.replay
    }
    /// The election's key with every trustee's part.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }
    /// What openings are bound to.
    pub fn closed(&self) -> &Closed {
        &self.closed
    }
    /// Status of every cast ballot, in the order of the log.
    pub fn set(&self) -> &CountedSet {
        &self.set
    }
    /// Every unit, by number.
    pub fn units(&self) -> &[UnitView] {
        &self.units
    }
    /// Posts that do not count, with their authors, in the order of the log.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// What mixes have in common.
    pub fn mixing(&self) -> &Mixing {
        &self.mixing
    }
}
