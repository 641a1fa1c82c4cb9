//! `collector init`: the data folder of one election.

use crate::data::{DataDir, read_key, write_key};
use crate::evidence::{Evidence, Services};
use crate::store::{self, Database, Sqlite};
use anyhow::{Context, Result, ensure};
use ballot::manifest::Manifest;
use board::replay::Replay;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub fn run(data: &Path, manifest: &Path, signatures: &Path, key: &Path) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let manifest = Arc::new(Manifest::from_bytes(&read(manifest)?)?);
    let entry = read(signatures)?;
    Replay::new(manifest.clone()).apply(&entry, None)?; // MAN-15, ENTRY-1
    Evidence::new(&manifest, &Services::default())?;
    let key = read_key(key)?;
    let named = manifest.description().collector.key.0;
    ensure!(key.verifying_key().to_bytes() == named, "the manifest names another log key for its collector");

    let dir = DataDir::create(data)?;
    write_key(&dir.key(), &key)?;
    dir.write_record("manifest.json", manifest.bytes())?;
    let db = Box::new(Sqlite::create(&dir.database())?);
    store::found(&*db, manifest.bytes(), &entry)?;
    db.close()?;
    println!("election {}", hex::encode(manifest.id()));
    Ok(())
}
