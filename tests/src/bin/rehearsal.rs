//! `cargo rehearsal`: the online vote of a real parliamentary election, ballot by ballot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Result, ensure};
use clap::Parser;
use e2e::election::{Election, Setup};
use e2e::pki::Person;
use e2e::plan::{Plan, Voter};
use e2e::process;
use e2e::rehearsal::lists::{Lists, Sample};
use e2e::rehearsal::meter::Meter;
use e2e::rehearsal::voters::{Crowd, vote};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Vote, mix, open and verify a whole real election again, and compare with the official count
///
/// Reads the official lists of the Estonian parliamentary election of 2019 (12 districts, 247,041 online votes) and casts a ballot for each of
/// them. Every voter has an eID with P-384 keys of its own, logs in, makes and proves a ballot, signs it and casts it, over HTTP on loopback,
/// without TLS: the collector makes every check of specs/07-casting, as for anybody. The manifest asks for no OCSP answers and time stamps.
/// Then the election is closed, mixed by two mixers, opened by two of three trustees, counted, and judged by `verifier check` with the evidence
/// (each envelope again). One witness follows and checks everything.
///
/// Prints for each stage elapsed time, processor time (of all programs, and for each ballot) and the most memory. A stage's processor time has in it
/// what collector and witnesses still do for the stage before.
///
/// Exit status: 0 only if the verifier passed and every candidate has exactly the official count.
#[derive(Parser, Debug)]
#[command(name = "cargo rehearsal")]
struct Args {
    /// Folder with the official lists and counts: *.districts.json, *.choices.json, *.expected_ivote_tally_bydistrict.json
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/estonia/rk2019"), hide_default_value = true)]
    data: PathBuf,
    /// Share of each district's ballots, such as 0.01
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Folder for everything; an earlier election in it is removed. A full run needs 10 GB
    #[arg(long, default_value = "target/rehearsal")]
    out: PathBuf,
    /// Voters at once
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Voters in a group, between whose login and cast the others wait: what is kept in memory
    #[arg(long, default_value_t = 2000)]
    group: usize,
    /// Remove the folder when done, but for stages.tsv
    #[arg(long)]
    clean: bool,
}

/// Says what is done, and how long it took.
fn tell<T>(what: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    println!("{what}");
    let done = act()?;
    println!("    done in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(done)
}

fn run(args: &Args) -> Result<bool> {
    let lists = Lists::read(&args.data)?;
    let sample = lists.sample(args.scale)?;
    let (districts, candidates) = sample.size();
    let n = sample.votes.len();
    println!("{districts} districts, {candidates} candidates with votes, {n} ballots.");
    tell("The programs are built.", process::build)?;
    if args.out.join("manifest.json").exists() {
        std::fs::remove_dir_all(&args.out)?;
    }
    std::fs::create_dir_all(&args.out)?;
    let out = std::path::absolute(&args.out)?;
    let mut meter = Meter::start();
    let done = stages(args, &out, lists, &sample, &mut meter);
    let tsv = meter.tsv(n);
    println!("\n{tsv}");
    std::fs::write(out.join("stages.tsv"), &tsv)?;
    let passed = done?;
    if args.clean {
        std::fs::remove_dir_all(&out)?;
        std::fs::create_dir_all(&out)?;
        std::fs::write(out.join("stages.tsv"), &tsv)?;
    }
    Ok(passed)
}

fn stages(args: &Args, out: &Path, lists: Lists, sample: &Sample, meter: &mut Meter) -> Result<bool> {
    let n = sample.votes.len();
    let setup = Setup { title: "Rehearsal on official lists".into(), vis3: Some(lists.vis3), ..Setup::small() };
    let (trustees, mixers, present) = (setup.trustees, setup.mixers, (1..=setup.threshold).collect::<Vec<_>>());
    let mut election = tell("Keys and manifest; collector and witnesses start.", || meter.stage("prepare", || Election::new(out, setup)))?;
    election.patience = Duration::from_secs(3600);
    tell(&format!("The roll of {n} voters; {trustees} trustees make the key; the voting opens."), || {
        meter.stage("roll and key", || {
            let voter =
                |(n, vote): (usize, &_)| Voter { code: Person::numbered(n as u32).code, district: sample.district(*vote).to_owned() };
            election.enrol(&Plan { voters: sample.votes.iter().enumerate().map(voter).collect(), ..Plan::default() })?;
            election.ceremony()?;
            election.open()
        })
    })?;
    let heard = tell("Everybody votes.", || {
        let heard = vote(&election, sample, Crowd { connections: args.connections, group: args.group }, meter)?;
        meter.stage("log", || election.settle())?; // the last batch, and its cosignatures
        Ok(heard)
    })?;
    heard.refused.iter().for_each(|(rule, n)| println!("    {rule}: {n} times, and tried again"));
    tell("The voting closes; the set that counts is sealed.", || {
        meter.stage("close", || {
            election.close(&Plan::default(), &present)?;
            election.settle()
        })
    })?;
    for mixer in 1..=mixers {
        tell(&format!("Mixer {mixer} of {mixers} verifies all before it, shuffles and proves."), || {
            meter.stage("mix", || {
                election.mix_by(mixer)?;
                election.settle() // the witness checks it too, before others go on
            })
        })?;
    }
    tell(&format!("{} of {trustees} trustees verify all and open.", present.len()), || {
        meter.stage("open", || election.open_result(&present))
    })?;
    let result = tell("The result is counted and signed.", || meter.stage("count", || election.result()))?;
    tell("Record and evidence are copied out.", || meter.stage("copy out", || election.finish()))?;
    let verdict = tell("The verifier replays record and evidence.", || {
        let (record, evidence) = (out.join("record"), out.join("evidence"));
        let words = ["check".into(), record.into_os_string(), "--election-id".into(), election.id().into(), "--json".into()];
        let evidence = ["--evidence".into(), evidence.into_os_string()];
        meter.stage("verify", || process::run("verifier", words.into_iter().chain(evidence)))
    })?;
    std::fs::write(out.join("report.json"), &verdict.out)?;
    let report: serde_json::Value = serde_json::from_str(&verdict.out)?;
    println!("The verifier says: {} (exit status {}).", report["verdict"], verdict.code);
    ensure!(report["summary"]["counted"] == n, "{n} ballots were cast, and the verifier says: {}", report["summary"]);
    match sample.compare(&election.manifest, &result) {
        Ok(candidates) if args.scale >= 1.0 => println!("Each of {candidates} candidates has the official count of {n} ballots."),
        Ok(candidates) => {
            println!("Each of {candidates} candidates has exactly what was cast of {n} ballots, a share of the official ones.")
        }
        Err(error) => {
            println!("THE COUNTS DIFFER: {error:#}");
            return Ok(false);
        }
    }
    Ok(verdict.code == 0)
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cargo rehearsal: {error:#}");
            ExitCode::from(1)
        }
    }
}
