//! Ballots and their proofs: V11 to V13.

use super::*;

#[test]
fn untouched() {
    let record = Tampered::new();
    assert_eq!(failing(&record.run()), []);
}

#[test]
fn a_proof_is_found_exactly() {
    let mut record = Tampered::new();
    let ballots: Vec<usize> = (0..record.entries.len()).filter(|index| record.entries[*index].starts_with(BALLOT)).collect();
    // The last scalar of two ballots: z_c of the last part, which BIT-7 alone uses.
    for index in [ballots[3], ballots[150]] {
        let last = record.entries[index].len() - 32;
        record.entries[index][last] ^= 1;
    }
    let checks = record.run();
    let failed = failing(&checks);
    let (_, notes) = failed.iter().find(|(id, _)| *id == "V12").expect("V12 fails");
    let expected: Vec<(String, String)> = [ballots[3], ballots[150]].map(|index| ("BAL-5".to_owned(), format!("entry {index}"))).to_vec();
    assert_eq!(*notes, expected);
    assert!(!ids(&checks).contains(&"V11"));
}

#[test]
fn places_name_the_byte() {
    // In an entry, in a blob whose author is to blame, in a roll.
    let mut record = Tampered::new();
    let index = record.find(BALLOT, |_| true);
    record.entries[index][PARTS + 32..PARTS + 64].fill(0xff);
    let intent = record.find(&[3, 1], post(8));
    record.change_blob(intent, 6, |intent| intent.push(0));
    let opening = record.find(&[3, 1], post(9));
    record.change_blob(opening, 6, |opening| opening[46..78].fill(0));
    let mix = record.find(&[3, 1], post(7));
    record.change_blob(mix, 6, |mix| mix[48 + 32..48 + 64].fill(0));
    let roll = record.find(&[2, 1], order(1));
    let checks = record.run();
    assert_eq!(failing(&checks)[0], ("V11", vec![("BAL-4".to_owned(), format!("entry {index} @{}", PARTS + 32))]));
    let finding = |id: &str, rule: &str| {
        let check = checks.iter().find(|check| check.id == id).unwrap();
        check.findings.iter().find(|note| note.rule == rule).unwrap_or_else(|| panic!("{id} {:?}", check.findings)).place.clone()
    };
    let at = |entry: usize, byte: usize| format!("entry {entry} blob {} @{byte}", hex::encode(&record.entries[entry][6..38]));
    assert_eq!(finding("V17", "DEC-2"), at(mix, 48 + 32));
    assert_eq!(finding("V18", "DEC-4"), at(intent, record.blob(&record.entries[intent][6..38]).len() - 1));
    record.change_blob(roll, 55, |roll| roll[6 + 34 * 3 + 32] = 9);
    let failed = record.run();
    let blob = hex::encode(&record.entries[roll][55..87]);
    let line = ("ROLL-1".to_owned(), format!("entry {roll} blob {blob} @{}", 6 + 34 * 3));
    assert_eq!(failing(&failed)[0], ("V8", vec![line, ("ROLL-1".to_owned(), format!("entry {roll} blob {blob}"))]));
    assert_eq!(failed[1].failed, 2);
}

#[test]
fn points_that_are_none() {
    let mut record = Tampered::new();
    let index = record.find(BALLOT, |_| true);
    record.entries[index][PARTS..PARTS + 32].fill(0);
    let checks = record.run();
    assert!(failing(&checks).contains(&("V11", vec![("BAL-4".to_owned(), format!("entry {index} @{PARTS}"))])));
}

#[test]
fn a_copied_ballot() {
    let mut record = Tampered::new();
    let from = record.find(BALLOT, |_| true);
    let length = record.entries[from].len();
    let to = from + 1 + record.entries[from + 1..].iter().position(|entry| entry.starts_with(BALLOT) && entry.len() == length).unwrap();
    let parts = record.entries[from][PARTS..].to_vec();
    record.entries[to][PARTS..].copy_from_slice(&parts);
    let checks = record.run();
    let failed = failing(&checks);
    assert!(failed.contains(&("V11", vec![("BAL-6".to_owned(), format!("entry {to}"))])), "{failed:?}");
    assert!(failed.contains(&("V12", vec![("BAL-5".to_owned(), format!("entry {to}"))])), "{failed:?}");
}

#[test]
fn a_stranger_and_a_gap() {
    let mut record = Tampered::new();
    let index = record.find(BALLOT, |_| true);
    record.entries[index][34 + 68] ^= 1; // the pseudonym
    let checks = record.run();
    assert!(ids(&checks).contains(&"V11") && failing(&checks)[0].1[0].0 == "SET-2");
    let mut record = Tampered::new();
    let second = record.find(BALLOT, |entry| entry[34 + 100..34 + 104] == [0, 0, 0, 2]);
    record.entries[second][34 + 103] = 3; // the number
    assert!(ids(&record.run()).contains(&"V14"));
}

#[test]
fn another_seed() {
    let mut record = Tampered::new();
    let index = record.find(&[6, 1], |_| true);
    let last = record.entries[index].len() - 1;
    record.entries[index][last] ^= 1; // an integer of the selection
    assert_eq!(failing(&record.run()), [("V13", vec![("CHAL-1".to_owned(), format!("entry {index}"))])]);
}
