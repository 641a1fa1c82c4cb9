//! Change sets and what rests on them: V8, and SET-2 of V11. Lists of both kinds: V15.

use super::*;
use made::Changes;

const AMEND: u8 = 14;
const LINE: usize = 35;

/// Failures of one check.
fn of(checks: &[Check], id: &str) -> Vec<(String, String)> {
    failing(checks).into_iter().find(|(other, _)| *other == id).map(|(_, notes)| notes).unwrap_or_default()
}

fn rules(checks: &[Check], id: &str) -> Vec<String> {
    of(checks, id).into_iter().map(|(rule, _)| rule).collect()
}

impl Tampered {
    pub fn amends(&self) -> Vec<usize> {
        (0..self.entries.len()).filter(|index| order(AMEND)(&self.entries[*index])).collect()
    }

    pub fn changes(&self) -> Changes {
        made::changes(&self.manifest.election, &made::voters(&self.manifest.election))
    }

    /// The entry of a pseudonym's ballot with this number.
    fn ballot(&self, voter: &Hash, number: u8) -> usize {
        self.find(BALLOT, |entry| entry[34 + 68..34 + 100] == *voter && entry[34 + 103] == number)
    }

    /// Takes an entry out and puts it before another one.
    pub fn shift(&mut self, from: usize, to: usize) {
        let entry = self.entries.remove(from);
        self.entries.insert(if to > from { to - 1 } else { to }, entry);
    }

    fn place(&self, entry: usize) -> String {
        format!("entry {entry} blob {}", hex::encode(&self.entries[entry][55..87]))
    }
}

#[test]
fn a_version_is_left_out_or_twice() {
    for value in [0, 2] {
        let mut record = Tampered::new();
        let first = record.amends()[0];
        record.entries[first][22] = value;
        // The second one is not judged any more, and without a roll nothing is.
        let checks = record.run();
        assert_eq!(of(&checks, "V8"), [("ROLL-4".to_owned(), record.place(first))]);
        assert!(!checks.iter().any(|check| check.id == "V11" || check.id == "V15"));
    }
    let mut record = Tampered::new();
    let second = record.amends()[1];
    record.entries[second][22] = 1;
    assert_eq!(of(&record.run(), "V8"), [("ROLL-4".to_owned(), record.place(second))]);
}

#[test]
fn a_root_of_another_roll() {
    for amend in 0..2 {
        let mut record = Tampered::new();
        let index = record.amends()[amend];
        record.entries[index][23] ^= 1;
        assert_eq!(of(&record.run(), "V8"), [("ROLL-6".to_owned(), record.place(index))]);
    }
    // An empty change set leaves the root as it was, and nothing else.
    let mut record = Tampered::new();
    let index = record.amends()[1];
    record.change_blob(index, 55, |set| {
        set.truncate(6);
        set[5] = 0;
    });
    assert_eq!(rules(&record.run(), "V8"), ["ROLL-6"]);
    let before = record.entries[record.amends()[0]][23..55].to_vec();
    record.entries[index][23..55].copy_from_slice(&before);
    assert!(!ids(&record.run()).contains(&"V8"));
}

