//! The running list and the use of data, asked through a stand-in of X-Road's security servers: 17-xroad.

mod headers;
mod peers;
mod uses;

use crate::support::client::Client;
use crate::support::election::{collector, person};
use crate::support::pki::P256;
use crate::support::security_server::{PROVIDER, SecurityServer};
use crate::support::server::command;
use crate::support::{Cluster, Election, Options, Reply, Server, Voter, until};
use ballot::Hash;
use ballot::encode::Record;
use board::OrderKind;
use board::entry::Entry;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use ureq::Agent;

const VIS3: &str = "EE/GOV/70006317/vis3";
const TRACKER: &str = "EE/GOV/70006317/datatracker";
const LIST: &str = "e-votings-running-list";
const CLIENTS: [&str; 6] = ["--xroad-list", VIS3, "--xroad-usage", TRACKER, "--xroad-office", "70000000"];

/// An election with so many people on the state's list 0, each with an eID; the last of them live abroad.
fn election(people: usize, store: Option<String>) -> (Election, KeyPair) {
    let mut election = Election::new(Options { districts: vec!["0000.1", "0000.2"], voters: 0, store, ..Options::default() });
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    fs::write(election.dir.path().join("key.pem"), key.public_key_pem()).unwrap();
    let mut lines = Vec::new();
    for n in 0..people {
        let person = person(n);
        let unit = if n + 1 == people { "FOREIGN" } else { "0482" };
        lines.push(format!("lisamine\t{}\tVALIJA TEST{n}\t{unit}\t{}", code(n), n % 2 + 1));
        let eid = election.pki.voter(&person, P256).unwrap();
        election.eids.insert(person.code, eid);
    }
    apply(&election, &key, 0, &lines);
    (election, key)
}

/// Personal code without its prefix.
fn code(n: usize) -> String {
    person(n).code.strip_prefix("PNOEE-").unwrap().to_owned()
}

fn apply(election: &Election, key: &KeyPair, number: u64, lines: &[String]) {
    let file = election.dir.path().join(format!("l{number}.utf"));
    let time = "2027-02-20T22:00:00Z";
    let content = format!("2\nRK_2027\n{number}\n{time}\t{time}\n{}\n", lines.join("\n"));
    fs::write(&file, &content).unwrap();
    fs::write(file.with_extension("sig"), key.sign(content.as_bytes()).unwrap()).unwrap();
    let mut command = collector();
    command
        .args(["roll", "vis3", "apply", "--officer", "x", "--election", "RK_2027", "--data"])
        .arg(election.data())
        .args(election.place());
    let said = command.arg("--key").arg(election.dir.path().join("key.pem")).arg(file).output().unwrap();
    assert!(said.status.success(), "{said:?}");
}

fn start(election: &Election, words: &[&str]) -> Server {
    let mut command = command(election, &[], &[]);
    command.args(["--xroad", "127.0.0.1:0"]).args(CLIENTS).args(words);
    Server::from(command, election)
}

/// With these words it ends at once, and says why.
fn does_not_start(election: &Election, words: &[&str], says: &str) {
    let mut child = command(election, &[], &[]).args(words).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let listens = || election.data().with_extension("port").exists();
    until("it ends or listens", || (child.try_wait().unwrap().is_some() || listens()).then_some(()));
    let _ = child.kill();
    let said = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && text.contains(says), "{words:?}: {text}");
}

/// Straight to the collector, without a security server.
fn direct(server: &Server) -> Client {
    Client::new(&format!("http://127.0.0.1:{}", server.ports.last().unwrap()))
}

/// A security server that has both services of the collector.
fn security_server(base: &str, agent: Agent) -> SecurityServer {
    let services = [
        (LIST, (format!("{base}/xroad/v1"), format!("{base}/xroad/v1/openapi.json"))),
        ("findUsage", (base.to_owned(), format!("{base}/v2/openapi.json"))),
        ("nobody", ("http://127.0.0.1:9".to_owned(), String::new())),
    ];
    SecurityServer::start(BTreeMap::from(services), agent)
}

fn plain(server: &Server) -> SecurityServer {
    let agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    security_server(&format!("http://127.0.0.1:{}", server.ports.last().unwrap()), agent)
}

/// As VIS3 or the tracker asks its own security server.
fn ask(security: &SecurityServer, path: &str, headers: &[(&str, &str)]) -> Reply {
    Client::new(&security.url).get_with(&format!("/r1/{PROVIDER}/{path}"), headers)
}

