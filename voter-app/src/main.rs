//! The program of the voter: it trusts an election id, an eID and itself, and checks the collector at every step.

mod client;
mod clock;
mod commands;
mod complaint;
mod eid;
mod election;
mod failure;
mod handbook;
mod handing;
mod memory;
mod page;
mod qr;
mod receipt;
mod second_device;
mod selection;
mod session;
#[cfg(test)]
mod tests;
mod view;

use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// Vote over the internet, and check that your ballot is recorded
///
/// Without a command it opens a page in the browser. The election id (--election-id) must come from paper or the gazette: everything else is checked against it.
#[derive(Parser)]
#[command(name = "voter-app", version, args_conflicts_with_subcommands = true)]
struct App {
    #[command(flatten)]
    page: page::Args,
    #[command(subcommand)]
    command: Option<Command>,
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
    #[command(flatten)]
    Handbook(handbook::Handbook),
}

fn main() -> ExitCode {
    let args = match App::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    let done = match args.command {
        Some(Command::Login(args)) => commands::login::run(&args),
        Some(Command::Contests(args)) => commands::contests::run(&args),
        Some(Command::Cast(args)) => commands::cast::run(&args),
        Some(Command::Challenge(args)) => commands::challenge::run(&args),
        Some(Command::Status(args)) => commands::status::run(&args),
        Some(Command::Batch(args)) => commands::batch::run(&args),
        Some(Command::Eid(args)) => commands::eid::run(&args),
        Some(Command::Handbook(handbook)) => {
            handbook.make(App::command()).and_then(|text| std::io::stdout().write_all(&text)).map_err(failure::Failure::from)
        }
        None => page::run(args.page),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
