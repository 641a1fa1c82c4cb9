//! What the present phase means for ballots. The transition itself is [`board::phase`]. Spec: 03-manifest PHASE, 07-casting CAST-2.

use crate::refusal::Refusal;
use board::order::OrderKind;
use board::replay::Replay;
use board::{Phase, Phases};

/// CAST-2, but for the session: a ballot accepted now must be able to stand in a batch that PHASE-3 and PHASE-4 allow.
pub fn takes_ballot(phases: &Phases, early: bool, now: u64) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::new(409, "CAST-2", message));
    match phases.phase() {
        Phase::Setup => return refuse("CAST-2: voting has not begun"),
        Phase::Voting => {}
        Phase::Last if early => {}
        Phase::Last => return refuse("CAST-2: this session began after the last login"),
        Phase::Closed | Phase::Sealed | Phase::Done => return refuse("CAST-2: voting has ended"),
    }
    if phases.is_suspended() {
        return refuse("CAST-2: voting is suspended");
    }
    if phases.opened().is_none_or(|(_, time)| now < time) {
        return refuse("CAST-2: voting has not begun");
    }
    // A close cannot be dated later, so a ballot accepted later could never be published.
    if now > phases.until() {
        return refuse("CAST-2: the time for voting is over");
    }
    Ok(())
}

/// Orders before which pending ballots must be in the log (HTTP-14).
pub fn ends_ballots(kind: OrderKind) -> bool {
    matches!(kind, OrderKind::Close | OrderKind::Suspend | OrderKind::Amend)
}

/// The time of a batch: now, but not before what it must follow, nor after what it must precede.
///
/// `accepted` is when its last ballot was accepted (EVID-3), `at_most` the time of a close that follows it (PHASE-4).
pub fn batch_time(replay: &Replay, accepted: u64, now: u64, at_most: u64) -> u64 {
    let opened = replay.phases().opened().map_or(0, |(_, time)| time);
    let least = accepted.max(opened).max(replay.batch_time());
    now.min(at_most).min(replay.phases().until()).max(least)
}
