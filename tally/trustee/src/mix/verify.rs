//! Verification of a mix as one multi-scalar multiplication. Spec: 09-mixing, MIX-6 to MIX-12 and MIX-15.

use super::shuffle_proof::{draw_u, draw_x};
use super::{Bases, Mix, MixError, Statement, rows};
use crate::parallel::{PUBLIC, public_sum};
use ballot::batch::Weights;
use ballot::encode::Point;
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use rand_core::CryptoRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

impl Statement<'_> {
    /// Checks everything about a mix that needs no other mix: MIX-6 to MIX-12, and the rows of MIX-15.
    ///
    /// Variable time: every input is public. When the one multiplication fails, the equations are tried one by one, so that the
    /// error names the rule.
    pub fn verify(&self, mix: &Mix, bases: &Bases, rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), MixError> {
        self.check_inputs()?;
        let in_rows = rows(self.inputs);
        self.check_names(mix, &in_rows)?;
        let out_rows = rows(&mix.outputs);
        let known: HashSet<&[u8]> = in_rows.iter().map(Vec::as_slice).collect();
        if let Some(output) = out_rows.iter().position(|row| known.contains(row.as_slice())) {
            return Err(MixError::RowKept { output });
        }
        let proof = &mix.proof;
        let list = bases.first(self.inputs.len());
        let equations = self.equations(mix, bases, &list, &in_rows, &out_rows);
        // The transcript binds statement and commitments, and x depends on all of it.
        let mut all = Sha256::new_with_prefix(equations.x.as_bytes());
        proof.s.iter().chain(&proof.s_hat).chain(&proof.s_prime).for_each(|s| all.update(s.as_bytes()));
        let mut weights = Weights::new(&all.finalize().into(), rng);
        if equations.hold(&mut weights) {
            return Ok(());
        }
        Err(equations.failing().first().copied().unwrap_or(MixError::Exponents))
    }

    /// Every equation of MIX-6 to MIX-11 that fails, one by one: slow, for reports. Empty for a mix of another size.
    pub fn failing(&self, mix: &Mix, bases: &Bases) -> Vec<MixError> {
        let in_rows = rows(self.inputs);
        if self.check_inputs().is_err() || !self.fits(mix) {
            return Vec::new();
        }
        let list = bases.first(self.inputs.len());
        self.equations(mix, bases, &list, &in_rows, &rows(&mix.outputs)).failing()
    }

    fn equations<'a>(
        &'a self,
        mix: &'a Mix,
        bases: &'a Bases,
        list: &'a [RistrettoPoint],
        in_rows: &[Vec<u8>],
        out_rows: &[Vec<u8>],
    ) -> Equations<'a> {
        let proof = &mix.proof;
        let mut t = self.transcript(in_rows);
        let u = draw_u(&mut t, out_rows, &proof.c);
        let x = draw_x(&mut t, &proof.c_hat, [&proof.t_1, &proof.t_2, &proof.t_3], &proof.t_4, &proof.t_hat);
        Equations { statement: self, mix, base: bases.h(), h: list.get(..u.len()).unwrap_or(list), u, x }
    }
}

/// The equations MIX-6 to MIX-11 about one mix.
struct Equations<'a> {
    statement: &'a Statement<'a>,
    mix: &'a Mix,
    base: &'a RistrettoPoint,
    h: &'a [RistrettoPoint],
    u: Vec<Scalar>,
    x: Scalar,
}

/// A sum that grows.
#[derive(Default)]
struct Sum {
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
}

impl Sum {
    fn add(&mut self, scalar: Scalar, point: &RistrettoPoint) {
        self.scalars.push(scalar);
        self.points.push(*point);
    }
    fn value(&self) -> RistrettoPoint {
        RistrettoPoint::vartime_multiscalar_mul(&self.scalars, &self.points)
    }
}

/// Everything that one index `k` stands for: input `k`, output `k`, and their coefficients.
struct Line<'a> {
    input: &'a Ciphertext,
    output: &'a Ciphertext,
    c: &'a Point,
    c_hat: &'a Point,
    t_hat: &'a Point,
    h: &'a RistrettoPoint,
    u: &'a Scalar,
    s_prime: &'a Scalar,
    beta: &'a Scalar,
    /// Coefficient of `ĉ_k`.
    link: Scalar,
}

