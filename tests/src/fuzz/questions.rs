//! Proof files and complaint files, which anybody may hand to anybody. Spec: 14-questions.

use super::record::write;
use super::town::DONE;
use crate::lab;
use ballot::Hash;
use ballot::encode::Record;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::tree::{self, Tree};
use board::{Entry, Promise};
use serde_json::{Value, json};
use std::sync::LazyLock;
use verifier::asked::{Asked, Sound};
use verifier::progress::Progress;
use verifier::proof_check;
use verifier::proof_file::{Proof, ProofFile};
use verifier::questions::{complaint, proof};

/// A proof that holds says what the log says. Nobody here has a key, but for a second history in the seeds.
pub fn proofs(bytes: &[u8]) {
    let answer = proof::Answer::judge(bytes, Some(&DONE.id()));
    assert!(serde_json::from_str::<Value>(&answer.json()).is_ok() && !answer.text().is_empty());
    let Ok(file) = ProofFile::read(bytes) else { return };
    assert_eq!(ProofFile::read(file.write().as_bytes()).as_ref(), Ok(&file), "written again it is another file");
    let Ok(shown) = proof_check::check(&file, Some(&DONE.id())) else { return };
    let honest = shown.head == (DONE.entries.len() as u64, DONE.root());
    match &file.proof {
        Proof::Inclusion { entry, .. } if honest => assert_eq!(DONE.entries[entry.index as usize], entry.bytes),
        Proof::Status { closing, older, .. } if honest => {
            for entry in older.iter().chain([closing]) {
                assert_eq!(DONE.entries[entry.index as usize], entry.bytes);
            }
        }
        Proof::Fork { a, b, .. } => assert_ne!(a.checkpoint, b.checkpoint),
        Proof::Rewritten { old, new, .. } => assert_ne!(old, new),
        _ => {}
    }
}

fn leaves() -> Vec<Hash> {
    DONE.entries.iter().map(|entry| tree::leaf_hash(entry)).collect()
}

fn hexes(path: &[Hash]) -> Vec<String> {
    path.iter().map(hex::encode).collect()
}

/// An inclusion, and three ways in which another history convicts the collector.
pub fn proof_seeds() -> Vec<Vec<u8>> {
    let manifest = std::str::from_utf8(DONE.manifest.bytes()).expect("JSON");
    let size = DONE.entries.len() as u64;
    let honest = Tree::from_leaves(leaves());
    let at = DONE.find(|entry| matches!(entry, Entry::Ballot { .. }))[0];
    let entry =
        json!({"bytes": hex::encode(&DONE.entries[at]), "index": at, "path": hexes(&honest.inclusion(at as u64, size).expect("a leaf"))});
    let inclusion = json!({"haal": 1, "kind": "inclusion", "manifest": manifest, "checkpoint": DONE.checkpoint(), "entries": [entry]});
    let mut other = leaves();
    other[at][0] ^= 1;
    let other = Tree::from_leaves(other);
    let forked = |size: u64| DONE.checkpoint_of(size, &other.root_at(size).expect("a root"), &[1]);
    let same = |checkpoint: String| json!({"checkpoint": checkpoint, "leaf": null, "path": null});
    let sizes =
        json!({"haal": 1, "kind": "fork", "manifest": manifest, "a": same(DONE.checkpoint()), "b": same(forked(size)), "index": null});
    let side = |checkpoint: String, tree: &Tree, size: u64| {
        let leaf = tree.node(0, at as u64).expect("a leaf");
        json!({"checkpoint": checkpoint, "leaf": hex::encode(leaf), "path": hexes(&tree.inclusion(at as u64, size).expect("a leaf"))})
    };
    let (a, b) = (side(DONE.checkpoint(), &honest, size), side(forked(size - 1), &other, size - 1));
    let index = json!({"haal": 1, "kind": "fork", "manifest": manifest, "a": a, "b": b, "index": at});
    let path = hexes(&honest.consistency(size - 1, size).expect("a proof"));
    let root = hex::encode(honest.root_at(size - 1).expect("a root"));
    let rewritten = json!({"haal": 1, "kind": "rewritten", "manifest": manifest, "old": forked(size - 1), "new": DONE.checkpoint(), "root": root, "path": path});
    [inclusion, sizes, index, rewritten].iter().map(|file| file.to_string().into_bytes()).collect()
}

/// The town's record as somebody asks it, in a folder that is written once.
static ASKED: LazyLock<Sound> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("haal-fuzz-{}", hex::encode(&DONE.root()[..8])));
    if !folder.exists() {
        let new = tempfile::tempdir_in(std::env::temp_dir()).expect("a folder");
        write(&DONE.record(), new.path()).expect("a folder to write into");
        let _ = std::fs::rename(new.keep(), &folder); // another process may have been quicker
    }
    let asked = Asked::read(folder.to_str().expect("a path"), Some(&DONE.id()), Progress::new(false));
    asked.expect("a record").sound.expect("an honest one")
});

/// The answer has one of four rules, and is founded only with the collector's own signature under it.
pub fn complaints(bytes: &[u8]) {
    complaint_rule(bytes);
}

/// The rule that the answer rests on.
pub fn complaint_rule(bytes: &[u8]) -> &'static str {
    let found = complaint::ask(&ASKED, bytes, true).expect("an answer");
    assert!(!found.text.is_empty());
    let is_promised = serde_json::from_slice::<Value>(bytes).ok().and_then(|file| STANDARD.decode(file["promise"].as_str()?).ok());
    let promise = is_promised.and_then(|bytes| Promise::from_bytes(&bytes).ok());
    let signed = promise.is_some_and(|promise| promise.verify(&DONE.manifest.description().collector.key.0).is_ok());
    assert!(signed || found.facts.rule == "ASK-5", "{} without a promise", found.facts.rule);
    found.facts.rule
}

/// Of a ballot in time, of one that is late, of one that is not there, and with a receipt.
pub fn complaint_seeds() -> Vec<Vec<u8>> {
    let at = DONE.find(|entry| matches!(entry, Entry::Ballot { .. }))[0];
    let Entry::Ballot { ballot, .. } = DONE.entry(at) else { unreachable!("a ballot") };
    let hash = ballot::encode::hash("ballot", &[&ballot]);
    let file = |hash: Hash, deadline: u64, receipt: Value| {
        let promise = Promise::new(DONE.id(), hash, deadline, &lab::signing_key("collector"));
        let there = hash != [3; 32];
        json!({
            "haal": 1, "kind": "complaint", "election": hex::encode(DONE.id()), "ballot_hash": hex::encode(hash), "deadline": deadline,
            "promise": STANDARD.encode(promise.to_bytes()), "ballot": there.then(|| STANDARD.encode(&ballot)), "container": null,
            "salt": null, "checkpoint": there.then(|| DONE.checkpoint()), "receipt": receipt,
        })
    };
    let path = Tree::from_leaves(leaves()).inclusion(at as u64, DONE.entries.len() as u64).expect("a leaf");
    let receipt = json!({"index": at, "path": hexes(&path), "checkpoint": DONE.checkpoint()});
    let files = [file(hash, 2_000_000, Value::Null), file(hash, 1, receipt), file([3; 32], 1, Value::Null)];
    files.iter().map(|file| file.to_string().into_bytes()).collect()
}
