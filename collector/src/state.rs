//! What the log says so far, in memory: made from the database at start, moved on by the writer alone.

use crate::limits::Author;
use crate::store::{self, Database, StoreError};
use anyhow::{Context, Result, bail, ensure};
use ballot::Hash;
use ballot::ballot::BallotStyle;
use ballot::encode::{Record, sha256};
use ballot::manifest::Manifest;
use board::entry::Entry;
use board::replay::{Event, Replay};
use board::source::{Folder, Source};
use board::tree::{self, Tree};
use board::{Checkpoint, Roll};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The roll in force, with the tree that proves its lines, and the entry of the order that gave it.
#[derive(Debug)]
pub struct RollTree {
    pub roll: Arc<Roll>,
    pub tree: Tree,
    pub entry: u64,
}

/// A checkpoint with a quorum of cosignatures, under which receipts are given (LOG-4).
#[derive(Debug)]
pub struct Cosigned {
    pub size: u64,
    pub text: String,
}

/// The log and what follows from it.
#[derive(Debug)]
pub struct State {
    pub replay: Replay,
    pub tree: Tree,
    /// Orders and posts by the hash of their entry, for HTTP-2.
    pub known: HashMap<Hash, u64>,
    /// How many posts of each author and kind stand in the log (HTTP-8).
    pub posts: HashMap<Author, u32>,
    /// The blobs that entries name.
    pub blobs: HashSet<Hash>,
    pub roll: Option<Arc<RollTree>>,
    /// How ballots of each district look, from *open* on.
    pub styles: Option<Arc<Vec<BallotStyle>>>,
    pub cosigned: Option<Arc<Cosigned>>,
    /// Ballots in the log, without challenged ones.
    pub ballots: u64,
    /// Accepted and not yet in the log.
    pub pending: u64,
}

impl State {
    /// Replays the database. Everything is checked again, so a damaged database stops here.
    pub fn load(db: &dyn Database, manifest: &Arc<Manifest>, record: &Path) -> Result<Self> {
        let record = Folder(record.to_owned());
        let mut state = Self {
            replay: Replay::new(manifest.clone()),
            tree: Tree::default(),
            known: HashMap::new(),
            posts: HashMap::new(),
            blobs: HashSet::new(),
            roll: None,
            styles: None,
            cosigned: None,
            ballots: 0,
            pending: store::pending_count(db)?.0,
        };
        let mut ballots = 0u64;
        store::for_entries(db, 0, i64::MAX as u64, |position, bytes| -> Result<()> {
            ensure!(position == state.tree.len(), "E-RECONCILE: entry {} is missing in the database", state.tree.len());
            let named = Entry::from_bytes(&bytes).ok().and_then(|e| e.blob());
            let blob = match named {
                Some(hash) => {
                    let path = format!("blob/{}", hex::encode(hash));
                    let found = record.read(&path)?;
                    Some(found.with_context(|| format!("E-RECONCILE: {path} is missing; put it back from any copy of the record"))?)
                }
                None => None,
            };
            let event = state.replay.apply(&bytes, blob.as_deref()).with_context(|| format!("E-RECONCILE: entry {position}"))?;
            ballots += u64::from(matches!(event, Event::Ballot { .. } | Event::Challenged { .. }));
            state.note(&bytes);
            Ok(())
        })?;
        ensure!(!state.tree.is_empty() && state.replay.batch_left() == 0, "E-RECONCILE: the log ends within a batch");
        let (placed, waiting) = store::ballot_counts(db)?;
        ensure!(placed == ballots && waiting == state.pending, "E-RECONCILE: the tables of ballots and of entries do not agree");
        state.derive()?;
        if let Some(text) = store::cosigned(db)? {
            let checkpoint = Checkpoint::verify(&text, manifest).context("E-RECONCILE: the cosigned checkpoint")?;
            checkpoint.require_quorum(manifest).context("E-RECONCILE: the cosigned checkpoint")?;
            state.require_ours(&checkpoint)?;
            state.cosigned = Some(Arc::new(Cosigned { size: checkpoint.size, text }));
        }
        Ok(state)
    }

    /// Refuses a checkpoint that was given out and that this log does not extend: going on would fork the log (E08).
    pub fn require_ours(&self, checkpoint: &Checkpoint) -> Result<()> {
        match self.tree.root_at(checkpoint.size) {
            None => bail!(
                "E-RECONCILE: a checkpoint of {} entries was published, but the database has {}; it is an old copy",
                checkpoint.size,
                self.tree.len()
            ),
            Some(root) if root != checkpoint.root => {
                bail!("E-RECONCILE: the published checkpoint of {} entries is not consistent with the database", checkpoint.size)
            }
            Some(_) => Ok(()),
        }
    }

    /// Takes over committed entries, and the replay that has seen them.
    pub fn advance(&mut self, replay: Replay, entries: &[Vec<u8>]) -> Result<()> {
        self.replay = replay;
        entries.iter().for_each(|entry| self.note(entry));
        self.derive()
    }

    fn note(&mut self, entry: &[u8]) {
        self.ballots += u64::from(entry.first() == Some(&5));
        if matches!(entry.first(), Some(2 | 3)) {
            self.known.insert(sha256(entry), self.tree.len());
            let decoded = Entry::from_bytes(entry).ok();
            self.blobs.extend(decoded.as_ref().and_then(Entry::blob));
            if let Some(Entry::Post(post)) = decoded {
                *self.posts.entry((post.role, post.author, post.kind)).or_default() += 1;
            }
        }
        self.tree.push(tree::leaf_hash(entry));
    }

    /// What is costly to compute and follows from the replay: once each.
    fn derive(&mut self) -> Result<()> {
        if let Some(rolls) = self.replay.rolls()
            && self.roll.as_ref().is_none_or(|known| known.entry != rolls.entry())
        {
            let (roll, entry) = (rolls.now().clone(), rolls.entry());
            self.roll = Some(Arc::new(RollTree { tree: roll.tree(), roll, entry }));
        }
        if self.styles.is_none()
            && let Some((key, _)) = self.replay.phases().opened()
        {
            let keys =
                self.replay.ceremony().confirmed().filter(|k| k.key.id() == key).context("the key of the order open is not there")?;
            let styles = BallotStyle::all(self.replay.manifest(), &keys.key).context("the key has another number of columns")?;
            self.styles = Some(Arc::new(styles));
        }
        Ok(())
    }
}

impl From<StoreError> for std::io::Error {
    fn from(error: StoreError) -> Self {
        Self::other(error)
    }
}
