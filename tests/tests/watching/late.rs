//! Ballots held back or dated back, and files that never come: FOLLOW-6.

use super::scene::{Scene, more, opened, voted};
use base64::Engine;
use board::OrderKind;
use board::promise::Promise;
use e2e::election::now;
use e2e::insider::{Insider, Item, Setup, town};
use e2e::lab;
use e2e::web::Manner;

fn ballot(insider: &mut Insider, voter: usize) -> (Vec<u8>, [u8; 32]) {
    let bytes = insider.ballot(voter, &town::vote(0, 0)).bytes().to_vec();
    let hash = ballot::encode::hash("ballot", &[&bytes]);
    (bytes, hash)
}

#[test]
fn a_batch_that_is_dated_back() {
    for (age, alarms) in [(200, vec!["overdue"]), (30, vec![])] {
        let scene = Scene::new(&opened());
        assert_eq!(scene.once(&[]).code, 3);
        let mut next = opened();
        let (bytes, _) = ballot(&mut next, 4);
        let batch = next.batch_at(now() - age, vec![Item::Cast(bytes)]);
        scene.show(&next, "next");
        assert_eq!(scene.once(&[]).code, if alarms.is_empty() { 3 } else { 1 });
        assert_eq!(scene.kinds(), alarms);
        assert!(scene.alarms().iter().all(|alarm| alarm["place"] == format!("entry {batch}")));
    }
}

#[test]
fn a_checkpoint_without_a_quorum() {
    let scene = Scene::new(&opened());
    assert_eq!(scene.once(&[]).code, 3);
    let mut bare = voted();
    bare.files.insert("checkpoint".into(), Some(bare.checkpoint_of(bare.entries.len() as u64, &bare.root(), &[]).into_bytes()));
    scene.show(&bare, "bare");
    let mut follower = scene.follow(&["--patience", "2"]);
    let status = scene.until(|status| status["alarms"] == 1);
    assert_eq!(status["size"].as_u64(), Some(opened().entries.len() as u64), "it is not taken over");
    assert!(status["trouble"].as_str().unwrap().contains("LOG-4"), "{status}");
    follower.kill().unwrap();
    assert_eq!(scene.kinds(), ["overdue"]);
}

#[test]
fn a_blob_that_never_comes_or_is_another() {
    let voted = voted();
    let name = voted.blobs.keys().next().unwrap();
    for (manner, rule) in [(Manner::Status(404), "ENTRY-7"), (Manner::Lie(vec![1, 2, 3]), "REC-5")] {
        let scene = Scene::new(&voted);
        scene.board.behave(&format!("blob/{}", hex::encode(name)), manner);
        let mut follower = scene.follow(&["--patience", "2"]);
        let status = scene.until(|status| status["alarms"] == 1);
        assert_eq!(status["size"], 0, "nothing unverified is taken over");
        let alarm = &scene.alarms()[0];
        assert_eq!(alarm["kind"], "failed");
        assert!(
            alarm["place"].as_str().unwrap().ends_with(&hex::encode(name)) && alarm["text"].as_str().unwrap().contains(rule),
            "{alarm}"
        );
        // As soon as it is there, the log is followed.
        scene.board.behave("blob/", Manner::Honest);
        scene.until(|status| status["size"].as_u64() == Some(voted.entries.len() as u64));
        follower.kill().unwrap();
    }
}

#[test]
fn a_blob_longer_than_it_may_be_is_not_kept() {
    let mut log = voted();
    let text = vec![b'a'; (1 << 16) + 1];
    log.order(OrderKind::Note, 0, [0; 32], Some(&text));
    let scene = Scene::new(&log);
    let mut follower = scene.follow(&["--patience", "1"]);
    scene.until(|status| status["alarms"] == 1);
    follower.kill().unwrap();
    let (name, alarm) = (hex::encode(ballot::encode::sha256(&text)), &scene.alarms()[0]);
    assert!(alarm["kind"] == "failed" && alarm["place"].as_str().unwrap().ends_with(&name), "{alarm}");
    assert!(alarm["text"].as_str().unwrap().contains("ENTRY-7"), "{alarm}");
    assert!(!scene.path("copy/record/blob").join(name).exists());
}

