//! Which ballots are opened together. Spec: 10-tally, UNIT.

use ballot::elgamal::CipherSum;
use ballot::manifest::StyleItem;
use ballot::{Ciphertext, Manifest};

/// What is done with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitState {
    /// UNIT-1: no counted ballots, all counts are 0.
    Empty,
    /// UNIT-2: opened.
    Opened,
    /// UNIT-3: too few ballots for secrecy; only their number is published.
    Withheld,
}

/// Some districts of one list of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// From 0.
    pub number: u32,
    /// Contest and list.
    pub item: StyleItem,
    /// Positions of its districts, in manifest order.
    pub districts: Vec<usize>,
    /// Counted ballots.
    pub ballots: u64,
    /// What is done with it.
    pub state: UnitState,
}

/// All units of an election, a partition fixed by the counted set. `counted[d]` are the counted ballots of district `d`.
pub fn units(manifest: &Manifest, counted: &[u64]) -> Vec<Unit> {
    let d = manifest.description();
    let mut all: Vec<Unit> = Vec::new();
    for (contest, c) in d.contests.iter().enumerate() {
        let mut of_contest = Vec::new();
        for (list, l) in c.lists.iter().enumerate() {
            let mut districts: Vec<usize> = l.districts.iter().filter_map(|id| manifest.district(id)).collect();
            districts.sort_unstable(); // the order of the manifest's districts, not of the list's
            of_contest.extend(units_of_list(StyleItem { contest, list }, &districts, counted, d.k_min));
        }
        of_contest.sort_by_key(|u| u.districts.first().copied());
        all.extend(of_contest);
    }
    (0..).zip(&mut all).for_each(|(number, unit)| unit.number = number);
    all
}

fn units_of_list(item: StyleItem, districts: &[usize], counted: &[u64], k_min: u64) -> Vec<Unit> {
    let unit = |districts, ballots, state| Unit { number: 0, item, districts, ballots, state };
    let (mut units, mut group, mut ballots) = (Vec::new(), Vec::new(), 0);
    for &district in districts {
        match counted.get(district).copied().unwrap_or(0) {
            0 => units.push(unit(vec![district], 0, UnitState::Empty)), // UNIT-1
            n => {
                group.push(district);
                ballots += n;
            }
        }
        if ballots >= k_min && !group.is_empty() {
            units.push(unit(std::mem::take(&mut group), std::mem::take(&mut ballots), UnitState::Opened)); // UNIT-2
        }
    }
    if !group.is_empty() {
        // UNIT-3
        match units.iter_mut().rev().find(|u| u.state == UnitState::Opened) {
            Some(last) => {
                last.districts.append(&mut group);
                last.ballots += ballots;
            }
            None => units.push(unit(group, ballots, UnitState::Withheld)),
        }
    }
    units
}

impl Unit {
    /// This unit's part of a ballot's parts, if the ballot's district belongs to it.
    pub fn part<'a>(&self, manifest: &Manifest, district: usize, parts: &'a [Ciphertext]) -> Option<&'a Ciphertext> {
        self.districts.binary_search(&district).ok()?;
        let at = manifest.style(district).iter().position(|item| *item == self.item)?;
        parts.get(at)
    }
}

/// The component-wise sum of rows of `width` columns.
pub fn sum<'a>(width: usize, rows: impl Iterator<Item = &'a Ciphertext>) -> CipherSum {
    let mut sum = CipherSum::zero(width);
    rows.for_each(|row| sum.add(row));
    sum
}
