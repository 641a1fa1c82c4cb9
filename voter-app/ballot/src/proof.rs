//! The ballot proof: every integer of a part is made of bits, and the bits obey the rule. Spec: 04-proofs, BIT.

pub mod equality;
pub mod knowledge;

use crate::batch::{Batch, Weights};
use crate::encode::{DecodeError, Point, Reader, hash_to_group};
use crate::shape::Shape;
use crate::transcript::Transcript;
use curve25519_dalek::traits::MultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroize;

/// A proof of this crate does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ProofError {
    #[error("BIT: the ballot proof does not verify")]
    Ballot,
    #[error("POK-1: the proof of knowledge does not verify")]
    Knowledge,
    #[error("EQ-1: the proof of equality does not verify")]
    Equality,
}

/// `P_0..P_k`: bases whose logarithms nobody knows.
pub fn bases(k: usize) -> Vec<RistrettoPoint> {
    (0..=k as u32).map(|j| hash_to_group("ballot-base", &[&j.to_be_bytes()])).collect()
}

/// Six commitments and `k + 3` responses. On the wire in this order, 32 bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the letters of 04-proofs
pub struct BallotProof {
    pub v: Point,
    pub t_a: Point,
    pub t_b: Point,
    pub t_v: Point,
    pub c: Point,
    pub d: Point,
    pub f: Vec<Scalar>,
    pub z_r: Scalar,
    pub z_s: Scalar,
    pub z_c: Scalar,
}

/// What is proved: `A`, `B_1..B_w` under `H_1..H_w` hold a selection of this shape.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Statement<'a> {
    pub shape: &'a Shape,
    pub h: &'a [Point],
    pub p: &'a [RistrettoPoint],
    pub a: &'a Point,
    pub b: &'a [Point],
}

/// Everything that the prover draws, in the order of 06-ballot. Secret.
#[derive(Zeroize, zeroize::ZeroizeOnDrop)]
#[allow(missing_docs)]
pub struct Nonces {
    pub r: Scalar,
    pub s: Scalar,
    pub a: Vec<Scalar>,
    pub rho_r: Scalar,
    pub rho_s: Scalar,
    pub rho_c: Scalar,
    pub rho_d: Scalar,
}

impl Nonces {
    /// Draws them from a clone of the part's transcript that has absorbed seed and bits.
    pub fn draw(private: &mut Transcript, shape: &Shape) -> Self {
        let (r, s) = (private.challenge("r"), private.challenge("s"));
        let solved = usize::from(shape.constraint().is_some());
        let mut a = vec![Scalar::ZERO; solved];
        a.extend((solved..shape.bits().len()).map(|_| private.challenge("a")));
        if let (Some((sum, _)), Some(first)) = (shape.constrained_sum(&a), a.first_mut()) {
            *first = -sum; // L·a = 0; the first coefficient is 1
        }
        let mut rest = ["rho_r", "rho_s", "rho_c", "rho_d"].map(|label| private.challenge(label));
        let [rho_r, rho_s, rho_c, rho_d] = rest;
        rest.zeroize();
        Self { r, s, a, rho_r, rho_s, rho_c, rho_d }
    }
}

/// `y, y², …, y^w`
fn powers(y: Scalar, w: usize) -> Vec<Scalar> {
    std::iter::successors(Some(y), |last| Some(last * y)).take(w).collect()
}

