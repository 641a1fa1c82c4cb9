//! A whole record, tampered with behind the backs of its signers: for each check something that only it may see.
//!
//! The record is a small one that these tests make from the pages (`made`); the tests of the whole system change records
//! that the real programs wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod made;

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use verifier::bytes::Hash;
use verifier::cache::Cache;
use verifier::checks::{annulments, ballots, ceremony, chains, closing, drills, intents, mixes, openings, phases, result, roll};
use verifier::counted;
use verifier::hash::sha256;
use verifier::log::Log;
use verifier::manifest::Manifest;
use verifier::progress::Progress;
use verifier::report::{Check, Report, State, Verdict};
use verifier::run::{self, Options};
use verifier::source::Source;
use verifier::tiles;
use verifier::units::UnitMap;
use verifier::weights::Entropy;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// A copy of the record whose entries and blobs a test may change.
struct Tampered {
    folder: TempDir,
    manifest: Manifest,
    entries: Vec<Vec<u8>>,
    /// Entries of the record as it was.
    size: u64,
}

impl Tampered {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        copy(made::record(), folder.path());
        let manifest = Manifest::read(&fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
        let checkpoint = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
        let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
        let mut entries = Vec::new();
        for (index, width) in tiles::of_level(size, 0) {
            let bytes = fs::read(folder.path().join(tiles::bundle(index, width))).unwrap();
            entries.extend(tiles::entries(&bytes, width).unwrap().into_iter().map(<[u8]>::to_vec));
        }
        Self { folder, manifest, entries, size }
    }

    /// The first entry, from some place on, that begins like this.
    fn find(&self, head: &[u8], which: impl Fn(&[u8]) -> bool) -> usize {
        self.entries.iter().position(|entry| entry.starts_with(head) && which(entry)).expect("such an entry")
    }

    fn blob(&self, name: &[u8]) -> Vec<u8> {
        fs::read(self.folder.path().join("blob").join(hex::encode(name))).unwrap_or_else(|_| vec![0])
    }

    /// Changes the blob that an entry names, and its name in the entry.
    fn change_blob(&mut self, entry: usize, at: usize, change: impl FnOnce(&mut Vec<u8>)) {
        let mut blob = self.blob(&self.entries[entry][at..at + 32]);
        change(&mut blob);
        let name = sha256(&blob);
        fs::write(self.folder.path().join("blob").join(hex::encode(name)), blob).unwrap();
        self.entries[entry][at..at + 32].copy_from_slice(&name);
    }

    fn write(&self) {
        for (index, width) in tiles::of_level(self.entries.len() as u64, 0) {
            let from = (index * 256) as usize;
            let mut bytes = Vec::new();
            for entry in &self.entries[from..from + width as usize] {
                bytes.extend((entry.len() as u16).to_be_bytes());
                bytes.extend(entry);
            }
            fs::write(self.folder.path().join(tiles::bundle(index, width)), bytes).unwrap();
        }
    }

