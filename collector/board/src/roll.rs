//! Who may vote, and whose ballot is annulled, by pseudonym. Spec: 07-casting, ROLL and ANN.

use crate::Hash;
use crate::tree::{self, Tree};
use ballot::encode::{DecodeError, Reader, Record, hash, put_list};

/// `H("pseudonym", election ‖ blinding ‖ person code)`
pub fn pseudonym(election: &Hash, blinding: &[u8; 32], person_code: &str) -> Hash {
    hash("pseudonym", &[election, blinding, person_code.as_bytes()])
}

/// One voter: 34 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct RollLine {
    pub pseudonym: Hash,
    pub district: u16,
}

impl RollLine {
    /// The leaf of the roll's tree.
    pub fn to_bytes(&self) -> [u8; 34] {
        let mut out = [0; 34];
        let (p, d) = out.split_at_mut(32);
        p.copy_from_slice(&self.pseudonym);
        d.copy_from_slice(&self.district.to_be_bytes());
        out
    }
}

/// The sorted list of all voters.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Roll {
    lines: Vec<RollLine>,
}

impl Roll {
    /// Sorts lines; nothing if a pseudonym stands twice.
    pub fn new(mut lines: Vec<RollLine>) -> Option<Self> {
        lines.sort();
        lines.is_sorted_by(|a, b| a.pseudonym < b.pseudonym).then_some(Self { lines })
    }

    /// The lines by pseudonym.
    pub fn lines(&self) -> &[RollLine] {
        &self.lines
    }

    /// Position and line of a pseudonym.
    pub fn find(&self, pseudonym: &Hash) -> Option<(usize, RollLine)> {
        let at = self.lines.binary_search_by(|l| l.pseudonym.cmp(pseudonym)).ok()?;
        Some((at, *self.lines.get(at)?))
    }

    /// The tree over the lines; the order *roll* signs its root.
    pub fn tree(&self) -> Tree {
        Tree::from_leaves(self.lines.iter().map(|l| tree::leaf_hash(&l.to_bytes())))
    }
}

impl Record for Roll {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([48, 1]);
        put_list(out, &self.lines, |out, l| out.extend(l.to_bytes()));
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(48)?;
        let lines = input.list(34, |i| Ok(RollLine { pseudonym: i.array()?, district: i.u16()? }))?;
        if lines.is_sorted_by(|a, b| a.pseudonym < b.pseudonym) { Ok(Self { lines }) } else { Err(DecodeError::Order) }
    }
}

/// Why a ballot is annulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AnnulReason {
    Paper = 1,
    Decision,
}

/// The sorted list of annulled voters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnulmentList {
    lines: Vec<(Hash, AnnulReason)>,
}

impl AnnulmentList {
    /// Sorts lines; nothing if a pseudonym stands twice.
    pub fn new(mut lines: Vec<(Hash, AnnulReason)>) -> Option<Self> {
        lines.sort_by_key(|l| l.0);
        lines.is_sorted_by(|a, b| a.0 < b.0).then_some(Self { lines })
    }

    /// The lines by pseudonym.
    pub fn lines(&self) -> &[(Hash, AnnulReason)] {
        &self.lines
    }
}

/// The sorted list of voters whose annulment is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReinstatementList {
    lines: Vec<Hash>,
}

impl ReinstatementList {
    /// Sorts pseudonyms; nothing if one stands twice.
    pub fn new(mut lines: Vec<Hash>) -> Option<Self> {
        lines.sort();
        lines.is_sorted_by(|a, b| a < b).then_some(Self { lines })
    }

    /// The pseudonyms in order.
    pub fn lines(&self) -> &[Hash] {
        &self.lines
    }
}

impl Record for ReinstatementList {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([52, 1]);
        put_list(out, &self.lines, |out, p| out.extend(p));
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(52)?;
        let lines = input.list(32, |i| i.array())?;
        if lines.is_sorted_by(|a, b| a < b) { Ok(Self { lines }) } else { Err(DecodeError::Order) }
    }
}

impl Record for AnnulmentList {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([49, 1]);
        put_list(out, &self.lines, |out, (p, reason)| {
            out.extend(p);
            out.push(*reason as u8);
        });
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(49)?;
        let lines = input.list(33, |i| {
            let pseudonym = i.array()?;
            let reason = match i.u8()? {
                1 => AnnulReason::Paper,
                2 => AnnulReason::Decision,
                _ => return Err(DecodeError::Value),
            };
            Ok((pseudonym, reason))
        })?;
        if lines.is_sorted_by(|a, b| a.0 < b.0) { Ok(Self { lines }) } else { Err(DecodeError::Order) }
    }
}
