//! `collector roll`: who may vote, and whose ballots are annulled. Spec: 07-casting, ROLL and ANN.

use super::open_log;
use crate::Reason;
use crate::data::DataDir;
use crate::state::State;
use crate::store::{self, Database, Place, Stored, Tx, VoterRow};
use crate::writer::commit;
use anyhow::{Context, Result, bail, ensure};
use ballot::encode::Record;
use ballot::manifest::Manifest;
use board::roll::{AnnulReason, AnnulmentList, Roll, RollLine, pseudonym};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

/// Reads `person_code,district`, draws a blinding for each voter, and puts them in the place of all that were imported before.
pub fn import(data: &Path, place: &Place, voters: &Path) -> Result<()> {
    let (dir, db, state) = open_log(data, place)?;
    ensure!(store::lists(&*db)?.is_empty(), "the voters come from the state's lists; `collector roll vis3` applies the next one");
    let text = fs::read_to_string(voters).with_context(|| format!("cannot read {}", voters.display()))?;
    let rows = read(&text, state.replay.manifest())?;
    db.end_snapshot()?;
    Output::new(&state, rows)?.store(&dir, &*db, |_| Ok(()))
}

/// What goes to the committee, with the voters' openings.
pub struct Output {
    rows: Vec<VoterRow>,
    roll: Roll,
}

/// The roll of these voters. Whoever was imported before keeps the pseudonym.
pub fn prepare(state: &State, db: &dyn Database, voters: BTreeMap<String, u16>) -> Result<Output> {
    let known: HashMap<String, VoterRow> = store::voters(db)?.into_iter().map(|v| (v.person_code.clone(), v)).collect();
    let row = |(person_code, district): (String, u16)| match known.get(&person_code) {
        Some(row) => Ok(VoterRow { district, ..row.clone() }),
        None => draw(state.replay.manifest(), person_code, district),
    };
    Output::new(state, voters.into_iter().map(row).collect::<Result<_>>()?)
}

/// An opening for somebody new.
fn draw(manifest: &Manifest, person_code: String, district: u16) -> Result<VoterRow> {
    let mut blinding = [0; 32];
    getrandom::fill(&mut blinding).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    Ok(VoterRow { pseudonym: pseudonym(&manifest.id(), &blinding, &person_code), person_code, blinding, district })
}

impl Output {
    fn new(state: &State, rows: Vec<VoterRow>) -> Result<Self> {
        ensure!(state.roll.is_none(), "a roll has been ordered already; the voters are fixed");
        let roll = Roll::new(rows.iter().map(|v| RollLine { pseudonym: v.pseudonym, district: v.district }).collect());
        Ok(Self { rows, roll: roll.context("two voters have one pseudonym")? })
    }

    /// Keeps the openings, and what else belongs to them, in one transaction; then the file has the new roll.
    pub fn store(self, dir: &DataDir, db: &dyn Database, also: impl FnOnce(&Tx<'_>) -> Stored<()>) -> Result<()> {
        let new = dir.roll().with_extension("new");
        dir.write(&new, &self.roll.to_bytes())?;
        let stored = (|| {
            let tx = store::begin(db)?;
            store::replace_voters(&tx, &self.rows)?;
            also(&tx)?;
            commit(tx)
        })();
        if let Err(error) = stored {
            let _ = fs::remove_file(new);
            return Err(error.into());
        }
        fs::rename(new, dir.roll())?;
        println!("root {}\nvoters {}\nroll {}", hex::encode(self.roll.tree().root()), self.rows.len(), dir.roll().display());
        Ok(())
    }
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
        rows.push(draw(manifest, code.to_owned(), u16::try_from(district)?)?);
    }
    ensure!(!rows.is_empty(), "the file holds no voters");
    Ok(rows)
}

/// Turns person codes into an annulment list.
pub fn pseudonyms(data: &Path, place: &Place, codes: &Path, out: &Path, reason: Reason) -> Result<()> {
    let (_, db, state) = open_log(data, place)?;
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
