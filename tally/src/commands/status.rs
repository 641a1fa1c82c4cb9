//! `tally status`

use crate::board::{Board, BoardArgs};
use crate::commands::ceremony::show_ceremony;
use crate::failure::Outcome;
use crate::minutes::{Minutes, StateArgs, short};
use crate::{seen, table, when};
use ballot::encode::Record;
use board::{Entry, Phase, Replay};
use std::collections::BTreeMap;
use std::io::Write;

/// Say where an election stands
///
/// Reads the board, checks every order and signature in it, and shows checkpoint, phase, orders, ceremony, and what comes next. Ballots, mixes and
/// openings are counted but not verified; `verifier check` verifies everything.
#[derive(clap::Args, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    board: BoardArgs,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `tally status`.
pub fn run(args: &StatusArgs, out: &mut dyn Write) -> Outcome {
    let board = args.board.open()?;
    seen::check_and_keep(args.state.state.as_deref(), &board)?;
    let replay = board.replay()?;
    let phases = replay.phases();
    let d = board.manifest.description();
    writeln!(out, "{}\nElection id: {}", d.title, hex::encode(board.manifest.id()))?;
    checkpoint(&board, out)?;
    let suspended = if phases.is_suspended() { ", suspended" } else { "" };
    writeln!(out, "Phase: {}{suspended}; voting may be closed until {}.", phases.phase().name(), when::show(phases.until()))?;
    writeln!(out, "Next: {}.", next(&replay))?;
    if let Some(rolls) = replay.rolls() {
        let version = if rolls.version() == 0 { String::new() } else { format!(" (version {})", rolls.version()) };
        writeln!(out, "Roll{version}: {} voters, {} annulled.", rolls.now().lines().len(), replay.annulled().len())?;
    }
    entries(&board, out)?;
    show_ceremony(&replay, out)?;
    Minutes::of(args.state.state.as_deref()).write(&format!(
        "status: {} entries, root {}",
        board.checkpoint.size,
        short(&board.checkpoint.root)
    ))
}

fn checkpoint(board: &Board, out: &mut dyn Write) -> Outcome {
    let (checkpoint, witnesses) = (&board.checkpoint, &board.manifest.description().witnesses);
    writeln!(out, "Checkpoint: {} entries, root {}", checkpoint.size, hex::encode(checkpoint.root))?;
    let signed = |at: usize| checkpoint.witnesses.iter().find(|(w, _)| *w == at).map(|(_, time)| when::show(*time));
    for (at, witness) in (1..).zip(&witnesses.members) {
        let state = signed(at).map_or_else(|| "has not cosigned".to_owned(), |time| format!("cosigned at {time}"));
        writeln!(out, "  witness {}: {state}", witness.name)?;
    }
    if !board.has_quorum() {
        writeln!(out, "LOG-4: {} cosignatures are needed; nothing may rest on this checkpoint.", witnesses.quorum)?;
    }
    Ok(())
}

/// Orders one by one, the rest by number.
fn entries(board: &Board, out: &mut dyn Write) -> Outcome {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut orders = Vec::new();
    for entry in &board.entries {
        let Ok(entry) = Entry::from_bytes(entry) else { continue };
        match &entry {
            Entry::Order(o) => {
                let by: Vec<String> = o.signatures.iter().map(|(m, _)| m.to_string()).collect();
                orders.push(vec![
                    format!("  order {}", o.number),
                    o.kind.name().to_owned(),
                    when::show(o.time),
                    format!("members {}", by.join(", ")),
                ]);
            }
            Entry::Post(p) => *counts.entry(p.kind.name()).or_default() += 1,
            Entry::Manifest { .. } => {}
            other => *counts.entry(other.name()).or_default() += 1,
        }
    }
    table::write(out, &orders)?;
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    if !counts.is_empty() {
        writeln!(out, "Entries: {}.", counts.join(", "))?;
    }
    Ok(())
}

fn next(replay: &Replay) -> &'static str {
    let ceremony = replay.ceremony();
    let running = ceremony.sessions().last().is_some_and(|s| s.state == board::ceremony::SessionState::Running);
    match replay.phases().phase() {
        Phase::Setup if replay.roll().is_none() => "tally order roll",
        Phase::Setup if running => "the trustees go on with tally ceremony (commit, reveal, deal, confirm)",
        Phase::Setup if ceremony.confirmed().is_none() => "tally order ceremony",
        Phase::Setup if ceremony.ready_key().is_some() => "tally order open",
        Phase::Setup if ceremony.last_drill().is_none() => "tally order drill",
        Phase::Setup => "every trustee runs tally ceremony drill",
        Phase::Voting | Phase::Last => "voting; then tally order close",
        Phase::Closed => "tally order annul if people voted on paper, tally order drill, then tally order seal",
        Phase::Sealed if replay.closing().is_none() => "the collector writes the closing entry",
        Phase::Sealed => "tally mix by the mixers, tally open by the trustees, tally count, tally order result",
        Phase::Done => "nothing; verifier check verifies the record",
    }
}