    /// Runs V7 to V20 as if every signature were good, and each whatever the others say.
    fn run(&self) -> Vec<Check> {
        self.write();
        let (manifest, progress, entropy) = (&self.manifest, Progress::new(false), Entropy::fresh().unwrap());
        let source = Source::folder(self.folder.path().to_str().unwrap()).unwrap();
        let log = Log::read(&source, manifest, self.entries.len() as u64, progress, &mut Vec::new()).unwrap().unwrap();
        let sound = vec![true; self.entries.len()];
        let (v7, timeline) = phases::check(manifest, &log, &sound);
        let (v8, roll) = roll::check(&source, manifest, &timeline.rolls);
        let found = ceremony::check(&source, manifest, &log, &sound, &timeline, &entropy);
        let v10 = drills::check(&source, manifest, &log, &sound, &timeline, &found.confirmed, &entropy);
        let mut checks = vec![v7, v8, found.check, v10];
        let (Some(roll), Some(key)) = (roll, found.key) else { return checks };
        let v14 = chains::check(&log);
        let (v15, annulled) = annulments::check(&source, &roll, &timeline.annulments);
        let set = counted::counted_set(manifest, &log.ballots, &roll, &annulled);
        let units = UnitMap::new(manifest, counted::units(manifest, &set.by_district));
        let pass = ballots::Pass {
            source: &source,
            manifest,
            log: &log,
            roll: &roll,
            key: &key,
            statuses: &set.statuses,
            units: &units,
            entropy: &entropy,
            cache: &Cache::off(),
            counting: true,
        };
        let found = ballots::check(&pass, progress).unwrap();
        checks.extend(found.checks);
        checks.extend([v14, v15]);
        let (Some(closing), Some(result)) = (timeline.closing, timeline.result) else { return checks };
        checks.push(closing::check(&set, closing));
        // The closed checkpoint and the counted set are those that the closing entry had before anybody changed a byte.
        let original = self.original();
        let input = mixes::Input {
            source: &source,
            manifest,
            log: &log,
            sound: &sound,
            key: &key,
            counted: &original.0,
            finished: true,
            entropy: &entropy,
            cache: &Cache::off(),
        };
        let (v17, prepared) = mixes::check(&input, &units, found.rows, progress);
        let (v18, right) = intents::check(&input, &prepared, original.1);
        let (v19, chosen) = openings::check(&input, &prepared, &right, original.1, progress);
        checks.extend([v17, v18, v19]);
        if checks.last().unwrap().passed() {
            checks.push(result::check(&input, prepared, &chosen, result, progress));
        }
        checks
    }

    /// Counted-set hash and closed checkpoint of the record as it was.
    fn original(&self) -> (Hash, (u64, Hash)) {
        let source = Source::folder(made::record().to_str().unwrap()).unwrap();
        let log = Log::read(&source, &self.manifest, self.size, Progress::new(false), &mut Vec::new()).unwrap().unwrap();
        let sound = vec![true; log.items.len()];
        let (_, timeline) = phases::check(&self.manifest, &log, &sound);
        (timeline.closing.unwrap().1, log.closed.unwrap())
    }
}

/// What a test changes, and the checks that must fail; others may fail too only if they are named.
fn failing(checks: &[Check]) -> Vec<(&'static str, Vec<(String, String)>)> {
    let notes = |check: &Check| check.failures.iter().map(|note| (note.rule.clone(), note.place.clone())).collect();
    checks.iter().filter(|check| check.state == State::Failed).map(|check| (check.id, notes(check))).collect()
}

fn ids(checks: &[Check]) -> Vec<&'static str> {
    failing(checks).iter().map(|(id, _)| *id).collect()
}

const BALLOT: &[u8] = &[5, 1];
/// Bytes of a ballot entry before the parts.
const PARTS: usize = 34 + 136;

fn post(kind: u8) -> impl Fn(&[u8]) -> bool {
    move |entry| entry[0] == 3 && entry[5] == kind
}

fn order(kind: u8) -> impl Fn(&[u8]) -> bool {
    move |entry| entry[0] == 2 && entry[6] == kind
}

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

#[test]
fn roll_ceremony_and_drills() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(1));
    record.change_blob(index, 55, |roll| roll[10] ^= 1);
    assert!(ids(&record.run()).contains(&"V8"));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(2));
    record.change_blob(index, 6, |reveal| *reveal.last_mut().unwrap() ^= 1);
    let checks = record.run();
    assert!(ids(&checks).contains(&"V9"), "{:?}", failing(&checks));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(6));
    record.change_blob(index, 6, |answer| answer[40..72].copy_from_slice(&verifier::group::encode(&verifier::group::G)));
    let checks = record.run();
    assert!(failing(&checks).iter().any(|(id, notes)| *id == "V10" && notes[0].0 == "PHASE-2"));
    assert!(checks.iter().any(|check| check.findings.iter().any(|note| note.rule == "DRILL-1")));
}

#[test]
fn annulments_and_closing() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(11));
    record.change_blob(index, 55, |list| list[6 + 32] = 9);
    assert!(failing(&record.run()).iter().any(|(id, notes)| *id == "V15" && notes[0].0 == "DEC-8"));
    for (at, rule) in [(2, "SET-4"), (34, "SET-5")] {
        let mut record = Tampered::new();
        let index = record.find(&[7, 1], |_| true);
        record.entries[index][at] ^= 1;
        assert!(failing(&record.run()).iter().any(|(id, notes)| *id == "V16" && notes[0].0 == rule));
    }
}

