//! `collector roll vis3`: the state's voter lists, applied one after the other. VIS3-EHS 3; spec: 07-casting, ROLL.

pub mod fetch;

use super::open_log;
use super::roll::{self, Output};
use crate::cli::Reason;
use crate::collector::now;
use crate::state::State;
use crate::store::{self, Database, ListRow, Use};
use crate::vis3::{Districts, List, Place, Record, Register, SkipOrder, link};
use crate::writer::commit;
use anyhow::{Context, Result, anyhow, bail, ensure};
use ballot::Hash;
use ballot::encode::sha256;
use ballot::manifest::Manifest;
use envelope::detached::PublicKey;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that somebody has signed, and who hands it in.
#[derive(clap::Args)]
pub struct Signed {
    /// The data folder
    #[arg(long)]
    data: PathBuf,
    #[command(flatten)]
    place: store::Place,
    /// The list (`…-voters-N.utf`) or the order (`….skip.yaml`)
    file: PathBuf,
    /// Its signature (ECDSA P-256, SHA-256); without it the file beside it that ends in .sig
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The public key of whoever may sign it, in PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Who hands it in; kept with it
    #[arg(long, value_name = "NAME")]
    officer: String,
    /// The election identifier, such as RK_2027; must be given with list 0, and with others it is compared
    #[arg(long, value_name = "ID")]
    election: Option<String>,
}

fn load(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn public_key(path: &Path) -> Result<PublicKey> {
    let key = String::from_utf8(load(path)?).context("the key is not PEM")?;
    PublicKey::from_pem(&key).with_context(|| path.display().to_string())
}

impl Signed {
    /// For the journal.
    pub fn noted(&self, what: &'static str) -> (&Path, &store::Place, &'static str, Vec<&Path>) {
        (&self.data, &self.place, what, vec![&self.file])
    }

    /// The file whose signature holds, and the key's name.
    fn read(&self) -> Result<(Vec<u8>, Hash)> {
        let beside = || self.file.with_extension("sig");
        let (file, signature) = (load(&self.file)?, load(&self.signature.clone().unwrap_or_else(beside))?);
        let key = public_key(&self.key)?;
        key.verify(&file, &signature).with_context(|| self.file.display().to_string())?;
        let named = (1..=200).contains(&self.officer.len()) && !self.officer.chars().any(char::is_control);
        ensure!(named, "the name of who hands it in must have 1 to 200 bytes and no control characters");
        Ok((file, key.id()))
    }

    /// The row that follows on those before. `of` is what the file says: election and number.
    fn follow(&self, before: &[ListRow], manifest: &Manifest, of: (&str, u64), file: (&[u8], Hash), skipped: bool) -> Result<ListRow> {
        let ((election, number), (bytes, key)) = (of, file);
        let next = before.last().map_or(0, |row| row.number + 1);
        ensure!(number == next, "VIS3-EHS 3 §3.1: this is list {number}, and the next one is {next}");
        let wanted = match (before.first(), &self.election) {
            (Some(first), Some(given)) if *given != first.election => bail!("list 0 is of {}, and not of {given}", first.election),
            (Some(first), _) => &first.election,
            (None, Some(given)) => given,
            (None, None) => bail!("say with --election which election list 0 must be of"),
        };
        ensure!(election == wanted, "VIS3-EHS 3 §3.1: the file is of another election than {wanted}");
        let file = sha256(bytes);
        let chain = link(&before.last().map_or(manifest.id(), |row| row.chain), number, skipped, &file);
        let (election, officer) = (election.to_owned(), self.officer.clone());
        Ok(ListRow { number, skipped, election, file, key, chain, officer, time: now() })
    }
}

/// What was taken so far; the chain must hold.
fn taken(db: &dyn Database, manifest: &Manifest) -> Result<Vec<ListRow>> {
    let rows = store::lists(db)?;
    let mut before = manifest.id();
    for (row, number) in rows.iter().zip(0..) {
        let whole = row.number == number && row.chain == link(&before, number, row.skipped, &row.file);
        ensure!(whole, "E-RECONCILE: the chain of voter lists is broken at list {number}");
        before = row.chain;
    }
    Ok(rows)
}

pub fn districts<'a>(manifest: &'a Manifest, file: Option<&Path>, election: &str) -> Result<Districts<'a>> {
    match file {
        Some(path) => Districts::with(manifest, &load(path)?, election).with_context(|| path.display().to_string()),
        None => Ok(Districts::new(manifest)),
    }
}

