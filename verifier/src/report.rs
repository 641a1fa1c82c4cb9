//! What a run found: for people and as JSON. Spec: 12-verification, REPORT.

use crate::bytes::{Fault, Hash};
use crate::cache::Work;
use crate::detail::Detail;
use serde::Serialize;
use std::collections::HashSet;
use std::fmt::{self, Write as _};

/// Failures and findings of one check beyond this number are counted and not listed.
const MOST: usize = 1000;
/// The text for people lists no more than these of each check; the JSON lists all that are kept.
const SHOWN: usize = 20;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything it looked at is as it must be.
    Passed,
    /// Something is not.
    Failed,
    /// It needs what is not there or what failed.
    Skipped,
    /// V1 without an election id from outside.
    NotAnchored,
}

/// Where something was found. The form is part of the specification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The manifest.
    Manifest,
    /// The checkpoint.
    Checkpoint,
    /// A file of the record.
    File(String),
    /// A file and a byte in it.
    At(String, u64),
    /// An entry of the log.
    Entry(u64),
    /// A byte of an entry.
    EntryAt(u64, u64),
    /// The blob that an entry names.
    Blob(u64, Hash),
    /// A byte of such a blob.
    BlobAt(u64, Hash, u64),
    /// A unit.
    Unit(u32),
    /// A stage of a unit's mixing.
    Stage(u32, u16),
    /// A voter.
    Pseudonym(Hash),
    /// A file of the restricted evidence.
    Evidence(String),
    /// A byte of such a file.
    EvidenceAt(String, u64),
    /// A file of the time-stamping party's register.
    Register(String),
}

impl Place {
    /// The same place at a byte, if it has bytes and none is named yet.
    #[must_use]
    pub fn at(&self, byte: u64) -> Self {
        match self {
            Self::Manifest | Self::Checkpoint | Self::File(_) => Self::At(self.to_string(), byte),
            Self::Entry(entry) => Self::EntryAt(*entry, byte),
            Self::Blob(entry, blob) => Self::BlobAt(*entry, *blob, byte),
            Self::Evidence(path) => Self::EvidenceAt(path.clone(), byte),
            other => other.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => f.write_str("manifest.json"),
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::File(path) => f.write_str(path),
            Self::At(path, byte) => write!(f, "{path}@{byte}"),
            Self::Entry(entry) => write!(f, "entry {entry}"),
            Self::EntryAt(entry, byte) => write!(f, "entry {entry} @{byte}"),
            Self::Blob(entry, blob) => write!(f, "entry {entry} blob {}", hex::encode(blob)),
            Self::BlobAt(entry, blob, byte) => write!(f, "entry {entry} blob {} @{byte}", hex::encode(blob)),
            Self::Unit(unit) => write!(f, "unit {unit}"),
            Self::Stage(unit, stage) => write!(f, "unit {unit} stage {stage}"),
            Self::Pseudonym(pseudonym) => write!(f, "pseudonym {}", hex::encode(pseudonym)),
            Self::Evidence(path) => write!(f, "evidence {path}"),
            Self::Register(path) => write!(f, "register {path}"),
            Self::EvidenceAt(path, byte) => write!(f, "evidence {path} @{byte}"),
        }
    }
}

/// One failure or finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The rule.
    pub rule: String,
    /// The place.
    pub place: String,
    /// What was found.
    pub text: String,
}

/// One line of the table of specs/12.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// `V1` to `V24`.
    pub id: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it came to.
    pub state: State,
    /// Records looked at.
    pub count: u64,
    /// Records that failed.
    pub failed: u64,
    /// Why it was skipped or is not anchored, else empty.
    pub reason: String,
    /// At most 1000.
    pub failures: Vec<Note>,
    /// At most 1000.
    pub findings: Vec<Note>,
    /// Places that failed: a record with two faults is one.
    #[serde(skip)]
    places: HashSet<Place>,
}

impl Check {
    /// A check that has looked at nothing yet.
    pub fn new(id: &'static str, name: &'static str) -> Self {
        let (failures, findings, places) = (Vec::new(), Vec::new(), HashSet::new());
        Self { id, name, state: State::Passed, count: 0, failed: 0, reason: String::new(), failures, findings, places }
    }

    /// Counts one record.
    pub fn look(&mut self) {
        self.look_at(1);
    }

    /// Counts some records.
    pub fn look_at(&mut self, records: usize) {
        self.count = self.count.saturating_add(records as u64);
    }

    /// Names a failure.
    pub fn fail(&mut self, place: &Place, rule: &str, text: impl Into<String>) {
        self.state = State::Failed;
        if self.places.insert(place.clone()) {
            self.failed = self.failed.saturating_add(1);
        }
        note(&mut self.failures, place, rule, text.into());
    }

    /// Names a failure, at its byte if it has one.
    pub fn fault(&mut self, place: &Place, fault: &Fault) {
        match fault.at {
            Some(byte) => self.fail(&place.at(byte), fault.rule, fault.text.clone()),
            None => self.fail(place, fault.rule, fault.text.clone()),
        }
    }

    /// Names what the election survives, at its byte if it has one.
    pub fn note(&mut self, place: &Place, fault: &Fault) {
        match fault.at {
            Some(byte) => self.finding(&place.at(byte), fault.rule, fault.text.clone()),
            None => self.finding(place, fault.rule, fault.text.clone()),
        }
    }

