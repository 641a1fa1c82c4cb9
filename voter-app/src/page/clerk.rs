//! The thread that does what takes time: it loads the election, opens the eID, logs in, encrypts, signs, hands in, and waits for the
//! receipt. One job after the other; where it is in this file is where the voter is.

use super::journey::Journey;
use super::steps::{Busy, Card, Done, InBox, Job, Opened, Voter};
use super::trouble::{About, Trouble};
use crate::client::Collector;
use crate::commands::{Place, State};
use crate::complaint;
use crate::eid::{Answers, Holder, Means, Notice, Secret, fault::Fault};
use crate::election::Election;
use crate::failure::Failure;
use crate::handing::{hand_in, resume};
use crate::memory::Memory;
use crate::receipt::{Kept, PromisedBallot, SignedBallot, publish};
use crate::second_device;
use crate::session::Session;
use ballot::Hash;
use ballot::second_device::{SecondDevice, UnplacedCode};
use ballot::shape::Selection;
use ballot::tracker::Tracker;
use ballot::voter::{CastBallot, PendingBallot};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Where the server and the clerk meet.
#[derive(Default)]
pub struct Desk {
    journey: Mutex<Journey>,
    changed: Condvar,
}

impl Desk {
    /// The journey, for one step.
    pub fn journey(&self) -> MutexGuard<'_, Journey> {
        self.journey.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the journey, and wakes whoever waits for a change.
    pub fn change<T>(&self, step: impl FnOnce(&mut Journey) -> T) -> T {
        let done = step(&mut self.journey());
        self.changed.notify_all();
        done
    }

    /// Waits until the clerk is done or needs the voter, but not longer than `most`.
    pub fn wait(&self, most: Duration) {
        let until = Instant::now() + most;
        let mut journey = self.journey();
        while journey.busy.is_some_and(|busy| busy != Busy::Proving) && journey.asked.is_none() && journey.shown.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            journey = self.changed.wait_timeout(journey, left).map_or_else(|e| e.into_inner().0, |(journey, _)| journey);
        }
    }
}

/// The voter in front of the page, as an eID reaches them.
struct AtPage(Arc<Desk>);

impl Holder for AtPage {
    fn secret(&self, which: &Secret, tries: Option<u8>) -> Result<Zeroizing<String>, Failure> {
        self.0.change(|journey| {
            journey.asked = Some((which.clone(), tries));
            journey.typed = None;
            journey.changes = journey.changes.saturating_add(1);
        });
        let mut journey = self.0.journey();
        loop {
            if journey.gave_up {
                journey.asked = None;
                return Err(Fault::Cancelled.into());
            }
            if let Some(secret) = journey.typed.take() {
                journey.asked = None;
                journey.changes = journey.changes.saturating_add(1);
                return Ok(secret);
            }
            journey = self.0.changed.wait(journey).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn show(&self, notice: &Notice) {
        self.0.change(|journey| {
            journey.shown = (*notice != Notice::Over).then(|| notice.clone());
            journey.changes = journey.changes.saturating_add(1);
        });
    }

    fn gave_up(&self) -> bool {
        self.0.journey().gave_up
    }
}

/// What the clerk has at hand everywhere.
struct Clerk<'a> {
    desk: &'a Arc<Desk>,
    jobs: &'a Receiver<Job>,
    state: &'a State,
}

/// Works until nobody gives jobs any more.
pub fn work(desk: &Arc<Desk>, jobs: &Receiver<Job>, state: &State) {
    let clerk = Clerk { desk, jobs, state };
    let mut next = jobs.recv().ok();
    while let Some(job) = next {
        next = match job {
            Job::Enter(place) => clerk.in_election(&place),
            _ => jobs.recv().ok(),
        };
    }
}

impl Clerk<'_> {
    fn fail(&self, failure: &Failure, about: About) {
        self.desk.change(|journey| journey.failed(Trouble::new(failure, about)));
    }

