//! V6, V7, V9 and V10 on small logs with real signatures: each rule broken once, and what stands on the edge of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod made;

use made::board::Board;
use made::trustees;
use tempfile::TempDir;
use verifier::bytes::Hash;
use verifier::checks::{ceremony, drills, entries, phases};
use verifier::entry::{self, Entry};
use verifier::hash::labelled;
use verifier::log::{Item, Log};
use verifier::manifest::Manifest;
use verifier::report::Check;
use verifier::source::Source;
use verifier::weights::Entropy;

/// Within the voting time of the manifest.
const OPEN: u64 = 1_795_000_000;
const UNTIL: u64 = 1_795_001_000;
const NONE: Hash = [0; 32];

fn start() -> (Board, Manifest) {
    let file = made::manifest();
    let manifest = Manifest::read(&file).unwrap();
    (Board::new(file, manifest.election), manifest)
}

fn log(board: &Board, manifest: &Manifest) -> Log {
    let mut log = Log::default();
    for bytes in &board.entries {
        let item = match entry::decode(bytes, &|district| manifest.ballot_length(district)) {
            Ok(Entry::Ballot(head)) => {
                log.ballots.push(head);
                log.ballot_entries.push(log.items.len() as u64);
                Item::Ballot(log.ballots.len() - 1)
            }
            Ok(entry) => Item::Plain(Box::new(entry)),
            Err(fault) => Item::Bad(Box::new(fault)),
        };
        log.items.push(item);
    }
    log
}

fn broken(check: &Check) -> Vec<(String, String)> {
    check.failures.iter().map(|note| (note.rule.clone(), note.place.clone())).collect()
}

/// The failures of V6, as rules and entries.
fn v6(board: &Board, manifest: &Manifest) -> Vec<(String, u64)> {
    let log = log(board, manifest);
    let (check, sound) = entries::check(manifest, &log);
    assert_eq!(check.count, log.items.len().max(1) as u64);
    assert!(check.failed <= check.count);
    let place = |place: &str| place.strip_prefix("entry ").unwrap().split(' ').next().unwrap().parse().unwrap();
    let failures: Vec<(String, u64)> = check.failures.iter().map(|note| (note.rule.clone(), place(&note.place))).collect();
    for (index, sound) in sound.iter().enumerate() {
        assert!(*sound || failures.iter().any(|(_, entry)| *entry == index as u64), "entry {index} is left out in silence");
    }
    failures
}

/// Judges V6 after a change to the manifest entry and two orders *note*.
fn after(change: impl FnOnce(&mut Board)) -> Vec<(String, u64)> {
    let (mut board, manifest) = start();
    board.order(10, 5, 0, NONE, [9; 32]);
    board.order(10, 5, 0, NONE, [9; 32]);
    change(&mut board);
    v6(&board, &manifest)
}

fn one(rule: &str, entry: u64) -> Vec<(String, u64)> {
    vec![(rule.to_owned(), entry)]
}

#[test]
fn the_manifest_entry() {
    assert_eq!(after(|_| {}), []);
    assert_eq!(after(|board| board.entries.clear()), one("ENTRY-1", 0));
    assert_eq!(after(|board| drop(board.entries.remove(0))), one("ENTRY-1", 0));
    assert_eq!(after(|board| board.entries.push(board.entries[0].clone())), one("ENTRY-1", 3));
    assert_eq!(after(|board| board.entries[0][2] ^= 1), one("REC-4", 0));
    assert_eq!(after(|board| board.entries[0][40] ^= 1), one("MAN-15", 0));
    // Nobody signed; a member that is not there; a good signature beside a bad one; both good.
    let signed = |members: &'static [(u8, &str)]| {
        move |board: &mut Board| {
            board.entries[0].truncate(34);
            board.entries[0].push(members.len() as u8);
            for (member, name) in members {
                let signature = board.sign("manifest", &[], name);
                board.entries[0].push(*member);
                board.entries[0].extend(signature);
            }
        }
    };
    assert_eq!(after(signed(&[])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(0, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(3, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(1, "member1"), (2, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(1, "member1"), (2, "member2")])), []);
    assert_eq!(after(signed(&[(2, "member2"), (1, "member1")])), one("DEC-9", 0));
}