#[test]
fn mixes_and_openings() {
    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(7));
    record.change_blob(index, 6, |mix| mix[48] ^= 2);
    let checks = record.run();
    assert!(failing(&checks).iter().any(|(id, notes)| *id == "V17" && notes[0].0 == "MIX-16"), "{:?}", failing(&checks));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(8));
    record.change_blob(index, 6, |intent| intent[5] ^= 1);
    let checks = record.run();
    assert!(checks.iter().any(|check| check.id == "V18" && check.findings.iter().any(|note| note.rule == "OPEN-2")));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(9));
    record.change_blob(index, 6, |opening| *opening.last_mut().unwrap() ^= 1);
    let checks = record.run();
    let place = format!("entry {index} blob");
    assert!(checks.iter().any(|check| check.id == "V19" && check.findings.iter().any(|note| note.place.starts_with(&place))));
}

/// Findings of a check: rule and entry.
fn found(checks: &[Check], id: &str) -> Vec<(String, String)> {
    let check = checks.iter().find(|check| check.id == id).unwrap();
    let entry = |place: &str| place.split(" blob").next().unwrap().to_owned();
    check.findings.iter().map(|note| (note.rule.clone(), entry(&note.place))).collect()
}

fn note(rule: &str, entry: usize) -> (String, String) {
    (rule.to_owned(), format!("entry {entry}"))
}

/// Trustee 2 opens nothing in the made election.
fn absent() -> (String, String) {
    ("COMBINE-2".to_owned(), "unit 0".to_owned())
}

#[test]
fn openings_out_of_place() {
    let record = Tampered::new();
    let (intent, opening) = (record.find(&[3, 1], post(8)), record.find(&[3, 1], post(9)));
    assert_eq!((intent + 2, opening + 7), (opening, record.entries.len()));

    // A second one, right as it is.
    let mut record = Tampered::new();
    record.entries.insert(opening + 1, record.entries[opening].clone());
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V19")), (vec![], vec![note("OPEN-6", opening + 1), absent()]));

    // Before the second intent: too early, and then one is missing.
    let mut record = Tampered::new();
    record.entries.swap(opening - 1, opening);
    let checks = record.run();
    assert_eq!(failing(&checks), [("V19", vec![("COMBINE-2".to_owned(), "unit 0".to_owned())])]);
    assert!(found(&checks, "V19").contains(&note("OPEN-6", opening - 1)));

    // After both, but without an intent of its own.
    let mut record = Tampered::new();
    record.entries[opening - 1] = record.entries[opening - 2].clone();
    let checks = record.run();
    assert_eq!(ids(&checks), ["V18", "V19"], "{:?}", failing(&checks));

    for (at, value, rule) in [(3, 2, "OPEN-5"), (4, 1, "OPEN-5"), (8, 1, "OPEN-5"), (43, 9, "OPEN-5"), (45, 9, "OPEN-5"), (0, 9, "DEC-6")] {
        let mut record = Tampered::new();
        record.change_blob(opening, 6, |opening| opening[at] ^= value);
        let checks = record.run();
        assert!(found(&checks, "V19").contains(&note(rule, opening)), "{at}: {:?}", found(&checks, "V19"));
        assert_eq!(ids(&checks), ["V19"]);
    }
    for (change, rule) in [(0, "DEC-5"), (1, "DEC-4")] {
        let mut record = Tampered::new();
        record.change_blob(opening, 6, |opening| if change == 0 { opening.truncate(opening.len() - 1) } else { opening.push(0) });
        assert!(found(&record.run(), "V19").contains(&note(rule, opening)));
    }
}

