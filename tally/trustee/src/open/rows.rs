//! The rows of a unit that are opened. Spec: 10-tally, rows to open.

use ballot::elgamal::CipherSum;
use ballot::encode::{Point, hash};
use ballot::{Ciphertext, Hash, RistrettoPoint};
use curve25519_dalek::traits::IsIdentity;

/// Points and bytes of `N` rows of `w` columns, in order. From a mix's output, or the one sum of a summed unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    width: usize,
    pads: Vec<RistrettoPoint>,
    /// Row by row.
    columns: Vec<RistrettoPoint>,
    bytes: Vec<u8>,
}

impl Rows {
    /// The output of the last stage. Rows of another width than `width` are left out.
    pub fn mixed(width: usize, rows: &[Ciphertext]) -> Self {
        let rows = || rows.iter().filter(|r| r.columns.len() == width);
        Self {
            width,
            pads: rows().map(|r| *r.pad.point()).collect(),
            columns: rows().flat_map(|r| r.columns.iter().map(Point::point).copied()).collect(),
            bytes: rows().flat_map(Ciphertext::row).collect(),
        }
    }

    /// The sum of a unit's ballots, which may hold the identity.
    pub fn summed(sum: &CipherSum) -> Self {
        Self { width: sum.columns.len(), pads: vec![sum.pad], columns: sum.columns.clone(), bytes: sum.row() }
    }

    /// `N`
    pub fn len(&self) -> usize {
        self.pads.len()
    }
    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.pads.is_empty()
    }
    /// `w`
    pub fn width(&self) -> usize {
        self.width
    }
    /// `A_1 … A_N`
    pub fn pads(&self) -> &[RistrettoPoint] {
        &self.pads
    }
    /// `B_1,1 … B_1,w B_2,1 …`
    pub fn columns(&self) -> &[RistrettoPoint] {
        &self.columns
    }
    /// Each row's bytes.
    pub fn encoded(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.bytes.chunks_exact(32 * (self.width + 1))
    }

    /// OPEN-7: a sum whose pads cancel out, as a few colluding voters alone in a unit can arrange, opens by itself. A mixed row
    /// never has such a pad (DEC-2).
    pub fn needs_no_factors(&self) -> bool {
        self.pads.len() == 1 && self.pads.iter().all(IsIdentity::is_identity)
    }

    /// `H("rows", …)`: the stage hash of a summed unit.
    pub fn hash(&self) -> Hash {
        hash("rows", &[&(self.len() as u32).to_be_bytes(), &(self.width as u16).to_be_bytes(), &self.bytes])
    }
}
