//! What the voter's program refuses, against a board and a collector that lie. Spec: 07-casting, VOTER-2 and VOTER-4 to VOTER-6.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use crate::client::{CastReply, LoginReply, ReceiptReply, Status};
use crate::clock::Clock;
use crate::complaint::overdue;
use crate::election::{Election, SignedRoll};
use crate::memory::Memory;
use crate::receipt::{Kept, PromisedBallot, SignedBallot, accept_promise, accept_receipt};
use crate::session::check_line;
use crate::view::{self, View};
use ballot::Hash;
use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::Record;
use ballot::manifest::*;
use ballot::shape::Selection;
use ballot::voter::MarkedBallot;
use ballot::{Context, ElectionKey, Point, RistrettoPoint, Scalar};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::entry::envelope_hash;
use board::roll::{RollLine, pseudonym};
use board::tile::{self, Tile};
use board::tree::{Tree, leaf_hash};
use board::{Entry, Promise, Source, checkpoint};
use ed25519_dalek::SigningKey;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

pub const NOW: u64 = 1_795_000_000;

fn secret(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// An option with this id.
pub fn lettered(id: &str) -> ContestOption {
    ContestOption { group: String::new(), id: id.into(), title: id.to_uppercase() }
}

fn manifest() -> Arc<Manifest> {
    manifest_of(&[Rule::Choose { min: 1, max: 1, blank: true }], &["a", "b"].map(lettered))
}

/// A manifest with a contest for each rule, all with these options.
pub fn manifest_of(rules: &[Rule], options: &[ContestOption]) -> Arc<Manifest> {
    let member = |n: u8, name: &str| Member { key: Hex32(secret(n).verifying_key().to_bytes()), name: name.into() };
    let share = |n: u8| Hex32(RistrettoPoint::mul_base(&Scalar::from(n)).compress().to_bytes());
    let trustee = |n: u8| TrusteeMember { key: member(n, "").key, name: format!("t{n}"), share_key: share(n) };
    let mixed = rules.iter().any(Rule::is_mixed);
    let description = Description {
        board: Board { batch_seconds: 5, batch_smallest: 1 },
        check: CheckWindow { minutes: 30, releases: 3 },
        collector: member(1, "collector"),
        committee: Committee { members: vec![member(2, "kask")], quorum: 1 },
        contests: rules
            .iter()
            .enumerate()
            .map(|(at, rule)| Contest {
                count: if matches!(rule, Rule::Rank { .. }) { Count::InstantRunoff } else { Count::Sum },
                id: ["mayor", "second", "third"][at].into(),
                lists: vec![OptionList { districts: vec!["north".into(), "south".into()], options: options.to_vec() }],
                rule: rule.clone(),
                title: "Mayor".into(),
            })
            .collect(),
        districts: ["north", "south"].map(|id| District { id: id.into(), title: id.into() }).to_vec(),
        eid: Eid::new(vec!["MIIB".into()], Profile::CadesB),
        haal: 1,
        k_min: 1,
        kind: Kind::Practice,
        mixers: Mixers {
            members: if mixed { vec![member(9, "m1"), member(10, "m2")] } else { vec![] },
            required: if mixed { 2 } else { 0 },
        },
        title: "Test".into(),
        trustees: Trustees { members: vec![trustee(3), trustee(4), trustee(5)], override_rules: false, threshold: 2 },
        voting: Span { from: 1, until: 2 },
        witnesses: Witnesses { faulty: 0, members: vec![member(6, "w6"), member(7, "w7"), member(8, "w8")], quorum: 2 },
    };
    Arc::new(Manifest::from_description(&description).unwrap())
}

fn signed(manifest: &Manifest, size: u64, root: &Hash, witnesses: &[u8]) -> String {
    let text = checkpoint::note_text(&manifest.id(), size, root);
    let lines: String = witnesses.iter().map(|w| checkpoint::cosign(&text, &format!("w{w}"), &secret(*w), NOW)).collect();
    format!("{text}\n{}{lines}", checkpoint::sign(&text, "collector", &secret(1)))
}

/// A log in memory, served as the files of a board.
#[derive(Clone, Default)]
struct Log {
    entries: Vec<Vec<u8>>,
    files: HashMap<String, Vec<u8>>,
}

impl Log {
    fn new(manifest: &Manifest, entries: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let entries: Vec<Vec<u8>> = entries.into_iter().collect();
        let tree = Tree::from_leaves(entries.iter().map(|e| leaf_hash(e)));
        let mut files = HashMap::new();
        for tile in Tile::all(tree.len()) {
            let range = (tile.index * tile::WIDTH) as usize..(tile.index * tile::WIDTH + tile.width) as usize;
            let bytes = if tile.level.is_some() { tile.hashes(&tree) } else { tile::bundle(&entries[range]) };
            files.insert(tile.path(), bytes.unwrap());
        }
        files.insert("checkpoint".into(), signed(manifest, tree.len(), &tree.root(), &[6, 7]).into_bytes());
        Self { entries, files }
    }

    fn numbered(manifest: &Manifest, size: u32, flavour: u8) -> Self {
        Self::new(manifest, (0..size).map(|i| [&[flavour; 4][..], &i.to_be_bytes()].concat()))
    }

    fn receipt(&self, manifest: &Manifest, index: u64) -> ReceiptReply {
        let tree = Tree::from_leaves(self.entries.iter().map(|e| leaf_hash(e)));
        ReceiptReply {
            index,
            size: tree.len(),
            path: tree.inclusion(index, tree.len()).unwrap().into_iter().map(Hex32).collect(),
            checkpoint: signed(manifest, tree.len(), &tree.root(), &[6, 8]),
        }
    }
}

impl Source for Log {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }
}

