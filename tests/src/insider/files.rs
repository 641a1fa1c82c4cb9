//! The record as a folder, and its checkpoint. Spec: 08-board, 11-record.

use super::Insider;
use crate::lab;
use ballot::Hash;
use ballot::encode::sha256;
use board::tile::{self, Tile, WIDTH};
use board::{checkpoint, tree};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Result;
use std::path::Path;

impl Insider {
    /// The election id that goes round: that of the manifest's file.
    pub fn election_id(&self) -> Hash {
        self.manifest_file.as_deref().map_or_else(|| self.id(), sha256)
    }

    /// The checkpoint over the entries, signed by the collector and every witness.
    pub fn checkpoint(&self) -> String {
        let witnesses = self.manifest.description().witnesses.members.len();
        self.checkpoint_of(self.entries.len() as u64, &self.root(), &(1..=witnesses).collect::<Vec<_>>())
    }

    /// A checkpoint over anything with the cosignatures of these witnesses.
    pub fn checkpoint_of(&self, size: u64, root: &Hash, witnesses: &[usize]) -> String {
        let text = checkpoint::note_text(&self.election_id(), size, root);
        let mut file = format!("{text}\n{}", checkpoint::sign(&text, "collector", &lab::signing_key("collector")));
        for w in witnesses {
            let name = format!("witness-{w}");
            file += &checkpoint::cosign(&text, &name, &lab::signing_key(&name), self.clock);
        }
        file
    }

    /// Every file of the record.
    pub fn record(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        files.insert("manifest.json".to_owned(), self.manifest_file.clone().unwrap_or_else(|| self.manifest.bytes().to_vec()));
        files.insert("checkpoint".to_owned(), self.checkpoint().into_bytes());
        let tree = tree::Tree::from_leaves(self.entries.iter().map(|e| tree::leaf_hash(e)));
        for tile in Tile::all(self.entries.len() as u64) {
            let bytes = match tile.level {
                Some(_) => tile.hashes(&tree),
                None => tile::bundle(self.entries.iter().skip((tile.index * WIDTH) as usize).take(tile.width as usize)),
            };
            files.insert(tile.path(), bytes.expect("a tile of this log"));
        }
        files.extend(self.blobs.iter().map(|(name, bytes)| (format!("blob/{}", hex::encode(name)), bytes.clone())));
        for (path, bytes) in &self.files {
            match bytes {
                Some(bytes) => drop(files.insert(path.clone(), bytes.clone())),
                None => drop(files.remove(path)),
            }
        }
        files
    }

    /// Writes the record into a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        write(&self.record(), folder)
    }
}

/// Writes files into a folder, which is made if it is not there.
pub fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut made = BTreeSet::new();
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent()
            && made.insert(parent.to_owned())
        {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
