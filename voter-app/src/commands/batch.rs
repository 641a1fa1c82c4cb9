//! `voter-app batch`: casts a file of ballots, for rehearsals and measurements. Spec: 07-casting.
//!
//! The election is loaded once. Threads share the work by person, so that the lines of one person stay in order.

use super::Place;
use crate::client::Collector;
use crate::complaint::{self, GRACE};
use crate::eid::pem::PemEid;
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::{Memory, write_file};
use crate::receipt::{PromisedBallot, SignedBallot, publish};
use crate::second_device;
use crate::selection::{parse_all, questions};
use crate::session::Session;
use crate::view::{self, distrust};
use ballot::Hash;
use board::source::SourceError;
use board::tile::WIDTH;
use board::tree;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Cast a file of ballots over kept-alive connections
///
/// Lines: person_code TAB cast|challenge TAB contest=SELECTION;contest=SELECTION. Lines of one person are cast in order.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Folder with CODE.login.key.pem, CODE.login.pem, CODE.sign.key.pem, CODE.sign.pem for each person
    #[arg(long, value_name = "DIR")]
    eid_dir: PathBuf,
    /// The ballots
    #[arg(long, value_name = "FILE")]
    ballots: PathBuf,
    /// Connections, each with a thread of its own
    #[arg(long, value_name = "N", default_value = "2")]
    connections: NonZeroUsize,
    /// Where to write person_code, action, ballot hash and index of each line, with tabs between
    #[arg(long, value_name = "FILE")]
    receipts: Option<PathBuf>,
    /// Do not wait until all ballots are on the board
    #[arg(long)]
    no_wait: bool,
    /// Folder of this installation's memory; without it nothing is remembered
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// What is to be done with a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Cast,
    Challenge,
}

/// One line of the file.
struct Line {
    person: String,
    action: Action,
    answers: Vec<String>,
}

/// How far a line came.
type Outcome = Result<PromisedBallot, Failure>;

pub fn run(args: &Args) -> Result<(), Failure> {
    let text = std::fs::read_to_string(&args.ballots).map_err(|e| Failure::unreadable(format!("{}: {e}", args.ballots.display())))?;
    let lines = text.lines().enumerate().filter(|(_, l)| !l.is_empty()).map(|(i, l)| parse(i + 1, l)).collect::<Result<Vec<_>, _>>()?;
    let collector = args.place.collector();
    let id = &args.place.election_id;
    let mut memory = match &args.state {
        Some(folder) => Memory::open(folder, id)?,
        None => Memory::passing()?,
    };
    let election = Election::load(&collector, id, &mut memory)?;

    let begun = Instant::now();
    let outcomes = cast_all(&lines, &election, &collector, &memory, args);
    let seconds = begun.elapsed().as_secs_f64();
    let promised: Vec<&PromisedBallot> = outcomes.iter().filter_map(|o| o.as_ref().ok()).collect();
    println!(
        "{} of {} ballots promised in {seconds:.1} s ({:.0} per second).",
        promised.len(),
        lines.len(),
        promised.len() as f64 / seconds
    );

    let mut indices = HashMap::new();
    let mut late = Vec::new();
    if !args.no_wait {
        late = wait(&promised, &election, &collector, &mut memory, &mut indices)?;
        println!("{} ballots recorded, {:.1} s after the first was made.", indices.len(), begun.elapsed().as_secs_f64());
    }
    if let Some(path) = &args.receipts {
        write_file(path, table(&lines, &outcomes, &indices).as_bytes())?;
    }
    let failed = report(&lines, &outcomes);
    for promised in &late {
        match complaint::write(&promised.promise, None, &memory)? {
            Some(path) => eprintln!("Overdue: {} (complaint: {})", hex::encode(promised.hash), path.display()),
            None => eprintln!("Overdue: {}", hex::encode(promised.hash)),
        }
    }
    if failed + late.len() == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{failed} ballots were not accepted, and {} promises are overdue", late.len()))
        .next("The lines above say why. Lines that were accepted must not be cast again."))
}

fn parse(number: usize, text: &str) -> Result<Line, Failure> {
    let bad = || Failure::unreadable(format!("Line {number} is not person_code TAB cast|challenge TAB contest=SELECTION;…"));
    let mut fields = text.split('\t');
    let (Some(person), Some(action), Some(answers), None) = (fields.next(), fields.next(), fields.next(), fields.next()) else {
        return Err(bad());
    };
    let action = match action {
        "cast" => Action::Cast,
        "challenge" => Action::Challenge,
        _ => return Err(bad()),
    };
    Ok(Line { person: person.to_owned(), action, answers: answers.split(';').map(str::to_owned).collect() })
}

/// The positions of each person's lines, persons in order of appearance.
fn by_person(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut persons: Vec<Vec<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let next = persons.len();
        let slot = *place.entry(&line.person).or_insert(next);
        match persons.get_mut(slot) {
            Some(list) => list.push(at),
            None => persons.push(vec![at]),
        }
    }
    persons
}

