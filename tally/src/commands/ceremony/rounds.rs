//! One round of the ceremony, or the answer to a drill. Spec: 05-key-ceremony.

use super::RoundArgs;
use crate::failure::{Failure, Outcome};
use crate::key_file::{KeyFile, KeyRole};
use crate::minutes::short;
use crate::random;
use crate::refuse;
use crate::state::{self, State};
use crate::submission::Submission;
use ballot::encode::{Record, sha256};
use ballot::{Hash, Manifest};
use board::ceremony::{Session, SessionState};
use board::{Post, PostKind, Replay};
use std::io::Write;
use trustee::ceremony::{Finished, RoundError, Setting, Stage, answer_drill};

/// What a round has made.
struct Made {
    kind: PostKind,
    blob: Vec<u8>,
    stage: Option<Stage>,
}

/// Runs one round.
pub fn run(kind: PostKind, args: &RoundArgs, out: &mut dyn Write) -> Outcome {
    if args.destination.posting.post {
        args.board.url()?;
    }
    let mut board = args.board.open()?;
    let (key, passphrase) = args.key.open(KeyRole::Trustee)?;
    let me = key.index(&board.manifest)?;
    let what = format!("Waiting until the round {} can be run", kind.name());
    board.wait(args.wait, what, |b| Ok(b.has_quorum() && is_time(kind, &b.replay()?)))?;
    board.require_quorum()?;
    let mut state = State::open(&args.state, &board.manifest.id(), me, &passphrase)?;
    state.see(&board)?;
    let replay = board.replay()?;
    let subject = subject(kind, &replay)?;
    let submission = match state.sent(&subject)? {
        Some(again) => {
            writeln!(out, "This round was run before; the same message is sent again.")?;
            again
        }
        None => {
            let made = make(kind, &replay, &key, me, &state)?;
            let submission = sign(&made, &board.manifest, &key, me);
            if !args.destination.posting.dry_run {
                if let Some(stage) = &made.stage {
                    state.set_stage(stage);
                }
                state.remember(&subject, &submission)?;
            }
            submission
        }
    };
    let hash = hex::encode(sha256(&submission.blob));
    writeln!(out, "{} of trustee {me} ({}): SHA-256 {hash}", kind.name(), key.name)?;
    if args.destination.posting.dry_run {
        writeln!(out, "Dry run: nothing was kept, written or posted.")?;
        return Ok(());
    }
    state.save()?; // before anything leaves
    let minutes = state.minutes();
    minutes.write(&format!("ceremony {}: message {hash} made and sealed", kind.name()))?;
    let delivered = submission.deliver(&args.destination, &args.board, &board.manifest, out)?;
    minutes.write(&format!("ceremony {}: {delivered}", kind.name()))?;
    let complained = Post::from_bytes(&submission.entry).is_ok_and(|p| p.kind == PostKind::Complaint);
    if complained {
        let dealer = board::ceremony::Complaint::from_bytes(&submission.blob).map(|c| c.dealer).unwrap_or_default();
        refuse!("KEY-7: the share that trustee {dealer} dealt is wrong; a complaint was made instead of a confirm");
    }
    Ok(())
}

/// True once the round can be run, or never will be.
fn is_time(kind: PostKind, replay: &Replay) -> bool {
    let n = replay.manifest().trustees().0;
    let ceremony = replay.ceremony();
    let Some(session) = ceremony.sessions().last() else { return false };
    match kind {
        PostKind::Drill => !ceremony.drills().is_empty(),
        _ if session.state != SessionState::Running => true,
        PostKind::Reveal => session.commits.len() == n,
        PostKind::Deal => session.reveals.len() == n,
        PostKind::Confirm => session.deals.len() == n,
        _ => true,
    }
}

fn session(replay: &Replay) -> Outcome<&Session> {
    match replay.ceremony().sessions().last() {
        Some(session) => Ok(session),
        None => refuse!("KEY-1: the committee has not ordered a ceremony (`tally order ceremony`)"),
    }
}

