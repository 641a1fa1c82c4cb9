//! One unit with its rows, intents and openings. Spec: 10-tally.

use super::Checked;
use crate::mix::chain::{Chain, Mixing};
use crate::open::{Opening, Rows};
use crate::units::{Unit, UnitState, sum};
use ballot::{Ciphertext, Hash, Manifest};
use std::collections::BTreeMap;

/// What everyone computes about one unit.
#[derive(Debug)]
pub struct UnitView {
    /// Its districts and number.
    pub unit: Unit,
    /// The largest number that may come out of one column (DECODE-1).
    pub most: u64,
    /// Its stages, if it is mixed.
    pub chain: Option<Chain>,
    /// What is opened, once it is known: the sum, or the output of the last stage; with the stage hash.
    pub rows: Option<(Rows, Hash)>,
    /// Trustees with a right intent, with the entry of the first.
    pub intents: BTreeMap<u16, u64>,
    /// Right openings in the order of the log.
    pub openings: Vec<Opening>,
}

impl UnitView {
    pub(super) fn new(manifest: &Manifest, unit: Unit, counted: &[Checked]) -> Option<Self> {
        let shape = manifest.shape(unit.item)?;
        let width = shape.width();
        let mut view = Self { most: shape.largest(), unit, chain: None, rows: None, intents: BTreeMap::new(), openings: Vec::new() };
        if view.unit.state != UnitState::Opened {
            return Some(view);
        }
        let parts = counted.iter().filter_map(|b| view.unit.part(manifest, b.facts.district, &b.parts));
        if shape.rule().is_mixed() {
            let rows: Vec<Ciphertext> = parts.cloned().collect();
            view.chain = Some(Chain::new(view.unit.number, width, rows));
        } else {
            let rows = Rows::summed(&sum(width, parts));
            let hash = rows.hash();
            view.rows = Some((rows, hash));
            view.most = view.most.checked_mul(view.unit.ballots)?; // F14: far from 2^64 for any roll
        }
        Some(view)
    }

    /// Takes over the last stage's output once the unit is mixed (MIX-16).
    pub(super) fn finish_mixing(&mut self, mixing: &Mixing) {
        if let Some(chain) = self.chain.as_ref().filter(|c| self.rows.is_none() && mixing.is_mixed(c)) {
            let last = chain.stages().last().map(|s| s.hash);
            self.rows = last.map(|hash| (Rows::mixed(chain.width(), chain.rows()), hash));
        }
    }

    /// Rows and stage hash, if there is something that takes factors (OPEN-7).
    pub fn to_open(&self) -> Option<(&Rows, &Hash)> {
        self.rows.as_ref().filter(|(rows, _)| !rows.needs_no_factors()).map(|(rows, hash)| (rows, hash))
    }
}
