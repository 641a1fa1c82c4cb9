//! `cargo measure`: what each operation costs, as a tab-separated table. One thread does all the work, except where a server takes part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Context, Result, ensure};
use ballot::ballot::{BallotStyle, Context as BallotContext, Seed};
use ballot::batch::{Batch, Weights};
use ballot::encode::Record;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::{Ballot, Scalar, Selection};
use clap::Parser;
use e2e::election::{Election, Setup};
use e2e::{lab, plan, process};
use rayon::prelude::*;
use std::time::{Duration, Instant};
use trustee::mix::{Bases, KeyTables, Mix, Statement};
use trustee::open::{Closed, Opening, Rows};

/// Measure what each operation costs
///
/// Prints a table: operation, number of items, CPU time and elapsed time for each item in microseconds, bytes for each item.
/// CPU time is that of all threads of this process, and of the named server where one takes part.
#[derive(Parser, Debug)]
#[command(name = "cargo measure")]
struct Args {
    /// A tenth of the items, to see that it runs
    #[arg(long)]
    quick: bool,
    /// Instead: make a whole record of this many ballots (one of 153, two mixers), and check it with the verifier
    #[arg(long, value_name = "BALLOTS")]
    record: Option<usize>,
    /// Contest of that record: `list` (one of 153) or `choose` (1 of 5 and blank)
    #[arg(long, default_value = "list")]
    contest: String,
    /// Leave out the collector, which takes a minute
    #[arg(long)]
    no_collector: bool,
}

/// CPU time of a process so far, all threads, from the scheduler's own account in nanoseconds.
fn cpu(pid: &str) -> Result<Duration> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        sum += text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(sum))
}

fn row(operation: &str, n: usize, cpu: Duration, wall: Duration, bytes: usize) {
    let per = |d: Duration| d.as_secs_f64() * 1e6 / n.max(1) as f64;
    println!("{operation}\t{n}\t{:.1}\t{:.1}\t{bytes}", per(cpu), per(wall));
}

fn measure<T>(operation: &str, n: usize, bytes: usize, act: impl FnOnce() -> T) -> Result<T> {
    let (cpu_before, begun) = (cpu("self")?, Instant::now());
    let done = act();
    row(operation, n, cpu("self")? - cpu_before, begun.elapsed(), bytes);
    Ok(done)
}

fn context(i: usize) -> BallotContext {
    BallotContext { voter: ballot::encode::hash("lab", &[&i.to_be_bytes()]), number: 1, previous: [0; 32] }
}

/// Decodes and verifies ballots in batches of some thousand points, as a reader of the record does.
fn verify_in_batches(style: &BallotStyle, ballots: &[Vec<u8>], rng: &mut SeededRng) -> bool {
    let mut chunks = ballots.chunks((6000 / (style.ballot_len() / 64)).max(1));
    chunks.all(|chunk| {
        let all = ballot::encode::sha256(&chunk.concat());
        let (mut batch, mut weights) = (Batch::default(), Weights::new(&all, rng));
        let added = chunk.iter().all(|b| style.decode(b).is_ok_and(|b| style.add_to(&b, &mut batch, &mut weights).is_ok()));
        added && batch.holds(style.key().columns(), style.bases())
    })
}

fn ballots(name: &str, rule: &Rule, options: usize, n: usize, rng: &mut SeededRng) -> Result<()> {
    let contest = lab::contest("contest", rule.clone(), options);
    let manifest = lab::manifest(std::slice::from_ref(&contest), &["d"]);
    let style = BallotStyle::all(&manifest, &lab::key(&manifest)).and_then(|s| s.into_iter().next()).context("no style")?;
    let selections: Vec<Vec<Selection>> = (0..n).map(|_| vec![Selection(plan::draw(&contest, rng).1)]).collect();
    let bytes = style.ballot_len();
    let make = |(i, s): (usize, &Vec<Selection>)| style.encrypt(&context(i), s, &Seed([7; 32])).map_err(anyhow::Error::from);
    let made: Vec<Ballot> =
        measure(&format!("make a ballot: {name}"), n, bytes, || selections.iter().enumerate().map(make).collect::<Result<_>>())??;
    let wire: Vec<Vec<u8>> = made.iter().map(|b| b.bytes().to_vec()).collect();
    let alone = wire.len().min(300);
    let fine = measure(&format!("verify a ballot alone: {name}"), alone, bytes, || {
        wire.iter().take(alone).all(|b| style.decode(b).is_ok_and(|b| style.verify(&b, rng).is_ok()))
    })?;
    let batched = measure(&format!("verify ballots in batches: {name}"), n, bytes, || verify_in_batches(&style, &wire, rng))?;
    ensure!(fine && batched, "honest ballots do not verify");
    Ok(())
}

