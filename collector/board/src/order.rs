//! Decisions of the committee. Spec: 03-manifest, ORD.

use crate::Hash;
use ballot::encode::{DecodeError, Reader, Record};
use ballot::signature::{self, Purpose};

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum OrderKind {
    Roll = 1,
    Ceremony,
    Drill,
    Open,
    LastLogin,
    Close,
    Suspend,
    Resume,
    Extend,
    Note,
    Annul,
    Seal,
    Result,
    Amend,
    Reinstate,
}

impl OrderKind {
    /// All kinds, by number.
    pub const ALL: [Self; 15] = [
        Self::Roll,
        Self::Ceremony,
        Self::Drill,
        Self::Open,
        Self::LastLogin,
        Self::Close,
        Self::Suspend,
        Self::Resume,
        Self::Extend,
        Self::Note,
        Self::Annul,
        Self::Seal,
        Self::Result,
        Self::Amend,
        Self::Reinstate,
    ];

    /// The word of 03-manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roll => "roll",
            Self::Ceremony => "ceremony",
            Self::Drill => "drill",
            Self::Open => "open",
            Self::LastLogin => "last-login",
            Self::Close => "close",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Extend => "extend",
            Self::Note => "note",
            Self::Annul => "annul",
            Self::Seal => "seal",
            Self::Result => "result",
            Self::Amend => "amend",
            Self::Reinstate => "reinstate",
        }
    }

    /// Which of `value`, `argument`, `blob` it uses.
    fn uses(self) -> (bool, bool, bool) {
        match self {
            Self::Roll | Self::Result => (false, true, true),
            Self::Ceremony | Self::Drill | Self::Open => (false, true, false),
            Self::Extend => (true, false, false),
            Self::Note => (false, false, true),
            Self::Annul | Self::Reinstate => (true, false, true),
            Self::Amend => (true, true, true),
            Self::LastLogin | Self::Close | Self::Suspend | Self::Resume | Self::Seal => (false, false, false),
        }
    }

    /// True if a blob travels with it.
    pub fn has_blob(self) -> bool {
        self.uses().2
    }
}

/// One order with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table in 03-manifest
pub struct Order {
    pub number: u32,
    pub kind: OrderKind,
    pub time: u64,
    pub value: u64,
    pub argument: Hash,
    pub blob: Hash,
    pub signatures: Vec<(u8, [u8; 64])>,
}

impl Order {
    /// What is signed: everything but the signatures.
    pub fn body(&self) -> Vec<u8> {
        let mut out = vec![2, 1];
        out.extend(self.number.to_be_bytes());
        out.push(self.kind as u8);
        out.extend(self.time.to_be_bytes());
        out.extend(self.value.to_be_bytes());
        out.extend(self.argument);
        out.extend(self.blob);
        out
    }

    /// Adds a member's signature, in place of an older one.
    pub fn sign(&mut self, election: &Hash, member: u8, key: &ed25519_dalek::SigningKey) {
        let sig = signature::sign(key, Purpose::Order, election, &self.body());
        self.signatures.retain(|(m, _)| *m != member);
        self.signatures.push((member, sig));
        self.signatures.sort_by_key(|(m, _)| *m);
    }

    /// True if fields that the kind does not use are zero (the first half of ORD-4).
    pub fn is_plain(&self) -> bool {
        let (value, argument, blob) = self.kind.uses();
        (value || self.value == 0) && (argument || self.argument == [0; 32]) && (blob == (self.blob != [0; 32]))
    }
}

impl Record for Order {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        put_signatures(out, &self.signatures);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(2)?;
        let number = input.u32()?;
        let kind = input.u8()?;
        let kind = OrderKind::ALL.into_iter().find(|k| *k as u8 == kind).ok_or(DecodeError::Value)?;
        Ok(Self {
            number,
            kind,
            time: input.u64()?,
            value: input.u64()?,
            argument: input.array()?,
            blob: input.array()?,
            signatures: read_signatures(input)?,
        })
    }
}

pub(crate) fn put_signatures(out: &mut Vec<u8>, signatures: &[(u8, [u8; 64])]) {
    out.push(signatures.len() as u8);
    for (member, sig) in signatures {
        out.push(*member);
        out.extend(sig);
    }
}

pub(crate) fn read_signatures(input: &mut Reader<'_>) -> Result<Vec<(u8, [u8; 64])>, DecodeError> {
    let count = usize::from(input.u8()?);
    let signatures = input.many(count, 65, |i| Ok((i.u8()?, i.array()?)))?;
    if signatures.is_sorted_by(|a, b| a.0 < b.0) { Ok(signatures) } else { Err(DecodeError::Order) }
}