#[test]
fn orders() {
    let last = |entry: &mut Vec<u8>| *entry.last_mut().unwrap() ^= 1;
    // A forged order is left out; the next one goes on.
    assert_eq!(after(|board| last(&mut board.entries[1])), one("ORD-1", 1));
    assert_eq!(after(|board| drop(board.entries[1].splice(87.., [0]))), one("ORD-1", 1));
    assert_eq!(after(|board| board.entries[1][88] = 3), one("ORD-1", 1));
    // Numbers.
    assert_eq!(after(|board| drop(board.entries.remove(1))), one("ORD-2", 1));
    assert_eq!(after(|board| board.entries.push(board.entries[2].clone())), one("ORD-2", 3));
    let skipping = |board: &mut Board| {
        board.orders = 3;
        board.order(10, 5, 0, NONE, [9; 32]);
        board.order(10, 5, 0, NONE, [9; 32]);
    };
    assert_eq!(after(skipping), one("ORD-2", 3));
    // Times: equal ones are fine, and only those of good orders count.
    assert_eq!(after(|board| board.order(10, 4, 0, NONE, [9; 32])), one("ORD-3", 3));
    let forged = |board: &mut Board| {
        board.order(10, 1000, 0, NONE, [9; 32]);
        last(&mut board.entries[3]);
        board.order(10, 6, 0, NONE, [9; 32]);
    };
    assert_eq!(after(forged), one("ORD-1", 3));
    let beyond = |board: &mut Board| {
        board.order(10, 1 << 53, 0, NONE, [9; 32]);
        board.order(9, 6, 1 << 53, NONE, NONE);
        board.order(9, (1 << 53) - 1, (1 << 53) - 1, NONE, NONE);
    };
    assert_eq!(after(beyond), [("ORD-3".to_owned(), 3), ("ORD-3".to_owned(), 4)]);
    // Fields.
    for (kind, value, argument, blob, good) in [
        (10, 0, NONE, NONE, false),
        (10, 1, NONE, [1; 32], false),
        (10, 0, [1; 32], [1; 32], false),
        (6, 0, NONE, [1; 32], false),
        (2, 0, [1; 32], NONE, true),
        (2, 1, [1; 32], NONE, false),
        (2, 0, NONE, NONE, true),
        (1, 0, [1; 32], [1; 32], true),
        (11, 0, NONE, [1; 32], true),
        (11, 0, [1; 32], [1; 32], false),
        (13, 0, [1; 32], [1; 32], true),
        (9, 7, NONE, NONE, true),
    ] {
        let found = after(|board| board.order(kind, 6, value, argument, blob));
        assert_eq!(found, if good { vec![] } else { one("ORD-4", 3) }, "{kind} {value}");
    }
}

#[test]
fn posts() {
    let post = |author: u16, kind: u8| {
        move |board: &mut Board| {
            board.post(author, kind, vec![1]);
        }
    };
    for (author, kind) in [(1, 1), (3, 9), (1, 7), (2, 7)] {
        assert_eq!(after(post(author, kind)), [], "{author} {kind}");
    }
    for (author, kind) in [(0, 1), (4, 1), (3, 7)] {
        assert_eq!(after(post(author, kind)), one("ENTRY-4", 3), "{author} {kind}");
    }
    // A role that does not post this kind, with a signature that is right.
    for (role, kind, name) in [(1, 7, "trustee1"), (2, 1, "mixer1")] {
        let wrong = |board: &mut Board| {
            let mut entry = [&[3, 1, role, 0, 1, kind][..], &[5; 32]].concat();
            let signature = board.sign("post", &entry, name);
            entry.extend(signature);
            board.entries.push(entry);
        };
        assert_eq!(after(wrong), one("ENTRY-4", 3), "role {role}");
    }
    let unsigned = |board: &mut Board| {
        board.post(1, 1, vec![1]);
        board.entries[3][40] ^= 1;
    };
    assert_eq!(after(unsigned), one("ENTRY-4", 3));
    let twice = |board: &mut Board| {
        for (author, kind) in [(1, 1), (2, 1), (1, 2), (1, 1)] {
            board.post(author, kind, vec![1]);
        }
    };
    assert_eq!(after(twice), one("ENTRY-4", 6));
}

/// An entry of type 5 with nothing but a head, and its hash.
fn ballot(n: u8) -> (Hash, Vec<u8>) {
    let body = vec![n; 136];
    (labelled("ballot", &body), [&[5, 1][..], &[0; 32], &body].concat())
}

fn batch(time: u64, count: u32) -> Vec<u8> {
    [&[4, 1][..], &time.to_be_bytes(), &count.to_be_bytes()].concat()
}

