//! H06: the process is killed on either side of every write. No promise without a durable ballot, no board that does not fit.

use crate::support::client::Reply;
use crate::support::server::{assert_exact, read_record};
use crate::support::voter::Session;
use crate::support::{Cluster, Election, Options, Server, Voter, Witness, until};
use ballot::encode::{Record, sha256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::entry::Entry;
use board::order::OrderKind;
use board::promise::Promise;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What is under way, to be sent again byte for byte after a crash.
struct Script<'e> {
    election: &'e Election,
    voter: Voter<'e>,
    session: Option<Session>,
    cast: Option<Vec<u8>>,
    challenge: Option<Vec<u8>>,
    order: Option<(Vec<u8>, Vec<u8>)>,
    /// Promises that left the server.
    promised: Vec<Vec<u8>>,
    round: u32,
}

/// The server is gone.
struct Died;

impl<'e> Script<'e> {
    fn new(election: &'e Election) -> Self {
        let voter = election.voter(0);
        Self { election, voter, session: None, cast: None, challenge: None, order: None, promised: Vec::new(), round: 0 }
    }

    fn post(server: &Server, path: &str, token: Option<&str>, body: &[u8]) -> Result<Reply, Died> {
        server.client.try_post(path, token, body).map_err(|_| Died)
    }

    /// Login, challenge, cast, order, in this order; each goes on where it stopped.
    fn play(&mut self, server: &Server) -> Result<(), Died> {
        self.round += 1;
        let nonce = Self::post(server, "/v1/login/nonce", None, b"")?.ok()["nonce"].as_str().unwrap().to_owned();
        let reply = Self::post(server, "/v1/login", None, self.voter.login_body(&nonce).to_string().as_bytes())?.ok();
        let session = self.session.insert(Session::of(&reply));
        let (voter, token) = (&self.voter, session.token.clone());
        let body = self.challenge.get_or_insert_with(|| voter.opened(session).to_bytes()).clone();
        self.send(server, "/v1/challenge", &token, &body)?;
        let session = self.session.as_ref().unwrap();
        let body = self.cast.get_or_insert_with(|| self.voter.body(&self.voter.ballot(session))).clone();
        self.send(server, "/v1/cast", &token, &body)?;
        let (election, round) = (self.election, self.round);
        let order = self.order.get_or_insert_with(|| {
            let text = format!("round {round}").into_bytes();
            (election.order(OrderKind::Note, |o| o.blob = sha256(&text)).to_bytes(), text)
        });
        let body = crate::support::server::submission(&order.0, &order.1);
        Self::post(server, "/v1/order", None, &body)?.ok();
        Ok(())
    }

    fn send(&mut self, server: &Server, path: &str, token: &str, body: &[u8]) -> Result<(), Died> {
        let reply = Self::post(server, path, Some(token), body)?.ok();
        self.promised.push(STANDARD.decode(reply["promise"].as_str().unwrap()).unwrap());
        Ok(())
    }

    fn done(&mut self) {
        (self.cast, self.challenge, self.order) = (None, None, None);
    }
}

