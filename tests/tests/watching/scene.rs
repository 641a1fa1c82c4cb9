//! The little town with a clock that is right, its board behind a file server, and an observer.

use ballot::Manifest;
use ballot::manifest::Span;
use e2e::election::now;
use e2e::insider::{Insider, Item, Setup, town};
use e2e::process::{self, Said, Server};
use e2e::web::Static;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// After *open*, some time ago.
static OPEN: LazyLock<Insider> = LazyLock::new(|| {
    let mut description = Setup { witnesses: (3, 2), ..town::setup() }.description();
    description.voting = Span { from: now() - 5_000, until: now() + 50_000 };
    let mut insider = Insider::new(Manifest::from_description(&description).unwrap());
    insider.begin();
    insider
});

/// After *open*.
pub fn opened() -> Insider {
    OPEN.clone()
}

/// With the ballots of the first batch: the same at each call, for observers who come after it.
pub fn voted() -> Insider {
    static VOTED: LazyLock<Insider> = LazyLock::new(voted_now);
    VOTED.clone()
}

/// The same, published now: for observers who have seen the board before.
pub fn voted_now() -> Insider {
    let mut insider = opened();
    insider.clock = now();
    insider.first_votes();
    insider
}

/// The same log with one more batch, published now.
pub fn more(before: &Insider, voter: usize) -> Insider {
    let mut next = before.clone();
    next.clock = next.clock.max(now());
    next.cast(&[(voter, town::vote(0, 1))]);
    next
}

/// Another log of the same size as [`voted`].
pub fn forked() -> Insider {
    let mut insider = opened();
    insider.clock = now();
    let items = (0..10).map(|v| Item::Cast(insider.ballot(v, &town::vote(1, 1)).bytes().to_vec())).collect::<Vec<_>>();
    insider.batch(items);
    insider.batch(vec![]);
    assert_eq!(insider.entries.len(), voted().entries.len());
    insider
}

/// To the result, in a hurry.
pub fn done(mut insider: Insider) -> Insider {
    insider.clock = insider.clock.max(now());
    insider.finish();
    insider
}

/// Writes a record over what is there.
pub fn write(insider: &Insider, folder: &Path) {
    insider.write(folder).unwrap();
}

/// A board and an observer's folder.
pub struct Scene {
    pub dir: TempDir,
    pub board: Static,
    pub id: String,
}

impl Scene {
    /// A board that shows this log.
    pub fn new(insider: &Insider) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("board");
        write(insider, &folder);
        let board = Static::serve(&folder);
        Self { dir, board, id: hex::encode(insider.election_id()) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The board shows this log from now on, in a folder of its own.
    pub fn show(&self, insider: &Insider, name: &str) {
        write(insider, &self.path(name));
        self.board.turn_to(&self.path(name));
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        let out = self.path("copy").to_string_lossy().into_owned();
        let fixed = ["follow", &self.board.url, "--out", &out, "--election-id", &self.id, "--json"];
        fixed.iter().chain(more).map(|arg| (*arg).to_owned()).collect()
    }

    /// One poll.
    pub fn once(&self, more: &[&str]) -> Said {
        process::run("verifier", self.args(&[&["--once"], more].concat())).unwrap()
    }

    /// A follower that goes on, asking every second.
    pub fn follow(&self, more: &[&str]) -> Server {
        Server::background("verifier", self.args(&[&["--interval", "1"], more].concat()), &self.path("log")).unwrap()
    }

    /// What the follower has said last.
    pub fn last_status(&self) -> Value {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line.is_object()).last().unwrap_or(Value::Null)
    }

    /// Waits until the last status is as wanted.
    pub fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let most = Instant::now() + Duration::from_secs(180);
        loop {
            let status = self.last_status();
            if wanted(&status) {
                return status;
            }
            assert!(Instant::now() < most, "{status}\n{}", std::fs::read_to_string(self.path("log")).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// All alarms so far.
    pub fn alarms(&self) -> Vec<Value> {
        alarms(&self.path("copy"))
    }

    /// Their kinds.
    pub fn kinds(&self) -> Vec<String> {
        self.alarms().iter().map(|alarm| alarm["kind"].as_str().unwrap().to_owned()).collect()
    }
}

/// The alarms in a follower's folder, in their order.
pub fn alarms(out: &Path) -> Vec<Value> {
    let Ok(list) = std::fs::read_dir(out.join("alarms")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = list.map(|item| item.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".json") && !name.ends_with(".proof.json") && !name.starts_with('.')
    });
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

/// A proof that the collector rewrote its log, judged by page 14 alone.
pub fn convicts(proof: &Value, insider: &Insider) {
    let manifest = &insider.manifest;
    assert_eq!((proof["haal"].as_u64(), proof["manifest"].as_str().map(str::as_bytes)), (Some(1), Some(manifest.bytes())));
    let checkpoint = |value: &Value| board::Checkpoint::verify(value.as_str().unwrap(), manifest).unwrap();
    let hash = |value: &Value| <[u8; 32]>::try_from(hex::decode(value.as_str().unwrap()).unwrap()).unwrap();
    match proof["kind"].as_str().unwrap() {
        "fork" => {
            let (a, b) = (checkpoint(&proof["a"]["checkpoint"]), checkpoint(&proof["b"]["checkpoint"]));
            assert!(a.size == b.size && a.root != b.root);
            assert!(proof["index"].is_null() && proof["a"]["leaf"].is_null() && proof["b"]["path"].is_null());
        }
        "rewritten" => {
            let (old, new) = (checkpoint(&proof["old"]), checkpoint(&proof["new"]));
            let path: Vec<_> = proof["path"].as_array().unwrap().iter().map(hash).collect();
            let root = hash(&proof["root"]);
            assert!(old.size < new.size && root != old.root);
            board::tree::verify_consistency(old.size, &root, new.size, &new.root, &path).unwrap();
        }
        other => panic!("{other}"),
    }
}
