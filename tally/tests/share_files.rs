//! Sealed files that are damaged, cut, of another kind, version or passphrase (F10): each has its own words, and none panics.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{PASSPHRASE, expect, ok, reseal, tally, tally_with, words};
use std::path::Path;
use std::process::Output;

/// A folder with a member's key, and a manifest in which it stands.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let keys = keys.to_str().unwrap();
    for (role, name) in [("committee", "c1"), ("trustee", "t1"), ("trustee", "t2"), ("trustee", "t3")] {
        ok(&["keygen", "--role", role, "--name", name, "--out", keys]);
    }
    common::collector::write_public(Path::new(keys));
    std::fs::write(dir.path().join("anchor.der"), [0x30, 1, 0]).unwrap();
    let head = common::head().replace("quorum = 2", "quorum = 1").replace(", \"keys/c2.public.json\"", "");
    let (head, _) = head.split_once("[mixers]").unwrap();
    let contest =
        "[[districts]]\nid='d'\ntitle='D'\n[[contests]]\nid='c'\ntitle='C'\nrule={kind='approve'}\noptions=[{id='a',title='A'}]\n";
    std::fs::write(dir.path().join("e.toml"), format!("{head}{contest}")).unwrap();
    ok(&["new", dir.path().join("e.toml").to_str().unwrap(), "--out", dir.path().to_str().unwrap()]);
    dir
}

fn sign(dir: &Path, key: &Path, passphrase: &str) -> Output {
    let text = |p: &Path| p.to_str().unwrap().to_owned();
    let (manifest, out) = (text(&dir.join("manifest.json")), text(&dir.join("signatures")));
    let args = ["sign-manifest", "--manifest", &manifest, "--key", key.to_str().unwrap(), "--out", &out];
    tally_with(&args, &[("HAAL_PASSPHRASE", passphrase)])
}

#[test]
fn every_fault_has_its_words() {
    let dir = folder();
    let good = dir.path().join("keys/c1.key.age");
    let bytes = std::fs::read(&good).unwrap();
    let bad = dir.path().join("bad.age");
    let try_bytes = |bytes: &[u8]| {
        std::fs::write(&bad, bytes).unwrap();
        sign(dir.path(), &bad, PASSPHRASE)
    };
    let resealed = |change: &dyn Fn(String) -> String| {
        std::fs::copy(&good, &bad).unwrap();
        reseal(&bad, PASSPHRASE, change);
        sign(dir.path(), &bad, PASSPHRASE)
    };
    expect(&sign(dir.path(), &good, "another passphrase"), 2, "wrong passphrase");
    expect(&sign(dir.path(), &good, ""), 1, "an empty passphrase");
    expect(&try_bytes(b""), 2, "not a sealed file");
    expect(&try_bytes(b"hello, this is a text"), 2, "not a sealed file");
    expect(&try_bytes(&bytes[..bytes.len() - 1]), 2, "damaged or cut short");
    expect(&try_bytes(&bytes[..bytes.len() - 100]), 2, "damaged or cut short");
    expect(&try_bytes(&bytes[..60]), 2, "the file is cut short");
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    expect(&try_bytes(&flipped), 2, "the passphrase fits, but the file is damaged");
    let heavy = String::from_utf8_lossy(&bytes[..100]).replacen(" 4\n", " 40\n", 1);
    let heavy = [heavy.split('\n').take(2).collect::<Vec<_>>().join("\n").as_bytes(), &bytes[heavy.len()..]].concat();
    expect(&try_bytes(&heavy), 2, "bad.age");
    expect(&resealed(&|t| t.replace("haal key file 1", "haal key file 0")), 2, "older version");
    expect(&resealed(&|t| t.replace("haal key file 1", "haal key file 2")), 2, "newer version");
    expect(&resealed(&|t| t.replace("haal key file 1", "haal state file 1")), 2, "not a key file but a state file");
    expect(&resealed(&|_| "AGE-SECRET-KEY-1".to_owned()), 2, "not a key file but something else");
    expect(&resealed(&|t| t.replace("\"name\"", "\"Name\"")), 2, "not what a file of this kind holds");
    expect(&resealed(&|t| t.replace("\"key\":\"", "\"key\":\"zz")), 2, "the keys in it are not keys");
    expect(&resealed(&|t| t.replace("committee", "mixer")), 1, "key of a mixer");
    let other = dir.path().join("keys/t1.key.age");
    expect(&sign(dir.path(), &other, PASSPHRASE), 1, "key of a trustee");
    ok(&["keygen", "--role", "committee", "--name", "c9", "--out", dir.path().to_str().unwrap()]);
    expect(&sign(dir.path(), &dir.path().join("c9.key.age"), PASSPHRASE), 1, "not in the manifest");
    assert!(!dir.path().join("signatures").exists());
    expect(&sign(dir.path(), &good, PASSPHRASE), 0, "It has the 1 signatures");
    assert!(!words(&sign(dir.path(), &good, PASSPHRASE)).contains(PASSPHRASE));
}

#[test]
fn no_bit_of_a_sealed_file_can_change() {
    let dir = folder();
    let good = dir.path().join("keys/c1.key.age");
    let bytes = std::fs::read(&good).unwrap();
    let bad = dir.path().join("bad.age");
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 4;
        std::fs::write(&bad, changed).unwrap();
        let output = sign(dir.path(), &bad, PASSPHRASE);
        assert_eq!(output.status.code(), Some(2), "byte {at}: {}", words(&output));
    }
}

#[test]
fn keys_are_sealed_slowly_unless_told_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().to_str().unwrap();
    let file = dir.path().join("passphrase");
    std::fs::write(&file, format!("{PASSPHRASE}\nsecond line\n")).unwrap();
    let args = ["keygen", "--role", "mixer", "--name", "m", "--out", out, "--passphrase-file", file.to_str().unwrap()];
    let slow = tally_with(&args, &[]);
    expect(&slow, 0, "m.key.age");
    assert!(!words(&slow).contains("WARNING"));
    let head = String::from_utf8_lossy(&std::fs::read(dir.path().join("m.key.age")).unwrap()).lines().nth(1).unwrap().to_owned();
    assert!(head.split(' ').next_back().unwrap().parse::<u8>().unwrap() >= 12, "{head}");
    expect(&tally_with(&args, &[]), 1, "a key is never replaced");
    let fast = tally(&["keygen", "--role", "mixer", "--name", "f", "--out", out]);
    expect(&fast, 0, "WARNING: --insecure-fast");
    let public: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.path().join("m.public.json")).unwrap()).unwrap();
    assert_eq!(public.as_object().unwrap().keys().collect::<Vec<_>>(), ["key", "name"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("m.key.age")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    expect(&tally_with(&["keygen", "--role", "mixer", "--name", "x", "--out", out], &[]), 2, "no terminal");
}
