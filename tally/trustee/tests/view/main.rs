//! Whole elections as a trustee recomputes them: from votes to result, past every post that is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod ballots;
#[path = "../common/mod.rs"]
mod common;
mod opening;
mod posts;

use ballot::encode::Record;
use board::{OrderKind, PostKind};
use common::election::{Board, three_contests};
use std::sync::Arc;
use trustee::count::ElectionResult;
use trustee::counted::Status;
use trustee::key_share::KeyShare;
use trustee::mix::{Bases, KeyTables};
use trustee::open::{Declared, Intent};
use trustee::view::{View, ViewError};

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
