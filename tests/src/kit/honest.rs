//! Records in which nobody lies: every kind of contest, empty and tiny units, absent and late parties. No alarm may be raised.

use super::case::{Case, Row, row};
use crate::insider::{Insider, Item, Script, Setup, random, town};
use crate::{lab, oracle};
use ballot::Record;
use ballot::manifest::Rule;
use board::{OrderKind, PostKind};

/// A setup with these contests, and a vote of each voter in its own words.
fn election(setup: &Setup, voters: usize, votes: &[(usize, Vec<Vec<u32>>)]) -> Insider {
    let mut i = Insider::new(setup.manifest());
    i.ceremony();
    i.open_for(voters);
    if !votes.is_empty() {
        i.cast(votes);
    }
    i.close();
    i.drill();
    i.fix();
    i.count();
    i
}

fn town_with(change: impl Fn(&mut Setup)) -> Insider {
    let mut setup = town::setup();
    change(&mut setup);
    let mut i = Insider::new(setup.manifest());
    i.begin();
    i.votes();
    i.finish();
    i
}

/// What the voters meant is what was counted.
pub fn counted_as_meant(i: &Insider) {
    let result = *i.orders_of(OrderKind::Result).last().unwrap();
    oracle::compare(&i.manifest, &i.plan, &i.blobs[&i.blob_of(result)]).unwrap();
}

fn honest(i: Insider) -> Case {
    counted_as_meant(&i);
    Case::of(i)
}

