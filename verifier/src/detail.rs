//! What people want to see beside the checks: names, the result, and who did what. All of it was verified first, or is left out.

use crate::checkpoint;
use crate::entry::{Entry, OrderKind, PostKind};
use crate::head::Head;
use crate::log::{Item, Log};
use crate::manifest::Manifest;
use crate::report::{Check, State};
use serde_json::Value;

/// Nothing is in it that no check vouches for.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The manifest, if V2 passed.
    pub manifest: Option<Value>,
    /// Witnesses of the checkpoint, in the order of the manifest, with the time of their cosignature.
    pub witnesses: Vec<Option<u64>>,
    /// Orders: entry, kind, time, members who signed.
    pub orders: Vec<(u64, OrderKind, u64, Vec<u8>)>,
    /// Posts: entry, author, kind.
    pub posts: Vec<(u64, u16, PostKind)>,
    /// For each unit the trustees whose openings were combined.
    pub combined: Vec<Vec<u16>>,
    /// The result, if V20 passed.
    pub result: Option<Value>,
    /// Was the restricted evidence looked at?
    pub evidence: bool,
}

impl Detail {
    /// The manifest's own words. Call it only if V2 passed.
    pub fn of_manifest(bytes: &[u8]) -> Self {
        Self { manifest: serde_json::from_slice(bytes).ok(), ..Self::default() }
    }

    /// Who signed the checkpoint.
    pub fn note_witnesses(&mut self, manifest: &Manifest, bytes: &[u8]) {
        let head = std::str::from_utf8(bytes).ok().and_then(|text| Head::read(text, manifest).ok());
        let time = |position| head.as_ref()?.witnesses.iter().find(|(other, _)| *other == position).map(|(_, time)| *time);
        self.witnesses = (0..manifest.witnesses.len()).map(time).collect();
        debug_assert!(bytes.len() as u64 <= checkpoint::LARGEST);
    }

    /// Orders and posts that V6 let through.
    pub fn note_entries(&mut self, log: &Log, sound: &[bool]) {
        for ((index, item), _) in (0u64..).zip(&log.items).zip(sound).filter(|(_, sound)| **sound) {
            let Item::Plain(entry) = item else { continue };
            match &**entry {
                Entry::Order(order) => {
                    let members = order.signatures.iter().map(|(member, _)| *member).collect();
                    self.orders.push((index, order.kind, order.time, members));
                }
                Entry::Post(post) => self.posts.push((index, post.author, post.kind)),
                _ => {}
            }
        }
    }

    /// Did anybody find fault with this post?
    pub fn is_blamed(entry: u64, checks: &[Check]) -> bool {
        let (place, prefix) = (format!("entry {entry}"), format!("entry {entry} "));
        let mut notes = checks.iter().flat_map(|check| check.failures.iter().chain(&check.findings));
        notes.any(|note| note.place == place || note.place.starts_with(&prefix))
    }
}

/// State of a check by its id.
pub fn state(checks: &[Check], id: &str) -> Option<State> {
    checks.iter().find(|check| check.id == id).map(|check| check.state)
}