fn election(manifest: &Arc<Manifest>) -> Election {
    let point = |n: u8| Point::from_point(RistrettoPoint::mul_base(&Scalar::from(n))).unwrap();
    let key = ElectionKey::new([9; 32], vec![point(21), point(22), point(23)]);
    Election {
        styles: BallotStyle::all(manifest, &key).unwrap(),
        roll: SignedRoll { entry: 1, root: roll().root(), lines: Some(3) },
        status: Status { phase: "voting".into(), suspended: false, time: NOW },
        clock: Clock::new(NOW, Instant::now()),
        view: view::read(&Log::numbered(manifest, 3, 0), manifest).unwrap(),
        manifest: manifest.clone(),
    }
}

fn cast_ballot(election: &Election) -> ballot::voter::CastBallot {
    let context = Context { voter: [5; 32], number: 1, previous: [0; 32] };
    let marked = MarkedBallot::new(context, vec![Selection(vec![0, 1, 0])]);
    marked.encrypt(&election.styles[0], Seed([6; 32])).unwrap().cast()
}

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

fn roll() -> Tree {
    Tree::from_leaves(lines().map(|l| leaf_hash(&l.to_bytes())))
}

fn blinding(n: u8) -> Hash {
    [n; 32]
}

/// Three voters, in any order: what is tested is the path.
fn lines() -> impl Iterator<Item = RollLine> {
    let id = manifest().id();
    (1..=3u8).map(move |n| RollLine { pseudonym: pseudonym(&id, &blinding(n), &format!("PNOEE-{n}")), district: 1 })
}

