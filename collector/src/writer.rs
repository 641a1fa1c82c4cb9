//! The one thread that writes: group commit of ballots and sessions, batches, orders and posts. Spec: 07 CAST-9, 08, 13 HTTP-4.
//!
//! It owns the writing connection and is alone in changing [`State`], always after a commit. A commit whose
//! outcome is unknown ends the process; the start finds out what is on the disk.

use crate::collector::{Collector, now};
use crate::crash;
use crate::intake::{Checked, Sequenced};
use crate::journal::{Kept, Refused};
use crate::orders::Submission;
use crate::refusal::Refusal;
use crate::second_device::{self, Release};
use crate::state::State;
use crate::store::{self, Database, SessionRow, StoreError, Tx, Use};
use crate::xroad::Growth;
use ballot::Hash;
use board::Phase;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

type Reply<T> = SyncSender<Result<T, Refusal>>;

/// What is to be written.
pub enum Job {
    Ballot {
        checked: Box<Checked>,
        reply: Reply<Sequenced>,
    },
    Session {
        token: Hash,
        session: SessionRow,
        reply: Reply<()>,
    },
    Submit {
        submission: Submission,
        reply: Reply<u64>,
    },
    Cosigned {
        text: String,
        reply: Reply<()>,
    },
    Stamped {
        ballot: Hash,
        answer: Vec<u8>,
        reply: Reply<()>,
    },
    Release {
        token: Hash,
        reply: Reply<Release>,
    },
    Use {
        used: Use,
        reply: Reply<()>,
    },
    /// An order for the journal.
    Refused {
        refused: Box<Refused>,
        reply: Reply<()>,
    },
    /// Shows that the writer is at work.
    Pulse {
        reply: Reply<()>,
    },
}

/// Most jobs that share one commit.
const GROUP: usize = 512;

/// The writer. `waited` says that the last tick left a small batch for one more interval.
pub struct Writer {
    pub(crate) collector: Arc<Collector>,
    pub(crate) db: Box<dyn Database>,
    pub(crate) waited: bool,
    /// The write-ahead log may still hold pads that were erased.
    pub(crate) erased: bool,
    kept: Kept,
    /// Whether there is a running list, and how it grows.
    pub(crate) growth: Option<Growth>,
    /// Size of the log, and whether voting had ended, when the running list was last looked after.
    pub(crate) listed: Option<(u64, bool)>,
}

impl Writer {
    pub fn new(collector: Arc<Collector>, db: Box<dyn Database>, growth: Option<Growth>) -> Result<Self, StoreError> {
        let kept = Kept::load(&*db)?;
        Ok(Self { collector, db, waited: false, erased: true, kept, growth, listed: None })
    }

