//! One mixing stage of one unit: rows re-encrypted and permuted, with a proof. Spec: 09-mixing.

pub mod bases;
pub mod chain;
pub mod message;
pub mod permutation;
mod prove;
pub mod shuffle_proof;
mod verify;

use ballot::elgamal::rows_hash;
use ballot::encode::{DecodeError, Reader, Record};
use ballot::transcript::Transcript;
use ballot::{Ciphertext, ElectionKey, Hash};
use rayon::prelude::*;

pub use bases::{Bases, KeyTables};
pub use message::{Mix, MixHead};
pub use permutation::Permutation;
pub use shuffle_proof::ShuffleProof;

/// What a mix must be about. Built by each reader from the record, never from the mix.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Election id.
    pub election: &'a Hash,
    /// The election's key.
    pub key: &'a ElectionKey,
    /// The counted-set hash.
    pub counted: &'a Hash,
    /// Number of the unit.
    pub unit: u32,
    /// From 1.
    pub stage: u16,
    /// Index of the author, from 1.
    pub mixer: u16,
    /// `w`: columns of the unit.
    pub width: usize,
    /// The rows that come in.
    pub inputs: &'a [Ciphertext],
}

/// Why a mix does not count. Variants follow 09-mixing; none of them stops the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum MixError {
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("MIX-6: the commitment is not one to a permutation (sum)")]
    Permutation,
    #[error("MIX-7: the commitment is not one to a permutation (product)")]
    Product,
    #[error("MIX-8: the responses do not fit the commitment")]
    Exponents,
    #[error("MIX-9: the pads of the output are not those of the input")]
    Pads,
    #[error("MIX-10: column {column} of the output is not that of the input")]
    Column { column: usize },
    #[error("MIX-11: link {output} of the product is wrong")]
    Link { output: usize },
    #[error("MIX-12: there is no unit {unit} to be mixed")]
    Unit { unit: u32 },
    #[error("MIX-12: the mix names mixer {named}, its author is {author}")]
    Author { named: u16, author: u16 },
    #[error("MIX-12: the mix is for stage {given}, not {expected}")]
    Stage { given: u16, expected: u16 },
    #[error("MIX-12: the mix starts from other rows")]
    Input,
    #[error("MIX-12: the mix has {rows} rows of {width} columns, the unit another size")]
    Size { rows: usize, width: usize },
    #[error("MIX-13: stage {stage} has been done by an earlier post")]
    Late { stage: u16 },
    #[error("MIX-14: mixer {mixer} has a counted stage of this unit already")]
    SecondStage { mixer: u16 },
    #[error("MIX-15: output row {output} is an input row")]
    RowKept { output: usize },
    #[error("MIX-15: point {input} of the commitment stands in another mix")]
    CommitmentReused { input: usize },
    #[error("MIX-16: the unit is mixed; a stage more is ignored")]
    Surplus,
    #[error("the mixer drew an identity by chance (2^-250); mix again")]
    Unlucky,
}

impl MixError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(e) => e.rule(),
            Self::Permutation => "MIX-6",
            Self::Product => "MIX-7",
            Self::Exponents => "MIX-8",
            Self::Pads => "MIX-9",
            Self::Column { .. } => "MIX-10",
            Self::Link { .. } => "MIX-11",
            Self::Unit { .. } | Self::Author { .. } | Self::Stage { .. } | Self::Input | Self::Size { .. } => "MIX-12",
            Self::Late { .. } => "MIX-13",
            Self::SecondStage { .. } => "MIX-14",
            Self::RowKept { .. } | Self::CommitmentReused { .. } => "MIX-15",
            Self::Surplus => "MIX-16",
            Self::Unlucky => "MIX-2",
        }
    }
}

/// Encoded rows, in order.
pub fn rows(list: &[Ciphertext]) -> Vec<Vec<u8>> {
    list.par_iter().with_min_len(256).map(Ciphertext::row).collect()
}

impl Statement<'_> {
    /// The proof's transcript with everything up to `in`, and the encoded inputs.
    fn transcript(&self, in_rows: &[Vec<u8>]) -> Transcript {
        let mut t = Transcript::new("shuffle");
        t.append("election", self.election);
        t.append("key", &self.key.id());
        t.append_points("H", self.key.first(self.width));
        t.append("counted", self.counted);
        t.append_u64("unit", self.unit.into());
        t.append_u64("stage", self.stage.into());
        t.append_u64("mixer", self.mixer.into());
        t.append_u64("N", self.inputs.len() as u64);
        t.append_u64("w", self.width as u64);
        t.append_list("in", in_rows.iter());
        t
    }

    /// A unit that can be mixed at all: rows of one width that the key has.
    fn check_inputs(&self) -> Result<(), MixError> {
        let even = self.inputs.iter().all(|row| row.columns.len() == self.width);
        if self.inputs.is_empty() || self.width == 0 || self.width > self.key.columns().len() || !even {
            return Err(MixError::Size { rows: self.inputs.len(), width: self.width });
        }
        Ok(())
    }

    /// MIX-12: the mix names this unit, stage, author and size.
    fn check_head(&self, head: &MixHead) -> Result<(), MixError> {
        if head.unit != self.unit {
            return Err(MixError::Unit { unit: head.unit });
        }
        if head.mixer != self.mixer {
            return Err(MixError::Author { named: head.mixer, author: self.mixer });
        }
        if head.stage != self.stage || head.stage == 0 {
            return Err(MixError::Stage { given: head.stage, expected: self.stage });
        }
        if (head.rows as usize, usize::from(head.width)) != (self.inputs.len(), self.width) {
            return Err(MixError::Size { rows: head.rows as usize, width: head.width.into() });
        }
        Ok(())
    }

    /// Reads a mix about this statement: a wrong head is found before anything large is decoded.
    pub fn read(&self, bytes: &[u8]) -> Result<Mix, MixError> {
        self.check_head(&MixHead::decode(&mut Reader::new(bytes))?)?;
        Ok(Mix::from_bytes(bytes)?)
    }

    /// MIX-12 whole: also the hash of the input, and the sizes of the lists.
    fn check_names(&self, mix: &Mix, in_rows: &[Vec<u8>]) -> Result<(), MixError> {
        self.check_head(&mix.head)?;
        if mix.head.input != rows_hash(self.width, in_rows) {
            return Err(MixError::Input);
        }
        if self.fits(mix) { Ok(()) } else { Err(MixError::Size { rows: mix.outputs.len(), width: self.width }) }
    }

    /// True if every list of the mix has its length.
    fn fits(&self, mix: &Mix) -> bool {
        let even = mix.outputs.iter().all(|row| row.columns.len() == self.width);
        mix.outputs.len() == self.inputs.len() && even && mix.proof.fits(self.inputs.len(), self.width)
    }
}
