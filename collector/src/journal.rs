//! What the journal says: orders that were refused, and what the operator did. Spec: 11-record KEEP-1 to KEEP-3.

mod commands;
mod refused;

pub use commands::{around, of};
pub use refused::{Kept, Refused, keep};

use crate::collector::now;
use crate::store::{self, Database, JournalRow, Stored, Tx};
use crate::writer::commit;
use ballot::Hash;
use ballot::encode::parse_hash;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Another line says how; if there is none, it was cut short.
    Begun,
    Done,
    Refused,
}

/// A file that a command was given. There is no hash of it: a short list of person codes could be guessed from its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub bytes: u64,
}

/// One line, JSON without line feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Unix seconds.
    pub time: u64,
    /// The members whose signatures hold, or the user of the system.
    pub who: String,
    pub what: String,
    pub outcome: Outcome,
    /// The rule that it breaks, as far as one is named.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// A refused order as it came, without its blob: hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
}

impl Line {
    pub fn new(who: String, what: impl Into<String>, outcome: Outcome) -> Self {
        let (rule, message, order) = Default::default();
        Self { time: now(), who, what: what.into(), outcome, rule, message, files: Vec::new(), order }
    }

    /// Why it was refused; long words are cut.
    pub fn because(self, rule: &str, message: &str) -> Self {
        let message = message.chars().take(500).collect();
        Self { rule: rule.to_owned(), message, ..self }
    }

    /// Adds it within a transaction.
    pub fn append(&self, tx: &Tx<'_>) -> Stored<(u64, Hash)> {
        let line = serde_json::to_string(self).map_err(|error| store::StoreError::Failed(error.to_string()))?;
        store::append_line(tx, &line)
    }

    /// Adds it by itself.
    pub fn write(&self, db: &dyn Database) -> Stored<()> {
        let tx = store::begin(db)?;
        let (number, link) = self.append(&tx)?;
        commit(tx)?;
        tracing::info!("journal {number}:{}", hex::encode(link));
        Ok(())
    }
}

/// The user of the system, by number and name, and who logged in if that is another.
pub fn user() -> String {
    let named = |id: u32| {
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let name = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        });
        name.map_or_else(|| format!("user {id}"), |name| format!("user {id} ({name})"))
    };
    let own = rustix::process::getuid().as_raw();
    let login = std::fs::read_to_string("/proc/self/loginuid").ok().and_then(|id| id.trim().parse().ok());
    match login.filter(|id| *id != own && *id != u32::MAX) {
        Some(login) => format!("{}, logged in as {}", named(own), named(login)),
        None => named(own),
    }
}

/// A head that somebody has noted: `NUMBER:LINK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head(pub u64, pub Hash);

impl std::str::FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, link) = text.split_once(':').ok_or("a head is NUMBER:LINK")?;
        Ok(Self(number.parse().map_err(|_| "a head begins with a number")?, parse_hash(link).ok_or("a link has 64 lower-case hex digits")?))
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, hex::encode(self.1))
    }
}

/// Goes through the journal and checks the chain; gives the head. The heads in `seen` must be in it.
pub fn check(db: &dyn Database, seen: &[Head], mut each: impl FnMut(&JournalRow)) -> anyhow::Result<Head> {
    let mut head = Head(0, ballot::encode::sha256(&store::manifest(db)?));
    let mut missing: Vec<Head> = seen.iter().copied().filter(|seen| *seen != head).collect();
    store::for_lines(db, |row| {
        let next = head.0 + 1;
        anyhow::ensure!(row.number == next, "KEEP-3: line {next} of the journal is missing");
        anyhow::ensure!(
            store::journal_link(&head.1, &row.line) == row.link,
            "KEEP-3: line {next} of the journal, or one before it, was changed"
        );
        head = Head(next, row.link);
        missing.retain(|seen| *seen != head);
        each(&row);
        Ok(())
    })?;
    match missing.first() {
        Some(seen) => anyhow::bail!("KEEP-3: the journal has {} lines, and not the noted head {seen}: it was cut or written anew", head.0),
        None => Ok(head),
    }
}
