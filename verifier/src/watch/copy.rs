//! The verified copy of a board: bytes enter after they were held against the signed root or their name. Spec: 15-watching,
//! FOLLOW-1, FOLLOW-2, FOLLOW-8.

mod extend;
mod facts;
mod fetch;
mod sample;
mod walk;

use super::alarm::Kind;
use super::disk;
use crate::bytes::Hash;
use crate::hash::sha256;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::source::{self, Source, blob_path};
use crate::tiles::{self, WIDTH};
use crate::tree::{self, Tree};
pub use facts::Facts;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use walk::Ahead;

/// Why a larger checkpoint was not taken over.
pub enum Trouble {
    /// The server gives no answer, or one that says nothing.
    Network(String),
    /// The time for one attempt is over. What came is kept, and the next attempt goes on from there. FOLLOW-9.
    Unfinished(String),
    /// The server's files are not what its checkpoint calls for. It may mend itself; if not, it is an alarm.
    Files(Wrong),
    /// The tree under the checkpoint, whose leaves these are, is not the copy's.
    Fork(Vec<Hash>),
    /// This machine's own disk.
    Local(String),
}

/// A file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What it is if it stays so.
    pub kind: Kind,
    /// Where.
    pub place: String,
    /// What.
    pub text: String,
    /// The bytes that were seen.
    pub seen: Option<Vec<u8>>,
}

/// A copy in a folder.
pub struct Copy {
    record: PathBuf,
    scratch: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The same as text.
    pub manifest_text: String,
    /// Text of the checkpoint it stands under; nothing before the first.
    pub checkpoint: String,
    /// That checkpoint.
    pub head: Option<Head>,
    /// What its entries come to.
    pub facts: Facts,
    /// Hashes by level: of entries, and of each 256 of the level below.
    levels: Vec<Vec<Hash>>,
    /// What an attempt to take over more has found so far.
    ahead: Ahead,
    /// Partial tiles that a reader of the checkpoint before may still ask for.
    stale: Vec<String>,
    unsynced: disk::Unsynced,
}

impl Copy {
    /// Goes on from the folder, or begins one. What others changed in it is an error. FOLLOW-8.
    pub fn open(folder: &Path, manifest: Manifest, text: String, watched: HashSet<Hash>) -> Result<Self, String> {
        let mut copy = Self {
            record: folder.join("record"),
            scratch: folder.join("scratch"),
            manifest,
            manifest_text: text,
            checkpoint: String::new(),
            head: None,
            facts: Facts::new(watched),
            levels: vec![Vec::new()],
            ahead: Ahead::default(),
            stale: Vec::new(),
            unsynced: disk::Unsynced::default(),
        };
        copy.clear_scratch()?;
        fs::create_dir_all(&copy.record).map_err(|error| format!("{}: {error}", copy.record.display()))?;
        copy.put("manifest.json", copy.manifest_text.clone().as_bytes())?;
        match fs::read_to_string(copy.path("checkpoint")) {
            Ok(text) => copy.reload(text).map_err(|error| format!("the copy was changed by somebody else: {error}"))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(format!("checkpoint: {error}")),
        }
        copy.sweep()?;
        Ok(copy)
    }

    fn reload(&mut self, text: String) -> Result<(), String> {
        let head = Head::with_quorum(&text, &self.manifest).map_err(|fault| format!("checkpoint: {}", fault.text))?;
        for (index, width) in tiles::of_level(head.size, 0) {
            let path = tiles::bundle(index, width);
            let bytes = fs::read(self.path(&path)).map_err(|error| format!("{path}: {error}"))?;
            for entry in tiles::entries(&bytes, width).map_err(|fault| format!("{path}: {}", fault.text))? {
                self.push(tree::leaf(entry));
                self.facts.add(entry, &self.manifest);
            }
        }
        if tree::root_of(self.leaves()) != head.root {
            return Err("its entries do not give the root of its checkpoint".to_owned());
        }
        for (name, (_, limit)) in &self.facts.blobs {
            let path = blob_path(name);
            let good = fs::metadata(self.path(&path)).is_ok_and(|data| data.len() <= *limit);
            if !good || fs::read(self.path(&path)).map_err(|error| format!("{path}: {error}")).map(|bytes| sha256(&bytes))? != *name {
                return Err(format!("{path} is missing or not what it was"));
            }
        }
        (self.checkpoint, self.head) = (text, Some(head));
        Ok(())
    }

