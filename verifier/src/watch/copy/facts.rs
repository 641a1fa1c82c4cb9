//! What the entries of a copy come to: phase, batches, blobs. Spec: 15-watching.

use crate::bytes::Hash;
use crate::entry::{self, Entry, OrderKind};
use crate::manifest::Manifest;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the copy's entries come to.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Phase by the orders (03).
    pub phase: &'static str,
    /// The order *result* is there.
    pub finished: bool,
    /// Entry and time of each batch that came last.
    pub batches: Vec<(u64, u64)>,
    /// Time of the batch of each watched ballot that is there.
    pub published: HashMap<Hash, u64>,
    watched: HashSet<Hash>,
    /// Blobs that entries name: the first entry, and the most bytes.
    pub blobs: BTreeMap<Hash, (u64, u64)>,
    entries: u64,
    time: u64,
}

impl Facts {
    /// Of no entries; `watched` are ballots whose publication matters.
    pub fn new(watched: HashSet<Hash>) -> Self {
        let (batches, published, blobs) = (Vec::new(), HashMap::new(), BTreeMap::new());
        Self { phase: "setup", finished: false, batches, published, watched, blobs, entries: 0, time: 0 }
    }

    /// Adds the next entry.
    pub fn add(&mut self, bytes: &[u8], manifest: &Manifest) {
        let index = self.entries;
        self.entries = index.saturating_add(1);
        // What does not decode, or breaks another rule, is found by the checks.
        match entry::decode(bytes, &|district| manifest.ballot_length(district)) {
            Ok(Entry::Order(order)) => {
                self.phase = match order.kind {
                    OrderKind::Open => "voting",
                    OrderKind::LastLogin => "last",
                    OrderKind::Close => "closed",
                    OrderKind::Seal => "sealed",
                    OrderKind::Result => "done",
                    _ => self.phase,
                };
                self.finished |= order.kind == OrderKind::Result;
                if order.kind.uses().2 {
                    self.blob(index, order.blob, order.kind.blob_limit());
                }
            }
            Ok(Entry::Post(post)) => self.blob(index, post.blob, post.kind.blob_limit()),
            Ok(Entry::Batch { time, .. }) => {
                self.time = time;
                self.batches.push((index, time));
            }
            Ok(Entry::Ballot(head)) if self.watched.contains(&head.hash) => {
                self.published.entry(head.hash).or_insert(self.time);
            }
            _ => {}
        }
    }

    fn blob(&mut self, entry: u64, name: Hash, limit: u64) {
        let known = self.blobs.entry(name).or_insert((entry, limit));
        known.1 = known.1.max(limit);
    }
}
