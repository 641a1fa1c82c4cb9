//! The program of anyone: checks an election record and says what it found. Spec: 12-verification.

mod commands;

use clap::{CommandFactory, Parser};
use commands::Command;
use std::process::ExitCode;

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

fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    program.command.run(Program::command())
}
