//! Challenged ballots that are not what they show. V13.

use super::ballots::{HEAD, MAYOR, again, shift};
use super::case::{Case, Row, entry, row};
use crate::insider::{Insider, Item, town};
use crate::lab;
use ballot::Scalar;

fn opened(check: &'static str, rule: &'static str, make: impl FnOnce(&mut Insider) -> Vec<u8>) -> Case {
    let mut i = town::voted();
    let bytes = make(&mut i);
    let at = i.batch(vec![Item::Opened(bytes)]) + 1;
    i.finish();
    Case::of(i).fails(check, rule, entry(at))
}

/// An honest challenged ballot of voter 5, changed.
fn challenge(check: &'static str, rule: &'static str, change: impl FnOnce(&mut Vec<u8>, usize)) -> Case {
    opened(check, rule, |i| {
        let context = i.next_context(5);
        let mut bytes = i.opened_ballot(context, &town::vote(0, 0)).to_bytes();
        let length = i.manifest.ballot_len(0);
        change(&mut bytes, length);
        bytes
    })
}

pub fn rows() -> Vec<Row> {
    vec![
        row("challenged: another seed", "D09 D14", || challenge("V13", "CHAL-1", |b, n| b[n] ^= 1)),
        row("challenged: another selection", "D09 D14", || {
            challenge("V13", "CHAL-1", |b, n| {
                b[n + 32 + 3] = 0;
                b[n + 32 + 7] = 1;
            })
        }),
        row("challenged: a selection outside the rule", "D09 H03", || challenge("V13", "CHAL-1", |b, n| b[n + 32 + 7] = 1)),
        row("challenged: a number of four billion", "D09 F14", || challenge("V13", "CHAL-1", |b, n| b[n + 32..n + 36].fill(0xff))),
        row("challenged: a byte more", "M33", || challenge("V11", "DEC-4", |b, _| b.push(0))),
        row("challenged: a byte less", "M67", || challenge("V11", "DEC-5", |b, _| _ = b.pop())),
        row("challenged: without seed and selections", "D09", || challenge("V11", "DEC-5", |b, n| b.truncate(n))),
        row("challenged: a nonce that the seed does not give", "D14 D13", || {
            opened("V13", "CHAL-1", |i| {
                let context = i.next_context(5);
                let mut honest = i.opened_ballot(context, &town::vote(0, 0));
                let m = [1u8, 0, 0, 0];
                let leak = Some(lab::scalar("the voter's name"));
                let one = i.cunning_part(&context, (honest.ballot.district(), 0), (&m.map(Scalar::from), &m), leak, |_| {});
                let parts = vec![one, honest.ballot.parts()[1].clone()];
                honest.ballot = again(i, &honest.ballot, parts);
                honest.to_bytes()
            })
        }),
        row("challenged: another vote than it shows", "D09 D02", || {
            opened("V13", "CHAL-1", |i| {
                let context = i.next_context(5);
                let mut honest = i.opened_ballot(context, &town::vote(0, 0));
                let other = i.opened_ballot(context, &town::vote(1, 0));
                honest.ballot = other.ballot;
                honest.to_bytes()
            })
        }),
        row("challenged: of nobody on the roll", "E01 E04", || {
            opened("V11", "SET-2", |i| {
                let context = i.next_context(20);
                i.opened_ballot(context, &town::vote(0, 0)).to_bytes()
            })
        }),
        row("challenged: a wrong proof", "D09 A09", || {
            let mut i = town::voted();
            let context = i.next_context(5);
            let mut bytes = i.opened_ballot(context, &town::vote(0, 0)).to_bytes();
            shift(&mut bytes, HEAD + MAYOR - 64, Scalar::ONE);
            let at = i.batch(vec![Item::Opened(bytes)]) + 1;
            i.finish();
            Case::of(i).fails("V12", "BAL-5", entry(at)).fails("V13", "CHAL-1", entry(at))
        }),
        row("challenged, and then cast", "D09 C01", || {
            let mut i = town::opened();
            let context = i.next_context(5);
            let both = i.opened_ballot(context, &town::vote(0, 0));
            i.batch(vec![Item::Opened(both.to_bytes())]);
            let at = i.batch(vec![Item::Cast(both.ballot.bytes().to_vec())]) + 1;
            i.finish();
            Case::of(i).fails("V11", "BAL-6", entry(at))
        }),
        row("cast, and then challenged", "D09 C01", || {
            let mut i = town::opened();
            let context = i.next_context(5);
            let both = i.opened_ballot(context, &town::vote(0, 0));
            i.batch(vec![Item::Cast(both.ballot.bytes().to_vec())]);
            let at = i.batch(vec![Item::Opened(both.to_bytes())]) + 1;
            i.finish();
            Case::of(i).fails("V11", "BAL-6", entry(at))
        }),
        row("challenged and cast in one batch", "D09 C01", || {
            let mut i = town::opened();
            let context = i.next_context(5);
            let both = i.opened_ballot(context, &town::vote(0, 0));
            let at = i.batch(vec![Item::Cast(both.ballot.bytes().to_vec()), Item::Opened(both.to_bytes())]) + 2;
            i.finish();
            Case::of(i).fails("V6", "ENTRY-5", entry(at)).fails("V11", "BAL-6", entry(at))
        }),
        row("challenged twice", "D09", || {
            let mut i = town::opened();
            let item = i.challenge(5, &town::vote(0, 0));
            i.batch(vec![item.clone()]);
            let at = i.batch(vec![item]) + 1;
            i.finish();
            Case::of(i).fails("V11", "BAL-6", entry(at))
        }),
    ]
}
