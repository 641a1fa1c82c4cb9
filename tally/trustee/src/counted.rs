//! Which ballots count. Spec: 10-tally, SET.

use ballot::encode::hash;
use ballot::{Ballot, Hash};
use board::changes::Rolls;
use board::tree;
use std::collections::HashMap;

/// What the counted set looks at in a ballot. Proofs and signatures are others' business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct BallotFacts {
    /// Index of its entry: the roll in force there judges it.
    pub entry: u64,
    pub hash: Hash,
    pub voter: Hash,
    pub district: usize,
    pub number: u32,
    pub previous: Hash,
}

impl BallotFacts {
    /// Those of the ballot at an entry.
    pub fn new(entry: u64, b: &Ballot) -> Self {
        let c = b.context();
        Self { entry, hash: b.hash(), voter: c.voter, district: b.district(), number: c.number, previous: c.previous }
    }
}

/// What became of a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Superseded,
    Annulled,
    Counted,
}

/// Why there is no counted set: the record itself is wrong. `at` is the ballot's position among the ballots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum SetError {
    #[error("SET-1: ballot {at}: expected number {expected} of its voter, found {given}")]
    Number { at: usize, given: u32, expected: u32 },
    #[error("SET-1: ballot {at} does not name the ballot before it")]
    Previous { at: usize },
    #[error("SET-2: ballot {at} is of nobody on the roll in force")]
    Voter { at: usize },
    #[error("SET-2: ballot {at} is for another district than its voter's")]
    District { at: usize },
    #[error("SET-6: ballot {at} stands on an older version of the roll than one of a lower number of its voter")]
    Older { at: usize },
    #[error("SET-4: the closing entry states another counted set")]
    Counted,
    #[error("SET-5: the closing entry states another root")]
    Root,
}

impl SetError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Number { .. } | Self::Previous { .. } => "SET-1",
            Self::Voter { .. } | Self::District { .. } => "SET-2",
            Self::Older { .. } => "SET-6",
            Self::Counted => "SET-4",
            Self::Root => "SET-5",
        }
    }

    /// Position of the ballot that is wrong; nothing if the closing entry is.
    pub fn ballot(&self) -> Option<usize> {
        match *self {
            Self::Number { at, .. } | Self::Previous { at } | Self::Voter { at } | Self::District { at } | Self::Older { at } => Some(at),
            Self::Counted | Self::Root => None,
        }
    }
}

/// Every ballot's status, and the two hashes of the closing entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedSet {
    /// Status of each ballot, in the order they were given.
    pub status: Vec<Status>,
    /// `H("counted", …)` (SET-4).
    pub hash: Hash,
    /// The closing root (SET-5).
    pub root: Hash,
}

/// A leaf of the closing tree: what a voter finds there about themselves.
pub fn closing_leaf(pseudonym: &Hash, last: Option<(&Hash, Status)>) -> [u8; 65] {
    let mut leaf = [0; 65];
    let (name, rest) = leaf.split_at_mut(32);
    name.copy_from_slice(pseudonym);
    if let (Some((hash, status)), Some((code, ballot))) = (last, rest.split_last_mut()) {
        ballot.copy_from_slice(hash);
        *code = if status == Status::Annulled { 2 } else { 1 };
    }
    leaf
}

impl CountedSet {
    /// Recomputes the set from all ballots on the board, in any order, and the versions of the roll; `annulled` says who is annulled.
    pub fn new(election: &Hash, ballots: &[BallotFacts], rolls: &Rolls, annulled: impl Fn(&Hash) -> bool) -> Result<Self, SetError> {
        let mut by_voter: HashMap<Hash, Vec<usize>> = HashMap::new();
        for (at, ballot) in ballots.iter().enumerate() {
            let district = rolls.district_at(&ballot.voter, ballot.entry).ok_or(SetError::Voter { at })?; // SET-2
            if usize::from(district) != ballot.district {
                return Err(SetError::District { at });
            }
            by_voter.entry(ballot.voter).or_default().push(at);
        }
        let whole = rolls.whole();
        let mut status = vec![Status::Superseded; ballots.len()];
        let (mut counted, mut leaves) = (Vec::new(), Vec::with_capacity(whole.lines().len()));
        for line in whole.lines() {
            let list = by_voter.get(&line.pseudonym).map(Vec::as_slice).unwrap_or_default();
            let last = follow(ballots, list, rolls)?.map(|(at, ballot)| {
                let state = if annulled(&line.pseudonym) { Status::Annulled } else { Status::Counted }; // SET-3
                status.get_mut(at).into_iter().for_each(|s| *s = state);
                (&ballot.hash, state)
            });
            if let Some((hash, Status::Counted)) = last {
                counted.push(*hash);
            }
            leaves.push(closing_leaf(&line.pseudonym, last));
        }
        counted.sort_unstable();
        let count = (counted.len() as u32).to_be_bytes();
        let hash = hash("counted", &[election, &count, counted.as_flattened()]);
        Ok(Self { status, hash, root: tree::root_of(leaves) })
    }

    /// SET-4 and SET-5: what the closing entry states is what was recomputed.
    pub fn check_closing(&self, counted: &Hash, root: &Hash) -> Result<(), SetError> {
        if *counted != self.hash {
            return Err(SetError::Counted);
        }
        if *root == self.root { Ok(()) } else { Err(SetError::Root) }
    }
}

/// SET-1, SET-6: one voter's ballots by number, each naming the one before and none on an older version of the roll; gives the last.
fn follow<'a>(ballots: &'a [BallotFacts], of_voter: &[usize], rolls: &Rolls) -> Result<Option<(usize, &'a BallotFacts)>, SetError> {
    let mut chain: Vec<(usize, &BallotFacts)> = of_voter.iter().filter_map(|&at| ballots.get(at).map(|b| (at, b))).collect();
    chain.sort_by_key(|(at, b)| (b.number, *at));
    let mut previous = [0; 32];
    for ((at, ballot), expected) in chain.iter().zip(1..) {
        if ballot.number != expected {
            return Err(SetError::Number { at: *at, given: ballot.number, expected });
        }
        if ballot.previous != previous {
            return Err(SetError::Previous { at: *at });
        }
        previous = ballot.hash;
    }
    for ((_, before), (at, ballot)) in chain.iter().zip(chain.iter().skip(1)) {
        if rolls.version_at(ballot.entry) < rolls.version_at(before.entry) {
            return Err(SetError::Older { at: *at });
        }
    }
    Ok(chain.last().copied())
}
