//! Gives the program a short hash of what it is made of: its sources, its libraries' versions, and how they are compiled. What one
//! program verified, another one does not believe. Spec: 15-watching, CACHE-2.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// Beside `src`: the lints, features and profiles of this crate and of the workspace, and the versions of all libraries.
pub const MANIFESTS: [&str; 4] = ["Cargo.toml", "build.rs", "../Cargo.toml", "../Cargo.lock"];
/// What the compiler is told beside that.
const VARIABLES: [&str; 3] = ["CARGO_ENCODED_RUSTFLAGS", "PROFILE", "TARGET"];

fn main() {
    again().iter().for_each(|line| println!("{line}"));
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("cargo::rustc-env=VERIFIER_SOURCES={:016x}", hash(Path::new("."), &variable));
}

/// When cargo runs this again.
pub fn again() -> Vec<String> {
    let files = MANIFESTS.iter().chain(&["src"]).map(|file| format!("cargo::rerun-if-changed={file}"));
    files.chain(VARIABLES.iter().map(|name| format!("cargo::rerun-if-env-changed={name}"))).collect()
}

/// Over names and contents of all files below the folder of the crate, and over the variables.
pub fn hash(folder: &Path, variable: &dyn Fn(&str) -> String) -> u64 {
    let mut files: Vec<PathBuf> = MANIFESTS.iter().map(|file| folder.join(file)).collect();
    collect(&folder.join("src"), &mut files);
    files.sort();
    let mut hash = DefaultHasher::new();
    let mut add = |bytes: &[u8]| {
        hash.write_usize(bytes.len());
        hash.write(bytes);
    };
    for file in &files {
        add(file.strip_prefix(folder).unwrap_or(file).to_string_lossy().as_bytes());
        add(&std::fs::read(file).unwrap_or_default());
    }
    for name in VARIABLES {
        add(variable(name).as_bytes());
    }
    hash.finish()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = item.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
