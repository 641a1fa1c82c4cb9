//! The trust model is the dependency graph: who can link what.

use std::collections::BTreeSet;
use std::process::Command;

/// Names of all packages that a package links, without those of tests and build scripts.
fn linked(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let args = ["tree", "--locked", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let out = Command::new(cargo).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().map(|l| l.split(' ').take(2).collect::<Vec<_>>().join(" ")).filter(|l| !l.is_empty()).collect()
}

fn has(packages: &BTreeSet<String>, name: &str) -> bool {
    packages.iter().any(|p| p.split(' ').next() == Some(name))
}

const OURS: [&str; 8] = ["ballot", "board", "envelope", "trustee", "voter-app", "collector", "tally", "e2e"];

#[test]
fn the_verifier_links_no_crate_of_ours() {
    let packages = linked("verifier");
    assert!(has(&packages, "curve25519-dalek"), "the list is not empty");
    for name in OURS {
        assert!(!has(&packages, name), "verifier links {name}");
    }
}

#[test]
fn the_verifier_reads_none_of_our_sources_and_no_generator() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../verifier");
    let mut folders = vec![std::path::PathBuf::from(folder)];
    let mut files = 0;
    while let Some(at) = folders.pop() {
        for item in std::fs::read_dir(at).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                for foreign in ["../voter-app", "../collector", "../tally", "specs/reference"] {
                    assert!(!text.contains(foreign), "{} reaches {foreign}", path.display());
                }
            }
        }
    }
    assert!(files > 10);
}

#[test]
fn the_collector_cannot_decrypt() {
    let packages = linked("collector");
    assert!(has(&packages, "board"));
    for name in ["trustee", "tally", "age"] {
        assert!(!has(&packages, name), "collector links {name}");
    }
}

#[test]
fn the_voters_program_holds_no_trustee_code() {
    let packages = linked("voter-app");
    assert!(has(&packages, "ballot") && !has(&packages, "trustee"));
}

#[test]
fn one_curve_everywhere_but_in_the_share_files() {
    for package in ["ballot", "envelope", "board", "trustee", "voter-app", "collector", "verifier"] {
        let versions: Vec<String> = linked(package).into_iter().filter(|p| p.starts_with("curve25519-dalek ")).collect();
        assert!(versions.iter().all(|v| v.starts_with("curve25519-dalek v5.")), "{package}: {versions:?}");
    }
}
