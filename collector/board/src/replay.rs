//! What a log says so far: every entry in turn, checked by the rules that need no ballot proofs. Spec: 03, 05, 07, 08.
//!
//! Collector, trustees and the voter's program share it. Ballots and the posts after the close are handed back for their own checks.

use crate::Hash;
use crate::ceremony::{Ceremony, CeremonyError, Complaint, Session};
use crate::changes::{AmendError, Rolls};
use crate::entry::Entry;
use crate::order::OrderKind;
use crate::phase::{OrderError, Phase, Phases};
use crate::post::{Post, PostError, PostKind};
use crate::programs::Programs;
use crate::roll::{AnnulReason, AnnulmentList, ReinstatementList, Roll};
use ballot::encode::{DecodeError, Record, hash, sha256};
use ballot::manifest::{CommitteeError, Manifest};
use ballot::signature::Purpose;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Why an entry is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ReplayError {
    #[error("ENTRY-1: the first entry must be this election's manifest, and no other may be")]
    Manifest,
    #[error("REC-4: the manifest entry names another election")]
    Election,
    #[error("MAN-15: {0}")]
    ManifestSigned(CommitteeError),
    /// The entry, or a list that an order names (ENTRY-2, ROLL-1, ANN-1).
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Post(#[from] PostError),
    #[error("ENTRY-4: this post stands in the log already")]
    Repeated,
    #[error("ENTRY-5: ballots are not in a batch, or not sorted in it, or a batch is cut short, empty, or dated back")]
    Batch,
    #[error("ENTRY-6: only the closing entry may follow seal, and nothing else may close")]
    Closing,
    #[error("ENTRY-7: the blob is missing, too large, or another")]
    Blob,
    #[error("ORD-4: the note is not UTF-8")]
    Note,
    #[error("PHASE-4: no ballots are taken now")]
    Ballots,
    #[error("PHASE-6: mixes, intents and openings must follow the closing entry")]
    Early,
    #[error("PHASE-8: nothing may follow the result")]
    Done,
    #[error("ROLL-1: the roll is not sorted, names an unknown district, or has another root")]
    Roll,
    #[error("KEY-10: the session id was used before")]
    Session,
    #[error(transparent)]
    Amend(#[from] AmendError),
    #[error("ANN-1: an annulment is of nobody who is or was on the roll, or of somebody who is annulled already")]
    Annulment,
    #[error("ANN-2: the order states another number of pseudonyms than its list has")]
    AnnulmentCount,
    #[error("ANN-3: somebody who is not annulled cannot be reinstated")]
    Reinstatement,
}

impl ReplayError {
    /// Bytes that are not a roll. One that is not sorted breaks ROLL-1.
    pub fn roll(error: DecodeError) -> Self {
        if error == DecodeError::Order { Self::Roll } else { Self::Decode(error) }
    }

    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Manifest => "ENTRY-1",
            Self::Election => "REC-4",
            Self::ManifestSigned(_) => "MAN-15",
            Self::Decode(e) => e.rule(),
            Self::Order(e) => e.rule(),
            Self::Post(_) | Self::Repeated => "ENTRY-4",
            Self::Batch => "ENTRY-5",
            Self::Closing => "ENTRY-6",
            Self::Blob => "ENTRY-7",
            Self::Note => "ORD-4",
            Self::Ballots => "PHASE-4",
            Self::Early => "PHASE-6",
            Self::Done => "PHASE-8",
            Self::Roll => "ROLL-1",
            Self::Session => "KEY-10",
            Self::Annulment => "ANN-1",
            Self::AnnulmentCount => "ANN-2",
            Self::Reinstatement => "ANN-3",
            Self::Amend(e) => e.rule(),
        }
    }
}

/// A post that does not count, with its author; the election goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Finding {
    pub entry: u64,
    /// The session that was the last one then.
    pub session: Option<Hash>,
    pub author: u16,
    pub kind: PostKind,
    pub error: CeremonyError,
}

