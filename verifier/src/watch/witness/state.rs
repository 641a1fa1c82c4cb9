//! What a witness cosigned last, on the disk before the cosignature leaves. Spec: 15-watching, WIT-2.
//!
//! The file is size and root in a line, and after it the checkpoint that was signed.

use crate::bytes::Hash;
use crate::checkpoint;
use crate::watch::{disk, seen};
use crate::{text, tree};
use ed25519_dalek::VerifyingKey;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What was cosigned last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// The checkpoint; nothing before the first.
    pub text: String,
}

impl Last {
    /// Goes on from the folder. One that was worked in and has no state is refused, and so is one that holds a cosignature of this
    /// witness under more than the state knows: the witness may have signed anything.
    pub fn open(folder: &Path, name: &str, key: &VerifyingKey) -> Result<Self, String> {
        let state = path(folder);
        let last = match fs::read_to_string(&state) {
            Ok(text) => parse(&text).ok_or_else(|| format!("{} is damaged; restore it, or take a new key", state.display()))?,
            Err(error) if error.kind() == ErrorKind::NotFound && !folder.join("record").exists() => {
                let first = Self { size: 0, root: tree::root_of(&[]), text: String::new() };
                first.keep(folder)?;
                first
            }
            Err(error) => return Err(format!("{}: {error}; restore it, or take a new key and folder", state.display())),
        };
        let record = folder.join("record").join("checkpoint");
        let known = fs::read_to_string(&record).map(|text| (record, text)).into_iter().chain(seen::texts(&folder.join("seen"))?);
        for (file, text) in known {
            if let Some(size) = cosigned(&text, name, key).filter(|size| *size > last.size) {
                return Err(format!(
                    "{} is older than what was signed: it knows {} entries, and {} has a cosignature of {name} under {size}; \
                     restore the latest one, or take a new key and folder",
                    state.display(),
                    last.size,
                    file.display()
                ));
            }
        }
        Ok(last)
    }

    /// Is on the disk when this returns.
    pub fn keep(&self, folder: &Path) -> Result<(), String> {
        let (state, text) = (path(folder), format!("{} {}\n{}", self.size, hex::encode(self.root), self.text));
        disk::replace_durably(&state, text.as_bytes()).map_err(|error| format!("{}: {error}", state.display()))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("cosigned")
}

fn parse(all: &str) -> Option<Last> {
    let (line, text) = all.split_once('\n')?;
    let (size, root) = line.split_once(' ')?;
    let last = Last { size: text::decimal(size)?, root: text::hex32(root)?, text: text.to_owned() };
    let whole = match checkpoint::parse(text.as_bytes()) {
        Ok(signed) => (signed.size, signed.root) == (last.size, last.root),
        Err(_) => text.is_empty() && last.size == 0,
    };
    whole.then_some(last)
}

/// Entries under a cosignature of this witness.
fn cosigned(text: &str, name: &str, key: &VerifyingKey) -> Option<u64> {
    let parsed = checkpoint::parse(text.as_bytes()).ok()?;
    let own = parsed.lines.iter().any(|line| line.0 == name && checkpoint::witness_line(parsed.note, line, key).is_ok());
    own.then_some(parsed.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_is_cut_or_changed_is_none() {
        let note = format!("haal/x\n7\n{}\n", "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=");
        let last = Last { size: 7, root: [5; 32], text: format!("{note}\n\u{2014} collector AAAA\n") };
        let good = format!("7 {}\n{}", "05".repeat(32), last.text);
        assert_eq!(parse(&good), Some(last));
        assert!(parse(&format!("0 {}\n", "05".repeat(32))).is_some(), "before the first");
        for cut in 0..good.len() {
            assert!(!good.is_char_boundary(cut) || parse(&good[..cut]).is_none(), "{cut}");
        }
        for (from, to) in [("7 05", "8 05"), ("7 05", "7 06"), ("\n7\n", "\n8\n"), ("BQUF", "AQUF")] {
            assert!(good.contains(from) && parse(&good.replacen(from, to, 1)).is_none(), "{from}");
        }
    }

    #[test]
    fn it_is_on_the_disk_before_anything_leaves() {
        let folder = tempfile::tempdir().unwrap();
        disk::trace::take();
        Last { size: 0, root: [5; 32], text: String::new() }.keep(folder.path()).unwrap();
        let name = folder.path().file_name().unwrap().to_string_lossy();
        assert_eq!(disk::trace::take(), ["write .cosigned.new".to_owned(), "rename cosigned".to_owned(), format!("sync {name}")]);
    }
}
