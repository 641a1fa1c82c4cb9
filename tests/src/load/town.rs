//! An open election with its voters' ballots, prepared once and kept in a folder.

use crate::cluster::Cluster;
use crate::election::{Asked, Election, Setup, copy, now};
use crate::lab;
use crate::own_client::{Client, styles};
use crate::pki::{Credential, Eid, P384, Person, TestPki};
use crate::plan::{Plan, Voter};
use anyhow::{Context as _, Result, ensure};
use ballot::ballot::{BallotStyle, Seed};
use ballot::manifest::Rule;
use ballot::{Context, Hash, Manifest, Selection};
use board::http::Web;
use envelope::{Identity, cades};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A voter who has a signed ballot in hand.
#[derive(Serialize, Deserialize)]
pub struct Prepared {
    /// PKCS#8 and chain in PEM, for logging in.
    pub login: (String, String),
    /// The same for signing.
    pub sign: (String, String),
    /// Token, pad, ballot, container: what is sent.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// The same of the next ballot, to be cast after it.
    #[serde(skip)]
    pub next: Vec<u8>,
}

impl Prepared {
    /// One who has an eID and no ballot yet.
    pub fn of(eid: &Eid) -> Self {
        let pem = |credential: &Credential| (credential.key_pem.clone(), credential.chain_pem.clone());
        Self { login: pem(&eid.login), sign: pem(&eid.sign), body: Vec::new(), next: Vec::new() }
    }
}

/// A ballot of one contest, encrypted, proven and signed: the body that is sent, and the ballot's hash.
pub fn signed_ballot(style: &BallotStyle, context: &Context, selection: &Selection, signer: &Identity) -> Result<(Vec<u8>, Hash)> {
    let mut random = [[0; 32]; 3]; // seed, token, pad
    random.iter_mut().try_for_each(|bytes| getrandom::fill(bytes))?;
    let [seed, token, pad] = random;
    let ballot = style.encrypt(context, std::slice::from_ref(selection), &Seed(seed))?;
    let container = cades::sign(ballot.bytes(), signer, now())?;
    Ok(([&token, &pad, ballot.bytes(), container.as_slice()].concat(), ballot.hash()))
}

/// The folder.
pub struct Town {
    /// Where it lies.
    pub dir: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Its voters.
    pub voters: Vec<Prepared>,
}

/// What a preparation took; nothing if it was found.
pub type Took = Option<(Duration, Duration)>;

impl Town {
    /// The town in a folder: made if it is not there, or is one of fewer voters. With a cluster, that holds its ballots.
    pub fn new(dir: &Path, asked: Asked, voters: usize, cluster: Option<&Cluster>) -> Result<(Self, Took)> {
        if let Ok(town) = Self::open(dir, voters) {
            return Ok((town, None));
        }
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
        let took = prepare(dir, asked, voters, cluster)?;
        Ok((Self::open(dir, voters)?, Some(took)))
    }

    fn open(dir: &Path, voters: usize) -> Result<Self> {
        let manifest = Manifest::from_bytes(&fs::read(dir.join("manifest.json"))?)?;
        let mut all: Vec<Prepared> = serde_json::from_slice(&fs::read(dir.join("voters.json"))?)?;
        ensure!(all.len() >= voters, "a smaller town");
        all.truncate(voters);
        let bodies = fs::read(dir.join("ballots.bin"))?;
        let mut rest = bodies.as_slice();
        for body in all.iter_mut().flat_map(|voter| [&mut voter.body, &mut voter.next]) {
            let (length, after) = rest.split_first_chunk().context("ballots.bin is cut")?;
            let (read, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize).context("ballots.bin is cut")?;
            (*body, rest) = (read.to_vec(), after);
        }
        Ok(Self { dir: dir.to_owned(), manifest, voters: all })
    }

