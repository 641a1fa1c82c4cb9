//! Connections that read, handed from thread to thread.

use super::{Database, Sqlite, Stored};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// As many as read at the same time.
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Box<dyn Database>>>,
}

impl Readers {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    /// Closes all that are idle.
    pub fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a query on a connection of its own.
    pub fn read<T>(&self, query: impl FnOnce(&dyn Database) -> Stored<T>) -> Stored<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => Box::new(Sqlite::open_reader(&self.path)?),
        };
        let result = query(&*db);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        result
    }
}
