//! The vectors of specs 03, 05, 07 and 08, written by another program from the specifications alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "vectors/casting.rs"]
mod casting;
#[path = "vectors/ceremony.rs"]
mod ceremony;
#[path = "vectors/checkpoints.rs"]
mod checkpoints;
#[path = "vectors/election.rs"]
mod election;
#[path = "vectors/orders.rs"]
mod orders;
#[path = "vectors/posts.rs"]
mod posts;
#[path = "vectors/trees.rs"]
mod trees;

use board::Hash;
use serde_json::Value;

/// Cases that this library answers otherwise than the vectors, its answer (`""`: accepted), and why that is right. A line that no longer
/// differs, or that no case has, must go.
const OTHERWISE: [(&str, &str, &str, &str); 9] = [
    ("03-orders", "PHASE-5 a note before the closing entry", "ENTRY-6", "PHASE-5 and ENTRY-6 say the same of what follows seal"),
    ("03-orders", "PHASE-5 a result before the closing entry", "ENTRY-6", "as above"),
    ("03-orders", "PHASE-5 a mix before the closing entry", "ENTRY-6", "as above"),
    ("07-casting", "pseudonym of nothing", "", "person codes are judged by the certificate's reader (ENV-25) and the collector"),
    ("07-casting", "pseudonym of 65 bytes", "", "as above"),
    ("07-casting", "pseudonym of a space", "", "as above"),
    ("07-casting", "pseudonym of not ASCII", "", "as above"),
    ("07-casting", "pseudonym of a line end", "", "as above"),
    ("08-checkpoint", "LOG-4 a quorum, finished", "", "that every witness stands in a finished record is the verifier's"),
];

/// Compares the library's answers with a file; collects what disagrees, so that one run shows all.
struct Report {
    file: &'static str,
    wrong: Vec<String>,
    otherwise: Vec<String>,
}

impl Report {
    fn new(file: &'static str) -> Self {
        Self { file, wrong: Vec::new(), otherwise: Vec::new() }
    }

    /// The library's answer to a case: nothing, or the rule it names.
    fn case(&mut self, case: &Value, got: Result<(), String>) {
        let (name, rule) = (text(case, "name"), text(case, "rule"));
        assert_eq!(text(case, "expect") == "accept", rule.is_empty(), "{name}");
        let other = OTHERWISE.iter().find(|(file, n, _, _)| *file == self.file && *n == name);
        if let Some((_, _, ours, _)) = other {
            self.check(case, "a line of the table that says nothing else", *ours != rule);
            self.otherwise.push(name.to_owned());
        }
        let wanted = other.map_or(rule, |(_, _, ours, _)| ours);
        let got = got.err().unwrap_or_default();
        if got != wanted {
            self.wrong.push(format!("{name}: {} {wanted:?} expected, got {got:?}", case["expect"]));
        }
    }

    fn check(&mut self, case: &Value, what: &str, right: bool) {
        if !right {
            self.wrong.push(format!("{}: {what} differs", case["name"]));
        }
    }

    fn end(self) {
        assert!(self.wrong.is_empty(), "{} disagreements:\n{}", self.wrong.len(), self.wrong.join("\n"));
        let lines = OTHERWISE.iter().filter(|(file, ..)| *file == self.file).count();
        assert_eq!(self.otherwise.len(), lines, "a line of the table has no case: {:?}", self.otherwise);
    }
}

/// A file of `specs/vectors`.
fn load(name: &str) -> Value {
    let path = format!("{}/../../specs/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

fn cases(file: &Value) -> &[Value] {
    list(&file["cases"])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text<'v>(case: &'v Value, field: &str) -> &'v str {
    case[field].as_str().unwrap_or_else(|| panic!("{}: no {field}", case["name"]))
}

fn number(case: &Value, field: &str) -> u64 {
    case[field].as_u64().unwrap_or_else(|| panic!("{}: no {field}", case["name"]))
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn hash(value: &Value) -> Hash {
    bytes(value).try_into().unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    list(value).iter().map(hash).collect()
}

/// The rule that a message begins with.
fn rule(error: impl std::fmt::Display) -> String {
    error.to_string().split(':').next().unwrap().to_owned()
}

/// Refused unless `right`.
fn must(right: bool, rule: &str) -> Result<(), String> {
    if right { Ok(()) } else { Err(rule.to_owned()) }
}
