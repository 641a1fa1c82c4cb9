//! What the operator does beside the server. Spec: 11-record KEEP-2.

use super::{File, Line, Outcome, user};
use crate::cli::{Command, Export, Roll, Vis3};
use crate::data::DataDir;
use crate::store::{Database, Place};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// A command that changes the box, or copies out of it.
pub struct Noted {
    data: PathBuf,
    place: Place,
    what: &'static str,
    files: Vec<File>,
}

/// What is noted of a command: nothing of one that only shows, or has no box yet. `init`, `restore`, `serve` and
/// `destroy` write their own lines.
pub fn of(command: &Command) -> Option<Noted> {
    let here = Place::default();
    let (data, place, what, files): (&Path, &Place, _, Vec<&Path>) = match command {
        Command::Roll(Roll::Import { data, place, voters }) => (data, place, "roll import", vec![voters]),
        Command::Roll(Roll::Change { data, place, changes }) => (data, place, "roll change", vec![changes]),
        Command::Roll(Roll::Pseudonyms { data, place, codes, .. }) => (data, place, "roll pseudonyms", vec![codes]),
        Command::Roll(Roll::Vis3(command)) => match command {
            Vis3::Apply { signed, dry_run: false, .. } => signed.noted("roll vis3 apply"),
            Vis3::Fetch(fetch) => fetch.noted()?,
            Vis3::Skip(signed) => signed.noted("roll vis3 skip"),
            Vis3::Revoke { data, place, file, .. } => (data, place, "roll vis3 revoke", vec![file]),
            Vis3::Write { data, place, .. } => (data, place, "roll vis3 write", vec![]),
            Vis3::Apply { dry_run: true, .. } | Vis3::Status { .. } => return None,
        },
        Command::Backup { data, .. } => (data, &here, "backup", vec![]),
        Command::Export(Export::OnlineVoters { common, .. }) => common.noted("export online-voters"),
        Command::Export(Export::Total(common)) => common.noted("export total"),
        Command::Export(Export::Counties { common, .. }) => common.noted("export counties"),
        Command::Export(Export::Results { common, .. }) => common.noted("export results"),
        Command::Evidence { data, place, .. } => (data, place, "evidence", vec![]),
        Command::Anonymise(common) if !common.dry_run => (&common.data, &common.place, "anonymise", vec![]),
        Command::Anonymise(_) => return None,
        Command::Init { .. } | Command::Restore { .. } | Command::Serve { .. } | Command::Destroy { .. } => return None,
        Command::Keygen { .. } | Command::Status { .. } | Command::Journal { .. } | Command::Container { .. } | Command::Handbook(_) => {
            return None;
        }
    };
    let file = |path: &&Path| File { name: path.display().to_string(), bytes: path.metadata().map_or(0, |meta| meta.len()) };
    Some(Noted { data: data.to_owned(), place: place.clone(), what, files: files.iter().map(file).collect() })
}

/// Writes that a command begins, and then how it ended; where there is no such line, it was cut short. Where there is no box, the command says so.
pub fn around(noted: Noted, act: impl FnOnce() -> Result<()>) -> Result<()> {
    let Noted { data, place, what, files } = noted;
    let Ok(dir) = DataDir::open(&data, &place) else { return act() };
    Line { files, ..Line::new(user(), what, Outcome::Begun) }.write(&*place.open(&dir)?).context("the journal (KEEP-2)")?;
    let outcome = act();
    if let Err(error) = place.open(&dir).and_then(|db| end(&*db, what, &outcome)) {
        eprintln!("collector: the journal does not say how it ended: {error:#}");
    }
    outcome
}

fn end(db: &dyn Database, what: &str, outcome: &Result<()>) -> Result<()> {
    let line = match outcome {
        Ok(()) => Line::new(user(), what, Outcome::Done),
        Err(error) => {
            let message = format!("{error:#}");
            Line::new(user(), what, Outcome::Refused).because(rule(&message), &message)
        }
    };
    Ok(line.write(db)?)
}

/// The first word of a message that looks like a rule's name.
fn rule(message: &str) -> &str {
    let is_rule = |word: &&str| {
        word.split_once('-').is_some_and(|(page, number)| {
            page.len() > 1
                && page.bytes().all(|b| b.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        })
    };
    message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find(is_rule).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::rule;

    #[test]
    fn the_rule_of_a_message() {
        assert_eq!(rule("cannot: ROLL-5: line 3: already there"), "ROLL-5");
        assert_eq!(rule("VIS3-EHS 5: no rule of ours; E-RECONCILE, a-1 and B-1 are none, nor is UTF-8x"), "");
    }
}
