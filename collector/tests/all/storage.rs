//! CAST-9, HTTP-4: what cannot be stored is not promised.

use crate::support::server::{read_record, rows};
use crate::support::{Election, Options, Server};
use ballot::encode::{Record, sha256};
use board::order::OrderKind;
use std::fs;

/// The database may not grow: 503, nothing promised, nothing stored; later all goes on.
#[test]
fn a_full_database() {
    let (election, server) = Election::open_with(Options::default(), &[], &[("HAAL_MAX_PAGES", "1")]);
    let voter = election.voter(0);
    let mut full = 0;
    let mut session = None;
    // A page or two may be free: log in and vote until it is really full.
    for _ in 0..200 {
        let before = rows(&election.data());
        let body = match &mut session {
            None => {
                let reply = voter.try_login(&server);
                if reply.status == 200 {
                    session = Some(voter.login(&server));
                    continue;
                }
                assert_eq!(reply.status, 503);
                None
            }
            Some(session) => Some((voter.ballot(session), session)),
        };
        let Some((ballot, session)) = body else {
            full += 1;
            break;
        };
        let reply = server.client.post("/v1/cast", Some(&session.token), &voter.body(&ballot));
        if reply.status == 200 {
            session.after(&ballot);
            continue;
        }
        if reply.status == 429 {
            std::thread::sleep(std::time::Duration::from_secs(5));
            continue;
        }
        assert_eq!(reply.refusal(), (503, "CAST-9".to_owned()));
        assert!(reply.header("retry-after").is_some() && reply.json().get("promise").is_none());
        let after = rows(&election.data());
        assert_eq!(after["ballot"], before["ballot"]);
        assert_eq!(after["envelope"], before["envelope"]);
        assert_eq!(after["pad"], before["pad"]);
        full += 1;
        if full == 3 {
            break;
        }
    }
    assert!(full > 0, "the database was never full");
    let note = election.order(OrderKind::Note, |o| o.blob = sha256(&[b'x'; 60_000])).to_bytes();
    let before = server.snapshot_now();
    let reply = server.submit("order", &note, &[b'x'; 60_000]);
    // An order is small; it may still fit. If not, nothing is left of it, its blob neither.
    if reply.status != 200 {
        assert_eq!(reply.refusal(), (503, "HTTP-4".to_owned()));
        assert_eq!(server.snapshot_now(), before);
    }
    server.stop();
    let server = Server::start(&election, &[], &[]);
    server.submit_ok("order", &note, &[b'x'; 60_000]);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    server.settle();
    read_record(&election);
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
    assert_eq!(server.client.get(&receipt, None).status, 200);
    read_record(&election);
}
