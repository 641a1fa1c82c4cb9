//! Asks for files of the copy again: does the server give everybody the same? Spec: 15-watching, FOLLOW-5.

use super::{Copy, Wrong, tile_paths};
use crate::net::Web;
use crate::source::{ReadError, blob_path};
use crate::tiles;
use crate::watch::alarm::Kind;
use std::fs;
use std::time::Instant;

impl Copy {
    /// Hash tiles that came with this size, asked for once, unless they gave the root (`by_tiles`): does the server show newcomers
    /// the same?
    pub fn compare_tiles(&self, web: &Web, old: u64, by_tiles: bool, until: Instant) -> Vec<Wrong> {
        let known = |path: &String| path.starts_with("tile/entries/") || by_tiles && path.starts_with("tile/0/");
        let hashes = tile_paths(old, self.size()).filter(|path| !known(path));
        hashes.take_while(|_| Instant::now() < until).filter_map(|path| self.compare(web, &path)).collect()
    }

    /// Asks for some file of the copy again.
    pub fn sample(&self, web: &Web) -> Option<Wrong> {
        let tiles = tile_count(self.size());
        let blobs = self.facts.blobs.len() as u64;
        let mut random = [0; 8];
        getrandom::fill(&mut random).ok()?;
        let pick = u64::from_be_bytes(random).checked_rem(tiles.saturating_add(blobs).saturating_add(1))?;
        let path = match pick.checked_sub(tiles) {
            None => tile_paths(0, self.size()).nth(usize::try_from(pick).ok()?)?,
            Some(0) => "manifest.json".to_owned(),
            Some(blob) => blob_path(self.facts.blobs.keys().nth(usize::try_from(blob.saturating_sub(1)).ok()?)?),
        };
        self.compare(web, &path)
    }

    fn compare(&self, web: &Web, path: &str) -> Option<Wrong> {
        let ours = fs::read(self.path(path)).ok()?;
        let seen = match web.get(path, ours.len() as u64) {
            Ok(seen) if seen == ours => return None,
            Ok(seen) => Some(seen),
            Err(ReadError::TooLarge) => None,
            // What cannot be had proves nothing; a partial tile goes when the log grows.
            Err(_) => return None,
        };
        let text = "the server gives other bytes than those that were verified".to_owned();
        Some(Wrong { kind: Kind::Changed, place: path.to_owned(), text, seen })
    }
}

fn tile_count(size: u64) -> u64 {
    let of = |level: u32| tiles::of_level(size, level).count() as u64;
    (0..tiles::levels(size)).map(of).fold(of(0), u64::saturating_add)
}
