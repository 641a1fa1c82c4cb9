//! The key ceremony from the first commit to the drill, and every way in which one trustee can spoil it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::encode::{DecodeError, Point, Record, hash};
use ballot::manifest::{Count, Rule};
use ballot::proof::knowledge;
use ballot::{RistrettoPoint, Scalar};
use board::PostKind;
use board::ceremony::{CeremonyError, Commit, Complaint, Confirm, Deal, DrillAnswer, Head, Reveal, SessionState, knowledge_transcript};
use common::election::{Board, contest};
use common::scalar;
use trustee::ceremony::*;
use trustee::key_share::KeyShare;
use trustee::open::lagrange;

const SESSION: [u8; 32] = [7; 32];

fn board(n: usize, t: u64) -> Board {
    let rule = Rule::Choose { min: 1, max: 1, blank: false };
    Board::new(n, t, vec![contest("a", rule, Count::Sum, 2, &["north", "south"])])
}

fn state(b: &Board) -> SessionState {
    b.replay.ceremony().sessions().last().unwrap().state
}

/// What the others see when they try to go on.
fn error<S, T>(result: Result<T, Box<(S, RoundError)>>) -> RoundError {
    result.map(|_| ()).map_err(|e| e.1).unwrap_err()
}

#[test]
fn a_whole_ceremony_gives_one_key_whose_shares_fit() {
    for (n, t) in [(3, 2), (5, 3), (3, 3)] {
        let mut b = board(n, t);
        let shares = b.ceremony();
        assert_eq!(state(&b), SessionState::Confirmed);
        let keys = b.replay.ceremony().confirmed().unwrap().clone();
        assert_eq!(shares.len(), n);
        for share in &shares {
            share.check(&keys).unwrap();
            let again = KeyShare::from_bytes(&share.to_bytes()).unwrap();
            again.check(&keys).unwrap();
            assert!(!format!("{share:?}").contains(&hex::encode(&share.to_bytes()[72..76])));
            for at in [2, 34] {
                let mut other = share.to_bytes().to_vec();
                other[at] ^= 1; // another key id; another session
                assert!(KeyShare::from_bytes(&other).unwrap().check(&keys).is_err());
            }
            let mut damaged = share.to_bytes().to_vec();
            damaged[80] ^= 1;
            assert!(KeyShare::from_bytes(&damaged).is_err() || KeyShare::from_bytes(&damaged).unwrap().check(&keys).is_err());
        }
        b.drill(&shares, [5; 32]);
        assert_eq!(b.replay.ceremony().ready_key(), Some(keys.key.id()));
        check_quorums(b.replay.ceremony().drills().last().unwrap(), t as usize).unwrap();
        assert!(b.replay.findings().is_empty());
    }
}

#[test]
fn a_restart_repeats_every_message_byte_for_byte() {
    let mut b = board(3, 2);
    let stages: Vec<Stage> = b.commits(SESSION).into_iter().map(Stage::Committed).collect();
    let back = |stage: &Stage| Stage::from_bytes(&stage.to_bytes()).unwrap();
    for stage in &stages {
        assert_eq!(back(stage).message(), stage.message());
        assert!(format!("{stage:?}").contains("redacted"));
        for len in 0..stage.to_bytes().len() {
            assert!(Stage::from_bytes(&stage.to_bytes()[..len]).is_err(), "{len}");
        }
    }
    let mut b = board(3, 2);
    for (state, j) in b.deals(SESSION).into_iter().zip(1..) {
        let stage = Stage::Dealt(state);
        // Trustee, n and t stand after type, version, stage, election and session.
        for (at, value) in [(67, 0u16), (67, 4), (71, 0), (71, 4)] {
            let mut bytes = stage.to_bytes().to_vec();
            bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
            assert_eq!(Stage::from_bytes(&bytes).map(drop), Err(DecodeError::Value), "{value} at {at}");
        }
        // n, t and columns as large as they can be, which only the header says: no more room than there are bytes.
        let mut bytes = stage.to_bytes().to_vec();
        bytes[69..75].fill(0xff);
        let large = Stage::from_bytes(&bytes).unwrap().to_bytes();
        assert_eq!((&bytes, large.capacity()), (&*large, bytes.len()));
        let Stage::Dealt(state) = back(&stage) else { panic!() };
        assert_eq!(state.message(), stage.message());
        let Finished::Confirmed(confirmed) = b.finish(state, j) else { panic!() };
        let stage = Stage::Confirmed(confirmed);
        assert_eq!(back(&stage).message(), stage.message());
        assert_eq!(back(&stage).setting(), stage.setting());
    }
}

