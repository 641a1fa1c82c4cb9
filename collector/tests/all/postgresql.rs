//! A box that several machines keep: takeover, fencing, commits that nobody confirms, the loss of the primary; attacks E08, H06.
//!
//! `HAAL_PG_ROUNDS` says how often the primary is killed; each round has a cluster of its own.

use crate::support::client::Client;
use crate::support::election::collector;
use crate::support::server::{command_in, read_record_of};
use crate::support::{Cluster, Election, Options, Server, Session, Voter, until};
use ballot::Hash;
use ballot::encode::Record;
use board::entry::Entry;
use std::collections::HashSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

/// Another machine.
fn machine(election: &Election, name: &str) -> PathBuf {
    let data = election.dir.path().join(name);
    election.init(&data);
    data
}

/// Starts a collector with a known address for the operator.
fn start(election: &Election, data: &Path, env: &[(&str, &str)]) -> (Child, Client) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = command_in(election, data, &[], env).arg("--operator").arg(format!("127.0.0.1:{port}")).spawn().unwrap();
    (child, Client::new(&format!("http://127.0.0.1:{port}")))
}

/// As the system does that runs it: again, until it is at work.
fn start_again(election: &Election, data: &Path) -> Server {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        assert!(Instant::now() < end, "it does not start again");
        let mut child = command_in(election, data, &[], &[]).spawn().unwrap();
        let up = until("it starts or ends", || match child.try_wait().unwrap() {
            Some(_) => Some(false),
            None => data.with_extension("port").exists().then_some(true),
        });
        if up {
            return Server::listening(child, data, election);
        }
    }
}

fn waits(operator: &Client) {
    until("it stands by", || {
        let reply = operator.try_get("/ready").ok()?;
        (reply.status == 503 && reply.body.starts_with(b"standing by")).then_some(())
    });
}

/// As `until`, for what takes a takeover on a busy machine.
fn patiently<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(90);
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < end, "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// People who go on voting until they are told to stop, and send a ballot again until they know.
struct Casting {
    client: RwLock<Client>,
    promised: Mutex<Vec<Hash>>,
    ends: AtomicBool,
}

impl Casting {
    fn new(server: &Server) -> Self {
        Self { client: RwLock::new(server.client.clone()), promised: Mutex::default(), ends: AtomicBool::new(false) }
    }

    fn vote(&self, voter: &Voter<'_>, session: &mut Session) {
        while !self.ends.load(Ordering::SeqCst) {
            let ballot = voter.ballot(session);
            let body = voter.body(&ballot);
            let promised = || {
                let client = self.client.read().unwrap().clone();
                client.try_post("/v1/cast", Some(&session.token), &body).is_ok_and(|reply| reply.status == 200)
            };
            patiently("a ballot is promised", || promised().then_some(()));
            self.promised.lock().unwrap().push(ballot.hash());
            session.after(&ballot);
        }
    }

    /// Waits for so many more promises.
    fn more(&self, count: usize) {
        let before = self.promised.lock().unwrap().len();
        patiently("more promises", || (self.promised.lock().unwrap().len() >= before + count).then_some(()));
    }
}

fn with_voters(election: &Election, server: &Server, work: impl FnOnce(&Casting)) -> Vec<Hash> {
    let casting = Casting::new(server);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (voter, casting) = (election.voter(n), &casting);
            let mut session = voter.login(server);
            scope.spawn(move || casting.vote(&voter, &mut session));
        }
        work(&casting);
        casting.ends.store(true, Ordering::SeqCst);
    });
    casting.promised.into_inner().unwrap()
}

/// Everything promised is on the board of this machine once, and nothing else is.
fn assert_kept(election: &Election, server: &Server, promised: &[Hash]) {
    server.settle();
    let (log, _) = read_record_of(election, &server.data);
    let ballot = |entry: &Vec<u8>| match Entry::from_bytes(entry).unwrap() {
        Entry::Ballot { ballot, .. } => Some(ballot::encode::hash("ballot", &[&ballot])),
        _ => None,
    };
    let found: Vec<Hash> = log.entries.iter().filter_map(ballot).collect();
    let set: HashSet<Hash> = found.iter().copied().collect();
    assert_eq!(set.len(), found.len(), "a ballot stands twice");
    assert!(promised.iter().all(|hash| set.contains(hash)), "a promise is broken");
    assert_eq!(promised.len(), found.len(), "a ballot that nobody was told of: every voter sent until the promise came");
}

/// What one machine published, the other goes on from.
fn assert_extends(election: &Election, later: &Path, earlier: &Path) {
    let (later, earlier) = (read_record_of(election, later).0, read_record_of(election, earlier).0);
    assert_eq!(later.entries[..earlier.entries.len()], earlier.entries[..], "the log has forked");
}

/// A command says which box it was pointed at wrongly; no server is asked for that.
#[test]
fn where_the_box_is() {
    let election = Election::new(Options::default());
    let (data, away) = (election.data(), "postgres://nobody@127.0.0.1:1/nothing");
    let said = |words: &[&str]| {
        let output = collector().args(words).arg("--data").arg(&data).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["status", "--store", away]).contains("leave out --store"));
    std::fs::remove_file(data.join("collector.db")).unwrap();
    assert!(said(&["status"]).contains("name PostgreSQL with --store"));
    assert!(said(&["backup", "--out", "nowhere"]).contains("PostgreSQL has its own tools"));
    assert!(said(&["serve", "--listen", "127.0.0.1:0", "--store", away]).contains("the connection to the database is lost"));
}

