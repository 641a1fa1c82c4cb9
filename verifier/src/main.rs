//! The program of anyone: checks an election record and says what it found. Spec: 12-verification.

use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;
use verifier::run::{self, Options};

/// Checks election records of Hääl
///
/// You need no account, no key and no trust in whoever gave you the record. An election record is a folder, and the web
/// server of an election is the same folder behind a URL. This program recomputes everything in it: the log and its
/// signatures, the key of the trustees, every ballot's proof, the set of counted ballots, every mix, every opening, and
/// the result.
///
/// What it cannot see, a passing report does not prove: whether your device encrypted what you chose (that is what
/// challenges are for), who the voters are (auditors give --evidence), and whether somebody else was shown another log
/// (compare the root that is printed).
#[derive(Parser, Debug)]
#[command(version, max_term_width = 110)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Check(CheckArgs),
}

/// Check an election record
///
/// Prints one line for each of the 22 checks of specs/12-verification.md, then findings (faults that the election
/// survives), then failures, each with its rule and its place. A folder needs no network, no keys and no clock.
///
///   verifier check record --election-id 5d0f…c1
///   verifier check https://board.example.org/board --election-id 5d0f…c1 --json
///
/// Exit status: 0 passed; 1 a check failed; 2 there is no record to read; 3 nothing failed, but the election is not
/// finished or no election id was given; 64 wrong usage.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
struct CheckArgs {
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
    /// Worker threads [default: one for each core]; the report is the same for any number
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    /// Show no progress on the error output
    #[arg(long)]
    quiet: bool,
}

fn election_id(text: &str) -> Result<[u8; 32], String> {
    verifier::text::hex32(&text.to_ascii_lowercase()).ok_or_else(|| "not 64 hex digits".to_owned())
}

fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    let Command::Check(args) = program.command;
    let options =
        Options { election: args.election_id, evidence: args.evidence, threads: usize::from(args.threads), progress: !args.quiet };
    let report = run::check(&args.record, &options);
    let text = if args.json { report.json() } else { report.text() };
    // A closed pipe is the reader's choice; the exit code still says what was found.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    ExitCode::from(report.verdict.code())
}