#[test]
fn nobody_goes_on_before_all_have_spoken() {
    let mut b = board(3, 2);
    let settings = b.begin_session(SESSION);
    let states: Vec<_> = settings.into_iter().map(|s| s.commit(&mut b.rng).unwrap()).collect();
    b.post(PostKind::Commit, 1, &states[0].message());
    b.post(PostKind::Commit, 3, &states[2].message());
    let Err(refused) = states.into_iter().next().unwrap().reveal(&b.replay) else { panic!() };
    assert_eq!(refused.1, RoundError::Waiting { what: "commit", missing: vec![2] });
    assert_eq!((refused.1.rule(), refused.1.culprit()), ("KEY-1", None));
    // The state is given back, and fits another session in no case.
    b.order(board::OrderKind::Ceremony, 0, [8; 32], None);
    assert_eq!(error(refused.0.reveal(&b.replay)), RoundError::Session);
}

#[test]
fn another_message_under_our_name_is_noticed() {
    let mut b = board(3, 2);
    let settings = b.begin_session(SESSION);
    let states: Vec<_> = settings.iter().map(|s| s.commit(&mut b.rng).unwrap()).collect();
    let forged = settings[0].commit(&mut b.rng).unwrap();
    b.post(PostKind::Commit, 1, &forged.message());
    b.post(PostKind::Commit, 2, &states[1].message());
    b.post(PostKind::Commit, 3, &states[2].message());
    let mut states = states.into_iter();
    assert_eq!(error(states.next().unwrap().reveal(&b.replay)), RoundError::NotOurs("commit"));
    assert!(states.next().unwrap().reveal(&b.replay).is_ok());
}

/// Runs to the given round, lets trustee 2 post `wrong` there, and gives what trustee 1 says.
fn spoil(kind: PostKind, wrong: impl Fn(&mut Board, Vec<u8>) -> Vec<u8>) -> RoundError {
    let mut b = board(3, 2);
    match kind {
        PostKind::Commit => {
            let settings = b.begin_session(SESSION);
            let states: Vec<_> = settings.iter().map(|s| s.commit(&mut b.rng).unwrap()).collect();
            let message = wrong(&mut b, states[1].message());
            b.post(kind, 1, &states[0].message());
            b.post(kind, 2, &message);
            error(states.into_iter().next().unwrap().reveal(&b.replay))
        }
        PostKind::Reveal => {
            let states: Vec<_> = b.commits(SESSION).into_iter().map(|s| s.reveal(&b.replay).map_err(|e| e.1).unwrap()).collect();
            let message = wrong(&mut b, states[1].message().to_vec());
            b.post(kind, 1, states[0].message());
            b.post(kind, 2, &message);
            let first = states.into_iter().next().unwrap();
            error(first.deal(&b.replay, &mut b.rng))
        }
        PostKind::Deal => {
            let states = b.reveals(SESSION);
            let states: Vec<_> = states.into_iter().map(|s| s.deal(&b.replay, &mut b.rng).map_err(|e| e.1).unwrap()).collect();
            let message = wrong(&mut b, states[1].message().to_vec());
            b.post(kind, 1, states[0].message());
            b.post(kind, 2, &message);
            let first = states.into_iter().next().unwrap();
            error(first.finish(&b.replay, &b.share_keys[0], &mut b.rng))
        }
        _ => panic!(),
    }
}

