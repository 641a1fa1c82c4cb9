//! Pads for second devices: released a few times within their window, then erased. Spec: 16-second-device, CHECK-5 to CHECK-9.

use crate::collector::{Collector, now};
use crate::crash;
use crate::refusal::Refusal;
use crate::store::{self, StoreError, Tx};
use crate::writer::{Job, Writer, commit};
use ballot::Hash;
use ballot::second_device::Pad;
use std::time::Duration;

/// How often the writer looks for pads whose time is over. What it erases is out of the write-ahead log by then too.
pub const SWEEP: Duration = Duration::from_secs(2);

/// What who shows a token is given.
#[derive(Debug)]
pub struct Release {
    pub pad: Pad,
    /// Of the voter's pseudonym (CHECK-14).
    pub blinding: [u8; 32],
    /// How often it can be asked once more.
    pub left: u64,
    /// Unix seconds.
    pub until: u64,
}

/// CHECK-9: one answer, whatever the reason.
fn nothing() -> Refusal {
    Refusal::new(
        404,
        "CHECK-9",
        "CHECK-9: there is no pad for this code: the ballot is not on the board yet, or its time is over, or it was asked too often",
    )
}

/// Hands a token to the writer, unless there is nothing to release: asking in vain writes nothing.
pub fn ask(collector: &Collector, token: Hash) -> Result<Release, Refusal> {
    collector.read("CHECK-7", |db| store::pad(db, &token, now()))?.ok_or_else(nothing)?;
    collector.write("CHECK-7", |reply| Job::Release { token, reply })
}

/// Within the writer's transaction: the release is counted, and durable before its answer leaves (CHECK-7).
pub fn release(tx: &Tx<'_>, token: &Hash, most: u64) -> Result<Result<Release, Refusal>, StoreError> {
    let Some(row) = store::pad(&**tx, token, now())?.filter(|row| row.released < most) else { return Ok(Err(nothing())) };
    let Some(voter) = store::voter(&**tx, &row.voter)? else { return Ok(Err(nothing())) };
    store::count_release(tx, token, most)?;
    let left = most.saturating_sub(row.released + 1);
    Ok(Ok(Release { pad: row.pad, blinding: voter.blinding, left, until: row.ends }))
}

impl Writer {
    /// CHECK-8: erases what may no longer be released, in the database and in its write-ahead log.
    pub fn sweep(&mut self) {
        let now = now();
        let swept = (|| {
            if store::has_old_pads(&*self.db, now)? {
                let tx = store::begin(&*self.db)?;
                store::erase_old_pads(&tx, now)?;
                crash::around("erase-commit", || commit(tx))?;
                self.erased = true;
            }
            if self.erased && self.db.empty_journal()? {
                self.erased = false;
            }
            Ok::<_, StoreError>(())
        })();
        if let Err(error) = swept {
            tracing::error!("pads whose time is over are not erased yet: {error}");
        }
    }
}
