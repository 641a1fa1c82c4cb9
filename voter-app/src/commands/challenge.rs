//! `voter-app challenge`: open a ballot instead of casting it, so that anyone can check that it holds what was chosen.

use super::{EidArgs, Place, State, ask, cast, enter};
use crate::clock::shown;
use crate::complaint;
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::{Memory, write_file};
use crate::receipt::publish;
use crate::second_device;
use crate::selection::questions;
use crate::session::Session;
use ballot::tracker::Tracker;
use ballot::voter::ChallengedBallot;
use std::path::{Path, PathBuf};

/// Encrypt selections, then open the ballot and publish it for checking. It can never be cast: vote afterwards
///
/// Do it with selections that are not your vote, as often as you like: it shows whether this program encrypts what it is told. It is
/// a sharper test to run `cast` and decide after the tracker is shown, because the program cannot know before.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    eid: EidArgs,
    /// One for each contest, as in `cast`. They will be public
    #[arg(long = "choose", value_name = "CONTEST=SELECTION")]
    choose: Vec<String>,
    /// Do not ask before publishing
    #[arg(long)]
    yes: bool,
    /// Folder for the opened ballot and the statement about it
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    state: State,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let eid = args.eid.require()?;
    let (collector, mut memory, election) = enter(&args.place, &args.state)?;
    election.require_open()?;
    let mut session = Session::begin(&election, &collector, eid.as_ref())?;
    let questions = questions(&election.manifest, session.district);
    let selections = cast::choose(&questions, &args.choose)?;
    cast::repeat(&election, &session, &questions, &selections);
    let pending = session.encrypt(selections, &memory)?;
    println!("Its tracker: {}\n", pending.tracker());
    if !args.yes {
        match ask("Type `challenge` to open this ballot and publish these selections, else nothing is done: ")?.as_deref() {
            Some("challenge") => {}
            Some(_) => return Err(Failure::new("Stopped as you asked").next("Nothing was sent.")),
            None => {
                let none = Failure::new("There is no terminal to ask on");
                return Err(none.next("Nothing was sent. Say --yes to publish without being asked."));
            }
        }
    }
    open(pending.challenge(), &mut session, &election, &mut memory, &args.out)
}

/// Writes what was opened, publishes it, waits for its receipt, and tells to vote.
pub fn open(
    challenged: ChallengedBallot,
    session: &mut Session<'_>,
    election: &Election,
    memory: &mut Memory,
    out: &Path,
) -> Result<(), Failure> {
    let opened = challenged.opened();
    let tracker = Tracker::new(&opened.ballot.hash());
    let (file, note) = (out.join(format!("challenged-{tracker}.ballot")), out.join(format!("challenged-{tracker}.txt")));
    let questions = questions(&election.manifest, session.district);
    let words: Vec<String> = questions.iter().zip(&opened.selections).map(|(q, s)| format!("  {}\n", q.words(s))).collect();
    let statement = format!(
        "Election {}\nTracker {tracker}\nBallot hash {}\n\nThis ballot was opened for checking. It was not cast and can never be.\n\
         The program said that it holds:\n{}",
        hex::encode(election.id()),
        hex::encode(opened.ballot.hash()),
        words.concat(),
    );
    write_file(&file, &opened.to_bytes())?;
    write_file(&note, statement.as_bytes())?;
    println!("The opened ballot: {}\nWhat the program said of it: {}", file.display(), note.display());

    let promised = publish(&challenged, session, election)?;
    println!("The collector has promised to publish it by {}. Waiting …", shown(promised.promise.deadline));
    match promised.wait(election, session.collector(), memory)? {
        Some((recorded, _)) => {
            println!("Published: entry {} of the board. Everyone can recompute it from its seed.", recorded.index);
            if let Some(code) = challenged.code(session.style()?).at(recorded.index) {
                println!("To have it recomputed by another device, whose page or `verifier code` shows what was in it:\n");
                println!("{}\n", second_device::text(&code)); // nothing of it is secret
            }
        }
        None => return Err(complaint::overdue(&promised.promise, memory)),
    }
    println!("What to do: check the opened ballot with another program, for example on another computer. Then vote: a challenged ballot");
    println!("is not a vote. Run `voter-app cast`.");
    Ok(())
}
