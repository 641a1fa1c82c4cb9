//! Minutes of what was taken away for good: a text to be signed by the committee, and the same for programs. Spec: 11-record KEEP-4 to KEEP-6.

use crate::data::write_file;
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    Anonymise,
    Destroy,
}

/// Something that went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// `table voter`, or the path of a file or folder.
    pub what: String,
    pub count: u64,
    /// Of what: `rows`, `files`, `bytes`.
    pub unit: String,
    /// Over all of it before, in hex; not of what could be guessed from it, such as a few person codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// `minutes.json`. It is written before anything goes, without `ended`, and again afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    pub act: Act,
    /// Hex.
    pub election: String,
    pub title: String,
    pub phase: String,
    pub begun: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// User of the operator's system.
    pub by: String,
    pub program: String,
    pub decision: String,
    pub complaints_ended: String,
    /// Entries and root of the public log, which stays.
    pub entries: u64,
    pub root: String,
    /// Head of the journal before this.
    pub journal: String,
    pub gone: Vec<Gone>,
    pub stays: Vec<String>,
    pub not_reached: Vec<String>,
    /// What was looked for afterwards, and found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// A time of the system as RFC 3339 has it, in whole seconds.
pub fn now_text() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Minutes {
    /// What was begun in this folder and not ended; nothing if the folder is new.
    pub fn begun(folder: &Path, act: Act, election: &str) -> Result<Option<Self>> {
        let file = folder.join("minutes.json");
        if !file.exists() {
            return Ok(None);
        }
        let found: Self = serde_json::from_slice(&fs::read(&file)?).with_context(|| format!("{} does not read", file.display()))?;
        ensure!(found.act == act && found.election == election, "the minutes in {} are of something else", folder.display());
        ensure!(found.ended.is_none(), "the minutes in {} say that it is done", folder.display());
        Ok(Some(found))
    }

    /// Writes both files, durable.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        for (name, text) in [("minutes.json", json), ("minutes.txt", self.text())] {
            write_file(&folder.join(name), text.as_bytes()).with_context(|| format!("cannot write {name} into {}", folder.display()))?;
        }
        Ok(())
    }

    /// What would go, what stays, and what is out of reach.
    pub fn statement(&self) -> String {
        let mut text = String::new();
        let mut part = |head: &str, lines: &mut dyn Iterator<Item = String>| {
            text += &format!("{head}\n");
            lines.for_each(|line| text += &format!("  {line}\n"));
        };
        let gone = |gone: &Gone| {
            let digest = gone.sha256.as_ref().map_or(String::new(), |digest| format!(", SHA-256 {digest}"));
            format!("{}: {} {}{digest}", gone.what.escape_debug(), gone.count, gone.unit)
        };
        part("What goes, with what it held before:", &mut self.gone.iter().map(gone));
        part("What stays:", &mut self.stays.iter().cloned());
        part("What this cannot reach:", &mut self.not_reached.iter().cloned());
        text
    }

    fn text(&self) -> String {
        let what = match self.act {
            Act::Anonymise => "MINUTES OF AN ANONYMISATION",
            Act::Destroy => "MINUTES OF A DESTRUCTION",
        };
        let ended = self.ended.as_deref().unwrap_or("NOT ENDED: run the command again");
        let check = self.check.as_deref().unwrap_or("not yet");
        let lines = [
            what.to_owned(),
            String::new(),
            format!("Election: {} ({})", self.title, self.election),
            format!("Phase: {}", self.phase),
            format!("Begun: {}", self.begun),
            format!("Ended: {ended}"),
            format!("By: {}, with {}", self.by, self.program),
            format!("Decision: {}", self.decision),
            format!("The time for complaints ended: {}", self.complaints_ended),
            format!("The public log stays: {} entries, root {}", self.entries, self.root),
            format!("The operator's journal ended with {}", self.journal),
            String::new(),
            self.statement(),
            format!("Looked for afterwards: {check}"),
            String::new(),
            "Signed by the members who were there:".to_owned(),
            String::new(),
        ];
        lines.join("\n")
    }
}