    /// Names what the election survives.
    pub fn finding(&mut self, place: &Place, rule: &str, text: impl Into<String>) {
        note(&mut self.findings, place, rule, text.into());
    }

    /// The check needs something that is not there.
    pub fn skip(&mut self, reason: impl Into<String>) {
        if self.state == State::Passed {
            self.state = State::Skipped;
            self.reason = reason.into();
        }
    }

    /// Did it pass?
    pub fn passed(&self) -> bool {
        self.state == State::Passed
    }
}

fn note(notes: &mut Vec<Note>, place: &Place, rule: &str, text: String) {
    if notes.len() < MOST {
        notes.push(Note { rule: rule.to_owned(), place: place.to_string(), text });
    }
}

/// The five verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check passed.
    Passed,
    /// A check failed.
    Failed,
    /// There is no record to read.
    Unreadable,
    /// Nobody said which election it must be.
    NotAnchored,
    /// Consistent so far.
    Unfinished,
}

impl Verdict {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Unreadable => 2,
            Self::NotAnchored | Self::Unfinished => 3,
        }
    }
}

/// Head of the log.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LogHead {
    /// Entries.
    pub size: u64,
    /// Hex.
    pub root: String,
}

/// Numbers of the election.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Summary {
    pub roll: u64,
    pub voters: u64,
    pub ballots: u64,
    pub challenged: u64,
    pub superseded: u64,
    pub annulled: u64,
    pub counted: u64,
    pub units: u64,
}

/// Everything a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the specifications.
    pub haal: u8,
    /// Hex of the manifest's hash, or nothing.
    pub election: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why nothing could be read, else empty.
    pub reason: String,
    /// Head of the log.
    pub log: LogHead,
    /// V1 to V24.
    pub checks: Vec<Check>,
    /// Numbers.
    pub summary: Summary,
    /// For the page for people; no part of the JSON.
    #[serde(skip)]
    pub detail: Detail,
    /// What the run had to do; no part of the report.
    #[serde(skip)]
    pub work: Work,
}

impl Report {
    /// The report of a record that cannot be read.
    pub fn unreadable(reason: String) -> Self {
        let (log, summary) = (LogHead::default(), Summary::default());
        Self {
            haal: 1,
            election: String::new(),
            verdict: Verdict::Unreadable,
            reason,
            log,
            checks: Vec::new(),
            summary,
            detail: Detail::default(),
            work: Work::default(),
        }
    }

    /// One JSON object and a line end.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// For people, as a page.
    pub fn html(&self) -> String {
        crate::html::page(self)
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = self.write_text(&mut out);
        out
    }

    fn write_text(&self, out: &mut String) -> fmt::Result {
        if self.verdict == Verdict::Unreadable {
            return writeln!(out, "unreadable: {}", printable(&self.reason));
        }
        writeln!(out, "election {}", self.election)?;
        writeln!(out, "log      {} entries, root {}\n", self.log.size, self.log.root)?;
        for check in &self.checks {
            let state = match check.state {
                State::Passed => "passed",
                State::Failed => "FAILED",
                State::Skipped => "skipped",
                State::NotAnchored => "not anchored",
            };
            write!(out, "{:<4} {:<14} {:<12}", check.id, check.name, state)?;
            if check.count > 0 {
                write!(out, " {:>9}", check.count)?;
            }
            if check.failed > 0 {
                write!(out, "   {} failed", check.failed)?;
            }
            match check.findings.len() {
                0 => {}
                n => write!(out, "   {n} {}", if n == 1 { "finding" } else { "findings" })?,
            }
            if !check.reason.is_empty() {
                write!(out, " {}", printable(&check.reason))?;
            }
            writeln!(out)?;
        }
        self.write_notes(out, "findings (the election survives these)", |check| &check.findings)?;
        self.write_notes(out, "failures", |check| &check.failures)?;
        let s = &self.summary;
        writeln!(
            out,
            "\n{} on the roll, {} voted; {} ballots: {} counted, {} superseded, {} annulled; {} challenged; {} units",
            s.roll, s.voters, s.ballots, s.counted, s.superseded, s.annulled, s.challenged, s.units
        )?;
        writeln!(
            out,
            "{}",
            match self.verdict {
                Verdict::Passed => "PASSED",
                Verdict::Failed => "FAILED",
                Verdict::Unreadable => "UNREADABLE",
                Verdict::NotAnchored => "CONSISTENT, BUT NOT ANCHORED: give --election-id, from a source other than this record",
                Verdict::Unfinished => "CONSISTENT SO FAR: the election is not finished",
            }
        )
    }

    fn write_notes(&self, out: &mut String, title: &str, of: fn(&Check) -> &Vec<Note>) -> fmt::Result {
        if self.checks.iter().all(|check| of(check).is_empty()) {
            return Ok(());
        }
        writeln!(out, "\n{title}")?;
        for check in &self.checks {
            for note in of(check).iter().take(SHOWN) {
                writeln!(out, "  {:<4} {:<9} {}: {}", check.id, note.rule, printable(&note.place.to_string()), printable(&note.text))?;
            }
            let listed = of(check).len() as u64;
            let all = if title == "failures" { check.failed.max(listed) } else { listed };
            if let Some(more @ 1..) = all.checked_sub(SHOWN as u64) {
                writeln!(out, "  {:<4} and {more} more", check.id)?;
            }
        }
        Ok(())
    }
}

/// A hostile record must not be able to drive a terminal.
pub fn printable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if crate::text::is_hidden(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}
