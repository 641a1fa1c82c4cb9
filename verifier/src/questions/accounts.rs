//! What became of every ballot: the processing log. Spec: 14-questions, ASK-11.

use super::{Found, NO_ROLL, entry_of, status};
use crate::asked::{Sound, Voters};
use crate::bytes::Hash;
use crate::log::Item;
use crate::tracker;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Fields of the answer: how many ballots there are of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Facts {
    pub ballots: u64,
    pub counted: u64,
    pub superseded: u64,
    pub annulled: u64,
    pub challenged: u64,
}

/// The names of the columns.
const HEAD: &str = "entry,batch_time,hash,tracker,district,number,status,by,reason\n";

/// Answers, with the table as CSV.
pub fn ask(record: &Sound, wants_file: bool) -> (Found<Facts>, String) {
    let file = |why: &str| wants_file.then(|| Err(why.to_owned()));
    let Some(voters) = &record.voters else {
        let found = Found { verdict: "unknown", facts: Facts::default(), text: String::new(), code: 3, file: file(NO_ROLL) };
        return (found, HEAD.to_owned());
    };
    let (facts, table) = account(record, voters);
    let closed = voters.closing.is_some();
    let mut text = format!("ballots    {:>9}, each in one of these lines:\n", facts.ballots);
    let lines = [
        (if closed { "counted" } else { "last so far" }, facts.counted),
        ("superseded", facts.superseded),
        (if closed { "annulled" } else { "annulled so far" }, facts.annulled),
        ("challenged", facts.challenged),
    ];
    for (name, number) in lines {
        let _ = writeln!(text, "{number:>20}  {name}");
    }
    let (verdict, code) = if closed { ("accounted", 0) } else { ("accounted-so-far", 3) };
    let why = "what became of every ballot can be shown with the whole record only";
    (Found { verdict, facts, text, code, file: file(why) }, table)
}

/// One line for each ballot, in the order of the log.
fn account(record: &Sound, voters: &Voters) -> (Facts, String) {
    let (log, times) = (&record.log, batch_times(record));
    let numbered = log.ballots.iter().enumerate().filter(|(_, ballot)| !ballot.challenged);
    let entries: HashMap<(&Hash, u32), u64> =
        numbered.map(|(position, ballot)| ((&ballot.voter, ballot.number), entry_of(log, position))).collect();
    let (mut facts, mut table) = (Facts::default(), HEAD.to_owned());
    for (position, ballot) in log.ballots.iter().enumerate() {
        let (entry, status) = (entry_of(log, position), status(voters, position));
        let of_status = match status {
            "challenged" => &mut facts.challenged,
            "superseded" => &mut facts.superseded,
            "annulled" | "annulled-so-far" => &mut facts.annulled,
            _ => &mut facts.counted,
        };
        *of_status = of_status.saturating_add(1);
        facts.ballots = facts.ballots.saturating_add(1);
        let (by, reason) = match status {
            "superseded" => (entries.get(&(&ballot.voter, ballot.number.saturating_add(1))).copied(), None),
            "annulled" | "annulled-so-far" => {
                let order = voters.annulled.get(&ballot.voter).copied();
                (order.map(|(entry, _)| entry), order.map(|(_, reason)| if reason == 1 { "paper" } else { "decision" }))
            }
            _ => (None, None),
        };
        let number = (!ballot.challenged).then_some(ballot.number);
        let district = record.manifest.districts.get(usize::from(ballot.district)).map_or("", String::as_str);
        let _ = writeln!(
            table,
            "{entry},{},{},{},{district},{},{status},{},{}",
            times.get(&entry).copied().unwrap_or_default(),
            hex::encode(ballot.hash),
            tracker::of(&ballot.hash),
            number.map_or_else(String::new, |number| number.to_string()),
            by.map_or_else(String::new, |by| by.to_string()),
            reason.unwrap_or_default(),
        );
    }
    (facts, table)
}

/// The time of the batch of each ballot's entry.
fn batch_times(record: &Sound) -> HashMap<u64, u64> {
    let (mut time, mut times) = (0, HashMap::new());
    for (entry, item) in (0u64..).zip(&record.log.items) {
        match item {
            Item::Plain(plain) => {
                if let crate::entry::Entry::Batch { time: of_batch, .. } = **plain {
                    time = of_batch;
                }
            }
            _ => drop(times.insert(entry, time)),
        }
    }
    times
}
