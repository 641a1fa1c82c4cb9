//! V21: the openings of pseudonyms give exactly the whole roll. Rules EVID-1, ROLL-3. Needs the restricted evidence.

use crate::bytes::{Fault, Hash};
use crate::counted::Line;
use crate::hash::Labelled;
use crate::manifest::Manifest;
use crate::report::{Check, Place};
use crate::{evidence::Evidence, text};
use std::collections::{HashMap, HashSet};

/// Who stands behind a pseudonym.
pub type People = HashMap<Hash, String>;

/// Runs V21 on the whole roll; gives the person codes of the lines that hold.
pub fn check(evidence: &Evidence, manifest: &Manifest, roll: &[Line]) -> Result<(Check, People), String> {
    let mut check = Check::new("V21", "roll openings");
    let place = Place::Evidence("roll.csv".to_owned());
    let mut people = People::new();
    check.look();
    let Some(file) = evidence.roll()? else {
        check.fail(&place, "EVID-1", "missing, or not a text");
        return Ok((check, people));
    };
    let (mut codes, mut named) = (HashSet::new(), HashSet::new());
    let districts = manifest.district_positions();
    let (header, mut lines) = file.split_once('\n').unwrap_or((&file, ""));
    if header != "person_code,pseudonym,blinding,district" {
        check.fail(&place, "EVID-1", "not the header that must stand there");
    }
    let (mut at, mut last) = (header.len().saturating_add(1), None);
    while !lines.is_empty() {
        check.look();
        let (line, rest) = lines.split_once('\n').unwrap_or((lines, ""));
        let result = if line.len() == lines.len() { Err(Fault::new("EVID-1", "no line end")) } else { opening(line, manifest, &districts) };
        let result = result.and_then(|(of, code)| {
            named.insert(of.pseudonym);
            let fault = |rule, text: &str| Err(Fault::new(rule, text));
            match roll.binary_search_by_key(&of.pseudonym, |line| line.pseudonym) {
                _ if last.is_some_and(|last| last >= of.pseudonym) => fault("EVID-1", "not sorted, or a pseudonym twice"),
                Ok(position) if roll.get(position) == Some(&of) => {
                    last = Some(of.pseudonym);
                    if codes.insert(code) { Ok((of, code)) } else { fault("ROLL-3", "a person code has two pseudonyms") }
                }
                Ok(_) => fault("EVID-1", "another district than the last one on the roll"),
                Err(_) => fault("EVID-1", "has not been on the roll"),
            }
        });
        match result {
            Ok((of, code)) => drop(people.insert(of.pseudonym, code.to_owned())),
            Err(fault) => check.fault(&place, &fault.at(at)),
        }
        at = at.saturating_add(line.len()).saturating_add(1);
        lines = rest;
    }
    for line in roll.iter().filter(|line| !named.contains(&line.pseudonym)) {
        check.look();
        check.fail(&Place::Pseudonym(line.pseudonym), "EVID-1", "roll.csv has no opening");
    }
    Ok((check, people))
}

/// The roll's line that an opening is for, and the person code. ROLL-3.
fn opening<'a>(line: &'a str, manifest: &Manifest, districts: &HashMap<&str, u16>) -> Result<(Line, &'a str), Fault> {
    let fault = |text: &str| Fault::new("EVID-1", text);
    let fields: Vec<&str> = line.split(',').collect();
    let [code, pseudonym, blinding, district] = fields.as_slice() else { return Err(fault("not four fields")) };
    let pseudonym = text::hex32(pseudonym).ok_or_else(|| fault("the pseudonym is not lower-case hex"))?;
    let blinding = text::hex32(blinding).ok_or_else(|| fault("the blinding is not lower-case hex"))?;
    let district = districts.get(district).copied().ok_or_else(|| fault("the manifest has no such district"))?;
    if !(1..=64).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(fault("the person code is not 1 to 64 printable characters"));
    }
    let made = Labelled::new("pseudonym").with(&manifest.election).with(&blinding).with(code.as_bytes()).done();
    if made != pseudonym {
        return Err(Fault::new("ROLL-3", "the opening gives another pseudonym"));
    }
    Ok((Line { pseudonym, district }, code))
}
