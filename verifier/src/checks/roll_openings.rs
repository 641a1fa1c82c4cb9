//! V21: the openings of pseudonyms give exactly the roll. Rules EVID-1, ROLL-3. Needs the restricted evidence.

use crate::bytes::{Fault, Hash};
use crate::counted::Line;
use crate::hash::Labelled;
use crate::manifest::Manifest;
use crate::report::{Check, Place};
use crate::{evidence::Evidence, text};
use std::collections::{HashMap, HashSet};

/// Who stands behind a pseudonym.
pub type People = HashMap<Hash, String>;

/// Runs V21; gives the person codes if they can be trusted.
pub fn check(evidence: &Evidence, manifest: &Manifest, roll: &[Line]) -> Result<(Check, Option<People>), String> {
    let mut check = Check::new("V21", "roll openings");
    let place = Place::Evidence("roll.csv".to_owned());
    let Some(file) = evidence.roll()? else {
        check.fail(&place, "EVID-1", "missing");
        return Ok((check, None));
    };
    let mut people = People::new();
    let mut codes = HashSet::new();
    let districts = manifest.district_positions();
    let mut lines = file.split('\n');
    if lines.next() != Some("person_code,pseudonym,blinding,district") {
        check.fail(&place, "EVID-1", "not the header that must stand there");
    }
    let mut lines: Vec<&str> = lines.collect();
    if lines.pop() != Some("") {
        check.fail(&place, "EVID-1", "no line end after the last line");
    }
    let mut expected = roll.iter();
    for (line, number) in lines.into_iter().zip(2u64..) {
        check.look();
        match opening(line, manifest, &districts, expected.next()) {
            Ok((pseudonym, code)) => {
                if !codes.insert(code.to_owned()) {
                    check.fail(&place, "ROLL-3", format!("line {number}: a person code has two pseudonyms"));
                }
                people.insert(pseudonym, code.to_owned());
            }
            Err(fault) => check.fail(&place, fault.rule, format!("line {number}: {}", fault.text)),
        }
    }
    let left = expected.count();
    if left > 0 {
        check.fail(&place, "EVID-1", format!("{left} pseudonyms of the roll have no opening"));
    }
    let people = check.passed().then_some(people);
    Ok((check, people))
}

fn opening<'a>(
    line: &'a str,
    manifest: &Manifest,
    districts: &HashMap<&str, u16>,
    expected: Option<&Line>,
) -> Result<(Hash, &'a str), Fault> {
    let fault = |text: &str| Fault::new("EVID-1", text);
    let fields: Vec<&str> = line.split(',').collect();
    let [code, pseudonym, blinding, district] = fields.as_slice() else { return Err(fault("not four fields")) };
    let pseudonym = text::hex32(pseudonym).ok_or_else(|| fault("the pseudonym is not lower-case hex"))?;
    let blinding = text::hex32(blinding).ok_or_else(|| fault("the blinding is not lower-case hex"))?;
    let district = districts.get(district).copied().ok_or_else(|| fault("the manifest has no such district"))?;
    let line = Line { pseudonym, district };
    if !(1..=64).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(fault("the person code is not 1 to 64 printable characters"));
    }
    let made = Labelled::new("pseudonym").with(&manifest.election).with(&blinding).with(code.as_bytes()).done();
    if made != pseudonym {
        return Err(Fault::new("ROLL-3", "the opening gives another pseudonym"));
    }
    if expected == Some(&line) { Ok((pseudonym, code)) } else { Err(fault("not the line of the roll that must stand here")) }
}
