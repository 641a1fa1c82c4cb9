//! The pages as they are shown: what each template is given. Names of elections, contests, lists and candidates are shown as they stand in
//! the manifest; everything around them is a sentence of [`texts`](super::texts).

use super::form::{Settings, is_single};
use super::guard::Refusal;
use super::journey::{Card, Done, InBox, Journey, Notice, Page};
use super::texts::{Arg, Lang};
use super::trouble::Way;
use super::when::{Zone, span};
use crate::eid::{self, InputKind, Secret};
use crate::selection::{Answer, Limit, Question, Words};
use askama::Template;
use ballot::manifest::Rule;
use std::time::Duration;

/// Style, script and icon.
pub fn file(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/style.css" => Some(("text/css; charset=utf-8", include_str!("../../static/style.css"))),
        "/page.js" => Some(("text/javascript; charset=utf-8", include_str!("../../static/page.js"))),
        "/icon.svg" => Some(("image/svg+xml", include_str!("../../static/icon.svg"))),
        _ => None,
    }
}

/// What every page shows around its own part.
pub struct Frame<'a> {
    lang: Lang,
    key: &'a str,
    /// The address of the page, to come back to after a change of language.
    from: String,
    changes: u64,
    /// The election's title.
    election: Option<String>,
    practice: bool,
    voter: Option<String>,
    notice: Option<String>,
    /// The notice is about a mistake, not about what was done.
    alert: bool,
    /// The option that was just moved in a ranking.
    moved: Option<usize>,
    now: Option<String>,
    countdown: Option<String>,
    idle_minutes: u64,
    zone: &'a Zone,
    settings: &'a Settings,
}

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

    fn say(&self, key: &str) -> String {
        self.lang.plain(key)
    }

    fn say_n(&self, key: &str, n: &u64) -> String {
        self.lang.say(key, &[("n", Arg::Number(*n))])
    }

    fn say_of(&self, key: &str, n: &usize, of: &usize) -> String {
        self.lang.say(key, &[("n", Arg::Number(*n as u64)), ("of", Arg::Number(*of as u64))])
    }

    fn say_entry(&self, index: &u64, witnesses: &usize) -> String {
        self.lang.say("receipt-entry", &[("n", Arg::Number(*index)), ("of", Arg::Number(*witnesses as u64))])
    }

    fn say_name(&self, key: &str, name: &str) -> String {
        self.lang.say(key, &[("name", Arg::Text(name))])
    }

    fn when(&self, time: &u64) -> String {
        self.zone.say(self.lang, *time)
    }

    fn languages(&self) -> Vec<(&'static str, String, bool)> {
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

fn option_name(question: &Question<'_>, at: usize) -> String {
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

#[derive(Template)]
#[template(path = "start.html")]
struct Start<'a> {
    f: &'a Frame<'a>,
    card: Option<StartCard>,
    collector: String,
    id: String,
}

struct StartCard {
    title: String,
    from: String,
    until: String,
    open: bool,
}

/// The election id as it is printed on paper: groups of four.
fn grouped(hex: &str) -> String {
    hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "identify.html")]
struct Identify<'a> {
    f: &'a Frame<'a>,
    means: Vec<MeansForm>,
}

struct MeansForm {
    name: &'static str,
    title: String,
    help: String,
    inputs: Vec<InputField>,
}

struct InputField {
    name: &'static str,
    label: String,
    optional: bool,
    autocomplete: &'static str,
}

fn means_forms(lang: Lang, settings: &Settings) -> Vec<MeansForm> {
    let field = |input: &eid::Input| InputField {
        name: input.name,
        label: lang.plain(&format!("input-{}", input.name)),
        optional: input.optional,
        autocomplete: "off",
    };
    let form = |means: &eid::Means| MeansForm {
        name: means.name,
        title: lang.plain(&format!("means-{}", means.name)),
        help: lang.plain(&format!("means-{}-help", means.name)),
        inputs: means.inputs.iter().filter(|input| input.kind != InputKind::Setting).map(field).collect(),
    };
    settings.means().map(form).collect()
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait<'a> {
    f: &'a Frame<'a>,
    doing: String,
    secret: Option<SecretField>,
    code: Option<(String, String)>,
    may_stop: bool,
}

struct SecretField {
    label: String,
    help: String,
    tries: Option<u64>,
    digits: bool,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    f: &'a Frame<'a>,
    code: String,
    district: String,
    contests: Vec<String>,
    ballots: &'a [InBox],
    elsewhere: bool,
    open: bool,
}

#[derive(Template)]
#[template(path = "contest.html")]
struct ContestPage<'a> {
    f: &'a Frame<'a>,
    number: usize,
    of: usize,
    title: String,
    rule: String,
    kind: Kind,
    groups: Vec<Group>,
    grouped: bool,
    blank: Option<bool>,
    nothing: Option<bool>,
    max: u64,
    most: u64,
    total: Option<u64>,
    ranking: Vec<Row>,
    long: bool,
    back: Option<String>,
    full: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Several,
    Amounts,
    Rank,
}

