//! V8: the roll is sorted, its districts exist, its root was signed. Rule ROLL-1.

use crate::bytes::{Fault, Reader};
use crate::counted::Line;
use crate::entry::Order;
use crate::manifest::Manifest;
use crate::report::{Check, Place};
use crate::source::Source;
use crate::tree::{self, Tree};

/// Runs V8. The roll comes back if there is exactly one and it holds.
pub fn check(source: &Source, manifest: &Manifest, rolls: &[(u64, &Order)]) -> (Check, Option<Vec<Line>>) {
    let mut check = Check::new("V8", "roll");
    let mut found = Vec::new();
    for (entry, order) in rolls {
        let place = Place::Blob(*entry, order.blob);
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, "ROLL-1", "the roll cannot be read");
            continue;
        };
        match read(&bytes, manifest, &order.argument) {
            Ok(lines) => {
                check.count = check.count.saturating_add(lines.len() as u64);
                found.push(lines);
            }
            Err(fault) => check.fault(&place, &fault),
        }
    }
    if rolls.is_empty() {
        check.skip("there is no roll yet");
    }
    let roll = if found.len() == 1 && check.passed() { found.pop() } else { None };
    (check, roll)
}

/// The lines of a roll with this root.
pub fn read(bytes: &[u8], manifest: &Manifest, signed: &[u8; 32]) -> Result<Vec<Line>, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(48)?;
    let count = reader.count(34)?;
    let mut lines: Vec<Line> = Vec::with_capacity(count);
    let mut root = Tree::default();
    for number in 0..count {
        root.push(tree::leaf(reader.clone().take(34)?));
        let line = Line { pseudonym: reader.hash()?, district: reader.u16()? };
        let fault = |text: &str| Fault::new("ROLL-1", format!("line {number}: {text}"));
        if lines.last().is_some_and(|last| last.pseudonym >= line.pseudonym) {
            return Err(fault("not sorted, or a pseudonym twice"));
        }
        if usize::from(line.district) >= manifest.districts.len() {
            return Err(fault("no such district"));
        }
        lines.push(line);
    }
    reader.finish()?;
    if root.root() == *signed { Ok(lines) } else { Err(Fault::new("ROLL-1", "the root is not that of the order")) }
}
