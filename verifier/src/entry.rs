//! Entries of the log. Spec: 08-board, Entries; 03-manifest, Orders.

use crate::bytes::{Fault, Hash, Reader};
use crate::hash;

/// Bytes of a ballot before its parts. Spec: 06-ballot.
pub const BALLOT_HEAD: usize = 136;

/// One decoded entry. Every layout has one encoding only, so what decodes re-encodes to the same bytes (ENTRY-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Type 1.
    Manifest {
        /// The election id.
        election: Hash,
        /// Signatures of committee members, from 1.
        signatures: Vec<(u8, [u8; 64])>,
    },
    /// Type 2.
    Order(Order),
    /// Type 3.
    Post(Post),
    /// Type 4.
    Batch {
        /// Unix seconds.
        time: u64,
        /// Entries that follow.
        count: u32,
    },
    /// Types 5 and 6; the rest of the ballot is read again later.
    Ballot(BallotHead),
    /// Type 7.
    Closing {
        /// The counted-set hash.
        counted: Hash,
        /// The closing root.
        root: Hash,
    },
}

/// An order of the committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Position among all orders, from 1.
    pub number: u32,
    /// What is ordered.
    pub kind: OrderKind,
    /// Unix seconds.
    pub time: u64,
    /// See the kind.
    pub value: u64,
    /// See the kind.
    pub argument: Hash,
    /// See the kind.
    pub blob: Hash,
    /// What is signed: type to `blob`.
    pub body: [u8; 87],
    /// Signatures of committee members, from 1.
    pub signatures: Vec<(u8, [u8; 64])>,
}

/// Kinds of orders, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    fn of(byte: u8) -> Option<Self> {
        use OrderKind::*;
        let all = [Roll, Ceremony, Drill, Open, LastLogin, Close, Suspend, Resume, Extend, Note, Annul, Seal, Result, Amend, Reinstate];
        all.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// Which of `value`, `argument` and `blob` the kind uses. ORD-4.
    pub fn uses(self) -> (bool, bool, bool) {
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

    /// The largest blob it may name. ENTRY-7.
    pub fn blob_limit(self) -> u64 {
        if self == Self::Note { 64 << 10 } else { 1 << 30 }
    }
}

/// What a trustee or a mixer posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// 1 trustee, 2 mixer.
    pub role: u8,
    /// Index from 1.
    pub author: u16,
    /// What it is.
    pub kind: PostKind,
    /// Name of the message.
    pub blob: Hash,
    /// What is signed.
    pub body: [u8; 38],
    /// The author's signature.
    pub signature: [u8; 64],
}

/// Kinds of posts, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    fn of(byte: u8) -> Option<Self> {
        use PostKind::*;
        [Commit, Reveal, Deal, Confirm, Complaint, Drill, Mix, Intent, Opening].into_iter().find(|kind| *kind as u8 == byte)
    }

    /// The largest blob it may name. ENTRY-7.
    pub fn blob_limit(self) -> u64 {
        match self {
            Self::Mix | Self::Opening => 1 << 30,
            _ => 1 << 20,
        }
    }

    /// After the closing entry only. PHASE-6.
    pub fn is_tally(self) -> bool {
        matches!(self, Self::Mix | Self::Intent | Self::Opening)
    }
}

/// What the log pass keeps of a ballot or challenged ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotHead {
    /// Opened instead of cast.
    pub challenged: bool,
    /// `H("ballot", bytes)`; of a challenged ballot filled in once its length is known.
    pub hash: Hash,
    /// The pseudonym.
    pub voter: Hash,
    /// Hash of the voter's ballot before.
    pub previous: Hash,
    /// `H("envelope", …)`; zeros for a challenged ballot.
    pub envelope: Hash,
    /// Running number.
    pub number: u32,
    /// Position of the district.
    pub district: u16,
}

/// Decodes one entry. ENTRY-2. `ballot_length` gives the length of a district's ballots, for the hash of a challenged one.
pub fn decode(bytes: &[u8], ballot_length: &dyn Fn(u16) -> Option<usize>) -> Result<Entry, Fault> {
    let mut reader = Reader::new(bytes);
    let kind = reader.clone().u8()?;
    if !(1..=7).contains(&kind) {
        return Err(Fault::new("DEC-6", format!("no entry has type {kind}")).at(0));
    }
    reader.head(kind)?;
    let entry = match kind {
        1 => Entry::Manifest { election: reader.hash()?, signatures: signatures(&mut reader)? },
        2 => Entry::Order(order(bytes, &mut reader)?),
        3 => Entry::Post(post(bytes, &mut reader)?),
        4 => Entry::Batch { time: reader.u64()?, count: reader.u32()? },
        7 => Entry::Closing { counted: reader.hash()?, root: reader.hash()? },
        challenged => return ballot(reader, challenged == 6, ballot_length).map(Entry::Ballot),
    };
    reader.finish()?;
    Ok(entry)
}

