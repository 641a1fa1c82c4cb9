//! The log as it lies in its bundles: read once for its entries, and again wherever ballots are looked at. Spec: 08-board.

use crate::bytes::{Fault, Hash};
use crate::entry::{self, BallotHead, Entry, Order, Post};
use crate::manifest::Manifest;
use crate::progress::Progress;
use crate::report::Place;
use crate::source::{ReadError, Source};
use crate::tiles::{self, WIDTH};
use crate::tree::{self, Tree};
use rayon::prelude::*;

/// Bundles that are in memory at one time.
const WINDOW: usize = 32;

/// One entry, as later checks need it.
#[derive(Clone, Debug)]
pub enum Item {
    /// An entry that is not a ballot.
    Plain(Box<Entry>),
    /// Position in `ballots`.
    Ballot(usize),
    /// It does not decode.
    Bad(Box<Fault>),
}

/// The entries of a log.
#[derive(Default)]
pub struct Log {
    /// Entry by entry.
    pub items: Vec<Item>,
    /// Heads of ballots and challenged ballots.
    pub ballots: Vec<BallotHead>,
    /// Their entries.
    pub ballot_entries: Vec<u64>,
    /// SHA-256 of each bundle, so that a second reading cannot differ from the first.
    bundles: Vec<Hash>,
    /// Root over the entries.
    pub root: Hash,
    /// The closed checkpoint: size and root right after the first closing entry.
    pub closed: Option<(u64, Hash)>,
}

/// A file that is not what the log says.
pub type TileFault = (Place, Fault);

/// What one bundle holds.
struct Bundle {
    hash: Hash,
    leaves: Vec<Hash>,
    entries: Vec<Result<Entry, Fault>>,
}

impl Log {
    /// Reads all bundles of a log of `size` entries and compares all hash tiles. REC-2.
    ///
    /// Nothing comes back if a bundle is missing or cannot be cut; `faults` says which.
    pub fn read(
        source: &Source,
        manifest: &Manifest,
        size: u64,
        progress: Progress,
        faults: &mut Vec<TileFault>,
    ) -> Result<Option<Self>, String> {
        let bar = progress.bar("reading the log", size);
        let mut log = Self::default();
        let mut tree = Tree::default();
        let mut level: Vec<Hash> = Vec::new();
        let mut bundles = tiles::of_level(size, 0).peekable();
        while bundles.peek().is_some() {
            let window: Vec<(u64, u64)> = bundles.by_ref().take(WINDOW).collect();
            let read: Vec<_> = window.par_iter().map(|(index, width)| bundle(source, manifest, *index, *width)).collect();
            for ((index, width), read) in window.iter().zip(read) {
                let (bundle, tile_fault) = match read? {
                    Ok(read) => read,
                    Err(fault) => {
                        faults.push(fault);
                        return Ok(None);
                    }
                };
                faults.extend(tile_fault);
                let mut subtree = Tree::default();
                for (leaf, entry) in bundle.leaves.iter().zip(bundle.entries) {
                    subtree.push(*leaf);
                    if *width < WIDTH {
                        tree.push(*leaf);
                    }
                    log.add(entry);
                    if log.is_closing() && log.closed.is_none() {
                        let here = if *width < WIDTH { tree.clone() } else { join(&tree, &bundle.leaves, log.items.len()) };
                        log.closed = Some((log.items.len() as u64, here.root()));
                    }
                }
                if *width == WIDTH {
                    level.push(subtree.root());
                    tree.push_subtree(8, subtree.root());
                }
                log.bundles.push(bundle.hash);
                bar.step(*width);
                debug_assert_eq!(log.bundles.len() as u64, index.saturating_add(1));
            }
        }
        // Growing took up to twice the room.
        log.items.shrink_to_fit();
        log.ballots.shrink_to_fit();
        log.ballot_entries.shrink_to_fit();
        log.root = tree.root();
        check_higher_levels(source, size, level, faults)?;
        Ok(Some(log))
    }

    fn add(&mut self, entry: Result<Entry, Fault>) {
        let index = self.items.len() as u64;
        self.items.push(match entry {
            Ok(Entry::Ballot(head)) => {
                self.ballots.push(head);
                self.ballot_entries.push(index);
                Item::Ballot(self.ballots.len().saturating_sub(1))
            }
            Ok(entry) => Item::Plain(Box::new(entry)),
            Err(fault) => Item::Bad(Box::new(fault)),
        });
    }

    fn is_closing(&self) -> bool {
        matches!(self.items.last(), Some(Item::Plain(entry)) if matches!(**entry, Entry::Closing { .. }))
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.items.len() as u64
    }

    /// Bundles and hash tiles of a log of `size` entries.
    pub fn files(&self, size: u64) -> usize {
        let hashes: usize = (0..tiles::levels(size)).map(|level| tiles::of_level(size, level).count()).sum();
        self.bundles.len().saturating_add(hashes)
    }

    /// Number of bundles.
    pub fn bundle_count(&self) -> usize {
        self.bundles.len()
    }

    /// Hash of a bundle: it stands for every byte of its entries.
    pub fn bundle_hash(&self, index: usize) -> Hash {
        self.bundles.get(index).copied().unwrap_or_default()
    }