pub fn rows() -> Vec<Row> {
    let mut rows = vec![
        row("the town", "", || honest(town::done())),
        row("nobody votes", "", || honest(election(&town::setup(), 6, &[]))),
        row("nobody is on the roll", "", || honest(election(&town::setup(), 0, &[]))),
        row("one ballot, k_min 1", "", || honest(election(&Setup { k_min: 1, ..town::setup() }, 6, &[(4, town::vote(2, 3))]))),
        row("one ballot, withheld", "", || honest(election(&town::setup(), 6, &[(4, town::vote(2, 3))]))),
        row("small districts join", "C13", || {
            let votes: Vec<_> = [0, 1, 2, 3, 5, 6, 9].map(|v| (v, town::vote(v % 4, v as u32 % 4))).into();
            honest(election(&Setup { k_min: 4, ..town::setup() }, 10, &votes))
        }),
        row("all districts are too small", "C13", || {
            honest(election(&Setup { k_min: 10, ..town::setup() }, 9, &[(0, town::vote(0, 0)), (1, town::vote(1, 1))]))
        }),
        row("everybody alike", "", || {
            let votes: Vec<_> = (0..9).map(|v| (v, town::vote(1, 0))).collect();
            honest(election(&town::setup(), 9, &votes))
        }),
        row("no witnesses", "", || honest(town_with(|s| s.witnesses = (0, 0)))),
        row("three witnesses", "", || honest(town_with(|s| s.witnesses = (3, 2)))),
        row("three mixers, two stages", "", || honest(town_with(|s| s.mixers = (3, 2)))),
        row("three stages", "", || honest(town_with(|s| s.mixers = (3, 3)))),
        row("five trustees, three open", "", || honest(town_with(|s| s.trustees = (5, 3)))),
        row("all trustees are needed", "F09", || honest(town_with(|s| s.trustees = (2, 2)))),
        row("one trustee alone", "F09", || honest(town_with(|s| s.trustees = (1, 1)))),
        row("any of two trustees: reported", "F09", || Case::of(town_with(|s| s.trustees = (2, 1))).finds("V2", "MAN-8", "manifest.json")),
        row("half the trustees suffice: reported", "F09", || {
            Case::of(town_with(|s| s.trustees = (4, 2))).finds("V2", "MAN-8", "manifest.json")
        }),
        row("sums alone, no mixers", "", || {
            let one = lab::contest("mayor", Rule::Choose { min: 1, max: 2, blank: false }, 3);
            let two = lab::contest("parks", Rule::Approve {}, 2);
            let setup = Setup { mixers: (0, 0), ..Setup::new(vec![one, two], 2) };
            honest(election(
                &setup,
                4,
                &[(0, vec![vec![1, 1, 0], vec![0, 1]]), (1, vec![vec![0, 1, 0], vec![1, 1]]), (2, vec![vec![1, 0, 0], vec![0, 0]])],
            ))
        }),
        row("every kind of contest", "", every_kind),
        row("five of nine trustees, from the last", "F06", || {
            let mut setup = town::setup();
            setup.trustees = (9, 5);
            let mut i = Insider::new(setup.manifest());
            i.begin();
            i.votes();
            i.end();
            i.fix();
            i.mixes();
            let quorum = [9, 7, 5, 3, 1];
            i.intents_of(&quorum);
            i.openings_of(&quorum);
            i.result();
            honest(i)
        }),
        row("a practice election", "", || {
            let mut description = town::setup().description();
            description.kind = ballot::manifest::Kind::Practice;
            let mut i = Insider::new(ballot::Manifest::from_description(&description).unwrap());
            i.begin();
            i.votes();
            i.finish();
            honest(i)
        }),
        row("districts in another order in a list", "C13", || {
            let mut description = town::setup().description();
            description.contests[0].lists[0].districts.reverse();
            description.k_min = 4;
            let mut i = Insider::new(ballot::Manifest::from_description(&description).unwrap());
            i.begin();
            i.votes();
            i.finish();
            honest(i)
        }),
        row("the nonces of a unit cancel out", "B02", || cancelling(|_| {})),
        row("the nonces of a unit cancel out, and it is declared all the same", "B02", || {
            cancelling(|i| {
                let mut intent = i.intent(1);
                intent.units = vec![(0, i.units[0].stage.unwrap())];
                i.post(PostKind::Intent, 1, &intent.to_bytes());
            })
        }),
        row("three hundred ballots", "A15", || {
            let mut i = Insider::new(town::setup().manifest());
            i.ceremony();
            i.open_for(300);
            let votes: Vec<_> = (0..300).map(|v| (v, town::vote(v % 4, v as u32 % 4))).collect();
            i.cast(&votes);
            i.finish();
            honest(i)
        }),
        row("quorums of other trustees", "F06", || {
            let mut i = town::mixed();
            i.intents_of(&[2, 3]);
            i.openings_of(&[3, 2]);
            i.result();
            honest(i)
        }),
        row("every quorum gives the same", "F06", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2, 3]);
            i.openings_of(&[3, 1, 2]);
            i.result();
            honest(i)
        }),
        row("suspended, resumed, extended, noted", "", orders),
        row("closed while suspended", "", || {
            let mut i = town::voted();
            i.order(OrderKind::Suspend, 0, [0; 32], None);
            i.finish();
            honest(i)
        }),
        row("two sessions before the key", "F02", || {
            let mut i = town::new();
            i.order(OrderKind::Ceremony, 0, [1; 32], None);
            i.begin();
            i.votes();
            i.finish();
            honest(i)
        }),
        row("a second key replaces the first", "", || {
            let mut i = town::new();
            i.ceremony_with(Script::honest([6; 32]));
            i.drill();
            i.begin();
            i.votes();
            i.finish();
            honest(i)
        }),
        row("more than one tile of entries", "", || {
            let mut i = town::opened();
            for n in 0..260 {
                i.order(OrderKind::Note, 0, [0; 32], Some(format!("note {n}").as_bytes()));
            }
            i.votes();
            i.finish();
            honest(i)
        }),
        row("exactly one tile of entries", "", || exactly(256)),
        row("one entry more than a tile", "", || exactly(257)),
        row("annulled without a ballot", "M10", || {
            let mut i = town::closed();
            i.annul(&[10]);
            i.fix();
            i.count();
            honest(i)
        }),
        row("an empty annulment list", "", || {
            let mut i = town::closed();
            i.annul(&[]);
            i.fix();
            i.count();
            honest(i)
        }),
        row("annulled while voting goes on, and voted again", "", || {
            let mut i = town::opened();
            i.first_votes();
            i.annul(&[2]);
            i.cast(&[(2, town::vote(0, 1))]);
            i.finish();
            honest(i)
        }),
        row("one ballot in each batch", "", || {
            let mut i = town::opened();
            for v in 0..10 {
                i.cast(&[(v, town::vote(v % 4, 1))]);
            }
            i.finish();
            honest(i)
        }),
        row("two ballots of one voter in one batch", "", || {
            let mut i = town::voted();
            i.cast(&[(5, town::vote(1, 1)), (5, town::vote(2, 2)), (5, town::vote(3, 3))]);
            i.finish();
            honest(i)
        }),
        row("challenged only", "", || {
            let mut i = town::opened();
            let items: Vec<Item> = (0..4).map(|v| i.challenge(v, &town::vote(v, 0))).collect();
            i.batch(items);
            i.finish();
            honest(i)
        }),
        row("a batch at the very time of open and close", "", || {
            let mut i = town::opened();
            let time = i.clock;
            let ballot = i.ballot(0, &town::vote(0, 0)).bytes().to_vec();
            i.note(0, crate::plan::Action::Cast, &town::vote(0, 0));
            i.batch_at(time, vec![Item::Cast(ballot)]);
            i.order_with(OrderKind::Close, 0, [0; 32], None, |o| o.time = time);
            i.drill();
            i.fix();
            i.count();
            honest(i)
        }),
    ];
    for seed in 0..8 {
        rows.push(row(format!("random {seed}"), "", move || honest(random::honest(seed))));
    }
    rows
}

