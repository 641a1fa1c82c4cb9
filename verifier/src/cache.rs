//! Statements that this very program has verified before, so that a record that grew is not verified again from its
//! beginning. Spec: 15-watching, CACHE-1 to CACHE-4.
//!
//! A statement is the hash of everything that its truth depends on, and the file is nothing but such hashes. A damaged
//! file therefore holds hashes of nothing: it costs time and cannot change a verdict. Whoever can write it on purpose can.

use crate::bytes::Hash;
use crate::session::Key;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A file with more statements than this is begun anew.
const MOST: u64 = 1 << 25;

/// What makes this program another one.
const PROGRAM: &str = concat!("haal verifier ", env!("CARGO_PKG_VERSION"), " ", env!("VERIFIER_SOURCES"), " cache 1");

/// Statements known to be true.
#[derive(Default)]
pub struct Cache {
    /// From the file, sorted.
    old: Vec<Hash>,
    new: Mutex<New>,
    verified: AtomicU64,
    remembered: AtomicU64,
}

#[derive(Default)]
struct New {
    seen: HashSet<Hash>,
    file: Option<File>,
}

impl Cache {
    /// Knows nothing and keeps nothing.
    pub fn off() -> Self {
        Self::default()
    }

    /// The statements about one election in a folder, which is made if it is not there.
    pub fn open(folder: &Path, election: &Hash) -> Result<Self, String> {
        let error = |error: std::io::Error| format!("the cache in {} is not used: {error}", folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(error)?;
        let mode = fs::metadata(folder).map_err(error)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(format!("the cache in {} is not used: others may write or read there (chmod 700)", folder.display()));
        }
        let program: Hash = Sha256::digest(PROGRAM).into();
        let election = hex::encode(election);
        let name = format!("{}-{election}", hex::encode(program).get(..16).unwrap_or_default());
        remove_others(folder, &name, &election);
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(folder.join(name)).map_err(error)?;
        let length = file.metadata().map_err(error)?.len();
        let whole = if length > MOST.saturating_mul(32) { 0 } else { length / 32 * 32 };
        if whole != length {
            file.set_len(whole).map_err(error)?; // a write that a crash cut off
        }
        let mut bytes = Vec::new();
        (&mut file).take(whole).read_to_end(&mut bytes).map_err(error)?;
        let mut old = bytes.as_chunks::<32>().0.to_vec();
        old.sort_unstable();
        Ok(Self { old, new: Mutex::new(New { seen: HashSet::new(), file: Some(file) }), ..Self::default() })
    }

    /// The folder that is used if none is named: in the user's cache folder.
    pub fn default_folder() -> Option<PathBuf> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(base.join("haal-verifier"))
    }

    /// Was this verified before?
    pub fn knows(&self, statement: &Hash) -> bool {
        let known =
            self.old.binary_search(statement).is_ok() || self.new.lock().unwrap_or_else(PoisonError::into_inner).seen.contains(statement);
        if known {
            self.remembered.fetch_add(1, Ordering::Relaxed);
        }
        known
    }

    /// These have just been verified, and hold. CACHE-3.
    pub fn remember(&self, statements: &[Hash]) {
        self.verified.fetch_add(statements.len() as u64, Ordering::Relaxed);
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = &mut new.file else { return };
        // A cache that cannot be written costs time later and nothing now.
        if file.write_all(statements.as_flattened()).is_err() {
            new.file = None;
        }
        new.seen.extend(statements);
    }

    /// How many statements were verified in this run, and how many had been before.
    pub fn work(&self) -> Work {
        Work { verified: self.verified.load(Ordering::Relaxed), remembered: self.remembered.load(Ordering::Relaxed) }
    }
}

/// What a run had to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Statements that were verified and hold.
    pub verified: u64,
    /// Statements that were known.
    pub remembered: u64,
}

/// The name of a statement: what kind it is, and every field that it depends on, each with its length. CACHE-1.
pub fn statement(kind: &str, fields: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for field in [PROGRAM.as_bytes(), kind.as_bytes()].iter().chain(fields) {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// Stands for a key with its columns and shares.
pub fn key(key: &Key) -> Hash {
    let points = key.columns.iter().chain(key.shares.iter().flatten()).map(|point| point.bytes);
    let points: Vec<Hash> = points.collect();
    let shape = [key.columns.len() as u64, key.shares.len() as u64].map(u64::to_be_bytes);
    statement("key", &[&key.id, &key.session, shape.as_flattened(), points.as_flattened()])
}

/// Removes what other programs have kept about the same election. CACHE-2.
fn remove_others(folder: &Path, own: &str, election: &str) {
    for path in fs::read_dir(folder).into_iter().flatten().filter_map(|item| Some(item.ok()?.path())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let program = name.strip_suffix(election).and_then(|program| program.strip_suffix('-'));
        if name != own && program.is_some_and(|program| program.len() == 16 && hex::decode(program).is_ok()) {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_differ_in_every_field_and_in_their_borders() {
        let all =
            [statement("a", &[b"bc", b"d"]), statement("a", &[b"b", b"cd"]), statement("ab", &[b"c", b"d"]), statement("a", &[b"bcd"])];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 4);
    }

    #[test]
    fn what_other_programs_kept_about_the_election_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("cache");
        Cache::open(&folder, &[1; 32]).unwrap().remember(&[[7; 32]]);
        let own = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
        let (old, other) = (format!("0123456789abcdef-{}", "01".repeat(32)), format!("0123456789abcdef-{}", "02".repeat(32)));
        for name in [&old, &other, &format!("notes-{}", "01".repeat(32)), &"notes".to_owned()] {
            fs::write(folder.join(name), "x").unwrap();
        }
        assert!(Cache::open(&folder, &[1; 32]).unwrap().knows(&[7; 32]));
        assert!(!folder.join(&old).exists() && folder.join(&own).exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
    }

    #[test]
    fn a_cut_or_damaged_file_knows_less_and_nothing_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("cache");
        let statements: Vec<Hash> = (0..4u8).map(|n| statement("test", &[&[n]])).collect();
        Cache::open(&folder, &[1; 32]).unwrap().remember(&statements);
        let known = |cache: &Cache| statements.iter().map(|s| cache.knows(s)).collect::<Vec<_>>();
        assert_eq!(known(&Cache::open(&folder, &[1; 32]).unwrap()), [true; 4]);
        assert_eq!(known(&Cache::open(&folder, &[2; 32]).unwrap()), [false; 4], "another election");
        let file = fs::read_dir(&folder).unwrap().map(|item| item.unwrap().path()).find(|p| p.to_string_lossy().ends_with("01")).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        bytes.truncate(100);
        fs::write(&file, bytes).unwrap();
        let cache = Cache::open(&folder, &[1; 32]).unwrap();
        assert_eq!(known(&cache), [true, false, true, false]);
        cache.remember(&statements[3..]);
        assert!(Cache::open(&folder, &[1; 32]).unwrap().knows(&statements[3]), "the cut end is not in the way");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Cache::open(&folder, &[1; 32]).is_err());
    }
}