/// Casts all lines; gives their outcomes in the order of the file.
fn cast_all(lines: &[Line], election: &Election, collector: &Collector, memory: &Memory, args: &Args) -> Vec<Outcome> {
    let persons = by_person(lines);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::with_capacity(lines.len()));
    let progress = bar(lines.len(), "Casting");
    thread::scope(|scope| {
        for _ in 0..args.connections.get() {
            scope.spawn(|| {
                let collector = collector.another(); // a connection of its own
                while let Some(person) = persons.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcomes = cast_person(person, lines, election, &collector, memory, args, &progress);
                    done.lock().unwrap_or_else(PoisonError::into_inner).extend(outcomes);
                }
            });
        }
    });
    progress.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// One person's lines in order, with one login.
fn cast_person(
    person: &[usize],
    lines: &[Line],
    election: &Election,
    collector: &Collector,
    memory: &Memory,
    args: &Args,
    progress: &ProgressBar,
) -> Vec<(usize, Outcome)> {
    let mine: Vec<(usize, &Line)> = person.iter().filter_map(|at| Some((*at, lines.get(*at)?))).collect();
    let code = mine.first().map_or("", |(_, line)| &line.person);
    let eid = match PemEid::from_folder(&args.eid_dir, code) {
        Ok(eid) => eid,
        Err(failure) => return mine.into_iter().map(|(at, _)| (at, Err(failure.clone()))).collect(),
    };
    let mut session = match Session::begin(election, collector, &eid) {
        Ok(session) => session,
        Err(failure) => return mine.into_iter().map(|(at, _)| (at, Err(failure.clone()))).collect(),
    };
    let questions = questions(&election.manifest, session.district);
    let mut cast_line = |line: &Line| {
        let selections = parse_all(&questions, &line.answers).map_err(|sentence| Failure::new(format!("SHAPE-1: {sentence}")))?;
        let pending = session.encrypt(selections, memory)?;
        match line.action {
            Action::Cast => {
                let (promised, _) = SignedBallot::sign(pending.cast(), &session)?.send(&mut session, election, &*second_device::none()?)?;
                session.advance(promised.hash);
                Ok(promised)
            }
            Action::Challenge => publish(&pending.challenge(), &mut session, election),
        }
    };
    mine.into_iter()
        .map(|(at, line)| {
            let outcome = cast_line(line);
            progress.inc(1);
            (at, outcome)
        })
        .collect()
}

/// Reads the log as it grows until every promised leaf is found in it, each bundle compared with a verified checkpoint; gives the
/// promises that are overdue.
fn wait(
    promised: &[&PromisedBallot],
    election: &Election,
    collector: &Collector,
    memory: &mut Memory,
    indices: &mut HashMap<Hash, u64>,
) -> Result<Vec<PromisedBallot>, Failure> {
    let mut open: HashMap<Hash, &PromisedBallot> = promised.iter().map(|p| (p.leaf, *p)).collect();
    let progress = bar(promised.len(), "Waiting for receipts");
    // Ballots stand after the log that was seen before the first was made.
    let mut index = election.view.size() / WIDTH;
    loop {
        let asked = election.clock.now();
        let view = view::read(collector, &election.manifest)?;
        memory.see(&view, collector)?;
        while index < view.bundles() && !open.is_empty() {
            let entries = match view.bundle(collector, index) {
                Err(SourceError::Missing(_)) => break, // the log has just grown over it
                other => other.map_err(distrust)?,
            };
            for (at, entry) in entries.iter().enumerate() {
                if let Some(found) = open.remove(&tree::leaf_hash(entry)) {
                    indices.insert(found.hash, index * WIDTH + at as u64);
                }
            }
            progress.set_position(indices.len() as u64);
            if (entries.len() as u64) < WIDTH {
                break; // it will grow
            }
            index += 1;
        }
        let behind = index + 1 < view.bundles();
        if open.is_empty() || (!behind && open.values().all(|p| asked > p.promise.deadline.saturating_add(GRACE))) {
            progress.finish_and_clear();
            return Ok(open.into_values().cloned().collect());
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// One row for each line of the file; `-` where there is nothing.
fn table(lines: &[Line], outcomes: &[Outcome], indices: &HashMap<Hash, u64>) -> String {
    let mut table = String::from("person_code\taction\tballot\tindex\n");
    for (line, outcome) in lines.iter().zip(outcomes) {
        let action = if line.action == Action::Cast { "cast" } else { "challenge" };
        let hash = outcome.as_ref().ok().map(|p| p.hash);
        let index = hash.and_then(|h| indices.get(&h)).map_or("-".to_owned(), u64::to_string);
        table.push_str(&format!("{}\t{action}\t{}\t{index}\n", line.person, hash.map_or("-".to_owned(), hex::encode)));
    }
    table
}

/// Names the lines that failed; the first twenty in full.
fn report(lines: &[Line], outcomes: &[Outcome]) -> usize {
    let failed: Vec<_> = lines.iter().zip(outcomes).filter_map(|(line, o)| Some((line, o.as_ref().err()?))).collect();
    for (line, failure) in failed.iter().take(20) {
        eprintln!("{}: {failure}", line.person);
    }
    failed.len()
}

fn bar(len: usize, what: &'static str) -> ProgressBar {
    let template = "{msg} {bar:30} {pos}/{len}  {per_sec}  {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(len as u64).with_style(style).with_message(what)
}
