//! V14: the ballots under one pseudonym are numbered without a gap, each naming the one before, and none goes back to an older version of
//! the roll. Rules SET-1, SET-6.

use crate::entry::BallotHead;
use crate::log::Log;
use crate::report::{Check, Place};
use crate::rolls::Rolls;

/// Runs V14.
pub fn check(log: &Log, rolls: &Rolls) -> Check {
    let mut check = Check::new("V14", "chains");
    let mut order: Vec<usize> =
        (0..log.ballots.len()).filter(|index| log.ballots.get(*index).is_some_and(|ballot| !ballot.challenged)).collect();
    order.sort_by_key(|index| log.ballots.get(*index).map(|ballot| (ballot.voter, ballot.number, *index)));
    let mut faults = Vec::new();
    let ballots: Vec<_> = order.iter().filter_map(|index| log.ballots.get(*index).zip(Some(*index))).collect();
    for chain in ballots.chunk_by(|(a, _), (b, _)| a.voter == b.voter) {
        check.look();
        let Some(first) = chain.iter().map(|(_, index)| *index).min() else { continue };
        if let Some(text) = unlinked(chain) {
            faults.push((first, "SET-1", chain, text));
        } else if let Some(number) = goes_back(chain, log, rolls) {
            faults.push((first, "SET-6", chain, format!("ballot {number} stands on an older version of the roll than the one before it")));
        }
    }
    faults.sort_by_key(|(first, ..)| *first);
    for (_, rule, chain, text) in faults {
        let Some((ballot, _)) = chain.first() else { continue };
        check.fail(&Place::Pseudonym(ballot.voter), rule, text);
    }
    check
}

/// What is wrong with numbers and hashes of one pseudonym's ballots, which are in order. SET-1.
fn unlinked(chain: &[(&BallotHead, usize)]) -> Option<String> {
    let mut previous = [0; 32];
    for ((ballot, _), number) in chain.iter().zip(1u32..) {
        if ballot.number != number {
            return Some(format!("a ballot has the number {} where {number} must be", ballot.number));
        }
        if ballot.previous != previous {
            return Some(format!("ballot {number} does not name the one before it"));
        }
        previous = ballot.hash;
    }
    None
}

/// The number of the first ballot that stands before a change of the roll which the ballot before it stands behind. SET-6.
fn goes_back(chain: &[(&BallotHead, usize)], log: &Log, rolls: &Rolls) -> Option<u32> {
    let mut newest = 0;
    for (ballot, index) in chain {
        let version = rolls.version_at(*log.ballot_entries.get(*index)?);
        if version < newest {
            return Some(ballot.number);
        }
        newest = version;
    }
    None
}
