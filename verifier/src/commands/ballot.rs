//! `verifier ballot`: is this ballot in, and does it count? Spec: 14-questions.

use super::question::{Asking, run_question};
use std::process::ExitCode;
use verifier::questions::ballot;
use verifier::tracker::Name;

/// Find a ballot: is it in the log, and does it count?
///
/// You need the tracker that your voting program showed you. A ballot is challenged (opened for a test), superseded (you
/// voted again), annulled (you voted on paper, or the committee decided so), or counted. This does not show what is in a
/// ballot, and cannot.
///
///   verifier ballot record mfzw-c43u-nz2g-64tb-nzsq-o2lt --election-id 5d0f…c1
///   verifier ballot https://board.example.org/board mfzwc43unz2g64tbnzsqo2lt --election-id 5d0f…c1 --proof my-ballot.json
///
/// The proof file convinces somebody who has no record (`verifier proof`). It shows your pseudonym: give it to those only
/// who may know how often you voted. It never shows how you voted.
///
/// Exit status: 0 in the log; 1 a check of the record failed, so nothing can be said; 2 the record cannot be read;
/// 3 so far only (the election is not closed), or no election id was given; 4 not in the log; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    asking: Asking,
    /// Tracker (24 letters and digits in groups of four) or ballot hash (64 hex digits)
    #[arg(value_name = "TRACKER|HASH", value_parser = Name::read)]
    ballot: Name,
    /// Show the trackers of the same voter's later ballots too, and let the proof file name the last one
    #[arg(long)]
    trackers: bool,
}

/// Asks the record.
pub fn run(args: Args) -> ExitCode {
    run_question("ballot", &args.asking, |record| ballot::ask(record, &args.ballot, args.trackers, args.asking.wants_file()))
}
