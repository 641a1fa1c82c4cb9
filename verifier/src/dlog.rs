//! Small discrete logarithms: a table of baby steps, then giant steps. Spec: 10-tally, DECODE-1.

use crate::bytes::Hash;
use crate::group::{self, Point};
use curve25519_dalek::traits::Identity;
use std::collections::HashMap;

/// Finds `m` in `0..=most` with `m·base` equal to a point.
pub struct SmallLog {
    steps: HashMap<Hash, u64>,
    giant: Point,
    width: u64,
    most: u64,
}

impl SmallLog {
    /// A table for logarithms to `base` up to `most`.
    pub fn new(base: &Point, most: u64) -> Self {
        // The square root, but a whole table while it is cheap: mixed units ask once for each row.
        let width = if most < 1 << 15 { most.saturating_add(1) } else { most.isqrt().clamp(1 << 15, 1 << 20) };
        let mut steps = HashMap::new();
        let mut next = Point::identity();
        let mut batch = Vec::with_capacity(1024);
        let mut done = 0u64;
        // Doubled encodings: one inversion serves a whole batch of them.
        for index in 0..width {
            batch.push(next);
            next += base;
            if batch.len() == 1024 || index.saturating_add(1) == width {
                for encoding in Point::double_and_compress_batch(&batch) {
                    steps.insert(encoding.to_bytes(), done);
                    done = done.saturating_add(1);
                }
                batch.clear();
            }
        }
        Self { steps, giant: next, width, most }
    }

    /// The logarithm of each point, if it is in range.
    pub fn find(&self, points: &[Point]) -> Vec<Option<u64>> {
        let encodings = Point::double_and_compress_batch(points);
        points.iter().zip(encodings).map(|(point, encoding)| self.one(point, encoding.to_bytes())).collect()
    }

    fn one(&self, point: &Point, encoding: Hash) -> Option<u64> {
        let (mut rest, mut encoding, mut base) = (*point, encoding, 0u64);
        loop {
            if let Some(step) = self.steps.get(&encoding) {
                return base.checked_add(*step).filter(|m| *m <= self.most);
            }
            base = base.checked_add(self.width).filter(|base| *base <= self.most)?;
            rest -= self.giant;
            encoding = group::encode(&(rest + rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_in_range_and_nothing_else() {
        for most in [0, 1, 5, 40_000, 2_000_000] {
            let table = SmallLog::new(&group::G, most);
            for m in [0, 1, most / 2, most] {
                let m = m.min(most);
                assert_eq!(table.find(&[group::times(m, &group::G)]), [Some(m)], "{m} of {most}");
            }
            assert_eq!(table.find(&[group::times(most + 1, &group::G), -group::G]), [None, None]);
        }
    }
}
