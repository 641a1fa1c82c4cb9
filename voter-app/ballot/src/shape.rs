//! Contest rules as shapes: which integers are encrypted, of which bits, under which constraint. Spec: 04-proofs, shapes.

use crate::manifest::Rule;
use curve25519_dalek::Scalar;
use subtle::{Choice, ConditionallySelectable, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroize;

/// One hidden bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// The integer it belongs to, from 1; 0 for slack.
    pub integer: u16,
    /// What it adds to that integer.
    pub coefficient: u32,
}

/// `L·b = c`, with one coefficient for each bit; the first is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// `L`
    pub coefficients: Vec<u32>,
    /// `c`
    pub total: u32,
}

/// What one contest asks of a ballot: `(w, k, M, L, c)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    width: usize,
    bits: Vec<Bit>,
    constraint: Option<Constraint>,
    rule: Rule,
    options: usize,
    encoding: Vec<u8>,
}

/// The integers that one voter chose in one contest. Secret.
#[derive(Clone, PartialEq, Eq, Zeroize, zeroize::ZeroizeOnDrop)]
pub struct Selection(pub Vec<u32>);

impl core::fmt::Debug for Selection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Selection(<redacted>)")
    }
}

/// SHAPE-1: the selection is outside the contest's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SHAPE-1: the selection is outside the rule of the contest")]
pub struct SelectionError;

/// The coefficients of an integer in `0..=most`, ascending.
fn digits(most: u32) -> impl Iterator<Item = u32> {
    let bits = u32::BITS - most.leading_zeros();
    (0..bits).rev().map(move |j| ((u64::from(most) + (1u64 << j)) >> (j + 1)) as u32)
}

impl Shape {
    /// Derives the shape, or nothing if the rule has none (MAN-11).
    pub fn new(rule: &Rule, options: usize) -> Option<Self> {
        let n = u32::try_from(options).ok()?;
        let most_options = if matches!(rule, Rule::List {}) { 10_000 } else { 500 };
        if n < 1 || n > most_options {
            return None;
        }
        let mut bits = Vec::new();
        let mut add = |integer: u32, coefficient: u32| bits.push(Bit { integer: integer as u16, coefficient });
        let mut total = None;
        let width;
        match *rule {
            Rule::Choose { min, max, blank } => {
                if max < 1 || max > u64::from(n) || min > max || (blank && min < 1) {
                    return None;
                }
                (1..=n + u32::from(blank)).for_each(|i| add(i, 1));
                (min..max).for_each(|_| add(0, 0));
                width = n + u32::from(blank);
                total = Some(max as u32);
            }
            Rule::Approve {} => {
                (1..=n).for_each(|i| add(i, 1));
                width = n;
            }
            Rule::Score { most: r } | Rule::Budget { total: r } => {
                if !(1..=1000).contains(&r) {
                    return None;
                }
                (1..=n).for_each(|i| digits(r as u32).for_each(|c| add(i, c)));
                width = n;
                if matches!(rule, Rule::Budget { .. }) {
                    total = Some(r as u32);
                }
            }
            Rule::List {} => {
                if n < 2 {
                    return None;
                }
                digits(n - 1).for_each(|c| add(1, c));
                width = 1;
            }
            Rule::Rank { places } => {
                if !(1..=u64::from(n)).contains(&places) {
                    return None;
                }
                (1..=places as u32).for_each(|i| digits(n).for_each(|c| add(i, c)));
                width = places as u32;
            }
        }
        let constraint = total.map(|total| {
            let coefficients = bits.iter().map(|b| match (rule, b.integer) {
                (Rule::Choose { blank: true, max, .. }, i) if u32::from(i) == n + 1 => *max as u32,
                (Rule::Choose { .. }, _) => 1,
                _ => b.coefficient,
            });
            Constraint { coefficients: coefficients.collect(), total }
        });
        let mut shape = Self { width: width as usize, bits, constraint, rule: rule.clone(), options, encoding: Vec::new() };
        shape.encoding = shape.encode();
        Some(shape)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend((self.width as u16).to_be_bytes());
        out.extend((self.bits.len() as u16).to_be_bytes());
        for bit in &self.bits {
            out.extend(bit.integer.to_be_bytes());
            out.extend(bit.coefficient.to_be_bytes());
        }
        out.push(u8::from(self.constraint.is_some()));
        if let Some(l) = &self.constraint {
            l.coefficients.iter().chain([&l.total]).for_each(|c| out.extend(c.to_be_bytes()));
        }
        out
    }

