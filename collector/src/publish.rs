//! From the database to the files that everyone reads. Spec: 08-board, 11-record; attacks E08, H06.
//!
//! Files are derived: the log and its tree come from the database, and the checkpoint is written last. A start brings the files up
//! to date with the same function as a new batch does, only from further back, so a crash at any moment leaves nothing to repair
//! by other means.

use crate::collector::Collector;
use crate::crash;
use crate::state::Cosigned;
use crate::store;
use crate::witness::{self, Cosignatures, Request, Witness};
use crate::writer::Job;
use anyhow::{Context, Result};
use board::checkpoint::{self, Note};
use board::tile::{self, Tile};
use board::{Checkpoint, Phase};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often missing cosignatures are asked for again.
const RETRY: Duration = Duration::from_millis(250);

/// The thread that writes tiles and checkpoints. It owns the record's files, but for blobs.
pub struct Publisher {
    collector: Arc<Collector>,
    witnesses: Vec<Witness>,
    /// Size of the log whose tiles are all there; 0 after a start, so that all files are compared once.
    tiles: u64,
    /// What the checkpoint file says: size and cosignatures.
    published: Option<(u64, Cosignatures)>,
    /// Partial tiles that readers of the checkpoint before may still ask for.
    stale: Vec<Tile>,
}

impl Publisher {
    /// Compares what was published with the database, and refuses to go on if the database is behind or another (E-RECONCILE).
    pub fn new(collector: Arc<Collector>, witnesses: &[String]) -> Result<Self> {
        let witnesses = witnesses.iter().map(|url| Witness::new(url)).collect();
        let mut publisher = Self { collector, witnesses, tiles: 0, published: None, stale: Vec::new() };
        publisher.reconcile()?;
        publisher.clean()?;
        Ok(publisher)
    }

    /// What was signed and seen by others binds us, whatever the database says.
    fn reconcile(&mut self) -> Result<()> {
        let file = self.collector.data.record().join("checkpoint");
        let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
        let state = self.collector.state();
        match Checkpoint::verify(&text, &self.collector.manifest) {
            Ok(checkpoint) => {
                state.require_ours(&checkpoint)?;
                let lines = text.lines().filter(|l| l.starts_with('\u{2014}')).skip(1);
                let lines = checkpoint.witnesses.iter().zip(lines).map(|((place, _), line)| (place - 1, format!("{line}\n"))).collect();
                self.published = Some((checkpoint.size, lines));
            }
            Err(error) => {
                // Not all lines are right, but size and root may still be what somebody was shown.
                tracing::warn!("E-RECONCILE: the checkpoint file is damaged and will be written again: {error}");
                if let Ok(Note { size, root, .. }) = Note::parse(&text) {
                    state.require_ours(&Checkpoint { size, root, witnesses: Vec::new() })?;
                }
            }
        }
        Ok(())
    }

    /// Empties the scratch folder, and removes what is not of the record. Before the writer starts, so no blob is on its way.
    fn clean(&self) -> Result<()> {
        let data = &self.collector.data;
        for item in fs::read_dir(data.scratch())? {
            fs::remove_file(item?.path())?;
        }
        let state = self.collector.state();
        let tiles = Tile::all(state.tree.len()).into_iter().map(|tile| tile.path());
        let blobs = state.blobs.iter().map(|name| format!("blob/{}", hex::encode(name)));
        let wanted = tiles.chain(blobs).map(|path| data.record().join(path)).collect();
        Ok(remove_foreign(&data.record(), &wanted)?)
    }

    /// Publishes whenever there is news, and goes on asking for cosignatures that are missing.
    pub fn run(mut self, news: &Receiver<()>) {
        let mut wait = RETRY;
        loop {
            match news.recv_timeout(wait) {
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            }
            wait = match self.collector.clone().metrics.step("publish", || self.publish(true)) {
                Ok(true) => Duration::from_secs(3600),
                Ok(false) => RETRY,
                Err(error) => {
                    tracing::error!("cannot publish: {error:#}");
                    Duration::from_secs(1)
                }
            };
        }
    }

