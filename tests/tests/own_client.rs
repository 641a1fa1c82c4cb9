//! D05: whoever votes with a program of their own is taken at the rules and at nothing else: what the rules allow is stored and counted,
//! what they do not allow is refused at once, and nothing that was taken turns out to be invalid later. D15: an election that has not
//! begun, or is another, is not shown as open, whatever its server says.
//!
//! D15 in a record is the kit's: the rows of `tests/src/kit` that name it (a ballot before *open*, *open* before its time, …). That a
//! rehearsal is not taken for the election: `page::practice`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ballot::ballot::{Ballot, Seed};
use ballot::manifest::Rule;
use ballot::{Context, Selection};
use board::http::Web;
use e2e::election::{Election, Setup, copy, now};
use e2e::own_client::{Client, styles};
use e2e::pki::{P256, Person};
use e2e::plan::{ContestPlan, Plan, Voter};
use e2e::process::{self, program, run};
use e2e::web::{Manner, Static};
use envelope::{Identity, Profile, cades};
use serde_json::Value;
use std::path::{Path, PathBuf};

const PEOPLE: u32 = 4;

struct Town {
    election: Election,
    eid: PathBuf,
}

impl Town {
    /// Everything is done but the order *open*.
    fn new() -> Self {
        process::build().unwrap();
        let dir = program("own-client-test");
        let _ = std::fs::remove_dir_all(&dir);
        let options = ["Ann", "Ben"].iter().map(|n| (n.to_lowercase(), (*n).to_owned(), String::new())).collect();
        let contest =
            ContestPlan { id: "mayor".into(), title: "Mayor".into(), rule: Rule::Choose { min: 1, max: 1, blank: false }, options };
        let setup = Setup { contests: vec![contest], districts: vec![("north".into(), "North".into())], ..Setup::small() };
        let people: Vec<Person> = (0..PEOPLE).map(Person::numbered).collect();
        let voters = people.iter().map(|p| Voter { code: p.code.clone(), district: "north".into() }).collect();
        let election = Election::new(&dir, setup).unwrap();
        election.enrol(&Plan { voters, ..Plan::default() }).unwrap();
        election.ceremony().unwrap();
        let eid = dir.join("eid");
        std::fs::create_dir_all(&eid).unwrap();
        election.pki().write_voters(&people, P256, &eid).unwrap();
        election.settle().unwrap();
        Self { election, eid }
    }

    fn identity(&self, person: u32, usage: &str) -> Identity {
        let file = |name: &str| self.eid.join(format!("{}.{usage}{name}.pem", Person::numbered(person).code));
        Identity::from_files(&file(".key"), &file("")).unwrap()
    }

    /// `voter-app cast` at this collector.
    fn vote(&self, url: &str, person: u32) -> process::Said {
        let (id, code, state) = (self.election.id(), Person::numbered(person).code, self.election.dir.join("state"));
        let mut args = vec!["cast", "--collector", url, "--election-id", &id, "--eid-dir", self.eid.to_str().unwrap(), "--person", &code];
        args.extend(["--state", state.to_str().unwrap(), "--yes", "--choose", "mayor=ann"]);
        run("voter-app", args).unwrap()
    }
}

/// The server says that voting is open; the log, which the committee signs, does not.
fn not_open_by_a_word(town: &Town) {
    let web = Web::new(town.election.url());
    let mut status: Value = serde_json::from_slice(&web.get("/v1/status", None).unwrap().body).unwrap();
    assert_eq!(status["phase"], "setup");
    status["phase"] = "voting".into();
    let root = town.election.dir.join("lie");
    copy(&town.election.dir.join("collector/record"), &root.join("board")).unwrap();
    let server = Static::serve(&root);
    server.behave("v1/status", Manner::Lie(status.to_string().into_bytes()));
    let said = town.vote(&server.url, 0);
    assert!(said.code != 0 && said.err.contains("Voting has not begun") && said.err.contains("Nothing was sent"), "{said:?}");
    let asked = server.asked();
    assert!(asked.iter().any(|path| path == "v1/status") && asked.iter().any(|path| path.starts_with("board/")), "{asked:?}");
    assert!(asked.iter().all(|path| !path.starts_with("v1/login") && !path.starts_with("v1/cast")), "nothing of the voter: {asked:?}");
    // The honest server says so itself, and takes no ballot of whoever does not ask.
    let said = town.vote(town.election.url(), 0);
    assert!(said.code != 0 && said.err.contains("Voting has not begun"), "{said:?}");
    let client = Client::log_in(&web, &town.election.manifest, &town.identity(0, "login")).unwrap();
    let ballot = styles(&town.election).unwrap()[0].encrypt(&client.context, &[Selection(vec![1, 0])], &Seed([1; 32])).unwrap();
    let container = cades::sign(ballot.bytes(), &town.identity(0, "sign"), now()).unwrap();
    refused(&client, "a ballot before the order open", &[&[7; 64], ballot.bytes(), &container], &["CAST-2", "PHASE-4"]);
}

