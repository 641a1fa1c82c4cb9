//! Checkpoints that stand in a file of their own, without entries: who signed them, and when. Spec: 08-board; 14-questions.

use crate::bytes::{Fault, Hash};
use crate::checkpoint::{self, Checkpoint};
use crate::checks::log;
use crate::manifest::{Manifest, Member};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A checkpoint that the collector signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Witnesses whose cosignature verifies, by position in the manifest, with the greatest time of theirs.
    pub witnesses: Vec<(usize, u64)>,
}

impl Head {
    /// Reads the text of a checkpoint. LOG-1, LOG-3, LOG-6; lines of witnesses that do not verify count for nothing.
    pub fn read(text: &str, manifest: &Manifest) -> Result<Self, Fault> {
        if text.len() as u64 > checkpoint::LARGEST {
            return Err(Fault::new("LOG-6", format!("has more than {} bytes", checkpoint::LARGEST)));
        }
        let parsed = checkpoint::parse(text.as_bytes())?;
        if parsed.origin != format!("haal/{}", hex::encode(manifest.election)) {
            return Err(Fault::new("LOG-1", "the origin line does not name this election"));
        }
        let first = parsed.lines.first().ok_or_else(|| Fault::new("LOG-3", "no signature"))?;
        checkpoint::collector_line(parsed.note, first, &manifest.collector.name, &manifest.collector.key)?;
        let all = manifest.witnesses.iter().enumerate();
        let witnesses = all.filter_map(|(position, witness)| Some((position, latest(&parsed, witness)?.0))).collect();
        Ok(Self { size: parsed.size, root: parsed.root, witnesses })
    }

    /// The same text without lines that count for nothing: nobody fills a disk with them.
    pub fn essence(text: &str, manifest: &Manifest) -> String {
        let Ok(parsed) = checkpoint::parse(text.as_bytes()) else { return String::new() };
        let good = manifest.witnesses.iter().filter_map(|witness| Some(latest(&parsed, witness)?.1));
        let lines = parsed.lines.first().into_iter().chain(good);
        let lines: String = lines.map(|(name, blob)| format!("\u{2014} {name} {}\n", STANDARD.encode(blob))).collect();
        format!("{}\n{lines}", parsed.note)
    }

    /// The same with a quorum of cosignatures and no wrong line. LOG-4.
    pub fn with_quorum(text: &str, manifest: &Manifest) -> Result<Self, Fault> {
        let head = Self::read(text, manifest)?;
        match log::judge(text.as_bytes(), manifest, false).failures.first() {
            None => Ok(head),
            Some(note) => Err(Fault::new("LOG-4", note.text.clone())),
        }
    }

    /// The time of the checkpoint: the quorum's greatest; `otherwise` without witnesses. Spec: 14-questions.
    pub fn time(&self, manifest: &Manifest, otherwise: u64) -> u64 {
        let mut times: Vec<u64> = self.witnesses.iter().map(|(_, time)| *time).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        match manifest.witness_quorum.checked_sub(1) {
            None => otherwise,
            Some(last) => times.get(last).copied().unwrap_or(0),
        }
    }

    /// Names of the witnesses who cosigned both.
    pub fn witnesses_of_both(&self, other: &Self, manifest: &Manifest) -> Vec<String> {
        let both = self.witnesses.iter().filter(|(position, _)| other.witnesses.iter().any(|(theirs, _)| theirs == position));
        both.filter_map(|(position, _)| manifest.witnesses.get(*position)).map(|witness| witness.name.clone()).collect()
    }
}

/// The line of a witness that verifies, and its time; the latest if there are more.
fn latest<'a, 'b>(parsed: &'b Checkpoint<'a>, witness: &Member) -> Option<(u64, &'b (&'a str, Vec<u8>))> {
    let lines = parsed.lines.iter().skip(1).filter(|line| line.0 == witness.name);
    let good = lines.filter(|line| checkpoint::witness_line(parsed.note, line, &witness.key).is_ok());
    let time = |line: &(&str, Vec<u8>)| line.1.get(4..12)?.first_chunk::<8>().map(|time| u64::from_be_bytes(*time));
    good.filter_map(|line| Some((time(line)?, line))).max_by_key(|(time, _)| *time)
}