#[test]
fn changes_that_do_not_fit() {
    for (act, district, rule, at) in [
        (1, 1, "ROLL-5", 0), // added, and on the roll
        (2, 0, "ROLL-5", 0), // removed from another district
        (3, 1, "ROLL-5", 0), // moved to where it is
        (3, 4, "ROLL-5", 0), // moved to no district
        (0, 1, "DEC-8", 32),
        (4, 1, "DEC-8", 32),
    ] {
        let mut record = Tampered::new();
        let index = record.amends()[1];
        record.change_blob(index, 55, |set| set[6 + 32..6 + LINE].copy_from_slice(&[act, 0, district]));
        let place = format!("{} @{}", record.place(index), 6 + at);
        assert_eq!(of(&record.run(), "V8"), [(rule.to_owned(), place)], "{act} {district}");
    }
    for act in [2, 3] {
        // A stranger is removed, or moved.
        let mut record = Tampered::new();
        let index = record.amends()[1];
        record.change_blob(index, 55, |set| (set[6], set[6 + 32]) = (set[6] ^ 1, act));
        assert_eq!(rules(&record.run(), "V8"), ["ROLL-5"]);
    }
    let mut record = Tampered::new();
    let index = record.amends()[0];
    record.change_blob(index, 55, |set| set[6..6 + 2 * LINE].rotate_left(LINE));
    let place = format!("{} @{}", record.place(index), 6 + LINE);
    assert_eq!(of(&record.run(), "V8"), [("DEC-9".to_owned(), place)]);
    // The same order once more adds nobody a second time.
    let mut record = Tampered::new();
    let [first, second] = record.amends()[..] else { panic!("two") };
    let again = record.entries[first][55..87].to_vec();
    record.entries[second][55..87].copy_from_slice(&again);
    assert_eq!(rules(&record.run(), "V8"), ["ROLL-5"; 3]);
}

#[test]
fn a_change_set_that_is_not_there_or_not_whole() {
    let mut record = Tampered::new();
    let index = record.amends()[0];
    record.change_blob(index, 55, |set| set.push(0));
    assert_eq!(rules(&record.run(), "V8"), ["DEC-4"]);
    record.entries[index][55] ^= 1;
    assert_eq!(of(&record.run(), "V8"), [("ROLL-5".to_owned(), record.place(index))]);
    // The blob is there and holds something else.
    let record = Tampered::new();
    let (first, second) = (record.amends()[0], record.amends()[1]);
    let path = |index: usize| record.folder.path().join("blob").join(hex::encode(&record.entries[index][55..87]));
    fs::copy(path(first), path(second)).unwrap();
    assert_eq!(rules(&record.run(), "V8"), ["ROLL-5"]);
}

/// A ballot is judged by the roll in force at its entry: neither by an earlier version nor by a later one.
#[test]
fn the_roll_in_force() {
    // The change set comes only after the ballots that rest on it.
    let mut record = Tampered::new();
    let changes = record.changes();
    let last = record.find(&[2, 1], order(5));
    record.shift(record.amends()[0], last);
    let mut wrong = [record.ballot(&changes.newcomer.line.pseudonym, 1), record.ballot(&changes.moved.pseudonym, 2)];
    wrong.sort();
    assert_eq!(of(&record.run(), "V11"), wrong.map(|entry| ("SET-2".to_owned(), format!("entry {entry}"))));
    // It comes before everybody's: then who was removed and moved had cast what they must not.
    let mut record = Tampered::new();
    let batch = record.find(&[4, 1], |_| true);
    record.shift(record.amends()[0], batch);
    let mut wrong = [record.ballot(&changes.removed.pseudonym, 1), record.ballot(&changes.moved.pseudonym, 1)];
    wrong.sort();
    assert_eq!(of(&record.run(), "V11"), wrong.map(|entry| ("SET-2".to_owned(), format!("entry {entry}"))));
}

#[test]
fn amended_in_a_wrong_phase() {
    for to in [1, 12] {
        let mut record = Tampered::new();
        let to = record.find(&[2, 1], order(to));
        let index = record.amends()[1];
        record.shift(index, to);
        let entry = if to < index { to } else { to - 1 };
        let checks = record.run();
        assert_eq!(of(&checks, "V7"), [("PHASE-1".to_owned(), format!("entry {entry}"))]);
        // It is none: nobody was removed by it, and nothing is wrong with the roll.
        assert!(!ids(&checks).contains(&"V8"));
    }
    // Between seal and closing entry, where nothing may stand.
    for kind in [AMEND, 11, 15] {
        let mut record = Tampered::new();
        let closing = record.find(&[7, 1], |_| true);
        let index = (0..record.entries.len()).rfind(|index| order(kind)(&record.entries[*index])).unwrap();
        record.shift(index, closing);
        let entry = closing - 1;
        let found = of(&record.run(), "V7");
        assert_eq!(found, ["PHASE-5", "PHASE-1"].map(|rule| (rule.to_owned(), format!("entry {entry}"))), "{kind}");
    }
}

