//! `collector status`: where the election stands, from the data folder.

use super::open_log;
use crate::journal::Head;
use crate::seen;
use crate::store::{self, Place};
use anyhow::Result;
use std::path::Path;

pub fn run(data: &Path, place: &Place, seen: &[String]) -> Result<()> {
    let (_, db, state) = open_log(data, place)?;
    seen::require_all(&state, seen)?;
    let phases = state.replay.phases();
    let suspended = if phases.is_suspended() { " (suspended)" } else { "" };
    println!("election {}", hex::encode(state.replay.manifest().id()));
    println!("phase {}{suspended}", phases.phase().name());
    println!("entries {}", state.tree.len());
    println!("root {}", hex::encode(state.tree.root()));
    println!("cosigned {}", state.cosigned.as_ref().map_or(0, |c| c.size));
    println!("pending {}", state.pending);
    println!("voters {}", state.roll.as_ref().map_or(0, |r| r.tree.len()));
    println!("next order {}", phases.next_order());
    let (lines, link) = store::journal_head(&*db)?;
    println!("journal {}", Head(lines, link));
    for finding in state.replay.findings() {
        println!("finding: entry {}: {} of {}: {}", finding.entry, finding.kind.name(), finding.author, finding.error);
    }
    Ok(())
}
