//! Runs specs/vectors/10-*.json.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::Manifest;
use ballot::elgamal::CipherSum;
use ballot::encode::Record;
use board::changes::{Act, Change, ChangeSet, Rolls};
use board::roll::{Roll, RollLine};
use common::vectors::*;
use curve25519_dalek::ristretto::CompressedRistretto;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use trustee::count::{ElectionResult, count_unit, instant_runoff, plurality};
use trustee::counted::{BallotFacts, CountedSet, closing_leaf};
use trustee::open::{Closed, CombineError, Decoder, Intent, Opening, OpeningError, Rows, Statement, combine};
use trustee::units::{UnitState, units};

const SPEC: &str = "10-tally@v1.0.0";

/// Rows that may hold the identity only if there is one of them.
fn rows_to_open(v: &Value) -> Rows {
    let all = list(v);
    if all.len() > 1 {
        let rows = rows(v);
        return Rows::mixed(rows[0].columns.len(), &rows);
    }
    let bytes = bytes(&all[0]);
    let mut points = bytes.chunks(32).map(|b| CompressedRistretto(b.try_into().unwrap()).decompress().unwrap());
    Rows::summed(&CipherSum { pad: points.next().unwrap(), columns: points.collect() })
}

#[test]
fn openings() {
    for case in cases(&load("10-opening", SPEC), "opening") {
        let (name, rule) = (name(case), case["rule"].as_str().unwrap());
        let message = bytes(&case["message"]);
        let closed = Closed {
            election: hash(&case["election"]),
            key: hash(&case["key"]),
            session: hash(&case["session"]),
            counted: hash(&case["counted"]),
            size: number(&case["size"]),
            root: hash(&case["root"]),
        };
        let (rows, public) = (rows_to_open(&case["rows"]), points(&case["X"]));
        let unit = number(&case["unit"]) as u32;
        let trustee = number(&case["trustee"]) as u16;
        let stage = hash(&case["stage_hash"]);
        let statement = Statement { closed: &closed, unit, stage, rows: &rows, trustee, public: &public };
        let opening = match statement.read(&message) {
            Err(error) => {
                let kind = if matches!(error, OpeningError::Decode(_)) { "malformed" } else { "refused" };
                assert_eq!((case["expect"].as_str(), error.rule()), (Some(kind), rule), "{name}");
                continue;
            }
            Ok(opening) => opening,
        };
        assert_eq!(opening.to_bytes(), message, "{name}");
        match (case["expect"].as_str().unwrap(), statement.verify(&opening)) {
            ("accept", Ok(())) => {}
            ("refused", Err(error)) => assert_eq!(error.rule(), rule, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn combining() {
    for case in cases(&load("10-opening", SPEC), "combine") {
        let name = name(case);
        let rows = rows_to_open(&case["rows"]);
        let messages = &case["messages"];
        let openings: Vec<Opening> =
            list(&case["quorum"]).iter().map(|j| Opening::from_bytes(&bytes(&messages[number(j).to_string().as_str()])).unwrap()).collect();
        let quorum: Vec<&Opening> = openings.iter().collect();
        let points = combine(&rows, &quorum).unwrap();
        if let Some(expected) = case["intermediate"]["points"].as_array() {
            let expected: Vec<_> = expected.iter().flat_map(list).map(hash).collect();
            assert_eq!(points.iter().map(|p| p.compress().to_bytes()).collect::<Vec<_>>(), expected, "{name}");
        }
        let max = number(&case["max"]);
        for decoder in [Decoder::mixed(max), Decoder::summed(max)] {
            match (case["expect"].as_str().unwrap(), decoder.decode(rows.width(), &points)) {
                ("accept", Ok(m)) => {
                    let expected: Vec<u64> = list(&case["intermediate"]["m"]).iter().flat_map(numbers).collect();
                    assert_eq!(m, expected, "{name}");
                }
                ("refused", Err(error @ CombineError::Number { .. })) => assert_eq!(error.rule(), case["rule"], "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn intents() {
    for case in cases(&load("10-opening", SPEC), "intent") {
        let (name, rule) = (name(case), case["rule"].as_str().unwrap());
        let message = bytes(&case["message"]);
        let intent = match Intent::from_bytes(&message) {
            Err(error) => {
                assert_eq!((case["expect"].as_str(), error.rule()), (Some("malformed"), rule), "{name}");
                continue;
            }
            Ok(intent) => intent,
        };
        assert_eq!(intent.to_bytes(), message, "{name}");
        let (size, root, counted) = (number(&case["size"]), hash(&case["root"]), hash(&case["counted"]));
        let closed = Closed { election: [0; 32], key: [0; 32], session: [0; 32], counted, size, root };
        let stages: HashSet<(u32, [u8; 32])> = list(&case["stages"]).iter().map(|s| (number(&s[0]) as u32, hash(&s[1]))).collect();
        let right = intent.is_about(number(&case["trustee"]) as u16, &closed) && intent.units.iter().all(|u| stages.contains(u));
        assert_eq!(right, case["expect"] == "accept", "{name}");
    }
}

fn manifest(case: &Value) -> Manifest {
    Manifest::from_bytes(case["manifest"].as_str().unwrap().as_bytes()).unwrap()
}

fn act(number: u64) -> Act {
    [Act::Added, Act::Removed, Act::Moved][number as usize - 1]
}

#[test]
fn counted_sets() {
    for case in cases(&load("10-set", SPEC), "set") {
        let name = name(case);
        let line = |l: &Value| RollLine { pseudonym: hash(&l[0]), district: number(&l[1]) as u16 };
        let roll = Roll::new(list(&case["roll"]).iter().map(line).collect()).unwrap();
        // Ballots stand at the entries from 1 on; an amend between two of them, at that of the one before.
        let mut rolls = Rolls::new(roll, 0);
        for changes in list(&case["changes"]) {
            let change = |c: &Value| Change { pseudonym: hash(&c[0]), act: act(number(&c[1])), district: number(&c[2]) as u16 };
            let set = ChangeSet::new(list(&changes["lines"]).iter().map(change).collect()).unwrap();
            let root = rolls.change(&set, 2).unwrap().tree().root();
            rolls.amend(&set.to_bytes(), (rolls.version() + 1, &root), number(&changes["ballots_before"]), 2).unwrap();
        }
        let annulled: HashSet<_> = list(&case["annulled"]).iter().map(hash).collect();
        let facts = |(entry, b): (u64, &Value)| BallotFacts {
            entry,
            hash: hash(&b["hash"]),
            voter: hash(&b["voter"]),
            district: number(&b["district"]) as usize,
            number: number(&b["number"]) as u32,
            previous: hash(&b["previous"]),
        };
        let ballots: Vec<_> = (1..).zip(list(&case["ballots"])).map(facts).collect();
        let got = CountedSet::new(&manifest(case).id(), &ballots, &rolls, |voter| annulled.contains(voter));
        match (case["expect"].as_str().unwrap(), got) {
            ("accept", Ok(set)) => {
                let wanted = &case["intermediate"];
                assert_eq!((set.hash, set.root), (hash(&wanted["hash"]), hash(&wanted["closing_root"])), "{name}");
                let leaves: Vec<_> = list(&wanted["leaves"]).iter().map(bytes).collect();
                assert_eq!(board::tree::root_of(&leaves), set.root, "{name}");
                for (status, key) in [(trustee::counted::Status::Counted, "counted"), (trustee::counted::Status::Annulled, "annulled")] {
                    let mut got: Vec<_> = ballots.iter().zip(&set.status).filter(|(_, s)| **s == status).map(|(b, _)| b.hash).collect();
                    got.sort();
                    let mut expected: Vec<_> = list(&wanted[key]).iter().map(hash).collect();
                    expected.sort();
                    assert_eq!(got, expected, "{name}: {key}");
                }
                let mut per_district = [0u64; 2];
                let counted = ballots.iter().zip(&set.status).filter(|(_, s)| **s == trustee::counted::Status::Counted);
                counted.for_each(|(b, _)| per_district[b.district] += 1);
                assert!(list(&wanted["per_district"]).iter().map(number).eq(per_district), "{name}");
                assert!(set.check_closing(&set.hash, &set.root).is_ok());
                assert_eq!(set.check_closing(&[0; 32], &set.root).unwrap_err().rule(), "SET-4");
                assert_eq!(set.check_closing(&set.hash, &[0; 32]).unwrap_err().rule(), "SET-5");
            }
            ("refused", Err(error)) => assert_eq!(error.rule(), case["rule"], "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(closing_leaf(&[7; 32], None)[32..], [0; 33]);
}

#[test]
fn unit_partition() {
    for case in cases(&load("10-set", SPEC), "units") {
        let (name, manifest) = (name(case), manifest(case));
        let got = units(&manifest, &numbers(&case["per_district"]));
        let expected = list(&case["intermediate"]["units"]);
        assert_eq!(got.len(), expected.len(), "{name}");
        for (unit, wanted) in got.iter().zip(expected) {
            let (contest, options) = manifest.contest(unit.item).unwrap();
            let ids: Vec<&str> = unit.districts.iter().map(|d| manifest.description().districts[*d].id.as_str()).collect();
            let state = match unit.state {
                UnitState::Empty => "empty",
                UnitState::Opened => "opened",
                UnitState::Withheld => "withheld",
            };
            let options: Vec<&str> = options.options.iter().map(|o| o.id.as_str()).collect();
            let got = serde_json::json!({"ballots": unit.ballots, "contest": contest.id, "districts": ids, "options": options,
                "state": state, "unit": unit.number, "w": manifest.shape(unit.item).unwrap().width()});
            assert_eq!(got, *wanted, "{name}");
        }
    }
}

#[test]
fn counts() {
    let file = load("10-count", SPEC);
    for case in cases(&file, "plurality") {
        let rows: Vec<u64> = list(&case["rows"]).iter().flat_map(|r| if r.is_array() { numbers(r) } else { vec![number(r)] }).collect();
        assert_eq!(plurality::count(&rows, number(&case["options"]) as usize), numbers(&case["intermediate"]["counts"]), "{}", name(case));
    }
    for case in cases(&file, "instant-runoff") {
        let rows: Vec<Vec<u64>> = list(&case["rows"]).iter().map(numbers).collect();
        let got = instant_runoff::count(rows.iter().map(Vec::as_slice), number(&case["options"]) as usize);
        let rounds: Vec<Vec<u64>> = list(&case["intermediate"]["rounds"]).iter().map(numbers).collect();
        assert_eq!(got.rounds, rounds, "{}", name(case));
        assert_eq!(got.winner.map(|w| w as u64), case["intermediate"]["winner"].as_u64(), "{}", name(case));
    }
    for case in cases(&file, "result") {
        let manifest = manifest(case);
        let opened: BTreeMap<String, Value> = serde_json::from_value(case["rows"].clone()).unwrap();
        let units = units(&manifest, &numbers(&case["per_district"]));
        let of = |unit: &trustee::units::Unit| {
            let numbers: Vec<u64> =
                opened.get(&unit.number.to_string()).map_or(vec![], |rows| list(rows).iter().flat_map(numbers).collect());
            count_unit(&manifest, unit, &numbers).unwrap()
        };
        for unit in units.iter().filter(|u| u.state == UnitState::Opened) {
            assert_eq!(count_unit(&manifest, unit, &[0]).unwrap_err().rule(), "COUNT-4"); // no unit here has one number
        }
        let result = ElectionResult::new(manifest.id(), hash(&case["counted"]), units.iter().map(of).collect());
        let published = case["intermediate"]["result"].as_str().unwrap();
        assert_eq!(String::from_utf8(result.to_bytes()).unwrap(), published, "{}", name(case));
        assert!(result.check(published.as_bytes()).is_ok());
        assert_eq!(result.check(b"{}").unwrap_err().to_string().split(':').next(), Some("COUNT-4"));
    }
}