    /// A fresh copy of the data folder, and of what the cluster held, with nothing cast yet.
    pub fn fresh_data(&self, cluster: Option<&Cluster>) -> Result<PathBuf> {
        if let Some(cluster) = cluster {
            cluster.restore(0, &fs::read(self.dir.join("box.sql"))?);
        }

        let data = self.dir.join("run");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        copy(&self.dir.join("data"), &data)?;
        Ok(data)
    }

    /// Certificate and key of the server.
    pub fn tls(&self) -> (PathBuf, PathBuf) {
        (self.dir.join("tls.pem"), self.dir.join("tls.key"))
    }
}

/// Makes it; gives the time for the election with its eIDs, and for the ballots alone.
fn prepare(dir: &Path, asked: Asked, voters: usize, cluster: Option<&Cluster>) -> Result<(Duration, Duration)> {
    let begun = Instant::now();
    let making = dir.join("making");
    let people: Vec<Person> = (0..voters as u32).map(Person::numbered).collect();
    let setup = Setup {
        title: "Load".into(),
        contests: vec![lab::contest("list", Rule::List {}, 153)],
        districts: vec![("all".into(), "All".into())],
        services: asked,
        store: cluster.map(Cluster::url),
        ..Setup::small()
    };
    let pki = Arc::new(TestPki::new("Test eID", (now() - 86_400, now() + 30 * 86_400))?);
    let mut election = Election::with_eid(&making, setup, pki.clone())?;
    let roll = people.iter().map(|p| Voter { code: p.code.clone(), district: "all".into() }).collect();
    election.enrol(&Plan { voters: roll, ..Plan::default() })?;
    election.ceremony()?;
    election.open()?;
    election.settle()?;
    let eids: Vec<_> = people.par_iter().map(|person| pki.voter(person, P384)).collect::<std::io::Result<_>>()?;
    let first = begun.elapsed();

    let begun = Instant::now();
    let style = styles(&election)?.into_iter().next().context("no style")?;
    let (web, manifest) = (Web::new(election.url()), &election.manifest);
    let one = |(n, eid): (usize, &Eid)| -> Result<Prepared> {
        let login = Identity::from_pem(&eid.login.key_pem, &eid.login.chain_pem)?;
        let context = Client::log_in(&web, manifest, &login)?.context;
        let signer = Identity::from_pem(&eid.sign.key_pem, &eid.sign.chain_pem)?;
        let selection = Selection(vec![n as u32 * 7 % 153]);
        let (body, ballot) = signed_ballot(&style, &context, &selection, &signer)?;
        let (next, _) = signed_ballot(&style, &Context { number: context.number + 1, previous: ballot, ..context }, &selection, &signer)?;
        Ok(Prepared { body, next, ..Prepared::of(eid) })
    };
    let all: Vec<Prepared> = eids.par_iter().enumerate().map(one).collect::<Result<_>>()?;
    let second = begun.elapsed();

    let server = election.collector.take().context("no collector")?;
    server.stop()?;
    drop(election);
    cluster.map(|cluster| fs::write(dir.join("box.sql"), cluster.dump(0))).transpose()?;
    fs::rename(making.join("collector"), dir.join("data"))?;
    if asked != Asked::Nothing {
        fs::rename(making.join("services"), dir.join("services"))?;
    }
    let bodies: Vec<u8> = all
        .iter()
        .flat_map(|voter| [&voter.body, &voter.next])
        .flat_map(|body| [&(body.len() as u32).to_be_bytes(), body.as_slice()].concat())
        .collect();
    fs::write(dir.join("ballots.bin"), bodies)?;
    fs::write(dir.join("voters.json"), serde_json::to_vec(&all)?)?;
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    fs::write(dir.join("tls.pem"), cert.pem())?;
    fs::write(dir.join("tls.key"), signing_key.serialize_pem())?;
    fs::rename(making.join("manifest.json"), dir.join("manifest.json"))?; // last: without it there is no town
    fs::remove_dir_all(&making)?;
    Ok((first, second))
}
