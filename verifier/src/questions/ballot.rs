//! Is this ballot in the log, and does it count? Spec: 14-questions, ASK-1 to ASK-3.

use super::{Annulment, Found, NO_ROLL, chain, entry_of, meaning, status};
use crate::asked::{Sound, Voters};
use crate::proof_file::ProofFile;
use crate::prove::Prover;
use crate::tracker::{self, Name};
use crate::utc;
use serde::Serialize;
use std::fmt::Write as _;

/// Fields of the answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// Every entry that was named.
    pub ballots: Vec<Ballot>,
}

/// One ballot.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Ballot {
    pub hash: String,
    pub tracker: String,
    pub entry: u64,
    pub batch: Batch,
    pub number: Option<u32>,
    pub status: &'static str,
    pub later: Option<u64>,
    pub later_trackers: Option<Vec<String>>,
    pub annulment: Option<Annulment>,
}

/// When it was published, and with how many others.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Batch {
    pub time: u64,
    pub count: u32,
}

/// Answers.
pub fn ask(record: &Sound, name: &Name, with_trackers: bool, wants_file: bool) -> Result<Found<Facts>, String> {
    let Some(voters) = &record.voters else {
        return Ok(Found {
            verdict: "unknown",
            facts: Facts::default(),
            text: String::new(),
            code: 3,
            file: wants_file.then(|| Err(NO_ROLL.to_owned())),
        });
    };
    let named = record.log.ballots.iter().enumerate().filter(|(_, ballot)| name.names(&ballot.hash));
    let positions: Vec<usize> = named.map(|(position, _)| position).collect();
    let ballots: Vec<Ballot> = positions.iter().filter_map(|position| one(record, voters, *position, with_trackers)).collect();
    let mut text = String::new();
    for ballot in &ballots {
        let _ = write(&mut text, ballot);
    }
    let verdict = match ballots.as_slice() {
        [] => "absent",
        [one] => one.status,
        _ => "several",
    };
    if ballots.is_empty() {
        text = format!("status   absent: {}\n", meaning("absent"));
        if voters.closing.is_none() {
            text += "         Voting is not closed: what was cast in the last minutes may not be published yet.\n";
        }
    }
    if ballots.len() > 1 {
        let _ = writeln!(text, "{} ballots have this tracker; ask by ballot hash to tell them apart.", ballots.len());
    }
    let file = match positions.as_slice() {
        _ if !wants_file => None,
        [] => Some(Err("that a ballot is absent can be shown with the whole record only".to_owned())),
        [position] => Some(Ok(prove(record, voters, *position, with_trackers, &mut text)?)),
        _ => Some(Err("ask by ballot hash".to_owned())),
    };
    let code = match verdict {
        "absent" => 4,
        _ if ballots.iter().any(|ballot| ballot.status.ends_with("-so-far")) => 3,
        _ => 0,
    };
    Ok(Found { verdict, facts: Facts { ballots }, text, code, file })
}

fn one(record: &Sound, voters: &Voters, position: usize, with_trackers: bool) -> Option<Ballot> {
    let log = &record.log;
    let ballot = log.ballots.get(position)?;
    let (entry, status) = (entry_of(log, position), status(voters, position));
    let batch = record.batch(entry).map(|(time, count)| Batch { time, count }).unwrap_or_default();
    let later = (status == "superseded").then(|| {
        let chain = chain(log, &ballot.voter);
        chain.iter().filter(|(_, other)| other.number > ballot.number).map(|(_, other)| tracker::of(&other.hash)).collect::<Vec<_>>()
    });
    let annulled = voters.annulled.get(&ballot.voter).filter(|_| status.starts_with("annulled"));
    Some(Ballot {
        hash: hex::encode(ballot.hash),
        tracker: tracker::of(&ballot.hash),
        entry,
        batch,
        number: (!ballot.challenged).then_some(ballot.number),
        status,
        later: later.as_ref().map(|later| later.len() as u64),
        later_trackers: later.filter(|_| with_trackers),
        annulment: annulled.map(|(entry, reason)| Annulment { entry: *entry, reason: *reason }),
    })
}

fn write(text: &mut String, ballot: &Ballot) -> std::fmt::Result {
    writeln!(text, "ballot   {}, tracker {}", ballot.hash, ballot.tracker)?;
    writeln!(text, "entry    {}, in a batch of {} at {}", ballot.entry, ballot.batch.count, utc::show(ballot.batch.time))?;
    if let Some(number) = ballot.number {
        writeln!(text, "number   {number}: the voter's ballots are numbered from 1")?;
    }
    writeln!(text, "status   {}: {}", ballot.status, meaning(ballot.status))?;
    if let (Some(number), Some(later)) = (ballot.number, ballot.later) {
        let after = if later == 1 { "one came after this one".to_owned() } else { format!("{later} came after this one") };
        writeln!(text, "         superseded by ballot {} of this voter; {after}", number.saturating_add(1))?;
    }
    for tracker in ballot.later_trackers.iter().flatten() {
        writeln!(text, "         later: {tracker}")?;
    }
    if let Some(annulment) = ballot.annulment {
        writeln!(text, "         {}", annulment.text())?;
    }
    Ok(())
}

/// The proof file that the page has for the status.
fn prove(record: &Sound, voters: &Voters, position: usize, with_trackers: bool, text: &mut String) -> Result<ProofFile, String> {
    let ballot = record.log.ballots.get(position).ok_or("there is no such ballot")?;
    let (prover, entry) = (Prover::new(record)?, entry_of(&record.log, position));
    match (status(voters, position), voters.closing) {
        ("counted" | "annulled", Some(closing)) => prover.status(voters, closing, &ballot.voter, None),
        ("superseded", Some(closing)) if with_trackers => prover.status(voters, closing, &ballot.voter, Some(entry)),
        (status, closing) => {
            if status == "superseded" && closing.is_some() {
                text.push_str("The file shows that the ballot is in the log. To show that it is superseded it must name the later one: add --trackers.\n");
            }
            prover.inclusion(entry)
        }
    }
}
