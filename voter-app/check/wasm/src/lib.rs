//! The check on a second device, for browsers. Spec: 16-second-device, CHECK-10 to CHECK-15.
//!
//! No import, no clock, no network: the page fetches what [`look`] says it needs, and asks again. A program in another language finds the
//! five functions at the end of this file, which only move bytes.

mod exports;

use ballot::ballot::BallotStyle;
use ballot::encode::Record;
use ballot::manifest::{Contest, Manifest, OptionList, Rule};
use ballot::second_device::{CheckError, Code, CodeKind, OnBoard, Pad, Shown};
use ballot::tracker::Tracker;
use ballot::{Hash, Selection, encode};
use board::replay::Replay;
use board::source::{Source, SourceError, load_blob, load_manifest};
use board::tile::WIDTH;
use board::view::View;
use board::{Entry, OrderKind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What the page asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Election id in hex, from the page's own configuration.
    pub election: String,
    /// The code as text.
    pub code: String,
    /// What the collector gave for the token.
    #[serde(default)]
    pub pad: Option<String>,
    /// The blinding that came with the pad.
    #[serde(default)]
    pub blinding: Option<String>,
    /// The voter's own person code, or nothing.
    #[serde(default)]
    pub person: String,
}

/// Files of the board that were fetched; `None` if the server said that there is no such file.
#[derive(Debug, Default)]
pub struct Files {
    given: HashMap<String, Option<Vec<u8>>>,
    needed: RefCell<Vec<String>>,
}

impl Files {
    /// A file, as the server gave it.
    pub fn give(&mut self, path: String, bytes: Option<Vec<u8>>) {
        self.given.insert(path, bytes);
    }

    fn need(&self, path: &str) {
        let mut needed = self.needed.borrow_mut();
        if !self.given.contains_key(path) && !needed.iter().any(|p| p == path) {
            needed.push(path.to_owned());
        }
    }
}

impl Source for Files {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        match self.given.get(path) {
            Some(file) => Ok(file.clone()),
            None => {
                self.need(path);
                Ok(None)
            }
        }
    }
}

/// A rule that does not hold, or a board that cannot be read.
struct Refused {
    rule: &'static str,
    text: String,
}

impl From<CheckError> for Refused {
    fn from(error: CheckError) -> Self {
        Self { rule: error.rule(), text: error.to_string() }
    }
}

impl From<SourceError> for Refused {
    fn from(error: SourceError) -> Self {
        let rule = if matches!(error, SourceError::Missing(_) | SourceError::Io { .. }) { "missing" } else { "CHECK-10" };
        Self { rule, text: error.to_string() }
    }
}

fn board(text: impl ToString) -> Refused {
    Refused { rule: "CHECK-10", text: text.to_string() }
}

/// Answers with one of `{"need":[paths]}`, `{"ask": token}` (of the collector, for the pad), `{"refused":{"rule","text"}}`, `{"shown":{…}}`.
///
/// `missing` stands for a rule if the board lacks a file, as it does for a moment while it grows.
pub fn look(files: &Files, question: &Question) -> Value {
    files.needed.borrow_mut().clear();
    let answer = answer(files, question);
    let needed = files.needed.borrow().clone();
    match answer {
        _ if !needed.is_empty() => json!({ "need": needed }),
        Ok(value) => value,
        Err(Refused { rule, text }) => json!({ "refused": { "rule": rule, "text": text } }),
    }
}

fn answer(files: &Files, question: &Question) -> Result<Value, Refused> {
    let election = encode::parse_hash(&question.election).ok_or_else(|| board("the page names no election"))?;
    let code = Code::from_text(&question.code)?;
    let token = code.token(&election)?;
    let manifest = Arc::new(load_manifest(files, Some(&election))?);
    let view = View::read(files, &manifest)?;
    let index = u64::from(code.index);
    if index >= view.size() {
        return Err(board("the board has no such entry yet"));
    }
    let bundle = view.bundle(files, index / WIDTH);
    let styles = styles(files, &manifest, &view)?;
    let entry = bundle?.into_iter().nth((index % WIDTH) as usize).ok_or_else(|| board("the board has no such entry"))?;
    let entry = Entry::from_bytes(&entry).map_err(board)?;
    let found = match &entry {
        Entry::Ballot { ballot, .. } => OnBoard::Cast(ballot),
        Entry::Challenged { opened } => OnBoard::Challenged(opened),
        _ => return Err(Refused { rule: "CHECK-11", text: "the entry is no ballot".to_owned() }),
    };
    let pad = match (code.kind, question.pad.as_deref().map(encode::parse_hash)) {
        (CodeKind::Challenged, _) => None,
        (CodeKind::Cast, Some(Some(pad))) => Some(Pad(pad)),
        (CodeKind::Cast, Some(None)) => return Err(Refused { rule: "CHECK-12", text: "the collector's pad cannot be read".to_owned() }),
        (CodeKind::Cast, None) => return Ok(json!({ "ask": hex::encode(token) })),
    };
    let shown = code.open(&manifest, &styles, pad.as_ref(), found)?;
    let person = question.person.trim();
    if code.kind == CodeKind::Cast && !person.is_empty() {
        let blinding: Hash = question.blinding.as_deref().and_then(encode::parse_hash).ok_or(CheckError::Voter)?;
        shown.require_voter(&election, &blinding, person)?;
    }
    Ok(json!({ "shown": describe(&manifest, &code, &shown, !person.is_empty()) }))
}

