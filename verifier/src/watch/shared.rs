//! What a follower and the server beside it, a witness or a mirror, tell each other. Spec: 15-watching.

use super::alarm::Kind;
use crate::bytes::Hash;
use crate::manifest::Manifest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// No more checkpoints wait for the follower: each poll takes them all.
const MOST: usize = 1_000;

/// What is shared.
#[derive(Default)]
pub struct Shared {
    /// The manifest, once it is there.
    pub manifest: Option<Arc<Manifest>>,
    /// The copy was opened and is what it was.
    pub opened: bool,
    /// Entries of the copy.
    pub size: u64,
    /// Entries of the largest checkpoint that the board showed.
    pub shown: u64,
    /// Since when a checkpoint of the board cannot be taken over for its files, and why.
    pub stuck: Option<(Instant, String)>,
    /// Alarms that stand: kind and sentence.
    pub standing: Vec<(Kind, String)>,
    /// Most entries under which the board showed a cosignature of each witness, by position in the manifest.
    pub cosigned: BTreeMap<usize, u64>,
    /// Checkpoints that a witness was asked to sign, for the follower to hold against the log.
    pub asked: BTreeMap<(u64, Hash), String>,
    /// Exit code if it ended now.
    pub code: u8,
}

impl Shared {
    /// Leaves a checkpoint for the follower. Says no if too many wait.
    pub fn ask(&mut self, size: u64, root: Hash, text: &str) -> bool {
        let fits = self.asked.len() < MOST || self.asked.contains_key(&(size, root));
        if fits {
            self.asked.entry((size, root)).or_insert_with(|| text.to_owned());
        }
        fits
    }
}

/// Shared between threads.
pub type Common = Arc<Mutex<Shared>>;

/// Looks at what is shared.
pub fn look(common: &Common) -> MutexGuard<'_, Shared> {
    common.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_again_takes_no_room() {
        let mut shared = Shared::default();
        for _ in 0..3 {
            assert!(shared.ask(1, [1; 32], "text") && shared.ask(1, [2; 32], "text"));
        }
        assert_eq!(shared.asked.len(), 2);
        for size in 2..2_000 {
            shared.ask(size, [1; 32], "text");
        }
        assert_eq!(shared.asked.len(), MOST);
        assert!(!shared.ask(5_000, [1; 32], "text") && shared.ask(1, [1; 32], "text"));
    }
}
