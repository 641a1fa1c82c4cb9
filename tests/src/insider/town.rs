//! The small honest election that the attacks start from, stage by stage.
//!
//! Two contests (one of three with a blank, added up; a list of four, mixed), three districts, twelve voters: voters 0 and 1 vote again
//! (1 twice), 0 challenges a ballot, 3 votes on paper too, 10 and 11 do not vote.

use super::{Insider, Setup};
use crate::lab;
use ballot::manifest::Rule;
use board::changes::Act;
use std::sync::LazyLock;

/// The election's description.
pub fn setup() -> Setup {
    let mayor = lab::contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, 3);
    let council = lab::contest("council", Rule::List {}, 4);
    Setup::new(vec![mayor, council], 3)
}

/// Selections: for the mayor option `a` (3 is the blank), for the council option `b`.
pub fn vote(a: usize, b: u32) -> Vec<Vec<u32>> {
    vec![(0..4).map(|i| u32::from(i == a)).collect(), vec![b]]
}

/// What each of the first ten voters chooses at first.
pub const CHOICES: [(usize, u32); 10] = [(0, 0), (0, 1), (0, 3), (1, 3), (2, 1), (0, 0), (1, 1), (3, 2), (0, 3), (1, 1)];

impl Insider {
    /// Voters, roll, ceremony, drill, and the order *open*.
    pub fn begin(&mut self) {
        self.ceremony();
        self.open_for(12);
    }

    /// From the drill to the order *open*, with so many voters. Gives the index of *open*.
    pub fn open_for(&mut self, voters: usize) -> usize {
        self.drill();
        self.enrol(voters);
        self.roll();
        self.open()
    }

    /// Three batches.
    pub fn votes(&mut self) {
        self.first_votes();
        self.cast(&[(0, vote(1, 2)), (1, vote(0, 0))]);
        self.cast(&[(1, vote(2, 1))]);
    }

    /// The first batch: a challenge, and everybody's first ballot.
    pub fn first_votes(&mut self) {
        let mut items = vec![self.challenge(0, &vote(0, 0))];
        for (voter, (a, b)) in CHOICES.iter().enumerate() {
            self.note(voter, crate::plan::Action::Cast, &vote(*a, *b));
            items.push(super::Item::Cast(self.ballot(voter, &vote(*a, *b)).bytes().to_vec()));
        }
        self.batch(items);
    }

    /// *close*, the paper list, a drill.
    pub fn end(&mut self) {
        self.close();
        self.annul(&[3]);
        self.drill();
    }

    /// *seal* and the closing entry.
    pub fn fix(&mut self) {
        self.seal();
        self.closing();
    }

    /// From the closing entry to the result.
    pub fn count(&mut self) {
        self.mixes();
        self.open_and_count();
    }

    /// From the mixes to the result.
    pub fn open_and_count(&mut self) {
        self.intents();
        self.openings();
        self.result();
    }

    /// From the last ballot to the result.
    pub fn finish(&mut self) {
        self.end();
        self.fix();
        self.count();
    }
}

fn after(before: &Insider, step: impl FnOnce(&mut Insider)) -> Insider {
    let mut next = before.clone();
    step(&mut next);
    next
}

static NEW: LazyLock<Insider> = LazyLock::new(|| Insider::new(setup().manifest()));
static OPEN: LazyLock<Insider> = LazyLock::new(|| after(&NEW, Insider::begin));
static VOTED: LazyLock<Insider> = LazyLock::new(|| after(&OPEN, Insider::votes));
static CLOSED: LazyLock<Insider> = LazyLock::new(|| after(&VOTED, Insider::end));
static SEALED: LazyLock<Insider> = LazyLock::new(|| after(&CLOSED, Insider::fix));
static MIXED: LazyLock<Insider> = LazyLock::new(|| after(&SEALED, Insider::mixes));
static DECLARED: LazyLock<Insider> = LazyLock::new(|| after(&MIXED, Insider::intents));
static OPENED: LazyLock<Insider> = LazyLock::new(|| after(&DECLARED, Insider::openings));
static AMENDED: LazyLock<Insider> = LazyLock::new(|| {
    after(&VOTED, |i| {
        i.plan_for(20, 0);
        i.amend(vec![i.change(4, Act::Moved, 2), i.change(7, Act::Removed, 1), i.change(20, Act::Added, 0)]);
        i.cast(&[(4, vote(2, 2)), (20, vote(0, 3)), (1, vote(1, 1))]);
        i.amend(vec![i.change(7, Act::Added, 2), i.change(20, Act::Removed, 0)]);
        i.cast(&[(7, vote(2, 0))]);
    })
});
static DONE: LazyLock<Insider> = LazyLock::new(|| after(&OPENED, |i| _ = i.result()));

/// The town with a manifest entry only.
pub fn new() -> Insider {
    NEW.clone()
}
/// After the order *open*.
pub fn opened() -> Insider {
    OPEN.clone()
}
/// After the last ballot.
pub fn voted() -> Insider {
    VOTED.clone()
}
/// After *close*, the paper list and a drill.
pub fn closed() -> Insider {
    CLOSED.clone()
}
/// After the closing entry.
pub fn sealed() -> Insider {
    SEALED.clone()
}
/// After the mixes.
pub fn mixed() -> Insider {
    MIXED.clone()
}
/// After the intents.
pub fn declared() -> Insider {
    DECLARED.clone()
}
/// After the openings.
pub fn unsealed() -> Insider {
    OPENED.clone()
}
/// After the order *result*.
pub fn done() -> Insider {
    DONE.clone()
}

/// After the last ballot of an election whose roll has changed twice.
pub fn amended() -> Insider {
    AMENDED.clone()
}

/// Counted up to the sealed set, where a unit needs ten ballots and none has them.
pub fn withheld() -> Insider {
    let mut setup = setup();
    setup.k_min = 10;
    let mut i = Insider::new(setup.manifest());
    i.begin();
    i.votes();
    i.end();
    i.fix();
    i
}

/// A way into an election and what follows from there.
pub type Stage = (fn() -> Insider, fn(&mut Insider));

/// Where something may be put in, and what follows from there.
pub const STAGES: [Stage; 8] = [
    (opened, |i| {
        i.votes();
        i.finish();
    }),
    (voted, Insider::finish),
    (closed, |i| {
        i.fix();
        i.count();
    }),
    (sealed, Insider::count),
    (mixed, Insider::open_and_count),
    (declared, |i| {
        i.openings();
        i.result();
    }),
    (unsealed, |i| _ = i.result()),
    (amended, Insider::finish),
];