    /// Works until nobody can send jobs any more; then gives the connection back.
    pub fn run(mut self, jobs: &Receiver<Job>) -> Box<dyn Database> {
        let interval = Duration::from_secs(self.collector.manifest.description().board.batch_seconds);
        let mut tick = Instant::now() + interval;
        let mut sweep = Instant::now();
        loop {
            if Instant::now() >= sweep {
                self.sweep();
                sweep = Instant::now() + second_device::SWEEP;
            }
            match jobs.recv_timeout(tick.min(sweep).saturating_duration_since(Instant::now())) {
                Ok(job) => {
                    let mut group = vec![job];
                    group.extend(jobs.try_iter().take(GROUP - 1));
                    self.work(group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.kept.count(&*self.db, &self.collector, true);
                    return self.db;
                }
            }
            if Instant::now() >= tick {
                self.collector.clone().metrics.step("batch", || self.tick());
                self.list();
                tick = (tick + interval).max(Instant::now());
                self.kept.count(&*self.db, &self.collector, false);
            }
        }
    }

    /// Keeps the order of arrival; small jobs between two submissions share a commit.
    fn work(&mut self, jobs: Vec<Job>) {
        let mut small = Vec::new();
        for job in jobs {
            match job {
                Job::Submit { submission, reply } => {
                    self.commit_small(std::mem::take(&mut small));
                    let _ = reply.send(self.submit(&submission));
                }
                Job::Refused { refused, reply } => {
                    self.commit_small(std::mem::take(&mut small));
                    let kept = self.kept.keep(&*self.db, &refused);
                    let _ = reply.send(kept.map_err(|error| {
                        tracing::error!("a refused order is not in the journal: {error}");
                        Refusal::unavailable("KEEP-1")
                    }));
                }
                Job::Pulse { reply } => drop(reply.send(Ok(()))),
                other => small.push(other),
            }
        }
        self.commit_small(small);
    }

    fn commit_small(&mut self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let point = match jobs.first() {
            Some(Job::Session { .. }) => "session-commit",
            Some(Job::Cosigned { .. }) => "cosigned-commit",
            Some(Job::Release { .. }) => "release-commit",
            Some(Job::Stamped { .. }) => "stamped-commit",
            _ => "cast-commit",
        };
        let mut answers: Vec<Answer> = Vec::with_capacity(jobs.len());
        let stored = (|| {
            let state = self.collector.state();
            let most = self.collector.manifest.description().check.releases;
            let tx = store::begin(&*self.db)?;
            let mut added = 0;
            // One failure of the store undoes them all: better everyone sends again than one promise without a row.
            let mut outcome = Ok(());
            self.collector.metrics.step("insert", || {
                for job in jobs {
                    self.erased |= matches!(job, Job::Release { .. });
                    let (result, answer) = apply(job, &tx, &state, most);
                    answers.push(answer);
                    match result {
                        Ok(new) => added += u64::from(new),
                        Err(error) => outcome = Err(error),
                    }
                }
            });
            outcome?;
            self.collector.metrics.step("commit", || crash::around(point, || commit(tx)))?;
            Ok::<_, StoreError>(added)
        })();
        match &stored {
            Ok(added) => self.collector.state_mut().pending += added,
            Err(error) => tracing::error!("nothing of {} jobs is stored: {error}", answers.len()),
        }
        self.collector.pulse.stored(stored.is_ok());
        answers.into_iter().for_each(|answer| answer(stored.is_ok()));
    }
}

/// Tells the one who waits, once it is known whether the transaction is stored.
type Answer = Box<dyn FnOnce(bool)>;

fn answer<T: 'static>(result: Result<T, Refusal>, reply: Reply<T>, rule: &'static str) -> Answer {
    Box::new(move |stored| {
        let result = if stored { result } else { result.and_then(|_| Err(Refusal::unavailable(rule))) };
        let _ = reply.send(result); // whoever has gone away asks again
    })
}

/// Does a small job within the transaction; a pad goes with its release number `most`. True if there is one more pending ballot.
fn apply(job: Job, tx: &Tx<'_>, state: &State, most: u64) -> (Result<bool, StoreError>, Answer) {
    match job {
        Job::Ballot { checked, reply } => match checked.sequence(tx, state) {
            Ok(result) => {
                let new = result.as_ref().is_ok_and(|(_, new)| *new);
                (Ok(new), answer(result.map(|(sequenced, _)| sequenced), reply, "CAST-9"))
            }
            Err(error) => (Err(error), answer(Err(Refusal::unavailable("CAST-9")), reply, "CAST-9")),
        },
        Job::Session { token, session, reply } => {
            let early = state.replay.phases().phase() < Phase::Last;
            let done = store::insert_session(tx, &token, &SessionRow { early, ..session }, now());
            (done.map(|()| false), answer(Ok(()), reply, "LOGIN-4"))
        }
        Job::Cosigned { text, reply } => (store::set_cosigned(tx, &text).map(|()| false), answer(Ok(()), reply, "LOG-4")),
        Job::Stamped { ballot, answer: stamp, reply } => {
            (store::insert_stamp(tx, &ballot, &stamp).map(|()| false), answer(Ok(()), reply, "TSP-10"))
        }
        Job::Release { token, reply } => match second_device::release(tx, &token, most) {
            Ok(result) => (Ok(false), answer(result, reply, "CHECK-7")),
            Err(error) => (Err(error), answer(Err(Refusal::unavailable("CHECK-7")), reply, "CHECK-7")),
        },
        Job::Use { used, reply } => (store::insert_use(tx, &used, now()).map(|()| false), answer(Ok(()), reply, "USAGE-1")),
        Job::Pulse { reply } => (Ok(false), answer(Ok(()), reply, "HTTP")),
        Job::Refused { reply, .. } => (Ok(false), answer(Err(Refusal::unavailable("KEEP-1")), reply, "KEEP-1")),
        Job::Submit { reply, .. } => (Ok(false), answer(Err(Refusal::unavailable("HTTP-4")), reply, "HTTP-4")),
    }
}

/// Commits. A full disk undoes; anything else leaves unknown what is on the disk.
pub fn commit(tx: Tx<'_>) -> Result<(), StoreError> {
    match tx.commit() {
        done @ (Ok(()) | Err(StoreError::Full)) => done,
        Err(error) => give_up(&format!("a commit failed: {error}")),
    }
}

/// Ends the process.
pub fn give_up(reason: &str) -> ! {
    tracing::error!("{reason}; ending, so that the next start reads what is on the disk");
    std::process::exit(70);
}
