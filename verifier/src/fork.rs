//! Makes the proof that a collector signed two logs that are not one. Spec: 14-questions, PROOF-5 and PROOF-6.

use crate::bytes::Hash;
use crate::tree;
use serde_json::{Value, json};

/// Two checkpoints of one size with different roots.
pub fn equal(manifest: &str, a: &str, b: &str) -> Value {
    let side = |checkpoint: &str| json!({ "checkpoint": checkpoint, "leaf": null, "path": null });
    json!({ "haal": 1, "kind": "fork", "manifest": manifest, "a": side(a), "b": side(b), "index": null })
}

/// A checkpoint of `size` entries that is not of the log whose leaves and checkpoint are `new`. The leaves say the rest.
pub fn rewritten(manifest: &str, old: &str, size: usize, new: &str, leaves: &[Hash]) -> Option<Value> {
    let root = hex::encode(tree::root_of(leaves.get(..size)?));
    let path: Vec<String> = tree::consistency(leaves, size).iter().map(hex::encode).collect();
    Some(json!({ "haal": 1, "kind": "rewritten", "manifest": manifest, "old": old, "new": new, "root": root, "path": path }))
}
