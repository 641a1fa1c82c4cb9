//! Spec 16-second-device: the vectors, and what a code must not tell.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::BallotStyle;
use ballot::manifest::{Manifest, Rule};
use ballot::second_device::{CheckError, Code, CodeKind, OnBoard, Pad, SecondDevice};
use ballot::tracker::Tracker;
use ballot::voter::MarkedBallot;
use ballot::{Context, ElectionKey, Selection};
use common::*;
use serde_json::Value;

fn check(case: &Value) -> Result<(), CheckError> {
    let manifest = Manifest::from_bytes(text(case, "manifest").as_bytes()).unwrap();
    let styles = BallotStyle::all(&manifest, &ElectionKey::new(array(&case["key"]), points(&case["H"]))).unwrap();
    let code = Code::from_text(text(case, "code"))?;
    assert_eq!(u64::from(code.index), number(case, "index"));
    let entry = bytes(case, "entry");
    let found = if entry[0] == 5 { OnBoard::Cast(&entry[34..]) } else { OnBoard::Challenged(&entry[2..]) };
    let pad = Pad(array(&case["pad"]));
    let shown = code.open(&manifest, &styles, (code.kind == CodeKind::Cast).then_some(&pad), found)?;
    if code.kind == CodeKind::Cast && !text(case, "person_code").is_empty() {
        shown.require_voter(&manifest.id(), &array(&case["blinding"]), text(case, "person_code"))?;
    }
    let inner = &case["intermediate"];
    let selections: Vec<_> = inner["selections"].as_array().unwrap().iter().map(integers).collect();
    assert!(shown.selections == selections, "{}", case["name"]);
    assert_eq!(Tracker::new(&shown.ballot.hash()).to_string(), text(inner, "tracker"));
    assert_eq!(code.token(&manifest.id()).unwrap(), array(&inner["token"]));
    if code.kind == CodeKind::Cast {
        // The voter's program makes the same code.
        let style = &styles[shown.ballot.district()];
        let seed = ballot::ballot::Seed(array(&inner["seed"]));
        let made = SecondDevice::new(style, &shown.ballot.hash(), &seed, &selections, pad.clone());
        assert_eq!(made.to_bytes()[..32], array(&inner["token"]));
        assert_eq!(made.to_bytes()[32..], pad.0);
        assert_eq!(made.into_code().at(number(case, "index")).unwrap().to_text(), text(case, "code"));
    }
    Ok(())
}

#[test]
fn vectors_hold() {
    let file = vectors("16-second-device");
    assert_eq!(file["spec"], "16-second-device@v1.0.0");
    for case in cases(&file) {
        let got = match text(case, "kind") {
            "text" => Code::from_text(text(case, "text")).map(|code| assert_eq!(code.to_bytes(), bytes(&case["intermediate"], "code"))),
            "code" => Code::from_bytes(&bytes(case, "code")).map(|code| {
                let inner = &case["intermediate"];
                assert_eq!(code.to_text(), text(inner, "text"));
                assert_eq!(code.to_bytes(), bytes(case, "code"));
                assert_eq!(u64::from(code.index), number(inner, "index"));
                assert_eq!(if code.kind == CodeKind::Cast { 1 } else { 2 }, number(inner, "code_kind"));
            }),
            "check" => check(case),
            other => panic!("{other}"),
        };
        let rule = got.as_ref().err().map_or("", CheckError::rule);
        assert_eq!(rule, text(case, "rule"), "{}: {got:?}", case["name"]);
    }
}

/// A group that is mistyped is named.
#[test]
fn the_wrong_group_is_named() {
    let file = vectors("16-second-device");
    let good = text(&cases(&file)[0], "text");
    for at in (0..good.len()).filter(|at| at % 6 != 5) {
        let mut wrong = good.as_bytes().to_vec();
        wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(Code::from_text(std::str::from_utf8(&wrong).unwrap()), Err(CheckError::Group(at / 6 + 1)));
    }
}

/// D11: the code, and what goes to the collector, have one length whatever is chosen; D13: nor does the same pad for two ballots show anything.
#[test]
fn a_code_tells_nothing_by_its_length_nor_by_a_pad_used_twice() {
    let s = sample(&[(Rule::Choose { min: 1, max: 1, blank: true }, 5), (Rule::List {}, 153), (Rule::Budget { total: 10 }, 3)]);
    let made = |number: u32, selections: Vec<Selection>| {
        let context = Context { voter: [7; 32], number, previous: if number == 1 { [0; 32] } else { [1; 32] } };
        let seed = ballot::ballot::Seed([9; 32]);
        let pending = MarkedBallot::new(context, selections).encrypt(&s.styles[0], seed).map_err(|e| e.1).unwrap();
        let second = pending.second_device(&s.styles[0], |_| Pad([3; 32]));
        (pending.cast().ballot().bytes().len(), second.to_bytes().len(), second.into_code().at(5).unwrap())
    };
    let choices = |a: usize, b: u32, c: [u32; 3]| {
        let mut first = vec![0; 6];
        first[a] = 1;
        vec![Selection(first), Selection(vec![b]), Selection(c.to_vec())]
    };
    let (length, sent, code) = made(1, choices(0, 0, [10, 0, 0]));
    for (a, b, c) in [(5, 152, [0, 0, 10]), (2, 77, [3, 3, 4])] {
        let (other_length, other_sent, other) = made(1, choices(a, b, c));
        assert_eq!((length, sent, code.to_text().len()), (other_length, other_sent, other.to_text().len()));
        assert_ne!(code, other);
    }
    // Same seed, selections and pad, another ballot: nothing of the masked bytes is alike.
    let (_, _, second) = made(2, choices(0, 0, [10, 0, 0]));
    let (first, second) = (code.to_bytes(), second.to_bytes());
    let same = first[13..first.len() - 4].iter().zip(&second[13..]).filter(|(a, b)| a == b).count();
    assert!(same < 8, "{same} of {} masked bytes are alike", first.len() - 17);
}

/// CHECK-3: a generator that repeats itself does not repeat a pad.
#[test]
fn pads_differ_by_ballot_and_installation() {
    let pad = |installation: u8, ballot: u8| Pad::new(&mut rng("stuck"), &[installation; 32], &[ballot; 32]).0;
    assert_ne!(pad(1, 1), pad(1, 2));
    assert_ne!(pad(1, 1), pad(2, 1));
    assert_eq!(pad(1, 1), pad(1, 1));
}