#[test]
fn every_wrong_message_names_its_rule_and_its_author() {
    type Change = Box<dyn Fn(&mut Board, Vec<u8>) -> Vec<u8>>;
    let table: Vec<(PostKind, &str, Change)> = vec![
        (PostKind::Commit, "KEY-2", Box::new(|_, m| Commit { t: 3, ..Commit::from_bytes(&m).unwrap() }.to_bytes())),
        (PostKind::Commit, "KEY-2", Box::new(|_, m| Commit { n: 4, ..Commit::from_bytes(&m).unwrap() }.to_bytes())),
        (PostKind::Commit, "KEY-2", Box::new(|_, m| Commit { columns: 1, ..Commit::from_bytes(&m).unwrap() }.to_bytes())),
        (PostKind::Reveal, "KEY-3", Box::new(|_, m| [&m[..36], &[m[36] ^ 1], &m[37..]].concat())),
        (PostKind::Reveal, "KEY-3", Box::new(|b, _| other_reveal(b, 0))),
    ];
    for (kind, rule, wrong) in table {
        let error = spoil(kind, wrong);
        assert_eq!((error.rule(), error.culprit()), (rule, Some(2)), "{kind:?}: {error}");
    }
    // Bytes that do not decode, in each round.
    for kind in [PostKind::Commit, PostKind::Reveal, PostKind::Deal] {
        for (change, at) in [(1, 0), (1, 1)] {
            let error = spoil(kind, |_, mut m| {
                m[at] ^= change;
                m
            });
            assert_eq!(error.culprit(), Some(2), "{kind:?}: {error}");
        }
        let error = spoil(kind, |_, m| [m, vec![0]].concat());
        assert_eq!(error.culprit(), Some(2), "{kind:?}: {error}");
    }
}

/// A reveal of trustee 2 with `extra` coefficients more in the last column, proofs and all.
fn other_reveal(b: &mut Board, extra: usize) -> Vec<u8> {
    let mut coefficients = Vec::new();
    for at in 0..4 + extra {
        let a = scalar(&mut b.rng);
        let public = Point::from_point(RistrettoPoint::mul_base(&a)).unwrap();
        let t = knowledge_transcript(&b.manifest.id(), &SESSION, 2, at / 2 + 1, at % 2);
        coefficients.push((public, knowledge::prove(&a, &public, t, &mut b.rng).unwrap()));
    }
    Reveal { head: Head { session: SESSION, trustee: 2 }, salt: [1; 32], coefficients }.to_bytes()
}

/// Trustee 2 commits to `reveal` and then reveals it; gives trustee 1's verdict after all reveals.
fn commit_to(b: &mut Board, reveal: Vec<u8>) -> RoundError {
    let settings = b.begin_session(SESSION);
    let states: Vec<_> = settings.iter().map(|s| s.commit(&mut b.rng).unwrap()).collect();
    let head = Head { session: SESSION, trustee: 2 };
    let commit = Commit { head, n: 3, t: 2, columns: 2, hash: hash("reveal", &[&reveal]) };
    for (j, message) in [(1, states[0].message()), (2, commit.to_bytes()), (3, states[2].message())] {
        b.post(PostKind::Commit, j, &message);
    }
    let first = states.into_iter().next().unwrap().reveal(&b.replay).map_err(|e| e.1).unwrap();
    b.post(PostKind::Reveal, 1, first.message());
    b.post(PostKind::Reveal, 2, &reveal);
    error(first.deal(&b.replay, &mut b.rng))
}

#[test]
fn f03_nobody_raises_or_lowers_the_threshold() {
    for extra in [1, 2] {
        let mut b = board(3, 2);
        let reveal = other_reveal(&mut b, extra);
        let error = commit_to(&mut b, reveal);
        assert_eq!(error.culprit(), Some(2), "{error}");
    }
    let mut b = board(3, 2);
    let full = other_reveal(&mut b, 0);
    let error = commit_to(&mut b, full[..full.len() - 96].to_vec());
    assert_eq!(error.culprit(), Some(2), "{error}");
}

