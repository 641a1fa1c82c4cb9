//! Is the server able to take a ballot now, and to publish it? What an operator's watch asks every few seconds.

use crate::collector::{Collector, now};
use crate::writer::Job;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// A writer that has not answered by then is stuck.
const PATIENCE: Duration = Duration::from_secs(2);
/// With less room than this on the disk of the data folder nothing should be promised any more.
pub const LEAST_ROOM: u64 = 256 << 20;

/// How storing and publishing go.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Unix seconds since when the log has entries that no quorum of witnesses has signed; 0 if it has none.
    behind: AtomicU64,
    /// Cosignatures under the published checkpoint.
    cosignatures: AtomicU64,
    /// The last commit did not come off.
    failed: AtomicBool,
}

impl Pulse {
    /// The writer has tried to commit.
    pub fn stored(&self, done: bool) {
        self.failed.store(!done, Ordering::Relaxed);
    }

    /// The log has grown.
    pub fn grew(&self) {
        let _ = self.behind.compare_exchange(0, now(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// A checkpoint is published; `quorum` says whether enough witnesses signed it, `whole` whether the log is no longer than it by now.
    pub fn published(&self, cosignatures: usize, quorum: bool, whole: bool) {
        self.cosignatures.store(cosignatures as u64, Ordering::Relaxed);
        if quorum {
            self.behind.store(if whole { 0 } else { now() }, Ordering::Relaxed);
        }
    }

    /// Seconds for which entries have been waiting for a quorum.
    pub fn waiting(&self) -> u64 {
        match self.behind.load(Ordering::Relaxed) {
            0 => 0,
            since => now().saturating_sub(since),
        }
    }

    pub fn cosignatures(&self) -> u64 {
        self.cosignatures.load(Ordering::Relaxed)
    }
}

/// Size of the published checkpoint that a quorum signed, and of the log.
pub fn sizes(collector: &Collector) -> (u64, u64) {
    let state = collector.state();
    (state.cosigned.as_ref().map_or(0, |c| c.size), state.tree.len())
}

/// Free bytes on the disk of the data folder.
pub fn room(collector: &Collector) -> Option<u64> {
    let disk = rustix::fs::statvfs(collector.data.root()).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Why it is not ready; empty if it is. Blocks for up to two seconds.
pub fn troubles(collector: &Collector) -> Vec<String> {
    let mut found = Vec::new();
    let (reply, answer) = sync_channel(1);
    if !collector.offer(Job::Pulse { reply }) || !matches!(answer.recv_timeout(PATIENCE), Ok(Ok(()))) {
        found.push("the writer does not answer: no ballot can be stored".to_owned());
    }
    if collector.pulse.failed.load(Ordering::Relaxed) {
        found.push("the database took nothing when it was last asked; the log says why".to_owned());
    }
    let waiting = collector.pulse.waiting();
    if waiting > 3 * collector.manifest.description().board.batch_seconds + 10 {
        let (cosigned, size) = sizes(collector);
        found.push(format!("for {waiting} s a quorum of witnesses has signed {cosigned} of {size} entries: receipts wait"));
    }
    match room(collector) {
        Some(room) if room >= LEAST_ROOM => {}
        Some(room) => found.push(format!("{} MiB are left on the disk", room >> 20)),
        None => found.push("the disk of the data folder does not answer".to_owned()),
    }
    found
}