#[test]
fn ballots_that_wait() {
    let scene = Scene::new(&voted());
    let pending = |n: u32| format!("{{\"pending\":{n}}}").into_bytes();
    // The collector's calls lie beside its board.
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(scene.path("board"), root.path().join("board")).unwrap();
    scene.board.turn_to(root.path());
    scene.board.behave("v1/status", Manner::Lie(pending(0)));
    let (url, out) = (format!("{}/board", scene.board.url), scene.path("copy"));
    let args = ["follow", &url, "--out", out.to_str().unwrap(), "--json", "--interval", "1", "--patience", "2"];
    let mut follower = e2e::process::Server::background("verifier", args, &scene.path("log")).unwrap();
    scene.until(|status| status["behind"] == 0 && status["size"].as_u64() > Some(0));
    assert_eq!(scene.kinds(), [] as [&str; 0]);
    scene.board.behave("v1/status", Manner::Lie(pending(3)));
    scene.until(|status| status["alarms"] == 1);
    follower.kill().unwrap();
    assert_eq!(scene.kinds(), ["overdue"]);
}

#[test]
fn a_promise_that_is_broken_and_one_that_is_kept() {
    let mut next = voted();
    let id = next.election_id();
    let key = lab::signing_key("collector");
    let (kept, never) = (ballot(&mut next, 4), ballot(&mut next, 6));
    next.clock = now();
    next.batch(vec![Item::Cast(kept.0)]);
    for (hash, deadline, as_text, alarms) in [
        (kept.1, now() + 5, false, 0),
        (kept.1, now() - 3600, true, 1), // published, and too late
        (never.1, now() - 10, false, 1),
        (never.1, now() + 3600, true, 0),
    ] {
        let scene = Scene::new(&next);
        let mut file = ballot::encode::Record::to_bytes(&Promise::new(id, hash, deadline, &key));
        if as_text {
            file = base64::engine::general_purpose::STANDARD.encode(file).into_bytes();
        }
        let path = scene.path("promise");
        std::fs::write(&path, file).unwrap();
        let said = scene.once(&["--promise", path.to_str().unwrap()]);
        assert_eq!((said.code, scene.kinds().len()), (if alarms == 1 { 1 } else { 3 }, alarms), "{said:?}");
        assert!(scene.kinds().iter().all(|kind| kind == "overdue"));
    }
    // While the board does not answer, nobody knows whether it was kept.
    let scene = Scene::new(&next);
    scene.board.behave("checkpoint", Manner::Status(404));
    let path = scene.path("promise");
    std::fs::write(&path, ballot::encode::Record::to_bytes(&Promise::new(id, never.1, now() - 10, &key))).unwrap();
    scene.once(&["--promise", path.to_str().unwrap()]);
    assert_eq!(scene.kinds(), [""; 0]);
    // A promise that somebody else signed is none.
    let scene = Scene::new(&next);
    let path = scene.path("promise");
    let foreign = Promise::new(id, never.1, 1, &lab::signing_key("witness-1"));
    std::fs::write(&path, ballot::encode::Record::to_bytes(&foreign)).unwrap();
    let said = scene.once(&["--promise", path.to_str().unwrap()]);
    assert!(said.code == 2 && said.err.contains("SIG-1"), "{said:?}");
    // Nor is one that the same collector gave in another election.
    std::fs::write(&path, ballot::encode::Record::to_bytes(&Promise::new([7; 32], never.1, 1, &key))).unwrap();
    let said = scene.once(&["--promise", path.to_str().unwrap()]);
    assert!(said.code == 2 && said.err.contains("VOTER-4"), "{said:?}");
}

#[test]
fn more_ballots_in_time_raise_nothing() {
    let scene = Scene::new(&voted());
    let mut log = voted();
    for voter in 4..7 {
        assert_eq!(scene.once(&[]).code, 3);
        log = more(&log, voter);
        scene.show(&log, &format!("{voter}"));
    }
    assert_eq!((scene.once(&[]).code, scene.alarms().len()), (3, 0));
}

