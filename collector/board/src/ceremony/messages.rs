//! The six messages. Spec: 05-key-ceremony, messages.

use crate::Hash;
use ballot::encode::{DecodeError, Point, Reader, Record};
use ballot::proof::equality::EqualityProof;
use ballot::proof::knowledge::KnowledgeProof;

/// What every message begins with: session and author (index from 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Head {
    pub session: Hash,
    pub trustee: u16,
}

impl Head {
    fn encode(&self, kind: u8, out: &mut Vec<u8>) {
        out.extend([kind, 1]);
        out.extend(self.session);
        out.extend(self.trustee.to_be_bytes());
    }
    fn decode(kind: u8, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(kind)?;
        Ok(Self { session: input.array()?, trustee: input.u16()? })
    }

    /// Session and author of a message of any kind, before the rest is judged (KEY-11).
    pub fn peek(message: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(message);
        input.bytes(2)?;
        Ok(Self { session: input.array()?, trustee: input.u16()? })
    }
}

/// Round 1: a promise of what round 2 reveals.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Commit {
    pub head: Head,
    pub n: u16,
    pub t: u16,
    pub columns: u16,
    pub hash: Hash,
}

impl Record for Commit {
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(32, out);
        [self.n, self.t, self.columns].iter().for_each(|x| out.extend(x.to_be_bytes()));
        out.extend(self.hash);
    }
    fn decode(i: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { head: Head::decode(32, i)?, n: i.u16()?, t: i.u16()?, columns: i.u16()?, hash: i.array()? })
    }
}

/// Round 2: Feldman commitments with a proof of knowledge each, column by column, degree by degree.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reveal {
    pub head: Head,
    pub salt: [u8; 32],
    pub coefficients: Vec<(Point, KnowledgeProof)>,
}

impl Reveal {
    /// Reads a reveal of exactly `count = W·t` coefficients (KEY-4).
    pub fn from_bytes(bytes: &[u8], count: usize) -> Result<Self, DecodeError> {
        let mut i = Reader::new(bytes);
        let head = Head::decode(33, &mut i)?;
        let salt = i.array()?;
        let coefficients = i.many(count, 96, |i| Ok((i.point()?, KnowledgeProof::decode(i)?)))?;
        i.end()?;
        Ok(Self { head, salt, coefficients })
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.head.encode(33, &mut out);
        out.extend(self.salt);
        for (point, proof) in &self.coefficients {
            out.extend(point.bytes());
            proof.encode(&mut out);
        }
        out
    }
}

/// One recipient's shares, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedShare {
    /// `R = k·G`
    pub ephemeral: Point,
    /// `W` scalars and a tag.
    pub sealed: Vec<u8>,
}

/// Round 3: every recipient's shares, the dealer's own too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Deal {
    pub head: Head,
    pub shares: Vec<EncryptedShare>,
}

impl Deal {
    /// Reads a deal to `n` recipients with `columns` shares each.
    pub fn from_bytes(bytes: &[u8], n: usize, columns: usize) -> Result<Self, DecodeError> {
        let mut i = Reader::new(bytes);
        let head = Head::decode(34, &mut i)?;
        let len = 32 * columns + 16;
        let shares = i.many(n, 32 + len, |i| Ok(EncryptedShare { ephemeral: i.point()?, sealed: i.bytes(len)?.to_vec() }))?;
        i.end()?;
        Ok(Self { head, shares })
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.head.encode(34, &mut out);
        for share in &self.shares {
            out.extend(share.ephemeral.bytes());
            out.extend(&share.sealed);
        }
        out
    }
}

/// Round 4: all shares fit, and this is the key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Confirm {
    pub head: Head,
    pub key: Hash,
}

impl Record for Confirm {
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(35, out);
        out.extend(self.key);
    }
    fn decode(i: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { head: Head::decode(35, i)?, key: i.array()? })
    }
}

/// Round 4 instead: this dealer's share for me is wrong, and here is how to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Complaint {
    pub head: Head,
    pub dealer: u16,
    pub shared: Point,
    pub proof: EqualityProof,
}

impl Record for Complaint {
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(36, out);
        out.extend(self.dealer.to_be_bytes());
        out.extend(self.shared.bytes());
        self.proof.encode(out);
    }
    fn decode(i: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { head: Head::decode(36, i)?, dealer: i.u16()?, shared: i.point()?, proof: EqualityProof::decode(i)? })
    }
}

/// The share applied to the drill's point, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DrillAnswer {
    pub head: Head,
    pub number: u32,
    pub answers: Vec<(Point, EqualityProof)>,
}

impl DrillAnswer {
    /// Reads an answer for `columns` columns.
    pub fn from_bytes(bytes: &[u8], columns: usize) -> Result<Self, DecodeError> {
        let mut i = Reader::new(bytes);
        let head = Head::decode(37, &mut i)?;
        let number = i.u32()?;
        let answers = i.many(columns, 128, |i| Ok((i.point()?, EqualityProof::decode(i)?)))?;
        i.end()?;
        Ok(Self { head, number, answers })
    }

    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.head.encode(37, &mut out);
        out.extend(self.number.to_be_bytes());
        for (point, proof) in &self.answers {
            out.extend(point.bytes());
            proof.encode(&mut out);
        }
        out
    }
}
