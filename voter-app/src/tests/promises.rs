//! Promises and receipts: what is believed, and what becomes a complaint.

use super::{Log, NOW, cast_ballot, election, manifest, secret, signed};
use crate::client::{CastReply, ReceiptReply};
use crate::complaint::overdue;
use crate::election::Election;
use crate::memory::Memory;
use crate::receipt::{Kept, PromisedBallot, SignedBallot, accept_promise, accept_receipt};
use crate::view;
use ballot::Hash;
use ballot::encode::Record;
use ballot::manifest::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::entry::envelope_hash;
use board::tree::{Tree, leaf_hash};
use board::{Entry, Promise};

/// VOTER-4: the promise.
#[test]
fn promises_must_be_the_collectors_and_for_this_ballot() {
    let manifest = manifest();
    let election = election(&manifest);
    let hash = [4; 32];
    let limit = NOW + 2 * 5 + 60;
    let judge = |id: Hash, ballot: Hash, deadline: u64, key: u8| {
        let promise = Promise::new(id, ballot, deadline, &secret(key));
        let reply = CastReply { promise: STANDARD.encode(promise.to_bytes()), salt: None };
        accept_promise(&election, &hash, &reply).map(drop).map_err(|e| e.to_string())
    };
    let refused = |got: Result<(), String>, words: &str| assert!(got.unwrap_err().contains(words), "{words}");
    assert_eq!(judge(manifest.id(), hash, limit, 1), Ok(()));
    assert_eq!(judge(manifest.id(), hash, 0, 1), Ok(()), "an old promise again (CAST-3)");
    refused(judge(manifest.id(), [5; 32], limit, 1), "VOTER-4: the promise is for another ballot");
    refused(judge([0; 32], hash, limit, 1), "VOTER-4: the promise is for another ballot");
    refused(judge(manifest.id(), hash, limit, 2), "VOTER-4: the promise is not signed");
    refused(judge(manifest.id(), hash, limit + 10, 1), "VOTER-4: the promise allows more time");
    refused(judge(manifest.id(), hash, u64::MAX, 1), "VOTER-4: the promise allows more time");
    for promise in ["", "!", "AAAA"] {
        let reply = CastReply { promise: promise.into(), salt: None };
        refused(accept_promise(&election, &hash, &reply).map(drop).map_err(|e| e.to_string()), "VOTER-4: the promise cannot be read");
    }
}

/// VOTER-5, D06: the receipt.
#[test]
fn receipts_must_prove_this_ballot_under_a_quorum() {
    let manifest = manifest();
    let log = Log::numbered(&manifest, 300, 0);
    let leaf = leaf_hash(&log.entries[77]);
    let good = log.receipt(&manifest, 77);
    assert_eq!(accept_receipt(&manifest, &leaf, &good).unwrap().index, 77);
    let root = Tree::from_leaves(log.entries.iter().map(|e| leaf_hash(e))).root();
    let with = |change: &dyn Fn(&mut ReceiptReply)| {
        let mut reply = good.clone();
        change(&mut reply);
        reply
    };
    let wrong = [
        log.receipt(&manifest, 78), // another ballot's
        with(&|r| r.index = 78),
        with(&|r| r.index = u64::MAX),
        with(&|r| r.size = 299),
        with(&|r| r.size = 0),
        with(&|r| r.path.truncate(r.path.len() - 1)),
        with(&|r| r.path[0] = Hex32([0; 32])),
        with(&|r| r.path.push(Hex32([0; 32]))),
        with(&|r| r.checkpoint = signed(&manifest, 300, &root, &[])),
        with(&|r| r.checkpoint = signed(&manifest, 300, &root, &[6])),
        with(&|r| r.checkpoint = signed(&manifest, 300, &root, &[6, 6])),
        with(&|r| r.checkpoint = signed(&manifest, 300, &root, &[7, 6])),
        with(&|r| r.checkpoint = signed(&manifest, 300, &root, &[6, 5])),
        with(&|r| r.checkpoint = signed(&manifest, 301, &root, &[6, 7])),
        with(&|r| r.checkpoint = signed(&manifest, 300, &[0; 32], &[6, 7])),
        with(&|r| r.checkpoint = r.checkpoint.replacen("\n300\n", "\n0300\n", 1)),
        with(&|r| r.checkpoint.clear()),
    ];
    for (i, reply) in wrong.iter().enumerate() {
        let said = accept_receipt(&manifest, &leaf, reply).unwrap_err().to_string();
        assert!(said.starts_with("VOTER-5"), "{i}: {said}");
    }
}

