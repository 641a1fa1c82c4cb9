//! The roll changes while people vote: change sets, ballots of people who came, went and moved, annulments taken back. V8, V11, V14 to V16.

mod lists;
mod sets;

use super::case::{Case, Row, entry, row};
use super::honest::counted_as_meant;
use crate::insider::{Insider, Item, town};
use ballot::Context;
use ballot::encode::{Record, hash};
use board::OrderKind;
use board::changes::{Act, Change, ChangeSet};
use board::roll::RollLine;

/// The voters 0, 3, 6 and 9 are of district 0, 1, 4, 7 and 10 of district 1, the others of district 2; 3 votes on paper.
fn voted_and(change: impl FnOnce(&mut Insider) -> usize, check: &str, rule: &str) -> Case {
    let mut i = town::voted();
    let at = change(&mut i);
    i.finish();
    Case::of(i).fails(check, rule, entry(at)).loosely()
}

/// A ballot in a district of the insider's choice, which follows on its voter's last.
fn ballot_in(i: &mut Insider, voter: usize, district: usize) -> Vec<u8> {
    let context = i.next_context(voter);
    placed(i, context, district)
}

fn placed(i: &mut Insider, context: Context, district: usize) -> Vec<u8> {
    i.opened_ballot_in(district, context, &town::vote(1, 1)).ballot.bytes().to_vec()
}

fn one(i: &mut Insider, bytes: Vec<u8>) -> usize {
    i.batch(vec![Item::Cast(bytes)]) + 1
}

fn moved(i: &Insider, voter: usize, district: usize) -> Vec<Change> {
    vec![i.change(voter, Act::Moved, district)]
}

pub fn rows() -> Vec<Row> {
    let mut rows = sets::rows();
    rows.extend(ballots());
    rows.extend(numbers());
    rows.extend(lists::rows());
    rows
}

fn ballots() -> Vec<Row> {
    vec![
        row("a ballot of somebody who was removed", "E01 E04", || {
            voted_and(
                |i| {
                    i.amend(vec![i.change(4, Act::Removed, 1)]);
                    let bytes = ballot_in(i, 4, 1);
                    one(i, bytes)
                },
                "V11",
                "SET-2",
            )
        }),
        row("a ballot of the old district after a move", "E01", || {
            voted_and(
                |i| {
                    i.amend(moved(i, 4, 2));
                    let bytes = ballot_in(i, 4, 1);
                    one(i, bytes)
                },
                "V11",
                "SET-2",
            )
        }),
        row("a ballot of the new district before the move", "E01", || {
            voted_and(
                |i| {
                    let bytes = ballot_in(i, 4, 2);
                    let at = one(i, bytes);
                    i.amend(moved(i, 4, 2));
                    at
                },
                "V11",
                "SET-2",
            )
        }),
        row("a ballot of a newcomer before the change", "E01", || {
            voted_and(
                |i| {
                    let bytes = ballot_in(i, 20, 0);
                    let at = one(i, bytes);
                    i.amend(vec![i.change(20, Act::Added, 0)]);
                    at
                },
                "V11",
                "SET-2",
            )
        }),
        row("a ballot of somebody removed on the day before open", "E01", || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            i.roll();
            i.amend(vec![i.change(4, Act::Removed, 1)]);
            i.open();
            let bytes = ballot_in(&mut i, 4, 1);
            let at = one(&mut i, bytes);
            i.votes();
            i.finish();
            Case::of(i).fails("V11", "SET-2", entry(at)).loosely()
        }),
    ]
}

