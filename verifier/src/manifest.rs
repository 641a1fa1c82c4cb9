//! The public description of an election, as its file says it. Spec: 03-manifest.

pub mod eid;
mod parse;
mod rules;

use crate::bytes::{Fault, Hash};
use crate::envelope::Profile;
use crate::group::Point;
use crate::shape::Shape;
use ed25519_dalek::VerifyingKey;
pub use eid::{Asked, Ocsp, Stamp};
use std::collections::HashMap;

/// The longest manifest, in bytes. MAN-1.
pub const LARGEST: u64 = 16 << 20;

/// A member of a role: its name and the key it signs with.
#[derive(Clone, Debug)]
pub struct Member {
    /// Name, an id.
    pub name: String,
    /// Ed25519 key.
    pub key: VerifyingKey,
}

/// A manifest that satisfies MAN-2 to MAN-14 and MAN-17.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The election id: SHA-256 of the file.
    pub election: Hash,
    /// A rehearsal.
    pub practice: bool,
    /// Earliest opening and latest closing, Unix seconds.
    pub voting: (u64, u64),
    /// The committee.
    pub committee: Vec<Member>,
    /// Signatures that an order needs.
    pub committee_quorum: usize,
    /// The collector.
    pub collector: Member,
    /// Witnesses of the log.
    pub witnesses: Vec<Member>,
    /// Cosignatures that a live checkpoint needs.
    pub witness_quorum: usize,
    /// Trustees.
    pub trustees: Vec<Member>,
    /// Points that shares are sealed to, trustee by trustee.
    pub share_keys: Vec<Point>,
    /// Trustees needed to open.
    pub threshold: usize,
    /// Weaker set-ups allowed.
    pub override_rules: bool,
    /// Mixers.
    pub mixers: Vec<Member>,
    /// Stages that a mixed unit must pass.
    pub mixes_required: usize,
    /// Which container ballots have.
    pub profile: Profile,
    /// DER certificates.
    pub anchors: Vec<Vec<u8>>,
    /// What is asked of signing certificates besides, and of time stamps.
    pub asked: Asked,
    /// Longest time between acceptance and publication.
    pub batch_seconds: u64,
    /// Fewest counted ballots of a unit that is opened.
    pub k_min: u64,
    /// Ids of the districts.
    pub districts: Vec<String>,
    /// Contests.
    pub contests: Vec<Contest>,
    /// For each district its parts: contest and list, in the order of the manifest.
    pub parts: Vec<Vec<Part>>,
    /// Largest `w` of any list: columns of the election key.
    pub columns: usize,
    /// Largest `k` of any list.
    pub bits: usize,
    /// What is reported without being wrong.
    pub findings: Vec<Fault>,
}

/// One decision.
#[derive(Clone, Debug)]
pub struct Contest {
    /// Id.
    pub id: String,
    /// Who may choose how much.
    pub rule: Rule,
    /// Lists of options.
    pub lists: Vec<List>,
}

/// Options of some districts.
#[derive(Clone, Debug)]
pub struct List {
    /// Positions of the districts, ascending.
    pub districts: Vec<u16>,
    /// Ids of the options.
    pub options: Vec<String>,
    /// The shape that the rule and the number of options give.
    pub shape: Shape,
}

/// The rule of a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Rule {
    Choose { min: u32, max: u32, blank: bool },
    Approve,
    Score { most: u32 },
    Budget { total: u32 },
    List,
    Rank { places: u32 },
}

impl Rule {
    /// Rows are mixed instead of summed.
    pub fn is_mixed(self) -> bool {
        matches!(self, Self::List | Self::Rank { .. })
    }

    /// The `count` that goes with it. MAN-12.
    pub fn count(self) -> &'static str {
        match self {
            Self::List => "plurality",
            Self::Rank { .. } => "instant-runoff",
            _ => "sum",
        }
    }
}

/// One contest of a district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position of the contest.
    pub contest: u8,
    /// Position of the list in the contest.
    pub list: u32,
}

impl Manifest {
    /// Reads and checks a file. MAN-1 to MAN-14.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let value = crate::json::canonical(bytes).map_err(|fault| vec![fault])?;
        let parsed = parse::file(value).map_err(|fault| vec![fault])?;
        rules::check(parsed, crate::hash::sha256(bytes))
    }

    /// The contest and the list of a part.
    pub fn part(&self, part: Part) -> Option<(&Contest, &List)> {
        let contest = self.contests.get(usize::from(part.contest))?;
        Some((contest, contest.lists.get(usize::try_from(part.list).ok()?)?))
    }

    /// Bytes of a ballot of this district. BAL-1.
    pub fn ballot_length(&self, district: u16) -> Option<usize> {
        let parts = self.parts.get(usize::from(district))?;
        let lengths = parts.iter().map(|part| self.part(*part).map_or(0, |(_, list)| list.shape.part_length()));
        Some(lengths.fold(crate::entry::BALLOT_HEAD, usize::saturating_add))
    }

    /// Integers of a ballot of this district.
    pub fn ballot_integers(&self, district: u16) -> Option<usize> {
        let parts = self.parts.get(usize::from(district))?;
        Some(parts.iter().filter_map(|part| self.part(*part)).map(|(_, list)| list.shape.w).sum())
    }

    /// Districts by id.
    pub fn district_positions(&self) -> HashMap<&str, u16> {
        self.districts.iter().zip(0..=u16::MAX).map(|(id, position)| (id.as_str(), position)).collect()
    }
}
