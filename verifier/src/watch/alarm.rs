//! Alarms: what was seen that must not be, with its evidence, kept until an observer acknowledges it. Spec: 15-watching, FOLLOW-4 to FOLLOW-7.

use super::disk;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// No more alarms of one kind stand: whoever forges without end fills no disk.
const MOST: usize = 1_000;

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Two logs under one key.
    Fork,
    /// A log that became shorter.
    Rollback,
    /// Other bytes under a name that had some.
    Changed,
    /// Late, or dated back.
    Overdue,
    /// A check failed.
    Failed,
}

impl Kind {
    /// As in the file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Rollback => "rollback",
            Self::Changed => "changed",
            Self::Overdue => "overdue",
            Self::Failed => "failed",
        }
    }
}

/// One alarm, as its file has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// 1.
    pub haal: u8,
    /// What it is about.
    pub kind: Kind,
    /// When it was seen.
    pub time: u64,
    /// Hex.
    pub election: String,
    /// One sentence.
    pub text: String,
    /// Texts of the checkpoints it rests on, older first.
    pub checkpoints: Vec<String>,
    /// Entry, tile or blob.
    pub place: String,
    /// Base64 of what was seen where other bytes were expected.
    pub seen: Option<String>,
    /// Name of a proof file beside it.
    pub proof: Option<String>,
}

/// All alarms of a folder.
pub struct Alarms {
    folder: PathBuf,
    all: Vec<(u64, Alarm)>,
    acknowledged: u64,
    most: usize,
}

impl Alarms {
    /// Reads the alarms that were raised before; with `acknowledge` they no longer stand.
    pub fn open(folder: &Path, acknowledge: bool) -> Result<Self, String> {
        let error = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        fs::create_dir_all(folder).map_err(|e| error(folder, &e))?;
        let mut all = Vec::new();
        for item in fs::read_dir(folder).map_err(|e| error(folder, &e))? {
            let path = item.map_err(|e| error(folder, &e))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name.ends_with(".proof.json") || !name.ends_with(".json") {
                continue;
            }
            let number = name.split('-').next().and_then(|number| number.parse::<u64>().ok());
            let number = number.ok_or_else(|| error(&path, &"not the name of an alarm"))?;
            let alarm = fs::read(&path).map_err(|e| error(&path, &e))?;
            all.push((number, serde_json::from_slice(&alarm).map_err(|e| error(&path, &e))?));
        }
        all.sort_by_key(|(number, _)| *number);
        let mark = folder.join("acknowledged");
        let mut acknowledged = match fs::read_to_string(&mark) {
            Ok(text) => crate::text::decimal(text.trim()).ok_or_else(|| error(&mark, &"not a number"))?,
            Err(_) => 0,
        };
        if acknowledge {
            acknowledged = all.last().map_or(acknowledged, |(number, _)| *number);
            disk::replace(&mark, format!("{acknowledged}\n").as_bytes()).map_err(|e| error(&mark, &e))?;
        }
        Ok(Self { folder: folder.to_owned(), all, acknowledged, most: MOST })
    }

    /// Raises an alarm, unless the same one was raised before, acknowledged or not, or a thousand of its kind stand. Says whether it is
    /// new.
    pub fn raise(&mut self, mut alarm: Alarm, proof: Option<&Value>) -> Result<bool, String> {
        if self.all.iter().any(|(_, old)| (old.kind, &old.place, &old.text) == (alarm.kind, &alarm.place, &alarm.text)) {
            return Ok(false);
        }
        if self.standing().filter(|old| old.kind == alarm.kind).count() >= self.most {
            return Ok(false);
        }
        let number = self.all.last().map_or(0, |(number, _)| *number).saturating_add(1);
        let name = format!("{number:04}-{}", alarm.kind.name());
        let write = |name: &str, value: &dyn erased::Json| {
            let path = self.folder.join(name);
            disk::replace_durably(&path, &value.bytes()).map_err(|error| format!("{}: {error}", path.display()))
        };
        if let Some(proof) = proof {
            let name = format!("{name}.proof.json");
            write(&name, proof)?;
            alarm.proof = Some(name);
        }
        write(&format!("{name}.json"), &alarm)?;
        self.all.push((number, alarm));
        Ok(true)
    }

    /// Those that nobody has acknowledged.
    pub fn standing(&self) -> impl Iterator<Item = &Alarm> {
        self.all.iter().filter(|(number, _)| *number > self.acknowledged).map(|(_, alarm)| alarm)
    }

    /// The last one raised.
    pub fn last(&self) -> Option<&Alarm> {
        self.all.last().map(|(_, alarm)| alarm)
    }
}

/// Anything that is written as JSON.
mod erased {
    use serde::Serialize;

    pub trait Json {
        fn bytes(&self) -> Vec<u8>;
    }

    impl<T: Serialize> Json for T {
        fn bytes(&self) -> Vec<u8> {
            let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
            bytes.push(b'\n');
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(kind: Kind, text: &str) -> Alarm {
        let (text, place, election) = (text.to_owned(), String::new(), String::new());
        Alarm { haal: 1, kind, time: 0, election, text, checkpoints: Vec::new(), place, seen: None, proof: None }
    }

    #[test]
    fn whoever_forges_without_end_fills_no_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut alarms = Alarms { most: 2, ..Alarms::open(folder.path(), false).unwrap() };
        let mut raise = |kind, text| alarms.raise(alarm(kind, text), None).unwrap();
        assert_eq!(["one", "one", "two", "three"].map(|text| raise(Kind::Fork, text)), [true, false, true, false]);
        assert!(raise(Kind::Failed, "one"), "those of another kind have room of their own");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        // Those that were acknowledged stand no more, and the same ones are not raised again.
        let mut alarms = Alarms { most: 2, ..Alarms::open(folder.path(), true).unwrap() };
        assert_eq!(alarms.standing().count(), 0);
        let mut raise = |kind, text| alarms.raise(alarm(kind, text), None).unwrap();
        assert_eq!(["one", "three", "four", "five"].map(|text| raise(Kind::Fork, text)), [false, true, true, false]);
    }
}
