//! What the collector writes: entries, lists, promises, checkpoints, tiles, and proofs about trees. Specs: 03-manifest, 07-casting, 08-board.

use super::agree;
use super::choices::Choices;
use super::town::{DONE, MANIFEST};
use ballot::Hash;
use ballot::encode::Record;
use board::changes::{Act, ChangeSet, Rolls};
use board::checkpoint::Checkpoint;
use board::roll::{AnnulmentList, ReinstatementList, Roll, RollLine};
use board::tile::{self, Tile};
use board::tree::{self, Tree};
use board::{Entry, OrderKind, Promise};
use std::collections::HashSet;
use std::sync::LazyLock;
use verifier::bytes::Fault;
use verifier::checks::changes::{self, Amend};

/// ENTRY-2. Ballots in it are looked at up to their head only.
pub fn entry(bytes: &[u8]) {
    let ours = Entry::from_bytes(bytes);
    let verifiers = verifier::entry::decode(bytes, &|district| MANIFEST.ballot_length(district));
    agree("entry", &ours, &verifiers);
    if let Ok(ours) = ours {
        assert_eq!(ours.to_bytes(), bytes, "ENTRY-2");
    }
}

/// Every entry of the town.
pub fn entry_seeds() -> Vec<Vec<u8>> {
    let mut seeds = DONE.entries.clone();
    seeds.sort_by_key(|entry| (entry[0], entry.get(5..7).map(<[u8]>::to_vec), entry.len()));
    seeds.dedup_by_key(|entry| (entry[0], entry.len()));
    seeds.push(Entry::Closing { counted: [1; 32], root: [2; 32] }.to_bytes());
    seeds
}

/// Rolls, change sets of the town's roll, annulment and reinstatement lists, promises.
pub fn lists(bytes: &[u8]) {
    let roll = Roll::from_bytes(bytes);
    if let Ok(roll) = &roll {
        assert_eq!(roll.to_bytes(), bytes);
    }
    let root = roll.as_ref().map_or([0; 32], |roll| roll.tree().root());
    let here = |roll: &Roll| roll.lines().iter().all(|line| usize::from(line.district) < MANIFEST.districts.len());
    let roll = roll.ok().filter(here).ok_or("not a roll of the town");
    agree("roll", &roll, &unless(verifier::checks::roll::read(bytes, &MANIFEST, &root).1));

    let list = AnnulmentList::from_bytes(bytes);
    if let Ok(list) = &list {
        assert_eq!(list.to_bytes(), bytes);
    }
    let on_it: Vec<_> = list.iter().flat_map(AnnulmentList::lines).map(|line| line.0).collect();
    let line = |pseudonym: &Hash| verifier::counted::Line { pseudonym: *pseudonym, district: 0 };
    let lines: Vec<_> = on_it.iter().map(line).collect();
    let (_, faults) = verifier::checks::annulments::read(bytes, &lines, lines.len() as u64, &HashSet::new());
    agree("annulments", &list, &unless(faults));

    let list = ReinstatementList::from_bytes(bytes);
    if let Ok(list) = &list {
        assert_eq!(list.to_bytes(), bytes);
    }
    let on_it: HashSet<_> = list.iter().flat_map(ReinstatementList::lines).copied().collect();
    let (_, faults) = verifier::checks::annulments::read_back(bytes, on_it.len() as u64, &on_it);
    agree("reinstatements", &list, &unless(faults));
    change_set(bytes);

    if let Ok(promise) = Promise::from_bytes(bytes) {
        assert_eq!(promise.to_bytes(), bytes);
        let _ = promise.verify(&DONE.manifest.description().collector.key.0);
    }
}

static ROLLS: LazyLock<Rolls> = LazyLock::new(|| Rolls::new(Roll::new(DONE.lines.clone()).expect("nobody twice"), 1));
static THEIRS: LazyLock<verifier::rolls::Rolls> = LazyLock::new(|| {
    let line = |line: &RollLine| verifier::counted::Line { pseudonym: line.pseudonym, district: line.district };
    verifier::rolls::Rolls::new(1, DONE.lines.iter().map(line).collect())
});