/// VOTER-2, E01: the roll line.
#[test]
fn the_roll_line_must_be_the_voters_own() {
    let election = election(&manifest());
    let reply = || LoginReply {
        session: String::new(),
        person_code: "PNOEE-2".into(),
        blinding: Hex32(blinding(2)),
        pseudonym: Hex32(lines().nth(1).unwrap().pseudonym),
        district: 1,
        line: 1,
        lines: 3,
        path: roll().inclusion(1, 3).unwrap().into_iter().map(Hex32).collect(),
        roll: 1,
        number: 1,
        previous: Hex32([0; 32]),
    };
    let judge = |change: &dyn Fn(&mut LoginReply)| {
        let mut reply = reply();
        change(&mut reply);
        check_line(&election, &election.roll, "PNOEE-2", &reply).map_err(|e| e.to_string())
    };
    assert_eq!(judge(&|_| {}), Ok(()));
    assert_eq!(judge(&|r| (r.number, r.previous) = (2, Hex32([1; 32]))), Ok(()));
    let lies: [&dyn Fn(&mut LoginReply); 12] = [
        &|r| r.person_code = "PNOEE-1".into(),
        &|r| r.blinding = Hex32(blinding(1)),
        &|r| r.pseudonym = Hex32(lines().next().unwrap().pseudonym),
        &|r| r.district = 0, // E01: another district than the committee signed
        &|r| r.line = 0,
        &|r| r.lines = 4,
        &|r| r.lines = 0,
        &|r| r.path.truncate(r.path.len() - 1),
        &|r| r.path[0] = Hex32([0; 32]),
        &|r| r.roll = 2,
        &|r| r.number = 0,
        &|r| r.previous = Hex32([1; 32]),
    ];
    for (i, lie) in lies.iter().enumerate() {
        assert!(judge(lie).unwrap_err().starts_with("VOTER-2"), "lie {i}");
    }
}

/// A reply of which one byte is another is refused, or says what the honest one says: nothing that the voter relies on can change.
#[test]
fn no_changed_reply_is_believed() {
    fn each_change(honest: &serde_json::Value, mut judge: impl FnMut(&str) -> Option<String>) {
        let text = honest.to_string();
        let said = judge(&text).expect("the honest reply is taken");
        for at in 0..text.len() {
            for change in [0x01u8, 0x02, 0x10, 0x20] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= change;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(judge(&changed).is_none_or(|now| now == said), "byte {at}: {changed}");
            }
            assert!(text.get(..at).and_then(&mut judge).is_none(), "cut at {at}");
        }
    }
    let manifest = manifest();
    let election = election(&manifest);
    let promise = Promise::new(manifest.id(), [4; 32], NOW + 9, &secret(1));
    each_change(&serde_json::json!({ "promise": STANDARD.encode(promise.to_bytes()), "salt": null }), |text| {
        let reply: CastReply = serde_json::from_str(text).ok()?;
        accept_promise(&election, &[4; 32], &reply).ok().map(|promise| promise.deadline.to_string())
    });
    let log = Log::numbered(&manifest, 9, 0);
    let leaf = leaf_hash(&log.entries[7]);
    each_change(&serde_json::to_value(log.receipt(&manifest, 7)).unwrap(), |text| {
        let reply: ReceiptReply = serde_json::from_str(text).ok()?;
        let found = accept_receipt(&manifest, &leaf, &reply).ok()?;
        Some(format!("{} of {} {:?}", found.index, found.checkpoint.size, found.checkpoint.root))
    });
    let line = lines().nth(1).unwrap();
    let hexes = |hashes: Vec<Hash>| hashes.into_iter().map(hex::encode).collect::<Vec<_>>();
    let honest = serde_json::json!({
        "session": "", "person_code": "PNOEE-2", "blinding": hex::encode(blinding(2)), "pseudonym": hex::encode(line.pseudonym),
        "district": 1, "line": 1, "lines": 3, "path": hexes(roll().inclusion(1, 3).unwrap()), "roll": 1, "number": 1,
        "previous": "00".repeat(32),
    });
    each_change(&honest, |text| {
        let reply: LoginReply = serde_json::from_str(text).ok()?;
        check_line(&election, &election.roll, "PNOEE-2", &reply).ok()?;
        Some(format!("{} {:?} {:?} {}", reply.person_code, reply.pseudonym, reply.path, reply.district))
    });
}

