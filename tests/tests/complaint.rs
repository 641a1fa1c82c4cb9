//! The complaint file of the voter's program, before the verifier: a collector that loses a ballot whose receipt it gave (E07, E08, H06).

use ballot::manifest::Rule;
use e2e::election::{Election, Setup, copy};
use e2e::plan::{Action, ContestPlan, Line, Plan, Voter};
use e2e::process::{self, Said};
use e2e::web::{Static, request};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One contest, no witness: the collector alone can lie.
fn setup() -> Setup {
    let options = ["ann", "ben"].map(|name| (name.to_owned(), name.to_owned(), String::new())).to_vec();
    let mayor = ContestPlan { id: "mayor".into(), title: "Mayor".into(), rule: Rule::Choose { min: 1, max: 1, blank: false }, options };
    Setup { contests: vec![mayor], districts: vec![("all".into(), "All".into())], witnesses: 0, ..Setup::small() }
}

/// Two voters.
fn plan() -> Plan {
    let code = |n| e2e::pki::Person::numbered(n).code;
    let voters = [0, 1].map(|n| Voter { code: code(n), district: "all".into() }).into();
    let line = |n| Line { code: code(n), action: Action::Cast, choices: vec![] };
    Plan { voters, lines: vec![line(0), line(1)], ..Plan::default() }
}

/// The voter's program; each voter has an installation of their own.
fn voter_app(election: &Election, voter: usize, words: &[&str]) -> Said {
    let state = election.dir.join(format!("voter-{voter}"));
    let place = ["--collector", election.url(), "--election-id"];
    let words = words.iter().chain(&place).map(OsString::from);
    process::run("voter-app", words.chain([election.id().into(), "--state".into(), state.into()])).unwrap()
}

fn cast(election: &Election, eid: &Path, voter: usize) {
    let (eid, person) = (eid.to_str().unwrap(), &plan().voters[voter].code);
    let said = voter_app(election, voter, &["cast", "--eid-dir", eid, "--person", person, "--choose", "mayor=ann", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
}

fn complaint_in(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|path| path.to_str().unwrap().ends_with(".complaint.json"))
}

/// The verifier's verdict, its exit code, and whether its proof file holds.
fn judged(election: &Election, record: &Path, complaint: &Path) -> (String, i32, Option<i32>) {
    let proof = election.dir.join("proof.json");
    let words: Vec<OsString> = vec![
        "complaint".into(),
        record.into(),
        complaint.into(),
        "--election-id".into(),
        election.id().into(),
        "--proof".into(),
        (&proof).into(),
        "--json".into(),
    ];
    let said = process::run("verifier", words).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let holds = proof.exists().then(|| {
        let words: [OsString; 4] = ["proof".into(), (&proof).into(), "--election-id".into(), election.id().into()];
        process::run("verifier", words).unwrap().code
    });
    (answer["verdict"].as_str().unwrap().to_owned(), said.code, holds)
}

/// Who has a receipt needs it no second time: on a board that honours it the ballot is recorded, whatever the collector gives.
fn a_receipt_that_is_not_given_any_more(election: &Election, record: &Path) {
    let place = election.dir.join("silent");
    std::fs::create_dir_all(place.join("v1")).unwrap();
    copy(record, &place.join("board")).unwrap();
    std::fs::write(place.join("v1/status"), request(election.url(), "GET", "/v1/status", b"").2).unwrap();
    let silent = Static::serve(&place);
    let state = election.dir.join("voter-0");
    let words = ["status", "--collector", &silent.url, "--election-id", &election.id(), "--state"].map(OsString::from);
    let said = process::run("voter-app", words.into_iter().chain([state.into()])).unwrap();
    assert!(said.code == 0 && said.out.contains("recorded as entry"), "{said:?}");
}

#[test]
fn a_lost_ballot_convicts_the_collector() {
    process::build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut election = Election::new(folder.path(), setup()).unwrap();
    let box_ = folder.path().join("collector");
    election.enrol(&plan()).unwrap();
    let eid = election.issue(&plan()).unwrap();
    election.ceremony().unwrap();
    election.open().unwrap();
    election.settle().unwrap();
    election.collector.as_mut().unwrap().kill().unwrap();
    let before = folder.path().join("before");
    copy(&box_, &before).unwrap();

    election.start_collector().unwrap();
    cast(&election, &eid, 0);
    assert_eq!(voter_app(&election, 0, &["status"]).code, 0);
    let honest = folder.path().join("honest");
    copy(&box_.join("record"), &honest).unwrap();
    let state = folder.path().join("voter-0").join(election.id());
    assert_eq!(complaint_in(&state), None);
    a_receipt_that_is_not_given_any_more(&election, &honest);
    assert_eq!(complaint_in(&state), None);

    // The box of before the ballot comes back, and goes on with somebody else's.
    election.collector.as_mut().unwrap().kill().unwrap();
    std::fs::remove_dir_all(&box_).unwrap();
    copy(&before, &box_).unwrap();
    election.start_collector().unwrap();
    cast(&election, &eid, 1);

    let said = voter_app(&election, 0, &["status"]);
    assert!(said.code != 0 && said.err.contains("VOTER-6") && said.err.contains(".complaint.json"), "{said:?}");
    let complaint = complaint_in(&state).unwrap();
    assert_eq!(judged(&election, &box_.join("record"), &complaint), ("founded".into(), 4, Some(0)));
    std::fs::remove_file(election.dir.join("proof.json")).unwrap();
    // In the log that the voter saw nobody is at fault.
    assert_eq!(judged(&election, &honest, &complaint), ("not-founded".into(), 0, Some(0)));
}
