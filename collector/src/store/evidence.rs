//! Status answers, time stamps and signing keys. Spec: 07c-evidence.

use super::value::values;
use super::{Database, Stored, Tx, find, one};
use ballot::Hash;

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

pub fn insert_evidence(tx: &Tx<'_>, hash: &Hash, voter: &Hash, row: &EvidenceRow, accepted: u64) -> Stored<()> {
    tx.execute("INSERT INTO signing_key VALUES (?1, ?2) ON CONFLICT DO NOTHING", &values![&row.key, voter])?;
    if let Some(answer) = &row.status {
        tx.execute("INSERT INTO status VALUES (?1, ?2)", &values![hash, answer])?;
    }
    if let Some(imprint) = &row.imprint {
        tx.execute("INSERT INTO unstamped VALUES (?1, ?2, ?3)", &values![hash, imprint, accepted])?;
    }
    Ok(())
}

/// Under which pseudonym a key has signed.
pub fn key_owner(db: &dyn Database, key: &Hash) -> Stored<Option<Hash>> {
    find(db, "SELECT voter FROM signing_key WHERE key = ?1", &values![key])?.map(|mut row| row.take(0)).transpose()
}

/// The first ballots that wait for a stamp, oldest first.
pub fn unstamped(db: &dyn Database, most: usize) -> Stored<Vec<Unstamped>> {
    let rows = db.query("SELECT hash, imprint, accepted FROM unstamped ORDER BY accepted, hash LIMIT ?1", &values![most as u64])?;
    rows.into_iter().map(|mut row| Ok(Unstamped { hash: row.take(0)?, imprint: row.take(1)?, accepted: row.take(2)? })).collect()
}

/// How many ballots wait for a stamp, and since when the oldest does.
pub fn waiting_for_stamps(db: &dyn Database) -> Stored<(u64, Option<u64>)> {
    let mut row = one(db, "SELECT count(*), min(accepted) FROM unstamped", &[])?;
    Ok((row.take(0)?, row.take(1)?))
}

/// Keeps a stamp; the ballot waits no more. A second one for the same ballot is not kept.
pub fn insert_stamp(tx: &Tx<'_>, hash: &Hash, answer: &[u8]) -> Stored<()> {
    tx.execute("INSERT INTO stamp VALUES (?1, ?2) ON CONFLICT DO NOTHING", &values![hash, answer])?;
    tx.execute("DELETE FROM unstamped WHERE hash = ?1", &values![hash])?;
    Ok(())
}

/// The status answer of a ballot, as received.
pub fn status(db: &dyn Database, hash: &Hash) -> Stored<Option<Vec<u8>>> {
    find(db, "SELECT answer FROM status WHERE hash = ?1", &values![hash])?.map(|mut row| row.take(0)).transpose()
}

/// The time stamp of a ballot, as received.
pub fn stamp(db: &dyn Database, hash: &Hash) -> Stored<Option<Vec<u8>>> {
    find(db, "SELECT answer FROM stamp WHERE hash = ?1", &values![hash])?.map(|mut row| row.take(0)).transpose()
}
