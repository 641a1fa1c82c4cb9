//! Specs 03 and 08: orders and posts, each refused by its rule; batches; the closing entry.

use crate::support::ceremony::trustee_key;
use crate::support::election::signing_key;
use crate::support::refusal::assert_refused;
use crate::support::server::{assert_exact, read_record};
use crate::support::{Election, Options, Reply, Server, now};
use ballot::Hash;
use ballot::encode::{Record, hash, put_list, sha256};
use board::entry::Entry;
use board::order::{Order, OrderKind};
use board::post::{Post, PostKind};
use board::roll::{AnnulReason, AnnulmentList, Roll};
use board::tree;

fn submit(server: &Server, order: &Order, blob: &[u8]) -> Reply {
    server.submit("order", &order.to_bytes(), blob)
}

#[test]
fn ord_1_to_4() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let note = |text: &[u8]| election.order(OrderKind::Note, |o| o.blob = sha256(text));
    submit(&server, &note(b"first"), b"first").ok();
    let before = server.snapshot();
    let refused = |order: &Order, blob: &[u8], status, rule| assert_refused(&server, &before, &submit(&server, order, blob), status, rule);

    let mut one = note(b"x");
    one.signatures.pop();
    refused(&one, b"x", 403, "ORD-1");
    let mut none = note(b"x");
    none.signatures.clear();
    refused(&none, b"x", 403, "ORD-1");
    let mut wrong = note(b"x");
    wrong.signatures[0].1[5] ^= 1;
    refused(&wrong, b"x", 403, "ORD-1");
    let mut unknown = note(b"x");
    unknown.sign(&election.id(), 9, &signing_key("kask"));
    refused(&unknown, b"x", 403, "ORD-1");
    let mut changed = note(b"x");
    changed.time += 1;
    refused(&changed, b"x", 403, "ORD-1");
    let mut twice = note(b"x");
    twice.signatures[1] = twice.signatures[0];
    refused(&twice, b"x", 400, "DEC-9");
    let mut foreign = note(b"x");
    foreign.signatures.clear();
    foreign.sign(&[9; 32], 1, &signing_key("kask"));
    foreign.sign(&[9; 32], 2, &signing_key("tamm"));
    refused(&foreign, b"x", 403, "ORD-1");

    let resigned = |fill: &dyn Fn(&mut Order)| {
        election.order(OrderKind::Note, |o| {
            o.blob = sha256(b"x");
            fill(o);
        })
    };
    for number in [0, 1, 3, u32::MAX] {
        refused(&resigned(&|o| o.number = number), b"x", 409, "ORD-2");
    }
    refused(&resigned(&|o| o.time = 5), b"x", 409, "ORD-3");
    refused(&resigned(&|o| o.value = 1), b"x", 400, "ORD-4");
    refused(&resigned(&|o| o.argument = [1; 32]), b"x", 400, "ORD-4");
    refused(&election.order(OrderKind::Ceremony, |o| (o.argument, o.blob) = ([1; 32], [1; 32])), b"", 400, "ORD-4");
    let ceremony = election.order(OrderKind::Ceremony, |o| o.argument = [1; 32]);
    refused(&ceremony, b"a blob that nothing names", 413, "HTTP-1");
    refused(&resigned(&|_| ()), b"", 400, "ENTRY-7");
    refused(&resigned(&|_| ()), b"y", 400, "ENTRY-7");
    refused(&note(&[0xff, 0xfe]), &[0xff, 0xfe], 400, "ORD-4");
    let long = vec![b'x'; (1 << 16) + 1];
    refused(&note(&long), &long, 413, "HTTP-1");
}

/// ORD-3 at the door: an order dated far ahead would make every later one impossible. The clock moves on meanwhile, so the upper end is
/// five minutes wide here; the exact one stands with the rule in `orders.rs`.
#[test]
fn ord_3_ahead_of_the_clock() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let note = |ahead: u64| {
        election.order(OrderKind::Note, |o| {
            o.blob = sha256(b"x");
            o.time = now() + ahead;
        })
    };
    let before = server.snapshot();
    for ahead in [900, 3600, 1 << 40] {
        assert_refused(&server, &before, &submit(&server, &note(ahead), b"x"), 409, "ORD-3");
    }
    submit(&server, &note(600), b"x").ok();
}

