//! `collector restore`: a data folder from a backup, if the log may go on from there.

use super::open_file;
use crate::data::{DataDir, copy_durably, read_key, write_key};
use crate::evidence::{Evidence, Services};
use crate::state::State;
use crate::tls;
use anyhow::{Context, Result, bail, ensure};
use board::Checkpoint;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// A checkpoint is some thousand bytes.
const MOST: u64 = 1 << 20;

/// Refuses a backup that is older than, or of another log than, any checkpoint that somebody has seen: going on from it would fork the log (E08).
pub fn run(backup: &Path, data: &Path, key: &Path, seen: &[String]) -> Result<()> {
    let (from, db, manifest) = open_file(backup).context("the backup")?;
    Evidence::new(&manifest, &Services::default())?;
    let key = read_key(key)?;
    ensure!(
        key.verifying_key().to_bytes() == manifest.description().collector.key.0,
        "the manifest names another log key for its collector"
    );
    let state = State::load(&*db, &manifest, &from.record())?;
    let mut checkpoints = Vec::new();
    if let Ok(text) = fs::read_to_string(from.record().join("checkpoint")) {
        checkpoints.push(("the backup itself", text));
    }
    for place in seen {
        checkpoints.push((place, checkpoint(place).with_context(|| format!("cannot read {place}"))?));
    }
    for (place, text) in checkpoints {
        let checkpoint = Checkpoint::verify(&text, &manifest).with_context(|| format!("the checkpoint of {place}"))?;
        let missing = checkpoint.size.saturating_sub(state.tree.len());
        let words = match missing {
            0 => format!("the checkpoint of {place}"),
            _ => format!("by {place} {missing} entries are published that this backup lacks: take a younger one"),
        };
        state.require_ours(&checkpoint).context(words)?;
    }
    db.close()?;

    let to = DataDir::create(data)?;
    write_key(&to.key(), &key)?;
    for name in ["manifest.json", "checkpoint"].map(str::to_owned).into_iter().chain(blobs(&from)?) {
        match fs::read(from.record().join(&name)) {
            Ok(bytes) => to.write_record(&name, &bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && name == "checkpoint" => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {name} of the backup")),
        }
    }
    copy_durably(&to.scratch(), &from.database(), &to.database())?; // last: without it the folder is none
    println!("entries {}\nballots {}\npending {}", state.tree.len(), state.ballots, state.pending);
    println!(
        "Ballots that were accepted after this backup are not in it; their voters hold promises. `collector serve` goes on from here."
    );
    Ok(())
}

fn blobs(dir: &DataDir) -> Result<Vec<String>> {
    let Ok(folder) = fs::read_dir(dir.record().join("blob")) else { return Ok(Vec::new()) };
    folder.map(|blob| Ok(format!("blob/{}", blob?.file_name().to_string_lossy()))).collect()
}

/// From a file, a record, or a board's URL.
fn checkpoint(place: &str) -> Result<String> {
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