/// The key of the order *open*, by replaying the log up to it (VOTER-3). Asks for all blobs at once.
fn styles(files: &Files, manifest: &Arc<Manifest>, view: &View) -> Result<Vec<BallotStyle>, Refused> {
    let mut entries = Vec::new();
    for index in 0..view.bundles() {
        let bundle = view.bundle(files, index)?;
        let opens = |entry: &[u8]| matches!(Entry::from_bytes(entry), Ok(Entry::Order(order)) if order.kind == OrderKind::Open);
        let end = bundle.iter().position(|entry| opens(entry));
        entries.extend(bundle.into_iter().take(end.map_or(usize::MAX, |at| at + 1)));
        if end.is_some() {
            break;
        }
    }
    let blobs = entries.iter().map(|entry| Entry::from_bytes(entry).ok().and_then(|e| e.blob()));
    let blobs: Vec<Option<Hash>> = blobs.collect();
    blobs.iter().flatten().for_each(|name| files.need(&format!("blob/{}", hex::encode(name))));
    if !files.needed.borrow().is_empty() {
        return Err(board("more of the board is needed"));
    }
    let mut replay = Replay::new(manifest.clone());
    for (entry, blob) in entries.iter().zip(&blobs) {
        let blob = blob.as_ref().map(|name| load_blob(files, name)).transpose()?;
        replay.apply(entry, blob.as_deref()).map_err(board)?;
    }
    let (key, _) = replay.phases().opened().ok_or_else(|| board("voting has not begun"))?;
    let keys = replay.ceremony().confirmed().filter(|keys| keys.key.id() == key);
    let keys = keys.ok_or_else(|| board("the order open names another key than the ceremony made"))?;
    BallotStyle::all(manifest, &keys.key).ok_or_else(|| board("the election key has another number of columns"))
}

/// What the page shows; the words around it are the page's.
fn describe(manifest: &Manifest, code: &Code, shown: &Shown, person: bool) -> Value {
    let district = shown.ballot.district();
    let items = manifest.style(district).iter().filter_map(|&item| manifest.contest(item));
    let contests: Vec<Value> = items.zip(&shown.selections).map(|((contest, list), s)| contest_in_words(contest, list, s)).collect();
    json!({
        "title": manifest.description().title,
        "district": manifest.description().districts.get(district).map(|d| &d.title),
        "contests": contests,
        "tracker": Tracker::new(&shown.ballot.hash()).to_string(),
        "number": shown.ballot.context().number,
        "index": code.index,
        "challenged": code.kind == CodeKind::Challenged,
        "person": person && code.kind == CodeKind::Cast,
    })
}

/// `chosen`: options with `value`, the points, the place, or null; `blank` says a blank vote.
fn contest_in_words(contest: &Contest, list: &OptionList, selection: &Selection) -> Value {
    let option = |at: usize, value: Option<u32>| {
        let option = list.options.get(at);
        json!({ "title": option.map(|o| &o.title), "group": option.map(|o| &o.group), "value": value })
    };
    let integers = || selection.0.iter().copied().enumerate();
    let options = list.options.len();
    let chosen: Vec<Value> = match contest.rule {
        Rule::Choose { .. } | Rule::Approve {} => {
            integers().filter(|(at, m)| *m == 1 && *at < options).map(|(at, _)| option(at, None)).collect()
        }
        Rule::List {} => integers().map(|(_, m)| option(m as usize, None)).collect(),
        Rule::Rank { .. } => {
            let ranked = integers().filter(|(_, m)| *m > 0);
            ranked.map(|(place, m)| option((m as usize).saturating_sub(1), Some(place as u32 + 1))).collect()
        }
        Rule::Score { .. } | Rule::Budget { .. } => integers().map(|(at, m)| option(at, Some(m))).collect(),
    };
    let blank = matches!(contest.rule, Rule::Choose { blank: true, .. }) && selection.0.get(options) == Some(&1);
    json!({ "title": contest.title, "chosen": chosen, "blank": blank, "ranked": matches!(contest.rule, Rule::Rank { .. }) })
}
