//! Whole elections as a trustee recomputes them: from votes to result, past every post that is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use board::{Checkpoint, OrderKind, PostKind, tree};
use common::election::{Board, three_contests};
use std::sync::Arc;
use trustee::count::ElectionResult;
use trustee::counted::{BallotFacts, Status};
use trustee::key_share::KeyShare;
use trustee::mix::{Bases, KeyTables, MixError};
use trustee::open::{Declared, Intent, Opening};
use trustee::units::UnitState;
use trustee::view::{OpenRefusal, PostFault, ResultError, View, ViewError};

struct Election {
    board: Board,
    shares: Vec<KeyShare>,
    bases: Arc<Bases>,
}

/// Voted and closed: 4 voters in the north and 1 in the south, who is too few (k_min 2) and joins.
fn voted(n: usize, t: u64) -> Election {
    let mut board = Board::new(n, t, three_contests());
    let shares = board.ceremony();
    board.drill(&shares, [5; 32]);
    board.open(4, 2);
    board.cast(0, &[&[0, 1, 0, 0], &[3], &[1, 2]]);
    board.cast(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
    board.cast(2, &[&[1, 0, 0, 0], &[3], &[3, 1]]);
    board.cast(3, &[&[0, 0, 1, 0], &[0], &[1, 1]]);
    board.cast(0, &[&[0, 0, 0, 1], &[2], &[1, 3]]); // again
    board.cast(4, &[&[1, 0, 0, 0], &[3], &[0, 0]]);
    board.annul(&[3, 5]);
    Election { board, shares, bases: Arc::new(Bases::default()) }
}

impl Election {
    fn view(&mut self) -> View {
        self.board.view(&self.bases).unwrap()
    }

    fn mix(&mut self, unit: u32, mixer: u16) -> Vec<u8> {
        let view = self.view();
        let statement = view.next_mix(unit, mixer).unwrap();
        let tables = KeyTables::new(statement.key, statement.width);
        statement.mix(&self.bases, &tables, &mut self.board.rng).unwrap().to_bytes()
    }

    fn mix_all(&mut self) {
        for unit in self.view().unmixed() {
            for mixer in [2, 1] {
                let mix = self.mix(unit, mixer);
                self.board.post(PostKind::Mix, mixer, &mix);
            }
        }
    }

    fn intents(&mut self, trustees: &[u16]) {
        let view = self.view();
        for j in trustees {
            self.board.post(PostKind::Intent, *j, &view.intent(*j).unwrap().to_bytes());
        }
    }

    fn declared(&self, view: &View, trustee: u16) -> Declared {
        let mut declared = Declared::default();
        let units: Vec<_> = view.units().iter().filter_map(|u| u.to_open().map(|(_, stage)| (u.unit.number, *stage))).collect();
        declared.declare(view.closed(), &Intent::new(trustee, view.closed(), units).units).unwrap();
        Declared::from_bytes(&declared.to_bytes()).unwrap()
    }

    fn opening(&mut self, trustee: u16, unit: u32) -> Vec<u8> {
        let view = self.view();
        let declared = self.declared(&view, trustee);
        let statement = view.may_open(trustee, unit, &declared).unwrap();
        statement.open(&self.shares[usize::from(trustee) - 1], &mut self.board.rng).unwrap().to_bytes()
    }

    fn open_all(&mut self, trustees: &[u16]) {
        let units: Vec<u32> = self.view().units().iter().filter(|u| u.to_open().is_some()).map(|u| u.unit.number).collect();
        for j in trustees {
            for unit in &units {
                let opening = self.opening(*j, *unit);
                self.board.post(PostKind::Opening, *j, &opening);
            }
        }
    }
}

fn check(result: &ElectionResult) {
    let of = |contest: &str| result.units.iter().filter(|u| u.contest == contest).collect::<Vec<_>>();
    // Counted: voters 0 (second ballot), 1, 2 in the north and 4 in the south; 3 is annulled.
    let [mayor] = of("mayor")[..] else { panic!("{result:?}") };
    assert_eq!((mayor.ballots, &mayor.counts[..]), (4, &[3, 0, 0, 1][..]));
    let [council] = of("council")[..] else { panic!() };
    assert_eq!(council.counts, [0, 1, 1, 2]);
    let [order] = of("order")[..] else { panic!() };
    assert_eq!(order.rounds.first(), Some(&vec![1, 1, 1]));
    // 3 goes first (later in the manifest), then voter 2 counts for 1: 2 of 3 is a majority.
    assert_eq!((order.rounds.last(), order.winner.as_str()), (Some(&vec![2, 1, 0]), "o0"));
}

#[test]
fn a_whole_election() {
    let mut e = voted(3, 2);
    e.board.close();
    let view = e.view();
    assert_eq!(view.set().status.iter().filter(|s| **s == Status::Counted).count(), 4);
    assert_eq!(view.set().status.iter().filter(|s| **s == Status::Annulled).count(), 1);
    assert_eq!(view.units().len(), 3);
    assert_eq!(view.unmixed(), [1, 2]);
    assert_eq!(view.result().unwrap_err().1.to_string().split(':').next(), Some("COMBINE-2"));
    e.mix_all();
    e.intents(&[1, 3]);
    e.open_all(&[3, 1]);
    let view = e.view();
    assert_eq!(view.findings(), []);
    let result = view.result().unwrap();
    check(&result);
    let published = result.to_bytes();
    e.board.order(OrderKind::Result, 0, view.closed().counted, Some(&published));
    let view = e.view();
    result.check(view.replay().result().unwrap()).unwrap();
    assert_eq!(view.result().unwrap(), result);
}

#[test]
fn f06_every_quorum_gives_the_same_result() {
    let mut e = voted(4, 3);
    e.board.close();
    e.mix_all();
    e.intents(&[1, 2, 3, 4]);
    let mut first = None;
    for quorum in [[1, 2, 3], [4, 2, 1], [3, 4, 1], [2, 4, 3]] {
        let (entries, replay) = (e.board.entries.clone(), e.board.replay.clone());
        e.open_all(&quorum);
        let result = e.view().result().unwrap();
        check(&result);
        assert_eq!(*first.get_or_insert(result.clone()), result);
        (e.board.entries, e.board.replay) = (entries, replay);
    }
}

#[test]
fn nothing_is_done_with_a_record_that_is_not_ready() {
    let mut e = voted(3, 2);
    assert_eq!(e.board.view(&e.bases).unwrap_err(), ViewError::NotSealed);
    e.board.order(OrderKind::Close, 0, [0; 32], None);
    assert_eq!(e.board.view(&e.bases).unwrap_err(), ViewError::NotSealed);
    e.board.order(OrderKind::Seal, 0, [0; 32], None);
    assert_eq!(e.board.view(&e.bases).unwrap_err(), ViewError::NotSealed);
    // Another checkpoint than the entries'.
    let mut e = voted(3, 2);
    e.board.close();
    e.view();
    let removed = e.board.entries.pop().unwrap();
    let mut checkpoint = e.board.checkpoint();
    checkpoint.size += 1;
    let got = View::new(e.board.manifest.clone(), &checkpoint, &e.board.entries, |_| None, e.bases.clone(), &mut e.board.rng);
    assert_eq!(got.unwrap_err(), ViewError::Checkpoint);
    drop(removed);
}

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

/// An election with one ballot changed in some way, as the view sees it.
fn with_ballot(change: impl Fn(&mut Board)) -> ViewError {
    let mut e = voted(3, 2);
    change(&mut e.board);
    e.board.close();
    e.board.view(&e.bases).unwrap_err()
}

#[test]
fn a_wrong_ballot_is_found_by_its_entry() {
    // A proof of another ballot.
    let error = with_ballot(|b| {
        let ballot = b.make(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
        let mut bytes = ballot.bytes().to_vec();
        let at = bytes.len() - 32;
        bytes[at] ^= 1;
        b.cast_bytes(&bytes);
    });
    assert_eq!(error.rule(), "BAL-5");
    assert!(matches!(error, ViewError::Ballot { error: ballot::ballot::BallotError::Proof { contest: 2 }, .. }));
    let ViewError::Ballot { entry, .. } = error else { panic!() };
    // An encryption twice, under another number.
    let error = with_ballot(|b| {
        let ballot = b.make(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
        b.cast_bytes(ballot.bytes());
        b.cast_bytes(ballot.bytes());
    });
    assert_eq!(error, ViewError::Repeated { entry: entry + 2 });
    assert_eq!(error.rule(), "BAL-6");
    // A gap in the numbers.
    let error = with_ballot(|b| {
        let ballot = b.make(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
        b.ballots.push(BallotFacts::new(b.entries.len() as u64, &ballot));
        let next = b.make(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
        b.cast_bytes(next.bytes());
    });
    assert_eq!(error.rule(), "SET-1");
    assert!(matches!(error, ViewError::Set { entry: e, .. } if e == entry));
    // Cut short; another district; a closing entry about another set.
    assert_eq!(
        with_ballot(|b| {
            let m = b.make(1, &[&[1, 0, 0, 0], &[1], &[2, 0]]);
            b.cast_bytes(&m.bytes()[1..]);
        })
        .rule(),
        "BAL-2"
    );
    assert_eq!(with_ballot(|b| b.ballots.truncate(5)).rule(), "SET-4");
}

#[test]
fn challenged_ballots_are_made_again_and_block_their_encryptions() {
    let votes: [&[u32]; 3] = [&[1, 0, 0, 0], &[1], &[2, 0]];
    let mut e = voted(3, 2);
    let opened = e.board.challenged(1, &votes);
    e.board.challenge_bytes(&opened.to_bytes());
    e.board.close();
    assert_eq!(e.view().set().status.len(), 6); // it is no cast ballot
    let error = with_ballot(|b| {
        let mut opened = b.challenged(1, &votes);
        opened.selections[1] = ballot::Selection(vec![2]);
        b.challenge_bytes(&opened.to_bytes());
    });
    assert_eq!(error.rule(), "CHAL-1");
    let error = with_ballot(|b| {
        let opened = b.challenged(1, &votes);
        b.challenge_bytes(&opened.to_bytes());
        b.cast_bytes(opened.ballot.bytes());
    });
    assert_eq!(error.rule(), "BAL-6");
    // Nobody on the roll; and a voter of the south in the north's district.
    for stranger in [200, 5] {
        let error = with_ballot(|b| {
            let opened = b.challenged(stranger, &votes);
            b.challenge_bytes(&opened.to_bytes());
        });
        assert!(matches!(error, ViewError::Voter { .. }));
        let error = with_ballot(|b| {
            let opened = b.challenged(stranger, &votes);
            b.cast_bytes(opened.ballot.bytes());
        });
        assert_eq!(error.rule(), "SET-2");
    }
}

/// Who moves and votes again counts in the new district alone; who moves and does not, where the ballot was cast; who is removed, still.
#[test]
fn ballots_are_judged_by_the_roll_of_their_place() {
    let votes: [&[u32]; 3] = [&[1, 0, 0, 0], &[1], &[2, 0]];
    let mut e = voted(3, 2);
    e.board.amend(0, Some(1));
    e.board.amend(1, Some(1));
    e.board.amend(2, None);
    e.board.cast(0, &votes); // a third time, now in the south
    e.board.amend(9, Some(1));
    e.board.cast(9, &votes);
    e.board.reinstate(&[3]);
    e.board.close();
    let view = e.view();
    let counted = [false, true, true, true, false, true, true, true].map(|yes| if yes { Status::Counted } else { Status::Superseded });
    assert_eq!(view.set().status, counted);
    let [north, south] = [0, 1].map(|at: usize| &view.units()[at].unit);
    assert_eq!((north.ballots, &north.districts[..], south.ballots, &south.districts[..]), (3, &[0][..], 3, &[1][..]));
    // In the closing tree stands everybody who ever was on the roll.
    let whole = view.replay().rolls().unwrap().whole();
    assert_eq!((whole.lines().len(), view.replay().roll().unwrap().lines().len()), (7, 6));

    let late = |to: Option<u16>| {
        with_ballot(|b| {
            let ballot = b.make(1, &votes); // for the north
            b.amend(1, to);
            b.cast_bytes(ballot.bytes());
        })
    };
    assert_eq!((late(None).rule(), late(Some(1)).rule()), ("SET-2", "SET-2"));
}

#[test]
fn f08_wrong_posts_are_named_and_the_count_goes_on() {
    let mut e = voted(5, 3);
    e.board.close();
    // Mixes: garbage, a valid one cut, a copy under another name, a second one for a stage, by the same mixer, one too many.
    e.board.post(PostKind::Mix, 1, b"garbage");
    let one = e.mix(1, 1);
    let mut broken = one.clone();
    let at = broken.len() - 1;
    broken[at - 31] ^= 1;
    e.board.post(PostKind::Mix, 1, &broken);
    e.board.post(PostKind::Mix, 3, &one);
    e.board.post(PostKind::Mix, 1, &one);
    let late = {
        let mut l = one.clone();
        l[8] = 0;
        l[9] = 2;
        l
    };
    e.board.post(PostKind::Mix, 2, &late);
    assert_eq!(e.view().next_mix(1, 1).unwrap_err(), MixError::SecondStage { mixer: 1 });
    assert_eq!(e.view().next_mix(0, 1).unwrap_err(), MixError::Unit { unit: 0 });
    e.mix_all_but_first();
    assert_eq!(e.view().next_mix(1, 3).unwrap_err(), MixError::Surplus);
    // Intents: 5 names another stage, 4 the wrong trustee, 4 none that can be read; opening before t right ones.
    let view = e.view();
    let right = view.intent(5).unwrap();
    let mut wrong = right.clone();
    wrong.units[0].1 = [1; 32];
    e.board.post(PostKind::Intent, 5, &wrong.to_bytes());
    e.board.post(PostKind::Intent, 4, &right.to_bytes());
    e.intents(&[1, 2]);
    let declared = e.declared(&view, 1);
    let early = e.view().may_open(1, 0, &declared).map(drop);
    assert_eq!(early, Err(OpenRefusal::Intents { unit: 0, right: 2, threshold: 3 }));
    e.intents(&[3]);
    let foreign = e.opening(1, 0);
    e.board.post(PostKind::Opening, 4, &foreign); // another's
    let mut spoilt = Opening::from_bytes(&e.opening(2, 0)).unwrap();
    spoilt.factors.swap(0, 1);
    e.board.post(PostKind::Opening, 2, &spoilt.to_bytes());
    e.board.post(PostKind::Opening, 3, b"(\x01");
    e.open_all(&[3, 2, 1]);
    let again = e.opening(1, 0);
    e.board.post(PostKind::Opening, 1, &again);
    let view = e.view();
    let result = view.result().unwrap();
    check(&result);
    let found: Vec<(u16, &str)> = view.findings().iter().map(|f| (f.author, f.fault.rule())).collect();
    let expected = [
        (1, "DEC-6"), // not even a mix
        (1, "MIX-8"),
        (3, "MIX-12"),
        (2, "MIX-13"),
        (5, "OPEN-2"),
        (4, "OPEN-2"),
        (4, "OPEN-5"),
        (2, "OPEN-4"),
        (3, "DEC-5"),
        (1, "OPEN-6"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (got, wanted) in found.iter().zip(expected) {
        assert_eq!(*got, wanted, "{found:?}");
    }
    assert_eq!(view.wrong_intents().collect::<Vec<_>>(), [4, 5]);
    extended(&e);
}

/// Every beginning of the record since its closing entry, extended to the whole, is what the whole gives at once.
fn extended(e: &Election) {
    let (board, mut rng) = (&e.board, SeededRng::new(b"extend"));
    let blob = |name: &[u8; 32]| board.blobs.get(name).cloned();
    let whole = board.view_at(board.entries.len(), &e.bases, &mut rng).unwrap();
    for size in whole.closed().size as usize..=board.entries.len() {
        let before = board.view_at(size, &e.bases, &mut rng).unwrap();
        let after = before.extend(&board.checkpoint_at(board.entries.len()), &board.entries, blob, &mut rng).unwrap();
        assert_eq!(after.findings(), whole.findings(), "{size}");
        assert!(after.wrong_intents().eq(whole.wrong_intents()), "{size}");
        assert_eq!(format!("{:?}", after.units()), format!("{:?}", whole.units()), "{size}");
        assert_eq!(after.result().unwrap(), whole.result().unwrap(), "{size}");
    }
}

#[test]
fn a_view_is_extended_by_the_same_record_only() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    let size = e.board.entries.len();
    e.intents(&[1]);
    let (board, mut rng) = (&e.board, SeededRng::new(b"extend"));
    let blob = |name: &[u8; 32]| board.blobs.get(name).cloned();
    let view = |rng: &mut SeededRng| board.view_at(size, &e.bases, rng).unwrap();
    let all = board.checkpoint_at(size + 1);
    assert_eq!(view(&mut rng).extend(&all, &board.entries[..size], blob, &mut rng).unwrap_err(), ViewError::Checkpoint);
    let mut other = board.entries.clone();
    other[size - 1] = other[size].clone();
    let forked = Checkpoint { size: all.size, root: tree::root_of(&other), witnesses: vec![] };
    assert_eq!(view(&mut rng).extend(&forked, &other, blob, &mut rng).unwrap_err(), ViewError::Fork);
    let shorter = board.checkpoint_at(size - 1);
    assert_eq!(view(&mut rng).extend(&shorter, &board.entries[..size - 1], blob, &mut rng).unwrap_err(), ViewError::Fork);
    let unread = view(&mut rng).extend(&all, &board.entries, |_| None, &mut rng).unwrap_err();
    assert_eq!(unread.rule(), "ENTRY-7");
}

impl Election {
    fn mix_all_but_first(&mut self) {
        let mix = self.mix(1, 2);
        self.board.post(PostKind::Mix, 2, &mix);
        for mixer in [3, 1] {
            let mix = self.mix(2, mixer);
            self.board.post(PostKind::Mix, mixer, &mix);
        }
    }
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
fn unit_3_a_unit_that_is_too_small_stays_closed() {
    let mut board = Board::with(3, 2, three_contests(), |d| d.k_min = 9);
    let shares = board.ceremony();
    board.drill(&shares, [5; 32]);
    board.open(4, 2);
    board.cast(0, &[&[0, 1, 0, 0], &[3], &[1, 2]]);
    board.close();
    let mut e = Election { board, shares, bases: Arc::new(Bases::default()) };
    let view = e.view();
    assert!(view.unmixed().is_empty() && view.intent(1).is_none());
    let states: Vec<_> = view.units().iter().map(|u| u.unit.state).collect();
    use UnitState::{Empty, Withheld};
    assert_eq!(states, [Withheld, Empty, Withheld, Empty, Withheld, Empty]);
    let result = view.result().unwrap();
    assert_eq!((result.units[0].state, result.units[0].counts.len(), result.units[1].counts.len()), ("withheld", 0, 4));
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

#[test]
fn a_blob_that_is_not_there_is_an_error() {
    let mut e = voted(3, 2);
    e.board.close();
    let mix = e.mix(1, 1);
    e.board.post(PostKind::Mix, 1, &mix);
    e.board.blobs.remove(&sha256(&mix));
    let error = e.board.view(&e.bases).unwrap_err();
    assert_eq!(error.rule(), "ENTRY-7");
    assert!(PostFault::Intent.rule() == "OPEN-2");
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
