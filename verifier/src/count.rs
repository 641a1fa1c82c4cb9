//! From opened numbers to the result. Spec: 10-tally, Count and Result.

use crate::bytes::Hash;
use crate::counted::{State, Unit};
use crate::manifest::{Manifest, Rule};
use serde_json::{Value, json};

/// What a unit comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// See the table of page 10.
    pub counts: Vec<u64>,
    /// Instant runoff only: each round's counts.
    pub rounds: Vec<Vec<u64>>,
    /// Instant runoff only: position of the winner.
    pub winner: Option<usize>,
}

/// Counts a unit's opened rows; the row of a summed unit holds the sums already. COUNT-1, COUNT-2, COUNT-3.
pub fn count(rule: Rule, options: usize, rows: &[Vec<u64>]) -> Tally {
    match rule {
        Rule::List => {
            let mut counts = vec![0u64; options];
            for position in rows.iter().flatten() {
                if let Some(count) = usize::try_from(*position).ok().and_then(|position| counts.get_mut(position)) {
                    *count = count.saturating_add(1);
                }
            }
            Tally { counts, ..Tally::default() }
        }
        Rule::Rank { .. } => instant_runoff(options, rows),
        _ => Tally { counts: rows.first().cloned().unwrap_or_default(), ..Tally::default() },
    }
}

/// The options a row prefers, in order: no zeros, no option twice.
fn preferences(row: &[u64]) -> Vec<usize> {
    let mut found = Vec::new();
    for place in row {
        if let Some(option) = usize::try_from(*place).ok().and_then(|place| place.checked_sub(1))
            && !found.contains(&option)
        {
            found.push(option);
        }
    }
    found
}

fn instant_runoff(options: usize, rows: &[Vec<u64>]) -> Tally {
    let rows: Vec<Vec<usize>> = rows.iter().map(|row| preferences(row)).collect();
    let mut standing = vec![true; options];
    let mut rounds: Vec<Vec<u64>> = Vec::new();
    loop {
        let stands = |option: &usize| standing.get(*option) == Some(&true);
        let mut counts = vec![0u64; options];
        for option in rows.iter().filter_map(|row| row.iter().copied().find(|option| stands(option))) {
            if let Some(count) = counts.get_mut(option) {
                *count = count.saturating_add(1);
            }
        }
        rounds.push(counts.clone());
        let sum: u64 = counts.iter().sum();
        // The first of the largest: with more than half of the sum it is the only one.
        let leader = (0..options).filter(stands).max_by_key(|option| (counts.get(*option).copied(), std::cmp::Reverse(*option)));
        let leading = leader.and_then(|leader| counts.get(leader)).copied().unwrap_or(0);
        let left = (0..options).filter(stands).count();
        let winner = if rows.iter().all(Vec::is_empty) {
            None
        } else if leading.saturating_mul(2) > sum || left <= 1 {
            leader
        } else {
            let loser = (0..options).filter(stands).min_by_key(|option| {
                let history: Vec<u64> = rounds.iter().rev().filter_map(|round| round.get(*option)).copied().collect();
                (history, std::cmp::Reverse(*option))
            });
            if let Some(stands) = loser.and_then(|loser| standing.get_mut(loser)) {
                *stands = false;
            }
            continue;
        };
        return Tally { counts, rounds, winner };
    }
}

/// The bytes that the result must have. COUNT-4. A unit without a tally is empty or withheld.
pub fn result(manifest: &Manifest, counted: &Hash, units: &[(Unit, Option<Tally>)]) -> Vec<u8> {
    let units: Vec<Value> = units.iter().enumerate().map(|(number, (unit, tally))| entry(manifest, number, unit, tally.as_ref())).collect();
    let value = json!({"counted": hex::encode(counted), "election": hex::encode(manifest.election), "haal": 1, "units": units});
    serde_json_canonicalizer::to_vec(&value).unwrap_or_default()
}

fn entry(manifest: &Manifest, number: usize, unit: &Unit, tally: Option<&Tally>) -> Value {
    let contest = manifest.contests.get(usize::from(unit.contest));
    let list = contest.and_then(|contest| contest.lists.get(usize::try_from(unit.list).ok()?));
    let districts: Vec<&String> = unit.districts.iter().filter_map(|district| manifest.districts.get(usize::from(*district))).collect();
    let columns = match (contest.map(|contest| contest.rule), list) {
        (Some(rule), Some(list)) if rule.is_mixed() => list.options.len(),
        (_, list) => list.map_or(0, |list| list.shape.w),
    };
    let (state, zeros) = match unit.state {
        State::Opened => ("opened", 0),
        State::Empty => ("empty", columns),
        State::Withheld => ("withheld", 0),
    };
    let tally = tally.cloned().unwrap_or(Tally { counts: vec![0; zeros], ..Tally::default() });
    let winner = tally.winner.and_then(|winner| list.and_then(|list| list.options.get(winner)));
    json!({
        "ballots": unit.ballots,
        "contest": contest.map(|contest| contest.id.as_str()),
        "counts": tally.counts,
        "districts": districts,
        "rounds": tally.rounds,
        "state": state,
        "unit": number,
        "winner": winner.map_or("", String::as_str),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurality_counts_positions() {
        assert_eq!(count(Rule::List, 3, &[vec![2], vec![0], vec![2]]).counts, [1, 0, 2]);
    }

    #[test]
    fn runoff_eliminates_and_transfers() {
        let rows = [vec![1, 2], vec![1, 2], vec![2, 0], vec![3, 2], vec![2, 2]];
        let tally = count(Rule::Rank { places: 2 }, 3, &rows);
        assert_eq!(tally.rounds, [vec![2, 2, 1], vec![2, 3, 0]]);
        assert_eq!((tally.winner, tally.counts), (Some(1), vec![2, 3, 0]));
    }

    #[test]
    fn runoff_ties_fall_to_the_later_option_and_nothing_wins_nothing() {
        let tally = count(Rule::Rank { places: 1 }, 2, &[vec![1], vec![2]]);
        assert_eq!((tally.rounds, tally.winner), (vec![vec![1, 1], vec![1, 0]], Some(0)));
        let tally = count(Rule::Rank { places: 1 }, 2, &[vec![0]]);
        assert_eq!((tally.rounds, tally.winner), (vec![vec![0, 0]], None));
        // Equal now: the one with the smaller count in the round before goes.
        let rows = [vec![1, 2], vec![1, 2], vec![2, 0], vec![2, 0], vec![3, 0], vec![3, 0], vec![3, 0], vec![4, 1]];
        assert_eq!(count(Rule::Rank { places: 2 }, 4, &rows).rounds.last().unwrap(), &vec![0, 0, 3, 0]);
    }
}
