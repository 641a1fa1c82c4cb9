//! What every store must do, whatever it is made of.

#[path = "../../tests/all/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod suite;

use super::postgres::Postgres;
use super::tls::Connector;
use super::*;
use cluster::Cluster;
use rustls::RootCertStore;
use tempfile::TempDir;

/// The tables as version 1 made them, kept as they were.
const VERSION_1: &str = include_str!("tests/version_1.sql");

fn sqlite(folder: &TempDir) -> Sqlite {
    Sqlite::create(&folder.path().join("collector.db")).unwrap()
}

#[test]
fn sqlite_does_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let db = sqlite(&folder);
    let path = folder.path().join("collector.db");
    suite::all(&db, &|| Box::new(Sqlite::open(&path).unwrap()));
}

fn postgres(cluster: &Cluster) -> Postgres {
    Postgres::connect(&cluster.url().parse().unwrap(), Connector::new(RootCertStore::empty()).unwrap()).unwrap()
}

#[test]
fn postgresql_does_all_of_it() {
    let Some(cluster) = Cluster::start("postgresql_does_all_of_it", 1) else { return };
    let db = postgres(&cluster);
    suite::all(&db, &|| Box::new(postgres(&cluster)));
    a_spoilt_transaction_is_not_committed(&db);
    overtaken(&cluster, db);
    cut_off(&cluster);
}

/// After a statement has failed the server would answer COMMIT with a silent ROLLBACK.
fn a_spoilt_transaction_is_not_committed(db: &Postgres) {
    let tx = begin(db).unwrap();
    append(&tx, 9000, b"lost").unwrap();
    assert!(append(&tx, 9000, b"twice").is_err());
    assert!(tx.commit().is_err());
    assert!(entries(db, 9000, 9001).unwrap().is_empty());
}

/// E08: when the number was raised, a collector that had it before gets no further than BEGIN; nor can it be raised within a transaction.
fn overtaken(cluster: &Cluster, db: Postgres) {
    office::visit(&db).unwrap();
    let tx = begin(&db).unwrap();
    let other = postgres(cluster);
    other.batch("SET lock_timeout = '100ms'").unwrap();
    assert!(other.execute("UPDATE sequencer SET epoch = epoch + 1", &[]).is_err(), "it waits for the transaction");
    append(&tx, 9000, b"in time").unwrap();
    tx.commit().unwrap();
    other.execute("UPDATE sequencer SET epoch = epoch + 1", &[]).unwrap();
    assert!(matches!(begin(&db), Err(StoreError::Overtaken)));
    assert!(append(&Tx { db: &db, open: false }, 9001, b"too late").is_ok(), "the check is what stops it");
    office::visit(&db).unwrap();
    assert!(begin(&db).is_ok());
}

/// A connection that ends within a transaction has stored nothing; one that ends in COMMIT leaves it unknown.
fn cut_off(cluster: &Cluster) {
    let db = postgres(cluster);
    let pid: i64 = one(&db, "SELECT pg_backend_pid()", &[]).unwrap().take(0).unwrap();
    let tx = begin(&db).unwrap();
    append(&tx, 9100, b"cut").unwrap();
    cluster.sql(0, &format!("SELECT pg_terminate_backend({pid}, 5000)"));
    assert!(matches!(append(&tx, 9101, b"cut"), Err(StoreError::Lost(_))));
    drop(tx);
    assert!(matches!(begin(&db), Err(StoreError::Lost(_))));

    let db = postgres(cluster);
    let pid: i64 = one(&db, "SELECT pg_backend_pid()", &[]).unwrap().take(0).unwrap();
    let tx = begin(&db).unwrap();
    append(&tx, 9100, b"cut").unwrap();
    cluster.sql(0, &format!("SELECT pg_terminate_backend({pid}, 5000)"));
    assert!(matches!(tx.commit(), Err(StoreError::Unknown(_))));
}

/// What was there is there afterwards, in the tables of today; a second time there is nothing to do.
#[test]
fn an_older_database_is_brought_forward() {
    let folder = tempfile::tempdir().unwrap();
    let db = sqlite(&folder);
    db.make(VERSION_1).unwrap();
    let before = rusqlite::Connection::open(folder.path().join("collector.db")).unwrap();
    let kept = "INSERT INTO election VALUES (1, x'01'); INSERT INTO entry VALUES (0, x'02');
        INSERT INTO voter VALUES (zeroblob(32), 'PNOEE-1', zeroblob(32), 3)";
    before.execute_batch(kept).unwrap();
    drop(before);
    assert!(is_older(&db).unwrap());
    migrate(&db).unwrap();
    assert!(!is_older(&db).unwrap());
    migrate(&db).unwrap();
    assert_eq!((manifest(&db).unwrap(), entries(&db, 0, 9).unwrap()), (vec![1], vec![vec![2]]));
    assert_eq!(voter_by_code(&db, "PNOEE-1").unwrap().unwrap().district, 3);
    let fresh = tempfile::tempdir().unwrap();
    let fresh = sqlite(&fresh);
    found(&fresh, b"m", b"e").unwrap();
    let tables = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
    let read = |db: &Sqlite| db.query(tables, &[]).unwrap().into_iter().map(|mut row| row.take(0).unwrap()).collect::<Vec<String>>();
    assert_eq!(read(&db), read(&fresh), "brought forward or new: the same tables");
}

/// A migration that fails half-way has changed nothing.
#[test]
fn a_migration_is_whole_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let db = sqlite(&folder);
    db.make(VERSION_1).unwrap();
    db.make("INSERT INTO voter VALUES (x'01', 'a', x'', 0); DROP INDEX ballot_voter; CREATE TABLE sequencer (x INTEGER)").unwrap();
    assert!(migrate(&db).is_err(), "a table is in the way");
    assert!(!db.has_table("schema_version").unwrap() && is_older(&db).unwrap());
}

#[test]
fn a_later_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = sqlite(&folder);
    found(&db, b"m", b"e").unwrap();
    db.make("UPDATE schema_version SET version = 1000").unwrap();
    assert!(matches!(is_older(&db), Err(StoreError::Newer { found: 1000, .. })));
    assert!(matches!(migrate(&db), Err(StoreError::Newer { .. })));
}
