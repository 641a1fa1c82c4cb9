//! Lagrange coefficients at 0, and which quorums are tried. Spec: 10-tally, COMBINE-1; 05-key-ceremony, DRILL-2.

use crate::group::{self, Point, Scalar};

/// `λ_j = Π_{l≠j} l/(l-j)` for each `j` of some distinct indices.
pub fn scalars(indices: &[u16]) -> Vec<Scalar> {
    let one = |j: &u16| {
        let others = indices.iter().filter(|l| *l != j);
        let (mut above, mut below) = (Scalar::ONE, Scalar::ONE);
        for l in others {
            above *= Scalar::from(*l);
            below *= Scalar::from(*l) - Scalar::from(*j);
        }
        above * below.invert()
    };
    indices.iter().map(one).collect()
}

/// `Δ·λ_j` as small whole numbers with their common `Δ`, if they are small. Multiplying by them costs a fifth.
pub struct Small {
    /// `Δ`.
    pub denominator: u64,
    /// `Δ·λ_j`, index by index.
    pub numerators: Vec<i64>,
}

impl Small {
    /// Nothing if a number does not fit.
    pub fn new(indices: &[u16]) -> Option<Self> {
        let mut fractions = Vec::new();
        let mut denominator = 1i128;
        for j in indices {
            let (mut above, mut below) = (1i128, 1i128);
            for l in indices.iter().filter(|l| *l != j) {
                above = above.checked_mul(i128::from(*l))?;
                below = below.checked_mul(i128::from(*l) - i128::from(*j))?;
                let divisor = gcd(above, below);
                (above, below) = (above.checked_div(divisor)?, below.checked_div(divisor)?);
            }
            denominator = denominator.checked_mul(below.checked_div(gcd(denominator, below))?)?.checked_abs()?;
            fractions.push((above, below));
        }
        let small = |(above, below): (i128, i128)| i64::try_from(above.checked_mul(denominator.checked_div(below)?)?).ok();
        let numerators = fractions.into_iter().map(small).collect::<Option<Vec<_>>>()?;
        Some(Self { denominator: u64::try_from(denominator).ok()?, numerators })
    }
}

/// `n·p` for a small whole number.
pub fn times(n: i64, p: &Point) -> Point {
    let product = group::times(n.unsigned_abs(), p);
    if n < 0 { -product } else { product }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    i128::try_from(a).unwrap_or(1).max(1)
}

/// Quorums of `t` out of `answers` positions: all if at most 200, else `n` of them, each a run that wraps around.
pub fn quorums(answers: usize, t: usize, n: usize) -> Vec<Vec<usize>> {
    if t == 0 || answers < t {
        return Vec::new();
    }
    if binomial_at_most(answers, t, 200) {
        let mut all = vec![Vec::new()];
        for position in 0..answers {
            // Every subset that can still grow to size t.
            let with: Vec<Vec<usize>> =
                all.iter().filter(|subset| subset.len() < t).map(|subset| [subset.as_slice(), &[position]].concat()).collect();
            all.extend(with);
            all.retain(|subset| subset.len().saturating_add(answers.saturating_sub(position).saturating_sub(1)) >= t);
        }
        return all;
    }
    let run = |start: usize| (0..t).filter_map(|i| start.checked_add(i)?.checked_rem(answers)).collect();
    (0..n.min(answers)).map(run).collect()
}

fn binomial_at_most(n: usize, k: usize, most: u128) -> bool {
    let mut value = 1u128;
    for i in 0..k.min(n.saturating_sub(k)) {
        value = value.saturating_mul(n.saturating_sub(i) as u128) / (i as u128).saturating_add(1);
        if value > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_agree() {
        for indices in [&[1u16, 2, 3][..], &[2, 5, 9], &[7], &[1, 4, 5, 11, 12]] {
            let small = Small::new(indices).unwrap();
            for (lambda, numerator) in scalars(indices).iter().zip(&small.numerators) {
                let point = group::times_g(&(lambda * Scalar::from(small.denominator)));
                assert_eq!(point, times(*numerator, &group::G), "{indices:?}");
            }
        }
        let many: Vec<u16> = (1..=60).map(|i| i * i * 7 + i).collect();
        assert!(Small::new(&many).is_none());
    }

    #[test]
    fn quorums_are_all_or_runs() {
        assert_eq!(quorums(4, 2, 4).len(), 6);
        assert!(quorums(5, 3, 5).iter().all(|quorum| quorum.len() == 3));
        assert_eq!(quorums(5, 3, 5).len(), 10);
        assert_eq!(quorums(20, 10, 20).len(), 20);
        assert_eq!(quorums(20, 10, 20)[19], [19, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(quorums(2, 3, 5).is_empty());
    }
}
