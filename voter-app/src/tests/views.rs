//! The log as a voter's program sees it, today and the next time.

use super::{Log, manifest, signed};
use crate::memory::Memory;
use crate::view::{self, View};
use ballot::manifest::*;
use board::Source;
use board::tree::{Tree, leaf_hash};
use std::cell::Cell;

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