#[test]
fn f01_a_key_made_from_the_others_has_no_proof() {
    // Trustee 2 copies trustee 1's commitments with their proofs, and also negates them.
    for negate in [false, true] {
        let mut b = board(3, 2);
        let mut coefficients = Vec::new();
        for at in 0..4 {
            let a = scalar(&mut b.rng);
            let point = RistrettoPoint::mul_base(&a);
            let public = Point::from_point(if negate { -point } else { point }).unwrap();
            let t = knowledge_transcript(&b.manifest.id(), &SESSION, 1, at / 2 + 1, at % 2);
            coefficients.push((public, knowledge::prove(&a, &public, t, &mut b.rng).unwrap()));
        }
        let reveal = Reveal { head: Head { session: SESSION, trustee: 2 }, salt: [1; 32], coefficients }.to_bytes();
        let error = commit_to(&mut b, reveal);
        assert_eq!((error.rule(), error.culprit()), ("KEY-5", Some(2)));
    }
}

/// Deals with trustee 2's deal changed; then trustee 1's move.
fn with_deal(change: impl Fn(&mut Board, &mut Deal)) -> (Board, Vec<Dealt>) {
    let mut b = board(3, 2);
    let states = b.reveals(SESSION);
    let states: Vec<_> = states.into_iter().map(|s| s.deal(&b.replay, &mut b.rng).map_err(|e| e.1).unwrap()).collect();
    let mut deal = Deal::from_bytes(states[1].message(), 3, 2).unwrap();
    change(&mut b, &mut deal);
    b.post(PostKind::Deal, 1, states[0].message());
    b.post(PostKind::Deal, 2, &deal.to_bytes());
    b.post(PostKind::Deal, 3, states[2].message());
    (b, states)
}

fn judged(b: &Board) -> Judgement {
    let session = b.replay.ceremony().sessions().last().unwrap();
    judge(&b.manifest, session, &session.complaints[0]).unwrap()
}

#[test]
fn f05_a_wrong_share_is_complained_about_and_the_dealer_is_named() {
    type Change = Box<dyn Fn(&mut Board, &mut Deal)>;
    let table: [Change; 4] = [
        Box::new(|_, d| d.shares[0].sealed[0] ^= 1),
        Box::new(|_, d| d.shares.swap(0, 2)),                           // sealed for another
        Box::new(|_, d| d.shares[0].ephemeral = d.shares[1].ephemeral), // another key
        Box::new(|_, d| d.shares[0] = d.shares[2].clone()),             // replayed
    ];
    for change in table {
        let (mut b, states) = with_deal(change);
        let Finished::Complained(complained) = b.finish(states.into_iter().next().unwrap(), 1) else { panic!("no complaint") };
        let stage = Stage::Complained(complained);
        assert_eq!(Stage::from_bytes(&stage.to_bytes()).unwrap().message(), stage.message());
        b.post(PostKind::Complaint, 1, &stage.message());
        assert_eq!(state(&b), SessionState::Ended);
        assert_eq!(judged(&b), Judgement { complainer: 1, dealer: 2, culprit: 2 });
    }
}

#[test]
fn f05_a_share_off_the_polynomial_is_the_dealers_fault() {
    // Sealed properly, but for the polynomial of another session of the same dealer.
    let (mut b, states) = {
        let mut b = board(3, 2);
        let other = Setting::new(&b.manifest, SESSION, 2).unwrap().commit(&mut b.rng).unwrap();
        let states = b.reveals(SESSION);
        let states: Vec<_> = states.into_iter().map(|s| s.deal(&b.replay, &mut b.rng).map_err(|e| e.1).unwrap()).collect();
        let mut elsewhere = board(3, 2);
        elsewhere.begin_session(SESSION);
        let honest: Vec<_> =
            [1, 3].map(|j| Setting::new(&b.manifest, SESSION, j).unwrap().commit(&mut b.rng).unwrap()).into_iter().collect();
        for (j, c) in [(1, honest[0].message()), (2, other.message()), (3, honest[1].message())] {
            elsewhere.post(PostKind::Commit, j, &c);
        }
        let other = other.reveal(&elsewhere.replay).map_err(|e| e.1).unwrap();
        let [one, three] = <[Committed; 2]>::try_from(honest).map_err(|_| ()).unwrap();
        let one = one.reveal(&elsewhere.replay).map_err(|e| e.1).unwrap();
        let three = three.reveal(&elsewhere.replay).map_err(|e| e.1).unwrap();
        for (j, r) in [(1, one.message()), (2, other.message()), (3, three.message())] {
            elsewhere.post(PostKind::Reveal, j, r);
        }
        let wrong = other.deal(&elsewhere.replay, &mut b.rng).map_err(|e| e.1).unwrap();
        b.post(PostKind::Deal, 1, states[0].message());
        b.post(PostKind::Deal, 2, wrong.message());
        b.post(PostKind::Deal, 3, states[2].message());
        (b, states)
    };
    let third = states.into_iter().nth(2).unwrap();
    let Finished::Complained(complained) = b.finish(third, 3) else { panic!("no complaint") };
    b.post(PostKind::Complaint, 3, complained.message());
    assert_eq!(judged(&b), Judgement { complainer: 3, dealer: 2, culprit: 2 });
}

