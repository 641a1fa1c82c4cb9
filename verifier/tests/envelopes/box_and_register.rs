//! V22, V23 and V24 over the evidence of a small log: what is missing, too much, shared, late, or kept from the register.

use crate::certificates::{Chain, person};
use crate::container::{Cms, MESSAGE_DIGEST};
use crate::der::*;
use crate::made;
use crate::made::board::Board;
use crate::openssl::key;
use crate::stamps::Made;
use crate::status::{Answer, NOON, general};
use base64::Engine as _;
use std::path::PathBuf;
use tempfile::TempDir;
use verifier::bytes::Hash;
use verifier::cache::Cache;
use verifier::checks::{answers, entries, envelopes, log, phases, register};
use verifier::evidence::Evidence;
use verifier::hash::{labelled, sha256};
use verifier::manifest::Manifest;
use verifier::progress::Progress;
use verifier::report::{Check, State};
use verifier::source::Source;

/// Three voters: names of their keys, and their person codes.
const VOTERS: [(&str, &str); 3] = [("leaf", "PNOEE-1"), ("leaf of two", "PNOEE-2"), ("leaf of three", "PNOEE-3")];

fn voter(name: &'static str, code: &str) -> Chain {
    let mut chain = Chain::new("P-256");
    chain.leaf_key = key(name, "P-256");
    (chain.leaf.subject, chain.leaf.key) = (person(code), chain.leaf_key.public.clone());
    chain
}

/// A record's folder and the folders beside it.
struct Town {
    folder: TempDir,
    manifest: Manifest,
    /// Hashes and entries of the ballots, voter by voter.
    ballots: Vec<(Hash, Vec<u8>)>,
}

fn eid(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut manifest: serde_json::Value = serde_json::from_slice(&made::manifest()).unwrap();
    let root = base64::engine::general_purpose::STANDARD.encode(Chain::new("P-256").root.bytes());
    manifest["eid"] = serde_json::json!({
        "profile": "cades-b", "anchors": [root], "ocsp": {"nonce": true, "age": 3600, "clock": 60},
        "stamp": {"anchors": [root], "policies": ["1.2.3.4.1"], "seconds": 600, "clock": 60},
    });
    change(&mut manifest["eid"]);
    serde_json_canonicalizer::to_vec(&manifest).unwrap()
}

