//! `verifier check` on a record whose files somebody changed who has no key. Spec: 11-record, REC.

use super::choices::Choices;
use super::town::DONE;
use ballot::encode::sha256;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use verifier::report::{Report, Verdict};
use verifier::run::{Options, check};

type Files = BTreeMap<String, Vec<u8>>;

static HONEST: LazyLock<Files> = LazyLock::new(|| DONE.record());

/// It passes exactly if no byte differs; otherwise it fails, and says so without a panic.
pub fn run(bytes: &[u8]) {
    let mut files = HONEST.clone();
    let mut extra = Vec::new();
    let mut choices = Choices::new(bytes);
    for _ in 0..16 {
        if choices.is_over() {
            break;
        }
        change(&mut files, &mut extra, &mut choices);
    }
    let folder = folder();
    write(&files, folder.path()).expect("a folder to write into");
    for (path, what) in &extra {
        add(&folder.path().join(path), *what);
    }
    let same = files == *HONEST && extra.is_empty();
    let report = verify(folder.path(), &DONE.id());
    if same {
        assert_eq!(report.verdict, Verdict::Passed, "{}", report.text());
    } else {
        assert!(matches!(report.verdict, Verdict::Failed | Verdict::Unreadable), "{:?} for {bytes:?}", report.verdict);
    }
}

/// A folder in memory, where there is one.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

/// Writes files.
pub fn write(files: &Files, folder: &Path) -> std::io::Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("in the folder"))?;
        // Two names may want one place as file and as folder; the first stays, and the record is broken either way.
        if !path.is_dir() {
            std::fs::write(path, bytes)?;
        }
    }
    Ok(())
}

/// The report, which can be written in both forms.
pub fn verify(folder: &Path, election: &[u8; 32]) -> Report {
    let options = Options { election: Some(*election), threads: 1, ..Options::default() };
    let report = check(folder.to_str().expect("a path"), &options);
    assert!(!report.text().is_empty() && serde_json::from_str::<serde_json::Value>(&report.json()).is_ok());
    report
}

/// One change of a list of bytes.
pub fn edit(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let at = choices.below(bytes.len() + 1);
    match choices.below(8) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << choices.below(8),
        2 if at < bytes.len() => bytes[at] = choices.byte(),
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..(at + 1 + choices.below(64)).min(bytes.len()).max(at))),
        5 => {
            let length = choices.below(64);
            let new = choices.bytes(length).to_vec();
            bytes.splice(at..at, new);
        }
        6 => {
            let part = bytes[at..(at + choices.below(128)).min(bytes.len())].to_vec();
            let to = choices.below(bytes.len() + 1);
            bytes.splice(to..to, part);
        }
        _ => bytes.push(choices.byte()),
    }
}

/// One change of the record.
fn change(files: &mut Files, extra: &mut Vec<(String, u8)>, choices: &mut Choices<'_>) {
    let names: Vec<String> = files.keys().cloned().collect();
    let (what, at, other) = (choices.below(10), choices.below(names.len()), choices.below(names.len()));
    let (Some(name), Some(second)) = (names.get(at), names.get(other)) else { return };
    match what {
        0..=3 => edit(files.get_mut(name).expect("a file"), choices),
        4 => drop(files.remove(name)),
        5 => {
            let (a, b) = (files[name].clone(), files[second].clone());
            files.insert(name.clone(), b);
            files.insert(second.clone(), a);
        }
        6 => drop(files.insert(name.clone(), files[second].clone())),
        7 => {
            // The name fits the bytes, and nothing calls for them.
            let mut blob = files[name].clone();
            edit(&mut blob, choices);
            files.insert(format!("blob/{}", hex::encode(sha256(&blob))), blob);
        }
        8 => {
            let (level, width) = (["0", "1", "entries"][choices.below(3)], choices.below(300));
            let length = choices.below(256);
            files.entry(format!("tile/{level}/000.p/{width}")).or_insert_with(|| choices.bytes(length).to_vec());
        }
        _ => extra.push((["extra", "blob/extra", "tile/extra", "tile/0/x001"][choices.below(4)].to_owned(), choices.byte())),
    }
}

fn add(path: &Path, what: u8) {
    let _ = match what % 3 {
        0 => std::fs::create_dir_all(path),
        1 => std::fs::write(path, b"extra"),
        _ => link(path),
    };
    assert!(path.symlink_metadata().is_ok() || !path.parent().is_some_and(Path::is_dir), "{} was not added", path.display());
}

#[cfg(unix)]
fn link(path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink("manifest.json", path)
}

#[cfg(not(unix))]
fn link(path: &Path) -> std::io::Result<()> {
    std::fs::write(path, b"extra")
}

/// Nothing changed, and one of each kind of change.
pub fn seeds() -> Vec<Vec<u8>> {
    let one = |what: u8| vec![what, what * 7, 3, 1, 0, 0, 0, what, 1, 9];
    std::iter::once(Vec::new()).chain((0..10).map(one)).collect()
}
