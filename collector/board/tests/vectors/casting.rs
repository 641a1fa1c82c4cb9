//! Pseudonyms, rolls, annulments, promises (07).

use crate::election::Election;
use crate::*;
use ballot::encode::{Record, sha256};
use ballot::manifest::Manifest;
use ballot::signature::Purpose;
use board::changes::ChangeSet;
use board::promise::deadline;
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList, RollLine, pseudonym};
use board::tree::{leaf_hash, verify_inclusion};
use board::{Order, OrderKind, Promise, Roll};

const FILE: &str = "07-casting";

/// The order *roll* with this blob.
fn roll(e: &mut Election, blob: &[u8], root: Hash) -> Result<(), String> {
    let order = Order { argument: root, blob: sha256(blob), ..e.next_order(OrderKind::Roll) };
    e.order(order, Some(blob)).map(drop).map_err(|e| e.rule().to_owned())
}

fn amend(e: &mut Election, blob: &[u8], value: u64, argument: Hash) -> Result<(), String> {
    let order = Order { value, argument, blob: sha256(blob), ..e.next_order(OrderKind::Amend) };
    e.order(order, Some(blob)).map(drop).map_err(|e| e.rule().to_owned())
}

/// `[pseudonym, district]` of a vector.
fn lines(list: &Value) -> Roll {
    let line = |l: &Value| RollLine { pseudonym: hash(&l[0]), district: l[1].as_u64().unwrap() as u16 };
    Roll::new(list.as_array().unwrap().iter().map(line).collect()).unwrap()
}

fn annul(e: &mut Election, blob: &[u8], value: u64) -> Result<(), String> {
    let order = Order { value, blob: sha256(blob), ..e.next_order(OrderKind::Annul) };
    e.order(order, Some(blob)).map(drop).map_err(|e| e.rule().to_owned())
}

