//! `tally count`

use crate::board::BoardArgs;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::minutes::{Minutes, StateArgs};
use crate::{seen, table};
use ballot::Manifest;
use ballot::encode::sha256;
use ballot::manifest::Rule;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use trustee::count::UnitResult;
use trustee::mix::Bases;
use trustee::view::View;

/// Count, as everyone can
///
/// Verifies the whole record, combines the trustees' openings, and computes the result; needs no key. The file --out is what the order
/// "result" states: `tally order result --result FILE`. If the board states a result already, the two are compared.
#[derive(clap::Args, Debug)]
pub struct CountArgs {
    #[command(flatten)]
    board: BoardArgs,
    /// File for the result (JSON in RFC 8785 form)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    state: StateArgs,
}

/// Runs `tally count`.
pub fn run(args: &CountArgs, out: &mut dyn Write) -> Outcome {
    let board = args.board.open()?;
    board.require_quorum()?;
    seen::check_and_keep(args.state.state.as_deref(), &board)?;
    let view = board.view(&Arc::new(Bases::default()))?;
    for finding in view.findings() {
        let (entry, kind, author) = (finding.entry, finding.kind.name(), finding.author);
        writeln!(out, "Entry {entry}: the {kind} of {author} does not count: {}.", finding.fault)?;
    }
    let result = view.result().map_err(|(unit, e)| Failure::Refused(anyhow::Error::from(e).context(format!("unit {unit}"))))?;
    let bytes = result.to_bytes();
    for unit in &result.units {
        writeln!(out)?;
        show(&view, unit, out)?;
    }
    let hash = hex::encode(sha256(&bytes));
    writeln!(out, "\nCounted set: {}\nResult:      SHA-256 {hash}", hex::encode(view.closed().counted))?;
    if let Some(published) = view.replay().result() {
        result.check(published).map_err(|e| Failure::Refused(anyhow::Error::from(e).context("the board's order result")))?;
        writeln!(out, "The board states the same result.")?;
    }
    if let Some(path) = &args.out {
        files::write(path, &bytes, Existing::Replace, false)?;
        writeln!(out, "Written to {}.", path.display())?;
    }
    Minutes::of(args.state.state.as_deref()).write(&format!("count: result SHA-256 {hash}"))
}

/// One unit as a table; options with votes first if the list is long.
fn show(view: &View, unit: &UnitResult, out: &mut dyn Write) -> Outcome {
    let manifest = view.manifest();
    let title = manifest.description().contests.iter().find(|c| c.id == unit.contest).map_or("", |c| &c.title);
    let districts = unit.districts.join(", ");
    writeln!(out, "Unit {}: {title} ({}), {districts}: {} ballots, {}", unit.unit, unit.contest, unit.ballots, unit.state)?;
    let names = names(manifest, view, unit);
    let mut lines: Vec<(u64, String, String)> = unit.counts.iter().zip(names).map(|(n, (title, group))| (*n, title, group)).collect();
    if lines.len() > 20 {
        lines.sort_by_key(|(n, ..)| std::cmp::Reverse(*n));
    }
    let shown = lines.iter().filter(|(n, ..)| *n > 0 || lines.len() <= 20);
    let rows: Vec<Vec<String>> = shown.map(|(n, title, group)| vec![format!("{n:>8}"), title.clone(), group.clone()]).collect();
    let hidden = lines.len() - rows.len();
    table::write(out, &rows)?;
    if hidden > 0 {
        writeln!(out, "          {hidden} more without votes")?;
    }
    if !unit.winner.is_empty() {
        writeln!(out, "          winner after {} rounds: {}", unit.rounds.len(), unit.winner)?;
    }
    Ok(())
}

/// Title and group of each count.
fn names(manifest: &Manifest, view: &View, unit: &UnitResult) -> Vec<(String, String)> {
    let Some((contest, list)) = view.units().get(unit.unit as usize).and_then(|u| manifest.contest(u.unit.item)) else { return Vec::new() };
    let mut names: Vec<(String, String)> = list.options.iter().map(|o| (o.title.clone(), o.group.clone())).collect();
    if matches!(contest.rule, Rule::Choose { blank: true, .. }) {
        names.push(("(blank)".to_owned(), String::new()));
    }
    names
}