fn town(voters: [(&'static str, &str); 3], change: impl FnOnce(&mut serde_json::Value)) -> Town {
    town_after(0, voters, change)
}

/// After so many empty batches.
fn town_after(batches: usize, voters: [(&'static str, &str); 3], change: impl FnOnce(&mut serde_json::Value)) -> Town {
    let file = eid(change);
    let manifest = Manifest::read(&file).unwrap();
    let election = manifest.election;
    let town = TempDir::new().unwrap();
    let put = |path: String, bytes: &[u8]| {
        let path = town.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    put("evidence/roll.csv".to_owned(), b"");
    std::fs::create_dir(town.path().join("register")).unwrap();
    let mut ballots = Vec::new();
    for ((name, code), number) in voters.into_iter().zip(0u8..) {
        let ballot = [&[16, 1][..], &election, &[0; 32], &[0, 0], &[number; 32], &1u32.to_be_bytes(), &[0; 32], b"the rest"].concat();
        let hash = labelled("ballot", &ballot);
        let chain = voter(name, code);
        let mut cms = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]);
        cms.attribute(MESSAGE_DIGEST, &element(OCTETS, &sha256(&ballot)));
        let container = cms.bytes();
        let entry = [&[5, 1][..], &labelled("envelope", &[&[number; 32], container.as_slice()].concat()), &ballot].concat();
        let file = |end: &str| format!("evidence/envelopes/{}.{end}", hex::encode(hash));
        put(file("p7s"), &container);
        put(file("salt"), &[number; 32]);
        put(file("time"), format!("{NOON}\n").as_bytes());
        if manifest.asked.ocsp.is_some() {
            put(file("ocsp"), &Answer::about(chain, container, election).bytes());
        }
        if manifest.asked.stamp.is_some() {
            let stamp = Made::new(&manifest, &entry).bytes();
            put(file("tsr"), &stamp);
            put(format!("register/{number}"), &stamp);
        }
        ballots.push((hash, entry));
    }
    let mut board = Board::new(file, election);
    board.order(4, NOON - 100, 0, [0; 32], [0; 32]);
    (0..batches).for_each(|_| board.batch(NOON - 50, Vec::new()));
    // One batch each, so that their order is that of the voters.
    ballots.iter().for_each(|ballot| board.batch(NOON + 30, vec![ballot.clone()]));
    board.write(&town.path().join("record"));
    Town { folder: town, manifest, ballots }
}

fn honest() -> Town {
    town(VOTERS, |_| ())
}

impl Town {
    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The evidence's file about a voter's ballot.
    fn file(&self, voter: usize, end: &str) -> PathBuf {
        self.path(&format!("evidence/envelopes/{}.{end}", hex::encode(self.ballots[voter].0)))
    }

    fn evidence(&self, folder: &str) -> Evidence {
        Evidence::open(self.path(folder).to_str().unwrap()).unwrap()
    }

    /// V22, V23 and V24, without what was verified before.
    fn checks(&self) -> [Option<Check>; 3] {
        self.checks_with(&Cache::off())
    }

    fn checks_with(&self, cache: &Cache) -> [Option<Check>; 3] {
        let record = self.path("record");
        let source = Source::open(record.to_str().unwrap()).unwrap();
        let checkpoint = std::fs::read(record.join("checkpoint")).unwrap();
        let log = log::check(&source, &self.manifest, &checkpoint, Progress::new(false)).unwrap().log.unwrap();
        let (_, sound) = entries::check(&self.manifest, &log);
        let (_, timeline) = phases::check(&self.manifest, &log, &sound);
        let (evidence, people) = (self.evidence("evidence"), Default::default());
        let input = envelopes::Input {
            source: &source,
            evidence: &evidence,
            manifest: &self.manifest,
            log: &log,
            timeline: &timeline,
            people: &people,
            cache,
        };
        [
            Some(envelopes::check(&input, Progress::new(false)).unwrap()),
            answers::check(&input, Progress::new(false)).unwrap(),
            register::check(&source, &self.evidence("register"), &self.manifest, &log).unwrap(),
        ]
    }

    /// Rules and places of the failures of one of the three, with voters for the names of files.
    fn failures(&self, check: usize) -> Vec<(String, String)> {
        let check = self.checks()[check].clone().unwrap();
        assert_eq!(check.state == State::Failed, !check.failures.is_empty());
        check.failures.iter().map(|note| (note.rule.clone(), self.name(&note.place))).collect()
    }

    fn name(&self, place: &str) -> String {
        let names = self.ballots.iter().map(|(hash, _)| hex::encode(hash)).zip(0..);
        names.fold(place.replace("evidence envelopes/", ""), |place, (hash, voter)| place.replace(&hash, &voter.to_string()))
    }
}

fn one(rule: &str, place: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), place.to_owned())]
}

#[test]
fn an_honest_town() {
    let town = honest();
    for (check, count) in town.checks().into_iter().zip([3, 3, 6]) {
        let check = check.unwrap();
        assert!(check.passed() && check.findings.is_empty(), "{:?}", check.failures);
        assert_eq!(check.count, count, "{}", check.id);
    }
}

/// CACHE-1, CACHE-3: what holds is not verified again; whatever is changed afterwards is found as if nothing had been kept.
#[test]
fn what_was_verified_is_known_and_vouches_for_nothing_else() {
    let town = honest();
    let mut late = Made::new(&town.manifest, &town.ballots[2].1);
    late.time = general(NOON + 661);
    std::fs::write(town.file(2, "tsr"), late.bytes()).unwrap();
    let election = town.manifest.election;
    let folder = town.path("cache");
    let checked = |town: &Town| {
        let cache = Cache::open(&folder, &election).unwrap();
        let said = |checks: [Option<Check>; 3]| checks.map(|c| c.map(|c| format!("{:?}", (c.count, c.failed, c.failures, c.findings))));
        assert_eq!(said(town.checks_with(&cache)), said(town.checks()));
        (cache.work().verified, cache.work().remembered)
    };
    // Three signatures, three answers, two stamps: the late one stays a finding and is not kept.
    assert_eq!(checked(&town), (8, 0));
    assert_eq!(checked(&town), (0, 8));
    let swap = |town: &Town, end: &str| {
        let (a, b) = (std::fs::read(town.file(0, end)).unwrap(), std::fs::read(town.file(1, end)).unwrap());
        std::fs::write(town.file(0, end), b).unwrap();
        std::fs::write(town.file(1, end), a).unwrap();
    };
    for end in ["ocsp", "tsr"] {
        swap(&town, end);
        assert_eq!(checked(&town), (0, 6), "{end} of another ballot");
        assert_eq!(town.failures(1).len(), 2);
        swap(&town, end);
    }
    for (end, later) in [("time", format!("{}\n", NOON + 1)), ("time", format!("{}\n", NOON - 99))] {
        let before = std::fs::read(town.file(0, end)).unwrap();
        std::fs::write(town.file(0, end), later).unwrap();
        assert_eq!(checked(&town).1, 5, "three statements about another time");
        std::fs::write(town.file(0, end), before).unwrap();
    }
    assert_eq!(checked(&town).1, 8);
}