#[test]
fn forms() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let before = server.snapshot();
    let order = election.order(OrderKind::Note, |o| o.blob = sha256(b"x")).to_bytes();
    let refused =
        |call: &str, entry: &[u8], status, rule| assert_refused(&server, &before, &server.submit(call, entry, b"x"), status, rule);
    refused("post", &order, 400, "ENTRY-2");
    refused("order", &Election::manifest_entry(&election.manifest), 400, "ENTRY-2");
    refused("order", &Entry::Batch { time: now(), count: 1 }.to_bytes(), 400, "ENTRY-2");
    refused("order", &Entry::Closing { counted: [0; 32], root: [0; 32] }.to_bytes(), 400, "ENTRY-2");
    refused("order", &order[..order.len() - 1], 400, "DEC-5");
    refused("order", &[order.as_slice(), &[0]].concat(), 400, "DEC-4");
    refused("order", &[], 400, "DEC-5");
    for body in [&b""[..], &[0, 0], &[0, 0, 0, 200, 1, 2, 3]] {
        assert_refused(&server, &before, &server.client.post("/v1/order", None, body), 400, "DEC-5");
    }
    assert_refused(&server, &before, &server.client.post("/v1/order", None, &[0xff; 4]), 413, "HTTP-1");
}

#[test]
fn phases() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let refused = |order: Order, blob: &[u8], rule: &str| {
        let before = server.snapshot();
        let reply = submit(&server, &order, blob);
        let status = if matches!(rule, "ROLL-1" | "ANN-1" | "ANN-2") { 400 } else { 409 };
        assert_refused(&server, &before, &reply, status, rule);
    };
    let plain = |kind| election.order(kind, |_| ());
    for kind in [OrderKind::LastLogin, OrderKind::Close, OrderKind::Suspend, OrderKind::Resume, OrderKind::Seal] {
        refused(plain(kind), b"", "PHASE-1");
    }
    refused(election.order(OrderKind::Open, |o| o.argument = [1; 32]), b"", "PHASE-2");
    let roll = election.roll();
    let root = Roll::from_bytes(&roll).unwrap().tree().root();
    let order_roll = |root: Hash, blob: &[u8]| election.order(OrderKind::Roll, |o| (o.argument, o.blob) = (root, sha256(blob)));
    refused(order_roll([3; 32], &roll), &roll, "ROLL-1");
    let mut other = roll.clone();
    other.truncate(roll.len() - 34);
    other[5] -= 1;
    let other_root = Roll::from_bytes(&other).unwrap().tree().root();
    refused(order_roll(other_root, &other), &other, "ROLL-3");
    submit(&server, &order_roll(root, &roll), &roll).ok();
    election.trustees.run(&election, &server);
    let key = election.replay().ceremony().ready_key().unwrap();
    refused(election.order(OrderKind::Open, |o| o.argument = [1; 32]), b"", "PHASE-2");
    refused(election.order(OrderKind::Open, |o| (o.argument, o.time) = (key, o.time + 200_000)), b"", "PHASE-3");
    let open = || election.order(OrderKind::Open, |o| o.argument = key);
    refused(open(), b"", "GATE-1");
    let note = |text: &[u8]| election.order(OrderKind::Note, |o| o.blob = sha256(text));
    submit(&server, &note(b"programs\n"), b"programs\n").ok();
    refused(open(), b"", "GATE-1");
    let programs = election.programs();
    submit(&server, &note(&programs), &programs).ok();
    submit(&server, &note(b"Any other text."), b"Any other text.").ok();
    submit(&server, &open(), b"").ok();
    refused(election.order(OrderKind::Ceremony, |o| o.argument = [1; 32]), b"", "PHASE-1");
    refused(order_roll(root, &roll), &roll, "PHASE-1");
    refused(plain(OrderKind::Resume), b"", "PHASE-1");
    refused(election.order(OrderKind::Extend, |o| o.value = 5), b"", "PHASE-3");
    let list = |p: Hash| AnnulmentList::new(vec![(p, AnnulReason::Paper)]).unwrap().to_bytes();
    let annul = |list: &[u8], value| election.order(OrderKind::Annul, |o| (o.blob, o.value) = (sha256(list), value));
    let known = Roll::from_bytes(&roll).unwrap().lines()[0].pseudonym;
    refused(annul(&list([7; 32]), 1), &list([7; 32]), "ANN-1");
    refused(annul(&list(known), 2), &list(known), "ANN-2");
    submit(&server, &annul(&list(known), 1), &list(known)).ok();
    refused(annul(&list(known), 1), &list(known), "ANN-1");
    election.give(&server, OrderKind::Close);
    refused(plain(OrderKind::Suspend), b"", "PHASE-1");
    refused(election.order(OrderKind::Result, |o| (o.argument, o.blob) = ([1; 32], sha256(b"{}"))), b"{}", "PHASE-1");
    election.give(&server, OrderKind::Seal);
    refused(annul(&list(known), 1), &list(known), "PHASE-1");
}