#[test]
fn batches() {
    let two = || {
        let mut two = vec![ballot(1), ballot(2)];
        two.sort();
        [two[0].1.clone(), two[1].1.clone()]
    };
    let with = |entries: Vec<Vec<u8>>| after(move |board| board.entries.extend(entries));
    let [a, b] = two();
    assert_eq!(with(vec![batch(9, 2), a.clone(), b.clone(), batch(9, 1), a.clone()]), []);
    assert_eq!(with(vec![batch(9, 2), b.clone(), a.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![batch(9, 2), a.clone(), a.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![a.clone()]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 1), a.clone(), b.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![batch(9, 0)]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 2), a.clone()]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 1), a.clone(), batch(8, 1), b.clone()]), one("ENTRY-5", 5));
    // A batch interrupted: whatever interrupts it is at fault, and the rest stands outside of one.
    assert_eq!(with(vec![batch(9, 2), a.clone(), batch(9, 1), b.clone()]), one("ENTRY-5", 5));
    // What does not decode takes its place in the batch.
    assert_eq!(with(vec![batch(9, 2), vec![5, 1], b.clone()]), one("DEC-5", 4));
    assert_eq!(with(vec![batch(9, 1), vec![5, 1], b.clone()]), [("DEC-5".to_owned(), 4), ("ENTRY-5".to_owned(), 5)]);
    // Sorting begins anew with each batch.
    assert_eq!(with(vec![batch(9, 1), b, batch(9, 1), a]), []);
}

#[test]
fn closing_entries() {
    let closing = [&[7, 1][..], &[1; 64]].concat();
    let with = |seal: bool, note: bool, closings: usize| {
        after(|board| {
            if seal {
                board.order(12, 6, 0, NONE, NONE);
            }
            if note {
                board.order(10, 6, 0, NONE, [9; 32]);
            }
            board.entries.extend(vec![closing.clone(); closings]);
        })
    };
    assert_eq!(with(true, false, 1), []);
    assert_eq!(with(true, false, 0), []);
    assert_eq!(with(false, false, 1), one("ENTRY-6", 3));
    assert_eq!(with(true, false, 2), one("ENTRY-6", 5));
    assert_eq!(with(true, true, 1), one("ENTRY-6", 5));
}

/// An election up to *open*; `after` goes on.
fn opened(after: impl FnOnce(&mut Board)) -> Vec<(String, String)> {
    let (mut board, manifest) = start();
    board.order(1, 5, 0, NONE, [9; 32]);
    board.order(4, OPEN + 10, 0, [1; 32], NONE);
    after(&mut board);
    let log = log(&board, &manifest);
    let (check, _) = phases::check(&manifest, &log, &vec![true; log.items.len()]);
    assert_eq!(check.count, log.items.len() as u64);
    broken(&check)
}

fn place(rule: &str, entry: u64) -> Vec<(String, String)> {
    vec![(rule.to_owned(), format!("entry {entry}"))]
}

