//! Rows of units: sums of ciphertexts, or the ciphertexts themselves for mixing. Spec: 10-tally, Units.

use crate::ballot::BallotBytes;
use crate::bytes::Hash;
use crate::counted::{State, Unit};
use crate::group::Point;
use crate::manifest::Manifest;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Units by number, and which one a district's ballots of a contest go to.
pub struct UnitMap {
    /// All units.
    pub units: Vec<Unit>,
    by_contest: Vec<HashMap<u16, u32>>,
}

impl UnitMap {
    /// Indexes the units.
    pub fn new(manifest: &Manifest, units: Vec<Unit>) -> Self {
        let mut by_contest = vec![HashMap::new(); manifest.contests.len()];
        for (unit, number) in units.iter().zip(0..=u32::MAX) {
            if let Some(map) = by_contest.get_mut(usize::from(unit.contest)) {
                map.extend(unit.districts.iter().map(|district| (*district, number)));
            }
        }
        Self { units, by_contest }
    }

    fn of(&self, contest: u8, district: u16) -> Option<u32> {
        let number = *self.by_contest.get(usize::from(contest))?.get(&district)?;
        let unit = self.units.get(usize::try_from(number).ok()?)?;
        (unit.state == State::Opened).then_some(number)
    }
}

/// What has been gathered for one unit.
#[derive(Clone, Default)]
pub struct Gathered {
    /// Sum of the ciphertexts of a summed unit, `w + 1` points.
    pub sum: Vec<Point>,
    /// Rows of a mixed unit, `w + 1` encodings each, in no order.
    pub rows: Vec<Hash>,
}

/// All units, filled from many threads. Sums do not depend on the order.
pub struct Rows {
    units: Vec<Mutex<Gathered>>,
}

impl Rows {
    /// Nothing gathered.
    pub fn new(units: &UnitMap) -> Self {
        Self { units: units.units.iter().map(|_| Mutex::default()).collect() }
    }

    /// Adds a counted ballot. `points` are all its points, part by part.
    pub fn add(&self, units: &UnitMap, manifest: &Manifest, ballot: &BallotBytes<'_>, points: &[Point]) {
        let mut rest = points;
        let parts = manifest.parts.get(usize::from(ballot.head.district)).map_or(&[][..], Vec::as_slice);
        for (bytes, part) in ballot.parts.iter().zip(parts) {
            let Some((here, more)) = rest.split_at_checked(bytes.points.len()) else { return };
            rest = more;
            let Some(contest) = manifest.contests.get(usize::from(part.contest)) else { return };
            let unit = units.of(part.contest, ballot.head.district).and_then(|number| usize::try_from(number).ok());
            let Some(unit) = unit.and_then(|number| self.units.get(number)) else { continue };
            let mut unit = unit.lock().unwrap_or_else(PoisonError::into_inner);
            let row = bytes.row();
            if contest.rule.is_mixed() {
                unit.rows.extend_from_slice(row);
            } else if unit.sum.is_empty() {
                unit.sum.extend(here.iter().take(row.len()));
            } else {
                unit.sum.iter_mut().zip(here).for_each(|(sum, point)| *sum += point);
            }
        }
    }

    /// Takes out what was gathered for a unit; rows come sorted by their bytes. Spec: 09-mixing, Message.
    pub fn take(&mut self, unit: usize, width: usize) -> Gathered {
        let Some(unit) = self.units.get_mut(unit) else { return Gathered::default() };
        let mut gathered = std::mem::take(unit.get_mut().unwrap_or_else(PoisonError::into_inner));
        let mut sorted: Vec<&[Hash]> = gathered.rows.chunks_exact(width.max(1)).collect();
        sorted.sort_unstable();
        gathered.rows = sorted.concat();
        gathered
    }
}
