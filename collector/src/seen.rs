//! Checkpoints that somebody has seen: a log that does not extend each of them must not go on. Attack E08.

use crate::state::State;
use crate::tls;
use anyhow::{Context, Result, bail};
use board::Checkpoint;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// A checkpoint is some thousand bytes.
const MOST: u64 = 1 << 20;

/// Asks every place: a board's URL, a copy of the record, a file. One that does not answer is a refusal too.
pub fn require_all(state: &State, places: &[String]) -> Result<()> {
    for place in places {
        let text = read(place).with_context(|| format!("cannot read {place}"))?;
        require(state, place, &text)?;
    }
    Ok(())
}

/// This one checkpoint.
pub fn require(state: &State, place: &str, text: &str) -> Result<()> {
    let checkpoint = Checkpoint::verify(text, state.replay.manifest()).with_context(|| format!("the checkpoint of {place}"))?;
    let words = match checkpoint.size.saturating_sub(state.tree.len()) {
        0 => format!("the checkpoint of {place}"),
        missing => format!("by {place} {missing} entries are published that this copy lacks: take a younger one"),
    };
    state.require_ours(&checkpoint).context(words)
}

fn read(place: &str) -> Result<String> {
    if !place.starts_with("http://") && !place.starts_with("https://") {
        let path = Path::new(place);
        return Ok(fs::read_to_string(if path.is_dir() { path.join("checkpoint") } else { path.to_owned() })?);
    }
    let response = tls::client(Duration::from_secs(30)).get(format!("{}/checkpoint", place.trim_end_matches('/'))).call()?;
    if response.status().as_u16() != 200 {
        bail!("it answered {}", response.status());
    }
    let mut text = String::new();
    response.into_body().into_reader().take(MOST).read_to_string(&mut text)?;
    Ok(text)
}
