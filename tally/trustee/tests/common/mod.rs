//! Small worlds for the tests: a key with known secrets, and rows under it.
#![allow(dead_code)]

pub mod election;
pub mod opening;
pub mod shuffle;
pub mod vectors;

use ballot::elgamal::{Ciphertext, ElectionKey};
use ballot::encode::Point;
use ballot::rng::SeededRng;
use ballot::{RistrettoPoint, Scalar};
use rand_core::Rng;

pub fn scalar(rng: &mut SeededRng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

pub fn point(p: RistrettoPoint) -> Point {
    Point::from_point(p).expect("not the identity")
}

/// A key of `w` columns whose secrets are known to the test.
pub struct World {
    pub rng: SeededRng,
    pub secrets: Vec<Scalar>,
    pub key: ElectionKey,
}

impl World {
    pub fn new(seed: &str, w: usize) -> Self {
        let mut rng = SeededRng::new(seed.as_bytes());
        let secrets: Vec<Scalar> = (0..w).map(|_| scalar(&mut rng)).collect();
        let columns = secrets.iter().map(|x| point(RistrettoPoint::mul_base(x))).collect();
        Self { rng, secrets, key: ElectionKey::new([3; 32], columns) }
    }

    pub fn encrypt(&mut self, m: &[u64]) -> Ciphertext {
        let r = scalar(&mut self.rng);
        let column = |(m, h): (&u64, &Point)| point(RistrettoPoint::mul_base(&Scalar::from(*m)) + r * h.point());
        let columns = m.iter().zip(self.key.columns()).map(column).collect();
        Ciphertext { pad: point(RistrettoPoint::mul_base(&r)), columns }
    }

    /// `n` rows with the numbers 0, 1, 2, … in the first column and their multiples in the others.
    pub fn rows(&mut self, n: usize) -> Vec<Ciphertext> {
        let w = self.secrets.len() as u64;
        (0..n as u64).map(|i| self.encrypt(&(1..=w).map(|c| i * c).collect::<Vec<_>>())).collect()
    }

    pub fn decrypt(&self, row: &Ciphertext) -> Vec<RistrettoPoint> {
        row.columns.iter().zip(&self.secrets).map(|(b, x)| b.point() - x * row.pad.point()).collect()
    }

    /// The opened rows, sorted.
    pub fn contents(&self, rows: &[Ciphertext]) -> Vec<Vec<[u8; 32]>> {
        let mut all: Vec<Vec<_>> = rows.iter().map(|r| self.decrypt(r).iter().map(|p| p.compress().to_bytes()).collect()).collect();
        all.sort();
        all
    }
}