#[test]
fn intents_that_are_wrong() {
    let record = Tampered::new();
    let intent = record.find(&[3, 1], post(8));
    // Head: type, version, trustee, size, root, counted set; then the list, units 0 and 1 first.
    for (at, rule) in
        [(3, "OPEN-2"), (11, "OPEN-2"), (12, "OPEN-2"), (44, "OPEN-2"), (0, "DEC-6"), (79, "DEC-5"), (83, "OPEN-2"), (84, "OPEN-2")]
    {
        let mut record = Tampered::new();
        record.change_blob(intent, 6, |intent| intent[at] ^= 64);
        let checks = record.run();
        let found = found(&checks, "V18");
        // Of 64 for unit 0 the list is not sorted any more.
        let rule = if at == 83 { "DEC-9" } else { rule };
        assert_eq!(found, [note(rule, intent)], "{at}");
        // A trustee less: units that only two were to open have one right intent.
        let failed = failing(&checks);
        let units = if at == 84 { 1 } else { 3 };
        assert_eq!((failed[0].0, failed[0].1.len(), failed[0].1[0].0.as_str()), ("V18", units, "OPEN-3"), "{at}");
    }
    // Both are wrong: more than n - t.
    let mut record = Tampered::new();
    for index in [intent, intent + 1] {
        record.change_blob(index, 6, |intent| intent[20] ^= 1);
    }
    let last = record.entries.len() - 1;
    assert_eq!(found(&record.run(), "V18"), [note("OPEN-2", intent), note("OPEN-2", intent + 1), note("OPEN-3", last)]);
    // A second intent that differs from the first for one unit, which is right all the same.
    let mut record = Tampered::new();
    record.entries.insert(intent + 2, record.entries[intent].clone());
    record.change_blob(intent + 2, 6, |intent| intent[84] ^= 1);
    let checks = record.run();
    assert!(ids(&checks).is_empty());
    assert_eq!(found(&checks, "V18"), [note("OPEN-2", intent + 2), note("OPEN-2", intent + 2)]);
    // A unit that is not to be opened: the empty one.
    let mut record = Tampered::new();
    record.entries.insert(intent + 2, record.entries[intent].clone());
    record.change_blob(intent + 2, 6, |intent| intent[80 + 36 * 2 + 3] = 4);
    let checks = record.run();
    assert!(ids(&checks).is_empty());
    assert_eq!(found(&checks, "V18"), [note("OPEN-2", intent + 2)]);
}

#[test]
fn mixes_out_of_place() {
    let record = Tampered::new();
    let mix = record.find(&[3, 1], post(7));
    // The same again: the stage counts already; a stage more: none is required; the second one alone: its input is not there.
    let mut record = Tampered::new();
    record.entries.insert(mix + 1, record.entries[mix].clone());
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V17")), (vec![], vec![note("MIX-13", mix + 1)]));
    let mut record = Tampered::new();
    record.entries.insert(mix + 2, record.entries[mix + 1].clone());
    record.change_blob(mix + 2, 6, |mix| mix[7] = 3);
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V17")), (vec![], vec![note("MIX-16", mix + 2)]));
    let mut record = Tampered::new();
    record.entries.remove(mix);
    let checks = record.run();
    let unit = ("MIX-16".to_owned(), "unit 3".to_owned());
    assert_eq!((failing(&checks)[0].clone(), found(&checks, "V17")), (("V17", vec![unit.clone()]), vec![note("MIX-12", mix)]));
    // Unit, stage, mixer, input, N, w; a unit that is summed; one that is not there.
    for (at, value, rule) in [
        (5, 0, "MIX-12"),
        (2, 9, "MIX-12"),
        (7, 0, "MIX-12"),
        (9, 2, "MIX-12"),
        (12, 0, "MIX-12"),
        (45, 9, "MIX-12"),
        (47, 2, "MIX-12"),
        (1, 9, "DEC-6"),
    ] {
        let mut record = Tampered::new();
        record.change_blob(mix, 6, |mix| if mix[at] == value { mix[at] ^= 1 } else { mix[at] = value });
        let checks = record.run();
        assert_eq!(found(&checks, "V17")[0], note(rule, mix), "{at}");
        assert_eq!(failing(&checks)[0], ("V17", vec![unit.clone()]), "{at}");
    }
    // An output row that is an input row.
    let mut record = Tampered::new();
    let second: Vec<u8> = record.blob(&record.entries[mix + 1][6..38].to_vec())[48..48 + 64].to_vec();
    record.change_blob(mix, 6, |mix| mix[48..48 + 64].copy_from_slice(&second));
    assert_eq!(found(&record.run(), "V17")[0].1, format!("entry {mix}"));
    for (change, rule) in [(0, "DEC-5"), (1, "DEC-4")] {
        let mut record = Tampered::new();
        record.change_blob(mix, 6, |mix| if change == 0 { mix.truncate(mix.len() - 1) } else { mix.push(0) });
        assert_eq!(found(&record.run(), "V17")[0], note(rule, mix));
    }
}

