//! V15: annulment lists decode and name people on the roll, once. Rules ANN-1, ANN-2.

use crate::bytes::{Fault, Hash, Reader};
use crate::counted::Line;
use crate::entry::Order;
use crate::report::{Check, Place};
use crate::source::Source;
use std::collections::HashSet;

/// Runs V15; gives the pseudonyms that are annulled.
pub fn check(source: &Source, roll: &[Line], orders: &[(u64, &Order)]) -> (Check, HashSet<Hash>) {
    let mut check = Check::new("V15", "annulments");
    let mut annulled = HashSet::new();
    for (entry, order) in orders {
        check.look();
        let place = Place::Blob(*entry, order.blob);
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, "ANN-1", "the list cannot be read");
            continue;
        };
        let (list, faults) = read(&bytes, roll, order.value, &annulled);
        check.look_at(list.len());
        faults.iter().for_each(|fault| check.fault(&place, fault));
        if faults.is_empty() {
            annulled.extend(list);
        }
    }
    (check, annulled)
}

/// The pseudonyms of one list, and all that is wrong with it. `before` are those of earlier lists.
pub fn read(bytes: &[u8], roll: &[Line], value: u64, before: &HashSet<Hash>) -> (Vec<Hash>, Vec<Fault>) {
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    if let Err(fault) = cut(bytes, roll, before, &mut list, &mut faults) {
        faults.push(fault);
    } else if value != list.len() as u64 {
        faults.push(Fault::new("ANN-2", format!("{} lines where the order says {value}", list.len())));
    }
    (list, faults)
}

fn cut(bytes: &[u8], roll: &[Line], before: &HashSet<Hash>, list: &mut Vec<Hash>, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(49)?;
    let count = reader.count(33)?;
    for number in 0..count {
        let at = reader.at();
        let (pseudonym, reason) = (reader.hash()?, reader.u8()?);
        let mut fault = |rule, text: String| faults.push(Fault::new(rule, format!("line {number}: {text}")).at(at));
        if !(1..=2).contains(&reason) {
            fault("DEC-8", format!("no reason has the number {reason}"));
        } else if list.last().is_some_and(|last| *last >= pseudonym) {
            fault("DEC-9", "not sorted, or a pseudonym twice".to_owned());
        } else if roll.binary_search_by_key(&pseudonym, |line| line.pseudonym).is_err() {
            fault("ANN-1", "not on the roll".to_owned());
        } else if before.contains(&pseudonym) {
            fault("ANN-1", "stands on an earlier list too".to_owned());
        }
        list.push(pseudonym);
    }
    reader.finish()
}
