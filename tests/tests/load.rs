//! H01, H04: honest voters are served while the box is thrown things at: a small part of `cargo load --attack …`. How quickly is not asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use e2e::election::Asked;
use e2e::load::attack::{self, Invalid, Tally, many_files};
use e2e::load::client::Client;
use e2e::load::parties::Parties;
use e2e::load::run::{Pressure, Running, beside, cast_all, log_all_in, session};
use e2e::load::town::Town;
use e2e::process::{build, program};
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const HONEST: usize = 24;
const ATTACKERS: usize = 4;

/// More connections than the server's library has room for by default, on which no handshake begins: is somebody else served while they
/// are all still open? On a slow machine they time out before that; then it says nothing.
fn comes_between_silent_ones(running: &Running) -> bool {
    let silent: Vec<TcpStream> = (0..700).map(|_| TcpStream::connect(running.target.address).unwrap()).collect();
    let begun = Instant::now();
    let answer = Client::patient(&running.target, Duration::from_secs(20)).call("GET", "/v1/status", None, b"").unwrap();
    assert_eq!(answer.status, 200, "after {:?}", begun.elapsed());
    silent.into_iter().all(|mut stream| {
        stream.set_nonblocking(true).unwrap();
        matches!(stream.read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    })
}

/// Every ballot has an OCSP answer of its own and a time stamp; everybody is served over TLS; what is not right is not taken.
#[test]
fn honest_voters_are_served() {
    build().unwrap();
    many_files();
    let dir = program("load-test");
    let _ = std::fs::remove_dir_all(&dir);
    let (town, _) = Town::new(&dir, Asked::Each, HONEST + ATTACKERS, None).unwrap();
    let parties = Parties::start(&town.dir.join("services"), Duration::ZERO).unwrap();
    let running = Running::start(&town, Some(&parties), None, &[]).unwrap();
    assert!((0..5).any(|_| comes_between_silent_ones(&running)), "nobody is served before silent connections have timed out");
    let how = Pressure { connections: 4, rate: None };
    let (_, replies) = log_all_in(&running.target, how, &town.manifest, &town.voters).unwrap();
    let with_session: Vec<_> = town.voters.iter().zip(replies.iter().map(session)).collect();
    let (attackers, honest) = with_session.split_at(ATTACKERS);
    let invalid = Invalid::prepare(attackers, town.manifest.ballot_len(0)).unwrap();
    let (slow, idle, bodies, bad): (Tally, Tally, Tally, Tally) = Default::default();
    let target = &running.target;
    let attack = |end: &AtomicBool| {
        std::thread::scope(|scope| {
            scope.spawn(|| attack::slow(target, 20, &slow, end));
            scope.spawn(|| attack::idle(target, 200, &idle, end));
            scope.spawn(|| attack::bodies(target, 1, attackers[0].1, &bodies, end));
            scope.spawn(|| invalid.send(target, 2, 1000, &bad, end));
        });
    };
    let outcome = beside(&attack, || {
        let first: Vec<_> = honest.iter().map(|(voter, session)| (voter.body.as_slice(), *session)).collect();
        let next: Vec<_> = honest.iter().map(|(voter, session)| (voter.next.as_slice(), *session)).collect();
        let mut outcome = cast_all(target, how, &first);
        outcome.times.extend(cast_all(target, how, &next).times);
        outcome
    });
    assert_eq!(outcome.times.len(), 2 * HONEST, "{:?}", outcome.refused);
    running.settle().unwrap();
    assert_eq!(parties.asked(), (2 * HONEST, 2 * HONEST), "nothing is asked about a ballot that is wrong");
    let told = bad.lines();
    for (what, wanted) in [
        ("wrong proof, signed", "400 CAST-8"),
        ("changed after signing", "403 CAST-7"),
        ("somebody else's", "403 CAST-4"),
        ("no session", "401 CAST-2"),
    ] {
        assert!(told.contains_key(&format!("{what}: {wanted}")), "{what}: {told:?}");
        let others = told
            .keys()
            .filter(|key| key.starts_with(what))
            .filter(|key| !key.ends_with(wanted) && !key.contains("429") && !key.contains("503"));
        assert_eq!(others.count(), 0, "{told:?}");
    }
    assert!(bodies.lines().keys().all(|key| !key.contains(": 200") && !key.contains(": 500")), "{:?}", bodies.lines());
    running.server.stop().unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
}
