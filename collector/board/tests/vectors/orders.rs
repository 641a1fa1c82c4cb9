//! Orders and phases (03): every order by itself, and every sequence twice. [`Phases`] takes the orders as they are signed; [`Replay`]
//! takes them with blobs, a key ceremony, batches and posts of which there really are bytes, hence signed anew.
//!
//! [`Replay`]: board::Replay

use crate::election::Election;
use crate::*;
use ballot::encode::{Record, sha256};
use ballot::manifest::Manifest;
use ballot::signature::Purpose;
use board::changes::ChangeSet;
use board::phase::OrderError;
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList};
use board::{Entry, Order, OrderKind, Phases};
use std::collections::BTreeMap;

const FILE: &str = "03-orders";

#[test]
fn orders() {
    let file = load(FILE);
    let manifest = Manifest::from_bytes(file["manifest"].as_str().unwrap().as_bytes()).unwrap();
    let mut report = Report::new(FILE);
    report.otherwise.extend(sequences_of_table());
    for case in cases(&file).iter().filter(|c| c["kind"] == "order") {
        let input = bytes(&case["order"]);
        let got = Order::from_bytes(&input).map_err(rule).and_then(|order| {
            assert_eq!(order.to_bytes(), input);
            assert_eq!(Entry::from_bytes(&input), Ok(Entry::Order(order.clone())));
            if let Some(signed) = case["intermediate"]["signed"].as_str() {
                report.check(case, "what is signed", hex::encode(Purpose::Order.message(&manifest.id(), &order.body())) == signed);
            }
            // An order by itself: that its phase or its number has not come is no fault of it.
            match Phases::new(&manifest).apply(&order, &manifest, None) {
                Err(OrderError::Number { .. }) => must(order.is_plain(), "ORD-4"),
                Err(e) if !e.rule().starts_with("PHASE") => Err(e.rule().to_owned()),
                _ => Ok(()),
            }
        });
        report.case(case, got);
    }
    report.end();
}

/// The lines of the table that are about sequences.
fn sequences_of_table() -> Vec<String> {
    OTHERWISE.iter().filter(|(file, ..)| *file == FILE).map(|(_, name, ..)| (*name).to_owned()).collect()
}

fn check_phases(report: &mut Report, case: &Value, phases: &Phases) {
    let wanted = &case["intermediate"];
    report.check(case, "phase", wanted["phase"] == phases.phase().name());
    report.check(case, "suspended", wanted["suspended"] == phases.is_suspended());
    report.check(case, "until", wanted["until"] == phases.until());
}

#[test]
fn sequences_as_signed() {
    let file = load(FILE);
    let manifest = Manifest::from_bytes(file["manifest"].as_str().unwrap().as_bytes()).unwrap();
    let mut report = Report::new(FILE);
    report.otherwise.extend(sequences_of_table());
    for case in cases(&file).iter().filter(|c| c["kind"] == "sequence") {
        let mut phases = Phases::new(&manifest);
        let (mut confirmed, mut ready) = (None, None);
        let steps = list(&case["steps"]);
        let mut got = Ok(());
        let mut taken: Vec<Order> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            if let Some(key) = step.get("confirmed") {
                (confirmed, ready) = (Some(hash(key)), None);
            } else if step.get("answered").is_some() {
                ready = confirmed;
            } else if let Some(order) = step.get("order") {
                let order = Order::from_bytes(&bytes(order)).unwrap();
                got = phases.apply(&order, &manifest, ready).map_err(rule);
                report.check(case, "a step before the last", got.is_ok() || at + 1 == steps.len());
                taken.extend(got.is_ok().then_some(order));
            }
        }
        let of_kind = |kind| taken.iter().filter(move |o| o.kind == kind);
        report.check(case, "number of orders", phases.next_order() as usize == taken.len() + 1);
        report.check(case, "time of the last order", phases.last_time() == taken.last().map_or(0, |o| o.time));
        report.check(case, "number of drills", phases.drills() as usize == of_kind(OrderKind::Drill).count());
        report.check(case, "what was opened", phases.opened() == of_kind(OrderKind::Open).last().map(|o| (o.argument, o.time)));
        let voting = matches!(phases.phase().name(), "voting" | "last");
        report.check(case, "whether ballots are taken", phases.takes_ballots() == (voting && !phases.is_suspended()));
        // What the orders alone do not show is for the whole log.
        let by_orders = ["ORD-1", "ORD-2", "ORD-3", "PHASE-1", "PHASE-2", "PHASE-3", "PHASE-8"].contains(&text(case, "rule"));
        match text(case, "expect") {
            "accept" => check_phases(&mut report, case, &phases),
            _ if !by_orders => continue,
            _ => {}
        }
        report.case(case, got);
    }
    report.end();
}

