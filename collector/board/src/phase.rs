//! How orders move an election from phase to phase. Spec: 03-manifest, ORD and PHASE.

use crate::Hash;
use crate::order::{Order, OrderKind};
use ballot::manifest::{CommitteeError, Manifest};
use ballot::signature::Purpose;

/// Where the election stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Phase {
    Setup,
    Voting,
    /// No new logins; sessions that began may finish.
    Last,
    Closed,
    Sealed,
    Done,
}

impl Phase {
    /// The word of 03-manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Voting => "voting",
            Self::Last => "last",
            Self::Closed => "closed",
            Self::Sealed => "sealed",
            Self::Done => "done",
        }
    }
}

/// Why an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum OrderError {
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    #[error("ORD-2: order number {given}, but the next is {next}")]
    Number { given: u32, next: u32 },
    #[error("ORD-3: its time is before that of the order before it, or out of range")]
    Time,
    #[error("ORD-4: a field that this kind does not use is not zero")]
    Fields,
    #[error("PHASE-1: not now: the election is in phase {}", .0.name())]
    Phase(Phase),
    #[error("PHASE-2: open needs exactly one roll, a confirmed key of that id, and a drill that all trustees passed")]
    Open,
    #[error("PHASE-3: its time is outside the bounds of the manifest")]
    Bounds,
    #[error("PHASE-8: nothing may follow the result")]
    Done,
}

impl OrderError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Committee(_) => "ORD-1",
            Self::Number { .. } => "ORD-2",
            Self::Time => "ORD-3",
            Self::Fields => "ORD-4",
            Self::Phase(_) => "PHASE-1",
            Self::Open => "PHASE-2",
            Self::Bounds => "PHASE-3",
            Self::Done => "PHASE-8",
        }
    }
}

/// The state that orders give. A value of the log alone: no clock is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases {
    phase: Phase,
    suspended: bool,
    next: u32,
    time: u64,
    until: u64,
    rolls: u32,
    drills: u32,
    opened: Option<(Hash, u64)>,
}

impl Phases {
    /// Before the first order.
    pub fn new(manifest: &Manifest) -> Self {
        let until = manifest.description().voting.until;
        Self { phase: Phase::Setup, suspended: false, next: 1, time: 0, until, rolls: 0, drills: 0, opened: None }
    }

    /// The phase.
    pub fn phase(&self) -> Phase {
        self.phase
    }
    /// True between suspend and resume.
    pub fn is_suspended(&self) -> bool {
        self.suspended
    }
    /// True if ballots are taken.
    pub fn takes_ballots(&self) -> bool {
        matches!(self.phase, Phase::Voting | Phase::Last) && !self.suspended
    }
    /// Number that the next order must carry.
    pub fn next_order(&self) -> u32 {
        self.next
    }
    /// Time of the last order.
    pub fn last_time(&self) -> u64 {
        self.time
    }
    /// Until when *close* may be dated.
    pub fn until(&self) -> u64 {
        self.until
    }
    /// Number of drills ordered.
    pub fn drills(&self) -> u32 {
        self.drills
    }
    /// Key id and time of *open*.
    pub fn opened(&self) -> Option<(Hash, u64)> {
        self.opened
    }

    /// Checks an order and moves on. `ready_key` is the id of a key that is confirmed and drilled by all trustees (PHASE-2).
    pub fn apply(&mut self, order: &Order, manifest: &Manifest, ready_key: Option<Hash>) -> Result<(), OrderError> {
        let next = self.check(order, manifest, ready_key)?;
        *self = next;
        Ok(())
    }

    fn check(&self, order: &Order, manifest: &Manifest, ready_key: Option<Hash>) -> Result<Self, OrderError> {
        manifest.check_committee(Purpose::Order, &order.body(), &order.signatures)?;
        self.allows(order, manifest, ready_key)
    }

    /// Checks everything but the signatures, and gives the state after the order: what a member asks before signing.
    pub fn allows(&self, order: &Order, manifest: &Manifest, ready_key: Option<Hash>) -> Result<Self, OrderError> {
        if self.phase == Phase::Done {
            return Err(OrderError::Done);
        }
        if order.number != self.next {
            return Err(OrderError::Number { given: order.number, next: self.next });
        }
        if order.time < self.time || order.time.max(order.value) >= 1 << 53 {
            return Err(OrderError::Time);
        }
        if !order.is_plain() {
            return Err(OrderError::Fields);
        }
        let mut new = self.clone();
        new.next = self.next.checked_add(1).ok_or(OrderError::Number { given: order.number, next: self.next })?;
        new.time = order.time;
        let voting = matches!(self.phase, Phase::Voting | Phase::Last);
        let allowed = match order.kind {
            OrderKind::Roll => self.phase == Phase::Setup && self.rolls == 0,
            OrderKind::Ceremony | OrderKind::Open => self.phase == Phase::Setup,
            OrderKind::Drill => self.phase <= Phase::Closed,
            OrderKind::LastLogin => self.phase == Phase::Voting,
            OrderKind::Close | OrderKind::Extend => voting,
            OrderKind::Suspend => voting && !self.suspended,
            OrderKind::Resume => voting && self.suspended,
            OrderKind::Note => true,
            OrderKind::Annul | OrderKind::Reinstate => voting || self.phase == Phase::Closed,
            OrderKind::Amend => self.rolls > 0 && (voting || self.phase == Phase::Setup),
            OrderKind::Seal => self.phase == Phase::Closed,
            OrderKind::Result => self.phase == Phase::Sealed,
        };
        if !allowed {
            return Err(OrderError::Phase(self.phase));
        }
        match order.kind {
            OrderKind::Roll => new.rolls += 1,
            OrderKind::Drill => new.drills += 1,
            OrderKind::Open => {
                if self.rolls != 1 || ready_key != Some(order.argument) {
                    return Err(OrderError::Open);
                }
                if order.time < manifest.description().voting.from || order.time > self.until {
                    return Err(OrderError::Bounds);
                }
                new.opened = Some((order.argument, order.time));
                new.phase = Phase::Voting;
            }
            OrderKind::LastLogin => new.phase = Phase::Last,
            OrderKind::Close => {
                if order.time > self.until {
                    return Err(OrderError::Bounds);
                }
                new.phase = Phase::Closed;
                new.suspended = false;
            }
            OrderKind::Suspend => new.suspended = true,
            OrderKind::Resume => new.suspended = false,
            OrderKind::Extend => {
                if order.value <= self.until {
                    return Err(OrderError::Bounds);
                }
                new.until = order.value;
            }
            OrderKind::Seal => new.phase = Phase::Sealed,
            OrderKind::Result => new.phase = Phase::Done,
            OrderKind::Ceremony | OrderKind::Note | OrderKind::Annul | OrderKind::Amend | OrderKind::Reinstate => {}
        }
        Ok(new)
    }
}