fn list(security: &SecurityServer, path: &str) -> Reply {
    ask(security, &format!("{LIST}{path}"), &[("X-Road-Client", VIS3)])
}

fn records(reply: Reply) -> Vec<Value> {
    reply.ok()["eVotingsBatch"]["batchRecords"].as_array().unwrap().clone()
}

fn usages(security: &SecurityServer, n: usize, more: &str) -> Value {
    let user = format!("EE{}", code(n));
    ask(security, &format!("findUsage/v2/findUsage?userCode={user}{more}"), &[("X-Road-Client", TRACKER), ("X-Road-UserId", &user)]).ok()
}

fn cast(election: &Election, server: &Server, n: usize) {
    let voter = Voter::new(election, &person(n).code);
    voter.cast(server, &mut voter.login(server));
}

fn until_listed(security: &SecurityServer, number: u64) {
    until("the running list grows", || (list(security, "/elections/RK_2027/lastseqno").ok()["lastSeqNo"] == number).then_some(()));
}

/// From before voting to after *seal*, as VIS3 sees it.
fn whole_time(election: &Election, key: &KeyPair) {
    let server = start(election, &["--xroad-group", "2", "--xroad-batch", "3"]);
    let security = plain(&server);
    assert_eq!(list(&security, "/elections").ok(), json!({ "elections": [{ "name": "RK_2027" }] }));
    assert_eq!(list(&security, "/elections/RK_2027/lastseqno").ok(), json!({ "electionName": "RK_2027", "lastSeqNo": 0 }));
    let none = list(&security, "/elections/RK_2027/evotingsbatchfrom/1");
    assert_eq!((none.status, none.json()), (404, json!([{ "code": "not_found", "field": "fromSeqNo", "value": 1 }])));
    election.open_voting(&server);

    // One is no group (XROAD-9); another ballot of the same voter, or a challenged one, makes no second.
    let first = Voter::new(election, &person(0).code);
    let mut session = first.login(&server);
    first.cast(&server, &mut session);
    first.cast(&server, &mut session);
    server.client.post("/v1/challenge", Some(&session.token), &first.opened(&session).to_bytes()).ok();
    until("all is in the log", || (server.status()["pending"] == 0).then_some(()));
    std::thread::sleep(std::time::Duration::from_millis(2500)); // more than two batches
    assert_eq!(list(&security, "/elections/RK_2027/lastseqno").ok()["lastSeqNo"], 0);
    cast(election, &server, 5);
    until_listed(&security, 2);
    let two = records(list(&security, "/elections/RK_2027/evotingsbatchfrom/1"));
    let said: BTreeSet<String> = two.iter().map(|r| r["idCode"].as_str().unwrap().to_owned()).collect();
    assert_eq!(said, BTreeSet::from([code(0), code(5)]));
    for (record, number) in two.iter().zip(1..) {
        let home = record["idCode"] == code(0).as_str();
        let (name, unit, district) = if home { ("VALIJA TEST0", "0482", 1) } else { ("VALIJA TEST5", "0000", 2) };
        // XROAD-7: these five and no time.
        let wanted = json!({
            "seqNo": number, "idCode": record["idCode"], "voterName": name, "kovCode": unit, "electoralDistrictNo": district
        });
        assert_eq!(record, &wanted);
    }

    // What a record has said it says for ever, also when people move, and after a restart.
    let moved =
        [format!("kustutamine\t{}", code(0)), format!("lisamine\t{}\tVALIJA MUU\t0514\t2", code(0)), format!("kustutamine\t{}", code(3))];
    apply(election, key, 1, &moved);
    cast(election, &server, 1);
    cast(election, &server, 2);
    until_listed(&security, 4);
    cast(election, &server, 3); // on no list any more
    cast(election, &server, 4);
    until("all is in the log", || (server.status()["pending"] == 0).then_some(()));
    assert!(server.stop().success());
    let server = start(election, &["--xroad-group", "2", "--xroad-batch", "3"]);
    let security = plain(&server);
    let from = |n: u64| records(list(&security, &format!("/elections/RK_2027/evotingsbatchfrom/{n}")));
    assert_eq!(from(1)[..2], two[..]);
    assert_eq!((from(1).len(), from(2).len(), from(4).len()), (3, 3, 1), "XROAD-10");
    assert_eq!(from(1)[1..], from(2)[..2]);
    assert_eq!(list(&security, "/elections/RK_2027/evotingsbatchfrom/1").ok()["batchMaxSize"], 3);
    assert_eq!(list(&security, "/elections/RK_2027/evotingsbatchfrom/5").status, 404);

    // What is left comes when voting has ended; then the service ends too.
    election.give(&server, OrderKind::Close);
    until_listed(&security, 5);
    assert_eq!(from(5)[0]["idCode"], code(4).as_str());
    let all: BTreeSet<u64> = from(1).iter().chain(&from(4)).map(|r| r["seqNo"].as_u64().unwrap()).collect();
    assert_eq!(all, (1..=5).collect(), "XROAD-8");
    for (path, field) in [("/elections/RK_2023/lastseqno", "electionId"), ("/elections/RK_2023/evotingsbatchfrom/1", "electionId")] {
        let reply = list(&security, path);
        assert_eq!((reply.status, reply.json()), (404, json!([{ "code": "not_found", "field": field }])));
    }
    election.give(&server, OrderKind::Seal);
    assert_eq!(list(&security, "/elections").ok(), json!({ "elections": [] }));
    for path in ["/elections/RK_2027/lastseqno", "/elections/RK_2027/evotingsbatchfrom/1"] {
        let reply = list(&security, path);
        assert_eq!((reply.status, reply.json()["type"].as_str()), (410, Some("XROAD-6")), "{path}");
    }
}