#[test]
fn phases_by_time_and_by_place() {
    let cast = |board: &mut Board, time: u64| {
        board.entries.push(batch(time, 1));
        board.entries.push(ballot(1).1);
    };
    let order = |board: &mut Board, kind: u8, time: u64| board.order(kind, time, 0, NONE, NONE);
    let closed_at = |batch: u64, close: u64| {
        opened(|board| {
            cast(board, batch);
            order(board, 6, close);
        })
    };
    assert_eq!(closed_at(OPEN + 10, OPEN + 10), []);
    assert_eq!(closed_at(OPEN + 9, OPEN + 10), place("PHASE-4", 3));
    assert_eq!(closed_at(OPEN + 11, OPEN + 10), place("PHASE-4", 3));
    assert_eq!(closed_at(OPEN + 11, UNTIL), []);
    assert_eq!(closed_at(OPEN + 11, UNTIL + 1), place("PHASE-3", 5));
    let extended = |value: u64, close: u64| {
        opened(|board| {
            board.order(9, OPEN + 20, value, NONE, NONE);
            order(board, 6, close);
        })
    };
    assert_eq!(extended(UNTIL + 5, UNTIL + 5), []);
    assert_eq!(extended(UNTIL + 5, UNTIL + 6), place("PHASE-3", 4));
    assert_eq!(extended(UNTIL, UNTIL), place("PHASE-3", 3));
    // Suspended; a suspension ends with resume and with close.
    let suspended = |resume: bool| {
        opened(|board| {
            order(board, 7, OPEN + 20);
            if resume {
                order(board, 8, OPEN + 21);
            }
            cast(board, OPEN + 22);
        })
    };
    assert_eq!(suspended(false), place("PHASE-4", 5));
    assert_eq!(suspended(true), []);
    assert_eq!(opened(|board| order(board, 8, OPEN + 20)), place("PHASE-1", 3));
    let twice = opened(|board| {
        order(board, 7, OPEN + 20);
        order(board, 7, OPEN + 21);
    });
    assert_eq!(twice, place("PHASE-1", 4));
    // After close: no ballot, but annulments and drills, then seal and the closing entry, then the tally.
    let closing = [&[7, 1][..], &[1; 64]].concat();
    let to_the_end = |mix_first: bool, extra: Option<u8>| {
        opened(|board| {
            order(board, 5, OPEN + 20);
            cast(board, OPEN + 21);
            order(board, 6, OPEN + 30);
            board.order(11, OPEN + 31, 1, NONE, [9; 32]);
            board.order(3, OPEN + 32, 0, [2; 32], NONE);
            if mix_first {
                board.post(1, 7, vec![1]);
            }
            order(board, 12, OPEN + 33);
            board.entries.push(closing.clone());
            for kind in [7, 8, 9] {
                board.post(1, kind, vec![kind, 2]);
            }
            board.order(10, OPEN + 34, 0, NONE, [9; 32]);
            if let Some(kind) = extra {
                board.order(kind, OPEN + 34, 0, NONE, [9; 32]);
            }
            board.order(13, OPEN + 35, 0, [1; 32], [9; 32]);
        })
    };
    assert_eq!(to_the_end(false, None), []);
    assert_eq!(to_the_end(true, None), place("PHASE-6", 9));
    assert_eq!(to_the_end(false, Some(11)), place("PHASE-1", 15));
    assert_eq!(opened(|board| board.order(1, OPEN + 20, 0, NONE, [9; 32])), place("PHASE-1", 3));
}

#[test]
fn openings_of_the_election() {
    let judge = |rolls: usize, time: u64| {
        let (mut board, manifest) = start();
        (0..rolls).for_each(|_| board.order(1, 5, 0, NONE, [9; 32]));
        board.order(4, time, 0, [1; 32], NONE);
        let log = log(&board, &manifest);
        broken(&phases::check(&manifest, &log, &vec![true; log.items.len()]).0)
    };
    assert_eq!(judge(1, OPEN), []);
    assert_eq!(judge(1, UNTIL), []);
    assert_eq!(judge(1, OPEN - 1), place("PHASE-3", 2));
    assert_eq!(judge(1, UNTIL + 1), place("PHASE-3", 2));
    assert_eq!(judge(0, OPEN), place("PHASE-2", 1));
    assert_eq!(judge(2, OPEN), place("PHASE-1", 2));
}

/// V9 and V10, and the findings of both.
fn ceremony_of(board: &Board, manifest: &Manifest) -> (Check, Check) {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("blob")).unwrap();
    for (name, blob) in &board.blobs {
        std::fs::write(folder.path().join("blob").join(hex::encode(name)), blob).unwrap();
    }
    let source = Source::folder(folder.path().to_str().unwrap()).unwrap();
    let (log, entropy) = (log(board, manifest), Entropy::fresh().unwrap());
    let sound = vec![true; log.items.len()];
    let (_, timeline) = phases::check(manifest, &log, &sound);
    let found = ceremony::check(&source, manifest, &log, &sound, &timeline, &entropy);
    let v10 = drills::check(&source, manifest, &log, &sound, &timeline, &found.confirmed, &entropy);
    (found.check, v10)
}

fn findings(check: &Check) -> Vec<(String, String)> {
    let place = |place: &str| place.split(" blob").next().unwrap().to_owned();
    check.findings.iter().map(|note| (note.rule.clone(), place(&note.place))).collect()
}

