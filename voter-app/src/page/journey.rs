//! Where the voter stands, and what each step leads to. No I/O: the server tells it what the voter does, the clerk tells it what came of
//! a job, and it says which page is shown and which job is next. Everything of it lives in memory only.
//!
//! ```text
//!   Start --enter--> Identify --log in--> Overview --begin--> Contest 1 … n --seal--> Review --sign--> Receipt
//!                                            ^                     ^------ change ------'                 |
//!                                            `------------------------ vote again ------------------------'
//!   a job that takes longer shows Wait; one that fails shows Trouble, which says the safe next step
//! ```

mod choices;
mod news;

use super::steps::{Busy, Card, Done, Job, Notice, Opened, Page, Voter};
use super::trouble::Trouble;
use crate::commands::Place;
use crate::eid::{Answers, Secret};
use crate::selection::{Answer, Question, questions};
use ballot::shape::Selection;
use zeroize::Zeroizing;

/// Everything of one voter at one program.
#[derive(Default)]
pub struct Journey {
    page: Option<Page>,
    /// Counts every change, so that a waiting page knows when to look again.
    pub changes: u64,
    /// The election, once loaded.
    pub card: Option<Card>,
    /// Which was asked for last.
    pub place: Option<Place>,
    /// Who is logged in.
    pub voter: Option<Voter>,
    draft: Vec<Option<Answer>>,
    begun: bool,
    /// Counts the changes of the draft: a page that shows an older one cannot sign.
    pub revision: u64,
    /// The encrypted ballot: of which revision, its tracker, its selections.
    sealed: Option<(u64, String, Vec<Selection>)>,
    /// A signed ballot was sent, and nobody knows whether it arrived.
    unsettled: bool,
    /// The last ballot that the collector took.
    pub done: Option<Done>,
    /// The last ballot that was opened.
    pub opened: Option<Opened>,
    /// What went wrong last.
    pub trouble: Option<Trouble>,
    /// For the top of the next page.
    pub notice: Option<Notice>,
    /// What the clerk is at.
    pub busy: Option<Busy>,
    /// The eID asks for this; how many tries are left.
    pub asked: Option<(Secret, Option<u8>)>,
    /// What the voter typed for it.
    pub typed: Option<Zeroizing<String>>,
    /// The voter will not go on with the eID.
    pub gave_up: bool,
    /// What the eID shows meanwhile.
    pub shown: Option<crate::eid::Notice>,
}

impl Journey {
    /// The page where the voter belongs now.
    pub fn here(&self) -> Page {
        match self.busy {
            Some(Busy::Proving) | None => self.page.filter(|page| self.exists(*page)).unwrap_or(Page::Start),
            Some(_) => Page::Wait,
        }
    }

    /// True if this page may be looked at now; if not, [`Self::here`] is shown in its place.
    pub fn may_see(&self, page: Page) -> bool {
        if self.here() == Page::Wait { page == Page::Wait } else { self.exists(page) }
    }

    fn exists(&self, page: Page) -> bool {
        match page {
            Page::Start => true,
            Page::Wait => false,
            Page::Identify => self.card.is_some(),
            Page::Overview => self.voter.is_some(),
            Page::Contest(n) => self.begun && n < self.draft.len(),
            Page::Review => self.review().is_some(),
            Page::Receipt => self.done.is_some(),
            Page::Opened => self.opened.is_some(),
            Page::Trouble => self.trouble.is_some(),
            Page::Bye => self.page == Some(Page::Bye),
        }
    }

