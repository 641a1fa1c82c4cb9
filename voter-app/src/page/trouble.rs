//! A failure as the page says it: a sentence, a safe next step, and the way there. Which sentence it is follows from the rule or the eID's
//! fault; the English words of the failure stand below it for whoever helps.

use crate::eid::fault::Fault;
use crate::failure::{Failure, Kind};

/// Where the safe next step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the first page: another address, or later.
    Start,
    /// Choose an eID and log in again.
    Identify,
    /// What is in the box.
    Overview,
    /// The ballot that is ready to be signed.
    Review,
    /// Send the same signed bytes once more.
    Resend,
}

/// What the voter was about when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Loading the election.
    Entering,
    /// Opening the eID, or logging in.
    LoggingIn,
    /// Nothing is signed yet; the ballot is there.
    Signing,
    /// Signed and on its way.
    Sending,
    /// Promised, and the receipt is waited for.
    Proving,
    /// Something else of a voter who is logged in.
    Inside,
}

/// Something went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The sentence is `trouble-NAME`, the next step `trouble-NAME-next`.
    pub name: &'static str,
    /// Where to go.
    pub way: Way,
    /// Tries that the card has left.
    pub tries: Option<u8>,
    /// The failure in English, with its rule.
    pub detail: String,
    /// The file that was written for the election committee.
    pub file: Option<String>,
}

/// Every name, for the test that each has its sentences.
#[cfg(test)]
pub const NAMES: &[&str] = &[
    "pin",
    "pin-blocked",
    "password",
    "no-card",
    "card-removed",
    "cancelled",
    "refused",
    "timed-out",
    "wrong-code",
    "phone",
    "unknown",
    "service",
    "certificate",
    "person",
    "signature",
    "device",
    "wrong-election",
    "roll",
    "key",
    "promise",
    "broken",
    "entropy",
    "eid-refused",
    "not-on-roll",
    "roll-changed",
    "closed",
    "other-ballot",
    "sign-certificate",
    "not-accepted",
    "line",
    "line-after",
    "line-proof",
    "session",
    "unreadable",
    "other",
];

impl Trouble {
    /// The sentence and the way for a failure.
    pub fn new(failure: &Failure, about: About) -> Self {
        let name = name(failure, about);
        let way = match (about, name) {
            (_, "line-after") => Way::Resend,
            (About::Entering, _) => Way::Start,
            (About::LoggingIn, "wrong-election" | "key" | "closed") => Way::Start,
            (About::LoggingIn, _) | (_, "session" | "roll-changed") => Way::Identify,
            (
                About::Signing,
                "pin" | "password" | "no-card" | "card-removed" | "cancelled" | "refused" | "timed-out" | "wrong-code" | "phone"
                | "service" | "device" | "signature" | "line",
            ) => Way::Review,
            _ => Way::Overview,
        };
        let tries = match &failure.eid {
            Some(Fault::WrongPin(tries)) => *tries,
            _ => None,
        };
        Self { name, way, tries, detail: failure.to_string(), file: failure.file.as_ref().map(|path| path.display().to_string()) }
    }
}

fn name(failure: &Failure, about: About) -> &'static str {
    if let Some(fault) = &failure.eid {
        return of_eid(fault);
    }
    if failure.file.is_some() {
        return "broken";
    }
    match failure.rule() {
        Some("VOTER-1") => "wrong-election",
        Some("VOTER-2") => "roll",
        Some("VOTER-3") => "key",
        Some("VOTER-4") => "promise",
        Some("VOTER-5" | "VOTER-6") if failure.kind != Kind::Passing => "broken",
        Some("BAL-7") => "entropy",
        Some("LOGIN-2" | "LOGIN-3") => "eid-refused",
        Some("LOGIN-4") => "not-on-roll",
        Some("CAST-2" | "PHASE-4") => "closed",
        Some("CAST-4") => "roll-changed",
        Some("CAST-5") => "other-ballot",
        Some("CAST-7") => "sign-certificate",
        Some("CAST-6" | "CAST-8" | "BAL-6") => "not-accepted",
        _ => match (failure.kind, about) {
            (Kind::Passing, About::Sending) => "line-after",
            (Kind::Passing, About::Proving) => "line-proof",
            (Kind::Passing, _) => "line",
            (Kind::Session, _) => "session",
            (Kind::Unreadable, _) => "unreadable",
            (Kind::Broken, _) => "broken",
            _ => "other",
        },
    }
}

fn of_eid(fault: &Fault) -> &'static str {
    match fault {
        Fault::WrongPin(_) | Fault::BadPin => "pin",
        Fault::PinBlocked => "pin-blocked",
        Fault::WrongPassword => "password",
        Fault::NoCard => "no-card",
        Fault::CardRemoved => "card-removed",
        Fault::Cancelled => "cancelled",
        Fault::Refused => "refused",
        Fault::TimedOut => "timed-out",
        Fault::WrongCode => "wrong-code",
        Fault::PhoneAway => "phone",
        Fault::Unknown => "unknown",
        Fault::Service(_) => "service",
        Fault::NoCertificate(_) => "certificate",
        Fault::OtherPerson { .. } => "person",
        Fault::BadSignature => "signature",
        Fault::Device(_) => "device",
    }
}
