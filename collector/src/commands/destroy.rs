//! `collector destroy`: destroys the box, and copies of it that are named. Spec: 11-record KEEP-5, KEEP-6.

use super::open_alone;
use crate::crash;
use crate::data::{DataDir, write_file};
use crate::journal::{Line, Outcome, user};
use crate::minutes::{Act, Gone, Minutes, now_text};
use crate::removal::{Common, not_reached, require_apart};
use crate::state::State;
use crate::store::{self, Database};
use anyhow::{Context, Result, bail, ensure};
use ballot::encode::{parse_hash, sha256};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub fn run(common: &Common, also: &[PathBuf]) -> Result<()> {
    let others: Vec<&Path> = also.iter().map(PathBuf::as_path).collect();
    let paths = [&[common.data.as_path()], others.as_slice()].concat();
    require_apart(&common.minutes, &paths)?;
    let dir = DataDir::at(&common.data);
    let stays = [dir.record(), dir.root().join("lock")];
    let election = election_of(&common.data)?;
    common.require_meant(&election)?;
    let mut minutes = match Minutes::begun(&common.minutes, Act::Destroy, &election)? {
        Some(begun) => begun,
        None => survey(common, &paths, &stays)?,
    };
    // What was looked at and found to be of this election, and nothing else.
    let mut named = paths.iter().map(|path| name(path)).collect::<Result<Vec<_>>>()?;
    let mut looked_at: Vec<&str> = minutes.gone.iter().map(|gone| gone.what.as_str()).filter(|what| !what.starts_with("table ")).collect();
    named.sort();
    looked_at.sort();
    ensure!(named == looked_at, "KEEP-5: the minutes that were begun name other paths: run it with the same words");
    let _lock = dir.lock()?;
    if !common.goes_on(&minutes) {
        return Ok(());
    }
    minutes.write(&common.minutes)?;
    if let Some(db) = common.place.server()?
        && db.has_table("election")?
    {
        let db = common.place.alone(&dir)?;
        let tx = store::begin(&*db)?;
        store::drop_all(&tx)?;
        tx.commit()?;
        db.compact()?;
    }
    for path in &paths {
        for file in files(path, &stays)? {
            crash::around("destroy-file", || overwrite(&file)).with_context(|| format!("cannot destroy {}", file.display()))?;
        }
    }
    for path in &paths {
        ensure!(files(path, &stays)?.is_empty(), "KEEP-5: there are still files in {}", path.display());
    }
    let scratch = dir.scratch();
    others.into_iter().chain([scratch.as_path()]).try_for_each(remove_empty)?;
    fs::remove_file(common.data.join("lock"))?;
    minutes.check = Some("files in what is named above, but for the public record: none".to_owned());
    minutes.ended = Some(now_text());
    minutes.write(&common.minutes)?;
    println!("done\nminutes {}", common.minutes.display());
    Ok(())
}

/// Whose data folder it is, whether anything but the record is left in it or not.
fn election_of(folder: &Path) -> Result<String> {
    let manifest = folder.join("record/manifest.json");
    let bytes = fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    Ok(hex::encode(sha256(&bytes)))
}

/// What is there; and the journal goes beside the minutes, because it goes with the box.
fn survey(common: &Common, paths: &[&Path], stays: &[PathBuf]) -> Result<Minutes> {
    let (lock, dir, db, state) = open_alone(&common.data, &common.place)?;
    common.require_over(&state)?;
    for path in paths.iter().skip(1) {
        require_ours(path, &state, &common.data)?;
    }
    if !common.dry_run {
        Line::new(user(), "destroy", Outcome::Begun).write(&*db)?;
        keep_journal(&*db, &common.minutes)?;
    }
    let minutes = common.minutes(Act::Destroy, &state, &*db)?;
    let mut gone = common.tables(&*db)?;
    db.close()?;
    drop(lock);
    for path in paths {
        gone.push(summary(path, stays)?);
    }
    let record = format!("the public record, in {}: it is complete by itself, and any web server can serve it", dir.record().display());
    let journal = "the journal, in journal.jsonl beside these minutes".to_owned();
    Ok(Minutes { gone, stays: vec![record, journal], not_reached: not_reached(common.place.is_server()), ..minutes })
}

