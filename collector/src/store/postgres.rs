//! PostgreSQL: a server, and others that keep copies of what it commits.
//!
//! What is special here is when nobody knows. `COMMIT` returns when the quorum of standbys has it; if the connection breaks before, or the server
//! says that it did not wait to the end, the transaction may be there or not, now or after the next failure. So every such end is
//! [`StoreError::Unknown`], and never taken for either.

use super::value::{Cell, values};
use super::{Database, Row, StoreError, Stored, Value};
use crate::writer::give_up;
use postgres::error::{DbError, Severity, SqlState};
use postgres::types::{ToSql, Type};
use postgres::{Client, Config, Statement};
use std::cell::{Cell as Slot, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A connection to the server.
pub struct Postgres {
    client: RefCell<Client>,
    statements: RefCell<HashMap<String, Statement>>,
    /// A statement of the present transaction has failed: the server would answer COMMIT with a silent ROLLBACK.
    spoilt: Slot<bool>,
    /// The server has warned of something.
    warned: Arc<AtomicBool>,
    /// What `sequencer` must say for a transaction of this connection.
    pub(super) epoch: Slot<Option<u64>>,
    /// A collector at work: what ends the connection ends the process (see `office`).
    pub(super) in_office: Slot<bool>,
}

impl Postgres {
    pub(super) fn connect(config: &Config, tls: super::tls::Connector) -> Stored<Self> {
        let warned = Arc::new(AtomicBool::new(false));
        let heard = warned.clone();
        let mut config = config.clone();
        config.notice_callback(move |notice| {
            if notice.parsed_severity() == Some(Severity::Warning) {
                tracing::warn!("PostgreSQL: {}", notice.message());
                heard.store(true, Ordering::SeqCst);
            }
        });
        let client = config.connect(tls).map_err(|error| StoreError::Lost(words(&error)))?;
        let db = Self {
            client: RefCell::new(client),
            statements: RefCell::default(),
            spoilt: Slot::new(false),
            warned,
            epoch: Slot::new(None),
            in_office: Slot::new(false),
        };
        // Nothing that an administrator set for others may cut a commit short.
        db.batch("SET statement_timeout = 0; SET lock_timeout = 0; SET synchronous_commit = 'on'")?;
        Ok(db)
    }

    pub(super) fn batch(&self, sql: &str) -> Stored<()> {
        self.with(|client| client.batch_execute(sql))
    }

    /// Anything but COMMIT.
    fn with<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>) -> Stored<T> {
        let done = work(&mut self.client.borrow_mut());
        done.map_err(|error| self.failed(&error))
    }

    fn prepare(&self, sql: &str) -> Stored<Statement> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.with(|client| client.prepare(&sql.replace('?', "$")))?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// A statement before COMMIT: nothing of its transaction is stored.
    fn failed(&self, error: &postgres::Error) -> StoreError {
        self.spoilt.set(true);
        let state = error.code();
        let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::IDLE_SESSION_TIMEOUT].iter().any(|s| state == Some(s));
        if state.is_none() || ended || self.client.borrow().is_closed() {
            return self.end(StoreError::Lost(words(error)));
        }
        match state.map(SqlState::code) {
            Some(code) if code.starts_with("53") || code.starts_with("55P03") => StoreError::Full,
            _ => StoreError::Failed(words(error)),
        }
    }

    /// For a collector at work the error is the end.
    fn end(&self, error: StoreError) -> StoreError {
        if self.in_office.get() {
            give_up(&error.to_string());
        }
        error
    }
}

/// Message and code, without the details: those may name values.
fn words(error: &postgres::Error) -> String {
    let said = |db: &DbError| format!("{} ({})", db.message(), db.code().code());
    error.as_db_error().map_or_else(|| source(error), said)
}

/// The innermost cause.
fn source(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), source)
}

/// The tables in PostgreSQL's words. Pads go into no journal, so into no copy and no archive (CHECK-8); they do not outlive a failure of the server.
fn dressed(tables: &str) -> String {
    let tables = tables.replace("TEXT NOT NULL UNIQUE COLLATE NOCASE", "TEXT COLLATE \"C\" NOT NULL UNIQUE");
    let tables = tables.replace("CREATE TABLE check_pad", "CREATE UNLOGGED TABLE check_pad");
    tables.replace(" STRICT, WITHOUT ROWID;", ";").replace(" STRICT;", ";").replace(" BLOB", " BYTEA").replace(" INTEGER", " BIGINT")
}

