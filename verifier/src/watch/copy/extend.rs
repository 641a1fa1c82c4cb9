//! Takes over a larger checkpoint with everything that it calls for. Spec: 15-watching, FOLLOW-1, FOLLOW-2, FOLLOW-9.

use super::fetch::{self, Edge, in_time};
use super::{Copy, Facts, Trouble, Wrong, tile_paths};
use crate::bytes::Hash;
use crate::head::Head;
use crate::net::Web;
use crate::source::blob_path;
use crate::tiles::{self, WIDTH};
use crate::tree;
use crate::watch::alarm::Kind;
use crate::watch::disk;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

impl Copy {
    /// Takes over a larger checkpoint whose signatures were checked, or says what is in the way. Every attempt goes on from what the
    /// one before has verified, and brings at least one file if the server gives any. Says whether the server's hash tiles of level 0
    /// are the right ones.
    pub fn extend(&mut self, web: &Web, text: &str, head: &Head, until: Instant) -> Result<bool, Trouble> {
        let old = self.size();
        let edge = Edge::fetch(web, head)?;
        let leaves = match self.leaves_under(web, head, &edge, until) {
            Err(Trouble::Fork(leaves)) => {
                self.forget_ahead()?;
                return Err(Trouble::Fork(leaves));
            }
            other => other?,
        };
        let by_tiles = self.found_by_tiles();
        let mut facts = self.facts.clone();
        facts.batches.clear();
        let new = || tiles::of_level(head.size, 0).skip(usize::try_from(old / WIDTH).unwrap_or(usize::MAX));
        for (index, width) in new() {
            if width < WIDTH {
                self.read(index, width, &edge.bytes, &leaves, &mut facts)?;
                continue;
            }
            let kept = fs::read(self.aside(index)).ok();
            if kept.is_some_and(|bytes| self.read(index, width, &bytes, &leaves, &mut facts).is_ok()) {
                continue;
            }
            let bytes = fetch::bundle(web, index, width)?;
            self.read(index, width, &bytes, &leaves, &mut facts)?;
            disk::write(&self.aside(index), &bytes).map_err(|error| Trouble::Local(error.to_string()))?;
            in_time(until, || format!("{} of {} entries", index.saturating_add(1).saturating_mul(WIDTH), head.size))?;
        }
        for (name, (entry, limit)) in &facts.blobs {
            let path = blob_path(name);
            if !self.path(&path).exists() {
                let bytes = fetch::blob(web, name, *entry, *limit)?;
                self.put(&path, &bytes).map_err(Trouble::Local)?;
                in_time(until, || path)?;
            }
        }
        for (index, width) in new() {
            let path = tiles::bundle(index, width);
            let entered = if width < WIDTH { self.put(&path, &edge.bytes) } else { self.enter(&self.aside(index), &path) };
            entered.map_err(Trouble::Local)?;
        }
        for leaf in leaves.get(self.leaves().len()..).unwrap_or_default() {
            self.push(*leaf);
        }
        for path in tile_paths(old, head.size) {
            if let Some(bytes) = self.tile(&path) {
                self.put(&path, &bytes).map_err(Trouble::Local)?;
            }
        }
        self.put_checkpoint(text, head).map_err(Trouble::Local)?;
        self.facts = facts;
        self.remove_stale(old);
        self.forget_ahead()?;
        Ok(by_tiles)
    }

    /// Where a verified bundle waits for the rest.
    fn aside(&self, index: u64) -> PathBuf {
        self.scratch.join(format!("bundle-{index}"))
    }

    /// Holds a bundle against the leaves, and reads its new entries.
    fn read(&self, index: u64, width: u64, bytes: &[u8], leaves: &[Hash], facts: &mut Facts) -> Result<(), Trouble> {
        let wrong = |kind, text| Trouble::Files(Wrong { kind, place: tiles::bundle(index, width), text, seen: Some(bytes.to_vec()) });
        let entries = tiles::entries(bytes, width).map_err(|fault| wrong(Kind::Overdue, fault.text))?;
        let numbers = || index.saturating_mul(WIDTH)..;
        for (entry, number) in entries.iter().zip(numbers()) {
            let leaf = tree::leaf(entry);
            if usize::try_from(number).ok().and_then(|number| leaves.get(number)) != Some(&leaf) {
                // An entry that the copy has was another one before.
                let kind = if number < self.size() { Kind::Changed } else { Kind::Overdue };
                return Err(wrong(kind, format!("entry {number} is not the one under the checkpoint of {} entries", leaves.len())));
            }
        }
        for (entry, _) in entries.iter().zip(numbers()).filter(|(_, number)| *number >= self.size()) {
            facts.add(entry, &self.manifest);
        }
        Ok(())
    }

    /// The bytes that a hash tile must have.
    fn tile(&self, path: &str) -> Option<Vec<u8>> {
        let (Some(level), index, width) = tiles::parse(path)? else { return None };
        let from = usize::try_from(index.checked_mul(WIDTH)?).ok()?;
        let to = from.checked_add(usize::try_from(width).ok()?)?;
        Some(self.levels.get(usize::try_from(level).ok()?)?.get(from..to)?.as_flattened().to_vec())
    }

    /// Partial tiles stay for one checkpoint more, for readers on their way; in a finished record nothing stays. MIRROR-1.
    fn remove_stale(&mut self, old: u64) {
        let kept: BTreeSet<String> = tile_paths(old, self.size()).collect();
        let newly = tile_paths(old, old).filter(|path| !kept.contains(path)).collect();
        let mut gone = std::mem::replace(&mut self.stale, newly);
        if self.facts.finished {
            gone.append(&mut self.stale);
        }
        for path in gone {
            let full = self.path(&path);
            let _ = fs::remove_file(&full);
            let _ = full.parent().map(fs::remove_dir);
        }
    }
}
