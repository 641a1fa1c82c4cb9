//! Two people who were shown different logs: COMPARE-1.

use super::scene::{Scene, convicts, forked, more, opened, voted, write};
use e2e::process::{self, Said};
use e2e::web::Static;
use serde_json::Value;
use std::path::Path;

fn compare(a: &Path, b: &Path, more: &[&str]) -> Said {
    let fixed = ["compare", a.to_str().unwrap(), b.to_str().unwrap()];
    process::run("verifier", fixed.iter().chain(more)).unwrap()
}

#[test]
fn the_beginning_of_a_log_is_the_same_log() {
    let scene = Scene::new(&voted());
    let longer = scene.path("longer");
    write(&more(&voted(), 4), &longer);
    let board = scene.path("board");
    for (a, b) in [(&board, &longer), (&longer, &board), (&board, &board)] {
        let said = compare(a, b, &["--election-id", &scene.id, "--json"]);
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((said.code, answer["verdict"].as_str()), (0, Some("consistent")), "{said:?}");
    }
    assert_eq!(compare(&board, &longer, &[]).code, 3, "not anchored");
    // A URL, and the folder of an observer.
    assert_eq!(scene.once(&[]).code, 3);
    let said =
        process::run("verifier", ["compare", &scene.board.url, scene.path("copy").to_str().unwrap(), "--election-id", &scene.id]).unwrap();
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn a_split_view_is_found_and_proved() {
    let scene = Scene::new(&voted());
    for (name, log) in [("same-size", forked()), ("larger", more(&forked(), 5)), ("smaller", shorter())] {
        let (other, proof) = (scene.path(name), scene.path(&format!("{name}.json")));
        write(&log, &other);
        for turned in [false, true] {
            let _ = std::fs::remove_file(&proof);
            let (a, b) = if turned { (&other, &scene.path("board")) } else { (&scene.path("board"), &other) };
            let said = compare(a, b, &["--election-id", &scene.id, "--json", "--proof", proof.to_str().unwrap()]);
            let answer: Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!((said.code, answer["verdict"].as_str()), (4, Some("fork")), "{name}: {said:?}");
            convicts(&serde_json::from_slice(&std::fs::read(&proof).unwrap()).unwrap(), &log);
            // Anyone who has the election id can read it.
            let said = process::run("verifier", ["proof", proof.to_str().unwrap(), "--election-id", &scene.id]).unwrap();
            assert_eq!(said.code, 0, "{name}: {said:?}");
        }
    }
}

/// Another log, shorter than [`voted`].
fn shorter() -> e2e::insider::Insider {
    let mut log = opened();
    log.order(board::OrderKind::Note, 0, [0; 32], Some(b"another log"));
    log
}

#[test]
fn a_checkpoint_that_only_one_of_them_saw_tells() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    // The observer saw a signed checkpoint of the other log, and could not take it over.
    let mut bare = forked();
    bare.files.insert("checkpoint".into(), Some(bare.checkpoint_of(bare.entries.len() as u64, &bare.root(), &[]).into_bytes()));
    scene.show(&bare, "bare");
    assert_eq!(scene.once(&[]).code, 3);
    let other = scene.path("other");
    let log = more(&voted(), 4);
    write(&log, &other);
    let proof = scene.path("proof.json");
    let said = compare(&scene.path("copy"), &other, &["--proof", proof.to_str().unwrap()]);
    assert_eq!(said.code, 4, "{said:?}");
    convicts(&serde_json::from_slice(&std::fs::read(&proof).unwrap()).unwrap(), &log);
}

#[test]
fn what_is_no_record_of_the_election() {
    let scene = Scene::new(&voted());
    let board = scene.path("board");
    assert_eq!(compare(&board, &scene.path("nowhere"), &[]).code, 2);
    assert_eq!(compare(&board, &board, &["--election-id", &"0".repeat(64)]).code, 1);
    // A checkpoint that the collector did not sign accuses nobody.
    let mut unsigned = forked();
    let text = board::checkpoint::note_text(&unsigned.election_id(), unsigned.entries.len() as u64, &unsigned.root());
    let line = board::checkpoint::sign(&text, "collector", &e2e::lab::signing_key("mallory"));
    unsigned.files.insert("checkpoint".into(), Some(format!("{text}\n{line}").into_bytes()));
    write(&unsigned, &scene.path("unsigned"));
    let said = compare(&board, &scene.path("unsigned"), &[]);
    assert!(said.code == 1 && said.err.contains("not a record of this election"), "{said:?}");
    // Tiles and entries that do not give the signed root.
    let mut broken = voted();
    let last = broken.entries.len() - 1;
    let checkpoint = broken.checkpoint();
    broken.entries[last][60] ^= 1;
    broken.files.insert("checkpoint".into(), Some(checkpoint.into_bytes()));
    write(&broken, &scene.path("broken"));
    let server = Static::serve(&scene.path("broken"));
    let said = process::run("verifier", ["compare", board.to_str().unwrap(), &server.url]).unwrap();
    assert!(said.code == 1 && said.err.contains("REC-3"), "{said:?}");
}
