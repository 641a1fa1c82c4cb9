//! `cargo load`: what the ballot box bears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use e2e::cluster::Cluster;
use e2e::election::Asked;
use e2e::load::attack::{self, Invalid, Tally};
use e2e::load::cpu::{Usage, spent_by, usage};
use e2e::load::parties::Parties;
use e2e::load::report;
use e2e::load::run::{Pressure, Running, beside, cast_all, log_all_in, session};
use e2e::load::town::{Prepared, Town};
use e2e::process;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How many ballots the collector takes, how quickly, and where the time goes
///
/// Brings up the real collector (release build, TLS 1.3 on loopback, every commit synced to disk) for an election in which voters choose one of
/// 153. All ballots are made beforehand: proven, and signed with a P-384 key of a test eID. They are kept in --dir and used again by the next run.
/// Voters are logged in first, over the same connections: that is measured apart, and is no part of the figures for casting.
///
/// Prints for logins and casts: how many a second, milliseconds until the promise (p50, p90, p99, longest), what was refused; the processor
/// time of the collector for each ballot, by thread and by step, and that of this generator apart. The generator takes its part of the machine:
/// look at the collector's own processor time as well as at the rate.
///
///   cargo load                             as many as it takes, nothing asked of others
///   cargo load --policy cached             an OCSP answer and a time stamp for each ballot; each voter's first answer is not in the cache
///   cargo load --policy cached --again     every voter votes twice: the second time, the answer is
///   cargo load --policy live               an OCSP answer with nonce for each ballot, and a time stamp
///   cargo load --store postgres            the ballots are with PostgreSQL; --standbys 2 with a quorum of copies
///   cargo load --rate 50                   50 a second, evenly: how long voters wait below saturation
///   cargo load --rate 20 --attack invalid  the same, while 100,000 invalid ballots are thrown at it
#[derive(Parser, Debug)]
#[command(name = "cargo load", verbatim_doc_comment)]
struct Args {
    /// Ballots to cast, each by a voter of its own
    #[arg(long, default_value_t = 2000)]
    ballots: usize,
    /// Connections at once
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Ballots a second, evenly; without it, as many as are taken
    #[arg(long)]
    rate: Option<f64>,
    /// What the manifest asks of others
    #[arg(long, value_enum, default_value_t = Policy::None)]
    policy: Policy,
    /// Where the ballots are kept
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// Servers that keep copies of what PostgreSQL commits; one of them must have it before a voter is answered
    #[arg(long, default_value_t = 0)]
    standbys: usize,
    /// Milliseconds that OCSP responder and time-stamping party take to answer
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// What attackers do beside it (repeat for several)
    #[arg(long, value_enum)]
    attack: Vec<Attack>,
    /// Voters who attack, of those on the roll
    #[arg(long, default_value_t = 100)]
    attackers: usize,
    /// Everybody casts once more afterwards
    #[arg(long)]
    again: bool,
    /// Where elections are prepared and kept
    #[arg(long, default_value = "target/load")]
    dir: PathBuf,
    /// Remove what was prepared when done
    #[arg(long)]
    clean: bool,
    /// Further words for `collector serve`
    #[arg(last = true)]
    more: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Policy {
    None,
    Cached,
    Live,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    /// A file of the collector
    Sqlite,
    /// A server of its own, on this machine
    Postgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Attack {
    /// 400 connections that say a byte a second
    Slow,
    /// 10,000 connections that say nothing
    Idle,
    /// Bodies too long or nested too deeply
    Bodies,
    /// 100,000 invalid ballots
    Invalid,
}

fn main() -> Result<()> {
    let args = Args::parse();
    attack::many_files();
    process::build()?;
    let asked = match args.policy {
        Policy::None => Asked::Nothing,
        Policy::Cached => Asked::Cached,
        Policy::Live => Asked::Each,
    };
    let cluster = match args.store {
        Store::Sqlite => None,
        Store::Postgres => Some(Cluster::start("cargo load", 1 + args.standbys).context("--store postgres needs PostgreSQL's programs")?),
    };
    let dir = args.dir.join(format!("{:?}-{:?}", args.policy, args.store).to_lowercase());
    let attackers = if args.attack.is_empty() { 0 } else { args.attackers };
    let (town, took) = Town::new(&dir, asked, args.ballots + attackers, cluster.as_ref())?;
    match took {
        Some((first, second)) => println!(
            "prepared: election and eIDs {:.1} s, {} logins and ballots {:.1} s",
            first.as_secs_f64(),
            town.voters.len(),
            second.as_secs_f64()
        ),
        None => println!("prepared before: {}", dir.display()),
    }
    let parties = match asked {
        Asked::Nothing => None,
        _ => Some(Parties::start(&town.dir.join("services"), Duration::from_millis(args.latency))?),
    };
    let running = Running::start(&town, parties.as_ref(), cluster.as_ref(), &args.more)?;
    run(&args, &town, &Desk { running: &running, parties: parties.as_ref(), cluster: cluster.as_ref() })?;
    running.server.stop()?;
    std::fs::remove_dir_all(town.dir.join("run"))?;
    if args.clean {
        std::fs::remove_dir_all(&args.dir)?;
    }
    Ok(())
}

/// The collector, and what it works with.
struct Desk<'d> {
    running: &'d Running,
    parties: Option<&'d Parties>,
    cluster: Option<&'d Cluster>,
}

impl Desk<'_> {
    /// Processor time of all nodes of the database.
    fn database(&self) -> Duration {
        self.cluster.map_or(Duration::ZERO, |cluster| spent_by((0..cluster.nodes()).flat_map(|n| cluster.processes(n))))
    }
}

