//! `cargo election`: a whole election with the four programs, in words that a committee member follows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Context, Result};
use clap::Parser;
use e2e::election::{Asked, Election, Setup};
use e2e::plan::{self, Action};
use e2e::{oracle, process};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Run a whole election
///
/// Builds the four programs and runs them as their people would: the committee makes the election, trustees make its key
/// together, voters cast over HTTP, mixers shuffle, trustees open only the result, and the independent verifier judges the
/// record. Everything is left in --out: record/ (public), evidence/ (restricted), election-id, report.html.
///
/// Exit status: 0 only if the verifier passed and the result is what the voters meant.
#[derive(Parser, Debug)]
#[command(name = "cargo election")]
struct Args {
    /// Folder for everything; an earlier election in it is removed
    #[arg(long, default_value = "target/election")]
    out: PathBuf,
    /// Voters on the roll
    #[arg(long, default_value_t = 300)]
    voters: usize,
    /// Seed of what the voters choose; keys are always fresh
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The container of a ballot: `cades-b` or `asic-e`
    #[arg(long, default_value = "cades-b")]
    profile: String,
    /// An OCSP answer and a time stamp for every ballot, from OpenSSL's services, and the party's register beside the evidence
    #[arg(long)]
    evidence: bool,
}

struct Story {
    begun: Instant,
    step: usize,
}

impl Story {
    fn tell<T>(&mut self, what: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step += 1;
        println!("{:2}. {what}", self.step);
        let begun = Instant::now();
        let done = act().with_context(|| format!("step {}: {what}", self.step))?;
        let took = begun.elapsed();
        println!("    done in {:.1} s", took.as_secs_f64());
        Ok(done)
    }
}

fn run(args: &Args) -> Result<bool> {
    let begun = Instant::now();
    let mut story = Story { begun, step: 0 };
    let mut setup = Setup { profile: args.profile.clone(), ..Setup::default_rehearsal() };
    let districts: Vec<&str> = setup.districts.iter().map(|d| d.0.as_str()).collect();
    let mut plan = plan::draw_plan(&setup.contests, &districts, args.voters, args.seed);
    if args.evidence {
        setup.services = Asked::Each;
    }
    story.tell("The programs are built.", process::build)?;
    if args.out.join("manifest.json").exists() {
        std::fs::remove_dir_all(&args.out)?;
    }
    std::fs::create_dir_all(&args.out)?;
    let out = std::path::absolute(&args.out)?;
    let (n, t) = (setup.trustees, setup.threshold);
    let absent = n; // the last trustee does not come to the count
    let present: Vec<usize> = (1..=n).filter(|i| *i != absent || t == n).collect();
    let mut election =
        story.tell("The committee describes the election and signs it; collector and witnesses start.", || Election::new(&out, setup))?;
    println!("    The election id is {}. Print it in the gazette: everything hangs on it.", election.id());
    story.tell("An observer starts to follow the board, as anyone may.", || election.observe())?;
    story.tell(&format!("The roll: {} voters become pseudonyms, and the committee signs the list. The hashes of all programs and of their sources go on the board.", plan.voters.len()), || {
        election.enrol(&plan)
    })?;
    story.tell(
        &format!("The key ceremony: {n} trustees make a key that nobody holds; any {t} of them can open the result. A drill shows that every share is alive."),
        || election.ceremony(),
    )?;
    story.tell("The committee opens the voting.", || election.open())?;
    let challenges = plan.lines.iter().filter(|l| l.action == Action::Challenge).count();
    story.tell(
        &format!("{} ballots are encrypted, signed with the voters' eIDs and cast; {challenges} opened for checking instead. Each voter waits for a receipt.", plan.lines.len() - challenges),
        || election.cast(&plan),
    )?;
    let (contests, districts) = (election.setup.contests.clone(), election.setup.districts.clone());
    let districts: Vec<&str> = districts.iter().map(|d| d.0.as_str()).collect();
    let changes = plan::draw_changes(&mut plan, &contests, &districts, args.seed);
    story.tell(
        "While voting runs the roll changes, by a signed order: somebody comes and votes, somebody moves and votes again in the new district, somebody leaves, whose ballot stands.",
        || election.amend(&changes),
    )?;
    plan.change(&changes);
    let mistake = if plan.mistaken.is_empty() { "" } else { " One more was annulled by mistake: that is taken back." };
    story.tell(
        &format!("The committee closes the voting; {} voters came to the polling station too, so their digital ballots are annulled.{mistake} The set that counts is sealed.", plan.paper.len()),
        || election.close(&plan, &present),
    )?;
    if election.manifest.has_mixed() {
        story.tell(
            &format!("{} mixers shuffle and re-encrypt the ballots that are opened one by one, each with a proof.", election.setup.mixers),
            || election.mix(),
        )?;
    }
    story.tell(
        &format!(
            "Trustees 1 to {} say what they will open, wait for each other, and open; trustee {absent} is absent, and {t} suffice.",
            present.len()
        ),
        || election.open_result(&present),
    )?;
    let result = story.tell("The result is counted, and the committee signs it.", || election.result())?;
    story.tell("The witnesses sign the last checkpoint; the observer, who followed all the time, has seen it pass without an alarm; record and evidence are copied out.", || election.finish())?;
    let (record, evidence) = (out.join("record"), out.join("evidence"));
    let check = |json: bool| {
        let mut a = vec![
            "check".into(),
            record.clone().into_os_string(),
            "--election-id".into(),
            election.id().into(),
            "--evidence".into(),
            evidence.clone().into_os_string(),
        ];
        a.extend(args.evidence.then(|| ["--register".into(), out.join("register").into_os_string()]).into_iter().flatten());
        a.extend(json.then(|| ["--json".into(), "--html".into(), out.join("report.html").into_os_string()]).into_iter().flatten());
        process::run("verifier", a)
    };
    let verdict = story.tell("The independent verifier replays the record and the evidence.", || check(true))?;
    print!("\n{}", check(false)?.out);
    let meant = oracle::compare(&election.manifest, &plan, &result);
    match &meant {
        Ok(()) => println!("\nThe result is what the voters meant."),
        Err(e) => println!("\nTHE RESULT IS NOT WHAT THE VOTERS MEANT: {e}"),
    }
    println!("Everything is in {} (open report.html). It took {:.0} s.", args.out.display(), story.begun.elapsed().as_secs_f64());
    Ok(verdict.code == 0 && meant.is_ok())
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cargo election: {error:#}");
            ExitCode::from(1)
        }
    }
}
