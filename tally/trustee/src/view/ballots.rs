//! Every ballot of the record, decoded and verified in batches on all cores. Spec: 06-ballot, 04-proofs BIT-9.

use super::ViewError;
use crate::counted::BallotFacts;
use ballot::ballot::{BallotError, BallotStyle};
use ballot::batch::{Batch, Weights};
use ballot::encode::{DecodeError, sha256};
use ballot::{Ballot, Ciphertext, ElectionKey};
use board::changes::Rolls;
use board::replay::ballot_district;
use rand_core::CryptoRng;
use rayon::prelude::*;
use std::collections::HashSet;

/// Ballots of one multiplication.
const BATCH: usize = 256;

/// A ballot or challenged ballot as it stands in the log.
pub(super) struct Raw {
    pub entry: u64,
    pub bytes: Vec<u8>,
    pub opened: bool,
}

/// What is left of a cast ballot whose proofs have been verified.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Index of its entry.
    pub entry: u64,
    /// Voter, number, hash.
    pub facts: BallotFacts,
    /// The encrypted parts, in the order of the district's contests.
    pub parts: Vec<Ciphertext>,
}

struct Read {
    entry: u64,
    ballot: Ballot,
    opened: bool,
}

/// Checks BAL-1 to BAL-6, CHAL-1 and SET-2, and keeps the cast ballots in the order of the log. The error is the first one in the log.
pub(super) fn check(
    styles: &[BallotStyle],
    key: &ElectionKey,
    rolls: &Rolls,
    raw: &[Raw],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<Checked>, ViewError> {
    let mut chunks: Vec<(Weights, &[Raw])> = Vec::new();
    for chunk in raw.chunks(BATCH) {
        let all: Vec<u8> = chunk.iter().flat_map(|r| sha256(&r.bytes)).collect();
        chunks.push((Weights::new(&sha256(&all), rng), chunk)); // from a hash of every byte and fresh entropy (BIT-9)
    }
    let done: Vec<Result<Vec<Read>, ViewError>> =
        chunks.into_par_iter().map(|(weights, chunk)| check_chunk(styles, key, rolls, chunk, weights)).collect();
    let mut pads = HashSet::new();
    let mut cast = Vec::new();
    for chunk in done {
        for Read { entry, ballot, opened } in chunk.map_err(|error| name_contest(styles, raw, error, rng))? {
            if !ballot.pads().all(|pad| pads.insert(*pad)) {
                return Err(ViewError::Repeated { entry }); // BAL-6
            }
            if !opened {
                let parts = ballot.parts().iter().map(|p| p.ciphertext.clone()).collect();
                cast.push(Checked { entry, facts: BallotFacts::new(entry, &ballot), parts });
            }
        }
    }
    Ok(cast)
}

/// Says which contest of a ballot with a wrong proof is the wrong one.
fn name_contest(styles: &[BallotStyle], raw: &[Raw], error: ViewError, rng: &mut (impl CryptoRng + ?Sized)) -> ViewError {
    let ViewError::Ballot { entry, error: BallotError::Proof { .. } } = error else { return error };
    let mut again = || {
        let raw = raw.iter().find(|r| r.entry == entry && !r.opened)?;
        let style = styles.get(ballot_district(&raw.bytes)?)?;
        style.verify(&style.decode(&raw.bytes).ok()?, rng).err()
    };
    again().map_or(error, |error| ViewError::Ballot { entry, error })
}

fn check_chunk(styles: &[BallotStyle], key: &ElectionKey, rolls: &Rolls, chunk: &[Raw], weights: Weights) -> Result<Vec<Read>, ViewError> {
    let mut ballots = Vec::with_capacity(chunk.len());
    let unreadable = chunk.iter().find_map(|raw| read(styles, rolls, raw).map(|b| ballots.push(b)).err());
    // What stands before an unreadable ballot is verified all the same, so that the first fault of the log is named.
    let bad_proof = first_bad_proof(styles, key, &ballots, weights);
    bad_proof.or(unreadable).map_or(Ok(ballots), Err)
}

fn read(styles: &[BallotStyle], rolls: &Rolls, raw: &Raw) -> Result<Read, ViewError> {
    let entry = raw.entry;
    let wrong = |error| ViewError::Ballot { entry, error };
    let district = ballot_district(&raw.bytes).ok_or(wrong(BallotError::Decode(DecodeError::Short)))?;
    let style = styles.get(district).ok_or(ViewError::District { entry })?;
    let ballot = if raw.opened {
        let opened = style.decode_opened(&raw.bytes).map_err(wrong)?;
        style.check_opened(&opened).map_err(wrong)?;
        opened.ballot
    } else {
        style.decode(&raw.bytes).map_err(wrong)?
    };
    match rolls.district_at(&ballot.context().voter, entry) {
        Some(there) if usize::from(there) == district => Ok(Read { entry, ballot, opened: raw.opened }),
        _ => Err(ViewError::Voter { entry }),
    }
}

/// One multiplication for all; if it fails, every half in turn, until the ballot is found.
fn first_bad_proof(styles: &[BallotStyle], key: &ElectionKey, ballots: &[Read], mut weights: Weights) -> Option<ViewError> {
    let bases = styles.first()?.bases();
    let mut halves = vec![ballots];
    while let Some(part) = halves.pop() {
        let mut batch = Batch::default();
        let mut exact = None; // BIT-8 is no equation of the batch
        for read in part {
            if let Some(style) = styles.get(read.ballot.district())
                && let Err(error) = style.add_to(&read.ballot, &mut batch, &mut weights)
            {
                exact = Some(ViewError::Ballot { entry: read.entry, error });
                break;
            }
        }
        if exact.is_none() && (part.is_empty() || batch.holds(key.columns(), bases)) {
            continue;
        }
        if let [one] = part {
            return exact.or(Some(ViewError::Ballot { entry: one.entry, error: BallotError::Proof { contest: 0 } }));
        }
        let (left, right) = part.split_at(part.len() / 2);
        halves.push(right);
        halves.push(left); // first, so that the first wrong ballot is named
    }
    None
}
