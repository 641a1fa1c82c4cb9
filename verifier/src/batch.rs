//! Many small equations as one multi-scalar multiplication; on failure the batch is split until each culprit is found.
//! Spec: 04-proofs, BIT-9.

use crate::bytes::Hash;
use crate::group::{self, Point, Scalar};
use crate::weights::Entropy;
use rayon::prelude::*;

/// One equation `g·G + Σ terms = 0`.
#[derive(Clone, Debug, Default)]
pub struct Equation {
    /// Coefficient of `G`, which all equations share.
    pub g: Scalar,
    /// The other terms.
    pub terms: Vec<(Scalar, Point)>,
}

/// For each item, do all its equations hold?
pub fn holds(items: &[Vec<Equation>], batch: &Hash, entropy: &Entropy) -> Vec<bool> {
    let mut results = vec![false; items.len()];
    // About 4,096 points at a time: large enough for Pippenger's buckets, small enough for two cores.
    let size = items.iter().flatten().map(|equation| equation.terms.len()).sum::<usize>() / items.len().max(1);
    let step = (4096 / size.max(1)).max(1);
    results.par_chunks_mut(step).zip(items.par_chunks(step)).for_each(|(results, items)| split(items, results, batch, entropy));
    results
}

fn split(items: &[Vec<Equation>], results: &mut [bool], batch: &Hash, entropy: &Entropy) {
    if sum_is_zero(items, batch, entropy) {
        results.fill(true);
    } else if items.len() > 1 {
        let half = items.len() / 2;
        let (left, right) = items.split_at(half);
        let (left_results, right_results) = results.split_at_mut(half);
        split(left, left_results, batch, entropy);
        split(right, right_results, batch, entropy);
    }
}

fn sum_is_zero(items: &[Vec<Equation>], batch: &Hash, entropy: &Entropy) -> bool {
    let mut weights = entropy.weights(batch);
    let mut g = Scalar::ZERO;
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    for equation in items.iter().flatten() {
        let weight = weights.draw();
        g += weight * equation.g;
        for (coefficient, point) in &equation.terms {
            scalars.push(weight * coefficient);
            points.push(*point);
        }
    }
    group::is_identity(&(group::msm(&scalars, &points) + group::times_g(&g)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_culprit_is_found() {
        let equation = |n: u64, wrong: u64| vec![Equation { g: -Scalar::from(n + wrong), terms: vec![(Scalar::from(n), group::G)] }];
        let items: Vec<_> = (1..60).map(|n| equation(n, u64::from(n == 17 || n == 40))).collect();
        let results = holds(&items, &[7; 32], &Entropy::fresh().unwrap());
        let bad: Vec<_> = results.iter().enumerate().filter(|(_, good)| !**good).map(|(i, _)| i + 1).collect();
        assert_eq!(bad, [17, 40]);
    }
}
