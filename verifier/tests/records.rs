//! Whole records, honest and mutated, with what must be said about each: specs/vectors/records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod kit;

use kit::Unpacked;
use serde_json::Value;
use std::collections::BTreeSet;
use verifier::hash::sha256;
use verifier::report::{Check, Note};
use verifier::run::{self, Options};
use verifier::text;

fn is(check: &Check, note: &Note, wanted: &Value) -> bool {
    let place = note.place.strip_prefix(wanted["place"].as_str().unwrap());
    let goes_on = place.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '@']) || wanted["place"] == "");
    wanted["check"] == check.id && wanted["rule"] == note.rule.as_str() && goes_on
}

fn judge(name: &str) -> BTreeSet<String> {
    let (case, files) = (kit::case(name), Unpacked::new(name));
    let lines: String = files.files.iter().map(|(path, bytes)| format!("{}  {path}\n", hex::encode(sha256(bytes)))).collect();
    assert_eq!(case["sha256"], hex::encode(sha256(lines.as_bytes())), "{name}");
    let options = Options {
        election: text::hex32(case["election"].as_str().unwrap()),
        evidence: (case["evidence"] == true).then(|| files.evidence().to_str().unwrap().to_owned()),
        threads: 1,
        progress: false,
        cache: None,
    };
    let report = run::check(files.record().to_str().unwrap(), &options);
    assert_eq!(case["code"], report.verdict.code(), "{name}: {}", report.text());
    let mut seen = BTreeSet::new();
    for (kind, of) in [("failures", (|c| &c.failures) as fn(&Check) -> &Vec<Note>), ("findings", |c| &c.findings)] {
        let wanted = case[kind].as_array().unwrap();
        let notes: Vec<(&Check, &Note)> = report.checks.iter().flat_map(|c| of(c).iter().map(move |n| (c, n))).collect();
        for w in wanted {
            assert!(notes.iter().any(|(c, n)| is(c, n, w)), "{name}: none of the {kind} is {w}\n{}", report.text());
            seen.insert(w["check"].as_str().unwrap().to_owned());
        }
        let exact =
            if kind == "failures" { case["other_failures"] == "none" } else { case["code"] == 0 && case["other_findings"] == false };
        let allowed = case["allowed"].as_array().unwrap();
        for (c, n) in notes.iter().filter(|_| exact) {
            assert!(wanted.iter().chain(allowed).any(|w| is(c, n, w)), "{name}: {kind} {} {} {}", c.id, n.rule, n.place);
        }
    }
    seen
}

#[test]
fn every_kept_record_is_judged_as_it_must_be() {
    let kept = kit::kept();
    assert!(kept.len() > 20, "{}", kept.len());
    let seen: BTreeSet<String> = kept.iter().flat_map(|name| judge(name)).collect();
    // A failed V3 alone can come with a good log, and so on: each check is the one that is meant in some record.
    let missing: Vec<String> = (1..=22).map(|v| format!("V{v}")).filter(|v| !seen.contains(v)).collect();
    assert!(missing.is_empty(), "no kept record for {missing:?}");
}
