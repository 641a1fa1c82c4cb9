//! `collector roll`: who may vote, and whose ballots are annulled. Spec: 07-casting, ROLL and ANN.

use super::open_log;
use crate::Reason;
use crate::store::{self, VoterRow};
use crate::writer::commit;
use anyhow::{Context, Result, bail, ensure};
use ballot::encode::Record;
use ballot::manifest::Manifest;
use board::roll::{AnnulReason, AnnulmentList, Roll, RollLine, pseudonym};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// Reads `person_code,district`, draws a blinding for each voter, and puts them in the place of all that were imported before.
pub fn import(data: &Path, voters: &Path) -> Result<()> {
    let (dir, db, state) = open_log(data)?;
    ensure!(state.roll.is_none(), "a roll has been ordered already; the voters are fixed");
    let text = fs::read_to_string(voters).with_context(|| format!("cannot read {}", voters.display()))?;
    let rows = read(&text, state.replay.manifest())?;
    let roll = Roll::new(rows.iter().map(|v| RollLine { pseudonym: v.pseudonym, district: v.district }).collect());
    let roll = roll.context("two voters have one pseudonym")?;
    db.end_snapshot()?;
    let new = dir.roll().with_extension("new");
    dir.write(&new, &roll.to_bytes())?;
    let stored = store::begin(&*db).and_then(|tx| store::replace_voters(&tx, &rows).and_then(|()| commit(tx)));
    if let Err(error) = stored {
        let _ = fs::remove_file(new);
        return Err(error.into());
    }
    fs::rename(new, dir.roll())?;
    println!("root {}\nvoters {}\nroll {}", hex::encode(roll.tree().root()), rows.len(), dir.roll().display());
    Ok(())
}

/// A person code: printable ASCII, 1-64 bytes, no spaces; and no comma, which divides the line.
fn is_person_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic() && b != b',' && b != b'"')
}

fn read(text: &str, manifest: &Manifest) -> Result<Vec<VoterRow>> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let at = at + 1;
        if line.is_empty() || (at == 1 && line == "person_code,district") {
            continue;
        }
        let (code, district) = line.split_once(',').with_context(|| format!("line {at}: expected person_code,district"))?;
        ensure!(is_person_code(code), "line {at}: not a person code");
        ensure!(seen.insert(code.to_ascii_lowercase()), "line {at}: this person code stands twice");
        let district = manifest.district(district).with_context(|| format!("line {at}: the manifest has no district {district:?}"))?;
        let mut blinding = [0; 32];
        getrandom::fill(&mut blinding).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
        let pseudonym = pseudonym(&manifest.id(), &blinding, code);
        rows.push(VoterRow { pseudonym, person_code: code.to_owned(), blinding, district: u16::try_from(district)? });
    }
    ensure!(!rows.is_empty(), "the file holds no voters");
    Ok(rows)
}

/// Turns person codes into an annulment list.
pub fn pseudonyms(data: &Path, codes: &Path, out: &Path, reason: Reason) -> Result<()> {
    let (_, db, state) = open_log(data)?;
    let voters: HashMap<String, VoterRow> = store::voters(&*db)?.into_iter().map(|v| (v.person_code.clone(), v)).collect();
    let text = fs::read_to_string(codes).with_context(|| format!("cannot read {}", codes.display()))?;
    let reason = match reason {
        Reason::Paper => AnnulReason::Paper,
        Reason::Decision => AnnulReason::Decision,
    };
    let mut lines = Vec::new();
    for (at, code) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let Some(voter) = voters.get(code) else { bail!("ANN-1: line {}: not on the roll", at + 1) };
        ensure!(!state.replay.annulled().contains_key(&voter.pseudonym), "ANN-1: line {}: annulled already", at + 1);
        lines.push((voter.pseudonym, reason));
    }
    let list = AnnulmentList::new(lines).context("ANN-1: a person code stands twice")?;
    fs::write(out, list.to_bytes()).with_context(|| format!("cannot write {}", out.display()))?;
    println!("annulments {}\nlist {}", list.lines().len(), out.display());
    Ok(())
}
