//! Knowledge of a discrete logarithm (Schnorr). Spec: 04-proofs, POK.

use super::ProofError;
use crate::Transcript;
use crate::encode::{DecodeError, Point, Reader, Record};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;

/// 64 bytes: `T ‖ z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeProof {
    t: Point,
    z: Scalar,
}

fn challenge(transcript: &mut Transcript, x_g: &Point, t: &Point) -> Scalar {
    transcript.append_point("X", x_g);
    transcript.append_point("T", t);
    transcript.challenge("c")
}

/// Proves `x_g = x·G`. `transcript` must name election, session, trustee, column and degree already.
pub fn prove(x: &Scalar, x_g: &Point, mut transcript: Transcript, rng: &mut (impl CryptoRng + ?Sized)) -> Option<KnowledgeProof> {
    let k = transcript.nonces(x.as_bytes(), rng).scalar();
    let t = Point::from_point(RistrettoPoint::mul_base(&k))?;
    let c = challenge(&mut transcript, x_g, &t);
    Some(KnowledgeProof { t, z: k + c * x })
}

/// Verifies it. Variable time: every input is public.
pub fn verify(x_g: &Point, proof: &KnowledgeProof, mut transcript: Transcript) -> Result<(), ProofError> {
    let c = challenge(&mut transcript, x_g, &proof.t);
    let right = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c, x_g.point(), &proof.z);
    if right == *proof.t.point() { Ok(()) } else { Err(ProofError::Knowledge) }
}

impl Record for KnowledgeProof {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.t.bytes());
        out.extend(self.z.as_bytes());
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { t: input.point()?, z: input.scalar()? })
    }
}
