//! The election server: it takes ballots, keeps them, and publishes the bulletin board. It cannot decrypt anything.
//!
//! Specs 07 (casting), 08 (board), 11 (record), 13 (HTTP).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod append;
mod body;
mod cli;
mod closing;
mod collector;
mod commands;
mod crash;
mod data;
mod evidence;
mod files;
mod gate;
#[path = "../../voter-app/src/handbook.rs"]
mod handbook;
mod intake;
mod journal;
mod limits;
mod listing;
mod login;
mod metrics;
mod minutes;
mod operator;
mod orders;
mod phase;
mod publish;
mod pulse;
mod receipt;
mod refusal;
mod removal;
mod routes;
mod scan;
mod second_device;
mod seen;
mod state;
mod status_page;
mod store;
mod tls;
mod vis3;
mod witness;
mod writer;
mod xroad;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command, Export, Roll, Vis3};
use std::io::Write;
use std::process::ExitCode;

/// Runs a command; if it changes the box or copies out of it, between two lines of the journal (KEEP-2).
fn run(command: Command) -> anyhow::Result<()> {
    match journal::of(&command) {
        Some(noted) => journal::around(noted, || act(command)),
        None => act(command),
    }
}

fn act(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Keygen { out, name } => commands::keygen::run(&out, &name),
        Command::Init { data, place, manifest, signatures, key } => commands::init::run(&data, &place, &manifest, &signatures, &key),
        Command::Roll(Roll::Import { data, place, voters }) => commands::roll::import(&data, &place, &voters),
        Command::Roll(Roll::Change { data, place, changes }) => commands::roll::change(&data, &place, &changes),
        Command::Roll(Roll::Pseudonyms { data, place, codes, out, reason, reinstate }) => {
            commands::roll::pseudonyms(&data, &place, &codes, &out, (!reinstate).then_some(reason))
        }
        Command::Roll(Roll::Vis3(command)) => match command {
            Vis3::Apply { signed, districts, dry_run } => commands::vis3::apply(&signed, districts.as_deref(), dry_run),
            Vis3::Revoke { data, place, file, out, election } => commands::vis3::revoke(&data, &place, &file, &out, election.as_deref()),
            Vis3::Fetch(fetch) => commands::vis3::fetch::run(&fetch),
            Vis3::Skip(signed) => commands::vis3::skip(&signed),
            Vis3::Write { data, place, districts } => commands::vis3::write(&data, &place, districts.as_deref()),
            Vis3::Status { data, place, districts } => commands::vis3::status(&data, &place, districts.as_deref()),
        },
        Command::Serve { data, place, listen, port_file, witness, seen, operator, xroad, tls, clients, forms, services } => {
            let listen = commands::serve::Listen { public: listen, operator, xroad, port_file, tls, clients };
            commands::serve::run(&data, &place, &listen, (&witness, &seen), forms, &services)
        }
        Command::Backup { data, out } => commands::backup::run(&data, &out),
        Command::Restore { backup, data, key, seen } => commands::restore::run(&backup, &data, &key, &seen),
        Command::Status { data, place, seen } => commands::status::run(&data, &place, &seen),
        Command::Journal { data, place, seen, json } => commands::journal::run(&data, &place, &seen, json),
        Command::Container { file, trust } => commands::container::run(&file, &trust),
        Command::Export(Export::OnlineVoters { common, districts }) => commands::export::online_voters(&common, districts.as_deref()),
        Command::Export(Export::Total(common)) => commands::export::total(&common),
        Command::Export(Export::Counties { common, districts, election_day, zone, min_count }) => {
            commands::export::counties(&common, &districts, election_day, &zone, min_count)
        }
        Command::Export(Export::Results { common, contest, districts, min_count }) => {
            commands::export::results(&common, contest.as_deref(), districts.as_deref(), min_count)
        }
        Command::Evidence { data, place, out } => commands::evidence::run(&data, &place, &out),
        Command::Anonymise(common) => commands::anonymise::run(&common),
        Command::Destroy { common, also } => commands::destroy::run(&common, &also),
        Command::Handbook(handbook) => Ok(std::io::stdout().write_all(&handbook.make(Cli::command())?)?),
    }
}

/// 0 fine, 1 refused or failed, 2 unreadable input, 64 wrong usage.
fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("collector: {error:#}");
            let unreadable = error.chain().any(|e| e.is::<std::io::Error>());
            ExitCode::from(if unreadable { 2 } else { 1 })
        }
    }
}
