//! Keys, manifest, roll and data folder of one election.

use super::ceremony::Trustees;
use super::pki::{Eid, P256, Person, TestPki};
use super::server::{Server, entries, rows};
use super::services::{Running, STAMP_POLICY, Services};
use super::voter::Voter;
use super::{now, until};
use ballot::Hash;
use ballot::encode::{Record, sha256};
use ballot::manifest::{
    Board, CheckWindow, Committee, Contest, ContestOption, Count, Description, District, Eid as EidProfile, Hex32, Kind, Manifest, Member,
    Mixers, OcspPolicy, OptionList, Profile, Rule, Span, StampPolicy, TrusteeMember, Witnesses,
};
use ballot::signature::{self, Purpose};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::entry::Entry;
use board::order::{Order, OrderKind};
use board::programs::{self, Programs};
use board::replay::Replay;
use curve25519_dalek::{RistrettoPoint, Scalar};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub fn collector() -> Command {
    Command::new(env!("CARGO_BIN_EXE_collector"))
}

pub fn signing_key(seed: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(seed.as_bytes()))
}

fn member(name: &str) -> Member {
    Member { key: Hex32(signing_key(name).verifying_key().to_bytes()), name: name.to_owned() }
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What may differ between elections.
pub struct Options {
    /// One contest, of one list of candidates, instead of two that are summed.
    pub list: bool,
    pub districts: Vec<&'static str>,
    pub voters: usize,
    pub witnesses: usize,
    pub quorum: u64,
    pub batch_seconds: u64,
    pub batch_smallest: u64,
    pub until: u64,
    pub profile: Profile,
    pub ocsp: Option<OcspPolicy>,
    pub policies: Option<Vec<String>>,
    /// Seconds within which the time-stamping party of the tests is to stamp.
    pub stamp_seconds: Option<u64>,
    /// PostgreSQL that keeps the box.
    pub store: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            list: false,
            districts: vec!["north", "south"],
            voters: 3,
            witnesses: 0,
            quorum: 0,
            batch_seconds: 1,
            batch_smallest: 1,
            until: now() + 100_000,
            profile: Profile::CadesB,
            ocsp: None,
            policies: None,
            stamp_seconds: None,
            store: None,
        }
    }
}

pub struct Election {
    pub dir: TempDir,
    pub manifest: Arc<Manifest>,
    pub pki: TestPki,
    pub eids: HashMap<String, Eid>,
    pub trustees: Trustees,
    /// OCSP responder and time-stamping party, if the options ask for either.
    pub services: Option<Running>,
    pub store: Option<String>,
}

/// `n`th voter: even ones live in north, odd ones in south.
pub fn person(n: usize) -> Person {
    Person::numbered(n as u32)
}

fn description(pki: &TestPki, services: Option<&Services>, options: &Options) -> Description {
    let option = |id: &str| ContestOption { group: String::new(), id: id.to_owned(), title: format!("Option {id}") };
    let contest = |id: &str, districts: &[&str], rule| Contest {
        count: Count::Sum,
        id: id.to_owned(),
        lists: vec![OptionList {
            districts: districts.iter().map(|d| (*d).to_owned()).collect(),
            options: ["a", "b", "c"].map(option).to_vec(),
        }],
        rule,
        title: id.to_owned(),
    };
    let candidates = |mut contest: Contest| {
        contest.count = Count::Plurality;
        for (option, id) in contest.lists[0].options.iter_mut().zip(["0000.101", "0000.102", "0000.103"]) {
            option.id = id.to_owned();
        }
        contest
    };
    let contests = if options.list {
        vec![candidates(contest("mayor", &options.districts, Rule::List {}))]
    } else {
        vec![
            contest("mayor", &options.districts, Rule::Choose { min: 1, max: 1, blank: true }),
            contest("parks", &options.districts[..1], Rule::Approve {}),
        ]
    };
    let trustee = |name: &str| TrusteeMember {
        key: Hex32(signing_key(name).verifying_key().to_bytes()),
        name: name.to_owned(),
        share_key: Hex32(RistrettoPoint::mul_base(&Scalar::from_bytes_mod_order(sha256(name.as_bytes()))).compress().to_bytes()),
    };
    let stamp = options.stamp_seconds.zip(services).map(|(seconds, services)| StampPolicy {
        anchors: vec![STANDARD.encode(services.stamp_root.der())],
        clock: 60,
        policies: vec![STAMP_POLICY.to_owned()],
        seconds,
    });
    Description {
        board: Board { batch_seconds: options.batch_seconds, batch_smallest: options.batch_smallest },
        check: CheckWindow { minutes: 30, releases: 3 },
        collector: Member { key: Hex32([0; 32]), name: "collector".to_owned() },
        committee: Committee { members: vec![member("kask"), member("tamm"), member("saar")], quorum: 2 },
        contests,
        districts: options.districts.iter().map(|id| District { id: (*id).to_owned(), title: id.to_uppercase() }).collect(),
        eid: EidProfile {
            anchors: vec![STANDARD.encode(pki.root_der())],
            ocsp: options.ocsp.clone(),
            policies: options.policies.clone(),
            profile: options.profile,
            stamp,
        },
        haal: 1,
        k_min: 1,
        kind: Kind::Election,
        mixers: Mixers { members: vec![member("mixer-1"), member("mixer-2")], required: 2 },
        title: "Test election".to_owned(),
        trustees: ballot::manifest::Trustees {
            members: ["one", "two", "three"].map(trustee).to_vec(),
            override_rules: false,
            threshold: 2,
        },
        voting: Span { from: now() - 1000, until: options.until },
        witnesses: Witnesses {
            faulty: 0,
            members: (1..=options.witnesses).map(|n| member(&format!("w{n}"))).collect(),
            quorum: options.quorum,
        },
    }
}

