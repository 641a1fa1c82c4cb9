//! `collector backup`: a copy of the ballot box at one moment, while the server runs.

use super::{new_folder, open_file};
use crate::data::DataDir;
use crate::state::State;
use crate::store::{Database, Sqlite};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;

/// The checkpoint is copied first and the blobs last: so the database holds all that the checkpoint says, and the folder all that the database names.
pub fn run(data: &Path, out: &Path) -> Result<()> {
    let (dir, db, manifest) = open_file(data)?;
    new_folder(out)?;
    let copy = DataDir::layout(out)?;
    for name in ["manifest.json", "checkpoint"] {
        let from = dir.record().join(name);
        if from.exists() {
            copy.write_record(name, &fs::read(&from)?)?;
        }
    }
    db.copy_without_pads(&copy.database()).context("cannot copy the database")?;
    if let Ok(folder) = fs::read_dir(dir.record().join("blob")) {
        for blob in folder {
            let blob = blob?;
            let name = blob.file_name();
            copy.write_record(&format!("blob/{}", name.to_string_lossy()), &fs::read(blob.path())?)?;
        }
    }
    File::open(copy.database())?.sync_all()?;

    let db = Box::new(Sqlite::open(&copy.database())?); // what was written is read again, whole
    let state = State::load(&*db, &manifest, &copy.record()).context("the copy does not read")?;
    println!("election {}", hex::encode(manifest.id()));
    println!("entries {}\nballots {}\npending {}", state.tree.len(), state.ballots, state.pending);
    println!("folder {}", out.display());
    println!("It names voters: keep it as you keep the ballot box. The log key is not in it, nor are pads of second devices.");
    Ok(db.close()?)
}
