//! Spec 07-casting: CAST-1 to CAST-10.

use crate::support::refusal::assert_refused;
use crate::support::voter::{SECOND_DEVICE, handed_in};
use crate::support::{Election, Options, Reply, Server, Voter, until};
use ballot::Hash;
use ballot::ballot::Context;
use ballot::encode::Record;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::entry::{Entry, envelope_hash};
use board::order::OrderKind;
use board::promise::{Promise, deadline};
use board::tree;
use serde_json::Value;

fn promise_of(reply: &Value) -> Promise {
    Promise::from_bytes(&STANDARD.decode(reply["promise"].as_str().unwrap()).unwrap()).unwrap()
}

#[test]
fn a_cast_ballot_is_promised_published_and_proved() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let time = crate::support::now();
    let reply = server.client.post("/v1/cast", Some(&session.token), &body).ok();
    session.after(&ballot);
    let promise = promise_of(&reply);
    promise.verify(&election.manifest.description().collector.key.0).unwrap();
    assert_eq!((promise.election, promise.ballot), (election.id(), ballot.hash()));
    assert!((deadline(time, 1)..=deadline(time + 5, 1)).contains(&promise.deadline));

    let path = format!("/v1/receipt/{}", hex::encode(ballot.hash()));
    let receipt = until("a receipt", || Some(server.client.get(&path, None)).filter(|r| r.status == 200)).json();
    let checkpoint = board::Checkpoint::verify(receipt["checkpoint"].as_str().unwrap(), &election.manifest).unwrap();
    checkpoint.require_quorum(&election.manifest).unwrap();
    assert_eq!(receipt["size"], checkpoint.size);
    let salt: Hash = ballot::encode::parse_hash(reply["salt"].as_str().unwrap()).unwrap();
    let envelope = envelope_hash(&salt, &body[SECOND_DEVICE + ballot.bytes().len()..]);
    let leaf = tree::leaf_hash(&Entry::Ballot { envelope, ballot: ballot.bytes().to_vec() }.to_bytes());
    let steps: Vec<Hash> =
        receipt["path"].as_array().unwrap().iter().map(|h| ballot::encode::parse_hash(h.as_str().unwrap()).unwrap()).collect();
    tree::verify_inclusion(&leaf, receipt["index"].as_u64().unwrap(), checkpoint.size, &steps, &checkpoint.root).unwrap();

    let (second, _) = voter.cast(&server, &mut session);
    server.settle();
    let mine = server.client.get("/v1/mine", Some(&session.token)).ok();
    let mine: Vec<_> =
        mine["ballots"].as_array().unwrap().iter().map(|b| (b["hash"].clone(), b["number"].clone(), b["index"].is_u64())).collect();
    assert_eq!(mine, [(hex::encode(ballot.hash()).into(), 1.into(), true), (hex::encode(second.hash()).into(), 2.into(), true)]);
    let again = voter.login(&server);
    assert_eq!((again.number, again.previous), (3, second.hash()));
    crate::support::server::read_record(&election);
}

/// CAST-3, H06: the same bytes of promise and salt, however often; nothing else happens.
#[test]
fn a_repeated_cast_gets_the_same_promise() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(1);
    let mut session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let first = server.client.post("/v1/cast", Some(&session.token), &body).ok();
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).ok(), first);
    let before = server.snapshot();
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).ok(), first);
    // Signed anew: still the promise and the evidence of the first time.
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &voter.body(&ballot)).ok(), first);
    assert_eq!(server.snapshot(), before);
    session.after(&ballot);
    let opened = voter.opened(&session).to_bytes();
    let first = server.client.post("/v1/challenge", Some(&session.token), &opened).ok();
    assert_eq!(server.client.post("/v1/challenge", Some(&session.token), &opened).ok(), first);
    server.settle();
    assert_eq!(server.client.post("/v1/challenge", Some(&session.token), &opened).ok(), first);
    // Another voter does not get it, and learns no salt.
    let other = election.voter(0).login(&server);
    let before = server.snapshot();
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&other.token), &body), 403, "CAST-4");
}

