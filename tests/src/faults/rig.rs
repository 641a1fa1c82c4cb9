//! An election whose collector can be ill-treated, its voters, an onlooker who keeps every checkpoint, and the judgement at the end.

mod crowd;
mod mistreat;

use super::database::Database;
use super::shim::Shim;
use super::voter::{Rules, Voter};
use crate::cluster::Cluster;
use crate::election::{Asked, Election, Setup};
use crate::load::client::{Client, Target};
use crate::own_client::styles;
use crate::pki::{P256, Person};
use crate::plan::{ContestPlan, Plan, Voter as Enrolled};
use crate::process::run;
use anyhow::{Context as _, Result, bail, ensure};
use ballot::encode::hash;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::{Hash, Selection};
use board::Log;
use board::http::Web;
use board::tree::{Tree, leaf_hash};
use crowd::{look_on, vote};
use envelope::Identity;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// How much of each.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Amount {
    pub voters: u32,
    pub kills: usize,
    pub power_cuts: usize,
    pub disk_errors: usize,
    pub clock_jumps: usize,
    /// Losses of the database's primary; there must be a cluster.
    pub primary_kills: usize,
    pub seed: u64,
    /// Syncs do nothing, so that power cuts must lose ballots: whoever judges has to see it.
    pub lying_disk: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Figures {
    pub kills: usize,
    pub power_cuts: usize,
    /// Writes that power cuts destroyed.
    pub destroyed: usize,
    pub disk_errors: usize,
    /// How often the collector ended itself.
    pub ended: usize,
    pub clock_jumps: usize,
    pub primary_kills: usize,
    /// After how many of them a standby became the primary.
    pub failovers: usize,
    pub line_cuts: usize,
    pub acknowledged: usize,
    pub ballots: usize,
    pub checkpoints: usize,
    /// Ballots of which their voters learned at a later login.
    pub learned: usize,
}

/// Everything.
pub struct Rig {
    election: Election,
    rules: Rules,
    voters: Vec<Mutex<Voter>>,
    shim: Shim,
    database: Option<Database>,
    target: Target,
    rng: SeededRng,
    /// Root by size, of every checkpoint that was ever served.
    seen: Mutex<BTreeMap<u64, Hash>>,
    trouble: Mutex<Vec<String>>,
    figures: Figures,
}

/// How many vote at once.
const AT_ONCE: usize = 6;

impl Rig {
    /// An election that is open, in a folder. With a cluster, that holds the ballots.
    pub fn new(dir: &Path, amount: &Amount, cluster: Option<Cluster>) -> Result<Self> {
        let database = cluster.map(Database::new).transpose()?;
        let options = ["ann", "ben"].map(|name| (name.to_owned(), name.to_owned(), String::new())).to_vec();
        let mayor = ContestPlan { id: "mayor".into(), title: "Mayor".into(), rule: Rule::Choose { min: 1, max: 1, blank: false }, options };
        let districts = vec![("all".into(), "All".into())];
        let store = database.as_ref().map(Database::url);
        let setup = Setup { contests: vec![mayor], districts, services: Asked::Nothing, store, ..Setup::small() };
        let mut election = Election::new(dir, setup)?;
        let people: Vec<Person> = (0..amount.voters).map(Person::numbered).collect();
        let roll = people.iter().map(|p| Enrolled { code: p.code.clone(), district: "all".into() }).collect();
        election.enrol(&Plan { voters: roll, ..Plan::default() })?;
        election.ceremony()?;
        election.open()?;
        election.settle()?;
        let voter = |person: &Person| -> Result<Mutex<Voter>> {
            let eid = election.pki().voter(person, P256)?;
            let identity = |c: &crate::pki::Credential| Identity::from_pem(&c.key_pem, &c.chain_pem);
            Ok(Mutex::new(Voter::new(identity(&eid.login)?, identity(&eid.sign)?)))
        };
        let voters = people.iter().map(voter).collect::<Result<_>>()?;
        let style = styles(&election)?.into_iter().next().context("no style")?;
        let rules = Rules { manifest: election.manifest.clone(), style, choice: Selection(vec![1, 0]) };
        let shim = Shim::new(dir)?;
        election.collector.take().context("no collector")?.stop()?;
        election.env = shim.env();
        election.start_collector()?;
        let address: SocketAddr = election.url().trim_start_matches("http://").parse()?;
        Ok(Self {
            election,
            rules,
            voters,
            shim,
            database,
            target: Target::plain(address),
            rng: SeededRng::new(&amount.seed.to_be_bytes()),
            seen: Mutex::default(),
            trouble: Mutex::default(),
            figures: Figures::default(),
        })
    }