#[test]
fn reinstated_lists() {
    let reinstate = |record: &Tampered| record.find(&[2, 1], order(15));
    // Somebody who is not annulled.
    let mut record = Tampered::new();
    let index = reinstate(&record);
    let moved = record.changes().moved.pseudonym;
    record.change_blob(index, 55, |list| list[6..].copy_from_slice(&moved));
    let place = format!("{} @6", record.place(index));
    assert_eq!(of(&record.run(), "V15"), [("ANN-3".to_owned(), place)]);
    // Before anybody was.
    let mut record = Tampered::new();
    let annul = record.find(&[2, 1], order(11));
    record.shift(reinstate(&record), annul);
    assert_eq!(rules(&record.run(), "V15"), ["ANN-3"]);
    // A list that breaks a rule changes nothing, so nobody was.
    let mut record = Tampered::new();
    let annul = record.find(&[2, 1], order(11));
    record.entries[annul][22] = 9;
    assert_eq!(rules(&record.run(), "V15"), ["ANN-2", "ANN-3"]);
    // Twice.
    let mut record = Tampered::new();
    let again = record.entries[reinstate(&record)].clone();
    let index = reinstate(&record);
    record.entries.insert(index, again);
    assert_eq!(of(&record.run(), "V15"), [("ANN-3".to_owned(), format!("{} @6", record.place(index + 1)))]);
    // A number of lines that is not there, and a list that is not.
    let mut record = Tampered::new();
    let index = reinstate(&record);
    record.entries[index][22] = 2;
    assert_eq!(of(&record.run(), "V15"), [("ANN-2".to_owned(), record.place(index))]);
    record.entries[index][55] ^= 1;
    assert_eq!(of(&record.run(), "V15"), [("ANN-3".to_owned(), record.place(index))]);
}

#[test]
fn annulled_reinstated_and_annulled_again() {
    let mut record = Tampered::new();
    let (annul, reinstate) = (record.find(&[2, 1], order(11)), record.find(&[2, 1], order(15)));
    let removed = record.changes().removed.pseudonym;
    let mut again = record.entries[annul].clone();
    again[22] = 1;
    record.entries.insert(reinstate + 1, again);
    record.change_blob(reinstate + 1, 55, |list| {
        *list = [&[49, 1, 0, 0, 0, 1][..], &removed, &[2]].concat();
    });
    // Good as a list; and the ballot does not count, which the closing entry does not know.
    let checks = record.run();
    assert!(!ids(&checks).contains(&"V15"));
    assert_eq!(rules(&checks, "V16"), ["SET-4", "SET-5"]);
    // Not while it is annulled.
    record.shift(reinstate + 1, reinstate);
    assert_eq!(rules(&record.run(), "V15"), ["ANN-1"]);
}

/// A list names people of the whole roll at its own entry.
#[test]
fn annulled_before_coming_and_after_leaving() {
    let mut record = Tampered::new();
    let newcomer = record.changes().newcomer.line.pseudonym;
    let annul = record.find(&[2, 1], order(11));
    let mut early = record.entries[annul].clone();
    early[22] = 1;
    let first = record.amends()[0];
    record.entries.insert(first, early);
    record.change_blob(first, 55, |list| *list = [&[49, 1, 0, 0, 0, 1][..], &newcomer, &[1]].concat());
    assert_eq!(of(&record.run(), "V15"), [("ANN-1".to_owned(), format!("{} @6", record.place(first)))]);
    // It has come, and gone again: then it can be annulled.
    let late = record.amends()[1] + 1;
    record.shift(first, late);
    assert!(!ids(&record.run()).contains(&"V15"));
    // What is wrong with a reason is said at its byte.
    record.change_blob(late - 1, 55, |list| list[6 + 32] = 3);
    assert_eq!(of(&record.run(), "V15"), [("DEC-8".to_owned(), format!("{} @38", record.place(late - 1)))]);
}