#[test]
fn cast_1_lengths() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let before = server.snapshot();
    let post = |body: &[u8]| server.client.post("/v1/cast", Some(&session.token), body);
    let cut = SECOND_DEVICE + ballot.bytes().len();
    let long = handed_in(ballot.bytes(), &[0; 16 * 1024 + 1]);
    let mut elsewhere = body.clone();
    elsewhere[SECOND_DEVICE + 66] = 0xff;
    for bad in [&b""[..], &body[..50], &body[..SECOND_DEVICE], &body[..cut - 1], &body[..cut], &elsewhere] {
        assert_refused(&server, &before, &post(bad), 400, "CAST-1");
    }
    // Without token and pad nothing stands where it must.
    assert!((400..500).contains(&post(&body[SECOND_DEVICE..]).status));
    assert_eq!(server.snapshot(), before);
    assert_refused(&server, &before, &post(&long), 413, "HTTP-1");
    // In the small district the container's own limit shows.
    let small = election.voter(1);
    let small_session = small.login(&server);
    let before = server.snapshot();
    let long = handed_in(small.ballot(&small_session).bytes(), &[0; 16 * 1024 + 1]);
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&small_session.token), &long), 413, "CAST-1");
    let opened = voter.opened(&session).to_bytes();
    let challenge = |body: &[u8]| server.client.post("/v1/challenge", Some(&session.token), body);
    assert_refused(&server, &before, &challenge(&opened[..opened.len() - 1]), 400, "CAST-1");
    assert_refused(&server, &before, &challenge(&[opened.as_slice(), &[0]].concat()), 413, "HTTP-1");
}

#[test]
fn cast_2_sessions() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let body = voter.body(&voter.ballot(&session));
    let before = server.snapshot();
    for token in [None, Some(""), Some("00"), Some(&*"0".repeat(64)), Some(&*session.token.to_uppercase()), Some(&session.token[1..])] {
        assert_refused(&server, &before, &server.client.post("/v1/cast", token, &body), 401, "CAST-2");
        assert_eq!(server.client.get("/v1/mine", token).status, 401);
    }
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
}

#[test]
fn cast_2_phases() {
    let election = Election::new(Options::default());
    let server = Server::start(&election, &[], &[]);
    election.open_voting(&server);
    let (early, voter) = (election.voter(0), election.voter(1));
    let (mut early_session, mut session) = (early.login(&server), voter.login(&server));
    voter.cast(&server, &mut session);
    let refused = |voter: &Voter<'_>, session: &crate::support::Session| {
        let before = server.snapshot();
        let body = voter.body(&voter.ballot(session));
        assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-2");
        let opened = voter.opened(session).to_bytes();
        assert_refused(&server, &before, &server.client.post("/v1/challenge", Some(&session.token), &opened), 409, "CAST-2");
    };
    election.give(&server, OrderKind::Suspend);
    assert_eq!(server.status()["suspended"], true);
    refused(&voter, &session);
    election.give(&server, OrderKind::Resume);
    voter.cast(&server, &mut session);
    election.give(&server, OrderKind::LastLogin);
    assert_eq!(server.status()["phase"], "last");
    voter.cast(&server, &mut session);
    let late = election.voter(2).login(&server);
    refused(&election.voter(2), &late);
    // A restart does not take the right of the early ones away.
    server.stop();
    let server = Server::start(&election, &[], &[]);
    early.cast(&server, &mut early_session);
    election.give(&server, OrderKind::Close);
    let before = server.snapshot();
    let body = voter.body(&voter.ballot(&session));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-2");
}