#[test]
fn what_is_not_asked_for_is_not_looked_at_and_must_not_be_there() {
    let town = town(VOTERS, |eid| {
        eid.as_object_mut().unwrap().remove("ocsp");
        eid.as_object_mut().unwrap().remove("stamp");
    });
    let [envelopes, answers, register] = town.checks();
    assert!(envelopes.unwrap().passed() && answers.is_none() && register.is_none());
    std::fs::write(town.file(0, "ocsp"), b"x").unwrap();
    assert_eq!(town.failures(0), one("EVID-2", "0.ocsp"));
}

#[test]
fn missing_empty_and_too_long() {
    for end in ["p7s", "salt", "time", "ocsp", "tsr"] {
        let town = honest();
        std::fs::remove_file(town.file(1, end)).unwrap();
        assert_eq!(town.failures(0), one("EVID-2", &format!("1.{end}")));
    }
    for (end, length) in [("ocsp", 0), ("tsr", 0), ("ocsp", 32_769), ("tsr", 32_769)] {
        let town = honest();
        std::fs::write(town.file(1, end), vec![0x30; length]).unwrap();
        assert_eq!(town.failures(0), one("EVID-2", &format!("1.{end}")));
        assert_eq!(town.failures(1), [], "what is not there is not judged");
    }
    let town = honest();
    std::fs::write(town.file(1, "ocsp"), vec![0x30; 32_768]).unwrap();
    assert_eq!((town.failures(0), town.failures(1)), (vec![], one("OCSP-1", "1.ocsp")));
}

#[test]
fn one_pen_for_two_people() {
    let mut voters = VOTERS;
    voters[2].0 = voters[0].0;
    assert_eq!(town(voters, |_| ()).failures(0), one("EVID-4", "2.p7s"));
    voters[2].1 = voters[0].1;
    assert_eq!(town(voters, |_| ()).failures(0), [], "one person may vote twice");
}

#[test]
fn policies_of_certificates() {
    let with = |policies: &[&str]| town(VOTERS, |eid| eid["policies"] = serde_json::json!(policies)).failures(0);
    let all: Vec<(String, String)> = (0..3).map(|voter| ("ENV-39".to_owned(), format!("{voter}.p7s"))).collect();
    assert_eq!(with(&["1.2.3"]), all);
}

#[test]
fn a_status_and_a_stamp_of_another_ballot() {
    let town = honest();
    let swap = |end: &str| {
        let (a, b) = (std::fs::read(town.file(0, end)).unwrap(), std::fs::read(town.file(1, end)).unwrap());
        std::fs::write(town.file(0, end), b).unwrap();
        std::fs::write(town.file(1, end), a).unwrap();
    };
    swap("ocsp");
    let both = |rule: &str, end: &str| (0..2).map(|voter| (rule.to_owned(), format!("{voter}.{end}"))).collect::<Vec<_>>();
    // Their serial numbers are equal here: only the nonce tells them apart.
    assert_eq!(town.failures(1), both("OCSP-7", "ocsp"));
    swap("tsr");
    let check = town.checks()[1].clone().unwrap();
    assert_eq!((check.failures.len(), check.failed, check.count), (4, 2, 3), "a ballot with two faults is one");
    swap("ocsp");
    assert_eq!(town.failures(1), both("TSP-2", "tsr"));
}

/// Status alone, or stamps alone, are asked for: each is judged without the other.
#[test]
fn one_of_the_two_is_asked_for() {
    for (without, end, rule) in [("stamp", "ocsp", "OCSP-7"), ("ocsp", "tsr", "TSP-2")] {
        let town = town(VOTERS, |eid| drop(eid.as_object_mut().unwrap().remove(without)));
        let [envelopes, answers, _] = town.checks();
        assert!(envelopes.unwrap().passed() && answers.unwrap().count == 3, "{end}");
        std::fs::copy(town.file(1, end), town.file(0, end)).unwrap();
        assert_eq!(town.failures(1), one(rule, &format!("0.{end}")));
    }
    // Both are, and one is not there: the other is judged all the same.
    for (gone, end, rule) in [("tsr", "ocsp", "OCSP-7"), ("ocsp", "tsr", "TSP-2")] {
        let town = honest();
        std::fs::write(town.file(0, gone), b"").unwrap();
        std::fs::copy(town.file(1, end), town.file(0, end)).unwrap();
        assert_eq!((town.failures(0), town.failures(1)), (one("EVID-2", &format!("0.{gone}")), one(rule, &format!("0.{end}"))));
    }
}

