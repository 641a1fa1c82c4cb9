//! `collector restore`: a data folder from a backup, if the log may go on from there.

use super::open_file;
use crate::data::{DataDir, copy_durably, read_key, write_key};
use crate::evidence::{Evidence, Services};
use crate::journal::{Line, Outcome, user};
use crate::seen;
use crate::state::State;
use crate::store::{Database, Sqlite};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Refuses a backup that is older than, or of another log than, any checkpoint that somebody has seen: going on from it would fork the log (E08).
pub fn run(backup: &Path, data: &Path, key: &Path, places: &[String]) -> Result<()> {
    let (from, db, manifest) = open_file(backup).context("the backup")?;
    Evidence::new(&manifest, &Services::default())?;
    let key = read_key(key)?;
    ensure!(
        key.verifying_key().to_bytes() == manifest.description().collector.key.0,
        "the manifest names another log key for its collector"
    );
    let state = State::load(&*db, &manifest, &from.record())?;
    if let Ok(text) = fs::read_to_string(from.record().join("checkpoint")) {
        seen::require(&state, "the backup itself", &text)?;
    }
    seen::require_all(&state, places)?;
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
    let db = Box::new(Sqlite::open(&to.database())?);
    Line::new(user(), "restore", Outcome::Done).write(&*db)?;
    db.close()?;
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
