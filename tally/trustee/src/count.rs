//! From opened numbers to the published result. Spec: 10-tally, COUNT and the result.

pub mod instant_runoff;
pub mod plurality;

use crate::units::{Unit, UnitState};
use ballot::manifest::{Count, Hex32, Manifest};
use ballot::{Hash, Shape};
use serde::Serialize;

/// The blob of the order *result*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the table in 10-tally
pub struct ElectionResult {
    pub counted: Hex32,
    pub election: Hex32,
    pub haal: u64,
    pub units: Vec<UnitResult>,
}

/// One unit's line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct UnitResult {
    pub ballots: u64,
    pub contest: String,
    pub counts: Vec<u64>,
    pub districts: Vec<String>,
    pub rounds: Vec<Vec<u64>>,
    pub state: &'static str,
    pub unit: u32,
    pub winner: String,
}

/// COUNT-4: the stated result is not what everyone computes, or it cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum CountError {
    #[error("COUNT-4: unit {unit} is not one of the manifest")]
    Unit { unit: u32 },
    #[error("COUNT-4: unit {unit} has {given} numbers, {expected} expected")]
    Numbers { unit: u32, given: usize, expected: usize },
    #[error("COUNT-4: the result differs from the one that the record gives")]
    Differs,
}

impl CountError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        "COUNT-4"
    }
}

impl ElectionResult {
    /// Joins the units' results.
    pub fn new(election: Hash, counted: Hash, units: Vec<UnitResult>) -> Self {
        Self { counted: Hex32(counted), election: Hex32(election), haal: 1, units }
    }

    /// The bytes to be published: RFC 8785.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).unwrap_or_default() // numbers, texts and lists alone: it cannot fail
    }

    /// COUNT-4
    pub fn check(&self, published: &[u8]) -> Result<(), CountError> {
        if self.to_bytes() == published { Ok(()) } else { Err(CountError::Differs) }
    }
}

/// The result of one unit from its opened numbers, row by row; empty and withheld units have none.
pub fn count_unit(manifest: &Manifest, unit: &Unit, numbers: &[u64]) -> Result<UnitResult, CountError> {
    let unknown = CountError::Unit { unit: unit.number };
    let (contest, list) = manifest.contest(unit.item).ok_or(unknown)?;
    let shape = manifest.shape(unit.item).ok_or(unknown)?;
    let ids = &manifest.description().districts;
    let mut result = UnitResult {
        ballots: unit.ballots,
        contest: contest.id.clone(),
        counts: Vec::new(),
        districts: unit.districts.iter().filter_map(|&d| ids.get(d)).map(|d| d.id.clone()).collect(),
        rounds: Vec::new(),
        state: "opened",
        unit: unit.number,
        winner: String::new(),
    };
    match unit.state {
        UnitState::Withheld => result.state = "withheld",
        UnitState::Empty => {
            result.state = "empty";
            result.counts = vec![0; if contest.count == Count::Sum { shape.width() } else { list.options.len() }];
        }
        UnitState::Opened => {
            let expected = expected_numbers(contest.count, shape, unit.ballots);
            if numbers.len() != expected {
                return Err(CountError::Numbers { unit: unit.number, given: numbers.len(), expected });
            }
            match contest.count {
                Count::Sum => result.counts = numbers.to_vec(), // COUNT-1
                Count::Plurality => result.counts = plurality::count(numbers, list.options.len()),
                Count::InstantRunoff => {
                    let outcome = instant_runoff::count(numbers.chunks(shape.width().max(1)), list.options.len());
                    result.winner = outcome.winner.and_then(|w| list.options.get(w)).map(|o| o.id.clone()).unwrap_or_default();
                    result.counts = outcome.rounds.last().cloned().unwrap_or_default();
                    result.rounds = outcome.rounds;
                }
            }
        }
    }
    Ok(result)
}

fn expected_numbers(count: Count, shape: &Shape, ballots: u64) -> usize {
    let rows = if count == Count::Sum { 1 } else { ballots as usize };
    rows * shape.width()
}