impl Statement<'_> {
    fn absorb(&self, v: &Point, t: &mut Transcript) -> Vec<Scalar> {
        t.append_point("A", self.a);
        t.append_points("B", self.b);
        t.append_point("V", v);
        powers(t.challenge("y"), self.shape.width())
    }

    /// Proves the statement for these bits (each 0 or 1) and nonces. Constant time in both.
    ///
    /// Nothing only if a commitment is the identity, which happens with probability 2⁻²⁵⁰.
    pub fn prove(&self, bits: &[u8], nonces: &Nonces, t: &mut Transcript) -> Option<BallotProof> {
        let Nonces { r, s, a, rho_r, rho_s, rho_c, rho_d } = nonces;
        let (p_0, p) = self.p.get(..=bits.len())?.split_first()?;
        // BIT-1
        let mut v = s * p_0;
        for (bit, p_j) in bits.iter().zip(p) {
            v += RistrettoPoint::conditional_select(&RistrettoPoint::default(), p_j, Choice::from(*bit));
        }
        let v = Point::from_point(v)?;
        let y = self.absorb(&v, t);
        // BIT-2
        let t_a = RistrettoPoint::mul_base(rho_r);
        let blinds = zeroize::Zeroizing::new(y.iter().map(|y| rho_r * y).collect::<Vec<_>>());
        let t_b = RistrettoPoint::mul_base(&self.shape.weighted(&y, a))
            + RistrettoPoint::multiscalar_mul(blinds.iter(), self.h.iter().map(Point::point));
        let bit = |j: usize| Scalar::from(bits.get(j).copied().unwrap_or_default());
        let crossed = a.iter().enumerate().map(|(j, a)| a * (Scalar::ONE - bit(j) - bit(j)));
        let squares = a.iter().map(|a| -(a * a));
        let commit = |blind: &Scalar, scalars: Vec<Scalar>| {
            let scalars = zeroize::Zeroizing::new(scalars);
            Point::from_point(RistrettoPoint::multiscalar_mul(std::iter::once(blind).chain(scalars.iter()), std::iter::once(p_0).chain(p)))
        };
        let (t_v, c, d) = (commit(rho_s, a.clone())?, commit(rho_c, crossed.collect())?, commit(rho_d, squares.collect())?);
        let (t_a, t_b) = (Point::from_point(t_a)?, Point::from_point(t_b)?);
        let x = absorb_commitments(t, [&t_a, &t_b, &t_v, &c, &d]);
        // BIT-3
        let f = a.iter().enumerate().map(|(j, a)| x * bit(j) + a).collect();
        Some(BallotProof { v, t_a, t_b, t_v, c, d, f, z_r: x * r + rho_r, z_s: x * s + rho_s, z_c: x * rho_c + rho_d })
    }

    /// Checks BIT-8 and adds BIT-4 to BIT-7 to a batch, each with a weight of its own. Variable time: all is public.
    pub fn add_to(&self, proof: &BallotProof, t: &mut Transcript, batch: &mut Batch, weights: &mut Weights) -> Result<(), ProofError> {
        let k = self.shape.bits().len();
        if proof.f.len() != k || self.b.len() != self.shape.width() || self.h.len() != self.shape.width() {
            return Err(ProofError::Ballot);
        }
        let y = self.absorb(&proof.v, t);
        let x = absorb_commitments(t, [&proof.t_a, &proof.t_b, &proof.t_v, &proof.c, &proof.d]);
        if self.shape.constrained_sum(&proof.f).is_some_and(|(sum, total)| sum != x * total) {
            return Err(ProofError::Ballot); // BIT-8: exact, never weighted
        }
        let [w4, w5, w6, w7] = [(); 4].map(|()| weights.draw());
        // BIT-4
        batch.add(w4 * x, self.a);
        batch.add(w4, &proof.t_a);
        // BIT-5
        let (w5_x, w5_z) = (w5 * x, w5 * proof.z_r);
        for (i, (y_i, b_i)) in y.iter().zip(self.b).enumerate() {
            batch.add(w5_x * y_i, b_i);
            batch.add_h(i, -(w5_z * y_i));
        }
        batch.add(w5, &proof.t_b);
        batch.add_g(-(w4 * proof.z_r + w5 * self.shape.weighted(&y, &proof.f)));
        // BIT-6 and BIT-7
        batch.add(w6 * x, &proof.v);
        batch.add(w6, &proof.t_v);
        batch.add(w7 * x, &proof.c);
        batch.add(w7, &proof.d);
        batch.add_p(0, -(w6 * proof.z_s + w7 * proof.z_c));
        for (j, f) in proof.f.iter().enumerate() {
            batch.add_p(j + 1, -(f * (w6 + w7 * (x - f))));
        }
        Ok(())
    }
}

fn absorb_commitments(t: &mut Transcript, points: [&Point; 5]) -> Scalar {
    for (label, point) in ["T_A", "T_B", "T_V", "C", "D"].into_iter().zip(points) {
        t.append_point(label, point);
    }
    t.challenge("x")
}

impl BallotProof {
    /// Appends the wire form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for point in [&self.v, &self.t_a, &self.t_b, &self.t_v, &self.c, &self.d] {
            out.extend(point.bytes());
        }
        for scalar in self.f.iter().chain([&self.z_r, &self.z_s, &self.z_c]) {
            out.extend(scalar.as_bytes());
        }
    }

    /// Reads the wire form; `k` comes from the shape.
    pub fn decode(input: &mut Reader<'_>, k: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            v: input.point()?,
            t_a: input.point()?,
            t_b: input.point()?,
            t_v: input.point()?,
            c: input.point()?,
            d: input.point()?,
            f: input.scalars(k)?,
            z_r: input.scalar()?,
            z_s: input.scalar()?,
            z_c: input.scalar()?,
        })
    }
}
