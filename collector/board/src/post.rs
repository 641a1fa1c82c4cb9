//! A signed pointer to a blob of a trustee or mixer. Spec: 08-board, entries.

use crate::Hash;
use ballot::encode::{DecodeError, Reader, Record};
use ballot::manifest::Manifest;
use ballot::signature::{self, Purpose};

/// Who posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Role {
    Trustee = 1,
    Mixer,
}

/// What the blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum PostKind {
    Commit = 1,
    Reveal,
    Deal,
    Confirm,
    Complaint,
    Drill,
    Mix,
    Intent,
    Opening,
}

impl PostKind {
    const ALL: [Self; 9] =
        [Self::Commit, Self::Reveal, Self::Deal, Self::Confirm, Self::Complaint, Self::Drill, Self::Mix, Self::Intent, Self::Opening];

    /// The role that posts it.
    pub fn role(self) -> Role {
        if self == Self::Mix { Role::Mixer } else { Role::Trustee }
    }

    /// The word of 08-board.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Reveal => "reveal",
            Self::Deal => "deal",
            Self::Confirm => "confirm",
            Self::Complaint => "complaint",
            Self::Drill => "drill",
            Self::Mix => "mix",
            Self::Intent => "intent",
            Self::Opening => "opening",
        }
    }

    /// The largest blob in bytes (ENTRY-7).
    pub fn blob_limit(self) -> u64 {
        if matches!(self, Self::Mix | Self::Opening) { 1 << 30 } else { 1 << 20 }
    }
}

/// 101 bytes in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the table in 08-board
pub struct Post {
    pub role: Role,
    pub author: u16,
    pub kind: PostKind,
    pub blob: Hash,
    pub signature: [u8; 64],
}

/// ENTRY-4: who posted is not who it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum PostError {
    #[error("ENTRY-4: there is no such author, or the kind is not for this role")]
    Author,
    #[error("ENTRY-4: the author's signature does not verify")]
    Signature,
}

impl Post {
    /// Signs a post for a blob.
    pub fn new(kind: PostKind, author: u16, blob: Hash, election: &Hash, key: &ed25519_dalek::SigningKey) -> Self {
        let mut post = Self { role: kind.role(), author, kind, blob, signature: [0; 64] };
        post.signature = signature::sign(key, Purpose::Post, election, &post.body());
        post
    }

    fn body(&self) -> Vec<u8> {
        let mut out = vec![3, 1, self.role as u8];
        out.extend(self.author.to_be_bytes());
        out.push(self.kind as u8);
        out.extend(self.blob);
        out
    }

    /// Verifies author, role and signature.
    pub fn verify(&self, manifest: &Manifest) -> Result<(), PostError> {
        let at = usize::from(self.author).checked_sub(1).ok_or(PostError::Author)?;
        let d = manifest.description();
        let key = match self.role {
            Role::Trustee => d.trustees.members.get(at).map(|m| m.key),
            Role::Mixer => d.mixers.members.get(at).map(|m| m.key),
        };
        let key = key.filter(|_| self.kind.role() == self.role).ok_or(PostError::Author)?;
        signature::verify(&key.0, Purpose::Post, &manifest.id(), &self.body(), &self.signature).map_err(|_| PostError::Signature)
    }
}

impl Record for Post {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        out.extend(self.signature);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(3)?;
        let role = match input.u8()? {
            1 => Role::Trustee,
            2 => Role::Mixer,
            _ => return Err(DecodeError::Value),
        };
        let author = input.u16()?;
        let kind = input.u8()?;
        let kind = PostKind::ALL.into_iter().find(|k| *k as u8 == kind).ok_or(DecodeError::Value)?;
        Ok(Self { role, author, kind, blob: input.array()?, signature: input.array()? })
    }
}