/// ROLL-5 and ROLL-6: the same sets fit the town's roll, and give the same roll.
fn change_set(bytes: &[u8]) {
    let set = ChangeSet::from_bytes(bytes);
    if let Ok(set) = &set {
        assert_eq!(set.to_bytes(), bytes);
    }
    let (mut ours, mut theirs) = (ROLLS.clone(), THEIRS.clone());
    let given = set.ok().and_then(|set| ours.change(&set, MANIFEST.districts.len()).ok());
    let root = given.map_or([0; 32], |roll| roll.tree().root());
    let taken = ours.amend(bytes, (1, &root), 2, MANIFEST.districts.len());
    let (_, faults) = changes::amend(&mut theirs, &MANIFEST, bytes, Amend { entry: 2, value: 1, root: &root });
    agree("change set", &taken, &unless(faults));
    let lines = |roll: &Roll| roll.lines().iter().map(|line| (line.pseudonym, line.district)).collect::<Vec<_>>();
    assert_eq!(lines(ours.now()), theirs.now().iter().map(|line| (line.pseudonym, line.district)).collect::<Vec<_>>(), "ROLL-6");
    assert_eq!(lines(&ours.whole()), theirs.whole().iter().map(|line| (line.pseudonym, line.district)).collect::<Vec<_>>(), "whole roll");
}

fn unless(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The town's roll and list, a change set, a list that takes annulments back, and a promise.
pub fn list_seeds() -> Vec<Vec<u8>> {
    let of = |kind| DONE.orders_of(kind).into_iter().map(|at| DONE.blobs[&DONE.blob_of(at)].clone());
    let promise = Promise::new(DONE.id(), [5; 32], 1234, &crate::lab::signing_key("collector")).to_bytes();
    let changes = vec![DONE.change(4, Act::Moved, 2), DONE.change(7, Act::Removed, 1), DONE.change(20, Act::Added, 0)];
    let set = ChangeSet::new(changes).expect("nobody twice").to_bytes();
    let back = ReinstatementList::new(vec![DONE.voter(3), DONE.voter(4)]).expect("nobody twice").to_bytes();
    of(OrderKind::Roll).chain(of(OrderKind::Annul)).chain([set, back, promise]).collect()
}

/// LOG-1 to LOG-6, as under a live log.
pub fn checkpoint(bytes: &[u8]) {
    let check = verifier::checks::log::judge(bytes, &MANIFEST, false);
    let verifiers = if check.passed() { Ok(()) } else { Err(check.failures) };
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string());
    let ours = text.and_then(|text| {
        let checkpoint = Checkpoint::verify(text, &DONE.manifest).map_err(|e| e.to_string())?;
        checkpoint.require_quorum(&DONE.manifest).map_err(|e| e.to_string())?;
        Ok(checkpoint)
    });
    agree("checkpoint", &ours, &verifiers);
    if let (Ok(ours), Ok(verifiers)) = (&ours, verifier::checkpoint::parse(bytes)) {
        assert_eq!((ours.size, ours.root), (verifiers.size, verifiers.root));
    }
}

/// The town's checkpoint, and the same with more lines.
pub fn checkpoint_seeds() -> Vec<Vec<u8>> {
    let text = DONE.checkpoint();
    let twice = format!("{text}{}", text.lines().last().expect("a line"));
    vec![text.clone().into_bytes(), twice.clone().into_bytes(), format!("{twice}\n").into_bytes()]
}

