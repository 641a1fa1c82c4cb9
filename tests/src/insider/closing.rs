//! From the last ballot to the closing entry, and the result. Spec: 07-casting, ANN; 10-tally, SET, UNIT, COUNT.

use super::{Cast, Insider};
use ballot::encode::{Record, hash};
use ballot::{Ciphertext, Hash};
use board::roll::{AnnulReason, AnnulmentList};
use board::{Entry, OrderKind, tree};
use std::collections::BTreeMap;
use trustee::count::{ElectionResult, count_unit};
use trustee::counted::{Status, closing_leaf};
use trustee::mix::Mix;
use trustee::open::{Closed, Decoder, Opening, Rows, combine};
use trustee::units::{Unit, UnitState, sum, units};

/// A unit, what has become of its rows, and the openings of it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct UnitRows {
    pub unit: Unit,
    pub width: usize,
    pub is_mixed: bool,
    /// Sorted ballots, then the output of each stage.
    pub rows: Vec<Ciphertext>,
    pub mixes: Vec<Mix>,
    /// The stage hash, once there is one.
    pub stage: Option<Hash>,
    pub openings: Vec<Opening>,
}

impl UnitRows {
    /// Takes factors, and knows its rows.
    pub fn to_open(&self) -> bool {
        self.unit.state == UnitState::Opened && self.stage.is_some() && !self.opened_rows().needs_no_factors()
    }

    /// The rows to be opened.
    pub fn opened_rows(&self) -> Rows {
        if self.is_mixed { Rows::mixed(self.width, &self.rows) } else { Rows::summed(&sum(self.width, self.rows.iter())) }
    }
}

impl Insider {
    /// An annulment list of these voters, who voted on paper.
    pub fn annul(&mut self, voters: &[usize]) -> usize {
        let lines: Vec<_> = voters.iter().map(|v| (self.voter(*v), AnnulReason::Paper)).collect();
        self.annulled.extend(lines.iter().map(|l| l.0));
        self.plan.paper.extend(voters.iter().map(|v| super::ballots::code(*v)));
        let list = AnnulmentList::new(lines).expect("nobody twice");
        self.order(OrderKind::Annul, voters.len() as u64, [0; 32], Some(&list.to_bytes()))
    }

    /// The order *close*.
    pub fn close(&mut self) -> usize {
        self.order(OrderKind::Close, 0, [0; 32], None)
    }

    /// The order *seal*.
    pub fn seal(&mut self) -> usize {
        self.order(OrderKind::Seal, 0, [0; 32], None)
    }

    /// Each voter's last ballot, by number, with what becomes of it.
    pub fn last_ballots(&self) -> BTreeMap<Hash, (&Cast, Status)> {
        let mut last: BTreeMap<Hash, (&Cast, Status)> = BTreeMap::new();
        for cast in &self.casts {
            let facts = &cast.facts;
            if last.get(&facts.voter).is_none_or(|(c, _)| c.facts.number <= facts.number) {
                let status = if self.annulled.contains(&facts.voter) { Status::Annulled } else { Status::Counted };
                last.insert(facts.voter, (cast, status));
            }
        }
        last
    }

    /// Sorted hashes of the counted ballots: what the insider chose, else the right ones.
    pub fn counted(&self) -> Vec<Hash> {
        let right = || self.last_ballots().values().filter(|l| l.1 == Status::Counted).map(|l| l.0.facts.hash).collect();
        let mut list: Vec<Hash> = self.chosen.clone().unwrap_or_else(right);
        list.sort();
        list
    }

    /// Counted-set hash and closing root.
    pub fn closing_hashes(&self) -> (Hash, Hash) {
        let counted = self.counted();
        let count = (counted.len() as u32).to_be_bytes();
        let last = self.last_ballots();
        let leaf = |l: &board::roll::RollLine| closing_leaf(&l.pseudonym, last.get(&l.pseudonym).map(|(c, s)| (&c.facts.hash, *s)));
        (hash("counted", &[&self.id(), &count, counted.as_flattened()]), tree::root_of(self.whole_roll().iter().map(leaf)))
    }

    /// The closing entry, and the units that follow from it.
    pub fn closing(&mut self) -> usize {
        let (counted, root) = self.closing_hashes();
        self.closing_as(counted, root)
    }

    /// The same with any two hashes.
    pub fn closing_as(&mut self, counted: Hash, root: Hash) -> usize {
        let index = self.push(&Entry::Closing { counted, root });
        self.prepare(counted);
        index
    }

    /// Takes the log so far as the closed checkpoint, and gathers the units of the counted ballots.
    pub fn prepare(&mut self, counted: Hash) {
        let (set, size) = (&self.keys().set, self.entries.len() as u64);
        self.closed = Some(Closed { election: self.id(), key: set.key.id(), session: set.session, counted, size, root: self.root() });
        let chosen = self.counted();
        let ballots: Vec<&Cast> = self.casts.iter().filter(|c| chosen.contains(&c.facts.hash)).collect();
        let mut per_district = vec![0; self.manifest.description().districts.len()];
        ballots.iter().for_each(|b| per_district[b.facts.district] += 1);
        let gathered = units(&self.manifest, &per_district).into_iter().map(|unit| {
            let shape = self.manifest.shape(unit.item).expect("a shape");
            let parts = ballots.iter().filter_map(|b| unit.part(&self.manifest, b.facts.district, &b.parts));
            let mut rows: Vec<Ciphertext> = if unit.state == UnitState::Opened { parts.cloned().collect() } else { Vec::new() };
            rows.sort_by_key(Ciphertext::row);
            let (width, is_mixed) = (shape.width(), shape.rule().is_mixed());
            let mut made = UnitRows { unit, width, is_mixed, rows, mixes: vec![], stage: None, openings: vec![] };
            made.stage = (!is_mixed && made.unit.state == UnitState::Opened).then(|| made.opened_rows().hash());
            made
        });
        self.units = gathered.collect();
    }

    /// What the openings give, if they give numbers that ballots allow.
    pub fn computed_result(&self) -> Option<ElectionResult> {
        let t = usize::from(self.trustees().1);
        let one = |u: &UnitRows| {
            let mut numbers = Vec::new();
            if u.unit.state == UnitState::Opened {
                let rows = u.opened_rows();
                let quorum: Vec<&Opening> = u.openings.iter().take(t).collect();
                let points = combine(&rows, &quorum).ok()?;
                let most = self.manifest.shape(u.unit.item).expect("a shape").largest();
                let decoder = if u.is_mixed { Decoder::mixed(most) } else { Decoder::summed(most * u.unit.ballots) };
                numbers = decoder.decode(u.width, &points).ok()?;
            }
            count_unit(&self.manifest, &u.unit, &numbers).ok()
        };
        let counted = self.closed.expect("after the closing entry").counted;
        Some(ElectionResult::new(self.id(), counted, self.units.iter().map(one).collect::<Option<_>>()?))
    }

    /// The order *result* with what the openings give, or with nothing.
    pub fn result(&mut self) -> usize {
        let result = self.computed_result().map_or_else(|| b"{}".to_vec(), |r| r.to_bytes());
        self.result_as(&result)
    }

    /// The order *result* with any content.
    pub fn result_as(&mut self, result: &[u8]) -> usize {
        let counted = self.closed.expect("after the closing entry").counted;
        self.order(OrderKind::Result, 0, counted, Some(result))
    }
}
