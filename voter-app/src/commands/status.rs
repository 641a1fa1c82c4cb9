//! `voter-app status`: is my ballot in, is it the last one, and did anyone vote in my name.

use super::{EidFiles, Place, State};
use crate::client::Collector;
use crate::clock::utc;
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::receipt::{GRACE, Kept, head, overdue};
use crate::session::Session;
use crate::view::{View, distrust, settled};
use ballot::Hash;
use ballot::encode::{Record, hash};
use ballot::tracker::Tracker;
use board::roll::{AnnulReason, AnnulmentList};
use board::source::load_blob;
use board::{Entry, OrderKind};
use indicatif::{ProgressBar, ProgressStyle};

/// Show what stands on the board for you: read from the log itself, not from the collector's word
///
/// With an eID it logs in to learn your pseudonym; without one it looks for the ballots that were cast from this installation.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    eid: EidFiles,
    #[command(flatten)]
    state: State,
}

/// What the log says about one pseudonym.
#[derive(Default)]
struct Found {
    /// Index, running number and ballot hash.
    ballots: Vec<(u64, u32, Hash)>,
    annulled: Option<AnnulReason>,
    closed: bool,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let eid = args.eid.open()?;
    let collector = args.place.collector();
    let mut memory = args.state.memory(&args.place.election_id)?;
    let election = Election::load(&collector, &args.place.election_id, &mut memory)?;
    println!("{}: {}.", election.manifest.description().title, election.status.words());
    let mut accepted = None;
    let mut voters: Vec<Hash> = memory.kept()?.iter().map(Kept::voter).collect();
    if let Some(eid) = &eid {
        let mut session = Session::begin(&election, &collector, eid.as_ref())?;
        voters = vec![session.voter];
        accepted = Some(session.mine()?);
    }
    voters.dedup();
    if voters.is_empty() {
        return Err(Failure::new("No ballot was cast from this installation").next("Name your eID to look for ballots cast elsewhere."));
    }

    let mut worst = Ok(());
    for mut kept in memory.kept()?.into_iter().filter(|k| voters.contains(&k.voter())) {
        if let Err(failure) = settle(&mut kept, &election, &collector, &mut memory) {
            worst = Err(failure);
        }
    }
    let own: Vec<Hash> = memory.kept()?.iter().map(Kept::hash).collect();
    for voter in voters {
        let found = scan(&election, &collector, &mut memory, &voter)?;
        println!("Under your pseudonym {} stand {} ballot(s).", hex::encode(voter), found.ballots.len());
        if let Err(failure) = report(&found, &own) {
            worst = Err(failure);
        }
    }
    for item in accepted.iter().flatten().filter(|item| item.index.is_none()) {
        println!("Ballot number {} ({}) is accepted and not published yet.", item.number, Tracker::new(&item.hash.0));
    }
    worst
}

/// Brings one kept ballot as far as it goes now: its receipt, or the complaint about its overdue promise.
fn settle(kept: &mut Kept, election: &Election, collector: &Collector, memory: &mut Memory) -> Result<(), Failure> {
    let tracker = Tracker::new(&kept.hash());
    let Some(promised) = kept.to_promised() else {
        println!("{tracker}: signed, and it is not known whether it arrived. Run `voter-app cast` again: it asks for this ballot first.");
        return Ok(());
    };
    if let Some((recorded, reply)) = promised.receipt(&election.manifest, collector, memory)? {
        println!("{tracker}: number {}, recorded as entry {}; the receipt is proved against the log.", kept.number(), recorded.index);
        kept.receipt = Some(reply);
        return memory.keep(kept);
    }
    if election.clock.now() > promised.promise.deadline.saturating_add(GRACE) {
        return Err(overdue(&election.id(), &promised.promise, Some(kept), memory));
    }
    println!("{tracker}: number {}, promised by {}.", kept.number(), utc(promised.promise.deadline));
    Ok(())
}

/// Reads the whole log, each entry compared with the checkpoint.
fn scan(election: &Election, collector: &Collector, memory: &mut Memory, voter: &Hash) -> Result<Found, Failure> {
    let mut view = View::read(collector, &election.manifest)?;
    memory.see(&view, collector)?;
    let mut found = Found::default();
    let style =
        ProgressStyle::with_template("Reading the board {bar:30} {pos}/{len} {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(view.bundles()).with_style(style);
    let mut index = 0;
    while index < view.bundles() {
        let entries = settled(|| {
            view.bundle(collector, index).inspect_err(|_| {
                // The last bundle may just have been replaced by a longer one.
                if let Ok(newer) = View::read(collector, &election.manifest) {
                    view = newer;
                }
            })
        })?;
        memory.see(&view, collector)?;
        for (at, entry) in entries.iter().enumerate() {
            let at = index * board::tile::WIDTH + at as u64;
            match View::decode(entry)? {
                Entry::Ballot { ballot, .. } => match head(&ballot) {
                    Some((who, number)) if who == *voter => found.ballots.push((at, number, hash("ballot", &[&ballot]))),
                    _ => {}
                },
                Entry::Order(order) if order.kind == OrderKind::Annul => {
                    let list = AnnulmentList::from_bytes(&load_blob(collector, &order.blob).map_err(distrust)?)?;
                    let line = list.lines().iter().find(|(who, _)| who == voter);
                    found.annulled = found.annulled.or(line.map(|(_, reason)| *reason));
                }
                Entry::Order(order) if order.kind == OrderKind::Close => found.closed = true,
                _ => {}
            }
        }
        index += 1;
        progress.set_position(index);
    }
    progress.finish_and_clear();
    Ok(found)
}

/// Says what counts, and whether a ballot is there that this installation did not cast (D03).
fn report(found: &Found, own: &[Hash]) -> Result<(), Failure> {
    let last = found.ballots.iter().max_by_key(|(_, number, _)| *number);
    for ballot in &found.ballots {
        let (index, number, hash) = ballot;
        let here = if own.contains(hash) { "cast from here" } else { "cast elsewhere" };
        let counts = if Some(ballot) == last { "the last one: it counts" } else { "replaced by a later one" };
        println!("  number {number}, {}, entry {index}, {here}, {counts}", Tracker::new(hash));
    }
    match found.annulled {
        Some(AnnulReason::Paper) => println!("Your internet ballots are annulled, because you voted on paper: the paper counts."),
        Some(AnnulReason::Decision) => println!("Your internet ballots are annulled by a decision of the election committee. Ask it why."),
        None if found.closed => println!("Voting is closed."),
        None => println!("You may vote again until voting ends; only the last ballot counts."),
    }
    if !own.is_empty() && last.is_some_and(|(_, _, hash)| !own.contains(hash)) {
        return Err(Failure::new("The ballot that counts was not cast from this installation")
            .next("If you cast it elsewhere, all is well. If not, someone uses your eID: tell the election committee, and vote again."));
    }
    Ok(())
}
