//! RFC 6962 trees, built from the left. Spec: 08-board, LOG-2; also the roll and the closing root.

use crate::bytes::Hash;
use sha2::{Digest, Sha256};

/// The hash of a leaf.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of an inner node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The complete subtrees of a growing tree, largest first.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    subtrees: Vec<(u32, Hash)>,
}

impl Tree {
    /// Adds a leaf's hash.
    pub fn push(&mut self, hash: Hash) {
        self.push_subtree(0, hash);
    }

    /// Adds a complete subtree of `2^height` leaves. What came before must be a multiple of that many.
    pub fn push_subtree(&mut self, mut height: u32, mut hash: Hash) {
        while let Some((_, left)) = self.subtrees.pop_if(|(h, _)| *h == height) {
            hash = node(&left, &hash);
            height = height.saturating_add(1);
        }
        self.subtrees.push((height, hash));
    }

    /// The root; of nothing, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some((_, last)) = subtrees.next() else { return Sha256::digest([]).into() };
        subtrees.fold(*last, |right, (_, left)| node(left, &right))
    }
}

/// The root over some leaves.
pub fn root<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Hash {
    let mut tree = Tree::default();
    for data in leaves {
        tree.push(leaf(data));
    }
    tree.root()
}

/// The root over hashes of leaves.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// Where a tree of more than one leaf is cut: the largest power of two below its size.
fn halves(leaves: &[Hash]) -> Option<(&[Hash], &[Hash])> {
    leaves.split_at_checked(leaves.len().next_power_of_two() / 2).filter(|_| leaves.len() > 1)
}

/// The audit path of a leaf, from the leaf upwards. RFC 6962 §2.1.1.
pub fn path(mut leaves: &[Hash], mut index: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    while let Some((left, right)) = halves(leaves) {
        if let Some(rest) = index.checked_sub(left.len()) {
            path.push(root_of(left));
            (leaves, index) = (right, rest);
        } else {
            path.push(root_of(right));
            leaves = left;
        }
    }
    path.reverse();
    path
}

/// The proof that the first `old` leaves are the beginning of all of them. RFC 6962 §2.1.2.
pub fn consistency(mut leaves: &[Hash], mut old: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    let mut whole = true;
    while old < leaves.len() {
        let Some((left, right)) = halves(leaves) else { break };
        if let Some(rest @ 1..) = old.checked_sub(left.len()) {
            path.push(root_of(left));
            (leaves, old, whole) = (right, rest, false);
        } else {
            path.push(root_of(right));
            leaves = left;
        }
    }
    if !whole {
        path.push(root_of(leaves));
    }
    path.reverse();
    path
}

/// Checks an inclusion proof as RFC 9162 §2.1.3.2 does.
pub fn included(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut n, mut last, mut hash) = (index, size.saturating_sub(1), *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if n & 1 == 1 || n == last {
            hash = node(sibling, &hash);
            while n & 1 == 0 && n != 0 {
                n >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        n >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Checks a consistency proof as RFC 9162 §2.1.4.2 does. The empty tree, which it leaves out, is the beginning of every tree.
pub fn consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        let empty = Tree::default().root();
        return old == 0 && path.is_empty() && *old_root == empty && (new > 0 || *new_root == empty);
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let mut rest = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut n, mut last) = (old.saturating_sub(1), new.saturating_sub(1));
    while n & 1 == 1 {
        n >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if n & 1 == 1 || n == last {
            from_old = node(sibling, &from_old);
            from_new = node(sibling, &from_new);
            while n & 1 == 0 && n != 0 {
                n >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node(&from_new, sibling);
        }
        n >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursive definition of RFC 6962 §2.1.
    fn slow(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => leaf(one),
            many => {
                let k = many.len().next_power_of_two() / 2;
                node(&slow(&many[..k]), &slow(&many[k..]))
            }
        }
    }

    #[test]
    fn proofs_are_those_that_are_checked() {
        let leaves: Vec<Hash> = (0..40u32).map(|i| leaf(&i.to_be_bytes())).collect();
        for size in 1..=leaves.len() {
            let (part, root) = (&leaves[..size], root_of(&leaves[..size]));
            for index in 0..size {
                let path = path(part, index);
                assert!(included(&leaves[index], index as u64, size as u64, &path, &root), "{index} of {size}");
            }
            for old in 1..=size {
                let path = consistency(part, old);
                assert!(consistent(old as u64, &root_of(&leaves[..old]), size as u64, &root, &path), "{old} of {size}");
                assert!(old == size || !consistent(old as u64, &[0; 32], size as u64, &root, &path), "{old} of {size}");
            }
        }
    }

    #[test]
    fn the_empty_tree_has_one_root() {
        let empty = slow(&[]);
        assert!(consistent(0, &empty, 3, &[7; 32], &[]));
        assert!(consistent(0, &empty, 0, &empty, &[]) && !consistent(0, &empty, 0, &[7; 32], &[]));
        assert!(!consistent(0, &[7; 32], 3, &[7; 32], &[]));
        assert!(!consistent(0, &empty, 3, &[7; 32], &[[1; 32]]));
    }

    #[test]
    fn equals_the_definition() {
        let leaves: Vec<Vec<u8>> = (0..300u32).map(|i| i.to_be_bytes().to_vec()).collect();
        for size in [0, 1, 2, 3, 4, 5, 255, 256, 257, 300] {
            let part = &leaves[..size];
            assert_eq!(root(part.iter().map(Vec::as_slice)), slow(part), "{size}");
        }
    }
}