#[test]
fn casting() {
    let file = load(FILE);
    let manifest_text = text(&file, "manifest");
    let manifest = Manifest::from_bytes(manifest_text.as_bytes()).unwrap();
    assert_eq!(manifest.id(), hash(&file["election"]));
    let start = Election::new(manifest_text);
    let d = manifest.description();
    let mut report = Report::new(FILE);
    for case in cases(&file) {
        let wanted = &case["intermediate"];
        let of_opening = || pseudonym(&manifest.id(), &hash(&case["blinding"]), text(case, "person_code"));
        let got = match text(case, "kind") {
            "pseudonym" => {
                report.check(case, "pseudonym", wanted["pseudonym"].is_null() || of_opening() == hash(&wanted["pseudonym"]));
                Ok(())
            }
            "roll" => {
                let (mut e, blob) = (start.clone(), bytes(&case["roll"]));
                let got = roll(&mut e, &blob, hash(&case["root"]));
                if got.is_ok() {
                    let roll = e.replay.roll().unwrap();
                    report.check(case, "the roll written again", roll.to_bytes() == blob);
                    let line = |l: &Value| RollLine { pseudonym: hash(&l[0]), district: l[1].as_u64().unwrap() as u16 };
                    if let Some(lines) = wanted["lines"].as_array() {
                        report.check(case, "lines", roll.lines().iter().copied().eq(lines.iter().map(line)));
                    }
                }
                got
            }
            "line" => {
                let line = RollLine { pseudonym: hash(&case["pseudonym"]), district: number(case, "district") as u16 };
                let path = hashes(&case["path"]);
                let (at, lines, root) = (number(case, "line"), number(case, "lines"), hash(&case["root"]));
                let there = verify_inclusion(&leaf_hash(&line.to_bytes()), at, lines, &path, &root);
                must(of_opening() == line.pseudonym && there.is_ok(), "ROLL-2")
            }
            "annulment" => {
                let (mut e, blob) = (start.clone(), bytes(&case["list"]));
                let lines = hashes(&case["roll"]).into_iter().map(|pseudonym| RollLine { pseudonym, district: 0 });
                e.roll = Roll::new(lines.collect()).unwrap();
                e.open();
                let before = hashes(&case["before"]).into_iter().map(|p| (p, AnnulReason::Decision));
                let before = AnnulmentList::new(before.collect()).unwrap();
                annul(&mut e, &before.to_bytes(), before.lines().len() as u64).unwrap();
                let got = annul(&mut e, &blob, number(case, "value"));
                if got.is_ok() {
                    let list = AnnulmentList::from_bytes(&blob).unwrap();
                    report.check(case, "the list written again", list.to_bytes() == blob);
                    let all = list.lines().iter().chain(before.lines()).all(|(p, why)| e.replay.annulled().get(p) == Some(why));
                    report.check(case, "who is annulled", all);
                }
                got
            }
            "reinstatement" => {
                let (mut e, blob) = (start.clone(), bytes(&case["list"]));
                let on_roll = hashes(&case["roll"]).into_iter().map(|pseudonym| RollLine { pseudonym, district: 0 });
                e.roll = Roll::new(on_roll.collect()).unwrap();
                e.open();
                let annulled = hashes(&case["annulled"]);
                let list = AnnulmentList::new(annulled.iter().map(|p| (*p, AnnulReason::Paper)).collect()).unwrap();
                annul(&mut e, &list.to_bytes(), annulled.len() as u64).unwrap();
                let order = Order { value: number(case, "value"), blob: sha256(&blob), ..e.next_order(OrderKind::Reinstate) };
                let got = e.order(order, Some(&blob)).map(drop).map_err(|e| e.rule().to_owned());
                if got.is_ok() {
                    let list = ReinstatementList::from_bytes(&blob).unwrap();
                    report.check(case, "the list written again", list.to_bytes() == blob);
                    let left = annulled.iter().filter(|p| !list.lines().contains(p));
                    report.check(case, "who is annulled still", e.replay.annulled().keys().eq(left));
                }
                got
            }
            "changes" => {
                let (mut e, blob) = (start.clone(), bytes(&case["changes"]));
                let first = lines(&case["roll"]);
                roll(&mut e, &first.to_bytes(), first.tree().root()).unwrap();
                for (number, (before, root)) in (1..).zip(list(&case["before"]).iter().zip(hashes(&case["before_roots"]))) {
                    amend(&mut e, &bytes(before), number, root).unwrap();
                }
                let from = e.replay.roll().unwrap().clone();
                let got = amend(&mut e, &blob, number(case, "value"), hash(&case["root"]));
                if got.is_ok() {
                    let rolls = e.replay.rolls().unwrap();
                    report.check(case, "the roll in force", **rolls.now() == lines(&wanted["lines"]));
                    report.check(case, "the whole roll", *rolls.whole() == lines(&wanted["whole"]));
                    report.check(case, "found again", ChangeSet::between(&from, rolls.now()).to_bytes() == blob);
                }
                got
            }
            "promise" => {
                let input = bytes(&case["promise"]);
                Promise::from_bytes(&input).map_err(rule).and_then(|p| {
                    assert_eq!(p.to_bytes(), input);
                    if let Some(signed) = wanted["signed"].as_str() {
                        let body = &input[..input.len() - 64];
                        report.check(case, "what is signed", hex::encode(Purpose::Promise.message(&p.election, body)) == signed);
                    }
                    let latest = deadline(number(case, "accepted"), d.board.batch_seconds);
                    let same = p.election == manifest.id() && p.ballot == hash(&case["ballot_hash"]);
                    must(same && p.deadline <= latest && p.verify(&d.collector.key.0).is_ok(), "VOTER-4")
                })
            }
            "envelope" => {
                let out = board::entry::envelope_hash(&hash(&case["salt"]), &bytes(&case["container"]));
                report.check(case, "envelope hash", out == hash(&wanted["envelope"]));
                Ok(())
            }
            "login" => continue, // the library `envelope` has it
            other => panic!("a kind that this test does not know: {other}"),
        };
        report.case(case, got);
    }
    report.end();
}

/// Two batch intervals, and a minute for the witnesses.
#[test]
fn deadlines() {
    for (batch_seconds, after) in [(1, 62), (30, 120), (3600, 7260)] {
        assert_eq!(deadline(1000, batch_seconds), 1000 + after);
    }
}
