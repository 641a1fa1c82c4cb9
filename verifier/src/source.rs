//! Where the files of a record come from: a folder, or a folder that a web server fills as files are asked for. Spec: 11-record.

use crate::bytes::Hash;
use crate::net::Remote;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such regular file.
    Missing,
    /// It is longer than anything that may stand there.
    TooLarge,
    /// It is there and cannot be read, so nothing can be said about the record.
    Unreadable(String),
}

/// A kind of thing found in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, or the like.
    Other,
}

/// The files of one record.
pub struct Source {
    folder: PathBuf,
    remote: Option<Remote>,
}

impl Source {
    /// A folder, or an http(s) URL.
    pub fn open(record: &str) -> Result<Self, String> {
        if let Some(remote) = Remote::parse(record)? {
            return Ok(Self { folder: remote.folder().to_owned(), remote: Some(remote) });
        }
        Self::folder(record)
    }

    /// A folder.
    pub fn folder(path: &str) -> Result<Self, String> {
        let folder = PathBuf::from(path);
        match fs::metadata(&folder) {
            Ok(data) if data.is_dir() => Ok(Self { folder, remote: None }),
            Ok(_) => Err(format!("{path} is not a folder")),
            Err(error) => Err(format!("{path}: {error}")),
        }
    }

    /// Can it say what else is there?
    pub fn is_folder(&self) -> bool {
        self.remote.is_none()
    }

    fn file(&self, path: &str, most: u64) -> Result<(File, u64), ReadError> {
        if let Some(remote) = &self.remote {
            remote.fetch(path, most)?;
        }
        let full = path.split('/').fold(self.folder.clone(), |folder, name| folder.join(name));
        let data = fs::symlink_metadata(&full).map_err(read_error)?;
        if !data.is_file() {
            return Err(ReadError::Missing);
        }
        if data.len() > most {
            return Err(ReadError::TooLarge);
        }
        Ok((File::open(&full).map_err(read_error)?, data.len()))
    }

    /// The bytes of a file of at most `most` bytes.
    pub fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let (file, length) = self.file(path, most)?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() as u64 > most { Err(ReadError::TooLarge) } else { Ok(bytes) }
    }

    /// A file without which nothing can be read.
    pub fn required(&self, path: &str, most: u64) -> Result<Vec<u8>, String> {
        self.read(path, most).map_err(|error| match error {
            ReadError::Missing => format!("there is no {path}"),
            ReadError::TooLarge => format!("{path} has more than {most} bytes"),
            ReadError::Unreadable(error) => format!("{path}: {error}"),
        })
    }

    /// The first bytes of a file, at most `length` of them. They have not been held against anything.
    pub fn read_start(&self, path: &str, length: u64) -> Result<Vec<u8>, ReadError> {
        let (file, _) = self.file(path, 1 << 30)?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes).map_err(read_error)?;
        Ok(bytes)
    }

    /// Length and SHA-256 of a file, whatever its size, without holding it.
    pub fn hash(&self, path: &str, most: u64) -> Result<(u64, Hash), ReadError> {
        let (file, _) = self.file(path, most)?;
        let mut file = file.take(most.saturating_add(1));
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut length = 0u64;
        loop {
            let n = file.read(&mut buffer).map_err(read_error)?;
            let Some(part) = buffer.get(..n).filter(|part| !part.is_empty()) else { break };
            hash.update(part);
            length = length.saturating_add(n as u64);
        }
        if length > most { Err(ReadError::TooLarge) } else { Ok((length, hash.finalize().into())) }
    }

    /// A blob, held against its name. REC-5.
    pub fn blob(&self, name: &Hash, most: u64) -> Result<Vec<u8>, ReadError> {
        let bytes = self.read(&blob_path(name), most)?;
        if crate::hash::sha256(&bytes) == *name { Ok(bytes) } else { Err(ReadError::Missing) }
    }

    /// Everything in the folder, sorted by path; nothing for a web server, which cannot be asked.
    pub fn list(&self) -> Result<Vec<(String, Kind)>, String> {
        let mut found = Vec::new();
        if self.remote.is_none() {
            walk(&self.folder, "", &mut found).map_err(|error| error.to_string())?;
            found.sort();
        }
        Ok(found)
    }
}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

/// Path of a blob.
pub fn blob_path(name: &Hash) -> String {
    format!("blob/{}", hex::encode(name))
}

fn read_error(error: std::io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Unreadable(error.to_string()),
    }
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<(String, Kind)>) -> std::io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        // A name that is not UTF-8 matches no path of a record, so it is named as something extra.
        let name = format!("{prefix}{}", item.file_name().to_string_lossy());
        let kind = item.file_type()?;
        if kind.is_dir() {
            found.push((name.clone(), Kind::Folder));
            // No path of a record has more than a few parts; deeper ones are extra at their first folder already.
            if name.matches('/').count() < 12 {
                walk(&item.path(), &format!("{name}/"), found)?;
            }
        } else {
            found.push((name, if kind.is_file() { Kind::File } else { Kind::Other }));
        }
    }
    Ok(())
}
