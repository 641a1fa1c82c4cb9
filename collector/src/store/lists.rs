//! The state's voter lists as far as they were taken (VIS3-EHS 3).

use super::value::values;
use super::{Database, Stored, Tx};
use crate::vis3::{Place, Record, Register};
use ballot::Hash;

/// A list that was applied, or skipped by an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    pub number: u64,
    pub skipped: bool,
    pub election: String,
    /// SHA-256 of the list, or of the order that skips it.
    pub file: Hash,
    /// SHA-256 of the key that has signed it.
    pub key: Hash,
    pub chain: Hash,
    /// Who has handed it in.
    pub officer: String,
    pub time: u64,
}

pub fn insert_list(tx: &Tx<'_>, row: &ListRow) -> Stored<()> {
    let (election, officer) = (row.election.as_str(), row.officer.as_str());
    let values = values![row.number, row.skipped, election, &row.file, &row.key, &row.chain, officer, row.time];
    tx.execute("INSERT INTO list VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &values)?;
    Ok(())
}

/// All lists by number.
pub fn lists(db: &dyn Database) -> Stored<Vec<ListRow>> {
    let sql = "SELECT number, skipped, election, file, key, chain, officer, time FROM list ORDER BY number";
    let rows = db.query(sql, &[])?.into_iter().map(|mut row| {
        Ok(ListRow {
            number: row.take(0)?,
            skipped: row.take(1)?,
            election: row.take(2)?,
            file: row.take(3)?,
            key: row.take(4)?,
            chain: row.take(5)?,
            officer: row.take(6)?,
            time: row.take(7)?,
        })
    });
    rows.collect()
}

/// Takes over the records of a list that was found good.
pub fn apply_records(tx: &Tx<'_>, records: &[Record]) -> Stored<()> {
    for record in records {
        match record {
            Record::Remove { code } => tx.execute("DELETE FROM list_voter WHERE person_code = ?1", &values![code.as_str()])?,
            Record::Add { code, name, unit, district } => {
                let values = values![code.as_str(), unit.as_str(), district.as_str(), name.as_str()];
                tx.execute("INSERT INTO list_voter VALUES (?1, ?2, ?3, ?4)", &values)?
            }
        };
    }
    Ok(())
}

/// Person codes of those who have cast a ballot, with the time of the first.
pub fn first_ballots(db: &dyn Database) -> Stored<Vec<(String, u64)>> {
    let sql = "SELECT person_code, min(accepted) FROM ballot JOIN envelope USING (hash) JOIN voter ON voter.pseudonym = ballot.voter
               WHERE challenged = 0 GROUP BY person_code ORDER BY person_code";
    db.query(sql, &[])?.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// Everybody whom the lists name.
pub fn register(db: &dyn Database) -> Stored<Register> {
    let rows = db.query("SELECT person_code, unit, district FROM list_voter", &[])?;
    let voters = rows.into_iter().map(|mut row| Ok((row.take(0)?, Place { unit: row.take(1)?, district: row.take(2)? })));
    Ok(Register(voters.collect::<Stored<_>>()?))
}
