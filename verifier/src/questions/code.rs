//! What does the ballot behind a code hold? Spec: 16-second-device, CHECK-10 to CHECK-16.

use crate::asked::Sound;
use crate::ballot::Prefixes;
use crate::bytes::{Fault, Hash};
use crate::code::Code;
use crate::group;
use crate::manifest::Rule;
use crate::proof::Bases;
use crate::second_device::{Maker, Shown, look};
use crate::tracker;
use serde_json::Value;
use std::fmt::Write as _;

/// What the collector gives for a code.
#[derive(Clone, Debug)]
pub struct Pad {
    /// The pad.
    pub pad: Hash,
    /// Blinding of the voter's pseudonym.
    pub blinding: Hash,
}

/// The answer for people, if every check holds; else the rule that does not.
pub fn ask(record: &Sound, code: &Code, pad: Option<&Pad>, person: Option<&str>) -> Result<Result<String, Fault>, String> {
    let index = u64::from(code.index);
    if index >= record.log.items.len() as u64 {
        let text = "the board does not have this entry yet, or you were shown another board";
        return Ok(Err(Fault::new("CHECK-10", text)));
    }
    let key = record.key()?;
    let columns: Vec<Hash> = key.columns.iter().map(|column| column.bytes).collect();
    let maker = Maker {
        manifest: &record.manifest,
        key: key.id,
        prefixes: Prefixes::new(&record.manifest, &key.id, &columns),
        bases: Bases { columns: key.columns.iter().map(|column| column.point).collect(), bits: group::ballot_bases(record.manifest.bits) },
    };
    let shown = match look(&maker, code, &record.entry(index)?, pad.map(|pad| &pad.pad)) {
        Ok(shown) => shown,
        Err(fault) => return Ok(Err(fault)),
    };
    if let (false, Some(pad), Some(person)) = (code.challenged, pad, person)
        && let Err(fault) = shown.belongs_to(&record.manifest.election, &pad.blinding, person)
    {
        return Ok(Err(fault));
    }
    Ok(Ok(text(record, code, &shown, person.is_some())))
}

fn text(record: &Sound, code: &Code, shown: &Shown, person: bool) -> String {
    let mut out = words(record, shown);
    let _ = writeln!(out, "\nballot   tracker {}, the voter's number {}", tracker::of(&shown.hash), shown.number);
    let _ = writeln!(out, "entry    {} of the board", code.index);
    if code.challenged {
        out += "status   opened for checking: it is public, and never counts. Compare the tracker with the one you were shown before\n";
        return out;
    }
    out += "status   on the board. Whether it is still the one that counts is told after a login with the eID: voter-app status\n";
    if !person {
        out += "NOT CHECKED whose ballot this is: say --person with your own person code\n";
    }
    out
}

/// What was chosen, a line for each contest. The manifest was read before, so its titles are where they must be.
pub fn words(record: &Sound, shown: &Shown) -> String {
    let described: Value = serde_json::from_str(&record.manifest_text).unwrap_or_default();
    let parts = record.manifest.parts.get(usize::from(shown.district)).map_or(&[][..], Vec::as_slice);
    let mut out = String::new();
    for (part, selection) in parts.iter().zip(&shown.selections) {
        let Some((contest, list)) = record.manifest.part(*part) else { continue };
        let titles = described.pointer(&format!("/contests/{}", part.contest)).unwrap_or(&Value::Null);
        let options = titles.pointer(&format!("/lists/{}/options", part.list)).and_then(Value::as_array);
        let option = |at: usize| -> String {
            let named = options.and_then(|options| options.get(at));
            let field = |name: &str| named.and_then(|option| option.get(name)).and_then(Value::as_str).unwrap_or("");
            let id = list.options.get(at).map_or("?", String::as_str);
            let group = field("group");
            if group.is_empty() { format!("{} [{id}]", field("title")) } else { format!("{} ({group}) [{id}]", field("title")) }
        };
        let chosen = chosen(contest.rule, selection, list.options.len(), &option);
        let chosen = if chosen.is_empty() { "nothing".to_owned() } else { chosen.join(", ") };
        let title = titles.get("title").and_then(Value::as_str).unwrap_or(&contest.id);
        let _ = writeln!(out, "{title}: {chosen}");
    }
    out
}

fn chosen(rule: Rule, selection: &[u32], options: usize, option: &dyn Fn(usize) -> String) -> Vec<String> {
    let at = |integer: &u32| usize::try_from(*integer).unwrap_or(usize::MAX);
    let numbered = || selection.iter().enumerate();
    match rule {
        Rule::Choose { .. } | Rule::Approve => numbered()
            .filter(|(_, integer)| **integer == 1)
            .map(|(place, _)| if place == options { "a blank vote".to_owned() } else { option(place) })
            .collect(),
        Rule::Score { .. } | Rule::Budget { .. } => numbered().map(|(place, points)| format!("{} {points}", option(place))).collect(),
        Rule::List => selection.iter().map(|place| option(at(place))).collect(),
        Rule::Rank { .. } => numbered()
            .filter(|(_, integer)| **integer > 0)
            .map(|(place, integer)| format!("{}. {}", place.saturating_add(1), option(at(integer).saturating_sub(1))))
            .collect(),
    }
}