fn keep_journal(db: &dyn Database, folder: &Path) -> Result<()> {
    let mut text = String::new();
    store::for_lines(db, |row| -> Result<()> {
        text += &serde_json::json!({ "number": row.number, "link": hex::encode(row.link), "line": row.line }).to_string();
        text.push('\n');
        Ok(())
    })?;
    fs::create_dir_all(folder)?;
    Ok(write_file(&folder.join("journal.jsonl"), text.as_bytes())?)
}

/// A file that is named is meant; a folder must be a backup, a data folder or evidence of this election.
fn require_ours(path: &Path, state: &State, data: &Path) -> Result<()> {
    let whole = |path: &Path| path.canonicalize().with_context(|| format!("cannot find {}", path.display()));
    let (this, own) = (whole(path)?, whole(data)?);
    ensure!(!this.starts_with(&own) && !own.starts_with(&this), "{} and the data folder are not apart", path.display());
    if path.is_file() {
        return Ok(());
    }
    if let Ok(election) = election_of(path) {
        ensure!(election == hex::encode(state.replay.manifest().id()), "KEEP-5: {} is of another election", path.display());
        return Ok(());
    }
    let Ok(roll) = fs::read_to_string(path.join("roll.csv")) else {
        bail!("KEEP-5: {} is no backup, data folder or evidence of this election", path.display());
    };
    let pseudonym = roll.lines().nth(1).and_then(|line| parse_hash(line.split(',').nth(1)?));
    let ours = pseudonym.is_some_and(|p| state.replay.rolls().is_some_and(|rolls| rolls.was_ever(&p)));
    ensure!(ours, "KEEP-5: {} is evidence of another election", path.display());
    Ok(())
}

/// All files below, but for what stays; a link is a file.
fn files(path: &Path, stays: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let Ok(meta) = path.symlink_metadata() else { return Ok(Vec::new()) };
    if stays.iter().any(|stays| stays == path) {
        return Ok(Vec::new());
    }
    if !meta.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut items = fs::read_dir(path)?.map(|item| Ok(item?.path())).collect::<io::Result<Vec<_>>>()?;
    items.sort();
    let below = items.iter().map(|item| files(item, stays)).collect::<Result<Vec<_>>>()?;
    Ok(below.into_iter().flatten().collect())
}

fn name(path: &Path) -> Result<String> {
    Ok(std::path::absolute(path)?.to_str().context("a path that is not UTF-8")?.to_owned())
}

/// How many files a folder has, and SHA-256 over their names and SHA-256s. A file that stands alone gets none: it could be guessed.
fn summary(path: &Path, stays: &[PathBuf]) -> Result<Gone> {
    let meta = path.symlink_metadata().with_context(|| format!("cannot find {}", path.display()))?;
    if !meta.is_dir() {
        return Ok(Gone { what: name(path)?, count: meta.len(), unit: "bytes".to_owned(), sha256: None });
    }
    let (mut count, mut digest) = (0, Sha256::new());
    for file in files(path, stays)? {
        count += 1;
        let inner = file.strip_prefix(path)?.to_str().context("a file whose name is not UTF-8")?;
        let own = if file.symlink_metadata()?.is_file() { sha256_of(&file)? } else { String::new() };
        digest.update(format!("{own}  {inner}\n"));
    }
    Ok(Gone { what: name(path)?, count, unit: "files".to_owned(), sha256: Some(hex::encode(digest.finalize())) })
}

/// SHA-256 of a file in hex, read piece by piece.
fn sha256_of(path: &Path) -> io::Result<String> {
    let (mut file, mut digest, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex::encode(digest.finalize())),
            n => digest.update(piece.get(..n).unwrap_or_default()),
        }
    }
}

/// Zeros in its place, durable, and then it goes. One that is gone already is fine: this goes on where it stopped.
fn overwrite(path: &Path) -> io::Result<()> {
    let Ok(meta) = path.symlink_metadata() else { return Ok(()) };
    if meta.is_file() {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let (zeros, mut left) = (vec![0; 1 << 20], meta.len());
        while left > 0 {
            let piece = zeros.get(..usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len())).unwrap_or_default();
            file.write_all(piece)?;
            left -= piece.len() as u64;
        }
        file.sync_all()?;
    }
    fs::remove_file(path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Folders that hold nothing any more.
fn remove_empty(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            remove_empty(&path)?;
        }
    }
    fs::remove_dir(folder)
}