#[test]
fn a_finished_election_whose_last_checkpoint_lacks_a_witness() {
    let mut log = Insider::new(Setup { witnesses: (3, 2), ..town::setup() }.manifest());
    log.begin();
    log.votes();
    log.finish();
    let mut bare = log.clone();
    bare.files.insert("checkpoint".into(), Some(log.checkpoint_of(log.entries.len() as u64, &log.root(), &[1, 3]).into_bytes()));
    let scene = Scene::new(&bare);
    // The third may come yet: nothing has failed.
    assert_eq!((scene.once(&[]).code, scene.alarms().len()), (3, 0));
    let mut follower = scene.follow(&["--patience", "2"]);
    let code = follower.wait(std::time::Duration::from_secs(180)).unwrap();
    // What is overdue is said when it is, which may be before or after the whole record has been checked.
    let mut kinds = scene.kinds();
    kinds.sort();
    assert_eq!((code, kinds), (1, vec!["failed".to_owned(), "overdue".to_owned()]));
    let failed = scene.alarms().into_iter().find(|alarm| alarm["kind"] == "failed").unwrap();
    assert!(failed["text"].as_str().unwrap().contains("LOG-4"));
    // It came.
    scene.show(&log, "complete");
    let mut follower = scene.follow(&["--acknowledge"]);
    assert_eq!(follower.wait(std::time::Duration::from_secs(180)).unwrap(), 0);
}

/// The wait for the last witness ends although the server has gone, and from one poll to the next.
#[test]
fn the_wait_for_a_witness_ends_without_the_server_too() {
    let mut log = Insider::new(Setup { witnesses: (3, 2), ..town::setup() }.manifest());
    log.begin();
    log.votes();
    log.finish();
    let checkpoint = log.checkpoint_of(log.entries.len() as u64, &log.root(), &[1, 3]);
    log.files.insert("checkpoint".into(), Some(checkpoint.into_bytes()));
    for single_polls in [true, false] {
        let scene = Scene::new(&log);
        assert_eq!((scene.once(&[]).code, scene.alarms().len()), (3, 0));
        scene.board.behave("", Manner::Silent);
        if single_polls {
            let until = std::time::Instant::now() + std::time::Duration::from_secs(180);
            while scene.once(&["--patience", "1"]).code == 3 {
                assert!(std::time::Instant::now() < until, "it waits for ever");
            }
        } else {
            let code = scene.follow(&["--patience", "1"]).wait(std::time::Duration::from_secs(180)).unwrap();
            assert_eq!(code, 1);
        }
        assert_eq!(scene.kinds(), ["failed", "overdue"]);
        assert!(scene.alarms()[1]["text"].as_str().unwrap().contains("1 witnesses"));
    }
}

/// The order that ends an election is nobody's: it must not make the observer wait and look away.
#[test]
fn a_forged_result_does_not_silence_the_observer() {
    let mut log = Insider::new(Setup { witnesses: (3, 2), ..town::setup() }.manifest());
    log.begin();
    log.votes();
    let at = log.order(board::OrderKind::Note, 0, [0; 32], Some(b"the end"));
    log.edit(at, |entry| match entry {
        board::Entry::Order(order) => (order.kind, order.signatures) = (board::OrderKind::Result, Vec::new()),
        _ => panic!("an order"),
    });
    let mut bare = log.clone();
    bare.files.insert("checkpoint".into(), Some(log.checkpoint_of(log.entries.len() as u64, &log.root(), &[1, 3]).into_bytes()));
    let scene = Scene::new(&bare);
    assert_eq!(scene.once(&[]).code, 1);
    assert!(scene.kinds().iter().all(|kind| kind == "failed") && !scene.kinds().is_empty());
    assert!(scene.alarms().iter().any(|alarm| alarm["place"] == format!("entry {at}")));
}

/// One poll, now and then: what is wrong with a result is said although a witness is missing.
#[test]
fn a_wrong_result_that_waits_for_a_witness() {
    let mut log = Insider::new(Setup { witnesses: (3, 2), ..town::setup() }.manifest());
    log.begin();
    log.votes();
    log.finish();
    let at = *log.orders_of(board::OrderKind::Result).last().unwrap();
    log.edit(at, |entry| match entry {
        board::Entry::Order(order) => order.argument[0] ^= 1,
        _ => panic!("an order"),
    });
    let mut bare = log.clone();
    bare.files.insert("checkpoint".into(), Some(log.checkpoint_of(log.entries.len() as u64, &log.root(), &[1, 3]).into_bytes()));
    let scene = Scene::new(&bare);
    assert_eq!(scene.once(&[]).code, 1);
    assert!(scene.alarms().iter().any(|alarm| alarm["place"] == format!("entry {at}")), "{:?}", scene.alarms());
}
