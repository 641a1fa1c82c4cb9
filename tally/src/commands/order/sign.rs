//! `tally order sign`, and the end of every other order: show, ask, sign, deliver.

use super::Common;
use super::draft::Draft;
use crate::board::Board;
use crate::confirm;
use crate::failure::{Failure, Outcome};
use crate::key_file::{KeyFile, KeyRole};
use crate::minutes::Minutes;
use crate::submission::Submission;
use crate::{refuse, seen, when};
use anyhow::anyhow;
use ballot::encode::{Record, sha256};
use ballot::manifest::CommitteeError;
use ballot::signature::Purpose;
use board::Order;
use board::http::WebError;
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
    let keys = open_keys(&draft, args)?;
    let names: Vec<&str> = keys.iter().map(|(_, key)| key.name.as_str()).collect();
    let names = names.join(", ");
    let alone = draft.order.signatures.is_empty() && args.time.is_none();
    let minutes = Minutes::of(args.state.state.as_deref());
    let mut tries = 0;
    let (submission, signed) = loop {
        let (submission, signed) = sign(&mut draft, &keys)?;
        let hash = hex::encode(sha256(&submission.entry));
        writeln!(out, "Signed by {names}; SHA-256 {hash}.")?;
        let (number, kind) = (draft.order.number, draft.order.kind.name());
        minutes.write(&format!("order {number} {kind}: signed by {names}, dated {}, SHA-256 {hash}", when::show(draft.order.time)))?;
        if args.out.is_some() {
            break (submission, signed);
        }
        if let Err(e) = &signed {
            refuse!("{e}; write the order with --out and let other members add theirs with `tally order sign`");
        }
        match submission.post(args.board.url()?) {
            // While people vote, a ballot may be accepted between the date of the order and its arrival (PHASE-4).
            Err(e) if alone && tries < 5 && is_dated_back(&e) => {
                tries += 1;
                draft.order.time = when::now().max(draft.order.time) + tries;
                writeln!(out, "Ballots were accepted meanwhile; dated anew: {}.", when::show(draft.order.time))?;
            }
            Err(e) => return Err(e),
            Ok(_) => break (submission, signed),
        }
    };
    let done = match &args.out {
        None => format!("posted as entry {}", submission.post_and_wait(&args.board, &board.manifest, &args.posting, out)?),
        Some(path) => {
            submission.write(path)?;
            let next = match signed {
                Ok(()) => "It has the quorum; post it with `tally post`.".to_owned(),
                Err(e) => format!("Not enough yet: {e}. Another member adds a signature with `tally order sign`."),
            };
            writeln!(out, "Written to {}. {next}", path.display())?;
            format!("written to {}", path.display())
        }
    };
    minutes.write(&format!("order {} {}: {done}", draft.order.number, draft.order.kind.name()))
}

fn open_keys(draft: &Draft, args: &Common) -> Outcome<Vec<(u8, KeyFile)>> {
    let one = |(at, path): (usize, &PathBuf)| {
        let key = KeyFile::open(path, KeyRole::Committee, &args.passphrase.for_file(path, at)?)?;
        let member = u8::try_from(key.index(draft.replay.manifest())?).map_err(|_| Failure::Refused(anyhow!("MAN-3: member above 255")))?;
        Ok((member, key))
    };
    args.key.iter().enumerate().map(one).collect()
}

/// Signs with every key; says whether the quorum is there. With the quorum, the board's own rules are tried on the order.
fn sign(draft: &mut Draft, keys: &[(u8, KeyFile)]) -> Outcome<(Submission, Result<(), CommitteeError>)> {
    let manifest = draft.replay.manifest().clone();
    keys.iter().for_each(|(member, key)| draft.order.sign(&manifest.id(), *member, &key.signing));
    let entry = draft.order.to_bytes();
    let signed = manifest.check_committee(Purpose::Order, &draft.order.body(), &draft.order.signatures);
    if signed.is_ok() {
        let blob = draft.order.kind.has_blob().then_some(draft.blob.as_slice());
        draft.replay.clone().apply(&entry, blob)?;
    }
    Ok((Submission { entry, blob: draft.blob.clone() }, signed))
}

fn is_dated_back(error: &Failure) -> bool {
    let Failure::Refused(error) = error else { return false };
    matches!(error.downcast_ref(), Some(WebError::Refused { rule, .. }) if rule == "PHASE-4")
}