#[test]
fn posts() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let before = server.snapshot();
    let post = |kind, author, key: &str, blob: &[u8]| Post::new(kind, author, sha256(blob), &election.id(), &signing_key(key)).to_bytes();
    let refused =
        |entry: &[u8], blob: &[u8], status, rule| assert_refused(&server, &before, &server.submit("post", entry, blob), status, rule);
    refused(&post(PostKind::Commit, 1, "two", b"x"), b"x", 403, "ENTRY-4");
    refused(&post(PostKind::Commit, 0, "one", b"x"), b"x", 403, "ENTRY-4");
    refused(&post(PostKind::Commit, 4, "one", b"x"), b"x", 403, "ENTRY-4");
    let mut role = post(PostKind::Commit, 1, "one", b"x");
    role[2] = 2;
    refused(&role, b"x", 403, "ENTRY-4");
    refused(&post(PostKind::Commit, 1, "one", b"x"), b"y", 400, "ENTRY-7");
    refused(&post(PostKind::Commit, 1, "one", b"x"), b"", 400, "ENTRY-7");
    let long = vec![0; (1 << 20) + 1];
    refused(&post(PostKind::Commit, 1, "one", &long), &long, 413, "HTTP-1");
    for kind in [PostKind::Intent, PostKind::Opening] {
        refused(&post(kind, 1, "one", b"x"), b"x", 409, "PHASE-6");
    }
    refused(&post(PostKind::Mix, 1, "mixer-1", b"x"), b"x", 409, "PHASE-6");
    let foreign = Post::new(PostKind::Commit, 1, sha256(b"x"), &[9; 32], &trustee_key(1)).to_bytes();
    refused(&foreign, b"x", 403, "ENTRY-4");
    // HTTP-7: what would be ignored stays outside. No session is open.
    refused(&post(PostKind::Commit, 1, "one", b"x"), b"x", 409, "KEY-1");
    refused(&post(PostKind::Drill, 1, "one", b"x"), b"x", 400, "DEC-5");
    // HTTP-2: the same order again gets its index.
    let order = election.order(OrderKind::Note, |o| o.blob = sha256(b"hello")).to_bytes();
    let index = server.submit_ok("order", &order, b"hello");
    assert_ne!(server.snapshot(), before);
    let before = server.snapshot();
    assert_eq!(server.submit_ok("order", &order, b"hello"), index);
    assert_eq!(server.snapshot(), before);
    server.stop();
    let server = Server::start(&election, &[], &[]);
    assert_eq!(server.submit_ok("order", &order, b"hello"), index);
    assert_eq!(server.snapshot(), before);
}

