//! What came of a job, as the clerk says it.

use super::Journey;
use crate::client::Status;
use crate::clock::Clock;
use crate::page::steps::{Busy, Card, Done, InBox, Opened, Page, Voter};
use crate::page::trouble::{Trouble, Way};
use crate::second_device::CodeCard;

impl Journey {
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
