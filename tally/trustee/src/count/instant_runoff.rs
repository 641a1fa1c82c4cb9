//! Preferences, with the weakest option eliminated round by round. Spec: 10-tally, COUNT-3.

use std::cmp::Reverse;

/// Every round's counts (eliminated options 0), and the position of the winner, if any row has a preference.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Outcome {
    pub rounds: Vec<Vec<u64>>,
    pub winner: Option<usize>,
}

/// Counts rows of places: 0 is an unused place, otherwise an option's position plus 1.
pub fn count<'a>(rows: impl Iterator<Item = &'a [u64]>, options: usize) -> Outcome {
    let rows: Vec<Vec<usize>> = rows.map(|row| preferences(row, options)).collect();
    let mut left = vec![true; options];
    let mut rounds: Vec<Vec<u64>> = Vec::new();
    loop {
        let mut counts = vec![0u64; options];
        let is_left = |o: &&usize| left.get(**o).copied().unwrap_or(false);
        for first in rows.iter().filter_map(|row| row.iter().find(is_left)) {
            counts.get_mut(*first).into_iter().for_each(|n| *n += 1);
        }
        rounds.push(counts.clone());
        let total: u64 = counts.iter().sum();
        let remaining: Vec<usize> = (0..options).filter(|o| is_left(&o)).collect();
        if total == 0 {
            return Outcome { rounds, winner: None };
        }
        let of = |round: &[u64], o: usize| round.get(o).copied().unwrap_or(0);
        let majority = remaining.iter().find(|&&o| of(&counts, o) > total / 2); // n > ⌊total/2⌋ exactly if 2n > total
        if let Some(&winner) = majority.or(if remaining.len() == 1 { remaining.first() } else { None }) {
            return Outcome { rounds, winner: Some(winner) };
        }
        // The smallest count now, else in the round before, back to the first; else the later one in the manifest.
        let history = |o: usize| rounds.iter().rev().map(|round| of(round, o)).collect::<Vec<u64>>();
        let weakest = remaining.iter().copied().min_by_key(|&o| (history(o), Reverse(o)));
        weakest.and_then(|o| left.get_mut(o)).into_iter().for_each(|l| *l = false);
    }
}

/// Places in order, without zeros and without an option that stood before.
fn preferences(row: &[u64], options: usize) -> Vec<usize> {
    let mut seen = Vec::new();
    for place in row {
        let option = usize::try_from(*place).ok().and_then(|p| p.checked_sub(1)).filter(|o| *o < options);
        seen.extend(option.filter(|o| !seen.contains(o)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: &[&[u64]], options: usize) -> Outcome {
        count(rows.iter().copied(), options)
    }

    #[test]
    fn a_majority_wins_at_once_and_exactly_half_does_not() {
        assert_eq!(run(&[&[1], &[1], &[2]], 2), Outcome { rounds: vec![vec![2, 1]], winner: Some(0) });
        let half = run(&[&[1, 0], &[1, 0], &[2, 3], &[3, 2]], 3);
        // 2 of 4 is no majority; 2 and 3 tie, the later in the manifest goes; then 1 and 2 tie, and 2 was weaker before.
        assert_eq!(half, Outcome { rounds: vec![vec![2, 1, 1], vec![2, 2, 0], vec![2, 0, 0]], winner: Some(0) });
    }

    #[test]
    fn the_round_before_decides_among_equals() {
        // Round 1: 3 2 2 1 of 8; 4 goes to 2: 3 3 2; 3 goes: both to … 3 3 with nothing transferred: 2 was weaker in round 1.
        let rows: [&[u64]; 8] = [&[1], &[1], &[1], &[2], &[2], &[3], &[3], &[4, 2]];
        let outcome = run(&rows, 4);
        assert_eq!(outcome.rounds, [vec![3, 2, 2, 1], vec![3, 3, 2, 0], vec![3, 3, 0, 0], vec![3, 0, 0, 0]]);
        assert_eq!(outcome.winner, Some(0));
    }

    #[test]
    fn repeated_and_unused_places_are_passed_over() {
        assert_eq!(run(&[&[0, 2, 2], &[0, 0, 0]], 2), Outcome { rounds: vec![vec![0, 1]], winner: Some(1) });
        assert_eq!(preferences(&[3, 3, 0, 1, 9, 4], 3), [2, 0]);
    }

    #[test]
    fn no_preference_no_winner_one_round() {
        assert_eq!(run(&[&[0], &[0]], 3), Outcome { rounds: vec![vec![0, 0, 0]], winner: None });
        assert_eq!(run(&[&[0]], 1).winner, None);
        assert_eq!(run(&[&[1]], 1).winner, Some(0));
    }
}