/// Bundles, the first two bytes the number of entries; and paths of tiles.
pub fn tiles(bytes: &[u8]) {
    if let Some((width, bundle)) = bytes.split_first_chunk::<2>() {
        let width = u64::from(u16::from_be_bytes(*width));
        let ours = tile::unbundle(bundle, width).ok_or("refused");
        let verifiers = verifier::tiles::entries(bundle, width);
        agree("bundle", &ours, &verifiers);
        if let (Ok(ours), Ok(verifiers)) = (&ours, &verifiers) {
            assert_eq!(ours, verifiers);
            assert_eq!(tile::bundle(ours).as_deref(), Some(bundle));
        }
    }
    if let Ok(path) = std::str::from_utf8(bytes)
        && let Some((level, index, width)) = verifier::tiles::parse(path)
    {
        assert_eq!(Tile { level, index, width }.path(), path);
    }
}

/// The town's bundle, and paths.
pub fn tile_seeds() -> Vec<Vec<u8>> {
    let some = &DONE.entries[..3];
    let bundle = tile::bundle(some).expect("short entries");
    let path = |level, index, width| Tile { level, index, width }.path().into_bytes();
    vec![[&[0, 3], bundle.as_slice()].concat(), path(None, 67, 5), path(Some(1), 1_234_067, 256), vec![0, 0]]
}

/// An honest proof about a tree of up to 300 leaves, changed as the bytes say; and any other proof.
pub fn trees(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut size = choices.below(300) as u64;
    let tree = Tree::from_leaves((0..size).map(|i| tree::leaf_hash(&i.to_be_bytes())));
    let mut root = tree.root();
    let mut index = choices.below(300) as u64;
    let mut leaf = tree::leaf_hash(&index.to_be_bytes());
    let mut path = tree.inclusion(index, size).unwrap_or_default();
    let mut old = choices.below(300) as u64;
    let mut old_root = tree.root_at(old).unwrap_or_else(tree::empty_root);
    let mut proof = tree.consistency(old, size).unwrap_or_default();
    let honest = (path.clone(), proof.clone(), (index, old, size));
    let is_leaf = index < size;
    while !choices.is_over() {
        let at = choices.below(16);
        match choices.below(12) {
            0 => size = size.wrapping_add(1 << choices.below(64)),
            1 => index = index.wrapping_sub(1 << choices.below(64)),
            2 => old = old.wrapping_add(1 << choices.below(64)),
            3 => leaf[0] ^= choices.byte(),
            4 => old_root[0] ^= choices.byte(),
            5 => root[0] ^= choices.byte(),
            6 => path.truncate(at),
            7 => proof.truncate(at),
            8 => path.push(root),
            9 => proof.push(old_root),
            10 if at < path.len() => path[at] = root,
            _ if at < proof.len() => proof[at] = leaf,
            _ => {}
        }
    }
    let ours = tree::verify_inclusion(&leaf, index, size, &path, &root);
    assert_eq!(ours.is_ok(), verifier::tree::included(&leaf, index, size, &path, &root), "inclusion of {index} in {size}");
    if ours.is_ok() && root == tree.root() && size == honest.2.2 {
        assert!(is_leaf && index < size && leaf == tree::leaf_hash(&index.to_be_bytes()), "a leaf that is not there");
    }
    let ours = tree::verify_consistency(old, &old_root, size, &root, &proof);
    assert_eq!(ours.is_ok(), verifier::tree::consistent(old, &old_root, size, &root, &proof), "{old} to {size}");
    if ours.is_ok() && root == tree.root() && size == honest.2.2 && old > 0 {
        assert_eq!(Some(old_root), tree.root_at(old), "a history that is not there");
    }
}

/// Sizes, indices, and some changes.
pub fn tree_seeds() -> Vec<Vec<u8>> {
    let head = |size: u32, index: u32, old: u32| [size, index, old].iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let heads = [head(0, 0, 0), head(1, 0, 1), head(257, 256, 256), head(299, 17, 128), head(200, 199, 131)];
    heads.iter().flat_map(|h| [h.clone(), [h.as_slice(), &[2, 6, 1, 8, 3, 10]].concat()]).collect()
}
