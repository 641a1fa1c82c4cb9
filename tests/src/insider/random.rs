//! Random honest elections: every one must pass without a failure.

use super::ballots::code;
use super::setup::{Setup, variant};
use super::{Insider, Item, Script};
use crate::lab;
use crate::plan::{self, Action, ContestPlan};
use ballot::Scalar;
use ballot::encode::sha256;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use board::changes::Act;
use board::{OrderKind, PostKind};
use rand_core::Rng;

fn below(rng: &mut SeededRng, n: usize) -> usize {
    (rng.next_u64() % n.max(1) as u64) as usize
}

fn one_in(rng: &mut SeededRng, n: usize) -> bool {
    below(rng, n) == 0
}

fn rule(rng: &mut SeededRng, n: usize) -> Rule {
    match below(rng, 6) {
        0 => {
            let max = 1 + below(rng, n) as u64;
            let min = below(rng, max as usize + 1) as u64;
            Rule::Choose { min, max, blank: min >= 1 && one_in(rng, 2) }
        }
        1 => Rule::Approve {},
        2 => Rule::Score { most: 1 + below(rng, 9) as u64 },
        3 => Rule::Budget { total: 1 + below(rng, 9) as u64 },
        4 => Rule::List {},
        _ => Rule::Rank { places: 1 + below(rng, n) as u64 },
    }
}

fn setup(rng: &mut SeededRng) -> Setup {
    let mut contests: Vec<ContestPlan> = Vec::new();
    for c in 0..1 + below(rng, 3) {
        let n = 2 + below(rng, 4);
        contests.push(lab::contest(&format!("c{c}"), rule(rng, n), n));
    }
    let mut setup = Setup::new(contests, 1 + below(rng, 4));
    for c in 0..setup.contests.len() {
        for d in 0..setup.districts {
            let has = c == 0 || !one_in(rng, 4); // the first contest is everybody's
            setup.lists[c][d] = has.then(|| below(rng, 2));
        }
        if setup.lists[c].iter().all(Option::is_none) {
            setup.lists[c][0] = Some(0);
        }
    }
    let n = 1 + below(rng, 5);
    setup.trustees = (n, 1 + below(rng, n) as u64);
    let is_mixed = setup.contests.iter().any(|c| c.rule.is_mixed());
    let usual = setup.trustees.1 >= 2 && (setup.trustees.1 as usize) < n;
    setup.mixers = match (is_mixed, usual) {
        (false, _) if one_in(rng, 2) => (0, 0),
        (_, true) => (2 + below(rng, 2), 2),
        (_, false) => (2, 1 + below(rng, 2) as u64),
    };
    let witnesses = below(rng, 4);
    setup.witnesses = (witnesses, if witnesses == 0 { 0 } else { witnesses as u64 / 2 + 1 });
    setup.committee = (1 + below(rng, 3), 1);
    setup.k_min = 1 + below(rng, 5) as u64;
    setup
}

