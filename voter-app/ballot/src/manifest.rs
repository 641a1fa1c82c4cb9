//! The public description of one election. Spec: 03-manifest.

mod rules;

use crate::shape::Shape;
use crate::signature::{self, Purpose};
use crate::{Hash, encode};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub use rules::ManifestError;

/// A 32-byte key, point or hash, written as 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex32(pub [u8; 32]);

/// What is said of a key in another form (MAN-6).
const HEX_FORM: &str = "a key is 64 lower-case hex digits";

impl Serialize for Hex32 {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Hex32 {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        encode::parse_hash(&text).map(Self).ok_or_else(|| serde::de::Error::custom(HEX_FORM))
    }
}

/// What is written in the file; every field is required and no other is allowed (MAN-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the table in 03-manifest is the documentation of these fields
pub struct Description {
    pub board: Board,
    pub check: CheckWindow,
    pub collector: Member,
    pub committee: Committee,
    pub contests: Vec<Contest>,
    pub districts: Vec<District>,
    pub eid: Eid,
    pub haal: u64,
    pub k_min: u64,
    pub kind: Kind,
    pub mixers: Mixers,
    pub title: String,
    pub trustees: Trustees,
    pub voting: Span,
    pub witnesses: Witnesses,
}

/// How often batches are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Board {
    pub batch_seconds: u64,
    pub batch_smallest: u64,
}

/// How long, from its publication on, and how often a ballot can be checked on a second device (16-second-device).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CheckWindow {
    pub minutes: u64,
    pub releases: u64,
}

/// A named Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Member {
    pub key: Hex32,
    pub name: String,
}

/// Who gives orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Committee {
    pub members: Vec<Member>,
    pub quorum: u64,
}

/// Who re-encrypts and permutes mixed units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Mixers {
    pub members: Vec<Member>,
    pub required: u64,
}

/// Who cosigns checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Witnesses {
    pub faulty: u64,
    pub members: Vec<Member>,
    pub quorum: u64,
}

/// One trustee: `key` signs, `share_key` receives shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct TrusteeMember {
    pub key: Hex32,
    pub name: String,
    pub share_key: Hex32,
}

/// Who holds the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Trustees {
    pub members: Vec<TrusteeMember>,
    #[serde(rename = "override")]
    pub override_rules: bool,
    pub threshold: u64,
}

/// Bounds on the orders open and close, Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Span {
    pub from: u64,
    pub until: u64,
}

/// The profile of envelopes, the trust anchors in base64, and what is asked of signing certificates besides (07c-evidence).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Eid {
    pub anchors: Vec<String>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ocsp: Option<OcspPolicy>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<String>>,
    pub profile: Profile,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub stamp: Option<StampPolicy>,
}

impl Eid {
    /// Without the fields that may be left out.
    pub fn new(anchors: Vec<String>, profile: Profile) -> Self {
        Self { anchors, ocsp: None, policies: None, profile, stamp: None }
    }
}

/// A field that may be left out, but not be `null`.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// What is asked of an OCSP answer; seconds (07c-evidence).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OcspPolicy {
    pub age: u64,
    pub clock: u64,
    pub nonce: bool,
}

/// What is asked of a time stamp; seconds (07c-evidence).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct StampPolicy {
    pub anchors: Vec<String>,
    pub clock: u64,
    pub policies: Vec<String>,
    pub seconds: u64,
}

/// The container around a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Profile {
    #[serde(rename = "cades-b")]
    CadesB,
    #[serde(rename = "asic-e")]
    AsicE,
}

/// Whether ballots count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Kind {
    Election,
    Practice,
}

/// An area that decides which contests apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct District {
    pub id: String,
    pub title: String,
}

/// One decision with limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Contest {
    pub count: Count,
    pub id: String,
    pub lists: Vec<OptionList>,
    pub rule: Rule,
    pub title: String,
}

/// The options that some districts see in one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OptionList {
    pub districts: Vec<String>,
    pub options: Vec<ContestOption>,
}

/// What may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ContestOption {
    pub group: String,
    pub id: String,
    pub title: String,
}

/// The rule of a contest (04-proofs, shapes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Rule {
    Choose { min: u64, max: u64, blank: bool },
    Approve {},
    Score { most: u64 },
    Budget { total: u64 },
    List {},
    Rank { places: u64 },
}

impl Rule {
    /// True if ballots are mixed and opened one by one; false if they are added up.
    pub fn is_mixed(&self) -> bool {
        matches!(self, Self::List {} | Self::Rank { .. })
    }
}

/// How opened numbers become a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Count {
    Sum,
    Plurality,
    InstantRunoff,
}

