//! What may be asked about people who came, went and moved. Spec: 14-questions, ASK-3, ASK-4.

use super::*;
use ed25519_dalek::Signer as _;
use verifier::asked::{Asked, Sound};
use verifier::questions::absence::{self, Who};
use verifier::questions::{Found, ballot};
use verifier::tracker::Name;

fn asked(folder: &Path, manifest: &Manifest) -> Asked {
    Asked::read(folder.to_str().unwrap(), Some(&manifest.election), Progress::new(false)).unwrap()
}

/// Answer, status of the last ballot, entry of the annulment and reason; and whether there is a proof file.
fn voted(record: &Sound, pseudonym: Hash) -> (&'static str, Option<&'static str>, Option<(u64, u8)>, bool) {
    let Found { verdict, facts, file, .. } = absence::ask(record, &Who::Pseudonym(pseudonym), true).unwrap();
    (verdict, facts.last, facts.annulment.map(|order| (order.entry, order.reason)), file.unwrap().is_ok())
}

/// Each ballot of a pseudonym, in the order of the log.
fn statuses(record: &Sound, pseudonym: Hash) -> Vec<&'static str> {
    let theirs = record.log.ballots.iter().filter(|ballot| ballot.voter == pseudonym);
    theirs.map(|head| ballot::ask(record, &Name::Hash(head.hash), true, true).unwrap().verdict).collect()
}

#[test]
fn people_who_came_went_and_moved() {
    let record = Tampered::new();
    let (changes, closed) = (record.changes(), asked(record.folder.path(), &record.manifest));
    let sound = closed.sound.as_ref().unwrap();
    let (newcomer, removed, moved) = (changes.newcomer.line.pseudonym, changes.removed.pseudonym, changes.moved.pseudonym);
    // Who was removed, before or after, has voted; the annulment was taken back.
    assert_eq!(voted(sound, removed), ("cast", Some("counted"), None, true));
    assert_eq!(voted(sound, newcomer), ("cast", Some("counted"), None, true));
    assert_eq!(statuses(sound, removed), ["counted"]);
    assert_eq!(statuses(sound, moved), ["superseded", "counted"]);
    assert_eq!(voted(sound, [9; 32]), ("not-on-roll", None, None, false));
    let annul = record.find(&[2, 1], order(11)) as u64;
    let struck: Vec<Hash> = sound.voters.as_ref().unwrap().annulled.keys().copied().collect();
    assert_eq!(struck.len(), 2);
    let last: Vec<_> = struck.iter().map(|pseudonym| voted(sound, *pseudonym)).collect();
    assert!(last.contains(&("cast", Some("annulled"), Some((annul, 1)), true)) && last.contains(&("none", None, None, true)));
}

#[test]
fn of_several_annulments_the_last_is_named() {
    let mut record = Tampered::new();
    let reinstate = record.find(&[2, 1], order(15));
    let removed = record.changes().removed.pseudonym;
    record.entries.truncate(reinstate + 1);
    let write = |record: &Tampered| made::board::write_log(record.folder.path(), &record.manifest.election, &record.entries);
    write(&record);
    let found = asked(record.folder.path(), &record.manifest);
    assert_eq!(voted(found.sound.as_ref().unwrap(), removed), ("cast", Some("last-so-far"), None, false));
    // That somebody is not on the roll holds so far.
    let Found { verdict, text, .. } = absence::ask(found.sound.as_ref().unwrap(), &Who::Pseudonym([9; 32]), false).unwrap();
    assert!(verdict == "not-on-roll" && text.contains("people may still be added"), "{text}");
    // The next order annuls once more.
    let blob = [&[49, 1, 0, 0, 0, 1][..], &removed, &[2]].concat();
    fs::write(record.folder.path().join("blob").join(hex::encode(sha256(&blob))), &blob).unwrap();
    let mut entry = record.entries[reinstate][..87].to_vec();
    entry[5] += 1;
    entry[6] = 11;
    entry[55..87].copy_from_slice(&sha256(&blob));
    let signed = [&b"haal/1/order\0"[..], &record.manifest.election, &entry].concat();
    let signature = made::board::signer("member2").sign(&signed).to_bytes();
    record.entries.push([entry, vec![1, 2], signature.to_vec()].concat());
    write(&record);
    let found = asked(record.folder.path(), &record.manifest);
    let last = ("cast", Some("annulled-so-far"), Some((reinstate as u64 + 1, 2)), false);
    assert_eq!(voted(found.sound.as_ref().unwrap(), removed), last);
    assert_eq!(statuses(found.sound.as_ref().unwrap(), removed), ["annulled-so-far"]);
}

/// Nothing is said of a record whose ballots do not fit the roll in force, or whose rolls are wrong.
#[test]
fn no_answer_without_the_rolls() {
    let failed = |record: &Tampered| -> Vec<(&'static str, String)> {
        made::board::write_log(record.folder.path(), &record.manifest.election, &record.entries);
        let asked = asked(record.folder.path(), &record.manifest);
        assert!(asked.sound.is_none());
        asked.failed.iter().map(|check| (check.id, check.failures[0].rule.clone())).collect()
    };
    let mut record = Tampered::new();
    let last = record.find(&[2, 1], order(5));
    record.shift(record.amends()[0], last);
    assert_eq!(failed(&record), [("V11", "SET-2".to_owned())]);
    // Without its blob a change set is none, and V5 is not asked.
    let record = Tampered::new();
    let name = hex::encode(&record.entries[record.amends()[0]][55..87]);
    fs::remove_file(record.folder.path().join("blob").join(name)).unwrap();
    assert_eq!(failed(&record), [("V8", "ROLL-5".to_owned())]);
}
