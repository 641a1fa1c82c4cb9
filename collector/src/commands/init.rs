//! `collector init`: the data folder of one election.

use crate::data::{DataDir, read_key, write_key};
use crate::evidence::{Evidence, Services};
use crate::journal::{Line, Outcome, user};
use crate::store::{self, Database, Place, Sqlite};
use anyhow::{Context, Result, ensure};
use ballot::manifest::Manifest;
use board::replay::Replay;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub fn run(data: &Path, place: &Place, manifest: &Path, signatures: &Path, key: &Path) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let manifest = Arc::new(Manifest::from_bytes(&read(manifest)?)?);
    let entry = read(signatures)?;
    Replay::new(manifest.clone()).apply(&entry, None)?; // MAN-15, ENTRY-1
    Evidence::new(&manifest, &Services::default())?;
    let key = read_key(key)?;
    let named = manifest.description().collector.key.0;
    ensure!(key.verifying_key().to_bytes() == named, "the manifest names another log key for its collector");

    let server = place.server()?;
    let dir = DataDir::create(data)?;
    write_key(&dir.key(), &key)?;
    dir.write_record("manifest.json", manifest.bytes())?;
    let db: Box<dyn Database> = match server {
        Some(db) => db,
        None => Box::new(Sqlite::create(&dir.database())?),
    };
    if db.has_table("election")? {
        let same = store::manifest(&*db)? == manifest.bytes() && store::entries(&*db, 0, 1)?.first() == Some(&entry);
        ensure!(same, "the database holds another election; each has one of its own");
        println!("the election is in the database already: this folder is another one for it");
    } else {
        store::found(&*db, manifest.bytes(), &entry)?;
    }
    Line::new(user(), "init", Outcome::Done).write(&*db)?;
    db.close()?;
    println!("election {}", hex::encode(manifest.id()));
    Ok(())
}
