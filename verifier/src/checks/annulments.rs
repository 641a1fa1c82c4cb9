//! V15: lists decode; who is annulled stands on the roll, or did, and is not annulled yet; who is reinstated is. In the order of
//! the log. Rules ANN-1 to ANN-3.

use super::phases::Timeline;
use crate::bytes::{Fault, Hash, Reader};
use crate::counted::Line;
use crate::entry::OrderKind;
use crate::report::{Check, Place};
use crate::rolls::Rolls;
use crate::source::Source;
use std::collections::{HashMap, HashSet};

/// Pseudonyms that are annulled, each with the entry of the last order *annul* that names it, and the reason.
pub type Annulled = HashMap<Hash, (u64, u8)>;

/// Runs V15; gives the pseudonyms that are annulled after the last list.
pub fn check(source: &Source, rolls: &Rolls, timeline: &Timeline<'_>) -> (Check, Annulled) {
    let mut check = Check::new("V15", "annulments");
    let mut annulled = Annulled::new();
    for (entry, order) in &timeline.lists {
        check.look();
        let place = Place::Blob(*entry, order.blob);
        let back = order.kind == OrderKind::Reinstate;
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, if back { "ANN-3" } else { "ANN-1" }, "the list cannot be read");
            continue;
        };
        let judge = |pseudonym: &Hash| match (back, annulled.contains_key(pseudonym)) {
            (true, true) => None,
            (true, false) => Some(("ANN-3", "not annulled")),
            (false, _) if !rolls.whole_has(pseudonym, *entry) => Some(("ANN-1", "has not been on the roll")),
            (false, true) => Some(("ANN-1", "annulled already")),
            (false, false) => None,
        };
        let (list, faults) = list(&bytes, back, order.value, &judge);
        check.look_at(list.len());
        faults.iter().for_each(|fault| check.fault(&place, fault));
        if !faults.is_empty() {
            continue; // It changes nothing.
        }
        for (pseudonym, reason) in list {
            if back {
                annulled.remove(&pseudonym);
            } else {
                annulled.insert(pseudonym, (*entry, reason));
            }
        }
    }
    (check, annulled)
}

/// The pseudonyms of an annulment list, and all that is wrong with it. `roll` is the whole roll, `before` are those who are annulled.
pub fn read(bytes: &[u8], roll: &[Line], value: u64, before: &HashSet<Hash>) -> (Vec<Hash>, Vec<Fault>) {
    let judge = |pseudonym: &Hash| {
        if roll.binary_search_by_key(pseudonym, |line| line.pseudonym).is_err() {
            Some(("ANN-1", "has not been on the roll"))
        } else {
            before.contains(pseudonym).then_some(("ANN-1", "annulled already"))
        }
    };
    let (list, faults) = list(bytes, false, value, &judge);
    (list.into_iter().map(|(pseudonym, _)| pseudonym).collect(), faults)
}

/// The pseudonyms of a reinstatement list, and all that is wrong with it.
pub fn read_back(bytes: &[u8], value: u64, annulled: &HashSet<Hash>) -> (Vec<Hash>, Vec<Fault>) {
    let judge = |pseudonym: &Hash| (!annulled.contains(pseudonym)).then_some(("ANN-3", "not annulled"));
    let (list, faults) = list(bytes, true, value, &judge);
    (list.into_iter().map(|(pseudonym, _)| pseudonym).collect(), faults)
}

/// A pseudonym, and the reason.
type Struck = (Hash, u8);

/// What is wrong with a pseudonym on a list.
type Judge<'a> = &'a dyn Fn(&Hash) -> Option<(&'static str, &'static str)>;

/// The lines of one list, and all that is wrong with it.
fn list(bytes: &[u8], back: bool, value: u64, judge: Judge<'_>) -> (Vec<Struck>, Vec<Fault>) {
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    if let Err(fault) = cut(bytes, back, judge, &mut list, &mut faults) {
        faults.push(fault);
    } else if value != list.len() as u64 {
        faults.push(Fault::new("ANN-2", format!("{} lines where the order says {value}", list.len())));
    }
    (list, faults)
}

fn cut(bytes: &[u8], back: bool, judge: Judge<'_>, list: &mut Vec<Struck>, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    let (kind, size) = if back { (52, 32) } else { (49, 33) };
    let mut reader = Reader::new(bytes);
    reader.head(kind)?;
    let count = reader.count(size)?;
    for number in 0..count {
        let at = reader.at();
        let pseudonym = reader.hash()?;
        let (at_reason, reason) = (reader.at(), if back { 0 } else { reader.u8()? });
        let mut fault = |rule, text: &str, at| faults.push(Fault::new(rule, format!("line {number}: {text}")).at(at));
        if list.last().is_some_and(|(last, _)| *last >= pseudonym) {
            fault("DEC-9", "not sorted, or a pseudonym twice", at);
        } else if !back && !(1..=2).contains(&reason) {
            fault("DEC-8", &format!("no reason has the number {reason}"), at_reason);
        } else if let Some((rule, text)) = judge(&pseudonym) {
            fault(rule, text, at);
        }
        list.push((pseudonym, reason));
    }
    reader.finish()
}
