//! Shapes: which small integers a ballot of a contest holds, and of which bits. Spec: 04-proofs, Shapes.

use crate::manifest::Rule;

/// One hidden bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// The integer it belongs to, from 1; 0 for slack.
    pub integer: u16,
    /// What it adds to that integer.
    pub coefficient: u32,
}

/// `(w, k, M, L, c)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Encrypted integers.
    pub w: usize,
    /// Hidden bits, integer by integer.
    pub bits: Vec<Bit>,
    /// `L` and `c` of the one constraint, if any.
    pub constraint: Option<(Vec<u32>, u32)>,
    /// Largest value of one integer.
    pub largest: u32,
}

/// Coefficients that make exactly the values `0..=most`, ascending; the first is 1.
pub fn digits(most: u32) -> Vec<u32> {
    let count = u32::BITS - most.leading_zeros();
    let most = u64::from(most);
    let digit = |j: u32| (most + (1 << j)) >> (j + 1);
    (0..count).rev().map(|j| u32::try_from(digit(j)).unwrap_or(u32::MAX)).collect()
}

impl Shape {
    /// The shape of a rule with `n` options. MAN-11 has been checked.
    pub fn new(rule: Rule, n: usize) -> Self {
        let n16 = u16::try_from(n).unwrap_or(u16::MAX);
        let spread = |integers: u16, most: u32| -> Vec<Bit> {
            let digits = digits(most);
            (1..=integers).flat_map(|integer| digits.iter().map(move |&coefficient| Bit { integer, coefficient })).collect()
        };
        let plain = |w: usize, bits, largest| Self { w, bits, constraint: None, largest };
        let last = n16.saturating_sub(1);
        match rule {
            Rule::Choose { min, max, blank } => {
                let w = n.saturating_add(usize::from(blank));
                let mut bits = spread(u16::try_from(w).unwrap_or(u16::MAX), 1);
                let mut row = vec![1; bits.len()];
                if blank && let Some(last) = row.last_mut() {
                    *last = max;
                }
                for _ in min..max {
                    bits.push(Bit { integer: 0, coefficient: 0 });
                    row.push(1);
                }
                Self { w, bits, constraint: Some((row, max)), largest: 1 }
            }
            Rule::Approve => plain(n, spread(n16, 1), 1),
            Rule::Score { most } => plain(n, spread(n16, most), most),
            Rule::Budget { total } => {
                let bits = spread(n16, total);
                let row = bits.iter().map(|bit| bit.coefficient).collect();
                Self { w: n, bits, constraint: Some((row, total)), largest: total }
            }
            Rule::List => plain(1, spread(1, u32::from(last)), u32::from(last)),
            Rule::Rank { places } => {
                let w = usize::try_from(places).unwrap_or(usize::MAX);
                plain(w, spread(u16::try_from(places).unwrap_or(u16::MAX), u32::from(n16)), u32::from(n16))
            }
        }
    }

    /// Bytes of a part of a ballot: `32·(w + k + 10)`.
    pub fn part_length(&self) -> usize {
        self.w.saturating_add(self.bits.len()).saturating_add(10).saturating_mul(32)
    }

    /// What a transcript absorbs as `shape`.
    pub fn encode(&self) -> Vec<u8> {
        let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes();
        let mut out = [short(self.w), short(self.bits.len())].concat();
        for bit in &self.bits {
            out.extend(bit.integer.to_be_bytes());
            out.extend(bit.coefficient.to_be_bytes());
        }
        out.push(u8::from(self.constraint.is_some()));
        if let Some((row, c)) = &self.constraint {
            out.extend(row.iter().chain([c]).flat_map(|n| n.to_be_bytes()));
        }
        out
    }

    /// The bits of a selection, or nothing if the rule does not allow it. SHAPE-1.
    pub fn bits_of(&self, rule: Rule, selection: &[u32]) -> Option<Vec<bool>> {
        if selection.len() != self.w || selection.iter().any(|m| *m > self.largest) {
            return None;
        }
        let set = selection.iter().fold(0u64, |sum, m| sum.saturating_add(u64::from(*m)));
        match rule {
            Rule::Choose { min, max, blank } => {
                let blank_set = blank && selection.last() == Some(&1);
                if blank_set && set > 1 || !blank_set && !(u64::from(min)..=u64::from(max)).contains(&set) {
                    return None;
                }
            }
            Rule::Budget { total } if set != u64::from(total) => return None,
            _ => {}
        }
        let mut rest = selection.to_vec();
        let mut bits = vec![false; self.bits.len()];
        for (bit, set) in self.bits.iter().zip(&mut bits).rev() {
            if bit.integer == 0 {
                continue;
            }
            let rest = rest.get_mut(usize::from(bit.integer.saturating_sub(1)))?;
            if bit.coefficient <= *rest {
                *rest = rest.saturating_sub(bit.coefficient);
                *set = true;
            }
        }
        if let Some((row, c)) = &self.constraint {
            let used = row.iter().zip(&bits).filter(|(_, set)| **set).fold(0u32, |sum, (l, _)| sum.saturating_add(*l));
            let slack = usize::try_from(c.checked_sub(used)?).ok()?;
            for (_, set) in self.bits.iter().zip(&mut bits).filter(|(bit, _)| bit.integer == 0).take(slack) {
                *set = true;
            }
        }
        Some(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_reach_every_value_and_no_more() {
        for most in 1..200u32 {
            let digits = digits(most);
            assert_eq!((digits[0], digits.iter().sum::<u32>()), (1, most));
            assert!(digits.is_sorted());
            let mut reach = std::collections::BTreeSet::from([0]);
            for digit in digits {
                reach.extend(reach.clone().iter().map(|value| value + digit));
            }
            assert!(reach.into_iter().eq(0..=most), "{most}");
        }
    }

    #[test]
    fn sizes_of_the_examples() {
        let one_of_five = Shape::new(Rule::Choose { min: 1, max: 1, blank: true }, 5);
        assert_eq!((one_of_five.w, one_of_five.bits.len(), one_of_five.part_length()), (6, 6, 704));
        let one_of_many = Shape::new(Rule::List, 153);
        assert_eq!((one_of_many.w, one_of_many.bits.len(), one_of_many.part_length()), (1, 8, 608));
    }

    #[test]
    fn every_allowed_selection_satisfies_its_constraint() {
        let rule = Rule::Choose { min: 1, max: 3, blank: true };
        let shape = Shape::new(rule, 4);
        let mut allowed = 0;
        for code in 0..32u32 {
            let selection: Vec<u32> = (0..5).map(|i| (code >> i) & 1).collect();
            let Some(bits) = shape.bits_of(rule, &selection) else { continue };
            allowed += 1;
            let (row, c) = shape.constraint.clone().unwrap();
            assert_eq!(row.iter().zip(&bits).map(|(l, b)| l * u32::from(*b)).sum::<u32>(), c, "{selection:?}");
        }
        assert_eq!(allowed, 4 + 6 + 4 + 1);
        let rule = Rule::Budget { total: 10 };
        let shape = Shape::new(rule, 3);
        assert!(shape.bits_of(rule, &[3, 3, 4]).is_some() && shape.bits_of(rule, &[3, 3, 3]).is_none());
        assert!(shape.bits_of(rule, &[3, 7]).is_none());
    }
}
