//! What one program verified, another one does not believe: CACHE-2.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code)]
#[path = "../build.rs"]
mod build;

use std::fs;

#[test]
fn whatever_makes_another_program_makes_another_cache() {
    let workspace = tempfile::tempdir().unwrap();
    let folder = workspace.path().join("verifier");
    fs::create_dir_all(folder.join("src/checks")).unwrap();
    let files = ["Cargo.toml", "build.rs", "../Cargo.toml", "../Cargo.lock", "src/main.rs", "src/checks/mixes.rs"];
    files.iter().for_each(|file| fs::write(folder.join(file), "one").unwrap());
    let plain = |_: &str| String::new();
    let mut hashes = vec![build::hash(&folder, &plain)];
    assert_eq!(build::hash(&folder, &plain), hashes[0], "the same program keeps its cache");
    for file in files {
        fs::write(folder.join(file), "two").unwrap();
        hashes.push(build::hash(&folder, &plain));
    }
    fs::write(folder.join("src/new.rs"), "").unwrap();
    hashes.push(build::hash(&folder, &plain));
    for name in ["CARGO_ENCODED_RUSTFLAGS", "PROFILE", "TARGET"] {
        hashes.push(build::hash(&folder, &|asked| if asked == name { "other".to_owned() } else { String::new() }));
    }
    let count = hashes.len();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), count, "each change gives another one");
}

/// Cargo runs the build script again for each of them, and they are there.
#[test]
fn every_file_and_variable_is_named_to_cargo() {
    let again = build::again();
    for file in ["Cargo.toml", "build.rs", "../Cargo.toml", "../Cargo.lock", "src"] {
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file}");
        assert!(again.contains(&format!("cargo::rerun-if-changed={file}")), "{file}");
    }
    assert!(again.contains(&"cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS".to_owned()));
}
