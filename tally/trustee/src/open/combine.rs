//! From right openings to numbers. Spec: 10-tally, COMBINE and DECODE.

use super::{Opening, Rows};
use ballot::elgamal::SmallLog;
use ballot::{RistrettoPoint, Scalar};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rayon::prelude::*;
use std::collections::HashMap;

/// Why a unit has no numbers. Variants follow 10-tally.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum CombineError {
    #[error("COMBINE-1: trustee {0} is no trustee, or is named twice")]
    Trustee(u16),
    #[error("COMBINE-1: the opening of trustee {0} has another size")]
    Size(u16),
    #[error("COMBINE-2: {given} right openings, {threshold} needed; missing: {missing:?}")]
    TooFew { given: usize, threshold: usize, missing: Vec<u16> },
    #[error("DECODE-1: column {column} of row {row} holds no number that a ballot allows")]
    Number { row: usize, column: usize },
}

impl CombineError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Trustee(_) | Self::Size(_) => "COMBINE-1",
            Self::TooFew { .. } => "COMBINE-2",
            Self::Number { .. } => "DECODE-1",
        }
    }
}

/// `λ_j = Π_{l≠j} l/(l-j)` for each trustee `j` of the quorum. Indices are from 1; 0 or a repeated one is refused, because either
/// gives a number that opens to something else (F06).
pub fn lagrange(quorum: &[u16]) -> Result<Vec<Scalar>, CombineError> {
    for (at, j) in quorum.iter().enumerate() {
        if *j == 0 || quorum.iter().take(at).any(|l| l == j) {
            return Err(CombineError::Trustee(*j));
        }
    }
    let of = |j: &u16| {
        let others = || quorum.iter().filter(|l| *l != j).map(|l| Scalar::from(*l));
        let bottom: Scalar = others().map(|l| l - Scalar::from(*j)).product();
        others().product::<Scalar>() * bottom.invert()
    };
    Ok(quorum.iter().map(of).collect())
}

/// COMBINE-1: `m_i,c·G`, row by row, from exactly the openings of one quorum. Each must have been verified.
pub fn combine(rows: &Rows, quorum: &[&Opening]) -> Result<Vec<RistrettoPoint>, CombineError> {
    if rows.needs_no_factors() {
        return Ok(rows.columns().to_vec()); // OPEN-7
    }
    let indices: Vec<u16> = quorum.iter().map(|o| o.head.trustee).collect();
    let minus: Vec<Scalar> = lagrange(&indices)?.iter().map(|l| -l).collect();
    if let Some(wrong) = quorum.iter().find(|o| o.factors.len() != rows.columns().len()) {
        return Err(CombineError::Size(wrong.head.trustee));
    }
    let one = |(i, b): (usize, &RistrettoPoint)| {
        let factors: Vec<&RistrettoPoint> = quorum.iter().filter_map(|o| o.factors.get(i)).map(|f| f.point()).collect();
        b + RistrettoPoint::vartime_multiscalar_mul(&minus, factors)
    };
    Ok(rows.columns().par_iter().enumerate().map(one).collect())
}

/// Finds the number behind a point (DECODE-1).
#[derive(Debug)]
pub enum Decoder {
    /// Every number stands in a table, by its point: for mixed units, with many points and few numbers.
    Table(HashMap<[u8; 32], u64>),
    /// Steps: for sums, with few points and many numbers.
    Steps(SmallLog),
}

impl Decoder {
    /// For numbers in `0..=most` of a mixed unit's rows.
    pub fn mixed(most: u64) -> Self {
        let points = (0..=most).scan(RistrettoPoint::default(), |at, m| {
            let now = *at;
            *at += curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
            Some((now.compress().to_bytes(), m))
        });
        Self::Table(points.collect())
    }

    /// For numbers in `0..=most` of a sum.
    pub fn summed(most: u64) -> Self {
        Self::Steps(SmallLog::new(most))
    }

    fn find(&self, point: &RistrettoPoint) -> Option<u64> {
        match self {
            Self::Table(table) => {
                let m = *table.get(point.compress().as_bytes())?;
                (RistrettoPoint::mul_base(&Scalar::from(m)) == *point).then_some(m) // F14: never trust the table alone
            }
            Self::Steps(steps) => steps.find(point),
        }
    }

    /// The numbers of all rows, row by row.
    pub fn decode(&self, width: usize, points: &[RistrettoPoint]) -> Result<Vec<u64>, CombineError> {
        let found: Vec<Option<u64>> = points.par_iter().map(|p| self.find(p)).collect();
        let missing = found.iter().position(Option::is_none);
        match missing {
            Some(at) => Err(CombineError::Number { row: at / width.max(1), column: at % width.max(1) }),
            None => Ok(found.into_iter().flatten().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// F06: index 0 and a repeated index give numbers, only wrong ones.
    #[test]
    fn a_quorum_names_each_trustee_once_from_1() {
        for (quorum, wrong) in [(&[0u16, 1][..], 0), (&[1, 0], 0), (&[1, 1], 1), (&[2, 3, 2], 2), (&[0], 0)] {
            assert_eq!(lagrange(quorum), Err(CombineError::Trustee(wrong)), "{quorum:?}");
        }
        assert_eq!(lagrange(&[7]), Ok(vec![Scalar::ONE]));
    }

    #[test]
    fn what_cannot_be_decoded_is_named_by_row_and_column() {
        let points: Vec<_> = [0u64, 1, 2, 2, 1, 3].iter().map(|m| RistrettoPoint::mul_base(&Scalar::from(*m))).collect();
        for decoder in [Decoder::mixed(2), Decoder::summed(2)] {
            assert_eq!(decoder.decode(3, &points), Err(CombineError::Number { row: 1, column: 2 }));
            assert_eq!(decoder.decode(1, &points[..5]).as_deref(), Ok(&[0, 1, 2, 2, 1][..]));
        }
    }
}
