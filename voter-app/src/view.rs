//! The board as the voter's program sees it: read again while it settles, and distrusted in words. Spec: 08-board, LOG.

use crate::failure::Failure;
use ballot::encode::Record;
use ballot::manifest::Manifest;
use board::checkpoint::CheckpointError;
use board::source::SourceError;
use board::{Entry, Source};
use std::thread::sleep;
use std::time::Duration;

pub use board::view::View;

/// Reads the board's checkpoint and the hash tiles under it; waits a little for the witnesses, and reads again if the log grows
/// meanwhile.
pub fn read(source: &impl Source, manifest: &Manifest) -> Result<View, Failure> {
    settled(|| View::read(source, manifest))
}

/// Decodes an entry whose bytes the tree confirms.
pub fn decode(entry: &[u8]) -> Result<Entry, Failure> {
    Entry::from_bytes(entry).map_err(|e| Failure::new(format!("ENTRY-2: {e}")))
}

/// Tries again while the log grows under the reader, or the witnesses have not signed yet.
pub fn settled<T>(mut attempt: impl FnMut() -> Result<T, SourceError>) -> Result<T, Failure> {
    let mut wait = Duration::from_millis(100);
    for _ in 0..8 {
        match attempt() {
            Err(SourceError::Missing(_) | SourceError::Checkpoint(CheckpointError::Quorum { .. })) => sleep(wait),
            other => return other.map_err(distrust),
        }
        wait *= 2;
    }
    attempt().map_err(distrust)
}

/// The words for a board that cannot be read or does not hold together.
pub fn distrust(error: SourceError) -> Failure {
    let failure = Failure::new(format!("The board cannot be relied upon: {error}"));
    match error {
        SourceError::Io { .. } => failure.next("Check the network connection and try again. Nothing was sent."),
        SourceError::Missing(_) | SourceError::Checkpoint(CheckpointError::Quorum { .. }) => {
            failure.next("Try again in a minute. If it stays so, tell the election committee; nothing was sent.")
        }
        _ => failure.next("Do not vote over this server; tell the election committee, with this message. Nothing was sent."),
    }
}
