//! Over HTTP: posting, repeating, waiting for each other, and what other trustees and mixers may do wrong meanwhile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::encode::{Record, sha256};
use board::{Post, PostKind};
use common::collector::{Collector, serve};
use common::{World, expect, ok, signing_key, tally};
use std::sync::{Arc, Mutex};

fn garbage(w: &World, collector: &Mutex<Collector>, kind: PostKind, author: u16, key: &str) {
    let mut collector = collector.lock().unwrap();
    let blob = b"garbage";
    let post = Post::new(kind, author, sha256(blob), &collector.manifest.id(), &signing_key(&w.key(key)));
    collector.push(&post.to_bytes(), blob).unwrap();
}

#[test]
fn mixers_and_trustees_over_http() {
    let mut w = World::new();
    w.sealed();
    let collector = Arc::new(Mutex::new(w.collector.clone()));
    let url = serve(collector.clone());
    garbage(&w, &collector, PostKind::Mix, 1, "m1");
    for mixer in ["m2", "m3"] {
        let said = ok(&["mix", "--board", &url, "--key", &w.key(mixer), "--post", "--state", &w.text("mixer")]);
        assert!(said.contains("posted as entry"), "{said}");
    }
    let again = ok(&["mix", "--board", &url, "--key", &w.key("m2"), "--post"]);
    assert!(again.contains("0 units to mix"), "{again}");
    expect(&tally(&["mix", "--board", &url, "--key", &w.key("m2"), "--post", "--unit", "2"]), 1, "MIX-16");
    expect(&tally(&["mix", "--board", &url, "--key", &w.key("m1"), "--post", "--unit", "0"]), 1, "MIX-12");
    garbage(&w, &collector, PostKind::Intent, 2, "t2");
    garbage(&w, &collector, PostKind::Opening, 2, "t2");
    let args = |w: &World, trustee: &str, wait: &str| -> Vec<String> {
        let state = w.text(&format!("state-{trustee}"));
        ["open", "--board", &url, "--key", &w.key(trustee), "--state", &state, "--post", "--wait", wait].map(str::to_owned).to_vec()
    };
    let run = |args: &[String]| tally(&args.iter().map(String::as_str).collect::<Vec<_>>());
    // Alone: the intent goes out, and nothing else.
    expect(&run(&args(&w, "t1", "0")), 0, "Run this command again");
    expect(&run(&args(&w, "t1", "1")), 1, "OPEN-3");
    let first = args(&w, "t1", "60");
    let waiting = std::thread::spawn(move || tally(&first.iter().map(String::as_str).collect::<Vec<_>>()));
    std::thread::sleep(std::time::Duration::from_millis(500));
    expect(&run(&args(&w, "t3", "60")), 0, "opening-unit-00003: posted");
    expect(&waiting.join().unwrap(), 0, "opening-unit-00003: posted");
    let size = collector.lock().unwrap().entries.len();
    expect(&run(&args(&w, "t3", "60")), 0, "");
    std::fs::remove_dir_all(w.path("state-t3/openings")).unwrap(); // what stands on the board is not made again
    expect(&run(&args(&w, "t3", "60")), 0, "");
    assert_eq!(collector.lock().unwrap().entries.len(), size, "a repetition adds nothing");
    let said = ok(&["count", "--board", &url, "--out", &w.text("result.json")]);
    for part in ["the mix of 1 does not count", "the intent of 2 does not count", "the opening of 2 does not count"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let (c1, c2, result) = (w.key("c1"), w.key("c2"), w.text("result.json"));
    let done = ok(&["order", "result", "--board", &url, "--key", &c1, "--key", &c2, "--result", &result, "--post"]);
    assert!(done.contains("a cosigned checkpoint shows it"), "{done}");
}

#[test]
fn a_round_survives_a_power_cut_before_it_could_send() {
    let mut w = World::new();
    w.order("ceremony", &[]);
    let collector = Arc::new(Mutex::new(w.collector.clone()));
    let (key, state) = (w.key("t1"), w.text("state-t1"));
    // The message is sealed, but cannot leave: its place is a folder.
    let out = w.text("keys");
    let board = w.board();
    let cut = tally(&["ceremony", "commit", "--board", &board, "--key", &key, "--state", &state, "--out", &out]);
    expect(&cut, 2, "cannot write");
    let hash = |words: &str| words.split("SHA-256 ").nth(1).unwrap()[..64].to_owned();
    let before = hash(&common::words(&cut));
    let url = serve(collector.clone());
    let said = ok(&["ceremony", "commit", "--board", &url, "--key", &key, "--state", &state, "--post"]);
    assert_eq!(hash(&said), before);
    assert!(said.contains("sent again") && said.contains("posted") || said.contains("Posted"), "{said}");
    let dry = ok(&["ceremony", "commit", "--board", &url, "--key", &w.key("t2"), "--state", &w.text("state-t2"), "--dry-run"]);
    assert!(dry.contains("Dry run"));
    assert!(!w.path("state-t2/state.age").exists());
    // A stale folder from before the seal cannot send another commit: the board knows the first.
    std::fs::remove_file(w.path("state-t1/state.age")).unwrap();
    expect(&tally(&["ceremony", "commit", "--board", &url, "--key", &key, "--state", &state, "--post"]), 1, "right folder");
    // The wait option: t2 commits while t3 waits for all.
    let mut waiting = Vec::new();
    for trustee in ["t2", "t3"] {
        let (key, state) = (w.key(trustee), w.text(&format!("state-{trustee}")));
        ok(&["ceremony", "commit", "--board", &url, "--key", &key, "--state", &state, "--post"]);
        let url = url.clone();
        waiting.push(std::thread::spawn(move || {
            tally(&["ceremony", "reveal", "--board", &url, "--key", &key, "--state", &state, "--post", "--wait", "30"])
        }));
    }
    waiting.into_iter().for_each(|w| expect(&w.join().unwrap(), 0, "Posted as entry"));
}

#[test]
fn a_close_is_dated_anew_if_a_ballot_came_before_it() {
    let mut w = World::new();
    w.ceremony();
    w.open();
    w.collector.race = Some(3);
    let collector = Arc::new(Mutex::new(w.collector.clone()));
    let url = serve(collector.clone());
    let (c1, c2) = (w.key("c1"), w.key("c2"));
    let said = ok(&["order", "close", "--board", &url, "--key", &c1, "--key", &c2, "--post", "--state", &w.text("state")]);
    assert!(said.contains("dated anew"), "{said}");
    let minutes = std::fs::read_to_string(w.path("state/minutes.md")).unwrap();
    assert_eq!(minutes.matches("signed by c1, c2").count(), 2, "{minutes}");
    let said = ok(&["order", "seal", "--board", &url, "--key", &c1, "--key", &c2, "--post"]);
    assert!(said.contains("a cosigned checkpoint shows it"), "{said}");
    assert!(ok(&["status", "--board", &url]).contains("1 closing"));
}
