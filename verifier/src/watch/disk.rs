//! Files that are there whole or not at all, and that outlive a power cut where that matters. Spec: 15-watching, FOLLOW-2, WIT-2.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file aside and renames it; whoever reads it sees the old bytes or the new ones.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = aside(path)?;
    fs::write(&aside, bytes)?;
    fs::rename(&aside, path)
}

/// The same, and it is on the disk when this returns: file and name. WIT-2.
pub fn replace_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = aside(path)?;
    write(&aside, bytes)?;
    rename(&aside, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

fn aside(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    Ok(folder.join(format!(".{}.new", path.file_name().unwrap_or_default().to_string_lossy())))
}

/// Writes a file; its bytes are on the disk when this returns.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    trace::step("write", path);
    Ok(())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    trace::step("rename", to);
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()?;
    trace::step("sync", folder);
    Ok(())
}

/// Folders whose names are not on the disk yet.
#[derive(Default)]
pub struct Unsynced(BTreeSet<PathBuf>);

impl Unsynced {
    /// Gives a file that `write` wrote its place below `top`; folders are made as needed.
    pub fn enter(&mut self, aside: &Path, top: &Path, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(top);
        fs::create_dir_all(folder)?;
        rename(aside, path)?;
        self.0.extend(folder.ancestors().take_while(|folder| folder.starts_with(top)).map(Path::to_owned));
        Ok(())
    }

    /// Every name that was given is on the disk when this returns.
    pub fn sync(&mut self) -> io::Result<()> {
        std::mem::take(&mut self.0).iter().try_for_each(|folder| sync_folder(folder))
    }
}

/// Locks the folder for this process; the lock goes with the value, and with the process.
pub fn lock(folder: &Path) -> Result<File, String> {
    let error = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(|e| error(&e))?;
    let file = File::options().create(true).append(true).open(folder.join("lock")).map_err(|e| error(&e))?;
    file.try_lock().map_err(|_| error(&"another process works in this folder"))?;
    Ok(file)
}

/// What was done in which order, for tests: a crash cannot be tried.
#[cfg(test)]
pub mod trace {
    use std::cell::RefCell;
    use std::path::Path;

    thread_local!(static STEPS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

    /// Notes a step.
    pub fn step(what: &str, path: &Path) {
        STEPS.with_borrow_mut(|steps| steps.push(format!("{what} {}", path.file_name().unwrap_or_default().to_string_lossy())));
    }

    /// The steps of this thread since the last call.
    pub fn take() -> Vec<String> {
        STEPS.take()
    }
}

#[cfg(not(test))]
mod trace {
    pub fn step(_: &str, _: &std::path::Path) {}
}