/// One contest as a district sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StyleItem {
    /// Position of the contest.
    pub contest: usize,
    /// Position of the list in the contest.
    pub list: usize,
}

/// A manifest that obeys every rule, with its hash and what follows from it.
#[derive(Clone, Debug)]
pub struct Manifest {
    description: Description,
    bytes: Vec<u8>,
    id: Hash,
    /// Per contest, per list.
    shapes: Vec<Vec<Shape>>,
    /// Per district: its contests.
    styles: Vec<Vec<StyleItem>>,
    district_positions: HashMap<String, usize>,
}

impl Manifest {
    /// Reads the file `manifest.json` and checks MAN-1 to MAN-14, MAN-16 and MAN-17, but for the certificates in `eid`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        rules::load(bytes)
    }

    /// Checks a description, and gives the manifest and the bytes to be signed and published.
    pub fn from_description(description: &Description) -> Result<Self, ManifestError> {
        let bytes = serde_json_canonicalizer::to_vec(description).map_err(|_| ManifestError::NotCanonical)?;
        Self::from_bytes(&bytes)
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The election id: SHA-256 of the file.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// Everything that is written in it.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// `W`: the columns of the election key.
    pub fn columns(&self) -> usize {
        self.shapes.iter().flatten().map(Shape::width).max().unwrap_or(0)
    }

    /// The shape of a contest in one of its lists.
    pub fn shape(&self, item: StyleItem) -> Option<&Shape> {
        self.shapes.get(item.contest)?.get(item.list)
    }

    /// The contest and list behind an item.
    pub fn contest(&self, item: StyleItem) -> Option<(&Contest, &OptionList)> {
        let contest = self.description.contests.get(item.contest)?;
        Some((contest, contest.lists.get(item.list)?))
    }

    /// The contests of a district in manifest order; empty for an unknown district.
    pub fn style(&self, district: usize) -> &[StyleItem] {
        self.styles.get(district).map_or(&[], Vec::as_slice)
    }

    /// The position of the district with this id.
    pub fn district(&self, id: &str) -> Option<usize> {
        self.district_positions.get(id).copied()
    }

    /// The length of a ballot of this district in bytes (06-ballot).
    pub fn ballot_len(&self, district: usize) -> usize {
        let parts: usize = self.style(district).iter().filter_map(|&item| self.shape(item)).map(Shape::part_len).sum();
        crate::ballot::HEAD_LEN + parts
    }

    /// Trustees and threshold: `(n, t)`.
    pub fn trustees(&self) -> (usize, usize) {
        (self.description.trustees.members.len(), self.description.trustees.threshold as usize)
    }

    /// True if any contest is mixed.
    pub fn has_mixed(&self) -> bool {
        self.description.contests.iter().any(|c| c.rule.is_mixed())
    }

    /// The trust anchors as DER.
    pub fn anchors(&self) -> Vec<Vec<u8>> {
        self.description.eid.anchors.iter().filter_map(|a| rules::base64(a)).collect()
    }

    /// The trust anchors of the time-stamping party as DER; none if no time stamps are asked for.
    pub fn stamp_anchors(&self) -> Vec<Vec<u8>> {
        self.description.eid.stamp.iter().flat_map(|stamp| &stamp.anchors).filter_map(|a| rules::base64(a)).collect()
    }

    /// Checks that a quorum of the committee signed `body` for `purpose`, and that no signature is wrong (ORD-1, ENTRY-1).
    pub fn check_committee(&self, purpose: Purpose, body: &[u8], signatures: &[(u8, [u8; 64])]) -> Result<(), CommitteeError> {
        if !signatures.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(CommitteeError::Repeated);
        }
        for (member, sig) in signatures {
            let key = usize::from(*member)
                .checked_sub(1)
                .and_then(|i| self.description.committee.members.get(i))
                .ok_or(CommitteeError::Unknown(*member))?;
            signature::verify(&key.key.0, purpose, &self.id, body, sig).map_err(|_| CommitteeError::Signature(*member))?;
        }
        if (signatures.len() as u64) < self.description.committee.quorum {
            return Err(CommitteeError::TooFew { given: signatures.len(), quorum: self.description.committee.quorum });
        }
        Ok(())
    }
}

/// Why signatures of the committee do not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CommitteeError {
    #[error("ORD-1: the committee has no member {0}")]
    Unknown(u8),
    #[error("ORD-1: the signature of member {0} does not verify")]
    Signature(u8),
    #[error("ORD-1: signatures are not sorted by member, or one stands twice")]
    Repeated,
    #[error("ORD-1: {given} signatures, but the quorum is {quorum}")]
    TooFew { given: usize, quorum: u64 },
}
