//! What the voter's forms say. Options are named by their position; what is chosen never stands in an address.

use super::journey::Journey;
use super::steps::{Card, Job, Move, Page};
use crate::commands::{Place, parse_id, parse_url};
use crate::eid::{Answers, InputKind, MEANS, Means, pem};
use crate::failure::Failure;
use crate::selection::{Answer, Limit, Question};
use ballot::manifest::Rule;
use zeroize::{Zeroize, Zeroizing};

/// The fields of one form. Wiped when dropped: there may be a PIN or a choice among them.
pub struct Fields(Vec<(String, String)>);

impl Drop for Fields {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(name, value)| {
            name.zeroize();
            value.zeroize();
        });
    }
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        Some(Self(actix_web::web::Query::<Vec<(String, String)>>::from_query(text).ok()?.into_inner()))
    }

    /// The first field of this name.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }
}

/// Does the step of this address.
pub fn step(path: &str, fields: &Fields, settings: &Settings, journey: &mut Journey) -> Option<Job> {
    if let Some(Page::Contest(contest)) = Page::find(path) {
        return answer(contest, fields, journey);
    }
    let revision = fields.get("revision").and_then(|r| r.parse().ok());
    match path {
        "/enter" => journey.enter(place(fields)),
        "/identify" => {
            journey.identify();
            None
        }
        "/login" => {
            let practice = journey.card.as_ref().is_some_and(Card::practice);
            let means = settings.means(practice).0.into_iter().find(|means| Some(means.name) == fields.get("means"))?;
            journey.log_in(means.name, inputs(means, fields, settings))
        }
        "/secret" => {
            let secret = fields.get("secret").filter(|_| fields.get("stop").is_none()).filter(|s| !s.is_empty());
            journey.type_secret(secret.map(|s| Zeroizing::new(s.to_owned())));
            None
        }
        "/begin" => journey.begin(),
        "/sign" => journey.sign(revision),
        "/challenge" => journey.open(revision),
        "/resend" => journey.resend(),
        "/look" => journey.look(),
        "/logout" => journey.log_out(false),
        "/quit" => journey.quit(),
        _ => None,
    }
}

fn place(fields: &Fields) -> Option<Place> {
    let bare: String = fields.get("id")?.chars().filter(|c| !c.is_whitespace()).collect();
    let collector = parse_url(fields.get("collector")?.trim().trim_end_matches('/')).ok()?;
    Some(Place { collector, election_id: parse_id(&bare.to_lowercase()).ok()? })
}

/// What whoever set the program up has told the means: a PKCS#11 module, the address of a service.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Means, name, value.
    told: Vec<(String, String, String)>,
    /// Bare key files may be used in an election that counts.
    key_files: bool,
}

impl Settings {
    /// Reads `MEANS.NAME=VALUE`.
    pub fn read(texts: &[String], key_files: bool) -> Result<Self, Failure> {
        let read = |text: &String| {
            let parts = text.split_once('=').and_then(|(name, value)| Some((name.split_once('.')?, value)));
            let ((means, name), value) = parts.ok_or_else(|| Failure::usage(format!("`{text}` is not MEANS.NAME=VALUE.")))?;
            let known = Means::find(means)?.inputs.iter().any(|input| input.name == name);
            if known {
                Ok((means.to_owned(), name.to_owned(), value.to_owned()))
            } else {
                Err(Failure::usage(format!("The eID `{means}` takes no `{name}`.")))
            }
        };
        Ok(Self { told: texts.iter().map(read).collect::<Result<_, _>>()?, key_files })
    }

    fn get(&self, means: &str, name: &str) -> Option<&str> {
        self.told.iter().find(|(m, n, _)| m == means && n == name).map(|(.., value)| value.as_str())
    }

    /// The means that can be used in this election on this computer, and those for which something is not set up. Bare key files, which
    /// only tests have, are of neither kind where votes count, unless the program was started for them.
    pub fn means(&self, practice: bool) -> (Vec<&'static Means>, Vec<&'static Means>) {
        let here = |means: &&Means| practice || self.key_files || ![pem::FOLDER.name, pem::FILES.name].contains(&means.name);
        let ready = |means: &&Means| {
            means.inputs.iter().all(|i| i.kind != InputKind::Setting || i.optional || self.get(means.name, i.name).is_some())
        };
        MEANS.iter().filter(here).partition(ready)
    }
}

fn inputs(means: &Means, fields: &Fields, settings: &Settings) -> Option<Answers> {
    let mut answers = Answers::default();
    for (_, name, value) in settings.told.iter().filter(|(m, ..)| m == means.name) {
        answers.set(name, Zeroizing::new(value.clone()));
    }
    for input in means.inputs.iter().filter(|input| input.kind != InputKind::Setting) {
        match fields.get(input.name).map(str::trim).filter(|value| !value.is_empty()) {
            Some(value) => answers.set(input.name, Zeroizing::new(value.to_owned())),
            None if input.optional => {}
            None => return None,
        }
    }
    Some(answers)
}

fn answer(contest: usize, fields: &Fields, journey: &mut Journey) -> Option<Job> {
    let (rule, options) = journey.questions().get(contest).map(|q| (q.contest.rule.clone(), q.list.options.len()))?;
    if let Rule::Rank { .. } = rule {
        let moves = [("add", Move::Add as fn(usize) -> Move), ("remove", Move::Remove), ("up", Move::Up), ("down", Move::Down)];
        if let Some((how, at)) = moves.iter().find_map(|(name, how)| Some((how, fields.number(name)?))) {
            journey.rank(contest, &how(at));
            return None;
        }
        if let Some(order) = fields.get("order") {
            let order: Option<Vec<usize>> = order.split(',').filter(|at| !at.is_empty()).map(|at| at.parse().ok()).collect();
            journey.rank(contest, &Move::Order(order?));
            return None;
        }
        return journey.ranked(contest);
    }
    let (answer, wrong) = read(&rule, options, fields);
    journey.answered(contest, answer, wrong)
}

/// The answer of a form, and what is wrong about it beyond the rule of the contest.
fn read(rule: &Rule, options: usize, fields: &Fields) -> (Answer, Option<Limit>) {
    if matches!(rule, Rule::Score { .. } | Rule::Budget { .. }) {
        let mut wrong = None;
        let amount = |at: usize| match fields.get(&format!("p{at}")).map(str::trim).unwrap_or_default() {
            "" => 0,
            digits => digits.parse::<u32>().unwrap_or_else(|_| {
                wrong = Some(Limit::NoNumber);
                0
            }),
        };
        return (Answer::Amounts((0..options).map(amount).collect()), wrong);
    }
    let mut chosen: Vec<usize> = fields.all("o").filter_map(|o| o.parse().ok()).filter(|at| *at < options).collect();
    chosen.sort_unstable();
    chosen.dedup();
    let blank = fields.all("o").any(|o| o == "blank");
    match (blank, chosen.is_empty()) {
        (true, true) => (Answer::Blank, None),
        (true, false) => (Answer::Options(chosen), Some(Limit::BlankAndMore)),
        (false, _) => (Answer::Options(chosen), None),
    }
}

/// True if the contest is answered by one choice among radio buttons.
pub fn is_single(question: &Question<'_>) -> bool {
    matches!(question.contest.rule, Rule::List {} | Rule::Choose { max: 1, .. })
}
