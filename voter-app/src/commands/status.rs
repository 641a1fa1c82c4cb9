//! `voter-app status`: is my ballot in, is it the last one, and did anyone vote in my name.

use super::{EidArgs, Place, State, enter};
use crate::client::{Collector, MineItem};
use crate::clock::shown;
use crate::complaint::{GRACE, overdue};
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::receipt::{Kept, head};
use crate::session::Session;
use crate::view::{self, View, distrust, settled};
use ballot::Hash;
use ballot::encode::{Record, hash};
use ballot::tracker::Tracker;
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList};
use board::source::load_blob;
use board::tile::WIDTH;
use board::{Entry, OrderKind};
use indicatif::{ProgressBar, ProgressStyle};

/// Show what stands on the board for you
///
/// Every ballot is looked up in the log and proved under its checkpoint. With an eID it logs in, and the collector tells which ballots are yours;
/// without one it looks for those that were cast from this installation. With --all it reads the whole log instead of asking: only so does it see a
/// ballot that the collector does not tell of, and whether yours are annulled.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    eid: EidArgs,
    #[command(flatten)]
    state: State,
    /// Read the whole log, believing nobody
    #[arg(long)]
    all: bool,
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
    let (collector, mut memory, election) = enter(&args.place, &args.state)?;
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
        let found = match args.all {
            true => scan(&election, &collector, &mut memory, &voter)?,
            false => look_up(&election, &collector, &mut memory, &voter, accepted.as_deref())?,
        };
        println!("Under your pseudonym {} stand {} ballot(s).", hex::encode(voter), found.ballots.len());
        if let Err(failure) = report(&found, &own) {
            worst = Err(failure);
        }
    }
    if !args.all {
        let who = if accepted.is_some() { "the collector tells of" } else { "were cast from here" };
        println!("These are the ballots that {who}. Say --all to read the whole log and to see that there is no other, and no annulment.");
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
    let given = match kept.receipt.clone() {
        Some(receipt) => Some((promised.judge(&election.manifest, collector, memory, &receipt)?, receipt)), // needs no second one
        None => promised.receipt(&election.manifest, collector, memory)?,
    };
    if let Some((recorded, reply)) = given {
        println!("{tracker}: number {}, recorded as entry {}; the receipt is proved against the log.", kept.number(), recorded.index);
        kept.receipt = Some(reply);
        return memory.keep(kept);
    }
    if election.clock.now() > promised.promise.deadline.saturating_add(GRACE) {
        return Err(overdue(&promised.promise, memory));
    }
    println!("{tracker}: number {}, promised by {}.", kept.number(), shown(promised.promise.deadline));
    Ok(())
}

/// Looks up the ballots that the collector tells of, or those with a receipt kept here; each must be the entry that it is said to be.
fn look_up(
    election: &Election,
    collector: &Collector,
    memory: &mut Memory,
    voter: &Hash,
    told: Option<&[MineItem]>,
) -> Result<Found, Failure> {
    let mut view = view::read(collector, &election.manifest)?;
    memory.see(&view, collector)?;
    let mut found = Found { closed: matches!(election.status.phase.as_str(), "closed" | "sealed" | "done"), ..Found::default() };
    let placed: Vec<(u64, Hash)> = match told {
        Some(items) => items.iter().filter_map(|item| Some((item.index?, item.hash.0))).collect(),
        None => memory.kept()?.iter().filter(|k| k.voter() == *voter).filter_map(|k| Some((k.receipt.as_ref()?.index, k.hash()))).collect(),
    };
    for (index, expected) in placed {
        if index >= view.size() {
            continue; // in the log, and under no cosigned checkpoint yet
        }
        let entries = bundle(&mut view, election, collector, index / WIDTH)?;
        let entry = entries.get((index % WIDTH) as usize).map(|e| view::decode(e)).transpose()?;
        match entry {
            Some(Entry::Ballot { ballot, .. }) if hash("ballot", &[&ballot]) == expected => {
                let own = head(&ballot).filter(|(who, _)| who == voter);
                found.ballots.extend(own.map(|(_, number)| (index, number, expected)));
            }
            _ => {
                let tracker = Tracker::new(&expected);
                return Err(Failure::broken(format!("VOTER-5: the log has something else than your ballot {tracker} at entry {index}"))
                    .next("Run `voter-app status --all`, and tell the election committee."));
            }
        }
    }
    Ok(found)
}

/// One bundle of the log. The last one may just have been replaced by a longer one.
fn bundle(view: &mut View, election: &Election, collector: &Collector, index: u64) -> Result<Vec<Vec<u8>>, Failure> {
    settled(|| {
        view.bundle(collector, index).inspect_err(|_| {
            if let Ok(newer) = view::read(collector, &election.manifest) {
                *view = newer;
            }
        })
    })
}

/// Reads the whole log, each entry compared with the checkpoint.
fn scan(election: &Election, collector: &Collector, memory: &mut Memory, voter: &Hash) -> Result<Found, Failure> {
    let mut view = view::read(collector, &election.manifest)?;
    memory.see(&view, collector)?;
    let mut found = Found::default();
    let style =
        ProgressStyle::with_template("Reading the board {bar:30} {pos}/{len} {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(view.bundles()).with_style(style);
    let mut index = 0;
    while index < view.bundles() {
        let entries = bundle(&mut view, election, collector, index)?;
        memory.see(&view, collector)?;
        for (at, entry) in entries.iter().enumerate() {
            let at = index * WIDTH + at as u64;
            match view::decode(entry)? {
                Entry::Ballot { ballot, .. } => match head(&ballot) {
                    Some((who, number)) if who == *voter => found.ballots.push((at, number, hash("ballot", &[&ballot]))),
                    _ => {}
                },
                Entry::Order(order) if order.kind == OrderKind::Annul => {
                    let list = AnnulmentList::from_bytes(&load_blob(collector, &order.blob).map_err(distrust)?)?;
                    let line = list.lines().iter().find(|(who, _)| who == voter);
                    found.annulled = found.annulled.or(line.map(|(_, reason)| *reason));
                }
                Entry::Order(order) if order.kind == OrderKind::Reinstate => {
                    let list = ReinstatementList::from_bytes(&load_blob(collector, &order.blob).map_err(distrust)?)?;
                    found.annulled = found.annulled.filter(|_| !list.lines().contains(voter));
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
