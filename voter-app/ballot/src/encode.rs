//! The one door where bytes become values, and the way back. Spec: 02-encoding, DEC.

use crate::Hash;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha256, Sha512};

/// Why bytes are not a record. Variants follow 02-encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// DEC-1
    #[error("DEC-1: a point is not canonical")]
    Point,
    /// DEC-2
    #[error("DEC-2: a point is the identity")]
    Identity,
    /// DEC-3
    #[error("DEC-3: a scalar is not canonical")]
    Scalar,
    /// DEC-4
    #[error("DEC-4: bytes are left over")]
    Trailing,
    /// DEC-5
    #[error("DEC-5: the bytes end too early, or a count exceeds them")]
    Short,
    /// DEC-6
    #[error("DEC-6: another type or version")]
    Type,
    /// DEC-7
    #[error("DEC-7: a text is not allowed")]
    Text,
    /// DEC-8
    #[error("DEC-8: a value outside its closed set")]
    Value,
    /// DEC-9
    #[error("DEC-9: a list is not sorted")]
    Order,
}

impl DecodeError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Point => "DEC-1",
            Self::Identity => "DEC-2",
            Self::Scalar => "DEC-3",
            Self::Trailing => "DEC-4",
            Self::Short => "DEC-5",
            Self::Type => "DEC-6",
            Self::Text => "DEC-7",
            Self::Value => "DEC-8",
            Self::Order => "DEC-9",
        }
    }
}

/// A point from outside together with its encoding: canonical, and never the identity (DEC-1, DEC-2).
///
/// Keeping both means that each point is decoded once and encoded never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    point: RistrettoPoint,
    bytes: [u8; 32],
}

impl Point {
    /// Decodes 32 bytes.
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        let point = CompressedRistretto(*bytes).decompress().ok_or(DecodeError::Point)?;
        if point.is_identity() {
            return Err(DecodeError::Identity);
        }
        Ok(Self { point, bytes: *bytes })
    }

    /// Encodes a computed point, or nothing if it is the identity.
    pub fn from_point(point: RistrettoPoint) -> Option<Self> {
        (!point.is_identity()).then(|| Self { point, bytes: point.compress().to_bytes() })
    }

    /// Doubles and encodes many points for the price of little more than one inversion: pass halves. No identities.
    pub fn batch_from_halves(halves: &[RistrettoPoint]) -> Vec<Self> {
        RistrettoPoint::double_and_compress_batch(halves)
            .into_iter()
            .zip(halves)
            .map(|(bytes, half)| Self { point: half + half, bytes: bytes.to_bytes() })
            .collect()
    }

    /// The group element.
    pub fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// The canonical encoding.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// Reads a scalar (DEC-3).
pub fn scalar(bytes: [u8; 32]) -> Result<Scalar, DecodeError> {
    Option::from(Scalar::from_canonical_bytes(bytes)).ok_or(DecodeError::Scalar)
}

/// Bytes that are still to be read.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(DecodeError::Short)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(DecodeError::Short)?;
        self.rest = rest;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[b]| b)
    }

    /// Two bytes, big-endian.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes, big-endian.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A point (DEC-1, DEC-2).
    pub fn point(&mut self) -> Result<Point, DecodeError> {
        Point::decode(&self.array()?)
    }

    /// `n` points.
    pub fn points(&mut self, n: usize) -> Result<Vec<Point>, DecodeError> {
        self.many(n, 32, Self::point)
    }

    /// A scalar (DEC-3).
    pub fn scalar(&mut self) -> Result<Scalar, DecodeError> {
        scalar(self.array()?)
    }

    /// `n` scalars.
    pub fn scalars(&mut self, n: usize) -> Result<Vec<Scalar>, DecodeError> {
        self.many(n, 32, Self::scalar)
    }

    /// `n` items of at least `size` bytes each; refuses before taking memory if they cannot be there (DEC-5).
    pub fn many<T>(
        &mut self,
        n: usize,
        size: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        if n.checked_mul(size).is_none_or(|need| need > self.rest.len()) {
            return Err(DecodeError::Short);
        }
        (0..n).map(|_| item(self)).collect()
    }

    /// A list: its `u32` count, then items of at least `size` bytes.
    pub fn list<T>(&mut self, size: usize, item: impl FnMut(&mut Self) -> Result<T, DecodeError>) -> Result<Vec<T>, DecodeError> {
        let n = self.u32()? as usize;
        self.many(n, size, item)
    }

    /// The type byte and version 1 (DEC-6).
    pub fn head(&mut self, kind: u8) -> Result<(), DecodeError> {
        if self.array()? == [kind, 1] { Ok(()) } else { Err(DecodeError::Type) }
    }

    /// Nothing is left (DEC-4).
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}

/// A value with one canonical byte layout. Law: `to_bytes(from_bytes(b)) == b`.
pub trait Record: Sized {
    /// Appends the layout.
    fn encode(&self, out: &mut Vec<u8>);
    /// Reads the layout, and leaves what follows.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The layout alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// Reads a whole record (DEC-4).
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let value = Self::decode(&mut input)?;
        input.end()?;
        Ok(value)
    }
}

/// Appends a list: its `u32` count, then each item.
pub fn put_list<T>(out: &mut Vec<u8>, items: &[T], mut item: impl FnMut(&mut Vec<u8>, &T)) {
    out.extend((items.len() as u32).to_be_bytes());
    for x in items {
        item(out, x);
    }
}

/// SHA-256 without a label: election ids, blobs, certificates.
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// `H(label, data)` of 02-encoding; `data` is given in pieces.
pub fn hash(label: &str, data: &[&[u8]]) -> Hash {
    let mut h = Sha256::new();
    h.update(b"haal/1/");
    h.update(label.as_bytes());
    h.update([0]);
    for piece in data {
        h.update(piece);
    }
    h.finalize().into()
}

/// `HashToGroup(label, data)` of 02-encoding.
pub fn hash_to_group(label: &str, data: &[&[u8]]) -> RistrettoPoint {
    let mut h = Sha512::new();
    h.update(b"haal/1/");
    h.update(label.as_bytes());
    h.update([0]);
    for piece in data {
        h.update(piece);
    }
    RistrettoPoint::from_uniform_bytes(&h.finalize().into())
}

/// Parses 64 lower-case hex digits.
pub fn parse_hash(text: &str) -> Option<Hash> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let mut out = [0; 32];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}
