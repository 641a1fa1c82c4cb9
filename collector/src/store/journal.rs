//! The lines of the journal and the hash chain over them. Spec: 11-record KEEP-3; what they say is `crate::journal`'s.

use super::value::values;
use super::{Database, StoreError, Stored, Tx, find, manifest};
use ballot::Hash;
use ballot::encode::{hash, sha256};

/// How many lines there are, and the last link; the election id before the first (KEEP-3).
pub fn journal_head(db: &dyn Database) -> Stored<(u64, Hash)> {
    match find(db, "SELECT number, link FROM journal ORDER BY number DESC LIMIT 1", &[])? {
        Some(mut row) => Ok((row.take(0)?, row.take(1)?)),
        None => Ok((0, sha256(&manifest(db)?))),
    }
}

/// KEEP-3.
pub fn journal_link(before: &Hash, line: &str) -> Hash {
    hash("journal", &[before, line.as_bytes()])
}

/// Adds a line, and gives the head.
pub fn append_line(tx: &Tx<'_>, line: &str) -> Stored<(u64, Hash)> {
    let (number, before) = journal_head(&**tx)?;
    let (number, link) = (number + 1, journal_link(&before, line));
    tx.execute("INSERT INTO journal VALUES (?1, ?2, ?3)", &values![number, line, &link])?;
    Ok((number, link))
}

/// A line as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    pub number: u64,
    pub line: String,
    pub link: Hash,
}

/// Lines that are in memory at a time.
const PAGE: u64 = 64;

/// Goes through all lines by number.
pub fn for_lines<E: From<StoreError>>(db: &dyn Database, mut each: impl FnMut(JournalRow) -> Result<(), E>) -> Result<(), E> {
    let sql = "SELECT number, line, link FROM journal WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut after = 0u64;
    loop {
        let rows = db.query(sql, &values![after, PAGE])?;
        let last = (rows.len() as u64) < PAGE;
        for mut row in rows {
            let row = JournalRow { number: row.take(0)?, line: row.take(1)?, link: row.take(2)? };
            after = row.number;
            each(row)?;
        }
        if last {
            return Ok(());
        }
    }
}
