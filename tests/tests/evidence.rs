//! What the collector keeps of responder and time-stamping party, before the verifier: OCSP, TSP, EVID-4 of 07c-evidence; attacks E11, M18 to M23.

use ballot::manifest::Rule;
use e2e::election::{Asked, Election, Setup};
use e2e::plan::{Action, ContestPlan, Line, Plan, Voter};
use e2e::process;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const VOTERS: u32 = 4;

fn setup() -> Setup {
    let options = ["ann", "ben"].map(|name| (name.to_owned(), name.to_owned(), String::new())).to_vec();
    let mayor = ContestPlan { id: "mayor".into(), title: "Mayor".into(), rule: Rule::Choose { min: 1, max: 1, blank: false }, options };
    Setup { contests: vec![mayor], districts: vec![("all".into(), "All".into())], services: Asked::Each, ..Setup::small() }
}

/// Everyone votes once, the first one again.
fn plan() -> Plan {
    let code = |n| e2e::pki::Person::numbered(n).code;
    let voters = (0..VOTERS).map(|n| Voter { code: code(n), district: "all".into() }).collect();
    let line = |n| Line { code: code(n), action: Action::Cast, choices: vec![("mayor".into(), "ann".into(), vec![])] };
    Plan { voters, lines: (0..VOTERS).chain([0]).map(line).collect(), ..Plan::default() }
}

/// State, number of records and rules of the failures of a check.
fn check(election: &Election, id: &str) -> (String, u64, Vec<String>) {
    let place = |name: &str| OsString::from(election.dir.join(name));
    let words: Vec<OsString> = vec![
        "check".into(),
        place("record"),
        "--election-id".into(),
        election.id().into(),
        "--evidence".into(),
        place("evidence"),
        "--register".into(),
        place("register"),
        "--json".into(),
        "--no-cache".into(),
    ];
    let said = process::run("verifier", words).unwrap();
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let found = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
    let rules = found["failures"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect();
    (found["state"].as_str().unwrap().to_owned(), found["count"].as_u64().unwrap(), rules)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    found.retain(|path| path.to_str().unwrap().ends_with(ending));
    found.sort();
    found
}

/// Something else lies in the evidence or the register; the check says so under this rule, and is content again when it is put back.
fn found(election: &Election, file: &Path, other: Option<&[u8]>, id: &str, rule: &str) {
    let right = fs::read(file).unwrap();
    match other {
        Some(other) => fs::write(file, other).unwrap(),
        None => fs::remove_file(file).unwrap(),
    }
    let (state, _, rules) = check(election, id);
    assert!(state == "failed" && rules == [rule], "{id} {rule}: {state} {rules:?}");
    fs::write(file, right).unwrap();
    assert_eq!(check(election, id).0, "passed");
}

#[test]
fn status_and_stamps_of_every_ballot() {
    process::build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut election = Election::new(folder.path(), setup()).unwrap();
    election.enrol(&plan()).unwrap();
    election.ceremony().unwrap();
    election.open().unwrap();
    election.cast(&plan()).unwrap();
    election.settle().unwrap();
    let ballots = u64::from(VOTERS) + 1;
    for n in 0..200 {
        let out = folder.path().join(format!("evidence-{n}"));
        let words: Vec<OsString> =
            vec!["evidence".into(), "--data".into(), folder.path().join("collector").into(), "--out".into(), (&out).into()];
        assert_eq!(process::run("collector", words).unwrap().code, 0);
        if files(&out.join("envelopes"), ".tsr").len() as u64 == ballots {
            break; // the promise does not wait for the stamp (TSP-10)
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    election.finish().unwrap();
    assert_eq!(check(&election, "V22"), ("passed".into(), ballots, vec![]));
    assert_eq!(check(&election, "V23"), ("passed".into(), ballots, vec![]));
    assert_eq!(check(&election, "V24").0, "passed");

    let envelopes = election.dir.join("evidence/envelopes");
    let (answers, stamps) = (files(&envelopes, ".ocsp"), files(&envelopes, ".tsr"));
    let register = files(&election.dir.join("register"), ".tsr");
    assert_eq!((answers.len() as u64, stamps.len() as u64, register.len() as u64), (ballots, ballots, ballots));
    let read = |path: &Path| fs::read(path).unwrap();
    found(&election, &stamps[0], Some(&read(&stamps[1])), "V23", "TSP-2");
    found(&election, &register[0], None, "V24", "TSP-14");
}