#[test]
fn f05_a_malicious_complaint_names_the_complainer() {
    // A true complaint about a good share; one with a wrong S; one with a broken proof; one in another's name.
    let (mut b, states) = with_deal(|_, d| d.shares[0].sealed[0] ^= 1);
    let Finished::Complained(true_one) = b.finish(states.into_iter().next().unwrap(), 1) else { panic!() };
    let complaint = Complaint::from_bytes(true_one.message()).unwrap();
    let session = b.replay.ceremony().sessions().last().unwrap().clone();
    let judge = |c: &Complaint| judge(&b.manifest, &session, c).map(|j| j.culprit);
    assert_eq!(judge(&complaint), Some(2));
    let other = Point::from_point(complaint.shared.point() + RistrettoPoint::mul_base(&Scalar::ONE)).unwrap();
    assert_eq!(judge(&Complaint { shared: other, ..complaint.clone() }), Some(1));
    assert_eq!(judge(&Complaint { dealer: 3, ..complaint.clone() }), Some(1));
    let head = Head { trustee: 3, ..complaint.head };
    assert_eq!(judge(&Complaint { head, ..complaint.clone() }), Some(3));
    assert_eq!(judge(&Complaint { dealer: 9, ..complaint.clone() }), Some(1));
    let head = Head { trustee: 9, ..complaint.head };
    assert_eq!(judge(&Complaint { head, ..complaint.clone() }), None);
    // A good share, and a valid proof of its S: the dealer is cleared.
    let (mut good, states) = with_deal(|_, _| {});
    let first = states.into_iter().next().unwrap();
    let wrong_key = ShareKey::new(&mut good.rng);
    assert_eq!(error(first.finish(&good.replay, &wrong_key, &mut good.rng)), RoundError::ShareKey);
}

#[test]
fn after_a_complaint_everyone_else_is_told_who_was_at_fault() {
    let (mut b, states) = with_deal(|_, d| d.shares[0].sealed[0] ^= 1);
    let mut states = states.into_iter();
    let Finished::Complained(complained) = b.finish(states.next().unwrap(), 1) else { panic!() };
    b.post(PostKind::Complaint, 1, complained.message());
    states.next();
    let error = error(states.next().unwrap().finish(&b.replay, &b.share_keys[2], &mut b.rng));
    assert_eq!(error, RoundError::Complaint(Judgement { complainer: 1, dealer: 2, culprit: 2 }));
    assert_eq!((error.rule(), error.culprit()), ("KEY-9", Some(2)));
}

#[test]
fn f04_another_key_id_ends_the_session() {
    let mut b = board(3, 2);
    let states = b.deals(SESSION);
    let confirm = Confirm { head: Head { session: SESSION, trustee: 2 }, key: [1; 32] };
    b.post(PostKind::Confirm, 2, &confirm.to_bytes());
    let first = states.into_iter().next().unwrap();
    let error = error(first.finish(&b.replay, &b.share_keys[0], &mut b.rng));
    assert_eq!(error, RoundError::Fault(Fault { trustee: 2, error: CeremonyError::OtherKey }));
    assert_eq!(error.rule(), "KEY-8");
}

