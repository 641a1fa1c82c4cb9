//! The tables, by version, and how an older database is brought forward. Each table has one sentence on what someone could do who can write to
//! it but has no keys; they hold for every store.
//!
//! A version that was once released is never edited: what is to change comes as another one.

use super::value::values;
use super::{Database, StoreError, Stored, Tx, append, begin, one};

/// What each version adds to the one before, the first at the top. SQLite's words; other stores have their own for the types.
const VERSIONS: [&str; 6] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6];

const VERSION_1: &str = "
-- The manifest. Whoever changes it stops the server at its next start, since its hash stands in entry 0.
CREATE TABLE election (one INTEGER PRIMARY KEY CHECK (one = 1), manifest BLOB NOT NULL) STRICT;

-- The log. Whoever changes a published row stops the server, since the checkpoint that witnesses have signed no longer fits.
CREATE TABLE entry (position INTEGER PRIMARY KEY CHECK (position >= 0), bytes BLOB NOT NULL) STRICT;

-- Log entries of ballots that are promised and not yet in the log. Whoever deletes one breaks a promise that its voter holds
-- signed, and whoever adds one publishes a ballot without evidence; auditors see the first by complaint and the second by EVID-2.
CREATE TABLE pending (hash BLOB PRIMARY KEY, entry BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;

-- What was accepted under which pseudonym. Whoever changes it can refuse voters, or let a chain break that the verifier checks.
CREATE TABLE ballot (
    hash BLOB PRIMARY KEY, voter BLOB NOT NULL, number INTEGER NOT NULL, challenged INTEGER NOT NULL CHECK (challenged IN (0, 1)),
    promise BLOB NOT NULL, position INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ballot_number ON ballot (voter, number) WHERE challenged = 0;
CREATE INDEX ballot_voter ON ballot (voter);

-- Every A that was seen. Whoever deletes rows lets a copied encryption in, which the verifier reports (BAL-6).
CREATE TABLE pad (a BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- RESTRICTED, names persons: the signed containers. Whoever reads it learns who voted; whoever changes it spoils evidence, which
-- auditors see, because the log holds its hash.
CREATE TABLE envelope (hash BLOB PRIMARY KEY, container BLOB NOT NULL, salt BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;

-- RESTRICTED, names persons: what the OCSP responder said of a ballot's certificate, and the time stamp of its entry, as received. Whoever
-- changes one spoils evidence, which auditors see, because both are signed.
CREATE TABLE status (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;
CREATE TABLE stamp (hash BLOB PRIMARY KEY, answer BLOB NOT NULL) STRICT;

-- Ballots whose entry is not time-stamped yet. Whoever deletes a row leaves a ballot without stamp, which auditors see (EVID-2).
CREATE TABLE unstamped (hash BLOB PRIMARY KEY, imprint BLOB NOT NULL, accepted INTEGER NOT NULL) STRICT;
CREATE INDEX unstamped_accepted ON unstamped (accepted);

-- Which key signs for which pseudonym. Whoever deletes rows lets one key sign for two people, which auditors see (EVID-4); whoever adds
-- one can refuse a voter.
CREATE TABLE signing_key (key BLOB PRIMARY KEY, voter BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- RESTRICTED, names persons: who is behind a pseudonym. Whoever reads it can name the voters of a public record; whoever changes it
-- can exclude a person, but not vote, because ballots need the person's own signature in the evidence.
CREATE TABLE voter (
    pseudonym BLOB PRIMARY KEY, person_code TEXT NOT NULL UNIQUE COLLATE NOCASE, blinding BLOB NOT NULL, district INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions by the hash of their token. Whoever adds a row can ask as that voter, but not vote: a ballot needs the eID.
CREATE TABLE session (token BLOB PRIMARY KEY, voter BLOB NOT NULL, ends INTEGER NOT NULL, early INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX session_ends ON session (ends);

-- RESTRICTED: what opens voters' codes for second devices (16-second-device). Whoever reads a pad and has seen the code of its ballot
-- knows that vote; whoever changes one makes the voter's check fail. A pad is erased in place, by zeros of its own length: the row stays
-- where it is, so no copy of a living pad is left behind when the table is rearranged.
CREATE TABLE check_pad (place INTEGER PRIMARY KEY, pad BLOB NOT NULL CHECK (length(pad) = 32)) STRICT;

-- Which pad belongs to which token and ballot, how often it was released, and until when it may be (nothing before the ballot is in the
-- log). Whoever changes it can let an old code be opened as long as its pad is there, or spoil a check.
CREATE TABLE check_window (
    token BLOB PRIMARY KEY, ballot BLOB NOT NULL UNIQUE, place INTEGER NOT NULL, released INTEGER NOT NULL, ends INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX check_window_ends ON check_window (ends);

-- The last checkpoint with a quorum of cosignatures. It is verified whenever it is read.
CREATE TABLE cosigned (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT NOT NULL) STRICT;
";

const VERSION_2: &str = "
-- Which of these versions the tables are of. Whoever changes it stops the server at its next start, because tables are missing or there.
CREATE TABLE schema_version (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT;

-- How often a collector has taken over the writing (see `office`). Whoever changes it makes the one at work end; nothing is lost.
CREATE TABLE sequencer (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT;
INSERT INTO sequencer VALUES (1, 0);

-- Blobs of orders and posts in pieces, for the machine that takes over; a store in the data folder leaves them to DIR/record and this empty.
-- Whoever changes one stops the server at its next start, since its hash stands in the log.
CREATE TABLE blob (hash BLOB NOT NULL, piece INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (hash, piece)) STRICT;

CREATE UNIQUE INDEX voter_any_case ON voter (lower(person_code));
";

const VERSION_3: &str = "
-- RESTRICTED, names persons: who may vote where by the state's voter lists. Whoever changes it changes the next roll, which the committee
-- signs, and auditors who have the lists see it.
CREATE TABLE list_voter (person_code TEXT PRIMARY KEY, unit TEXT NOT NULL, district TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Which lists were applied or skipped, who handed them in, and the hash chain over them. Whoever changes a row breaks the chain, and no list is
-- taken any more; whoever adds one lets the next list be refused.
CREATE TABLE list (
    number INTEGER PRIMARY KEY, skipped INTEGER NOT NULL CHECK (skipped IN (0, 1)), election TEXT NOT NULL, file BLOB NOT NULL,
    key BLOB NOT NULL, chain BLOB NOT NULL, officer TEXT NOT NULL, time INTEGER NOT NULL
) STRICT;
";

const VERSION_4: &str = "
-- Root of the roll that the last import or change set gives, once the committee orders it. Whoever changes it can keep voting from being opened
-- (GATE-5), and no more.
CREATE TABLE prepared (one INTEGER PRIMARY KEY CHECK (one = 1), root BLOB NOT NULL) STRICT;
";

const VERSION_5: &str = "
-- RESTRICTED, names persons: what the running list has told the state's information system (17-xroad). Whoever changes it tells polling stations
-- something else; the final list, made from the ballots, counts.
CREATE TABLE running (
    number INTEGER PRIMARY KEY, person_code TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, district TEXT NOT NULL
) STRICT;

-- Up to which entry the log was looked at for it. Whoever changes it lets voters be missing from the running list, or stand there twice.
CREATE TABLE running_to (one INTEGER PRIMARY KEY CHECK (one = 1), entry INTEGER NOT NULL) STRICT;

-- Names are passed on with the running list, and nothing rests on them.
ALTER TABLE list_voter ADD COLUMN name TEXT NOT NULL DEFAULT '';

-- What the office did with persons' data, and with whose if not with everybody's: RESTRICTED, names persons. Whoever deletes a row hides a use
-- from those whom it concerns.
CREATE TABLE data_use (
    number INTEGER PRIMARY KEY, time INTEGER NOT NULL, action TEXT NOT NULL, receiver TEXT NOT NULL, system TEXT NOT NULL,
    everybody INTEGER NOT NULL CHECK (everybody IN (0, 1))
) STRICT;
CREATE TABLE data_use_of (person_code TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (person_code, number)) STRICT, WITHOUT ROWID;
";

const VERSION_6: &str = "
-- What was ordered and refused, and what the operator did (KEEP-1, KEEP-2). Whoever changes or removes a line breaks the chain; whoever removes the
-- last ones leaves it whole, and is found by anybody who has noted a later head.
CREATE TABLE journal (number INTEGER PRIMARY KEY CHECK (number > 0), line TEXT NOT NULL, link BLOB NOT NULL) STRICT;
";

/// Forgets what opens codes for second devices.
pub(super) const WITHOUT_PADS: &str = "DELETE FROM check_pad; DELETE FROM check_window;";

/// The statements of all versions, without comments.
fn statements() -> impl Iterator<Item = String> {
    let plain = |version: &str| version.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    VERSIONS.into_iter().flat_map(move |version| plain(version).split(';').map(|one| one.trim().to_owned()).collect::<Vec<_>>())
}

/// The table that a statement makes, and what stands in the parentheses.
fn table_of(statement: &str) -> Option<(&str, &str)> {
    statement.strip_prefix("CREATE TABLE ")?.split_once(" (")
}

/// All tables, the oldest first.
pub(super) fn tables() -> Vec<String> {
    statements().filter_map(|one| Some(table_of(&one)?.0.to_owned())).collect()
}

/// What makes a table, with its indexes and later columns.
pub(super) fn statements_of(table: &str) -> String {
    let (index, column) = (format!(" ON {table} ("), format!("ALTER TABLE {table} "));
    let is_its = |one: &String| {
        let makes = table_of(one).is_some_and(|(name, _)| name == table);
        makes || one.starts_with(&column) || (one.contains("INDEX") && one.contains(&index))
    };
    statements().filter(is_its).map(|one| one + ";\n").collect()
}

/// The key of a table; its columns are the first ones.
pub(super) fn key_of(table: &str) -> Option<Vec<String>> {
    let of = |one: &String| {
        let (_, columns) = table_of(one).filter(|(name, _)| *name == table)?;
        let key = match columns.split_once("PRIMARY KEY (") {
            Some((_, key)) => key.split(')').next()?.split(", ").map(str::to_owned).collect(),
            None => vec![columns.split_whitespace().next()?.to_owned()],
        };
        Some(key)
    };
    statements().find_map(|one| of(&one))
}

fn latest() -> u64 {
    VERSIONS.len() as u64
}

/// 0 if there are no tables yet.
fn version(db: &dyn Database) -> Stored<u64> {
    if db.has_table("schema_version")? {
        return one(db, "SELECT version FROM schema_version", &[])?.take(0);
    }
    Ok(u64::from(db.has_table("election")?)) // version 1 did not say so
}

/// True if the tables must be brought forward first. Tables of a later version are refused.
pub fn is_older(db: &dyn Database) -> Stored<bool> {
    let found = version(db)?;
    if found > latest() {
        return Err(StoreError::Newer { found, known: latest() });
    }
    Ok(found < latest())
}

/// Brings the tables forward, in one transaction. Only who is alone with the database may do so.
pub fn migrate(db: &dyn Database) -> Stored<()> {
    if version(db)? == 0 {
        return Err(StoreError::Failed("it holds no election; `collector init` makes one".to_owned()));
    }
    let tx = begin(db)?;
    bring_forward(&tx)?;
    tx.commit()
}

/// Makes the tables of an election with its manifest and entry 0, in one transaction.
pub fn found(db: &dyn Database, manifest: &[u8], entry: &[u8]) -> Stored<()> {
    let tx = begin(db)?;
    bring_forward(&tx)?;
    tx.execute("INSERT INTO election VALUES (1, ?1)", &values![manifest])?;
    append(&tx, 0, entry)?;
    tx.commit()
}

fn bring_forward(tx: &Tx<'_>) -> Stored<()> {
    if !is_older(&**tx)? {
        return Ok(());
    }
    let found = usize::try_from(version(&**tx)?).unwrap_or(usize::MAX);
    VERSIONS.iter().skip(found).try_for_each(|tables| tx.make(tables))?;
    let sql = "INSERT INTO schema_version VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET version = excluded.version";
    tx.execute(sql, &values![latest()])?;
    Ok(())
}
