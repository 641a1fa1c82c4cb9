//! `verifier accounts`: what became of every ballot. Spec: 14-questions.

use super::question::{Asking, run_question};
use std::process::ExitCode;
use verifier::questions::accounts;

/// Account for every ballot: counted, superseded by which, annulled by which order, or challenged
///
/// Prints how many there are of each, and with --csv writes one line for each ballot of the log, in the order of the log, so that
/// whoever has noted trackers or counts of their own can look them up. What the lines say stands on the board already; names do not.
///
///   verifier accounts record --election-id 5d0f…c1 --csv ballots.csv
///
/// Exit status: 0 every ballot is accounted for; 1 a check of the record failed, so nothing can be said; 2 the record cannot be
/// read, or the file not be written; 3 so far only (the election is not closed), or no election id was given; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    asking: Asking,
    /// Write one line for each ballot to this file
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
}

/// Asks the record.
pub fn run(args: Args) -> ExitCode {
    run_question("accounts", &args.asking, |record| {
        let (found, table) = accounts::ask(record, args.asking.wants_file());
        if let Some(path) = args.csv.as_ref().filter(|_| found.verdict != "unknown") {
            std::fs::write(path, table).map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(found)
    })
}