#[test]
fn drills_refuse_a_wrong_share_and_a_wrong_answer() {
    let mut b = board(3, 2);
    let shares = b.ceremony();
    let id = b.manifest.id();
    assert_eq!(answer_drill(&shares[0], &id, b.replay.ceremony(), &mut b.rng), Err(DrillError::None));
    let mut other = Board::new(3, 2, vec![contest("b", Rule::Approve {}, Count::Sum, 2, &["north", "south"])]);
    let foreign = other.ceremony();
    b.order(board::OrderKind::Drill, 0, [1; 32], None);
    assert_eq!(answer_drill(&foreign[0], &id, b.replay.ceremony(), &mut b.rng), Err(DrillError::Share));
    let answer = answer_drill(&shares[0], &id, b.replay.ceremony(), &mut b.rng).unwrap();
    b.post(PostKind::Drill, 1, &answer);
    assert_eq!(answer_drill(&shares[0], &id, b.replay.ceremony(), &mut b.rng), Err(DrillError::Answered));
    // Another trustee's answer under one's own name, and one with the columns exchanged.
    let mut copied = DrillAnswer::from_bytes(&answer, 2).unwrap();
    copied.head.trustee = 2;
    b.post(PostKind::Drill, 2, &copied.to_bytes());
    let mut swapped = DrillAnswer::from_bytes(&answer_drill(&shares[2], &id, b.replay.ceremony(), &mut b.rng).unwrap(), 2).unwrap();
    swapped.answers.swap(0, 1);
    b.post(PostKind::Drill, 3, &swapped.to_bytes());
    let state = b.replay.ceremony().last_drill().unwrap();
    assert_eq!((state.right, state.missing), (vec![1], vec![2, 3]));
    assert_eq!(b.replay.findings().iter().map(|f| (f.author, f.error.rule())).collect::<Vec<_>>(), [(2, "DRILL-1"), (3, "DRILL-1")]);
}

#[test]
fn drill_2_finds_an_answer_off_the_polynomial() {
    let mut b = board(5, 3);
    let shares = b.ceremony();
    b.drill(&shares, [1; 32]);
    let mut drill = b.replay.ceremony().drills().last().unwrap().clone();
    check_quorums(&drill, 3).unwrap();
    assert!(matches!(check_quorums(&drill, 2), Err(DrillError::Quorums { .. }))); // as if the threshold had been raised (F03)
    let right = drill.right[&1].clone();
    drill.right.insert(4, right);
    assert!(matches!(check_quorums(&drill, 3), Err(DrillError::Quorums { .. })));
    drill.right.remove(&4);
    check_quorums(&drill, 3).unwrap();
}

#[test]
fn f06_lagrange_of_every_quorum_up_to_5_of_9() {
    let mut rng = ballot::rng::SeededRng::new(b"lagrange");
    for n in 1..=9u16 {
        for t in 1..=5.min(n) {
            let f: Vec<Scalar> = (0..t).map(|_| scalar(&mut rng)).collect();
            let at = |j: u16| f.iter().rev().fold(Scalar::ZERO, |sum, a| sum * Scalar::from(j) + a);
            for mask in 0u32..1 << n {
                let quorum: Vec<u16> = (1..=n).filter(|j| mask >> (j - 1) & 1 == 1).collect();
                if quorum.is_empty() {
                    continue;
                }
                let sum: Scalar = lagrange(&quorum).unwrap().iter().zip(&quorum).map(|(l, j)| l * at(*j)).sum();
                assert_eq!(sum == f[0], quorum.len() >= t.into(), "{quorum:?} of {n}, t = {t}");
                let backwards: Vec<u16> = quorum.iter().rev().copied().collect();
                let mut reversed = lagrange(&backwards).unwrap();
                reversed.reverse();
                assert_eq!(reversed, lagrange(&quorum).unwrap());
            }
        }
    }
    assert!(lagrange(&[0, 1]).is_err() && lagrange(&[2, 1, 2]).is_err());
}
