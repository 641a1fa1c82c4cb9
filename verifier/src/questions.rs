//! What may be asked of a record, and the answers: as text for people and as JSON. Spec: 14-questions.

pub mod absence;
pub mod accounts;
pub mod ballot;
pub mod code;
pub mod complaint;
pub mod proof;

use crate::asked::Asked;
use crate::bytes::Hash;
use crate::entry::BallotHead;
use crate::log::Log;
use crate::proof_file::ProofFile;
use crate::report::{Check, Note, printable};
use serde::Serialize;
use std::fmt::Write as _;

/// An answer: what all have in common, and what the question gives. JSON as 14 says.
#[derive(Clone, Debug, Serialize)]
pub struct Answer<F: Serialize> {
    haal: u8,
    command: &'static str,
    election: String,
    anchored: bool,
    /// The word for the answer.
    pub verdict: &'static str,
    reason: String,
    size: u64,
    root: String,
    checks: Vec<Check>,
    /// Where the proof file was written.
    pub proof: Option<String>,
    #[serde(flatten)]
    facts: F,
    /// For people.
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    code: u8,
    /// What can be given to somebody who has no record.
    #[serde(skip)]
    pub file: Option<ProofFile>,
}

/// What one question found.
pub struct Found<F> {
    /// The word for the answer.
    pub verdict: &'static str,
    /// Fields of its table.
    pub facts: F,
    /// For people, whole lines.
    pub text: String,
    /// Exit code, if the election id was given.
    pub code: u8,
    /// The proof file, or why there is none; nothing if none was asked for.
    pub file: Option<Result<ProofFile, String>>,
}

impl<F: Serialize + Default> Answer<F> {
    /// There is no record to read, or no question that can be read.
    pub fn unreadable(command: &'static str, reason: String) -> Self {
        Self {
            haal: 1,
            command,
            election: String::new(),
            anchored: false,
            verdict: "unreadable",
            text: format!("unreadable: {}\n", printable(&reason)),
            reason,
            size: 0,
            root: String::new(),
            checks: Vec::new(),
            proof: None,
            facts: F::default(),
            code: 2,
            file: None,
        }
    }

    /// Draws an answer from a record, if the checks it rests on hold.
    pub fn draw(command: &'static str, asked: &Asked, answer: impl FnOnce(&crate::asked::Sound) -> Result<Found<F>, String>) -> Self {
        let (size, root) = asked.head.unwrap_or_default();
        let root = if asked.head.is_some() { hex::encode(root) } else { String::new() };
        let (election, anchored) = (hex::encode(asked.election), asked.anchored);
        let empty = Self { election, anchored, size, root, text: String::new(), ..Self::unreadable(command, String::new()) };
        let Some(sound) = &asked.sound else {
            let failed: Vec<&str> = asked.failed.iter().map(|check| check.id).collect();
            let reason = format!("a check that the answer rests on failed: {}", failed.join(", "));
            return Self { verdict: "unknown", reason, checks: asked.failed.clone(), code: 1, ..empty };
        };
        match answer(sound) {
            Err(error) => Self { reason: error.clone(), text: format!("unreadable: {}\n", printable(&error)), ..empty },
            Ok(found) => {
                let code = if anchored { found.code } else { 3 };
                let reason = if found.verdict == "unknown" { NO_ROLL.to_owned() } else { String::new() };
                let mut text = found.text;
                let file = found.file.and_then(|file| file.map_err(|why| text.push_str(&format!("no proof file: {why}\n"))).ok());
                Self { verdict: found.verdict, reason, facts: found.facts, text, code, file, ..empty }
            }
        }
    }

    /// One JSON object and a line end.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = self.text.clone();
        if self.verdict == "unknown" {
            let _ = writeln!(out, "unknown: {}", self.reason);
            for check in &self.checks {
                for Note { rule, place, text } in check.failures.iter().take(20) {
                    let _ = writeln!(out, "  {:<4} {rule:<9} {}: {}", check.id, printable(place), printable(text));
                }
            }
        }
        if let Some(proof) = &self.proof {
            let _ = writeln!(
                out,
                "\nproof file {}: anybody who has it and the election id can check it, without the record:",
                printable(proof)
            );
            let _ = writeln!(out, "  verifier proof {} --election-id {}", printable(proof), self.election);
        }
        if self.verdict != "unreadable" {
            let _ = writeln!(out, "\nelection {}", self.election);
            if !self.root.is_empty() {
                let _ = writeln!(out, "log      {} entries, root {}", self.size, self.root);
            }
            if !self.anchored {
                let _ = writeln!(
                    out,
                    "NOT ANCHORED: give --election-id, from a source other than this record; else this is about some election"
                );
            }
        }
        out
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }
}

/// Why a ballot or pseudonym is unknown although no check failed.
pub const NO_ROLL: &str = "there is no roll of voters in the record yet";

/// An order that annulled a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Annulment {
    /// Entry of the order.
    pub entry: u64,
    /// 1 voted on paper, 2 by decision of the committee.
    pub reason: u8,
}

impl Annulment {
    fn text(self) -> String {
        let reason = if self.reason == 1 { "the voter voted on paper" } else { "by decision of the committee" };
        format!("{reason}, by the order in entry {}", self.entry)
    }
}

/// The ballots of a pseudonym, by number. Challenged ones are not among them.
fn chain<'a>(log: &'a Log, voter: &Hash) -> Vec<(usize, &'a BallotHead)> {
    let mut chain: Vec<_> = log.ballots.iter().enumerate().filter(|(_, ballot)| !ballot.challenged && ballot.voter == *voter).collect();
    chain.sort_by_key(|(_, ballot)| ballot.number);
    chain
}

fn entry_of(log: &Log, position: usize) -> u64 {
    log.ballot_entries.get(position).copied().unwrap_or_default()
}

/// The status of a ballot, in the words of ASK-2.
fn status(voters: &crate::asked::Voters, position: usize) -> &'static str {
    use crate::counted::Status;
    match (voters.set.statuses.get(position), voters.closing.is_some()) {
        (Some(Status::Challenged), _) => "challenged",
        (Some(Status::Superseded), _) => "superseded",
        (Some(Status::Annulled), true) => "annulled",
        (Some(Status::Annulled), false) => "annulled-so-far",
        (Some(Status::Counted), true) => "counted",
        (Some(Status::Counted), false) => "last-so-far",
        (None, _) => "absent",
    }
}

/// What a status means, in one sentence.
fn meaning(status: &str) -> &'static str {
    match status {
        "absent" => "there is no such ballot in the log",
        "challenged" => "opened to test the program that made it; it was never cast and never counts",
        "superseded" => "a later ballot of the same voter counts instead",
        "annulled" => "struck out by the election committee; it does not count",
        "annulled-so-far" => "struck out by the election committee, as things stand; the election is not closed",
        "counted" => "it counts",
        "last-so-far" => "it counts as things stand; the election is not closed, and a later ballot or a list may still come",
        "in-the-log" => "it is in the log; the file does not say whether it counts",
        _ => "nobody voted under this pseudonym",
    }
}
