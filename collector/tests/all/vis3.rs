//! `collector roll vis3`: lists that are applied whole and in order, and what is refused.

mod api;

use crate::support::election::collector;
use crate::support::server::rows;
use crate::support::{Election, Options};
use ballot::encode::{Record, sha256};
use board::changes::ChangeSet;
use board::{OrderKind, Roll};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SigningKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// An election of twelve districts without voters, and who signs its lists.
struct Office {
    election: Election,
    key: KeyPair,
}

struct Said {
    ok: bool,
    text: String,
}

impl Said {
    fn has(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

const DISTRICTS: [&str; 12] =
    ["0000.1", "0000.2", "0000.3", "0000.4", "0000.5", "0000.6", "0000.7", "0000.8", "0000.9", "0000.10", "0000.11", "0000.12"];

impl Office {
    fn new() -> Self {
        let election = Election::new(Options { districts: DISTRICTS.to_vec(), voters: 0, ..Options::default() });
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        fs::write(election.dir.path().join("key.pem"), key.public_key_pem()).unwrap();
        Self { election, key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.election.dir.path().join(name)
    }

    /// A file and its signature.
    fn sign(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::write(path.with_extension("sig"), self.key.sign(content.as_bytes()).unwrap()).unwrap();
        path
    }

    fn list(&self, number: u64, lines: &[&str]) -> PathBuf {
        self.sign(&format!("l{number}.utf"), &list("RK_2027", number, lines))
    }

    fn run(&self, command: &str, args: &[&str]) -> Said {
        let output = collector().args(["roll", "vis3", command, "--data"]).arg(self.election.data()).args(args).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() || output.status.code() == Some(1) || output.status.code() == Some(2), "{text}");
        Said { ok: output.status.success(), text }
    }

    fn hand_in(&self, command: &str, file: &Path, more: &[&str]) -> Said {
        let key = self.path("key.pem");
        let mut args = vec![file.to_str().unwrap(), "--key", key.to_str().unwrap(), "--officer", "Mari Maasikas"];
        args.extend(more);
        self.run(command, &args)
    }

    fn apply(&self, file: &Path) -> Said {
        self.hand_in("apply", file, &[])
    }

    /// Everything that lists change.
    fn state(&self) -> (BTreeMap<String, i64>, Option<Vec<u8>>, String) {
        let roll = fs::read(self.election.data().join("roll.bin")).ok();
        (rows(&self.election.data()), roll, self.run("status", &[]).text)
    }

    fn roll(&self) -> Roll {
        Roll::from_bytes(&fs::read(self.election.data().join("roll.bin")).unwrap()).unwrap()
    }
}

fn list(election: &str, number: u64, lines: &[&str]) -> String {
    let body: String = lines.iter().map(|line| format!("{}\n", line.replace(' ', "\t"))).collect();
    format!("2\n{election}\n{number}\n2027-02-20T22:00:00Z\t2027-02-20T22:00:00Z\n{body}")
}

fn skip(election: &str, number: u64) -> String {
    let url = format!("/ehs-election-voters-changeset?electionCode={election}&changeset={number}");
    format!("election: {election}\nchangeset: {number}\nskip_voter_list: \"{url} 2027-02-23T22:00:00Z\"\n")
}

const FIRST: [&str; 3] = ["lisamine 10000000001 A 0482 3", "lisamine 10000000002 B 0514 7", "lisamine 10000000003 C FOREIGN 7"];

#[test]
fn lists_are_applied_in_order_and_skipped_by_order() {
    let office = Office::new();
    let first = office.list(0, &FIRST);
    assert!(office.apply(&first).has("--election"), "list 0 says which election it is, and so must the operator");
    assert!(office.hand_in("apply", &first, &["--election", "RK_2023"]).has("another election"));
    let dry = office.hand_in("apply", &first, &["--election", "RK_2027", "--dry-run"]);
    assert!(dry.ok && dry.has("added 3") && dry.has("nothing was changed"), "{}", dry.text);
    assert_eq!(rows(&office.election.data())["list"], 0);
    let done = office.hand_in("apply", &first, &["--election", "RK_2027"]);
    assert!(done.ok && done.has("voters 3"), "{}", done.text);
    let (before, known) = (office.state(), office.roll());
    assert!(before.2.contains("district 0000.7 2") && before.2.contains("foreign 1") && before.2.contains("Mari Maasikas"));

    // What is refused changes nothing.
    let good = ["kustutamine 10000000002", "lisamine 10000000002 B 0735 4", "kustutamine 10000000009", "lisamine 10000000004 D 0653 4"];
    let refused = |file: &Path, words: &str| {
        let said = office.apply(file);
        assert!(!said.ok && said.has(words), "{words}: {}", said.text);
        assert!(!said.has("1000000000"), "no personal code in a message: {}", said.text);
        assert_eq!(office.state(), before, "{words}");
    };
    refused(&first, "the next one is 1");
    refused(&office.list(2, &good), "the next one is 1");
    refused(&office.sign("x.utf", &list("RK_2023", 1, &good)), "another election");
    refused(&office.sign("x.utf", &list("RK_2027", 1, &good).replacen('2', "3", 1)), "line 1");
    refused(&office.list(1, &["lisamine 10000000004 D 0653 4", "lisamine 10000000001 A 0482 3"]), "§3.1, line 6");
    refused(&office.list(1, &["lisamine 10000000004 D 0653 13"]), "line 5: the manifest has no district 13");
    let second = office.list(1, &good);
    let signature = fs::read(second.with_extension("sig")).unwrap();
    for spoilt in [Vec::new(), signature[1..].to_vec(), [&signature[..], &[0]].concat(), office.key.sign(b"another file").unwrap()] {
        fs::write(second.with_extension("sig"), spoilt).unwrap();
        refused(&second, "does not verify");
    }
    fs::remove_file(second.with_extension("sig")).unwrap();
    assert!(!office.apply(&second).ok);
    let stranger = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    fs::write(second.with_extension("sig"), stranger.sign(&fs::read(&second).unwrap()).unwrap()).unwrap();
    refused(&second, "does not verify");
    fs::write(second.with_extension("sig"), &signature).unwrap();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    assert!(p384.der_bytes().len() > 65);
    fs::write(office.path("p384.pem"), p384.public_key_pem()).unwrap();
    let other = office.path("p384.pem");
    let args = [second.to_str().unwrap(), "--key", other.to_str().unwrap(), "--officer", "x"];
    assert!(office.run("apply", &args).has("not a public key on P-256"));
    assert!(office.hand_in("apply", &second, &["--election", "RK_2023"]).has("list 0 is of RK_2027"));
    assert_eq!(office.state(), before);

    // The same list, right; it says who is not there, and people keep their pseudonyms.
    let done = office.apply(&second);
    assert!(done.ok && done.has("moved 1") && done.has("added 1") && done.has("not there 1") && done.has("line 7"), "{}", done.text);
    let pseudonyms = |roll: &Roll| roll.lines().iter().map(|line| line.pseudonym).collect::<BTreeSet<_>>();
    assert!(pseudonyms(&office.roll()).is_superset(&pseudonyms(&known)) && office.roll().lines().len() == 4);
    assert!(office.state().2.contains("district 0000.4 2"));

    // A bad list is skipped by an order that is signed and about this list, and only by one.
    let bad = office.list(2, &["lisamine 10000000001 A 0482 3"]);
    assert!(!office.apply(&bad).ok);
    let before = office.state();
    for (content, words) in [
        (skip("RK_2027", 3), "the next one is 2"),
        (skip("RK_2023", 2), "another election"),
        (skip("RK_2027", 2).replace("changeset=2", "changeset=1"), "names another list"),
    ] {
        let said = office.hand_in("skip", &office.sign("x.skip.yaml", &content), &[]);
        assert!(!said.ok && said.has(words), "{words}: {}", said.text);
    }
    let order = office.sign("good.skip.yaml", &skip("RK_2027", 2));
    fs::write(&order, skip("RK_2027", 2).replace('Z', "+00:00")).unwrap();
    assert!(office.hand_in("skip", &order, &[]).has("does not verify"));
    assert_eq!(office.state(), before);
    assert!(office.hand_in("skip", &office.sign("good.skip.yaml", &skip("RK_2027", 2)), &[]).ok);
    assert!(!office.apply(&bad).ok);
    let third = office.list(3, &["kustutamine 10000000001"]);
    assert!(office.apply(&third).ok && office.roll().lines().len() == 3);
    let said = office.state().2;
    assert!(said.contains("list 2 skipped") && said.contains("list 3 applied") && said.contains("voters 3"), "{said}");

    // The file can be made again; a list of one's own does not come in between; a changed row is noticed.
    let roll = office.roll();
    fs::remove_file(office.election.data().join("roll.bin")).unwrap();
    assert!(office.run("write", &[]).ok && office.roll() == roll);
    fs::write(office.path("voters.csv"), "PNOEE-1,0000.1\n").unwrap();
    let csv = collector().args(["roll", "import", "--data"]).arg(office.election.data()).arg(office.path("voters.csv")).output().unwrap();
    assert!(!csv.status.success() && office.roll() == roll);
    let db = rusqlite::Connection::open(office.election.data().join("collector.db")).unwrap();
    db.execute("UPDATE list SET skipped = 0 WHERE number = 2", []).unwrap();
    assert!(office.run("status", &[]).has("E-RECONCILE: the chain of voter lists is broken at list 2"));
    assert!(!office.apply(&office.list(4, &[])).ok);
}

/// Lists go on after the roll was ordered; paper votes annul, and a restoration takes it back.
#[test]
fn lists_and_revocations_while_voting_runs() {
    let office = Office::new();
    assert!(office.hand_in("apply", &office.list(0, &FIRST), &["--election", "RK_2027"]).ok);
    let election = &office.election;
    let server = crate::support::Server::start(election, &[], &[]);
    election.open_voting(&server);
    let fixed = office.roll();
    let said = office.apply(&office.list(1, &["kustutamine 10000000001", "lisamine 10000000004 D 0653 4"]));
    assert!(said.ok && said.has("version 1") && said.has("1 added, 1 removed, 0 moved"), "{}", said.text);
    assert_eq!(office.roll(), fixed, "the roll that was ordered stays; what changes stands beside it");
    let file = election.data().join("changes.bin");
    let set = fs::read(&file).unwrap();
    assert!(office.apply(&office.list(2, &[])).ok && fs::read(&file).unwrap() == set, "until it is ordered it is to be ordered");
    let root = election.replay().rolls().unwrap().change(&ChangeSet::from_bytes(&set).unwrap(), 12).unwrap().tree().root();
    let amend = election.order(OrderKind::Amend, |o| (o.value, o.argument, o.blob) = (1, root, sha256(&set)));
    server.submit_ok("order", &amend.to_bytes(), &set);
    assert!(office.run("write", &[]).has("version 2") && office.run("write", &[]).has("0 added, 0 removed, 0 moved"));

    let out = office.path("list.bin");
    let revoke = |json: &str| {
        fs::write(office.path("revoke.json"), json).unwrap();
        let _ = fs::remove_file(&out);
        office.run("revoke", &[office.path("revoke.json").to_str().unwrap(), "--out", out.to_str().unwrap()])
    };
    let list = |election: &str, kind: &str, persons: &str| format!(r#"{{"election":"{election}","persons":[{persons}],"type":"{kind}"}}"#);
    for (json, words) in [
        (list("RK_2023", "revoke", ""), "another election"),
        (list("RK_2027", "cancel", ""), "VIS3-EHS 5"),
        (list("RK_2027", "revoke", r#""1000000000""#), "person 1: not a personal code"),
        (list("RK_2027", "revoke", r#""10000000002","10000000009""#), "ANN-1: person 2"),
        (list("RK_2027", "revoke", r#""10000000002","10000000002""#), "stands twice"),
        (list("RK_2027", "restore", r#""10000000002""#), "ANN-3: person 1"),
        (list("RK_2027", "revoke", "").replace('}', r#","more":1}"#), "VIS3-EHS 5"),
    ] {
        let said = revoke(&json);
        assert!(!said.ok && said.has(words) && !out.exists(), "{json}: {}", said.text);
    }
    // Whoever is on the roll, or was: the ballot of somebody who was removed can be annulled too.
    assert!(revoke(&list("RK_2027", "revoke", r#""10000000002","10000000001""#)).ok);
    let annulled = fs::read(&out).unwrap();
    let give = |kind, list: &[u8]| {
        let order = election.order(kind, |o| (o.value, o.blob) = (2, sha256(list)));
        server.submit_ok("order", &order.to_bytes(), list);
    };
    give(OrderKind::Annul, &annulled);
    assert!(revoke(&list("RK_2027", "restore", r#""10000000001","10000000002""#)).ok);
    give(OrderKind::Reinstate, &fs::read(&out).unwrap());
    assert!(election.replay().annulled().is_empty());
}

/// Where the parts of a city have districts of the city's number, the districts' file says so.
#[test]
fn districts_of_a_local_election() {
    let election = Election::new(Options { districts: vec!["0784.6", "0796.1"], voters: 0, ..Options::default() });
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    fs::write(election.dir.path().join("key.pem"), key.public_key_pem()).unwrap();
    let office = Office { election, key };
    let lines = ["lisamine 10000000001 A 0524 6", "lisamine 10000000002 B 0796 1"];
    let first = office.sign("l0.utf", &list("KOV_2025", 0, &lines));
    assert!(office.hand_in("apply", &first, &["--election", "KOV_2025"]).has("line 5"));
    let file = |election: &str, more: &str| {
        let json = format!(
            r#"{{"election":"{election}","regions":{{}},"counties":{{}},"districts":{{"0784.6":{{"name":null,"parish":["0524"]}},"0796.1":{{"name":null,"parish":["0796"{more}]}}}}}}"#
        );
        fs::write(office.path("districts.json"), json).unwrap();
        office.path("districts.json").to_str().unwrap().to_owned()
    };
    let apply = |districts: &str| office.hand_in("apply", &first, &["--election", "KOV_2025", "--districts", districts]);
    assert!(apply(&file("KOV_2021", "")).has("another election"));
    assert!(!apply(&file("KOV_2025", "").replace("districts.json", "nowhere.json")).ok);
    assert!(apply(&file("KOV_2025", "")).ok);
    assert!(office.run("status", &["--districts", &file("KOV_2025", "")]).has("district 0784.6 1"));
}

/// The five lists that were made for this, with their signatures: exactly the states that were worked out beside them.
#[test]
fn the_five_synthetic_lists() {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/estonia/synthetic-voterlist");
    if !from.is_dir() {
        println!("SKIPPED: the synthetic voter lists are not beside this checkout (../shared/data/estonia/synthetic-voterlist)");
        return;
    }
    let office = Office::new();
    let expected: serde_json::Value = serde_json::from_slice(&fs::read(from.join("EXPECTED.json")).unwrap()).unwrap();
    let key = from.join("voterlist.pub.pem");
    let mut skipped = 0;
    for number in 0..=4u64 {
        let list = from.join(format!("RK_2019-voters-{number}.utf"));
        let args = [list.to_str().unwrap(), "--key", key.to_str().unwrap(), "--officer", "test", "--election", "RK_2019"];
        let said = office.run("apply", &args);
        let wanted = &expected[number.to_string()];
        let is_bad = wanted["note"].as_str().unwrap().starts_with("BAD");
        assert_eq!(said.ok, !is_bad, "list {number}: {}", said.text);
        if is_bad {
            let order = fs::read_to_string(from.join(format!("RK_2019.voters-{number}.skip.yaml"))).unwrap();
            assert!(office.hand_in("skip", &office.sign("order.skip.yaml", &order), &[]).ok);
            skipped += 1;
        } else {
            assert!(said.has(&format!("{} records", wanted["records"])), "list {number}: {}", said.text);
        }
        let status = office.run("status", &[]).text;
        let line = |words: String| assert!(status.lines().any(|l| l == words), "list {number}: {words}\n{status}");
        line(format!("voters {}", wanted["voters_after"]));
        line(format!("foreign {}", wanted["foreign"]));
        for district in DISTRICTS {
            line(format!("district {district} {}", wanted["by_district"][district]));
        }
        assert_eq!(office.roll().lines().len() as u64, wanted["voters_after"].as_u64().unwrap());
    }
    assert_eq!(skipped, 1);
}
