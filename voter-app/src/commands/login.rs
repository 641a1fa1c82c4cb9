//! `voter-app login`: tries the eID, and shows what the collector and the roll say about its holder.

use super::{EidArgs, Place, State, enter};
use crate::failure::Failure;
use crate::session::Session;

/// Log in and show district, contests and how many ballots were accepted. Nothing is cast
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    eid: EidArgs,
    #[command(flatten)]
    state: State,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let eid = args.eid.require()?;
    let (collector, _, election) = enter(&args.place, &args.state)?;
    let session = Session::begin(&election, &collector, eid.as_ref())?;
    println!("{}", election.manifest.description().title);
    println!("You are known as {}.", eid.person_code());
    println!("Your district on the roll that the committee signed: {}.", election.district_title(session.district));
    println!("Your pseudonym on the board: {}", hex::encode(session.voter));
    match session.number {
        1 => println!("No ballot of yours has been accepted yet."),
        n => println!("Ballots of yours that were accepted: {}. Voting again replaces them.", n - 1),
    }
    Ok(())
}
