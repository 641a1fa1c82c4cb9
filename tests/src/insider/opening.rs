//! Intents and openings, honest and forged. Spec: 10-tally.

use super::{Insider, UnitRows};
use crate::lab;
use ballot::encode::{Point, Record};
use ballot::{Hash, RistrettoPoint, Scalar, Transcript};
use board::PostKind;
use trustee::open::{Closed, Intent, Opening, OpeningHead, Statement};

impl Insider {
    /// Every unit that takes factors, with its stage hash.
    pub fn to_open(&self) -> Vec<(u32, Hash)> {
        self.units.iter().filter(|u| u.to_open()).filter_map(|u| Some((u.unit.number, u.stage?))).collect()
    }

    /// An honest trustee's intent.
    pub fn intent(&self, trustee: u16) -> Intent {
        Intent::new(trustee, &self.closed.expect("after the closing entry"), self.to_open())
    }

    /// Right intents of these trustees.
    pub fn intents_of(&mut self, trustees: &[u16]) {
        for j in trustees {
            let intent = self.intent(*j).to_bytes();
            self.post(PostKind::Intent, *j, &intent);
        }
    }

    /// The intents of a quorum.
    pub fn intents(&mut self) {
        let t = self.trustees().1;
        self.intents_of(&(1..=t).collect::<Vec<_>>());
    }

    /// A right opening of a unit.
    pub fn opening(&mut self, trustee: u16, unit: usize) -> Opening {
        let closed = self.closed.expect("after the closing entry");
        let mut rng = self.rng();
        let (u, keys) = (&self.units[unit], self.keys());
        let at = usize::from(trustee) - 1;
        let share = lab::key_share(&closed, trustee, &keys.secrets[at]);
        let rows = u.opened_rows();
        let statement = Statement {
            closed: &closed,
            unit: unit as u32,
            stage: u.stage.expect("a unit that is mixed"),
            rows: &rows,
            trustee,
            public: &keys.set.shares[at],
        };
        statement.open(&share, &mut rng).expect("an honest opening")
    }

    /// Posts an opening, which the insider's own count uses.
    pub fn post_opening(&mut self, opening: Opening) -> usize {
        let index = self.post(PostKind::Opening, opening.head.trustee, &opening.to_bytes());
        self.units[opening.head.unit as usize].openings.push(opening);
        index
    }

    /// Right openings of all units by these trustees.
    pub fn openings_of(&mut self, trustees: &[u16]) {
        let units: Vec<usize> = (0..self.units.len()).filter(|u| self.units[*u].to_open()).collect();
        for j in trustees {
            for unit in &units {
                let opening = self.opening(*j, *unit);
                self.post_opening(opening);
            }
        }
    }

    /// For each trustee that sent no right opening of some unit, the first such unit.
    pub fn absent(&self) -> Vec<usize> {
        let opened = |unit: usize, j: u16| self.units[unit].openings.iter().any(|o| o.head.trustee == j);
        let first = |j: u16| (0..self.units.len()).find(|unit| self.units[*unit].to_open() && !opened(*unit, j));
        (1..=self.trustees().0).filter_map(first).collect()
    }

    /// The openings of a quorum.
    pub fn openings(&mut self) {
        let t = self.trustees().1;
        self.openings_of(&(1..=t).collect::<Vec<_>>());
    }
}

/// An opening by a trustee whose secrets are `x`, with all steps open. Nothing about it needs to be true.
pub struct Forge<'a> {
    /// The closed checkpoint that it speaks of.
    pub closed: &'a Closed,
    /// The unit.
    pub unit: &'a UnitRows,
    /// The author.
    pub trustee: u16,
    /// Its secrets.
    pub x: &'a [Scalar],
    /// Leave out what a weak verifier would not absorb: rows, factors, and the closed checkpoint.
    pub weak: bool,
}

impl Forge<'_> {
    fn head(&self) -> OpeningHead {
        let (unit, stage) = (self.unit.unit.number, self.unit.stage.unwrap_or_default());
        OpeningHead { trustee: self.trustee, unit, stage, rows: self.unit.opened_rows().len() as u32, width: self.unit.width as u16 }
    }

    /// The transcript up to the factors, and `ρ`, `σ` from it.
    pub fn numbers(&self, rows: &[Vec<u8>], factors: &[Point]) -> (Transcript, Vec<Scalar>, Vec<Scalar>) {
        let (head, w) = (self.head(), self.unit.width);
        let mut t = Transcript::new("opening");
        t.append("election", &self.closed.election);
        t.append("key", &self.closed.key);
        t.append("session", &self.closed.session);
        if !self.weak {
            t.append("counted", &self.closed.counted);
            t.append_u64("size", self.closed.size);
            t.append("root", &self.closed.root);
        }
        t.append_u64("unit", head.unit.into());
        if !self.weak {
            t.append("stage_hash", &head.stage);
        }
        t.append_u64("trustee", head.trustee.into());
        t.append_u64("N", head.rows.into());
        t.append_u64("w", w as u64);
        t.append_list("X", self.x[..w].iter().map(|x| *lab_point(x).bytes()));
        if !self.weak {
            t.append_list("row", rows.iter());
            t.append_list("F", factors.chunks(w).map(|f| f.iter().flat_map(Point::bytes).copied().collect::<Vec<u8>>()));
        }
        let rho = (0..head.rows).map(|_| t.challenge_short("rho")).collect();
        let sigma = (0..w).map(|_| t.challenge_short("sigma")).collect();
        (t, rho, sigma)
    }

    /// The opening with these factors and commitments, and the response that its transcript asks for from nonce `k`.
    pub fn finish(&self, factors: Vec<Point>, k: Scalar, t_2: Point) -> Opening {
        let rows: Vec<Vec<u8>> = self.unit.opened_rows().encoded().map(<[u8]>::to_vec).collect();
        let (mut t, _, sigma) = self.numbers(&rows, &factors);
        let t_1 = lab_point(&k);
        t.append_point("T_1", &t_1);
        t.append_point("T_2", &t_2);
        let e = t.challenge("e");
        let x_star: Scalar = sigma.iter().zip(self.x).map(|(s, x)| s * x).sum();
        Opening { head: self.head(), factors, t_1, t_2, z: k + e * x_star }
    }

    /// Factors `x_c·A_i`, then changed.
    pub fn factors(&self, change: impl FnOnce(&mut Vec<RistrettoPoint>)) -> Vec<Point> {
        let rows = self.unit.opened_rows();
        let mut list: Vec<RistrettoPoint> = rows.pads().iter().flat_map(|a| self.x[..self.unit.width].iter().map(move |x| x * a)).collect();
        change(&mut list);
        list.into_iter().map(|f| Point::from_point(f).expect("not the identity")).collect()
    }

    /// An opening of these factors with the proof of somebody who applies `x` to `A*`.
    pub fn open(&self, factors: Vec<Point>) -> Opening {
        let rows = self.unit.opened_rows();
        let encoded: Vec<Vec<u8>> = rows.encoded().map(<[u8]>::to_vec).collect();
        let (_, rho, _) = self.numbers(&encoded, &factors);
        let a_star: RistrettoPoint = rho.iter().zip(rows.pads()).map(|(r, a)| r * a).sum();
        let k = lab::scalar(&format!("forge {} {}", self.trustee, self.unit.unit.number));
        self.finish(factors, k, Point::from_point(k * a_star).expect("not the identity"))
    }
}

/// `x·G`, not the identity.
pub fn lab_point(x: &Scalar) -> Point {
    Point::from_point(RistrettoPoint::mul_base(x)).expect("not the identity")
}
