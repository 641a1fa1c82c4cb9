//! The restricted evidence, for accredited auditors: it names persons. Spec: 11-record; 07c-evidence.

mod form;
pub mod ocsp;
pub mod stamp;

use crate::source::{ReadError, Source};

/// A folder of evidence.
pub struct Evidence {
    source: Source,
}

impl Evidence {
    /// Opens a folder.
    pub fn open(folder: &str) -> Result<Self, String> {
        Ok(Self { source: Source::folder(folder)? })
    }

    /// `roll.csv`, if it is there and is a text.
    pub fn roll(&self) -> Result<Option<String>, String> {
        Ok(self.read("roll.csv", 1 << 30)?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// A file of the folder, if it is there and not longer than allowed.
    pub fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, String> {
        match self.source.read(path, most) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ReadError::Missing | ReadError::TooLarge) => Ok(None),
            Err(ReadError::Unreadable(error)) => Err(format!("evidence {path}: {error}")),
        }
    }

    /// Everything in the folder, sorted.
    pub fn list(&self) -> Result<Vec<(String, crate::source::Kind)>, String> {
        self.source.list()
    }
}
