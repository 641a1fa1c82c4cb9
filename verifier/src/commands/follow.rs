//! `verifier follow`, and the arguments that `witness` and `mirror` share with it. Spec: 15-watching.

use super::election_id;
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use verifier::watch::follow::{Follower, Options};
use verifier::watch::shared::{Common, look};
use verifier::watch::{disk, server};

/// Follow an election while it runs, keep a verified copy, and raise the alarm
///
/// Polls the board, takes over only what it has verified, checks every new ballot, and keeps every checkpoint that it was
/// shown. The board may be the collector's or any static web server.
///
///   verifier follow https://board.example.org/board --out copy --election-id 5d0f…c1
///
/// In --out: record/ (a copy that verifies like the original), seen/ (checkpoints; swap them with others, see compare),
/// alarms/ (evidence), cache/ (what was verified; whoever can write there can make this program say yes: run
/// `verifier check copy/record --no-cache` for the verdict that counts). It can be stopped at any time and goes on where
/// it was. Your clock must be right within a minute.
///
/// Alarms: fork (two logs under one key), rollback (a log that became shorter), changed (other bytes than those that were
/// verified), overdue (ballots held back or dated back), failed (a check failed).
///
/// Exit status, when the election is finished, after --once, or when stopped: 1 with an alarm; else that of `verifier
/// check`; 2 nothing could be read; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// URL of the board
    url: String,
    /// Folder for the copy, checkpoints and alarms
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    watch: Watch,
    /// Stop after one poll
    #[arg(long)]
    once: bool,
    /// Watch this promise of the collector: the voter's file, 138 bytes or their base64 (repeatable)
    #[arg(long, value_name = "FILE")]
    promise: Vec<PathBuf>,
}

/// What every follower may be told.
#[derive(clap::Args, Debug)]
pub struct Watch {
    /// The election id: 64 hex digits, from a source other than this board
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: Option<[u8; 32]>,
    /// Seconds between polls [default: the election's batch interval]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86400))]
    interval: Option<u64>,
    /// Seconds after which something is overdue [default: twice the batch interval, and 60]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub patience: Option<u64>,
    /// Print one JSON object a line (specs/15-watching.md, Status)
    #[arg(long)]
    json: bool,
    /// Alarms raised before no longer stand
    #[arg(long)]
    acknowledge: bool,
}

impl Watch {
    /// The same for the library.
    pub fn options(&self, url: String, out: PathBuf) -> Options {
        Options {
            url,
            out,
            election: self.election_id,
            interval: self.interval,
            patience: self.patience,
            acknowledge: self.acknowledge,
            json: self.json,
            ..Options::default()
        }
    }
}

/// Follows.
pub fn run(args: Args) -> ExitCode {
    let options = Options { once: args.once, promises: args.promise, ..args.watch.options(args.url, args.out) };
    match disk::lock(&options.out) {
        Ok(lock) => follow(options, Common::default(), lock),
        Err(error) => super::refuse(2, &error),
    }
}

/// Follows in a folder that is locked, until the end, or until a signal comes.
pub fn follow(options: Options, common: Common, lock: File) -> ExitCode {
    look(&common).code = 2; // until something was read
    server::end_by_signal(common.clone());
    match Follower::start(options, common, lock).and_then(Follower::run) {
        Ok(code) => ExitCode::from(code),
        Err((code, text)) => super::refuse(code, &text),
    }
}
