//! `collector journal`: what was ordered and refused, and what the operator did; the chain is checked. Spec: 11-record KEEP-1 to KEEP-3.

use super::open;
use crate::data::DataDir;
use crate::journal::{self, Head, Line, Outcome};
use crate::store::{JournalRow, Place};
use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

pub fn run(data: &Path, place: &Place, seen: &[Head], as_json: bool) -> Result<()> {
    let (_, db, _) = open(DataDir::open(data, place)?, place)?;
    db.begin_snapshot()?;
    let show = if as_json { show_json } else { show_words };
    let head = journal::check(&*db, seen, show)?;
    if !as_json {
        println!("head {head}");
    }
    Ok(())
}

/// The line stays a text, so that its bytes are those that were hashed.
fn show_json(row: &JournalRow) {
    println!("{}", json!({ "number": row.number, "link": hex::encode(row.link), "line": row.line }));
}

fn show_words(row: &JournalRow) {
    let Ok(line) = serde_json::from_str::<Line>(&row.line) else { return println!("{} {}", row.number, row.line.escape_default()) };
    let time = i64::try_from(line.time).ok().and_then(|s| Timestamp::from_second(s).ok());
    let outcome = match line.outcome {
        Outcome::Begun => "begun",
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    };
    println!("{} {} {outcome}: {}, by {}", row.number, time.map_or(line.time.to_string(), |t| t.to_string()), line.what, line.who);
    if !line.message.is_empty() {
        println!("    {}", line.message.escape_debug());
    }
    for file in line.files {
        println!("    {} ({} bytes)", file.name.escape_debug(), file.bytes);
    }
}
