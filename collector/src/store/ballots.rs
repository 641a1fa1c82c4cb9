//! Ballots on their way into the log, and their envelopes. Spec: 07-casting CAST-3 to CAST-9, 08-board ENTRY-5.

use super::value::values;
use super::{Database, Row, StoreError, Stored, Tx, append, find, one};
use ballot::Hash;

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

fn ballot_row(mut row: Row) -> Stored<BallotRow> {
    Ok(BallotRow {
        hash: row.take(0)?,
        voter: row.take(1)?,
        number: row.take(2)?,
        challenged: row.take(3)?,
        promise: row.take(4)?,
        position: row.take(5)?,
    })
}

pub fn insert_ballot(tx: &Tx<'_>, row: &BallotRow, pads: &[[u8; 32]], entry: &[u8], accepted: u64) -> Stored<()> {
    let values = values![&row.hash, &row.voter, row.number, row.challenged, &row.promise];
    tx.execute("INSERT INTO ballot VALUES (?1, ?2, ?3, ?4, ?5, NULL)", &values)?;
    tx.execute("INSERT INTO pending VALUES (?1, ?2, ?3)", &values![&row.hash, entry, accepted])?;
    for a in pads {
        tx.execute("INSERT INTO pad VALUES (?1)", &values![a])?;
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

pub fn insert_envelope(tx: &Tx<'_>, hash: &Hash, row: &EnvelopeRow) -> Stored<()> {
    tx.execute("INSERT INTO envelope VALUES (?1, ?2, ?3, ?4)", &values![hash, &row.container, &row.salt, row.accepted])?;
    Ok(())
}

pub fn envelope(db: &dyn Database, hash: &Hash) -> Stored<Option<EnvelopeRow>> {
    let row = find(db, "SELECT container, salt, accepted FROM envelope WHERE hash = ?1", &values![hash])?;
    row.map(|mut row| Ok(EnvelopeRow { container: row.take(0)?, salt: row.take(1)?, accepted: row.take(2)? })).transpose()
}

pub fn ballot(db: &dyn Database, hash: &Hash) -> Stored<Option<BallotRow>> {
    let row = find(db, "SELECT hash, voter, number, challenged, promise, position FROM ballot WHERE hash = ?1", &values![hash])?;
    row.map(ballot_row).transpose()
}

/// The voter's cast ballots by number.
pub fn ballots_of(db: &dyn Database, voter: &Hash) -> Stored<Vec<BallotRow>> {
    let sql = "SELECT hash, voter, number, challenged, promise, position FROM ballot WHERE voter = ?1 AND challenged = 0 ORDER BY number";
    db.query(sql, &values![voter])?.into_iter().map(ballot_row).collect()
}

/// Number and hash of the voter's last cast ballot; 0 and zeros before the first.
pub fn last_ballot(db: &dyn Database, voter: &Hash) -> Stored<(u32, Hash)> {
    let sql = "SELECT number, hash FROM ballot WHERE voter = ?1 AND challenged = 0 ORDER BY number DESC LIMIT 1";
    let row = find(db, sql, &values![voter])?;
    row.map_or(Ok((0, [0; 32])), |mut row| Ok((row.take(0)?, row.take(1)?)))
}

/// How many ballots, challenged ones too, stand under a pseudonym.
pub fn ballots_count(db: &dyn Database, voter: &Hash) -> Stored<u32> {
    one(db, "SELECT count(*) FROM ballot WHERE voter = ?1", &values![voter])?.take(0)
}

pub fn has_pad(db: &dyn Database, a: &[u8; 32]) -> Stored<bool> {
    Ok(find(db, "SELECT 1 FROM pad WHERE a = ?1", &values![a])?.is_some())
}

/// Pending ballots: how many, and when the last was accepted.
pub fn pending_count(db: &dyn Database) -> Stored<(u64, u64)> {
    let mut row = one(db, "SELECT count(*), coalesce(max(accepted), 0) FROM pending", &[])?;
    Ok((row.take(0)?, row.take(1)?))
}

/// Hashes and entries of all pending ballots, by hash (ENTRY-5).
pub fn pending(db: &dyn Database) -> Stored<Vec<(Hash, Vec<u8>)>> {
    let rows = db.query("SELECT hash, entry FROM pending ORDER BY hash", &[])?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// Moves a pending ballot into the log.
pub fn sequence(tx: &Tx<'_>, hash: &Hash, position: u64, entry: &[u8]) -> Stored<()> {
    append(tx, position, entry)?;
    tx.execute("UPDATE ballot SET position = ?2 WHERE hash = ?1", &values![hash, position])?;
    tx.execute("DELETE FROM pending WHERE hash = ?1", &values![hash])?;
    Ok(())
}

/// How many ballots have a place in the log, and how many have none.
pub fn ballot_counts(db: &dyn Database) -> Stored<(u64, u64)> {
    let mut row = one(db, "SELECT count(position), count(*) - count(position) FROM ballot", &[])?;
    Ok((row.take(0)?, row.take(1)?))
}

/// Envelopes that are in memory at a time.
const PAGE: u64 = 64;

/// Goes through the ballots in the log that have an envelope, by hash.
pub fn for_envelopes<E: From<StoreError>>(db: &dyn Database, mut each: impl FnMut(Hash, EnvelopeRow) -> Result<(), E>) -> Result<(), E> {
    let sql = "SELECT hash, container, salt, accepted FROM envelope JOIN ballot USING (hash)
               WHERE position IS NOT NULL AND hash > ?1 ORDER BY hash LIMIT ?2";
    let mut after = Vec::new(); // comes before every hash
    loop {
        let rows = db.query(sql, &values![&after, PAGE])?;
        let last = (rows.len() as u64) < PAGE;
        for mut row in rows {
            let hash: Hash = row.take(0)?;
            each(hash, EnvelopeRow { container: row.take(1)?, salt: row.take(2)?, accepted: row.take(3)? })?;
            after = hash.to_vec();
        }
        if last {
            return Ok(());
        }
    }
}
