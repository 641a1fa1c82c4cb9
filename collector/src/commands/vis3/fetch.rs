//! `collector roll vis3 fetch`: takes the lists that VIS3 has and this box does not, one after the other. VIS3-EHS 3, §2.3 and §5.

use super::{Signed, apply, load, public_key, taken};
use crate::commands::open_log;
use crate::store::Place;
use crate::vis3::api::{Api, Fetched, paths};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Where from, where to, and who does it.
#[derive(clap::Args)]
pub struct Fetch {
    /// The data folder
    #[arg(long)]
    data: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    api: Api,
    /// The public key of whoever may sign lists, in PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Who hands them in; kept with them
    #[arg(long, value_name = "NAME")]
    officer: String,
    /// Where lists are kept as they came, with their signatures
    #[arg(long, value_name = "FOLDER")]
    keep: PathBuf,
    /// The election's districts.json; needed where a city's parts stand in the list
    #[arg(long, value_name = "FILE")]
    districts: Option<PathBuf>,
    /// Fetch the next list only, say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Fetch {
    /// For the journal; what was fetched stands in the chain of lists.
    pub fn noted(&self) -> Option<(&Path, &Place, &'static str, Vec<&Path>)> {
        (!self.dry_run).then(|| (self.data.as_path(), &self.place, "roll vis3 fetch", vec![]))
    }
}

/// Each list is applied before the next one is asked for. What stops it stops at that list; the next time it goes on there.
pub fn run(fetch: &Fetch) -> Result<()> {
    let (election, mut next) = {
        let (_, db, state) = open_log(&fetch.data, &fetch.place)?;
        let rows = taken(&*db, state.replay.manifest())?;
        let last = rows.last().context("VIS3-EHS 3 §2.2: list 0 is handed over by hand; `collector roll vis3 apply` takes it")?;
        (last.election.clone(), last.number + 1)
    };
    let vis3 = fetch.api.connect(&election)?;
    let last = vis3.last()?.unwrap_or(0);
    println!("VIS3 has lists up to {last}; taken here are those up to {}", next - 1);
    ensure!(last + 1 >= next, "VIS3-EHS 3 §2.3: VIS3 has fewer lists than were taken here");
    fs::create_dir_all(&fetch.keep).with_context(|| format!("cannot make {}", fetch.keep.display()))?;
    while next <= last {
        let list = vis3.list(next)?;
        let list = list.with_context(|| format!("VIS3-EHS 3 §5.1: VIS3 names list {last}, and does not have list {next}"))?;
        let file = keep(fetch, &list)?;
        let signed = Signed {
            data: fetch.data.clone(),
            place: fetch.place.clone(),
            file,
            signature: None,
            key: fetch.key.clone(),
            officer: fetch.officer.clone(),
            election: Some(election.clone()),
        };
        apply(&signed, fetch.districts.as_deref(), fetch.dry_run)?;
        if fetch.dry_run {
            return Ok(());
        }
        next += 1;
    }
    Ok(())
}

/// Keeps both files, once the signature holds. A list that came before must be the same: a bad one is not mended, but skipped (§2.4).
fn keep(fetch: &Fetch, fetched: &Fetched) -> Result<PathBuf> {
    public_key(&fetch.key)?.verify(&fetched.list, &fetched.signature).with_context(|| fetched.name.clone())?;
    let [list, signature] = paths(&fetch.keep, &fetched.name);
    if list.exists() {
        ensure!(load(&list)? == fetched.list, "VIS3-EHS 3 §2.4: {} came before, and was another list", list.display());
    }
    for (path, bytes) in [(&list, &fetched.list), (&signature, &fetched.signature)] {
        let new = path.with_extension("new");
        fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(list)
}
