//! Batches, phases, and the roll: what stands where it must not. V6, V7, V8.

mod batches;
mod rolls;

use super::case::{Case, Row, Trustee, entry, row};
use super::orders::{note, voting};
use crate::insider::{Insider, Item, town};
use ballot::Record;
use board::roll::{Roll, RollLine};
use board::{Entry, OrderKind, PostKind};

const ZERO: [u8; 32] = [0; 32];

fn one_ballot(i: &mut Insider) -> Item {
    Item::Cast(i.ballot(5, &town::vote(0, 0)).bytes().to_vec())
}

pub fn rows() -> Vec<Row> {
    let mut rows = batches::rows();
    rows.extend(phases());
    rows.extend(rolls::rows());
    rows
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