/// `u8 count`, then member and signature, sorted by member. DEC-9.
fn signatures(reader: &mut Reader<'_>) -> Result<Vec<(u8, [u8; 64])>, Fault> {
    let count = reader.u8()?;
    let mut found: Vec<(u8, [u8; 64])> = Vec::new();
    for _ in 0..count {
        let at = reader.at();
        let next = (reader.u8()?, reader.array()?);
        if found.last().is_some_and(|last| last.0 >= next.0) {
            return Err(Fault::new("DEC-9", "signatures are not sorted by member").at(at));
        }
        found.push(next);
    }
    Ok(found)
}

fn order(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Order, Fault> {
    let number = reader.u32()?;
    let at = reader.at();
    let kind = reader.u8()?;
    let kind = OrderKind::of(kind).ok_or_else(|| Fault::new("DEC-8", format!("no order has kind {kind}")).at(at))?;
    let (time, value) = (reader.u64()?, reader.u64()?);
    let (argument, blob) = (reader.hash()?, reader.hash()?);
    let body = Reader::new(bytes).array()?;
    Ok(Order { number, kind, time, value, argument, blob, body, signatures: signatures(reader)? })
}

fn post(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Post, Fault> {
    let at = reader.at();
    let (role, author, kind) = (reader.u8()?, reader.u16()?, reader.u8()?);
    if !(1..=2).contains(&role) {
        return Err(Fault::new("DEC-8", format!("no role has number {role}")).at(at));
    }
    let kind = PostKind::of(kind).ok_or_else(|| Fault::new("DEC-8", format!("no post has kind {kind}")).at(at.saturating_add(3)))?;
    let blob = reader.hash()?;
    let body = Reader::new(bytes).take(reader.at())?;
    let body = body.first_chunk().copied().ok_or_else(|| Fault::new("DEC-5", "a short post"))?;
    Ok(Post { role, author, kind, blob, body, signature: reader.array()? })
}

/// Reads the head alone; lengths, points and proofs are the business of V11 to V13.
fn ballot(mut reader: Reader<'_>, challenged: bool, ballot_length: &dyn Fn(u16) -> Option<usize>) -> Result<BallotHead, Fault> {
    let envelope = if challenged { [0; 32] } else { reader.hash()? };
    let body = reader.clone();
    reader.take(66)?; // type, version, election and key are judged in V11
    let district = reader.u16()?;
    let (voter, number, previous) = (reader.hash()?, reader.u32()?, reader.hash()?);
    let length = if challenged { ballot_length(district).unwrap_or(usize::MAX).min(body.left()) } else { body.left() };
    let hash = hash::labelled("ballot", body.clone().take(length)?);
    Ok(BallotHead { challenged, hash, voter, previous, envelope, number, district })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Entry, &'static str> {
        decode(bytes, &|_| None).map_err(|fault| fault.rule)
    }

    #[test]
    fn batches_and_closings() {
        let batch = [vec![4, 1], 7u64.to_be_bytes().to_vec(), 3u32.to_be_bytes().to_vec()].concat();
        assert_eq!(decoded(&batch), Ok(Entry::Batch { time: 7, count: 3 }));
        assert_eq!(decoded(&batch[..13]), Err("DEC-5"));
        assert_eq!(decoded(&[batch.as_slice(), &[0]].concat()), Err("DEC-4"));
        assert_eq!(decoded(&[4, 2]), Err("DEC-6"));
        assert_eq!(decoded(&[8, 1]), Err("DEC-6"));
        assert_eq!(decoded(&[]), Err("DEC-5"));
        assert_eq!((decoded(&[0, 1]), decoded(&[8, 1])), (Err("DEC-6"), Err("DEC-6")));
        assert!(decoded(&[&[7, 1][..], &[0; 64]].concat()).is_ok());
    }

    #[test]
    fn orders_and_posts() {
        let mut order = [vec![2, 1, 0, 0, 0, 9, 6], vec![0; 80], vec![2, 1], vec![1; 64], vec![2], vec![2; 64]].concat();
        let Ok(Entry::Order(found)) = decoded(&order) else { panic!("an order") };
        assert_eq!((found.number, found.kind, found.signatures.len(), found.body.len()), (9, OrderKind::Close, 2, 87));
        order[88] = 2; // two signatures of one member
        assert_eq!(decoded(&order), Err("DEC-9"));
        assert_eq!(decode(&order, &|_| None).unwrap_err().at, Some(88 + 65));
        order[6] = 16;
        assert_eq!(decoded(&order), Err("DEC-8"));
        assert_eq!(decode(&order, &|_| None).unwrap_err().at, Some(6));
        let mut post = [vec![3, 1, 1, 0, 2, 7], vec![5; 32], vec![6; 64]].concat();
        let Ok(Entry::Post(found)) = decoded(&post) else { panic!("a post") };
        assert_eq!((found.author, found.kind, found.body.len()), (2, PostKind::Mix, 38));
        for role in [0, 3] {
            post[2] = role;
            assert_eq!(decoded(&post), Err("DEC-8"));
            assert_eq!(decode(&post, &|_| None).unwrap_err().at, Some(2));
        }
        post[2] = 1;
        for kind in [0, 10] {
            post[5] = kind;
            assert_eq!(decode(&post, &|_| None).map_err(|fault| (fault.rule, fault.at)), Err(("DEC-8", Some(5))));
        }
        post[5] = 9;
        post.push(0);
        assert_eq!(decode(&post, &|_| None).map_err(|fault| (fault.rule, fault.at)), Err(("DEC-4", Some(102))));
    }

    /// The table of page 03.
    #[test]
    fn fields_of_orders() {
        let all: Vec<OrderKind> = (1..=15).map(|byte| OrderKind::of(byte).unwrap()).collect();
        let which = |of: fn(OrderKind) -> bool| -> Vec<u8> { all.iter().filter(|kind| of(**kind)).map(|kind| *kind as u8).collect() };
        assert_eq!(which(|kind| kind.uses().0), [9, 11, 14, 15]);
        assert_eq!(which(|kind| kind.uses().1), [1, 2, 3, 4, 13, 14]);
        assert_eq!(which(|kind| kind.uses().2), [1, 10, 11, 13, 14, 15]);
        assert_eq!(which(|kind| kind.blob_limit() == 65_536), [10]);
        assert!(all.iter().all(|kind| *kind == OrderKind::Note || kind.blob_limit() == 1 << 30));
        let posts: Vec<PostKind> = (1..=9).map(|byte| PostKind::of(byte).unwrap()).collect();
        let which = |of: fn(PostKind) -> bool| -> Vec<u8> { posts.iter().filter(|kind| of(**kind)).map(|kind| *kind as u8).collect() };
        assert_eq!(which(|kind| kind.blob_limit() == 1 << 30), [7, 9]);
        assert_eq!(which(|kind| kind.blob_limit() == 1 << 20), [1, 2, 3, 4, 5, 6, 8]);
        assert_eq!(which(PostKind::is_tally), [7, 8, 9]);
    }

    #[test]
    fn heads_of_ballots() {
        let head = [&[16, 1][..], &[1; 64], &[0, 3], &[4; 32], &[0, 0, 0, 5], &[6; 32]].concat();
        let body = [head.as_slice(), &[7; 64]].concat();
        let cast = [&[5, 1][..], &[8; 32], &body].concat();
        let Ok(Entry::Ballot(found)) = decoded(&cast) else { panic!("a ballot") };
        let expected = BallotHead {
            challenged: false,
            hash: hash::labelled("ballot", &body),
            voter: [4; 32],
            previous: [6; 32],
            envelope: [8; 32],
            number: 5,
            district: 3,
        };
        assert_eq!(found, expected);
        assert_eq!(decoded(&cast[..2 + 32 + 135]), Err("DEC-5"));
        assert!(decoded(&cast[..2 + 32 + 136]).is_ok());
        // Of an opened ballot only the ballot is hashed, if its district is known.
        let opened = [&[6, 1][..], &body, &[9; 36]].concat();
        let of = |length: Option<usize>| match decode(&opened, &|district| length.filter(|_| district == 3)) {
            Ok(Entry::Ballot(head)) => (head.challenged, head.envelope, head.hash),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(Some(body.len())), (true, [0; 32], hash::labelled("ballot", &body)));
        let whole = hash::labelled("ballot", &opened[2..]);
        assert_eq!((of(None).2, of(Some(99_999)).2), (whole, whole));
    }
}
