//! Handing in a signed ballot, and finding out after a cut line what became of it. Spec: 07-casting, CAST-3.

use crate::election::Election;
use crate::failure::{Failure, Kind};
use crate::memory::Memory;
use crate::receipt::{Kept, PromisedBallot, SignedBallot};
use crate::second_device;
use crate::session::Session;
use ballot::encode::Record;
use ballot::tracker::Tracker;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Sends token and pad (16-second-device) and the signed bytes until the collector answers, and keeps what it answers.
pub fn hand_in(
    signed: &SignedBallot,
    second_device: &[u8; 64],
    session: &mut Session<'_>,
    election: &Election,
    memory: &Memory,
    kept: &mut Kept,
) -> Result<PromisedBallot, Failure> {
    let (promised, salt) = signed.send(session, election, second_device).map_err(|failure| match failure.kind {
        Kind::Passing => failure.next(
            "The ballot was sent, and it is not known whether it arrived. Run the same command again: it asks for this ballot first, and \
             never casts it twice.",
        ),
        _ => failure,
    })?;
    kept.salt = Some(salt);
    kept.promise = Some(STANDARD.encode(promised.promise.to_bytes()));
    memory.keep(kept)?;
    Ok(promised)
}

/// A ballot that was sent before a crash or a cut line and never answered. If the collector has it, the same bytes give its promise;
/// if not, it never counted, and its number is free.
pub fn resume(session: &mut Session<'_>, election: &Election, memory: &Memory) -> Result<Option<(PromisedBallot, Kept)>, Failure> {
    let mine: Vec<Kept> = memory.kept()?.into_iter().filter(|k| k.voter() == session.voter).collect();
    if let Some(lost) = mine.iter().find(|k| k.promise.is_some() && k.number() >= session.number) {
        let tracker = Tracker::new(&lost.hash());
        return Err(Failure::new(format!("VOTER-4: the collector promised to publish your ballot {tracker} and no longer knows of it"))
            .next("Run `voter-app status`: once the promise is due, it writes the complaint. Vote on paper if you can."));
    }
    for mut kept in mine.into_iter().filter(|k| k.promise.is_none()) {
        let hash = kept.hash();
        match kept.to_signed() {
            Some(signed) if session.previous == hash => {
                let promised = hand_in(&signed, &*second_device::none()?, session, election, memory, &mut kept)?;
                return Ok(Some((promised, kept)));
            }
            _ => memory.forget(&hash),
        }
    }
    Ok(None)
}
