//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file aside and renames it; whoever reads it sees the old bytes or the new ones.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, false)
}

/// The same, and it is on the disk when this returns: file and name. WIT-2.
pub fn replace_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, true)
}

fn write(path: &Path, bytes: &[u8], durably: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.new"));
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    if durably {
        file.sync_all()?;
    }
    fs::rename(&aside, path)?;
    if durably { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Locks the folder for this process; the lock goes with the value, and with the process.
pub fn lock(folder: &Path) -> Result<File, String> {
    let error = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(|e| error(&e))?;
    let file = File::options().create(true).append(true).open(folder.join("lock")).map_err(|e| error(&e))?;
    file.try_lock().map_err(|_| error(&"another process works in this folder"))?;
    Ok(file)
}