/// The leaf of a kept ballot binds container and salt; what is kept holds neither seed nor choice.
#[test]
fn a_kept_ballot_is_its_leaf_and_no_more() {
    let election = election(&manifest());
    let cast = cast_ballot(&election);
    let signed = SignedBallot::from_parts(&cast, b"container".to_vec());
    let mut kept = Kept::signed(&signed);
    assert!(kept.to_promised().is_none());
    let promise = Promise::new(election.id(), kept.hash(), NOW, &secret(1));
    (kept.salt, kept.promise) = (Some(Hex32([3; 32])), Some(STANDARD.encode(promise.to_bytes())));
    let entry = Entry::Ballot { envelope: envelope_hash(&[3; 32], b"container"), ballot: cast.ballot().bytes().to_vec() };
    assert_eq!(kept.to_promised().unwrap().leaf, leaf_hash(&entry.to_bytes()));
    assert_eq!((kept.hash(), kept.voter(), kept.number()), (cast.ballot().hash(), [5; 32], 1));
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.contains("seed") && !text.contains(&STANDARD.encode([6; 32])) && !text.contains(&hex::encode([6; 32])));

    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::open(folder.path(), &election.id()).unwrap();
    memory.keep(&kept).unwrap();
    assert_eq!(memory.kept().unwrap().len(), 1);
    assert_eq!(memory.kept().unwrap()[0].hash(), kept.hash());
    memory.forget(&kept.hash());
    assert!(memory.kept().unwrap().is_empty());
}

/// A promised ballot in a state folder, as after `cast --no-wait`.
fn promised(election: &Election, folder: &std::path::Path) -> (Memory, Kept, PromisedBallot) {
    let memory = Memory::open(folder, &election.id()).unwrap();
    let mut kept = Kept::signed(&SignedBallot::from_parts(&cast_ballot(election), b"container".to_vec()));
    let promise = Promise::new(election.id(), kept.hash(), NOW, &secret(1));
    (kept.salt, kept.promise) = (Some(Hex32([3; 32])), Some(STANDARD.encode(promise.to_bytes())));
    memory.keep(&kept).unwrap();
    let promised = kept.to_promised().unwrap();
    (memory, kept, promised)
}

fn complaint_of(election: &Election, folder: &std::path::Path, ballot: &Hash) -> Option<serde_json::Value> {
    let file = folder.join(hex::encode(election.id())).join(format!("{}.complaint.json", hex::encode(ballot)));
    Some(serde_json::from_slice(&std::fs::read(file).ok()?).unwrap())
}

/// E07, 14-questions: an overdue promise becomes a file that convicts the collector by its own signature, with exactly the page's fields.
#[test]
fn an_overdue_promise_becomes_a_complaint() {
    let manifest = manifest();
    let election = election(&manifest);
    let folder = tempfile::tempdir().unwrap();
    let (mut memory, kept, promise) = promised(&election, folder.path());
    let log = Log::numbered(&manifest, 9, 0);
    memory.see(&view::read(&log, &manifest).unwrap(), &log).unwrap();
    let said = overdue(&promise.promise, &memory).to_string();
    assert!(said.contains(".complaint.json") && said.contains("2026-11-18 11:06:40 UTC"), "{said}");
    let complaint = complaint_of(&election, folder.path(), &kept.hash()).unwrap();
    let written = Promise::from_bytes(&STANDARD.decode(complaint["promise"].as_str().unwrap()).unwrap()).unwrap();
    written.verify(election.collector_key()).unwrap();
    assert_eq!((written.ballot, written.deadline), (kept.hash(), NOW));
    let expected = serde_json::json!({
        "haal": 1, "kind": "complaint", "election": hex::encode(election.id()), "ballot_hash": hex::encode(kept.hash()), "deadline": NOW,
        "promise": kept.promise, "ballot": kept.ballot, "container": kept.container, "salt": hex::encode([3; 32]),
        "checkpoint": String::from_utf8(log.files["checkpoint"].clone()).unwrap(), "receipt": null,
    });
    assert_eq!(complaint, expected);

    // Of a ballot that is not kept here, such as a challenged one, there is the promise alone.
    let other = Promise::new(election.id(), [8; 32], NOW, &secret(1));
    overdue(&other, &memory);
    let complaint = complaint_of(&election, folder.path(), &[8; 32]).unwrap();
    assert!(["ballot", "container", "salt", "receipt"].iter().all(|field| complaint[field].is_null()));
    assert_eq!(complaint.as_object().unwrap().len(), expected.as_object().unwrap().len());
}

