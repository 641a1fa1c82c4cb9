//! The server process, and what it holds.

use super::client::{Client, Reply};
use super::election::{Election, collector};
use super::until;
use ballot::encode::Record;
use board::entry::Entry;
use board::replay::Replay;
use board::source::{Folder, Log, load_blob};
use board::tile::Tile;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;

/// A running server.
pub struct Server {
    child: Mutex<Child>,
    pub client: Client,
    /// Where health, readiness and metrics are; only with `--operator`.
    pub operator: Option<Client>,
    pub port: u16,
    /// All ports: of the public, the operator, X-Road, as far as they are there.
    pub ports: Vec<u16>,
    pub data: PathBuf,
}

/// Everything that a refusal must leave alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub rows: BTreeMap<String, i64>,
    pub checkpoint: Vec<u8>,
    blobs: Vec<PathBuf>,
}

pub fn database(data: &Path) -> Connection {
    Connection::open_with_flags(data.join("collector.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The log as it is committed.
pub fn entries(data: &Path) -> Vec<Vec<u8>> {
    let db = database(data);
    let mut query = db.prepare("SELECT bytes FROM entry ORDER BY position").unwrap();
    query.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Number of rows of every table but the journal, in which refusals stand too (KEEP-1).
pub fn rows(data: &Path) -> BTreeMap<String, i64> {
    let db = database(data);
    let mut query = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'journal'").unwrap();
    let names: Vec<String> = query.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    let count = |name: &String| db.query_row(&format!("SELECT count(*) FROM {name}"), [], |r| r.get(0)).unwrap();
    names.iter().map(|name| (name.clone(), count(name))).collect()
}

pub fn command(election: &Election, witnesses: &[&str], env: &[(&str, &str)]) -> Command {
    command_in(election, &election.data(), witnesses, env)
}

fn port_file(data: &Path) -> PathBuf {
    data.with_extension("port")
}

/// With this data folder.
pub fn command_in(election: &Election, data: &Path, witnesses: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = collector();
    let port = port_file(data);
    let _ = std::fs::remove_file(&port);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).arg("--port-file").arg(&port).args(election.place());
    for url in witnesses {
        command.args(["--witness", url]);
    }
    if let Some(services) = &election.services {
        command.args(["--ocsp", &format!("{}/ocsp", services.base), "--tsa", &format!("{}/tsa", services.base)]);
    }
    let log = File::options().create(true).append(true).open(election.dir.path().join("server.log")).unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).envs(env.iter().copied());
    command
}

impl Server {
    pub fn start(election: &Election, witnesses: &[&str], env: &[(&str, &str)]) -> Self {
        Self::from(command(election, witnesses, env), election)
    }

    pub fn from(mut command: Command, election: &Election) -> Self {
        Self::listening(command.spawn().unwrap(), &election.data(), election)
    }

    /// Waits until a process that was started with this data folder listens.
    pub fn listening(mut child: Child, data: &Path, election: &Election) -> Self {
        let ports: Vec<u16> = until("the server listens", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server ended with {status}: {}", std::fs::read_to_string(election.dir.path().join("server.log")).unwrap());
            }
            let ports = std::fs::read_to_string(port_file(data)).ok()?;
            Some(ports.lines().map(|port| port.parse().unwrap()).collect())
        });
        let client = |port: &u16| Client::new(&format!("http://127.0.0.1:{port}"));
        let operator = ports.get(1).map(client);
        Self { child: Mutex::new(child), client: client(&ports[0]), operator, port: ports[0], ports, data: data.to_owned() }
    }

    /// Ends it as an operator would.
    pub fn stop(&self) -> ExitStatus {
        let id = self.child.lock().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.wait()
    }

    /// Ends it as a power cut would.
    pub fn kill(&self) {
        self.child.lock().unwrap().kill().unwrap();
        self.wait();
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.lock().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    pub fn wait(&self) -> ExitStatus {
        until("the server ends", || self.child.lock().unwrap().try_wait().unwrap())
    }

    pub fn has_ended(&self) -> bool {
        self.child.lock().unwrap().try_wait().unwrap().is_some()
    }

    pub fn status(&self) -> Value {
        self.client.get("/v1/status", None).ok()
    }

    /// `POST /v1/order` or `/v1/post`.
    pub fn submit(&self, call: &str, entry: &[u8], blob: &[u8]) -> Reply {
        self.client.post(&format!("/v1/{call}"), None, &submission(entry, blob))
    }

    pub fn submit_ok(&self, call: &str, entry: &[u8], blob: &[u8]) -> u64 {
        self.submit(call, entry, blob).ok()["index"].as_u64().unwrap()
    }

    /// Waits until the checkpoint file shows the whole log, and no ballot waits.
    pub fn settle(&self) {
        until("the board shows everything", || {
            let checkpoint = String::from_utf8(self.client.get("/board/checkpoint", None).body).unwrap();
            let status = self.status();
            let size = checkpoint.lines().nth(1)?.parse::<u64>().ok()?;
            (status["pending"] == 0 && status["size"].as_u64()? == size).then_some(())
        });
    }

    /// The state, once it has settled.
    pub fn snapshot(&self) -> Snapshot {
        self.settle();
        self.snapshot_now()
    }

    pub fn snapshot_now(&self) -> Snapshot {
        let record = self.data.join("record");
        let mut blobs: Vec<PathBuf> =
            std::fs::read_dir(record.join("blob")).map(|l| l.map(|f| f.unwrap().path()).collect()).unwrap_or_default();
        blobs.sort();
        Snapshot { rows: rows(&self.data), checkpoint: std::fs::read(record.join("checkpoint")).unwrap(), blobs }
    }
}

pub fn submission(entry: &[u8], blob: &[u8]) -> Vec<u8> {
    [&(entry.len() as u32).to_be_bytes(), entry, blob].concat()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.lock().unwrap().kill();
        let _ = self.child.lock().unwrap().wait();
    }
}

/// Reads the record, every hash compared with the checkpoint, and replays it.
pub fn read_record(election: &Election) -> (Log, Replay) {
    read_record_of(election, &election.data())
}

/// The same in another data folder.
pub fn read_record_of(election: &Election, data: &Path) -> (Log, Replay) {
    let folder = Folder(data.join("record"));
    let log = Log::load(&folder, &election.manifest).unwrap();
    let mut replay = Replay::new(election.manifest.clone());
    for entry in &log.entries {
        let blob = Entry::from_bytes(entry).unwrap().blob().map(|name| load_blob(&folder, &name).unwrap());
        replay.apply(entry, blob.as_deref()).unwrap();
    }
    (log, replay)
}

/// REC-1: exactly the files that the checkpoint calls for.
pub fn assert_exact(election: &Election) {
    let (log, _) = read_record(election);
    let record = election.data().join("record");
    let mut wanted: BTreeSet<PathBuf> = Tile::all(log.checkpoint.size).iter().map(|t| record.join(t.path())).collect();
    wanted.extend(["manifest.json", "checkpoint"].map(|name| record.join(name)));
    let blobs = log.entries.iter().filter_map(|e| Entry::from_bytes(e).unwrap().blob());
    wanted.extend(blobs.map(|name| record.join("blob").join(hex::encode(name))));
    let mut found = BTreeSet::new();
    let mut folders = vec![record];
    while let Some(folder) = folders.pop() {
        let list: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
        assert!(!list.is_empty(), "{} is empty", folder.display());
        for path in list {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    assert_eq!(found, wanted);
}
