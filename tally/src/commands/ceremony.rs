//! `tally ceremony`

mod check;
mod rounds;

use crate::board::BoardArgs;
use crate::failure::Outcome;
use crate::key_file::KeyArgs;
use crate::submission::DestinationArgs;
use board::PostKind;
use std::io::Write;
use std::path::PathBuf;

/// Make the election key together, and show that every share of it is alive
///
/// After the order "ceremony" every trustee runs commit; when all have, reveal; then deal; then confirm. Each round reads the board, checks what
/// all others have posted, seals what it must remember in --state, and only then sends its message. A round that is run again, after a
/// power cut or by mistake, sends the same bytes again; two different messages for one round are never made. If a share that a trustee
/// received is wrong, confirm posts a complaint instead, which names the dealer and which everyone can judge; the committee then
/// orders another ceremony. After an order "drill", drill shows that the share is alive without decrypting anything.
///
/// The folder --state is the trustee's only copy of its share: keep a copy on another kind of medium.
#[derive(clap::Args, Debug)]
pub struct CeremonyArgs {
    #[command(subcommand)]
    round: Round,
}

#[derive(clap::Subcommand, Debug)]
enum Round {
    /// Round 1: draw this trustee's part of the key, and promise it
    Commit(RoundArgs),
    /// Round 2, when all have committed: show the public side of it
    Reveal(RoundArgs),
    /// Round 3, when all have revealed: send every trustee its share, sealed
    Deal(RoundArgs),
    /// Round 4, when all have dealt: check the shares received; confirm the key, or complain (and exit 1)
    Confirm(RoundArgs),
    /// After an order "drill": show that the share is alive
    Drill(RoundArgs),
    /// Where the ceremony stands, and who is missing
    Check(CheckArgs),
}

/// Options of all rounds.
#[derive(clap::Args, Clone, Debug)]
pub struct RoundArgs {
    #[command(flatten)]
    board: BoardArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// This trustee's own folder: sealed state, minutes
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Wait up to this long until the round can be run
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    #[command(flatten)]
    destination: DestinationArgs,
}

/// Options of `tally ceremony check`.
#[derive(clap::Args, Clone, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    board: BoardArgs,
}

/// Runs `tally ceremony`.
pub fn run(args: &CeremonyArgs, out: &mut dyn Write) -> Outcome {
    match &args.round {
        Round::Commit(args) => rounds::run(PostKind::Commit, args, out),
        Round::Reveal(args) => rounds::run(PostKind::Reveal, args, out),
        Round::Deal(args) => rounds::run(PostKind::Deal, args, out),
        Round::Confirm(args) => rounds::run(PostKind::Confirm, args, out),
        Round::Drill(args) => rounds::run(PostKind::Drill, args, out),
        Round::Check(args) => check::run(args, out),
    }
}

pub use check::show as show_ceremony;
