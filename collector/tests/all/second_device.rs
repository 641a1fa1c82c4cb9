//! Spec 16-second-device: CHECK-5 to CHECK-9, and HTTP-9. D07: what an old code opens.

use crate::support::server::database;
use crate::support::{Election, Options, Reply, Server, Session, Voter, until};
use ballot::Hash;
use ballot::encode::hash;
use serde_json::Value;

/// A ballot's token and pad, drawn by the test.
fn token_and_pad(n: u8) -> (Hash, Hash) {
    (hash("test", &[b"token", &[n]]), hash("test", &[b"pad", &[n]]))
}

/// Casts a ballot with this token and pad; gives the body.
fn cast(voter: &Voter<'_>, session: &mut Session, server: &Server, (token, pad): (Hash, Hash)) -> Vec<u8> {
    let ballot = voter.ballot(session);
    let body = [&token[..], &pad, ballot.bytes(), &voter.container(ballot.bytes())].concat();
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
    session.after(&ballot);
    body
}

/// A ballot that is in the log; gives its token and pad.
fn on_the_board(election: &Election, server: &Server) -> (Hash, Hash) {
    let voter = election.voter(0);
    cast(&voter, &mut voter.login(server), server, token_and_pad(1));
    server.settle();
    token_and_pad(1)
}

fn ask(server: &Server, token: &[u8]) -> Reply {
    server.client.post("/v1/check", None, token)
}

fn pad_of(reply: Value) -> (String, u64) {
    (reply["pad"].as_str().unwrap().to_owned(), reply["left"].as_u64().unwrap())
}

fn nothing() -> (u16, String) {
    (404, "CHECK-9".to_owned())
}

/// True if these bytes stand anywhere in the database or its write-ahead log.
fn on_disk(election: &Election, bytes: &[u8]) -> bool {
    ["collector.db", "collector.db-wal"].iter().any(|name| {
        let file = std::fs::read(election.data().join(name)).unwrap_or_default();
        file.windows(bytes.len()).any(|w| w == bytes)
    })
}

#[test]
fn a_pad_is_released_three_times_and_then_erased() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (token, pad) = token_and_pad(1);
    let body = cast(&voter, &mut session, &server, (token, pad));
    server.settle();
    assert!(on_disk(&election, &pad));
    for left in [2, 1, 0] {
        let reply = ask(&server, &token).ok();
        // CHECK-14: the blinding is the one behind the voter's pseudonym.
        let blinding = ballot::encode::parse_hash(reply["blinding"].as_str().unwrap()).unwrap();
        let code = session.reply["person_code"].as_str().unwrap();
        assert_eq!(hash("pseudonym", &[&election.id(), &blinding, code.as_bytes()]), session.pseudonym);
        let now = crate::support::now();
        assert!((now + 1700..=now + 1800).contains(&reply["until"].as_u64().unwrap()));
        assert_eq!(pad_of(reply), (hex::encode(pad), left));
    }
    assert_eq!(ask(&server, &token).refusal(), nothing());
    until("the pad is gone from the disk", || (!on_disk(&election, &pad)).then_some(()));
    // CHECK-5: the same ballot once more brings nothing back, nor does it with a new pad, nor a restart.
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
    assert_eq!(ask(&server, &token).refusal(), nothing());
    let (other, pad_again) = token_and_pad(2);
    let again = [&other[..], &pad_again, &body[64..]].concat();
    server.client.post("/v1/cast", Some(&session.token), &again).ok();
    server.stop();
    let server = Server::start(&election, &[], &[]);
    for token in [token, other] {
        assert_eq!(ask(&server, &token).refusal(), nothing());
    }
    assert!(!on_disk(&election, &pad) && !on_disk(&election, &pad_again));
}