/// Person codes as certificates have them, and districts of the manifest.
fn voters(register: &Register, districts: &Districts<'_>) -> Result<BTreeMap<String, u16>> {
    let voter = |(code, place): (&String, &Place)| {
        let district = districts.find(place).context("E-RECONCILE: a district of the lists that the manifest does not have")?;
        Ok((format!("PNOEE-{code}"), district))
    };
    register.0.iter().map(voter).collect()
}

/// Applies a list, whole or not at all.
pub fn apply(signed: &Signed, districts_file: Option<&Path>, dry_run: bool) -> Result<()> {
    let (bytes, key) = signed.read()?;
    let (dir, db, state) = open_log(&signed.data, &signed.place)?;
    let manifest = state.replay.manifest();
    let before = taken(&*db, manifest)?;
    let list = List::read(&bytes).with_context(|| signed.file.display().to_string())?;
    let row = signed.follow(&before, manifest, (&list.election, list.number), (&bytes, key), false)?;
    let districts = districts(manifest, districts_file, &list.election)?;
    for (at, record) in list.records.iter().enumerate() {
        if let Record::Add { unit, district, .. } = record {
            let place = Place { unit: unit.clone(), district: district.clone() };
            let line = at + 5;
            ensure!(districts.find(&place).is_some(), "line {line}: the manifest has no district {district} of unit {unit}, or several");
        }
    }
    let (register, done) = store::register(&*db)?.after(&list).with_context(|| signed.file.display().to_string())?;
    for line in &done.absent {
        eprintln!("line {line}: removes somebody who is not on the list; gone on with (VIS3-EHS 3 §3.1)");
    }
    let voters = voters(&register, &districts)?;
    db.end_snapshot()?;
    if !dry_run {
        let output = roll::prepare(&state, &*db, voters)?;
        let used = use_of(&list);
        output.store(&dir, &*db, |tx| {
            store::apply_records(tx, &list.records)?;
            store::insert_list(tx, &row)?;
            store::insert_use(tx, &used, row.time)
        })?;
    }
    let what = if dry_run { "would be applied; nothing was changed" } else { "applied" };
    println!("list {} of {}: {} records, {what}", row.number, row.election, list.records.len());
    println!("added {}\nremoved {}\nmoved {}\nsame place {}", done.added, done.removed, done.moved, done.same);
    println!("not there {}\nvoters {}\nchain {}", done.absent.len(), register.0.len(), hex::encode(row.chain));
    Ok(())
}

/// USAGE-1.
fn use_of(list: &List) -> Use {
    let action = match list.number {
        0 => "Valija kanne saadi valijate algnimekirjaga".to_owned(),
        n => format!("Valija kannet muudeti muudatusnimekirjaga nr {n}"),
    };
    Use::of(action, list.records.iter().map(|record| format!("PNOEE-{}", record.code())).collect())
}

