//! The commands: one file each, with its arguments and what it prints.

mod absence;
mod accounts;
mod ballot;
mod check;
mod code;
mod compare;
mod complaint;
mod follow;
mod handbook;
mod mirror;
mod proof;
mod question;
mod witness;

use std::io::Write;
use std::process::ExitCode;

/// What the program can be asked to do.
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Check(check::Args),
    Ballot(ballot::Args),
    Accounts(accounts::Args),
    Absence(absence::Args),
    Code(code::Args),
    Complaint(complaint::Args),
    Proof(proof::Args),
    Compare(compare::Args),
    Follow(follow::Args),
    Mirror(mirror::Args),
    Witness(Box<witness::Args>),
    Completions(handbook::Completions),
    Manual(handbook::Manual),
}

impl Command {
    /// Does it. `program` is the whole command line.
    pub fn run(self, program: clap::Command) -> ExitCode {
        match self {
            Self::Check(args) => check::run(args),
            Self::Ballot(args) => ballot::run(args),
            Self::Accounts(args) => accounts::run(args),
            Self::Absence(args) => absence::run(args),
            Self::Code(args) => code::run(args),
            Self::Complaint(args) => complaint::run(args),
            Self::Proof(args) => proof::run(args),
            Self::Compare(args) => compare::run(args),
            Self::Follow(args) => follow::run(args),
            Self::Mirror(args) => mirror::run(args),
            Self::Witness(args) => witness::run(*args),
            Self::Completions(args) => handbook::completions(&args, program),
            Self::Manual(args) => handbook::manual(&args, program),
        }
    }
}

/// 64 hex digits.
fn hex32(text: &str) -> Result<[u8; 32], String> {
    verifier::text::hex32(&text.to_ascii_lowercase()).ok_or_else(|| "not 64 hex digits".to_owned())
}

/// An election id.
fn election_id(text: &str) -> Result<[u8; 32], String> {
    hex32(text)
}

/// Writes to the standard output. A closed pipe is the reader's choice; the exit code still says what was found.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Says why it cannot be done.
fn refuse(code: u8, text: &str) -> ExitCode {
    eprintln!("{}", verifier::report::printable(text));
    ExitCode::from(code)
}
