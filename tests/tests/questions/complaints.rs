//! ASK-5 to ASK-10 with complaint files made here by the words of 14, and with one of the voter's program.

use super::ask::{Record, Said, chain, run};
use ballot::Hash;
use ballot::encode::hash;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use board::promise::Promise;
use board::{Entry, tree};
use e2e::insider::{Insider, Item, town};
use e2e::lab;
use e2e::web::Static;
use serde_json::{Value, json};

/// A complaint about a ballot's bytes, due at a time. The insider's envelopes hash the ballot itself: its first 32 bytes are the salt.
fn complaint(i: &Insider, ballot: &[u8], deadline: u64) -> Value {
    let name = i.hash_of(&Item::Cast(ballot.to_vec()));
    let promise = Promise::new(i.id(), name, deadline, &lab::signing_key("collector"));
    json!({
        "haal": 1, "kind": "complaint", "election": hex::encode(i.id()), "ballot_hash": hex::encode(name), "deadline": deadline,
        "promise": BASE64_STANDARD.encode(ballot::encode::Record::to_bytes(&promise)), "ballot": BASE64_STANDARD.encode(ballot),
        "salt": hex::encode(&ballot[..32]), "container": BASE64_STANDARD.encode(&ballot[32..]), "checkpoint": null, "receipt": null,
    })
}

fn ask(record: &Record, complaint: &Value, more: &[&str]) -> Said {
    let path = record.beside("complaint.json");
    std::fs::write(&path, serde_json::to_vec_pretty(complaint).unwrap()).unwrap();
    let mut args = vec![path.to_str().unwrap()];
    args.extend(more);
    record.ask("complaint", &args)
}

/// The answer, and what `verifier proof` makes of the proof file.
fn convicted(record: &Record, complaint: &Value) -> (Said, Said) {
    let path = record.beside("complaint.json");
    std::fs::write(&path, serde_json::to_vec_pretty(complaint).unwrap()).unwrap();
    let (said, _, proof) = record.ask_proof("complaint", &[path.to_str().unwrap()]);
    (said, proof)
}

fn expect(said: &Said, code: i32, rule: &str, at_fault: Value) {
    let verdict = match code {
        0 => "not-founded",
        3 => "undecided",
        _ => "founded",
    };
    let found = (said.code, said.verdict(), &said.json["rule"], &said.json["at_fault"]);
    assert_eq!(found, (code, verdict, &json!(rule), &at_fault), "{said:?}");
}

/// Entry and bytes of a ballot.
fn ballot_at(i: &Insider, name: &Hash) -> (usize, Vec<u8>) {
    let fits = |e: &Entry| matches!(e, Entry::Ballot { ballot, .. } if i.hash_of(&Item::Cast(ballot.clone())) == *name);
    let at = i.find(fits)[0];
    let Entry::Ballot { ballot, .. } = i.entry(at) else { panic!() };
    (at, ballot)
}

fn batch_time(i: &Insider, entry: usize) -> u64 {
    (0..entry).rev().find_map(|b| if let Entry::Batch { time, .. } = i.entry(b) { Some(time) } else { None }).unwrap()
}

/// A ballot that voter 11 made and that is not in the log.
fn withheld(i: &Insider) -> Vec<u8> {
    i.clone().ballot(11, &town::vote(0, 0)).bytes().to_vec()
}

#[test]
fn published_in_time_late_or_not_at_all() {
    let i = town::done();
    let record = Record::of(&i);
    let (at, bytes) = ballot_at(&i, &chain(&i, 4)[0]);
    let time = batch_time(&i, at);
    for (deadline, code, rule, at_fault) in
        [(time + 9, 0, "ASK-7", "nobody"), (time, 0, "ASK-7", "nobody"), (time - 1, 4, "ASK-8", "collector"), (0, 4, "ASK-8", "collector")]
    {
        let (said, proof) = convicted(&record, &complaint(&i, &bytes, deadline));
        expect(&said, code, rule, json!(at_fault));
        assert_eq!((&said.json["entry"], &said.json["batch_time"]), (&json!(at), &json!(time)));
        assert_eq!((&proof.json["kind"], &proof.json["status"]), (&json!("inclusion"), &json!("in-the-log")));
    }
    // The insider's witness signs with the time of the last order.
    let bytes = withheld(&i);
    for (deadline, code, rule, at_fault) in
        [(i.clock - 1, 4, "ASK-9", json!("collector")), (i.clock, 3, "ASK-10", json!(null)), (i.clock + 1, 3, "ASK-10", json!(null))]
    {
        let said = ask(&record, &complaint(&i, &bytes, deadline), &[]);
        expect(&said, code, rule, at_fault);
        assert_eq!(said.json["time"], json!(i.clock));
    }
    let path = record.beside("none.json");
    let said = ask(&record, &complaint(&i, &bytes, 1), &["--proof", path.to_str().unwrap()]);
    assert!(said.code == 4 && said.json["proof"].is_null() && !path.exists());
}