    /// Removes what a crash left behind: files that the checkpoint does not call for.
    fn sweep(&self) -> Result<(), String> {
        let wanted: BTreeSet<String> = tile_paths(0, self.size())
            .chain(self.facts.blobs.keys().map(blob_path))
            .chain(["manifest.json", "checkpoint"].map(str::to_owned))
            .collect();
        let all = Source::folder(&self.record.to_string_lossy())?;
        for (path, kind) in all.list()?.into_iter().rev() {
            let full = self.path(&path);
            let gone = match kind {
                source::Kind::Folder => fs::remove_dir(&full).or(Ok(())),
                _ if wanted.contains(&path) => Ok(()),
                _ => fs::remove_file(&full),
            };
            gone.map_err(|error: std::io::Error| format!("{path}: {error}"))?;
        }
        Ok(())
    }

    /// The folder of the record.
    pub fn record(&self) -> &Path {
        &self.record
    }

    /// Entries in it.
    pub fn size(&self) -> u64 {
        self.leaves().len() as u64
    }

    /// Root over them.
    pub fn root(&self) -> Hash {
        self.head.as_ref().map_or_else(|| tree::root_of(&[]), |head| head.root)
    }

    /// Root over the first `size` of them: what every checkpoint of that size must have. FOLLOW-4.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        let (mut tree, mut at) = (Tree::default(), 0u64);
        for (level, hashes) in self.levels.iter().enumerate().rev() {
            let height = u32::try_from(level).ok()?.checked_mul(8)?;
            let range = usize::try_from(at.checked_shr(height)?).ok()?..usize::try_from(size.checked_shr(height)?).ok()?;
            at = u64::try_from(range.end).ok()?.checked_shl(height)?;
            hashes.get(range)?.iter().for_each(|hash| tree.push_subtree(height, *hash));
        }
        Some(tree.root())
    }

    /// Hashes of its entries.
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    fn path(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.record.clone(), |folder, name| folder.join(name))
    }

    fn push(&mut self, leaf: Hash) {
        let (mut level, mut hash) = (0, leaf);
        loop {
            if self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(level) else { return };
            hashes.push(hash);
            if hashes.len() % 256 != 0 {
                return;
            }
            hash = tree::root_of(hashes.get(hashes.len().saturating_sub(256)..).unwrap_or_default());
            level = level.saturating_add(1);
        }
    }

    /// Writes a verified file: aside, then under its name.
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let aside = self.scratch.join("file");
        disk::write(&aside, bytes).map_err(|error| format!("{path}: {error}"))?;
        self.enter(&aside, path)
    }

    /// Gives a file that was verified and written aside its name.
    fn enter(&mut self, aside: &Path, path: &str) -> Result<(), String> {
        let full = self.path(path);
        self.unsynced.enter(aside, &self.record, &full).map_err(|error| format!("{path}: {error}"))
    }

    /// The checkpoint is replaced last, and what it calls for is on the disk before. FOLLOW-2.
    fn put_checkpoint(&mut self, text: &str, head: &Head) -> Result<(), String> {
        let sync = |unsynced: &mut disk::Unsynced| unsynced.sync().map_err(|error| format!("checkpoint: {error}"));
        sync(&mut self.unsynced)?;
        self.put("checkpoint", text.as_bytes())?;
        sync(&mut self.unsynced)?;
        (self.checkpoint, self.head) = (text.to_owned(), Some(head.clone()));
        Ok(())
    }

    /// The same log under the same root with more cosignatures.
    pub fn cosigned_better(&mut self, text: &str, head: &Head) -> Result<(), String> {
        self.put_checkpoint(text, head)
    }

    fn clear_scratch(&self) -> Result<(), String> {
        let _ = fs::remove_dir_all(&self.scratch);
        fs::create_dir_all(&self.scratch).map_err(|error| format!("{}: {error}", self.scratch.display()))
    }
}

/// Paths of the tiles of a log of `size` entries that a log of `old` entries has not in full.
fn tile_paths(old: u64, size: u64) -> impl Iterator<Item = String> {
    let first = move |level: u32| usize::try_from(old.checked_shr(8 * level).unwrap_or(0) / WIDTH).unwrap_or(usize::MAX);
    let bundles = tiles::of_level(size, 0).skip(first(0)).map(|(index, width)| tiles::bundle(index, width));
    let hashes = (0..tiles::levels(size))
        .flat_map(move |level| tiles::of_level(size, level).skip(first(level)).map(move |(index, width)| tiles::tile(level, index, width)));
    bundles.chain(hashes)
}

#[cfg(test)]
mod tests;