/// Two ballots of one voter whose numbers go against the change between them.
fn numbers() -> Vec<Row> {
    vec![
        row("a ballot from before a move takes the place of one from after it", "E04 E05", || {
            let mut i = town::opened();
            let context = i.next_context(4);
            let of_new = placed(&mut i, context, 2);
            let of_old = placed(&mut i, Context { number: 2, previous: hash("ballot", &[&of_new]), ..context }, 1);
            one(&mut i, of_old);
            i.amend(moved(&i, 4, 2));
            one(&mut i, of_new);
            i.end();
            i.fix();
            i.count();
            let place = format!("pseudonym {}", hex::encode(i.voter(4)));
            Case::of(i).fails("V14", "SET-6", place)
        }),
        row("the same beside a change of somebody else", "E04 E05", || {
            let mut i = town::opened();
            let context = i.next_context(4);
            let first = placed(&mut i, context, 1);
            let second = placed(&mut i, Context { number: 2, previous: hash("ballot", &[&first]), ..context }, 1);
            one(&mut i, second);
            i.amend(moved(&i, 5, 0));
            one(&mut i, first);
            i.end();
            i.fix();
            i.count();
            let place = format!("pseudonym {}", hex::encode(i.voter(4)));
            Case::of(i).fails("V14", "SET-6", place)
        }),
        row("closing root: over the roll in force alone", "E05", || {
            let mut i = town::voted();
            i.amend(vec![i.change(4, Act::Removed, 1)]);
            i.end();
            let (counted, _) = i.closing_hashes();
            let gone = std::mem::take(&mut i.gone);
            let (_, root) = i.closing_hashes();
            i.gone = gone;
            i.seal();
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-5", entry(at))
        }),
        row("set: without the ballot of somebody who was removed", "M01 E05", || {
            let mut i = town::voted();
            i.amend(vec![i.change(4, Act::Removed, 1)]);
            i.end();
            let voter = i.voter(4);
            let theirs = i.last_ballots()[&voter].0.facts.hash;
            let (_, root) = i.closing_hashes();
            i.chosen = Some(i.counted().into_iter().filter(|h| *h != theirs).collect());
            i.seal();
            let (counted, _) = i.closing_hashes();
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at))
        }),
    ]
}

/// Changes to which nobody can object.
pub fn honest() -> Vec<Row> {
    fn passes(mut i: Insider) -> Case {
        i.finish();
        counted_as_meant(&i);
        Case::of(i)
    }
    vec![
        row("people come, go and move, and vote again", "", || {
            let mut i = town::voted();
            i.plan_for(20, 0);
            i.amend(vec![i.change(4, Act::Moved, 2), i.change(7, Act::Removed, 1), i.change(20, Act::Added, 0)]);
            i.cast(&[(4, town::vote(2, 2)), (20, town::vote(0, 3)), (1, town::vote(1, 1))]);
            i.amend(vec![]);
            i.amend(vec![i.change(7, Act::Added, 2), i.change(4, Act::Moved, 1), i.change(20, Act::Removed, 0)]);
            i.cast(&[(7, town::vote(2, 0))]);
            passes(i)
        }),
        row("changed before it opens", "", || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            i.roll();
            i.amend(vec![i.change(0, Act::Moved, 1), i.change(11, Act::Removed, 2)]);
            i.open();
            i.votes();
            passes(i)
        }),
        row("numbers against the log within one version", "E03", || {
            let mut i = town::opened();
            let context = i.next_context(4);
            let first = placed(&mut i, context, 1);
            let second = placed(&mut i, Context { number: 2, previous: hash("ballot", &[&first]), ..context }, 1);
            i.amend(vec![i.change(5, Act::Moved, 0)]);
            one(&mut i, second);
            one(&mut i, first);
            i.finish();
            Case::of(i)
        }),
        row("annulled, reinstated, annulled again", "E04", || {
            let mut i = town::voted();
            i.annul(&[4, 5]);
            i.reinstate(&[4]);
            i.annul(&[4]);
            i.reinstate(&[4, 5]);
            i.annul(&[5]);
            passes(i)
        }),
        row("an order amend that was held back for more than an hour", "E04", || held_back(3601, true)),
        row("an order amend that took an hour to sign", "", || held_back(3600, false)),
    ]
}

/// A batch so many seconds after the order *amend* that it stands before.
fn held_back(seconds: u64, found: bool) -> Case {
    let mut i = town::voted();
    let given = i.clock;
    i.clock += seconds;
    let bytes = ballot_in(&mut i, 4, 1);
    i.batch_at(i.clock, vec![Item::Cast(bytes)]);
    let (set, root) = (ChangeSet::default().to_bytes(), board::tree::root_of(i.lines.iter().map(RollLine::to_bytes)));
    let at = i.order_with(OrderKind::Amend, 1, root, Some(&set), |order| order.time = given);
    i.finish();
    let case = Case::of(i);
    if found { case.finds("V8", "ROLL-7", entry(at)) } else { case }
}
