//! What a proof file shows to somebody who has no record. Spec: 14-questions, PROOF.

use super::meaning;
use crate::bytes::Hash;
use crate::proof_check::{self, Shown};
use crate::proof_file::ProofFile;
use crate::report::printable;
use crate::tracker;
use serde::Serialize;
use std::fmt::Write as _;

/// The answer, as JSON says it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Answer {
    haal: u8,
    command: &'static str,
    election: String,
    anchored: bool,
    pub verdict: &'static str,
    reason: String,
    kind: &'static str,
    pub rule: &'static str,
    text: String,
    size: Option<u64>,
    root: Option<String>,
    ballot: Option<String>,
    pseudonym: Option<String>,
    status: Option<&'static str>,
    last_ballot: Option<String>,
    witnesses: Vec<String>,
    #[serde(skip)]
    code: u8,
}

impl Answer {
    fn empty() -> Self {
        Self {
            haal: 1,
            command: "proof",
            election: String::new(),
            anchored: false,
            verdict: "unreadable",
            reason: String::new(),
            kind: "",
            rule: "",
            text: String::new(),
            size: None,
            root: None,
            ballot: None,
            pseudonym: None,
            status: None,
            last_ballot: None,
            witnesses: Vec::new(),
            code: 2,
        }
    }

    /// The file is not there, or too long.
    pub fn unreadable(reason: String) -> Self {
        Self { reason, ..Self::empty() }
    }

    /// Judges the bytes of a file.
    pub fn judge(bytes: &[u8], election: Option<&Hash>) -> Self {
        let file = ProofFile::read(bytes);
        let shown = file.as_ref().map_err(Clone::clone).and_then(|file| proof_check::check(file, election));
        let kind = file.as_ref().map_or("", ProofFile::kind);
        let hash = file.as_ref().map(|file| hex::encode(crate::hash::sha256(file.manifest.as_bytes()))).unwrap_or_default();
        let anchored = election.is_some();
        let known = Self { kind, election: hash, anchored, ..Self::empty() };
        match shown {
            Err(fault) => Self { verdict: "does-not-hold", rule: fault.rule, text: fault.text, code: 1, ..known },
            Ok(Shown { head, ballot, pseudonym, status, last_ballot, witnesses, .. }) => Self {
                verdict: "holds",
                size: Some(head.0),
                root: Some(hex::encode(head.1)),
                ballot: ballot.map(hex::encode),
                pseudonym: pseudonym.map(hex::encode),
                status,
                last_ballot: last_ballot.map(hex::encode),
                witnesses,
                code: if anchored { 0 } else { 3 },
                ..known
            },
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// One JSON object and a line end.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        if self.verdict == "unreadable" {
            return writeln!(out, "unreadable: {}", printable(&self.reason));
        }
        if self.verdict == "does-not-hold" {
            writeln!(out, "DOES NOT HOLD: {} ({})", printable(&self.text), self.rule)?;
            return writeln!(out, "It proves nothing, and says nothing against anybody.");
        }
        if let Some(pseudonym) = &self.pseudonym {
            writeln!(out, "pseudonym {pseudonym}")?;
        }
        if let Some(ballot) = &self.ballot {
            let tracker = crate::text::hex32(ballot).map(|hash| tracker::of(&hash)).unwrap_or_default();
            writeln!(out, "ballot    {ballot}, tracker {tracker}")?;
        }
        if let Some(status) = self.status {
            writeln!(out, "status    {status}: {}", meaning(status))?;
        }
        if let Some(last) = &self.last_ballot {
            writeln!(out, "last      {last} is the voter's last ballot")?;
        }
        if matches!(self.kind, "fork" | "rewritten") {
            writeln!(out, "The collector has signed two logs of one election that contradict each other.")?;
            match self.witnesses.as_slice() {
                [] => writeln!(out, "No witness cosigned both.")?,
                names => writeln!(out, "Witnesses that cosigned both, and are convicted with it: {}", names.join(", "))?,
            }
        }
        writeln!(out, "\nelection {}", self.election)?;
        if let (Some(size), Some(root)) = (self.size, &self.root) {
            writeln!(out, "log      {size} entries, root {root}")?;
        }
        if self.kind == "status" {
            writeln!(out, "It rests on the closing root, which whoever checks a complete copy of the record has checked.")?;
        }
        let end = if self.anchored { "HOLDS" } else { "HOLDS FOR SOME ELECTION: give --election-id, from a source other than this file" };
        writeln!(out, "{end}")
    }
}
