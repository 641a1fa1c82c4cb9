//! The running list: who has voted online, in the numbers that the state's information system asks by. Spec: 17-xroad.

use super::value::values;
use super::{Database, Row, Stored, Tx, find, one};

/// Somebody as the state's lists have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Personal code, without `PNOEE-`.
    pub code: String,
    pub name: String,
    pub unit: String,
    pub district: String,
}

/// A record of the running list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningRow {
    /// From 1 on.
    pub number: u64,
    pub listed: Listed,
}

fn listed_row(row: &mut Row, at: usize) -> Stored<Listed> {
    Ok(Listed { code: row.take(at)?, name: row.take(at + 1)?, unit: row.take(at + 2)?, district: row.take(at + 3)? })
}

/// Somebody who stands on the lists now.
pub fn listed(db: &dyn Database, code: &str) -> Stored<Option<Listed>> {
    let row = find(db, "SELECT person_code, name, unit, district FROM list_voter WHERE person_code = ?1", &values![code])?;
    row.map(|mut row| listed_row(&mut row, 0)).transpose()
}

/// The entry of the log up to which, without it, ballots were looked at.
pub fn looked_at(db: &dyn Database) -> Stored<u64> {
    find(db, "SELECT entry FROM running_to", &[])?.map_or(Ok(0), |mut row| row.take(0))
}

/// Numbers these people in their order, and remembers how far the log was looked at (XROAD-8).
pub fn append_running(tx: &Tx<'_>, people: &[Listed], to: u64) -> Stored<()> {
    for (person, number) in people.iter().zip(last_running(&**tx)? + 1..) {
        let values = values![number, person.code.as_str(), person.name.as_str(), person.unit.as_str(), person.district.as_str()];
        tx.execute("INSERT INTO running VALUES (?1, ?2, ?3, ?4, ?5)", &values)?;
    }
    tx.execute("INSERT INTO running_to VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET entry = excluded.entry", &values![to])?;
    Ok(())
}

/// The last number; 0 before the first.
pub fn last_running(db: &dyn Database) -> Stored<u64> {
    one(db, "SELECT coalesce(max(number), 0) FROM running", &[])?.take(0)
}

/// Records from a number on, so many at most.
pub fn running(db: &dyn Database, from: u64, most: u64) -> Stored<Vec<RunningRow>> {
    let sql = "SELECT number, person_code, name, unit, district FROM running WHERE number >= ?1 ORDER BY number LIMIT ?2";
    let rows = db.query(sql, &values![from, most])?;
    rows.into_iter().map(|mut row| Ok(RunningRow { number: row.take(0)?, listed: listed_row(&mut row, 1)? })).collect()
}
