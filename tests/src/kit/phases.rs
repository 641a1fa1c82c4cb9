//! Batches, phases, and the roll: what stands where it must not. V6, V7, V8.

use super::case::{Case, Row, Trustee, entry, row};
use super::orders::{note, voting};
use crate::insider::{Insider, Item, town};
use ballot::Record;
use board::roll::{Roll, RollLine};
use board::{Entry, OrderKind, PostKind};

const ZERO: [u8; 32] = [0; 32];

pub fn rows() -> Vec<Row> {
    let mut rows = batches();
    rows.extend(phases());
    rows.extend(rolls());
    rows
}

fn one_ballot(i: &mut Insider) -> Item {
    Item::Cast(i.ballot(5, &town::vote(0, 0)).bytes().to_vec())
}

fn batches() -> Vec<Row> {
    vec![
        row("batch: of nothing", "C12", || {
            voting("V6", "ENTRY-5", |i| {
                let time = i.clock;
                i.push(&Entry::Batch { time, count: 0 })
            })
        }),
        row("batch: not sorted", "C12 E03", || {
            let mut i = town::opened();
            let mut items: Vec<Item> = (0..4).map(|v| Item::Cast(i.ballot(v, &town::vote(0, 1)).bytes().to_vec())).collect();
            items.sort_by_key(|item| i.hash_of(item));
            items.swap(1, 2);
            i.clock += 1;
            let at = i.batch_as_is(i.clock, items) + 3;
            i.finish();
            Case::of(i).fails("V6", "ENTRY-5", entry(at))
        }),
        row("batch: one ballot twice", "M03 E02 C01", || {
            let mut i = town::opened();
            let item = one_ballot(&mut i);
            i.clock += 1;
            let at = i.batch_as_is(i.clock, vec![item.clone(), item]) + 2;
            i.finish();
            let voter = format!("pseudonym {}", hex::encode(i.voter(5)));
            Case::of(i).fails("V6", "ENTRY-5", entry(at)).fails("V11", "BAL-6", entry(at)).fails("V14", "SET-1", voter)
        }),
        row("batch: earlier than the one before", "E03 C12", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let time = i.clock - 5;
                i.batch_at(time, vec![item])
            })
            .loosely()
        }),
        row("batch: one entry short", "M01", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                i.edit(at, |e| {
                    if let Entry::Batch { count, .. } = e {
                        *count = 2;
                    }
                });
                at + 2
            })
            .loosely()
        }),
        row("batch: one entry too many", "M02 E04", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                let more = Item::Cast(i.ballot(6, &town::vote(1, 1)).bytes().to_vec());
                let time = i.clock;
                i.batch_as_is(time, vec![more]);
                i.entries.remove(at + 2);
                at + 2
            })
        }),
        row("a ballot outside of a batch", "E04 M02", || {
            voting("V6", "ENTRY-5", |i| {
                let item = one_ballot(i);
                let at = i.batch(vec![item]);
                i.entries.remove(at);
                at
            })
        }),
        row("the last batch is cut short", "M67", || {
            let mut i = town::opened();
            let at = i.push(&Entry::Batch { time: i.clock, count: 3 });
            Case::of(i).fails("V6", "ENTRY-5", entry(at)).trustee(Trustee::DoesNotSee)
        }),
        row("a second closing entry", "E05 C13", || {
            let mut i = town::sealed();
            let at = i.push(&Entry::Closing { counted: [1; 32], root: [2; 32] });
            i.count();
            Case::of(i).fails("V6", "ENTRY-6", entry(at))
        }),
        row("a closing entry before seal", "E05 C05", || {
            let mut i = town::closed();
            let (counted, root) = i.closing_hashes();
            let at = i.closing_as(counted, root);
            i.seal();
            i.count();
            Case::of(i).fails("V6", "ENTRY-6", entry(at)).loosely()
        }),
    ]
}

