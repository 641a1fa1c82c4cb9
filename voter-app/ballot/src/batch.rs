//! Many equations as one multi-scalar multiplication, each with its own weight. Spec: 04-proofs, BIT-9.

use crate::Hash;
use crate::encode::Point;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

/// Independent 128-bit weights, from a hash of every byte in the batch and fresh entropy.
#[derive(Debug)]
pub struct Weights {
    seed: Hash,
    counter: u64,
    spare: Option<Scalar>,
}

impl Weights {
    /// `all` is a hash over everything that the batch verifies.
    pub fn new(all: &Hash, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut fresh = [0; 32];
        rng.fill_bytes(&mut fresh);
        Self { seed: Sha256::new().chain_update(all).chain_update(fresh).finalize().into(), counter: 0, spare: None }
    }

    /// The next weight.
    pub fn draw(&mut self) -> Scalar {
        if let Some(weight) = self.spare.take() {
            return weight;
        }
        let block: Hash = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize().into();
        self.counter += 1;
        let (low, high) = block.split_at(16);
        let half = |b: &[u8]| Scalar::from(b.iter().fold(0u128, |n, &b| (n << 8) | u128::from(b)));
        self.spare = Some(half(high));
        half(low)
    }
}

/// A sum of weighted points that must be the identity.
///
/// Points that occur in every ballot (`G`, the `H_c`, the `P_j`) are collected into one coefficient each.
#[derive(Debug, Default)]
pub struct Batch {
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
    g: Scalar,
    h: Vec<Scalar>,
    p: Vec<Scalar>,
}

impl Batch {
    /// Adds `scalar · point`.
    pub fn add(&mut self, scalar: Scalar, point: &Point) {
        self.scalars.push(scalar);
        self.points.push(*point.point());
    }

    /// Adds `scalar · G`.
    pub fn add_g(&mut self, scalar: Scalar) {
        self.g += scalar;
    }

    /// Adds `scalar · H_column`, columns from 0.
    pub fn add_h(&mut self, column: usize, scalar: Scalar) {
        add_at(&mut self.h, column, scalar);
    }

    /// Adds `scalar · P_j`.
    pub fn add_p(&mut self, j: usize, scalar: Scalar) {
        add_at(&mut self.p, j, scalar);
    }

    /// Points that are not shared.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// True if nothing was added.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// True if the sum is the identity. `h` and `p` are the shared bases.
    pub fn holds(&self, h: &[Point], p: &[RistrettoPoint]) -> bool {
        if self.h.len() > h.len() || self.p.len() > p.len() {
            return false;
        }
        let scalars = self.scalars.iter().chain([&self.g]).chain(&self.h).chain(&self.p);
        let bases = [curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT];
        let points =
            self.points.iter().chain(&bases).chain(h.iter().map(Point::point).take(self.h.len())).chain(p.iter().take(self.p.len()));
        RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }
}

fn add_at(list: &mut Vec<Scalar>, at: usize, scalar: Scalar) {
    if list.len() <= at {
        list.resize(at + 1, Scalar::ZERO);
    }
    if let Some(x) = list.get_mut(at) {
        *x += scalar;
    }
}
