//! A whole election as its people would run it: every step is a call of one of the four programs.

mod config;

use crate::pki::{P256, Person, TestPki};
use crate::plan::{Changes, ContestPlan, Plan};
use crate::process::{Server, free_port, must, program};
use crate::services::{Running, Services};
use anyhow::{Context, Result, ensure};
use ballot::Manifest;
use config::config;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Joins words into arguments.
macro_rules! args { ($($x:expr),* $(,)?) => { vec![$(OsString::from($x)),*] } }

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// How long others are waited for in elections that fit into a test.
const PATIENCE: Duration = Duration::from_secs(300);

/// How many of whom.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Setup {
    pub title: String,
    /// A practice election; else one that counts.
    pub practice: bool,
    pub trustees: usize,
    pub threshold: usize,
    pub mixers: usize,
    pub required: usize,
    pub witnesses: usize,
    pub k_min: u64,
    /// Id and title.
    pub districts: Vec<(String, String)>,
    pub contests: Vec<ContestPlan>,
    /// VIS3 files in place of districts and contests: `*.districts.json`, `*.choices.json`.
    pub vis3: Option<(PathBuf, PathBuf)>,
    /// The container of a ballot: `cades-b` or `asic-e`.
    pub profile: String,
    /// An OCSP answer and a time stamp for each ballot (07c-evidence), from OpenSSL's services.
    pub services: Asked,
    /// URL of the PostgreSQL that holds the ballots, in place of a file of the collector.
    pub store: Option<String>,
}

/// What the manifest asks of others about a ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    #[default]
    Nothing,
    /// A time stamp for each ballot, and an OCSP answer that may serve several ballots of one certificate.
    Cached,
    /// A time stamp and an OCSP answer of its own for each ballot.
    Each,
}

impl Setup {
    /// 5 trustees of whom 3 open, 3 mixers, 2 witnesses, 3 districts, 4 contests.
    pub fn default_rehearsal() -> Self {
        let district = |id: &str, title: &str| (id.to_owned(), title.to_owned());
        Self {
            title: "Rehearsal election".into(),
            practice: true,
            trustees: 5,
            threshold: 3,
            mixers: 3,
            required: 3,
            witnesses: 2,
            k_min: 2,
            districts: vec![district("north", "North Shore"), district("town", "Old Town"), district("isles", "The Isles")],
            contests: crate::plan::default_contests(),
            vis3: None,
            profile: "cades-b".into(),
            services: Asked::Nothing,
            store: None,
        }
    }

    /// The words that say it to the collector.
    fn place(&self) -> Vec<OsString> {
        self.store.iter().flat_map(|url| args!["--store", url]).collect()
    }

    /// 2 of 3 trustees, 2 mixers, 1 witness: quick enough for many tests.
    pub fn small() -> Self {
        Self { trustees: 3, threshold: 2, mixers: 2, required: 2, witnesses: 1, ..Self::default_rehearsal() }
    }
}

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

