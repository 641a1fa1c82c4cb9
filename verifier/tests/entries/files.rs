//! V3, V4 and V5: files of the record, tiles of all levels, and blobs that several entries name.

use super::*;
use std::fs;
use std::path::Path;
use verifier::checks::{blobs, files, log as board_log};
use verifier::progress::Progress;
use verifier::{run, tiles};

fn written(board: &Board) -> TempDir {
    let folder = TempDir::new().unwrap();
    board.write(folder.path());
    folder
}

fn open(folder: &Path) -> Source {
    Source::open(folder.to_str().unwrap()).unwrap()
}

fn v4(folder: &Path, manifest: &Manifest) -> board_log::Found {
    let checkpoint = fs::read(folder.join("checkpoint")).unwrap();
    board_log::check(&open(folder), manifest, &checkpoint, Progress::new(false)).unwrap()
}

fn v3(folder: &Path, log: &Log, finished: bool) -> Vec<(String, String)> {
    broken(&files::check(&open(folder), log.size(), Some(log), finished).unwrap())
}

fn add(folder: &Path, path: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"x").unwrap();
}

/// A log with three levels of hashes: one wrong byte in any tile is found, and named with its byte, or with the entry.
#[test]
fn tiles_of_every_level_are_held_against_the_entries() {
    let (mut board, manifest) = start();
    board.entries.extend((0..65_836u64).map(|time| batch(time, 0)));
    let folder = written(&board);
    let found = v4(folder.path(), &manifest);
    let log = found.log.unwrap();
    assert!(found.check.passed() && found.trusted && v3(folder.path(), &log, true).is_empty());
    // 258 bundles, 258 tiles of hashes of entries, two of the next level, one above; and the checkpoint.
    assert_eq!((tiles::levels(log.size()), found.check.count), (3, 1 + 258 + 258 + 2 + 1));
    for (path, at, place) in [
        ("tile/0/003", 5 * 32 + 1, "tile/0/003@161"),
        ("tile/1/000", 255 * 32, "tile/1/000@8160"),
        ("tile/1/001.p/1", 3, "tile/1/001.p/1@3"),
        ("tile/2/000.p/1", 31, "tile/2/000.p/1@31"),
    ] {
        let file = folder.path().join(path);
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        let check = v4(folder.path(), &manifest).check;
        assert_eq!(broken(&check), [("REC-2".to_owned(), place.to_owned())], "{path}");
        let entry = check.failures[0].text.contains("entry 773 in tile/entries/003 and its hash here");
        assert_eq!(entry, path.starts_with("tile/0"), "{}", check.failures[0].text);
        fs::write(&file, good).unwrap();
    }
}

/// What a live board may have beside what its checkpoint calls for, a finished record may not.
#[test]
fn a_live_board_may_hold_more_and_a_finished_record_may_not() {
    let (mut board, manifest) = start();
    board.order(10, 5, 0, NONE, [9; 32]);
    board.blobs.insert([9; 32], b"note".to_vec());
    let folder = written(&board);
    let log = v4(folder.path(), &manifest).log.unwrap();
    add(folder.path(), "tile/entries/000.p/1");
    assert!(v3(folder.path(), &log, false).is_empty());
    let rec1 = |path: &str| ("REC-1".to_owned(), path.to_owned());
    assert_eq!(v3(folder.path(), &log, true), [rec1("tile/entries/000.p/1")]);
    add(folder.path(), "more/file");
    assert_eq!(v3(folder.path(), &log, false), [rec1("more"), rec1("more/file")]);
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    assert_eq!(v3(folder.path(), &log, false), [rec1("manifest.json"), rec1("more"), rec1("more/file")]);
}

/// The whole program about one record, without what was verified before.
fn whole(folder: &Path) -> impl Fn(&str) -> Check {
    let report = run::check(folder.to_str().unwrap(), &run::Options::default());
    move |id| report.checks.iter().find(|check| check.id == id).unwrap().clone()
}

