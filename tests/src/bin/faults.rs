//! `cargo faults`: does the ballot box ever lose a ballot?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use anyhow::Result;
use clap::Parser;
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

fn main() -> Result<()> {
    let Args { kills, power_cuts, disk_errors, clock_jumps, voters, seed, dir } = Args::parse();
    process::build()?;
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir)?;
    let dir = dir.canonicalize()?;
    let amount = Amount { voters, kills, power_cuts, disk_errors, clock_jumps, seed, lying_disk: false };
    let begun = Instant::now();
    let figures = Rig::new(&dir, &amount)?.run(&amount)?;
    println!(
        "{figures:#?}\nlost 0, twice 0, unknown to their voters 0, forks 0; the verifier passes; {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
