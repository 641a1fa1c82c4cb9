//! The program of the election committee, of trustees and of mixers. Specs: 03, 05, 09, 10.
//!
//! Everything that it signs it has checked against the whole board first; everything secret that it keeps is in age files.
//!
//! It is a library so that tests can run a command line within their own process; nothing else links it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod board;
mod commands;
mod config;
mod confirm;
mod failure;
mod files;
#[path = "../../voter-app/src/handbook.rs"]
mod handbook;
mod key_file;
mod limits;
mod minutes;
mod passphrase;
mod progress;
mod random;
mod seen;
mod share_file;
mod state;
mod submission;
mod table;
mod vis3;
mod when;

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write;

/// Program of the election committee, of trustees and of mixers
///
/// Before the election: keygen, new, sign-manifest. Then, on the board: order roll, order ceremony, ceremony commit, reveal, deal and
/// confirm by every trustee, order drill, ceremony drill, order open. After it: order close, order seal, mix by every mixer, open by the
/// trustees, count, order result. `status` says where an election stands and what comes next.
#[derive(Parser, Debug)]
#[command(version, after_help = EXIT)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT: &str =
    "Exit status: 0 done, 1 refused by a rule (the message names it), 2 a file or server cannot be read or written, 64 wrong usage.";

#[derive(Subcommand, Debug)]
enum Command {
    #[command(after_help = EXIT)]
    Keygen(commands::keygen::KeygenArgs),
    #[command(after_help = EXIT)]
    New(commands::new::NewArgs),
    #[command(after_help = EXIT)]
    SignManifest(commands::sign_manifest::SignManifestArgs),
    #[command(after_help = EXIT)]
    Order(commands::order::OrderArgs),
    #[command(after_help = EXIT)]
    Ceremony(commands::ceremony::CeremonyArgs),
    #[command(after_help = EXIT)]
    Mix(commands::mix::MixArgs),
    #[command(after_help = EXIT)]
    Open(commands::open::OpenArgs),
    #[command(after_help = EXIT)]
    Count(commands::count::CountArgs),
    #[command(after_help = EXIT)]
    Post(commands::post::PostArgs),
    #[command(after_help = EXIT)]
    Status(commands::status::StatusArgs),
    #[command(flatten)]
    Handbook(handbook::Handbook),
}

/// Runs a command line, of which the first word is the program's name; gives the exit status. Usage errors and help go to the terminal.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, errors: &mut dyn Write) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            error.print().ok();
            return if error.use_stderr() { 64 } else { 0 };
        }
    };
    let done = match &cli.command {
        Command::Keygen(args) => commands::keygen::run(args, out),
        Command::New(args) => commands::new::run(args, out),
        Command::SignManifest(args) => commands::sign_manifest::run(args, out),
        Command::Order(args) => commands::order::run(args, out),
        Command::Ceremony(args) => commands::ceremony::run(args, out),
        Command::Mix(args) => commands::mix::run(args, out),
        Command::Open(args) => commands::open::run(args, out),
        Command::Count(args) => commands::count::run(args, out),
        Command::Post(args) => commands::post::run(args, out),
        Command::Status(args) => commands::status::run(args, out),
        Command::Handbook(handbook) => handbook.make(Cli::command()).and_then(|text| out.write_all(&text)).map_err(Into::into),
    };
    out.flush().ok();
    match done {
        Ok(()) => 0,
        Err(failure) => {
            writeln!(errors, "tally: {failure}").ok();
            failure.status()
        }
    }
}
