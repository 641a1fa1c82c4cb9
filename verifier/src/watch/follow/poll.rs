//! One poll: what the board shows, and what becomes of it. Spec: 15-watching, FOLLOW-1, FOLLOW-4, FOLLOW-9.

use super::late::lacking;
use super::{Follower, InTheWay, Stop, unreadable};
use crate::checkpoint;
use crate::checks::log;
use crate::fork;
use crate::head::Head;
use crate::source::ReadError;
use crate::watch::alarm::Kind;
use crate::watch::copy::{Trouble, Wrong};
use crate::watch::shared::look;
use crate::watch::{disk, now};
use std::time::Instant;

impl Follower {
    /// One poll: what is in the way, if anything.
    pub(super) fn poll(&mut self) -> Result<Option<String>, Stop> {
        let begun = now();
        let bytes = match self.web.get("checkpoint", checkpoint::LARGEST) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => return Ok(Some("the server has no checkpoint".to_owned())),
            Err(ReadError::TooLarge) => return Ok(Some("the server's checkpoint is too long".to_owned())),
            Err(ReadError::Unreadable(error)) => return Ok(Some(error)),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let head = match Head::read(&text, &self.copy.manifest) {
            Ok(head) => head,
            // Whoever sent this, it was not the collector, so it proves nothing.
            Err(fault) => return Ok(Some(format!("the server shows no checkpoint of this election: {} ({})", fault.text, fault.rule))),
        };
        self.hold(&text, &head)?;
        let trouble = self.judge(&text, &head)?;
        match &trouble {
            None => self.trouble = None,
            // A cut line is nobody's fault: it is said, and neither begins nor ends anything.
            Some(wrong) if wrong.place.is_empty() => {}
            Some(wrong) => {
                let before = self.trouble.take();
                let raised = before.as_ref().is_some_and(|before| before.raised && before.wrong.kind == wrong.kind);
                let since = before.map_or_else(Instant::now, |before| before.since);
                self.trouble = Some(InTheWay { wrong: wrong.clone(), since, raised });
            }
        }
        if head.size <= self.copy.size() {
            if self.quiet.is_none_or(|quiet| quiet.saturating_add(5) <= begun) {
                let _ = disk::replace(&self.options.out.join("quiet"), format!("{begun}\n").as_bytes());
            }
            self.quiet = Some(begun);
        }
        {
            let mut shared = look(&self.common);
            shared.shown = shared.shown.max(head.size);
            // A missing cosignature may be the one that this very witness has not given yet: no reason not to give it.
            let files = self.trouble.as_ref().filter(|trouble| trouble.wrong.kind != Kind::Overdue || trouble.wrong.place != "checkpoint");
            shared.stuck = files.map(|trouble| (trouble.since, trouble.wrong.text.clone()));
            shared.size = self.copy.size();
        }
        // The files of another log are other ones.
        let other = trouble.as_ref().is_some_and(|wrong| matches!(wrong.kind, Kind::Fork | Kind::Rollback));
        let samples = if self.options.once { 16 } else { 1 };
        for _ in 0..if other || self.unfinished { 0 } else { samples } {
            if let Some(wrong) = self.copy.sample(&self.web) {
                self.wrong(&wrong)?;
            }
        }
        Ok(trouble.map(|wrong| format!("{}{}{}", wrong.place, if wrong.place.is_empty() { "" } else { ": " }, wrong.text)))
    }

    /// When an attempt to fetch what is new has to pause, so that the board is asked again and what is late is noticed. FOLLOW-9.
    fn until(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.patience).unwrap_or(now)
    }

    /// What to do with a checkpoint that the collector signed. FOLLOW-1, FOLLOW-4.
    fn judge(&mut self, text: &str, head: &Head) -> Result<Option<Wrong>, Stop> {
        let size = self.copy.size();
        let checkpoint = |kind, text: String| Ok(Some(Wrong { kind, place: "checkpoint".to_owned(), text, seen: None }));
        if head.size < size {
            let sentence = format!("the board showed {size} entries before, and shows {} now", head.size);
            let checkpoints = vec![self.copy.checkpoint.clone(), text.to_owned()];
            self.raise(Kind::Rollback, sentence.clone(), "checkpoint", checkpoints, None, None)?;
            return checkpoint(Kind::Rollback, sentence);
        }
        let complete = log::judge(text.as_bytes(), &self.copy.manifest, false);
        if head.size == size {
            let ours = self.copy.root() == head.root;
            let better = self.copy.head.as_ref().is_none_or(|before| before.witnesses.len() < head.witnesses.len());
            if ours && better && complete.passed() {
                self.copy.cosigned_better(text, head).map_err(unreadable)?;
                if self.copy.facts.finished {
                    self.checked = 0; // who signed a finished record is part of the verdict
                }
            }
            let missing = self.missing();
            if ours && missing > 0 {
                return Ok(Some(lacking(missing)));
            }
            return if ours { Ok(None) } else { checkpoint(Kind::Fork, "another root than that of the copy".to_owned()) };
        }
        if let Some(note) = complete.failures.first() {
            return checkpoint(Kind::Overdue, format!("the checkpoint is not taken over: {} ({})", note.text, note.rule));
        }
        match self.copy.extend(&self.web, text, head, self.until()) {
            Ok(by_tiles) => {
                self.pending = None;
                self.dated_back()?;
                self.settle()?;
                for wrong in self.copy.compare_tiles(&self.web, size, by_tiles, self.until()) {
                    self.wrong(&wrong)?;
                }
                Ok(None)
            }
            Err(trouble @ (Trouble::Network(_) | Trouble::Unfinished(_))) => {
                self.unfinished = matches!(trouble, Trouble::Unfinished(_));
                let (Trouble::Network(text) | Trouble::Unfinished(text)) = trouble else { return Ok(None) };
                Ok(Some(Wrong { kind: Kind::Overdue, place: String::new(), text, seen: None }))
            }
            Err(Trouble::Files(wrong)) => Ok(Some(wrong)),
            Err(Trouble::Local(error)) => Err(unreadable(error)),
            Err(Trouble::Fork(leaves)) => {
                let old = usize::try_from(size).unwrap_or(usize::MAX);
                let proof = fork::rewritten(&self.copy.manifest_text, &self.copy.checkpoint, old, text, &leaves);
                let sentence =
                    format!("the collector signed a log of {} entries that does not go on from the {size} of the copy", head.size);
                let checkpoints = vec![self.copy.checkpoint.clone(), text.to_owned()];
                self.raise(Kind::Fork, sentence.clone(), "checkpoint", checkpoints, None, proof.as_ref())?;
                checkpoint(Kind::Fork, sentence)
            }
        }
    }
}
