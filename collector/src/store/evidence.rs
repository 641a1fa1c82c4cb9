//! Status answers, time stamps and signing keys. Spec: 07c-evidence.

use super::Stored;
use ballot::Hash;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What is kept of a cast ballot's certificate and asked about its entry.
#[derive(Clone, Debug)]
pub struct EvidenceRow {
    /// SHA-256 of the signer's subjectPublicKeyInfo.
    pub key: Hash,
    /// The OCSP answer as received, if the manifest asks for one.
    pub status: Option<Vec<u8>>,
    /// The SHA-256 of the entry, if it is to be time-stamped.
    pub imprint: Option<Hash>,
}

/// A ballot that waits for its time stamp.
#[derive(Clone, Debug)]
pub struct Unstamped {
    pub hash: Hash,
    pub imprint: Hash,
    pub accepted: u64,
}

pub fn insert_evidence(tx: &Connection, hash: &Hash, voter: &Hash, row: &EvidenceRow, accepted: u64) -> Stored<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO signing_key VALUES (?1, ?2)")?.execute(params![row.key, voter])?;
    if let Some(answer) = &row.status {
        tx.prepare_cached("INSERT INTO status VALUES (?1, ?2)")?.execute(params![hash, answer])?;
    }
    if let Some(imprint) = &row.imprint {
        tx.prepare_cached("INSERT INTO unstamped VALUES (?1, ?2, ?3)")?.execute(params![hash, imprint, accepted as i64])?;
    }
    Ok(())
}

/// Under which pseudonym a key has signed.
pub fn key_owner(db: &Connection, key: &Hash) -> Stored<Option<Hash>> {
    let mut query = db.prepare_cached("SELECT voter FROM signing_key WHERE key = ?1")?;
    Ok(query.query_row([key], |r| r.get(0)).optional()?)
}

/// The first ballots that wait for a stamp, oldest first.
pub fn unstamped(db: &Connection, most: usize) -> Stored<Vec<Unstamped>> {
    let mut query = db.prepare_cached("SELECT hash, imprint, accepted FROM unstamped ORDER BY accepted, hash LIMIT ?1")?;
    let row = |r: &Row<'_>| {
        let accepted: i64 = r.get(2)?;
        Ok(Unstamped { hash: r.get(0)?, imprint: r.get(1)?, accepted: accepted as u64 })
    };
    let rows = query.query_map([most as i64], row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// How many ballots wait for a stamp, and since when the oldest does.
pub fn waiting_for_stamps(db: &Connection) -> Stored<(u64, Option<u64>)> {
    let mut query = db.prepare_cached("SELECT count(*), min(accepted) FROM unstamped")?;
    let (count, oldest): (i64, Option<i64>) = query.query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok((count as u64, oldest.map(|accepted| accepted as u64)))
}

/// Keeps a stamp; the ballot waits no more. A second one for the same ballot is not kept.
pub fn insert_stamp(tx: &Connection, hash: &Hash, answer: &[u8]) -> Stored<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO stamp VALUES (?1, ?2)")?.execute(params![hash, answer])?;
    tx.prepare_cached("DELETE FROM unstamped WHERE hash = ?1")?.execute([hash])?;
    Ok(())
}

/// The status answer of a ballot, as received.
pub fn status(db: &Connection, hash: &Hash) -> Stored<Option<Vec<u8>>> {
    Ok(db.prepare_cached("SELECT answer FROM status WHERE hash = ?1")?.query_row([hash], |r| r.get(0)).optional()?)
}

/// The time stamp of a ballot, as received.
pub fn stamp(db: &Connection, hash: &Hash) -> Stored<Option<Vec<u8>>> {
    Ok(db.prepare_cached("SELECT answer FROM stamp WHERE hash = ?1")?.query_row([hash], |r| r.get(0)).optional()?)
}
