//! A copy beside a running server, and a box that goes on from it; attack E08.

use crate::support::election::collector;
use crate::support::server::{database, read_record};
use crate::support::{Election, Options, Server};
use board::Checkpoint;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn path(election: &Election, name: &str) -> PathBuf {
    election.dir.path().join(name)
}

fn backup(election: &Election, name: &str) -> PathBuf {
    let out = path(election, name);
    let said = collector().arg("backup").arg("--data").arg(election.data()).arg("--out").arg(&out).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    out
}

fn restore(backup: &Path, data: &Path, key: &Path, seen: &[&str]) -> Output {
    let mut command = collector();
    command.arg("restore").arg("--backup").arg(backup).arg("--data").arg(data).arg("--key").arg(key);
    command.args(seen.iter().flat_map(|place| ["--seen", place]));
    command.output().unwrap()
}

/// Refused, with these words, and nothing is made.
fn refused(said: &Output, data: &Path, words: &str) {
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(!said.status.success() && text.contains(words), "{words}: {text}");
    assert!(!data.join("collector.db").exists());
}

/// All bytes of the files below a folder.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        all.extend(if path.is_dir() { bytes_below(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

#[test]
fn the_log_goes_on() {
    let (election, server) = Election::open(Options { batch_seconds: 2, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    server.settle();
    voter.cast(&server, &mut session); // promised, and perhaps not in the log yet
    let pads: Vec<Vec<u8>> = {
        let db = database(&election.data());
        let mut query = db.prepare("SELECT pad FROM check_pad").unwrap();
        query.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert!(!pads.is_empty(), "ballots with codes for a second device");
    let copy = backup(&election, "backup");
    assert!(!copy.join("log.key").exists(), "the key is kept elsewhere");
    let all = bytes_below(&copy);
    assert!(pads.iter().all(|pad| !all.windows(pad.len()).any(|w| w == pad)), "a pad in the backup (CHECK-8)");

    // The machine is lost at once.
    server.kill();
    let board = path(&election, "mirror");
    fs::create_dir(&board).unwrap();
    fs::copy(copy.join("record/checkpoint"), board.join("checkpoint")).unwrap();
    let before = Checkpoint::verify(&fs::read_to_string(board.join("checkpoint")).unwrap(), &election.manifest).unwrap();
    let key = path(&election, "kept.key");
    fs::copy(election.data().join("log.key"), &key).unwrap();
    fs::remove_dir_all(election.data()).unwrap();
    let said = restore(&copy, &election.data(), &key, &[board.to_str().unwrap()]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    let server = Server::start(&election, &[], &[]);
    let mut session = voter.login(&server);
    assert_eq!(session.number, 3, "both ballots are known");
    voter.cast(&server, &mut session);
    server.settle();
    let (log, _) = read_record(&election);
    assert_eq!(log.entries.iter().filter(|entry| entry[0] == 5).count(), 3);
    assert!(log.checkpoint.size > before.size);
}

#[test]
fn a_fork_is_refused() {
    let (election, server) = Election::open(Options::default());
    let copy = backup(&election, "backup");
    let (data, key) = (path(&election, "new"), election.data().join("log.key"));
    let voter = election.voter(0);
    voter.cast(&server, &mut voter.login(&server));
    server.settle();

    // The board has gone on: by its URL, as a copied record, as a file; also if only one of several says so.
    let record = election.data().join("record");
    let old = copy.join("record/checkpoint");
    for seen in [
        &[format!("http://127.0.0.1:{}/board", server.port)][..],
        &[record.display().to_string()],
        &[old.display().to_string(), record.join("checkpoint").display().to_string()],
    ] {
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        let said = restore(&copy, &data, &key, &seen);
        refused(&said, &data, "2 entries are published that this copy lacks");
    }
    refused(&restore(&copy, &data, &key, &["http://127.0.0.1:1/board"]), &data, "cannot read http://127.0.0.1:1/board");
    assert_eq!(restore(&copy, &data, &key, &[]).status.code(), Some(64), "somebody must have seen the board");

    // The same when only asked, and when a server is started on a folder that has fallen behind.
    let asked = |words: &[&str]| {
        let mut command = collector();
        command.args(words).output().unwrap()
    };
    let (copied, board) = (copy.to_str().unwrap(), record.to_str().unwrap());
    assert!(asked(&["status", "--data", copied, "--seen", old.to_str().unwrap()]).status.success());
    let said = asked(&["status", "--data", copied, "--seen", board]);
    refused(&said, &data, "2 entries are published that this copy lacks");
    let behind = path(&election, "behind");
    assert!(restore(&copy, &behind, &key, &[old.to_str().unwrap()]).status.success());
    let said = asked(&["serve", "--data", behind.to_str().unwrap(), "--listen", "127.0.0.1:0", "--seen", board]);
    refused(&said, &data, "2 entries are published that this copy lacks");

    // Another log of the same size.
    let other = Election::new(Options::default());
    refused(&restore(&copy, &data, &other.data().join("log.key"), &[old.to_str().unwrap()]), &data, "another log key");
    let strange = path(&other, "strange");
    let text = fs::read_to_string(&old).unwrap();
    let root = text.lines().nth(2).unwrap();
    let other_root: String = root.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    fs::write(&strange, text.replacen(root, &other_root, 1)).unwrap();
    refused(&restore(&copy, &data, &key, &[strange.to_str().unwrap()]), &data, "the checkpoint of");

    // A backup with a hole.
    let db = rusqlite::Connection::open(copy.join("collector.db")).unwrap();
    db.execute("DELETE FROM entry WHERE position = 1", []).unwrap();
    drop(db);
    refused(&restore(&copy, &data, &key, &[old.to_str().unwrap()]), &data, "E-RECONCILE");
}
