//! SQLite: a file in the data folder, with a write-ahead log beside it.

use super::value::Cell;
use super::{Database, Row, StoreError, Stored, Value, schema};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter, types::ToSqlOutput};
use std::path::Path;
use std::time::Duration;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::CannotOpen) => Self::Full,
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// How long a connection waits for another.
const BUSY: Duration = Duration::from_secs(5);

/// A connection to the file.
#[derive(Debug)]
pub struct Sqlite(Connection);

impl Sqlite {
    /// A new file without tables.
    pub fn create(path: &Path) -> Stored<Self> {
        let db = Self::configured(Connection::open(path)?)?;
        db.0.pragma_update(None, "journal_mode", "WAL")?;
        Ok(db)
    }

    /// A connection that may write. Of several the writer's is the only one that does.
    pub fn open(path: &Path) -> Stored<Self> {
        let db = Self::configured(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)?;
        #[cfg(debug_assertions)]
        if let Some(pages) = std::env::var("HAAL_MAX_PAGES").ok().and_then(|n| n.parse::<u32>().ok()) {
            db.0.pragma_update(None, "max_page_count", pages)?; // a full disk, for tests
        }
        Ok(db)
    }

    pub fn open_reader(path: &Path) -> Stored<Self> {
        Self::configured(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
    }

    fn configured(db: Connection) -> Stored<Self> {
        db.busy_timeout(BUSY)?;
        db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;")?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self(db))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Stored<Cell> {
    let strange = || StoreError::Failed("a column holds what no table here may hold".to_owned());
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(n) => Ok(Cell::Int(n)),
        ValueRef::Blob(bytes) => Ok(Cell::Bytes(bytes.to_vec())),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Cell::Text).map_err(|_| strange()),
        ValueRef::Real(_) => Err(strange()),
    }
}

impl Database for Sqlite {
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Stored<u64> {
        Ok(self.0.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
    }

    fn query(&self, sql: &str, values: &[Value<'_>]) -> Stored<Vec<Row>> {
        let mut query = self.0.prepare_cached(sql)?;
        let columns = query.column_count();
        let mut rows = query.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Row((0..columns).map(|column| cell(row.get_ref(column)?)).collect::<Stored<_>>()?));
        }
        Ok(found)
    }

    fn make(&self, tables: &str) -> Stored<()> {
        Ok(self.0.execute_batch(tables)?)
    }

    fn has_table(&self, name: &str) -> Stored<bool> {
        Ok(self.0.prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?.exists([name])?)
    }

    fn begin(&self) -> Stored<()> {
        Ok(self.0.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn commit(&self) -> Stored<()> {
        Ok(self.0.execute_batch("COMMIT")?)
    }

    fn roll_back(&self) {
        let _ = self.0.execute_batch("ROLLBACK"); // refused where the failure has undone it already
    }

    fn begin_snapshot(&self) -> Stored<()> {
        Ok(self.0.execute_batch("BEGIN")?)
    }

    fn end_snapshot(&self) -> Stored<()> {
        Ok(self.0.execute_batch("ROLLBACK")?)
    }

    /// Empties the write-ahead log, in which an erased pad would outlive its row.
    fn empty_journal(&self) -> Stored<bool> {
        self.0.busy_timeout(Duration::from_millis(20))?;
        let busy: rusqlite::Result<i64> = self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0));
        self.0.busy_timeout(BUSY)?;
        Ok(busy? == 0)
    }

    /// What it writes aside meanwhile holds what stays.
    fn compact(&self) -> Stored<()> {
        let empty = "PRAGMA wal_checkpoint(TRUNCATE);";
        Ok(self.0.execute_batch(&format!("{empty} PRAGMA temp_store = FILE; VACUUM; {empty}"))?)
    }

    fn copy_without_pads(&self, target: &Path) -> Stored<()> {
        let name = target.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(target.to_owned()))?;
        self.0.execute("VACUUM INTO ?1", [name])?;
        let copy = Box::new(Self::open(target)?);
        copy.0.pragma_update(None, "journal_mode", "DELETE")?;
        copy.0.execute_batch(&format!("{} VACUUM;", schema::WITHOUT_PADS))?;
        copy.0.pragma_update(None, "journal_mode", "WAL")?;
        copy.close()
    }

    /// Moves everything from the write-ahead log into the database file.
    fn close(self: Box<Self>) -> Stored<()> {
        self.0.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(self.0.close().map_err(|(_, error)| error)?)
    }
}
