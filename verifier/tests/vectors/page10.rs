use crate::{bytes, hash, hashes, load, points};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use verifier::bytes::{Fault, Hash};
use verifier::checks::mixes::Prepared;
use verifier::checks::{chains, intents, result};
use verifier::count;
use verifier::counted::{self, Line, State, Status, Unit};
use verifier::entry::BallotHead;
use verifier::group;
use verifier::log::Log;
use verifier::manifest::{Manifest, Rule};
use verifier::opening::{self, Head, Statement};
use verifier::rolls::{Act, Change, Rolls};
use verifier::session::Key;

#[test]
fn sets_and_units() {
    for case in load("10-set", "10-tally@v1.0.0").cases() {
        let manifest = crate::manifest(case.get("manifest"));
        if case.kind() == "units" {
            let per_district: Vec<u64> = case.list("per_district").iter().map(|n| n.as_u64().unwrap()).collect();
            compare_units(case.name(), &manifest, &counted::units(&manifest, &per_district), case.on_the_way("units"));
            continue;
        }
        let roll: Vec<Line> =
            case.list("roll").iter().map(|line| Line { pseudonym: hash(&line[0]), district: line[1].as_u64().unwrap() as u16 }).collect();
        let annulled: HashSet<Hash> = hashes(case.list("annulled")).into_iter().collect();
        let mut log = Log::default();
        for ballot in case.list("ballots") {
            let number = |name: &str| ballot[name].as_u64().unwrap();
            log.ballots.push(BallotHead {
                challenged: false,
                hash: hash(&ballot["hash"]),
                voter: hash(&ballot["voter"]),
                previous: hash(&ballot["previous"]),
                envelope: [0; 32],
                number: number("number") as u32,
                district: number("district") as u16,
            });
            log.ballot_entries.push(1000 * log.ballots.len() as u64);
        }
        // The roll stands at entry 0, ballot `i` at 1000·(i + 1), and change sets in between.
        let mut rolls = Rolls::new(0, roll);
        for (set, number) in case.list("changes").iter().zip(1u64..) {
            let change = |change: &Value| Change {
                act: [Act::Added, Act::Removed, Act::Moved][change[1].as_u64().unwrap() as usize - 1],
                line: Line { pseudonym: hash(&change[0]), district: change[2].as_u64().unwrap() as u16 },
            };
            let lines: Vec<Change> = set["lines"].as_array().unwrap().iter().map(change).collect();
            let after = rolls.after(&lines);
            rolls.push(1000 * set["ballots_before"].as_u64().unwrap() + number, &lines, after);
        }
        let set = counted::counted_set(&manifest, &log.ballots, &rolls.whole(), &annulled);
        let misplaced = || log.ballots.iter().zip(1u64..).find_map(|(ballot, number)| rolls.judge(ballot, 1000 * number).err());
        let judged = match chains::check(&log, &rolls).failures.first() {
            Some(note) => Err(Fault::new(if note.rule == "SET-6" { "SET-6" } else { "SET-1" }, note.text.clone())),
            None => misplaced().map_or(Ok(()), Err),
        };
        if case.check(judged).is_none() {
            continue;
        }
        let of = |status: Status| {
            let mut found: Vec<Hash> = log.ballots.iter().zip(&set.statuses).filter(|(_, s)| **s == status).map(|(b, _)| b.hash).collect();
            found.sort_unstable();
            found
        };
        for (status, name) in [(Status::Counted, "counted"), (Status::Superseded, "superseded"), (Status::Annulled, "annulled")] {
            let mut expected = hashes(case.on_the_way(name).as_array().unwrap());
            expected.sort_unstable();
            assert_eq!(of(status), expected, "{} {name}", case.name());
        }
        assert_eq!(set.hash, hash(case.on_the_way("hash")), "{}", case.name());
        assert_eq!(set.root, hash(case.on_the_way("closing_root")), "{}", case.name());
        assert!(set.by_district.iter().map(|n| Value::from(*n)).eq(case.on_the_way("per_district").as_array().unwrap().iter().cloned()));
    }
}

fn compare_units(name: &str, manifest: &Manifest, units: &[Unit], expected: &Value) {
    let expected = expected.as_array().unwrap();
    assert_eq!(units.len(), expected.len(), "{name}");
    for (unit, expected) in units.iter().zip(expected) {
        let contest = &manifest.contests[usize::from(unit.contest)];
        let list = &contest.lists[unit.list as usize];
        let districts: Vec<&str> = unit.districts.iter().map(|d| manifest.districts[usize::from(*d)].as_str()).collect();
        let state = match unit.state {
            State::Opened => "opened",
            State::Empty => "empty",
            State::Withheld => "withheld",
        };
        assert_eq!(contest.id, expected["contest"].as_str().unwrap(), "{name}");
        assert_eq!(serde_json::json!(districts), expected["districts"], "{name}");
        assert_eq!(serde_json::json!(list.options), expected["options"], "{name}");
        assert_eq!(
            (unit.ballots, state, list.shape.w as u64),
            (expected["ballots"].as_u64().unwrap(), expected["state"].as_str().unwrap(), expected["w"].as_u64().unwrap()),
            "{name}"
        );
    }
}

fn rows(value: &[Value]) -> Vec<Hash> {
    value.iter().flat_map(|row| bytes(row).as_chunks::<32>().0.to_vec()).collect()
}

fn prepared(rows: Vec<Hash>, n: u32, w: u16) -> Prepared {
    let unit = Unit { contest: 0, list: 0, districts: vec![0], ballots: u64::from(n), state: State::Opened };
    Prepared { unit, n, w, rows, points: None, stage_hash: None }
}