    /// The bytes of a bundle, the same as at the first reading.
    pub fn bundle(&self, source: &Source, index: usize) -> Result<(Vec<u8>, u64), String> {
        let number = index as u64;
        let width = self.size().saturating_sub(number.saturating_mul(WIDTH)).min(WIDTH);
        let path = tiles::bundle(number, width);
        match source.read(&path, tiles::LARGEST_BUNDLE) {
            Ok(bytes) if crate::hash::sha256(&bytes) == self.bundle_hash(index) => Ok((bytes, width)),
            Ok(_) => Err(format!("{path} changed while it was being checked")),
            Err(error) => Err(format!("{path}: {error:?}")),
        }
    }

    /// Orders that decode, with their entries.
    pub fn orders(&self) -> impl Iterator<Item = (u64, &Order)> {
        self.plain().filter_map(|(index, entry)| if let Entry::Order(order) = entry { Some((index, order)) } else { None })
    }

    /// Posts that decode, with their entries.
    pub fn posts(&self) -> impl Iterator<Item = (u64, &Post)> {
        self.plain().filter_map(|(index, entry)| if let Entry::Post(post) = entry { Some((index, post)) } else { None })
    }

    fn plain(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (0u64..).zip(&self.items).filter_map(|(index, item)| if let Item::Plain(entry) = item { Some((index, &**entry)) } else { None })
    }

    /// Every blob that an entry names, with the limit it has there. ENTRY-7.
    pub fn blobs(&self) -> impl Iterator<Item = (u64, Hash, u64)> {
        self.plain().filter_map(|(index, entry)| match entry {
            Entry::Order(order) if order.kind.uses().2 => Some((index, order.blob, order.kind.blob_limit())),
            Entry::Post(post) => Some((index, post.blob, post.kind.blob_limit())),
            _ => None,
        })
    }
}

/// The tree up to entry `size`, when the last bundle is a full one.
fn join(tree: &Tree, leaves: &[Hash], size: usize) -> Tree {
    let mut joined = tree.clone();
    let within = size.checked_rem(256).filter(|rest| *rest > 0).unwrap_or(256);
    leaves.iter().take(within).for_each(|leaf| joined.push(*leaf));
    joined
}

type Read = Result<(Bundle, Option<TileFault>), TileFault>;

/// Reads one bundle, cuts it, and compares the hash tile of level 0.
fn bundle(source: &Source, manifest: &Manifest, index: u64, width: u64) -> Result<Read, String> {
    let path = tiles::bundle(index, width);
    let bytes = match source.read(&path, tiles::LARGEST_BUNDLE) {
        Ok(bytes) => bytes,
        Err(error) => return missing(path, error).map(Err),
    };
    let entries = match tiles::entries(&bytes, width) {
        Ok(entries) => entries,
        Err(fault) => return Ok(Err((Place::File(path), fault))),
    };
    let leaves: Vec<Hash> = entries.iter().map(|entry| tree::leaf(entry)).collect();
    let length = |district| manifest.ballot_length(district);
    let entries = entries.iter().map(|bytes| entry::decode(bytes, &length)).collect();
    let fault = compare(source, 0, index, &leaves)?;
    Ok(Ok((Bundle { hash: crate::hash::sha256(&bytes), leaves, entries }, fault)))
}

fn missing(path: String, error: ReadError) -> Result<TileFault, String> {
    let text = match error {
        ReadError::Missing => "the file is missing",
        ReadError::TooLarge => "the file is too long",
        ReadError::Unreadable(error) => return Err(format!("{path}: {error}")),
    };
    Ok((Place::File(path), Fault::new("REC-2", text)))
}

/// Holds a hash tile against the hashes it must have. REC-2.
fn compare(source: &Source, level: u32, index: u64, hashes: &[Hash]) -> Result<Option<TileFault>, String> {
    let path = tiles::tile(level, index, hashes.len() as u64);
    let bytes = match source.read(&path, WIDTH.saturating_mul(32)) {
        Ok(bytes) => bytes,
        Err(error) => return missing(path, error).map(Some),
    };
    let expected = hashes.as_flattened();
    if bytes == expected {
        return Ok(None);
    }
    let at = bytes.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let text = if level == 0 {
        // Which of the two files is the wrong one cannot be seen from them, so both are named.
        let width = hashes.len() as u64;
        let entry = index.saturating_mul(WIDTH).saturating_add(at as u64 / 32);
        format!("entry {entry} in {} and its hash here are not the same", tiles::bundle(index, width))
    } else {
        "not the hashes of the entries".to_owned()
    };
    Ok(Some((Place::At(path, at as u64), Fault::new("REC-2", text))))
}

/// Levels 1 and up. `level` holds the hashes of complete tiles of level 0.
fn check_higher_levels(source: &Source, size: u64, mut level: Vec<Hash>, faults: &mut Vec<TileFault>) -> Result<(), String> {
    for number in 1..tiles::levels(size) {
        let mut above = Vec::new();
        for (hashes, index) in level.chunks(256).zip(0u64..) {
            faults.extend(compare(source, number, index, hashes)?);
            if hashes.len() == 256 {
                let mut tree = Tree::default();
                hashes.iter().for_each(|hash| tree.push(*hash));
                above.push(tree.root());
            }
        }
        level = above;
    }
    Ok(())
}
