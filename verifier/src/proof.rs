//! The ballot proof, batched: four equations a part, each with a weight of its own. Spec: 04-proofs, BIT.

use crate::ballot::PartBytes;
use crate::bytes::Fault;
use crate::group::{self, G, Point, Scalar};
use crate::shape::Shape;
use crate::transcript::Transcript;
use crate::weights::Weights;

/// The bases that all proofs share.
pub struct Bases {
    /// `H_1..H_W`.
    pub columns: Vec<Point>,
    /// `P_0..P_k`.
    pub bits: Vec<Point>,
}

/// A part that has been decoded, with its challenges.
pub struct Part<'a> {
    shape: &'a Shape,
    points: &'a [Point],
    bits: &'a [Scalar],
    responses: [Scalar; 3],
    y: Vec<Scalar>,
    x: Scalar,
}

impl<'a> Part<'a> {
    /// Draws the challenges on the main transcript.
    pub fn new(
        shape: &'a Shape,
        bytes: &PartBytes<'_>,
        points: &'a [Point],
        scalars: &'a [Scalar],
        mut transcript: Transcript,
    ) -> Result<Self, Fault> {
        let [a, rest @ ..] = bytes.points else { return Err(malformed()) };
        let Some((b, [v, t_a, t_b, t_v, c, d])) = rest.split_at_checked(shape.w) else { return Err(malformed()) };
        let Some((bits, [z_r, z_s, z_c])) = scalars.split_at_checked(shape.bits.len()) else { return Err(malformed()) };
        transcript.bytes("A", a);
        transcript.blocks("B", b);
        transcript.bytes("V", v);
        let y = transcript.challenge("y");
        let labels = [("T_A", t_a), ("T_B", t_b), ("T_V", t_v), ("C", c), ("D", d)];
        for (label, point) in labels {
            transcript.bytes(label, point);
        }
        let x = transcript.challenge("x");
        Ok(Self { shape, points, bits, responses: [*z_r, *z_s, *z_c], y: group::powers(&y, shape.w), x })
    }

    /// The one equation of scalars, which is never weighted. BIT-8.
    pub fn keeps_constraint(&self) -> Result<(), Fault> {
        let Some((row, sum)) = &self.shape.constraint else { return Ok(()) };
        let left: Scalar = row.iter().zip(self.bits).map(|(l, f)| times(*l, f)).sum();
        if left == self.x * Scalar::from(*sum) {
            Ok(())
        } else {
            Err(Fault::new("BIT-8", "the constraint of the contest's rule does not hold"))
        }
    }

    /// `Σ y_i·(M·f)_i`.
    fn opened(&self) -> Scalar {
        let mut sum = Scalar::ZERO;
        for (bit, f) in self.shape.bits.iter().zip(self.bits) {
            if let Some(y) = usize::from(bit.integer).checked_sub(1).and_then(|i| self.y.get(i)) {
                sum += times(bit.coefficient, f) * y;
            }
        }
        sum
    }

    /// Adds the four equations to a sum, each times its weight.
    fn add(&self, sum: &mut Sum, weights: [Scalar; 4]) {
        let [w4, w5, w6, w7] = weights;
        let [z_r, z_s, z_c] = self.responses;
        let x = self.x;
        sum.g -= w4 * z_r + w5 * self.opened();
        let w5z = w5 * z_r;
        for (h, y) in sum.columns.iter_mut().zip(&self.y) {
            *h -= w5z * y;
        }
        if let [p_0, p @ ..] = sum.bits.as_mut_slice() {
            *p_0 -= w6 * z_s + w7 * z_c;
            for (p, f) in p.iter_mut().zip(self.bits) {
                *p -= f * (w6 + w7 * (x - f));
            }
        }
        let w5x = w5 * x;
        sum.scalars.push(w4 * x); // A
        sum.scalars.extend(self.y.iter().map(|y| w5x * y)); // B
        sum.scalars.extend([w6 * x, w4, w5, w6, w7 * x, w7]); // V, T_A, T_B, T_V, C, D
        sum.points.extend_from_slice(self.points);
    }

    /// Which equations fail, for a part that is known to be wrong. BIT-4 to BIT-8.
    pub fn failing(&self, bases: &Bases) -> Vec<Fault> {
        let texts = ["A is not r·G", "the columns do not hold the bits", "V does not open to the bits", "something is not a bit"];
        let rules = ["BIT-4", "BIT-5", "BIT-6", "BIT-7"];
        let points = rules.into_iter().zip(texts).enumerate().filter_map(|(i, (rule, text))| {
            let mut weights = [Scalar::ZERO; 4];
            if let Some(weight) = weights.get_mut(i) {
                *weight = Scalar::ONE;
            }
            let mut sum = Sum::new(bases);
            self.add(&mut sum, weights);
            (!sum.is_zero(bases)).then(|| Fault::new(rule, text))
        });
        points.chain(self.keeps_constraint().err()).collect()
    }
}

fn malformed() -> Fault {
    Fault::new("BAL-1", "not the length of the part")
}

/// `n·f`, where `n` is mostly 1.
pub fn times(n: u32, f: &Scalar) -> Scalar {
    if n == 1 { *f } else { Scalar::from(n) * f }
}

