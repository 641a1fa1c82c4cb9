//! What went wrong, in words for a voter: the rule, what happened, and a safe next step.

use crate::eid::fault::Fault;
use board::http::WebError;
use std::fmt;
use std::path::{Path, PathBuf};

/// How a failure is answered by the program itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The line is cut or the server is busy: the same bytes may be sent again.
    Passing,
    /// The session has ended: log in again.
    Session,
    /// Refused, or failed for good.
    Final,
    /// The collector has broken its word, and what it signed shows it.
    Broken,
    /// A file or text of the caller cannot be read.
    Unreadable,
    /// The command line makes no sense.
    Usage,
}

/// Every error of this program.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: Kind,
    /// What the eID said, if the failure is its.
    pub eid: Option<Fault>,
    /// What was written for the election committee.
    pub file: Option<Box<Path>>,
    message: String,
    next: Option<String>,
}

impl Failure {
    /// Refused, or failed for good. `message` names the rule.
    pub fn new(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Final, eid: None, file: None, message: message.to_string(), next: None }
    }

    /// It may be otherwise in a moment.
    pub fn passing(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Passing, ..Self::new(message) }
    }

    /// The collector contradicts what it signed.
    pub fn broken(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Broken, ..Self::new(message) }
    }

    /// Something of the caller's that cannot be read.
    pub fn unreadable(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Unreadable, ..Self::new(message) }
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Usage, ..Self::new(message) }
    }

    /// Says what can safely be done now.
    pub fn next(self, step: impl fmt::Display) -> Self {
        Self { next: Some(step.to_string()), ..self }
    }

    /// Names a file that was written for the election committee.
    pub fn with_file(self, file: PathBuf) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// The rule that the message names, such as `VOTER-1`.
    pub fn rule(&self) -> Option<&str> {
        let words = self.message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.into_iter().find(|word| {
            word.split_once('-').is_some_and(|(name, number)| {
                !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_uppercase())
                    && !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
    }

    /// 1 refused or failed, 2 unreadable input, 64 wrong usage.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage => 64,
            Kind::Unreadable => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.next.iter().try_for_each(|next| write!(f, "\nWhat to do: {next}"))
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: &(dyn std::error::Error + 'static) = &error;
        match (error.downcast_ref::<WebError>(), error.downcast_ref::<Fault>()) {
            (Some(web), _) => from_web(web),
            (_, Some(fault)) => Self { eid: Some(fault.clone()), ..Self::new(fault).next(fault.next()) },
            _ => Self::new(error),
        }
    }
}

fn from_web(error: &WebError) -> Failure {
    let WebError::Refused { status, rule, message } = error else {
        let failure = Failure::new(error).next("Nothing is lost. Check the network connection and run the same command again.");
        return Failure { kind: Kind::Passing, ..failure };
    };
    let kind = match status {
        401 => Kind::Session,
        429 | 500..=599 => Kind::Passing,
        _ => Kind::Final,
    };
    Failure { kind, ..Failure::new(format!("The collector refuses: {rule}: {message}")).next(advice(rule, kind)) }
}

/// The safe next step after a refusal of the collector.
fn advice(rule: &str, kind: Kind) -> &'static str {
    match rule {
        "LOGIN-2" | "LOGIN-3" => "Use the login certificate of a valid eID that this election accepts. No ballot was handed in.",
        "LOGIN-4" => "You are not on the voter roll of this election. Ask the election committee. No ballot was handed in.",
        "CAST-2" | "PHASE-4" => "No ballots are taken at this moment. Run `voter-app status` to see what is recorded for you.",
        "CAST-4" => {
            "The voter roll has changed since you logged in. Run the command again: it logs in anew and shows your district. No ballot was handed in."
        }
        "CAST-5" => {
            "Another ballot of yours has been accepted meanwhile. Run `voter-app status`; if you did not cast it, tell the election \
             committee, and vote again."
        }
        "CAST-6" | "CAST-8" | "BAL-6" => "This ballot was not accepted. Run the command again: it makes a new one.",
        "CAST-7" => "Check that the signing certificate belongs to the same eID as the login certificate. No ballot was handed in.",
        _ if kind == Kind::Passing => "Nothing is lost. Run the same command again in a while.",
        _ => "Run `voter-app status` to see what is recorded for you; if this goes on, ask the election committee, or vote on paper.",
    }
}
