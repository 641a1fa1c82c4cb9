//! What the voter's program refuses, against a board and a collector that lie. Spec: 07-casting, VOTER-2 and VOTER-4 to VOTER-6.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod lines;
mod promises;
mod views;

use crate::client::{CastReply, LoginReply, ReceiptReply, Status};
use crate::clock::Clock;
use crate::election::{Election, SignedRoll};
use crate::memory::Memory;
use crate::receipt::{accept_promise, accept_receipt};
use crate::session::check_line;
use crate::view;
use ballot::Hash;
use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::Record;
use ballot::manifest::*;
use ballot::shape::Selection;
use ballot::voter::MarkedBallot;
use ballot::{Context, ElectionKey, Point, RistrettoPoint, Scalar};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::tile::{self, Tile};
use board::tree::{Tree, leaf_hash};
use board::{Promise, Source, checkpoint};
use ed25519_dalek::SigningKey;
use lines::{blinding, lines, roll};
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
