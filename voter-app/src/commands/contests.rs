//! `voter-app contests`: what may be chosen, and how to write it.

use super::{EidArgs, Place, State};
use crate::clock::shown;
use crate::election::{Election, read_manifest};
use crate::failure::Failure;
use crate::selection::questions;
use crate::session::Session;
use ballot::manifest::Manifest;

/// Show the contests and how to write a selection: of your district with an eID, else of every district
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    eid: EidArgs,
    /// Only this district
    #[arg(long, value_name = "ID", conflicts_with_all = ["eid", "eid_dir"])]
    district: Option<String>,
    #[command(flatten)]
    state: State,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let collector = args.place.collector();
    let id = &args.place.election_id;
    if let Some(eid) = args.eid.open()? {
        let election = Election::load(&collector, id, &mut args.state.memory(id)?)?;
        let district = Session::begin(&election, &collector, eid.as_ref())?.district;
        show(&election.manifest, district);
        return Ok(());
    }
    let manifest = read_manifest(&collector, id)?;
    match &args.district {
        Some(name) => {
            let unknown = || Failure::unreadable(format!("There is no district `{name}`."));
            show(&manifest, manifest.district(name).ok_or_else(unknown)?);
        }
        None => (0..manifest.description().districts.len()).for_each(|district| show(&manifest, district)),
    }
    Ok(())
}

fn show(manifest: &Manifest, district: usize) {
    if let Some(d) = manifest.description().districts.get(district) {
        let voting = &manifest.description().voting;
        println!("{} — {} (district `{}`)", manifest.description().title, d.title, d.id);
        println!("Voting begins: {}\nVoting ends:   {}\n", shown(voting.from), shown(voting.until));
    }
    questions(manifest, district).iter().for_each(|question| println!("{}", question.page()));
}