    /// Loads an election and serves its voters, until a job leads elsewhere.
    fn in_election(&self, place: &Place) -> Option<Job> {
        let collector = place.collector();
        let loaded = self.state.memory(&place.election_id).and_then(|mut memory| {
            let election = Election::load(&collector, &place.election_id, &mut memory)?;
            Ok((memory, election))
        });
        let (mut memory, election) = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => {
                self.fail(&failure, About::Entering);
                return self.jobs.recv().ok();
            }
        };
        let card = Card { manifest: election.manifest.clone(), status: election.status.clone(), clock: election.clock };
        self.desk.change(|journey| journey.entered(card));
        let mut next = self.jobs.recv().ok();
        loop {
            next = match next? {
                Job::LogIn(means, answers) => self.logged_in(means, &answers, &collector, &election, &mut memory),
                Job::Enter(place) => return Some(Job::Enter(place)),
                _ => self.jobs.recv().ok(),
            };
        }
    }

    /// Logs in and serves the voter, until a job leads elsewhere.
    fn logged_in(&self, means: &str, answers: &Answers, collector: &Collector, election: &Election, memory: &mut Memory) -> Option<Job> {
        let opened = Means::find(means).and_then(|means| means.open(answers, Arc::new(AtPage(self.desk.clone()))));
        let eid = match opened {
            Ok(eid) => eid,
            Err(failure) => {
                self.fail(&failure, About::LoggingIn);
                return self.jobs.recv().ok();
            }
        };
        let begun = Session::begin(election, collector, eid.as_ref()).and_then(|mut session| {
            let mut visit = Visit { collector, election, memory, session: &mut session, sealed: None, lost: None };
            let voter = Voter { code: eid.person_code().to_owned(), district: visit.session.district, ballots: visit.ballots()? };
            let status = collector.status()?;
            Ok((session, voter, status))
        });
        let (mut session, voter, status) = match begun {
            Ok(begun) => begun,
            Err(failure) => {
                self.fail(&failure, About::LoggingIn);
                return self.jobs.recv().ok();
            }
        };
        let mut visit = Visit { collector, election, memory, session: &mut session, sealed: None, lost: None };
        match resume(visit.session, election, visit.memory) {
            Ok(Some((promised, kept))) => {
                let done = done(&promised, &kept, true);
                self.desk.change(|journey| {
                    journey.logged_in(voter, status);
                    journey.promised(done);
                });
                self.prove(&mut visit, &promised, kept, None); // its seed is gone, so it has no code
            }
            Ok(None) => self.desk.change(|journey| journey.logged_in(voter, status)),
            Err(failure) => self.desk.change(|journey| {
                journey.logged_in(voter, status);
                journey.failed(Trouble::new(&failure, About::Inside));
            }),
        }
        loop {
            match self.jobs.recv().ok()? {
                Job::Seal { revision, selections } => self.seal(&mut visit, revision, selections),
                Job::Sign => self.sign(&mut visit),
                Job::Resend => self.resend(&mut visit),
                Job::Open => self.open(&mut visit),
                Job::Look => match visit.ballots().and_then(|ballots| Ok((ballots, collector.status()?))) {
                    Ok((ballots, status)) => self.desk.change(|journey| journey.looked(ballots, status)),
                    Err(failure) => self.fail(&failure, About::Inside),
                },
                Job::LogOut => return self.jobs.recv().ok(),
                other => return Some(other),
            }
        }
    }

    fn seal(&self, visit: &mut Visit<'_, '_>, revision: u64, selections: Vec<Selection>) {
        match visit.session.encrypt(selections, visit.memory) {
            Ok(pending) => {
                let tracker = pending.tracker().to_string();
                visit.sealed = Some(Sealed::Pending(pending));
                self.desk.change(|journey| journey.sealed(revision, tracker));
            }
            Err(failure) => self.fail(&failure, About::Inside),
        }
    }

    /// Signs, and hands in. What fails before the signature leaves the ballot to be signed again; what fails after it leads to the same
    /// bytes being sent again.
    fn sign(&self, visit: &mut Visit<'_, '_>) {
        let (cast, second_device) = match visit.sealed.take() {
            Some(Sealed::Pending(pending)) => {
                let style = visit.session.style();
                match style.and_then(|style| second_device::draw(&pending, style, visit.memory)) {
                    Ok(second_device) => (pending.cast(), second_device),
                    Err(failure) => {
                        visit.sealed = Some(Sealed::Pending(pending));
                        return self.fail(&failure, About::Signing);
                    }
                }
            }
            Some(Sealed::Cast(cast, second_device)) => (cast, second_device),
            None => return self.fail(&Failure::new("There is no ballot to be signed"), About::Inside),
        };
        let signed = visit.session.sign(cast.ballot().bytes()).map(|container| SignedBallot::from_parts(&cast, container));
        let signed = match signed {
            Ok(signed) => signed,
            Err(failure) => {
                visit.sealed = Some(Sealed::Cast(cast, second_device));
                return self.fail(&failure, About::Signing);
            }
        };
        let kept = Kept::signed(&signed);
        if let Err(failure) = visit.memory.keep(&kept) {
            visit.sealed = Some(Sealed::Cast(cast, second_device)); // before it is sent: a crash from here on leads back to these bytes
            return self.fail(&failure, About::Signing);
        }
        self.desk.change(Journey::sending);
        self.send(visit, signed, second_device, kept);
    }

    fn send(&self, visit: &mut Visit<'_, '_>, signed: SignedBallot, second_device: SecondDevice, mut kept: Kept) {
        match hand_in(&signed, &second_device.to_bytes(), visit.session, visit.election, visit.memory, &mut kept) {
            Ok(promised) => {
                visit.session.advance(promised.hash);
                let done = done(&promised, &kept, false);
                self.desk.change(|journey| journey.promised(done));
                self.prove(visit, &promised, kept, Some(second_device.into_code()));
            }
            Err(failure) => {
                let trouble = Trouble::new(&failure, About::Sending);
                if trouble.way == super::trouble::Way::Resend {
                    visit.lost = Some((signed, second_device, kept));
                }
                self.desk.change(|journey| journey.failed(trouble));
            }
        }
    }

    fn resend(&self, visit: &mut Visit<'_, '_>) {
        match visit.lost.take() {
            Some((signed, second_device, kept)) => self.send(visit, signed, second_device, kept),
            None => self.fail(&Failure::new("There is no ballot to be sent again"), About::Inside),
        }
    }

    /// Waits for the receipt; with it the code for the second device is complete.
    fn prove(&self, visit: &mut Visit<'_, '_>, promised: &PromisedBallot, mut kept: Kept, code: Option<UnplacedCode>) {
        let waited = promised.wait(visit.election, visit.collector, visit.memory).and_then(|found| {
            let (recorded, reply) = found.ok_or_else(|| complaint::overdue(&promised.promise, visit.memory))?;
            kept.receipt = Some(reply);
            visit.memory.keep(&kept)?;
            Ok(recorded)
        });
        match waited {
            Ok(recorded) => {
                let code = code.and_then(|code| code.at(recorded.index)).and_then(|code| second_device::card(&code)); // CHECK-4
                self.desk.change(|journey| journey.recorded(recorded.index, recorded.checkpoint.witnesses.len(), code));
            }
            Err(failure) => self.fail(&failure, About::Proving),
        }
    }

    /// Opens the sealed ballot for checking: it is published and can never be cast.
    fn open(&self, visit: &mut Visit<'_, '_>) {
        let pending = match visit.sealed.take() {
            Some(Sealed::Pending(pending)) => pending,
            other => {
                // VOTER-7: once the voter has decided to cast it, it is not opened any more.
                visit.sealed = other;
                return self.fail(&Failure::new("VOTER-7: this ballot was to be signed, so it is not opened"), About::Signing);
            }
        };
        let challenged = pending.challenge();
        let opened = challenged.opened();
        let mut shown = Opened {
            tracker: Tracker::new(&opened.ballot.hash()).to_string(),
            selections: opened.selections.clone(),
            bytes: opened.to_bytes(),
            index: None,
        };
        let done = publish(&challenged, visit.session, visit.election).and_then(|promised| {
            let found = promised.wait(visit.election, visit.collector, visit.memory)?;
            found.ok_or_else(|| complaint::overdue(&promised.promise, visit.memory))
        });
        match done {
            Ok((recorded, _)) => {
                shown.index = Some(recorded.index);
                self.desk.change(|journey| journey.was_opened(shown));
            }
            Err(failure) => self.fail(&failure, About::Inside),
        }
    }
}