/// Two machines, one after the other: killed, paused, overtaken, and with a database that stops half-way through a commit.
#[test]
fn two_machines() {
    let Some(cluster) = Cluster::start("two_machines", 1) else { return };
    let election = Election::new(Options { voters: 5, store: Some(cluster.url()), ..Options::default() });
    let (one, two) = (election.data(), machine(&election, "second"));
    let (child, _) = start(&election, &one, &[]);
    let server = Server::listening(child, &one, &election);
    election.open_voting(&server);
    let said = collector().args(["status", "--data"]).arg(&two).args(election.place()).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("phase voting"), "{said:?}");

    // The second waits, and takes over when the first is killed among voters.
    let (child, operator) = start(&election, &two, &[("HAAL_LEASE", "2")]);
    waits(&operator);
    assert_eq!(operator.get("/health", None).status, 200);
    assert!(!two.with_extension("port").exists(), "no voter reaches it");
    let (mut second, mut child) = (None, Some(child));
    let mut promised = with_voters(&election, &server, |casting| {
        casting.more(8);
        server.kill();
        let taken = Server::listening(child.take().unwrap(), &two, &election);
        *casting.client.write().unwrap() = taken.client.clone();
        casting.more(8);
        second = Some(taken);
    });
    let second = second.unwrap();
    assert_kept(&election, &second, &promised);
    assert_extends(&election, &two, &one);

    // The second is paused: the first takes over again. When the second wakes up it can do nothing.
    let (child, operator) = start(&election, &one, &[]);
    waits(&operator);
    second.signal("-STOP");
    let first = Server::listening(child, &one, &election);
    promised.extend(with_voters(&election, &first, |casting| casting.more(4)));
    let before = election.entries();
    second.signal("-CONT");
    assert_eq!(second.wait().code(), Some(70));
    assert_eq!(election.entries()[..before.len()], before[..]);
    assert_kept(&election, &first, &promised);
    assert_extends(&election, &one, &two);

    // Somebody else has taken over, whatever the lock says: no answer but the end, and nothing stored.
    cluster.sql(0, "UPDATE sequencer SET epoch = epoch + 1");
    let voter = election.voter(4);
    assert!(first.client.try_post("/v1/login", None, voter.login_body(&Voter::nonce(&first)).to_string().as_bytes()).is_err());
    assert_eq!(first.wait().code(), Some(70));

    // A commit whose wait for a standby is cut short is not acknowledged; what it stored is found by the next start.
    let first = start_again(&election, &one);
    let mut session = voter.login(&first);
    cluster.sql(0, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    cluster.sql(0, "SELECT pg_reload_conf()");
    cluster.until(0, "SELECT setting FROM pg_settings WHERE name = 'synchronous_standby_names'", "nobody");
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let answer = std::thread::scope(|scope| {
        let sent = scope.spawn(|| first.client.try_post("/v1/cast", Some(&session.token), &body));
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        cluster.until(0, waiting, "1");
        cluster.sql(0, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        sent.join().unwrap()
    });
    assert!(answer.is_err(), "no promise for what no standby has: {answer:?}");
    assert_eq!(first.wait().code(), Some(70));
    cluster.sql(0, "ALTER SYSTEM RESET synchronous_standby_names");
    cluster.sql(0, "SELECT pg_reload_conf()");
    let first = start_again(&election, &one);
    let reply = first.client.post("/v1/cast", Some(&session.token), &body);
    assert_eq!(reply.status, 200, "the same ballot again");
    session.after(&ballot);
    promised.push(ballot.hash());
    promised.push(voter.cast(&first, &mut session).0.hash());
    assert_kept(&election, &first, &promised);
}

/// Three servers, one of two standbys confirms each commit. The primary is killed among voters, the standby that has received most takes its place.
#[test]
fn a_lost_primary() {
    let rounds = std::env::var("HAAL_PG_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    for round in 0..rounds {
        let Some(cluster) = Cluster::start("a_lost_primary", 3) else { return };
        let election = Election::new(Options { voters: 4, store: Some(cluster.url()), ..Options::default() });
        let data = election.data();
        let server = Server::start(&election, &[], &[]);
        election.open_voting(&server);
        let mut again = None;
        let promised = with_voters(&election, &server, |casting| {
            casting.more(8 + 5 * round);
            cluster.kill(0);
            assert_eq!(server.wait().code(), Some(70), "nothing is promised without a database");
            let next = cluster.furthest(&[1, 2]);
            cluster.promote(next, &[3 - next]);
            let server = start_again(&election, &data);
            *casting.client.write().unwrap() = server.client.clone();
            casting.more(8);
            again = Some(server);
        });
        assert_kept(&election, &again.unwrap(), &promised);
        eprintln!("a_lost_primary: round {round}: {} ballots promised, none lost", promised.len());
    }
}
