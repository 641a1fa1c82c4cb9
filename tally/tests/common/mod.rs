//! An election on one machine: every role's files, the program under test, and a collector that is only as honest as a test wants.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

pub mod collector;

use collector::Collector;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const PASSPHRASE: &str = "a passphrase for tests";

/// Runs the program with cheap sealing.
pub fn tally(args: &[&str]) -> Output {
    tally_with(args, &[("HAAL_INSECURE_FAST", "1"), ("HAAL_PASSPHRASE", PASSPHRASE)])
}

/// Runs the program with these variables only.
pub fn tally_with(args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
    command.args(args).env_remove("HAAL_PASSPHRASE").env_remove("HAAL_INSECURE_FAST").stdin(std::process::Stdio::null());
    command.envs(env.iter().copied()).output().unwrap()
}

/// Everything that was printed.
pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The program must end with this status, and say this.
#[track_caller]
pub fn expect(output: &Output, status: i32, part: &str) {
    let words = words(output);
    assert_eq!(output.status.code(), Some(status), "{words}");
    assert!(words.contains(part), "expected {part:?} in: {words}");
}

#[track_caller]
pub fn ok(args: &[&str]) -> String {
    let output = tally(args);
    expect(&output, 0, "");
    words(&output)
}

/// What a sealed file holds, opened and sealed again as any age tool would.
pub fn reseal(path: &Path, passphrase: &str, change: impl FnOnce(String) -> String) {
    let secret = || age::secrecy::SecretString::from(passphrase.to_owned());
    let plain = age::decrypt(&age::scrypt::Identity::new(secret()), &std::fs::read(path).unwrap()).unwrap();
    let mut recipient = age::scrypt::Recipient::new(secret());
    recipient.set_work_factor(4);
    let changed = change(String::from_utf8(plain).unwrap());
    std::fs::write(path, age::encrypt(&recipient, changed.as_bytes()).unwrap()).unwrap();
}

/// What a sealed key file holds.
pub fn key_json(path: &str) -> serde_json::Value {
    let secret = age::secrecy::SecretString::from(PASSPHRASE.to_owned());
    let plain = age::decrypt(&age::scrypt::Identity::new(secret), &std::fs::read(path).unwrap()).unwrap();
    serde_json::from_str(String::from_utf8(plain).unwrap().split_once('\n').unwrap().1).unwrap()
}

/// The signing key in it.
pub fn signing_key(path: &str) -> ed25519_dalek::SigningKey {
    let seed = hex::decode(key_json(path)["key"].as_str().unwrap()).unwrap();
    ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap())
}

/// A file made with --out, cut into entry and blob.
pub struct Submission(pub Vec<u8>, pub Vec<u8>);

impl Submission {
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let (len, rest) = bytes.split_first_chunk::<4>().unwrap();
        let (entry, blob) = rest.split_at(u32::from_be_bytes(*len) as usize);
        Self(entry.to_vec(), blob.to_vec())
    }
}

/// A summed and a mixed contest in two districts.
pub const CONTESTS: &str = r#"
[[districts]]
id = "north"
title = "North"
[[districts]]
id = "south"
title = "South"
[[contests]]
id = "mayor"
title = "Mayor"
rule = { kind = "choose", min = 1, max = 1, blank = true }
options = [{ id = "ann", title = "Ann" }, { id = "ben", title = "Ben" }]
[[contests]]
id = "council"
title = "Council"
rule = { kind = "list" }
options = [{ id = "x", title = "Xavi", group = "Greens" }, { id = "y", title = "Ylva", group = "Blues" }, { id = "z", title = "Zoe" }]
"#;

/// Folder with everybody's keys and an election of 2 of 2 members, 2 of 3 trustees, 2 of 3 mixers, 1 witness.
pub struct World {
    pub dir: TempDir,
    pub collector: Collector,
}