fn phases() -> Vec<Row> {
    vec![
        row("a ballot before open", "E01 D15", || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            i.roll();
            let item = one_ballot(&mut i);
            let at = i.batch(vec![item]);
            i.open();
            i.votes();
            i.finish();
            Case::of(i).fails("V7", "PHASE-4", entry(at + 1)).loosely()
        }),
        row("a ballot after close", "E04 M02", || {
            let mut i = town::voted();
            i.close();
            let item = one_ballot(&mut i);
            let at = i.batch(vec![item]);
            i.drill();
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-4", entry(at + 1)).loosely()
        }),
        row("a ballot while suspended", "E04", || {
            let mut i = town::voted();
            i.order(OrderKind::Suspend, 0, ZERO, None);
            let item = one_ballot(&mut i);
            let at = i.batch(vec![item]);
            i.order(OrderKind::Resume, 0, ZERO, None);
            i.finish();
            Case::of(i).fails("V7", "PHASE-4", entry(at + 1)).loosely()
        }),
        row("a batch dated before open", "E03", || {
            let mut i = town::opened();
            let item = one_ballot(&mut i);
            let at = i.batch_at(1_000, vec![item]);
            i.finish();
            Case::of(i).fails("V7", "PHASE-4", entry(at))
        }),
        row("a batch dated after close", "E03 D17", || {
            let mut i = town::opened();
            let item = one_ballot(&mut i);
            let at = i.batch_at(50_000, vec![item]);
            i.finish();
            Case::of(i).fails("V7", "PHASE-4", entry(at)).loosely()
        }),
        row("open twice", "E15", || voting("V7", "PHASE-1", |i| i.open())),
        row("a second roll after open", "E15 M17 E01", || {
            voting("V7", "PHASE-1", |i| {
                i.enrol_in(20, 0);
                i.roll()
            })
            .loosely()
        }),
        row("a second roll before open", "E15 M17 E01", || {
            let mut i = town::new();
            i.enrol(12);
            i.roll();
            i.ceremony();
            i.drill();
            i.enrol_in(20, 0);
            let second = i.roll();
            let at = i.open();
            i.votes();
            i.finish();
            assert!(second < at);
            Case::of(i).fails("V7", "PHASE-1", entry(second))
        }),
        row("no roll", "E01", || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            let at = i.open();
            i.close();
            i.drill();
            i.fix();
            i.intents_of(&[]);
            i.result();
            Case::of(i).fails("V7", "PHASE-2", entry(at))
        }),
        row("another key while voting goes on", "E15 M61", || {
            voting("V7", "PHASE-1", |i| {
                let keys = i.keys.clone();
                let at = i.entries.len();
                i.ceremony_with(crate::insider::Script::honest([9; 32]));
                i.keys = keys;
                at
            })
            .loosely()
        }),
        row("opened before the time", "E15 D15", || {
            let mut i = town::new();
            i.clock = 10;
            i.ceremony();
            let at = i.open_for(12);
            i.votes();
            i.finish();
            Case::of(i).fails("V7", "PHASE-3", entry(at))
        }),
        row("closed after the time", "E15 D17", || {
            let mut i = town::voted();
            i.clock = 100_000;
            let at = i.close();
            i.drill();
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-3", entry(at))
        }),
        row("extended to an earlier time", "E15", || voting("V7", "PHASE-3", |i| i.order(OrderKind::Extend, 100_000, ZERO, None))),
        row("extended in setup", "E15", || {
            let mut i = town::new();
            let at = i.order(OrderKind::Extend, 200_000, ZERO, None);
            i.begin();
            i.votes();
            i.finish();
            Case::of(i).fails("V7", "PHASE-1", entry(at))
        }),
        row("extended beyond 2^53", "", || voting("V6", "ORD-3", |i| i.order(OrderKind::Extend, 1 << 53, ZERO, None))),
        row("a result of the far future", "D15", || {
            let mut i = town::unsealed();
            i.clock = 1 << 60;
            let at = i.result();
            Case::of(i).fails("V6", "ORD-3", entry(at)).loosely()
        }),
        row("resumed without a suspension", "E15", || voting("V7", "PHASE-1", |i| i.order(OrderKind::Resume, 0, ZERO, None))),
        row("annulled after seal", "M09 E04", || {
            let mut i = town::closed();
            i.seal();
            i.closing();
            let at = i.annul(&[4]);
            i.count();
            Case::of(i).fails("V7", "PHASE-1", entry(at))
        }),
        row("annulled between seal and the closing entry", "E04", || {
            let mut i = town::closed();
            i.seal();
            let at = i.annul(&[4]);
            i.closing();
            i.count();
            Case::of(i).fails("V7", "PHASE-5", entry(at)).loosely()
        }),
        row("annulled in setup", "E04", || {
            let mut i = town::new();
            i.enrol(12);
            i.roll();
            let at = i.annul(&[3]);
            i.annulled.clear();
            i.ceremony();
            i.drill();
            i.open();
            i.votes();
            i.close();
            i.drill();
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-1", entry(at))
        }),
        row("a mix before the closing entry", "C05 C07", || {
            let mut i = town::closed();
            let (counted, _) = i.closing_hashes();
            i.prepare(counted);
            let unit = i.mixed_units()[0];
            let mix = i.make_mix(unit, 1);
            let at = i.post(PostKind::Mix, 1, &mix.to_bytes());
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-6", entry(at)).loosely()
        }),
        row("an intent before the closing entry", "C05 C07", || {
            let mut i = town::closed();
            let (counted, _) = i.closing_hashes();
            i.prepare(counted);
            let intent = i.intent(1).to_bytes();
            let at = i.post(PostKind::Intent, 1, &intent);
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-6", entry(at)).loosely()
        }),
        row("an opening before close", "C05 C06 C07 C12", || {
            let mut i = town::voted();
            let (counted, _) = i.closing_hashes();
            i.prepare(counted);
            let opening = i.opening(1, 0).to_bytes();
            let at = i.post(PostKind::Opening, 1, &opening);
            i.finish();
            Case::of(i).fails("V7", "PHASE-6", entry(at)).loosely()
        }),
        row("no closing entry", "E05", || {
            let mut i = town::closed();
            i.seal();
            let (counted, _) = i.closing_hashes();
            i.prepare(counted);
            let at = i.entries.len();
            i.count();
            Case::of(i).fails("V7", "PHASE-5", entry(at)).loosely()
        }),
        row("a result before seal", "F15", || {
            let mut i = town::closed();
            let (counted, _) = i.closing_hashes();
            i.prepare(counted);
            let at = i.result_as(b"{}");
            i.fix();
            i.count();
            Case::of(i).fails("V7", "PHASE-1", entry(at))
        }),
        row("a second result", "F15", || {
            let mut i = town::done();
            let at = i.result();
            Case::of(i).fails("V7", "PHASE-8", entry(at))
        }),
        row("a note after the result", "F15", || {
            let mut i = town::done();
            let at = note(&mut i, |_| {});
            Case::of(i).fails("V7", "PHASE-8", entry(at))
        }),
        row("a drill after the result", "F15", || {
            let mut i = town::done();
            let at = i.drill_of(&[]);
            Case::of(i).fails("V7", "PHASE-8", entry(at))
        }),
    ]
}