#[test]
fn an_election_that_goes_on_and_one_that_has_not_begun() {
    for i in [town::voted(), town::opened(), town::new()] {
        let record = Record::of(&i);
        let town = town::opened();
        let bytes = withheld(&town);
        expect(&ask(&record, &complaint(&town, &bytes, i.clock - 1), &[]), 4, "ASK-9", json!("collector"));
        expect(&ask(&record, &complaint(&town, &bytes, i.clock), &[]), 3, "ASK-10", json!(null));
    }
}

#[test]
fn a_complaint_that_is_wrong() {
    let i = town::done();
    let record = Record::of(&i);
    let (_, bytes) = ballot_at(&i, &chain(&i, 4)[0]);
    let good = complaint(&i, &bytes, 5);
    expect(&ask(&record, &good, &[]), 4, "ASK-8", json!("collector"));
    let forged = Promise::new(i.id(), hash("ballot", &[&bytes]), 5, &lab::signing_key("witness-1"));
    let forged = BASE64_STANDARD.encode(ballot::encode::Record::to_bytes(&forged));
    for (field, value) in [
        ("election", json!("0".repeat(64))),
        ("ballot_hash", json!("0".repeat(64))),
        ("deadline", json!(4)),
        ("deadline", json!("5")),
        ("deadline", json!(5.0)),
        ("promise", json!(forged)),
        ("promise", json!("")),
        ("ballot", json!("AAAA")),
        ("salt", json!("00")),
        ("kind", json!("proof")),
        ("haal", json!(2)),
        ("more", json!(null)),
        ("receipt", json!({})),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        let said = ask(&record, &bad, &[]);
        expect(&said, 0, "ASK-5", json!("complainer"));
    }
    for field in good.as_object().unwrap().keys() {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(field);
        expect(&ask(&record, &bad, &[]), 0, "ASK-5", json!("complainer"));
    }
    let path = record.beside("long.json");
    std::fs::write(&path, vec![b' '; (4 << 20) + 1]).unwrap();
    let said = record.ask("complaint", &[path.to_str().unwrap()]);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
    let said = record.ask("complaint", &["/no/such/file"]);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
    // Without the election id nothing is decided.
    let said = run(&["complaint", &record.path(), record.beside("complaint.json").to_str().unwrap()]);
    assert_eq!(said.code, 3);
}

/// The log as another voter was shown it: one entry is another.
fn other(i: &Insider, at: usize, entry: Vec<u8>, size: usize) -> (String, Vec<Vec<u8>>) {
    let mut entries = i.entries[..size].to_vec();
    entries[at] = entry;
    (i.checkpoint_of(size as u64, &tree::root_of(&entries), &[1]), entries)
}

