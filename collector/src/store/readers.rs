//! Connections that read, handed from thread to thread.

use super::{Database, Sqlite, Stored};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

/// As many as read at the same time; or a fixed number, of which one waits to become free.
pub struct Readers {
    idle: Mutex<Vec<Box<dyn Database>>>,
    returned: Condvar,
    /// Where further ones come from.
    file: Option<PathBuf>,
}

impl Readers {
    pub fn of_file(path: &Path) -> Self {
        Self { idle: Mutex::default(), returned: Condvar::new(), file: Some(path.to_owned()) }
    }

    /// These and no others.
    pub fn of(connections: Vec<Box<dyn Database>>) -> Self {
        Self { idle: Mutex::new(connections), returned: Condvar::new(), file: None }
    }

    /// Closes all that are idle.
    pub fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a query on a connection of its own.
    pub fn read<T>(&self, query: impl FnOnce(&dyn Database) -> Stored<T>) -> Stored<T> {
        let db = self.take()?;
        let result = query(&*db);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        self.returned.notify_one();
        result
    }

    fn take(&self) -> Stored<Box<dyn Database>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match (idle.pop(), &self.file) {
                (Some(db), _) => return Ok(db),
                (None, Some(file)) => {
                    drop(idle);
                    return Ok(Box::new(Sqlite::open_reader(file)?));
                }
                (None, None) => idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}
