//! The data folder: where things lie, and how a file is written so that a power cut leaves the old one or the new one.

use crate::store::{self, Database, Place};
use anyhow::{Context, Result, bail, ensure};
use ed25519_dalek::SigningKey;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// `DIR` of the command line.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// A folder that `init` made, for ballots that are in it or in `place`.
    pub fn open(root: &Path, place: &Place) -> Result<Self> {
        let dir = Self(root.to_owned());
        match (dir.database().is_file(), dir.key().is_file(), place.is_server()) {
            (true, _, false) | (false, true, true) => Ok(dir),
            (true, _, true) => bail!("the ballots of {} are in it, and not with PostgreSQL: leave out --store", root.display()),
            (false, true, false) => bail!("the ballots of {} are not in it: name PostgreSQL with --store", root.display()),
            (false, false, _) => bail!("{} is not a data folder; `collector init` makes one", root.display()),
        }
    }

    /// A folder that has a database in it.
    pub fn open_file(root: &Path) -> Result<Self> {
        let dir = Self(root.to_owned());
        ensure!(dir.database().is_file(), "there is no collector.db in {}; PostgreSQL has its own tools for this", root.display());
        Ok(dir)
    }

    /// A folder that is not looked at yet.
    pub fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// A new folder; refuses one that holds anything.
    pub fn create(root: &Path) -> Result<Self> {
        if root.exists() && fs::read_dir(root)?.next().is_some() {
            bail!("{} is not empty; a data folder is made once", root.display());
        }
        Self::layout(root)
    }

    /// The folders in it.
    pub fn layout(root: &Path) -> Result<Self> {
        let dir = Self(root.to_owned());
        for folder in [dir.0.clone(), dir.record(), dir.scratch()] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        set_private(root, 0o700)?;
        Ok(dir)
    }

    pub fn root(&self) -> &Path {
        &self.0
    }
    pub fn database(&self) -> PathBuf {
        self.0.join("collector.db")
    }
    pub fn key(&self) -> PathBuf {
        self.0.join("log.key")
    }
    pub fn roll(&self) -> PathBuf {
        self.0.join("roll.bin")
    }
    /// What has changed since the roll was ordered, for the order `amend`.
    pub fn changes(&self) -> PathBuf {
        self.0.join("changes.bin")
    }
    /// The public record: the only folder that is served.
    pub fn record(&self) -> PathBuf {
        self.0.join("record")
    }
    /// Files that are being written; emptied at start.
    pub fn scratch(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// Held by `serve` as long as it runs: two servers of one log would fork it (E08).
    pub fn lock(&self) -> Result<File> {
        let file = OpenOptions::new().create(true).append(true).open(self.0.join("lock"))?;
        if file.try_lock().is_err() {
            bail!("another collector is running on {}", self.0.display());
        }
        Ok(file)
    }

    /// Writes a file of the record, whole and durable.
    pub fn write_record(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        write_durably(&self.scratch(), &self.record().join(path), bytes)
    }

    /// Brings blobs of the database into the record, where another collector may have put them in.
    pub fn fetch_blobs(&self, db: &dyn Database) -> Result<()> {
        for name in store::blob_names(db)? {
            let path = format!("blob/{}", hex::encode(name));
            if !self.record().join(&path).exists() {
                self.write_record(&path, &store::blob(db, &name)?)?;
            }
        }
        Ok(())
    }

    /// Writes a file of the data folder.
    pub fn write(&self, target: &Path, bytes: &[u8]) -> io::Result<()> {
        write_durably(&self.scratch(), target, bytes)
    }
}

/// Writes a file somewhere else, whole and durable.
pub fn write_file(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = target.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, target)?;
    File::open(target.parent().ok_or(io::ErrorKind::InvalidInput)?)?.sync_all()
}

/// Removes what is in a folder.
pub fn empty_folder(folder: &Path) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        if item.file_type()?.is_dir() { fs::remove_dir_all(item.path())? } else { fs::remove_file(item.path())? }
    }
    Ok(())
}

/// Copies a file beside, flushes, renames.
pub fn copy_durably(scratch: &Path, from: &Path, target: &Path) -> io::Result<()> {
    let temporary = scratch.join("copy");
    fs::copy(from, &temporary)?;
    File::open(&temporary)?.sync_all()?;
    fs::rename(&temporary, target)?;
    File::open(target.parent().ok_or(io::ErrorKind::InvalidInput)?)?.sync_all()
}

/// Writes beside, flushes, renames, flushes the folder: after a crash the name has all of the old bytes or all of the new.
fn write_durably(scratch: &Path, target: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    make_folder(folder)?;
    let temporary = scratch.join(name);
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, target)?;
    File::open(folder)?.sync_all()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
        match fs::create_dir(folder) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => File::open(above)?.sync_all()?,
        }
    }
    Ok(())
}

/// Writes a secret into a file that must not be there yet, readable by its owner alone.
pub fn write_key(path: &Path, key: &SigningKey) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot create {}", path.display()))?;
    let text = Zeroizing::new(format!("{}\n", hex::encode(Zeroizing::new(key.to_bytes()))));
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// Reads what [`write_key`] wrote.
pub fn read_key(path: &Path) -> Result<SigningKey> {
    let text = Zeroizing::new(fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?);
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), seed.as_mut()).with_context(|| format!("{} is not a key file", path.display()))?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Keeps others from reading it.
pub fn set_private(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    let _ = (path, mode);
    Ok(())
}