/// Asks PostgreSQL, as soon as one of its servers takes writes.
fn ask<T>(url: &str, question: impl Fn(&mut postgres::Client) -> Result<T, postgres::Error>) -> T {
    let mut config: postgres::Config = url.parse().unwrap();
    config.target_session_attrs(postgres::config::TargetSessionAttrs::ReadWrite).connect_timeout(Duration::from_secs(2));
    until("PostgreSQL answers", || question(&mut config.connect(postgres::NoTls).ok()?).ok())
}

impl Election {
    /// Keys, manifest, data folder, imported voters. The log holds the manifest alone.
    pub fn new(options: Options) -> Self {
        let dir = TempDir::new().unwrap();
        let valid = (now() - 86_400, now() + 10 * 86_400);
        let pki = TestPki::with_algorithms("TEST eID", valid, P256, P256).unwrap();
        let key = dir.path().join("log.key");
        run(collector().args(["keygen", "--name", "collector", "--out"]).arg(&key));
        let public: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.path().join("collector.public.json")).unwrap()).unwrap();
        let wanted = options.ocsp.is_some() || options.stamp_seconds.is_some();
        let services = wanted.then(|| {
            let folder = dir.path().join("services");
            std::fs::create_dir(&folder).unwrap();
            Services::new(&pki, &folder, valid).unwrap()
        });
        let mut description = description(&pki, services.as_ref(), &options);
        description.collector.key = Hex32(ballot::encode::parse_hash(public["key"].as_str().unwrap()).unwrap());
        let manifest = Arc::new(Manifest::from_description(&description).unwrap());
        let entry = Self::manifest_entry(&manifest);
        let paths = ["manifest.json", "entry0", "voters.csv"].map(|name| dir.path().join(name));
        std::fs::write(&paths[0], manifest.bytes()).unwrap();
        std::fs::write(&paths[1], &entry).unwrap();
        let mut eids = HashMap::new();
        let mut csv = "person_code,district\n".to_owned();
        for n in 0..options.voters {
            let person = person(n);
            csv += &format!("{},{}\n", person.code, options.districts[n % options.districts.len()]);
            eids.insert(person.code.clone(), pki.voter(&person, P256).unwrap());
        }
        std::fs::write(&paths[2], csv).unwrap();
        if let Some(services) = &services {
            eids.values().for_each(|eid: &Eid| services.know(&eid.sign.chain_pem, true).unwrap());
        }
        let services = services.map(|services| Running::start(services).unwrap());
        let election = Self { trustees: Trustees::new(), dir, manifest, pki, eids, services, store: options.store };
        let data = election.data();
        election.init(&data);
        if options.voters > 0 {
            run(collector().args(["roll", "import", "--data"]).arg(&data).args(election.place()).arg(&paths[2]));
        }
        election
    }

    /// Makes a data folder; with PostgreSQL there may be several.
    pub fn init(&self, data: &Path) {
        let mut command = collector();
        command.arg("init").arg("--data").arg(data).args(self.place());
        for (word, file) in [("--manifest", "manifest.json"), ("--signatures", "entry0"), ("--key", "log.key")] {
            command.arg(word).arg(self.dir.path().join(file));
        }
        run(&mut command);
    }

    /// The words that say where the box is, if not in the data folder.
    pub fn place(&self) -> Vec<&str> {
        self.store.iter().flat_map(|url| ["--store", url]).collect()
    }

    /// The same with voting open on a running server.
    pub fn open(options: Options) -> (Self, Server) {
        Self::open_with(options, &[], &[])
    }

    pub fn open_with(options: Options, witnesses: &[&str], env: &[(&str, &str)]) -> (Self, Server) {
        let election = Self::new(options);
        let server = Server::start(&election, witnesses, &[]);
        election.open_voting(&server);
        if env.is_empty() {
            return (election, server);
        }
        server.stop();
        let server = Server::start(&election, witnesses, env);
        (election, server)
    }

    /// Roll, ceremony, drill, open.
    pub fn open_voting(&self, server: &Server) {
        let open = self.ready(server);
        server.submit_ok("order", &open.to_bytes(), &[]);
    }

    /// Roll, ceremony, drill; gives the order *open*, still to be sent.
    pub fn ready(&self, server: &Server) -> Order {
        let roll = self.roll();
        let root = board::Roll::from_bytes(&roll).unwrap().tree().root();
        server.submit_ok("order", &self.order(OrderKind::Roll, |o| (o.argument, o.blob) = (root, sha256(&roll))).to_bytes(), &roll);
        let note = self.programs();
        server.submit_ok("order", &self.order(OrderKind::Note, |o| o.blob = sha256(&note)).to_bytes(), &note);
        self.trustees.run(self, server);
        let key = self.replay().ceremony().ready_key().unwrap();
        self.order(OrderKind::Open, |o| o.argument = key)
    }

    /// A note of programs (GATE-1).
    pub fn programs(&self) -> Vec<u8> {
        let files = programs::NAMES.into_iter().chain(["source.tar"]).map(|name| (name.to_owned(), sha256(name.as_bytes())));
        Programs::new(files.collect()).unwrap().note().into_bytes()
    }

    pub fn manifest_entry(manifest: &Manifest) -> Vec<u8> {
        let sign = |(at, name)| (at, signature::sign(&signing_key(name), Purpose::Manifest, &manifest.id(), &[]));
        Entry::Manifest { election: manifest.id(), signatures: [(1, "kask"), (2, "tamm")].map(sign).to_vec() }.to_bytes()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn roll(&self) -> Vec<u8> {
        std::fs::read(self.data().join("roll.bin")).unwrap()
    }

    /// The log as it is committed; with PostgreSQL, as soon as one server takes writes.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        let Some(url) = &self.store else { return entries(&self.data()) };
        ask(url, |db| Ok(db.query("SELECT bytes FROM entry ORDER BY position", &[])?.iter().map(|row| row.get(0)).collect()))
    }

    /// Number of rows of every table.
    pub fn rows(&self) -> BTreeMap<String, i64> {
        let Some(url) = &self.store else { return rows(&self.data()) };
        ask(url, |db| {
            let names = db.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[])?;
            let names = names.iter().map(|row| row.get::<_, String>(0));
            names.map(|name| Ok((name.clone(), db.query_one(&format!("SELECT count(*) FROM {name}"), &[])?.get(0)))).collect()
        })
    }

    /// What the committed log says.
    pub fn replay(&self) -> Replay {
        let mut replay = Replay::new(self.manifest.clone());
        for entry in self.entries() {
            let blob = Entry::from_bytes(&entry).unwrap().blob();
            let blob = blob.map(|name| std::fs::read(self.data().join("record/blob").join(hex::encode(name))).unwrap());
            replay.apply(&entry, blob.as_deref()).unwrap();
        }
        replay
    }

    pub fn id(&self) -> Hash {
        self.manifest.id()
    }

    /// The next order, signed by two members.
    pub fn order(&self, kind: OrderKind, fill: impl FnOnce(&mut Order)) -> Order {
        let number = self.replay().phases().next_order();
        let mut order = Order { number, kind, time: now(), value: 0, argument: [0; 32], blob: [0; 32], signatures: Vec::new() };
        fill(&mut order);
        order.sign(&self.id(), 1, &signing_key("kask"));
        order.sign(&self.id(), 3, &signing_key("saar"));
        order
    }

    /// Gives a plain order, which must be taken.
    pub fn give(&self, server: &Server, kind: OrderKind) -> u64 {
        server.submit_ok("order", &self.order(kind, |_| ()).to_bytes(), &[])
    }

    pub fn voter(&self, n: usize) -> Voter<'_> {
        Voter::new(self, &person(n).code)
    }

    /// Ends voting, seals, and gives the index of the closing entry.
    pub fn close_and_seal(&self, server: &Server) -> u64 {
        self.give(server, OrderKind::Close);
        self.give(server, OrderKind::Seal) + 1
    }
}