/// While there is no result, a board may be caught in the middle of its work, and a quorum of witnesses is enough.
#[test]
fn only_a_result_makes_the_record_a_finished_one() {
    let mut file: serde_json::Value = serde_json::from_slice(&made::manifest()).unwrap();
    let witness = |n: usize| {
        let key = made::board::signer(&format!("witness{n}")).verifying_key();
        serde_json::json!({"name": format!("witness{n}"), "key": hex::encode(key.to_bytes())})
    };
    file["witnesses"] = serde_json::json!({"members": [witness(1), witness(2), witness(3)], "quorum": 2, "faulty": 0});
    let file = serde_json_canonicalizer::to_vec(&file).unwrap();
    let manifest = Manifest::read(&file).unwrap();
    let judged = |kind: u8, cosigned: &[&str]| {
        let mut board = Board::new(file.clone(), manifest.election);
        board.order_with_blob(kind, 5, 0, NONE, b"blob".to_vec());
        let folder = written(&board);
        let checkpoint = made::board::checkpoint_by(&manifest.election, 2, &board.root(), cosigned);
        fs::write(folder.path().join("checkpoint"), checkpoint).unwrap();
        add(folder.path(), "tile/entries/000.p/1");
        let check = whole(folder.path());
        (broken(&check("V3")), broken(&check("V4")))
    };
    let (note, result) = (10, 13);
    let all = ["witness1", "witness2", "witness3"];
    let (rec1, log4) = (("REC-1".to_owned(), "tile/entries/000.p/1".to_owned()), ("LOG-4".to_owned(), "checkpoint".to_owned()));
    assert_eq!(judged(note, &all[..2]), (vec![], vec![]));
    assert_eq!(judged(note, &all[..1]).1, [log4.clone()]);
    assert_eq!(judged(result, &all[..2]), (vec![rec1.clone()], vec![log4]));
    assert_eq!(judged(result, &all), (vec![rec1], vec![]));
}

/// What trustees sign is the log up to the first closing entry.
#[test]
fn the_closed_log_ends_with_the_first_closing_entry() {
    for before in [0, 1, 253, 254, 255, 300] {
        let (mut board, manifest) = start();
        board.entries.extend((0..before).map(|time| batch(time, 0)));
        board.entries.push([&[7, 1][..], &[1; 64]].concat());
        let (size, root) = (board.entries.len() as u64, board.root());
        board.entries.push(batch(9, 0));
        board.entries.push([&[7, 1][..], &[2; 64]].concat());
        let folder = written(&board);
        assert_eq!(v4(folder.path(), &manifest).log.unwrap().closed, Some((size, root)), "{before} entries before");
    }
}

/// A size that the files cannot have is said at once, however large it is; folders are no files.
#[test]
fn a_size_beyond_the_files_is_not_looked_for_entry_by_entry() {
    let (board, _) = start();
    let folder = written(&board);
    for name in ["a", "b", "c", "d", "e", "f"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    // manifest.json, checkpoint, one bundle, one tile.
    let said = |size: u64| files::check(&open(folder.path()), size, None, false).unwrap().failures[0].place.clone();
    assert_eq!((said(5 * 256), said(u64::MAX)), ("checkpoint".to_owned(), "checkpoint".to_owned()));
    assert_eq!(said(4 * 256), "tile/entries/000");
}

/// A ballot is looked at several times: it is the same one each time, or the run ends.
#[test]
fn a_bundle_that_changes_between_two_readings() {
    let (board, manifest) = start();
    let folder = written(&board);
    let log = v4(folder.path(), &manifest).log.unwrap();
    let source = open(folder.path());
    assert!(log.bundle(&source, 0).is_ok());
    let path = folder.path().join("tile/entries/000.p/1");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(log.bundle(&source, 0).unwrap_err().contains("changed while it was being checked"));
    fs::remove_file(&path).unwrap();
    assert!(log.bundle(&source, 0).is_err());
}

/// A blob may be named by entries with different limits: it keeps each, to the byte.
#[test]
fn a_blob_keeps_the_limit_of_every_entry_that_names_it() {
    let judged = |length: usize| {
        let (mut board, manifest) = start();
        let name = board.post(1, 1, vec![b'a'; length]); // up to 1 MiB
        board.order(10, 5, 0, NONE, name); // a note, up to 64 KiB
        let folder = written(&board);
        let log = v4(folder.path(), &manifest).log.unwrap();
        let check = blobs::check(&open(folder.path()), &log).unwrap();
        assert_eq!(check.count, 2);
        broken(&check).into_iter().map(|(rule, place)| (rule, place.split(" blob").next().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let fails = |entry: u64| ("ENTRY-7".to_owned(), format!("entry {entry}"));
    assert_eq!(judged(1 << 16), []);
    assert_eq!(judged((1 << 16) + 1), [fails(2)]);
    assert_eq!(judged(1 << 20), [fails(2)]);
    assert_eq!(judged((1 << 20) + 1), [fails(1), fails(2)]);
}
