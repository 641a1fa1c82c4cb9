//! Specs 08 and 11: batches, witnesses, receipts, and what a start does with what it finds.

use crate::support::server::{assert_exact, command, entries, read_record};
use crate::support::{Election, Options, Server, Witness, now, until};
use ballot::encode::Record;
use ballot::encode::hash;
use board::Checkpoint;
use board::entry::Entry;
use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn checkpoint(election: &Election) -> Checkpoint {
    let text = fs::read_to_string(election.data().join("record/checkpoint")).unwrap();
    Checkpoint::verify(&text, &election.manifest).unwrap()
}

fn places(election: &Election) -> Vec<usize> {
    checkpoint(election).witnesses.iter().map(|(place, _)| *place).collect()
}

/// Starts, and gives what the server said when it refused to.
fn start_refused(election: &Election) -> String {
    let mut child = command(election, &[], &[]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let status = until("the start is refused", || child.try_wait().unwrap());
    assert!(!status.success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    said
}

/// ENTRY-5, C12: many ballots, one batch, sorted by hash; more than one tile.
#[test]
fn batches_are_sorted() {
    let (election, server) = Election::open(Options { voters: 12, batch_seconds: 3, ..Options::default() });
    let mut sessions: Vec<_> = (0..12).map(|n| (election.voter(n), election.voter(n).login(&server))).collect();
    for round in 0..20 {
        for (voter, session) in &mut sessions {
            if round % 5 == 0 {
                server.client.post("/v1/challenge", Some(&session.token), &voter.opened(session).to_bytes()).ok();
            }
            voter.cast(&server, session);
        }
    }
    server.settle();
    let (log, replay) = read_record(&election);
    assert!(log.checkpoint.size > 256 + 30);
    let (mut batches, mut ballots) = (Vec::new(), 0);
    for entry in &log.entries {
        match Entry::from_bytes(entry).unwrap() {
            Entry::Batch { time, count } => {
                batches.push((time, count));
                ballots += count;
            }
            _ => continue,
        }
    }
    assert_eq!(ballots, 12 * 24);
    assert!(batches.iter().any(|(_, count)| *count > 10), "{batches:?}");
    assert!(batches.is_sorted_by_key(|(time, _)| *time) && replay.batch_time() <= now());
    // Restarted, the files are exactly those that a fresh reading gives.
    server.stop();
    let server = Server::start(&election, &[], &[]);
    server.settle();
    assert_exact(&election);
}

#[test]
fn a_small_batch_waits_one_interval() {
    let (election, server) = Election::open(Options { batch_seconds: 2, batch_smallest: 2, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let start = Instant::now();
    let (ballot, _) = voter.cast(&server, &mut session);
    let path = format!("/v1/receipt/{}", hex::encode(ballot.hash()));
    assert_eq!(server.client.get(&path, None).status, 202);
    until("the receipt", || (server.client.get(&path, None).status == 200).then_some(()));
    let took = start.elapsed();
    assert!((Duration::from_millis(1900)..Duration::from_millis(5500)).contains(&took), "{took:?}");
}

/// LOG-4, E08: receipts only under a quorum; a checkpoint without one is published all the same.
#[test]
fn witnesses() {
    let options = Options { witnesses: 3, quorum: 2, ..Options::default() };
    let election = Election::new(options);
    let witness = |n: usize| Witness::start(&format!("w{n}"), election.manifest.clone());
    let (w1, w2, w3) = (witness(1), witness(2), witness(3));
    let urls = [w3.url.as_str(), &w1.url, &w2.url]; // the order is free
    let server = Server::start(&election, &urls, &[]);
    election.open_voting(&server);
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (first, _) = voter.cast(&server, &mut session);
    server.settle();
    until("all cosign", || (places(&election) == [1, 2, 3]).then_some(()));
    let receipt = |ballot: &ballot::Ballot| server.client.get(&format!("/v1/receipt/{}", hex::encode(ballot.hash())), None);
    let given = until("a receipt", || Some(receipt(&first)).filter(|r| r.status == 200)).json();

    w2.silent.store(true, Ordering::SeqCst);
    w3.silent.store(true, Ordering::SeqCst);
    let (second, _) = voter.cast(&server, &mut session);
    server.settle();
    until("one cosigns", || (places(&election) == [1]).then_some(()));
    assert!(receipt(&second).status == 202 && receipt(&first).json() == given);
    // The receipt under the older checkpoint survives a restart without witnesses.
    server.stop();
    let server = Server::start(&election, &[], &[]);
    let receipt = |ballot: &ballot::Ballot| server.client.get(&format!("/v1/receipt/{}", hex::encode(ballot.hash())), None);
    assert!(receipt(&second).status == 202 && receipt(&first).json() == given);
    assert_eq!(places(&election), [1], "what witnesses signed is kept");
    server.stop();

    // They come back; the new process does not know what they know (409), and catches up.
    w2.silent.store(false, Ordering::SeqCst);
    let server = Server::start(&election, &urls, &[]);
    until("two cosign", || (places(&election) == [1, 2]).then_some(()));
    let receipt = |ballot: &ballot::Ballot| server.client.get(&format!("/v1/receipt/{}", hex::encode(ballot.hash())), None);
    until("the second receipt", || (receipt(&second).status == 200).then_some(()));
    assert!(w2.conflicts.load(Ordering::SeqCst) > 0);
    w3.silent.store(false, Ordering::SeqCst);
    until("all cosign again", || (places(&election) == [1, 2, 3]).then_some(()));
    for w in [&w1, &w2, &w3] {
        assert_eq!(w.seen.lock().unwrap().0, checkpoint(&election).size);
    }
    // Once all have signed, nobody is asked any more.
    let asked = w1.asked.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(w1.asked.load(Ordering::SeqCst), asked);
}

#[test]
fn files_are_repaired_and_foreign_ones_removed() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    server.settle();
    let published = fs::read(election.data().join("record/checkpoint")).unwrap();
    server.kill();
    let record = election.data().join("record");
    let size = entries(&election.data()).len();
    fs::write(record.join(format!("tile/entries/000.p/{size}")), b"torn").unwrap();
    fs::remove_file(record.join(format!("tile/0/000.p/{size}"))).unwrap();
    fs::remove_file(record.join("checkpoint")).unwrap();
    fs::remove_file(record.join("manifest.json")).unwrap();
    fs::write(record.join("blob").join("ab".repeat(32)), b"left by a crash").unwrap();
    fs::create_dir_all(record.join("tile/7")).unwrap();
    fs::write(record.join("tile/7/000"), b"no").unwrap();
    fs::write(election.data().join("tmp/000"), b"half").unwrap();
    let server = Server::start(&election, &[], &[]);
    server.settle();
    assert_exact(&election);
    assert_eq!(fs::read(record.join("checkpoint")).unwrap(), published);
    assert_eq!(fs::read_dir(election.data().join("tmp")).unwrap().count(), 0);
    voter.cast(&server, &mut session);
}

/// E08: an old copy of the database would fork the log.
#[test]
fn an_old_database_is_refused() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    server.settle();
    server.stop();
    let db = election.data().join("collector.db");
    assert!(!election.data().join("collector.db-wal").exists(), "a clean end leaves one file");
    fs::copy(&db, election.dir.path().join("old.db")).unwrap();
    let server = Server::start(&election, &[], &[]);
    voter.cast(&server, &mut session);
    server.settle();
    server.stop();
    let before = fs::read(election.data().join("record/checkpoint")).unwrap();
    fs::copy(election.dir.path().join("old.db"), &db).unwrap();
    assert!(start_refused(&election).contains("E-RECONCILE"));
    // Nor does it help to spoil the signature lines.
    let text = String::from_utf8(before.clone()).unwrap();
    fs::write(election.data().join("record/checkpoint"), text.replace("\u{2014} collector", "\u{2014} somebody")).unwrap();
    assert!(start_refused(&election).contains("E-RECONCILE"));
    fs::write(election.data().join("record/checkpoint"), before).unwrap();
}

#[test]
fn a_changed_database_is_refused() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    server.settle();
    server.stop();
    let db = election.data().join("collector.db");
    let good = fs::read(&db).unwrap();
    let ballot = entries(&election.data()).iter().position(|e| e[0] == 5).unwrap();
    for sql in [
        format!("UPDATE entry SET bytes = CAST(X'0501' || zeroblob(length(bytes) - 2) AS BLOB) WHERE position = {ballot}"),
        format!("DELETE FROM entry WHERE position = {ballot}"),
        "DELETE FROM entry WHERE position = 3".to_owned(),
        "DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)".to_owned(),
        "DELETE FROM ballot".to_owned(),
        "UPDATE cosigned SET checkpoint = replace(checkpoint, 'haal', 'hall')".to_owned(),
        "UPDATE election SET manifest = X'7b7d'".to_owned(),
    ] {
        let connection = rusqlite::Connection::open(&db).unwrap();
        assert!(connection.execute(&sql, []).unwrap() > 0);
        drop(connection);
        assert!(start_refused(&election).contains("E-RECONCILE"), "{sql}");
        fs::write(&db, &good).unwrap();
        let _ = fs::remove_file(election.data().join("collector.db-wal"));
        let _ = fs::remove_file(election.data().join("collector.db-shm"));
    }
    // A blob cannot be made again.
    let roll = hex::encode(ballot::encode::sha256(&election.roll()));
    let blob = election.data().join("record/blob").join(roll);
    fs::remove_file(&blob).unwrap();
    assert!(start_refused(&election).contains("E-RECONCILE"));
    fs::write(&blob, b"other").unwrap();
    assert!(start_refused(&election).contains("E-RECONCILE"));
    fs::write(&blob, election.roll()).unwrap();
    Server::start(&election, &[], &[]);
}

#[test]
fn one_server_for_one_log() {
    let (election, server) = Election::open(Options::default());
    assert!(start_refused(&election).contains("another collector"));
    assert!(!server.has_ended());
}

/// E07: what was promised and never published shows, because the promise can be checked by anyone.
#[test]
fn an_envelope_hash_per_ballot() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let reply = server.client.post("/v1/cast", Some(&session.token), &body).ok();
    session.after(&ballot);
    server.settle();
    let salt = hex::decode(reply["salt"].as_str().unwrap()).unwrap();
    let expected = hash("envelope", &[&salt, &body[crate::support::voter::SECOND_DEVICE + ballot.bytes().len()..]]);
    let (log, _) = read_record(&election);
    let found = log.entries.iter().find_map(|e| match Entry::from_bytes(e).unwrap() {
        Entry::Ballot { envelope, ballot: b } if b == ballot.bytes() => Some(envelope),
        _ => None,
    });
    assert_eq!(found, Some(expected));
}
