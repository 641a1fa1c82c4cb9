//! Mixes, intents and openings in the order of the log, and what may be posted next. Spec: 09-mixing, 10-tally.

use super::{UnitView, View};
use crate::ceremony::Judgement;
use crate::mix::{MixError, MixHead, Statement as MixStatement};
use crate::open::{Declared, Intent, Opening, OpeningError, OpeningHead, Statement};
use crate::units::UnitState;
use ballot::Hash;
use ballot::encode::{DecodeError, Reader, Record};
use board::ceremony::CeremonyError;
use board::{Post, PostKind};
use rand_core::CryptoRng;
use rayon::prelude::*;

/// What is wrong with a post.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum PostFault {
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error("KEY-9: trustee {} complained about the share that trustee {} dealt to it; trustee {} is at fault", .0.complainer, .0.dealer, .0.culprit)]
    Complaint(Judgement),
    #[error("{0}")]
    Decode(DecodeError),
    #[error(transparent)]
    Mix(#[from] MixError),
    #[error("OPEN-2: the intent is not about the closed checkpoint and the counted set")]
    Intent,
    #[error("OPEN-2: the intent names other rows for unit {unit} than everyone computes")]
    IntentUnit { unit: u32 },
    #[error(transparent)]
    Opening(#[from] OpeningError),
    #[error("OPEN-5: there is no unit {unit} to be opened")]
    NoUnit { unit: u32 },
    #[error("OPEN-6: the opening of unit {unit} stands before {threshold} right intents, its trustee's own among them")]
    Early { unit: u32, threshold: usize },
    #[error("OPEN-6: a second opening of unit {unit}")]
    Second { unit: u32 },
}

impl PostFault {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Ceremony(e) => e.rule(),
            Self::Complaint(_) => "KEY-9",
            Self::Decode(e) => e.rule(),
            Self::Mix(e) => e.rule(),
            Self::Intent | Self::IntentUnit { .. } => "OPEN-2",
            Self::Opening(e) => e.rule(),
            Self::NoUnit { .. } => "OPEN-5",
            Self::Early { .. } | Self::Second { .. } => "OPEN-6",
        }
    }
}

/// A post that does not count, with its author.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Finding {
    pub entry: u64,
    pub author: u16,
    pub kind: PostKind,
    pub fault: PostFault,
}

impl Finding {
    pub(super) fn of_ceremony(f: &board::replay::Finding) -> Self {
        Self { entry: f.entry, author: f.author, kind: f.kind, fault: f.error.into() }
    }

    /// What came of a complaint, against whoever is at fault (KEY-9).
    pub(super) fn of_complaint(entry: u64, judgement: Judgement) -> Self {
        let kind = if judgement.culprit == judgement.complainer { PostKind::Complaint } else { PostKind::Deal };
        Self { entry, author: judgement.culprit, kind, fault: PostFault::Complaint(judgement) }
    }
}

/// Why this trustee does not open a unit now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum OpenRefusal {
    #[error("OPEN-5: there is no unit {0} to be opened, or it is not mixed yet")]
    Unit(u32),
    #[error("OPEN-3: {right} right intents for unit {unit}, {threshold} needed, this trustee's own among them")]
    Intents { unit: u32, right: usize, threshold: usize },
    #[error("OPEN-3: trustees {0:?} have posted wrong intents: an honest quorum may be looking at another record")]
    WrongIntents(Vec<u16>),
    #[error("OPEN-3: this trustee has not declared exactly this statement")]
    Undeclared,
    #[error("there is no trustee {0}")]
    Trustee(u16),
}

/// Units of one intent: it must stay below 1 MiB (ENTRY-7).
const MOST_UNITS: usize = 29_000;

/// A post after the closing entry. The blob stays bytes until its turn: decoded it would be three times as large.
pub(super) struct Late {
    pub entry: u64,
    pub post: Post,
    pub blob: Vec<u8>,
}

