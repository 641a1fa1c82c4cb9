//! What the result must be, counted from what the voters meant. It shares no code with the count.

use crate::plan::Plan;
use anyhow::{Context, Result, ensure};
use ballot::manifest::{Count, Manifest};
use serde_json::Value;
use std::collections::BTreeSet;

/// Compares `result.json` with the plan: every unit, every number, every district once for each contest.
pub fn compare(manifest: &Manifest, plan: &Plan, result: &[u8]) -> Result<()> {
    let result: Value = serde_json::from_slice(result)?;
    let meant = plan.meant();
    let mut seen = BTreeSet::new();
    for unit in result["units"].as_array().context("no units")? {
        let contest_id = unit["contest"].as_str().context("no contest")?;
        let contest = manifest.description().contests.iter().find(|c| c.id == contest_id).context("an unknown contest")?;
        let districts: Vec<&str> = unit["districts"].as_array().context("no districts")?.iter().filter_map(Value::as_str).collect();
        for d in &districts {
            ensure!(seen.insert((contest_id.to_owned(), (*d).to_owned())), "{contest_id}/{d} stands in two units");
        }
        let list = contest.lists.iter().find(|l| l.districts.iter().any(|d| d == districts[0])).context("no list")?;
        let rows: Vec<&[u32]> = meant
            .values()
            .filter(|(d, _)| districts.contains(d))
            .filter_map(|(_, line)| line.choices.iter().find(|c| c.0 == contest_id).map(|c| c.2.as_slice()))
            .collect();
        ensure!(unit["ballots"] == rows.len(), "{contest_id}/{districts:?}: {} ballots, but {} were meant", unit["ballots"], rows.len());
        if unit["state"] == "withheld" {
            continue;
        }
        let n = list.options.len();
        let (counts, winner) = match contest.count {
            Count::Sum => {
                let width = unit["counts"].as_array().map_or(0, Vec::len);
                ensure!(width >= n, "{contest_id}: counts are missing");
                ((0..width).map(|c| rows.iter().map(|r| u64::from(r[c])).sum()).collect(), None)
            }
            Count::Plurality => ((0..n).map(|i| rows.iter().filter(|r| r[0] as usize == i).count() as u64).collect(), None),
            Count::InstantRunoff => {
                let (counts, winner) = runoff(&rows, n);
                (counts, Some(winner.map_or("", |w| list.options[w].id.as_str())))
            }
        };
        let counts: Vec<u64> = counts;
        ensure!(unit["counts"] == serde_json::json!(counts), "{contest_id}/{districts:?}: counted {}, meant {counts:?}", unit["counts"]);
        if let Some(winner) = winner.filter(|_| unit["state"] == "opened") {
            ensure!(unit["winner"] == winner, "{contest_id}/{districts:?}: winner {}, meant {winner}", unit["winner"]);
        }
    }
    let all: usize = manifest.description().contests.iter().flat_map(|c| &c.lists).map(|l| l.districts.len()).sum();
    ensure!(seen.len() == all, "{} of {all} districts are in the result", seen.len());
    Ok(())
}

/// Instant run-off by the words of 10-tally, COUNT-3: counts of the last round, and the winner.
pub fn runoff(rows: &[&[u32]], n: usize) -> (Vec<u64>, Option<usize>) {
    let mut alive = vec![true; n];
    let mut history: Vec<Vec<u64>> = Vec::new();
    loop {
        let mut counts = vec![0u64; n];
        for row in rows {
            if let Some(first) = row.iter().filter(|&&m| m > 0).map(|&m| m as usize - 1).find(|&i| alive[i]) {
                counts[first] += 1;
            }
        }
        history.push(counts.clone());
        let total: u64 = counts.iter().sum();
        if history.len() == 1 && total == 0 {
            return (counts, None);
        }
        let left: Vec<usize> = (0..n).filter(|&i| alive[i]).collect();
        if let Some(&winner) = left.iter().find(|&&i| 2 * counts[i] > total) {
            return (counts, Some(winner));
        }
        if let [only] = left[..] {
            return (counts, Some(only));
        }
        // Smallest now; among equals the smallest in the round before, and so on back; then the later one.
        let key = |i: usize| (history.iter().rev().map(|c| c[i]).collect::<Vec<_>>(), std::cmp::Reverse(i));
        let out = *left.iter().min_by_key(|&&i| key(i)).expect("at least two are left");
        alive[out] = false;
    }
}
