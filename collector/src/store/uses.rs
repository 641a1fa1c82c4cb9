//! What was done with persons' data, for the data tracker. Spec: 17-xroad USAGE.

use super::value::values;
use super::{Database, Stored, Tx, find, one};

/// Something that was done with persons' data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// As the person reads it.
    pub action: String,
    /// Registry code of who received the data; empty for the office itself.
    pub receiver: String,
    pub system: String,
    /// Person codes; nothing if it concerns everybody (USAGE-2).
    pub persons: Option<Vec<String>>,
}

impl Use {
    /// Of the data of everybody.
    pub fn of_all(action: &str, receiver: &str, system: &str) -> Self {
        Self { action: action.to_owned(), receiver: receiver.to_owned(), system: system.to_owned(), persons: None }
    }

    /// Of these people's data, at the office itself.
    pub fn of(action: String, persons: Vec<String>) -> Self {
        Self { action, receiver: String::new(), system: "EHS".to_owned(), persons: Some(persons) }
    }
}

pub fn insert_use(tx: &Tx<'_>, used: &Use, time: u64) -> Stored<()> {
    let number: u64 = one(&**tx, "SELECT coalesce(max(number), 0) + 1 FROM data_use", &[])?.take(0)?;
    let (action, receiver, system) = (used.action.as_str(), used.receiver.as_str(), used.system.as_str());
    let values = values![number, time, action, receiver, system, used.persons.is_none()];
    tx.execute("INSERT INTO data_use VALUES (?1, ?2, ?3, ?4, ?5, ?6)", &values)?;
    for person in used.persons.iter().flatten() {
        tx.execute("INSERT INTO data_use_of VALUES (?1, ?2) ON CONFLICT DO NOTHING", &values![person.as_str(), number])?;
    }
    Ok(())
}

/// True if the same was done with everybody's data since then.
pub fn was_used(db: &dyn Database, used: &Use, since: u64) -> Stored<bool> {
    let (action, receiver, system) = (used.action.as_str(), used.receiver.as_str(), used.system.as_str());
    let sql = "SELECT 1 FROM data_use WHERE everybody = 1 AND time > ?1 AND action = ?2 AND receiver = ?3 AND system = ?4 LIMIT 1";
    Ok(find(db, sql, &values![since, action, receiver, system])?.is_some())
}

/// A use with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseRow {
    pub time: u64,
    pub action: String,
    pub receiver: String,
    pub system: String,
}

/// Some of a person's uses, newest first, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    pub total: u64,
    pub uses: Vec<UseRow>,
}

/// Which uses concern the person `?1`, between two times: those that name it, and of those for everybody what came after the first of them.
const CONCERNS: &str = "FROM data_use WHERE time >= ?2 AND time <= ?3 AND (
    EXISTS (SELECT 1 FROM data_use_of WHERE person_code = ?1 AND data_use_of.number = data_use.number)
    OR everybody = 1 AND EXISTS (SELECT 1 FROM data_use_of WHERE person_code = ?1 AND data_use_of.number < data_use.number))";

/// Times are included.
pub fn uses_of(db: &dyn Database, person: &str, (from, to): (u64, u64), (offset, limit): (u64, u64)) -> Stored<Uses> {
    let total = one(db, &format!("SELECT count(*) {CONCERNS}"), &values![person, from, to])?.take(0)?;
    let sql = format!("SELECT time, action, receiver, system {CONCERNS} ORDER BY number DESC LIMIT ?4 OFFSET ?5");
    let rows = db
        .query(&sql, &values![person, from, to, limit, offset])?
        .into_iter()
        .map(|mut row| Ok(UseRow { time: row.take(0)?, action: row.take(1)?, receiver: row.take(2)?, system: row.take(3)? }));
    Ok(Uses { total, uses: rows.collect::<Stored<_>>()? })
}

/// When the first use was recorded.
pub fn first_use(db: &dyn Database) -> Stored<Option<u64>> {
    one(db, "SELECT min(time) FROM data_use", &[])?.take(0)
}
