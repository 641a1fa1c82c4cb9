//! The ballot box between voting and counting: chains, annulments, the counted set. V14, V15, V16.

use super::case::{Case, Row, entry, row};
use crate::insider::{Insider, Item, town};
use ballot::Context;
use ballot::encode::{Record, hash};
use board::OrderKind;
use board::roll::{AnnulReason, AnnulmentList};
use std::collections::HashMap;

fn pseudonym(i: &Insider, voter: usize) -> String {
    format!("pseudonym {}", hex::encode(i.voter(voter)))
}

fn item(bytes: &[u8]) -> Item {
    Item::Cast(bytes.to_vec())
}

/// A ballot with any place in the chain, and a true proof.
fn placed(i: &mut Insider, voter: usize, number: u32, previous: [u8; 32]) -> Vec<u8> {
    let context = Context { voter: i.voter(voter), number, previous };
    i.opened_ballot(context, &town::vote(1, 1)).ballot.bytes().to_vec()
}

/// Ballots of voter 1, in the order of their numbers, none of them on the board yet.
fn three(i: &mut Insider) -> Vec<Vec<u8>> {
    let mut previous = [0; 32];
    (1..=3)
        .map(|number| {
            let bytes = placed(i, 1, number, previous);
            previous = hash("ballot", &[&bytes]);
            bytes
        })
        .collect()
}

fn chain(choose: impl FnOnce(&mut Insider, Vec<Vec<u8>>)) -> Case {
    let mut i = town::opened();
    i.cast(&[(0, town::vote(0, 0)), (4, town::vote(1, 1)), (7, town::vote(2, 2))]);
    let ballots = three(&mut i);
    choose(&mut i, ballots);
    i.finish();
    let place = pseudonym(&i, 1);
    Case::of(i).fails("V14", "SET-1", place)
}

/// The closing entry states a set of the insider's choice.
fn set(choose: impl FnOnce(&Insider, &mut Vec<[u8; 32]>)) -> Case {
    let mut i = town::closed();
    let (_, root) = i.closing_hashes();
    let mut chosen = i.counted();
    choose(&i, &mut chosen);
    i.chosen = Some(chosen);
    i.seal();
    let (counted, _) = i.closing_hashes();
    let at = i.closing_as(counted, root);
    i.count();
    Case::of(i).fails("V16", "SET-4", entry(at))
}

/// Hash of a voter's ballot with a number.
fn ballot(i: &Insider, voter: usize, number: u32) -> [u8; 32] {
    i.casts.iter().find(|c| c.facts.voter == i.voter(voter) && c.facts.number == number).unwrap().facts.hash
}

/// An annulment list of any bytes, in place of the honest one.
fn list(rule: &'static str, value: u64, bytes: impl FnOnce(&Insider) -> Vec<u8>) -> Case {
    let mut i = town::voted();
    i.close();
    let bytes = bytes(&i);
    let at = i.order(OrderKind::Annul, value, [0; 32], Some(&bytes));
    i.annulled.insert(i.voter(3));
    i.drill();
    i.fix();
    i.count();
    Case::of(i).fails("V15", rule, entry(at))
}

fn lines(voters: &[[u8; 32]]) -> Vec<u8> {
    let mut out = vec![49, 1];
    ballot::encode::put_list(&mut out, voters, |out, v| {
        out.extend(v);
        out.push(1);
    });
    out
}

pub fn rows() -> Vec<Row> {
    let mut rows = chains();
    rows.extend(annulments());
    rows.extend(sets());
    rows
}

