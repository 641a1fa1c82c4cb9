//! The bytes of a ballot, part by part. Spec: 06-ballot.

use crate::bytes::{Fault, Hash, Reader};
use crate::entry::BALLOT_HEAD;
use crate::group::{self, Point, Scalar};
use crate::manifest::{Contest, List, Manifest};
use crate::transcript::Transcript;
use std::sync::OnceLock;

/// What stands before the parts.
#[derive(Clone, Debug)]
pub struct Head {
    /// Election id.
    pub election: Hash,
    /// Key id.
    pub key: Hash,
    /// Position of the district.
    pub district: u16,
    /// The pseudonym.
    pub voter: Hash,
    /// Running number.
    pub number: u32,
    /// Hash of the ballot before.
    pub previous: Hash,
}

/// One part: `w + 7` points, then `k + 3` scalars.
#[derive(Clone, Copy, Debug)]
pub struct PartBytes<'a> {
    /// `A B_1..B_w V T_A T_B T_V C D`.
    pub points: &'a [Hash],
    /// `f_1..f_k z_r z_s z_c`.
    pub scalars: &'a [Hash],
}

impl<'a> PartBytes<'a> {
    /// `A` and `B_1..B_w`.
    pub fn row(&self) -> &'a [Hash] {
        self.points.split_at_checked(self.points.len().saturating_sub(6)).map_or(&[], |(row, _)| row)
    }
}

/// A ballot cut into its parts; no point has been decoded.
#[derive(Clone, Debug)]
pub struct BallotBytes<'a> {
    /// The head.
    pub head: Head,
    /// One for each contest of the district.
    pub parts: Vec<PartBytes<'a>>,
}

/// Cuts a ballot. BAL-1 to BAL-3, in this order.
pub fn cut<'a>(bytes: &'a [u8], manifest: &Manifest, key: &Hash) -> Result<BallotBytes<'a>, Fault> {
    let mut reader = Reader::new(bytes);
    if bytes.len() < BALLOT_HEAD {
        return Err(Fault::new("BAL-1", format!("{} bytes are no ballot", bytes.len())));
    }
    let mut typed = reader.clone();
    let typed = typed.head(16);
    reader.take(2)?;
    let (election, its_key, district) = (reader.hash()?, reader.hash()?, reader.u16()?);
    let head = Head { election, key: its_key, district, voter: reader.hash()?, number: reader.u32()?, previous: reader.hash()? };
    let Some(length) = manifest.ballot_length(district) else {
        return Err(Fault::new("BAL-2", format!("the manifest has no district at position {district}")));
    };
    if bytes.len() != length {
        return Err(Fault::new("BAL-1", format!("{} bytes where the district's ballots have {length}", bytes.len())));
    }
    if head.election != manifest.election || head.key != *key {
        return Err(Fault::new("BAL-2", "made for another election or another key"));
    }
    if head.number == 0 || (head.number == 1) != (head.previous == [0; 32]) {
        return Err(Fault::new("BAL-3", "only the first ballot has number 1 and no ballot before it"));
    }
    typed.map_err(|fault| fault.under("BAL-4"))?;
    let mut parts = Vec::new();
    for part in manifest.parts.get(usize::from(district)).into_iter().flatten() {
        if let Some((_, list)) = manifest.part(*part) {
            let points = reader.blocks(list.shape.w.saturating_add(7))?;
            let scalars = reader.blocks(list.shape.bits.len().saturating_add(3))?;
            parts.push(PartBytes { points, scalars });
        }
    }
    reader.finish()?;
    Ok(BallotBytes { head, parts })
}

/// All points and scalars of one ballot, in the order of its bytes; kept to be filled again.
#[derive(Default)]
pub struct Decoded {
    /// Points of all parts.
    pub points: Vec<Point>,
    /// Scalars of all parts.
    pub scalars: Vec<Scalar>,
}

impl Decoded {
    /// Decodes every point and scalar. BAL-4, at a byte of the ballot.
    pub fn fill(&mut self, ballot: &BallotBytes<'_>) -> Result<(), Fault> {
        self.points.clear();
        self.scalars.clear();
        let mut at = BALLOT_HEAD;
        for part in &ballot.parts {
            for bytes in part.points {
                self.points.push(group::point(bytes).map_err(|fault| bad(fault, at))?);
                at = at.saturating_add(32);
            }
            for bytes in part.scalars {
                self.scalars.push(group::scalar(bytes).map_err(|fault| bad(fault, at))?);
                at = at.saturating_add(32);
            }
        }
        Ok(())
    }
}

impl Decoded {
    /// Decodes what is added up and nothing else: the rows of contests that are not mixed. All other points are left as the identity.
    pub fn fill_rows(&mut self, ballot: &BallotBytes<'_>, manifest: &Manifest) -> Result<(), Fault> {
        self.points.clear();
        self.scalars.clear();
        let parts = manifest.parts.get(usize::from(ballot.head.district)).map_or(&[][..], Vec::as_slice);
        for (bytes, part) in ballot.parts.iter().zip(parts) {
            let summed = manifest.part(*part).is_some_and(|(contest, _)| !contest.rule.is_mixed());
            let rows = if summed { bytes.row() } else { &[] };
            for row in rows {
                self.points.push(group::point(row)?);
            }
            let left = bytes.points.len().saturating_sub(rows.len());
            self.points.extend(std::iter::repeat_n(Point::default(), left));
        }
        Ok(())
    }
}

fn bad(fault: Fault, at: usize) -> Fault {
    fault.under("BAL-4").at(at)
}

/// For every district and part, the transcript up to `H`: the same for all ballots, so it is made once.
pub struct Prefixes {
    start: Transcript,
    columns: Vec<Hash>,
    districts: Vec<Vec<OnceLock<Box<Transcript>>>>,
}

impl Prefixes {
    /// Nothing is absorbed before a first ballot of the district needs it.
    pub fn new(manifest: &Manifest, key: &Hash, columns: &[Hash]) -> Self {
        let mut start = Transcript::new("ballot");
        start.bytes("election", &manifest.election);
        start.bytes("key", key);
        let districts = manifest.parts.iter().map(|parts| parts.iter().map(|_| OnceLock::new()).collect()).collect();
        Self { start, columns: columns.to_vec(), districts }
    }

    /// The main transcript up to `previous` for one part of one ballot.
    pub fn transcript(&self, manifest: &Manifest, head: &Head, part: usize) -> Option<Transcript> {
        let position = usize::from(head.district);
        let (contest, list) = manifest.part(*manifest.parts.get(position)?.get(part)?)?;
        let district = manifest.districts.get(position)?;
        let prefix = self.districts.get(position)?.get(part)?.get_or_init(|| Box::new(self.prefix(contest, list, district)));
        let mut transcript = Transcript::clone(prefix);
        transcript.bytes("voter", &head.voter);
        transcript.number("number", u64::from(head.number));
        transcript.bytes("previous", &head.previous);
        Some(transcript)
    }

    fn prefix(&self, contest: &Contest, list: &List, district: &str) -> Transcript {
        let mut transcript = self.start.clone();
        transcript.bytes("contest", contest.id.as_bytes());
        transcript.bytes("district", district.as_bytes());
        transcript.bytes("shape", &list.shape.encode());
        let (columns, _) = self.columns.split_at_checked(list.shape.w).unwrap_or((&self.columns, &[]));
        transcript.blocks("H", columns);
        transcript
    }
}
