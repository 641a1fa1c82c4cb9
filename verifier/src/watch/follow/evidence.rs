//! Holds every checkpoint that the collector signed against the copy, checks the copy, and raises alarms. Spec: 15-watching,
//! FOLLOW-3, FOLLOW-4, FOLLOW-7.

use super::{Follower, Stop, unreadable};
use crate::fork;
use crate::head::Head;
use crate::report::{Note, State};
use crate::run;
use crate::watch::alarm::{Alarm, Kind};
use crate::watch::copy::Wrong;
use crate::watch::now;
use crate::watch::seen;
use crate::watch::shared::look;
use serde_json::Value;

impl Follower {
    /// Holds those that a witness was asked to sign against the log, whether the board answers or not.
    pub(super) fn hold_asked(&mut self) -> Result<(), Stop> {
        let asked = std::mem::take(&mut look(&self.common).asked);
        for text in asked.into_values() {
            if let Ok(head) = Head::read(&text, &self.copy.manifest) {
                self.hold(&text, &head)?;
            }
        }
        Ok(())
    }

    /// Holds a checkpoint that the collector signed against the copy, or keeps it until the copy has reached it.
    pub(super) fn hold(&mut self, text: &str, head: &Head) -> Result<(), Stop> {
        for (witness, _) in &head.witnesses {
            let mut shared = look(&self.common);
            let most = shared.cosigned.entry(*witness).or_default();
            *most = head.size.max(*most);
        }
        if head.size <= self.copy.size() {
            return self.compare(text, head);
        }
        let text = Head::essence(text, &self.copy.manifest);
        if let Some(other) = self.seen.other(head).map(str::to_owned) {
            let proof = fork::equal(&self.copy.manifest_text, &other, &text);
            let sentence = format!("the collector signed two logs of {} entries", head.size);
            self.raise(Kind::Fork, sentence, "checkpoint", vec![other, text.clone()], None, Some(&proof))?;
        }
        if !self.seen.keep(&text, head).map_err(unreadable)? {
            let sentence = format!("the collector signed more than {} checkpoints that cannot be followed", seen::MOST);
            self.raise(Kind::Overdue, sentence, "checkpoint", vec![text], None, None)?;
        }
        Ok(())
    }

    /// The copy has reached some that were kept.
    pub(super) fn settle(&mut self) -> Result<(), Stop> {
        for (key, text) in self.seen.up_to(self.copy.size()) {
            if let Ok(head) = Head::read(&text, &self.copy.manifest) {
                self.compare(&text, &head)?;
            }
            self.seen.forget(key);
        }
        Ok(())
    }

    /// A checkpoint that is not larger than the copy is that of its first entries, or there are two logs.
    fn compare(&mut self, text: &str, head: &Head) -> Result<(), Stop> {
        if self.copy.root_at(head.size) == Some(head.root) {
            return Ok(());
        }
        let (manifest, ours) = (&self.copy.manifest_text, &self.copy.checkpoint);
        let proof = match usize::try_from(head.size) {
            Ok(size) if head.size < self.copy.size() => fork::rewritten(manifest, text, size, ours, self.copy.leaves()),
            _ if ours.is_empty() => None,
            _ => Some(fork::equal(manifest, text, ours)),
        };
        let sentence = format!("the collector signed a log of {} entries that is not the beginning of the one of the copy", head.size);
        let checkpoints = [text, ours].map(str::to_owned).to_vec();
        self.raise(Kind::Fork, sentence, "checkpoint", checkpoints, None, proof.as_ref())
    }

    /// Checks the copy as 12 says; what was verified before is remembered. FOLLOW-3, FOLLOW-7.
    pub(super) fn check(&mut self) -> Result<(), Stop> {
        let options = run::Options {
            election: self.options.election,
            cache: Some(self.options.out.join("cache")),
            progress: !self.options.json,
            ..run::Options::default()
        };
        let report = run::check(&self.copy.record().to_string_lossy(), &options);
        self.checked = self.copy.size();
        let failed = report.checks.iter().filter(|check| check.state == State::Failed);
        let mut notes: Vec<(&str, Note)> =
            failed.flat_map(|check| check.failures.iter().take(20).map(|note| (check.id, note.clone()))).collect();
        // Whatever else is wrong is said at once: the order *result* that lets it wait may itself be a forgery.
        let all = notes.len();
        if self.is_waiting() {
            notes.retain(|(check, note)| (*check, note.rule.as_str()) != ("V4", "LOG-4"));
        }
        self.held = notes.len() < all;
        self.report = Some(report);
        for (check, note) in notes {
            let sentence = format!("{check} fails: {} ({})", note.text, note.rule);
            self.raise(Kind::Failed, sentence, &note.place, vec![self.copy.checkpoint.clone()], None, None)?;
        }
        Ok(())
    }

    /// Raises an alarm about a file.
    pub(super) fn wrong(&mut self, wrong: &Wrong) -> Result<(), Stop> {
        let checkpoints = vec![self.copy.checkpoint.clone()];
        self.raise(wrong.kind, wrong.text.clone(), &wrong.place, checkpoints, wrong.seen.as_deref(), None)
    }

    pub(super) fn raise(
        &mut self,
        kind: Kind,
        text: String,
        place: &str,
        checkpoints: Vec<String>,
        seen: Option<&[u8]>,
        proof: Option<&Value>,
    ) -> Result<(), Stop> {
        use base64::Engine as _;
        // Enough to show what it is; a blob may have a gigabyte.
        let seen = seen.map(|seen| base64::engine::general_purpose::STANDARD.encode(seen.get(..1 << 20).unwrap_or(seen)));
        let election = hex::encode(self.copy.manifest.election);
        let checkpoints = checkpoints.into_iter().filter(|text| !text.is_empty()).collect();
        let alarm = Alarm { haal: 1, kind, time: now(), election, text, checkpoints, place: place.to_owned(), seen, proof: None };
        if self.alarms.raise(alarm, proof).map_err(unreadable)?
            && let Some(alarm) = self.alarms.last()
        {
            let at = if alarm.place.is_empty() { String::new() } else { format!(" at {}", alarm.place) };
            self.display.say(&format!("ALARM {}{at}: {}", kind.name(), alarm.text));
            self.tell();
        }
        Ok(())
    }
}
