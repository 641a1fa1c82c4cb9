//! `tally ceremony check`

use super::CheckArgs;
use crate::failure::Outcome;
use crate::table;
use board::ceremony::{Ceremony, Session, SessionState};
use board::{Hash, Replay};
use std::io::Write;

/// Runs `tally ceremony check`.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Outcome {
    let board = args.board.open()?;
    show(&board.replay()?, out)
}

/// Says where the ceremony stands.
pub fn show(replay: &Replay, out: &mut dyn Write) -> Outcome {
    let ceremony = replay.ceremony();
    let Some(session) = ceremony.sessions().last() else {
        writeln!(out, "No ceremony has been ordered.")?;
        return Ok(());
    };
    let state = match session.state {
        SessionState::Running => "running",
        SessionState::Confirmed => "confirmed",
        SessionState::Ended => "ended without a key; the committee must order another",
    };
    writeln!(out, "Ceremony {} of {}: {state}.", hex::encode(session.id), ceremony.sessions().len())?;
    table::write(out, &rows(replay, session, ceremony))?;
    for complaint in &session.complaints {
        if let Some(j) = trustee::ceremony::judge(replay.manifest(), session, complaint) {
            let (complainer, dealer, culprit) = (j.complainer, j.dealer, j.culprit);
            writeln!(out, "KEY-9: trustee {complainer} complained about trustee {dealer}; trustee {culprit} is at fault.")?;
        }
    }
    for finding in replay.findings() {
        writeln!(
            out,
            "Entry {}: the {} of trustee {} does not count: {}.",
            finding.entry,
            finding.kind.name(),
            finding.author,
            finding.error
        )?;
    }
    if let Some(keys) = ceremony.confirmed() {
        writeln!(out, "Key id: {}", hex::encode(keys.key.id()))?;
    }
    match ceremony.last_drill() {
        Some(drill) if drill.missing.is_empty() => writeln!(out, "The last drill was answered correctly by all trustees.")?,
        Some(drill) => writeln!(out, "The last drill lacks correct answers of trustees {:?}.", drill.missing)?,
        None => {}
    }
    Ok(())
}

fn rows(replay: &Replay, session: &Session, ceremony: &Ceremony) -> Vec<Vec<String>> {
    let head = ["", "trustee", "commit", "reveal", "deal", "confirm", "last drill"].map(str::to_owned).to_vec();
    let mark = |done: bool| if done { "yes" } else { "-" }.to_owned();
    let key: Option<Hash> = session.keys.as_ref().map(|k| k.key.id());
    let one = |(j, member): (u16, &ballot::manifest::TrusteeMember)| {
        let drilled = ceremony.drills().last().is_some_and(|d| Some(d.key) == key && d.right.contains_key(&j));
        let confirm = match session.complaints.iter().any(|c| c.head.trustee == j) {
            true => "complaint".to_owned(),
            false => mark(session.confirms.contains_key(&j)),
        };
        let round = [session.commits.contains_key(&j), session.reveals.contains_key(&j), session.deals.contains_key(&j)].map(mark);
        [vec![j.to_string(), member.name.clone()], round.to_vec(), vec![confirm, mark(drilled)]].concat()
    };
    std::iter::once(head).chain((1..).zip(&replay.manifest().description().trustees.members).map(one)).collect()
}
