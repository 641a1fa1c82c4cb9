//! Knowledge and equality of discrete logarithms, as equations for a batch. Spec: 04-proofs, POK and EQ.

use crate::batch::Equation;
use crate::bytes::{Fault, Reader};
use crate::group::{self, Point, Scalar};
use crate::transcript::Transcript;

/// A point with the bytes it came from, which transcripts absorb.
#[derive(Clone, Copy, Debug)]
pub struct Encoded {
    /// The point.
    pub point: Point,
    /// Its encoding.
    pub bytes: [u8; 32],
}

impl Encoded {
    /// Encodes a point.
    pub fn of(point: Point) -> Self {
        Self { point, bytes: group::encode(&point) }
    }

    /// Reads a point. DEC-1, DEC-2.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let bytes = reader.clone().array()?;
        Ok(Self { point: reader.point()?, bytes })
    }
}

/// `T z`: knowledge of `x` in `X = x·G`. 64 bytes.
#[derive(Clone, Debug)]
pub struct Knowledge {
    t: Encoded,
    z: Scalar,
}

impl Knowledge {
    /// Reads a proof.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self { t: Encoded::read(reader)?, z: reader.scalar()? })
    }

    /// `z·G = T + c·X`. `transcript` holds the fields before `X`. POK-1.
    pub fn equation(&self, x: &Encoded, mut transcript: Transcript) -> Equation {
        transcript.bytes("X", &x.bytes);
        transcript.bytes("T", &self.t.bytes);
        let c = transcript.challenge("c");
        Equation { g: self.z, terms: vec![(-Scalar::ONE, self.t.point), (-c, x.point)] }
    }
}

/// `T_1 T_2 z`: one `x` in `X = x·G` and `Y = x·D`. 96 bytes.
#[derive(Clone, Debug)]
pub struct Equality {
    t_1: Encoded,
    t_2: Encoded,
    z: Scalar,
}

impl Equality {
    /// Reads a proof.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self { t_1: Encoded::read(reader)?, t_2: Encoded::read(reader)?, z: reader.scalar()? })
    }

    /// `z·G = T_1 + c·X` and `z·D = T_2 + c·Y`. `transcript` holds the fields before `D`. EQ-1.
    pub fn equations(&self, d: &Encoded, x: &Encoded, y: &Encoded, mut transcript: Transcript) -> [Equation; 2] {
        let fields = [("D", d), ("X", x), ("Y", y), ("T_1", &self.t_1), ("T_2", &self.t_2)];
        for (label, point) in fields {
            transcript.bytes(label, &point.bytes);
        }
        let c = transcript.challenge("c");
        [
            Equation { g: self.z, terms: vec![(-Scalar::ONE, self.t_1.point), (-c, x.point)] },
            Equation { g: Scalar::ZERO, terms: vec![(self.z, d.point), (-Scalar::ONE, self.t_2.point), (-c, y.point)] },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch;
    use crate::weights::Entropy;

    fn good(equations: Vec<Equation>) -> bool {
        batch::holds(&[equations], &[1; 32], &Entropy::fresh().unwrap()) == [true]
    }

    #[test]
    fn equality() {
        let (x, k, d) = (Scalar::from(77u8), Scalar::from(99u8), Encoded::of(group::hash_to_group("drill", b"d")));
        let (big_x, big_y) = (Encoded::of(group::times_g(&x)), Encoded::of(x * d.point));
        let (t_1, t_2) = (Encoded::of(group::times_g(&k)), Encoded::of(k * d.point));
        let mut transcript = Transcript::new("drill");
        for (label, point) in [("D", &d), ("X", &big_x), ("Y", &big_y), ("T_1", &t_1), ("T_2", &t_2)] {
            transcript.bytes(label, &point.bytes);
        }
        let proof = Equality { t_1, t_2, z: k + transcript.challenge("c") * x };
        let at = |name: &str, y: &Encoded| proof.equations(&d, &big_x, y, Transcript::new(name)).to_vec();
        assert!(good(at("drill", &big_y)));
        assert!(!good(at("complaint", &big_y)));
        assert!(!good(at("drill", &big_x)));
    }

    #[test]
    fn knowledge() {
        let (x, k) = (Scalar::from(7u8), Scalar::from(9u8));
        let (big_x, t) = (Encoded::of(group::times_g(&x)), Encoded::of(group::times_g(&k)));
        let mut transcript = Transcript::new("knowledge");
        transcript.bytes("X", &big_x.bytes);
        transcript.bytes("T", &t.bytes);
        let proof = Knowledge { t, z: k + transcript.challenge("c") * x };
        assert!(good(vec![proof.equation(&big_x, Transcript::new("knowledge"))]));
        assert!(!good(vec![proof.equation(&t, Transcript::new("knowledge"))]));
    }
}
