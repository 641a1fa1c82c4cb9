//! The election key and what is encrypted under it: one nonce for several columns. Spec: 04-proofs, 09-mixing.

use crate::Hash;
use crate::encode::{Point, hash};
use curve25519_dalek::{RistrettoPoint, Scalar};

/// The public key `H_1..H_W` of the confirmed ceremony, and its key id (05-key-ceremony).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionKey {
    id: Hash,
    columns: Vec<Point>,
}

impl ElectionKey {
    /// Joins a key id and the columns that the ceremony's messages give.
    pub fn new(id: Hash, columns: Vec<Point>) -> Self {
        Self { id, columns }
    }

    /// The key id.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// `H_1..H_W`, from index 0.
    pub fn columns(&self) -> &[Point] {
        &self.columns
    }

    /// The first `w` columns.
    pub fn first(&self, w: usize) -> &[Point] {
        self.columns.get(..w).unwrap_or(&self.columns)
    }
}

/// `A` and `B_1..B_w`, as they travel: a row of a mix is one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    /// `A = r·G`
    pub pad: Point,
    /// `B_c = m_c·G + r·H_c`
    pub columns: Vec<Point>,
}

impl Ciphertext {
    /// `A ‖ B_1 ‖ … ‖ B_w`
    pub fn row(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 * (self.columns.len() + 1));
        out.extend(self.pad.bytes());
        self.columns.iter().for_each(|b| out.extend(b.bytes()));
        out
    }
}

/// A component-wise sum of ciphertexts. It is computed and never read, so it may hold the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherSum {
    /// `Σ A`
    pub pad: RistrettoPoint,
    /// `Σ B_c`
    pub columns: Vec<RistrettoPoint>,
}

impl CipherSum {
    /// The sum of nothing.
    pub fn zero(w: usize) -> Self {
        Self { pad: RistrettoPoint::default(), columns: vec![RistrettoPoint::default(); w] }
    }

    /// Adds one ciphertext.
    pub fn add(&mut self, ciphertext: &Ciphertext) {
        self.pad += ciphertext.pad.point();
        for (sum, b) in self.columns.iter_mut().zip(&ciphertext.columns) {
            *sum += b.point();
        }
    }

    /// The row's bytes; an identity is 32 zero bytes.
    pub fn row(&self) -> Vec<u8> {
        std::iter::once(&self.pad).chain(&self.columns).flat_map(|p| p.compress().to_bytes()).collect()
    }
}

/// `H("rows", …)`: what a mix or a summed unit was made from.
pub fn rows_hash<R: AsRef<[u8]>>(w: usize, rows: &[R]) -> Hash {
    let (n, w) = ((rows.len() as u32).to_be_bytes(), (w as u16).to_be_bytes());
    let mut pieces: Vec<&[u8]> = vec![&n, &w];
    pieces.extend(rows.iter().map(AsRef::as_ref));
    hash("rows", &pieces)
}

/// Finds `m` in `0..=most` with `m·G = point`, by baby steps and giant steps (DECODE-1).
#[derive(Debug)]
pub struct SmallLog {
    baby: std::collections::HashMap<[u8; 32], u32>,
    giant: RistrettoPoint,
    step: u64,
    most: u64,
}

impl SmallLog {
    /// Prepares a table for numbers up to `most`; `√most` points are kept.
    pub fn new(most: u64) -> Self {
        let step = most.isqrt() + 1;
        let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
        let mut baby = std::collections::HashMap::new();
        let mut at = RistrettoPoint::default();
        for i in 0..step {
            baby.insert(at.compress().to_bytes(), i as u32);
            at += g;
        }
        Self { baby, giant: at, step, most }
    }

    /// The logarithm, or nothing if it is not in range.
    pub fn find(&self, point: &RistrettoPoint) -> Option<u64> {
        let mut at = *point;
        for i in 0..=self.most / self.step {
            if let Some(&j) = self.baby.get(at.compress().as_bytes()) {
                let m = i * self.step + u64::from(j);
                let proven = RistrettoPoint::mul_base(&Scalar::from(m)) == *point; // F14: never trust the table alone
                return (m <= self.most && proven).then_some(m);
            }
            at -= self.giant;
        }
        None
    }
}
