//! What every store must do, whatever it is made of.

#[path = "../../../tests/src/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod suite;

use super::postgres::Postgres;
use super::tls::Connector;
use super::*;
use ballot::second_device::Pad;
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
    Postgres::connect(&format!("{}?sslmode=disable", cluster.url()).parse().unwrap(), Connector::new(RootCertStore::empty()).unwrap())
        .unwrap()
}

#[test]
fn postgresql_does_all_of_it() {
    let Some(cluster) = Cluster::start("postgresql_does_all_of_it", 1) else { return };
    let db = postgres(&cluster);
    suite::all(&db, &|| Box::new(postgres(&cluster)));
    a_spoilt_transaction_is_not_committed(&db);
    overtaken(&cluster, db);
    cut_off(&cluster);
    lost_pads(&cluster);
    two_primaries(&cluster);
    encrypted(&cluster);
    forgetful(&cluster);
}

/// Readers that reach another server than the writer would show what nobody has confirmed.
fn two_primaries(cluster: &Cluster) {
    cluster.sql(0, "CREATE DATABASE other");
    let other = || {
        let url = format!("{}other", cluster.url().strip_suffix("postgres").unwrap());
        Postgres::connect(&url.parse().unwrap(), Connector::new(RootCertStore::empty()).unwrap()).unwrap()
    };
    found(&other(), &manifest(&postgres(cluster)).unwrap(), b"entry 0").unwrap();
    let count = std::cell::Cell::new(0);
    let connect = || {
        count.set(count.get() + 1);
        Ok(if count.get() == 1 { postgres(cluster) } else { other() })
    };
    let said = office::take(&connect).err().unwrap().to_string();
    assert!(said.contains("two servers take writes"), "{said}");
}

/// A server that may forget what it has confirmed gets no ballot.
fn forgetful(cluster: &Cluster) {
    cluster.sql(0, "ALTER SYSTEM SET fsync = off");
    cluster.sql(0, "SELECT pg_reload_conf()");
    cluster.until(0, "SELECT setting FROM pg_settings WHERE name = 'fsync'", "off");
    let said = office::take(&|| Ok(postgres(cluster))).err().unwrap().to_string();
    assert!(said.contains("`fsync` is off"), "{said}");
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

/// Pads are in no journal. Who takes office after a failure that emptied their table gives no old token another ballot's pad.
fn lost_pads(cluster: &Cluster) {
    let db = postgres(cluster);
    let written = b"32 bytes that nobody else writes";
    let tx = begin(&db).unwrap();
    insert_pad(&tx, &[77; 32], &Pad(*written), &[77; 32]).unwrap();
    open_window(&tx, &[77; 32], 1000).unwrap();
    tx.commit().unwrap();
    let words = std::str::from_utf8(written).unwrap();
    cluster.again(0); // until then the pad is in memory alone
    let db = postgres(cluster);
    let files = cluster.files_with(0, words);
    assert!(files.contains("/base/") && !files.contains("pg_wal"), "in its table alone: {files}");
    let tx = begin(&db).unwrap();
    assert_eq!(erase_old_pads(&tx, 1000).unwrap(), 1);
    tx.commit().unwrap();
    assert!(db.empty_journal().unwrap());
    cluster.again(0);
    assert_eq!(cluster.files_with(0, words), "", "CHECK-8");

    assert_eq!(cluster.sql(0, "SELECT relpersistence::text FROM pg_class WHERE relname = 'check_pad'"), "u");
    let token = |n: u8| [n; 32];
    let keep = |db: &dyn Database, n: u8, ballot: u8| {
        let tx = begin(db).unwrap();
        insert_pad(&tx, &token(n), &Pad([n; 32]), &[ballot; 32]).unwrap();
        open_window(&tx, &[ballot; 32], 9_000_000_000).unwrap();
        tx.commit().unwrap();
    };
    let db = postgres(cluster);
    db.execute("DELETE FROM check_window", &[]).unwrap();
    db.execute("DELETE FROM check_pad", &[]).unwrap();
    keep(&db, 41, 1);
    assert!(pad(&db, &token(41), 1000).unwrap().is_some());
    db.execute("DELETE FROM check_pad", &[]).unwrap(); // as after a crash
    let office = office::take(&|| Ok(postgres(cluster))).unwrap();
    keep(&*office.writer, 42, 2);
    assert_eq!(pad(&db, &token(42), 1000).unwrap().unwrap().pad.0, [42; 32]);
    assert!(pad(&db, &token(41), 1000).unwrap().is_none(), "its place is another's now");
    assert!(office.readers.read(|db| pad(db, &token(42), 1000)).unwrap().is_some());
}

#[derive(clap::Parser)]
struct Words {
    #[command(flatten)]
    place: Place,
}

fn place(url: &str, ca: Option<&str>) -> Place {
    let words = ["x", "--store", url].into_iter().chain(ca.into_iter().flat_map(|file| ["--store-ca", file]));
    <Words as clap::Parser>::parse_from(words).place
}

/// TLS to the server: with an authority that was named, for the name in the URL; never without on the way to another machine.
fn encrypted(cluster: &Cluster) {
    let made = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let (own, other) = (made("localhost"), made("localhost"));
    cluster.encrypt(&own.cert.pem(), &own.signing_key.serialize_pem());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (right, wrong) = (file("right.pem", own.cert.pem()), file("wrong.pem", other.cert.pem()));
    let is_encrypted = |url: &str, ca: Option<&str>| -> anyhow::Result<bool> {
        let db = place(url, ca).server()?.unwrap();
        Ok(one(&*db, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[])?.take(0)?)
    };
    let url = cluster.url().replace("127.0.0.1", "localhost");
    assert!(is_encrypted(&url, Some(&right)).unwrap());
    assert!(is_encrypted(&url, Some(&wrong)).is_err(), "an authority that nobody named");
    assert!(is_encrypted(&cluster.url(), Some(&right)).is_err(), "the certificate is not for this name");
    assert!(!is_encrypted(&url, None).unwrap(), "on this machine");
    let away = "postgres://haal@db.example/haal";
    let said = |url: &str| place(url, None).server().err().unwrap().to_string();
    assert!(said(away).contains("--store-ca") && said("mysql://x/y").contains("postgres://"));
    assert!(!said("postgres://haal:canary@[").contains("canary"), "no password in a message");
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
