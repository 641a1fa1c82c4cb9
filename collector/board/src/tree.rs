//! RFC 6962 trees with SHA-256. Spec: 08-board, LOG-2.

use crate::Hash;
use sha2::{Digest, Sha256};

/// `SHA-256(0x00 ‖ data)`
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// `SHA-256(0x01 ‖ left ‖ right)`
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The hash of the tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A proof does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("LOG-2: the tree proof does not verify")]
pub struct TreeError;

/// A tree kept as its leaf hashes and the complete subtrees above them, so that a root and a proof cost `O(log n)` hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// `levels[l][i]` is the hash of leaves `i·2^l .. (i+1)·2^l`.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these leaf hashes.
    pub fn from_leaves(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else { return };
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => return,
            }
        }
    }

    /// Number of leaves.
    pub fn len(&self) -> u64 {
        self.levels.first().map_or(0, |l| l.len() as u64)
    }

    /// True without leaves.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The hash of the complete subtree `index` of `level`.
    pub fn node(&self, level: usize, index: u64) -> Option<Hash> {
        self.levels.get(level)?.get(usize::try_from(index).ok()?).copied()
    }

    /// The hash over leaves `from..to`, where `from` is a multiple of a power of two not less than `to - from`.
    fn range(&self, from: u64, to: u64) -> Option<Hash> {
        let n = to.checked_sub(from)?;
        match n {
            0 => Some(empty_root()),
            _ if n.is_power_of_two() && from.is_multiple_of(n) => self.node(n.trailing_zeros() as usize, from >> n.trailing_zeros()),
            _ => {
                let split = from + split(n);
                Some(node_hash(&self.range(from, split)?, &self.range(split, to)?))
            }
        }
    }

    /// The root of the first `size` leaves.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.len() { None } else { self.range(0, size) }
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.root_at(self.len()).unwrap_or_else(empty_root)
    }

    /// The audit path of leaf `index` in the tree of `size` leaves.
    pub fn inclusion(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        if index >= size || size > self.len() {
            return None;
        }
        let (mut from, mut to) = (0, size);
        let mut path = Vec::new();
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push(self.range(middle, to)?);
                to = middle;
            } else {
                path.push(self.range(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// That the tree of `old` leaves is a prefix of that of `new`.
    pub fn consistency(&self, old: u64, new: u64) -> Option<Vec<Hash>> {
        if old > new || new > self.len() {
            return None;
        }
        let mut proof = Vec::new();
        if old > 0 {
            self.sub_proof(old, 0, new, true, &mut proof)?;
        }
        Some(proof)
    }

    fn sub_proof(&self, old: u64, from: u64, to: u64, whole: bool, proof: &mut Vec<Hash>) -> Option<()> {
        if old == to {
            if !whole {
                proof.push(self.range(from, to)?);
            }
            return Some(());
        }
        let middle = from + split(to - from);
        if old <= middle {
            self.sub_proof(old, from, middle, whole, proof)?;
            proof.push(self.range(middle, to)?);
        } else {
            self.sub_proof(old, middle, to, false, proof)?;
            proof.push(self.range(from, middle)?);
        }
        Some(())
    }
}

/// The largest power of two below `n`, for `n ≥ 2`.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root over whole leaves, as data.
pub fn root_of<T: AsRef<[u8]>>(leaves: impl IntoIterator<Item = T>) -> Hash {
    Tree::from_leaves(leaves.into_iter().map(|l| leaf_hash(l.as_ref()))).root()
}

/// Verifies an audit path (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return Err(TreeError);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(TreeError) }
}

/// Verifies a consistency proof (RFC 9162 §2.1.4.2). The empty tree is a prefix of every tree.
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> Result<(), TreeError> {
    let check = |ok: bool| if ok { Ok(()) } else { Err(TreeError) };
    if old == 0 {
        return check(proof.is_empty() && *old_root == empty_root() && (new > 0 || old_root == new_root));
    }
    if old == new {
        return check(proof.is_empty() && old_root == new_root);
    }
    if old > new || proof.is_empty() {
        return Err(TreeError);
    }
    let mut steps = proof.iter();
    let first = if old.is_power_of_two() { *old_root } else { *steps.next().ok_or(TreeError)? };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for step in steps {
        if last == 0 {
            return Err(TreeError);
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    check(last == 0 && old_hash == *old_root && new_hash == *new_root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            _ => {
                let (l, r) = leaves.split_at(split(leaves.len() as u64) as usize);
                node_hash(&naive(l), &naive(r))
            }
        }
    }

    #[test]
    fn proofs_of_all_small_trees_verify_and_only_they() {
        let leaves: Vec<Hash> = (0u8..40).map(|i| leaf_hash(&[i])).collect();
        let tree = Tree::from_leaves(leaves.iter().copied());
        for size in 0..=40u64 {
            let root = tree.root_at(size).unwrap();
            assert_eq!(root, naive(&leaves[..size as usize]));
            for index in 0..size {
                let path = tree.inclusion(index, size).unwrap();
                let leaf = &leaves[index as usize];
                verify_inclusion(leaf, index, size, &path, &root).unwrap();
                assert!(verify_inclusion(leaf, index + 1, size, &path, &root).is_err() || size == 1);
                let mut longer = path.clone();
                longer.push([0; 32]);
                assert!(verify_inclusion(leaf, index, size, &longer, &root).is_err());
                if let Some((_, shorter)) = path.split_last() {
                    assert!(verify_inclusion(leaf, index, size, shorter, &root).is_err());
                }
            }
            for old in 0..=size {
                let proof = tree.consistency(old, size).unwrap();
                let old_root = tree.root_at(old).unwrap();
                verify_consistency(old, &old_root, size, &root, &proof).unwrap();
                assert!(verify_consistency(old, &[1; 32], size, &root, &proof).is_err());
                if old < size && old > 0 {
                    assert!(verify_consistency(old, &old_root, size, &[1; 32], &proof).is_err());
                    assert!(verify_consistency(old, &old_root, size, &root, &proof[1..]).is_err());
                }
            }
        }
    }

    #[test]
    fn there_is_no_proof_of_what_the_tree_does_not_have() {
        let tree = Tree::from_leaves((0u8..5).map(|i| leaf_hash(&[i])));
        assert!(!tree.is_empty() && Tree::default().is_empty());
        for (index, size) in [(3, 3), (4, 3), (0, 6), (5, 6), (7, 6)] {
            assert_eq!(tree.inclusion(index, size), None, "{index} of {size}");
        }
        for (old, new) in [(3, 2), (0, 6), (5, 6), (7, 6)] {
            assert_eq!(tree.consistency(old, new), None, "{old} in {new}");
        }
        assert_eq!(tree.root_at(6), None);
        assert_eq!(tree.inclusion(4, 5).map(|path| path.len()), Some(1));
        assert_eq!(tree.consistency(5, 5), Some(vec![]));
    }

    /// Of two numbers in the wrong order the larger tree would pass as the beginning of the smaller, if both have one root.
    #[test]
    fn a_tree_is_no_beginning_of_a_smaller_one() {
        let tree = Tree::from_leaves((0u8..6).map(|i| leaf_hash(&[i])));
        let (root, halves) = (tree.root(), [tree.range(4, 6).unwrap(), tree.range(0, 4).unwrap()]);
        assert_eq!(verify_consistency(6, &root, 5, &root, &halves), Err(TreeError));
        assert_eq!(verify_consistency(4, &root, 3, &root, &[]), Err(TreeError));
    }
}
