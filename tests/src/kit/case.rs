//! One row of the table: a record, and what must be said about it.

use super::expect::{Expected, Note, Others};
use crate::insider::Insider;
use crate::insider::files::write;
use std::collections::BTreeMap;
use std::io::Result;
use std::path::Path;

/// A record and what must be said about it.
pub struct Case {
    /// The record.
    pub record: Insider,
    /// What a verifier must say.
    pub expected: Expected,
    /// The election id that is given from outside, if it is not that of the record's manifest.
    pub election: Option<String>,
    /// What a trustee says who replays the same record.
    pub trustee: Trustee,
    /// The files of the restricted evidence, if the verifier is to get any.
    pub evidence: Option<BTreeMap<String, Vec<u8>>>,
}

/// What a trustee must say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trustee {
    /// Refuses exactly if the verifier fails before the mixes, and names the same posts.
    Agrees,
    /// Reads entries only, and does not see what is wrong with files.
    DoesNotSee,
}

/// A named way of making a case.
pub struct Row {
    /// What was done, in a few words. No two rows have the same.
    pub name: String,
    /// Published attacks (A to H) and record mutations (M) that it stands for, with spaces between.
    pub ids: &'static str,
    /// Makes the record; every time the same.
    pub make: Box<dyn Fn() -> Case + Send + Sync>,
}

/// A row.
pub fn row(name: impl Into<String>, ids: &'static str, make: impl Fn() -> Case + Send + Sync + 'static) -> Row {
    Row { name: name.into(), ids, make: Box::new(move || make().with_weaknesses()) }
}

/// The place of an entry.
pub fn entry(index: usize) -> String {
    format!("entry {index}")
}

impl Row {
    /// The name in small letters and hyphens: a folder's name.
    pub fn slug(&self) -> String {
        let words = self.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
    }
}

impl Case {
    /// An honest record so far.
    pub fn of(record: Insider) -> Self {
        Self { record, expected: Expected::default(), election: None, trustee: Trustee::Agrees, evidence: None }
    }

    /// Adds what is found in the best of records: weaknesses of the manifest, trustees that sent no right opening, and faults that the
    /// record knows of.
    pub fn with_weaknesses(mut self) -> Self {
        if self.expected.failures.is_empty() && [0, 3].contains(&self.expected.code) {
            self.expected
                .findings
                .extend(self.record.weaknesses().into_iter().map(|rule| Note::new("V2", rule, "manifest.json".to_owned())));
            if self.expected.code == 0 {
                let unit = |unit: usize| Note::new("V19", "COMBINE-2", format!("unit {unit}"));
                self.expected.findings.extend(self.record.absent().into_iter().map(unit));
            }
            let fault = |f: &(&str, &str, usize)| Note::new(f.0, f.1, entry(f.2));
            self.expected.findings.extend(self.record.faults.iter().map(fault));
            self.expected.findings.sort();
            self.expected.findings.dedup();
        }
        self
    }

    /// The election id that is given from outside, in hex.
    pub fn election_id(&self) -> String {
        self.election.clone().unwrap_or_else(|| hex::encode(self.record.election_id()))
    }

    /// There must be this failure.
    pub fn fails(mut self, check: &str, rule: &str, place: impl Into<String>) -> Self {
        self.expected.code = 1;
        self.expected.failures.push(Note::new(check, rule, place.into()));
        self
    }

    /// There must be this finding.
    pub fn finds(mut self, check: &str, rule: &str, place: impl Into<String>) -> Self {
        self.expected.findings.push(Note::new(check, rule, place.into()));
        self
    }

    /// Other failures may follow from the one that is meant.
    pub fn loosely(mut self) -> Self {
        self.expected.other_failures = Others::Any;
        self
    }

    /// Other failures may follow in the same checks.
    pub fn within_these_checks(mut self) -> Self {
        self.expected.other_failures = Others::SameChecks;
        self
    }

    /// Messages of a session that cannot go on are late, and named as such.
    pub fn and_late_messages(mut self) -> Self {
        self.expected.allowed.push(Note::new("V9", "KEY-1", String::new()));
        self
    }

    /// Findings are not compared.
    pub fn anything_found(mut self) -> Self {
        self.expected.other_findings = true;
        self
    }

    /// The exit code, where it does not follow from the failures.
    pub fn code(mut self, code: i32) -> Self {
        self.expected.code = code;
        self
    }

    /// The election id that is given from outside.
    pub fn election(mut self, id: &str) -> Self {
        self.election = Some(id.to_owned());
        self
    }

    /// What a trustee says.
    pub fn trustee(mut self, trustee: Trustee) -> Self {
        self.trustee = trustee;
        self
    }

    /// The restricted evidence that the verifier gets.
    pub fn evidence(mut self, files: BTreeMap<String, Vec<u8>>) -> Self {
        self.evidence = Some(files);
        self
    }

    /// Writes the record into a folder, and the evidence, if there is any, into another one.
    pub fn write(&self, record: &Path, evidence: &Path) -> Result<()> {
        self.record.write(record)?;
        self.evidence.as_ref().map_or(Ok(()), |files| write(files, evidence))
    }

    /// Where the first failure is.
    pub fn first_place(&self) -> String {
        self.expected.failures[0].place.clone()
    }
}
