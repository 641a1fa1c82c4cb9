//! The voter's side of one ballot. Spec: 06-ballot, 07-casting.
//!
//! ```text
//!   MarkedBallot --encrypt--> PendingBallot --cast------> CastBallot       (then wait for the receipt)
//!                                  `---------challenge--> ChallengedBallot (then mark again)
//! ```
//!
//! Each move consumes what it starts from, so an opened ballot cannot be cast and a cast one cannot be opened (VOTER-7, D09).

use crate::ballot::{Ballot, BallotStyle, Context, OpenedBallot, Seed};
use crate::second_device::{Pad, SecondDevice, UnplacedCode};
use crate::shape::{Selection, SelectionError};
use crate::tracker::Tracker;

/// Filled in, not yet encrypted. Secret.
#[derive(Debug)]
pub struct MarkedBallot {
    context: Context,
    selections: Vec<Selection>,
}

/// Encrypted, tracker shown, and not yet decided about.
#[must_use = "cast it or challenge it"]
#[derive(Debug)]
pub struct PendingBallot {
    ballot: Ballot,
    seed: Seed,
    selections: Vec<Selection>,
}

/// To be signed and handed in. The seed is gone.
#[derive(Debug)]
pub struct CastBallot {
    ballot: Ballot,
}

/// Opened for checking. It can no longer be cast.
#[derive(Debug)]
pub struct ChallengedBallot {
    opened: OpenedBallot,
}

impl MarkedBallot {
    /// Selections, one for each contest of the district.
    pub fn new(context: Context, selections: Vec<Selection>) -> Self {
        Self { context, selections }
    }

    /// Encrypts; gives the marks back if the rule of a contest does not allow them.
    pub fn encrypt(self, style: &BallotStyle, seed: Seed) -> Result<PendingBallot, (Self, SelectionError)> {
        match style.encrypt(&self.context, &self.selections, &seed) {
            Ok(ballot) => Ok(PendingBallot { ballot, seed, selections: self.selections }),
            Err(error) => Err((self, error)),
        }
    }
}

impl PendingBallot {
    /// What the voter writes down before deciding.
    pub fn tracker(&self) -> Tracker {
        Tracker::new(&self.ballot.hash())
    }

    /// What another device needs to see the choice, masked with a pad that was drawn for this ballot (CHECK-3). Before [`cast`](Self::cast).
    pub fn second_device(&self, style: &BallotStyle, draw: impl FnOnce(&crate::Hash) -> Pad) -> SecondDevice {
        let hash = self.ballot.hash();
        SecondDevice::new(style, &hash, &self.seed, &self.selections, draw(&hash))
    }

    /// Decides to cast. Seed and selections are wiped.
    pub fn cast(self) -> CastBallot {
        CastBallot { ballot: self.ballot }
    }

    /// Decides to open it for checking.
    pub fn challenge(self) -> ChallengedBallot {
        ChallengedBallot { opened: OpenedBallot { ballot: self.ballot, seed: self.seed, selections: self.selections } }
    }
}

impl CastBallot {
    /// What is to be signed.
    pub fn ballot(&self) -> &Ballot {
        &self.ballot
    }
}

impl ChallengedBallot {
    /// The code that leads another device to what is published.
    pub fn code(&self, style: &BallotStyle) -> UnplacedCode {
        UnplacedCode::challenged(style, &self.opened)
    }

    /// What is to be published.
    pub fn opened(&self) -> &OpenedBallot {
        &self.opened
    }
}
