//! A verified view of the log without reading all of it. Spec: 08-board, LOG.
//!
//! A checkpoint, the hashes of all full tiles, and the leaf hashes of the partial one give the root. Every entry read
//! later is compared with them, and so is every older checkpoint (VOTER-6).

use crate::checkpoint::Checkpoint;
use crate::source::{Source, SourceError, load_checkpoint, must};
use crate::tile::{self, Tile, WIDTH};
use crate::tree::{self, Tree};
use ballot::Hash;
use ballot::manifest::Manifest;

/// The log up to one checkpoint with a quorum of cosignatures.
#[derive(Clone, Debug)]
pub struct View {
    /// The checkpoint as a file.
    pub text: String,
    /// The same, verified.
    pub checkpoint: Checkpoint,
    /// The hash of every full tile of entries.
    blocks: Vec<Hash>,
    /// The leaf hashes after them.
    edge: Vec<Hash>,
}

impl View {
    /// Reads the board's checkpoint, which must have a quorum, and the hash tiles under it. [`SourceError::Missing`] if the log grows
    /// meanwhile.
    pub fn read(source: &impl Source, manifest: &Manifest) -> Result<Self, SourceError> {
        let (text, checkpoint) = load_checkpoint(source, manifest)?;
        checkpoint.require_quorum(manifest)?;
        let mut blocks = Vec::new();
        let mut edge = Vec::new();
        let last = checkpoint.size / WIDTH;
        for tile in Tile::all(checkpoint.size) {
            match tile.level {
                Some(1) => blocks.extend(hashes(source, tile)?),
                Some(0) if tile.index == last => edge = hashes(source, tile)?,
                _ => {}
            }
        }
        if root(&blocks, &edge) != checkpoint.root {
            return Err(SourceError::Tile("tile/1".to_owned()));
        }
        Ok(Self { text, checkpoint, blocks, edge })
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Number of entry bundles.
    pub fn bundles(&self) -> u64 {
        self.size().div_ceil(WIDTH)
    }

    /// The root that this log had when it held `size` entries; nothing if it does not hold so many.
    pub fn root_at(&self, source: &impl Source, size: u64) -> Result<Option<Hash>, SourceError> {
        if size > self.size() {
            return Ok(None);
        }
        let (full, rest) = ((size / WIDTH) as usize, (size % WIDTH) as usize);
        let leaves = match self.blocks.get(full) {
            _ if rest == 0 => Vec::new(),
            None => self.edge.clone(),
            Some(block) => {
                let tile = Tile { level: Some(0), index: full as u64, width: WIDTH };
                let leaves = hashes(source, tile)?;
                if Tree::from_leaves(leaves.iter().copied()).root() != *block {
                    return Err(SourceError::Tile(tile.path()));
                }
                leaves
            }
        };
        let (blocks, leaves) = (self.blocks.get(..full), leaves.get(..rest));
        Ok(blocks.zip(leaves).map(|(blocks, leaves)| root(blocks, leaves)))
    }

    /// The entries of bundle `index`, each compared with the tree. [`SourceError::Missing`] if the log has grown over it.
    pub fn bundle(&self, source: &impl Source, index: u64) -> Result<Vec<Vec<u8>>, SourceError> {
        let width = self.size().saturating_sub(index * WIDTH).min(WIDTH);
        let path = Tile { level: None, index, width }.path();
        let entries = tile::unbundle(&must(source, &path)?, width).ok_or_else(|| SourceError::Tile(path.clone()))?;
        let leaves: Vec<Hash> = entries.iter().map(|e| tree::leaf_hash(e)).collect();
        let fits = match self.blocks.get(index as usize) {
            Some(block) => Tree::from_leaves(leaves).root() == *block,
            None => leaves == self.edge,
        };
        if fits { Ok(entries) } else { Err(SourceError::Tile(path)) }
    }
}

fn hashes(source: &impl Source, tile: Tile) -> Result<Vec<Hash>, SourceError> {
    let path = tile.path();
    let bytes = must(source, &path)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() as u64 == tile.width && rest.is_empty() { Ok(hashes.to_vec()) } else { Err(SourceError::Tile(path)) }
}

/// The roots of the perfect subtrees over `nodes`, from left to right.
fn peaks(mut nodes: &[Hash]) -> Vec<Hash> {
    let mut peaks = Vec::new();
    while let Some(largest) = nodes.len().checked_ilog2() {
        let Some((left, right)) = nodes.split_at_checked(1 << largest) else { break };
        peaks.push(Tree::from_leaves(left.iter().copied()).root());
        nodes = right;
    }
    peaks
}

/// The root over full tiles and the leaves after them: RFC 6962 joins the perfect subtrees from the right.
fn root(blocks: &[Hash], edge: &[Hash]) -> Hash {
    let all = peaks(blocks).into_iter().chain(peaks(edge));
    all.rev().reduce(|right, left| tree::node_hash(&left, &right)).unwrap_or_else(tree::empty_root)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn tiles_give_the_root_of_the_whole_tree() {
        let leaves: Vec<Hash> = (0u32..2000).map(|i| tree::leaf_hash(&i.to_be_bytes())).collect();
        let tree = Tree::from_leaves(leaves.iter().copied());
        for size in [0usize, 1, 2, 255, 256, 257, 511, 512, 768, 769, 1000, 1792, 1999] {
            let full = size / 256;
            let blocks: Vec<Hash> = (0..full).map(|i| tree.node(8, i as u64).unwrap()).collect();
            assert_eq!(root(&blocks, &leaves[full * 256..size]), tree.root_at(size as u64).unwrap(), "{size}");
        }
    }
}
