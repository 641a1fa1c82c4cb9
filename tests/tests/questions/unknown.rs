//! A record in which a needed check fails answers nothing, and says which check it was; checks that are not needed do not matter.

use super::ask::{Record, Said, chain, tracker};
use ballot::Hash;
use board::{Entry, OrderKind};
use e2e::insider::{Insider, Item, town};
use serde_json::json;
use std::fs;

/// All three questions are unknown, for this check.
fn unknown(record: &Record, name: &str, check: &str, rule: &str) {
    let complaint = record.beside("complaint.json");
    fs::write(&complaint, "{}").unwrap();
    let (tracker, pseudonym) = (tracker(&[7; 32]), "0".repeat(64));
    let proof = record.beside("proof.json");
    for (command, args) in
        [("ballot", vec![tracker.as_str()]), ("absence", vec!["--pseudonym", &pseudonym]), ("complaint", vec![complaint.to_str().unwrap()])]
    {
        let mut args = args;
        args.extend(["--proof", proof.to_str().unwrap()]);
        let Said { code, json } = record.ask(command, &args);
        assert_eq!((code, &json["verdict"]), (1, &json!("unknown")), "{name} {command} {json:#}");
        let failed = json["checks"].as_array().unwrap();
        let found = failed.iter().any(|c| c["id"] == check && c["failures"].as_array().unwrap().iter().any(|f| f["rule"] == rule));
        assert!(found, "{name} {command}: no {check} {rule} in {failed:#?}");
        assert!(json["reason"].as_str().unwrap().contains(check) && !proof.exists(), "{name}");
    }
    let text = record.text("ballot", &[&tracker]);
    assert!(text.contains("unknown") && text.contains(rule), "{text}");
}

fn edited(mut i: Insider, at: usize, change: impl FnOnce(&mut Entry)) -> Insider {
    i.edit(at, change);
    i
}

#[test]
fn each_needed_check_that_fails() {
    let seal = |i: &Insider| i.find(|e| matches!(e, Entry::Closing { .. }))[0];
    let mut rows: Vec<(&str, Insider, &str, &str)> = Vec::new();
    let mut i = town::done();
    i.manifest_file = Some(b"{}".to_vec());
    rows.push(("a manifest that is none", i, "V2", "MAN-2"));
    let mut i = town::done();
    i.files.insert("checkpoint".into(), Some(i.checkpoint_of(i.entries.len() as u64, &[9; 32], &[1]).into_bytes()));
    rows.push(("another root", i, "V4", "REC-3"));
    let mut i = town::done();
    i.files.insert("checkpoint".into(), Some(i.checkpoint_of(i.entries.len() as u64, &i.root(), &[]).into_bytes()));
    rows.push(("no witness", i, "V4", "LOG-4"));
    let i = town::done();
    let at = i.orders_of(OrderKind::Close)[0];
    let mut bad = i.clone();
    let last = bad.entries[at].len() - 1;
    bad.entries[at][last] ^= 1;
    rows.push(("a bit of a signature", bad, "V6", "ORD-1"));
    let mut i = town::closed();
    let item = Item::Cast(i.ballot(11, &town::vote(0, 0)).bytes().to_vec());
    i.batch(vec![item]);
    rows.push(("a ballot after the end", i, "V7", "PHASE-4"));
    let i = town::done();
    let mut bad = i.clone();
    bad.blobs.get_mut(&i.blob_of(i.orders_of(OrderKind::Roll)[0])).unwrap()[20] ^= 1;
    rows.push(("another roll", bad, "V8", "ROLL-1"));
    let mut i = town::voted();
    let foreign = i.ballot(77, &town::vote(0, 0)).bytes().to_vec();
    i.batch(vec![Item::Cast(foreign)]);
    rows.push(("a ballot of nobody", i, "V11", "SET-2"));
    let mut i = town::voted();
    let context = ballot::Context { voter: i.voter(11), number: 2, previous: [1; 32] };
    let gap = i.opened_ballot(context, &town::vote(0, 0)).ballot.bytes().to_vec();
    i.batch(vec![Item::Cast(gap)]);
    rows.push(("a gap", i, "V14", "SET-1"));
    let mut i = town::closed();
    i.annul(&[3]);
    rows.push(("annulled twice", i, "V15", "ANN-1"));
    let i = town::sealed();
    let at = seal(&i);
    rows.push((
        "another counted set",
        edited(i, at, |e| {
            if let Entry::Closing { counted, .. } = e {
                counted[0] ^= 1
            }
        }),
        "V16",
        "SET-4",
    ));
    let i = town::sealed();
    let at = seal(&i);
    rows.push((
        "another closing root",
        edited(i, at, |e| {
            if let Entry::Closing { root, .. } = e {
                root[0] ^= 1
            }
        }),
        "V16",
        "SET-5",
    ));
    for (name, i, check, rule) in &rows {
        unknown(&Record::of(i), name, check, rule);
    }
    let mut other = Record::of(&town::done());
    other.id = "0".repeat(64);
    unknown(&other, "another election", "V1", "REC-4");
    let broken = Record::of(&town::done());
    let path = std::path::Path::new(&broken.path()).join("tile/0/000.p").read_dir().unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(path, bytes).unwrap();
    unknown(&broken, "a hash tile", "V4", "REC-2");
}

/// Who counts does not depend on proofs, mixes or openings.
#[test]
fn a_check_that_is_not_needed_does_not_matter() {
    let mut i = town::opened();
    i.first_votes();
    let mut bytes = i.ballot(11, &town::vote(0, 0)).bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    i.batch(vec![Item::Cast(bytes)]);
    i.end();
    i.fix();
    let record = Record::of(&i);
    let hash: Hash = chain(&i, 11)[0];
    let said = record.ask("ballot", &[&hex::encode(hash)]);
    assert_eq!((said.code, said.verdict()), (0, "counted"));
    let check = e2e::process::run("verifier", ["check", &record.path(), "--election-id", &record.id, "--quiet"]).unwrap();
    assert_eq!(check.code, 1, "{}", check.out);
}
