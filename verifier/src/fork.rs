//! Makes the proof that a collector signed two logs that are not one. Spec: 14-questions, PROOF-5 and PROOF-6.

use crate::bytes::Hash;
use crate::proof_file::{Proof, ProofFile, Side};
use crate::tree;
use serde_json::Value;

/// Two checkpoints of one size with different roots.
pub fn equal(manifest: &str, a: &str, b: &str) -> Value {
    let side = |checkpoint: &str| Side { checkpoint: checkpoint.to_owned(), leaf: None };
    let proof = Proof::Fork { a: side(a), b: side(b), index: None };
    ProofFile { manifest: manifest.to_owned(), proof }.value()
}

/// A checkpoint of `size` entries that is not of the log whose leaves and checkpoint are `new`. The leaves say the rest. Nothing for no
/// entries: that checkpoint contradicts itself, and PROOF-6 asks for entries. FOLLOW-4.
pub fn rewritten(manifest: &str, old: &str, size: usize, new: &str, leaves: &[Hash]) -> Option<Value> {
    if size == 0 {
        return None;
    }
    let (root, path) = (tree::root_of(leaves.get(..size)?), tree::consistency(leaves, size));
    let proof = Proof::Rewritten { old: old.to_owned(), new: new.to_owned(), root, path };
    Some(ProofFile { manifest: manifest.to_owned(), proof }.value())
}
