//! V8: the roll is sorted, its districts exist, its root was signed. Rule ROLL-1.

use crate::bytes::{Fault, Hash, Reader};
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
        check.look();
        let place = Place::Blob(*entry, order.blob);
        let Ok(bytes) = source.blob(&order.blob, order.kind.blob_limit()) else {
            check.fail(&place, "ROLL-1", "the roll cannot be read");
            continue;
        };
        match read(&bytes, manifest, &order.argument) {
            (lines, faults) if faults.is_empty() => {
                check.look_at(lines.len());
                found.push(lines);
            }
            (lines, faults) => {
                check.look_at(lines.len());
                faults.iter().for_each(|fault| check.fault(&place, fault));
            }
        }
    }
    if rolls.is_empty() {
        check.skip("there is no roll yet");
    }
    let roll = if found.len() == 1 && check.passed() { found.pop() } else { None };
    (check, roll)
}

/// The lines of a roll that must have this root, and all that is wrong with it.
pub fn read(bytes: &[u8], manifest: &Manifest, signed: &[u8; 32]) -> (Vec<Line>, Vec<Fault>) {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    match cut(bytes, manifest, &mut lines, &mut faults) {
        Err(fault) => faults.push(fault),
        Ok(root) if root != *signed => faults.push(Fault::new("ROLL-1", "the root is not that of the order")),
        Ok(_) => {}
    }
    (lines, faults)
}

fn cut(bytes: &[u8], manifest: &Manifest, lines: &mut Vec<Line>, faults: &mut Vec<Fault>) -> Result<Hash, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(48)?;
    let count = reader.count(34)?;
    lines.reserve(count);
    let mut root = Tree::default();
    for number in 0..count {
        let at = reader.at();
        root.push(tree::leaf(reader.clone().take(34)?));
        let line = Line { pseudonym: reader.hash()?, district: reader.u16()? };
        let fault = |text: &str| Fault::new("ROLL-1", format!("line {number}: {text}")).at(at);
        if lines.last().is_some_and(|last: &Line| last.pseudonym >= line.pseudonym) {
            faults.push(fault("not sorted, or a pseudonym twice"));
        } else if usize::from(line.district) >= manifest.districts.len() {
            faults.push(fault("no such district"));
        }
        lines.push(line);
    }
    reader.finish()?;
    Ok(root.root())
}
