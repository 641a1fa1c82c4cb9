//! Makes proof files out of a record that was asked. Each is judged before it is handed out. Spec: 14-questions.

use crate::asked::{Sound, Voters};
use crate::bytes::Hash;
use crate::counted;
use crate::proof_file::{Included, Leaf, Proof, ProofFile, Side};
use crate::tree;

/// A maker of proof files, with the leaves of the log at hand.
pub struct Prover<'a> {
    record: &'a Sound,
    leaves: Vec<Hash>,
}

impl<'a> Prover<'a> {
    /// Reads the leaves.
    pub fn new(record: &'a Sound) -> Result<Self, String> {
        Ok(Self { record, leaves: record.leaves()? })
    }

    /// A ballot or challenged ballot is in the log.
    pub fn inclusion(&self, entry: u64) -> Result<ProofFile, String> {
        self.file(Proof::Inclusion { checkpoint: self.record.checkpoint.clone(), entry: self.included(entry)? })
    }

    /// What became of the last ballot under a pseudonym; with an older ballot, that it is superseded.
    pub fn status(&self, voters: &Voters, closing: u64, pseudonym: &Hash, older: Option<u64>) -> Result<ProofFile, String> {
        let leaves = counted::closing_leaves(&self.record.log.ballots, &voters.roll, &|pseudonym| voters.annulled.contains_key(pseudonym));
        let position = voters.roll.binary_search_by_key(pseudonym, |line| line.pseudonym).map_err(|_| "not on the roll")?;
        let (ballot, status) = leaves.get(position).map(|leaf| (leaf.1, leaf.2)).ok_or("not on the roll")?;
        let hashes: Vec<Hash> = leaves.iter().map(|(name, ballot, status)| counted::closing_leaf(name, ballot, *status)).collect();
        let leaf = Leaf {
            position: position as u64,
            lines: leaves.len() as u64,
            pseudonym: *pseudonym,
            ballot,
            status: status.into(),
            path: tree::path(&hashes, position),
        };
        let (closing, older) = (self.included(closing)?, older.map(|older| self.included(older)).transpose()?);
        self.file(Proof::Status { checkpoint: self.record.checkpoint.clone(), closing, older, leaf })
    }

    /// The record and another checkpoint of the collector are not of one log. `head` is that checkpoint's size.
    pub fn other_checkpoint(&self, text: &str, size: u64) -> Result<ProofFile, String> {
        let ours = || self.record.checkpoint.clone();
        if size == self.leaves.len() as u64 {
            let side = |checkpoint| Side { checkpoint, leaf: None };
            return self.file(Proof::Fork { a: side(text.to_owned()), b: side(ours()), index: None });
        }
        let (root, path) = self.beginning(size).ok_or("there are not so many entries")?;
        self.file(Proof::Rewritten { old: text.to_owned(), new: ours(), root, path })
    }

    /// Another entry stands under another checkpoint of the collector.
    pub fn other_leaf(&self, text: &str, index: u64, leaf: Hash, path: &[Hash]) -> Result<ProofFile, String> {
        let position = usize::try_from(index).map_err(|error| error.to_string())?;
        let ours = *self.leaves.get(position).ok_or("there is no such entry")?;
        let a = Side { checkpoint: text.to_owned(), leaf: Some((leaf, path.to_vec())) };
        let b = Side { checkpoint: self.record.checkpoint.clone(), leaf: Some((ours, tree::path(&self.leaves, position))) };
        self.file(Proof::Fork { a, b, index: Some(index) })
    }

    /// Root of the first entries, and the consistency proof from it.
    pub fn beginning(&self, size: u64) -> Option<(Hash, Vec<Hash>)> {
        let size = usize::try_from(size).ok()?;
        Some((tree::root_of(self.leaves.get(..size)?), tree::consistency(&self.leaves, size)))
    }

    /// Hash of an entry.
    pub fn leaf(&self, index: u64) -> Option<&Hash> {
        self.leaves.get(usize::try_from(index).ok()?)
    }

    fn included(&self, index: u64) -> Result<Included, String> {
        let position = usize::try_from(index).map_err(|error| error.to_string())?;
        Ok(Included { index, bytes: self.record.entry(index)?, path: tree::path(&self.leaves, position) })
    }

    fn file(&self, proof: Proof) -> Result<ProofFile, String> {
        let file = ProofFile { manifest: self.record.manifest_text.clone(), proof };
        match crate::proof_check::check(&file, Some(&self.record.manifest.election)) {
            Ok(_) => Ok(file),
            Err(fault) => Err(format!("the proof that was made does not hold: {} ({})", fault.text, fault.rule)),
        }
    }
}
