//! The pages as they are shown: what each template is given. Names of elections, contests, lists and candidates are shown as they stand in
//! the manifest; everything around them is a sentence of [`texts`](super::texts).

use super::contest::contest;
use super::form::Settings;
use super::frame::Frame;
use super::guard::Refusal;
use super::journey::Journey;
use super::steps::{Done, InBox, Page};
use super::texts::Lang;
use super::trouble::Way;
use crate::eid::{self, InputKind, Secret};
use crate::selection::{Question, Words};
use askama::Template;

/// Style, script and icon.
pub fn file(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/style.css" => Some(("text/css; charset=utf-8", include_str!("../../static/style.css"))),
        "/page.js" => Some(("text/javascript; charset=utf-8", include_str!("../../static/page.js"))),
        "/icon.svg" => Some(("image/svg+xml", include_str!("../../static/icon.svg"))),
        _ => None,
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
    /// Names of means that are not set up here.
    others: Option<String>,
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

/// A form for each means that can be used, and the names of the others.
fn means_forms(lang: Lang, settings: &Settings, practice: bool) -> (Vec<MeansForm>, Option<String>) {
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
    let (usable, others) = settings.means(practice);
    let names: Vec<String> = others.iter().map(|means| lang.plain(&format!("means-{}", means.name))).collect();
    (usable.into_iter().map(form).collect(), Some(names.join(", ")).filter(|names| !names.is_empty()))
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait<'a> {
    f: &'a Frame<'a>,
    doing: String,
    secret: Option<SecretField>,
    code: Option<(String, String)>,
    /// A QR code as an SVG element.
    picture: Option<String>,
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
        Page::Identify => {
            let (means, others) = means_forms(f.lang, f.settings, f.practice);
            Identify { f, means, others }.render()
        }
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
        // Only a contest that is there may be seen.
        Page::Contest(at) => contest(journey, f, at).map_or_else(|| Ok(String::new()), |page| page.render()),
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
        eid::Notice::Scan(_) => Some((f.say("code-scan"), String::new())),
        eid::Notice::Elsewhere(Secret::Pin1) => Some((f.say("code-elsewhere-1"), String::new())),
        eid::Notice::Elsewhere(_) => Some((f.say("code-elsewhere-2"), String::new())),
        eid::Notice::Over => None,
    });
    let picture = match &journey.shown {
        Some(eid::Notice::Scan(link)) => crate::qr::picture(link),
        _ => None,
    };
    let doing = journey.busy.map_or_else(String::new, |busy| f.say(busy.key()));
    Wait { f, doing, may_stop: secret.is_some() || code.is_some(), secret, code, picture }
}
