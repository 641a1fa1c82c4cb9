//! Holds two records against each other: is the smaller log the beginning of the larger? Spec: 15-watching, COMPARE-1.

use super::seen;
use crate::bytes::Hash;
use crate::head::Head;
use crate::manifest::Manifest;
use crate::source::Source;
use crate::tree::Tree;
use crate::{checkpoint, fork, tiles, tree};
use serde_json::Value;
use std::path::Path;

/// One of the two.
pub struct Side {
    /// What the caller named.
    pub name: String,
    /// Text of the manifest.
    pub manifest_text: String,
    /// The manifest.
    pub manifest: Manifest,
    /// Its checkpoint, and every other one that was kept: text and head.
    pub heads: Vec<(String, Head)>,
    /// Hashes of its entries.
    pub leaves: Vec<Hash>,
}

/// Why a side is no use, with the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing to read.
    Unreadable(String),
    /// It is no record of this election.
    NotARecord(String),
}

/// Two checkpoints that cannot both be of one log.
pub struct Fork {
    /// One sentence.
    pub text: String,
    /// The proof.
    pub proof: Option<Value>,
}

impl Side {
    /// A folder, a URL, or the folder of a follower.
    pub fn open(name: &str) -> Result<Self, Refusal> {
        let mut last = Refusal::Unreadable(String::new());
        // A live board may move on between its checkpoint and its tiles; then the checkpoint is read again.
        for _ in 0..3 {
            match Self::attempt(name) {
                Err(refusal @ Refusal::NotARecord(_)) if name.starts_with("http") => last = refusal,
                other => return other,
            }
        }
        Err(last)
    }

    fn attempt(name: &str) -> Result<Self, Refusal> {
        let unreadable = |error: String| Refusal::Unreadable(format!("{name}: {error}"));
        let wrong = |error: String| Refusal::NotARecord(format!("{name}: {error}"));
        let follower = Path::new(name).join("record").join("manifest.json").exists();
        let record = if follower { format!("{name}/record") } else { name.to_owned() };
        let source = Source::open(&record).map_err(unreadable)?;
        let read = |path: &str, most| source.read(path, most).map_err(|error| unreadable(format!("{path}: {error:?}")));
        let bytes = read("manifest.json", 16 << 20)?;
        let manifest = Manifest::read(&bytes);
        let manifest =
            manifest.map_err(|faults| wrong(faults.first().map_or(String::new(), |fault| format!("{} ({})", fault.text, fault.rule))))?;
        let text = String::from_utf8(read("checkpoint", checkpoint::LARGEST)?).map_err(|error| wrong(error.to_string()))?;
        let head = Head::read(&text, &manifest).map_err(|fault| wrong(format!("checkpoint: {} ({})", fault.text, fault.rule)))?;
        let leaves = leaves(&source, &head).ok_or_else(|| wrong("its tiles do not give the root of its checkpoint (REC-3)".to_owned()))?;
        let mut heads = vec![(text, head)];
        if follower {
            heads.extend(seen::read(&Path::new(name).join("seen"), &manifest).map_err(unreadable)?);
        }
        Ok(Self { name: name.to_owned(), manifest_text: String::from_utf8(bytes).unwrap_or_default(), manifest, heads, leaves })
    }

    /// Root of its log.
    pub fn root(&self) -> Hash {
        self.heads.first().map_or_else(|| tree::root_of(&[]), |(_, head)| head.root)
    }
}

/// The leaves by the hash tiles, or else by the entries themselves.
fn leaves(source: &Source, head: &Head) -> Option<Vec<Hash>> {
    let all = |of: &dyn Fn(u64, u64) -> Option<Vec<Hash>>| -> Option<Vec<Hash>> {
        let mut found = Vec::new();
        for (index, width) in tiles::of_level(head.size, 0) {
            found.extend(of(index, width)?);
        }
        (found.len() as u64 == head.size && tree::root_of(&found) == head.root).then_some(found)
    };
    let tile =
        |index, width: u64| Some(source.read(&tiles::tile(0, index, width), width.saturating_mul(32)).ok()?.as_chunks::<32>().0.to_vec());
    let bundle = |index, width| {
        let bytes = source.read(&tiles::bundle(index, width), tiles::LARGEST_BUNDLE).ok()?;
        Some(tiles::entries(&bytes, width).ok()?.into_iter().map(tree::leaf).collect())
    };
    all(&tile).or_else(|| all(&bundle))
}

/// The first two checkpoints that contradict each other, if any. COMPARE-1.
pub fn compare(a: &Side, b: &Side) -> Result<Option<Fork>, Refusal> {
    if a.manifest_text != b.manifest_text {
        return Err(Refusal::NotARecord(format!("{} and {} are of two elections", a.name, b.name)));
    }
    let all: Vec<&(String, Head)> = a.heads.iter().chain(&b.heads).collect();
    for (text, head) in &all {
        if let Some((other, _)) = all.iter().find(|(_, other)| other.size == head.size && other.root != head.root) {
            let sentence = format!("the collector signed two logs of {} entries", head.size);
            return Ok(Some(Fork { text: sentence, proof: Some(fork::equal(&a.manifest_text, text, other)) }));
        }
    }
    for side in [a, b] {
        let size = side.leaves.len() as u64;
        let smaller =
            all.iter().filter(|(_, head)| head.size <= size).map(|(text, head)| ((head.size, head.root), (text, head.size))).collect();
        if let (Some((old, of)), Some((new, _))) = (broken(&side.leaves, smaller).into_iter().next(), side.heads.first()) {
            let sentence =
                format!("the collector signed a log of {of} entries that is not the beginning of the log of {size} in {}", side.name);
            let old_size = usize::try_from(of).unwrap_or(usize::MAX);
            return Ok(Some(Fork { text: sentence, proof: fork::rewritten(&a.manifest_text, old, old_size, new, &side.leaves) }));
        }
    }
    Ok(None)
}

/// Of heads that are not larger than a log, those that are not its beginning.
fn broken<T>(leaves: &[Hash], mut heads: Vec<((u64, Hash), T)>) -> Vec<T> {
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
