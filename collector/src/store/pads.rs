//! Statements about the pads of second devices. Spec: 16-second-device, CHECK-5 to CHECK-8.

use super::value::values;
use super::{Database, Stored, Tx, Value, find, one};
use ballot::Hash;
use ballot::second_device::Pad;

/// Keeps the pad of a ballot that is stored in the same transaction (CHECK-5). A token that is there already gets no second pad.
pub fn insert_pad(tx: &Tx<'_>, token: &Hash, pad: &Pad, ballot: &Hash) -> Stored<()> {
    let place: u64 = one(&**tx, "SELECT coalesce(max(place), 0) + 1 FROM check_pad", &[])?.take(0)?;
    let sql = "INSERT INTO check_window VALUES (?1, ?2, ?3, 0, NULL) ON CONFLICT DO NOTHING";
    if tx.execute(sql, &values![token, ballot, place])? == 1 {
        tx.execute("INSERT INTO check_pad VALUES (?1, ?2)", &values![place, &pad.0])?;
    }
    Ok(())
}

/// The ballot is in the log: its pad may be released until `ends` (CHECK-6).
pub fn open_window(tx: &Tx<'_>, ballot: &Hash, ends: u64) -> Stored<()> {
    tx.execute("UPDATE check_window SET ends = ?2 WHERE ballot = ?1", &values![ballot, ends])?;
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
pub fn pad(db: &dyn Database, token: &Hash, now: u64) -> Stored<Option<PadRow>> {
    let sql =
        "SELECT pad, voter, released, ends FROM check_window JOIN check_pad USING (place) JOIN ballot ON ballot.hash = check_window.ballot
               WHERE token = ?1 AND ends > ?2";
    let row = find(db, sql, &values![token, now])?;
    row.map(|mut row| Ok(PadRow { pad: Pad(row.take(0)?), voter: row.take(1)?, released: row.take(2)?, ends: row.take(3)? })).transpose()
}

/// Counts a release; with the last one the pad goes. True if it went.
pub fn count_release(tx: &Tx<'_>, token: &Hash, most: u64) -> Stored<bool> {
    tx.execute("UPDATE check_window SET released = released + 1 WHERE token = ?1", &values![token])?;
    Ok(erase(tx, "token = ?1 AND released >= ?2", &values![token, most])? > 0)
}

/// Erases the pads whose time is over, and says how many (CHECK-8).
pub fn erase_old_pads(tx: &Tx<'_>, now: u64) -> Stored<u64> {
    erase(tx, "ends <= ?1", &values![now])
}

/// Closes the windows of pads that a failure of the server took away, before their places are given out again.
pub fn forget_lost_pads(tx: &Tx<'_>) -> Stored<()> {
    tx.execute("DELETE FROM check_window WHERE NOT EXISTS (SELECT 1 FROM check_pad WHERE check_pad.place = check_window.place)", &[])?;
    Ok(())
}

/// True if a pad's time is over.
pub fn has_old_pads(db: &dyn Database, now: u64) -> Stored<bool> {
    Ok(find(db, "SELECT 1 FROM check_window WHERE ends <= ?1 LIMIT 1", &values![now])?.is_some())
}

/// Zeros in the place of the pads, then the rows that lead to them.
fn erase(tx: &Tx<'_>, which: &str, values: &[Value<'_>]) -> Stored<u64> {
    let places = tx.query(&format!("SELECT place FROM check_window WHERE {which}"), values)?;
    for mut row in places {
        let place: u64 = row.take(0)?;
        tx.execute("UPDATE check_pad SET pad = ?2 WHERE place = ?1", &values![place, &[0; 32]])?;
    }
    tx.execute(&format!("DELETE FROM check_window WHERE {which}"), values)
}