fn run(args: &Args, town: &Town, desk: &Desk<'_>) -> Result<()> {
    let running = desk.running;
    let full = Pressure { connections: args.connections, rate: None };
    let before = running.usage()?;
    let (logins, replies) = log_all_in(&running.target, full, &town.manifest, &town.voters)?;
    report::calls("logins (two calls each)", &logins);
    report::cost("  collector", &running.usage()?.since(&before), logins.times.len());

    let everyone: Vec<(&Prepared, &str)> = town.voters.iter().zip(&replies).map(|(v, reply)| (v, session(reply))).collect();
    let (attackers, honest) = everyone.split_at(everyone.len() - args.ballots);
    let invalid = if attackers.is_empty() { None } else { Some(Invalid::prepare(attackers, town.manifest.ballot_len(0))?) };
    let tallies: Vec<(Attack, Tally)> = args.attack.iter().map(|kind| (*kind, Tally::default())).collect();
    let attack = |end: &AtomicBool| {
        std::thread::scope(|scope| {
            for (kind, tally) in &tallies {
                let (target, invalid, session) = (&running.target, invalid.as_ref(), attackers.first().map_or("", |a| a.1));
                scope.spawn(move || match kind {
                    Attack::Slow => attack::slow(target, 400, tally, end),
                    Attack::Idle => attack::idle(target, 10_000, tally, end),
                    Attack::Bodies => attack::bodies(target, 4, session, tally, end),
                    Attack::Invalid => invalid.into_iter().for_each(|invalid| invalid.send(target, 32, 100_000, tally, end)),
                });
            }
        });
    };
    let how = Pressure { rate: args.rate, ..full };
    let first: Vec<(&[u8], &str)> = honest.iter().map(|(voter, session)| (voter.body.as_slice(), *session)).collect();
    let mut failed = beside(&attack, || round("casts", desk, how, &first))?;
    if args.again {
        let next: Vec<(&[u8], &str)> = honest.iter().map(|(voter, session)| (voter.next.as_slice(), *session)).collect();
        failed += round("casts of everybody's next ballot", desk, how, &next)?;
    }
    for (kind, tally) in &tallies {
        println!("attack {kind:?}:");
        tally.lines().iter().for_each(|(what, n)| println!("  {what}: {n}"));
    }
    ensure!(failed == 0, "{failed} honest voters were not served");
    Ok(())
}

/// Casts, reports, and gives how many failed.
fn round(name: &str, desk: &Desk<'_>, how: Pressure, ballots: &[(&[u8], &str)]) -> Result<usize> {
    let Desk { running, parties, cluster } = desk;
    let database = desk.database();
    let (own, before, metrics) = (usage("self")?, running.usage()?, running.metrics()?);
    let asked = parties.map(Parties::asked).unwrap_or_default();
    let begun = Instant::now();
    let cast = cast_all(&running.target, how, ballots);
    running.settle()?;
    let (settled, n) = (begun.elapsed(), cast.times.len());
    report::calls(name, &cast);
    println!("  all in the log{} after {:.2} s", if parties.is_some() { " and stamped" } else { "" }, settled.as_secs_f64());
    report::cost("  collector", &running.usage()?.since(&before), n);
    if cluster.is_some() {
        let used = Usage { total: desk.database().saturating_sub(database), ..Usage::default() };
        report::cost("  database, all nodes", &used, n);
    }
    report::cost("  generator", &usage("self")?.since(&own), n);
    report::steps(&metrics, &running.metrics()?, n);
    if let Some((ocsp, tsa)) = parties.map(Parties::asked) {
        println!("asked: responder {}, time-stamping party {}", ocsp - asked.0, tsa - asked.1);
    }
    Ok(cast.failed)
}
