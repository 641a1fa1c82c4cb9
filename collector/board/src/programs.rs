//! The note that publishes hashes of programs and sources before voting. Spec: 03-manifest, GATE.

use crate::Hash;
use ballot::encode::parse_hash;

/// First line of such a note.
const FIRST: &str = "programs\n";
/// The programs that must be on it, in any number of builds.
pub const NAMES: [&str; 4] = ["collector", "tally", "verifier", "voter-app"];
/// What the name of a source archive begins with.
pub const SOURCE: &str = "source";
/// Most characters of a name.
const LONGEST: usize = 100;

/// Files with their SHA-256, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs(Vec<(String, Hash)>);

/// Why a list of files is not worth publishing (GATE-1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ProgramsError {
    #[error("GATE-1: {0:?} is not a name: letters, digits and ._/+- only, at most 100")]
    Name(String),
    #[error("GATE-1: {0} is there twice")]
    Twice(String),
    #[error("GATE-1: no {0} is among the files")]
    Missing(&'static str),
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "._/+-".contains(c))
}

/// The last part of a name, without `.exe`.
fn stem(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".exe").unwrap_or(last)
}

impl Programs {
    /// Sorts and checks a list. GATE-1.
    pub fn new(mut files: Vec<(String, Hash)>) -> Result<Self, ProgramsError> {
        files.sort();
        if let Some((name, _)) = files.iter().find(|(name, _)| !is_name(name)) {
            return Err(ProgramsError::Name(name.clone()));
        }
        if let Some((name, _)) = files.iter().zip(files.iter().skip(1)).find_map(|(a, b)| (a.0 == b.0).then_some(a)) {
            return Err(ProgramsError::Twice(name.clone()));
        }
        let missing = NAMES.into_iter().find(|program| !files.iter().any(|(name, _)| stem(name) == *program));
        let source = files.iter().any(|(name, _)| stem(name).starts_with(SOURCE));
        match missing.or((!source).then_some(SOURCE)) {
            Some(what) => Err(ProgramsError::Missing(what)),
            None => Ok(Self(files)),
        }
    }

    /// The list of a note; nothing if it is another note. Only the one way in which a list is written is read.
    pub fn from_note(note: &str) -> Option<Self> {
        let line = |line: &str| {
            let (hash, name) = line.split_once("  ")?;
            Some((name.to_owned(), parse_hash(hash)?))
        };
        let files = note.strip_prefix(FIRST)?.lines().map(line).collect::<Option<Vec<_>>>()?;
        Self::new(files).ok().filter(|programs| programs.note() == note)
    }

    /// The note.
    pub fn note(&self) -> String {
        let lines = self.0.iter().map(|(name, hash)| format!("{}  {name}\n", hex::encode(hash)));
        std::iter::once(FIRST.to_owned()).chain(lines).collect()
    }

    /// Names and hashes, sorted by name.
    pub fn files(&self) -> &[(String, Hash)] {
        &self.0
    }

    /// The name of the file with this hash (GATE-2).
    pub fn find(&self, hash: &Hash) -> Option<&str> {
        self.0.iter().find(|(_, there)| there == hash).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(names: &[&str]) -> Vec<(String, Hash)> {
        names.iter().enumerate().map(|(n, name)| ((*name).to_owned(), [n as u8; 32])).collect()
    }

    const ALL: [&str; 5] = ["voter-app.exe", "linux/collector", "linux/tally", "linux/verifier", "source-1.tar"];

    #[test]
    fn a_note_is_written_in_one_way() {
        let programs = Programs::new(files(&ALL)).unwrap();
        assert_eq!(programs.files().first().unwrap().0, "linux/collector");
        assert_eq!(programs.find(&[2; 32]), Some("linux/tally"));
        assert_eq!(programs.find(&[9; 32]), None);
        let note = programs.note();
        assert_eq!(Programs::from_note(&note), Some(programs));
        let second = note.lines().nth(1).unwrap();
        for other in [
            note.replacen("programs", "Programs", 1),
            note.replacen('\n', "\r\n", 1),
            note.trim_end().to_owned(),
            format!("{note}\n"),
            note.replacen(second, "", 1),
            note.replacen("  ", " ", 1),
            note.replacen("  ", "   ", 1),
            note.replacen("0101", "010", 1),
            note.replacen(&format!("{second}\n"), "", 1) + second + "\n", // not sorted, and without its collector before
            note.replacen("aa", "AA", 1) + "x",
        ] {
            assert_eq!(Programs::from_note(&other), None, "{other}");
        }
    }

    #[test]
    fn every_program_and_a_source() {
        for gone in 0..ALL.len() {
            let mut names = ALL.to_vec();
            let name = names.remove(gone);
            let wanted = NAMES.into_iter().find(|program| name.contains(program)).unwrap_or(SOURCE);
            assert_eq!(Programs::new(files(&names)), Err(ProgramsError::Missing(wanted)));
        }
        let twice = [ALL.as_slice(), &["voter-app.exe"]].concat();
        assert_eq!(Programs::new(files(&twice)), Err(ProgramsError::Twice("voter-app.exe".to_owned())));
        for name in ["", "a b", "ä", "a\nb", "a\\b", &"x".repeat(101)] {
            let named = [ALL.as_slice(), &[name]].concat();
            assert_eq!(Programs::new(files(&named)), Err(ProgramsError::Name(name.to_owned())));
        }
        assert!(Programs::new(files(&[ALL.as_slice(), &["x".repeat(100).as_str()]].concat())).is_ok());
    }
}
