//! V5: every blob is there, hashes to its name and keeps its limit; notes are texts. Rules REC-5, ENTRY-7, ORD-4.

use crate::bytes::{Fault, Hash};
use crate::entry::{Entry, OrderKind};
use crate::log::{Item, Log};
use crate::report::{Check, Place};
use crate::source::{self, ReadError, Source};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Runs V5.
pub fn check(source: &Source, log: &Log) -> Result<Check, String> {
    let mut check = Check::new("V5", "blobs");
    let named: Vec<(u64, Hash, u64)> = log.blobs().collect();
    // A blob that several entries name is read once, up to the largest limit.
    let mut limits: BTreeMap<Hash, u64> = BTreeMap::new();
    for (_, blob, limit) in &named {
        let largest = limits.entry(*blob).or_insert(*limit);
        *largest = (*largest).max(*limit);
    }
    let limits: Vec<(Hash, u64)> = limits.into_iter().collect();
    let hashes = limits.par_iter().map(|(blob, limit)| (*blob, source.hash(&source::blob_path(blob), *limit)));
    let hashes: BTreeMap<Hash, _> = hashes.collect();
    for (entry, blob, limit) in &named {
        check.look();
        let place = Place::Blob(*entry, *blob);
        match hashes.get(blob) {
            Some(Ok((_, hash))) if hash != blob => check.fail(&place, "REC-5", "does not hash to its name"),
            Some(Ok((length, _))) if length <= limit => {}
            Some(Ok(_) | Err(ReadError::TooLarge)) => check.fail(&place, "ENTRY-7", format!("longer than {limit} bytes")),
            Some(Err(ReadError::Unreadable(error))) => return Err(error.clone()),
            Some(Err(ReadError::Missing)) | None => check.fail(&place, "ENTRY-7", "missing"),
        }
    }
    notes(source, log, &mut check);
    Ok(check)
}

/// The text of a note is UTF-8. ORD-4.
fn notes(source: &Source, log: &Log, check: &mut Check) {
    for (index, item) in (0u64..).zip(&log.items) {
        let Item::Plain(entry) = item else { continue };
        let Entry::Order(order) = &**entry else { continue };
        if order.kind == OrderKind::Note
            && let Ok(text) = source.blob(&order.blob, order.kind.blob_limit())
            && let Err(error) = std::str::from_utf8(&text)
        {
            let fault = Fault::new("ORD-4", "the note is not UTF-8").at(error.valid_up_to());
            check.fault(&Place::Blob(index, order.blob), &fault);
        }
    }
}
