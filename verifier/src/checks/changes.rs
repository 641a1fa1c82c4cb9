//! One change set: how it reads, whether it fits the roll in force, and the root it must give. Rules ROLL-4 to ROLL-6.

use super::roll::root;
use crate::bytes::{Fault, Reader};
use crate::counted::Line;
use crate::manifest::Manifest;
use crate::rolls::{Act, Change, Rolls};

/// What an order *amend* says.
#[derive(Clone, Copy, Debug)]
pub struct Amend<'a> {
    /// Its entry.
    pub entry: u64,
    /// The version that it gives.
    pub value: u64,
    /// The root of the roll that results.
    pub root: &'a [u8; 32],
}

/// Judges a change set and, if nothing is wrong with it, makes the next version of the roll. Gives its number of lines, and all
/// that is wrong.
pub fn amend(rolls: &mut Rolls, manifest: &Manifest, bytes: &[u8], order: Amend<'_>) -> (usize, Vec<Fault>) {
    let (mut changes, mut faults) = (Vec::new(), Vec::new());
    if let Err(fault) = cut(bytes, manifest, rolls, &mut changes, &mut faults) {
        faults.push(fault);
    }
    // The root says something only if it is known what would result.
    let lines = if faults.is_empty() { rolls.after(&changes) } else { Vec::new() };
    if faults.is_empty() && root(&lines) != *order.root {
        faults.push(Fault::new("ROLL-6", "the root is not that of the roll that results"));
    }
    let expected = rolls.version().saturating_add(1);
    if order.value != expected {
        faults.insert(0, Fault::new("ROLL-4", format!("gives version {} where version {expected} must come", order.value)));
    }
    if faults.is_empty() {
        rolls.push(order.entry, &changes, lines);
    }
    (changes.len(), faults)
}

fn cut(bytes: &[u8], manifest: &Manifest, rolls: &Rolls, changes: &mut Vec<Change>, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(51)?;
    let count = reader.count(35)?;
    changes.reserve(count);
    for number in 0..count {
        let at = reader.at();
        let pseudonym = reader.hash()?;
        let (at_act, act) = (reader.at(), reader.u8()?);
        let line = Line { pseudonym, district: reader.u16()? };
        let fault = |rule, text: &str, at| Fault::new(rule, format!("line {number}: {text}")).at(at);
        let change = match act {
            1 => Some(Act::Added),
            2 => Some(Act::Removed),
            3 => Some(Act::Moved),
            _ => None,
        }
        .map(|act| Change { act, line });
        // Of a line with several faults the first in its bytes is named.
        if changes.last().is_some_and(|last| last.line.pseudonym >= pseudonym) {
            faults.push(fault("DEC-9", "not sorted, or a pseudonym twice", at));
        } else if let Some(change) = change {
            faults.extend(fits(rolls, manifest, change).err().map(|text| fault("ROLL-5", text, at)));
        } else {
            faults.push(fault("DEC-8", &format!("no act has the number {act}"), at_act));
        }
        // What has no act still takes its place in the order, and nothing is made of a set with a fault.
        changes.push(change.unwrap_or(Change { act: Act::Added, line }));
    }
    reader.finish()
}

/// ROLL-5 for one change.
fn fits(rolls: &Rolls, manifest: &Manifest, Change { act, line }: Change) -> Result<(), &'static str> {
    if usize::from(line.district) >= manifest.districts.len() {
        return Err("no such district");
    }
    match (act, rolls.district(&line.pseudonym)) {
        (Act::Added, Some(_)) => Err("added, and on the roll already"),
        (Act::Removed | Act::Moved, None) => Err("removed or moved, and not on the roll"),
        (Act::Removed, Some(district)) if district != line.district => Err("removed from a district where it is not"),
        (Act::Moved, Some(district)) if district == line.district => Err("moved to the district where it is"),
        _ => Ok(()),
    }
}
