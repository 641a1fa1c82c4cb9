//! The words of `collector roll`.

use crate::{commands, store};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Roll {
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
pub enum Vis3 {
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

/// Why ballots are annulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Reason {
    /// Voted on paper
    Paper,
    /// By decision of the committee
    Decision,
}
