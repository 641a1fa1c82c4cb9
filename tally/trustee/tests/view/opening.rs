//! What a trustee opens, and when not: OPEN, COMBINE, MIX-16.

use super::common::election::{Board, three_contests};
use super::{Election, check, voted};
use ballot::encode::Record;
use board::PostKind;
use std::sync::Arc;
use trustee::mix::Bases;
use trustee::open::Declared;
use trustee::view::{OpenRefusal, PostFault, ResultError, ViewError};

#[test]
fn open_1_needs_a_quorum_of_cosignatures() {
    let mut board = Board::with(3, 2, three_contests(), |d| {
        d.witnesses.members.push(ballot::manifest::Member { name: "w".into(), key: d.collector.key });
        d.collector.key = ballot::manifest::Hex32(ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes());
        d.witnesses.quorum = 1;
    });
    let bases = Arc::new(Bases::default());
    let error = board.view(&bases).unwrap_err();
    assert!(matches!(error, ViewError::Cosigned(_)));
    assert_eq!(error.rule(), "LOG-4");
}

#[test]
fn open_2_an_intent_for_a_unit_that_stays_closed_is_right_for_none() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    let mut wrong = e.view().intent(2).unwrap();
    wrong.units.push((9, [1; 32]));
    e.board.post(PostKind::Intent, 2, &wrong.to_bytes());
    let view = e.view();
    assert_eq!(view.findings()[0].fault, PostFault::IntentUnit { unit: 9 });
    assert!(view.units().iter().all(|u| u.intents.is_empty()));
    // Another stage hash for one unit leaves the others right.
    let mut half = view.intent(3).unwrap();
    half.units[1].1 = [1; 32];
    e.board.post(PostKind::Intent, 3, &half.to_bytes());
    let view = e.view();
    assert_eq!(view.findings()[1].fault, PostFault::IntentUnit { unit: 1 });
    assert_eq!(view.units().iter().map(|u| u.intents.len()).collect::<Vec<_>>(), [1, 0, 1]);
}

#[test]
fn open_6_an_opening_before_t_right_intents_does_not_count() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    e.intents(&[1]);
    let early = |e: &mut Election, j: u16| {
        let view = e.view();
        let (rows, stage) = view.units()[0].to_open().unwrap();
        let public = &view.keys().shares[usize::from(j) - 1];
        let statement = trustee::open::Statement { closed: view.closed(), unit: 0, stage: *stage, rows, trustee: j, public };
        statement.open(&e.shares[usize::from(j) - 1], &mut e.board.rng).unwrap().to_bytes()
    };
    let own = early(&mut e, 1); // its own intent, but only one of two
    e.board.post(PostKind::Opening, 1, &own);
    e.intents(&[3]);
    let own = early(&mut e, 2); // two intents, but not its own
    e.board.post(PostKind::Opening, 2, &own);
    e.intents(&[2]); // an intent that follows makes no opening right
    let view = e.view();
    let fault = PostFault::Early { unit: 0, threshold: 2 };
    assert_eq!(view.findings().iter().map(|f| (f.author, &f.fault)).collect::<Vec<_>>(), [(1, &fault), (2, &fault)]);
    assert!(view.units()[0].openings.is_empty());
    // A second one, at the right time, counts.
    e.open_all(&[1, 3]);
    check(&e.view().result().unwrap());
}

#[test]
fn open_3_too_many_wrong_intents_stop_an_honest_trustee() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    let view = e.view();
    let wrong = |e: &mut Election, j: u16| {
        let mut wrong = view.intent(j).unwrap();
        wrong.root = [1; 32];
        e.board.post(PostKind::Intent, j, &wrong.to_bytes());
    };
    wrong(&mut e, 2);
    e.intents(&[1, 2, 3]);
    let before = e.view();
    let declared = e.declared(&before, 1);
    assert_eq!(before.may_open(1, 0, &declared).map(drop), Ok(())); // n - t wrong intents stop nobody
    wrong(&mut e, 3);
    let view = e.view();
    assert_eq!(view.may_open(1, 0, &declared).map(drop), Err(OpenRefusal::WrongIntents(vec![2, 3])));
}

#[test]
fn open_3_needs_ones_own_intent_and_memory() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    e.intents(&[2]);
    let view = e.view();
    let early = view.may_open(2, 0, &e.declared(&view, 2)).map(drop);
    assert_eq!(early, Err(OpenRefusal::Intents { unit: 0, right: 1, threshold: 2 }));
    e.intents(&[3]);
    let view = e.view();
    let declared = e.declared(&view, 1);
    assert!(matches!(view.may_open(1, 0, &declared).map(drop), Err(OpenRefusal::Intents { right: 2, .. })));
    assert_eq!(view.may_open(2, 0, &Declared::default()).map(drop), Err(OpenRefusal::Undeclared));
    assert_eq!(view.may_open(2, 9, &declared).map(drop), Err(OpenRefusal::Unit(9)));
    assert!(view.intent(2).is_none());
    // A share that is not this trustee's is refused before anything is computed.
    let statement = view.may_open(2, 0, &declared).unwrap();
    assert!(statement.open(&e.shares[2], &mut e.board.rng).is_err());
}

#[test]
fn combine_2_says_who_is_missing() {
    let mut e = voted(4, 3);
    e.board.close();
    e.mix_all();
    e.intents(&[1, 2, 4]);
    e.open_all(&[4, 2]);
    let (unit, error) = e.view().result().unwrap_err();
    let ResultError::Combine(error) = error else { panic!("{error}") };
    assert_eq!(unit, 0);
    assert_eq!(error, trustee::open::CombineError::TooFew { given: 2, threshold: 3, missing: vec![1, 3] });
}

#[test]
fn the_memory_refuses_another_statement() {
    let mut e = voted(3, 2);
    e.board.close();
    let closed = *e.view().closed();
    let mut d = Declared::default();
    d.declare(&closed, &[(0, [1; 32])]).unwrap();
    d.declare(&closed, &[(0, [1; 32]), (1, [2; 32])]).unwrap();
    assert!(d.declare(&closed, &[(2, [1; 32]), (1, [3; 32])]).is_err());
    assert!(!d.holds(&closed, 2, &[1; 32])); // nothing of a refused declaration stays
    for other in [
        trustee::open::Closed { size: 1, ..closed },
        trustee::open::Closed { root: [0; 32], ..closed },
        trustee::open::Closed { counted: [0; 32], ..closed },
    ] {
        assert!(d.clone().declare(&other, &[(0, [1; 32])]).is_err());
        assert!(!d.holds(&other, 0, &[1; 32]));
    }
    assert!(d.holds(&closed, 1, &[2; 32]));
}

/// MIX-16: a unit is opened from its last stage, not from an earlier one.
#[test]
fn mix_16_a_unit_has_no_rows_before_its_last_stage() {
    let mut e = voted(3, 2);
    e.board.close();
    let mix = e.mix(1, 2);
    e.board.post(PostKind::Mix, 2, &mix);
    let view = e.view();
    assert_eq!((view.unmixed(), view.units()[1].to_open()), (vec![1, 2], None));
    let mix = e.mix(1, 3);
    e.board.post(PostKind::Mix, 3, &mix);
    let view = e.view();
    assert!(view.unmixed() == [2] && view.units()[1].to_open().is_some());
}
