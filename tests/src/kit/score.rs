//! What a verifier is worth: how it did on each case, and on all.

use super::{Expected, Said};
use std::fmt::{self, Display, Formatter};

/// How a verifier did on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// Nothing was wrong, and it says so.
    Quiet,
    /// It names a check that had to fail, or a fault that had to be named, and gives the verdict that it must give.
    Found,
    /// It fails the record and names none of the checks that had to fail.
    WrongCheck,
    /// It does not see it, or sees it and does not give the verdict.
    Missed,
    /// It fails a record that passes.
    FalseAlarm,
}

impl Score {
    /// Judges the exit code and the checks that are named; rules and places are another matter.
    pub fn of(expected: &Expected, said: &Said) -> Self {
        let names = |wanted: &[super::Note], notes: &[super::Note]| wanted.iter().any(|w| notes.iter().any(|n| n.check == w.check));
        if expected.failures.is_empty() {
            let quiet = said.code == expected.code && said.failures().is_empty();
            return match (quiet, expected.findings.is_empty()) {
                (false, _) => Self::FalseAlarm,
                (true, true) => Self::Quiet,
                (true, false) if names(&expected.findings, &said.findings()) => Self::Found,
                (true, false) => Self::Missed,
            };
        }
        match (said.code == expected.code, names(&expected.failures, &said.failures())) {
            (true, true) => Self::Found,
            (true, false) => Self::WrongCheck,
            (false, _) => Self::Missed,
        }
    }

    /// Is it as it must be?
    pub fn is_good(self) -> bool {
        matches!(self, Self::Quiet | Self::Found)
    }
}

impl Display for Score {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quiet => "passed, as it must",
            Self::Found => "found, with the right check",
            Self::WrongCheck => "found, with the wrong check",
            Self::Missed => "missed",
            Self::FalseAlarm => "false alarm",
        })
    }
}
