//! `tally order`

mod draft;
mod gates;
mod sign;

use crate::board::BoardArgs;
use crate::confirm::YesArgs;
use crate::failure::Outcome;
use crate::minutes::StateArgs;
use crate::passphrase::PassphraseArgs;
use crate::submission::PostingArgs;
use crate::when;
use board::OrderKind;
use std::io::Write;
use std::path::PathBuf;

/// Give an order as the committee
///
/// An order moves the election on. Its number and time follow from the board: the number is the next one, the time is now, but not before that
/// of the last order or the last batch of ballots. The command shows in words what is ordered, asks on a terminal, and signs with each --key. If the
/// committee's quorum is not reached, write it with --out and let other members add their signatures: `tally order sign FILE`.
///
/// Usual course: roll, programs, ceremony, drill, open, (amend, last-login,) close, (annul, reinstate, drill,) seal, result.
#[derive(clap::Args, Debug)]
pub struct OrderArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(clap::Subcommand, Debug)]
enum Kind {
    /// Fix the voter roll
    Roll {
        /// The roll that `collector roll import` made
        #[arg(long, value_name = "FILE")]
        roll: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Change the voter roll: people added, removed, moved; what is cast already stays
    Amend {
        /// The change set that `collector roll` made
        #[arg(long, value_name = "FILE")]
        changes: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Begin a key ceremony; an unfinished one ends
    Ceremony(Common),
    /// Ask every trustee to show that its share is alive
    Drill(Common),
    /// Begin voting; needs one roll, published programs, a confirmed key, and a drill that all trustees passed
    Open(Common),
    /// Let nobody log in any more; voters who are logged in may finish
    LastLogin(Common),
    /// End voting
    Close(Common),
    /// Take no ballots until resumed
    Suspend(Common),
    /// Take ballots again
    Resume(Common),
    /// Move the end of voting later
    Extend {
        /// New time until which `close` may be dated (RFC 3339 or Unix seconds)
        #[arg(long, value_name = "TIME", value_parser = when::parse)]
        until: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Put a text on the board
    Note {
        /// UTF-8 text, at most 64 KiB
        #[arg(long, value_name = "FILE")]
        text: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Publish the hashes of programs and sources; must stand before open
    Programs {
        /// Folder with the builds and the source archive, as everyone can fetch them
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Annul ballots of voters who voted on paper, or by decision
    Annul {
        /// The list that `collector roll pseudonyms` made
        #[arg(long, value_name = "FILE")]
        list: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Take annulments back
    Reinstate {
        /// The list that `collector roll pseudonyms --reinstate` made
        #[arg(long, value_name = "FILE")]
        list: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Fix which ballots count; after it nothing can be annulled
    Seal(Common),
    /// State the result; every member's program computes it again before it signs
    Result {
        /// The file that `tally count` made
        #[arg(long, value_name = "FILE")]
        result: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Add a signature to an order that another member wrote with --out
    Sign(sign::SignArgs),
}

/// Options of all orders.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    #[command(flatten)]
    board: BoardArgs,
    /// Sealed key file of a member; may be given several times
    #[arg(long, value_name = "KEYFILE", required_unless_present = "dry_run")]
    key: Vec<PathBuf>,
    /// Date the order so instead of now (RFC 3339 or Unix seconds)
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    time: Option<u64>,
    /// Write it into a file, for another member's signature or for `tally post`
    #[arg(long, value_name = "FILE", required_unless_present_any = ["post", "dry_run"], conflicts_with = "post")]
    out: Option<PathBuf>,
    #[command(flatten)]
    posting: PostingArgs,
    /// Go on although the board's checkpoint lacks cosignatures of witnesses
    #[arg(long)]
    unwitnessed: bool,
    #[command(flatten)]
    yes: YesArgs,
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// What a kind of order takes beside the common options.
pub enum Content<'a> {
    Nothing,
    File(&'a PathBuf),
    Until(u64),
    /// A note of the files in this folder.
    Programs(&'a PathBuf),
}

/// Runs `tally order`.
pub fn run(args: &OrderArgs, out: &mut dyn Write) -> Outcome {
    let (kind, common, content) = match &args.kind {
        Kind::Roll { roll, common } => (OrderKind::Roll, common, Content::File(roll)),
        Kind::Amend { changes, common } => (OrderKind::Amend, common, Content::File(changes)),
        Kind::Ceremony(common) => (OrderKind::Ceremony, common, Content::Nothing),
        Kind::Drill(common) => (OrderKind::Drill, common, Content::Nothing),
        Kind::Open(common) => (OrderKind::Open, common, Content::Nothing),
        Kind::LastLogin(common) => (OrderKind::LastLogin, common, Content::Nothing),
        Kind::Close(common) => (OrderKind::Close, common, Content::Nothing),
        Kind::Suspend(common) => (OrderKind::Suspend, common, Content::Nothing),
        Kind::Resume(common) => (OrderKind::Resume, common, Content::Nothing),
        Kind::Extend { until, common } => (OrderKind::Extend, common, Content::Until(*until)),
        Kind::Note { text, common } => (OrderKind::Note, common, Content::File(text)),
        Kind::Programs { dir, common } => (OrderKind::Note, common, Content::Programs(dir)),
        Kind::Annul { list, common } => (OrderKind::Annul, common, Content::File(list)),
        Kind::Reinstate { list, common } => (OrderKind::Reinstate, common, Content::File(list)),
        Kind::Seal(common) => (OrderKind::Seal, common, Content::Nothing),
        Kind::Result { result, common } => (OrderKind::Result, common, Content::File(result)),
        Kind::Sign(args) => return sign::run(args, out),
    };
    if common.posting.post {
        common.board.url()?;
    }
    let board = common.board.open()?;
    let draft = draft::new(kind, &content, common.time, &board)?;
    sign::finish(draft, board, common, out)
}
