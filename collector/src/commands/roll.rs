//! `collector roll`: who may vote, and whose ballots are annulled. Spec: 07-casting, ROLL and ANN.

use super::{open_log, record_use};
use crate::cli::Reason;
use crate::collector::now;
use crate::data::DataDir;
use crate::state::State;
use crate::store::{self, Database, Place, Stored, Tx, Use, VoterRow};
use crate::writer::commit;
use anyhow::{Context, Result, bail, ensure};
use ballot::encode::Record;
use ballot::manifest::Manifest;
use board::changes::ChangeSet;
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList, Roll, RollLine, pseudonym};
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
    let used = Use::of("Valija kanne loeti valijate nimekirjast".to_owned(), rows.iter().map(|row| row.person_code.clone()).collect());
    Output::new(&state, rows)?.store(&dir, &*db, |tx| store::insert_use(tx, &used, now()))
}

/// Reads `add,CODE,DISTRICT`, `move,CODE,DISTRICT` and `remove,CODE`: what changes on a roll that was ordered.
pub fn change(data: &Path, place: &Place, changes: &Path) -> Result<()> {
    let (dir, db, state) = open_log(data, place)?;
    ensure!(store::lists(&*db)?.is_empty(), "the voters come from the state's lists; `collector roll vis3` applies the next one");
    let rolls = state.replay.rolls().context("no roll has been ordered yet; `collector roll import` makes it")?;
    let mut voters = BTreeMap::new();
    for row in store::voters(&*db)? {
        if let Some((_, line)) = rolls.now().find(&row.pseudonym) {
            voters.insert(row.person_code, line.district);
        }
    }
    let text = fs::read_to_string(changes).with_context(|| format!("cannot read {}", changes.display()))?;
    let named = apply_changes(&text, state.replay.manifest(), &mut voters)?;
    db.end_snapshot()?;
    let used = Use::of("Valija kannet muudeti valijate nimekirjas".to_owned(), named);
    prepare(&state, &*db, voters)?.store(&dir, &*db, |tx| store::insert_use(tx, &used, now()))
}

/// Gives the person codes that stand there.
fn apply_changes(text: &str, manifest: &Manifest, voters: &mut BTreeMap<String, u16>) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut named = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let at = at + 1;
        let fields: Vec<&str> = line.split(',').collect();
        let (act, code, district) = match fields.as_slice() {
            ["remove", code] => ("remove", *code, None),
            [act @ ("add" | "move"), code, district] => {
                let position = manifest.district(district);
                (*act, *code, Some(position.with_context(|| format!("line {at}: the manifest has no district {district:?}"))?))
            }
            _ => bail!("line {at}: expected add,CODE,DISTRICT or move,CODE,DISTRICT or remove,CODE"),
        };
        ensure!(is_person_code(code), "line {at}: not a person code");
        ensure!(seen.insert(code.to_ascii_lowercase()), "line {at}: this person code stands twice");
        named.push(code.to_owned());
        ensure!(voters.contains_key(code) == (act != "add"), "ROLL-5: line {at}: this person is on the roll already, or not on it");
        match district.map(u16::try_from).transpose()? {
            None => drop(voters.remove(code)),
            Some(district) => {
                let before = voters.insert(code.to_owned(), district);
                ensure!(before != Some(district), "ROLL-5: line {at}: this person is in that district already");
            }
        }
    }
    Ok(named)
}

/// What goes to the committee, with the openings of whoever is new.
pub struct Output {
    rows: Vec<VoterRow>,
    paper: Paper,
}

/// What the committee is to sign.
enum Paper {
    Roll(Roll),
    /// With the roll that results, and its version.
    Changes(ChangeSet, Roll, u64),
}

/// The roll of these voters, or what changes on the roll that was ordered. Whoever was imported before keeps the pseudonym (ROLL-3).
pub fn prepare(state: &State, db: &dyn Database, voters: BTreeMap<String, u16>) -> Result<Output> {
    let known: HashMap<String, VoterRow> = store::voters(db)?.into_iter().map(|v| (v.person_code.clone(), v)).collect();
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for (person_code, district) in voters {
        let row = match known.get(&person_code) {
            Some(row) => VoterRow { district, ..row.clone() },
            None => draw(state.replay.manifest(), person_code, district)?,
        };
        lines.push(RollLine { pseudonym: row.pseudonym, district });
        if state.roll.is_none() || !known.contains_key(&row.person_code) {
            rows.push(row);
        }
    }
    let Some(rolls) = state.replay.rolls() else { return Output::new(state, rows) };
    let roll = Roll::new(lines).context("two voters have one pseudonym")?;
    let set = ChangeSet::between(rolls.now(), &roll);
    Ok(Output { rows, paper: Paper::Changes(set, roll, rolls.version().saturating_add(1)) })
}

