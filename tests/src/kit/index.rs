//! `index.json`: every case with what was done, the election id from outside, and what a verifier must say.

use super::{Case, Expected, Row};
use ballot::encode::sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One case of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the case's folder.
    pub name: String,
    /// What was done, in a few words.
    pub what: String,
    /// Published attacks (A to H) and record mutations (M) that it stands for.
    pub ids: Vec<String>,
    /// The election id that is given from outside, in hex.
    pub election: String,
    /// Is there a folder `evidence` for the verifier?
    pub evidence: bool,
    /// What must be said.
    #[serde(flatten)]
    pub expected: Expected,
    /// Over the files: SHA-256 of the lines that `sha256sum` prints for them, sorted by path.
    pub sha256: String,
}

/// All cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Version of the specifications.
    pub haal: u8,
    /// The cases.
    pub cases: Vec<Entry>,
}

impl Index {
    /// Reads an index.
    pub fn from_bytes(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }

    /// One line for each case.
    pub fn to_text(&self) -> String {
        let line = |e: &Entry| serde_json::to_string(e).expect("text and numbers");
        let lines: Vec<String> = self.cases.iter().map(line).collect();
        format!("{{\"haal\":{},\"cases\":[\n{}\n]}}\n", self.haal, lines.join(",\n"))
    }
}

/// All files of a case, by their paths in the case's folder: `record/…`, and `evidence/…` if there is any.
pub fn files(case: &Case) -> BTreeMap<String, Vec<u8>> {
    let evidence = case.evidence.iter().flatten().map(|(path, bytes)| (format!("evidence/{path}"), bytes.clone()));
    case.record.record().into_iter().map(|(path, bytes)| (format!("record/{path}"), bytes)).chain(evidence).collect()
}

/// The hash of the index over these files.
pub fn hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let lines: String = files.iter().map(|(path, bytes)| format!("{}  {path}\n", hex::encode(sha256(bytes)))).collect();
    hex::encode(sha256(lines.as_bytes()))
}

/// The line of a case.
pub fn entry(row: &Row, case: &Case, files: &BTreeMap<String, Vec<u8>>) -> Entry {
    Entry {
        name: row.slug(),
        what: row.name.clone(),
        ids: row.ids.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        election: case.election_id(),
        evidence: case.evidence.is_some(),
        expected: case.expected.clone(),
        sha256: hash(files),
    }
}