/// Ballots are read bundle by bundle: none is left out or read twice where one begins.
#[test]
fn ballots_around_the_border_of_a_bundle() {
    // The first of the three is entry 3 + batches; the second bundle begins with entry 256.
    for batches in 248..=254 {
        let town = town_after(batches, VOTERS, |_| ());
        for (check, count) in town.checks().into_iter().zip([3, 3, 6]) {
            let check = check.unwrap();
            assert!(check.passed() && check.count == count, "{} after {batches}", check.id);
        }
        for voter in 0..3 {
            let other = std::fs::read(town.file((voter + 1) % 3, "ocsp")).unwrap();
            let own = std::fs::read(town.file(voter, "ocsp")).unwrap();
            std::fs::write(town.file(voter, "ocsp"), other).unwrap();
            std::fs::write(town.file(voter, "salt"), [9; 32]).unwrap();
            assert_eq!(town.failures(0), one("EVID-2", &format!("{voter}.p7s")), "after {batches}");
            assert_eq!(town.failures(1), one("OCSP-7", &format!("{voter}.ocsp")), "after {batches}");
            std::fs::write(town.file(voter, "ocsp"), own).unwrap();
            std::fs::write(town.file(voter, "salt"), [voter as u8; 32]).unwrap();
        }
    }
}

/// EVID-3: from the order *open* to the ballot's batch, to the second.
#[test]
fn the_time_of_casting_has_its_bounds() {
    let town = honest();
    let judged = |time: u64| {
        std::fs::write(town.file(1, "time"), format!("{time}\n")).unwrap();
        town.failures(0)
    };
    assert_eq!((judged(NOON - 100), judged(NOON + 30)), (vec![], vec![]));
    assert_eq!((judged(NOON - 101), judged(NOON + 31)), (one("EVID-3", "1.time"), one("EVID-3", "1.time")));
}

#[test]
fn a_late_stamp_is_a_finding() {
    let town = honest();
    let mut late = Made::new(&town.manifest, &town.ballots[2].1);
    late.time = general(NOON + 661);
    std::fs::write(town.file(2, "tsr"), late.bytes()).unwrap();
    let check = town.checks()[1].clone().unwrap();
    assert!(check.passed());
    let found: Vec<_> = check.findings.iter().map(|note| (note.rule.clone(), town.name(&note.place))).collect();
    assert_eq!(found, one("TSP-6", "2.tsr"));
}

#[test]
fn a_container_that_cannot_be_read_has_no_status() {
    let town = honest();
    std::fs::write(town.file(0, "p7s"), b"x").unwrap();
    assert_eq!(town.failures(0), one("EVID-2", "0.p7s"));
    let check = town.checks()[1].clone().unwrap();
    assert!(check.passed() && check.count == 2);
    std::fs::write(town.file(1, "time"), b"noon\n").unwrap();
    assert_eq!(town.checks()[1].clone().unwrap().count, 1);
}

#[test]
fn the_register_and_the_board_hold_the_same() {
    let town = honest();
    std::fs::remove_file(town.path("register/1")).unwrap();
    // Entries 0 manifest, 1 order, then batch and ballot, three times.
    assert_eq!(town.failures(2), one("TSP-14", "entry 5"));
    let dropped = Made::new(&town.manifest, b"a ballot that was taken and dropped").bytes();
    std::fs::write(town.path("register/1"), dropped).unwrap();
    assert_eq!(town.failures(2), [one("TSP-13", "register 1"), one("TSP-14", "entry 5")].concat());
    // Of another collector, or of nobody: not counted.
    let mut other = Made::new(&town.manifest, b"something else");
    other.nonce = element(INTEGER, &[9]);
    std::fs::write(town.path("register/1"), other.bytes()).unwrap();
    assert_eq!(town.failures(2), one("TSP-14", "entry 5"));
    let mut other = Made::new(&town.manifest, &town.ballots[1].1);
    other.nonce = Vec::new();
    std::fs::write(town.path("register/1"), other.bytes()).unwrap();
    assert_eq!(town.failures(2), one("TSP-14", "entry 5"));
}