/// An opening for somebody new.
fn draw(manifest: &Manifest, person_code: String, district: u16) -> Result<VoterRow> {
    let mut blinding = [0; 32];
    getrandom::fill(&mut blinding).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    Ok(VoterRow { pseudonym: pseudonym(&manifest.id(), &blinding, &person_code), person_code, blinding, district })
}

impl Output {
    fn new(state: &State, rows: Vec<VoterRow>) -> Result<Self> {
        ensure!(state.roll.is_none(), "a roll has been ordered already; `collector roll change` changes it");
        let roll = Roll::new(rows.iter().map(|v| RollLine { pseudonym: v.pseudonym, district: v.district }).collect());
        Ok(Self { rows, paper: Paper::Roll(roll.context("two voters have one pseudonym")?) })
    }

    /// Keeps the openings, and what else belongs to them, in one transaction; then the file has the roll, or the changes.
    pub fn store(self, dir: &DataDir, db: &dyn Database, also: impl FnOnce(&Tx<'_>) -> Stored<()>) -> Result<()> {
        let (file, bytes) = match &self.paper {
            Paper::Roll(roll) => (dir.roll(), roll.to_bytes()),
            Paper::Changes(set, ..) => (dir.changes(), set.to_bytes()),
        };
        let new = file.with_extension("new");
        dir.write(&new, &bytes)?;
        let stored = (|| {
            let tx = store::begin(db)?;
            let roll = match &self.paper {
                Paper::Roll(roll) => {
                    store::replace_voters(&tx, &self.rows)?;
                    roll
                }
                Paper::Changes(_, roll, _) => {
                    store::insert_voters(&tx, &self.rows)?;
                    roll
                }
            };
            store::set_prepared(&tx, &roll.tree().root())?;
            also(&tx)?;
            commit(tx)
        })();
        if let Err(error) = stored {
            let _ = fs::remove_file(new);
            return Err(error.into());
        }
        fs::rename(new, &file)?;
        match self.paper {
            Paper::Roll(roll) => {
                println!("root {}\nvoters {}\nroll {}", hex::encode(roll.tree().root()), self.rows.len(), file.display());
            }
            Paper::Changes(set, roll, version) => {
                let [added, removed, moved] = set.counts();
                println!("version {version}\nroot {}\nvoters {}", hex::encode(roll.tree().root()), roll.lines().len());
                println!("to order: {added} added, {removed} removed, {moved} moved\nchanges {}", file.display());
            }
        }
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

/// Turns person codes into an annulment list, or without a reason into a list that takes annulments back.
pub fn pseudonyms(data: &Path, place: &Place, codes: &Path, out: &Path, reason: Option<Reason>) -> Result<()> {
    let text = fs::read_to_string(codes).with_context(|| format!("cannot read {}", codes.display()))?;
    let codes =
        text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(at, code)| (format!("line {}", at + 1), code.to_owned()));
    write_list((data, place), &codes.collect::<Vec<_>>(), out, reason)
}

/// `codes` go with where each stands, for messages.
pub fn write_list((data, place): (&Path, &Place), codes: &[(String, String)], out: &Path, reason: Option<Reason>) -> Result<()> {
    let (_, db, state) = open_log(data, place)?;
    let voters: HashMap<String, VoterRow> = store::voters(&*db)?.into_iter().map(|v| (v.person_code.clone(), v)).collect();
    let mut found = Vec::new();
    for (at, code) in codes {
        let voter = voters.get(code).filter(|v| state.replay.rolls().is_some_and(|rolls| rolls.was_ever(&v.pseudonym)));
        let Some(voter) = voter else { bail!("ANN-1: {at}: never was on the roll") };
        let annulled = state.replay.annulled().contains_key(&voter.pseudonym);
        match reason {
            Some(_) => ensure!(!annulled, "ANN-1: {at}: annulled already"),
            None => ensure!(annulled, "ANN-3: {at}: not annulled"),
        }
        found.push(voter.pseudonym);
    }
    let (bytes, what) = match reason {
        Some(reason) => {
            let reason = if reason == Reason::Paper { AnnulReason::Paper } else { AnnulReason::Decision };
            let list = AnnulmentList::new(found.iter().map(|p| (*p, reason)).collect());
            (list.context("ANN-1: a person code stands twice")?.to_bytes(), "annulments")
        }
        None => {
            let list = ReinstatementList::new(found.clone());
            (list.context("ANN-3: a person code stands twice")?.to_bytes(), "reinstatements")
        }
    };
    db.end_snapshot()?;
    record_use(&*db, &Use::of_all("Valijate seast otsiti need, kelle e-hääl tühistatakse või ennistatakse", "", "EHS"))?;
    fs::write(out, bytes).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{what} {}\nlist {}", found.len(), out.display());
    Ok(())
}
