//! `verifier check`: a record, whole. Spec: 12-verification.

use super::election_id;
use std::process::ExitCode;
use verifier::run::{self, Options};

/// Check an election record
///
/// Prints one line for each of the 22 checks of specs/12-verification.md, then findings (faults that the election
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
    /// Print the report as one JSON object (specs/12-verification.md, REPORT)
    #[arg(long)]
    json: bool,
    /// Write the report as a page for people, too: one file without scripts, that can be printed, sent and published
    #[arg(long, value_name = "FILE")]
    html: Option<String>,
    /// Worker threads [default: one for each core]; the report is the same for any number
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    /// Show no progress on the error output
    #[arg(long)]
    quiet: bool,
}

/// Checks the record and prints the report.
pub fn run(args: Args) -> ExitCode {
    let options =
        Options { election: args.election_id, evidence: args.evidence, threads: usize::from(args.threads), progress: !args.quiet };
    let report = run::check(&args.record, &options);
    if let Some(path) = &args.html
        && let Err(error) = std::fs::write(path, report.html())
    {
        eprintln!("the page cannot be written: {path}: {error}");
        return ExitCode::from(2);
    }
    super::print(&if args.json { report.json() } else { report.text() });
    ExitCode::from(report.verdict.code())
}
