//! Voting begins only after what must be so before it. Spec: 03-manifest, GATE.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{World, expect, ok, tally, words};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

fn open(w: &World) -> std::process::Output {
    tally(&["order", "open", "--board", &w.board(), "--key", &w.key("c1"), "--out", &w.text("order")])
}

fn ready() -> World {
    let mut w = World::new();
    w.ceremony();
    std::fs::write(w.path("roll"), common::collector::roll(4, 3)).unwrap();
    w.order("roll", &["--roll", &w.text("roll")]);
    w
}

#[test]
fn programs_are_published_first() {
    let mut w = ready();
    expect(&open(&w), 1, "GATE-1");
    std::fs::write(w.path("text"), "programs\n").unwrap();
    w.order("note", &["--text", &w.text("text")]);
    expect(&open(&w), 1, "GATE-1"); // not such a note

    let other = w.path("another-build");
    std::fs::write(&other, "another build").unwrap();
    w.publish(&other);
    let said = open(&w);
    expect(&said, 1, "GATE-2");
    assert!(words(&said).contains(env!("CARGO_BIN_EXE_tally")));

    w.publish(Path::new(env!("CARGO_BIN_EXE_tally")));
    let said = open(&w);
    expect(&said, 0, "Voting begins");
    expect(&said, 0, "GATE-3: this board is a folder");
    // A second member's program looks too: the last note counts.
    w.publish(&other);
    expect(&open(&w), 1, "GATE-2");
}

#[test]
fn a_folder_that_is_not_worth_publishing() {
    let w = ready();
    let dir = w.path("published");
    let publish = || {
        tally(&["order", "programs", "--board", &w.board(), "--key", &w.key("c1"), "--out", &w.text("o"), "--dir", dir.to_str().unwrap()])
    };
    expect(&publish(), 2, "published");
    std::fs::create_dir_all(dir.join("bin")).unwrap();
    for (file, missing) in
        [("voter-app.exe", "no collector"), ("collector", "no tally"), ("tally", "no verifier"), ("verifier", "no source")]
    {
        std::fs::write(dir.join("bin").join(file), file).unwrap();
        expect(&publish(), 1, missing);
    }
    std::fs::write(dir.join("source-1.tar"), "source").unwrap();
    expect(&publish(), 0, "A note: programs\\n");
    std::fs::write(dir.join("bin/two words"), "").unwrap();
    expect(&publish(), 1, "is not a name");
    std::fs::remove_file(dir.join("bin/two words")).unwrap();
    std::fs::create_dir_all(dir.join("a/b/c/d/e/f/g/h/i")).unwrap();
    expect(&publish(), 1, "too deep");
}

/// Serves a folder as a collector with a clock that is `ahead` seconds ahead, negative for behind, none at all without; gives its URL.
fn serve(record: PathBuf, ahead: Option<i64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let Some(first) = lines.next() else { continue };
            let _ = lines.take_while(|line| !line.is_empty()).count();
            let path = first.split(' ').nth(1).unwrap().trim_start_matches("/board/").to_owned();
            let (status, body) = match std::fs::read(record.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let now = SystemTime::now();
            let date = ahead.map_or_else(String::new, |ahead| {
                let moved = Duration::from_secs(ahead.unsigned_abs());
                format!("Date: {}\r\n", httpdate::fmt_http_date(if ahead < 0 { now - moved } else { now + moved }))
            });
            let _ = write!(stream, "HTTP/1.1 {status}\r\n{date}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&body);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read(&mut [0]);
        }
    });
    url
}

#[test]
fn clocks_agree() {
    let mut w = ready();
    w.publish(Path::new(env!("CARGO_BIN_EXE_tally")));
    let open = |ahead| {
        let board = serve(w.path("record"), ahead);
        tally(&["order", "open", "--board", &board, "--key", &w.key("c1"), "--out", &w.text("order"), "--unwitnessed"])
    };
    expect(&open(Some(0)), 0, "Voting begins");
    expect(&open(Some(50)), 0, "Voting begins");
    expect(&open(Some(75)), 1, "GATE-3: our clock says");
    expect(&open(Some(-75)), 1, "GATE-3: our clock says");
    expect(&open(None), 2, "GATE-3: the reply has no date");
    // Other orders do not ask.
    let board = serve(w.path("record"), Some(10_000));
    ok(&["order", "drill", "--board", &board, "--key", &w.key("c1"), "--out", &w.text("order"), "--unwitnessed"]);
}
