//! What all threads of the server share.

use crate::data::DataDir;
use crate::evidence::Evidence;
use crate::limits::{self, Author, Pace};
use crate::login::{Forms, Nonces};
use crate::metrics::Metrics;
use crate::pulse::Pulse;
use crate::refusal::Refusal;
use crate::state::State;
use crate::store::{Database, Readers, StoreError};
use crate::writer::Job;
use ballot::Hash;
use ballot::manifest::Manifest;
use ed25519_dalek::SigningKey;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

/// The server's parts. `state` is owned by the writer; all others read it.
pub struct Collector {
    pub data: DataDir,
    pub manifest: Arc<Manifest>,
    pub key: SigningKey,
    pub evidence: Evidence,
    pub readers: Readers,
    pub nonces: Nonces,
    pub forms: Forms,
    pub ballot_pace: Pace<Hash>,
    pub post_pace: Pace<Author>,
    pub metrics: Metrics,
    pub pulse: Pulse,
    /// Orders that no member had signed, since the journal was last told (KEEP-1).
    pub strangers: AtomicU64,
    state: RwLock<State>,
    /// To the writer and to the publisher; nothing once the server ends.
    jobs: RwLock<Option<SyncSender<Job>>>,
    news: RwLock<Option<SyncSender<()>>>,
}

impl Collector {
    /// Gives the shared part, and the two ends for the threads of writer and publisher.
    pub fn new(
        data: DataDir,
        manifest: Arc<Manifest>,
        key: SigningKey,
        readers: Readers,
        evidence: Evidence,
        forms: Forms,
        state: State,
    ) -> prometheus::Result<(Arc<Self>, Receiver<Job>, Receiver<()>)> {
        let (jobs, to_writer) = sync_channel(1024);
        let (news, to_publisher) = sync_channel(1);
        let state = RwLock::new(state);
        let shared = Self {
            data,
            manifest,
            key,
            evidence,
            readers,
            nonces: Nonces::default(),
            forms,
            ballot_pace: limits::ballots(),
            post_pace: limits::posts(),
            metrics: Metrics::new()?,
            pulse: Pulse::default(),
            strangers: AtomicU64::new(0),
            state,
            jobs: RwLock::new(Some(jobs)),
            news: RwLock::new(Some(news)),
        };
        Ok((Arc::new(shared), to_writer, to_publisher))
    }

    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the writer, after a commit; the publisher sets the cosigned checkpoint.
    pub fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the publisher end.
    pub fn end_news(&self) {
        self.news.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Takes no more jobs: the writer ends when it has done those that wait.
    pub fn end_jobs(&self) {
        self.jobs.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Wakes the publisher, since the log has grown. If it is awake already, it will look again.
    pub fn announce(&self) {
        self.pulse.grew();
        if let Some(news) = self.news.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = news.try_send(());
        }
    }

    /// Gives the writer a job, and waits until it is committed or refused. `rule` names what is broken if it cannot be.
    pub fn write<T>(&self, rule: &'static str, job: impl FnOnce(SyncSender<Result<T, Refusal>>) -> Job) -> Result<T, Refusal> {
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner).clone();
        jobs.and_then(|jobs| jobs.send(job(reply)).ok()).ok_or_else(|| Refusal::unavailable(rule))?;
        answer.recv().unwrap_or_else(|_| Err(Refusal::unavailable(rule)))
    }

    /// Gives the writer a job without waiting; false if it has no room for one, or ends.
    pub fn offer(&self, job: Job) -> bool {
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner).clone();
        jobs.is_some_and(|jobs| jobs.try_send(job).is_ok())
    }

    /// Reads from the database.
    pub fn read<T>(&self, rule: &'static str, query: impl FnOnce(&dyn Database) -> Result<T, StoreError>) -> Result<T, Refusal> {
        self.readers.read(query).map_err(|error| {
            tracing::error!("cannot read: {error}");
            Refusal::unavailable(rule)
        })
    }
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Fresh random bytes of the operating system.
pub fn random() -> Result<[u8; 32], Refusal> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::new(503, "HTTP", "no randomness"))?;
    Ok(bytes)
}