/// A ballot accepted after the last moment at which *close* may be dated could never be published.
#[test]
fn cast_2_not_after_the_end() {
    let until = crate::support::now() + 6;
    let (election, server) = Election::open(Options { until, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    voter.cast(&server, &mut session);
    std::thread::sleep(std::time::Duration::from_secs((until + 1).saturating_sub(crate::support::now())));
    let body = voter.body(&voter.ballot(&session));
    let before = server.snapshot();
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-2");
    // Signed ahead of time, posted afterwards.
    let close = election.order(OrderKind::Close, |o| o.time = until);
    server.submit_ok("order", &close.to_bytes(), &[]);
}

#[test]
fn cast_4_another_voter_or_district() {
    let (election, server) = Election::open(Options::default());
    let (voter, other) = (election.voter(0), election.voter(2));
    let (session, others) = (voter.login(&server), other.login(&server));
    let before = server.snapshot();
    let of_other = voter.ballot(&others);
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &voter.body(&of_other)), 403, "CAST-4");
    let elsewhere = voter.ballot_in(session.context(), 1);
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &voter.body(&elsewhere)), 403, "CAST-4");
    let opened = other.opened(&others).to_bytes();
    assert_refused(&server, &before, &server.client.post("/v1/challenge", Some(&session.token), &opened), 403, "CAST-4");
}

#[test]
fn cast_5_out_of_sequence() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let (first, _) = voter.cast(&server, &mut session);
    let before = server.snapshot();
    let context = session.context();
    for context in [
        Context { number: 1, previous: [0; 32], ..context },
        Context { number: 3, ..context },
        Context { number: u32::MAX, ..context },
        Context { previous: [9; 32], ..context },
    ] {
        let body = voter.body(&voter.ballot_in(context, session.district));
        assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-5");
    }
    // The number 0 and the first ballot over again (E02).
    let body = voter.body(&voter.ballot_in(Context { number: 0, ..context }, session.district));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-5");
    let (second, _) = voter.cast(&server, &mut session);
    assert_ne!(first.hash(), second.hash());
}

#[test]
fn cast_6_an_encryption_twice() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let opened = voter.opened(&session);
    server.client.post("/v1/challenge", Some(&session.token), &opened.to_bytes()).ok();
    let before = server.snapshot();
    // D09: an opened ballot cannot be cast.
    let body = voter.body(&opened.ballot);
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-6");
    // C01: nor can one part of it, in another ballot.
    let mut mixed = voter.ballot(&session).bytes().to_vec();
    let last = election.manifest.shape(election.manifest.style(0)[1]).unwrap().part_len();
    let at = mixed.len() - last..mixed.len();
    mixed[at.clone()].copy_from_slice(&opened.ballot.bytes()[at]);
    let body = handed_in(&mixed, &voter.container(&mixed));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 409, "CAST-6");
    // Nor can a cast ballot be opened.
    let (seed, selections) = (crate::support::voter::fresh_seed(), Voter::selections(0));
    let ballot = voter.style()(0).encrypt(&session.context(), &selections, &seed).unwrap();
    server.client.post("/v1/cast", Some(&session.token), &voter.body(&ballot)).ok();
    let before = server.snapshot();
    let opened = ballot::ballot::OpenedBallot { ballot: ballot.clone(), seed, selections }.to_bytes();
    let reply = server.client.post("/v1/challenge", Some(&session.token), &opened);
    assert_refused(&server, &before, &reply, 409, "CAST-5");
    session.after(&ballot);
}

