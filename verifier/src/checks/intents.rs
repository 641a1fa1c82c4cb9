//! V18: every intent. Rules OPEN-2, OPEN-3.

use super::ceremony::name;
use super::mixes::{Input, Prepared};
use crate::bytes::{Fault, Hash};
use crate::counted::State;
use crate::entry::PostKind;
use crate::opening::{self, Intent};
use crate::report::{Check, Place};
use std::collections::{BTreeMap, HashMap, HashSet};

/// For each unit, which trustees have a right intent, and the entry of the first one.
pub type Intents = Vec<BTreeMap<u16, u64>>;

/// Runs V18. `closed` is the closed checkpoint.
pub fn check(input: &Input<'_>, prepared: &[Prepared], closed: (u64, Hash)) -> (Check, Intents) {
    let mut check = Check::new("V18", "intents");
    let mut intents: Intents = prepared.iter().map(|_| BTreeMap::new()).collect();
    let mut first: HashMap<(u16, u32), (Hash, u64, Hash, Hash)> = HashMap::new();
    let mut wrong: HashSet<u16> = HashSet::new();
    for (entry, post) in input.posts(PostKind::Intent) {
        check.look();
        let place = Place::Blob(entry, post.blob);
        let mut finding = |fault: Fault| {
            wrong.insert(post.author);
            check.note(&place, &Fault { text: format!("{}: {}", name(input.manifest, post.author), fault.text), ..fault });
        };
        let intent = match source_intent(input, &post.blob, post.author, post.kind.blob_limit()) {
            Ok(intent) => intent,
            Err(fault) => {
                finding(fault);
                continue;
            }
        };
        for (unit, stage_hash) in &intent.units {
            let statement = (*stage_hash, intent.size, intent.root, intent.counted);
            if *first.entry((post.author, *unit)).or_insert(statement) != statement {
                finding(Fault::new("OPEN-2", format!("differs from its earlier intent for unit {unit}")));
            }
        }
        let stage_hash = |unit: u32| {
            let prepared = prepared.get(usize::try_from(unit).ok()?)?;
            (prepared.unit.state == State::Opened).then_some(prepared.stage_hash)
        };
        let (right, faults) = judge(&intent, closed, input.counted, &stage_hash);
        faults.into_iter().for_each(&mut finding);
        for unit in right {
            if let Some(of_unit) = usize::try_from(unit).ok().and_then(|unit| intents.get_mut(unit)) {
                of_unit.entry(post.author).or_insert(entry);
            }
        }
    }
    let (n, t) = (input.manifest.trustees.len(), input.manifest.threshold);
    if wrong.len() > n.saturating_sub(t) {
        check.finding(
            &Place::Entry(input.log.size().saturating_sub(1)),
            "OPEN-3",
            format!("{} of {n} trustees posted a wrong intent", wrong.len()),
        );
    }
    for ((number, prepared), intents) in (0..=u32::MAX).zip(prepared).zip(&intents) {
        if input.finished && needs_factors(prepared) {
            check.look();
            if intents.len() < t {
                check.fail(&Place::Unit(number), "OPEN-3", format!("{} right intents where {t} are needed", intents.len()));
            }
        }
    }
    (check, intents)
}

/// For which units an intent is right, and what is wrong about it. OPEN-2.
///
/// `stage_hash` knows the units that are to be opened, and what they are opened from once that is fixed.
pub fn judge(
    intent: &Intent,
    closed: (u64, Hash),
    counted: &Hash,
    stage_hash: &dyn Fn(u32) -> Option<Option<Hash>>,
) -> (Vec<u32>, Vec<Fault>) {
    let wrong = |text: String| vec![Fault::new("OPEN-2", text)];
    if (intent.size, intent.root) != closed || intent.counted != *counted {
        return (Vec::new(), wrong("another closed checkpoint or counted set".to_owned()));
    }
    if let Some((unit, _)) = intent.units.iter().find(|(unit, _)| stage_hash(*unit).is_none()) {
        return (Vec::new(), wrong(format!("names unit {unit}, which is not to be opened")));
    }
    let (right, others): (Vec<_>, Vec<_>) = intent.units.iter().partition(|(unit, hash)| stage_hash(*unit) == Some(Some(*hash)));
    let faults = others.iter().flat_map(|(unit, _)| wrong(format!("another stage hash for unit {unit}"))).collect();
    (right.iter().map(|(unit, _)| *unit).collect(), faults)
}

/// Does somebody have to send factors? OPEN-7: not if the sum's `A` is the identity.
pub fn needs_factors(prepared: &Prepared) -> bool {
    prepared.stage_hash.is_some() && prepared.rows.first() != Some(&[0; 32])
}

fn source_intent(input: &Input<'_>, blob: &Hash, author: u16, limit: u64) -> Result<Intent, Fault> {
    let bytes = input.source.blob(blob, limit).map_err(|_| Fault::new("DEC-5", "the message cannot be read"))?;
    read(&bytes, author)
}

/// Reads an intent that must be its author's.
pub fn read(bytes: &[u8], author: u16) -> Result<Intent, Fault> {
    let intent = opening::intent(bytes)?;
    if intent.trustee == author { Ok(intent) } else { Err(Fault::new("OPEN-2", "carries another trustee's index")) }
}
