//! The counted set and the units. Spec: 10-tally, SET and UNIT.

use crate::bytes::Hash;
use crate::entry::BallotHead;
use crate::manifest::Manifest;
use crate::{hash, tree};
use std::collections::{HashMap, HashSet};

/// What a ballot on the board comes to. SET-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Opened instead of cast.
    Challenged,
    /// A higher number exists under the pseudonym.
    Superseded,
    /// The pseudonym is annulled, and not reinstated.
    Annulled,
    /// It counts.
    Counted,
}

/// A line of the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The pseudonym.
    pub pseudonym: Hash,
    /// Position of the district.
    pub district: u16,
}

/// Which ballots count, and what the closing entry must say.
pub struct CountedSet {
    /// For each ballot of the log.
    pub statuses: Vec<Status>,
    /// The counted-set hash. SET-4.
    pub hash: Hash,
    /// The closing root. SET-5.
    pub root: Hash,
    /// Counted ballots of each district.
    pub by_district: Vec<u64>,
    /// Pseudonyms with a ballot.
    pub voters: u64,
}

/// The last ballot of each pseudonym, by position. SET-3.
fn last_ballots(ballots: &[BallotHead]) -> HashMap<&Hash, usize> {
    let mut last: HashMap<&Hash, usize> = HashMap::new();
    for (index, ballot) in ballots.iter().enumerate().filter(|(_, ballot)| !ballot.challenged) {
        let best = last.entry(&ballot.voter).or_insert(index);
        if ballots.get(*best).is_some_and(|best| best.number < ballot.number) {
            *best = index;
        }
    }
    last
}

/// A leaf of the closing tree: pseudonym, hash of its last ballot or zeros, status 0 none, 1 counted, 2 annulled. SET-5.
pub fn closing_leaf(pseudonym: &Hash, ballot: &Hash, status: u8) -> Hash {
    tree::leaf(&[pseudonym.as_slice(), ballot, &[status]].concat())
}

/// What the leaves of the closing tree hold, in the order of the whole roll. SET-5.
pub fn closing_leaves(ballots: &[BallotHead], roll: &[Line], is_annulled: &dyn Fn(&Hash) -> bool) -> Vec<(Hash, Hash, u8)> {
    let last = last_ballots(ballots);
    roll.iter().map(|line| leaf_of(line, &last, ballots, is_annulled)).collect()
}

fn leaf_of(line: &Line, last: &HashMap<&Hash, usize>, ballots: &[BallotHead], is_annulled: &dyn Fn(&Hash) -> bool) -> (Hash, Hash, u8) {
    match last.get(&line.pseudonym).and_then(|index| ballots.get(*index)) {
        None => (line.pseudonym, [0; 32], 0),
        Some(ballot) => (line.pseudonym, ballot.hash, if is_annulled(&line.pseudonym) { 2 } else { 1 }),
    }
}

/// Decides about every ballot. `roll` is the whole roll, `annulled` those who are at the end. A ballot counts in the district that it
/// names. SET-3 to SET-5.
pub fn counted_set(manifest: &Manifest, ballots: &[BallotHead], roll: &[Line], annulled: &HashSet<Hash>) -> CountedSet {
    let last = last_ballots(ballots);
    let mut by_district = vec![0u64; manifest.districts.len()];
    let mut hashes = Vec::new();
    let status = |(index, ballot): (usize, &BallotHead)| {
        if ballot.challenged {
            Status::Challenged
        } else if last.get(&ballot.voter) != Some(&index) {
            Status::Superseded
        } else if annulled.contains(&ballot.voter) {
            Status::Annulled
        } else {
            if let Some(count) = by_district.get_mut(usize::from(ballot.district)) {
                *count = count.saturating_add(1);
            }
            hashes.push(ballot.hash);
            Status::Counted
        }
    };
    let statuses = ballots.iter().enumerate().map(status).collect();
    hashes.sort_unstable();
    let mut root = tree::Tree::default();
    for line in roll {
        let (pseudonym, ballot, status) = leaf_of(line, &last, ballots, &|pseudonym| annulled.contains(pseudonym));
        root.push(closing_leaf(&pseudonym, &ballot, status));
    }
    let hash = hash::counted(&manifest.election, &hashes);
    CountedSet { statuses, hash, root: root.root(), by_district, voters: last.len() as u64 }
}

/// What is done with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its rows are opened.
    Opened,
    /// No ballot: all counts are 0.
    Empty,
    /// Too few ballots: nothing is said.
    Withheld,
}

/// Districts of one list whose ballots are opened together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Position of the contest.
    pub contest: u8,
    /// Position of the list.
    pub list: u32,
    /// Positions of its districts, ascending.
    pub districts: Vec<u16>,
    /// Counted ballots.
    pub ballots: u64,
    /// What is done with it.
    pub state: State,
}

/// All units, in the order of their numbers. UNIT-1 to UNIT-3.
pub fn units(manifest: &Manifest, by_district: &[u64]) -> Vec<Unit> {
    let mut units = Vec::new();
    for (contest, position) in manifest.contests.iter().zip(0..=u8::MAX) {
        let mut of_contest: Vec<Unit> = Vec::new();
        for (list, number) in contest.lists.iter().zip(0..=u32::MAX) {
            of_contest.extend(of_list(&list.districts, by_district, manifest.k_min, position, number));
        }
        of_contest.sort_by_key(|unit| unit.districts.first().copied());
        units.extend(of_contest);
    }
    units
}

fn of_list(districts: &[u16], by_district: &[u64], k_min: u64, contest: u8, list: u32) -> Vec<Unit> {
    let unit = |districts: Vec<u16>, ballots, state| Unit { contest, list, districts, ballots, state };
    let (mut empty, mut full): (Vec<Unit>, Vec<Unit>) = (Vec::new(), Vec::new());
    let (mut group, mut ballots) = (Vec::new(), 0u64);
    for district in districts {
        let count = by_district.get(usize::from(*district)).copied().unwrap_or(0);
        if count == 0 {
            empty.push(unit(vec![*district], 0, State::Empty));
            continue;
        }
        group.push(*district);
        ballots = ballots.saturating_add(count);
        if ballots >= k_min {
            full.push(unit(std::mem::take(&mut group), std::mem::take(&mut ballots), State::Opened));
        }
    }
    if !group.is_empty() {
        match full.last_mut() {
            Some(last) => {
                last.districts.append(&mut group);
                last.ballots = last.ballots.saturating_add(ballots);
            }
            None => full.push(unit(group, ballots, State::Withheld)),
        }
    }
    empty.append(&mut full);
    empty
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(counts: &[u64], k_min: u64) -> Vec<(Vec<u16>, u64, State)> {
        let districts: Vec<u16> = (0..counts.len() as u16).collect();
        let units = of_list(&districts, counts, k_min, 0, 0);
        units.into_iter().map(|unit| (unit.districts, unit.ballots, unit.state)).collect()
    }

    #[test]
    fn groups_reach_k_min() {
        use State::*;
        assert_eq!(shapes(&[12, 3, 0, 8, 4], 10), [(vec![2], 0, Empty), (vec![0], 12, Opened), (vec![1, 3, 4], 15, Opened)]);
        assert_eq!(shapes(&[3, 0, 4], 10), [(vec![1], 0, Empty), (vec![0, 2], 7, Withheld)]);
        assert_eq!(shapes(&[0], 1), [(vec![0], 0, Empty)]);
    }
}
