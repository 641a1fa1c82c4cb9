//! What is taken out of the box when the election is over. Spec: 11-record KEEP-4.

use super::value::{Cell, Value};
use super::{Database, StoreError, Stored, Tx, schema};
use ballot::Hash;
use sha2::{Digest, Sha256};

/// Tables that name persons, or link them with ballots.
pub const PERSONAL: [&str; 13] = [
    "voter",
    "list_voter",
    "envelope",
    "status",
    "stamp",
    "unstamped",
    "signing_key",
    "session",
    "check_window",
    "check_pad",
    "running",
    "data_use",
    "data_use_of",
];

/// Those of them whose rows could be guessed from a digest over them: they hold nothing random.
pub const GUESSABLE: [&str; 4] = ["list_voter", "running", "data_use", "data_use_of"];

/// The others: the public log and what belongs to it, pseudonyms, and what the office did.
#[cfg(test)]
pub const OTHERS: [&str; 13] = [
    "election",
    "entry",
    "pending",
    "ballot",
    "pad",
    "cosigned",
    "schema_version",
    "sequencer",
    "blob",
    "list",
    "prepared",
    "running_to",
    "journal",
];

/// Rows that are in memory at a time.
const PAGE: u64 = 64;

/// How many rows a table has, and SHA-256 over all of them by their key: a copy with the same rows gives the same.
pub fn digest_of(db: &dyn Database, table: &str) -> Stored<(u64, Hash)> {
    let key = schema::key_of(table).ok_or_else(|| StoreError::Failed(format!("there is no table {table}")))?;
    let (columns, place) = (key.join(", "), |at: usize| format!("?{at}"));
    let places: Vec<String> = (1..=key.len()).map(place).collect();
    let first = format!("SELECT * FROM {table} ORDER BY {columns} LIMIT ?1");
    let next =
        format!("SELECT * FROM {table} WHERE ({columns}) > ({}) ORDER BY {columns} LIMIT {}", places.join(", "), place(key.len() + 1));
    let (mut count, mut digest, mut after) = (0, Sha256::new(), Vec::<Cell>::new());
    loop {
        let most = Value::from(PAGE);
        let rows = match after.is_empty() {
            true => db.query(&first, &[most])?,
            false => db.query(&next, &after.iter().map(value).chain([most]).collect::<Vec<_>>())?,
        };
        let last = (rows.len() as u64) < PAGE;
        for row in rows {
            count += 1;
            row.0.iter().for_each(|cell| absorb(&mut digest, cell));
            after = row.0.into_iter().take(key.len()).collect();
        }
        if last {
            return Ok((count, digest.finalize().into()));
        }
    }
}

fn value(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Bytes(&[]),
        Cell::Int(n) => Value::Int(*n),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
        Cell::Text(text) => Value::Text(text),
    }
}

/// Type and length before what stands in it, so that no two tables give the same bytes.
fn absorb(digest: &mut Sha256, cell: &Cell) {
    let number;
    let (kind, bytes): (u8, &[u8]) = match cell {
        Cell::Null => (0, &[]),
        Cell::Int(n) => {
            number = n.to_be_bytes();
            (1, &number)
        }
        Cell::Bytes(bytes) => (2, bytes),
        Cell::Text(text) => (3, text.as_bytes()),
    };
    digest.update([kind]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

/// Takes the personal tables away and makes them anew, empty: with a table goes what a store has learnt about its columns.
pub fn empty_personal(tx: &Tx<'_>) -> Stored<()> {
    for table in PERSONAL {
        tx.make(&format!("DROP TABLE {table};"))?;
        tx.make(&schema::statements_of(table))?;
    }
    Ok(())
}

/// Takes every table away.
pub fn drop_all(tx: &Tx<'_>) -> Stored<()> {
    schema::tables().iter().try_for_each(|table| tx.make(&format!("DROP TABLE IF EXISTS {table};")))
}