fn chains() -> Vec<Row> {
    vec![
        row("re-votes in another order in the log: the number decides", "M05 E02 E03", || {
            let mut i = town::opened();
            i.cast(&[(0, town::vote(0, 0)), (4, town::vote(1, 1))]);
            let ballots = three(&mut i);
            for ballot in ballots.iter().rev() {
                i.batch(vec![item(ballot)]);
            }
            i.finish();
            let last = hash("ballot", &[&ballots[2]]);
            assert!(i.counted().contains(&last));
            Case::of(i)
        }),
        row("the ballot in the middle is dropped", "M06 M01 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                i.batch(vec![item(&b[2])]);
            })
        }),
        row("the first ballot is dropped", "M06 M01 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[1])]);
                i.batch(vec![item(&b[2])]);
            })
        }),
        row("the first ballot stands again behind the second", "M07 M03 E02", || {
            let mut i = town::opened();
            let ballots = three(&mut i);
            i.batch(vec![item(&ballots[0])]);
            i.batch(vec![item(&ballots[1])]);
            let at = i.batch(vec![item(&ballots[0])]) + 1;
            i.finish();
            let place = pseudonym(&i, 1);
            Case::of(i).fails("V11", "BAL-6", entry(at)).fails("V14", "SET-1", place)
        }),
        row("two ballots with one number", "M08 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                let other = placed(i, 1, 2, hash("ballot", &[&b[0]]));
                i.batch(vec![item(&b[1]), item(&other)]);
            })
        }),
        row("two first ballots", "M08 M02 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                let other = placed(i, 1, 1, [0; 32]);
                i.batch(vec![item(&other)]);
            })
        }),
        row("a number left out", "M08 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                let other = placed(i, 1, 3, hash("ballot", &[&b[0]]));
                i.batch(vec![item(&other)]);
            })
        }),
        row("a ballot that names another one before it", "M08 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0]), item(&b[1])]);
                let other = placed(i, 1, 3, hash("ballot", &[&b[0]]));
                i.batch(vec![item(&other)]);
            })
        }),
        row("a ballot that names somebody else's before it", "M08 E02 E13", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                let theirs = ballot(i, 4, 1);
                let other = placed(i, 1, 2, theirs);
                i.batch(vec![item(&other)]);
            })
        }),
        row("a ballot replaced before its successor", "M04 E05", || {
            chain(|i, b| {
                let other = placed(i, 1, 1, [0; 32]);
                i.batch(vec![item(&other)]);
                i.batch(vec![item(&b[1]), item(&b[2])]);
            })
        }),
        row("the last number there is", "F14 E02", || {
            chain(|i, b| {
                i.batch(vec![item(&b[0])]);
                let other = placed(i, 1, u32::MAX, hash("ballot", &[&b[0]]));
                i.batch(vec![item(&other)]);
            })
        }),
    ]
}

fn annulments() -> Vec<Row> {
    vec![
        row("annulled without a list", "M09 E04", || {
            let mut i = town::voted();
            i.close();
            i.annulled.insert(i.voter(3));
            i.drill();
            i.seal();
            let at = i.closing();
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at)).fails("V16", "SET-5", entry(at))
        }),
        row("counted in spite of the list", "M09 E04", || {
            let mut i = town::closed();
            i.annulled.clear();
            i.seal();
            let at = i.closing();
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at)).fails("V16", "SET-5", entry(at))
        }),
        row("annulled by too few members", "M10 E04", || {
            let mut i = town::voted();
            i.close();
            let at = i.annul(&[3]);
            let short = i.entries[at].len() - 65;
            i.entries[at].truncate(short);
            i.entries[at][87] = 1;
            i.drill();
            i.fix();
            i.count();
            Case::of(i).fails("V6", "ORD-1", entry(at))
        }),
        row("annulled twice in one list", "M11 E04", || list("DEC-9", 2, |i| lines(&[i.voter(3), i.voter(3)]))),
        row("annulled on two lists", "M11 E04", || {
            let mut i = town::closed();
            let at = i.annul(&[3]);
            i.fix();
            i.count();
            Case::of(i).fails("V15", "ANN-1", entry(at))
        }),
        row("annulled, and not on the roll", "M12 E04", || list("ANN-1", 1, |i| lines(&[i.voter(20)]))),
        row("annulled with a district", "M13 E04", || {
            list("DEC-5", 1, |i| {
                let mut bytes = lines(&[i.voter(3)]);
                bytes.extend([0, 2]);
                bytes[5] = 2;
                bytes
            })
        }),
        row("a list that is not sorted", "M11 A12", || {
            list("DEC-9", 2, |i| {
                let mut two = [i.voter(3), i.voter(4)];
                two.sort();
                two.reverse();
                lines(&two)
            })
        }),
        row("the order states more than the list has", "M10 E04", || list("ANN-2", 2, |i| lines(&[i.voter(3)]))),
        row("a reason that does not exist", "M10 B08", || {
            list("DEC-8", 1, |i| {
                let mut bytes = lines(&[i.voter(3)]);
                *bytes.last_mut().unwrap() = 3;
                bytes
            })
        }),
        row("a list with a byte more", "M33 E04", || {
            list("DEC-4", 1, |i| {
                let list = AnnulmentList::new(vec![(i.voter(3), AnnulReason::Decision)]).unwrap();
                [list.to_bytes(), vec![0]].concat()
            })
        }),
    ]
}