impl Equations<'_> {
    /// All equations, right minus left, each with an independent weight, as one sum. Also each column of MIX-10 has a weight of its
    /// own: with one for all, a mixer moves votes between columns.
    fn hold(&self, weights: &mut Weights) -> bool {
        let (proof, w, x) = (&self.mix.proof, self.statement.width, self.x);
        let [a1, a2, a3] = [(); 3].map(|()| weights.draw());
        let a4: Vec<Scalar> = (0..=w).map(|_| weights.draw()).collect();
        let beta: Vec<Scalar> = self.u.iter().map(|_| weights.draw()).collect();
        let x_a4: Vec<Scalar> = a4.iter().map(|a| a * x).collect();
        let (x_a1, x_a3) = (x * a1, x * a3);
        // ĉ_i: x·β_i - β_{i+1}·s'_{i+1}, and for the last x·(β_N + α_2)
        let next = beta.iter().zip(&proof.s_prime).skip(1).map(|(b, s)| -(b * s)).chain([x * a2]);
        let links = beta.iter().zip(next).map(|(b, next)| x * b + next);
        let lines: Vec<Line<'_>> = self.lines(&beta, links);
        let per_chunk = (PUBLIC / (6 + 2 * w)).max(1);
        let of_lines = lines.par_chunks(per_chunk).map(|chunk| {
            let mut sum = Sum::default();
            for line in chunk {
                sum.add(x_a1 + x_a3 * line.u, line.c.point());
                sum.add(line.link, line.c_hat.point());
                sum.add(*line.beta, line.t_hat.point());
                sum.add(-(x_a1 + a3 * line.s_prime), line.h);
                for (a, p) in x_a4.iter().zip(parts(line.input)) {
                    sum.add(a * line.u, p.point());
                }
                for (a, p) in a4.iter().zip(parts(line.output)) {
                    sum.add(-(a * line.s_prime), p.point());
                }
            }
            sum.value()
        });
        let of_lines: RistrettoPoint = of_lines.sum();
        let mut rest = Sum::default();
        rest.add(a1, proof.t_1.point());
        rest.add(a2, proof.t_2.point());
        rest.add(a3, proof.t_3.point());
        a4.iter().zip(&proof.t_4).for_each(|(a, t)| rest.add(*a, t.point()));
        let [s_1, s_2, s_3, s_4] = proof.s;
        let key = self.statement.key.first(w);
        a4.iter().skip(1).zip(key).for_each(|(a, h)| rest.add(a * s_4, h.point()));
        let first = beta.first().zip(proof.s_prime.first()).map(|(b, s)| b * s).unwrap_or_default();
        rest.add(-(x * a2 * self.u.iter().product::<Scalar>() + first), self.base);
        let s_hat: Scalar = beta.iter().zip(&proof.s_hat).map(|(b, s)| b * s).sum();
        let pad = a4.first().map(|a| a * s_4).unwrap_or_default();
        rest.add(pad - (a1 * s_1 + a2 * s_2 + a3 * s_3 + s_hat), &RISTRETTO_BASEPOINT_POINT);
        (of_lines + rest.value()).is_identity()
    }

    fn lines<'b>(&'b self, beta: &'b [Scalar], links: impl Iterator<Item = Scalar>) -> Vec<Line<'b>> {
        let proof = &self.mix.proof;
        let rows = self.statement.inputs.iter().zip(&self.mix.outputs);
        let points = proof.c.iter().zip(&proof.c_hat).zip(&proof.t_hat).zip(self.h);
        let scalars = self.u.iter().zip(&proof.s_prime).zip(beta).zip(links);
        let line = |((input, output), ((((c, c_hat), t_hat), h), (((u, s_prime), beta), link)))| Line {
            input,
            output,
            c,
            c_hat,
            t_hat,
            h,
            u,
            s_prime,
            beta,
            link,
        };
        rows.zip(points.zip(scalars)).map(line).collect()
    }

    /// The equations one by one, in the words of 09-mixing. Only for naming what is wrong.
    fn failing(&self) -> Vec<MixError> {
        let (proof, x) = (&self.mix.proof, self.x);
        let g = RistrettoPoint::mul_base;
        let [s_1, s_2, s_3, s_4] = &proof.s;
        let c: Vec<RistrettoPoint> = proof.c.iter().map(|c| *c.point()).collect();
        let (c_sum, h_sum): (RistrettoPoint, RistrettoPoint) = (c.iter().sum(), self.h.iter().sum());
        let mut wrong = Vec::new();
        let mut check = |holds: bool, error: MixError| wrong.extend((!holds).then_some(error));
        check(g(s_1) == proof.t_1.point() + x * (c_sum - h_sum), MixError::Permutation); // MIX-6
        let product: Scalar = self.u.iter().product();
        let last = proof.c_hat.last().map(|c| *c.point()).unwrap_or_default();
        check(g(s_2) == proof.t_2.point() + x * (last - product * self.base), MixError::Product); // MIX-7
        let exponents = g(s_3) + public_sum(&proof.s_prime, self.h);
        check(exponents == proof.t_3.point() + x * public_sum(&self.u, &c), MixError::Exponents); // MIX-8
        let key = self.statement.key.first(self.statement.width);
        let bases = std::iter::once(g(s_4)).chain(key.iter().map(|h| s_4 * h.point()));
        for (column, (t, s_4_base)) in proof.t_4.iter().zip(bases).enumerate() {
            let of = |rows: &[Ciphertext]| rows.iter().filter_map(|r| parts(r).nth(column).map(|p| *p.point())).collect::<Vec<_>>();
            let left = public_sum(&proof.s_prime, &of(&self.mix.outputs)) - s_4_base;
            let error = column.checked_sub(1).map_or(MixError::Pads, |column| MixError::Column { column }); // MIX-9, MIX-10
            check(left == t.point() + x * public_sum(&self.u, &of(self.statement.inputs)), error);
        }
        let before = std::iter::once(self.base).chain(proof.c_hat.iter().map(Point::point));
        let links = proof.c_hat.iter().zip(&proof.t_hat).zip(proof.s_hat.iter().zip(&proof.s_prime));
        for (output, (((c, t), (s_hat, s_prime)), before)) in links.zip(before).enumerate() {
            check(g(s_hat) + s_prime * before == t.point() + x * c.point(), MixError::Link { output }); // MIX-11
        }
        wrong
    }
}

/// `A, B_1, …, B_w`
fn parts(row: &Ciphertext) -> impl Iterator<Item = &Point> {
    std::iter::once(&row.pad).chain(&row.columns)
}
