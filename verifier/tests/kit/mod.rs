//! The records that lie in specs/vectors/records, unpacked.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/vectors/records");

/// The cases of the index.
pub fn cases() -> Vec<Value> {
    let text = fs::read_to_string(Path::new(FOLDER).join("index.json")).unwrap();
    let index: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(index["haal"], 1);
    index["cases"].as_array().unwrap().clone()
}

/// One case.
pub fn case(name: &str) -> Value {
    cases().into_iter().find(|case| case["name"] == name).expect("a case of this name")
}

/// Names of the cases whose records lie there.
pub fn kept() -> Vec<String> {
    let names = fs::read_dir(FOLDER).unwrap().map(|item| item.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".zip")?.to_owned())).collect();
    names.sort();
    names
}

/// A case in a folder: `record`, and `evidence` if there is any.
pub struct Unpacked {
    _root: TempDir,
    folder: PathBuf,
    /// Paths and contents, sorted by path.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Unpacked {
    /// Unpacks a case.
    pub fn new(name: &str) -> Self {
        let root = TempDir::new().unwrap();
        let folder = root.path().join(name);
        let mut files = stored(&fs::read(Path::new(FOLDER).join(format!("{name}.zip"))).unwrap());
        for (path, bytes) in &files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let prefix = format!("{name}/");
        files.iter_mut().for_each(|(path, _)| *path = path.strip_prefix(&prefix).unwrap().to_owned());
        Self { _root: root, folder, files }
    }

    /// The record's folder.
    pub fn record(&self) -> PathBuf {
        self.folder.join("record")
    }

    /// The evidence's folder.
    pub fn evidence(&self) -> PathBuf {
        self.folder.join("evidence")
    }
}

/// The files of a ZIP archive that compresses nothing, from its local headers.
fn stored(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut rest = archive;
    let mut files = Vec::new();
    while let Some(header) = rest.strip_prefix(b"PK\x03\x04") {
        let number = |at: usize, n: usize| (0..n).fold(0usize, |sum, i| sum | usize::from(header[at + i]) << (8 * i));
        assert_eq!(number(4, 2), 0, "nothing is compressed");
        let (size, name, extra) = (number(14, 4), number(22, 2), number(24, 2));
        let start = 26 + name + extra;
        files.push((String::from_utf8(header[26..26 + name].to_vec()).unwrap(), header[start..start + size].to_vec()));
        rest = &header[start + size..];
    }
    assert!(rest.starts_with(b"PK\x01\x02"), "then the directory");
    files
}
