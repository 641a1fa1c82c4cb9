//! Long lists of points: read, multiplied and added in chunks on all cores.

use ballot::encode::{DecodeError, Point, Reader, scalar};
use ballot::{RistrettoPoint, Scalar};
use curve25519_dalek::traits::{MultiscalarMul, VartimeMultiscalarMul};
use rayon::prelude::*;

/// Points of one public multiplication: more no longer help, and would leave the cache.
pub const PUBLIC: usize = 4096;
/// Points of one secret multiplication; each has a table of its own, so a chunk must fit into the cache.
const SECRET: usize = 256;
/// Items of one batched inversion.
pub const BATCH: usize = 256;

/// `Σ s_i·P_i` for as many as both lists have, variable time: everything is public.
pub fn public_sum(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    let n = scalars.len().min(points.len()); // the multiplication panics on lists of two lengths
    let (scalars, points) = (scalars.get(..n).unwrap_or(scalars), points.get(..n).unwrap_or(points));
    let chunks = scalars.par_chunks(PUBLIC).zip(points.par_chunks(PUBLIC));
    chunks.map(|(s, p)| RistrettoPoint::vartime_multiscalar_mul(s, p)).sum()
}

/// `Σ s_i·P_i` in constant time: the scalars are secret.
pub fn secret_sum<'a, T: Sync>(scalars: &[Scalar], items: &'a [T], point: impl Fn(&'a T) -> &'a RistrettoPoint + Sync) -> RistrettoPoint {
    let chunks = scalars.par_chunks(SECRET).zip(items.par_chunks(SECRET));
    chunks.map(|(s, p)| RistrettoPoint::multiscalar_mul(s, p.iter().map(&point))).sum()
}

/// `n` values of 32 bytes each, decoded in parallel; of several errors the first in the bytes is given.
fn all<T: Send>(
    input: &mut Reader<'_>,
    n: usize,
    decode: impl Fn([u8; 32]) -> Result<T, DecodeError> + Sync,
) -> Result<Vec<T>, DecodeError> {
    let bytes = input.bytes(n.checked_mul(32).ok_or(DecodeError::Short)?)?;
    let (items, _) = bytes.as_chunks::<32>();
    let read: Vec<Result<T, DecodeError>> = items.par_iter().with_min_len(64).map(|b| decode(*b)).collect();
    read.into_iter().collect()
}

/// `n` points.
pub fn points(input: &mut Reader<'_>, n: usize) -> Result<Vec<Point>, DecodeError> {
    all(input, n, |b| Point::decode(&b))
}

/// `n` scalars.
pub fn scalars(input: &mut Reader<'_>, n: usize) -> Result<Vec<Scalar>, DecodeError> {
    all(input, n, scalar)
}
