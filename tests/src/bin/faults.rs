//! `cargo faults`: does the ballot box ever lose a ballot?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use e2e::cluster::Cluster;
use e2e::faults::rig::{Amount, Rig};
use e2e::process;
use std::path::PathBuf;
use std::time::Instant;

/// Ill-treat the collector while people vote, and see that nothing is lost
///
/// Opens an election with the real programs. Six voters at a time cast small ballots, each as soon as the one before is acknowledged, while the
/// collector is killed (SIGKILL) and started again at random moments; is killed with every write destroyed that was not synced to the disk (a
/// power cut); runs on a disk whose syncs and writes fail, are cut short, or find no room; and has a clock that jumps. Then lines are cut at each
/// place of request and reply.
///
/// With --store postgres the ballots are with PostgreSQL, on this machine, one server and --standbys that keep copies. Its primary is killed too: now a
/// standby takes its place and the lost one is made anew, now it comes back as it was. The failing disk is then that of the servers' write-ahead
/// logs. There are no power cuts: what is lost with a machine is for PostgreSQL's own syncs, which are left as they are.
///
/// At the end every voter asks once more for what was not acknowledged, and all is compared: every acknowledged ballot is in the log once, every
/// ballot in the log was acknowledged to its voter, the log extends every checkpoint that was ever served. The election is closed, mixed, opened
/// and counted, and the verifier judges it. Prints the figures; anything wrong ends it with status 1 and the words for it.
#[derive(Parser, Debug)]
#[command(name = "cargo faults")]
struct Args {
    /// SIGKILLs at random moments
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// SIGKILLs after which unsynced writes are destroyed
    #[arg(long, default_value_t = 100)]
    power_cuts: usize,
    /// Failing disks
    #[arg(long, default_value_t = 50)]
    disk_errors: usize,
    /// Jumps of the clock
    #[arg(long, default_value_t = 30)]
    clock_jumps: usize,
    /// Where the ballots are kept
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// Servers that keep copies of what PostgreSQL commits
    #[arg(long, default_value_t = 2)]
    standbys: usize,
    /// Losses of PostgreSQL's primary
    #[arg(long, default_value_t = 50)]
    primary_kills: usize,
    /// Voters; after 50 ballots each has to wait between two
    #[arg(long, default_value_t = 600)]
    voters: u32,
    /// Seed of what happens when; the machine's own timing is not repeated
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of the election; removed before and after
    #[arg(long, default_value = "target/faults")]
    dir: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    /// A file of the collector
    Sqlite,
    /// Servers of their own
    Postgres,
}

fn main() -> Result<()> {
    let Args { kills, power_cuts, disk_errors, clock_jumps, store, standbys, primary_kills, voters, seed, dir } = Args::parse();
    process::build()?;
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)?;
    let dir = dir.canonicalize()?;
    let (cluster, power_cuts, primary_kills) = match store {
        Store::Sqlite => (None, power_cuts, 0),
        Store::Postgres => {
            let cluster = Cluster::start("cargo faults", 1 + standbys).context("--store postgres needs PostgreSQL's programs")?;
            (Some(cluster), 0, primary_kills)
        }
    };
    let amount = Amount { voters, kills, power_cuts, disk_errors, clock_jumps, primary_kills, seed, lying_disk: false };
    let begun = Instant::now();
    let figures = Rig::new(&dir, &amount, cluster)?.run(&amount)?;
    println!(
        "{figures:#?}\nlost 0, twice 0, unknown to their voters 0, forks 0; the verifier passes; {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