/// HTTP-7: messages of the ceremony that nobody could use are refused by their rule, and a right one is taken afterwards.
#[test]
fn ceremony_messages() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let session = sha256(b"session");
    server.submit_ok("order", &election.order(OrderKind::Ceremony, |o| o.argument = session).to_bytes(), b"");
    let before = server.snapshot();
    let (n, t) = election.manifest.trustees();
    let columns = election.manifest.columns() as u16;
    let commit = |trustee, n: usize| {
        let head = board::ceremony::Head { session, trustee };
        board::ceremony::Commit { head, n: n as u16, t: t as u16, columns, hash: [7; 32] }.to_bytes()
    };
    let send = |kind, blob: &[u8]| {
        let post = Post::new(kind, 1, sha256(blob), &election.id(), &trustee_key(1)).to_bytes();
        server.submit("post", &post, blob)
    };
    let refused = |kind, blob: &[u8], status, rule| assert_refused(&server, &before, &send(kind, blob), status, rule);
    refused(PostKind::Commit, b"rubbish", 400, "DEC-5");
    refused(PostKind::Commit, &[0; 75], 409, "KEY-1"); // of no session
    refused(PostKind::Commit, &commit(2, n), 409, "KEY-1");
    refused(PostKind::Commit, &commit(1, n + 1), 400, "KEY-2");
    refused(PostKind::Commit, &[commit(1, n), vec![0]].concat(), 400, "DEC-4");
    refused(PostKind::Reveal, &[&[33, 1], &commit(1, n)[2..]].concat(), 409, "KEY-1"); // before its round
    refused(PostKind::Complaint, &[&[36, 1], &commit(1, n)[2..]].concat(), 409, "KEY-1");
    let taken = send(PostKind::Commit, &commit(1, n)).ok()["index"].clone();
    assert_eq!(send(PostKind::Commit, &commit(1, n)).ok()["index"], taken, "HTTP-2");
    let second = [&commit(1, n)[..42], &[8; 32]].concat();
    assert_eq!(send(PostKind::Commit, &second).refusal(), (409, "KEY-1".to_owned()));
    assert!(election.replay().findings().is_empty());
}

/// HTTP-8: whoever posts without end is slowed down, in that kind alone, and is told for how long.
#[test]
fn very_many_posts() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    let send = |kind, author, n: u32| {
        let blob = n.to_be_bytes();
        let post = Post::new(kind, author, sha256(&blob), &election.id(), &trustee_key(author)).to_bytes();
        server.submit("post", &post, &blob)
    };
    let slowed = (0..1000).find(|n| send(PostKind::Commit, 1, *n).status == 429).unwrap();
    assert!(slowed >= 100, "{slowed}");
    let reply = send(PostKind::Commit, 1, 1001);
    assert_eq!(reply.refusal(), (429, "HTTP-8".to_owned()));
    assert!((1..=60).contains(&reply.header("retry-after").unwrap().parse::<u32>().unwrap()));
    assert_eq!(send(PostKind::Reveal, 1, 0).refusal(), (409, "KEY-1".to_owned()));
    assert_eq!(send(PostKind::Commit, 2, 0).refusal(), (409, "KEY-1".to_owned()));
}

/// The layout of a mix of one row and one column; what is in it nobody at the door looks at.
pub fn hollow_mix() -> Vec<u8> {
    [&[38, 1][..], &[0; 40], &1u32.to_be_bytes(), &1u16.to_be_bytes(), &[5; 32 * 16]].concat()
}

/// PHASE-4: pending ballots come before the order that ends the taking of ballots, and no close before an accepted ballot.
#[test]
fn close_and_suspend_flush() {
    let (election, server) = Election::open(Options { batch_seconds: 3600, ..Options::default() });
    server.settle();
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    let earlier = election.order(OrderKind::Close, |o| o.time = now() - 5);
    assert_eq!(server.status()["pending"], 1);
    let before = server.snapshot_now();
    let late = submit(&server, &earlier, b"");
    assert!(matches!(late.refusal(), (409, rule) if rule == "PHASE-4" || rule == "ORD-3"), "{late:?}");
    assert_eq!(server.snapshot_now(), before);
    election.give(&server, OrderKind::Suspend);
    assert_eq!(server.status()["pending"], 0);
    election.give(&server, OrderKind::Resume);
    let (ballot, _) = voter.cast(&server, &mut session);
    // HTTP-3: a close that is refused does not flush either.
    let mut unsigned = election.order(OrderKind::Close, |_| ());
    unsigned.signatures.pop();
    assert_eq!(submit(&server, &unsigned, b"").refusal(), (403, "ORD-1".to_owned()));
    assert_eq!(server.status()["pending"], 1);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let time = now();
    election.give(&server, OrderKind::Close);
    server.settle();
    let (log, replay) = read_record(&election);
    assert!(replay.batch_time() <= time + 1);
    let kinds: Vec<u8> = log.entries.iter().rev().take(3).map(|e| e[0]).collect();
    assert_eq!(kinds, [2, 5, 4], "close, ballot, batch from the end");
    assert!(
        matches!(Entry::from_bytes(&log.entries[log.entries.len() - 2]).unwrap(), Entry::Ballot { ballot: b, .. } if b == ballot.bytes())
    );
}

