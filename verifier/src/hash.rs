//! Hashes with labels, so that no hash of one thing is a hash of another. Spec: 02-encoding, Hashes.

use crate::bytes::Hash;
use sha2::{Digest, Sha256, Sha512};

/// SHA-256 of some bytes: election id, names of blobs.
pub fn sha256(data: &[u8]) -> Hash {
    Sha256::digest(data).into()
}

/// `H(label, data)` while `data` comes in pieces.
pub struct Labelled(Sha256);

impl Labelled {
    /// Begins with the label.
    pub fn new(label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"haal/1/");
        hash.update(label.as_bytes());
        hash.update([0]);
        Self(hash)
    }

    /// The next piece.
    #[must_use]
    pub fn with(mut self, data: &[u8]) -> Self {
        self.0.update(data);
        self
    }

    /// The hash.
    pub fn done(self) -> Hash {
        self.0.finalize().into()
    }
}

/// `H(label, data)`.
pub fn labelled(label: &str, data: &[u8]) -> Hash {
    Labelled::new(label).with(data).done()
}

/// `H("counted", election ‖ list of hash)` over hashes that are sorted already.
pub fn counted(election: &Hash, sorted: &[Hash]) -> Hash {
    let count = u32::try_from(sorted.len()).unwrap_or(u32::MAX);
    let mut hash = Labelled::new("counted").with(election).with(&count.to_be_bytes());
    for item in sorted {
        hash = hash.with(item);
    }
    hash.done()
}

/// `H("rows", u32 N ‖ u16 w ‖ rows)`.
pub fn rows(n: u32, w: u16, rows: &[u8]) -> Hash {
    Labelled::new("rows").with(&n.to_be_bytes()).with(&w.to_be_bytes()).with(rows).done()
}

/// The 64 bytes that a point is mapped from: `SHA-512("haal/1/" ‖ label ‖ 0x00 ‖ data)`.
pub fn wide(label: &str, data: &[u8]) -> [u8; 64] {
    let mut hash = Sha512::new();
    hash.update(b"haal/1/");
    hash.update(label.as_bytes());
    hash.update([0]);
    hash.update(data);
    hash.finalize().into()
}
