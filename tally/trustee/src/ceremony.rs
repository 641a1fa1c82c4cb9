//! The secret side of the key ceremony. Spec: 05-key-ceremony. The public side is `board::ceremony`.
//!
//! ```text
//!   Setting --commit--> Committed --reveal--> Revealed --deal--> Dealt --finish--> Confirmed (with the key share)
//!                                                                         `------> Complained
//! ```
//!
//! Each move consumes the state before it, so no round runs twice with other randomness; a refused move gives the state back.
//! Each state keeps the message that led to it: whoever restarts sends the same bytes again. The caller seals
//! [`Stage::to_bytes`] into a file *before* it posts the message.

mod commit;
mod complaint;
mod confirm;
mod deal;
mod drill;
mod polynomial;
mod reveal;
mod seal;
mod stage;

use ballot::Hash;
use ballot::Manifest;
use board::ceremony::{CeremonyError, Head, Session, SessionState};
use board::{PostKind, Replay};

pub use commit::Committed;
pub use complaint::{Judgement, judge};
pub use confirm::{Complained, Confirmed, Finished};
pub use deal::Dealt;
pub use drill::{DrillError, answer_drill, check_quorums};
pub use reveal::Revealed;
pub use seal::ShareKey;
pub use stage::Stage;

/// What all rounds of one session share, for one trustee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Election id.
    pub election: Hash,
    /// Id of the session, from the order *ceremony*.
    pub session: Hash,
    /// Whose ceremony this is, from 1.
    pub trustee: u16,
    /// Number of trustees.
    pub n: u16,
    /// Threshold.
    pub t: u16,
    /// `W`
    pub columns: u16,
}

/// A message that the log shows as wrong, with its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Fault {
    pub trustee: u16,
    pub error: CeremonyError,
}

/// Why a trustee does not go on with a round.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum RoundError {
    #[error("KEY-1: the record has no running session with this id")]
    Session,
    #[error("KEY-1: still waiting for {what} of trustees {missing:?}")]
    Waiting { what: &'static str, missing: Vec<u16> },
    #[error("KEY-1: the {0} that stands on the board under this trustee's name is another one")]
    NotOurs(&'static str),
    #[error("the session cannot go on because of trustee {}: {}", .0.trustee, .0.error)]
    Fault(Fault),
    #[error("KEY-6: the session was ended: a part of the key is the identity, or occurs twice")]
    Degenerate,
    #[error("KEY-9: the session was ended by a complaint of trustee {}; trustee {} is at fault", .0.complainer, .0.culprit)]
    Complaint(Judgement),
    #[error("KEY-7: the share key is not that of the manifest")]
    ShareKey,
    #[error("KEY-8: the joint key cannot be computed from the session")]
    NoKey,
    #[error("an identity was drawn by chance (2^-250); run the round again")]
    Unlucky,
}

impl RoundError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Session | Self::Waiting { .. } | Self::NotOurs(_) | Self::Unlucky => "KEY-1",
            Self::Fault(fault) => fault.error.rule(),
            Self::Degenerate => "KEY-6",
            Self::ShareKey => "KEY-7",
            Self::NoKey => "KEY-8",
            Self::Complaint(_) => "KEY-9",
        }
    }

    /// The trustee whose own signed message proves the fault, if any.
    pub fn culprit(&self) -> Option<u16> {
        match self {
            Self::Fault(fault) => Some(fault.trustee),
            Self::Complaint(judgement) => Some(judgement.culprit),
            Self::Session | Self::Waiting { .. } | Self::NotOurs(_) | Self::Degenerate | Self::ShareKey | Self::NoKey | Self::Unlucky => {
                None
            }
        }
    }
}

/// A move that was refused: the state as it was, and why.
pub type Refused<State> = Box<(State, RoundError)>;

impl Setting {
    /// The setting of one trustee in one session; nothing if the manifest has no such trustee.
    pub fn new(manifest: &Manifest, session: Hash, trustee: u16) -> Option<Self> {
        let (n, t) = manifest.trustees();
        let (n, t, columns) = (u16::try_from(n).ok()?, u16::try_from(t).ok()?, u16::try_from(manifest.columns()).ok()?);
        (1..=n).contains(&trustee).then_some(Self { election: manifest.id(), session, trustee, n, t, columns })
    }

    fn head(&self) -> Head {
        Head { session: self.session, trustee: self.trustee }
    }

    /// The session in the record, if this trustee may go on with it. Everything in it has been checked by KEY-1 to KEY-6.
    fn running<'a>(&self, replay: &'a Replay) -> Result<&'a Session, RoundError> {
        let session = replay.ceremony().sessions().last().filter(|s| s.id == self.session).ok_or(RoundError::Session)?;
        if replay.manifest().id() != self.election {
            return Err(RoundError::Session);
        }
        match session.state {
            SessionState::Running => Ok(session),
            SessionState::Confirmed => Err(RoundError::Session),
            SessionState::Ended => Err(self.why_ended(session, replay)),
        }
    }

    fn why_ended(&self, session: &Session, replay: &Replay) -> RoundError {
        if let Some(complaint) = session.complaints.first() {
            return judge(replay.manifest(), session, complaint).map_or(RoundError::Session, RoundError::Complaint);
        }
        match replay.findings().iter().rev().find(|f| f.session == Some(self.session) && f.error.ends_session()) {
            Some(f) if f.error == CeremonyError::Degenerate => RoundError::Degenerate, // chance or conspiracy: the last dealer did no wrong
            Some(f) => RoundError::Fault(Fault { trustee: f.author, error: f.error }),
            None => RoundError::Session,
        }
    }

    /// All trustees' messages of a round are there, and ours is ours. A trustee whose message was wrong is named, not only missed.
    fn complete<T>(
        &self,
        replay: &Replay,
        kind: PostKind,
        posted: &std::collections::BTreeMap<u16, (T, Vec<u8>)>,
        ours: &[u8],
    ) -> Result<(), RoundError> {
        let what = kind.name();
        if posted.get(&self.trustee).is_some_and(|(_, bytes)| bytes != ours) {
            return Err(RoundError::NotOurs(what));
        }
        let missing: Vec<u16> = (1..=self.n).filter(|j| !posted.contains_key(j)).collect();
        let wrong = |f: &&board::replay::Finding| f.session == Some(self.session) && f.kind == kind && missing.contains(&f.author);
        match replay.findings().iter().find(wrong) {
            Some(f) => Err(RoundError::Fault(Fault { trustee: f.author, error: f.error })),
            None if missing.is_empty() => Ok(()),
            None => Err(RoundError::Waiting { what, missing }),
        }
    }
}

/// Gives the state back with the error.
fn refused<State, T>(state: State, result: Result<T, RoundError>) -> Result<(State, T), Refused<State>> {
    match result {
        Ok(value) => Ok((state, value)),
        Err(error) => Err(Box::new((state, error))),
    }
}
