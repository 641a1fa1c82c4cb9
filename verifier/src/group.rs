//! Points and scalars of ristretto255, and the bases nobody knows a logarithm of. Spec: 02-encoding.

use crate::bytes::{Fault, Hash};
use crate::hash;
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use rayon::prelude::*;

pub use curve25519_dalek::ristretto::RistrettoPoint as Point;
pub use curve25519_dalek::scalar::Scalar;

/// The generator `G`.
pub const G: Point = RISTRETTO_BASEPOINT_POINT;

/// Decodes a canonical point that is not the identity. DEC-1, DEC-2.
pub fn point(bytes: &Hash) -> Result<Point, Fault> {
    if *bytes == [0; 32] {
        return Err(Fault::new("DEC-2", "the identity where a point must be"));
    }
    CompressedRistretto(*bytes).decompress().ok_or_else(|| Fault::new("DEC-1", "not a canonical point"))
}

/// What is wrong with the first of some points that does not decode; the first one stands at the byte `from`.
pub fn first_bad(points: &[Hash], from: u64) -> Option<Fault> {
    let at = |position: usize| usize::try_from(from).unwrap_or(usize::MAX).saturating_add(position.saturating_mul(32));
    points.iter().enumerate().find_map(|(position, bytes)| point(bytes).err().map(|fault| fault.at(at(position))))
}

/// Decodes a scalar below `ℓ`. DEC-3.
pub fn scalar(bytes: &Hash) -> Result<Scalar, Fault> {
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or_else(|| Fault::new("DEC-3", "a scalar not below the order"))
}

/// The encoding of a point; an identity is 32 zero bytes.
pub fn encode(point: &Point) -> Hash {
    point.compress().to_bytes()
}

/// `Σ scalars·points`. Variable time: every input is public.
pub fn msm(scalars: &[Scalar], points: &[Point]) -> Point {
    Point::vartime_multiscalar_mul(scalars, points)
}

/// Is a computed sum the identity?
pub fn is_identity(point: &Point) -> bool {
    *point == Point::identity()
}

/// `s·G`.
pub fn times_g(s: &Scalar) -> Point {
    s * RISTRETTO_BASEPOINT_TABLE
}

/// `n·p` for a small public `n`: doubling and adding only as long as `n` is.
pub fn times(n: u64, p: &Point) -> Point {
    let mut sum = Point::identity();
    for bit in (0..64 - n.leading_zeros()).rev() {
        sum += sum;
        if (n >> bit) & 1 == 1 {
            sum += p;
        }
    }
    sum
}

/// `HashToGroup(label, data)`.
pub fn hash_to_group(label: &str, data: &[u8]) -> Point {
    Point::from_uniform_bytes(&hash::wide(label, data))
}

/// `P_0..P_k` of the ballot proof.
pub fn ballot_bases(k: usize) -> Vec<Point> {
    numbered("ballot-base", 0, k.saturating_add(1))
}

/// `h` and `h_1..h_N` of the shuffle, as positions 0 and 1..=N.
pub fn shuffle_bases(from: usize, to: usize) -> Vec<Point> {
    numbered("shuffle-base", from, to)
}

fn numbered(label: &str, from: usize, to: usize) -> Vec<Point> {
    let base = |i: usize| hash_to_group(label, &u32::try_from(i).unwrap_or(u32::MAX).to_be_bytes());
    (from..to).into_par_iter().map(base).collect()
}

/// Powers `y, y², …, y^n`.
pub fn powers(y: &Scalar, n: usize) -> Vec<Scalar> {
    let mut next = Scalar::ONE;
    std::iter::repeat_with(|| {
        next *= y;
        next
    })
    .take(n)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_multiples() {
        for n in [0u64, 1, 2, 3, 10, 255, 65535, u64::MAX] {
            assert_eq!(times(n, &G), times_g(&Scalar::from(n)), "{n}");
        }
    }

    #[test]
    fn the_first_point_that_is_none() {
        let good = encode(&G);
        assert_eq!(first_bad(&[good, good], 9), None);
        let fault = first_bad(&[good, [0; 32], [0xff; 32]], 9).unwrap();
        assert_eq!((fault.rule, fault.at), ("DEC-2", Some(41)));
    }

    #[test]
    fn bases_differ() {
        let p = ballot_bases(3);
        assert_eq!(p.len(), 4);
        let h = shuffle_bases(0, 4);
        assert_eq!(h.get(2), shuffle_bases(2, 3).first());
        assert!(p.iter().zip(&h).all(|(a, b)| a != b && *a != G));
    }
}