#[test]
fn the_key_that_open_names() {
    let setup = |change: fn(&mut Board), named: fn(Hash) -> Hash, drill: bool| {
        let (mut board, manifest) = start();
        board.order(1, 5, 0, NONE, [9; 32]);
        let key = trustees::ceremony(&mut board, &manifest);
        if drill {
            trustees::drill(&mut board, &manifest, &key, 1, 1_794_000_002);
        }
        change(&mut board);
        board.order(4, OPEN, 0, named(key.id), NONE);
        ceremony_of(&board, &manifest)
    };
    let (v9, v10) = setup(|_| {}, |key| key, true);
    assert!(v9.passed() && v10.passed() && v9.findings.is_empty() && v10.findings.is_empty());
    assert_eq!((v9.count, v10.count), (2 + 12, 1 + 3 + 1));
    // Another key; no drill; an answer less.
    let (v9, v10) = setup(|_| {}, |_| [3; 32], true);
    assert_eq!((broken(&v9), broken(&v10)), (place("KEY-10", 19), place("PHASE-2", 19)));
    let (v9, v10) = setup(|_| {}, |key| key, false);
    assert_eq!((broken(&v9), broken(&v10)), (vec![], place("PHASE-2", 15)));
    let (_, v10) = setup(|board| drop(board.entries.pop()), |key| key, true);
    assert_eq!(broken(&v10), place("PHASE-2", 18));
    // A session id used before: it ends nothing that is confirmed.
    let (v9, _) = setup(|board| board.order(2, 1_794_000_003, 0, [7; 32], NONE), |key| key, true);
    assert_eq!(broken(&v9), place("KEY-10", 19));
    // Rubbish after the confirmation is a finding.
    let (v9, v10) = setup(
        |board| {
            board.post(2, 5, vec![36, 1]);
            board.post(2, 6, vec![37, 1]);
        },
        |key| key,
        true,
    );
    assert!(v9.passed() && v10.passed());
    assert_eq!((findings(&v9), findings(&v10)), (place("DEC-5", 19), place("DEC-5", 20)));
}

#[test]
fn rubbish_before_the_confirmation() {
    let run = |open: bool, at: usize, message: &[u8], stop: bool| {
        let (mut board, manifest) = start();
        board.order(1, 5, 0, NONE, [9; 32]);
        let key = trustees::ceremony(&mut board, &manifest);
        // Entries 3 to 5 commit, 6 to 8 reveal, 9 to 11 deal, 12 to 14 confirm.
        let rest = board.entries.split_off(at);
        let kind = rest[0][5];
        board.post(1, kind, message.to_vec());
        if !stop {
            board.entries.extend(rest);
        }
        trustees::drill(&mut board, &manifest, &key, 1, 1_794_000_002);
        if open {
            board.order(4, OPEN, 0, key.id, NONE);
        }
        ceremony_of(&board, &manifest).0
    };
    // It is reported and ignored: the key is made all the same.
    let check = run(true, 6, &[33, 1], false);
    assert!(check.passed());
    assert_eq!(findings(&check), place("DEC-5", 6));
    // The session did not end: then the fault is one of the reasons why *open* has no key.
    let check = run(true, 6, &[33, 1], true);
    assert_eq!(broken(&check).len(), 2);
    assert_eq!((broken(&check)[0].0.as_str(), broken(&check)[1].0.as_str()), ("KEY-10", "DEC-5"));
    // Without *open* nothing fails yet.
    let check = run(false, 6, &[33, 1], true);
    assert!(broken(&check).is_empty());
    assert_eq!(findings(&check), place("DEC-5", 6));
}

#[test]
fn drills_of_the_trustees() {
    let run = |change: fn(&mut Board)| {
        let (mut board, manifest) = start();
        board.order(1, 5, 0, NONE, [9; 32]);
        let key = trustees::ceremony(&mut board, &manifest);
        trustees::drill(&mut board, &manifest, &key, 1, 1_794_000_002);
        board.order(4, OPEN, 0, key.id, NONE);
        board.order(6, OPEN + 1, 0, NONE, NONE);
        trustees::drill(&mut board, &manifest, &key, 2, OPEN + 2);
        change(&mut board);
        board.order(12, OPEN + 3, 0, NONE, NONE);
        ceremony_of(&board, &manifest).1
    };
    // Entries 21 order, 22 to 24 answers, then seal.
    let check = run(|_| {});
    assert!(check.passed() && check.findings.is_empty());
    let check = run(|board| board.entries.truncate(24));
    assert!(check.passed() && check.findings.is_empty(), "two answers are enough");
    let check = run(|board| board.entries.truncate(23));
    assert_eq!((check.passed(), findings(&check)), (true, place("PHASE-7", 23)));
    let check = run(|board| board.entries.truncate(21));
    assert_eq!(findings(&check), place("PHASE-7", 21));
    // A second answer, even a right one, is ignored.
    let check = run(|board| {
        let blob: Hash = board.entries[22][6..38].try_into().unwrap();
        let mut wrong = board.blobs[&blob].clone();
        let right = wrong.clone();
        *wrong.last_mut().unwrap() ^= 1;
        board.entries.truncate(22);
        board.post(1, 6, wrong);
        board.post(1, 6, right);
    });
    let rules: Vec<String> = findings(&check).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["DRILL-1", "KEY-1", "PHASE-7"]);
}