    /// `w`: integers that are encrypted.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The hidden bits; there are `k`.
    pub fn bits(&self) -> &[Bit] {
        &self.bits
    }

    /// `L` and `c`.
    pub fn constraint(&self) -> Option<&Constraint> {
        self.constraint.as_ref()
    }

    /// Options in the list this shape belongs to.
    pub fn options(&self) -> usize {
        self.options
    }

    /// The rule it was derived from.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The bytes absorbed as `shape`.
    pub fn encoding(&self) -> &[u8] {
        &self.encoding
    }

    /// Bytes of one part of a ballot: `32·(w + k + 10)`.
    pub fn part_len(&self) -> usize {
        32 * (self.width + self.bits.len() + 10)
    }

    /// The largest value of one integer (DECODE-1).
    pub fn largest(&self) -> u64 {
        match self.rule {
            Rule::Choose { .. } | Rule::Approve {} => 1,
            Rule::Score { most } => most,
            Rule::Budget { total } => total,
            Rule::List {} => self.options as u64 - 1,
            Rule::Rank { .. } => self.options as u64,
        }
    }

    /// `Σ_j L_j·f_j`, or nothing without a constraint.
    pub fn constrained_sum(&self, f: &[Scalar]) -> Option<(Scalar, Scalar)> {
        let l = self.constraint.as_ref()?;
        let sum = l.coefficients.iter().zip(f).map(|(c, f)| if *c == 1 { *f } else { Scalar::from(*c) * f }).sum();
        Some((sum, Scalar::from(l.total)))
    }

    /// `Σ_i y_i·(M·f)_i`.
    pub fn weighted(&self, y: &[Scalar], f: &[Scalar]) -> Scalar {
        let term = |(bit, f): (&Bit, &Scalar)| {
            let y = usize::from(bit.integer).checked_sub(1).and_then(|i| y.get(i))?;
            Some(if bit.coefficient == 1 { y * f } else { y * f * Scalar::from(bit.coefficient) })
        };
        self.bits.iter().zip(f).filter_map(term).sum()
    }

    /// The bits of a selection (0 or 1 each), in time that depends on the shape alone; refuses what the rule does not allow.
    ///
    /// Whether it refuses is not secret: a refused selection is never encrypted.
    pub fn bits_of(&self, selection: &Selection) -> Result<Vec<u8>, SelectionError> {
        if selection.0.len() != self.width {
            return Err(SelectionError);
        }
        let mut rest = zeroize::Zeroizing::new(selection.0.clone());
        let mut bits = vec![0u8; self.bits.len()];
        for (bit, out) in self.bits.iter().zip(bits.iter_mut()).rev() {
            let Some(left) = usize::from(bit.integer).checked_sub(1).and_then(|i| rest.get_mut(i)) else { continue };
            let take = !bit.coefficient.ct_gt(left);
            left.conditional_assign(&left.wrapping_sub(bit.coefficient), take);
            *out = take.unwrap_u8();
        }
        // Nothing may be left of any integer: it was in range.
        let mut fine = Choice::from(1);
        for left in rest.iter() {
            fine &= left.ct_lt(&1);
        }
        if let Some(l) = &self.constraint {
            let mut sum = 0u32;
            for (c, b) in l.coefficients.iter().zip(&bits) {
                sum = sum.wrapping_add(c * u32::from(*b));
            }
            fine &= !sum.ct_gt(&l.total);
            let mut missing = l.total.wrapping_sub(sum);
            for (bit, out) in self.bits.iter().zip(bits.iter_mut()) {
                if bit.integer == 0 {
                    let take = missing.ct_gt(&0);
                    *out = take.unwrap_u8();
                    missing = missing.wrapping_sub(u32::from(*out));
                }
            }
            fine &= missing.ct_lt(&1);
        }
        if bool::from(fine) { Ok(bits) } else { Err(SelectionError) }
    }
}