impl World {
    /// A manifest, signed, and its board with the first entry.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        for (role, names) in [("committee", ["c1", "c2", ""]), ("trustee", ["t1", "t2", "t3"]), ("mixer", ["m1", "m2", "m3"])] {
            for name in names.iter().filter(|n| !n.is_empty()) {
                ok(&["keygen", "--role", role, "--name", name, "--out", keys.to_str().unwrap()]);
            }
        }
        collector::write_public(&keys);
        let config = dir.path().join("election.toml");
        std::fs::write(dir.path().join("anchor.der"), [0x30, 1, 0]).unwrap();
        std::fs::write(&config, format!("{}{CONTESTS}", head())).unwrap();
        let root = dir.path().to_str().unwrap().to_owned();
        ok(&["new", config.to_str().unwrap(), "--out", &root]);
        let (manifest, signatures) = (format!("{root}/manifest.json"), format!("{root}/signatures"));
        for member in ["c1", "c2"] {
            let key = format!("{root}/keys/{member}.key.age");
            ok(&["sign-manifest", "--manifest", &manifest, "--key", &key, "--out", &signatures]);
        }
        let collector = Collector::new(&dir.path().join("record"), &std::fs::read(manifest).unwrap(), &std::fs::read(signatures).unwrap());
        Self { dir, collector }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn key(&self, name: &str) -> String {
        self.text(&format!("keys/{name}.key.age"))
    }

    pub fn board(&self) -> String {
        self.text("record")
    }

    /// Gives an order with both members' keys, and appends it to the board.
    #[track_caller]
    pub fn order(&mut self, kind: &str, more: &[&str]) {
        let file = self.text("order");
        let (board, c1, c2) = (self.board(), self.key("c1"), self.key("c2"));
        let mut args = vec!["order", kind, "--board", &board, "--key", &c1, "--key", &c2, "--out", &file];
        args.extend(more);
        ok(&args);
        self.collector.take_file(Path::new(&file)).unwrap();
        if kind == "seal" {
            self.collector.close();
        }
    }

    /// Runs a round for one trustee.
    pub fn round(&self, round: &str, trustee: &str, out: &str) -> Output {
        let (board, key, state) = (self.board(), self.key(trustee), self.text(&format!("state-{trustee}")));
        tally(&["ceremony", round, "--board", &board, "--key", &key, "--state", &state, "--out", &self.text(out)])
    }

    /// Runs a round for all trustees and appends their messages.
    #[track_caller]
    pub fn rounds(&mut self, round: &str) {
        for trustee in ["t1", "t2", "t3"] {
            expect(&self.round(round, trustee, "round"), 0, "SHA-256");
            self.collector.take_file(&self.path("round")).unwrap();
        }
    }

    /// Ceremony and drill.
    #[track_caller]
    pub fn ceremony(&mut self) {
        self.order("ceremony", &[]);
        ["commit", "reveal", "deal", "confirm"].iter().for_each(|r| self.rounds(r));
        self.order("drill", &[]);
        self.rounds("drill");
    }

    /// Roll of 4 voters in the first and 3 in the second district.
    #[track_caller]
    pub fn open(&mut self) {
        std::fs::write(self.path("roll"), collector::roll(4, 3)).unwrap();
        self.order("roll", &["--roll", &self.text("roll")]);
        self.publish(Path::new(env!("CARGO_BIN_EXE_tally")));
        self.order("open", &[]);
    }

    /// Everything up to a sealed box of 5 counted ballots.
    #[track_caller]
    pub fn sealed(&mut self) {
        self.ceremony();
        self.open();
        for (voter, mayor, council) in [(0, [1, 0, 0], 2), (1, [0, 1, 0], 2), (2, [0, 0, 1], 0), (4, [1, 0, 0], 1), (5, [1, 0, 0], 2)] {
            self.collector.cast(voter, &[&mayor, &[council]]);
        }
        self.order("close", &[]);
        self.order("seal", &[]);
    }

    /// Publishes programs, `own` as the one that signs orders.
    #[track_caller]
    pub fn publish(&mut self, own: &Path) {
        let dir = self.path("published");
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("linux")).unwrap();
        for name in ["voter-app", "collector", "verifier", "source.tar"] {
            std::fs::write(dir.join("linux").join(name), name).unwrap();
        }
        std::os::unix::fs::symlink(own, dir.join("linux/tally")).unwrap();
        self.order("programs", &["--dir", &self.text("published")]);
    }

    /// `tally mix` into a folder.
    pub fn mix(&self, mixer: &str, out: &str) -> Output {
        tally(&["mix", "--board", &self.board(), "--key", &self.key(mixer), "--out", &self.text(out)])
    }

    /// `tally open` into a folder.
    pub fn open_units(&self, trustee: &str, out: &str) -> Output {
        let state = self.text(&format!("state-{trustee}"));
        tally(&["open", "--board", &self.board(), "--key", &self.key(trustee), "--state", &state, "--out", &self.text(out)])
    }

    /// Appends all files of a folder whose names begin so.
    #[track_caller]
    pub fn take(&mut self, folder: &str, begin: &str) -> usize {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path(folder)).unwrap().map(|f| f.unwrap().path()).collect();
        files.retain(|f| f.file_name().unwrap().to_str().unwrap().starts_with(begin));
        files.sort();
        for file in &files {
            self.collector.take_file(file).unwrap();
        }
        files.len()
    }

    #[track_caller]
    pub fn mixed(&mut self) {
        for mixer in ["m1", "m2"] {
            expect(&self.mix(mixer, mixer), 0, "The record is right");
            assert_eq!(self.take(mixer, "mix-"), 2);
        }
    }
}

/// The TOML file without districts and contests.
pub fn head() -> String {
    r#"
title = "Town election"
kind = "election"
k_min = 2
[voting]
from = 1000
until = 2090-01-01T00:00:00Z
[board]
batch_seconds = 1
batch_smallest = 1
[check]
minutes = 30
releases = 3
[eid]
profile = "cades-b"
anchors = ["anchor.der"]
[committee]
quorum = 2
members = ["keys/c1.public.json", "keys/c2.public.json"]
[collector]
key = "keys/collector.public.json"
[witnesses]
quorum = 1
faulty = 0
members = ["keys/w1.public.json"]
[trustees]
threshold = 2
members = ["keys/t1.public.json", "keys/t2.public.json", "keys/t3.public.json"]
[mixers]
required = 2
members = ["keys/m1.public.json", "keys/m2.public.json", "keys/m3.public.json"]
"#
    .to_owned()
}