/// A ballot that was promised; `before` if it had arrived in spite of a cut line.
fn done(promised: &PromisedBallot, kept: &Kept, before: bool) -> Done {
    let tracker = Tracker::new(&promised.hash).to_string();
    Done { number: kept.number(), tracker, deadline: promised.promise.deadline, recorded: None, code: None, before }
}

/// A voter who is logged in, and their ballot as far as it has come.
struct Visit<'v, 'e> {
    collector: &'v Collector,
    election: &'v Election,
    memory: &'v mut Memory,
    session: &'v mut Session<'e>,
    sealed: Option<Sealed>,
    /// Signed and sent, without an answer.
    lost: Option<(SignedBallot, SecondDevice, Kept)>,
}

/// Encrypted; and decided to be cast, if a signature has been tried.
enum Sealed {
    Pending(PendingBallot),
    Cast(CastBallot, SecondDevice),
}

impl Visit<'_, '_> {
    /// What the collector says is in the box.
    fn ballots(&mut self) -> Result<Vec<InBox>, Failure> {
        let own: Vec<Hash> = self.memory.kept()?.iter().map(Kept::hash).collect();
        let mut ballots: Vec<InBox> = self
            .session
            .mine()?
            .iter()
            .map(|item| InBox {
                number: item.number,
                tracker: Tracker::new(&item.hash.0).to_string(),
                index: item.index,
                here: own.contains(&item.hash.0),
            })
            .collect();
        ballots.sort_by_key(|ballot| ballot.number);
        Ok(ballots)
    }
}