#[test]
fn two_logs() {
    let i = town::done();
    let record = Record::of(&i);
    let (at, _) = ballot_at(&i, &chain(&i, 4)[0]);
    let bytes = withheld(&i);
    let size = i.entries.len();
    let wanted = [&[5, 1], hash("envelope", &[&bytes]).as_slice(), &bytes].concat();
    for seen in [size, size - 1, at + 1] {
        let (checkpoint, entries) = other(&i, at, wanted.clone(), seen);
        let kind = if seen == size { "fork" } else { "rewritten" };
        // As the last checkpoint that was seen.
        let mut file = complaint(&i, &bytes, i.clock + 9);
        file["checkpoint"] = json!(checkpoint);
        let (said, proof) = convicted(&record, &file);
        expect(&said, 4, "ASK-6", json!("collector"));
        assert_eq!((&proof.json["kind"], &proof.json["witnesses"]), (&json!(kind), &json!(["witness-1"])));
        // As a receipt's.
        let path = tree::Tree::from_leaves(entries.iter().map(|e| tree::leaf_hash(e))).inclusion(at as u64, seen as u64).unwrap();
        let path: Vec<String> = path.iter().map(hex::encode).collect();
        file["checkpoint"] = json!(null);
        file["receipt"] = json!({"index": at, "path": path, "checkpoint": checkpoint});
        let (said, proof) = convicted(&record, &file);
        expect(&said, 4, "ASK-6", json!("collector"));
        assert_eq!(proof.json["kind"], kind);
    }
    // A receipt of a log that is longer than the record: the leaf convicts.
    let longer = {
        let mut longer = i.clone();
        longer.push_bytes(vec![4, 1]);
        longer
    };
    let (checkpoint, entries) = other(&longer, at, wanted, size + 1);
    let path = tree::Tree::from_leaves(entries.iter().map(|e| tree::leaf_hash(e))).inclusion(at as u64, size as u64 + 1).unwrap();
    let path: Vec<String> = path.iter().map(hex::encode).collect();
    let mut file = complaint(&i, &bytes, i.clock + 9);
    file["receipt"] = json!({"index": at, "path": path, "checkpoint": checkpoint});
    let (said, proof) = convicted(&record, &file);
    expect(&said, 4, "ASK-6", json!("collector"));
    assert_eq!(proof.json["kind"], "fork");
    // The same behind a file server.
    let base = Static::serve(record.path().as_ref()).url;
    let there = record.ask_at(&base, "complaint", &[record.beside("complaint.json").to_str().unwrap()]);
    expect(&there, 4, "ASK-6", json!("collector"));
    // Without container nobody can say that the leaf is the ballot's.
    file["container"] = json!(null);
    let said = ask(&record, &file, &[]);
    expect(&said, 3, "ASK-10", json!(null));
    assert_eq!(said.json["notes"].as_array().unwrap().len(), 2);
    // A larger checkpoint alone says nothing yet, and one that nobody signed says nothing at all.
    file["receipt"] = json!(null);
    for text in [checkpoint, other(&i, at, vec![0], size).0.replace("\u{2014} collector ", "\u{2014} collecter ")] {
        file["checkpoint"] = json!(text);
        let said = ask(&record, &file, &[]);
        expect(&said, 3, "ASK-10", json!(null));
        assert_eq!(said.json["notes"].as_array().unwrap().len(), 1);
    }
    // Lines that mean nothing do not save the collector, unless the text is longer than a checkpoint may be (LOG-6).
    let (fork, _) = other(&i, at, vec![0], size);
    for (lines, code, rule) in [(1000, 4, "ASK-6"), (60_000, 3, "ASK-10")] {
        file["checkpoint"] = json!(fork.clone() + &"\u{2014} stranger AAAAAAAA\n".repeat(lines));
        assert_eq!(file["checkpoint"].as_str().unwrap().len() > 1 << 20, code == 3);
        let said = ask(&record, &file, &[]);
        assert_eq!((said.code, &said.json["rule"]), (code, &json!(rule)));
    }
    // An honest older checkpoint is no fork.
    file["checkpoint"] = json!(i.checkpoint_of(at as u64, &tree::root_of(&i.entries[..at]), &[]));
    expect(&ask(&record, &file, &[]), 3, "ASK-10", json!(null));
}

/// A challenged ballot is promised too; what the file has of it is its ballot.
#[test]
fn a_challenged_ballot() {
    let i = town::done();
    let record = Record::of(&i);
    let at = i.find(|e| matches!(e, Entry::Challenged { .. }))[0];
    let Entry::Challenged { opened } = i.entry(at) else { panic!() };
    let length = i.manifest.ballot_len(board::replay::ballot_district(&opened).unwrap());
    let mut file = complaint(&i, &opened[..length], batch_time(&i, at));
    (file["container"], file["salt"]) = (json!(null), json!(null));
    let (said, proof) = convicted(&record, &file);
    expect(&said, 0, "ASK-7", json!("nobody"));
    assert_eq!(proof.json["status"], "challenged");
}
