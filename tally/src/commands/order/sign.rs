//! `tally order sign`, and the end of every other order: show, ask, sign, deliver.

use super::Common;
use super::draft::Draft;
use crate::board::Board;
use crate::confirm;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::key_file::{KeyFile, KeyRole};
use crate::minutes::{Minutes, short};
use crate::submission::Submission;
use crate::{refuse, seen};
use anyhow::anyhow;
use ballot::encode::{Record, sha256};
use ballot::signature::Purpose;
use board::Order;
use std::io::Write;
use std::path::PathBuf;

/// Options of `tally order sign`.
#[derive(clap::Args, Clone, Debug)]
pub struct SignArgs {
    /// The order that another member wrote; extended in place unless --out or --post is given
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    board: crate::board::BoardArgs,
    /// Sealed key file of a member; may be given several times
    #[arg(long, value_name = "KEYFILE", required_unless_present = "dry_run")]
    key: Vec<PathBuf>,
    /// Write it into another file
    #[arg(long, value_name = "FILE", conflicts_with = "post")]
    out: Option<PathBuf>,
    #[command(flatten)]
    posting: crate::submission::PostingArgs,
    /// Go on although the board's checkpoint lacks cosignatures of witnesses
    #[arg(long)]
    unwitnessed: bool,
    #[command(flatten)]
    yes: confirm::YesArgs,
    #[command(flatten)]
    state: crate::minutes::StateArgs,
    #[command(flatten)]
    passphrase: crate::passphrase::PassphraseArgs,
}

/// Runs `tally order sign`: the same checks as if this member had drafted the order.
pub fn run(args: &SignArgs, out: &mut dyn Write) -> Outcome {
    let Submission { entry, blob } = Submission::read(&args.file)?;
    let order = Order::from_bytes(&entry).map_err(|_| Failure::file(&args.file, "not an order"))?;
    let board = args.board.open()?;
    let replay = board.replay()?;
    let SignArgs { board: at, key, posting, unwitnessed, yes, state, passphrase, .. } = args.clone();
    let out_file = if posting.post { None } else { Some(args.out.clone().unwrap_or_else(|| args.file.clone())) };
    let common = Common { board: at, key, time: None, out: out_file, posting, unwitnessed, yes, state, passphrase };
    finish(Draft { order, blob, replay }, board, &common, out)
}

/// Checks, shows, asks, signs with every key, and writes or posts.
pub fn finish(mut draft: Draft, board: Board, args: &Common, out: &mut dyn Write) -> Outcome {
    if args.unwitnessed && !board.has_quorum() {
        eprintln!("WARNING: --unwitnessed: this board may be one that only you are shown.");
    } else {
        board.require_quorum()?;
    }
    seen::check_and_keep(args.state.state.as_deref(), &board)?;
    draft.check(&board)?;
    draft.describe(out)?;
    if args.posting.dry_run {
        writeln!(out, "Dry run: nothing was signed.")?;
        return Ok(());
    }
    confirm::ask("Sign this order?", args.yes)?;
    let names = sign(&mut draft, args)?;
    let entry = draft.order.to_bytes();
    let hash = hex::encode(sha256(&entry));
    writeln!(out, "Signed by {}.", names.join(", "))?;
    let minutes = Minutes::of(args.state.state.as_deref());
    let line = format!(
        "order {} {}: signed by {}, SHA-256 {}",
        draft.order.number,
        draft.order.kind.name(),
        names.join(", "),
        short(&sha256(&entry))
    );
    minutes.write(&line)?;
    let manifest = &board.manifest;
    let signed = manifest.check_committee(Purpose::Order, &draft.order.body(), &draft.order.signatures);
    if signed.is_ok() {
        let mut after = draft.replay.clone();
        after.apply(&entry, Some(&draft.blob).filter(|_| draft.order.kind.has_blob()).map(Vec::as_slice))?;
    }
    let submission = Submission { entry, blob: draft.blob };
    let done = match (&args.out, signed) {
        (None, Err(e)) => refuse!("{e}; write the order with --out and let other members add theirs with `tally order sign`"),
        (None, Ok(())) => format!("posted as entry {}", submission.post_and_wait(&args.board, manifest, &args.posting, out)?),
        (Some(path), signed) => {
            files::write(path, &submission.to_bytes(), Existing::Replace, false)?;
            let next = match signed {
                Ok(()) => "It has the quorum; post it with `tally post`.".to_owned(),
                Err(e) => format!("Not enough yet: {e}. Another member adds a signature with `tally order sign`."),
            };
            writeln!(out, "Written to {}. {next}", path.display())?;
            format!("written to {}", path.display())
        }
    };
    minutes.write(&format!("order {} {}: {done}; SHA-256 {hash}", draft.order.number, draft.order.kind.name()))
}

fn sign(draft: &mut Draft, args: &Common) -> Outcome<Vec<String>> {
    let manifest = draft.replay.manifest().clone();
    let mut names = Vec::new();
    for (at, path) in args.key.iter().enumerate() {
        let key = KeyFile::open(path, KeyRole::Committee, &args.passphrase.for_file(path, at)?)?;
        let member = u8::try_from(key.index(&manifest)?).map_err(|_| Failure::Refused(anyhow!("MAN-3: member above 255")))?;
        draft.order.sign(&manifest.id(), member, &key.signing);
        names.push(key.name.clone());
    }
    Ok(names)
}