/// VOTER-5, VOTER-6: a receipt that does not hold, or that is about another log than the board, becomes a complaint with the receipt.
#[test]
fn a_receipt_that_does_not_fit_becomes_a_complaint() {
    let manifest = manifest();
    let election = election(&manifest);
    let log_with = |leaf: &[u8], flavour: u8| {
        let mut entries = Log::numbered(&manifest, 12, flavour).entries;
        entries[4] = leaf.to_vec();
        Log::new(&manifest, entries)
    };
    // What the board shows, which log the receipt is from, whether the receipt's path is spoiled, and the rule.
    let cases = [(0, 0, false, None), (0, 0, true, Some("VOTER-5")), (1, 0, false, Some("VOTER-6")), (0, 1, false, Some("VOTER-6"))];
    for (board, receipt, spoiled, rule) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (mut memory, kept, promise) = promised(&election, folder.path());
        let entry = Entry::Ballot { envelope: envelope_hash(&[3; 32], b"container"), ballot: STANDARD.decode(&kept.ballot).unwrap() };
        let (board, from) = (log_with(&entry.to_bytes(), board), log_with(&entry.to_bytes(), receipt));
        let mut reply = from.receipt(&manifest, 4);
        if spoiled {
            reply.path[0] = Hex32([0; 32]);
        }
        let judged = promise.judge(&manifest, &board, &mut memory, &reply);
        let complaint = complaint_of(&election, folder.path(), &kept.hash());
        let Some(rule) = rule else {
            assert_eq!(judged.unwrap().index, 4);
            assert!(complaint.is_none());
            continue;
        };
        let said = judged.unwrap_err().to_string();
        assert!(said.starts_with(rule) && said.contains(".complaint.json"), "{said}");
        let path: Vec<String> = reply.path.iter().map(|h| hex::encode(h.0)).collect();
        let expected = serde_json::json!({ "index": 4, "path": path, "checkpoint": reply.checkpoint });
        assert_eq!(complaint.unwrap()["receipt"], expected);
    }
    // The board forks from what was seen before: the receipt and the earlier checkpoint go along.
    let folder = tempfile::tempdir().unwrap();
    let (mut memory, kept, promise) = promised(&election, folder.path());
    let entry = Entry::Ballot { envelope: envelope_hash(&[3; 32], b"container"), ballot: STANDARD.decode(&kept.ballot).unwrap() };
    let (before, now) = (Log::numbered(&manifest, 9, 1), log_with(&entry.to_bytes(), 0));
    memory.see(&view::read(&before, &manifest).unwrap(), &before).unwrap();
    let said = promise.judge(&manifest, &now, &mut memory, &now.receipt(&manifest, 4)).unwrap_err().to_string();
    assert!(said.starts_with("VOTER-6"), "{said}");
    let complaint = complaint_of(&election, folder.path(), &kept.hash()).unwrap();
    assert_eq!(complaint["checkpoint"], String::from_utf8(before.files["checkpoint"].clone()).unwrap());
    assert_eq!(complaint["receipt"]["index"], 4);
    // A board that is only behind is no fault.
    let folder = tempfile::tempdir().unwrap();
    let (mut memory, kept, promise) = promised(&election, folder.path());
    let mut shorter = now.entries.clone();
    shorter.truncate(8);
    let failure = promise.judge(&manifest, &Log::new(&manifest, shorter), &mut memory, &now.receipt(&manifest, 4)).unwrap_err();
    assert_eq!(failure.kind, crate::failure::Kind::Passing);
    assert!(complaint_of(&election, folder.path(), &kept.hash()).is_none());
}
