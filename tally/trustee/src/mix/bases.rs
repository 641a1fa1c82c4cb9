//! What every mix needs and nobody chooses: hashed bases, and tables of fixed points. Spec: 02-encoding, 09-mixing.

use ballot::encode::{Point, hash_to_group};
use ballot::{ElectionKey, RistrettoPoint};
use curve25519_dalek::ristretto::RistrettoBasepointTable;
use rayon::prelude::*;
use std::sync::{Arc, PoisonError, RwLock};

/// `h` and `h_1, h_2, …`: global points whose logarithms nobody knows. Derived, never read (A07).
///
/// Deriving one costs as much as verifying a sixth of a row, so they are kept and grow as units ask for more.
pub struct Bases {
    h: RistrettoPoint,
    h_table: RistrettoBasepointTable,
    list: RwLock<Arc<Vec<RistrettoPoint>>>,
}

fn base(i: u32) -> RistrettoPoint {
    hash_to_group("shuffle-base", &[&i.to_be_bytes()])
}

impl Default for Bases {
    fn default() -> Self {
        let h = base(0);
        Self { h, h_table: RistrettoBasepointTable::create(&h), list: RwLock::default() }
    }
}

impl Bases {
    /// `h`.
    pub fn h(&self) -> &RistrettoPoint {
        &self.h
    }

    pub(super) fn h_table(&self) -> &RistrettoBasepointTable {
        &self.h_table
    }

    /// At least `h_1..h_n`, from index 0. Derives what is missing.
    pub fn first(&self, n: usize) -> Arc<Vec<RistrettoPoint>> {
        let known = self.list.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.len() >= n {
            return known;
        }
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        if list.len() < n {
            let missing = list.len() as u32 + 1..n as u32 + 1;
            let mut longer = list.as_ref().clone();
            longer.par_extend(missing.into_par_iter().map(base));
            *list = Arc::new(longer);
        }
        list.clone()
    }
}

impl core::fmt::Debug for Bases {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bases(..)")
    }
}

/// Multiples of the columns `H_1..H_w` of an election key, for the mixer.
pub struct KeyTables(Vec<RistrettoBasepointTable>);

impl KeyTables {
    /// Tables of the first `w` columns, 30 KiB each.
    pub fn new(key: &ElectionKey, w: usize) -> Self {
        Self(key.first(w).par_iter().map(Point::point).map(RistrettoBasepointTable::create).collect())
    }

    pub(super) fn first(&self, w: usize) -> Option<&[RistrettoBasepointTable]> {
        self.0.get(..w)
    }
}

impl core::fmt::Debug for KeyTables {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyTables(..)")
    }
}