/// One step; keys and hashes of the vectors stand for those that there really are.
fn take(e: &mut Election, step: &Value, blobs: &[Hash], keys: &mut BTreeMap<Hash, Hash>) -> Result<(), String> {
    let (what, value) = step.as_object().unwrap().iter().next().unwrap();
    let result = match what.as_str() {
        "confirmed" => {
            keys.insert(hash(value), e.make_key());
            return Ok(());
        }
        "answered" => {
            assert_eq!(value.as_u64(), Some(e.replay.phases().drills().into()));
            e.answer_drill();
            return Ok(());
        }
        "batch" => e.batch(value.as_u64().unwrap()),
        "closing" => e.apply(&Entry::Closing { counted: [1; 32], root: [2; 32] }, None).map(drop),
        "tally_post" => e.tally_posts(),
        "order" => {
            let mut order = Order::from_bytes(&bytes(value)).unwrap();
            let blob = match order.kind {
                OrderKind::Roll => e.roll.to_bytes(),
                OrderKind::Annul => {
                    AnnulmentList::new(e.roll.lines().iter().map(|l| (l.pseudonym, AnnulReason::Paper)).collect()).unwrap().to_bytes()
                }
                OrderKind::Reinstate => ReinstatementList::new(e.replay.annulled().keys().copied().collect()).unwrap().to_bytes(),
                OrderKind::Amend => ChangeSet::default().to_bytes(),
                _ => b"a blob".to_vec(),
            };
            match order.kind {
                OrderKind::Roll | OrderKind::Amend => order.argument = e.roll.tree().root(),
                OrderKind::Ceremony => order.argument = sha256(&order.number.to_be_bytes()),
                OrderKind::Open => order.argument = keys.get(&order.argument).copied().unwrap_or(order.argument),
                _ => {}
            }
            let there = order.kind.has_blob() && blobs.contains(&order.blob);
            if there {
                order.blob = sha256(&blob);
            }
            e.order(order, there.then_some(&blob)).map(drop)
        }
        other => panic!("a step that this test does not know: {other}"),
    };
    result.map_err(|e| e.rule().to_owned())
}

#[test]
fn sequences_in_a_log() {
    let file = load(FILE);
    let start = Election::new(file["manifest"].as_str().unwrap());
    let mut report = Report::new(FILE);
    for case in cases(&file).iter().filter(|c| c["kind"] == "sequence") {
        let (mut election, mut keys, blobs) = (start.clone(), BTreeMap::new(), hashes(&case["blobs"]));
        let steps = list(&case["steps"]);
        let mut got = Ok(());
        for (at, step) in steps.iter().enumerate() {
            got = take(&mut election, step, &blobs, &mut keys);
            if got.is_err() {
                report.check(case, "a step before the last", at + 1 == steps.len());
                break;
            }
        }
        if text(case, "expect") == "accept" {
            check_phases(&mut report, case, election.replay.phases());
        }
        report.case(case, got);
    }
    report.end();
}

/// The words of 03-manifest, by number.
#[test]
fn words_of_orders() {
    let words = "roll ceremony drill open last-login close suspend resume extend note annul seal result amend reinstate";
    assert_eq!(OrderKind::ALL.map(OrderKind::name).join(" "), words);
}