/// Passes over a bad list.
pub fn skip(signed: &Signed) -> Result<()> {
    let (bytes, key) = signed.read()?;
    let (_, db, state) = open_log(&signed.data, &signed.place)?;
    let before = taken(&*db, state.replay.manifest())?;
    let order = SkipOrder::read(&bytes).with_context(|| signed.file.display().to_string())?;
    ensure!(!before.is_empty(), "VIS3-EHS 3 §2.4: list 0 cannot be skipped");
    let row = signed.follow(&before, state.replay.manifest(), (&order.election, order.number), (&bytes, key), true)?;
    db.end_snapshot()?;
    let tx = store::begin(&*db)?;
    store::insert_list(&tx, &row)?;
    commit(tx)?;
    println!("list {} of {} is skipped\nchain {}", row.number, row.election, hex::encode(row.chain));
    Ok(())
}

/// `revoke.json` (VIS3-EHS 5).
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocations {
    election: String,
    persons: Vec<String>,
    #[serde(rename = "type")]
    kind: RevocationKind,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum RevocationKind {
    Revoke,
    Restore,
}

/// Turns revocations (a paper vote) into an annulment list, restorations into a reinstatement list.
pub fn revoke(data: &Path, place: &store::Place, file: &Path, out: &Path, election: Option<&str>) -> Result<()> {
    let (_, db, state) = open_log(data, place)?;
    let rows = taken(&*db, state.replay.manifest())?;
    drop(db);
    let wanted = rows.first().map(|row| row.election.as_str()).or(election).context("say with --election which election it must be of")?;
    let list: Revocations = serde_json::from_slice(&load(file)?).map_err(|e| anyhow!("VIS3-EHS 5: {}: {e}", file.display()))?;
    ensure!(list.election == wanted && election.is_none_or(|e| e == wanted), "VIS3-EHS 5: the list is of another election than {wanted}");
    let mut codes = Vec::new();
    for (at, person) in list.persons.iter().enumerate() {
        let at = format!("person {}", at + 1);
        ensure!(crate::vis3::is_person(person), "VIS3-EHS 5: {at}: not a personal code of 11 digits");
        codes.push((at, format!("PNOEE-{person}")));
    }
    let reason = match list.kind {
        RevocationKind::Revoke => Some(Reason::Paper),
        RevocationKind::Restore => None,
    };
    roll::write_list((data, place), &codes, out, reason)
}

/// Writes once more the file that the committee is to sign: the lists' state is in the database.
pub fn write(data: &Path, place: &store::Place, districts_file: Option<&Path>) -> Result<()> {
    let (dir, db, state) = open_log(data, place)?;
    let rows = taken(&*db, state.replay.manifest())?;
    let election = &rows.first().context("no list was applied")?.election;
    let districts = districts(state.replay.manifest(), districts_file, election)?;
    let voters = voters(&store::register(&*db)?, &districts)?;
    db.end_snapshot()?;
    let output: Output = roll::prepare(&state, &*db, voters)?;
    output.store(&dir, &*db, |_| Ok(()))
}

/// Says which lists were taken, and how many voters each district has.
pub fn status(data: &Path, place: &store::Place, districts_file: Option<&Path>) -> Result<()> {
    let (_, db, state): (_, _, State) = open_log(data, place)?;
    let manifest = state.replay.manifest();
    let rows = taken(&*db, manifest)?;
    for row in &rows {
        let what = if row.skipped { "skipped" } else { "applied" };
        let (chain, key) = (hex::encode(row.chain), hex::encode(row.key));
        println!("list {} {what} {} by {:?}, signed with {key}, chain {chain}", row.number, row.time, row.officer);
    }
    let register = store::register(&*db)?;
    println!("voters {}", register.0.len());
    println!("foreign {}", register.0.values().filter(|place| place.unit == "FOREIGN").count());
    let election = rows.first().map_or("", |row| &row.election);
    let districts = districts(manifest, districts_file, election)?;
    let mut counts = vec![0u64; manifest.description().districts.len()];
    for district in voters(&register, &districts)?.into_values() {
        counts.get_mut(usize::from(district)).into_iter().for_each(|n| *n += 1);
    }
    for (district, count) in manifest.description().districts.iter().zip(counts) {
        println!("district {} {count}", district.id);
    }
    Ok(())
}