struct Group {
    title: String,
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Row {
    at: usize,
    title: String,
    group: String,
    chosen: bool,
    amount: u32,
    /// The voter has just moved it: the keyboard stays there.
    moved: bool,
}

#[derive(Template)]
#[template(path = "review.html")]
struct Review<'a> {
    f: &'a Frame<'a>,
    district: String,
    revision: u64,
    tracker: String,
    choices: Vec<Choice>,
    again: bool,
}

struct Choice {
    contest: usize,
    title: String,
    words: Words,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct Receipt<'a> {
    f: &'a Frame<'a>,
    done: &'a Done,
    deadline: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "opened.html")]
struct OpenedPage<'a> {
    f: &'a Frame<'a>,
    tracker: String,
    index: Option<u64>,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    f: &'a Frame<'a>,
    sentence: String,
    next: String,
    tries: Option<u64>,
    detail: String,
    file: Option<String>,
    way: Way,
}

#[derive(Template)]
#[template(path = "bye.html")]
struct Bye<'a> {
    f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "stranger.html")]
struct Stranger {
    lang: Lang,
    sentence: String,
}

/// What is told to whoever does not come from the opened page.
pub fn stranger(lang: Lang, refusal: Refusal) -> askama::Result<String> {
    let key = match refusal {
        Refusal::Stranger => "stranger-origin",
        Refusal::Unknown => "stranger-unknown",
        Refusal::Spent => "stranger-spent",
    };
    Stranger { lang, sentence: lang.say(key, &[]) }.render()
}

/// A page that may be seen, as HTML.
pub fn page(page: Page, journey: &Journey, f: &Frame<'_>) -> askama::Result<String> {
    let takes = journey.card.as_ref().is_some_and(|card| card.status.takes_ballots());
    let district = || {
        let district = journey.voter.as_ref().map_or(0, |voter| voter.district);
        let found = journey.card.as_ref().and_then(|card| card.manifest.description().districts.get(district));
        found.map_or_else(String::new, |d| d.title.clone())
    };
    match page {
        Page::Start => {
            let card = journey.card.as_ref().map(|card| {
                let description = card.manifest.description();
                StartCard {
                    title: description.title.clone(),
                    from: f.when(&description.voting.from),
                    until: f.when(&description.voting.until),
                    open: takes,
                }
            });
            let place = journey.place.as_ref();
            let collector = place.map_or_else(String::new, |place| place.collector.clone());
            Start { f, card, collector, id: place.map_or_else(String::new, |place| grouped(&hex::encode(place.election_id))) }.render()
        }
        Page::Identify => Identify { f, means: means_forms(f.lang, f.settings) }.render(),
        Page::Wait => wait(journey, f).render(),
        Page::Overview => {
            let ballots = journey.voter.as_ref().map_or(&[][..], |voter| &voter.ballots);
            Overview {
                f,
                code: journey.voter.as_ref().map_or_else(String::new, |voter| voter.code.clone()),
                district: district(),
                contests: journey.questions().iter().map(|q| q.contest.title.clone()).collect(),
                ballots,
                elsewhere: ballots.last().is_some_and(|last| !last.here),
                open: takes,
            }
            .render()
        }
        Page::Contest(at) => contest(journey, f, at).render(),
        Page::Review => {
            let (revision, tracker, selections) = journey.review().unwrap_or((0, "", &[]));
            Review {
                f,
                district: district(),
                revision,
                tracker: tracker.to_owned(),
                choices: choices(journey, selections),
                again: journey.voter.as_ref().is_some_and(|voter| !voter.ballots.is_empty()) || journey.done.is_some(),
            }
            .render()
        }
        Page::Receipt => match &journey.done {
            Some(done) => Receipt { f, done, deadline: f.when(&done.deadline), open: takes }.render(),
            None => Bye { f }.render(),
        },
        Page::Opened => {
            let (tracker, index, selections) =
                journey.opened.as_ref().map_or((String::new(), None, &[][..]), |o| (o.tracker.clone(), o.index, &o.selections));
            OpenedPage { f, tracker, index, choices: choices(journey, selections) }.render()
        }
        Page::Trouble => match &journey.trouble {
            Some(trouble) => TroublePage {
                f,
                sentence: f.say(&format!("trouble-{}", trouble.name)),
                next: f.say(&format!("trouble-{}-next", trouble.name)),
                tries: trouble.tries.map(u64::from),
                detail: trouble.detail.clone(),
                file: trouble.file.clone(),
                way: trouble.way,
            }
            .render(),
            None => Bye { f }.render(),
        },
        Page::Bye => Bye { f }.render(),
    }
}

