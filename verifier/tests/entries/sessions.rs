//! The ceremony that *open* names, and drills: V9 and V10.

use super::*;

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