fn cell(row: &postgres::Row, column: usize) -> Option<Cell> {
    fn filled<T>(cell: Option<T>, made: impl FnOnce(T) -> Cell) -> Cell {
        cell.map_or(Cell::Null, made)
    }
    Some(match *row.columns().get(column)?.type_() {
        Type::INT8 => filled(row.try_get(column).ok()?, Cell::Int),
        Type::INT4 => filled(row.try_get(column).ok()?, |n: i32| Cell::Int(n.into())),
        Type::BOOL => filled(row.try_get(column).ok()?, |b: bool| Cell::Int(b.into())),
        Type::BYTEA => filled(row.try_get(column).ok()?, Cell::Bytes),
        Type::TEXT => filled(row.try_get(column).ok()?, Cell::Text),
        _ => return None,
    })
}

fn parameters<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    let one = |value: &'a Value<'a>| -> &'a (dyn ToSql + Sync) {
        match value {
            Value::Int(n) => n,
            Value::Bytes(bytes) => bytes,
            Value::Text(text) => text,
        }
    };
    values.iter().map(one).collect()
}

impl Database for Postgres {
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        let statement = self.prepare(sql)?;
        self.with(|client| client.execute(&statement, &parameters(values)))
    }

    fn query(&self, sql: &str, values: &[Value<'_>]) -> Stored<Vec<Row>> {
        let statement = self.prepare(sql)?;
        let found = self.with(|client| client.query(&statement, &parameters(values)))?;
        let row = |row: &postgres::Row| (0..row.len()).map(|column| cell(row, column)).collect::<Option<_>>().map(Row);
        found.iter().map(|found| row(found).ok_or_else(|| StoreError::Failed("a column of a strange type".to_owned()))).collect()
    }

    fn make(&self, tables: &str) -> Stored<()> {
        self.batch(&dressed(tables))
    }

    fn has_table(&self, name: &str) -> Stored<bool> {
        self.query("SELECT to_regclass(?1) IS NOT NULL", &values![name])?.into_iter().next().map_or(Ok(false), |mut row| row.take(0))
    }

    /// Holds the row of `sequencer`: who wants to take over waits for the end of this transaction, and who was overtaken gets no further.
    fn begin(&self) -> Stored<()> {
        self.spoilt.set(false);
        self.batch("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
        let Some(epoch) = self.epoch.get() else { return Ok(()) };
        if self.query("SELECT epoch FROM sequencer WHERE epoch = ?1 FOR UPDATE", &values![epoch])?.is_empty() {
            self.roll_back();
            return Err(self.end(StoreError::Overtaken));
        }
        Ok(())
    }

    fn commit(&self) -> Stored<()> {
        if self.spoilt.get() {
            self.roll_back();
            return Err(StoreError::Failed("a statement of the transaction had failed".to_owned()));
        }
        self.warned.store(false, Ordering::SeqCst);
        let done = self.client.borrow_mut().batch_execute("COMMIT");
        let unknown = match done {
            Ok(()) if !self.warned.load(Ordering::SeqCst) => return Ok(()),
            Ok(()) => "the server did not wait for its standbys".to_owned(),
            Err(error) => words(&error),
        };
        Err(self.end(StoreError::Unknown(unknown)))
    }

    fn roll_back(&self) {
        let _ = self.client.borrow_mut().batch_execute("ROLLBACK"); // without a connection there is nothing to undo
    }

    fn begin_snapshot(&self) -> Stored<()> {
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn end_snapshot(&self) -> Stored<()> {
        self.batch("ROLLBACK")
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// No journal holds pads, but the file of their table has what it had before: it is written anew without, and thrown away. What a snapshot still
    /// sees stays until the next time.
    fn empty_journal(&self) -> Stored<bool> {
        self.batch("DELETE FROM check_pad WHERE NOT EXISTS (SELECT 1 FROM check_window WHERE check_window.place = check_pad.place)")?;
        self.batch("VACUUM (FULL) check_pad")?;
        Ok(true)
    }

    /// Files of tables that were taken away go with the next checkpoint of the server; its journal, archives and copies keep what they have.
    fn compact(&self) -> Stored<()> {
        self.batch("VACUUM (FULL) pg_catalog.pg_statistic")
    }

    fn copy_without_pads(&self, _: &Path) -> Stored<()> {
        Err(StoreError::Failed("PostgreSQL is copied by its own tools (pg_basebackup, pg_dump)".to_owned()))
    }

    fn close(self: Box<Self>) -> Stored<()> {
        self.client.into_inner().close().map_err(|error| StoreError::Lost(words(&error)))
    }
}
