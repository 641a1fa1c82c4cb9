//! What is late, or dated back, by the observer's clock. Spec: 15-watching, FOLLOW-6.

use super::{Follower, Stop};
use crate::watch::alarm::Kind;
use crate::watch::copy::Wrong;
use crate::watch::promise::Promise;
use crate::watch::{disk, now};
use serde_json::Value;
use std::time::Instant;

/// A finished record that lacks witnesses (LOG-4).
pub fn lacking(missing: usize) -> Wrong {
    let text = format!("the election is finished, and {missing} witnesses have not signed its last checkpoint");
    Wrong { kind: Kind::Overdue, place: "checkpoint".to_owned(), text, seen: None }
}

impl Follower {
    /// Witnesses who have not signed the finished record.
    pub(super) fn missing(&self) -> usize {
        let (all, head) = (self.copy.manifest.witnesses.len(), self.copy.head.as_ref().filter(|_| self.copy.facts.finished));
        head.map_or(0, |head| all.saturating_sub(head.witnesses.len()))
    }

    /// Some are missing, and there is still time. The time is kept in the folder, so it passes from one run to the next, and whether
    /// the server answers or not.
    pub(super) fn is_waiting(&self) -> bool {
        self.missing() > 0 && self.waits_since.is_none_or(|since| now() <= since.saturating_add(self.patience.as_secs()))
    }

    /// Begins the wait for those who are missing.
    pub(super) fn note_the_end(&mut self) {
        if self.missing() > 0 && self.waits_since.is_none() {
            let time = now();
            self.waits_since = Some(time);
            let _ = disk::replace(&self.options.out.join("finished"), format!("{time}\n").as_bytes());
        }
    }

    /// A batch must not carry a time at which it had not been shown for long. FOLLOW-6.
    pub(super) fn dated_back(&mut self) -> Result<(), Stop> {
        let Some(quiet) = self.quiet else { return Ok(()) };
        for (entry, time) in std::mem::take(&mut self.copy.facts.batches) {
            if time.saturating_add(self.patience.as_secs()) < quiet {
                let sentence = format!("the batch carries the time {time}, and the board did not show it at {quiet}");
                let checkpoints = vec![self.copy.checkpoint.clone()];
                self.raise(Kind::Overdue, sentence, &format!("entry {entry}"), checkpoints, None, None)?;
            }
        }
        Ok(())
    }

    /// What has lasted too long: trouble, ballots that wait, promises. FOLLOW-6.
    pub(super) fn late(&mut self) -> Result<(), Stop> {
        if let Some(trouble) = &mut self.trouble
            && trouble.since.elapsed() > self.patience
            && matches!(trouble.wrong.kind, Kind::Overdue | Kind::Failed | Kind::Changed)
            && !std::mem::replace(&mut trouble.raised, true)
        {
            let wrong = trouble.wrong.clone();
            self.wrong(&wrong)?;
        }
        if self.missing() > 0 && !self.is_waiting() {
            self.wrong(&lacking(self.missing()))?;
        }
        let status = self.calls.as_ref().and_then(|web| web.get("v1/status", 1 << 16).ok());
        let status: Option<Value> = status.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let waits = status.is_some_and(|status| status.get("pending").and_then(Value::as_u64).unwrap_or(0) > 0);
        if !waits {
            self.pending = None;
        } else if self.pending.get_or_insert_with(Instant::now).elapsed() > self.patience {
            let sentence = format!("the collector has ballots that it does not publish after entry {}", self.copy.size());
            self.raise(Kind::Overdue, sentence, "", vec![self.copy.checkpoint.clone()], None, None)?;
        }
        let time = now();
        for Promise { ballot, deadline } in self.promises.clone() {
            let published = self.copy.facts.published.get(&ballot);
            let kept = published.is_some_and(|published| *published <= deadline);
            // The checkpoint at hand must be one from after the deadline.
            let after = self.quiet.is_some_and(|quiet| quiet > deadline) && time > deadline;
            if !kept && (after || published.is_some()) {
                let sentence =
                    format!("the collector promised ballot {} by {deadline}, and did not publish it by then", hex::encode(ballot));
                self.raise(Kind::Overdue, sentence, "", vec![self.copy.checkpoint.clone()], None, None)?;
            }
        }
        Ok(())
    }
}