fn with_roll(blob: impl FnOnce(&mut Insider) -> (Vec<u8>, [u8; 32])) -> Case {
    let mut i = town::new();
    i.ceremony();
    i.drill();
    i.enrol(12);
    let (bytes, root) = blob(&mut i);
    let at = i.order(OrderKind::Roll, 0, root, Some(&bytes));
    i.open();
    Case::of(i).fails("V8", "ROLL-1", entry(at)).loosely()
}

fn lines_bytes(lines: &[RollLine]) -> Vec<u8> {
    let mut out = vec![48, 1];
    ballot::encode::put_list(&mut out, lines, |out, l| out.extend(l.to_bytes()));
    out
}

fn root(lines: &[RollLine]) -> [u8; 32] {
    board::tree::root_of(lines.iter().map(RollLine::to_bytes))
}

fn rolls() -> Vec<Row> {
    let sorted = |i: &Insider| Roll::new(i.lines.clone()).unwrap().lines().to_vec();
    vec![
        row("roll: somebody twice", "M15 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines.insert(3, lines[3]);
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: somebody twice in two districts", "M15 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                let district = (lines[3].district + 1) % 3;
                lines.insert(4, RollLine { district, ..lines[3] });
                lines[3..5].sort();
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: not sorted", "E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines.swap(1, 2);
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: a district that does not exist", "M16 E01", move || {
            with_roll(|i| {
                let mut lines = sorted(i);
                lines[5].district = 3;
                (lines_bytes(&lines), root(&lines))
            })
        }),
        row("roll: altered after it was signed", "M17 E01 E15", move || {
            with_roll(|i| {
                let lines = sorted(i);
                let mut other = lines.clone();
                other[5].district = (other[5].district + 1) % 3;
                (lines_bytes(&other), root(&lines))
            })
        }),
        row("roll: one more line than was signed", "M14 E01", move || {
            with_roll(|i| {
                let lines = sorted(i);
                i.enrol_in(20, 0);
                (lines_bytes(&sorted(i)), root(&lines))
            })
        }),
        row("roll: a byte more", "M33 A12", move || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            let lines = sorted(&i);
            let mut bytes = lines_bytes(&lines);
            bytes.push(0);
            let at = i.order(OrderKind::Roll, 0, root(&lines), Some(&bytes));
            i.open();
            Case::of(i).fails("V8", "DEC-4", entry(at)).loosely()
        }),
        row("roll: a count of four billion", "B08", move || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            let lines = sorted(&i);
            let mut bytes = lines_bytes(&lines);
            bytes[2..6].copy_from_slice(&[0xff; 4]);
            let at = i.order(OrderKind::Roll, 0, root(&lines), Some(&bytes));
            i.open();
            Case::of(i).fails("V8", "DEC-5", entry(at)).loosely()
        }),
    ]
}
