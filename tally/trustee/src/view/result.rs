//! From the record's openings to its result. Spec: 10-tally, COMBINE, DECODE, COUNT.

use super::{UnitView, View};
use crate::count::{CountError, ElectionResult, count_unit};
use crate::open::{CombineError, Decoder, Opening, combine};
use crate::units::UnitState;
use ballot::Manifest;
use rayon::prelude::*;

/// Why a unit has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ResultError {
    #[error("MIX-16: the unit is not mixed")]
    Unmixed,
    #[error(transparent)]
    Combine(#[from] CombineError),
    #[error(transparent)]
    Count(#[from] CountError),
}

impl View {
    /// Combines, decodes and counts every unit (COMBINE, DECODE, COUNT).
    pub fn result(&self) -> Result<ElectionResult, (u32, ResultError)> {
        let (n, threshold) = self.manifest().trustees();
        let one = |u: &UnitView| u.count(self.manifest(), n, threshold).map_err(|e| (u.unit.number, e));
        let units: Vec<_> = self.units.par_iter().map(one).collect(); // then in order, so that the first error is named
        let units = units.into_iter().collect::<Result<_, _>>()?;
        Ok(ElectionResult::new(self.closed.election, self.closed.counted, units))
    }
}

impl UnitView {
    fn count(&self, manifest: &Manifest, n: usize, threshold: usize) -> Result<crate::count::UnitResult, ResultError> {
        if self.unit.state != UnitState::Opened {
            return Ok(count_unit(manifest, &self.unit, &[])?);
        }
        let (rows, _) = self.rows.as_ref().ok_or(ResultError::Unmixed)?;
        let quorum: Vec<&Opening> = self.openings.iter().take(threshold).collect(); // COMBINE-1: the first in the log
        if quorum.len() < threshold && !rows.needs_no_factors() {
            let missing = (1..=n as u16).filter(|j| quorum.iter().all(|o| o.head.trustee != *j)).collect();
            return Err(CombineError::TooFew { given: quorum.len(), threshold, missing }.into());
        }
        let points = combine(rows, &quorum)?;
        let decoder = if self.chain.is_some() { Decoder::mixed(self.most) } else { Decoder::summed(self.most) };
        Ok(count_unit(manifest, &self.unit, &decoder.decode(rows.width(), &points)?)?)
    }
}