fn yardstick(options: usize, n: usize, rng: &mut SeededRng) -> Result<()> {
    use elastic_elgamal::app::{ChoiceParams, EncryptedChoice};
    use elastic_elgamal::{Keypair, group::Ristretto};
    let (receiver, _) = Keypair::<Ristretto>::generate(rng).into_tuple();
    let params = ChoiceParams::single(receiver, options);
    // Ciphertexts, a ring proof of 2 scalars an option and one, and the proof of the sum.
    let bytes = options * 64 + 32 * (2 * options + 1) + 64;
    let made: Vec<_> = measure(&format!("yardstick: elastic-elgamal makes 1 of {options}"), n, bytes, || {
        (0..n).map(|i| EncryptedChoice::single(&params, i % options, rng)).collect()
    })?;
    let fine = measure(&format!("yardstick: elastic-elgamal verifies 1 of {options}"), n, bytes, || {
        made.iter().all(|c| c.verify(&params).is_ok())
    })?;
    ensure!(fine, "the yardstick does not verify");
    Ok(())
}

fn shuffles(w: usize, n: usize, rng: &mut SeededRng) -> Result<()> {
    let manifest = lab::manifest(&[lab::contest("contest", Rule::Rank { places: w as u64 }, w.max(5))], &["d"]);
    let (key, inputs) = (lab::key(&manifest), lab::rows(&manifest, n, w));
    let (election, counted) = (manifest.id(), [9; 32]);
    let bases = Bases::default();
    bases.first(n); // global constants, derived once for an election
    let tables = KeyTables::new(&key, w);
    let statement = Statement { election: &election, key: &key, counted: &counted, unit: 0, stage: 1, mixer: 1, width: w, inputs: &inputs };
    let mix = measure(&format!("shuffle and prove, a row of {w}"), n, 32 * (w + 6), || statement.mix(&bases, &tables, rng))??;
    let wire = mix.to_bytes();
    let fine = measure(&format!("verify a shuffle, decoding included, a row of {w}"), n, 32 * (w + 6), || {
        Mix::from_bytes(&wire).is_ok_and(|mix| statement.verify(&mix, &bases, rng).is_ok())
    })?;
    ensure!(fine, "an honest mix does not verify");
    let secrets: Vec<Scalar> = (1..=w).map(|c| lab::scalar(&format!("column-{c}"))).collect();
    let closed = Closed { election, key: key.id(), session: [1; 32], counted, size: 1, root: [2; 32] };
    let share = lab::key_share(&closed, 1, &secrets);
    let rows = Rows::mixed(w, &inputs);
    let statement = trustee::open::Statement { closed: &closed, unit: 0, stage: [3; 32], rows: &rows, trustee: 1, public: key.first(w) };
    let opening = measure(&format!("open, a row of {w}"), n, 32 * w, || statement.open(&share, rng))??;
    let wire = opening.to_bytes();
    let fine = measure(&format!("verify an opening, decoding included, a row of {w}"), n, 32 * w, || {
        Opening::from_bytes(&wire).is_ok_and(|o| statement.verify(&o).is_ok())
    })?;
    ensure!(fine, "an honest opening does not verify");
    Ok(())
}

fn collector(voters: usize) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let setup = Setup { contests: vec![lab::contest("list", Rule::List {}, 153)], ..Setup::small() };
    let districts: Vec<&str> = setup.districts.iter().map(|d| d.0.as_str()).collect();
    let plan = plan::draw_plan(&setup.contests, &districts, voters, 5);
    let election = Election::new(dir.path(), setup)?;
    election.enrol(&plan)?;
    election.ceremony()?;
    election.open()?;
    let pid = election.collector.as_ref().context("no collector")?.pid().to_string();
    let (before, begun) = (cpu(&pid)?, Instant::now());
    election.cast(&plan)?;
    let n = plan.lines.len();
    row("collector: login, accept, publish, receipt, over loopback (its own CPU): one of 153", n, cpu(&pid)? - before, begun.elapsed(), 0);
    Ok(())
}