#[test]
fn another_result() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(13));
    record.change_blob(index, 55, |result| {
        *result = String::from_utf8(result.clone()).unwrap().replacen("\"unit\":0", "\"unit\":1", 1).into()
    });
    assert_eq!(ids(&record.run()), ["V20"]);
}

/// Whatever the bytes are, every check ends and none panics.
#[test]
fn noise() {
    let rounds = std::env::var("NOISE").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12);
    for round in 0..rounds {
        let mut record = Tampered::new();
        let mut state = sha256(&u64::to_be_bytes(round));
        let mut next = |most: usize| {
            state = sha256(&state);
            usize::from_be_bytes(state[..8].try_into().unwrap()) % most.max(1)
        };
        for _ in 0..8 {
            let index = next(record.entries.len());
            let entry = &record.entries[index];
            let at = match entry[0] {
                2 if entry[55..87] != [0; 32] => Some(55),
                3 => Some(6),
                _ => None,
            };
            let (how, value) = (next(4), next(256) as u8);
            let mut spoil = |bytes: &mut Vec<u8>| {
                let place = next(bytes.len().min(120));
                match how {
                    0 => bytes[place] = value,
                    1 => bytes.truncate(place),
                    2 => bytes.extend([value; 3]),
                    _ => {
                        let place = next(bytes.len());
                        bytes[place] ^= value;
                    }
                }
            };
            match at {
                Some(at) if entry.len() > at + 32 && value % 8 > 0 => record.change_blob(index, at, spoil),
                _ => spoil(&mut record.entries[index]),
            }
            if record.entries[index].len() < 88 && record.entries[index].first().is_none_or(|kind| [2, 3].contains(kind)) {
                record.entries[index].resize(88, 0);
            }
        }
        record.run();
    }
}

fn report(folder: &Path, threads: usize) -> Report {
    run::check(folder.to_str().unwrap(), &Options { threads, ..Options::default() })
}

#[test]
fn no_byte_and_no_file_changes_unnoticed() {
    let record = Tampered::new();
    let root = record.folder.path();
    assert_eq!(report(root, 1).verdict, Verdict::NotAnchored);
    assert_eq!(report(root, 1).json(), report(root, 2).json());
    let mut files = Vec::new();
    walk(root, &mut files);
    for (number, file) in files.iter().enumerate() {
        let original = fs::read(file).unwrap();
        let mut changed = original.clone();
        let at = number * 7919 % changed.len();
        changed[at] ^= 1 << (number % 8);
        fs::write(file, &changed).unwrap();
        // Nobody said which election it must be, so the manifest is only held against everything else.
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} byte {at}", file.display());
        if number % 5 > 0 {
            fs::write(file, &original).unwrap();
            continue;
        }
        fs::write(file, &original[..original.len() - 1]).unwrap();
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} cut", file.display());
        fs::remove_file(file).unwrap();
        assert!(matches!(report(root, 2).verdict, Verdict::Failed | Verdict::Unreadable), "{} removed", file.display());
        fs::write(file, original).unwrap();
    }
    fs::write(root.join("blob/extra"), b"").unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::Failed);
    fs::remove_file(root.join("blob/extra")).unwrap();
    fs::create_dir(root.join("tile/9")).unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::Failed);
    fs::remove_dir(root.join("tile/9")).unwrap();
    assert_eq!(report(root, 2).verdict, Verdict::NotAnchored);
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for item in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if item.file_type().unwrap().is_dir() { walk(&item.path(), files) } else { files.push(item.path()) }
    }
}
