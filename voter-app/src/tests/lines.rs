//! The voter's own line of the roll.

use super::{election, manifest};
use crate::client::LoginReply;
use crate::session::check_line;
use ballot::Hash;
use ballot::manifest::*;
use board::roll::{RollLine, pseudonym};
use board::tree::{Tree, leaf_hash};

pub fn roll() -> Tree {
    Tree::from_leaves(lines().map(|l| leaf_hash(&l.to_bytes())))
}

pub fn blinding(n: u8) -> Hash {
    [n; 32]
}

/// Three voters, in any order: what is tested is the path.
pub fn lines() -> impl Iterator<Item = RollLine> {
    let id = manifest().id();
    (1..=3u8).map(move |n| RollLine { pseudonym: pseudonym(&id, &blinding(n), &format!("PNOEE-{n}")), district: 1 })
}

/// VOTER-2, E01: the roll line.
#[test]
fn the_roll_line_must_be_the_voters_own() {
    let election = election(&manifest());
    let reply = || LoginReply {
        session: String::new(),
        person_code: "PNOEE-2".into(),
        blinding: Hex32(blinding(2)),
        pseudonym: Hex32(lines().nth(1).unwrap().pseudonym),
        district: 1,
        line: 1,
        lines: 3,
        path: roll().inclusion(1, 3).unwrap().into_iter().map(Hex32).collect(),
        roll: 1,
        number: 1,
        previous: Hex32([0; 32]),
    };
    let judge = |change: &dyn Fn(&mut LoginReply)| {
        let mut reply = reply();
        change(&mut reply);
        check_line(&election, &election.roll, "PNOEE-2", &reply).map_err(|e| e.to_string())
    };
    assert_eq!(judge(&|_| {}), Ok(()));
    assert_eq!(judge(&|r| (r.number, r.previous) = (2, Hex32([1; 32]))), Ok(()));
    let lies: [&dyn Fn(&mut LoginReply); 12] = [
        &|r| r.person_code = "PNOEE-1".into(),
        &|r| r.blinding = Hex32(blinding(1)),
        &|r| r.pseudonym = Hex32(lines().next().unwrap().pseudonym),
        &|r| r.district = 0, // E01: another district than the committee signed
        &|r| r.line = 0,
        &|r| r.lines = 4,
        &|r| r.lines = 0,
        &|r| r.path.truncate(r.path.len() - 1),
        &|r| r.path[0] = Hex32([0; 32]),
        &|r| r.roll = 2,
        &|r| r.number = 0,
        &|r| r.previous = Hex32([1; 32]),
    ];
    for (i, lie) in lies.iter().enumerate() {
        assert!(judge(lie).unwrap_err().starts_with("VOTER-2"), "lie {i}");
    }
}
