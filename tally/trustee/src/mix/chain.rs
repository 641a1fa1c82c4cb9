//! The stages of one unit, one after the other, as the log gives them. Spec: 09-mixing, MIX-12 to MIX-16.

use super::{Bases, MixError, MixHead, Statement};
use ballot::encode::{Reader, Record, sha256};
use ballot::{Ciphertext, ElectionKey, Hash};
use rand_core::CryptoRng;
use std::collections::HashSet;
use std::sync::Arc;

/// What all mixes of an election have in common, and what one may not take from another.
#[derive(Clone, Debug)]
pub struct Mixing {
    election: Hash,
    key: ElectionKey,
    counted: Hash,
    required: usize,
    bases: Arc<Bases>,
    /// Points of the commitments of counted mixes (MIX-15).
    commitments: HashSet<[u8; 32]>,
}

/// A counted stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Index of its mixer.
    pub mixer: u16,
    /// SHA-256 of the mix: the stage hash (10-tally).
    pub hash: Hash,
}

/// A mixed unit with the rows that its next stage starts from.
#[derive(Clone, Debug)]
pub struct Chain {
    unit: u32,
    width: usize,
    rows: Vec<Ciphertext>,
    stages: Vec<Stage>,
}

impl Chain {
    /// `counted` are the unit's counted rows of `width` columns, in any order: the first stage takes them sorted.
    pub fn new(unit: u32, width: usize, mut counted: Vec<Ciphertext>) -> Self {
        counted.sort_by_cached_key(Ciphertext::row);
        Self { unit, width, rows: counted, stages: Vec::new() }
    }

    /// What the next stage starts from, or what is opened once the unit is mixed.
    pub fn rows(&self) -> &[Ciphertext] {
        &self.rows
    }
    /// The stages that count so far.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }
    /// `w`.
    pub fn width(&self) -> usize {
        self.width
    }
}

impl Mixing {
    /// `required` stages for each unit; `counted` is the counted-set hash.
    pub fn new(election: Hash, key: ElectionKey, counted: Hash, required: usize, bases: Arc<Bases>) -> Self {
        Self { election, key, counted, required, bases, commitments: HashSet::new() }
    }

    /// The bases of all proofs.
    pub fn bases(&self) -> &Arc<Bases> {
        &self.bases
    }

    /// MIX-16
    pub fn is_mixed(&self, chain: &Chain) -> bool {
        chain.stages.len() >= self.required
    }

    /// What `mixer` would have to prove as the next stage of this unit.
    pub fn next<'b>(&'b self, chain: &'b Chain, mixer: u16) -> Statement<'b> {
        Statement {
            election: &self.election,
            key: &self.key,
            counted: &self.counted,
            unit: chain.unit,
            stage: chain.stages.len() as u16 + 1,
            mixer,
            width: chain.width,
            inputs: &chain.rows,
        }
    }

    /// Judges the next mix of the log, which `author` posted: if it satisfies MIX-12 to MIX-15 and verifies, it becomes the next stage
    /// of its unit. Posts must be offered in the order of the log, because the first one that verifies counts (MIX-13).
    pub fn offer(&mut self, chain: &mut Chain, author: u16, blob: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), MixError> {
        let head = MixHead::decode(&mut Reader::new(blob))?;
        if head.unit != chain.unit {
            return Err(MixError::Unit { unit: head.unit });
        }
        if (1..=chain.stages.len()).contains(&usize::from(head.stage)) {
            return Err(MixError::Late { stage: head.stage });
        }
        if self.is_mixed(chain) {
            return Err(MixError::Surplus);
        }
        if chain.stages.iter().any(|s| s.mixer == author) {
            return Err(MixError::SecondStage { mixer: author });
        }
        let statement = self.next(chain, author);
        let mix = statement.read(blob)?;
        if let Some(input) = mix.proof.c.iter().position(|c| self.commitments.contains(c.bytes())) {
            return Err(MixError::CommitmentReused { input });
        }
        statement.verify(&mix, &self.bases, rng)?;
        self.commitments.extend(mix.proof.c.iter().map(|c| *c.bytes()));
        chain.stages.push(Stage { mixer: author, hash: sha256(blob) });
        chain.rows = mix.outputs;
        Ok(())
    }
}
