//! ASK-1 to ASK-3: every status, by tracker and by hash, before and after the closing entry.

use super::ask::{Record, chain, run, tracker};
use ballot::Hash;
use board::Entry;
use e2e::insider::{Insider, Item, town};
use e2e::web::Static;
use serde_json::{Value, json};

/// Hash of the town's one challenged ballot.
fn challenged(i: &Insider) -> Hash {
    let at = i.find(|e| matches!(e, Entry::Challenged { .. }))[0];
    let Entry::Challenged { opened } = i.entry(at) else { panic!() };
    i.hash_of(&Item::Opened(opened))
}

fn one(record: &Record, hash: &Hash, more: &[&str]) -> (i32, Value) {
    let mut args = vec![hex::encode(hash)];
    args.extend(more.iter().map(|s| (*s).to_owned()));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let said = record.ask("ballot", &args);
    let by_tracker = record.ask("ballot", &[tracker(hash).to_uppercase().as_str()]);
    assert_eq!((by_tracker.code, by_tracker.verdict()), (said.code, said.verdict()));
    let ballot = said.json["ballots"][0].clone();
    assert_eq!((&ballot["hash"], &ballot["tracker"]), (&json!(hex::encode(hash)), &json!(tracker(hash))));
    assert_eq!(ballot["status"], said.verdict());
    (said.code, ballot)
}

#[test]
fn every_status_of_a_finished_record() {
    let i = town::done();
    let record = Record::of(&i);
    let annul = i.orders_of(board::OrderKind::Annul)[0];
    let statuses = [
        (chain(&i, 0)[0], "superseded", json!(1), json!(null)),
        (chain(&i, 0)[1], "counted", json!(null), json!(null)),
        (chain(&i, 1)[0], "superseded", json!(2), json!(null)),
        (chain(&i, 1)[1], "superseded", json!(1), json!(null)),
        (chain(&i, 1)[2], "counted", json!(null), json!(null)),
        (chain(&i, 3)[0], "annulled", json!(null), json!({"entry": annul, "reason": 1})),
        (challenged(&i), "challenged", json!(null), json!(null)),
    ];
    for (hash, status, later, annulment) in statuses {
        let (code, ballot) = one(&record, &hash, &[]);
        assert_eq!((code, &ballot["status"]), (0, &json!(status)));
        assert_eq!((&ballot["later"], &ballot["annulment"], &ballot["later_trackers"]), (&later, &annulment, &json!(null)), "{status}");
        assert_eq!(ballot["number"].is_null(), status == "challenged");
        // Where it stands: the entry is the one with this hash, in the batch before it.
        let at = ballot["entry"].as_u64().unwrap() as usize;
        let here = match i.entry(at) {
            Entry::Ballot { ballot, .. } => i.hash_of(&Item::Cast(ballot)),
            Entry::Challenged { opened } => i.hash_of(&Item::Opened(opened)),
            _ => panic!("no ballot"),
        };
        assert_eq!(here, hash);
        let batch = (0..at).rev().find_map(|b| if let Entry::Batch { time, count } = i.entry(b) { Some((time, count)) } else { None });
        assert_eq!(batch.map(|(time, count)| json!({"time": time, "count": count})), Some(ballot["batch"].clone()));
    }
}

#[test]
fn later_trackers_only_if_asked_for() {
    let i = town::done();
    let record = Record::of(&i);
    let all = chain(&i, 1);
    let text = record.text("ballot", &[&tracker(&all[0])]);
    assert!(text.contains("superseded by ballot 2 of this voter; 2 came after this one"), "{text}");
    assert!(!text.contains(&tracker(&all[1])) && !text.contains(&hex::encode(all[2])), "{text}");
    let (_, ballot) = one(&record, &all[0], &["--trackers"]);
    assert_eq!(ballot["later_trackers"], json!([tracker(&all[1]), tracker(&all[2])]));
}

#[test]
fn before_the_closing_entry_it_is_so_far() {
    for i in [town::closed(), town::voted()] {
        let record = Record::of(&i);
        let annulled = !i.annulled.is_empty();
        for (hash, status, code) in [
            (chain(&i, 0)[1], "last-so-far", 3),
            (chain(&i, 0)[0], "superseded", 0),
            (chain(&i, 3)[0], if annulled { "annulled-so-far" } else { "last-so-far" }, 3),
            (challenged(&i), "challenged", 0),
        ] {
            let (found, ballot) = one(&record, &hash, &[]);
            assert_eq!((found, &ballot["status"]), (code, &json!(status)));
        }
    }
}

#[test]
fn a_ballot_that_is_not_there() {
    for i in [town::done(), town::opened()] {
        let record = Record::of(&i);
        let said = record.ask("ballot", &[&tracker(&[7; 32])]);
        assert_eq!((said.code, said.verdict(), &said.json["ballots"]), (4, "absent", &json!([])));
        let path = record.beside("proof.json");
        let said = record.ask("ballot", &[&hex::encode([7; 32]), "--proof", path.to_str().unwrap()]);
        assert_eq!((said.code, &said.json["proof"], path.exists()), (4, &json!(null), false));
    }
}

#[test]
fn without_the_election_id_it_is_about_some_election() {
    let i = town::done();
    let record = Record::of(&i);
    for hash in [chain(&i, 0)[1], [7; 32]] {
        let said = run(&["ballot", &record.path(), &hex::encode(hash)]);
        assert_eq!((said.code, &said.json["anchored"]), (3, &json!(false)));
    }
}

#[test]
fn before_the_roll_nothing_is_known() {
    let record = Record::of(&town::new());
    let said = record.ask("ballot", &[&tracker(&[7; 32])]);
    assert_eq!((said.code, said.verdict()), (3, "unknown"));
    assert!(said.json["reason"].as_str().unwrap().contains("roll"));
}

#[test]
fn a_plain_file_server_gives_the_same_answers() {
    let i = town::done();
    let record = Record::of(&i);
    let base = Static::serve(record.path().as_ref()).url;
    for hash in [chain(&i, 1)[2], chain(&i, 1)[0], [7; 32]] {
        let here = record.ask("ballot", &[&hex::encode(hash)]);
        let there = record.ask_at(&base, "ballot", &[&hex::encode(hash), "--quiet"]);
        assert_eq!((here.code, &here.json), (there.code, &there.json));
    }
    let name = hex::encode(i.voter(11));
    let path = record.beside("proof.json");
    let args = ["--pseudonym", name.as_str(), "--proof", path.to_str().unwrap()];
    let there = record.ask_at(&base, "absence", &args);
    assert_eq!((there.code, there.verdict()), (0, "none"));
    assert_eq!(record.proof(&path).code, 0);
}

#[test]
fn a_server_that_is_not_there() {
    let said = run(&["ballot", "http://127.0.0.1:1/board", &tracker(&[7; 32])]);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
    let said = run(&["absence", "/no/such/folder", "--pseudonym", &hex::encode([7; 32])]);
    assert_eq!((said.code, said.verdict()), (2, "unreadable"));
}