/// CHECK-6: before the ballot is in the log there is nothing to compare with.
#[test]
fn not_before_the_ballot_is_in_the_log() {
    let (election, server) = Election::open(Options { batch_seconds: 8, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (token, pad) = token_and_pad(1);
    cast(&voter, &mut session, &server, (token, pad));
    let early = ask(&server, &token);
    assert_eq!(server.client.get("/v1/status", None).json()["pending"], 1, "asked before the batch");
    assert_eq!(early.refusal(), nothing());
    server.settle();
    assert_eq!(pad_of(ask(&server, &token).ok()), (hex::encode(pad), 2));
}

/// CHECK-9: whatever is not a token of a pad that may be released gets one answer, and changes nothing.
#[test]
fn wrong_tokens() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (token, pad) = token_and_pad(1);
    let body = cast(&voter, &mut session, &server, (token, pad));
    let opened = voter.opened(&session).to_bytes();
    server.client.post("/v1/challenge", Some(&session.token), &opened).ok();
    let before = server.snapshot();
    let hash_of_ballot = hash("ballot", &[&body[64..64 + election.manifest.ballot_len(0)]]);
    for wrong in [[0; 32], pad, hash_of_ballot, session.pseudonym] {
        let reply = ask(&server, &wrong);
        assert_eq!(reply.refusal(), nothing());
        assert_eq!(reply.body, ask(&server, &[1; 32]).body);
    }
    for (wrong, status) in [(&token[..31], 400), (&[0; 33], 413), (b"", 400)] {
        assert_eq!(ask(&server, wrong).status, status);
    }
    assert_eq!(server.client.get("/v1/check", None).status, 404);
    assert_eq!(server.snapshot(), before);
    assert_eq!(pad_of(ask(&server, &token).ok()).1, 2);
}

/// CHECK-8: when the minutes are over the pad goes, also while nobody asks, and also if that was while the server was down.
#[test]
fn after_the_window() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (first, second) = (token_and_pad(1), token_and_pad(2));
    cast(&voter, &mut session, &server, first);
    cast(&voter, &mut session, &server, second);
    server.settle();
    assert_eq!(pad_of(ask(&server, &first.0).ok()).1, 2);
    server.stop();
    database_mut(&election).execute("UPDATE check_window SET ends = 1 WHERE token = ?1", [first.0]).unwrap();
    let server = Server::start(&election, &[], &[]);
    assert_eq!(ask(&server, &first.0).refusal(), nothing());
    until("the pad is gone from the disk", || (!on_disk(&election, &first.1)).then_some(()));
    // The other one is there, with what was left.
    assert!(on_disk(&election, &second.1));
    assert_eq!(pad_of(ask(&server, &second.0).ok()), (hex::encode(second.1), 2));
    assert_eq!(database(&election.data()).query_row("SELECT count(*) FROM check_window", [], |r| r.get::<_, i64>(0)).unwrap(), 1);
}

fn database_mut(election: &Election) -> rusqlite::Connection {
    rusqlite::Connection::open(election.data().join("collector.db")).unwrap()
}

/// CHECK-7, H06: what was counted stays counted, and what was not counted was not given out.
#[test]
fn releases_survive_a_crash() {
    let (election, server) = Election::open(Options::default());
    let (token, _) = on_the_board(&election, &server);
    server.stop();
    for (crash, left) in [("release-commit:before", 2), ("release-commit:after", 0)] {
        let server = Server::start(&election, &[], &[("HAAL_CRASH", crash)]);
        assert!(server.client.try_post("/v1/check", None, &token).is_err(), "{crash}");
        server.wait();
        drop(server);
        let server = Server::start(&election, &[], &[]);
        assert_eq!(pad_of(ask(&server, &token).ok()).1, left, "{crash}");
        server.stop();
    }
    let server = Server::start(&election, &[], &[]);
    assert_eq!(ask(&server, &token).refusal(), nothing());
}

/// D01: a second ballot with the token of another one gets no pad of its own, and does not disturb the first.
#[test]
fn a_token_used_twice() {
    let (election, server) = Election::open(Options::default());
    let (one, other) = (election.voter(0), election.voter(2));
    let (mut session, mut others) = (one.login(&server), other.login(&server));
    let (token, pad) = token_and_pad(1);
    cast(&one, &mut session, &server, (token, pad));
    cast(&other, &mut others, &server, (token, token_and_pad(2).1));
    server.settle();
    assert_eq!(pad_of(ask(&server, &token).ok()), (hex::encode(pad), 2));
}

/// Many at once: never more than allowed.
#[test]
fn never_more_often_than_allowed() {
    let (election, server) = Election::open(Options::default());
    let (token, _) = on_the_board(&election, &server);
    let client = &server.client;
    let given: usize = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..16).map(|_| scope.spawn(move || client.post("/v1/check", None, &token).status == 200)).collect();
        asked.into_iter().map(|a| usize::from(a.join().unwrap())).sum()
    });
    assert_eq!(given, 3);
}

/// HTTP-9: a page from anywhere may read the board and ask for a pad, and nothing else.
#[test]
fn pages_from_elsewhere() {
    let (election, server) = Election::open(Options::default());
    let allowed = |reply: Reply| reply.header("access-control-allow-origin").map(str::to_owned);
    for reply in [
        server.client.get("/board/manifest.json", None),
        server.client.get("/board/checkpoint", None),
        server.client.get("/board/nothing", None),
        ask(&server, &[0; 32]),
        ask(&server, b""),
    ] {
        assert_eq!(allowed(reply).as_deref(), Some("*"));
    }
    let voter = election.voter(0);
    for reply in [
        voter.try_login(&server),
        server.client.get("/v1/status", None),
        server.client.get("/v1/mine", None),
        server.client.post("/v1/cast", None, b"x"),
        server.client.get("/v1/receipt/00", None),
    ] {
        assert_eq!(allowed(reply), None);
    }
}