fn refused(client: &Client<'_>, what: &str, parts: &[&[u8]], rules: &[&str]) {
    let reply = client.cast(parts).unwrap();
    let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let rule = said["rule"].as_str().unwrap_or_default();
    assert!((400..500).contains(&reply.status) && rules.contains(&rule), "{what}: {} {said}", reply.status);
    assert_eq!(client.ballots().unwrap(), 0, "{what}: nothing is stored");
}

#[test]
fn a_program_of_ones_own_and_a_server_that_says_open() {
    let town = Town::new();
    not_open_by_a_word(&town);
    town.election.open().unwrap();
    town.election.settle().unwrap();

    let web = Web::new(town.election.url());
    let style = &styles(&town.election).unwrap()[0];
    let client = Client::log_in(&web, &town.election.manifest, &town.identity(1, "login")).unwrap();
    let select = |option: u32| vec![Selection((0..2).map(|at| u32::from(at == option)).collect())];
    let make = |context: &Context, seed: u8| style.encrypt(context, &select(1), &Seed([seed; 32])).unwrap();
    let signer = town.identity(1, "sign");
    let sign = |ballot: &Ballot| cades::sign(ballot.bytes(), &signer, now()).unwrap();
    let ballot = make(&client.context, 1);
    let (bytes, container, odd) = (ballot.bytes(), sign(&ballot), [7; 64]);
    // Odd encodings that lenient readers take, and more than there should be.
    assert_eq!(container[..2], [0x30, 0x82], "a length of two bytes");
    let long = [&[0x30, 0x83, 0][..], &container[2..]].concat();
    let indefinite = [&[0x30, 0x80][..], &container[4..], &[0, 0]].concat();
    for (what, container) in [("a length with a zero before it", long), ("an indefinite length", indefinite)] {
        refused(&client, what, &[&odd, bytes, &container], &["ENV-1", "ENV-2", "ENV-16", "CAST-7"]);
    }
    refused(&client, "a byte behind the container", &[&odd, bytes, &container, &[0]], &["ENV-1", "ENV-2", "ENV-16", "CAST-7"]);
    refused(&client, "two ballots", &[&odd, bytes, bytes, &container], &["ENV-1", "ENV-2", "ENV-16", "CAST-1", "CAST-7"]);
    refused(&client, "two containers", &[&odd, bytes, &container, &container], &["ENV-1", "ENV-2", "ENV-16", "CAST-7"]);
    refused(&client, "no container", &[&odd, bytes], &["ENV-1", "ENV-2", "CAST-1", "CAST-7"]);
    refused(&client, "no token and no pad", &[bytes, &container], &["BAL-1", "CAST-1", "CAST-4", "DEC-1", "DEC-2", "DEC-6"]);
    let draft = Profile::AsicE.draft(bytes, signer.certificate(), signer.intermediates(), now()).unwrap();
    let file = draft.finish(&signer.sign(draft.message()).unwrap()).unwrap();
    refused(&client, "a container of another profile", &[&odd, bytes, &file], &["ENV-1", "ENV-2", "ENV-16", "CAST-1", "CAST-7"]);
    refused(&client, "the signature of another ballot", &[&odd, bytes, &sign(&make(&client.context, 2))], &["ENV-12", "CAST-7"]);
    let later = make(&Context { number: 2, ..client.context.clone() }, 3);
    refused(&client, "number 2 first", &[&odd, later.bytes(), &sign(&later)], &["CAST-5"]);
    let foreign = make(&Context { voter: [9; 32], ..client.context.clone() }, 4);
    refused(&client, "another voter's pseudonym", &[&odd, foreign.bytes(), &sign(&foreign)], &["CAST-4"]);

    // What obeys the rules is taken, whoever wrote the program: any 64 bytes for a second device that nobody will ask for.
    for person in [1, 2] {
        let client = Client::log_in(&web, &town.election.manifest, &town.identity(person, "login")).unwrap();
        let ballot = make(&client.context, 10 + person as u8);
        let container = cades::sign(ballot.bytes(), &town.identity(person, "sign"), now()).unwrap();
        let reply = client.cast(&[&odd, ballot.bytes(), &container]).unwrap();
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        assert_eq!(client.ballots().unwrap(), 1);
    }
    counts(&town.election);
}

/// Never accepted now and invalid at the count: the verifier finds two ballots, both counted, and no fault.
fn counts(election: &Election) {
    election.close(&Plan::default(), &[1, 2]).unwrap();
    election.settle().unwrap();
    let said = run("verifier", ["check", &election.board(), "--election-id", &election.id(), "--json"]).unwrap();
    assert_eq!(said.code, 3, "closed and not yet counted: {said:?}");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["summary"]["ballots"], 2, "{report}");
    assert_eq!(report["summary"]["counted"], 2, "{report}");
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["state"] != "failed"), "{report}");
    assert!(Path::new(&election.dir.join("collector/record")).is_dir());
}
