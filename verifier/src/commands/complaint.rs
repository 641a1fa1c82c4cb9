//! `verifier complaint`: is a voter's complaint founded? Spec: 14-questions.

use super::question::{Asking, read_file, run_question, say};
use std::process::ExitCode;
use verifier::complaint_file;
use verifier::questions::{Answer, complaint};

/// Judge a complaint: was a promised ballot published in time?
///
/// When the collector has promised to publish a ballot and the deadline has passed, the voting program writes a complaint
/// file. This holds it against the record and says whose fault it is: the collector's (ballot late or missing, or two
/// different logs signed), nobody's, or the complainer's (the promise is not the collector's).
///
///   verifier complaint record complaint.json --election-id 5d0f…c1
///   verifier complaint https://board.example.org/board complaint.json --election-id 5d0f…c1 --proof verdict.json
///
/// Exit status: 0 not founded; 1 a check of the record failed, so nothing can be said; 2 the record or the file cannot be
/// read; 3 undecided, or no election id was given; 4 founded; 64 wrong usage.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    asking: Asking,
    /// The complaint file
    #[arg(value_name = "FILE")]
    complaint: String,
}

/// Asks the record.
pub fn run(args: Args) -> ExitCode {
    match read_file(&args.complaint, complaint_file::LARGEST) {
        Ok(bytes) => run_question("complaint", &args.asking, |record| complaint::ask(record, &bytes, args.asking.wants_file())),
        Err(error) => say(&args.asking, &Answer::<complaint::Facts>::unreadable("complaint", error)),
    }
}
