//! `verifier check`: a record, whole. Spec: 12-verification.

use super::election_id;
use std::path::PathBuf;
use std::process::ExitCode;
use verifier::cache::Cache;
use verifier::run::{self, Options};

/// Check an election record
///
/// Prints one line for each of the 24 checks of specs/12-verification.md, then findings (faults that the election
/// survives), then failures, each with its rule and its place. A folder needs no network, no keys and no clock.
///
///   verifier check record --election-id 5d0f…c1
///   verifier check https://board.example.org/board --election-id 5d0f…c1 --json
///   verifier check record --election-id 5d0f…c1 --html report.html
///
/// Exit status: 0 passed; 1 a check failed; 2 there is no record to read; 3 nothing failed, but the election is not
/// finished or no election id was given; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Folder or http(s) URL of the election record
    record: String,
    /// The election id: 64 hex digits, from a source other than this record, such as the printed announcement
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: Option<[u8; 32]>,
    /// Folder of the restricted evidence, for accredited auditors: checks the roll's persons and the envelopes too
    #[arg(long, value_name = "DIR")]
    evidence: Option<String>,
    /// Folder of the answers that the time-stamping party has sent to the collector: compares them with the board, both ways
    #[arg(long, value_name = "DIR")]
    register: Option<String>,
    /// Print the report as one JSON object (specs/12-verification.md, REPORT)
    #[arg(long)]
    json: bool,
    /// Write the report as a page for people, too: one file without scripts, that can be printed, sent and published
    #[arg(long, value_name = "FILE")]
    html: Option<String>,
    /// Worker threads [default: one for each core]; the report is the same for any number
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    /// Folder for what was verified, so that checking the record again, or after it grew, does not repeat it [default: in the
    /// user's cache folder]. Whoever can write there can make this program say yes
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Verify everything now, whatever was verified before: for the verdict that counts
    #[arg(long, env = "VERIFIER_NO_CACHE", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue)]
    no_cache: bool,
    /// Say on the error output how many proofs were verified, and how many had been before
    #[arg(long)]
    work: bool,
    /// Show no progress on the error output
    #[arg(long)]
    quiet: bool,
}

/// Checks the record and prints the report.
pub fn run(args: Args) -> ExitCode {
    let cache = if args.no_cache { None } else { args.cache.or_else(Cache::default_folder) };
    let options = Options {
        election: args.election_id,
        evidence: args.evidence,
        register: args.register,
        threads: usize::from(args.threads),
        progress: !args.quiet,
        cache,
    };
    let report = run::check(&args.record, &options);
    if args.work {
        eprintln!("{} proofs verified, {} had been before", report.work.verified, report.work.remembered);
    }
    if let Some(path) = &args.html
        && let Err(error) = std::fs::write(path, report.html())
    {
        eprintln!("the page cannot be written: {path}: {error}");
        return ExitCode::from(2);
    }
    super::print(&if args.json { report.json() } else { report.text() });
    ExitCode::from(report.verdict.code())
}
