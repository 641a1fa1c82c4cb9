//! What the copy says about smaller logs, and in which order it reaches the disk.

use super::*;
use crate::manifest::Manifest;
use crate::watch::disk::trace;

fn open(folder: &Path) -> Copy {
    let vectors = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/vectors/03-manifest.json"));
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let text = vectors["cases"][0]["manifest"].as_str().unwrap().to_owned();
    Copy::open(folder, Manifest::read(text.as_bytes()).unwrap(), text, HashSet::new()).unwrap()
}

#[test]
fn the_root_of_every_smaller_log_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut copy = open(folder.path());
    assert_eq!((copy.root_at(0), copy.root_at(1)), (Some(tree::root_of(&[])), None));
    let leaves: Vec<Hash> = (0..70_000u32).map(|number| tree::leaf(&number.to_be_bytes())).collect();
    leaves.iter().for_each(|leaf| copy.push(*leaf));
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 65_793, 69_999, 70_000] {
        assert_eq!(copy.root_at(size), Some(tree::root_of(&leaves[..size as usize])), "{size}");
    }
    assert_eq!((copy.root_at(70_001), copy.root_at(u64::MAX)), (None, None));
}

#[test]
fn data_then_folders_then_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut copy = open(folder.path());
    trace::take();
    copy.put("blob/ab", b"blob").unwrap();
    copy.put("tile/entries/000.p/1", b"entry").unwrap();
    copy.put_checkpoint("text", &Head { size: 1, root: [0; 32], witnesses: Vec::new() }).unwrap();
    let steps = trace::take();
    let at = |step: &str| steps.iter().position(|done| done == step).unwrap_or_else(|| panic!("{step} of {steps:?}"));
    let checkpoint = at("rename checkpoint");
    assert_eq!(steps[checkpoint - 1], "write file");
    for (file, folders) in [("ab", &["blob", "record"][..]), ("1", &["000.p", "entries", "tile", "record"])] {
        let named = at(&format!("rename {file}"));
        assert_eq!(steps[named - 1], "write file", "its bytes before its name");
        for folder in folders {
            assert!((named..checkpoint).contains(&at(&format!("sync {folder}"))), "{folder} of {steps:?}");
        }
    }
    assert_eq!(steps.last().unwrap(), "sync record", "and the checkpoint's own name");
}
