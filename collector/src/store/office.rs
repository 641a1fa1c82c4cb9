//! Who may write: of several collectors on one PostgreSQL one at a time, and no other by mistake. Attack E08.
//!
//! The one at work holds a lock of the server as long as its session lives. The session ends with the process, with the machine, or when nothing was
//! heard of it for [`LEASE`]. Its transactions hold and compare the number in `sequencer`, which whoever takes over raises: so one that was
//! overtaken and wakes up gets no further than the beginning of a transaction.
//!
//! Connections are made before the number is raised, and never again; the process ends with the first that it loses. For a server that has started anew may
//! show a ballot that no standby has. Raising the number waits for the standbys, and what was committed before it is with them then.

use super::place::Office;
use super::postgres::Postgres;
use super::value::values;
use super::{Database, Readers, StoreError, Stored, begin, forget_lost_pads, is_older, manifest, migrate, one};
use ballot::encode::sha256;
use std::thread;
use std::time::Duration;

/// Connections that read.
const READERS: usize = 16;
/// How often one that stands by looks whether its turn has come.
const LOOK: Duration = Duration::from_millis(500);
/// Seconds of silence after which the server ends a session. The writer asks it something every two.
const LEASE: u64 = 30;

/// Waits for the office and takes it.
pub fn take(connect: &dyn Fn() -> Stored<Postgres>) -> Stored<Office> {
    let writer = connect()?;
    require_durable(&writer)?;
    let lock = lock_of(&writer)?;
    let mut waits = false;
    while !is_true(&writer, "SELECT pg_try_advisory_lock(?1)", lock)? {
        if !waits {
            tracing::info!("another collector is at work; standing by");
            waits = true;
        }
        thread::sleep(LOOK);
    }
    if is_older(&writer)? {
        migrate(&writer)?;
        tracing::info!("the tables were of an older version and are brought forward");
    }
    let lease = lease();
    writer.batch(&format!(
        "SET idle_session_timeout = '{lease}s'; SET idle_in_transaction_session_timeout = '{lease}s'; SET tcp_user_timeout = '{lease}s'"
    ))?;
    let mut readers: Vec<Box<dyn Database>> = Vec::new();
    for _ in 0..READERS {
        let reader = connect()?;
        if is_true(&reader, "SELECT pg_try_advisory_lock(?1)", lock)? {
            return Err(StoreError::Lost("two servers take writes: the lock that is held on one is free on the other".to_owned()));
        }
        reader.in_office.set(true);
        readers.push(Box::new(reader));
    }
    tracing::info!("taking over; this waits for the standbys");
    let tx = begin(&writer)?;
    tx.execute("UPDATE sequencer SET epoch = epoch + 1", &[])?;
    forget_lost_pads(&tx)?;
    let epoch: u64 = one(&*tx, "SELECT epoch FROM sequencer", &[])?.take(0)?;
    tx.commit()?;
    writer.epoch.set(Some(epoch));
    writer.in_office.set(true);
    tracing::info!("at work, the {epoch}th in office");
    Ok(Office { writer: Box::new(writer), readers: Readers::of(readers) })
}

/// The number of the lock: that of the election.
fn lock_of(db: &Postgres) -> Stored<i64> {
    let election = sha256(&manifest(db)?);
    Ok(i64::from_be_bytes(election.first_chunk().copied().unwrap_or_default()))
}

/// For a command that nobody may be at work beside.
pub fn alone(db: &Postgres) -> Stored<()> {
    if !is_true(db, "SELECT pg_try_advisory_lock(?1)", lock_of(db)?)? {
        return Err(StoreError::Failed("a collector is at work on it: end all of them first".to_owned()));
    }
    visit(db)
}

/// For a command that may write something small: not after a change of office that it has not seen.
pub fn visit(db: &Postgres) -> Stored<()> {
    db.epoch.set(Some(one(db, "SELECT epoch FROM sequencer", &[])?.take(0)?));
    Ok(())
}

/// A server that forgets cannot hold ballots.
fn require_durable(db: &Postgres) -> Stored<()> {
    let setting = |name: &str| -> Stored<String> { one(db, "SELECT current_setting(?1)", &values![name])?.take(0) };
    if setting("fsync")? != "on" {
        return Err(StoreError::Failed("its `fsync` is off: it would lose ballots with the machine".to_owned()));
    }
    if setting("synchronous_standby_names")?.is_empty() {
        tracing::warn!("PostgreSQL has no synchronous standby: a lost machine loses ballots that were promised");
    }
    Ok(())
}

fn is_true(db: &Postgres, sql: &str, value: i64) -> Stored<bool> {
    one(db, sql, &[super::Value::Int(value)])?.take(0)
}

#[cfg(not(debug_assertions))]
fn lease() -> u64 {
    LEASE
}

/// Tests cannot wait so long.
#[cfg(debug_assertions)]
fn lease() -> u64 {
    std::env::var("HAAL_LEASE").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(LEASE)
}
