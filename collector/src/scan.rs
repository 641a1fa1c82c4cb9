//! Does any file still name somebody? Spec: 11-record KEEP-4.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What is looked for: these codes, and whatever has the form of a person code in a certificate (`PNOEE-38001085718`).
#[derive(Debug, Default)]
pub struct Codes {
    codes: HashSet<Vec<u8>>,
    lengths: BTreeSet<usize>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub files: u64,
    pub bytes: u64,
    /// Files that name somebody.
    pub naming: Vec<PathBuf>,
}

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;
/// More than any person code has (07).
const LONGEST: usize = 64;

impl Codes {
    pub fn new(codes: impl Iterator<Item = String>) -> Self {
        let codes: HashSet<Vec<u8>> = codes.map(String::into_bytes).collect();
        let lengths = codes.iter().map(Vec::len).collect();
        Self { codes, lengths }
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Looks through a folder, and all that is in it.
    pub fn search(&self, folder: &Path) -> io::Result<Found> {
        let mut found = Found::default();
        self.search_into(folder, &mut found)?;
        Ok(found)
    }

    fn search_into(&self, folder: &Path, found: &mut Found) -> io::Result<()> {
        for item in fs::read_dir(folder)? {
            let item = item?;
            if item.file_type()?.is_dir() {
                self.search_into(&item.path(), found)?;
            } else if item.file_type()?.is_file() {
                found.files += 1;
                if self.is_in(&mut fs::File::open(item.path())?, &mut found.bytes)? {
                    found.naming.push(item.path());
                }
            }
        }
        Ok(())
    }

    /// Pieces overlap, so that no code is cut in two.
    fn is_in(&self, file: &mut impl Read, bytes: &mut u64) -> io::Result<bool> {
        let mut piece = Vec::with_capacity(PIECE + LONGEST);
        loop {
            let before = piece.len();
            let read = file.take(PIECE as u64).read_to_end(&mut piece)?;
            *bytes += read as u64;
            if self.is_within(&piece) {
                return Ok(true);
            }
            if read == 0 {
                return Ok(false);
            }
            piece.drain(..(before + read).saturating_sub(LONGEST));
        }
    }

    fn is_within(&self, bytes: &[u8]) -> bool {
        // A code is of visible characters: in most bytes there are no long runs of them.
        bytes.split(|b| !b.is_ascii_graphic()).any(|run| self.has_form(run) || self.lengths.iter().any(|n| self.has_code(run, *n)))
    }

    fn has_code(&self, run: &[u8], length: usize) -> bool {
        length > 0 && run.windows(length).any(|window| self.codes.contains(window))
    }

    fn has_form(&self, run: &[u8]) -> bool {
        let is_code = |w: &[u8]| match w.split_first_chunk::<6>() {
            Some(([b'P', b'N', b'O', a, b, b'-'], number)) => {
                a.is_ascii_uppercase() && b.is_ascii_uppercase() && number.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        };
        run.windows(12).any(is_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_wherever_it_stands() {
        let codes = Codes::new(["XY-1", "38001085718"].map(str::to_owned).into_iter());
        let is_in = |bytes: &[u8]| codes.is_in(&mut &*bytes, &mut 0).unwrap();
        assert!(!is_in(b"") && !is_in(b"XY-2 3800108571 PNOEE-1 PNOee-38001085719 XY\n-1"));
        for text in ["XY-1", "a38001085718b", "\0PNOLV-38001-", "{\"c\":\"PNOEE-47101010033\"}"] {
            let found = text.starts_with('\0') != is_in(text.as_bytes());
            assert!(found, "{text}");
        }
        for at in [PIECE - 20, PIECE - 6, PIECE - 1, PIECE, 3 * PIECE - 3] {
            let mut long = vec![b'x'; 3 * PIECE + 100];
            long[at..at + 11].copy_from_slice(b"38001085718");
            assert!(is_in(&long), "{at}");
            long[at + 4] = b'x';
            assert!(!is_in(&long), "{at}");
        }
    }
}
