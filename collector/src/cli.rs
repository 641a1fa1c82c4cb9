//! The words of the command line.

mod roll;

use crate::{commands, evidence, gate, handbook, journal, login, removal, store, tls, xroad};
use clap::{Parser, Subcommand};
pub use roll::{Reason, Roll, Vis3};
use std::path::PathBuf;

/// The election server.
///
/// It keeps a data folder: `init` makes it from the signed manifest, `roll import` adds the voters, `serve` runs the election.
/// The public record is DIR/record, served under /board/. Everything else in DIR is restricted: it names voters.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
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
pub enum Export {
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
