//! Where the ballot box is kept: one trait, and every SQL statement once. Spec: 07-casting CAST-9, 08-board.
//!
//! Only the writer thread writes while the server runs; readers see what is committed. A row is never updated but for a
//! ballot's place in the log, and never deleted but when a pending ballot moves into it or gets its
//! time stamp; what belongs to second devices goes (CHECK-8), and at the end what names people (KEEP-4). What each table is trusted with stands in `schema`.

mod ballots;
mod evidence;
mod journal;
mod lists;
mod log;
mod office;
mod pads;
mod place;
mod postgres;
mod readers;
mod removal;
mod running;
mod schema;
mod sqlite;
mod tls;
mod uses;
mod value;
mod voters;

#[cfg(test)]
mod tests;

pub use ballots::*;
pub use evidence::*;
pub use journal::*;
pub use lists::*;
pub use log::*;
pub use pads::*;
pub use place::{Office, Place};
pub use readers::Readers;
pub use removal::*;
pub use running::*;
pub use schema::{found, is_older, migrate};
pub use sqlite::Sqlite;
pub use uses::*;
pub use value::{Row, Value};
pub use voters::*;

use std::ops::Deref;
use std::path::Path;

/// The database does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was stored; later it may be.
    #[error("the database is full or busy")]
    Full,
    #[error("the database failed: {0}")]
    Failed(String),
    #[error("the tables are of version {found}, and this program knows {known}: use the program that wrote them, or a later one")]
    Newer { found: u64, known: u64 },
    /// Nothing of a transaction that was not yet committed is stored.
    #[error("the connection to the database is lost: {0}")]
    Lost(String),
    #[error("another collector has taken over")]
    Overtaken,
    #[error("nobody knows whether the last commit is stored: {0}")]
    Unknown(String),
}

pub type Stored<T> = Result<T, StoreError>;

/// A connection to the database of one election. Statements name their values `?1`, `?2`, …
pub trait Database: Send {
    /// Runs a statement that changes rows, and says how many. Functions that write ask for a [`Tx`].
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64>;

    /// All rows that a statement finds.
    fn query(&self, sql: &str, values: &[Value<'_>]) -> Stored<Vec<Row>>;

    /// Makes tables, which [`schema`] describes in SQLite's words.
    fn make(&self, tables: &str) -> Stored<()>;

    fn has_table(&self, name: &str) -> Stored<bool>;

    /// Begins a transaction that holds the write lock from the start; [`begin`] is the way to it.
    fn begin(&self) -> Stored<()>;

    /// Makes it durable. [`StoreError::Full`] says that nothing is stored; any other error, that nobody knows.
    fn commit(&self) -> Stored<()>;

    fn roll_back(&self);

    /// From here on this connection sees one moment, whatever a server beside it commits.
    fn begin_snapshot(&self) -> Stored<()>;

    /// Sees the present again.
    fn end_snapshot(&self) -> Stored<()>;

    /// True if a collector on another machine can take over: then blobs are kept here too.
    fn is_shared(&self) -> bool {
        false
    }

    /// Makes an erased pad disappear from journals too, as far as it can (CHECK-8). False if somebody was reading: ask again.
    fn empty_journal(&self) -> Stored<bool>;

    /// Gives back the room of what was taken away, as far as nothing of it stays in the store's own files (KEEP-4). Slow; nobody else may be at work.
    fn compact(&self) -> Stored<()>;

    /// Copies the database as it is at one moment into a new file, without what opens codes for second devices: an erased pad must not
    /// live on in a backup (CHECK-8).
    fn copy_without_pads(&self, target: &Path) -> Stored<()>;

    /// Ends the connection, and leaves no second copy of anything behind (C14).
    fn close(self: Box<Self>) -> Stored<()>;
}

/// A transaction; undone unless [`Tx::commit`] is called.
pub struct Tx<'a> {
    db: &'a dyn Database,
    open: bool,
}

/// Begins a transaction that holds the write lock from the start.
pub fn begin(db: &dyn Database) -> Stored<Tx<'_>> {
    db.begin()?;
    Ok(Tx { db, open: true })
}

impl Tx<'_> {
    /// As [`Database::commit`].
    pub fn commit(mut self) -> Stored<()> {
        self.db.commit()?;
        self.open = false;
        Ok(())
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = dyn Database + 'a;

    fn deref(&self) -> &Self::Target {
        self.db
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.open {
            self.db.roll_back();
        }
    }
}

/// The first row that a statement finds.
fn find(db: &dyn Database, sql: &str, values: &[Value<'_>]) -> Stored<Option<Row>> {
    Ok(db.query(sql, values)?.into_iter().next())
}

/// The row that a statement always finds.
fn one(db: &dyn Database, sql: &str, values: &[Value<'_>]) -> Stored<Row> {
    find(db, sql, values)?.ok_or_else(|| StoreError::Failed("a row is missing".to_owned()))
}