/// A view gives every entry and every earlier root, and nothing that its checkpoint does not say.
#[test]
fn a_view_is_compared_with_its_checkpoint() {
    let manifest = manifest();
    for size in [1, 255, 256, 257, 600, 1024] {
        let log = Log::numbered(&manifest, size, 0);
        let view = view::read(&log, &manifest).unwrap();
        let read: Vec<Vec<u8>> = (0..view.bundles()).flat_map(|i| view.bundle(&log, i).unwrap()).collect();
        assert_eq!(read, log.entries);
        let tree = Tree::from_leaves(log.entries.iter().map(|e| leaf_hash(e)));
        for earlier in 0..=u64::from(size) {
            assert_eq!(view.root_at(&log, earlier).unwrap(), tree.root_at(earlier));
        }
        assert_eq!(view.root_at(&log, u64::from(size) + 1).unwrap(), None);
    }
    let log = Log::numbered(&manifest, 600, 0);
    for path in log.files.keys().filter(|p| *p != "checkpoint") {
        let mut spoiled = log.clone();
        *spoiled.files.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
        let fails = |view: &View| {
            (0..view.bundles()).any(|i| view.bundle(&spoiled, i).is_err()) || (0..600).any(|s| view.root_at(&spoiled, s).is_err())
        };
        assert!(view::read(&spoiled, &manifest).map_or(true, |view| fails(&view)), "{path}");
    }
}

/// A checkpoint without a quorum is waited for, and refused in the end.
#[test]
fn a_view_needs_a_quorum() {
    struct Late<'a>(&'a Log, &'a Manifest, Cell<u32>);
    impl Source for Late<'_> {
        fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
            if path == "checkpoint" {
                self.2.set(self.2.get() + 1);
                let root = Tree::from_leaves(self.0.entries.iter().map(|e| leaf_hash(e))).root();
                let witnesses: &[u8] = if self.2.get() < 3 { &[7] } else { &[7, 8] };
                return Ok(Some(signed(self.1, self.0.entries.len() as u64, &root, witnesses).into_bytes()));
            }
            self.0.read(path)
        }
    }
    let manifest = manifest();
    let log = Log::numbered(&manifest, 5, 0);
    let late = Late(&log, &manifest, Cell::new(0));
    assert_eq!(view::read(&late, &manifest).unwrap().checkpoint.witnesses.len(), 2);
    assert_eq!(late.2.get(), 3);
}

/// VOTER-6, E08: rollback and fork are refused across runs, and both heads are kept.
#[test]
fn the_log_must_continue() {
    let manifest = manifest();
    let folder = tempfile::tempdir().unwrap();
    let see = |log: &Log| {
        let mut memory = Memory::open(folder.path(), &manifest.id()).unwrap(); // a new run
        memory.see(&view::read(log, &manifest).unwrap(), log).map_err(|e| e.to_string())
    };
    let grown = |size| Log::numbered(&manifest, size, 0);
    let forked = {
        let mut entries = grown(700).entries;
        entries[299] = b"another".to_vec();
        Log::new(&manifest, entries)
    };
    for size in [100, 100, 256, 300, 300] {
        assert_eq!(see(&grown(size)), Ok(()));
    }
    assert!(see(&forked).unwrap_err().starts_with("VOTER-6"));
    let evidence = std::fs::read_to_string(folder.path().join(hex::encode(manifest.id())).join("fork.txt")).unwrap();
    assert!(evidence.contains("\n300\n") && evidence.contains("\n700\n"));
    assert!(see(&grown(299)).unwrap_err().starts_with("VOTER-6"));
    assert!(see(&Log::numbered(&manifest, 300, 1)).unwrap_err().starts_with("VOTER-6"));
    assert_eq!(see(&grown(700)), Ok(()), "the honest log is still accepted");
}

/// The installation's secret is made once, and is its owner's alone.
#[test]
fn the_installation_has_one_secret() {
    let folder = tempfile::tempdir().unwrap();
    let id = manifest().id();
    let secret = || *Memory::open(folder.path(), &id).unwrap().secret();
    let first = secret();
    assert_eq!(first, secret());
    assert_ne!(first, *Memory::passing().unwrap().secret());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path().join("installation.secret")), 0o600);
        assert_eq!(mode(folder.path().join(hex::encode(id))), 0o700);
    }
    std::fs::write(folder.path().join("installation.secret"), b"short").unwrap();
    assert!(Memory::open(folder.path(), &id).is_err());
}