    /// Brings files and checkpoint up to the log as it is committed, and asks witnesses if `ask`. True if nothing is missing.
    pub fn publish(&mut self, ask: bool) -> Result<bool> {
        let (size, root, done) = {
            let state = self.collector.state();
            (state.tree.len(), state.tree.root(), state.replay.phases().phase() == Phase::Done)
        };
        let manifest = self.collector.manifest.clone();
        if self.tiles == 0 {
            self.write_if_other("manifest.json", manifest.bytes())?;
        }
        let stale = self.bring_up_to(size)?;

        let mut lines =
            self.published.as_ref().filter(|(published, _)| *published == size).map(|(_, lines)| lines.clone()).unwrap_or_default();
        let text = checkpoint::note_text(&manifest.id(), size, &root);
        let signed = format!("{text}\n{}", checkpoint::sign(&text, &manifest.description().collector.name, &self.collector.key));
        let members = manifest.description().witnesses.members.len();
        if ask && lines.len() < members {
            let request = Request { manifest: &manifest, size, text: &text, note: &signed };
            let proof = |old| witness::consistency(&self.collector.state().tree, old, size);
            witness::ask_all(&mut self.witnesses, &request, &proof, &mut lines);
        }
        let file = lines.values().fold(signed.clone(), |file, line| file + line);
        if self.file("checkpoint").is_none_or(|there| there != file.as_bytes()) {
            crash::around("checkpoint-write", || self.collector.data.write_record("checkpoint", file.as_bytes()))?;
        }
        self.published = Some((size, lines.clone()));
        self.cosigned(size, &file)?;
        self.tidy(stale, done);
        Ok(lines.len() >= members || self.witnesses.is_empty())
    }

    /// Writes every tile that a log of `size` entries has and that is not there with these very bytes. Gives those it replaces.
    fn bring_up_to(&mut self, size: u64) -> Result<Vec<Tile>> {
        let old = self.tiles;
        for tile in Tile::new_since(old, size) {
            let bytes = match tile.level {
                Some(_) => tile.hashes(&self.collector.state().tree),
                None => {
                    let from = tile.index * tile::WIDTH;
                    tile::bundle(self.collector.readers.read(|db| store::entries(db, from, from + tile.width))?)
                }
            };
            self.write_if_other(&tile.path(), &bytes.context("a tile beyond the log")?)?;
        }
        self.tiles = size;
        Ok(Tile::stale(old, size))
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.collector.data.record().join(path)).ok()
    }

    fn write_if_other(&self, path: &str, bytes: &[u8]) -> Result<()> {
        if self.file(path).is_some_and(|there| there == bytes) {
            return Ok(());
        }
        crash::around("tile-write", || self.collector.data.write_record(path, bytes)).with_context(|| format!("cannot write {path}"))
    }

    /// Keeps a checkpoint with a quorum for receipts, durably: receipts must not go back after a restart (VOTER-6).
    fn cosigned(&self, size: u64, file: &str) -> Result<()> {
        let checkpoint = Checkpoint::verify(file, &self.collector.manifest)?;
        let quorum = checkpoint.require_quorum(&self.collector.manifest).is_ok();
        let newer = self.collector.state().cosigned.as_ref().is_none_or(|c| c.size < size);
        if newer && quorum {
            let text = file.to_owned();
            self.collector.write("LOG-4", |reply| Job::Cosigned { text: text.clone(), reply }).map_err(anyhow::Error::msg)?;
            self.collector.state_mut().cosigned = Some(Arc::new(Cosigned { size, text }));
        }
        let whole = self.collector.state().tree.len() == size;
        self.collector.pulse.published(checkpoint.witnesses.len(), quorum, whole);
        Ok(())
    }

    /// Removes the partial tiles of the checkpoint before the last; after *result* those of the last too (REC-1).
    fn tidy(&mut self, newly: Vec<Tile>, done: bool) {
        if newly.is_empty() && !done {
            return;
        }
        let mut gone = std::mem::replace(&mut self.stale, newly);
        if done {
            gone.append(&mut self.stale);
        }
        for tile in gone {
            let path = self.collector.data.record().join(tile.path());
            let _ = crash::around("stale-remove", || fs::remove_file(&path)); // what stays goes at the next start
            if let Some(folder) = path.parent().filter(|f| f.extension().is_some_and(|e| e == "p")) {
                let _ = fs::remove_dir(folder); // refused while it holds anything
            }
        }
    }
}

/// Removes every file below `tile` and `blob` that the log does not call for: left by a crash, or put there by others (REC-1).
fn remove_foreign(record: &Path, wanted: &HashSet<PathBuf>) -> std::io::Result<()> {
    let mut folders = vec![record.join("tile"), record.join("blob")];
    let mut seen = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(list) = fs::read_dir(&folder) else { continue };
        for item in list {
            let path = item?.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if !wanted.contains(&path) {
                tracing::warn!("E-RECONCILE: removing {}, which is not of the record", path.display());
                fs::remove_file(&path)?;
            }
        }
        seen.push(folder);
    }
    seen.iter().rev().for_each(|folder| drop(fs::remove_dir(folder))); // only the empty ones
    Ok(())
}
