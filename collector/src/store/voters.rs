//! Who may vote, and who is logged in. Spec: 07-casting LOGIN, ROLL.

use super::value::values;
use super::{Database, Row, Stored, Tx, find};
use ballot::Hash;

/// The opening of a pseudonym, and the district in which it was first imported; where it votes now the log says.
#[derive(Clone, Debug)]
pub struct VoterRow {
    pub pseudonym: Hash,
    pub person_code: String,
    pub blinding: [u8; 32],
    pub district: u16,
}

fn voter_row(mut row: Row) -> Stored<VoterRow> {
    Ok(VoterRow { pseudonym: row.take(0)?, person_code: row.take(1)?, blinding: row.take(2)?, district: row.take(3)? })
}

/// Puts these voters in the place of all others.
pub fn replace_voters(tx: &Tx<'_>, voters: &[VoterRow]) -> Stored<()> {
    tx.execute("DELETE FROM voter", &[])?;
    insert_voters(tx, voters)
}

/// Adds the openings of others.
pub fn insert_voters(tx: &Tx<'_>, voters: &[VoterRow]) -> Stored<()> {
    for v in voters {
        let values = values![&v.pseudonym, v.person_code.as_str(), &v.blinding, v.district];
        tx.execute("INSERT INTO voter VALUES (?1, ?2, ?3, ?4)", &values)?;
    }
    Ok(())
}

/// Remembers the root of the roll that was prepared for the committee.
pub fn set_prepared(tx: &Tx<'_>, root: &Hash) -> Stored<()> {
    tx.execute("INSERT INTO prepared VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET root = excluded.root", &values![root])?;
    Ok(())
}

/// That root; nothing if nothing was prepared since there is this table.
pub fn prepared(db: &dyn Database) -> Stored<Option<Hash>> {
    find(db, "SELECT root FROM prepared", &[])?.map(|mut row| row.take(0)).transpose()
}

pub fn voter_by_code(db: &dyn Database, person_code: &str) -> Stored<Option<VoterRow>> {
    let row = find(db, "SELECT pseudonym, person_code, blinding, district FROM voter WHERE person_code = ?1", &values![person_code])?;
    let row = row.map(voter_row).transpose()?;
    Ok(row.filter(|v| v.person_code == person_code)) // an index may ignore case, a person code does not
}

pub fn voter(db: &dyn Database, pseudonym: &Hash) -> Stored<Option<VoterRow>> {
    let row = find(db, "SELECT pseudonym, person_code, blinding, district FROM voter WHERE pseudonym = ?1", &values![pseudonym])?;
    row.map(voter_row).transpose()
}

/// All voters by pseudonym.
pub fn voters(db: &dyn Database) -> Stored<Vec<VoterRow>> {
    let rows = db.query("SELECT pseudonym, person_code, blinding, district FROM voter ORDER BY pseudonym", &[])?;
    rows.into_iter().map(voter_row).collect()
}

/// A session; `early` if it began before *last-login*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub voter: Hash,
    pub ends: u64,
    pub early: bool,
}

pub fn insert_session(tx: &Tx<'_>, token_hash: &Hash, row: &SessionRow, now: u64) -> Stored<()> {
    tx.execute("DELETE FROM session WHERE ends < ?1", &values![now])?;
    tx.execute("INSERT INTO session VALUES (?1, ?2, ?3, ?4)", &values![token_hash, &row.voter, row.ends, row.early])?;
    Ok(())
}

pub fn session(db: &dyn Database, token_hash: &Hash) -> Stored<Option<SessionRow>> {
    let row = find(db, "SELECT voter, ends, early FROM session WHERE token = ?1", &values![token_hash])?;
    row.map(|mut row| Ok(SessionRow { voter: row.take(0)?, ends: row.take(1)?, early: row.take(2)? })).transpose()
}
