//! Where the voter stands, and what each step leads to. No I/O: the server tells it what the voter does, the clerk tells it what came of
//! a job, and it says which page is shown and which job is next. Everything of it lives in memory only.
//!
//! ```text
//!   Start --enter--> Identify --log in--> Overview --begin--> Contest 1 … n --seal--> Review --sign--> Receipt
//!                                            ^                     ^------ change ------'                 |
//!                                            `------------------------ vote again ------------------------'
//!   a job that takes longer shows Wait; one that fails shows Trouble, which says the safe next step
//! ```

use super::ranking;
use super::steps::{Busy, Card, Done, InBox, Job, Move, Notice, Opened, Page, Voter};
use super::trouble::{Trouble, Way};
use crate::client::Status;
use crate::clock::Clock;
use crate::commands::Place;
use crate::eid::{Answers, Secret};
use crate::second_device::CodeCard;
use crate::selection::{Answer, Limit, Question, questions};
use ballot::manifest::Rule;
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

    /// Begins a ballot.
    pub fn begin(&mut self) -> Option<Job> {
        if self.busy.is_some() || self.voter.is_none() {
            return None;
        }
        if self.unsettled {
            return self.resend(); // never a second ballot while nobody knows about the first
        }
        if !self.begun {
            self.wipe_draft();
            self.draft = self.questions().iter().map(|_| None).collect();
            self.begun = true;
        }
        (self.trouble, self.opened) = (None, None);
        self.go(Page::Contest(0));
        None
    }

    fn change(&mut self, contest: usize, answer: Answer) {
        if let Some(slot) = self.draft.get_mut(contest).filter(|slot| slot.as_ref() != Some(&answer)) {
            *slot = Some(answer);
            self.revision = self.revision.saturating_add(1);
        }
    }

    /// Takes an answer; goes on to the next contest that has none, or to the review.
    pub fn answered(&mut self, contest: usize, answer: Answer, wrong: Option<Limit>) -> Option<Job> {
        if self.busy.is_some() || !self.may_see(Page::Contest(contest)) {
            self.notice = Some(Notice::Outdated);
            return None;
        }
        let limit = wrong.or_else(|| self.questions().get(contest).and_then(|q| q.select(&answer).err()));
        self.change(contest, answer);
        if let Some(limit) = limit {
            self.notice = Some(Notice::Limit(limit));
            self.go(Page::Contest(contest));
            return None;
        }
        self.onward(contest)
    }

    /// Goes on from a contest that is answered.
    fn onward(&mut self, contest: usize) -> Option<Job> {
        let open = |at: usize, q: &Question<'_>| self.answer(at).is_none_or(|a| q.select(a).is_err());
        let next =
            self.questions().iter().enumerate().filter(|(at, q)| open(*at, q)).map(|(at, _)| at).min_by_key(|at| (*at < contest, *at));
        match next {
            Some(next) => {
                self.go(Page::Contest(next));
                None
            }
            None => self.seal(),
        }
    }

    fn seal(&mut self) -> Option<Job> {
        let questions = self.questions();
        let selections: Option<Vec<Selection>> =
            questions.iter().enumerate().map(|(at, q)| self.answer(at).and_then(|a| q.select(a).ok())).collect();
        let selections = selections.filter(|s| !s.is_empty())?;
        if self.review().is_some() {
            self.go(Page::Review);
            return None;
        }
        self.sealed = Some((self.revision, String::new(), selections.clone()));
        self.page = Some(Page::Contest(0));
        self.start(Busy::Sealing, Job::Seal { revision: self.revision, selections })
    }

    /// Changes a ranking by one move and stays on its page.
    pub fn rank(&mut self, contest: usize, how: &Move) {
        if self.busy.is_some() || !self.may_see(Page::Contest(contest)) {
            self.notice = Some(Notice::Outdated);
            return;
        }
        let rule = self.questions().get(contest).map(|q| (q.contest.rule.clone(), q.list.options.len()));
        let Some((Rule::Rank { places }, options)) = rule else { return };
        let mut order = match self.answer(contest) {
            Some(Answer::Options(order)) => order.clone(),
            _ => Vec::new(),
        };
        let before = order.clone();
        let moved = ranking::moved(&mut order, how, options);
        self.go(Page::Contest(contest));
        if order.len() as u64 > places {
            self.notice = Some(Notice::Limit(Limit::TooManyRanked { chosen: order.len() as u64, max: places }));
            return;
        }
        self.notice =
            moved.map(|at| order.iter().position(|o| *o == at).map_or(Notice::Unranked(at), |place| Notice::Ranked(at, place + 1)));
        if order != before {
            self.change(contest, Answer::Options(order));
        }
    }

    /// Goes on from a ranking.
    pub fn ranked(&mut self, contest: usize) -> Option<Job> {
        let answer = self.answer(contest).cloned().unwrap_or(Answer::Options(Vec::new()));
        self.answered(contest, answer, None)
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

    // What the clerk says.

    /// The election is loaded.
    pub fn entered(&mut self, card: Card) {
        (self.busy, self.card) = (None, Some(card));
        self.go(Page::Start);
    }

    /// The voter is logged in.
    pub fn logged_in(&mut self, voter: Voter, status: (Status, Clock)) {
        self.busy = None;
        if self.gave_up {
            return; // logged out meanwhile
        }
        self.voter = Some(voter);
        self.renew(status);
        self.go(Page::Overview);
    }

    /// The ballots that are in the box.
    pub fn looked(&mut self, ballots: Vec<InBox>, status: (Status, Clock)) {
        if let Some(voter) = &mut self.voter {
            voter.ballots = ballots;
        }
        self.busy = None;
        self.renew(status);
        self.go(Page::Overview);
    }

    fn renew(&mut self, (status, clock): (Status, Clock)) {
        if let Some(card) = &mut self.card {
            (card.status, card.clock) = (status, clock);
        }
    }

    /// The ballot of this revision is encrypted.
    pub fn sealed(&mut self, revision: u64, tracker: String) {
        self.busy = None;
        if let Some(sealed) = self.sealed.as_mut().filter(|sealed| sealed.0 == revision) {
            sealed.1 = tracker;
            self.go(Page::Review);
        }
    }

    /// Signed and kept, about to be sent: from here on the choices are not needed, and nobody knows whether it arrives.
    pub fn sending(&mut self) {
        self.wipe_draft();
        self.unsettled = true;
        self.busy = Some(Busy::Sending);
        self.page = Some(Page::Overview);
        self.shown = None;
        self.changes = self.changes.saturating_add(1);
    }

    /// The collector has taken it and promised to publish it; the receipt is waited for. Who has logged out meanwhile has left the screen
    /// to somebody else: it is told at the next login.
    pub fn promised(&mut self, done: Done) {
        self.unsettled = false;
        self.wipe_draft();
        self.busy = Some(Busy::Proving);
        self.done = self.voter.is_some().then_some(done);
        self.go_inside(Page::Receipt);
    }

    /// The receipt is checked.
    pub fn recorded(&mut self, index: u64, witnesses: usize, code: Option<CodeCard>) {
        if let Some(done) = &mut self.done {
            done.recorded = Some((index, witnesses));
            done.code = code;
        }
        self.busy = None;
        self.go_inside(Page::Receipt);
    }

    /// A ballot was opened and handed in to be published.
    pub fn was_opened(&mut self, opened: Opened) {
        self.wipe_draft();
        self.busy = None;
        self.opened = self.voter.is_some().then_some(opened);
        self.go_inside(Page::Opened);
    }

    /// It failed.
    pub fn failed(&mut self, trouble: Trouble) {
        self.busy = None;
        (self.asked, self.typed, self.shown) = (None, None, None);
        if !matches!(trouble.way, Way::Resend) {
            self.unsettled = false;
        }
        self.trouble = Some(trouble);
        self.go(Page::Trouble);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#[path = "journey_tests.rs"]
mod tests;