/// Two voters alone in their unit choose nonces that add up to nothing: no factors are needed (OPEN-7).
fn cancelling(step: impl FnOnce(&mut Insider)) -> Case {
    let mayor = lab::contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, 3);
    let mut i = Insider::new(Setup { mixers: (0, 0), ..Setup::new(vec![mayor], 1) }.manifest());
    i.ceremony();
    i.open_for(2);
    let nonce = lab::scalar("a nonce");
    let mut items = Vec::new();
    for (voter, nonce) in [(0, nonce), (1, -nonce)] {
        let m = vec![0, 1, 0, 0];
        i.note(voter, crate::plan::Action::Cast, std::slice::from_ref(&m));
        let ballot = i.ballot(voter, std::slice::from_ref(&m));
        let (numbers, bits): (Vec<_>, Vec<u8>) = (m.iter().map(|m| ballot::Scalar::from(*m)).collect(), i.bits(0, 0, &m));
        let part = i.cunning_part(ballot.context(), (0, 0), (&numbers, &bits), Some(nonce), |_| {});
        items.push(Item::Cast(i.styles()[0].assemble(*ballot.context(), vec![part]).bytes().to_vec()));
    }
    i.batch(items);
    i.close();
    i.drill();
    i.fix();
    assert!(i.to_open().is_empty() && i.units[0].stage.is_some());
    step(&mut i);
    i.result();
    honest(i)
}

fn every_kind() -> Case {
    let contests = vec![
        lab::contest("one", Rule::Choose { min: 1, max: 1, blank: true }, 2),
        lab::contest("some", Rule::Choose { min: 0, max: 2, blank: false }, 3),
        lab::contest("all", Rule::Approve {}, 3),
        lab::contest("points", Rule::Score { most: 5 }, 2),
        lab::contest("money", Rule::Budget { total: 6 }, 2),
        lab::contest("list", Rule::List {}, 5),
        lab::contest("order", Rule::Rank { places: 2 }, 3),
    ];
    let vote = |v: u32| {
        let one = if v.is_multiple_of(3) { vec![0, 0, 1] } else { vec![v % 2, 1 - v % 2, 0] };
        vec![one, vec![0, v % 2, 1], vec![1, 1, v % 2], vec![5, v % 6], vec![v % 7, 6 - v % 7], vec![v % 5], vec![v % 4, 0]]
    };
    let votes: Vec<_> = (0..7).map(|v| (v, vote(v as u32))).collect();
    honest(election(&Setup::new(contests, 2), 8, &votes))
}

fn orders() -> Case {
    let mut i = town::new();
    let zero = [0; 32];
    i.order(OrderKind::Note, 0, zero, Some("before".as_bytes()));
    i.begin();
    i.first_votes();
    i.order(OrderKind::Suspend, 0, zero, None);
    i.order(OrderKind::Note, 0, zero, Some("".as_bytes()));
    i.order(OrderKind::Extend, 200_000, zero, None);
    i.drill();
    i.order(OrderKind::Resume, 0, zero, None);
    i.cast(&[(0, town::vote(1, 1))]);
    i.order(OrderKind::Extend, 200_001, zero, None);
    i.order(OrderKind::LastLogin, 0, zero, None);
    i.cast(&[(7, town::vote(1, 1))]);
    i.order(OrderKind::Suspend, 0, zero, None);
    i.order(OrderKind::Resume, 0, zero, None);
    i.cast(&[(8, town::vote(1, 1))]);
    i.clock = 200_000;
    i.end();
    i.order(OrderKind::Note, 0, zero, Some("after".as_bytes()));
    i.fix();
    i.order(OrderKind::Note, 0, zero, Some("while mixing".as_bytes()));
    i.mixes();
    i.intents();
    i.openings();
    i.order(OrderKind::Note, 0, zero, Some("at last".as_bytes()));
    i.result();
    honest(i)
}

/// The town in a log of exactly this size.
fn exactly(size: usize) -> Case {
    let mut i = town::opened();
    let rest = town::done().entries.len() - i.entries.len();
    for n in i.entries.len()..size - rest {
        i.order(OrderKind::Note, 0, [0; 32], Some(format!("note {n}").as_bytes()));
    }
    i.votes();
    i.finish();
    assert_eq!(i.entries.len(), size);
    honest(i)
}
