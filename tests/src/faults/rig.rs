//! An election whose collector can be ill-treated, its voters, an onlooker who keeps every checkpoint, and the judgement at the end.

use super::database::Database;
use super::shim::{Failing, Shim};
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
use board::http::Web;
use board::tree::{Tree, leaf_hash};
use board::{Checkpoint, Log};
use envelope::Identity;
use rand_core::Rng;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
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
/// How long something is waited for that comes by itself.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two ballots of one of them.
const PAUSE: Duration = Duration::from_millis(25);

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

    fn wait(&mut self, least: u64, most: u64) {
        sleep(Duration::from_millis(least + self.rng.next_u64() % (most - least)));
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

    fn mistreat(&mut self, amount: &Amount) -> Result<()> {
        if amount.lying_disk {
            self.shim.fail(Failing::Lie, 0, 0, 0)?;
        }
        for _ in 0..amount.kills {
            self.wait(20, 1300);
            self.kill()?;
            self.shim.killed()?;
            self.figures.kills += 1;
            self.start_again()?;
        }
        for n in 0..amount.primary_kills {
            self.wait(20, 1300);
            self.kill_primary(n)?;
        }
        for _ in 0..amount.power_cuts {
            self.wait(20, 1300);
            self.kill()?;
            self.figures.destroyed += self.shim.power_cut(&self.election.dir.join("collector"), &mut self.rng)?;
            self.figures.power_cuts += 1;
            self.election.start_collector()?;
        }
        for n in 0..amount.disk_errors {
            self.disk_error(n)?;
        }
        for n in 0..amount.clock_jumps {
            // Forward little, since a close cannot be dated before the last ballot; backward as far as one likes.
            self.shim.clock([5, -5, -50_000, 8, -3600, 0][n % 6])?;
            self.figures.clock_jumps += 1;
            self.wait(100, 700);
            if n % 3 == 2 {
                self.kill()?;
                self.shim.killed()?;
                self.start_again()?;
            }
        }
        self.shim.clock(0)
    }

    /// Starts the collector once more: as the system does that runs it, again and again while there is no database.
    fn start_again(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(database) = &self.database {
                database.keep_up();
            }
            match self.election.start_collector() {
                Err(error) if self.database.is_none() || Instant::now() > until => return Err(error),
                Err(_) => sleep(Duration::from_millis(200)),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// The primary is lost. A standby takes its place, or it comes back as it was.
    fn kill_primary(&mut self, n: usize) -> Result<()> {
        let database = self.database.as_mut().context("a primary without a cluster")?;
        database.lose();
        let ended = self.election.collector.as_mut().context("no collector")?.wait(PATIENCE);
        self.figures.primary_kills += 1;
        self.figures.failovers += usize::from(n.is_multiple_of(2) && database.take_over());
        match ended {
            Ok(70) => {}
            Ok(code) => self.trouble(format!("the collector ended with {code} without its database")),
            Err(_) => bail!("the collector goes on without its database"),
        }
        self.shim.killed()?;
        self.start_again()?;
        if let Some(database) = &mut self.database {
            database.rejoin();
        }
        Ok(())
    }

    fn kill(&mut self) -> Result<()> {
        self.election.collector.as_mut().context("no collector")?.kill()
    }

    /// The disk fails for a while; a collector that ended itself is started again.
    fn disk_error(&mut self, n: usize) -> Result<()> {
        use super::shim::{BROKEN, FULL};
        let (what, errno, times) = [
            (Failing::Sync, BROKEN, 1),
            (Failing::Write, FULL, 20),
            (Failing::Short, FULL, 30),
            (Failing::Write, BROKEN, 1),
            (Failing::Sync, FULL, 2),
        ][n % 5];
        let nth = 1 + (self.rng.next_u64() % 12) as i64;
        self.disk().fail(what, nth, times, errno)?;
        let until = Instant::now() + Duration::from_millis(600);
        let collector = self.election.collector.as_mut().context("no collector")?;
        while Instant::now() < until && collector.wait(Duration::ZERO).is_err() {
            sleep(Duration::from_millis(20));
        }
        let ended = collector.wait(Duration::ZERO).ok();
        self.figures.disk_errors += usize::from(self.disk().heal()? > 0);
        if let Some(database) = &self.database {
            database.keep_up();
        }
        if let Some(code) = ended {
            self.figures.ended += 1;
            if code != 70 {
                self.trouble(format!("the collector ended with {code} when {what:?} failed"));
            }
            self.shim.killed()?;
            self.start_again()?;
        }
        Ok(())
    }

    /// The one that fails.
    fn disk(&self) -> &Shim {
        self.database.as_ref().map_or(&self.shim, |database| &database.shim)
    }

    /// Nothing is done to anything any more; a collector that ended a moment ago is started again.
    fn calm(&mut self) -> Result<()> {
        if self.database.is_some() && self.election.collector.as_mut().context("no collector")?.wait(Duration::from_secs(3)).is_ok() {
            self.shim.killed()?;
            self.start_again()?;
        }
        Ok(())
    }

    /// The line is cut at each kind of place: in the request after so many bytes, or in the reply.
    fn cut_lines(&mut self) -> Result<()> {
        let (rules, mut client) = (&self.rules, Client::new(&self.target));
        let mut voter = self.voters.last().context("no voter")?.lock().expect("no panic");
        while voter.session().is_empty() || voter.is_waiting() {
            voter.step(&mut client, rules)?;
        }
        let ballot = rules.manifest.ballot_len(0);
        let mut before = mine(&mut client, voter.session())?;
        let mut cuts = 0;
        for place in 0..16 {
            let body = voter.request(rules)?;
            let head = format!(
                "POST /v1/cast HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
                voter.session(),
                body.len()
            );
            let (start, whole) = (head.len(), head.len() + body.len());
            let sent =
                [0, 10, 40, start - 2, start, start + 20, start + 64, start + 64 + ballot / 2, start + 64 + ballot, whole - 200, whole - 1]
                    .get(place)
                    .copied()
                    .unwrap_or(whole);
            let read = [0, 5, 30, 150, 400].get(place.wrapping_sub(11)).copied().unwrap_or(0);
            let mut line = self.target.connect(Duration::from_secs(10))?;
            line.write_all(&[head.as_bytes(), &body].concat()[..sent])?;
            line.flush()?;
            if read > 0 {
                let _ = line.read_exact(&mut vec![0; read]);
            }
            drop(line);
            cuts += 1;
            // Half a ballot is none; one of which something was answered is stored. Between, either may be: the server may see first that nobody
            // listens any more.
            sleep(Duration::from_millis(50));
            let stored = mine(&mut client, voter.session())? - before;
            ensure!(
                stored <= usize::from(sent == whole) && stored >= usize::from(read > 0),
                "cut after {sent} of {whole} and {read} bytes: {stored} stored"
            );
            let promised = voter.acknowledged.len();
            while voter.acknowledged.len() == promised {
                voter.step(&mut client, rules)?;
            }
            before += 1;
            ensure!(mine(&mut client, voter.session())? == before, "sent again after a cut, and not stored once");
        }
        drop(voter);
        self.figures.line_cuts = cuts;
        Ok(())
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

/// Votes for these people in turn, until the end.
fn vote<'v>(voters: impl Iterator<Item = &'v Mutex<Voter>>, rules: &Rules, target: &Target, end: &AtomicBool) {
    let voters: Vec<_> = voters.collect();
    let mut client = Client::patient(target, Duration::from_secs(20));
    for voter in voters.iter().cycle() {
        let mut voter = voter.lock().expect("no panic");
        let promised = voter.acknowledged.len();
        while voter.acknowledged.len() == promised {
            if end.load(Ordering::Relaxed) {
                return;
            }
            if voter.step(&mut client, rules).is_err() {
                voter.hang_up();
                sleep(PAUSE); // the collector is down: he tries again
            }
        }
        drop(voter);
        sleep(PAUSE);
    }
}

/// Keeps every checkpoint that is served.
fn look_on(
    target: &Target,
    manifest: &ballot::Manifest,
    seen: &Mutex<BTreeMap<u64, Hash>>,
    trouble: &Mutex<Vec<String>>,
    end: &AtomicBool,
) {
    let mut client = Client::patient(target, Duration::from_secs(5));
    while !end.load(Ordering::Relaxed) {
        sleep(PAUSE);
        let Ok(answer) = client.call("GET", "/board/checkpoint", None, b"") else { continue };
        if answer.status != 200 {
            continue;
        }
        let Ok(checkpoint) = Checkpoint::verify(&String::from_utf8_lossy(&answer.body), manifest) else {
            trouble.lock().expect("no panic").push("a checkpoint was served that does not verify".into());
            continue;
        };
        let old = seen.lock().expect("no panic").insert(checkpoint.size, checkpoint.root);
        if old.is_some_and(|old| old != checkpoint.root) {
            trouble.lock().expect("no panic").push(format!("FORK: two roots for {} entries", checkpoint.size));
        }
    }
}

fn mine(client: &mut Client, session: &str) -> Result<usize> {
    Ok(client.call("GET", "/v1/mine", Some(session), b"")?.ok()?["ballots"].as_array().context("no list")?.len())
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
