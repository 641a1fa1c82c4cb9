//! The verified copy of a board: bytes enter after they were held against the signed root or their name. Spec: 15-watching,
//! FOLLOW-1, FOLLOW-2, FOLLOW-8.

use super::alarm::Kind;
use crate::bytes::Hash;
use crate::entry::{self, Entry, OrderKind};
use crate::hash::sha256;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::net::Web;
use crate::report::Place;
use crate::source::{ReadError, blob_path};
use crate::tiles::{self, WIDTH};
use crate::tree;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why a larger checkpoint was not taken over.
pub enum Trouble {
    /// The server gives no answer, or one that says nothing.
    Network(String),
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
    blobs: BTreeMap<Hash, (u64, u64)>,
    entries: u64,
    time: u64,
}

impl Facts {
    fn new(watched: HashSet<Hash>) -> Self {
        let (batches, published, blobs) = (Vec::new(), HashMap::new(), BTreeMap::new());
        Self { phase: "setup", finished: false, batches, published, watched, blobs, entries: 0, time: 0 }
    }

    fn add(&mut self, bytes: &[u8], manifest: &Manifest) {
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
    /// Partial tiles that a reader of the checkpoint before may still ask for.
    stale: Vec<String>,
}

impl Copy {
    /// Goes on from the folder, or begins one. What others changed in it is an error. FOLLOW-8.
    pub fn open(folder: &Path, manifest: Manifest, text: String, watched: HashSet<Hash>) -> Result<Self, String> {
        let (record, scratch) = (folder.join("record"), folder.join("scratch"));
        let _ = fs::remove_dir_all(&scratch);
        for folder in [&record, &scratch] {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let (facts, levels) = (Facts::new(watched), vec![Vec::new()]);
        let mut copy = Self {
            record,
            scratch,
            manifest,
            manifest_text: text,
            checkpoint: String::new(),
            head: None,
            facts,
            levels,
            stale: Vec::new(),
        };
        copy.put("manifest.json", copy.manifest_text.as_bytes())?;
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
        let source = crate::source::Source::folder(&self.record.to_string_lossy())?;
        for (path, kind) in source.list()?.into_iter().rev() {
            let full = self.path(&path);
            let gone = match kind {
                crate::source::Kind::Folder => fs::remove_dir(&full).or(Ok(())),
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
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let aside = self.scratch.join("file");
        fs::write(&aside, bytes).and_then(|()| self.enter(&aside, path)).map_err(|error| format!("{path}: {error}"))
    }

    fn enter(&self, aside: &Path, path: &str) -> std::io::Result<()> {
        let full = self.path(path);
        fs::create_dir_all(full.parent().unwrap_or(&self.record))?;
        fs::rename(aside, full)
    }

    /// The same log under the same root with more cosignatures.
    pub fn cosigned_better(&mut self, text: &str, head: &Head) -> Result<(), String> {
        self.put("checkpoint", text.as_bytes())?;
        (self.checkpoint, self.head) = (text.to_owned(), Some(head.clone()));
        Ok(())
    }

    /// Takes over a larger checkpoint whose signatures were checked, with everything it calls for. FOLLOW-1, FOLLOW-2.
    pub fn extend(&mut self, web: &Web, text: &str, head: &Head) -> Result<(), Trouble> {
        let old = self.size();
        let mut facts = self.facts.clone();
        facts.batches.clear();
        let mut leaves = self.leaves().to_vec();
        let mut differing = None;
        let new_bundles = || tiles::of_level(head.size, 0).skip(usize::try_from(old / WIDTH).unwrap_or(usize::MAX));
        for (index, width) in new_bundles() {
            let path = tiles::bundle(index, width);
            let bytes = fetch(web, &path, tiles::LARGEST_BUNDLE)?;
            let wrong = |text: String| Trouble::Files(Wrong { kind: Kind::Overdue, place: path.clone(), text, seen: Some(bytes.clone()) });
            let entries = tiles::entries(&bytes, width).map_err(|fault| wrong(fault.text))?;
            for (entry, number) in entries.iter().zip(index.saturating_mul(WIDTH)..) {
                let leaf = tree::leaf(entry);
                match usize::try_from(number).ok().and_then(|number| leaves.get(number)) {
                    Some(known) if *known != leaf => differing = differing.or(Some((path.clone(), bytes.clone()))),
                    Some(_) => {}
                    None => {
                        leaves.push(leaf);
                        facts.add(entry, &self.manifest);
                    }
                }
            }
            fs::write(self.scratch.join(format!("bundle-{index}")), &bytes).map_err(|error| Trouble::Local(error.to_string()))?;
        }
        if differing.is_some() || tree::root_of(&leaves) != head.root {
            return Err(self.explain(web, head, differing));
        }
        for (name, (entry, limit)) in &facts.blobs {
            if !self.path(&blob_path(name)).exists() {
                let bytes = fetch_blob(web, name, *entry, *limit)?;
                self.put(&blob_path(name), &bytes).map_err(Trouble::Local)?;
            }
        }
        for (index, width) in new_bundles() {
            let entered = self.enter(&self.scratch.join(format!("bundle-{index}")), &tiles::bundle(index, width));
            entered.map_err(|error| Trouble::Local(error.to_string()))?;
        }
        for leaf in leaves.get(self.leaves().len()..).unwrap_or_default() {
            self.push(*leaf);
        }
        for path in tile_paths(old, head.size) {
            if let Some(bytes) = self.tile(&path) {
                self.put(&path, &bytes).map_err(Trouble::Local)?;
            }
        }
        self.put("checkpoint", text.as_bytes()).map_err(Trouble::Local)?;
        (self.checkpoint, self.head, self.facts) = (text.to_owned(), Some(head.clone()), facts);
        let kept: BTreeSet<String> = tile_paths(old, head.size).collect();
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
        Ok(())
    }

    /// The bytes that a hash tile must have.
    fn tile(&self, path: &str) -> Option<Vec<u8>> {
        let (Some(level), index, width) = tiles::parse(path)? else { return None };
        let from = usize::try_from(index.checked_mul(WIDTH)?).ok()?;
        let to = from.checked_add(usize::try_from(width).ok()?)?;
        Some(self.levels.get(usize::try_from(level).ok()?)?.get(from..to)?.as_flattened().to_vec())
    }

    /// The entries that the server gives are not those under its checkpoint: is it another log, or wrong files? FOLLOW-4.
    fn explain(&self, web: &Web, head: &Head, differing: Option<(String, Vec<u8>)>) -> Trouble {
        let leaves = match tree_of(web, head) {
            Ok(leaves) => leaves,
            Err(trouble) => return trouble,
        };
        if leaves.get(..self.leaves().len()) != Some(self.leaves()) {
            return Trouble::Fork(leaves);
        }
        let text = format!("the entries that are served are not those of the checkpoint of {} entries", head.size);
        match differing {
            Some((place, seen)) => Trouble::Files(Wrong { kind: Kind::Changed, place, text, seen: Some(seen) }),
            None => Trouble::Files(Wrong { kind: Kind::Overdue, place: "checkpoint".to_owned(), text, seen: None }),
        }
    }

    /// Hash tiles that came with this size, asked for once: does the server show newcomers the same? FOLLOW-5.
    pub fn compare_tiles(&self, web: &Web, old: u64) -> Vec<Wrong> {
        let hashes = tile_paths(old, self.size()).filter(|path| !path.starts_with("tile/entries/"));
        hashes.filter_map(|path| self.compare(web, &path)).collect()
    }

    /// Asks for some file of the copy again. FOLLOW-5.
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

/// Paths of the tiles of a log of `size` entries that a log of `old` entries has not in full.
fn tile_paths(old: u64, size: u64) -> impl Iterator<Item = String> {
    let first = move |level: u32| usize::try_from(old.checked_shr(8 * level).unwrap_or(0) / WIDTH).unwrap_or(usize::MAX);
    let bundles = tiles::of_level(size, 0).skip(first(0)).map(|(index, width)| tiles::bundle(index, width));
    let hashes = (0..tiles::levels(size))
        .flat_map(move |level| tiles::of_level(size, level).skip(first(level)).map(move |(index, width)| tiles::tile(level, index, width)));
    bundles.chain(hashes)
}

fn fetch(web: &Web, path: &str, most: u64) -> Result<Vec<u8>, Trouble> {
    let wrong = |text: &str| Trouble::Files(Wrong { kind: Kind::Overdue, place: path.to_owned(), text: text.to_owned(), seen: None });
    web.get(path, most).map_err(|error| match error {
        ReadError::Missing => wrong("the checkpoint calls for it and the server has it not"),
        ReadError::TooLarge => wrong("longer than it may be"),
        ReadError::Unreadable(error) => Trouble::Network(error),
    })
}

fn fetch_blob(web: &Web, name: &Hash, entry: u64, limit: u64) -> Result<Vec<u8>, Trouble> {
    let wrong = |text: String, seen| {
        let place = Place::Blob(entry, *name).to_string();
        Trouble::Files(Wrong { kind: Kind::Failed, place, text, seen })
    };
    match web.get(&blob_path(name), limit) {
        Ok(bytes) if sha256(&bytes) == *name => Ok(bytes),
        Ok(bytes) => Err(wrong("does not hash to its name (REC-5)".to_owned(), Some(bytes))),
        Err(ReadError::Missing) => Err(wrong("missing (ENTRY-7)".to_owned(), None)),
        Err(ReadError::TooLarge) => Err(wrong(format!("longer than {limit} bytes (ENTRY-7)"), None)),
        Err(ReadError::Unreadable(error)) => Err(Trouble::Network(error)),
    }
}

/// The leaves under a checkpoint by the server's hash tiles, if they give its root.
fn tree_of(web: &Web, head: &Head) -> Result<Vec<Hash>, Trouble> {
    let mut leaves: Vec<Hash> = Vec::new();
    for (index, width) in tiles::of_level(head.size, 0) {
        leaves.extend(fetch(web, &tiles::tile(0, index, width), width.saturating_mul(32))?.as_chunks::<32>().0);
    }
    if tree::root_of(&leaves) == head.root && leaves.len() as u64 == head.size {
        return Ok(leaves);
    }
    let text = format!("the tiles that are served do not give the root of the checkpoint of {} entries", head.size);
    Err(Trouble::Files(Wrong { kind: Kind::Overdue, place: "checkpoint".to_owned(), text, seen: None }))
}
