//! `tally mix`

use crate::board::{BoardArgs, wait_until_shown};
use crate::failure::{Failure, Outcome};
use crate::key_file::{KeyArgs, KeyRole};
use crate::minutes::{Minutes, StateArgs};
use crate::submission::{PostingArgs, Submission};
use crate::{progress, random, refuse, seen};
use ballot::encode::{Record, sha256};
use board::{Post, PostKind};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use trustee::mix::{Bases, KeyTables, Mix, MixError};
use trustee::view::View;

/// Mix the ballots of mixed contests
///
/// Verifies the whole record first: it refuses unless the election is closed and sealed by order, cosigned by the manifest's quorum of witnesses,
/// and every ballot and every mix before is right. Then it re-encrypts and permutes every unit whose next stage this mixer may do, with a proof.
/// It draws fresh randomness at each attempt and keeps nothing, so nobody can ever ask it for its permutation.
#[derive(clap::Args, Debug)]
pub struct MixArgs {
    #[command(flatten)]
    board: BoardArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Only this unit; may be given several times
    #[arg(long, value_name = "N")]
    unit: Vec<u32>,
    /// Write one file for each unit into this folder, to be posted with `tally post`
    #[arg(long, value_name = "DIR", required_unless_present_any = ["post", "dry_run"], conflicts_with = "post")]
    out: Option<PathBuf>,
    #[command(flatten)]
    posting: PostingArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `tally mix`.
pub fn run(args: &MixArgs, out: &mut dyn Write) -> Outcome {
    if args.posting.post {
        args.board.url()?;
    }
    let (key, _) = args.key.open(KeyRole::Mixer)?;
    let board = args.board.open()?;
    let me = key.index(&board.manifest)?;
    board.require_quorum()?;
    seen::check_and_keep(args.state.state.as_deref(), &board)?;
    let bases = Arc::new(Bases::default());
    let view = board.view(&bases)?;
    let units = to_mix(&view, me, &args.unit, out)?;
    writeln!(out, "The record is right; {} units to mix.", units.len())?;
    if units.is_empty() || args.posting.dry_run {
        return Ok(());
    }
    let minutes = Minutes::of(args.state.state.as_deref());
    let tables = KeyTables::new(&view.keys().key, board.manifest.columns());
    let bar = progress::bar("Mixing", units.len() as u64);
    let mut last = None;
    for unit in units {
        let mix = mix_unit(&view, unit, me, &bases, &tables)?;
        let blob = mix.to_bytes();
        let hash = hex::encode(sha256(&blob));
        let post = Post::new(PostKind::Mix, me, sha256(&blob), &board.manifest.id(), &key.signing);
        let submission = Submission { entry: post.to_bytes(), blob };
        let what = format!("unit {unit}, stage {}, {} ballots, SHA-256 {hash}", mix.head.stage, mix.outputs.len());
        let done = match &args.out {
            Some(folder) => {
                let path = folder.join(format!("mix-unit-{unit:05}-stage-{}.post", mix.head.stage));
                submission.write(&path)?;
                format!("written to {}", path.display())
            }
            None => {
                let index = submission.post(args.board.url()?)?;
                last = Some(index);
                format!("posted as entry {index}")
            }
        };
        minutes.write(&format!("mix: {what}; {done}"))?;
        writeln!(out, "{what}: {done}")?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let (Some(index), false) = (last, args.posting.no_wait) {
        wait_until_shown(args.board.url()?, &board.manifest, index, 30 + 2 * board.manifest.description().board.batch_seconds);
    }
    Ok(())
}

/// The units whose next stage this mixer may do. What was named on the command line must be possible; of all others what can be done is.
fn to_mix(view: &View, me: u16, named: &[u32], out: &mut dyn Write) -> Outcome<Vec<u32>> {
    let all = if named.is_empty() { view.unmixed() } else { named.to_vec() };
    let mut units = Vec::new();
    for unit in all {
        match view.next_mix(unit, me) {
            Ok(_) => units.push(unit),
            Err(e @ MixError::SecondStage { .. }) if named.is_empty() => writeln!(out, "Unit {unit} waits for another mixer: {e}.")?,
            Err(e) => refuse!("unit {unit}: {e}"),
        }
    }
    Ok(units)
}

fn mix_unit(view: &View, unit: u32, me: u16, bases: &Bases, tables: &KeyTables) -> Outcome<Mix> {
    let failed = |e: MixError| Failure::Refused(anyhow::Error::from(e).context(format!("unit {unit}")));
    view.next_mix(unit, me).map_err(failed)?.mix(bases, tables, &mut random::rng()).map_err(failed)
}
