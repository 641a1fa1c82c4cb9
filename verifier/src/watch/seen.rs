//! Every checkpoint that was shown, and whether the log kept to it. Spec: 15-watching, FOLLOW-4.

use super::disk;
use crate::bytes::Hash;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// More than an election has, so that nobody fills the disk.
const MOST: usize = 100_000;

/// Checkpoints by size and root: the text with the most cosignatures.
pub struct Seen {
    folder: PathBuf,
    all: BTreeMap<(u64, Hash), (String, usize)>,
    /// Those of which it is not known yet that they are the beginning of the copy.
    open: Vec<(u64, Hash)>,
}

impl Seen {
    /// Reads what was seen before. What is no checkpoint of the collector is left out.
    pub fn open(folder: &Path, manifest: &Manifest) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut seen = Self { folder: folder.to_owned(), all: BTreeMap::new(), open: Vec::new() };
        for (text, head) in read(folder, manifest)? {
            seen.add(&text, &head);
        }
        Ok(seen)
    }

    fn add(&mut self, text: &str, head: &Head) -> bool {
        let (key, count) = ((head.size, head.root), head.witnesses.len());
        match self.all.get(&key) {
            Some((_, before)) if *before >= count => return false,
            Some(_) => {}
            None if self.all.len() >= MOST => return false,
            None => self.open.push(key),
        }
        self.all.insert(key, (text.to_owned(), count));
        true
    }

    /// Keeps a checkpoint that the collector signed.
    pub fn keep(&mut self, text: &str, head: &Head) -> Result<(), String> {
        if self.add(text, head) {
            let path = self.folder.join(format!("{}-{}", head.size, hex::encode(head.root).get(..16).unwrap_or_default()));
            disk::replace(&path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    /// Another checkpoint of this size.
    pub fn other(&self, head: &Head) -> Option<&str> {
        let of_size = self.all.range((head.size, [0; 32])..=(head.size, [0xff; 32]));
        of_size.filter(|((_, root), _)| *root != head.root).map(|(_, (text, _))| text.as_str()).next()
    }

    /// Checkpoints that are not the beginning of these leaves, each named once.
    pub fn broken(&mut self, leaves: &[Hash]) -> Vec<(u64, String)> {
        let size = leaves.len() as u64;
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.open).into_iter().partition(|(of, _)| *of <= size);
        self.open = later;
        let broken = broken(leaves, now.into_iter().map(|key| (key, key)).collect());
        broken.into_iter().filter_map(|key| Some((key.0, self.all.get(&key)?.0.clone()))).collect()
    }
}

/// Of heads that are not larger than a log, those that are not its beginning.
pub fn broken<T>(leaves: &[Hash], mut heads: Vec<((u64, Hash), T)>) -> Vec<T> {
    heads.sort_by_key(|(head, _)| *head);
    let (mut tree, mut rest, mut size) = (Tree::default(), leaves.iter(), 0u64);
    let mut differing = Vec::new();
    for ((of, root), what) in heads {
        while size < of
            && let Some(leaf) = rest.next()
        {
            tree.push(*leaf);
            size = size.saturating_add(1);
        }
        if size != of || tree.root() != root {
            differing.push(what);
        }
    }
    differing
}

/// The checkpoints of a folder that the collector signed, sorted by name.
pub fn read(folder: &Path, manifest: &Manifest) -> Result<Vec<(String, Head)>, String> {
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", folder.display())),
    };
    let mut paths: Vec<PathBuf> = list.filter_map(|item| Some(item.ok()?.path())).collect();
    paths.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).ok();
    Ok(paths.iter().filter_map(text).filter_map(|text| Head::read(&text, manifest).ok().map(|head| (text, head))).collect())
}
