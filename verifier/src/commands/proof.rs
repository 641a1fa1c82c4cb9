//! `verifier proof`: what a proof file shows. Spec: 14-questions.

use super::election_id;
use super::question::read_file;
use std::process::ExitCode;
use verifier::proof_file;
use verifier::questions::proof::Answer;

/// Check a proof file, without the record
///
/// `verifier ballot`, `absence`, `complaint` and `compare` write proof files. One fits on a few pages and can be given to a
/// court: it shows that a ballot is in the log, that it counts or why not, that nobody voted under a pseudonym, or that
/// the collector signed two logs. Whoever checks it needs nothing but the election id, from a source they trust.
///
///   verifier proof my-ballot.json --election-id 5d0f…c1
///
/// Exit status: 0 it holds; 1 it does not hold; 2 the file cannot be read; 3 it holds for some election, but no election
/// id was given; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The proof file
    #[arg(value_name = "FILE")]
    file: String,
    /// The election id: 64 hex digits, from a source other than this file, such as the printed announcement
    #[arg(long, value_name = "HEX", value_parser = election_id)]
    election_id: Option<[u8; 32]>,
    /// Print the answer as one JSON object (specs/14-questions.md)
    #[arg(long)]
    json: bool,
}

/// Judges the file.
pub fn run(args: Args) -> ExitCode {
    let answer = match read_file(&args.file, proof_file::LARGEST) {
        Ok(bytes) => Answer::judge(&bytes, args.election_id.as_ref()),
        Err(error) => Answer::unreadable(error),
    };
    super::print(&if args.json { answer.json() } else { answer.text() });
    ExitCode::from(answer.code())
}