#[test]
fn files_of_the_register_are_stamps_of_the_party() {
    let town = honest();
    std::fs::write(town.path("register/another"), b"x").unwrap();
    assert_eq!(town.failures(2), one("TSP-12", "register another"));
    std::fs::write(town.path("register/another"), vec![0; 32_769]).unwrap();
    assert_eq!(town.failures(2), one("TSP-12", "register another"));
    let mut unsigned = Made::new(&town.manifest, &town.ballots[1].1);
    unsigned.stamper.signer = key("stranger", "P-384");
    std::fs::write(town.path("register/another"), unsigned.bytes()).unwrap();
    assert_eq!(town.failures(2), one("TSP-12", "register another"));
    // One of those that are there twice is no fault.
    std::fs::copy(town.path("register/0"), town.path("register/another")).unwrap();
    assert_eq!(town.failures(2), []);
}

/// Manifests with the three fields: MAN-2, MAN-3, MAN-14, MAN-16.
#[test]
fn what_the_manifest_asks() {
    let judged = |change: &dyn Fn(&mut serde_json::Value)| {
        let faults = Manifest::read(&eid(change)).err().unwrap_or_default();
        faults.first().map_or("", |fault| fault.rule)
    };
    let set = |path: &str, value: serde_json::Value| judged(&|eid| *eid.pointer_mut(path).unwrap() = value.clone());
    assert_eq!(judged(&|_| ()), "");
    for (path, low, high) in
        [("/ocsp/age", 1, 864_000), ("/ocsp/clock", 10, 600), ("/stamp/clock", 10, 600), ("/stamp/seconds", 10, 86_400)]
    {
        assert_eq!((set(path, low.into()), set(path, high.into())), ("", ""), "{path}");
        assert_eq!((set(path, (low - 1).into()), set(path, (high + 1).into())), ("MAN-3", "MAN-3"), "{path}");
        assert_eq!(set(path, "10".into()), "MAN-2", "{path}");
    }
    assert_eq!(set("/ocsp/nonce", 1.into()), "MAN-2");
    assert_eq!((set("/ocsp", serde_json::Value::Null), set("/stamp", 1.into())), ("MAN-2", "MAN-2"));
    for (object, field) in [("/ocsp", "nonce"), ("/ocsp", "age"), ("/ocsp", "clock"), ("/stamp", "policies"), ("/stamp", "anchors")] {
        let object = |eid: &mut serde_json::Value| eid.pointer_mut(object).unwrap().as_object_mut().unwrap().clone();
        let without = |eid: &mut serde_json::Value| {
            let mut fields = object(eid);
            fields.remove(field);
            fields
        };
        let place = if field == "policies" || field == "anchors" { "stamp" } else { "ocsp" };
        assert_eq!(judged(&|eid| eid[place] = without(eid).into()), "MAN-2", "{field}");
    }
    assert_eq!(judged(&|eid| eid["ocsp"]["more"] = 1.into()), "MAN-2");
    assert_eq!(judged(&|eid| eid["stamp"]["more"] = 1.into()), "MAN-2");
    let many = |count: usize| serde_json::json!((0..count).map(|n| format!("1.2.{n}")).collect::<Vec<_>>());
    for path in ["/policies", "/stamp/policies"] {
        let list = |value: serde_json::Value| {
            judged(&|eid| {
                eid["policies"] = serde_json::json!(["1.2.3"]);
                *eid.pointer_mut(path).unwrap() = value.clone();
            })
        };
        assert_eq!((list(many(1)), list(many(16)), list(many(0)), list(many(17))), ("", "", "MAN-16", "MAN-16"), "{path}");
        assert_eq!(list(serde_json::json!(["1.2.3", "1.2.3"])), "MAN-16", "{path}");
        assert_eq!(list(serde_json::json!(["1.2.03"])), "MAN-16", "{path}");
        assert_eq!((list(serde_json::json!([3])), list("1.2.3".into())), ("MAN-2", "MAN-2"), "{path}");
    }
    assert_eq!(set("/stamp/anchors", serde_json::json!([])), "MAN-14");
    assert_eq!(set("/stamp/anchors", serde_json::json!(["AAAA"])), "MAN-14");
    assert_eq!(
        judged(&|eid| eid["stamp"]["anchors"] = serde_json::json!([eid["stamp"]["anchors"][0], eid["stamp"]["anchors"][0]])),
        "MAN-14"
    );
}
