//! What keeps a checkpoint from being taken over, for how long, and what an attempt leaves to the next one: FOLLOW-1, FOLLOW-9.

use super::busy::{long, size};
use super::scene::{Scene, more, voted};
use e2e::web::Manner;
use serde_json::Value;
use std::time::Duration;

fn has_trouble(status: &Value, words: &str) -> bool {
    status["trouble"].as_str().is_some_and(|trouble| trouble.contains(words))
}

/// The name of one blob of the log, the last in the order in which they are fetched.
fn last_blob() -> String {
    format!("blob/{}", hex::encode(voted().blobs.keys().max().unwrap()))
}

/// Trouble that came and went is not added to the trouble that comes later.
#[test]
fn trouble_that_mends_is_forgotten() {
    let scene = Scene::new(&voted());
    scene.board.behave(&last_blob(), Manner::Status(404));
    let mut follower = scene.follow(&["--patience", "6"]);
    scene.until(|status| has_trouble(status, "ENTRY-7"));
    scene.board.behave("", Manner::Honest);
    scene.until(|status| status["trouble"] == "" && status["behind"] == 0);
    std::thread::sleep(Duration::from_secs(7));
    let next = more(&voted(), 4);
    scene.board.behave("tile/entries/000.p", Manner::Status(404));
    scene.show(&next, "next");
    let status = scene.until(|status| has_trouble(status, "tile/entries/000.p"));
    assert_eq!(status["alarms"], 0, "{status}");
    scene.until(|status| status["alarms"] == 1);
    follower.kill().unwrap();
    assert_eq!(scene.kinds(), ["overdue"]);
}

/// A server that withholds a file cannot win time by cutting lines; and lines that are cut are no trouble by themselves.
#[test]
fn a_cut_line_neither_ends_nor_begins_trouble() {
    let scene = Scene::new(&voted());
    scene.board.behave(&last_blob(), Manner::Silent);
    let mut follower = scene.follow(&["--patience", "2"]);
    scene.until(|status| status["trouble"] != "" && !has_trouble(status, "ENTRY-7"));
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(scene.last_status()["alarms"], 0);
    follower.kill().unwrap();
    scene.board.behave(&last_blob(), Manner::Status(404));
    std::fs::remove_file(scene.path("log")).unwrap();
    let mut follower = scene.follow(&["--patience", "8"]);
    scene.until(|status| has_trouble(status, "ENTRY-7"));
    scene.board.behave(&last_blob(), Manner::Silent);
    let status = scene.until(|status| status["trouble"] != "" && !has_trouble(status, "ENTRY-7"));
    assert_eq!(status["alarms"], 0, "{status}");
    scene.until(|status| status["alarms"] == 1);
    follower.kill().unwrap();
    assert_eq!(scene.kinds(), ["failed"]);
}

/// `--once` is one look at the board, however many attempts it takes.
#[test]
fn once_goes_on_until_all_is_there() {
    let scene = Scene::new(&long());
    scene.board.behave("tile/entries/000", Manner::Late(Duration::from_millis(1500)));
    let said = scene.once(&["--patience", "1"]);
    assert_eq!((said.code, size(&scene)), (3, 520), "{said:?}");
    assert!(said.out.contains("fetching: "), "it took more than one attempt: {said:?}");
}

/// Many blobs on a slow server: the board is looked at between them, and what came is kept.
#[test]
fn slow_blobs_blind_nobody_and_are_fetched_once() {
    let scene = Scene::new(&voted());
    scene.board.behave("blob/", Manner::Late(Duration::from_millis(600)));
    let said = scene.once(&["--patience", "1"]);
    assert_eq!((said.code, size(&scene)), (3, voted().entries.len() as u64), "{said:?}");
    let asked = scene.board.asked();
    let times = |path: &str| (0..asked.len()).filter(|at| asked[*at] == path).collect::<Vec<_>>();
    let blobs: Vec<Vec<usize>> = voted().blobs.keys().map(|name| times(&format!("blob/{}", hex::encode(name)))).collect();
    let (first, last) = (blobs.iter().map(|at| at[0]).min().unwrap(), blobs.iter().map(|at| at[0]).max().unwrap());
    let again = blobs.iter().flat_map(|at| &at[1..]);
    assert!({ again }.all(|at| *at > last), "a blob that is there is looked at again only when all are: {asked:?}");
    let polls = asked[first..last].iter().filter(|path| *path == "checkpoint").count();
    assert!(polls >= blobs.len() / 4, "{polls} polls between {} blobs: {asked:?}", blobs.len());
}

/// A hash tile that is not there is the server's fault, and said, whatever else would do in its place.
#[test]
fn a_hash_tile_that_is_missing_ends_the_attempt() {
    let scene = Scene::new(&long());
    scene.board.behave("tile/0/001", Manner::Status(404));
    let said = scene.once(&[]);
    assert_eq!(size(&scene), 0, "{said:?}");
    assert!(said.out.contains("tile/0/001: the checkpoint calls for it"), "{said:?}");
    assert!(!scene.board.asked().iter().any(|path| path == "tile/entries/000"));
}