    fn trouble(&self, words: impl Into<String>) {
        self.trouble.lock().expect("no panic").push(words.into());
    }

    /// Ill-treats the collector while everybody votes.
    pub fn run(mut self, amount: &Amount) -> Result<Figures> {
        let end = AtomicBool::new(false);
        // What voters and onlooker share is taken out, so that the collector can be handled beside them.
        let (voters, rules, target) = (std::mem::take(&mut self.voters), &self.rules, self.target.clone());
        let (seen, trouble, manifest) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()), self.election.manifest.clone());
        let rules = Rules { manifest: rules.manifest.clone(), style: rules.style.clone(), choice: rules.choice.clone() };
        let done = scope(|scope| {
            for n in 0..AT_ONCE {
                let (voters, rules, target, end) = (&voters, &rules, &target, &end);
                let (_alone, others) = voters.split_last().expect("voters"); // one waits for `cut_lines`, with all his ballots
                scope.spawn(move || vote(others.iter().skip(n).step_by(AT_ONCE), rules, target, end));
            }
            scope.spawn(|| look_on(&target, &manifest, &seen, &trouble, &end));
            let done = self.mistreat(amount).and_then(|()| self.calm());
            end.store(true, Ordering::Relaxed);
            done
        });
        done?;
        (self.voters, self.seen) = (voters, seen);
        self.trouble.lock().expect("no panic").extend(trouble.into_inner().expect("no panic"));
        self.cut_lines()?;
        self.judge()
    }

    /// Everybody hears of the ballot that is under way; then all is compared, closed, mixed, opened and verified.
    fn judge(mut self) -> Result<Figures> {
        let mut client = Client::new(&self.target);
        let until = Instant::now() + Duration::from_secs(120);
        for voter in &self.voters {
            let mut voter = voter.lock().expect("no panic");
            while voter.is_waiting() {
                voter.step(&mut client, &self.rules)?;
                ensure!(Instant::now() < until, "a voter never hears of a ballot");
            }
        }
        self.election.settle()?;
        let log = Log::load(&Web::board(&self.election.board()), &self.election.manifest)?;
        let mut found: HashMap<Hash, usize> = HashMap::new();
        for entry in log.entries.iter().filter(|e| e[0] == 5) {
            *found.entry(hash("ballot", &[&entry[34..]])).or_default() += 1;
        }
        let mut trouble = self.trouble.into_inner().expect("no panic");
        let mut promised = 0;
        for voter in &self.voters {
            let voter = voter.lock().expect("no panic");
            trouble.extend(voter.violations.iter().cloned());
            self.figures.learned += voter.learned;
            promised += voter.acknowledged.len();
            let lost = voter.acknowledged.iter().filter(|a| found.get(&a.ballot) != Some(&1)).count();
            if lost > 0 {
                trouble.push(format!("{lost} acknowledged ballots of one voter are not in the log once"));
            }
        }
        if found.values().sum::<usize>() != promised {
            trouble.push(format!("{} ballots in the log, {promised} acknowledged", found.values().sum::<usize>()));
        }
        let tree = Tree::from_leaves(log.entries.iter().map(|entry| leaf_hash(entry)));
        let seen = self.seen.into_inner().expect("no panic");
        for (size, root) in &seen {
            if tree.root_at(*size) != Some(*root) {
                trouble.push(format!("FORK: the log does not extend the checkpoint of {size} entries that was served"));
            }
        }
        (self.figures.acknowledged, self.figures.ballots, self.figures.checkpoints) = (promised, found.len(), seen.len());
        if !trouble.is_empty() {
            trouble.truncate(20);
            bail!("{:?}\n{}", self.figures, trouble.join("\n"));
        }
        verify(&mut self.election)?;
        Ok(self.figures)
    }
}

/// The rest of the election, and the independent judge.
fn verify(election: &mut Election) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(60);
    while let Err(error) = election.order("close", Vec::new()) {
        // The clock was ahead when the last batch was made: a close is dated after it.
        ensure!(format!("{error:#}").contains("PHASE-4") && Instant::now() < until, "{error:#}");
        sleep(Duration::from_millis(500));
    }
    election.drill(&[1, 2])?;
    election.order("seal", Vec::new())?;
    election.mix()?;
    election.open_result(&[1, 2])?;
    election.result()?;
    election.finish()?;
    let (record, evidence) = (election.dir.join("record"), election.dir.join("evidence"));
    let words =
        ["check".into(), record.into_os_string(), "--election-id".into(), election.id().into(), "--evidence".into(), evidence.into()];
    let said = run("verifier", words)?;
    ensure!(said.code == 0, "the verifier finds a fault: {}{}", said.out, said.err);
    Ok(())
}
