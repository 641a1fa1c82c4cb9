//! The program of the voter: it trusts an election id, an eID and itself, and checks the collector at every step.

mod client;
mod clock;
mod commands;
mod complaint;
mod eid;
mod election;
mod failure;
mod memory;
mod receipt;
mod selection;
mod session;
#[cfg(test)]
mod tests;
mod view;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Vote over the internet, and check that your ballot is recorded
///
/// The election id (--election-id) must come from paper or the gazette: everything else is checked against it.
#[derive(Parser)]
#[command(name = "voter-app", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Login(commands::login::Args),
    Contests(commands::contests::Args),
    Cast(commands::cast::Args),
    Challenge(commands::challenge::Args),
    Status(commands::status::Args),
    Batch(commands::batch::Args),
    Eid(commands::eid::Args),
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    let done = match args.command {
        Command::Login(args) => commands::login::run(&args),
        Command::Contests(args) => commands::contests::run(&args),
        Command::Cast(args) => commands::cast::run(&args),
        Command::Challenge(args) => commands::challenge::run(&args),
        Command::Status(args) => commands::status::run(&args),
        Command::Batch(args) => commands::batch::run(&args),
        Command::Eid(args) => commands::eid::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
