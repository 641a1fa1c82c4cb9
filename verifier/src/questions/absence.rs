//! Did anyone vote under this pseudonym? Spec: 14-questions, ASK-4; 07-casting.

use super::{Annulment, Found, NO_ROLL, chain, meaning, status};
use crate::asked::Sound;
use crate::bytes::Hash;
use crate::prove::Prover;
use serde::Serialize;
use std::fmt::Write as _;

/// Fields of the answer.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)]
pub struct Facts {
    pub pseudonym: String,
    pub ballots: u64,
    pub challenged: u64,
    pub last: Option<&'static str>,
    pub annulment: Option<Annulment>,
}

/// Whom the question is about.
#[derive(Clone, Debug)]
pub enum Who {
    /// A pseudonym, as the roll has it.
    Pseudonym(Hash),
    /// What it is computed from.
    Person {
        /// `PNOEE-38001085718`.
        code: String,
        /// Given to the voter at login.
        blinding: Hash,
    },
}

/// A person code: printable ASCII, 1 to 64 bytes, no spaces. Spec: 07-casting.
pub fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

impl Who {
    /// `H("pseudonym", election ‖ blinding ‖ person code)`.
    pub fn pseudonym(&self, election: &Hash) -> Hash {
        match self {
            Self::Pseudonym(pseudonym) => *pseudonym,
            Self::Person { code, blinding } => {
                crate::hash::labelled("pseudonym", &[election.as_slice(), blinding, code.as_bytes()].concat())
            }
        }
    }
}

/// Answers.
pub fn ask(record: &Sound, who: &Who, wants_file: bool) -> Result<Found<Facts>, String> {
    let pseudonym = who.pseudonym(&record.manifest.election);
    let name = hex::encode(pseudonym);
    let mut facts = Facts { pseudonym: name.clone(), ..Facts::default() };
    let Some(voters) = &record.voters else {
        return Ok(Found { verdict: "unknown", facts, text: String::new(), code: 3, file: wants_file.then(|| Err(NO_ROLL.to_owned())) });
    };
    let mut text = format!("pseudonym {name}\n");
    if voters.roll.binary_search_by_key(&pseudonym, |line| line.pseudonym).is_err() {
        text += "answer    not-on-roll: the roll of this election has no such pseudonym, so nobody could vote under it\n";
        if voters.closing.is_none() {
            text += "          Voting is not closed: until it is, people may still be added.\n";
        }
        if matches!(who, Who::Person { .. }) {
            text += "          It was computed from person code and blinding: if one of them was mistyped, this is somebody else's.\n";
        }
        let file = wants_file.then(|| Err("that a pseudonym is not on the roll can be shown with the whole roll only".to_owned()));
        return Ok(Found { verdict: "not-on-roll", facts, text, code: 4, file });
    }
    let chain = chain(&record.log, &pseudonym);
    facts.ballots = chain.len() as u64;
    facts.challenged = record.log.ballots.iter().filter(|ballot| ballot.challenged && ballot.voter == pseudonym).count() as u64;
    let last = chain.last().map(|(position, _)| status(voters, *position));
    facts.last = last;
    let annulled = voters.annulled.get(&pseudonym).filter(|_| last.is_some());
    facts.annulment = annulled.map(|(entry, reason)| Annulment { entry: *entry, reason: *reason });
    let (verdict, code) = match (last, voters.closing) {
        (None, Some(_)) => ("none", 0),
        (None, None) => ("none-so-far", 3),
        (Some(_), _) => ("cast", 4),
    };
    let _ = match last {
        Some(last) => {
            let ballots = if facts.ballots == 1 { "one ballot was".to_owned() } else { format!("{} ballots were", facts.ballots) };
            writeln!(text, "answer    cast: {ballots} cast under it\nlast      {last}: {}", meaning(last))
        }
        None if voters.closing.is_some() => writeln!(text, "answer    none: nobody voted under this pseudonym"),
        None => writeln!(text, "answer    none-so-far: nobody has voted under it yet, and voting is not closed"),
    };
    if let Some(annulment) = facts.annulment {
        let _ = writeln!(text, "          {}", annulment.text());
    }
    if facts.challenged > 0 {
        let _ = writeln!(text, "besides   ballots challenged under it, so opened for testing and never counted: {}", facts.challenged);
    }
    let file = match voters.closing {
        _ if !wants_file => None,
        Some(closing) => Some(Ok(Prover::new(record)?.status(voters, closing, &pseudonym, None)?)),
        None => Some(Err("there is one only when voting is closed for good and the set of ballots is fixed".to_owned())),
    };
    Ok(Found { verdict, facts, text, code, file })
}
