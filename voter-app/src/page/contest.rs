//! The page of one contest: every option alike, in lists or as a ranking.

use super::form::is_single;
use super::frame::{Frame, option_name};
use super::journey::Journey;
use super::steps::Page;
use super::texts::Arg;
use crate::selection::Answer;
use askama::Template;
use ballot::manifest::Rule;

/// One contest, with what is chosen so far.
#[derive(Template)]
#[template(path = "contest.html")]
pub struct ContestPage<'a> {
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

/// The page of a contest, by its position.
pub fn contest<'a>(journey: &Journey, f: &'a Frame<'a>, at: usize) -> Option<ContestPage<'a>> {
    let questions = journey.questions();
    let question = questions.get(at).copied()?;
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
    Some(ContestPage {
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
    })
}
