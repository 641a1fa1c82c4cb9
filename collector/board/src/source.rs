//! Reading a board, wherever it lies. Spec: 11-record.

use crate::Hash;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::tile::{self, Tile};
use crate::tree::{self, Tree};
use ballot::encode::sha256;
use ballot::manifest::{Manifest, ManifestError};
use std::path::PathBuf;

/// Where the files of a record can be read. Paths are those of 11-record.
pub trait Source {
    /// The file, or nothing if it is not there.
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>>;

    /// What the clock says there, in Unix seconds; nothing where there is no clock (GATE-3).
    fn clock(&self) -> std::io::Result<Option<u64>> {
        Ok(None)
    }
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.0.join(path)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }
}

/// Opens `--board URL|DIR`.
#[cfg(feature = "http")]
pub fn open(board: &str) -> Box<dyn Source + Send + Sync> {
    if board.starts_with("http://") || board.starts_with("https://") {
        Box::new(crate::http::Web::board(board))
    } else {
        Box::new(Folder(board.into()))
    }
}

/// Why a board cannot be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SourceError {
    #[error("cannot read {path}: {error}")]
    Io { path: String, error: std::io::Error },
    #[error("REC-1: {0} is missing")]
    Missing(String),
    #[error("REC-2: {0} does not hold what the tree says")]
    Tile(String),
    #[error("REC-4: the manifest is that of another election")]
    Anchor,
    #[error("REC-5: blob {} does not hash to its name", hex::encode(.0))]
    Blob(Hash),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// A file that must be there.
pub fn must(source: &(impl Source + ?Sized), path: &str) -> Result<Vec<u8>, SourceError> {
    let read = source.read(path).map_err(|error| SourceError::Io { path: path.to_owned(), error })?;
    read.ok_or_else(|| SourceError::Missing(path.to_owned()))
}

/// Reads the manifest; with `expected` it must be that election's (REC-4).
pub fn load_manifest(source: &(impl Source + ?Sized), expected: Option<&Hash>) -> Result<Manifest, SourceError> {
    let manifest = Manifest::from_bytes(&must(source, "manifest.json")?)?;
    match expected {
        Some(id) if *id != manifest.id() => Err(SourceError::Anchor),
        _ => Ok(manifest),
    }
}

/// Reads the checkpoint and verifies its lines; gives its text too. A quorum is not asked for.
pub fn load_checkpoint(source: &(impl Source + ?Sized), manifest: &Manifest) -> Result<(String, Checkpoint), SourceError> {
    let text = String::from_utf8(must(source, "checkpoint")?).map_err(|_| CheckpointError::Form)?;
    let checkpoint = Checkpoint::verify(&text, manifest)?;
    Ok((text, checkpoint))
}

/// Reads a blob and compares it with its name (REC-5).
pub fn load_blob(source: &(impl Source + ?Sized), name: &Hash) -> Result<Vec<u8>, SourceError> {
    let bytes = must(source, &format!("blob/{}", hex::encode(name)))?;
    if sha256(&bytes) == *name { Ok(bytes) } else { Err(SourceError::Blob(*name)) }
}

/// A log whose every entry and hash has been compared with a verified checkpoint.
#[derive(Clone, Debug)]
pub struct Log {
    /// The checkpoint as a file.
    pub checkpoint_text: String,
    /// The same, verified.
    pub checkpoint: Checkpoint,
    /// The entries.
    pub entries: Vec<Vec<u8>>,
    /// The tree over them.
    pub tree: Tree,
}

impl Log {
    /// Reads checkpoint and entry bundles. While the log grows under the reader, it starts again a few times.
    pub fn load(source: &(impl Source + ?Sized), manifest: &Manifest) -> Result<Self, SourceError> {
        let mut tries = 0;
        loop {
            match Self::load_once(source, manifest) {
                Err(SourceError::Missing(_)) if tries < 5 => tries += 1,
                other => return other,
            }
        }
    }

    fn load_once(source: &(impl Source + ?Sized), manifest: &Manifest) -> Result<Self, SourceError> {
        let (checkpoint_text, checkpoint) = load_checkpoint(source, manifest)?;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        let mut tree = Tree::default();
        for tile in Tile::all(checkpoint.size).into_iter().filter(|t| t.level.is_none()) {
            let path = tile.path();
            let bytes = must(source, &path)?;
            for entry in tile::unbundle(&bytes, tile.width).ok_or(SourceError::Tile(path))? {
                tree.push(tree::leaf_hash(&entry));
                entries.push(entry);
            }
        }
        if tree.root() != checkpoint.root {
            return Err(SourceError::Tile("tile/entries".to_owned()));
        }
        Ok(Self { checkpoint_text, checkpoint, entries, tree })
    }
}
