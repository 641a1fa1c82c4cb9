//! Checkpoints that were shown, were signed by the collector, and cannot be held against the copy yet. Spec: 15-watching, FOLLOW-4.

use super::disk;
use crate::bytes::Hash;
use crate::head::Head;
use crate::manifest::Manifest;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// No more are kept; an honest collector has a handful that an observer has not followed yet.
pub const MOST: usize = 10_000;

/// Size and root.
pub type Key = (u64, Hash);

/// Checkpoints by size and root: the text with the most cosignatures.
pub struct Seen {
    folder: PathBuf,
    all: BTreeMap<Key, (String, usize)>,
    most: usize,
}

impl Seen {
    /// Reads what was seen before. What is no checkpoint of the collector is left out.
    pub fn open(folder: &Path, manifest: &Manifest) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut seen = Self { folder: folder.to_owned(), all: BTreeMap::new(), most: MOST };
        for (text, head) in read(folder, manifest)? {
            seen.add(&text, &head);
        }
        Ok(seen)
    }

    fn add(&mut self, text: &str, head: &Head) -> bool {
        let (key, count) = ((head.size, head.root), head.witnesses.len());
        let better = self.all.get(&key).is_none_or(|(_, before)| *before < count);
        if better {
            self.all.insert(key, (text.to_owned(), count));
        }
        better
    }

    /// Keeps a checkpoint that the collector signed. Says no if there are too many: then the largest goes, which the copy would reach
    /// last.
    pub fn keep(&mut self, text: &str, head: &Head) -> Result<bool, String> {
        if self.add(text, head) {
            let path = self.path((head.size, head.root));
            disk::replace(&path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let fits = self.all.len() <= self.most;
        if !fits && let Some(largest) = self.all.last_key_value().map(|(key, _)| *key) {
            self.forget(largest);
        }
        Ok(fits)
    }

    /// Another checkpoint of this size.
    pub fn other(&self, head: &Head) -> Option<&str> {
        let of_size = self.all.range((head.size, [0; 32])..=(head.size, [0xff; 32]));
        of_size.filter(|((_, root), _)| *root != head.root).map(|(_, (text, _))| text.as_str()).next()
    }

    /// Those that a log of this size can be held against.
    pub fn up_to(&self, size: u64) -> Vec<(Key, String)> {
        self.all.range(..=(size, [0xff; 32])).map(|(key, (text, _))| (*key, text.clone())).collect()
    }

    /// It was held against the log, so nothing more can come of it.
    pub fn forget(&mut self, key: Key) {
        self.all.remove(&key);
        let _ = fs::remove_file(self.path(key));
    }

    fn path(&self, (size, root): Key) -> PathBuf {
        self.folder.join(format!("{size}-{}", hex::encode(root)))
    }
}

/// The checkpoints of a folder that the collector signed, sorted by name.
pub fn read(folder: &Path, manifest: &Manifest) -> Result<Vec<(String, Head)>, String> {
    let texts = texts(folder)?.into_iter();
    Ok(texts.filter_map(|(_, text)| Head::read(&text, manifest).ok().map(|head| (text, head))).collect())
}

/// The texts in a folder, sorted by name; none if there is no folder.
pub fn texts(folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", folder.display())),
    };
    let mut paths: Vec<PathBuf> = list.filter_map(|item| Some(item.ok()?.path())).collect();
    paths.sort();
    Ok(paths.into_iter().filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: u64, root: u8, cosigned: usize) -> Head {
        Head { size, root: [root; 32], witnesses: (0..cosigned).map(|witness| (witness, 1)).collect() }
    }

    fn sizes(seen: &Seen) -> Vec<u64> {
        let files = texts(&seen.folder).unwrap().len();
        assert_eq!(files, seen.all.len(), "the folder holds what is known");
        seen.all.keys().map(|(size, _)| *size).collect()
    }

    #[test]
    fn it_never_becomes_deaf() {
        let folder = tempfile::tempdir().unwrap();
        let mut seen = Seen { folder: folder.path().to_owned(), all: BTreeMap::new(), most: 3 };
        for size in [10, 20, 30] {
            assert!(seen.keep("text", &head(size, 1, 0)).unwrap());
        }
        assert!(!seen.keep("text", &head(15, 1, 0)).unwrap(), "it is said that one is lost");
        assert_eq!(sizes(&seen), [10, 15, 20], "the largest goes");
        assert!(!seen.keep("text", &head(40, 1, 0)).unwrap());
        assert_eq!(sizes(&seen), [10, 15, 20]);
        // What was held against the log makes room.
        assert_eq!(seen.up_to(15).iter().map(|(key, _)| key.0).collect::<Vec<_>>(), [10, 15]);
        seen.forget((10, [1; 32]));
        assert!(seen.keep("text", &head(40, 1, 0)).unwrap());
        assert_eq!(sizes(&seen), [15, 20, 40]);
    }

    #[test]
    fn the_text_with_the_most_cosignatures_stays_and_two_of_one_size_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut seen = Seen { folder: folder.path().to_owned(), all: BTreeMap::new(), most: 9 };
        for (text, cosigned) in [("one", 1), ("three", 3), ("two", 2)] {
            seen.keep(text, &head(10, 1, cosigned)).unwrap();
        }
        assert_eq!(seen.up_to(10), [((10, [1; 32]), "three".to_owned())]);
        assert_eq!(seen.other(&head(10, 1, 0)), None);
        assert_eq!(seen.other(&head(10, 2, 0)), Some("three"));
        assert_eq!(seen.other(&head(11, 2, 0)), None);
    }
}