/// What a caller must look at further.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Event {
    /// Nothing more to do.
    Done,
    Ballot {
        envelope: Hash,
        ballot: Vec<u8>,
    },
    Challenged {
        opened: Vec<u8>,
    },
    /// A mix, intent or opening.
    Post {
        post: Post,
        blob: Vec<u8>,
    },
    Closing {
        counted: Hash,
        root: Hash,
    },
}

/// The state after some entries.
#[derive(Clone, Debug)]
pub struct Replay {
    manifest: Arc<Manifest>,
    size: u64,
    phases: Phases,
    ceremony: Ceremony,
    rolls: Option<Arc<Rolls>>,
    programs: Option<Arc<Programs>>,
    annulled: BTreeMap<Hash, AnnulReason>,
    posts: HashSet<(u8, u16, u8, Hash)>,
    batch: (u64, u32, Option<Hash>),
    closing: Option<(u64, Hash, Hash)>,
    findings: Vec<Finding>,
    /// Entry of the complaint that ended a session, by the session's place.
    complaints: Vec<(u64, usize)>,
    result: Option<Vec<u8>>,
}

impl Replay {
    /// Before the first entry.
    pub fn new(manifest: Arc<Manifest>) -> Self {
        Self {
            phases: Phases::new(&manifest),
            ceremony: Ceremony::new(&manifest),
            manifest,
            size: 0,
            rolls: None,
            programs: None,
            annulled: BTreeMap::new(),
            posts: HashSet::new(),
            batch: (0, 0, None),
            closing: None,
            findings: Vec::new(),
            complaints: Vec::new(),
            result: None,
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }
    /// Entries seen.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Orders and phase.
    pub fn phases(&self) -> &Phases {
        &self.phases
    }
    /// Ceremony and drills.
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }
    /// The roll in force, once ordered.
    pub fn roll(&self) -> Option<&Arc<Roll>> {
        self.rolls.as_ref().map(|rolls| rolls.now())
    }
    /// Every version of the roll.
    pub fn rolls(&self) -> Option<&Arc<Rolls>> {
        self.rolls.as_ref()
    }
    /// What the last note of programs before *open* published (GATE-1).
    pub fn programs(&self) -> Option<&Arc<Programs>> {
        self.programs.as_ref()
    }
    /// Who is annulled, and why.
    pub fn annulled(&self) -> &BTreeMap<Hash, AnnulReason> {
        &self.annulled
    }
    /// Index of the closing entry, counted-set hash, closing root.
    pub fn closing(&self) -> Option<(u64, Hash, Hash)> {
        self.closing
    }
    /// Ceremony messages that did not count.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// The complaints that ended a session, each with its entry; who is at fault is for the reader to judge (KEY-9).
    pub fn complaints(&self) -> impl Iterator<Item = (u64, &Session, &Complaint)> {
        self.complaints.iter().filter_map(|(entry, at)| {
            let session = self.ceremony.sessions().get(*at)?;
            Some((*entry, session, session.complaints.first()?))
        })
    }
    /// The blob of the order *result*.
    pub fn result(&self) -> Option<&[u8]> {
        self.result.as_deref()
    }
    /// Ballots of the present batch still to come.
    pub fn batch_left(&self) -> u32 {
        self.batch.1
    }
    /// Time of the last batch.
    pub fn batch_time(&self) -> u64 {
        self.batch.0
    }

