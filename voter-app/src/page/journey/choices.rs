//! From the first contest to the ballot that is ready to be signed.

use super::Journey;
use crate::page::ranking;
use crate::page::steps::{Busy, Job, Move, Notice, Page};
use crate::selection::{Answer, Limit, Question};
use ballot::manifest::Rule;
use ballot::shape::Selection;

impl Journey {
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
}
