//! V8: the roll is sorted, its districts exist, its root was signed; then the same of every change set. Rules ROLL-1, ROLL-4 to
//! ROLL-7.

use super::changes::{self, Amend};
use super::phases::Timeline;
use crate::bytes::{Fault, Hash, Reader};
use crate::counted::Line;
use crate::entry::{Entry, Order};
use crate::log::{Item, Log};
use crate::manifest::Manifest;
use crate::report::{Check, Place};
use crate::rolls::Rolls;
use crate::source::Source;
use crate::tree::{self, Tree};

/// Runs V8. The versions of the roll come back if there is exactly one roll, and it and every change set hold.
pub fn check(source: &Source, manifest: &Manifest, log: &Log, timeline: &Timeline<'_>) -> (Check, Option<Rolls>) {
    let mut check = Check::new("V8", "roll");
    let mut found = Vec::new();
    for (entry, order) in &timeline.rolls {
        check.look();
        let place = Place::Blob(*entry, order.blob);
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, "ROLL-1", "the roll cannot be read");
            continue;
        };
        let (lines, faults) = read(&bytes, manifest, &order.argument);
        check.look_at(lines.len());
        faults.iter().for_each(|fault| check.fault(&place, fault));
        found.push(Rolls::new(*entry, lines));
    }
    if timeline.rolls.is_empty() {
        check.skip("there is no roll yet");
    }
    let roll = if found.len() == 1 && check.passed() { found.pop() } else { None };
    let roll = roll.and_then(|mut rolls| {
        let mut amends = timeline.amends.iter();
        // What comes after one that fails is not judged: nobody knows which roll it would change.
        amends.all(|(entry, order)| amend(&mut check, source, manifest, &mut rolls, *entry, order)).then_some(rolls)
    });
    held_back(&mut check, log, timeline);
    (check, roll)
}

/// Seconds that may pass between an order *amend* and its entry. ROLL-7.
const TO_SIGN: u64 = 3600;

/// Names every *amend* behind a batch that is much later than the order. ROLL-7.
fn held_back(check: &mut Check, log: &Log, timeline: &Timeline<'_>) {
    let (mut amends, mut published) = (timeline.amends.iter().peekable(), 0u64);
    for (entry, item) in (0u64..).zip(&log.items) {
        if let Some((_, order)) = amends.next_if(|(amend, _)| *amend == entry)
            && published > order.time.saturating_add(TO_SIGN)
        {
            let late = published.saturating_sub(order.time);
            check.finding(
                &Place::Entry(entry),
                "ROLL-7",
                format!("ballots were published before it until {late} s after the order was given"),
            );
        }
        if let Item::Plain(plain) = item
            && let Entry::Batch { time, .. } = **plain
        {
            published = time;
        }
    }
}

/// One order *amend*: is there a next version?
fn amend(check: &mut Check, source: &Source, manifest: &Manifest, rolls: &mut Rolls, entry: u64, order: &Order) -> bool {
    check.look();
    let place = Place::Blob(entry, order.blob);
    let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
        check.fail(&place, "ROLL-5", "the change set cannot be read");
        return false;
    };
    let (lines, faults) = changes::amend(rolls, manifest, &bytes, Amend { entry, value: order.value, root: &order.argument });
    check.look_at(lines);
    faults.iter().for_each(|fault| check.fault(&place, fault));
    faults.is_empty()
}

/// The lines of a roll that must have this root, and all that is wrong with it.
pub fn read(bytes: &[u8], manifest: &Manifest, signed: &[u8; 32]) -> (Vec<Line>, Vec<Fault>) {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    match cut(bytes, manifest, &mut lines, &mut faults) {
        Err(fault) => faults.push(fault),
        Ok(()) if root(&lines) != *signed => faults.push(Fault::new("ROLL-1", "the root is not that of the order")),
        Ok(()) => {}
    }
    (lines, faults)
}

/// The root over the lines of a roll.
pub fn root(lines: &[Line]) -> Hash {
    let mut root = Tree::default();
    for Line { pseudonym, district } in lines {
        root.push(tree::leaf(&[pseudonym.as_slice(), &district.to_be_bytes()].concat()));
    }
    root.root()
}

fn cut(bytes: &[u8], manifest: &Manifest, lines: &mut Vec<Line>, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(48)?;
    let count = reader.count(34)?;
    lines.reserve(count);
    for number in 0..count {
        let at = reader.at();
        let line = Line { pseudonym: reader.hash()?, district: reader.u16()? };
        let fault = |text: &str| Fault::new("ROLL-1", format!("line {number}: {text}")).at(at);
        if lines.last().is_some_and(|last: &Line| last.pseudonym >= line.pseudonym) {
            faults.push(fault("not sorted, or a pseudonym twice"));
        } else if usize::from(line.district) >= manifest.districts.len() {
            faults.push(fault("no such district"));
        }
        lines.push(line);
    }
    reader.finish()
}
