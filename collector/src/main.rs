//! The election server: it takes ballots, keeps them, and publishes the bulletin board. It cannot decrypt anything.
//!
//! Specs 07 (casting), 08 (board), 11 (record), 13 (HTTP).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod append;
mod body;
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

use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// The election server.
///
/// It keeps a data folder: `init` makes it from the signed manifest, `roll import` adds the voters, `serve` runs the election.
/// The public record is DIR/record, served under /board/. Everything else in DIR is restricted: it names voters.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the log key: FILE holds the secret (only its owner may read it), NAME.public.json beside it goes into the manifest
    Keygen {
        /// Where the secret key is written; must not exist yet
        #[arg(long)]
        out: PathBuf,
        /// The collector's name in the manifest, and the key name of checkpoints
        #[arg(long)]
        name: String,
    },
    /// Make the data folder of one election
    Init {
        /// A folder that is empty or not there yet
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// The file manifest.json
        #[arg(long)]
        manifest: PathBuf,
        /// The committee's signatures, as `tally sign-manifest` writes them: they become entry 0 of the log
        #[arg(long)]
        signatures: PathBuf,
        /// The log key of `collector keygen`; it is copied into the data folder
        #[arg(long)]
        key: PathBuf,
    },
    /// The voter roll
    #[command(subcommand)]
    Roll(Roll),
    /// Run the server until it is told to end (SIGTERM)
    Serve {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// Address and port; port 0 takes a free one
        #[arg(long, value_name = "ADDR:PORT")]
        listen: String,
        /// Write the port number into this file once the server listens
        #[arg(long)]
        port_file: Option<PathBuf>,
        /// URL of a witness (repeat for each); which one it is shows in what it signs
        #[arg(long)]
        witness: Vec<String>,
        /// A checkpoint that somebody has seen (a mirror's URL, a file; repeat it): refuses to start, or to take over, if this log does not extend it
        #[arg(long, value_name = "URL|PATH")]
        seen: Vec<String>,
        /// Health, readiness and metrics for the operator's machines, on an address that the public does not reach
        #[arg(long, value_name = "ADDR:PORT")]
        operator: Option<String>,
        #[command(flatten)]
        xroad: Box<xroad::Options>,
        #[command(flatten)]
        tls: tls::Tls,
        #[command(flatten)]
        clients: gate::Clients,
        #[command(flatten)]
        forms: login::Forms,
        #[command(flatten)]
        services: evidence::Services,
    },
    /// Copy the ballot box as it is at one moment, beside a running server; the copy names voters, and has no log key and no pads
    Backup {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        /// A folder that is empty or not there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// Make a data folder from a backup; refused if the published log is longer than the backup, or another
    Restore {
        /// The folder that `collector backup` made
        #[arg(long)]
        backup: PathBuf,
        /// A folder that is empty or not there yet
        #[arg(long)]
        data: PathBuf,
        /// The log key of `collector keygen`
        #[arg(long)]
        key: PathBuf,
        /// A checkpoint that somebody has seen: a board's URL, a copy of the record, or a file; repeat it for as many mirrors and witnesses as there are
        #[arg(long, required = true, value_name = "URL|PATH")]
        seen: Vec<String>,
    },
    /// Say where the election stands
    Status {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// A checkpoint that somebody has seen (a board's URL, a copy of the record, a file; repeat it): fails if this log does not extend it
        #[arg(long, value_name = "URL|PATH")]
        seen: Vec<String>,
    },
    /// Show which orders were refused and what the operator did, and check that no line was changed or taken out
    Journal {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// A head that was noted earlier (repeat it): fails if it is not in this journal
        #[arg(long, value_name = "NUMBER:LINK")]
        seen: Vec<journal::Head>,
        /// A line of JSON for each line of the journal
        #[arg(long)]
        json: bool,
    },
    /// Read a container that others have signed with DigiDoc or the like (a voter list, a decision): files, signers, and whether all holds
    Container {
        /// An ASiC-E container (.asice, .bdoc)
        file: PathBuf,
        /// Certificates in PEM of an authority that may vouch for the signers (repeat for more)
        #[arg(long, value_name = "FILE")]
        trust: Vec<PathBuf>,
    },
    /// Write files for the state's election information system (VIS3-EHS)
    #[command(subcommand)]
    Export(Export),
    /// Write the restricted evidence for accredited auditors: it names persons
    Evidence {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// A folder that is empty or not there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// When the election is over for good: take out of the box whatever names voters or links them with ballots, and write minutes
    Anonymise(removal::Common),
    /// When the election is over for good: destroy the box, all but the public record, and write minutes
    Destroy {
        #[command(flatten)]
        common: removal::Common,
        /// A backup, another data folder, evidence, or a file, that goes too (repeat for each)
        #[arg(long, value_name = "PATH")]
        also: Vec<PathBuf>,
    },
    #[command(flatten)]
    Handbook(handbook::Handbook),
}

#[derive(Subcommand)]
enum Roll {
    /// Import voters and draw their pseudonyms; prints the root for the order `roll`, and writes DIR/roll.bin for it
    Import {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// Lines `person_code,district`, with or without that line as a header
        voters: PathBuf,
    },
    /// Change a roll that was ordered: prints the root for the order `amend`, and writes DIR/changes.bin for it
    Change {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// Lines `add,CODE,DISTRICT`, `move,CODE,DISTRICT`, `remove,CODE`
        changes: PathBuf,
    },
    /// The state's voter lists (VIS3-EHS), each signed, applied whole and in order
    #[command(subcommand)]
    Vis3(Vis3),
    /// Turn person codes into an annulment list for the order `annul`, or one for `reinstate`
    Pseudonyms {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// One person code on each line
        codes: PathBuf,
        /// Where the list is written
        #[arg(long)]
        out: PathBuf,
        /// Why their ballots are annulled
        #[arg(long, value_enum, default_value_t = Reason::Paper)]
        reason: Reason,
        /// Take annulments back instead
        #[arg(long, conflicts_with = "reason")]
        reinstate: bool,
    },
}

#[derive(Subcommand)]
enum Vis3 {
    /// Apply the next list; a bad one changes nothing
    Apply {
        #[command(flatten)]
        signed: commands::vis3::Signed,
        /// The election's districts.json; needed where a city's parts stand in the list
        #[arg(long, value_name = "FILE")]
        districts: Option<PathBuf>,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Fetch from VIS3 all lists that are not taken yet, and apply them in order
    Fetch(Box<commands::vis3::fetch::Fetch>),
    /// Skip the next list, which is bad, by an order that is signed
    Skip(commands::vis3::Signed),
    /// Turn a list of revocations or restorations (revoke.json) into a list for the order `annul` or `reinstate`
    Revoke {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// VIS3-EHS 5
        file: PathBuf,
        /// Where the list is written
        #[arg(long)]
        out: PathBuf,
        /// The election identifier, if no voter lists were applied
        #[arg(long, value_name = "ID")]
        election: Option<String>,
    },
    /// Write the file for the committee once more
    Write {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// The election's districts.json, if lists were applied with it
        #[arg(long, value_name = "FILE")]
        districts: Option<PathBuf>,
    },
    /// Say which lists were taken, and how many voters there are
    Status {
        /// The data folder
        #[arg(long)]
        data: PathBuf,
        #[command(flatten)]
        place: store::Place,
        /// The election's districts.json, if lists were applied with it
        #[arg(long, value_name = "FILE")]
        districts: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Export {
    /// Who has voted, by district and unit (VIS3-EHS 4); it names persons
    OnlineVoters {
        #[command(flatten)]
        common: commands::export::Common,
        /// The election's districts.json, if lists were applied with it
        #[arg(long, value_name = "FILE")]
        districts: Option<PathBuf>,
    },
    /// How many have voted (VIS3-EHS 7)
    Total(commands::export::Common),
    /// How many have voted in each county, day by day (VIS3-EHS 8)
    Counties {
        #[command(flatten)]
        common: commands::export::Common,
        /// The election's districts.json, which says what units a county has
        #[arg(long, value_name = "FILE")]
        districts: PathBuf,
        /// Election day, from which days are counted back
        #[arg(long, value_name = "YYYY-MM-DD")]
        election_day: jiff::civil::Date,
        /// Where a day begins and ends
        #[arg(long, default_value = "Europe/Tallinn")]
        zone: String,
        /// Leave out what would tell of fewer people
        #[arg(long, value_name = "N", default_value_t = 0)]
        min_count: u64,
    },
    /// The result that the committee has signed, by district (VIS3-EHS 6)
    Results {
        #[command(flatten)]
        common: commands::export::Common,
        /// Which contest, if there are several
        #[arg(long, value_name = "ID")]
        contest: Option<String>,
        /// The election's districts.json: the unit of a district that has one only
        #[arg(long, value_name = "FILE")]
        districts: Option<PathBuf>,
        /// Leave out districts with fewer ballots
        #[arg(long, value_name = "N", default_value_t = 0)]
        min_count: u64,
    },
}

/// Why ballots are annulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Reason {
    /// Voted on paper
    Paper,
    /// By decision of the committee
    Decision,
}

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
