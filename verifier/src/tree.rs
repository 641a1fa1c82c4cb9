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

/// Checks a consistency proof as RFC 9162 §2.1.4.2 does.
pub fn consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        return old == 0 && path.is_empty();
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
    fn equals_the_definition() {
        let leaves: Vec<Vec<u8>> = (0..300u32).map(|i| i.to_be_bytes().to_vec()).collect();
        for size in [0, 1, 2, 3, 4, 5, 255, 256, 257, 300] {
            let part = &leaves[..size];
            assert_eq!(root(part.iter().map(Vec::as_slice)), slow(part), "{size}");
        }
    }
}