/// A weighted sum of equations that must be the identity.
pub struct Sum {
    g: Scalar,
    columns: Vec<Scalar>,
    bits: Vec<Scalar>,
    scalars: Vec<Scalar>,
    points: Vec<Point>,
}

impl Sum {
    /// No equations.
    pub fn new(bases: &Bases) -> Self {
        let zeros = |n: usize| vec![Scalar::ZERO; n];
        Self {
            g: Scalar::ZERO,
            columns: zeros(bases.columns.len()),
            bits: zeros(bases.bits.len()),
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Points of ballots so far.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Is there no equation yet?
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Adds a part with fresh weights. BIT-9.
    pub fn add(&mut self, part: &Part<'_>, weights: &mut Weights) {
        part.add(self, [weights.draw(), weights.draw(), weights.draw(), weights.draw()]);
    }

    /// Evaluates the sum: one multiplication with the shared bases merged.
    pub fn is_zero(&mut self, bases: &Bases) -> bool {
        self.scalars.push(self.g);
        self.points.push(G);
        self.scalars.append(&mut self.columns);
        self.points.extend_from_slice(&bases.columns);
        self.scalars.append(&mut self.bits);
        self.points.extend_from_slice(&bases.bits);
        let zero = group::is_identity(&group::msm(&self.scalars, &self.points));
        self.clear(bases);
        zero
    }

    fn clear(&mut self, bases: &Bases) {
        self.g = Scalar::ZERO;
        self.scalars.clear();
        self.points.clear();
        self.columns.resize(bases.columns.len(), Scalar::ZERO);
        self.bits.resize(bases.bits.len(), Scalar::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::{BallotBytes, Decoded, Head};
    use crate::manifest::Rule;
    use crate::opened::make;
    use crate::weights::Entropy;

    fn bases() -> Bases {
        Bases { columns: (1..=6).map(|i| group::hash_to_group("test", &[i])).collect(), bits: group::ballot_bases(40) }
    }

    /// Does the part verify, and if not, by which rule?
    fn check(shape: &Shape, bytes: &[u8], transcript: Transcript) -> Result<(), &'static str> {
        let bases = bases();
        let blocks = bytes.as_chunks::<32>().0;
        let (points, scalars) = blocks.split_at(shape.w + 7);
        let part = PartBytes { points, scalars };
        let head = Head { election: [0; 32], key: [0; 32], district: 0, voter: [0; 32], number: 1, previous: [0; 32] };
        let mut decoded = Decoded::default();
        decoded.fill(&BallotBytes { head, parts: vec![part] }).map_err(|fault| fault.rule)?;
        let part = Part::new(shape, &part, &decoded.points, &decoded.scalars, transcript).map_err(|fault| fault.rule)?;
        part.keeps_constraint().map_err(|fault| fault.rule)?;
        let mut sum = Sum::new(&bases);
        sum.add(&part, &mut Entropy::fresh().unwrap().weights(&[0; 32]));
        match (sum.is_zero(&bases), part.failing(&bases).first()) {
            (true, None) => Ok(()),
            (false, Some(fault)) => Err(fault.rule),
            _ => panic!("the batch and the single equations disagree"),
        }
    }

    #[test]
    fn what_is_made_verifies_and_what_is_changed_does_not() {
        let cases: [(Rule, usize, &[u32]); 6] = [
            (Rule::Choose { min: 1, max: 1, blank: true }, 5, &[0, 0, 1, 0, 0, 0]),
            (Rule::Choose { min: 0, max: 2, blank: false }, 3, &[0, 1, 0]),
            (Rule::Approve, 3, &[1, 0, 1]),
            (Rule::Budget { total: 9 }, 3, &[4, 0, 5]),
            (Rule::List, 153, &[101]),
            (Rule::Rank { places: 3 }, 5, &[5, 1, 0]),
        ];
        for (rule, n, selection) in cases {
            let shape = Shape::new(rule, n);
            let bits = shape.bits_of(rule, selection).unwrap();
            let bytes = make(&shape, selection, &bits, &[4; 32], Transcript::new("ballot"), &bases());
            assert_eq!(bytes.len(), shape.part_length());
            assert_eq!(check(&shape, &bytes, Transcript::new("ballot")), Ok(()), "{rule:?}");
            assert!(check(&shape, &bytes, Transcript::new("other")).is_err());
            let blocks = bytes.len() / 32;
            for block in 0..blocks {
                // Each point replaced by another point, each scalar by another scalar.
                let mut changed = bytes.clone();
                let other = if block < shape.w + 7 { group::encode(&group::times(5, &G)) } else { Scalar::from(5u8).to_bytes() };
                changed[32 * block..32 * block + 32].copy_from_slice(&other);
                assert!(check(&shape, &changed, Transcript::new("ballot")).is_err(), "{rule:?} block {block}");
            }
        }
    }

    #[test]
    fn a_value_that_is_no_bit_is_refused() {
        // The encrypted integer is 2 where the bits say 1: only BIT-5 sees it.
        let rule = Rule::Approve;
        let shape = Shape::new(rule, 1);
        let bytes = make(&shape, &[2], &[true], &[4; 32], Transcript::new("ballot"), &bases());
        assert_eq!(check(&shape, &bytes, Transcript::new("ballot")), Err("BIT-5"));
    }
}
