//! Equality of two discrete logarithms (Chaum-Pedersen). Spec: 04-proofs, EQ.

use super::ProofError;
use crate::Transcript;
use crate::encode::{DecodeError, Point, Reader, Record};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;

/// `X = x·G` and `Y = x·D`.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Statement<'a> {
    pub d: &'a Point,
    pub x_g: &'a Point,
    pub x_d: &'a Point,
}

/// 96 bytes: `T_1 ‖ T_2 ‖ z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqualityProof {
    t_1: Point,
    t_2: Point,
    z: Scalar,
}

impl Statement<'_> {
    fn absorb(&self, transcript: &mut Transcript) {
        transcript.append_point("D", self.d);
        transcript.append_point("X", self.x_g);
        transcript.append_point("Y", self.x_d);
    }

    /// Proves the statement. `transcript` must have absorbed its context.
    pub fn prove(&self, x: &Scalar, mut transcript: Transcript, rng: &mut (impl CryptoRng + ?Sized)) -> Option<EqualityProof> {
        self.absorb(&mut transcript);
        let k = transcript.nonces(x.as_bytes(), rng).scalar();
        let t_1 = Point::from_point(RistrettoPoint::mul_base(&k))?;
        let t_2 = Point::from_point(k * self.d.point())?;
        let c = challenge(&mut transcript, &t_1, &t_2);
        Some(EqualityProof { t_1, t_2, z: k + c * x })
    }

    /// Verifies it. Variable time: every input is public.
    pub fn verify(&self, proof: &EqualityProof, mut transcript: Transcript) -> Result<(), ProofError> {
        self.absorb(&mut transcript);
        let c = challenge(&mut transcript, &proof.t_1, &proof.t_2);
        let first = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c, self.x_g.point(), &proof.z);
        let second = RistrettoPoint::vartime_multiscalar_mul([proof.z, -c], [self.d.point(), self.x_d.point()]);
        if first == *proof.t_1.point() && second == *proof.t_2.point() { Ok(()) } else { Err(ProofError::Equality) }
    }
}

fn challenge(transcript: &mut Transcript, t_1: &Point, t_2: &Point) -> Scalar {
    transcript.append_point("T_1", t_1);
    transcript.append_point("T_2", t_2);
    transcript.challenge("c")
}

impl Record for EqualityProof {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.t_1.bytes());
        out.extend(self.t_2.bytes());
        out.extend(self.z.as_bytes());
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { t_1: input.point()?, t_2: input.point()?, z: input.scalar()? })
    }
}
