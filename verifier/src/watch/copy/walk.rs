//! The leaves under a larger checkpoint, by what the server gives, until they give its root. Spec: 15-watching, FOLLOW-1, FOLLOW-4.
//!
//! They are known before any entry is kept, so that each bundle can be held against its own, and a server that lies fills no disk.

use super::fetch::{Edge, in_time, tile, whole_bundle};
use super::{Copy, Trouble, Wrong};
use crate::bytes::Hash;
use crate::head::Head;
use crate::net::Web;
use crate::tiles::{self, WIDTH};
use crate::tree;
use crate::watch::alarm::Kind;
use std::time::Instant;

/// How the leaves are found: each way is tried if the one before does not give the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// The copy, and hash tiles of what is new.
    #[default]
    NewTiles,
    /// All hash tiles: is it another log?
    AllTiles,
    /// The copy, and the entries that are new: the server's hash tiles are wrong.
    NewBundles,
}

/// What an attempt that ran out of time leaves to the next one.
#[derive(Default)]
pub struct Ahead {
    way: Way,
    /// Of full tiles, as the server gave them.
    hashes: Vec<Hash>,
}

impl Copy {
    /// Hashes of all entries under the checkpoint, which go on from the copy.
    pub(super) fn leaves_under(&mut self, web: &Web, head: &Head, edge: &Edge, until: Instant) -> Result<Vec<Hash>, Trouble> {
        loop {
            // What was kept may be of a checkpoint that was shown before: then the same way is tried once more without it.
            let (way, resumed) = (self.ahead.way, !self.ahead.hashes.is_empty());
            match self.walk(web, head, edge, until) {
                Ok(leaves) if tree::root_of(&leaves) == head.root => {
                    return if leaves.get(..self.leaves().len()) == Some(self.leaves()) { Ok(leaves) } else { Err(Trouble::Fork(leaves)) };
                }
                Err(Trouble::Files(wrong)) if way == Way::NewTiles => return Err(Trouble::Files(wrong)),
                Ok(_) | Err(Trouble::Files(_)) => {}
                Err(trouble) => return Err(trouble),
            }
            self.ahead.hashes.clear();
            self.ahead.way = match way {
                same if resumed => same,
                Way::NewTiles => Way::AllTiles,
                Way::AllTiles => Way::NewBundles,
                Way::NewBundles => {
                    self.ahead = Ahead::default();
                    let index = self.size() / WIDTH;
                    let place = tiles::tile(0, index, head.size.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH));
                    let text = format!("neither hash tiles nor entries give the root of the checkpoint of {} entries", head.size);
                    return Err(Trouble::Files(Wrong { kind: Kind::Overdue, place, text, seen: None }));
                }
            };
        }
    }

    /// Did the server's own hash tiles give the root?
    pub(super) fn found_by_tiles(&self) -> bool {
        self.ahead.way != Way::NewBundles
    }

    fn walk(&mut self, web: &Web, head: &Head, edge: &Edge, until: Instant) -> Result<Vec<Hash>, Trouble> {
        let way = self.ahead.way;
        let first = if way == Way::AllTiles { 0 } else { self.size() / WIDTH };
        let full = (head.size / WIDTH).saturating_sub(first);
        let had = |ahead: &Ahead| ahead.hashes.len() as u64 / WIDTH;
        while had(&self.ahead) < full {
            let index = first.saturating_add(had(&self.ahead));
            let hashes = if way == Way::NewBundles { whole_bundle(web, index)? } else { tile(web, index, WIDTH)? };
            self.ahead.hashes.extend(hashes);
            in_time(until, || format!("hashes of {} of {} entries", index.saturating_add(1).saturating_mul(WIDTH), head.size))?;
        }
        let until_here = |tiles: u64| usize::try_from(tiles.saturating_mul(WIDTH)).unwrap_or(usize::MAX);
        let mut leaves = self.leaves().get(..until_here(first)).unwrap_or_default().to_vec();
        leaves.extend(self.ahead.hashes.get(..until_here(full)).unwrap_or_default());
        leaves.extend(if way == Way::NewBundles { edge.leaves()? } else { edge.hashes.clone() });
        Ok(leaves)
    }

    /// Nothing of this attempt is of any use to the next one.
    pub(super) fn forget_ahead(&mut self) -> Result<(), Trouble> {
        self.ahead = Ahead::default();
        self.clear_scratch().map_err(Trouble::Local)
    }
}
