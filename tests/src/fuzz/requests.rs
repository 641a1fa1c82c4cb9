//! What a witness is asked for over HTTP. Specs: 15-watching, WIT; C2SP tlog-witness.

use super::town::{DONE, MANIFEST};
use crate::lab;
use board::checkpoint::{Checkpoint, cosign, note_text, sign, verify_cosignature};
use board::tree::{self, Tree};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use verifier::watch::shared::{Common, look};
use verifier::watch::witness::{Answer, Witness};

/// Between the requests of one input, which come one after the other.
const NEXT: &[u8] = b"\n==\n";
const NAME: &str = "witness-1";

/// A witness that has signed nothing, with its folder.
struct Fresh {
    witness: Witness,
    common: Common,
    _folder: tempfile::TempDir,
}

impl Fresh {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let common = Common::default();
        look(&common).manifest = Some(Arc::new(MANIFEST.clone()));
        let witness = Witness::open(folder.path(), NAME, lab::signing_key(NAME), None, common.clone()).expect("a witness");
        look(&common).asked.clear(); // what was signed last: nothing yet
        Self { witness, common, _folder: folder }
    }
}

static WITNESS: LazyLock<Mutex<Fresh>> = LazyLock::new(|| Mutex::new(Fresh::new()));

/// Hashes of the entries of two logs that the collector signs: the town's, and one that parts from it after half.
fn logs() -> [Tree; 2] {
    let leaves = DONE.entries.iter().map(|entry| tree::leaf_hash(entry));
    let other = leaves.clone().take(half() as usize).chain((0..9u8).map(|n| tree::leaf_hash(&[n])));
    [Tree::from_leaves(leaves), Tree::from_leaves(other)]
}

fn half() -> u64 {
    DONE.entries.len() as u64 / 2
}

/// Whatever comes: nothing is signed that the collector has not signed; all that is signed is one log, and goes on from what was signed
/// before; what is left for the observer is the collector's.
pub fn run(bytes: &[u8]) {
    static LOGS: LazyLock<[Tree; 2]> = LazyLock::new(logs);
    let mut fresh = WITNESS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut of_both = [true; 2];
    let mut last = 0;
    for body in split(bytes) {
        match fresh.witness.answer(body) {
            Answer::Cosigned(line) => {
                let file = body.windows(2).position(|two| two == b"\n\n").map_or(&[][..], |at| &body[at + 2..]);
                let file = std::str::from_utf8(file).expect("signed, so read");
                let mut lines = file.lines();
                let origin = lines.next().expect("an origin line");
                assert_eq!(origin, format!("haal/{}", hex::encode(DONE.id())), "LOG-1");
                let size: u64 = lines.next().and_then(|size| size.parse().ok()).expect("a size");
                assert!(size >= last, "WIT-1: {last} entries were signed, and {size} are now");
                last = size;
                let root = |log: &Tree| log.root_at(size);
                let text = |log: &Tree| root(log).map(|root| note_text(&DONE.id(), size, &root));
                for (of, log) in of_both.iter_mut().zip(&*LOGS) {
                    *of &= text(log).is_some_and(|text| file.starts_with(&text));
                }
                assert!(of_both.contains(&true), "WIT-1: two logs were signed, or one that the collector has not");
                let (name, payload) = line.trim_end().strip_prefix("\u{2014} ").and_then(|line| line.split_once(' ')).expect("a line");
                let payload = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, payload).expect("base64");
                let note = &file[..file.find("\n\n").map_or(0, |at| at + 1)];
                let key = lab::signing_key(NAME).verifying_key().to_bytes();
                assert!(verify_cosignature(note, NAME, &key, name, &payload).is_some(), "LOG-5");
            }
            Answer::Conflict(size) => assert_eq!(size, last, "WIT-1: 409 says what was signed"),
            Answer::Refused(status, text) => {
                assert!([400, 403, 404, 422, 503].contains(&status) && !text.is_empty(), "{status} {text}");
            }
        }
    }
    let asked = std::mem::take(&mut look(&fresh.common).asked);
    for text in asked.into_values() {
        let read = Checkpoint::verify(&text, &DONE.manifest);
        assert!(read.is_ok(), "FOLLOW-4: evidence that the collector did not sign: {read:?}");
    }
    if last > 0 {
        *fresh = Fresh::new();
    }
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut bodies = Vec::new();
    while let Some(at) = rest.windows(NEXT.len()).position(|window| window == NEXT) {
        bodies.push(&rest[..at]);
        rest = &rest[at + NEXT.len()..];
    }
    bodies.push(rest);
    bodies
}

/// A request of the collector's for the first `size` entries of a log.
fn body(log: &Tree, old: u64, size: u64) -> Vec<u8> {
    let proof = if old == 0 { Vec::new() } else { log.consistency(old, size).expect("a proof") };
    let encode = |hash: &[u8; 32]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, hash) + "\n";
    let text = note_text(&DONE.id(), size, &log.root_at(size).expect("a root"));
    let line = sign(&text, "collector", &lab::signing_key("collector"));
    let proof: String = proof.iter().map(encode).collect();
    format!("old {old}\n{proof}\n{text}\n{line}").into_bytes()
}

/// A log that grows; the same request twice; another log; cosignatures of others.
pub fn seeds() -> Vec<Vec<u8>> {
    let [town, other] = logs();
    let (half, all) = (half(), DONE.entries.len() as u64);
    let text = note_text(&DONE.id(), 3, &town.root_at(3).expect("a root"));
    let cosigned = [body(&town, 0, 3), cosign(&text, NAME, &lab::signing_key(NAME), 7).into_bytes()].concat();
    vec![
        [body(&town, 0, 1), body(&town, 1, half), body(&town, half, all)].join(NEXT),
        [body(&town, 0, half), body(&town, 0, half), body(&town, half, half)].join(NEXT),
        [body(&town, 0, half), body(&other, half, half + 9), body(&town, half, half + 9)].join(NEXT), // both go on from the half
        [body(&other, 0, half + 9), body(&town, half + 9, all)].join(NEXT),
        [cosigned, body(&town, 3, 3)].join(NEXT),
    ]
}

/// How many of an input's requests are cosigned.
pub fn cosigned(bytes: &[u8]) -> usize {
    let fresh = Fresh::new();
    split(bytes).into_iter().filter(|body| matches!(fresh.witness.answer(body), Answer::Cosigned(_))).count()
}
