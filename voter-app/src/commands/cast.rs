//! `voter-app cast`: encrypt, decide, sign, hand in, wait for the receipt.

use super::{EidArgs, Place, State, ask, challenge, enter};
use crate::client::Collector;
use crate::clock::shown;
use crate::complaint;
use crate::election::Election;
use crate::failure::Failure;
use crate::handing::{hand_in, resume};
use crate::memory::Memory;
use crate::receipt::{Kept, PromisedBallot, SignedBallot};
use crate::second_device;
use crate::selection::{Question, parse_all, questions};
use crate::session::Session;
use ballot::shape::Selection;
use ballot::tracker::Tracker;

/// Encrypt your selections, sign the ballot with the eID and hand it in
///
/// On a terminal you decide after the ballot is encrypted whether to cast it or to challenge it (open it for checking).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub eid: EidArgs,
    /// One for each contest: `mayor=a`, `council=a,b`, `-` blank, nothing after `=` for none, `a:3,b:0` points, `a>b>c` rank
    #[arg(long = "choose", value_name = "CONTEST=SELECTION")]
    pub choose: Vec<String>,
    /// Do not ask before signing
    #[arg(long)]
    pub yes: bool,
    /// Do not wait for the receipt; `voter-app status` asks for it later, and there is no code for a second device
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    pub state: State,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let eid = args.eid.require()?;
    let (collector, mut memory, election) = enter(&args.place, &args.state)?;
    election.require_open()?;
    let mut session = Session::begin(&election, &collector, eid.as_ref())?;
    if let Some((promised, mut kept)) = resume(&mut session, &election, &memory)? {
        println!("Your ballot {} from before did arrive.", Tracker::new(&kept.hash()));
        say_promised(&promised);
        await_receipt(&promised, &mut kept, &election, &collector, &mut memory)?;
        second_device::print_none("it was made by a run of the program that has ended");
        println!("No second ballot was made. If you want to vote again, run the command once more.");
        return Ok(());
    }

    let questions = questions(&election.manifest, session.district);
    let selections = choose(&questions, &args.choose)?;
    repeat(&election, &session, &questions, &selections);
    let pending = session.encrypt(selections, &memory)?;
    let tracker = pending.tracker();
    println!("Its tracker: {tracker}");
    println!("Write the tracker down: under it you will find the ballot on the board.\n");
    if !args.yes {
        let question =
            "Type `cast` to sign this ballot and hand it in, `challenge` to open it for checking instead, else nothing is done: ";
        match ask(question)?.as_deref() {
            Some("cast") => {}
            Some("challenge") => return challenge::open(pending.challenge(), &mut session, &election, &mut memory, ".".as_ref()),
            Some(_) => return Err(Failure::new("Stopped as you asked").next("Nothing was signed or sent. Run the command again to vote.")),
            None => {
                return Err(Failure::new("There is no terminal to ask on")
                    .next("Nothing was signed or sent. Say --yes to cast without being asked."));
            }
        }
    }

    let second_device = second_device::draw(&pending, session.style()?, &memory)?;
    let signed = SignedBallot::sign(pending.cast(), &session)?;
    let mut kept = Kept::signed(&signed);
    memory.keep(&kept)?; // before it is sent: a crash from here on leads back to these bytes
    let promised = hand_in(&signed, &second_device.to_bytes(), &mut session, &election, &memory, &mut kept)?;
    let code = second_device.into_code(); // the pad is wiped
    say_promised(&promised);
    if args.no_wait {
        println!("What to do: run `voter-app status` after that time. The promise is kept in the state folder.");
        second_device::print_none("it tells the ballot's place on the board, which only the receipt does");
        return Ok(());
    }
    let index = await_receipt(&promised, &mut kept, &election, &collector, &mut memory)?;
    if let Some(code) = code.at(index) {
        let window = &election.manifest.description().check;
        second_device::print(&code, window.minutes, window.releases); // CHECK-4
    }
    println!("Keep the tracker. You may vote again until voting ends; only your last ballot counts.");
    Ok(())
}

/// Selections from the command line, or asked for on the terminal.
pub fn choose(questions: &[Question<'_>], given: &[String]) -> Result<Vec<Selection>, Failure> {
    let refuse = |sentence: String| {
        Failure::new(format!("SHAPE-1: {sentence}")).next("Nothing was sent. `voter-app contests` shows what may be chosen.")
    };
    if !given.is_empty() {
        return parse_all(questions, given).map_err(refuse);
    }
    let mut answers = Vec::new();
    for question in questions {
        eprintln!("{}", question.page());
        let prompt = format!("{}=", question.contest.id);
        let text = ask(&prompt)?.ok_or_else(|| Failure::usage("Nothing is chosen: say --choose CONTEST=SELECTION for each contest."))?;
        answers.push(format!("{prompt}{text}"));
    }
    parse_all(questions, &answers).map_err(refuse)
}

/// Says who votes where, and what was chosen, in words.
pub fn repeat(election: &Election, session: &Session<'_>, questions: &[Question<'_>], selections: &[Selection]) {
    let title = &election.manifest.description().title;
    println!("{title}, district {}, your ballot number {}.", election.district_title(session.district), session.number);
    println!("Your choice:");
    questions.iter().zip(selections).for_each(|(question, selection)| println!("  {}", question.words(selection)));
    println!("The ballot is now encrypted.");
}

fn say_promised(promised: &PromisedBallot) {
    println!("The collector has promised, with its signature, to publish this ballot by {}.", shown(promised.promise.deadline));
}

/// Waits for the receipt and says what it proves; gives the index of the entry. An overdue promise becomes a complaint.
pub fn await_receipt(
    promised: &PromisedBallot,
    kept: &mut Kept,
    election: &Election,
    collector: &Collector,
    memory: &mut Memory,
) -> Result<u64, Failure> {
    println!("Waiting for the receipt …");
    let Some((recorded, reply)) = promised.wait(election, collector, memory)? else {
        return Err(complaint::overdue(&promised.promise, memory));
    };
    kept.receipt = Some(reply);
    memory.keep(kept)?;
    let witnesses = recorded.checkpoint.witnesses.len();
    println!(
        "Recorded: entry {} of the board, proved under a checkpoint signed by the collector and {witnesses} witness(es).",
        recorded.index
    );
    Ok(recorded.index)
}
