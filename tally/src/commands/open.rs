//! `tally open`

mod factors;
mod intents;

use crate::board::BoardArgs;
use crate::failure::{Failure, Outcome};
use crate::key_file::{KeyArgs, KeyFile, KeyRole};
use crate::minutes::short;
use crate::refuse;
use crate::state::State;
use crate::submission::{PostingArgs, Submission};
use ballot::encode::{Record, sha256};
use board::PostKind;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use trustee::mix::Bases;
use trustee::view::{OpenRefusal, View};

/// Open the counted ballots, as a trustee
///
/// Verifies the whole record first, and recomputes which ballots count; refuses unless the election is closed and sealed by order and cosigned by
/// the manifest's quorum of witnesses. Then it posts an intent, which says exactly what it is going to open; waits until a cosigned checkpoint shows
/// the same intents of a threshold of trustees; and only then posts its factors with their proof.
///
/// What it has declared once is sealed in --state before it leaves. The same may be sent again; another statement about a unit is refused for
/// ever, because the difference of two openings of nearly the same ballots is a vote.
#[derive(clap::Args, Debug)]
pub struct OpenArgs {
    #[command(flatten)]
    board: BoardArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// This trustee's own folder, as in the ceremony
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Write files into this folder, to be posted with `tally post`; run again when the intents are on the board
    #[arg(long, value_name = "DIR", required_unless_present_any = ["post", "dry_run"], conflicts_with = "post")]
    out: Option<PathBuf>,
    #[command(flatten)]
    posting: PostingArgs,
    /// With --post: wait up to this long for the other trustees' intents; 0 does what can be done now, and is no failure
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    wait: u64,
}

/// What both halves need.
struct Desk<'a> {
    args: &'a OpenArgs,
    key: KeyFile,
    me: u16,
    state: State,
}

/// Runs `tally open`.
pub fn run(args: &OpenArgs, out: &mut dyn Write) -> Outcome {
    if args.posting.post {
        args.board.url()?;
    }
    let (key, passphrase) = args.key.open(KeyRole::Trustee)?;
    let mut board = args.board.open()?;
    let me = key.index(&board.manifest)?;
    board.require_quorum()?;
    let mut state = State::open(&args.state, &board.manifest.id(), me, &passphrase)?;
    state.see(&board)?;
    let bases = Arc::new(Bases::default());
    let mut view = board.view(&bases)?;
    let id = view.closed().key;
    let Some(share) = state.share(&id)? else {
        refuse!("F10: {} holds no share of the key {}", args.state.display(), short(&id));
    };
    share.check(view.keys()).map_err(|e| Failure::Refused(e.into()))?;
    show(&view, out)?;
    let mut desk = Desk { args, key, me, state };
    let wanted = intents::declare(&mut desk, &view, out)?;
    if args.posting.dry_run {
        writeln!(out, "Dry run: nothing was declared, opened, written or posted.")?;
        return Ok(());
    }
    if wanted.is_empty() {
        writeln!(out, "There is nothing to open now{}.", if view.unmixed().is_empty() { "" } else { ": mixes are missing" })?;
        return Ok(());
    }
    if !all_declared(&view, me, &wanted, &desk)? && args.posting.post && args.wait > 0 {
        let what = "Waiting for the intents of the other trustees".to_owned();
        let mut scan = intents::Scan::new(&view, &wanted);
        board.wait(args.wait, what, |b| Ok(scan.look(b)? && b.has_quorum()))?;
        desk.state.see(&board)?;
        board.require_quorum()?;
        view = board.extend(view)?;
    }
    let refused = factors::open(&mut desk, &view, &share, &wanted, out)?;
    match refused {
        Some(e @ OpenRefusal::Intents { .. }) if args.wait == 0 || args.out.is_some() => {
            writeln!(out, "Not all could be opened yet: {e}. Run this command again when they are there.")?;
            Ok(())
        }
        Some(e) => Err(Failure::Refused(e.into())),
        None => Ok(()),
    }
}

/// True if every unit may be opened at once.
fn all_declared(view: &View, me: u16, wanted: &[u32], desk: &Desk<'_>) -> Outcome<bool> {
    let declared = desk.state.declared()?;
    Ok(wanted.iter().all(|unit| view.may_open(me, *unit, &declared).is_ok()))
}

fn show(view: &View, out: &mut dyn Write) -> Outcome {
    let closed = view.closed();
    let opened = view.units().iter().filter(|u| u.to_open().is_some()).count();
    writeln!(out, "The record is right: {} entries at the close, counted set {}.", closed.size, hex::encode(closed.counted))?;
    writeln!(out, "{} units; {opened} of them can be opened now, {} wait for mixes.", view.units().len(), view.unmixed().len())?;
    for finding in view.findings() {
        let (entry, kind, author) = (finding.entry, finding.kind.name(), finding.author);
        writeln!(out, "Entry {entry}: the {kind} of {author} does not count: {}.", finding.fault)?;
    }
    Ok(())
}

impl Desk<'_> {
    /// Signs a post.
    fn sign(&self, kind: PostKind, blob: Vec<u8>, board: &ballot::Hash) -> Submission {
        let post = board::Post::new(kind, self.me, sha256(&blob), board, &self.key.signing);
        Submission { entry: post.to_bytes(), blob }
    }

    /// Writes or posts; gives the position in the log, if posted.
    fn deliver(&self, submission: &Submission, name: &str, out: &mut dyn Write) -> Outcome<Option<u64>> {
        let (done, index) = match &self.args.out {
            Some(folder) => {
                let path = folder.join(format!("{name}.post"));
                submission.write(&path)?;
                (format!("written to {}", path.display()), None)
            }
            None => {
                let index = submission.post(self.args.board.url()?)?;
                (format!("posted as entry {index}"), Some(index))
            }
        };
        let line = format!("open: {name}, SHA-256 {}: {done}", hex::encode(sha256(&submission.blob)));
        self.state.minutes().write(&line)?;
        writeln!(out, "{name}: {done}")?;
        Ok(index)
    }
}
