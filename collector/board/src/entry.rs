//! The leaves of the log. Spec: 08-board, entries.

use crate::Hash;
use crate::order::{Order, put_signatures, read_signatures};
use crate::post::Post;
use ballot::ballot::HEAD_LEN;
use ballot::encode::{DecodeError, Reader, Record, hash};

/// The largest entry: its length is a `u16` in an entry bundle.
pub const MOST_BYTES: usize = 65_535;

/// One leaf.
///
/// Ballots stay bytes here, because reading them takes the district's style ([`ballot::ballot::BallotStyle`]).
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the tables in 08-board
pub enum Entry {
    Manifest { election: Hash, signatures: Vec<(u8, [u8; 64])> },
    Order(Order),
    Post(Post),
    Batch { time: u64, count: u32 },
    Ballot { envelope: Hash, ballot: Vec<u8> },
    Challenged { opened: Vec<u8> },
    Closing { counted: Hash, root: Hash },
}

impl Entry {
    /// The word of 08-board.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Manifest { .. } => "manifest",
            Self::Order(_) => "order",
            Self::Post(_) => "post",
            Self::Batch { .. } => "batch",
            Self::Ballot { .. } => "ballot",
            Self::Challenged { .. } => "challenged",
            Self::Closing { .. } => "closing",
        }
    }

    /// The blob that must be there with it.
    pub fn blob(&self) -> Option<Hash> {
        match self {
            Self::Order(o) => o.kind.has_blob().then_some(o.blob),
            Self::Post(p) => Some(p.blob),
            _ => None,
        }
    }
}

/// `H("envelope", salt ‖ container)`: what the board says about the signed container.
pub fn envelope_hash(salt: &[u8; 32], container: &[u8]) -> Hash {
    hash("envelope", &[salt, container])
}

impl Record for Entry {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Manifest { election, signatures } => {
                out.extend([1, 1]);
                out.extend(election);
                put_signatures(out, signatures);
            }
            Self::Order(order) => order.encode(out),
            Self::Post(post) => post.encode(out),
            Self::Batch { time, count } => {
                out.extend([4, 1]);
                out.extend(time.to_be_bytes());
                out.extend(count.to_be_bytes());
            }
            Self::Ballot { envelope, ballot } => {
                out.extend([5, 1]);
                out.extend(envelope);
                out.extend(ballot);
            }
            Self::Challenged { opened } => {
                out.extend([6, 1]);
                out.extend(opened);
            }
            Self::Closing { counted, root } => {
                out.extend([7, 1]);
                out.extend(counted);
                out.extend(root);
            }
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = input.clone().u8()?;
        match kind {
            2 => return Order::decode(input).map(Self::Order),
            3 => return Post::decode(input).map(Self::Post),
            _ => input.head(kind)?,
        }
        Ok(match kind {
            1 => Self::Manifest { election: input.array()?, signatures: read_signatures(input)? },
            4 => Self::Batch { time: input.u64()?, count: input.u32()? },
            5 => Self::Ballot { envelope: input.array()?, ballot: ballot(input)? },
            6 => Self::Challenged { opened: ballot(input)? },
            7 => Self::Closing { counted: input.array()?, root: input.array()? },
            _ => return Err(DecodeError::Type),
        })
    }
}

/// All that is left: at least the head of a ballot (ENTRY-5). What it holds is read with the district's style.
fn ballot(input: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    if input.left() < HEAD_LEN {
        return Err(DecodeError::Short);
    }
    Ok(input.bytes(input.left())?.to_vec())
}
