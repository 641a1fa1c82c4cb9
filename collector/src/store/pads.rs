//! Statements about the pads of second devices. Spec: 16-second-device, CHECK-5 to CHECK-8.

use super::{BUSY, Stored};
use ballot::Hash;
use ballot::second_device::Pad;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::time::Duration;

/// Keeps the pad of a ballot that is stored in the same transaction (CHECK-5). A token that is there already gets no second pad.
pub fn insert_pad(tx: &Connection, token: &Hash, pad: &Pad, ballot: &Hash) -> Stored<()> {
    let next = "SELECT ?1, ?2, coalesce((SELECT max(place) FROM check_pad), 0) + 1, 0, NULL";
    let sql = format!("INSERT OR IGNORE INTO check_window {next}");
    if tx.prepare_cached(&sql)?.execute(params![token, ballot])? == 1 {
        let sql = "INSERT INTO check_pad SELECT place, ?2 FROM check_window WHERE token = ?1";
        tx.prepare_cached(sql)?.execute(params![token, pad.0])?;
    }
    Ok(())
}

/// The ballot is in the log: its pad may be released until `ends` (CHECK-6).
pub fn open_window(tx: &Connection, ballot: &Hash, ends: u64) -> Stored<()> {
    tx.prepare_cached("UPDATE check_window SET ends = ?2 WHERE ballot = ?1")?.execute(params![ballot, ends as i64])?;
    Ok(())
}

/// A pad that may be released now.
#[derive(Debug)]
pub struct PadRow {
    pub pad: Pad,
    pub voter: Hash,
    pub released: u64,
    pub ends: u64,
}

/// The pad of a token, if it may be released at this time.
pub fn pad(db: &Connection, token: &Hash, now: u64) -> Stored<Option<PadRow>> {
    let sql = "SELECT pad, voter, released, ends FROM check_window JOIN check_pad USING (place) JOIN ballot ON ballot.hash = ballot
               WHERE token = ?1 AND ends > ?2";
    let row = |r: &Row<'_>| {
        let (released, ends): (i64, i64) = (r.get(2)?, r.get(3)?);
        Ok(PadRow { pad: Pad(r.get(0)?), voter: r.get(1)?, released: released as u64, ends: ends as u64 })
    };
    Ok(db.prepare_cached(sql)?.query_row(params![token, now as i64], row).optional()?)
}

/// Counts a release; with the last one the pad goes. True if it went.
pub fn count_release(tx: &Connection, token: &Hash, most: u64) -> Stored<bool> {
    tx.prepare_cached("UPDATE check_window SET released = released + 1 WHERE token = ?1")?.execute([token])?;
    Ok(erase(tx, "token = ?1 AND released >= ?2", params![token, most as i64])? > 0)
}

/// Erases the pads whose time is over, and says how many (CHECK-8).
pub fn erase_old_pads(tx: &Connection, now: u64) -> Stored<usize> {
    erase(tx, "ends <= ?1", params![now as i64])
}

/// True if a pad's time is over.
pub fn has_old_pads(db: &Connection, now: u64) -> Stored<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM check_window WHERE ends <= ?1")?.exists([now as i64])?)
}

fn erase(tx: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> Stored<usize> {
    let sql = format!("UPDATE check_pad SET pad = zeroblob(32) WHERE place IN (SELECT place FROM check_window WHERE {which})");
    tx.prepare_cached(&sql)?.execute(values)?;
    Ok(tx.prepare_cached(&format!("DELETE FROM check_window WHERE {which}"))?.execute(values)?)
}

/// Empties the write-ahead log, in which an erased pad would outlive its row (CHECK-8). False if somebody was reading: ask again.
pub fn empty_journal(db: &Connection) -> Stored<bool> {
    db.busy_timeout(Duration::from_millis(20))?;
    let busy: rusqlite::Result<i64> = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0));
    db.busy_timeout(BUSY)?;
    Ok(busy? == 0)
}
