//! The election and its log. Spec: 08-board.

use super::value::values;
use super::{Database, StoreError, Stored, Tx, find, one};
use ballot::Hash;

pub fn manifest(db: &dyn Database) -> Stored<Vec<u8>> {
    one(db, "SELECT manifest FROM election", &[])?.take(0)
}

pub fn append(tx: &Tx<'_>, position: u64, entry: &[u8]) -> Stored<()> {
    tx.execute("INSERT INTO entry VALUES (?1, ?2)", &values![position, entry])?;
    Ok(())
}

/// Entries that are in memory at a time.
const PAGE: u64 = 256;

/// Goes through the entries from `from` on, up to `to` and without it, in order.
pub fn for_entries<E: From<StoreError>>(
    db: &dyn Database,
    from: u64,
    to: u64,
    mut each: impl FnMut(u64, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let sql = "SELECT position, bytes FROM entry WHERE position >= ?1 AND position < ?2 ORDER BY position LIMIT ?3";
    let mut next = from;
    loop {
        let rows = db.query(sql, &values![next, to, PAGE])?;
        let last = (rows.len() as u64) < PAGE;
        for mut row in rows {
            let position = row.take(0)?;
            each(position, row.take(1)?)?;
            next = position + 1;
        }
        if last {
            return Ok(());
        }
    }
}

/// Entries `from..to`.
pub fn entries(db: &dyn Database, from: u64, to: u64) -> Stored<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for_entries(db, from, to, |_, entry| -> Stored<()> {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

pub fn set_cosigned(tx: &Tx<'_>, checkpoint: &str) -> Stored<()> {
    let sql = "INSERT INTO cosigned VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET checkpoint = excluded.checkpoint";
    tx.execute(sql, &values![checkpoint])?;
    Ok(())
}

pub fn cosigned(db: &dyn Database) -> Stored<Option<String>> {
    find(db, "SELECT checkpoint FROM cosigned", &[])?.map(|mut row| row.take(0)).transpose()
}

/// Bytes of a blob in one row.
const PIECE: usize = 4 << 20;

/// Keeps a blob for whoever takes over on another machine. One that is there already is left alone.
pub fn insert_blob(tx: &Tx<'_>, hash: &Hash, blob: &[u8]) -> Stored<()> {
    let pieces = if blob.is_empty() { vec![blob] } else { blob.chunks(PIECE).collect() };
    for (at, piece) in pieces.into_iter().enumerate() {
        tx.execute("INSERT INTO blob VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", &values![hash, at as u64, piece])?;
    }
    Ok(())
}

pub fn blob_names(db: &dyn Database) -> Stored<Vec<Hash>> {
    let rows = db.query("SELECT hash FROM blob WHERE piece = 0 ORDER BY hash", &[])?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// All of a blob; nothing if it is not there.
pub fn blob(db: &dyn Database, hash: &Hash) -> Stored<Vec<u8>> {
    let mut blob = Vec::new();
    while let Some(mut row) =
        find(db, "SELECT bytes FROM blob WHERE hash = ?1 AND piece = ?2", &values![hash, (blob.len() / PIECE) as u64])?
    {
        let piece: Vec<u8> = row.take(0)?;
        blob.extend_from_slice(&piece);
        if piece.len() < PIECE {
            break;
        }
    }
    Ok(blob)
}