/// Waits for everything to be published, or for the end.
fn settle(server: &Server) -> Result<(), Died> {
    let end = Instant::now() + Duration::from_secs(15);
    loop {
        if server.has_ended() {
            return Err(Died);
        }
        let at = |path: &str| server.client.try_get(path).map_err(|_| Died);
        let (status, checkpoint) = (at("/v1/status")?.json(), at("/board/checkpoint")?);
        let size = String::from_utf8(checkpoint.body).unwrap().lines().nth(1).map(str::to_owned);
        if status["pending"] == 0 && size == Some(status["size"].to_string()) {
            return Ok(());
        }
        assert!(Instant::now() < end, "the server neither publishes nor ends");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Every promise that ever left is kept: the ballot is on the board, once.
fn assert_kept(election: &Election, script: &Script<'_>) {
    let (log, _) = read_record(election);
    let mut hashes = HashSet::new();
    for entry in &log.entries {
        let ballot = match Entry::from_bytes(entry).unwrap() {
            Entry::Ballot { ballot, .. } => ballot,
            Entry::Challenged { opened } => opened[..election.manifest.ballot_len(0)].to_vec(),
            _ => continue,
        };
        assert!(hashes.insert(ballot::encode::hash("ballot", &[&ballot])), "a ballot stands twice");
    }
    for promise in &script.promised {
        let promise = Promise::from_bytes(promise).unwrap();
        assert!(hashes.contains(&promise.ballot), "a promise is broken");
    }
    let rows = election.rows();
    assert_eq!((rows["ballot"], rows["pending"]), (hashes.len() as i64, 0));
    assert_eq!(rows["entry"] as usize, log.entries.len());
}

#[test]
fn between_every_pair_of_writes() {
    kill_between_every_pair_of_writes(None);
}

/// The same takes a minute more; set HAAL_PG_ROUNDS for it.
#[test]
fn between_every_pair_of_writes_to_postgresql() {
    if std::env::var_os("HAAL_PG_ROUNDS").is_none() {
        eprintln!("between_every_pair_of_writes_to_postgresql: SKIPPED: HAAL_PG_ROUNDS is not set");
        return;
    }
    let Some(cluster) = Cluster::start("between_every_pair_of_writes_to_postgresql", 1) else { return };
    kill_between_every_pair_of_writes(Some(cluster.url()));
}

fn kill_between_every_pair_of_writes(store: Option<String>) {
    let election = Election::new(Options { voters: 20, witnesses: 1, quorum: 1, store, ..Options::default() });
    let witness = Witness::start("w1", election.manifest.clone());
    let urls = [witness.url.as_str()];
    let server = Server::start(&election, &urls, &[]);
    election.open_voting(&server);
    server.stop();
    let mut script = Script::new(&election);
    // Tile writes are visited often: several visits are several places between two files.
    let visits = |point: &str| match point {
        "tile-write" => vec![1, 2, 3],
        "checkpoint-write" | "stale-remove" => vec![1, 2],
        _ => vec![1],
    };
    let points = [
        "session-commit",
        "cast-commit",
        "batch-commit",
        "blob-write",
        "entry-commit",
        "tile-write",
        "checkpoint-write",
        "cosigned-commit",
        "stale-remove",
    ];
    for point in points {
        for (side, visit) in ["before", "after"].into_iter().flat_map(|s| visits(point).into_iter().map(move |v| (s, v))) {
            let crash = format!("{point}:{side}:{visit}");
            script.voter = election.voter(2 * (script.round as usize % 10)); // nobody votes so often as to be slowed down
            let server = Server::start(&election, &urls, &[("HAAL_CRASH", &crash)]);
            let mut died = false;
            for _ in 0..3 {
                if script.play(&server).and_then(|()| settle(&server)).is_err() {
                    died = true;
                    break;
                }
                script.done();
            }
            assert!(died, "{crash} was never reached");
            server.wait();
            drop(server);
            let server = Server::start(&election, &urls, &[]);
            assert!(script.play(&server).is_ok(), "{crash}");
            assert!(settle(&server).is_ok(), "{crash}");
            script.done();
            server.stop();
            let server = Server::start(&election, &urls, &[]);
            server.settle();
            assert_exact(&election);
            assert_kept(&election, &script);
            server.stop();
        }
    }
    assert!(script.promised.len() > 50);
}

/// A crash within the start itself.
#[test]
fn while_repairing() {
    let (election, server) = Election::open(Options::default());
    let mut script = Script::new(&election);
    assert!(script.play(&server).is_ok());
    server.kill();
    script.done();
    for point in
        ["tile-write:after:1", "tile-write:before:2", "checkpoint-write:before:1", "checkpoint-write:after:1", "cosigned-commit:after:1"]
    {
        let _ = std::fs::remove_dir_all(election.data().join("record/tile"));
        let _ = std::fs::remove_file(election.data().join("record/checkpoint"));
        let mut child = crate::support::server::command(&election, &[], &[("HAAL_CRASH", point)]).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(4);
        while child.try_wait().unwrap().is_none() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
    for _ in 0..2 {
        let server = Server::start(&election, &[], &[]);
        server.settle(); // the first start may make a batch, and keeps the tiles before it for a while
    }
    assert_exact(&election);
    assert_kept(&election, &script);
}

/// kill -9 while many are voting.
#[test]
fn killed_under_load() {
    kill_under_load(None, 3);
}

/// The same, as often as HAAL_PG_ROUNDS says.
#[test]
fn killed_under_load_with_postgresql() {
    let Some(rounds) = std::env::var("HAAL_PG_ROUNDS").ok().and_then(|n| n.parse().ok()) else {
        eprintln!("killed_under_load_with_postgresql: SKIPPED: HAAL_PG_ROUNDS is not set");
        return;
    };
    let Some(cluster) = Cluster::start("killed_under_load_with_postgresql", 1) else { return };
    kill_under_load(Some(cluster.url()), rounds);
}

fn kill_under_load(store: Option<String>, rounds: u64) {
    let (election, mut server) = Election::open(Options { voters: 8, store, ..Options::default() });
    let mut promised = Vec::new();
    for round in 0..rounds {
        let (client, election) = (&server.client, &election);
        let sessions: Vec<_> = (0..8).map(|n| (election.voter(n), election.voter(n).login(&server))).collect();
        let taken = AtomicUsize::new(0);
        let taken = &taken;
        std::thread::scope(|scope| {
            let voting: Vec<_> = sessions
                .into_iter()
                .map(|(voter, mut session)| {
                    scope.spawn(move || {
                        let mut promised = Vec::new();
                        loop {
                            let ballot = voter.ballot(&session);
                            let Ok(reply) = client.try_post("/v1/cast", Some(&session.token), &voter.body(&ballot)) else {
                                return promised;
                            };
                            if reply.status == 200 {
                                promised.push(ballot.hash());
                                taken.fetch_add(1, Ordering::SeqCst);
                                session.after(&ballot);
                            }
                        }
                    })
                })
                .collect();
            until("some are promised", || (taken.load(Ordering::SeqCst) >= 5).then_some(()));
            std::thread::sleep(Duration::from_millis(37 * (round % 10)));
            server.kill();
            voting.into_iter().for_each(|v| promised.extend(v.join().unwrap()));
        });
        server = Server::start(election, &[], &[]);
        server.settle();
    }
    let (log, _) = read_record(&election);
    let found: HashSet<_> = log.entries.iter().filter(|e| e[0] == 5).map(|e| ballot::encode::hash("ballot", &[&e[34..]])).collect();
    assert!(promised.len() > 10 && promised.iter().all(|hash| found.contains(hash)));
    assert_eq!(election.rows()["ballot"] as usize, found.len());
    eprintln!("{rounds} times killed: {} ballots promised, none lost", promised.len());
}
