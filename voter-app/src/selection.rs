//! What a voter chose, from text and back into words. Spec: 04-proofs, shapes; 03-manifest, rules.

use ballot::manifest::{Contest, Manifest, OptionList, Rule};
use ballot::shape::Selection;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// One contest as the voter's district sees it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The contest.
    pub contest: &'a Contest,
    /// Its options here.
    pub list: &'a OptionList,
}

/// What a voter says to one contest, before its rule is looked at. Options by their position. Secret.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Answer {
    /// Explicitly nobody.
    Blank,
    /// These; in a ranking the best first.
    Options(Vec<usize>),
    /// A number for each option.
    Amounts(Vec<u32>),
}

/// Why an answer is outside the rule of its contest (SHAPE-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Limit {
    #[error("there is no blank vote here.")]
    NoBlank,
    #[error("you chose {chosen} options, but at most {max} may be chosen.")]
    TooMany { chosen: u64, max: u64 },
    #[error("you chose {chosen} options, but at least {min} must be chosen.")]
    TooFew { chosen: u64, min: u64 },
    #[error("you chose {chosen} options, but exactly one must be chosen.")]
    NotOne { chosen: u64 },
    #[error("you ranked {chosen} options, but at most {max} may be ranked.")]
    TooManyRanked { chosen: u64, max: u64 },
    #[error("you gave a score of {score}, but the highest is {most}.")]
    TooHigh { score: u64, most: u64 },
    #[error("you shared out {given}, but it must be exactly {total}.")]
    Sum { given: u64, total: u64 },
    #[error("a blank vote chooses no option.")]
    BlankAndMore,
    #[error("a number is needed.")]
    NoNumber,
    #[error("this contest is answered in another way.")]
    OtherKind,
}

/// A selection as a list of words; made from the integers that are encrypted, not from what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Words {
    Blank,
    Nothing,
    Options(Vec<String>),
    /// Best first.
    Ranked(Vec<String>),
    Amounts(Vec<(String, u32)>),
}

/// The contests of a district in the order of the manifest.
pub fn questions(manifest: &Manifest, district: usize) -> Vec<Question<'_>> {
    let pair = |&item| manifest.contest(item).map(|(contest, list)| Question { contest, list });
    manifest.style(district).iter().filter_map(pair).collect()
}

/// Answers `contest=SELECTION`, each contest once and all of them, as selections in the order of the questions.
///
/// An error is a plain sentence.
pub fn parse_all(questions: &[Question<'_>], answers: &[String]) -> Result<Vec<Selection>, String> {
    let mut given = Vec::new();
    for answer in answers {
        let (contest, text) = answer.split_once('=').ok_or_else(|| format!("`{answer}` is not of the form contest=SELECTION."))?;
        if !questions.iter().any(|q| q.contest.id == contest) {
            let known: Vec<&str> = questions.iter().map(|q| q.contest.id.as_str()).collect();
            return Err(format!("Your district has no contest `{contest}`. It has: {}.", known.join(", ")));
        }
        if given.iter().any(|(known, _)| *known == contest) {
            return Err(format!("The contest `{contest}` is answered twice."));
        }
        given.push((contest, text));
    }
    let answered = |question: &Question<'_>| {
        let found = given.iter().find(|(contest, _)| *contest == question.contest.id);
        let (_, text) = found.ok_or_else(|| format!("The contest `{}` is not answered. {}", question.contest.id, question.how_to()))?;
        question.parse(text)
    };
    questions.iter().map(answered).collect()
}