/// A whole election that follows from its seed.
pub fn honest(seed: u64) -> Insider {
    let mut rng = SeededRng::new(&[b"honest".as_slice(), &seed.to_be_bytes()].concat());
    let rng = &mut rng;
    let setup = setup(rng);
    let mut i = Insider::new(setup.manifest());
    let voters = below(rng, 16);
    let roll_first = one_in(rng, 2);
    (0..voters).for_each(|v| i.enrol_in(v, below(rng, setup.districts)));
    if roll_first {
        i.roll();
    }
    if one_in(rng, 4) {
        i.order(OrderKind::Ceremony, 0, [8; 32], None); // given up
    }
    if setup.trustees.0 > 1 && one_in(rng, 5) {
        complaint(&mut i, seed);
    }
    i.ceremony_with(Script::honest(sha256(&seed.to_be_bytes())));
    i.drill();
    if !roll_first {
        i.roll();
    }
    i.open();
    for _ in 0..below(rng, 5) {
        let mut items = Vec::new();
        for v in (0..voters + NEWCOMERS).filter(|v| on_roll(&i, *v) && one_in(rng, 2)).collect::<Vec<_>>() {
            let district = i.district_of(&i.voter(v));
            let plans: Vec<ContestPlan> =
                (0..setup.contests.len()).filter_map(|c| setup.lists[c][district].map(|list| variant(&setup.contests[c], list))).collect();
            let selections: Vec<Vec<u32>> = plans.iter().map(|c| plan::draw(c, rng).1).collect();
            if one_in(rng, 6) {
                items.push(i.challenge(v, &selections));
            } else {
                i.note(v, Action::Cast, &selections);
                items.push(Item::Cast(i.ballot(v, &selections).bytes().to_vec()));
            }
        }
        if !items.is_empty() {
            i.batch(items);
        }
        match below(rng, 6) {
            0 => {
                i.order(OrderKind::Suspend, 0, [0; 32], None);
                i.order(OrderKind::Resume, 0, [0; 32], None);
            }
            1 => _ = i.order(OrderKind::Note, 0, [0; 32], Some("Kõik on hästi".as_bytes())),
            2 => amend(&mut i, rng, voters + NEWCOMERS),
            3 => {
                let until = 100_001 + u64::from(i.orders);
                i.order(OrderKind::Extend, until, [0; 32], None);
            }
            _ => {}
        }
    }
    i.close();
    let paper: Vec<usize> = (0..voters).filter(|_| one_in(rng, 8)).collect();
    i.annul(&paper);
    if one_in(rng, 4) {
        i.reinstate(&paper[..below(rng, paper.len() + 1)]);
    }
    i.drill();
    i.fix();
    if setup.mixers.0 > 0 {
        rubbish(&mut i, rng, (PostKind::Mix, "V17"), setup.mixers.0);
    }
    i.mixes();
    let (n, t) = i.trustees();
    let first = below(rng, usize::from(n - t) + 1) as u16 + 1;
    let quorum: Vec<u16> = (first..first + t).collect();
    if n > t {
        rubbish(&mut i, rng, (PostKind::Intent, "V18"), n.into()); // else too many are wrong, and OPEN-3 says so
    }
    i.intents_of(&quorum);
    rubbish(&mut i, rng, (PostKind::Opening, "V19"), first.into());
    i.openings_of(&quorum);
    i.result();
    i
}

/// Voters who may come while the election runs.
const NEWCOMERS: usize = 3;

fn on_roll(i: &Insider, voter: usize) -> bool {
    let pseudonym = i.voter(voter);
    i.lines.iter().any(|line| line.pseudonym == pseudonym)
}

/// Some voters come, go and move.
fn amend(i: &mut Insider, rng: &mut SeededRng, voters: usize) {
    let districts = i.manifest.description().districts.len();
    let mut changes = Vec::new();
    for v in (0..voters).filter(|_| one_in(rng, 4)).collect::<Vec<_>>() {
        let (before, other) = (i.district_of(&i.voter(v)), below(rng, districts));
        changes.push(match on_roll(i, v) {
            true if other == before => i.change(v, Act::Removed, before),
            true => i.change(v, Act::Moved, other),
            false => i.change(v, Act::Added, other),
        });
        if !i.plan.voters.iter().any(|voter| voter.code == code(v)) {
            i.plan_for(v, other);
        }
    }
    i.amend(changes);
}

/// A session in which the last dealer's shares are wrong, and the first trustee says so.
fn complaint(i: &mut Insider, seed: u64) {
    let dealer = i.trustees().0;
    let mut script = Script::honest(sha256(&[b"complaint".as_slice(), &seed.to_be_bytes()].concat()));
    script.dealt = Box::new(move |f| f[usize::from(dealer) - 1][0][0] += Scalar::ONE);
    script.confirming = vec![];
    i.ceremony_with(script);
    let complaint = i.complaint(1, dealer, "share-1");
    let at = i.post(PostKind::Complaint, 1, &complaint);
    i.faults.push(("V9", "KEY-9", at));
}

/// Now and then one of these authors posts what nobody can read.
fn rubbish(i: &mut Insider, rng: &mut SeededRng, (kind, check): (PostKind, &'static str), authors: usize) {
    if one_in(rng, 6) {
        let author = 1 + below(rng, authors) as u16;
        let at = i.post(kind, author, b"nobody can read this");
        i.faults.push((check, "DEC-6", at));
    }
}