impl View {
    /// First all mixes in the order of the log, because intents and openings are judged by what the mixes give; then those.
    pub(super) fn take_posts(&mut self, late: Vec<Late>, rng: &mut (impl CryptoRng + ?Sized)) {
        let (mixes, rest): (Vec<Late>, Vec<Late>) = late.into_iter().partition(|l| l.post.kind == PostKind::Mix);
        for Late { entry, post, blob } in mixes {
            let fault = self.take_mix(post.author, &blob, rng).map_err(PostFault::Mix);
            self.note(entry, post.author, post.kind, fault);
        }
        for unit in &mut self.units {
            unit.finish_mixing(&self.mixing);
        }
        let (intents, openings): (Vec<Late>, Vec<Late>) = rest.into_iter().partition(|l| l.post.kind == PostKind::Intent);
        for Late { entry, post, blob } in intents {
            for fault in self.take_intent(entry, post.author, &blob) {
                self.wrong_intents.insert(post.author);
                self.note(entry, post.author, post.kind, Err(fault));
            }
        }
        self.take_openings(&openings);
        self.findings.sort_by_key(|f| f.entry);
    }

    fn note(&mut self, entry: u64, author: u16, kind: PostKind, fault: Result<(), PostFault>) {
        if let Err(fault) = fault {
            self.findings.push(Finding { entry, author, kind, fault });
        }
    }

    fn take_mix(&mut self, author: u16, blob: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), MixError> {
        let unit = MixHead::decode(&mut Reader::new(blob))?.unit;
        let chain = self.units.get_mut(unit as usize).and_then(|u| u.chain.as_mut()).ok_or(MixError::Unit { unit })?;
        self.mixing.offer(chain, author, blob, rng)
    }

    /// OPEN-2, unit by unit.
    fn take_intent(&mut self, entry: u64, author: u16, blob: &[u8]) -> Vec<PostFault> {
        let intent = match Intent::from_bytes(blob) {
            Ok(intent) if intent.is_about(author, &self.closed) => intent,
            Ok(_) => return vec![PostFault::Intent],
            Err(error) => return vec![PostFault::Decode(error)],
        };
        // An intent that names a unit which is not to be opened is right for none.
        let is_opened = |unit: u32| self.units.get(unit as usize).is_some_and(|u| u.unit.state == UnitState::Opened);
        if let Some((unit, _)) = intent.units.iter().find(|(unit, _)| !is_opened(*unit)) {
            return vec![PostFault::IntentUnit { unit: *unit }];
        }
        let mut faults = Vec::new();
        for (unit, stage) in &intent.units {
            match self.units.get_mut(*unit as usize) {
                Some(UnitView { rows: Some((_, hash)), intents, .. }) if hash == stage => {
                    intents.entry(author).or_insert(entry);
                }
                Some(UnitView { rows: Some(_), .. }) => faults.push(PostFault::IntentUnit { unit: *unit }),
                _ => {} // not mixed yet: neither right nor wrong
            }
        }
        faults
    }

    /// OPEN-4 to OPEN-7. The proofs are verified on all cores; the order of the log then says which count.
    fn take_openings(&mut self, late: &[Late]) {
        let judged: Vec<Result<Opening, PostFault>> = late.par_iter().map(|l| self.judge_opening(l)).collect();
        for (Late { entry, post, blob }, judgement) in late.iter().zip(judged) {
            let unit = OpeningHead::decode(&mut Reader::new(blob)).map(|head| head.unit);
            let of = unit.ok().and_then(|unit| self.units.get_mut(unit as usize));
            let result = match of {
                Some(of) if of.openings.iter().any(|o| o.head.trustee == post.author) => Err(PostFault::Second { unit: of.unit.number }),
                Some(of) => judgement.map(|opening| of.openings.push(opening)),
                None => judgement.map(drop),
            };
            self.note(*entry, post.author, post.kind, result);
        }
    }