    /// Takes the next entry, with its blob if it names one. On an error nothing has changed.
    pub fn apply(&mut self, entry: &[u8], blob: Option<&[u8]>) -> Result<Event, ReplayError> {
        let decoded = Entry::from_bytes(entry)?;
        if self.phases.phase() == Phase::Done {
            return Err(ReplayError::Done);
        }
        let is_ballot = matches!(decoded, Entry::Ballot { .. } | Entry::Challenged { .. });
        if (self.size == 0) != matches!(decoded, Entry::Manifest { .. }) {
            return Err(ReplayError::Manifest);
        }
        if (self.batch.1 > 0) != is_ballot {
            return Err(ReplayError::Batch);
        }
        let sealed = self.phases.phase() >= Phase::Sealed;
        if matches!(decoded, Entry::Closing { .. }) != (sealed && self.closing.is_none()) {
            return Err(ReplayError::Closing);
        }
        let event = match decoded {
            Entry::Manifest { election, signatures } => {
                if election != self.manifest.id() {
                    return Err(ReplayError::Election);
                }
                self.manifest.check_committee(Purpose::Manifest, &[], &signatures).map_err(ReplayError::ManifestSigned)?;
                Event::Done
            }
            Entry::Order(order) => {
                let blob = self.order_blob(order.kind, &order.blob, blob)?;
                if order.kind == OrderKind::Close && order.time < self.batch.0 {
                    return Err(ReplayError::Ballots);
                }
                let mut phases = self.phases.clone();
                phases.apply(&order, &self.manifest, self.ceremony.ready_key())?;
                if order.kind == OrderKind::Ceremony && self.ceremony.sessions().iter().any(|s| s.id == order.argument) {
                    return Err(ReplayError::Session);
                }
                match order.kind {
                    OrderKind::Roll => self.rolls = Some(Arc::new(Rolls::new(self.read_roll(blob, &order.argument)?, self.size))),
                    OrderKind::Amend => {
                        let mut rolls = Arc::unwrap_or_clone(self.rolls.clone().ok_or(ReplayError::Roll)?);
                        let districts = self.manifest.description().districts.len();
                        rolls.amend(blob, (order.value, &order.argument), self.size, districts)?;
                        self.rolls = Some(Arc::new(rolls));
                    }
                    OrderKind::Annul => self.annul(blob, order.value)?,
                    OrderKind::Reinstate => self.reinstate(blob, order.value)?,
                    OrderKind::Ceremony => self.ceremony.start(order.argument),
                    OrderKind::Drill => self.ceremony.start_drill(phases.drills(), order.argument),
                    OrderKind::Note if phases.phase() == Phase::Setup => self.read_programs(blob),
                    OrderKind::Result => self.result = Some(blob.to_vec()),
                    _ => {}
                }
                self.phases = phases;
                Event::Done
            }
            Entry::Post(post) => self.post(post, blob)?,
            Entry::Batch { time, count } => {
                let opened = self.phases.opened().is_some_and(|(_, t)| time >= t);
                if count == 0 || time < self.batch.0 {
                    return Err(ReplayError::Batch);
                }
                if !self.phases.takes_ballots() || !opened {
                    return Err(ReplayError::Ballots);
                }
                self.batch = (time, count, None);
                Event::Done
            }
            Entry::Ballot { envelope, ballot } => {
                self.in_batch(hash("ballot", &[&ballot]))?;
                Event::Ballot { envelope, ballot }
            }
            Entry::Challenged { opened } => {
                self.in_batch(opened_hash(&opened, &self.manifest).ok_or(ReplayError::Batch)?)?;
                Event::Challenged { opened }
            }
            Entry::Closing { counted, root } => {
                self.closing = Some((self.size, counted, root));
                Event::Closing { counted, root }
            }
        };
        self.size += 1;
        Ok(event)
    }

