//! A small part of `cargo rehearsal`: one in a hundred of the online ballots of each district of the Estonian parliamentary election of 2019.

use ballot::Manifest;
use e2e::process::{build, program, run};
use e2e::rehearsal::lists::Lists;
use serde_json::Value;
use std::path::Path;

#[test]
fn every_candidate_gets_what_was_cast() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/estonia/rk2019");
    if !data.is_dir() {
        println!("SKIPPED: the official data of 2019 are not beside this checkout (../shared/data/estonia/rk2019)");
        return;
    }
    build().unwrap();
    let dir = program("rk2019-test");
    let said = run("rehearsal", ["--scale".as_ref(), "0.01".as_ref(), "--out".as_ref(), dir.as_os_str()]).unwrap();
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("12 districts") && said.out.contains("\"passed\""), "{}", said.out);
    assert!(said.out.contains("candidates has exactly what was cast of 2477 ballots"), "{}", said.out);
    let stages = std::fs::read_to_string(dir.join("stages.tsv")).unwrap();
    let names: Vec<&str> = stages.lines().filter_map(|line| line.split('\t').next()).collect();
    let wanted =
        ["stage", "prepare", "roll and key", "make eIDs", "log in", "make ballots", "cast", "log", "close", "mix", "open", "count"];
    assert_eq!(names, [wanted.as_slice(), &["copy out", "verify", "all"]].concat());
    one_vote_elsewhere_is_seen(&data, &dir);
    std::fs::remove_dir_all(&dir).unwrap();
}

/// The comparison fails if a single vote is another candidate's, or a district is not opened.
fn one_vote_elsewhere_is_seen(data: &Path, dir: &Path) {
    let sample = Lists::read(data).unwrap().sample(0.01).unwrap();
    let manifest = Manifest::from_bytes(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    let result: Value = serde_json::from_slice(&std::fs::read(dir.join("result.json")).unwrap()).unwrap();
    let compare = |result: &Value| sample.compare(&manifest, result.to_string().as_bytes());
    compare(&result).unwrap();
    let mut moved = result.clone();
    let counts = moved["units"][3]["counts"].as_array_mut().unwrap();
    let from = counts.iter().position(|n| *n != 0).unwrap();
    let to = (from + 1) % counts.len();
    counts[from] = (counts[from].as_u64().unwrap() - 1).into();
    counts[to] = (counts[to].as_u64().unwrap() + 1).into();
    assert!(compare(&moved).unwrap_err().to_string().contains("voted so"));
    let mut withheld = result.clone();
    withheld["units"][3]["state"] = "withheld".into();
    assert!(compare(&withheld).unwrap_err().to_string().contains("withheld"));
}

/// Without `--scale`, every official vote is cast.
#[test]
fn all_is_all() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/estonia/rk2019");
    let Ok(lists) = Lists::read(&data) else { return println!("SKIPPED: the official data of 2019 are not beside this checkout") };
    assert_eq!(lists.sample(1.0).unwrap().votes.len(), 247_041);
    assert!(lists.sample(0.0).is_err() && lists.sample(1.1).is_err());
}

#[test]
fn absent_lists_are_named() {
    build().unwrap();
    let said = run("rehearsal", ["--data", "/nonexistent"]).unwrap();
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no official lists in /nonexistent: name their folder with --data"), "{}", said.err);
}