/// What this message is the only one for.
fn subject(kind: PostKind, replay: &Replay) -> Outcome<String> {
    if kind != PostKind::Drill {
        return Ok(state::round(kind, &session(replay)?.id));
    }
    match replay.ceremony().drills().last() {
        Some(drill) => Ok(format!("drill {} {}", drill.number, hex::encode(drill.key))),
        None => refuse!("DRILL-1: no drill of a confirmed key has been ordered (`tally order drill`)"),
    }
}

fn sign(made: &Made, manifest: &Manifest, key: &KeyFile, me: u16) -> Submission {
    let post = Post::new(made.kind, me, sha256(&made.blob), &manifest.id(), &key.signing);
    Submission { entry: post.to_bytes(), blob: made.blob.clone() }
}

fn make(kind: PostKind, replay: &Replay, key: &KeyFile, me: u16, state: &State) -> Outcome<Made> {
    if kind == PostKind::Drill {
        return drill(replay, state);
    }
    let session = session(replay)?;
    let stage = state.stage()?.filter(|s| s.setting().session == session.id);
    let made = |stage: Stage| {
        let kind = if matches!(stage, Stage::Complained(_)) { PostKind::Complaint } else { kind };
        Ok(Made { kind, blob: stage.message(), stage: Some(stage) })
    };
    match (kind, stage) {
        (PostKind::Commit, None) => {
            if session.commits.contains_key(&me) {
                refuse!(
                    "KEY-1: the board holds a commit of this trustee that {} does not know; is it the right folder?",
                    state.folder().display()
                );
            }
            if session.state != SessionState::Running {
                refuse!("KEY-1: the last ceremony is over; the committee must order another");
            }
            let setting = Setting::new(replay.manifest(), session.id, me).ok_or_else(|| failed(RoundError::Session))?;
            made(Stage::Committed(setting.commit(&mut random::rng()).map_err(failed)?))
        }
        (PostKind::Reveal, Some(Stage::Committed(s))) => made(Stage::Revealed(s.reveal(replay).map_err(|e| failed(e.1))?)),
        (PostKind::Deal, Some(Stage::Revealed(s))) => made(Stage::Dealt(s.deal(replay, &mut random::rng()).map_err(|e| failed(e.1))?)),
        (PostKind::Confirm, Some(Stage::Dealt(s))) => {
            let share_key = key.share.as_ref().ok_or_else(|| failed(RoundError::ShareKey))?;
            made(match s.finish(replay, share_key, &mut random::rng()).map_err(|e| failed(e.1))? {
                Finished::Confirmed(s) => Stage::Confirmed(s),
                Finished::Complained(s) => Stage::Complained(s),
            })
        }
        (_, stage) => {
            let done = match stage {
                None => "has not committed",
                Some(Stage::Committed(_)) => "has committed",
                Some(Stage::Revealed(_)) => "has revealed",
                Some(Stage::Dealt(_)) => "has dealt",
                Some(Stage::Confirmed(_)) => "has confirmed",
                Some(Stage::Complained(_)) => "has complained",
            };
            let folder = state.folder().display();
            refuse!("KEY-1: {} is not the next round: in this session this trustee {done}, by the state in {folder}", kind.name())
        }
    }
}

fn drill(replay: &Replay, state: &State) -> Outcome<Made> {
    let ceremony = replay.ceremony();
    let id: Hash = ceremony.confirmed().map(|k| k.key.id()).unwrap_or_default();
    let Some(share) = state.share(&id)? else {
        refuse!("F10: {} holds no share of the key {}", state.folder().display(), short(&id));
    };
    let answer = answer_drill(&share, &replay.manifest().id(), ceremony, &mut random::rng());
    let blob = answer.map_err(|e| Failure::Refused(e.into()))?;
    Ok(Made { kind: PostKind::Drill, blob, stage: None })
}

fn failed(error: RoundError) -> Failure {
    Failure::Refused(error.into())
}
