//! `tally order amend` and `reinstate`: what a member is shown, what is refused before anybody signs, and what stands on the board. ROLL-4 to
//! ROLL-6, ANN-3.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use ballot::encode::Record;
use board::changes::{Act, Change, ChangeSet};
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList};
use common::collector::voter;
use common::{World, expect, ok, tally};

/// Writes a change set into a file.
fn set(w: &World, name: &str, changes: &[(Act, u8, u16)]) -> String {
    let lines = changes.iter().map(|&(act, at, district)| Change { pseudonym: voter(at), act, district });
    std::fs::write(w.path(name), ChangeSet::new(lines.collect()).unwrap().to_bytes()).unwrap();
    w.text(name)
}

#[test]
fn the_roll_changes_by_an_order() {
    let mut w = World::new();
    let (board, c1, c2, file) = (w.board(), w.key("c1"), w.key("c2"), w.text("o"));
    let early = set(&w, "early", &[(Act::Removed, 0, 0)]);
    let amend = |changes: &str| tally(&["order", "amend", "--board", &board, "--key", &c1, "--changes", changes, "--out", &file]);
    expect(&amend(&early), 1, "PHASE-1");
    w.ceremony();
    w.open(); // voters 0 to 3 in the first district, 4 to 6 in the second
    w.collector.cast(0, &[&[1, 0, 0], &[2]]);

    for (name, change) in [
        ("twice", (Act::Added, 1, 0)),
        ("nobody", (Act::Removed, 99, 0)),
        ("elsewhere", (Act::Removed, 1, 1)),
        ("stays", (Act::Moved, 1, 0)),
        ("nowhere", (Act::Moved, 1, 2)),
        ("strange", (Act::Added, 99, 2)),
    ] {
        expect(&amend(&set(&w, name, &[change])), 1, "ROLL-5");
    }
    std::fs::write(w.path("roll-again"), common::collector::roll(4, 3)).unwrap();
    expect(&amend(&w.text("roll-again")), 1, "this is not a change set for the roll");
    expect(&amend(&w.text("not-there")), 2, "not-there");
    assert!(!w.path("o").exists(), "nothing was signed");

    // What is ordered is said before it is signed, and checked again by who signs second.
    let changes = set(&w, "changes", &[(Act::Removed, 0, 0), (Act::Moved, 1, 1), (Act::Added, 50, 0), (Act::Added, 51, 1)]);
    let said = ok(&["order", "amend", "--board", &board, "--key", &c1, "--changes", &changes, "--out", &file]);
    let words = "Version 1 of the roll: 2 voters added, 1 removed, 1 moved to another district; 8 voters may vote then. Ballots that were cast stand.";
    assert!(said.contains(words) && said.contains("Not enough yet: ORD-1"), "{said}");
    w.collector.take_file(&w.path("o")).unwrap_err();
    let said = ok(&["order", "sign", &file, "--board", &board, "--key", &c2]);
    assert!(said.contains(words) && said.contains("It has the quorum"), "{said}");
    let at = w.collector.take_file(&w.path("o")).unwrap() as u64;
    let rolls = w.collector.replay.rolls().unwrap().clone();
    assert_eq!((rolls.version(), rolls.entry(), rolls.now().lines().len()), (1, at, 8));
    assert_eq!(rolls.now().find(&voter(1)).unwrap().1.district, 1);
    assert!(rolls.now().find(&voter(0)).is_none() && rolls.was_ever(&voter(0)));

    // The same again does not fit any more; nor does an order that a colleague has drafted for the version before.
    expect(&amend(&changes), 1, "ROLL-5");
    ok(&["order", "amend", "--board", &board, "--key", &c1, "--changes", &set(&w, "one", &[(Act::Removed, 2, 0)]), "--out", &file]);
    w.order("amend", &["--changes", &set(&w, "other", &[(Act::Removed, 3, 0)])]);
    expect(&tally(&["order", "sign", &file, "--board", &board, "--key", &c2]), 1, "ORD-2");
    assert_eq!(w.collector.replay.rolls().unwrap().version(), 2);

    // Whoever has moved or come votes; whoever has left stays counted.
    w.collector.cast(1, &[&[0, 1, 0], &[1]]);
    w.collector.cast(50, &[&[0, 0, 1], &[0]]);
    w.order("close", &[]);
    expect(&amend(&set(&w, "late", &[(Act::Removed, 2, 0)])), 1, "PHASE-1");
    w.order("seal", &[]);
    assert_eq!(w.collector.ballots.len(), 3);
    expect(&tally(&["status", "--board", &board]), 0, "Phase: sealed");
}

#[test]
fn an_annulment_is_taken_back() {
    let mut w = World::new();
    w.ceremony();
    w.open();
    w.collector.cast(1, &[&[1, 0, 0], &[2]]);
    let list = |w: &World, name: &str, who: &[u8]| {
        std::fs::write(w.path(name), ReinstatementList::new(who.iter().map(|at| voter(*at)).collect()).unwrap().to_bytes()).unwrap();
        w.text(name)
    };
    let (board, c1) = (w.board(), w.key("c1"));
    let dry = |list: &str| tally(&["order", "reinstate", "--board", &board, "--key", &c1, "--list", list, "--dry-run"]);
    let (one, two) = (list(&w, "one", &[1]), list(&w, "two", &[1, 2]));
    expect(&dry(&one), 1, "ANN-3");
    let paper = AnnulmentList::new([1, 3].map(|at| (voter(at), AnnulReason::Paper)).to_vec()).unwrap().to_bytes();
    std::fs::write(w.path("paper"), &paper).unwrap();
    w.order("annul", &["--list", &w.text("paper")]);
    expect(&dry(&two), 1, "ANN-3"); // the second is not annulled
    expect(&dry(&w.text("paper")), 1, "this is not a reinstatement list");
    expect(&dry(&one), 0, "The annulment of 1 voters is taken back: their last ballot counts again.");
    w.order("reinstate", &["--list", &one]);
    let annulled = w.collector.replay.annulled();
    assert!(annulled.len() == 1 && annulled.contains_key(&voter(3)));
    expect(&dry(&one), 1, "ANN-3");
    w.order("close", &[]);
    w.order("reinstate", &["--list", &list(&w, "three", &[3])]);
    assert!(w.collector.replay.annulled().is_empty());
    w.order("seal", &[]);
    expect(&dry(&one), 1, "PHASE-1");
}