    /// The contests of the voter's district.
    pub fn questions(&self) -> Vec<Question<'_>> {
        match (&self.card, &self.voter) {
            (Some(card), Some(voter)) => questions(&card.manifest, voter.district),
            _ => Vec::new(),
        }
    }

    /// What is chosen so far in one contest.
    pub fn answer(&self, contest: usize) -> Option<&Answer> {
        self.draft.get(contest)?.as_ref()
    }

    /// Revision, tracker and selections of the ballot that is ready to be signed.
    pub fn review(&self) -> Option<(u64, &str, &[Selection])> {
        let (revision, tracker, selections) = self.sealed.as_ref()?;
        (*revision == self.revision).then_some((*revision, tracker, selections))
    }

    fn go(&mut self, page: Page) {
        self.changes = self.changes.saturating_add(1);
        self.page = Some(page);
    }

    /// To a page of the voter who is logged in, or to the first one if nobody is any more.
    fn go_inside(&mut self, page: Page) {
        self.go(if self.voter.is_some() { page } else { Page::Start });
    }

    fn start(&mut self, busy: Busy, job: Job) -> Option<Job> {
        self.changes = self.changes.saturating_add(1);
        self.busy = Some(busy);
        (self.gave_up, self.asked, self.typed, self.shown) = (false, None, None, None);
        self.trouble = None;
        Some(job)
    }

    fn wipe_draft(&mut self) {
        self.draft.clear();
        self.begun = false;
        self.sealed = None;
        self.revision = self.revision.saturating_add(1);
    }

    // What the voter does. While a job is under way nothing is heard: a second click changes nothing.

    /// Goes to an election.
    pub fn enter(&mut self, place: Option<Place>) -> Option<Job> {
        if self.busy.is_some() {
            return None;
        }
        let Some(place) = place else {
            self.notice = Some(Notice::BadPlace);
            self.go(Page::Start);
            return None;
        };
        let lost = (std::mem::take(&mut self.changes), self.revision);
        *self = Self {
            changes: lost.0,
            revision: lost.1.saturating_add(1),
            place: Some(place.clone()),
            page: Some(Page::Start),
            ..Self::default()
        };
        self.start(Busy::Entering, Job::Enter(place))
    }

    /// To the choice of an eID.
    pub fn identify(&mut self) {
        if self.busy.is_none() && self.card.is_some() {
            self.go(Page::Identify);
        }
    }

    /// Logs in; `answers` are none if an input is missing.
    pub fn log_in(&mut self, means: &'static str, answers: Option<Answers>) -> Option<Job> {
        if self.busy.is_some() || self.card.is_none() {
            return None;
        }
        self.go(Page::Identify);
        let Some(answers) = answers else {
            self.notice = Some(Notice::Missing);
            return None;
        };
        self.wipe_draft();
        (self.voter, self.done, self.opened, self.unsettled) = (None, None, None, false);
        self.start(Busy::LoggingIn, Job::LogIn(means, answers))
    }

    /// Signs the ballot of this revision, the one that the voter saw.
    pub fn sign(&mut self, revision: Option<u64>) -> Option<Job> {
        self.decide(revision, Busy::Signing, Job::Sign)
    }

    /// Opens it instead.
    pub fn open(&mut self, revision: Option<u64>) -> Option<Job> {
        self.decide(revision, Busy::Opening, Job::Open)
    }

    fn decide(&mut self, revision: Option<u64>, busy: Busy, job: Job) -> Option<Job> {
        if self.busy.is_some() {
            return None;
        }
        match self.review() {
            None => {
                self.notice = Some(Notice::Outdated);
                None
            }
            Some((current, ..)) if revision != Some(current) => {
                self.notice = Some(Notice::Changed);
                self.go(Page::Review);
                None
            }
            Some(_) => self.start(busy, job),
        }
    }

    /// Sends the signed ballot once more.
    pub fn resend(&mut self) -> Option<Job> {
        if self.busy.is_some() || !self.unsettled {
            return None;
        }
        self.start(Busy::Sending, Job::Resend)
    }

    /// Asks again what is in the box.
    pub fn look(&mut self) -> Option<Job> {
        if self.busy.is_some() || self.voter.is_none() {
            return None;
        }
        self.start(Busy::Looking, Job::Look)
    }

    /// Forgets the voter; `idle` if nobody asked for it.
    pub fn log_out(&mut self, idle: bool) -> Option<Job> {
        self.wipe_draft();
        self.gave_up = true; // ends an act of the eID that waits for the voter
        (self.typed, self.asked, self.shown) = (None, None, None);
        (self.voter, self.done, self.opened, self.trouble, self.unsettled) = (None, None, None, None, false);
        self.notice = idle.then_some(Notice::Idle);
        self.go(Page::Start);
        Some(Job::LogOut)
    }

    /// Ends.
    pub fn quit(&mut self) -> Option<Job> {
        let job = self.log_out(false);
        self.busy = None;
        self.go(Page::Bye);
        job
    }

    /// The voter typed what the eID asks for; nothing means that they will not.
    pub fn type_secret(&mut self, secret: Option<Zeroizing<String>>) {
        if self.asked.is_some() {
            match secret {
                Some(secret) => self.typed = Some(secret),
                None => self.gave_up = true,
            }
        } else if secret.is_none() {
            self.gave_up = true;
        }
        self.changes = self.changes.saturating_add(1);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#[path = "journey_tests.rs"]
mod tests;