#[test]
fn cast_7_envelopes() {
    let (election, server) = Election::open(Options::default());
    let (voter, other) = (election.voter(0), election.voter(2));
    let session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let before = server.snapshot();
    let cast = |container: Vec<u8>| {
        let body = handed_in(ballot.bytes(), &container);
        server.client.post("/v1/cast", Some(&session.token), &body)
    };
    let good = voter.container(ballot.bytes());
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let trailing = [good.as_slice(), &[0]].concat();
    let with_login = envelope::cades::sign(ballot.bytes(), &crate::support::voter::identity(&voter.login), crate::support::now()).unwrap();
    for bad in [
        other.container(ballot.bytes()),
        Voter::stranger(&election).container(ballot.bytes()),
        damaged,
        trailing,
        with_login,
        b"x".to_vec(),
        voter.container(b"other"),
    ] {
        assert_refused(&server, &before, &cast(bad), 403, "CAST-7");
    }
    for flaw in [
        crate::support::pki::Flaw::Expired,
        crate::support::pki::Flaw::NotYetValid,
        crate::support::pki::Flaw::OtherIssuer,
        crate::support::pki::Flaw::ImpostorIssuer,
        crate::support::pki::Flaw::WrongUse,
    ] {
        use crate::support::pki::{P256, Use};
        let person = crate::support::election::person(0);
        let credential = election.pki.flawed(&person, Use::Sign, P256, flaw).unwrap();
        let container =
            envelope::cades::sign(ballot.bytes(), &crate::support::voter::identity(&credential), crate::support::now()).unwrap();
        assert_refused(&server, &before, &cast(container), 403, "CAST-7");
    }
    cast(good).json()["promise"].as_str().unwrap();
}

/// CAST-1 and CAST-7 where the manifest says `asic-e`: that container and no other, and room for the ballot in it.
#[test]
fn cast_7_the_other_profile() {
    use envelope::Profile;
    let (election, server) = Election::open(Options { profile: ballot::manifest::Profile::AsicE, ..Options::default() });
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    let ballot = voter.ballot(&session);
    let before = server.snapshot();
    let cast = |container: &[u8]| server.client.post("/v1/cast", Some(&session.token), &handed_in(ballot.bytes(), container));
    let sign = |content: &[u8]| {
        let identity = crate::support::voter::identity(&voter.sign);
        let draft = Profile::AsicE.draft(content, identity.certificate(), identity.intermediates(), crate::support::now()).unwrap();
        draft.finish(&identity.sign(draft.message()).unwrap()).unwrap()
    };
    let good = sign(ballot.bytes());
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for bad in [voter.container(ballot.bytes()), sign(b"other"), damaged, vec![0; ballot.bytes().len() + 16 * 1024]] {
        assert_refused(&server, &before, &cast(&bad), 403, "CAST-7");
    }
    assert_refused(&server, &before, &cast(&vec![0; ballot.bytes().len() + 16 * 1024 + 1]), 413, "HTTP-1");
    assert_eq!(cast(&good).status, 200);
    session.after(&ballot);
    let other = election.voter(2).login(&server);
    let before = server.snapshot();
    let next = election.voter(2).ballot(&other);
    let body = handed_in(next.bytes(), &sign(next.bytes()));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&other.token), &body), 403, "CAST-7"); // another person's
}

#[test]
fn cast_8_ballots() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let before = server.snapshot();
    let good = voter.ballot(&session).bytes().to_vec();
    let len = good.len();
    // Type, version, election, key; a response of the proof; a point; a scalar that is not canonical.
    for at in [0, 1, 2, 40, len - 1, len - 33, ballot::ballot::HEAD_LEN + 32, len - 200] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let body = handed_in(&bad, &voter.container(&bad));
        let reply = server.client.post("/v1/cast", Some(&session.token), &body);
        assert_refused(&server, &before, &reply, 400, "CAST-8");
    }
    let mut identity = good.clone();
    identity[ballot::ballot::HEAD_LEN..ballot::ballot::HEAD_LEN + 32].fill(0);
    let body = handed_in(&identity, &voter.container(&identity));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 400, "CAST-8");
    // BAL-6 within one ballot: the same A in both parts.
    let first = election.manifest.shape(election.manifest.style(0)[0]).unwrap().part_len();
    let (a, b) = (ballot::ballot::HEAD_LEN, ballot::ballot::HEAD_LEN + first);
    let mut twice = good.clone();
    twice.copy_within(a..a + 32, b);
    let body = handed_in(&twice, &voter.container(&twice));
    assert_refused(&server, &before, &server.client.post("/v1/cast", Some(&session.token), &body), 400, "CAST-8");
}

