//! A whole election as its people would run it: every step is a call of one of the four programs.

/// Joins words into arguments.
macro_rules! args { ($($x:expr),* $(,)?) => { vec![$(std::ffi::OsString::from($x)),*] } }

mod config;
mod servers;
mod setup;
mod steps;

use crate::pki::TestPki;
use crate::process::{Server, free_port, must};
use crate::services::Running;
use anyhow::Result;
use ballot::Manifest;
use config::config;
pub use servers::copy;
use servers::{services, witness_key};
pub use setup::{Asked, Setup};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// How long others are waited for in elections that fit into a test.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running election in a folder.
pub struct Election {
    /// Everything lies below.
    pub dir: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// How it was set up.
    pub setup: Setup,
    /// The server.
    pub collector: Option<Server>,
    witnesses: Vec<Server>,
    /// An observer's `verifier follow`.
    observer: Option<Server>,
    /// The collector's, so that witnesses know it before it runs.
    port: u16,
    pki: Arc<TestPki>,
    /// Responder and time-stamping party.
    services: Option<Running>,
    /// How long others are waited for: trustees, witnesses, an observer.
    pub patience: Duration,
    /// What is added to the collector's environment when it starts.
    pub env: Vec<(String, OsString)>,
}

impl Election {
    /// Keys, manifest, servers: everything before the first order.
    pub fn new(dir: &Path, setup: Setup) -> Result<Self> {
        Self::with_eid(dir, setup, Arc::new(TestPki::new("Test eID", (now() - 86_400, now() + 30 * 86_400))?))
    }

    /// The same with an eID that other elections may accept too.
    pub fn with_eid(dir: &Path, setup: Setup, pki: Arc<TestPki>) -> Result<Self> {
        std::fs::create_dir_all(dir.join("keys"))?;
        let keys = dir.join("keys");
        for (role, count) in [("committee", 3), ("trustee", setup.trustees), ("mixer", setup.mixers)] {
            for i in 1..=count {
                must("tally", args!["keygen", "--role", role, "--name", format!("{role}-{i}"), "--out", &keys])?;
            }
        }
        must("collector", args!["keygen", "--name", "collector", "--out", keys.join("collector.key")])?;
        for i in 1..=setup.witnesses {
            witness_key(&keys, i)?;
        }
        std::fs::write(dir.join("anchor.pem"), pki.root.pem())?;
        let services = (setup.services != Asked::Nothing).then(|| services(dir, &pki)).transpose()?;
        std::fs::write(dir.join("election.toml"), config(&setup))?;
        let mut new = args!["new", dir.join("election.toml"), "--out", dir];
        if let Some((districts, choices)) = &setup.vis3 {
            new.extend(args!["--districts", districts, "--choices", choices]);
        }
        must("tally", new)?;
        let manifest = Manifest::from_bytes(&std::fs::read(dir.join("manifest.json"))?)?;
        for i in 1..=2 {
            let key = keys.join(format!("committee-{i}.key.age"));
            must(
                "tally",
                args!["sign-manifest", "--manifest", dir.join("manifest.json"), "--key", key, "--out", dir.join("manifest.sig")],
            )?;
        }
        let mut init = args!["init", "--data", dir.join("collector"), "--manifest", dir.join("manifest.json")];
        init.extend(args!["--signatures", dir.join("manifest.sig"), "--key", keys.join("collector.key")]);
        init.extend(setup.place());
        must("collector", init)?;
        let (dir, port) = (dir.to_owned(), free_port()?);
        let mut election = Self {
            dir,
            manifest,
            setup,
            collector: None,
            witnesses: Vec::new(),
            observer: None,
            port,
            pki,
            services,
            patience: PATIENCE,
            env: Vec::new(),
        };
        for i in 1..=election.setup.witnesses {
            let server = election.start_witness(i)?;
            election.witnesses.push(server);
        }
        election.start_collector()?;
        election.settle()?; // witnesses were waiting for the manifest
        Ok(election)
    }

    /// The election id in hex.
    pub fn id(&self) -> String {
        hex::encode(self.manifest.id())
    }

    fn key(&self, role: &str, i: usize) -> PathBuf {
        self.dir.join("keys").join(format!("{role}-{i}.key.age"))
    }

    /// An order of two committee members, posted.
    pub fn order(&self, kind: &str, more: Vec<OsString>) -> Result<String> {
        let mut args = args![
            "order",
            kind,
            "--board",
            self.url(),
            "--key",
            self.key("committee", 1),
            "--key",
            self.key("committee", 2),
            "--post",
            "--yes"
        ];
        args.extend(more);
        must("tally", args)
    }

    /// A command of the collector beside its server.
    fn office(&self, mut words: Vec<OsString>) -> Result<String> {
        words.extend(args!["--data", self.dir.join("collector")]);
        words.extend(self.setup.place());
        must("collector", words)
    }

    /// The test eID behind it.
    pub fn pki(&self) -> &TestPki {
        &self.pki
    }
}