fn sets() -> Vec<Row> {
    vec![
        row("set: one ballot dropped", "M01 E05", || set(|_, s| _ = s.remove(2))),
        row("set: an annulled ballot added", "M02 E05 E04", || set(|i, s| s.push(ballot(i, 3, 1)))),
        row("set: a superseded ballot added", "M02 E05 F07", || set(|i, s| s.push(ballot(i, 1, 2)))),
        row("set: a ballot of nobody", "M02 E04", || set(|_, s| s.push([5; 32]))),
        row("set: one ballot twice", "M03 E05", || set(|_, s| s.push(s[0]))),
        row("set: one ballot replaced, counts kept", "M04 E05 M63", || {
            set(|i, s| {
                let last = ballot(i, 1, 3);
                s.retain(|h| *h != last);
                s.push(ballot(i, 1, 2));
            })
        }),
        row("set: two replaced, counts in districts kept", "M04 E05 M63", || {
            set(|i, s| {
                let last = [ballot(i, 1, 3), ballot(i, 0, 2)];
                s.retain(|h| !last.contains(h));
                s.extend([ballot(i, 1, 1), ballot(i, 0, 1)]);
            })
        }),
        row("set: hashes changed so that their sum stays", "M64 E06", || {
            set(|_, s| {
                s[0][31] = s[0][31].wrapping_add(1);
                s[1][31] = s[1][31].wrapping_sub(1);
            })
        }),
        row("set: two ballots replaced by others of the same additive checksum of 32 bits", "E06 M64", || {
            set(|_, s| {
                let sum = |a: &[u8; 32], b: &[u8; 32]| checksum(a).wrapping_add(checksum(b));
                let wanted = sum(&s[0], &s[1]);
                let (a, b) = collide(wanted);
                assert!(sum(&a, &b) == wanted && !s.contains(&a), "a checksum that adds is fooled");
                (s[0], s[1]) = (a, b);
            })
        }),
        row("set: the right hashes in another order", "M64 E06 A12", || {
            let mut i = town::closed();
            let (_, root) = i.closing_hashes();
            let mut list = i.counted();
            list.swap(0, 1);
            i.seal();
            let counted = hash("counted", &[&i.id(), &(list.len() as u32).to_be_bytes(), list.as_flattened()]);
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at))
        }),
        row("set: hashed without their number", "A12", || {
            let mut i = town::closed();
            let (_, root) = i.closing_hashes();
            i.seal();
            let counted = hash("counted", &[&i.id(), i.counted().as_flattened()]);
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at))
        }),
        row("set: that of another election", "A13 E05", || {
            let mut i = town::closed();
            let (_, root) = i.closing_hashes();
            i.seal();
            let count = (i.counted().len() as u32).to_be_bytes();
            let counted = hash("counted", &[&[1; 32], &count, i.counted().as_flattened()]);
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-4", entry(at))
        }),
        row("closing root: another status", "E05 E04", || {
            let mut i = town::closed();
            let (counted, _) = i.closing_hashes();
            i.annulled.clear();
            let (_, root) = i.closing_hashes();
            i.annulled.insert(i.voter(3));
            i.seal();
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-5", entry(at))
        }),
        row("closing root: a voter left out", "E05 M01", || {
            let mut i = town::closed();
            let (counted, _) = i.closing_hashes();
            let lines = i.lines.clone();
            i.lines.pop();
            let (_, root) = i.closing_hashes();
            i.lines = lines;
            i.seal();
            let at = i.closing_as(counted, root);
            i.count();
            Case::of(i).fails("V16", "SET-5", entry(at))
        }),
    ]
}

/// What a toy set hash adds up.
fn checksum(hash: &[u8; 32]) -> u32 {
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// Two hashes of made-up ballots whose checksums add up to this: the birthday paradox finds them at once.
fn collide(sum: u32) -> ([u8; 32], [u8; 32]) {
    let mut seen: HashMap<u32, [u8; 32]> = HashMap::new();
    for n in 0u32.. {
        let one = hash("ballot", &[&n.to_be_bytes()]);
        if let Some(other) = seen.get(&sum.wrapping_sub(checksum(&one))) {
            return (*other, one);
        }
        seen.insert(checksum(&one), one);
    }
    unreachable!("four billion numbers are enough")
}
