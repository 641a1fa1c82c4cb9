//! CAST-9, HTTP-4: what cannot be stored is not promised.

use crate::support::server::{read_record, rows};
use crate::support::{Election, Options, Server, Session, Voter, until};
use ballot::encode::{Record, sha256};
use board::order::OrderKind;
use std::fs;
use std::io::Write;

/// Casts until the server cannot store any more: 503, nothing promised, nothing stored. Gives how often it was taken.
fn cast_until_full(election: &Election, server: &Server, voters: &mut [(Voter<'_>, Session)]) -> usize {
    let mut taken = 0;
    for round in 0..2000 {
        let at = round % voters.len();
        let (voter, session) = &mut voters[at];
        let ballot = voter.ballot(session);
        let before = rows(&election.data());
        let reply = server.client.post("/v1/cast", Some(&session.token), &voter.body(&ballot));
        if reply.status == 200 {
            session.after(&ballot);
            taken += 1;
            continue;
        }
        assert_eq!(reply.refusal(), (503, "CAST-9".to_owned()));
        assert!(reply.header("retry-after").is_some() && reply.json().get("promise").is_none());
        let after = rows(&election.data());
        for table in ["ballot", "envelope", "pad"] {
            assert_eq!(after[table], before[table], "{table}");
        }
        return taken;
    }
    panic!("it was never full");
}

/// With space again, every voter casts once more, and all that was promised is in the log.
fn goes_on(election: &Election, server: &Server, voters: &mut [(Voter<'_>, Session)], taken: usize) {
    for (voter, session) in voters.iter_mut() {
        voter.cast(server, session);
    }
    server.settle();
    let (log, _) = read_record(election);
    assert_eq!(log.entries.iter().filter(|e| e[0] == 5).count(), taken + voters.len());
}

/// The database may not grow. Later all goes on, and what was promised is there.
#[test]
fn a_full_database() {
    let (election, server) = Election::open(Options::default());
    let mut voters: Vec<_> = (0..3).map(|n| (election.voter(n), election.voter(n).login(&server))).collect();
    server.stop();
    let server = Server::start(&election, &[], &[("HAAL_MAX_PAGES", "1")]);
    let taken = cast_until_full(&election, &server, &mut voters);
    let note = election.order(OrderKind::Note, |o| o.blob = sha256(&[b'x'; 60_000])).to_bytes();
    let before = server.snapshot_now();
    let reply = server.submit("order", &note, &[b'x'; 60_000]);
    if reply.status != 200 {
        // An entry is small and may still fit. If not, its blob has gone too.
        assert_eq!(reply.refusal(), (503, "HTTP-4".to_owned()));
        assert_eq!(server.snapshot_now(), before);
    }
    server.stop();
    let server = Server::start(&election, &[], &[]);
    server.submit_ok("order", &note, &[b'x'; 60_000]);
    goes_on(&election, &server, &mut voters, taken);
}

/// The same on a real disk that is full: a file system of 8 MB in memory, seen by this process alone.
///
/// Mounting needs root or user namespaces. Where the system allows neither, this says so and tests nothing; `a_full_database` remains.
#[test]
fn a_full_disk() {
    let place = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=8m tmpfs \"$0\" && export TMPDIR=\"$0\" && exec \"$@\"";
    let on_small_disk = |program: &std::path::Path| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount]).arg(place.path()).arg(program);
        command
    };
    if !on_small_disk("true".as_ref()).output().is_ok_and(|o| o.status.success()) {
        eprintln!("a_full_disk: NOT TESTED: this system lets nobody but its administrator mount a file system");
        return;
    }
    let mut inside = on_small_disk(&std::env::current_exe().unwrap());
    let output = inside.args(["--ignored", "--exact", "storage::on_a_full_disk", "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// The board cannot be written either. With space again, the same process goes on.
#[test]
#[ignore = "a_full_disk runs it, on a small file system"]
fn on_a_full_disk() {
    let (election, server) = Election::open(Options::default());
    let mut voters: Vec<_> = (0..3).map(|n| (election.voter(n), election.voter(n).login(&server))).collect();
    server.settle();
    let filler = election.dir.path().join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    let mut filled = 0;
    while file.write_all(&[7; 4096]).is_ok() && filled < 64 << 20 {
        filled += 4096;
    }
    assert!(filled < 64 << 20, "this disk is not small");
    file.set_len(filled - 200_000).unwrap();
    drop(file); // else removing it frees nothing
    let taken = cast_until_full(&election, &server, &mut voters);
    println!("{taken} ballots fitted");
    std::thread::sleep(std::time::Duration::from_millis(2500)); // batches and tiles fail
    fs::remove_file(filler).unwrap();
    goes_on(&election, &server, &mut voters, taken);
}

/// The disk takes no blob: 503, and no entry that names one.
#[test]
fn a_blob_that_cannot_be_written() {
    let (election, server) = Election::open(Options::default());
    let note = election.order(OrderKind::Note, |o| o.blob = sha256(b"hello")).to_bytes();
    let before = server.snapshot();
    let blobs = election.data().join("record/blob");
    let aside = election.dir.path().join("aside");
    fs::rename(&blobs, &aside).unwrap();
    fs::write(&blobs, b"in the way").unwrap();
    assert_eq!(server.submit("order", &note, b"hello").refusal(), (503, "HTTP-4".to_owned()));
    fs::remove_file(&blobs).unwrap();
    fs::rename(&aside, &blobs).unwrap();
    assert_eq!(server.snapshot(), before);
    server.submit_ok("order", &note, b"hello");
    assert_ne!(server.snapshot(), before);
}

/// The board cannot be written: ballots are still taken and promised, and published when it can.
#[test]
fn tiles_that_cannot_be_written() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    server.settle();
    let tiles = election.data().join("record/tile");
    let aside = election.dir.path().join("aside");
    fs::rename(&tiles, &aside).unwrap();
    fs::write(&tiles, b"in the way").unwrap();
    let before = server.snapshot_now();
    let (ballot, _) = voter.cast(&server, &mut session);
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let receipt = format!("/v1/receipt/{}", hex::encode(ballot.hash()));
    assert_eq!(server.client.get(&receipt, None).status, 202);
    assert_eq!(fs::read(election.data().join("record/checkpoint")).unwrap(), before.checkpoint);
    fs::remove_file(&tiles).unwrap();
    fs::rename(&aside, &tiles).unwrap();
    server.settle();
    until("the receipt", || (server.client.get(&receipt, None).status == 200).then_some(()));
    read_record(&election);
}

/// Starts a server that must not start; gives what it says.
fn refused(election: &Election) -> String {
    let output = crate::support::server::command(election, &[], &[]).stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A write-ahead log that was synced and lost its end all the same (a lying disk, a bad copy): what was published and is gone stops the start. What
/// was promised and not yet published can be missed by its voter alone, who holds the promise; the same ballot is then taken again.
#[test]
fn a_truncated_log() {
    let options = Options { batch_seconds: 3600, voters: 1, ..Options::default() };
    let (election, server) = Election::open(options);
    let (voter, wal) = (election.voter(0), election.data().join("collector.db-wal"));
    until("all is published", || {
        let checkpoint = String::from_utf8(server.client.get("/board/checkpoint", None).body).unwrap();
        (checkpoint.lines().nth(1)? == server.status()["size"].to_string()).then_some(())
    });
    let session = voter.login(&server);
    let published = fs::read(&wal).unwrap();
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let promised = server.client.post("/v1/cast", Some(&session.token), &body).ok()["promise"].clone();
    server.kill();
    let (whole, database) = (fs::read(&wal).unwrap(), fs::read(election.data().join("collector.db")).unwrap());
    let restore = |log: &[u8]| {
        let _ = fs::remove_file(election.data().join("collector.db-shm"));
        fs::write(election.data().join("collector.db"), &database).unwrap();
        fs::write(&wal, log).unwrap();
    };
    assert!(whole.len() > published.len() && whole.starts_with(&published), "the ballot is at the end");

    for cut in [0, 32, published.len() / 3] {
        restore(&whole[..cut]);
        assert!(refused(&election).contains("E-RECONCILE"), "cut at {cut}");
    }
    let mut torn = whole.clone();
    torn[published.len() / 3] ^= 1; // nothing after it counts
    restore(&torn);
    assert!(refused(&election).contains("E-RECONCILE"));

    // Whole: the ballot is there.
    restore(&whole);
    let server = Server::start(&election, &[], &[]);
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).ok()["promise"], promised);
    server.kill();

    // Without its last commit: the server cannot know, the voter can.
    restore(&published);
    let server = Server::start(&election, &[], &[]);
    assert_eq!(voter.login(&server).number, 1, "the voter's program sees that his ballot is not there");
    let hash = hex::encode(ballot::encode::hash("ballot", &[ballot.bytes()]));
    assert_eq!(server.client.get(&format!("/v1/receipt/{hash}"), None).status, 404);
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
}
