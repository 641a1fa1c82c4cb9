//! Ballots and the roll as a view judges them.

use super::common::election::{Board, three_contests};
use super::{Election, voted};
use std::sync::Arc;
use trustee::counted::{BallotFacts, Status};
use trustee::mix::Bases;
use trustee::units::UnitState;
use trustee::view::ViewError;

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
