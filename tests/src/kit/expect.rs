//! What a verifier must say about a record, what it did say, and the difference.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write;

/// A failure or a finding: where it is, and which rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// `V1` to `V22`.
    pub check: String,
    /// Such as `BAL-5`.
    pub rule: String,
    /// A place, or in an expectation its beginning.
    pub place: String,
}

/// Which failures may stand beside those that must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Others {
    /// None.
    #[default]
    None,
    /// Any in the checks that fail anyway.
    SameChecks,
    /// Any.
    Any,
}

/// What must be said about a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The exit code.
    pub code: i32,
    /// Each of them must be reported.
    pub failures: Vec<Note>,
    /// Which failures may be reported besides.
    pub other_failures: Others,
    /// Each of them must be reported.
    pub findings: Vec<Note>,
    /// May other findings be reported? They may wherever a check fails.
    pub other_findings: bool,
    /// Failures and findings that may be there or not; the place is empty.
    pub allowed: Vec<Note>,
}

/// What a verifier said: exit code, and its report in JSON (specs/12-verification.md, REPORT).
#[derive(Clone, Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// The report.
    pub report: Value,
}

impl Note {
    /// A note.
    pub fn new(check: &str, rule: &str, place: String) -> Self {
        Self { check: check.to_owned(), rule: rule.to_owned(), place }
    }

    /// Is this what is meant by an expectation? A place may go on with a space, or with `@` and a byte.
    fn fits(&self, expected: &Self) -> bool {
        let goes_on = |rest: &str| rest.is_empty() || rest.starts_with([' ', '@']);
        self.check == expected.check
            && self.rule == expected.rule
            && (expected.place.is_empty() || self.place.strip_prefix(&expected.place).is_some_and(goes_on))
    }
}

impl Said {
    /// All failures.
    pub fn failures(&self) -> Vec<Note> {
        self.notes("failures")
    }

    /// All findings.
    pub fn findings(&self) -> Vec<Note> {
        self.notes("findings")
    }

    fn notes(&self, kind: &str) -> Vec<Note> {
        let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
        let of = |check: &Value| {
            let notes = check[kind].as_array().cloned().unwrap_or_default();
            notes.iter().map(|n| Note { check: text(&check["id"]), rule: text(&n["rule"]), place: text(&n["place"]) }).collect::<Vec<_>>()
        };
        self.report["checks"].as_array().into_iter().flatten().flat_map(of).collect()
    }

    /// What a check came to.
    pub fn state(&self, check: &str) -> &str {
        let checks = self.report["checks"].as_array();
        checks.into_iter().flatten().find(|c| c["id"] == check).and_then(|c| c["state"].as_str()).unwrap_or("")
    }
}

impl Expected {
    /// What is missing in a report and what should not be there, one line each; nothing if all is as it should be.
    pub fn differences(&self, said: &Said) -> String {
        let mut wrong = String::new();
        if said.code != self.code {
            let _ = writeln!(wrong, "  exit code {}, not {}", said.code, self.code);
        }
        let (failures, findings) = (said.failures(), said.findings());
        for (kind, notes, wanted) in [("failures", &failures, &self.failures), ("findings", &findings, &self.findings)] {
            for n in wanted.iter().filter(|w| !notes.iter().any(|n| n.fits(w))) {
                let _ = writeln!(wrong, "  none of the {kind} is {} {} at {}", n.check, n.rule, n.place);
            }
            let same_check = |n: &Note| self.other_failures == Others::SameChecks && wanted.iter().any(|w| w.check == n.check);
            let any =
                if kind == "failures" { self.other_failures == Others::Any } else { !self.failures.is_empty() || self.other_findings };
            let expected = |n: &Note| any || same_check(n) || wanted.iter().chain(&self.allowed).any(|w| n.fits(w));
            for n in notes.iter().filter(|n| !expected(n)) {
                let _ = writeln!(wrong, "  {kind} that nobody expected: {} {} {}", n.check, n.rule, n.place);
            }
        }
        if !wrong.is_empty() {
            let _ = writeln!(wrong, "  said: {failures:?} / {findings:?}");
        }
        wrong
    }
}
