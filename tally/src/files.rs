//! Files that are either wholly there or not at all, also after a power cut.

use crate::failure::{Failure, Outcome};
use std::io::Write;
use std::path::Path;

/// What happens to a file of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced in one step.
    Replace,
    /// It stays, and nothing is written.
    Keep,
}

/// Writes a file beside its place, makes it durable, and moves it there.
pub fn write(path: &Path, bytes: &[u8], existing: Existing, secret: bool) -> Outcome {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: &dyn std::fmt::Display| Failure::Unreadable(anyhow::anyhow!("cannot write {}: {e}", path.display()));
    std::fs::create_dir_all(folder).map_err(|e| failed(&e))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
    file.write_all(bytes).map_err(|e| failed(&e))?;
    if !secret {
        readable_by_all(file.as_file()).map_err(|e| failed(&e))?;
    }
    file.as_file().sync_all().map_err(|e| failed(&e))?;
    let moved = match existing {
        Existing::Replace => file.persist(path),
        Existing::Keep => file.persist_noclobber(path),
    };
    moved.map_err(|e| failed(&e.error))?;
    if let Ok(folder) = std::fs::File::open(folder) {
        folder.sync_all().ok(); // not every file system can; the file itself is durable
    }
    Ok(())
}

/// Temporary files are made for their owner alone; what is public need not stay so.
fn readable_by_all(file: &std::fs::File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    let _ = file;
    Ok(())
}

/// Reads a file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|e| Failure::file(path, e))
}

/// Reads a file of text.
pub fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?).map_err(|_| Failure::file(path, "not UTF-8 text"))
}
