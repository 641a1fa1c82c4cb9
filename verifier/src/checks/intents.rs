//! V18: every intent. Rules OPEN-2, OPEN-3.

use super::ceremony::name;
use super::mixes::{Input, Prepared};
use crate::bytes::{Fault, Hash};
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
        let mut finding = |rule: &str, text: &str| {
            wrong.insert(post.author);
            check.finding(&place, rule, format!("{}: {text}", name(input.manifest, post.author)));
        };
        let intent = match read(input, &post.blob, post.author, post.kind.blob_limit()) {
            Ok(intent) => intent,
            Err(fault) => {
                finding(fault.rule, &fault.text);
                continue;
            }
        };
        let same_set = (intent.size, intent.root) == closed && intent.counted == *input.counted;
        if !same_set {
            finding("OPEN-2", "another closed checkpoint or counted set");
        }
        for (unit, stage_hash) in intent.units {
            let statement = (stage_hash, intent.size, intent.root, intent.counted);
            if *first.entry((post.author, unit)).or_insert(statement) != statement {
                finding("OPEN-2", &format!("differs from its earlier intent for unit {unit}"));
            }
            let position = usize::try_from(unit).unwrap_or(usize::MAX);
            let right = same_set && prepared.get(position).is_some_and(|prepared| prepared.stage_hash == Some(stage_hash));
            if let (true, Some(of_unit)) = (right, intents.get_mut(position)) {
                of_unit.entry(post.author).or_insert(entry);
            } else if same_set {
                finding("OPEN-2", &format!("unit {unit} is not opened, or not with this stage hash"));
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
        if input.finished && needs_factors(prepared) && intents.len() < t {
            check.fail(&Place::Unit(number), "OPEN-3", format!("{} right intents where {t} are needed", intents.len()));
        }
    }
    (check, intents)
}

/// Does somebody have to send factors? OPEN-7: not if the sum's `A` is the identity.
pub fn needs_factors(prepared: &Prepared) -> bool {
    prepared.stage_hash.is_some() && prepared.rows.first() != Some(&[0; 32])
}

fn read(input: &Input<'_>, blob: &Hash, author: u16, limit: u64) -> Result<Intent, Fault> {
    let bytes = input.source.blob(blob, limit).map_err(|_| Fault::new("DEC-5", "the message cannot be read"))?;
    let intent = opening::intent(&bytes)?;
    if intent.trustee == author { Ok(intent) } else { Err(Fault::new("OPEN-2", "carries another trustee's index")) }
}
