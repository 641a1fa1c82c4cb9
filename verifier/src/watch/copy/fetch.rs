//! Single files of the server, as far as they can be judged alone. Spec: 15-watching, FOLLOW-2, FOLLOW-9.

use super::{Trouble, Wrong};
use crate::bytes::Hash;
use crate::hash::sha256;
use crate::head::Head;
use crate::net::Web;
use crate::report::Place;
use crate::source::{ReadError, blob_path};
use crate::tiles::{self, WIDTH};
use crate::tree;
use crate::watch::alarm::Kind;
use std::time::Instant;

/// The partial bundle and the partial tile of level 0. They are gone as soon as the log grows, so they are fetched first.
#[derive(Default)]
pub struct Edge {
    /// Index and number of entries; nothing if the last tile is full.
    at: Option<(u64, u64)>,
    /// The bundle.
    pub bytes: Vec<u8>,
    /// The tile.
    pub hashes: Vec<Hash>,
}

impl Edge {
    pub fn fetch(web: &Web, head: &Head) -> Result<Self, Trouble> {
        let (index, width) = (head.size / WIDTH, head.size % WIDTH);
        if width == 0 {
            return Ok(Self::default());
        }
        let bytes = bundle(web, index, width)?;
        Ok(Self { at: Some((index, width)), bytes, hashes: tile(web, index, width)? })
    }

    pub fn leaves(&self) -> Result<Vec<Hash>, Trouble> {
        self.at.map_or(Ok(Vec::new()), |(index, width)| leaves(index, width, &self.bytes))
    }
}

/// May this attempt go on? Asked after every file that is kept, so that each attempt brings something. FOLLOW-9.
pub fn in_time(until: Instant, what: impl FnOnce() -> String) -> Result<(), Trouble> {
    if Instant::now() < until { Ok(()) } else { Err(Trouble::Unfinished(format!("fetching: {}", what()))) }
}

/// A bundle.
pub fn bundle(web: &Web, index: u64, width: u64) -> Result<Vec<u8>, Trouble> {
    fetch(web, &tiles::bundle(index, width), tiles::LARGEST_BUNDLE)
}

/// Hashes of the entries of a full bundle.
pub fn whole_bundle(web: &Web, index: u64) -> Result<Vec<Hash>, Trouble> {
    leaves(index, WIDTH, &bundle(web, index, WIDTH)?)
}

fn leaves(index: u64, width: u64, bytes: &[u8]) -> Result<Vec<Hash>, Trouble> {
    let wrong = |text| Trouble::Files(Wrong { kind: Kind::Overdue, place: tiles::bundle(index, width), text, seen: Some(bytes.to_vec()) });
    Ok(tiles::entries(bytes, width).map_err(|fault| wrong(fault.text))?.into_iter().map(tree::leaf).collect())
}

/// A hash tile of level 0.
pub fn tile(web: &Web, index: u64, width: u64) -> Result<Vec<Hash>, Trouble> {
    let path = tiles::tile(0, index, width);
    let bytes = fetch(web, &path, width.saturating_mul(32))?;
    let hashes = bytes.as_chunks::<32>().0.to_vec();
    if hashes.len() as u64 == width {
        return Ok(hashes);
    }
    let text = format!("does not hold {width} hashes");
    Err(Trouble::Files(Wrong { kind: Kind::Overdue, place: path, text, seen: Some(bytes) }))
}

fn fetch(web: &Web, path: &str, most: u64) -> Result<Vec<u8>, Trouble> {
    let wrong = |text: &str| Trouble::Files(Wrong { kind: Kind::Overdue, place: path.to_owned(), text: text.to_owned(), seen: None });
    web.get(path, most).map_err(|error| match error {
        ReadError::Missing => wrong("the checkpoint calls for it and the server has it not"),
        ReadError::TooLarge => wrong("longer than it may be"),
        ReadError::Unreadable(error) => Trouble::Network(error),
    })
}

/// A blob that the entry names.
pub fn blob(web: &Web, name: &Hash, entry: u64, limit: u64) -> Result<Vec<u8>, Trouble> {
    let wrong = |text: String, seen| {
        let place = Place::Blob(entry, *name).to_string();
        Trouble::Files(Wrong { kind: Kind::Failed, place, text, seen })
    };
    match web.get(&blob_path(name), limit) {
        Ok(bytes) if sha256(&bytes) == *name => Ok(bytes),
        Ok(bytes) => Err(wrong("does not hash to its name (REC-5)".to_owned(), Some(bytes))),
        Err(ReadError::Missing) => Err(wrong("missing (ENTRY-7)".to_owned(), None)),
        Err(ReadError::TooLarge) => Err(wrong(format!("longer than {limit} bytes (ENTRY-7)"), None)),
        Err(ReadError::Unreadable(error)) => Err(Trouble::Network(error)),
    }
}
