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
        let place = Place::Blob(*entry, order.blob);
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, "ANN-1", "the list cannot be read");
            continue;
        };
        match read(&bytes, roll, order.value) {
            Ok(list) => {
                check.count = check.count.saturating_add(list.len() as u64);
                let again = list.iter().filter(|pseudonym| !annulled.insert(**pseudonym)).count();
                if again > 0 {
                    check.fail(&place, "ANN-1", format!("{again} pseudonyms stand on an earlier list too"));
                }
            }
            Err(fault) => check.fault(&place, &fault),
        }
    }
    (check, annulled)
}

/// The pseudonyms of one list.
pub fn read(bytes: &[u8], roll: &[Line], value: u64) -> Result<Vec<Hash>, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(49)?;
    let count = reader.count(33)?;
    let mut list: Vec<Hash> = Vec::with_capacity(count);
    for number in 0..count {
        let (pseudonym, reason) = (reader.hash()?, reader.u8()?);
        if !(1..=2).contains(&reason) {
            return Err(Fault::new("DEC-8", format!("line {number}: no reason has the number {reason}")));
        }
        if list.last().is_some_and(|last| *last >= pseudonym) {
            return Err(Fault::new("DEC-9", format!("line {number}: not sorted, or a pseudonym twice")));
        }
        if roll.binary_search_by_key(&pseudonym, |line| line.pseudonym).is_err() {
            return Err(Fault::new("ANN-1", format!("line {number}: not on the roll")));
        }
        list.push(pseudonym);
    }
    reader.finish()?;
    if value == list.len() as u64 {
        Ok(list)
    } else {
        Err(Fault::new("ANN-2", format!("{} lines where the order says {value}", list.len())))
    }
}
