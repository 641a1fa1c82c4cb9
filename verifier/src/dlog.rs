//! Small discrete logarithms: a table of baby steps, then giant steps. Spec: 10-tally, DECODE-1.

use crate::bytes::Hash;
use crate::group::{self, Point};
use curve25519_dalek::traits::Identity;
use std::collections::HashMap;
use std::sync::Arc;

/// Finds `m` in `0..=most` with `m·base` equal to a point.
pub struct SmallLog {
    steps: HashMap<Hash, u32>,
    giant: Point,
    width: u64,
}

impl SmallLog {
    /// A table of `width` steps for logarithms to `base`: 64 to 90 bytes each.
    pub fn new(base: &Point, width: u64) -> Self {
        let mut steps = HashMap::with_capacity(usize::try_from(width).unwrap_or(0));
        let mut next = Point::identity();
        let mut batch = Vec::with_capacity(1024);
        let mut done = 0u32;
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
        Self { steps, giant: next, width }
    }

    /// The logarithm of each point, if it is at most `most`.
    pub fn find(&self, points: &[Point], most: u64) -> Vec<Option<u64>> {
        let encodings = Point::double_and_compress_batch(points);
        points.iter().zip(encodings).map(|(point, encoding)| self.one(point, encoding.to_bytes(), most)).collect()
    }

    fn one(&self, point: &Point, encoding: Hash, most: u64) -> Option<u64> {
        let (mut rest, mut encoding, mut base) = (*point, encoding, 0u64);
        loop {
            if let Some(step) = self.steps.get(&encoding) {
                return base.checked_add(u64::from(*step)).filter(|m| *m <= most);
            }
            base = base.checked_add(self.width).filter(|base| *base <= most)?;
            rest -= self.giant;
            encoding = group::encode(&(rest + rest));
        }
    }
}

/// One table at a time: for all sums of an election, and again for all mixed units of one list size and quorum.
#[derive(Default)]
pub struct Tables {
    kept: Option<(u64, Arc<SmallLog>)>,
}

impl Tables {
    /// A table for numbers up to `most` times `denominator·G`.
    pub fn get(&mut self, denominator: u64, most: u64) -> Arc<SmallLog> {
        let width = width(most);
        if let Some((of, table)) = &self.kept
            && *of == denominator
            && table.width >= width
        {
            return Arc::clone(table);
        }
        // The old one goes first, so that there are never two.
        self.kept = None;
        let table = Arc::new(SmallLog::new(&group::times(denominator, &group::G), width));
        self.kept = Some((denominator, Arc::clone(&table)));
        table
    }
}

/// About the square root, as a power of two: few sizes, so that units share a table. The smallest one costs 0.1 s.
fn width(most: u64) -> u64 {
    most.isqrt().clamp(1 << 14, 1 << 20).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_in_range_and_nothing_else() {
        let table = SmallLog::new(&group::G, 1000);
        for most in [0, 1, 5, 999, 1000, 1001, 40_000] {
            for m in [0, 1, most / 2, most] {
                let m = m.min(most);
                assert_eq!(table.find(&[group::times(m, &group::G)], most), [Some(m)], "{m} of {most}");
            }
            assert_eq!(table.find(&[group::times(most + 1, &group::G), -group::G], most), [None, None], "{most}");
        }
    }

    #[test]
    fn tables_are_shared_and_one_is_kept() {
        let mut tables = Tables::default();
        let first = tables.get(1, 500);
        assert!(Arc::ptr_eq(&first, &tables.get(1, 100_000_000)));
        let other = tables.get(6, 500);
        assert_eq!(other.find(&[group::times(6 * 77, &group::G), group::G], 500), [Some(77), None]);
        assert!(!Arc::ptr_eq(&first, &tables.get(1, 500)));
        assert_eq!((width(0), width(1 << 30), width(u64::MAX)), (1 << 14, 1 << 15, 1 << 20));
        assert_eq!(width((1 << 30) + (1 << 17)), 1 << 16);
    }
}