    /// In the order that OPEN-6 fixes, but for a second one.
    fn judge_opening(&self, late: &Late) -> Result<Opening, PostFault> {
        let Late { entry, post: Post { author, .. }, blob } = late;
        let head = OpeningHead::decode(&mut Reader::new(blob)).map_err(PostFault::Decode)?;
        let unit = head.unit;
        let of = self.units.get(unit as usize).ok_or(PostFault::NoUnit { unit })?;
        let statement = self.statement(of, *author).ok_or(PostFault::NoUnit { unit })?;
        statement.check_head(&head)?;
        let threshold = self.manifest().trustees().1;
        let before = of.intents.values().filter(|e| *e < entry).count();
        if before < threshold || of.intents.get(author).is_none_or(|e| e > entry) {
            return Err(PostFault::Early { unit, threshold });
        }
        let opening = statement.read(blob)?;
        statement.verify(&opening)?;
        Ok(opening)
    }

    fn statement<'a>(&'a self, of: &'a UnitView, trustee: u16) -> Option<Statement<'a>> {
        let (rows, stage) = of.rows.as_ref()?;
        let public = self.keys.shares.get(usize::from(trustee).checked_sub(1)?)?;
        Some(Statement { closed: &self.closed, unit: of.unit.number, stage: *stage, rows, trustee, public })
    }

    /// What a mixer may prove next for a unit: refused if the unit is mixed, or the mixer has had its stage.
    pub fn next_mix(&self, unit: u32, mixer: u16) -> Result<MixStatement<'_>, MixError> {
        let chain = self.units.get(unit as usize).and_then(|u| u.chain.as_ref()).ok_or(MixError::Unit { unit })?;
        if self.mixing.is_mixed(chain) {
            return Err(MixError::Surplus);
        }
        if chain.stages().iter().any(|s| s.mixer == mixer) {
            return Err(MixError::SecondStage { mixer });
        }
        Ok(self.mixing.next(chain, mixer))
    }

    /// Numbers of the units that still need stages.
    pub fn unmixed(&self) -> Vec<u32> {
        let waiting = self.units.iter().filter(|u| u.chain.is_some() && u.rows.is_none());
        waiting.map(|u| u.unit.number).collect()
    }

    /// What a trustee may declare now: units whose rows are known and take factors, and that it has not declared rightly on the
    /// board, as many as one intent holds (ENTRY-7). Nothing if there is none.
    pub fn intent(&self, trustee: u16) -> Option<Intent> {
        let open = self.units.iter().filter(|u| !u.intents.contains_key(&trustee));
        let units: Vec<(u32, Hash)> = open.filter_map(|u| u.to_open().map(|(_, stage)| (u.unit.number, *stage))).take(MOST_UNITS).collect();
        (!units.is_empty()).then(|| Intent::new(trustee, &self.closed, units))
    }

    /// OPEN-3: what a trustee may open now. `declared` is its own memory.
    pub fn may_open(&self, trustee: u16, unit: u32, declared: &Declared) -> Result<Statement<'_>, OpenRefusal> {
        let of = self.units.get(unit as usize).ok_or(OpenRefusal::Unit(unit))?;
        let (_, stage) = of.to_open().ok_or(OpenRefusal::Unit(unit))?;
        let statement = self.statement(of, trustee).ok_or(OpenRefusal::Trustee(trustee))?;
        let (n, threshold) = self.manifest().trustees();
        if self.wrong_intents.len() > n.saturating_sub(threshold) {
            return Err(OpenRefusal::WrongIntents(self.wrong_intents.iter().copied().collect()));
        }
        if of.intents.len() < threshold || !of.intents.contains_key(&trustee) {
            return Err(OpenRefusal::Intents { unit, right: of.intents.len(), threshold });
        }
        if !declared.holds(&self.closed, unit, stage) {
            return Err(OpenRefusal::Undeclared);
        }
        Ok(statement)
    }

    /// The trustees that have posted a wrong intent.
    pub fn wrong_intents(&self) -> impl Iterator<Item = u16> {
        self.wrong_intents.iter().copied()
    }
}