/// A close signed a while ago is fine, if nothing was accepted since.
#[test]
fn close_may_be_older_than_its_arrival() {
    let (election, server) = Election::open(Options { batch_seconds: 3600, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    let close = election.order(OrderKind::Close, |o| o.time += 1);
    std::thread::sleep(std::time::Duration::from_secs(3));
    submit(&server, &close, b"").ok();
    server.settle();
    assert_eq!(read_record(&election).1.batch_time(), close.time);
}

/// SET-3 to SET-5, HTTP-5: the closing entry stands there at once, and is what a plain reading of the log gives.
#[test]
fn closing_entry() {
    let (election, server) = Election::open(Options { voters: 6, ..Options::default() });
    let mut last = std::collections::BTreeMap::new();
    for n in [0, 1, 2, 4] {
        let voter = election.voter(n);
        let mut session = voter.login(&server);
        for _ in 0..=n % 3 {
            let (ballot, _) = voter.cast(&server, &mut session);
            last.insert(session.pseudonym, ballot.hash());
        }
        server.client.post("/v1/challenge", Some(&session.token), &voter.opened(&session).to_bytes()).ok();
    }
    let gone = [election.voter(1).login(&server).pseudonym, election.voter(3).login(&server).pseudonym];
    let list = AnnulmentList::new(gone.iter().map(|p| (*p, AnnulReason::Paper)).collect()).unwrap().to_bytes();
    submit(&server, &election.order(OrderKind::Annul, |o| (o.blob, o.value) = (sha256(&list), 2)), &list).ok();
    let index = election.close_and_seal(&server);
    server.settle();
    let (log, replay) = read_record(&election);
    let mut counted: Vec<Hash> = last.iter().filter(|(p, _)| !gone.contains(p)).map(|(_, h)| *h).collect();
    counted.sort();
    let mut bytes = Vec::new();
    put_list(&mut bytes, &counted, |out, h| out.extend(h));
    let leaves = replay.roll().unwrap().lines().iter().map(|l| {
        let (hash, status) = match last.get(&l.pseudonym) {
            None => ([0; 32], 0),
            Some(h) => (*h, if gone.contains(&l.pseudonym) { 2 } else { 1 }),
        };
        [&l.pseudonym[..], &hash, &[status]].concat()
    });
    assert_eq!(replay.closing(), Some((index, hash("counted", &[&election.id(), &bytes]), tree::root_of(leaves))));
    assert_eq!(log.entries.len() as u64, index + 1);

    // Mixes, intents and openings are taken now, and after the result the record holds exactly its files.
    let post = |kind, author, key: &str, blob: &[u8]| {
        server.submit("post", &Post::new(kind, author, sha256(blob), &election.id(), &signing_key(key)).to_bytes(), blob)
    };
    let before = server.snapshot();
    let mix = hollow_mix();
    let refused = |kind, key: &str, blob: &[u8], rule| assert_refused(&server, &before, &post(kind, 1, key, blob), 400, rule); // HTTP-7
    refused(PostKind::Mix, "mixer-1", b"a mix", "DEC-6");
    refused(PostKind::Mix, "mixer-1", &mix[..mix.len() - 1], "DEC-5");
    refused(PostKind::Mix, "mixer-1", &[mix.as_slice(), &[0]].concat(), "DEC-4");
    refused(PostKind::Intent, "one", b"an intent", "DEC-6");
    refused(PostKind::Opening, "one", &[40, 1, 0], "DEC-5");
    let taken = post(PostKind::Mix, 2, "mixer-2", &mix).ok()["index"].clone();
    assert_eq!(post(PostKind::Mix, 2, "mixer-2", &mix).ok()["index"], taken, "HTTP-2");
    let result = election.order(OrderKind::Result, |o| (o.argument, o.blob) = (counted[0], sha256(b"{}")));
    submit(&server, &result, b"{}").ok();
    assert_eq!(server.status()["phase"], "done");
    server.settle();
    crate::support::until("exact files", || {
        (!election.data().join("record/tile/entries/000.p").read_dir().is_ok_and(|d| d.count() > 1)).then_some(())
    });
    assert_exact(&election);
}