#[test]
fn openings() {
    for case in load("10-opening", "10-tally@v1.0.0").cases() {
        match case.kind() {
            "opening" => {
                let shares = points(case.list("X"));
                let trustee = case.number("trustee") as u16;
                let mut all = vec![Vec::new(); usize::from(trustee)];
                all[usize::from(trustee) - 1] = shares.clone();
                let key = Key { id: case.hash("key"), session: case.hash("session"), columns: Vec::new(), shares: all };
                let rows = rows(case.list("rows"));
                let n = case.list("rows").len() as u32;
                let w = shares.len();
                let pads: Vec<_> = rows.iter().step_by(w + 1).map(|a| group::point(a).unwrap()).collect();
                let (election, counted) = (case.hash("election"), case.hash("counted"));
                let closed = (case.number("size"), case.hash("root"));
                let statement = Statement { election: &election, key: &key, counted: &counted, closed, rows: &rows, pads: &pads };
                let expected = Head { trustee, unit: case.number("unit") as u32, stage_hash: case.hash("stage_hash"), n, w: w as u16 };
                let message = case.bytes("message");
                let judge = || {
                    if opening::head(&message)? != expected {
                        return Err(Fault::new("OPEN-5", ""));
                    }
                    opening::verify(&opening::cut(&message)?, &statement)
                };
                if case.check(judge()).is_some() {
                    // No term may fall out of a sum for want of a partner: each length alone is refused.
                    let cut = opening::cut(&message).unwrap();
                    let (all, n) = (rows.len(), pads.len());
                    for (points, known) in [(1..all, 0..n), (0..all - w - 1, 0..n), (0..all, 1..n), (0..0, 0..n), (0..all, 0..0)] {
                        let (rows, pads) = (&rows[points], &pads[known]);
                        let short = opening::verify(&cut, &Statement { rows, pads, key: &key, ..statement });
                        assert_eq!(short.map_err(|fault| fault.rule), Err("OPEN-5"), "{}", case.name());
                    }
                    for shares in [vec![], vec![Vec::new(); usize::from(trustee)]] {
                        let key = Key { id: case.hash("key"), session: case.hash("session"), columns: Vec::new(), shares };
                        let without = opening::verify(&cut, &Statement { key: &key, ..statement });
                        assert_eq!(without.map_err(|fault| fault.rule), Err("OPEN-5"), "{}", case.name());
                    }
                }
            }
            "combine" => {
                let rows = rows(case.list("rows"));
                let openings: Vec<(u16, Vec<u8>)> = case
                    .list("quorum")
                    .iter()
                    .map(|trustee| (trustee.as_u64().unwrap() as u16, bytes(&case.get("messages")[trustee.to_string()])))
                    .collect();
                let n = case.list("rows").len() as u32;
                let mut prepared = prepared(rows.clone(), n, (rows.len() / n as usize - 1) as u16);
                // Computed sums may be the identity, and are never read (DEC-2).
                let decoded = |bytes| group::point(bytes).unwrap_or(group::G - group::G);
                prepared.points = (n == 1).then(|| rows.iter().map(decoded).collect());
                if let Some(m) = case.check(result::decode(&prepared, openings, case.number("max"), &mut verifier::dlog::Tables::default()))
                {
                    assert_eq!(serde_json::json!(m), *case.on_the_way("m"), "{}", case.name());
                }
            }
            "intent" => {
                let stages: HashMap<u32, Hash> =
                    case.list("stages").iter().map(|pair| (pair[0].as_u64().unwrap() as u32, hash(&pair[1]))).collect();
                let judge = |intent: opening::Intent| {
                    let closed = (case.number("size"), case.hash("root"));
                    let (_, faults) = intents::judge(&intent, closed, &case.hash("counted"), &|unit| stages.get(&unit).copied().map(Some));
                    faults.into_iter().next().map_or(Ok(()), Err)
                };
                case.check(intents::read(&case.bytes("message"), case.number("trustee") as u16).and_then(judge));
            }
            other => panic!("unknown kind {other}"),
        }
    }
}

fn numbers(rows: &Value) -> Vec<Vec<u64>> {
    serde_json::from_value(rows.clone()).unwrap()
}

#[test]
fn counts() {
    for case in load("10-count", "10-tally@v1.0.0").cases() {
        match case.kind() {
            "plurality" => {
                let tally = count::count(Rule::List, case.number("options") as usize, &numbers(case.get("rows")));
                assert_eq!(serde_json::json!(tally.counts), *case.on_the_way("counts"), "{}", case.name());
            }
            "instant-runoff" => {
                let tally = count::count(Rule::Rank { places: 1 }, case.number("options") as usize, &numbers(case.get("rows")));
                assert_eq!(serde_json::json!(tally.rounds), *case.on_the_way("rounds"), "{}", case.name());
                assert_eq!(serde_json::json!(tally.winner), *case.on_the_way("winner"), "{}", case.name());
            }
            "result" => {
                let manifest = crate::manifest(case.get("manifest"));
                let per_district: Vec<u64> = case.list("per_district").iter().map(|n| n.as_u64().unwrap()).collect();
                let units = counted::units(&manifest, &per_district);
                let tallied: Vec<_> = units
                    .into_iter()
                    .enumerate()
                    .map(|(number, unit)| {
                        let contest = &manifest.contests[usize::from(unit.contest)];
                        let options = contest.lists[unit.list as usize].options.len();
                        let rows = case.get("rows").get(number.to_string());
                        let tally = rows.map(|rows| count::count(contest.rule, options, &numbers(rows)));
                        (unit, tally)
                    })
                    .collect();
                let result = count::result(&manifest, &case.hash("counted"), &tallied);
                assert_eq!(String::from_utf8(result).unwrap(), case.on_the_way("result").as_str().unwrap(), "{}", case.name());
            }
            other => panic!("unknown kind {other}"),
        }
    }
}
