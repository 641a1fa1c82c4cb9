//! One file for each command.

pub mod anonymise;
pub mod backup;
pub mod container;
pub mod destroy;
pub mod evidence;
pub mod export;
pub mod init;
pub mod journal;
pub mod keygen;
pub mod restore;
pub mod roll;
pub mod serve;
pub mod status;
pub mod vis3;

use crate::collector::now;
use crate::data::DataDir;
use crate::state::State;
use crate::store::{self, Database, Place, Use};
use crate::writer::commit;
use anyhow::{Context, Result};
use ballot::manifest::Manifest;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Opens a data folder for reading its log, beside a running server or without one.
fn open(dir: DataDir, place: &Place) -> Result<(DataDir, Box<dyn Database>, Arc<Manifest>)> {
    let db = place.open(&dir)?;
    let manifest = Arc::new(Manifest::from_bytes(&store::manifest(&*db)?).context("the manifest in the database")?);
    Ok((dir, db, manifest))
}

/// The same for a database in the folder, which can be copied as a file.
fn open_file(data: &Path) -> Result<(DataDir, Box<dyn Database>, Arc<Manifest>)> {
    open(DataDir::open_file(data)?, &Place::default())
}

/// The same, with the log replayed; all that is read afterwards is of the same moment.
fn open_log(data: &Path, place: &Place) -> Result<(DataDir, Box<dyn Database>, State)> {
    let (dir, db, manifest) = open(DataDir::open(data, place)?, place)?;
    db.begin_snapshot()?;
    dir.fetch_blobs(&*db)?;
    let state = State::load(&*db, &manifest, &dir.record())?;
    Ok((dir, db, state))
}

/// Records what is done with persons' data, before what it gives is written (USAGE-1).
fn record_use(db: &dyn Database, used: &Use) -> Result<()> {
    let tx = store::begin(db)?;
    store::insert_use(&tx, used, now())?;
    Ok(commit(tx)?)
}

/// The same with no server beside it, as long as the first value is held.
fn open_alone(data: &Path, place: &Place) -> Result<(File, DataDir, Box<dyn Database>, State)> {
    let dir = DataDir::open(data, place)?;
    let lock = dir.lock().context("end the server first")?;
    let db = place.alone(&dir)?;
    if store::is_older(&*db)? {
        store::migrate(&*db)?;
    }
    let manifest = Arc::new(Manifest::from_bytes(&store::manifest(&*db)?).context("the manifest in the database")?);
    dir.fetch_blobs(&*db)?;
    let state = State::load(&*db, &manifest, &dir.record())?;
    Ok((lock, dir, db, state))
}

/// A folder for output that holds nothing yet.
fn new_folder(path: &Path) -> Result<()> {
    anyhow::ensure!(!path.exists() || std::fs::read_dir(path)?.next().is_none(), "{} is not empty", path.display());
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(crate::data::set_private(path, 0o700)?)
}