fn choices(journey: &Journey, selections: &[ballot::shape::Selection]) -> Vec<Choice> {
    let questions = journey.questions();
    let choice = |(at, (q, s)): (usize, (&Question<'_>, _))| Choice { contest: at + 1, title: q.contest.title.clone(), words: q.chosen(s) };
    questions.iter().zip(selections).enumerate().map(choice).collect()
}

fn wait<'a>(journey: &Journey, f: &'a Frame<'a>) -> Wait<'a> {
    let secret = journey.asked.as_ref().map(|(which, tries)| {
        let (label, help, digits) = match which {
            Secret::Pin1 => (f.say("pin1"), f.say("pin1-help"), true),
            Secret::Pin2 => (f.say("pin2"), f.say("pin2-help"), true),
            Secret::Password(file) => (f.say_name("password", file), f.say("password-help"), false),
        };
        SecretField { label, help, tries: tries.map(u64::from), digits }
    });
    let code = journey.shown.as_ref().and_then(|shown| match shown {
        eid::Notice::Code(code) => Some((f.say("code-compare"), code.clone())),
        eid::Notice::Choose(code) => Some((f.say("code-choose"), code.clone())),
        eid::Notice::Elsewhere(Secret::Pin1) => Some((f.say("code-elsewhere-1"), String::new())),
        eid::Notice::Elsewhere(_) => Some((f.say("code-elsewhere-2"), String::new())),
        eid::Notice::Over => None,
    });
    let doing = journey.busy.map_or_else(String::new, |busy| f.say(busy.key()));
    Wait { f, doing, may_stop: secret.is_some() || code.is_some(), secret, code }
}

fn contest<'a>(journey: &Journey, f: &'a Frame<'a>, at: usize) -> ContestPage<'a> {
    let questions = journey.questions();
    let Some(question) = questions.get(at).copied() else {
        return ContestPage {
            f,
            number: 0,
            of: 0,
            title: String::new(),
            rule: String::new(),
            kind: Kind::Single,
            groups: Vec::new(),
            grouped: false,
            blank: None,
            nothing: None,
            max: 0,
            most: 0,
            total: None,
            ranking: Vec::new(),
            long: false,
            back: None,
            full: String::new(),
        };
    };
    let answer = journey.answer(at);
    let chosen: &[usize] = match answer {
        Some(Answer::Options(chosen)) => chosen,
        _ => &[],
    };
    let amount = |at: usize| match answer {
        Some(Answer::Amounts(amounts)) => amounts.get(at).copied().unwrap_or(0),
        _ => 0,
    };
    let options = &question.list.options;
    let row = |at: usize| Row {
        at,
        title: option_name(&question, at),
        group: options.get(at).map_or_else(String::new, |o| o.group.clone()),
        chosen: chosen.contains(&at),
        amount: amount(at),
        moved: f.moved == Some(at),
    };
    let ranks = matches!(question.contest.rule, Rule::Rank { .. });
    let mut groups: Vec<Group> = Vec::new();
    for (at, option) in options.iter().enumerate().filter(|(at, _)| !ranks || !chosen.contains(at)) {
        match groups.iter_mut().find(|group| group.title == option.group) {
            Some(group) => group.rows.push(row(at)),
            None => groups.push(Group { title: option.group.clone(), rows: vec![row(at)] }),
        }
    }
    let rule = &question.contest.rule;
    let say = |key, n: u64, of: u64| f.lang.say(key, &[("n", Arg::Number(n)), ("of", Arg::Number(of))]);
    let single = is_single(&question);
    let (kind, words, max, most, total) = match *rule {
        Rule::List {} => (Kind::Single, say("rule-one", 1, 1), 1, 0, None),
        Rule::Choose { max: 1, .. } => (Kind::Single, say("rule-one", 1, 1), 1, 0, None),
        Rule::Choose { min, max, .. } if min == max => (Kind::Several, say("rule-exactly", max, max), max, 0, None),
        Rule::Choose { min: 0, max, .. } => (Kind::Several, say("rule-up-to", max, max), max, 0, None),
        Rule::Choose { min, max, .. } => (Kind::Several, say("rule-between", min, max), max, 0, None),
        Rule::Approve {} => (Kind::Several, say("rule-any", 0, 0), options.len() as u64, 0, None),
        Rule::Score { most } => (Kind::Amounts, say("rule-score", most, most), 0, most, None),
        Rule::Budget { total } => (Kind::Amounts, say("rule-budget", total, total), 0, total, Some(total)),
        Rule::Rank { places } => (Kind::Rank, say("rule-rank", places, places), places, 0, None),
    };
    let full = match kind {
        Kind::Rank => say("limit-ranked", max, max),
        _ => say("limit-full", max, max),
    };
    ContestPage {
        f,
        number: at + 1,
        of: questions.len(),
        title: question.contest.title.clone(),
        rule: words,
        kind,
        grouped: groups.iter().any(|group| !group.title.is_empty()),
        groups,
        blank: matches!(rule, Rule::Choose { blank: true, .. }).then_some(matches!(answer, Some(Answer::Blank))),
        nothing: (single && matches!(rule, Rule::Choose { min: 0, blank: false, .. }))
            .then_some(matches!(answer, Some(Answer::Options(o)) if o.is_empty())),
        max,
        most,
        total,
        ranking: if ranks { chosen.iter().map(|at| row(*at)).collect() } else { Vec::new() },
        long: options.len() > 12,
        back: (at > 0).then(|| Page::Contest(at - 1).path()),
        full,
    }
}