impl Question<'_> {
    /// Reads one SELECTION; an error is a plain sentence.
    pub fn parse(&self, text: &str) -> Result<Selection, String> {
        let answer = match self.contest.rule {
            Rule::Choose { .. } if text == "-" => Answer::Blank,
            Rule::Choose { .. } | Rule::Approve {} | Rule::List {} => Answer::Options(self.positions(text, ',')?),
            Rule::Rank { .. } => Answer::Options(self.positions(text, '>')?),
            Rule::Score { .. } | Rule::Budget { .. } => Answer::Amounts(self.amounts(text)?),
        };
        self.select(&answer).map_err(|limit| format!("{}: {limit} {}", self.contest.title, self.how_to()))
    }

    /// The integers of an answer, if the rule of the contest allows it.
    pub fn select(&self, answer: &Answer) -> Result<Selection, Limit> {
        let n = self.list.options.len();
        let integers = match (&self.contest.rule, answer) {
            (Rule::Choose { blank: true, .. }, Answer::Blank) => {
                let mut integers = vec![0; n];
                integers.push(1);
                integers
            }
            (_, Answer::Blank) => return Err(Limit::NoBlank),
            (Rule::Choose { min, max, blank }, Answer::Options(chosen)) => {
                let count = chosen.len() as u64;
                if count > *max {
                    return Err(Limit::TooMany { chosen: count, max: *max });
                }
                if count < *min {
                    return Err(Limit::TooFew { chosen: count, min: *min });
                }
                let mut integers = marks(n, chosen);
                integers.extend(blank.then_some(0));
                integers
            }
            (Rule::Approve {}, Answer::Options(chosen)) => marks(n, chosen),
            (Rule::List {}, Answer::Options(chosen)) => match chosen.as_slice() {
                [one] => vec![*one as u32],
                several => return Err(Limit::NotOne { chosen: several.len() as u64 }),
            },
            (Rule::Rank { places }, Answer::Options(ranked)) => {
                if ranked.len() as u64 > *places {
                    return Err(Limit::TooManyRanked { chosen: ranked.len() as u64, max: *places });
                }
                let mut integers: Vec<u32> = ranked.iter().map(|at| *at as u32 + 1).collect();
                integers.resize(*places as usize, 0);
                integers
            }
            (Rule::Score { most }, Answer::Amounts(scores)) => {
                if let Some(score) = scores.iter().find(|s| u64::from(**s) > *most) {
                    return Err(Limit::TooHigh { score: u64::from(*score), most: *most });
                }
                scores.clone()
            }
            (Rule::Budget { total }, Answer::Amounts(shares)) => {
                let given: u64 = shares.iter().map(|s| u64::from(*s)).sum();
                if given != *total {
                    return Err(Limit::Sum { given, total: *total });
                }
                shares.clone()
            }
            (_, Answer::Options(_) | Answer::Amounts(_)) => return Err(Limit::OtherKind),
        };
        Ok(Selection(integers))
    }

    fn position(&self, id: &str) -> Result<usize, String> {
        let id = id.trim();
        let known = || format!("{}: there is no option `{id}` in your district. {}", self.contest.title, self.how_to());
        self.list.options.iter().position(|o| o.id == id).ok_or_else(known)
    }

    fn positions(&self, text: &str, separator: char) -> Result<Vec<usize>, String> {
        let ids: Vec<&str> = if text.trim().is_empty() { Vec::new() } else { text.split(separator).collect() };
        let chosen: Vec<usize> = ids.into_iter().map(|id| self.position(id)).collect::<Result<_, _>>()?;
        for (i, at) in chosen.iter().enumerate() {
            if chosen.iter().skip(i + 1).any(|other| other == at) {
                return Err(format!("{}: you named {} twice.", self.contest.title, self.option(*at)));
            }
        }
        Ok(chosen)
    }

    /// `a:3,b:0`; an option that is not named gets 0.
    fn amounts(&self, text: &str) -> Result<Vec<u32>, String> {
        let mut amounts = vec![None; self.list.options.len()];
        let items = text.split(',').filter(|item| !item.trim().is_empty());
        for item in items {
            let bad = || format!("{}: `{item}` is not of the form option:number. {}", self.contest.title, self.how_to());
            let (id, amount) = item.split_once(':').ok_or_else(bad)?;
            let at = self.position(id)?;
            let amount: u32 = amount.trim().parse().map_err(|_| bad())?;
            if amounts.get_mut(at).and_then(|slot| slot.replace(amount)).is_some() {
                return Err(format!("{}: you named {} twice.", self.contest.title, self.option(at)));
            }
        }
        Ok(amounts.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// An option in words, with its list or party if it has one.
    pub fn option(&self, at: usize) -> String {
        self.list
            .options
            .get(at)
            .map_or_else(String::new, |o| if o.group.is_empty() { o.title.clone() } else { format!("{} ({})", o.title, o.group) })
    }

    /// A selection as a list of words.
    pub fn chosen(&self, selection: &Selection) -> Words {
        let chosen = || selection.0.iter().enumerate().filter(|(_, m)| **m > 0);
        let some = |words: Vec<String>, as_words: fn(Vec<String>) -> Words| if words.is_empty() { Words::Nothing } else { as_words(words) };
        match self.contest.rule {
            Rule::Choose { .. } if chosen().any(|(at, _)| at == self.list.options.len()) => Words::Blank,
            Rule::Choose { .. } | Rule::Approve {} => some(chosen().map(|(at, _)| self.option(at)).collect(), Words::Options),
            Rule::List {} => Words::Options(selection.0.iter().map(|at| self.option(*at as usize)).collect()),
            Rule::Rank { .. } => some(chosen().map(|(_, m)| self.option((*m as usize).saturating_sub(1))).collect(), Words::Ranked),
            Rule::Score { .. } | Rule::Budget { .. } => {
                Words::Amounts(selection.0.iter().enumerate().map(|(at, m)| (self.option(at), *m)).collect())
            }
        }
    }

    /// A selection in one English sentence.
    pub fn words(&self, selection: &Selection) -> String {
        let words = match self.chosen(selection) {
            Words::Blank => "a blank vote".to_owned(),
            Words::Nothing => "nothing".to_owned(),
            Words::Options(options) => options.join(", "),
            Words::Ranked(options) => options.iter().enumerate().map(|(at, o)| format!("{}. {o}", at + 1)).collect::<Vec<_>>().join(", "),
            Words::Amounts(amounts) => amounts.iter().map(|(o, m)| format!("{o}: {m}")).collect::<Vec<_>>().join(", "),
        };
        format!("{}: {words}", self.contest.title)
    }

    /// How to write a SELECTION for this contest. It names no option as an example: that would be a hint.
    pub fn how_to(&self) -> String {
        let id = &self.contest.id;
        match self.contest.rule {
            Rule::Choose { min, max, blank } => {
                let example = if max > 1 { "OPTION,OPTION" } else { "OPTION" };
                let blank = if blank { ", or `-` for a blank vote" } else { "" };
                let none = if min == 0 { ", or nothing" } else { "" };
                let number = if min == max { format!("{max}") } else { format!("{min} to {max}") };
                format!("Choose {number}: `{id}={example}`{blank}{none}.")
            }
            Rule::Approve {} => format!("Choose any: `{id}=OPTION,OPTION`, or nothing."),
            Rule::Score { most } => format!("Give each 0 to {most} points: `{id}=OPTION:POINTS,OPTION:POINTS`; 0 if not named."),
            Rule::Budget { total } => format!("Share out exactly {total}: `{id}=OPTION:SHARE,OPTION:SHARE`; 0 if not named."),
            Rule::List {} => format!("Choose one: `{id}=OPTION`."),
            Rule::Rank { places } => format!("Rank up to {places}, best first: `{id}=OPTION>OPTION`, or nothing."),
        }
    }

    /// The question with all its options, for reading.
    pub fn page(&self) -> String {
        let mut page = format!("{} (contest `{}`)\n  {}\n", self.contest.title, self.contest.id, self.how_to());
        let width = self.list.options.iter().map(|o| o.id.len()).max().unwrap_or(0);
        for (at, option) in self.list.options.iter().enumerate() {
            page.push_str(&format!("    {:width$}  {}\n", option.id, self.option(at)));
        }
        page
    }
}

/// 1 at the chosen positions.
fn marks(n: usize, chosen: &[usize]) -> Vec<u32> {
    (0..n).map(|at| u32::from(chosen.contains(&at))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use ballot::Shape;
    use ballot::manifest::{ContestOption, Count};

    fn contest(rule: Rule) -> Contest {
        let option = |id: &str, title: &str, group: &str| ContestOption { group: group.into(), id: id.into(), title: title.into() };
        let options = vec![option("a", "Ann", ""), option("b", "Ben", "Blue"), option("c", "Cy", "")];
        let lists = vec![OptionList { districts: vec!["north".into()], options }];
        Contest { count: Count::Sum, id: "q".into(), lists, rule, title: "Question".into() }
    }

    /// The integers and the words of a text, or the sentence of its refusal; what parses has bits in its shape.
    fn read(rule: &Rule, text: &str) -> Result<(Vec<u32>, String), String> {
        let contest = contest(rule.clone());
        let question = Question { contest: &contest, list: &contest.lists[0] };
        let selection = question.parse(text)?;
        Shape::new(rule, 3).unwrap().bits_of(&selection).unwrap();
        Ok((selection.0.clone(), question.words(&selection)))
    }

    #[test]
    fn what_is_read_is_said_again() {
        let choose = |min, max, blank| Rule::Choose { min, max, blank };
        let fine: [(Rule, &str, &[u32], &str); 14] = [
            (choose(1, 1, true), "b", &[0, 1, 0, 0], "Ben (Blue)"),
            (choose(1, 1, true), "-", &[0, 0, 0, 1], "a blank vote"),
            (choose(1, 2, false), "c,a", &[1, 0, 1], "Ann, Cy"),
            (choose(0, 2, false), "", &[0, 0, 0], "nothing"),
            (Rule::Approve {}, "a, b,c", &[1, 1, 1], "Ann, Ben (Blue), Cy"),
            (Rule::Approve {}, "", &[0, 0, 0], "nothing"),
            (Rule::List {}, "a", &[0], "Ann"),
            (Rule::List {}, "c", &[2], "Cy"),
            (Rule::Rank { places: 3 }, "c>a", &[3, 1, 0], "1. Cy, 2. Ann"),
            (Rule::Rank { places: 2 }, "", &[0, 0], "nothing"),
            (Rule::Score { most: 5 }, "a:3,c:5", &[3, 0, 5], "Ann: 3, Ben (Blue): 0, Cy: 5"),
            (Rule::Score { most: 5 }, "", &[0, 0, 0], "Ann: 0, Ben (Blue): 0, Cy: 0"),
            (Rule::Budget { total: 10 }, "b:10", &[0, 10, 0], "Ann: 0, Ben (Blue): 10, Cy: 0"),
            (Rule::Budget { total: 10 }, "a:4,b:4,c:2", &[4, 4, 2], "Ann: 4, Ben (Blue): 4, Cy: 2"),
        ];
        for (rule, text, integers, words) in fine {
            assert_eq!(read(&rule, text), Ok((integers.to_vec(), format!("Question: {words}"))), "{rule:?} {text}");
        }
    }

    #[test]
    fn what_the_rule_does_not_allow_is_refused_in_a_sentence() {
        let choose = |min, max, blank| Rule::Choose { min, max, blank };
        let wrong: [(Rule, &str, &str); 15] = [
            (choose(1, 2, true), "a,b,c", "Question: you chose 3 options, but at most 2 may be chosen."),
            (choose(1, 1, true), "", "Question: you chose 0 options, but at least 1 must be chosen."),
            (choose(1, 1, false), "-", "Question: there is no blank vote here."),
            (choose(1, 2, true), "a,a", "Question: you named Ann twice."),
            (choose(1, 2, true), "a,-", "Question: there is no option `-` in your district."),
            (choose(1, 1, true), "d", "Question: there is no option `d` in your district."),
            (Rule::Approve {}, "a,,b", "Question: there is no option `` in your district."),
            (Rule::List {}, "a,b", "Question: you chose 2 options, but exactly one must be chosen."),
            (Rule::List {}, "", "Question: you chose 0 options, but exactly one must be chosen."),
            (Rule::Rank { places: 2 }, "a>b>c", "Question: you ranked 3 options, but at most 2 may be ranked."),
            (Rule::Rank { places: 3 }, "a>a", "Question: you named Ann twice."),
            (Rule::Score { most: 5 }, "a:6", "Question: you gave a score of 6, but the highest is 5."),
            (Rule::Score { most: 5 }, "a:-1", "Question: `a:-1` is not of the form option:number."),
            (Rule::Budget { total: 10 }, "a:9", "Question: you shared out 9, but it must be exactly 10."),
            (Rule::Budget { total: 10 }, "a:9,a:1", "Question: you named Ann twice."),
        ];
        for (rule, text, sentence) in wrong {
            let said = read(&rule, text).unwrap_err();
            assert!(said.starts_with(sentence), "{rule:?} {text}: {said}");
        }
    }

    #[test]
    fn every_contest_is_answered_once() {
        let contest = contest(Rule::List {});
        let questions = [Question { contest: &contest, list: &contest.lists[0] }];
        let read = |answers: &[&str]| parse_all(&questions, &answers.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["q=b"]).unwrap()[0].0, [1]);
        assert!(read(&[]).unwrap_err().starts_with("The contest `q` is not answered."));
        assert!(read(&["q=a", "q=b"]).unwrap_err().contains("twice"));
        assert!(read(&["r=a"]).unwrap_err().contains("no contest `r`"));
        assert!(read(&["q"]).unwrap_err().contains("contest=SELECTION"));
    }
}
