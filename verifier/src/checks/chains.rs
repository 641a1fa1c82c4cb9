//! V14: the ballots under one pseudonym are numbered without a gap, each naming the one before. Rule SET-1.

use crate::log::Log;
use crate::report::{Check, Place};

/// Runs V14.
pub fn check(log: &Log) -> Check {
    let mut check = Check::new("V14", "chains");
    let mut order: Vec<usize> =
        (0..log.ballots.len()).filter(|index| log.ballots.get(*index).is_some_and(|ballot| !ballot.challenged)).collect();
    order.sort_by_key(|index| log.ballots.get(*index).map(|ballot| (ballot.voter, ballot.number, *index)));
    let mut faults = Vec::new();
    let ballots: Vec<_> = order.iter().filter_map(|index| log.ballots.get(*index).zip(Some(*index))).collect();
    for chain in ballots.chunk_by(|(a, _), (b, _)| a.voter == b.voter) {
        check.look();
        let Some(first) = chain.iter().map(|(_, index)| *index).min() else { continue };
        let mut previous = [0; 32];
        for ((ballot, _), number) in chain.iter().zip(1u32..) {
            if ballot.number != number {
                faults.push((first, ballot.voter, format!("a ballot has the number {} where {number} must be", ballot.number)));
                break;
            }
            if ballot.previous != previous {
                faults.push((first, ballot.voter, format!("ballot {number} does not name the one before it")));
                break;
            }
            previous = ballot.hash;
        }
    }
    faults.sort();
    for (_, voter, text) in faults {
        check.fail(&Place::Pseudonym(voter), "SET-1", text);
    }
    check
}
