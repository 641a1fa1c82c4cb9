//! What stands around every page: the election, the voter, the time, and a sentence about the last step.

use super::form::Settings;
use super::journey::Journey;
use super::steps::{Card, Notice, Page};
use super::texts::{Arg, Lang};
use super::when::{Zone, span};
use crate::selection::{Limit, Question};
use std::time::Duration;

/// What every page shows around its own part.
#[allow(missing_docs)]
pub struct Frame<'a> {
    pub lang: Lang,
    pub key: &'a str,
    /// The address of the page, to come back to after a change of language.
    pub from: String,
    pub changes: u64,
    /// The election's title.
    pub election: Option<String>,
    pub practice: bool,
    pub voter: Option<String>,
    pub notice: Option<String>,
    /// The notice is about a mistake, not about what was done.
    pub alert: bool,
    /// The option that was just moved in a ranking.
    pub moved: Option<usize>,
    pub now: Option<String>,
    pub countdown: Option<String>,
    pub idle_minutes: u64,
    pub zone: &'a Zone,
    pub settings: &'a Settings,
}

#[allow(missing_docs)] // the sentences of the texts, with what stands in them
impl<'a> Frame<'a> {
    /// The frame of the page that is shown now.
    pub fn new(
        lang: Lang,
        journey: &Journey,
        zone: &'a Zone,
        settings: &'a Settings,
        key: &'a str,
        notice: Option<Notice>,
        idle: Duration,
    ) -> Self {
        let card = journey.card.as_ref();
        let alert = !matches!(notice, None | Some(Notice::Ranked(..) | Notice::Unranked(_) | Notice::Idle));
        let moved = match notice {
            Some(Notice::Ranked(at, _) | Notice::Unranked(at)) => Some(at),
            _ => None,
        };
        Self {
            lang,
            key,
            from: journey.here().path(),
            changes: journey.changes,
            election: card.map(|card| card.manifest.description().title.clone()),
            practice: card.is_some_and(Card::practice),
            voter: journey.voter.as_ref().map(|voter| voter.code.clone()),
            notice: notice.map(|notice| say_notice(lang, &notice, journey)),
            alert,
            moved,
            now: card.map(|card| zone.say(lang, card.clock.now())),
            countdown: card.map(|card| countdown(lang, card)),
            idle_minutes: idle.as_secs().div_ceil(60),
            zone,
            settings,
        }
    }

    pub fn say(&self, key: &str) -> String {
        self.lang.plain(key)
    }

    pub fn say_n(&self, key: &str, n: &u64) -> String {
        self.lang.say(key, &[("n", Arg::Number(*n))])
    }

    pub fn say_of(&self, key: &str, n: &usize, of: &usize) -> String {
        self.lang.say(key, &[("n", Arg::Number(*n as u64)), ("of", Arg::Number(*of as u64))])
    }

    pub fn say_entry(&self, index: &u64, witnesses: &usize) -> String {
        self.lang.say("receipt-entry", &[("n", Arg::Number(*index)), ("of", Arg::Number(*witnesses as u64))])
    }

    pub fn say_name(&self, key: &str, name: &str) -> String {
        self.lang.say(key, &[("name", Arg::Text(name))])
    }

    pub fn when(&self, time: &u64) -> String {
        self.zone.say(self.lang, *time)
    }

    pub fn languages(&self) -> Vec<(&'static str, String, bool)> {
        Lang::ALL.into_iter().map(|lang| (lang.code(), lang.plain("language-name"), lang == self.lang)).collect()
    }
}

/// How long ballots are still taken, in words.
pub fn countdown(lang: Lang, card: &Card) -> String {
    let (now, until) = (card.clock.now(), card.manifest.description().voting.until);
    match (card.status.phase.as_str(), card.status.suspended) {
        ("voting" | "last", true) => lang.plain("state-suspended"),
        ("voting", false) if until > now => lang.say("state-voting", &[("span", Arg::Text(&span(lang, until - now)))]),
        ("voting", false) => lang.plain("state-ending"),
        ("last", false) => lang.plain("state-last"),
        ("setup", _) => lang.plain("state-setup"),
        _ => lang.plain("state-closed"),
    }
}

/// Its title, as it stands in the manifest.
pub fn option_name(question: &Question<'_>, at: usize) -> String {
    question.list.options.get(at).map_or_else(String::new, |option| option.title.clone())
}

fn say_notice(lang: Lang, notice: &Notice, journey: &Journey) -> String {
    let name = |at: usize| {
        let contest = match journey.here() {
            Page::Contest(contest) => contest,
            _ => 0,
        };
        journey.questions().get(contest).map_or_else(String::new, |q| option_name(q, at))
    };
    match notice {
        Notice::Outdated => lang.plain("notice-outdated"),
        Notice::Changed => lang.plain("notice-changed"),
        Notice::Idle => lang.plain("notice-idle"),
        Notice::BadPlace => lang.plain("notice-bad-place"),
        Notice::Missing => lang.plain("notice-missing"),
        Notice::Ranked(at, place) => lang.say("notice-ranked", &[("name", Arg::Text(&name(*at))), ("n", Arg::Number(*place as u64))]),
        Notice::Unranked(at) => lang.say("notice-unranked", &[("name", Arg::Text(&name(*at)))]),
        Notice::Limit(limit) => say_limit(lang, limit),
    }
}

fn say_limit(lang: Lang, limit: &Limit) -> String {
    let say = |key, n: u64, of: u64| lang.say(key, &[("n", Arg::Number(n)), ("of", Arg::Number(of))]);
    match *limit {
        Limit::TooMany { chosen, max } => say("limit-too-many", chosen, max),
        Limit::TooFew { chosen, min } => say("limit-too-few", chosen, min),
        Limit::NotOne { .. } => say("limit-one", 1, 1),
        Limit::TooManyRanked { max, .. } => say("limit-ranked", max, max),
        Limit::TooHigh { score, most } => say("limit-high", score, most),
        Limit::Sum { given, total } => say("limit-sum", given, total),
        Limit::BlankAndMore => say("limit-blank", 0, 0),
        Limit::NoNumber | Limit::NoBlank | Limit::OtherKind => say("limit-number", 0, 0),
    }
}