#[test]
fn the_running_list() {
    let (election, key) = election(6, None);
    whole_time(&election, &key);
}

#[test]
fn the_running_list_with_postgresql() {
    let Some(cluster) = Cluster::start("the_running_list_with_postgresql", 1) else { return };
    let (election, key) = election(6, Some(cluster.url()));
    whole_time(&election, &key);
}

/// XROAD-9: neither in the order of the log nor of casting nor of codes. Each would come about by chance once in 479 million times.
#[test]
fn xroad_9_the_order_tells_nothing() {
    const PEOPLE: usize = 12;
    let (election, _) = election(PEOPLE, None);
    let server = start(&election, &["--xroad-group", "12"]);
    election.open_voting(&server);
    let security = plain(&server);
    let mut names: BTreeMap<Hash, String> = BTreeMap::new();
    let order: Vec<usize> = (0..PEOPLE).map(|n| (n * 5 + 3) % PEOPLE).collect();
    for n in &order {
        let voter = Voter::new(&election, &person(*n).code);
        let mut session = voter.login(&server);
        names.insert(session.pseudonym, code(*n));
        voter.cast(&server, &mut session);
    }
    until_listed(&security, PEOPLE as u64);
    let listed: Vec<String> = records(list(&security, "/elections/RK_2027/evotingsbatchfrom/1"))
        .iter()
        .map(|record| record["idCode"].as_str().unwrap().to_owned())
        .collect();
    let log: Vec<String> = election
        .entries()
        .iter()
        .filter_map(|entry| match Entry::from_bytes(entry).unwrap() {
            Entry::Ballot { ballot, .. } => Some(names[&ballot[68..100]].clone()),
            _ => None,
        })
        .collect();
    let casting: Vec<String> = order.iter().map(|n| code(*n)).collect();
    let by_code: Vec<String> = (0..PEOPLE).map(code).collect();
    let all = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    assert!(all(&listed) == all(&log) && all(&listed) == all(&by_code));
    assert!(listed != log && listed != casting && listed != by_code, "{listed:?}");
}

/// XROAD-7: with `--xroad-again` there is a record for each ballot that was cast, as VIS3-EHS 9 has it.
#[test]
fn a_record_for_each_ballot_if_wanted() {
    let (election, _) = election(1, None);
    let server = start(&election, &["--xroad-group", "1", "--xroad-again"]);
    election.open_voting(&server);
    let (security, voter) = (plain(&server), Voter::new(&election, &person(0).code));
    let mut session = voter.login(&server);
    for number in 1..=2 {
        voter.cast(&server, &mut session);
        until_listed(&security, number);
    }
    let both = records(list(&security, "/elections/RK_2027/evotingsbatchfrom/1"));
    assert!(both.len() == 2 && both.iter().all(|record| record["idCode"] == code(0).as_str()));
}