/// A whole honest record of many ballots, and what it costs the real verifier: CPU time, elapsed time, most memory.
fn record(n: usize, contest: &str) -> Result<()> {
    use e2e::insider::setup::Setup;
    use e2e::insider::{Insider, Item};
    let contest = match contest {
        "choose" => lab::contest("contest", Rule::Choose { min: 1, max: 1, blank: true }, 5),
        _ => lab::contest("contest", Rule::List {}, 153),
    };
    let mut insider = Insider::new(Setup::new(vec![contest.clone()], 1).manifest());
    insider.ceremony();
    insider.drill();
    insider.enrol(n);
    insider.roll();
    insider.open();
    let style = insider.styles()[0].clone();
    let make = |i: usize| {
        let seed = ballot::encode::hash("lab", &[&i.to_be_bytes(), b"seed"]);
        let selection = Selection(plan::draw(&contest, &mut SeededRng::new(&seed)).1);
        let context = BallotContext { voter: insider.voter(i), number: 1, previous: [0; 32] };
        Item::Cast(style.encrypt(&context, &[selection], &Seed(seed)).expect("the rule allows it").bytes().to_vec())
    };
    let mut items: Vec<Item> = (0..n).into_par_iter().map(make).collect();
    while !items.is_empty() {
        let rest = items.split_off(items.len().min(1000));
        insider.batch(std::mem::replace(&mut items, rest));
    }
    insider.close();
    insider.fix();
    insider.count();
    let dir = tempfile::tempdir()?;
    insider.write(dir.path())?;
    let id = hex::encode(insider.id());
    drop(insider);
    eprintln!("the record is made");
    let known = tempfile::tempdir()?;
    let known = known.path().join("known");
    for (how, threads) in [("check", "1"), ("check", "2"), ("check, remembers", "2"), ("check again", "2")] {
        let begun = Instant::now();
        let mut command = std::process::Command::new(process::program("verifier"));
        command.arg("check").arg(dir.path()).args(["--election-id", &id, "--json", "--threads", threads]);
        match how {
            "check" => command.env("VERIFIER_NO_CACHE", "1"),
            _ => command.arg("--cache").arg(&known),
        };
        let mut child = command.stdout(std::process::Stdio::null()).spawn()?;
        let (mut most, mut used) = (0u64, Duration::ZERO);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let peak = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().split(' ').next()?.parse().ok());
            most = most.max(peak.unwrap_or(0));
            used = used.max(cpu(&child.id().to_string()).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(20));
        };
        ensure!(status.success(), "the verifier does not pass an honest record: {status}");
        row(&format!("verifier {how}, {threads} threads, most memory {} MiB: {}", most >> 10, contest.id), n, used, begun.elapsed(), 0);
    }
    Ok(())
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(n) = args.record {
        process::build()?;
        return record(n, &args.contest);
    }
    let scale = |n: usize| if args.quick { n / 10 } else { n };
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global()?;
    let mut rng = SeededRng::new(b"measure");
    println!("operation\tn\tcpu_us_per_item\twall_us_per_item\tbytes_per_item");
    let choose = Rule::Choose { min: 1, max: 1, blank: true };
    ballots("1 of 5 and blank", &choose, 5, scale(3000), &mut rng)?;
    ballots("1 of 20 and blank", &choose, 20, scale(1500), &mut rng)?;
    ballots("one of 153", &Rule::List {}, 153, scale(5000), &mut rng)?;
    ballots("rank 10 of 15", &Rule::Rank { places: 10 }, 15, scale(1000), &mut rng)?;
    yardstick(6, scale(300), &mut rng)?;
    yardstick(21, scale(100), &mut rng)?;
    for w in [1, 10] {
        for n in [1_000, 10_000] {
            shuffles(w, scale(n), &mut rng)?;
        }
    }
    if !args.no_collector {
        process::build()?;
        collector(scale(1000))?;
    }
    Ok(())
}