#[test]
fn cast_10_challenged_ballots() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let session = voter.login(&server);
    let opened = voter.opened(&session).to_bytes();
    let before = server.snapshot();
    let len = opened.len();
    for at in [len - 1, len - 4 * 7 - 1, len - 4 * 7 - 40] {
        let mut bad = opened.clone();
        bad[at] ^= 1;
        let reply = server.client.post("/v1/challenge", Some(&session.token), &bad);
        assert_refused(&server, &before, &reply, 400, "CAST-10");
    }
    let reply = server.client.post("/v1/challenge", Some(&session.token), &opened).ok();
    assert!(reply.get("salt").is_none());
    promise_of(&reply).verify(&election.manifest.description().collector.key.0).unwrap();
    // It uses up no number, stands on the board, and has a receipt.
    assert_eq!(voter.login(&server).number, 1);
    server.settle();
    let (log, _) = crate::support::server::read_record(&election);
    assert!(log.entries.contains(&Entry::Challenged { opened: opened.clone() }.to_bytes()));
    let path = format!("/v1/receipt/{}", hex::encode(promise_of(&reply).ballot));
    until("the receipt", || (server.client.get(&path, None).status == 200).then_some(()));
}

/// Two casts at once by one voter with one number: exactly one wins.
#[test]
fn one_of_two_wins() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(0);
    let mut session = voter.login(&server);
    for _ in 0..5 {
        let ballots = [voter.ballot(&session), voter.ballot(&session), voter.ballot(&session)];
        let bodies = ballots.each_ref().map(|b| voter.body(b));
        let (client, token) = (&server.client, session.token.as_str());
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let sent: Vec<_> = bodies.iter().map(|body| scope.spawn(move || client.post("/v1/cast", Some(token), body))).collect();
            sent.into_iter().map(|s| s.join().unwrap()).collect()
        });
        let won: Vec<usize> = (0..3).filter(|n| replies[*n].status == 200).collect();
        assert_eq!(won.len(), 1, "{replies:?}");
        for (n, reply) in replies.iter().enumerate().filter(|(n, _)| *n != won[0]) {
            assert_eq!(reply.refusal(), (409, "CAST-5".to_owned()), "{n}");
        }
        session.after(&ballots[won[0]]);
    }
    // The same ballot at once: one row, one promise for all.
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let (client, token, body) = (&server.client, session.token.as_str(), &body);
    let replies: Vec<Value> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..4).map(|_| scope.spawn(move || client.post("/v1/cast", Some(token), body).ok())).collect();
        sent.into_iter().map(|s| s.join().unwrap()).collect()
    });
    assert!(replies.iter().all(|r| r == &replies[0]));
    server.settle();
    assert_eq!(server.snapshot().rows["ballot"], 6);
}

/// H04: very many ballots are slowed down, and the next one is taken all the same.
#[test]
fn very_many_ballots() {
    let (election, server) = Election::open(Options::default());
    let voter = election.voter(1);
    let mut session = voter.login(&server);
    for _ in 0..50 {
        voter.cast(&server, &mut session);
    }
    let ballot = voter.ballot(&session);
    let body = voter.body(&ballot);
    let before = server.snapshot();
    let reply = server.client.post("/v1/cast", Some(&session.token), &body);
    assert_refused(&server, &before, &reply, 429, "HTTP-6");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait));
    std::thread::sleep(std::time::Duration::from_secs(wait));
    server.client.post("/v1/cast", Some(&session.token), &body).ok();
    session.after(&ballot);
    let body = voter.body(&voter.ballot(&session));
    assert_eq!(server.client.post("/v1/cast", Some(&session.token), &body).status, 429);
}