    fn order_blob<'b>(&self, kind: OrderKind, name: &Hash, blob: Option<&'b [u8]>) -> Result<&'b [u8], ReplayError> {
        if !kind.has_blob() {
            return Ok(&[]);
        }
        let limit = if kind == OrderKind::Note { 1 << 16 } else { 1 << 30 };
        let blob = blob.filter(|b| b.len() <= limit && sha256(b) == *name).ok_or(ReplayError::Blob)?;
        if kind == OrderKind::Note && std::str::from_utf8(blob).is_err() {
            return Err(ReplayError::Note);
        }
        Ok(blob)
    }

    fn read_roll(&self, blob: &[u8], root: &Hash) -> Result<Roll, ReplayError> {
        let roll = Roll::from_bytes(blob).map_err(ReplayError::roll)?;
        let districts = self.manifest.description().districts.len();
        let fits = roll.lines().iter().all(|l| usize::from(l.district) < districts);
        if fits && roll.tree().root() == *root { Ok(roll) } else { Err(ReplayError::Roll) }
    }

    /// Any other note changes nothing.
    fn read_programs(&mut self, note: &[u8]) {
        let programs = std::str::from_utf8(note).ok().and_then(Programs::from_note);
        self.programs = programs.map(Arc::new).or_else(|| self.programs.take());
    }

    fn annul(&mut self, blob: &[u8], value: u64) -> Result<(), ReplayError> {
        let list = AnnulmentList::from_bytes(blob)?;
        if list.lines().len() as u64 != value {
            return Err(ReplayError::AnnulmentCount);
        }
        let on_roll = |p: &Hash| self.rolls.as_ref().is_some_and(|r| r.was_ever(p));
        if list.lines().iter().any(|(p, _)| !on_roll(p) || self.annulled.contains_key(p)) {
            return Err(ReplayError::Annulment);
        }
        self.annulled.extend(list.lines().iter().copied());
        Ok(())
    }

    fn reinstate(&mut self, blob: &[u8], value: u64) -> Result<(), ReplayError> {
        let list = ReinstatementList::from_bytes(blob)?;
        if list.lines().len() as u64 != value {
            return Err(ReplayError::AnnulmentCount);
        }
        if list.lines().iter().any(|p| !self.annulled.contains_key(p)) {
            return Err(ReplayError::Reinstatement);
        }
        self.annulled.retain(|p, _| list.lines().binary_search(p).is_err());
        Ok(())
    }

    fn post(&mut self, post: Post, blob: Option<&[u8]>) -> Result<Event, ReplayError> {
        post.verify(&self.manifest)?;
        let blob = blob.filter(|b| b.len() as u64 <= post.kind.blob_limit() && sha256(b) == post.blob).ok_or(ReplayError::Blob)?;
        let late = matches!(post.kind, PostKind::Mix | PostKind::Intent | PostKind::Opening);
        if late && self.closing.is_none() {
            return Err(ReplayError::Early);
        }
        if !self.posts.insert((post.role as u8, post.author, post.kind as u8, post.blob)) {
            return Err(ReplayError::Repeated);
        }
        if late {
            return Ok(Event::Post { post, blob: blob.to_vec() });
        }
        match self.ceremony.post(post.kind, post.author, blob) {
            Ok(()) if post.kind == PostKind::Complaint => self.complaints.push((self.size, self.ceremony.sessions().len() - 1)),
            Ok(()) => {}
            Err(error) => {
                let session = self.ceremony.sessions().last().map(|s| s.id);
                self.findings.push(Finding { entry: self.size, session, author: post.author, kind: post.kind, error });
            }
        }
        Ok(Event::Done)
    }

    fn in_batch(&mut self, ballot: Hash) -> Result<(), ReplayError> {
        let (_, left, last) = &mut self.batch;
        if last.is_some_and(|last| last >= ballot) {
            return Err(ReplayError::Batch);
        }
        *left -= 1;
        *last = Some(ballot);
        Ok(())
    }
}

/// The ballot hash of an opened ballot: its ballot's length follows from the district in its head.
pub fn opened_hash(opened: &[u8], manifest: &Manifest) -> Option<Hash> {
    let district = ballot_district(opened)?;
    let ballot = opened.get(..manifest.ballot_len(district))?;
    Some(hash("ballot", &[ballot]))
}

/// The district that the head of a ballot names.
pub fn ballot_district(ballot: &[u8]) -> Option<usize> {
    let bytes: [u8; 2] = ballot.get(66..68)?.try_into().ok()?;
    Some(u16::from_be_bytes(bytes).into())
}
