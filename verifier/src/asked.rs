//! A record of which something is asked: the checks that any answer rests on, and what they leave. Spec: 14-questions.

use crate::bytes::Hash;
use crate::checks::annulments::Annulled;
use crate::checks::phases::Timeline;
use crate::counted::{self, CountedSet, Line};
use crate::entry::Entry;
use crate::log::{Item, Log};
use crate::manifest::{self, Manifest};
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::rolls::Rolls;
use crate::session::Key;
use crate::source::Source;
use crate::tiles::{self, WIDTH};
use crate::weights::Entropy;
use crate::{checkpoint, checks, tree};

/// What was read of a record, and which of the needed checks failed.
pub struct Asked {
    /// SHA-256 of the manifest's file.
    pub election: Hash,
    /// Was the election id given?
    pub anchored: bool,
    /// Size and root that the checkpoint states.
    pub head: Option<(u64, Hash)>,
    /// The needed checks that failed.
    pub failed: Vec<Check>,
    /// What answers are drawn from; nothing if a check failed.
    pub sound: Option<Sound>,
}

/// A record in which no needed check failed.
pub struct Sound {
    source: Source,
    /// The text of `manifest.json`.
    pub manifest_text: String,
    /// The manifest.
    pub manifest: Manifest,
    /// The text of the checkpoint.
    pub checkpoint: String,
    /// The entries.
    pub log: Log,
    /// Who may vote, and what becomes of the ballots; nothing before the order *roll*.
    pub voters: Option<Voters>,
}

/// The roll, and what becomes of the ballots under it.
pub struct Voters {
    /// The whole roll, sorted.
    pub roll: Vec<Line>,
    /// The status of every ballot.
    pub set: CountedSet,
    /// Annulled pseudonyms: entry of the last order, and the reason. ASK-3.
    pub annulled: Annulled,
    /// The closing entry; nothing while ballots or lists may still come.
    pub closing: Option<u64>,
}

impl Asked {
    /// Reads a record and runs the needed checks; an error if there is nothing to read.
    pub fn read(record: &str, election: Option<&Hash>, progress: Progress) -> Result<Self, String> {
        let source = Source::open(record)?;
        let manifest = source.required("manifest.json", manifest::LARGEST)?;
        let checkpoint = source.required("checkpoint", checkpoint::LARGEST)?;
        let id = crate::hash::sha256(&manifest);
        let mut asked = Self { election: id, anchored: election.is_some(), head: None, failed: Vec::new(), sound: None };
        asked.note(checks::anchor::check(&id, election));
        let sound = asked.checked(source, manifest, checkpoint, progress)?;
        asked.sound = sound.filter(|_| asked.failed.is_empty());
        Ok(asked)
    }

    fn note(&mut self, check: Check) {
        if check.failed > 0 {
            self.failed.push(check);
        }
    }

    fn checked(&mut self, source: Source, text: Vec<u8>, checkpoint: Vec<u8>, progress: Progress) -> Result<Option<Sound>, String> {
        let (check, manifest) = checks::manifest::check(&text);
        self.note(check);
        let Some(manifest) = manifest else { return Ok(None) };
        let found = checks::log::check(&source, &manifest, &checkpoint, progress)?;
        self.head = found.head;
        self.note(found.check);
        let Some(log) = found.log.filter(|_| found.trusted) else { return Ok(None) };
        let (check, sound) = checks::entries::check(&manifest, &log);
        self.note(check);
        let voters = {
            let (check, timeline) = checks::phases::check(&manifest, &log, &sound);
            self.note(check);
            let (check, rolls) = checks::roll::check(&source, &manifest, &log, &timeline);
            self.note(check);
            rolls.map(|rolls| self.voters(&source, &manifest, &log, &rolls, &timeline))
        };
        let utf8 = |bytes| String::from_utf8(bytes).map_err(|error| error.to_string());
        Ok(Some(Sound { source, manifest_text: utf8(text)?, manifest, checkpoint: utf8(checkpoint)?, log, voters }))
    }

    fn voters(&mut self, source: &Source, manifest: &Manifest, log: &Log, rolls: &Rolls, timeline: &Timeline<'_>) -> Voters {
        let roll = rolls.whole().into_owned();
        self.note(heads(log, rolls));
        self.note(checks::chains::check(log, rolls));
        let (check, annulled) = checks::annulments::check(source, rolls, timeline);
        self.note(check);
        let set = counted::counted_set(manifest, &log.ballots, &roll, &annulled.keys().copied().collect());
        if let Some(closing) = timeline.closing {
            self.note(checks::closing::check(&set, closing));
        }
        Voters { roll, set, annulled, closing: timeline.closing.map(|(entry, _, _)| entry) }
    }
}

/// As much of V11 as the heads of ballots show. SET-2.
fn heads(log: &Log, rolls: &Rolls) -> Check {
    let mut check = Check::new("V11", "ballots");
    for (ballot, entry) in log.ballots.iter().zip(&log.ballot_entries) {
        check.look();
        if let Err(fault) = rolls.judge(ballot, *entry) {
            check.fault(&Place::Entry(*entry), &fault);
        }
    }
    check
}

impl Sound {
    /// The batch that an entry stands in: its time, and how many entries it has.
    pub fn batch(&self, entry: u64) -> Option<(u64, u32)> {
        let before = self.log.items.get(..usize::try_from(entry).ok()?)?;
        before.iter().rev().find_map(|item| match item {
            Item::Plain(entry) => {
                if let Entry::Batch { time, count } = **entry {
                    Some((time, count))
                } else {
                    None
                }
            }
            _ => None,
        })
    }

    /// Time of the log's last batch or order.
    pub fn last_time(&self) -> u64 {
        let time = |item: &Item| match item {
            Item::Plain(entry) => match &**entry {
                Entry::Batch { time, .. } => Some(*time),
                Entry::Order(order) => Some(order.time),
                _ => None,
            },
            _ => None,
        };
        self.log.items.iter().rev().find_map(time).unwrap_or(0)
    }

    /// The election key, by the ceremony that the order *open* names. V9.
    pub fn key(&self) -> Result<Key, String> {
        let (_, sound) = checks::entries::check(&self.manifest, &self.log);
        let (_, timeline) = checks::phases::check(&self.manifest, &self.log, &sound);
        let found = checks::ceremony::check(&self.source, &self.manifest, &self.log, &sound, &timeline, &Entropy::fresh()?);
        found.key.filter(|_| found.check.failed == 0).ok_or_else(|| "the log does not give the election key: V9 fails".to_owned())
    }

    /// Hashes of all entries.
    pub fn leaves(&self) -> Result<Vec<Hash>, String> {
        let mut leaves = Vec::with_capacity(self.log.items.len());
        for index in 0..self.log.bundle_count() {
            let (bytes, width) = self.log.bundle(&self.source, index)?;
            let entries = tiles::entries(&bytes, width).map_err(|fault| fault.text)?;
            leaves.extend(entries.iter().map(|entry| tree::leaf(entry)));
        }
        Ok(leaves)
    }

    /// The bytes of an entry.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, String> {
        let missing = || format!("there is no entry {index}");
        let (bytes, width) = self.log.bundle(&self.source, usize::try_from(index / WIDTH).map_err(|_| missing())?)?;
        let entries = tiles::entries(&bytes, width).map_err(|fault| fault.text)?;
        let within = usize::try_from(index % WIDTH).map_err(|_| missing())?;
        entries.get(within).map(|entry| entry.to_vec()).ok_or_else(missing)
    }
}
