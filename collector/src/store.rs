//! Every SQL statement, and who is trusted with what is in the tables. Spec: 07-casting CAST-9, 08-board.
//!
//! Only the writer thread writes while the server runs; readers see what is committed. A row is never updated but for a
//! ballot's place in the log, and never deleted but when a pending ballot moves into it or gets its
//! time stamp; only what belongs to second devices goes (CHECK-8).

mod evidence;
mod pads;

pub use evidence::*;
pub use pads::*;

use ballot::Hash;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The tables, each with one sentence on what someone could do who can write to it but has no keys.
const SCHEMA: &str = "
-- The manifest. Whoever changes it stops the server at its next start, since its hash stands in entry 0.
CREATE TABLE election (one INTEGER PRIMARY KEY CHECK (one = 1), manifest BLOB NOT NULL) STRICT;

-- The log. Whoever changes a published row stops the server, since the checkpoint that witnesses have signed no longer fits.
CREATE TABLE entry (position INTEGER PRIMARY KEY CHECK (position >= 0), bytes BLOB NOT NULL) STRICT;

-- Log entries of ballots that are promised and not yet in the log. Whoever deletes one breaks a promise that its voter holds
-- signed, and whoever adds one publishes a ballot without evidence; auditors see the first by complaint and the second by EVID-2.
CREATE TABLE pending (hash BLOB PRIMARY KEY, entry BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;

-- What was accepted under which pseudonym. Whoever changes it can refuse voters, or let a chain break that the verifier checks.
CREATE TABLE ballot (
    hash BLOB PRIMARY KEY, voter BLOB NOT NULL, number INTEGER NOT NULL, challenged INTEGER NOT NULL CHECK (challenged IN (0, 1)),
    promise BLOB NOT NULL, position INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ballot_number ON ballot (voter, number) WHERE challenged = 0;
CREATE INDEX ballot_voter ON ballot (voter);

-- Every A that was seen. Whoever deletes rows lets a copied encryption in, which the verifier reports (BAL-6).
CREATE TABLE pad (a BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- RESTRICTED, names persons: the signed containers. Whoever reads it learns who voted; whoever changes it spoils evidence, which
-- auditors see, because the log holds its hash.
CREATE TABLE envelope (hash BLOB PRIMARY KEY, container BLOB NOT NULL, salt BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;

-- RESTRICTED, names persons: what the OCSP responder said of a ballot's certificate, and the time stamp of its entry, as received. Whoever
-- changes one spoils evidence, which auditors see, because both are signed.
CREATE TABLE status (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;
CREATE TABLE stamp (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;

-- Ballots whose entry is not time-stamped yet. Whoever deletes a row leaves a ballot without stamp, which auditors see (EVID-2).
CREATE TABLE unstamped (hash BLOB PRIMARY KEY, imprint BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;
CREATE INDEX unstamped_accepted ON unstamped (accepted);

-- Which key signs for which pseudonym. Whoever deletes rows lets one key sign for two people, which auditors see (EVID-4); whoever adds
-- one can refuse a voter.
CREATE TABLE signing_key (key BLOB PRIMARY KEY, voter BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- RESTRICTED, names persons: who is behind a pseudonym. Whoever reads it can name the voters of a public record; whoever changes it
-- can exclude a person, but not vote, because ballots need the person's own signature in the evidence.
CREATE TABLE voter (
    pseudonym BLOB PRIMARY KEY, person_code TEXT NOT NULL UNIQUE COLLATE NOCASE, blinding BLOB NOT NULL, district INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions by the hash of their token. Whoever adds a row can ask as that voter, but not vote: a ballot needs the eID.
CREATE TABLE session (token BLOB PRIMARY KEY, voter BLOB NOT NULL, ends INTEGER NOT NULL, early INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX session_ends ON session (ends);

-- RESTRICTED: what opens voters' codes for second devices (16-second-device). Whoever reads a pad and has seen the code of its ballot
-- knows that vote; whoever changes one makes the voter's check fail. A pad is erased in place, by zeros of its own length: the row stays
-- where it is, so no copy of a living pad is left behind when the table is rearranged.
CREATE TABLE check_pad (place INTEGER PRIMARY KEY, pad BLOB NOT NULL CHECK (length(pad) = 32)) STRICT;

-- Which pad belongs to which token and ballot, how often it was released, and until when it may be (nothing before the ballot is in the
-- log). Whoever changes it can let an old code be opened as long as its pad is there, or spoil a check.
CREATE TABLE check_window (
    token BLOB PRIMARY KEY, ballot BLOB NOT NULL UNIQUE, place INTEGER NOT NULL, released INTEGER NOT NULL, ends INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX check_window_ends ON check_window (ends);

-- The last checkpoint with a quorum of cosignatures. It is verified whenever it is read.
CREATE TABLE cosigned (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT NOT NULL) STRICT;
";

/// The database does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database is full or busy")]
    Full,
    #[error("the database failed: {0}")]
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::CannotOpen) => Self::Full,
            _ => Self::Failed(error),
        }
    }
}

type Stored<T> = Result<T, StoreError>;

/// How long a connection waits for another.
const BUSY: Duration = Duration::from_secs(5);

fn configure(db: &Connection) -> Stored<()> {
    db.busy_timeout(BUSY)?;
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;")?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Makes the database of an election: manifest and entry 0, in one transaction.
pub fn create(path: &Path, manifest: &[u8], entry: &[u8]) -> Stored<()> {
    let mut db = Connection::open(path)?;
    configure(&db)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(SCHEMA)?;
    tx.execute("INSERT INTO election VALUES (1, ?1)", [manifest])?;
    append(&tx, 0, entry)?;
    Ok(tx.commit()?)
}

/// The one connection that writes.
pub fn open_writer(path: &Path) -> Stored<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    #[cfg(debug_assertions)]
    if let Some(pages) = std::env::var("HAAL_MAX_PAGES").ok().and_then(|n| n.parse::<u32>().ok()) {
        db.pragma_update(None, "max_page_count", pages)?; // a full disk, for tests
    }
    Ok(db)
}

/// Moves everything from the write-ahead log into the database file, and leaves no copy of it (C14).
pub fn close(db: Connection) -> Stored<()> {
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(db.close().map_err(|(_, error)| error)?)
}

/// Copies the database as it is at one moment into a new file, without what opens codes for second devices: an erased pad must not live on in a
/// backup (CHECK-8).
pub fn copy_without_pads(db: &Connection, target: &Path) -> Stored<()> {
    let name = target.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(target.to_owned()))?;
    db.execute("VACUUM INTO ?1", [name])?;
    let copy = open_writer(target)?;
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    copy.execute_batch("DELETE FROM check_pad; DELETE FROM check_window; VACUUM;")?;
    copy.pragma_update(None, "journal_mode", "WAL")?;
    close(copy)
}

/// From here on this connection sees one moment, whatever a server beside it commits.
pub fn begin_snapshot(db: &Connection) -> Stored<()> {
    Ok(db.execute_batch("BEGIN")?)
}

/// Sees the present again.
pub fn end_snapshot(db: &Connection) -> Stored<()> {
    Ok(db.execute_batch("ROLLBACK")?)
}

/// Begins a transaction that holds the write lock from the start.
pub fn begin(db: &mut Connection) -> Stored<Transaction<'_>> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Connections that read, handed from thread to thread.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    /// Closes all that are idle.
    pub fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a query on a connection of its own.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => {
                let db = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
                configure(&db)?;
                db
            }
        };
        let result = query(&db);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        result
    }
}

// The election and its log.

pub fn manifest(db: &Connection) -> Stored<Vec<u8>> {
    Ok(db.query_row("SELECT manifest FROM election", [], |r| r.get(0))?)
}

pub fn append(tx: &Connection, position: u64, entry: &[u8]) -> Stored<()> {
    tx.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?.execute(params![position as i64, entry])?;
    Ok(())
}

/// Goes through entries `from..to` in order.
pub fn for_entries<E: From<StoreError>>(
    db: &Connection,
    from: u64,
    to: u64,
    mut each: impl FnMut(u64, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |e: rusqlite::Error| E::from(StoreError::from(e));
    let mut query =
        db.prepare_cached("SELECT position, bytes FROM entry WHERE position >= ?1 AND position < ?2 ORDER BY position").map_err(failed)?;
    let mut rows = query.query(params![from as i64, to as i64]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let position: i64 = row.get(0).map_err(failed)?;
        each(position as u64, row.get(1).map_err(failed)?)?;
    }
    Ok(())
}

/// Entries `from..to`.
pub fn entries(db: &Connection, from: u64, to: u64) -> Stored<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for_entries(db, from, to, |_, entry| -> Stored<()> {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

pub fn set_cosigned(tx: &Connection, checkpoint: &str) -> Stored<()> {
    tx.execute("INSERT OR REPLACE INTO cosigned VALUES (1, ?1)", [checkpoint])?;
    Ok(())
}

pub fn cosigned(db: &Connection) -> Stored<Option<String>> {
    Ok(db.query_row("SELECT checkpoint FROM cosigned", [], |r| r.get(0)).optional()?)
}

// Ballots.

/// What is kept of an accepted ballot, beside its evidence.
#[derive(Clone, Debug)]
pub struct BallotRow {
    pub hash: Hash,
    pub voter: Hash,
    pub number: u32,
    pub challenged: bool,
    pub promise: Vec<u8>,
    pub position: Option<u64>,
}

fn ballot_row(r: &Row<'_>) -> rusqlite::Result<BallotRow> {
    let position: Option<i64> = r.get(5)?;
    Ok(BallotRow {
        hash: r.get(0)?,
        voter: r.get(1)?,
        number: r.get(2)?,
        challenged: r.get(3)?,
        promise: r.get(4)?,
        position: position.map(|p| p as u64),
    })
}

pub fn insert_ballot(tx: &Connection, row: &BallotRow, pads: &[[u8; 32]], entry: &[u8], accepted: u64) -> Stored<()> {
    tx.prepare_cached("INSERT INTO ballot VALUES (?1, ?2, ?3, ?4, ?5, NULL)")?.execute(params![
        row.hash,
        row.voter,
        row.number,
        row.challenged,
        row.promise
    ])?;
    tx.prepare_cached("INSERT INTO pending VALUES (?1, ?2, ?3)")?.execute(params![row.hash, entry, accepted as i64])?;
    let mut insert = tx.prepare_cached("INSERT INTO pad VALUES (?1)")?;
    for a in pads {
        insert.execute([a])?;
    }
    Ok(())
}

/// Container, salt and time of acceptance.
#[derive(Clone, Debug)]
pub struct EnvelopeRow {
    pub container: Vec<u8>,
    pub salt: [u8; 32],
    pub accepted: u64,
}

pub fn insert_envelope(tx: &Connection, hash: &Hash, row: &EnvelopeRow) -> Stored<()> {
    tx.prepare_cached("INSERT INTO envelope VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        hash,
        row.container,
        row.salt,
        row.accepted as i64
    ])?;
    Ok(())
}

pub fn envelope(db: &Connection, hash: &Hash) -> Stored<Option<EnvelopeRow>> {
    let mut query = db.prepare_cached("SELECT container, salt, accepted FROM envelope WHERE hash = ?1")?;
    let row = |r: &Row<'_>| {
        let accepted: i64 = r.get(2)?;
        Ok(EnvelopeRow { container: r.get(0)?, salt: r.get(1)?, accepted: accepted as u64 })
    };
    Ok(query.query_row([hash], row).optional()?)
}

pub fn ballot(db: &Connection, hash: &Hash) -> Stored<Option<BallotRow>> {
    let mut query = db.prepare_cached("SELECT * FROM ballot WHERE hash = ?1")?;
    Ok(query.query_row([hash], ballot_row).optional()?)
}

/// The voter's cast ballots by number.
pub fn ballots_of(db: &Connection, voter: &Hash) -> Stored<Vec<BallotRow>> {
    let mut query = db.prepare_cached("SELECT * FROM ballot WHERE voter = ?1 AND challenged = 0 ORDER BY number")?;
    let rows = query.query_map([voter], ballot_row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Number and hash of the voter's last cast ballot; 0 and zeros before the first.
pub fn last_ballot(db: &Connection, voter: &Hash) -> Stored<(u32, Hash)> {
    let mut query =
        db.prepare_cached("SELECT number, hash FROM ballot WHERE voter = ?1 AND challenged = 0 ORDER BY number DESC LIMIT 1")?;
    let row = query.query_row([voter], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    Ok(row.unwrap_or((0, [0; 32])))
}

/// How many ballots, challenged ones too, stand under a pseudonym.
pub fn ballots_count(db: &Connection, voter: &Hash) -> Stored<u32> {
    Ok(db.prepare_cached("SELECT count(*) FROM ballot WHERE voter = ?1")?.query_row([voter], |r| r.get(0))?)
}

pub fn has_pad(db: &Connection, a: &[u8; 32]) -> Stored<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM pad WHERE a = ?1")?.exists([a])?)
}

/// Pending ballots: how many, and when the last was accepted.
pub fn pending_count(db: &Connection) -> Stored<(u64, u64)> {
    let (count, last): (i64, i64) =
        db.prepare_cached("SELECT count(*), coalesce(max(accepted), 0) FROM pending")?.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok((count as u64, last as u64))
}

/// Hashes and entries of all pending ballots, by hash (ENTRY-5).
pub fn pending(db: &Connection) -> Stored<Vec<(Hash, Vec<u8>)>> {
    let mut query = db.prepare_cached("SELECT hash, entry FROM pending ORDER BY hash")?;
    let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Moves a pending ballot into the log.
pub fn sequence(tx: &Connection, hash: &Hash, position: u64, entry: &[u8]) -> Stored<()> {
    append(tx, position, entry)?;
    tx.prepare_cached("UPDATE ballot SET position = ?2 WHERE hash = ?1")?.execute(params![hash, position as i64])?;
    tx.prepare_cached("DELETE FROM pending WHERE hash = ?1")?.execute([hash])?;
    Ok(())
}

/// How many ballots have a place in the log, and how many have none.
pub fn ballot_counts(db: &Connection) -> Stored<(u64, u64)> {
    let (all, placed): (i64, i64) = db.query_row("SELECT count(*), count(position) FROM ballot", [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok((placed as u64, (all - placed) as u64))
}

/// Goes through the ballots in the log that have an envelope.
pub fn for_envelopes<E: From<StoreError>>(db: &Connection, mut each: impl FnMut(Hash, EnvelopeRow) -> Result<(), E>) -> Result<(), E> {
    let failed = |e: rusqlite::Error| E::from(StoreError::from(e));
    let sql = "SELECT hash, container, salt, accepted FROM envelope JOIN ballot USING (hash) WHERE position IS NOT NULL ORDER BY hash";
    let mut query = db.prepare(sql).map_err(failed)?;
    let mut rows = query.query([]).map_err(failed)?;
    while let Some(r) = rows.next().map_err(failed)? {
        let row = || -> rusqlite::Result<_> {
            let accepted: i64 = r.get(3)?;
            Ok((r.get(0)?, EnvelopeRow { container: r.get(1)?, salt: r.get(2)?, accepted: accepted as u64 }))
        };
        let (hash, envelope) = row().map_err(failed)?;
        each(hash, envelope)?;
    }
    Ok(())
}

// Voters.

/// The opening of a pseudonym, and the district.
#[derive(Clone, Debug)]
pub struct VoterRow {
    pub pseudonym: Hash,
    pub person_code: String,
    pub blinding: [u8; 32],
    pub district: u16,
}

fn voter_row(r: &Row<'_>) -> rusqlite::Result<VoterRow> {
    Ok(VoterRow { pseudonym: r.get(0)?, person_code: r.get(1)?, blinding: r.get(2)?, district: r.get(3)? })
}

/// Puts these voters in the place of all others.
pub fn replace_voters(tx: &Connection, voters: &[VoterRow]) -> Stored<()> {
    tx.execute("DELETE FROM voter", [])?;
    let mut insert = tx.prepare("INSERT INTO voter VALUES (?1, ?2, ?3, ?4)")?;
    for v in voters {
        insert.execute(params![v.pseudonym, v.person_code, v.blinding, v.district])?;
    }
    Ok(())
}

pub fn voter_by_code(db: &Connection, person_code: &str) -> Stored<Option<VoterRow>> {
    let mut query = db.prepare_cached("SELECT * FROM voter WHERE person_code = ?1")?;
    let row = query.query_row([person_code], voter_row).optional()?;
    Ok(row.filter(|v| v.person_code == person_code)) // the index ignores case, a person code does not
}

pub fn voter(db: &Connection, pseudonym: &Hash) -> Stored<Option<VoterRow>> {
    let mut query = db.prepare_cached("SELECT * FROM voter WHERE pseudonym = ?1")?;
    Ok(query.query_row([pseudonym], voter_row).optional()?)
}

/// All voters by pseudonym.
pub fn voters(db: &Connection) -> Stored<Vec<VoterRow>> {
    let mut query = db.prepare("SELECT * FROM voter ORDER BY pseudonym")?;
    let rows = query.query_map([], voter_row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

// Sessions.

/// A session; `early` if it began before *last-login*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub voter: Hash,
    pub ends: u64,
    pub early: bool,
}

pub fn insert_session(tx: &Connection, token_hash: &Hash, row: &SessionRow, now: u64) -> Stored<()> {
    tx.prepare_cached("DELETE FROM session WHERE ends < ?1")?.execute([now as i64])?;
    tx.prepare_cached("INSERT INTO session VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        token_hash,
        row.voter,
        row.ends as i64,
        row.early
    ])?;
    Ok(())
}

pub fn session(db: &Connection, token_hash: &Hash) -> Stored<Option<SessionRow>> {
    let mut query = db.prepare_cached("SELECT voter, ends, early FROM session WHERE token = ?1")?;
    let row = |r: &Row<'_>| {
        let ends: i64 = r.get(1)?;
        Ok(SessionRow { voter: r.get(0)?, ends: ends as u64, early: r.get(2)? })
    };
    Ok(query.query_row([token_hash], row).optional()?)
}
