//! The opening's equations, typed again, with parts of the transcript left out on request.

use ballot::encode::Point;
use ballot::{RistrettoPoint, Scalar, Transcript};
use trustee::open::{Opening, Statement};

/// How the random numbers that join rows and columns are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    Independent,
    /// `σ_c` the same for all columns.
    EqualColumns,
    /// `ρ_i = ρ^i` and `σ_c = ρ^c`: row 1 of column 2 and row 2 of column 1 meet.
    Powers,
}

pub struct Model<'a> {
    pub statement: Statement<'a>,
    pub omit: &'a [&'static str],
    pub weights: Weights,
}

impl Model<'_> {
    fn numbers(&self, factors: &[Point]) -> (Transcript, Vec<Scalar>, Vec<Scalar>) {
        let s = &self.statement;
        let (n, w) = (s.rows.len(), s.rows.width());
        let absorbed = |label: &str| !self.omit.contains(&label);
        let mut t = Transcript::new("opening");
        t.append("election", &s.closed.election);
        t.append("key", &s.closed.key);
        t.append("session", &s.closed.session);
        t.append("counted", &s.closed.counted);
        t.append_u64("size", s.closed.size);
        t.append("root", &s.closed.root);
        t.append_u64("unit", s.unit.into());
        t.append("stage_hash", &s.stage);
        t.append_u64("trustee", s.trustee.into());
        t.append_u64("N", n as u64);
        t.append_u64("w", w as u64);
        if absorbed("X") {
            t.append_points("X", &s.public[..w]);
        }
        if absorbed("row") {
            t.append_list("row", s.rows.encoded());
        }
        if absorbed("F") {
            let rows: Vec<Vec<u8>> = factors.chunks(w).map(|r| r.iter().flat_map(|f| *f.bytes()).collect()).collect();
            t.append_list("F", rows.iter());
        }
        let mut rho: Vec<Scalar> = (0..n).map(|_| t.challenge_short("rho")).collect();
        let mut sigma: Vec<Scalar> = (0..w).map(|_| t.challenge_short("sigma")).collect();
        match self.weights {
            Weights::Independent => {}
            Weights::EqualColumns => sigma = vec![sigma[0]; w],
            Weights::Powers => {
                let base = rho[0];
                let power = |k: usize| (0..=k).map(|_| base).product::<Scalar>();
                rho = (0..n).map(power).collect();
                sigma = (0..w).map(power).collect();
            }
        }
        (t, rho, sigma)
    }

    fn pads(&self, rho: &[Scalar]) -> RistrettoPoint {
        rho.iter().zip(self.statement.rows.pads()).map(|(r, a)| r * a).sum()
    }

    /// `ρ`, `σ` and `e`.
    pub fn challenges(&self, factors: &[Point], t_1: &Point, t_2: &Point) -> (Vec<Scalar>, Vec<Scalar>, Scalar) {
        let (mut t, rho, sigma) = self.numbers(factors);
        if !self.omit.contains(&"T_1") {
            t.append_point("T_1", t_1);
        }
        if !self.omit.contains(&"T_2") {
            t.append_point("T_2", t_2);
        }
        let e = t.challenge("e");
        (rho, sigma, e)
    }

    /// A proof for the share `x` about whatever factors are given.
    pub fn prove(&self, x: &[Scalar], factors: Vec<Point>, k: Scalar) -> Opening {
        let (_, rho, _) = self.numbers(&factors);
        let t_1 = super::point(RistrettoPoint::mul_base(&k));
        let t_2 = super::point(k * self.pads(&rho));
        let (_, sigma, e) = self.challenges(&factors, &t_1, &t_2);
        let z = k + e * sigma.iter().zip(x).map(|(s, x)| s * x).sum::<Scalar>();
        Opening { head: self.head(), factors, t_1, t_2, z }
    }

    pub fn head(&self) -> trustee::open::OpeningHead {
        let s = &self.statement;
        let (rows, width) = (s.rows.len() as u32, s.rows.width() as u16);
        trustee::open::OpeningHead { trustee: s.trustee, unit: s.unit, stage: s.stage, rows, width }
    }

    pub fn verify(&self, o: &Opening) -> bool {
        let w = self.statement.rows.width();
        let (rho, sigma, e) = self.challenges(&o.factors, &o.t_1, &o.t_2);
        let x: RistrettoPoint = sigma.iter().zip(self.statement.public).map(|(s, x)| s * x.point()).sum();
        let f: RistrettoPoint = o.factors.iter().enumerate().map(|(at, f)| rho[at / w] * sigma[at % w] * f.point()).sum();
        RistrettoPoint::mul_base(&o.z) == o.t_1.point() + e * x && o.z * self.pads(&rho) == o.t_2.point() + e * f
    }
}