/// The sources, the same bytes whoever packs them.
fn archive(file: &Path) -> Result<()> {
    let plain = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--exclude=./target", "--exclude=./.git"];
    let mut tar = Command::new("tar");
    tar.args(plain).arg("-cf").arg(file).arg("-C").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).arg(".");
    ensure!(tar.status().context("cannot start tar")?.success(), "the sources cannot be packed");
    Ok(())
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

    fn start_witness(&self, i: usize) -> Result<Server> {
        let at = |suffix: &str| self.dir.join("keys").join(format!("witness-{i}.{suffix}"));
        let port = at("port");
        let args = args![
            "witness",
            self.board(),
            "--election-id",
            self.id(),
            "--key",
            at("key"),
            "--name",
            format!("witness-{i}"),
            "--listen",
            "127.0.0.1:0",
            "--port-file",
            &port,
            "--out",
            self.dir.join(format!("witness-{i}"))
        ];
        Server::start("verifier", args, &port, &self.dir.join("witness.log"))
    }

    /// Starts the collector, or starts it again.
    pub fn start_collector(&mut self) -> Result<()> {
        let port = self.dir.join("collector.port");
        let mut args =
            args!["serve", "--data", self.dir.join("collector"), "--listen", format!("127.0.0.1:{}", self.port), "--port-file", &port];
        args.extend(self.setup.place());
        for witness in &self.witnesses {
            args.extend(args!["--witness", witness.url()]);
        }
        if let Some(services) = &self.services {
            args.extend(args!["--ocsp", format!("{}/ocsp", services.base), "--tsa", format!("{}/tsa", services.base)]);
        }
        let env: Vec<_> = self.env.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
        self.collector = Some(Server::start_with("collector", args, &port, &self.dir.join("collector.log"), &env)?);
        Ok(())
    }

    /// The processes of its servers.
    pub fn pids(&self) -> Vec<u32> {
        self.collector.iter().chain(&self.witnesses).map(Server::pid).collect()
    }

    /// URL of the board, whether the collector runs or not.
    pub fn board(&self) -> String {
        format!("http://127.0.0.1:{}/board", self.port)
    }

    /// Starts an observer, who follows until the record is finished.
    pub fn observe(&mut self) -> Result<()> {
        let args = args!["follow", self.board(), "--election-id", self.id(), "--out", self.dir.join("observer"), "--json"];
        self.observer = Some(Server::background("verifier", args, &self.dir.join("observer.log"))?);
        Ok(())
    }

    /// The collector's base URL.
    pub fn url(&self) -> &str {
        self.collector.as_ref().map_or("", Server::url)
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

    /// Imports the roll, has the committee sign it, and publishes the programs.
    pub fn enrol(&self, plan: &Plan) -> Result<()> {
        let csv = self.dir.join("voters.csv");
        std::fs::write(&csv, plan.roll_file())?;
        self.office(args!["roll", "import", csv])?;
        self.order("roll", args!["--roll", self.dir.join("collector/roll.bin")])?;
        self.publish_programs()
    }

    /// One round of the ceremony by one trustee.
    pub fn round(&self, round: &str, trustee: usize) -> Result<String> {
        let state = self.dir.join(format!("trustee-{trustee}"));
        must("tally", args!["ceremony", round, "--board", self.url(), "--key", self.key("trustee", trustee), "--state", state, "--post"])
    }

    /// All rounds by all trustees, and a drill.
    pub fn ceremony(&self) -> Result<()> {
        let everyone: Vec<usize> = (1..=self.setup.trustees).collect();
        self.order("ceremony", args![])?;
        for round in ["commit", "reveal", "deal", "confirm"] {
            self.all(round, &everyone)?;
        }
        self.drill(&everyone)
    }

    /// A drill that these trustees answer.
    pub fn drill(&self, trustees: &[usize]) -> Result<()> {
        self.order("drill", args![])?;
        self.all("drill", trustees)
    }

    /// One round by several trustees, each at its own machine at the same time.
    fn all(&self, round: &str, trustees: &[usize]) -> Result<()> {
        at_once(trustees, |i| self.round(round, i))
    }

    /// Publishes the hashes of the programs that are used, and of the sources that lie around this one.
    fn publish_programs(&self) -> Result<()> {
        let folder = self.dir.join("published");
        std::fs::create_dir_all(&folder)?;
        for name in ["voter-app", "collector", "tally", "verifier"] {
            std::os::unix::fs::symlink(program(name), folder.join(name))?;
        }
        archive(&folder.join("source.tar"))?;
        self.order("programs", args!["--dir", folder]).map(drop)
    }

    /// Opens the voting.
    pub fn open(&self) -> Result<()> {
        self.order("open", args![]).map(drop)
    }

    /// Makes an eID for every voter who needs one.
    pub fn issue(&self, plan: &Plan) -> Result<PathBuf> {
        let folder = self.dir.join("eid");
        std::fs::create_dir_all(&folder)?;
        let codes: std::collections::BTreeSet<&str> = plan.lines.iter().map(|l| l.code.as_str()).collect();
        let people: Vec<_> =
            codes.iter().enumerate().map(|(n, code)| Person { code: (*code).to_owned(), ..Person::numbered(n as u32) }).collect();
        self.pki.write_voters(&people, P256, &folder)?;
        if let Some(services) = &self.services {
            for person in &people {
                let certificate = std::fs::read_to_string(folder.join(format!("{}.sign.pem", person.code)))?;
                services.services().know(&certificate, true)?;
            }
        }
        Ok(folder)
    }

    /// The test eID behind it.
    pub fn pki(&self) -> &TestPki {
        &self.pki
    }

    /// Casts the plan's ballots.
    pub fn cast(&self, plan: &Plan) -> Result<()> {
        let eid = self.issue(plan)?;
        let ballots = self.dir.join("ballots.tsv");
        std::fs::write(&ballots, plan.batch_file())?;
        let id = self.id();
        must(
            "voter-app",
            args![
                "batch",
                "--collector",
                self.url(),
                "--election-id",
                id,
                "--eid-dir",
                eid,
                "--ballots",
                ballots,
                "--receipts",
                self.dir.join("receipts.tsv"),
                "--state",
                self.dir.join("voter")
            ],
        )?;
        Ok(())
    }

    /// Changes the roll while voting runs; then those vote who vote because of it, under the roll that the order *amend* gives.
    pub fn amend(&self, changes: &Changes) -> Result<()> {
        let csv = self.dir.join("changes.csv");
        std::fs::write(&csv, changes.file())?;
        self.office(args!["roll", "change", csv])?;
        self.order("amend", args!["--changes", self.dir.join("collector/changes.bin")])?;
        self.cast(&Plan { lines: changes.lines.clone(), ..Plan::default() })
    }

    /// Takes annulments back.
    pub fn reinstate(&self, codes: &[String]) -> Result<()> {
        let (file, list) = (self.dir.join("back.txt"), self.dir.join("back.bin"));
        std::fs::write(&file, codes.iter().map(|c| format!("{c}\n")).collect::<String>())?;
        self.office(args!["roll", "pseudonyms", "--reinstate", file, "--out", &list])?;
        self.order("reinstate", args!["--list", list]).map(drop)
    }

    /// Annuls the ballots of those who voted on paper.
    pub fn annul(&self, codes: &[String]) -> Result<()> {
        let (file, list) = (self.dir.join("paper.txt"), self.dir.join("paper.bin"));
        std::fs::write(&file, codes.iter().map(|c| format!("{c}\n")).collect::<String>())?;
        self.office(args!["roll", "pseudonyms", file, "--out", &list])?;
        self.order("annul", args!["--list", list]).map(drop)
    }

    /// Closes, annuls, takes back what was a mistake, drills again with those who are present, seals.
    pub fn close(&self, plan: &Plan, present: &[usize]) -> Result<()> {
        self.order("close", args![])?;
        let annulled: Vec<String> = plan.paper.iter().chain(&plan.mistaken).cloned().collect();
        if !annulled.is_empty() {
            self.annul(&annulled)?;
        }
        if !plan.mistaken.is_empty() {
            self.reinstate(&plan.mistaken)?;
        }
        self.drill(present)?;
        self.order("seal", args![]).map(drop)
    }

    /// Every mixer in turn.
    pub fn mix(&self) -> Result<()> {
        (1..=self.setup.mixers).try_for_each(|i| self.mix_by(i).map(drop))
    }

    /// One mixer.
    pub fn mix_by(&self, mixer: usize) -> Result<String> {
        must("tally", args!["mix", "--board", self.url(), "--key", self.key("mixer", mixer), "--post"])
    }

    /// These trustees post intents, wait for each other, and open.
    pub fn open_result(&self, present: &[usize]) -> Result<()> {
        at_once(present, |i| {
            let state = self.dir.join(format!("trustee-{i}"));
            let wait = self.patience.as_secs().to_string();
            must("tally", args!["open", "--board", self.url(), "--key", self.key("trustee", i), "--state", state, "--post", "--wait", wait])
        })
    }

    /// Counts, and has the committee sign the result. Gives its bytes.
    pub fn result(&self) -> Result<Vec<u8>> {
        let file = self.dir.join("result.json");
        must("tally", args!["count", "--board", self.url(), "--out", &file])?;
        self.order("result", args!["--result", &file])?;
        Ok(std::fs::read(file)?)
    }

    /// Waits until all witnesses have signed the whole log, stops the servers, and copies record and evidence to `dir`.
    pub fn finish(&mut self) -> Result<()> {
        self.settle()?;
        if let Some(mut observer) = self.observer.take() {
            let code = observer.wait(self.patience).context("the observer does not see the end")?;
            ensure!(code == 0, "the observer ended with {code}; see observer.log");
        }
        if let Some(server) = self.collector.take() {
            server.stop()?;
        }
        self.witnesses.clear();
        let record = self.dir.join("record");
        let _ = std::fs::remove_dir_all(&record);
        copy(&self.dir.join("collector/record"), &record)?;
        let evidence = self.dir.join("evidence");
        let _ = std::fs::remove_dir_all(&evidence);
        self.office(args!["evidence", "--out", evidence])?;
        if let Some(services) = &self.services {
            let register = self.dir.join("register");
            let _ = std::fs::remove_dir_all(&register);
            std::fs::create_dir(&register)?;
            for (n, stamp) in services.register().iter().enumerate() {
                std::fs::write(register.join(format!("{n}.tsr")), stamp)?;
            }
        }
        std::fs::write(self.dir.join("election-id"), self.id() + "\n")?;
        Ok(())
    }

    /// Waits until the published checkpoint covers everything accepted so far, with every witness.
    pub fn settle(&self) -> Result<()> {
        let until = Instant::now() + self.patience;
        let web = board::http::Web::new(self.url());
        loop {
            let status: serde_json::Value = serde_json::from_slice(&web.get("/v1/status", None)?.body)?;
            let text = String::from_utf8(web.get("/board/checkpoint", None)?.body)?;
            if let Ok(checkpoint) = board::Checkpoint::verify(&text, &self.manifest)
                && Some(checkpoint.size) == status["size"].as_u64()
                && status["pending"] == 0
                && checkpoint.witnesses.len() == self.setup.witnesses
            {
                return Ok(());
            }
            ensure!(Instant::now() < until, "the witnesses do not sign the last checkpoint: {status}\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Does the same for several people at once.
fn at_once(people: &[usize], act: impl Fn(usize) -> Result<String> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = people
            .iter()
            .map(|&i| {
                scope.spawn({
                    let act = &act;
                    move || act(i)
                })
            })
            .collect();
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a thread ended"))?.map(drop))
    })
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for item in std::fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() { copy(&item.path(), &target)? } else { std::fs::copy(item.path(), target).map(drop)? }
    }
    Ok(())
}

/// An OCSP responder and a time-stamping party, whose anchor the committee takes into the manifest.
fn services(dir: &Path, pki: &TestPki) -> Result<Running> {
    let folder = dir.join("services");
    std::fs::create_dir_all(&folder)?;
    let services = Services::new(pki, &std::path::absolute(folder)?, (now() - 86_400, now() + 30 * 86_400))?;
    std::fs::write(dir.join("stamp-root.pem"), services.stamp_root.pem())?;
    Ok(Running::start(services)?)
}

fn witness_key(keys: &Path, i: usize) -> Result<()> {
    let (key, name) = (keys.join(format!("witness-{i}.key")), format!("witness-{i}"));
    let public = must("verifier", args!["witness", "--new-key", key, "--name", &name])?;
    Ok(std::fs::write(keys.join(format!("{name}.public.json")), public)?)
}
