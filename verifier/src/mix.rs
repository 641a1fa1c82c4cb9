//! One stage of mixing: its message, and its proof as one multi-scalar multiplication. Spec: 09-mixing.

use crate::bytes::{Fault, Hash, Reader};
use crate::group::{self, G, Point, Scalar};
use crate::session::Key;
use crate::transcript::Transcript;
use crate::weights::Entropy;
use rayon::prelude::*;

/// Bytes before the rows.
pub const HEAD: u64 = 48;
/// Rows of one multiplication.
const CHUNK: usize = 1024;

/// What a message says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Unit.
    pub unit: u32,
    /// Stage, from 1.
    pub stage: u16,
    /// Mixer, from 1.
    pub mixer: u16,
    /// Hash of the input rows.
    pub input: Hash,
    /// Rows.
    pub n: u32,
    /// Columns.
    pub w: u16,
}

/// A message cut into its fields; no point has been decoded.
pub struct Mix<'a> {
    /// The head.
    pub head: Head,
    /// `N` rows of `w + 1` points.
    pub rows: &'a [Hash],
    /// `c_1..c_N`.
    pub c: &'a [Hash],
    c_hat: &'a [Hash],
    /// `t_1 t_2 t_3 t_4,0..t_4,w`.
    t: &'a [Hash],
    t_hat: &'a [Hash],
    s: [Scalar; 4],
    s_hat: &'a [Hash],
    s_prime: &'a [Hash],
}

impl Mix<'_> {
    /// The fault of the first field that does not decode, in the order of the message: threads must not race to name one.
    fn first_bad(&self) -> Option<Fault> {
        let mut at = usize::try_from(HEAD).unwrap_or(usize::MAX);
        for points in [self.rows, self.c, self.c_hat, self.t, self.t_hat] {
            if let Some(fault) = group::first_bad(points, at as u64) {
                return Some(fault);
            }
            at = at.saturating_add(points.len().saturating_mul(32));
        }
        at = at.saturating_add(128);
        [self.s_hat, self.s_prime].into_iter().flatten().find_map(|bytes| {
            let here = at;
            at = at.saturating_add(32);
            group::scalar(bytes).err().map(|fault| fault.at(here))
        })
    }
}

/// Reads the head.
pub fn head(bytes: &[u8]) -> Result<Head, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(38)?;
    let (unit, stage, mixer) = (reader.u32()?, reader.u16()?, reader.u16()?);
    Ok(Head { unit, stage, mixer, input: reader.hash()?, n: reader.u32()?, w: reader.u16()? })
}

/// Length of a whole message.
pub fn length(n: u64, w: u64) -> u64 {
    let blocks = n.saturating_mul(w.saturating_add(6)).saturating_add(w).saturating_add(8);
    blocks.saturating_mul(32).saturating_add(HEAD)
}

/// Cuts a message.
pub fn cut(bytes: &[u8]) -> Result<Mix<'_>, Fault> {
    let head = head(bytes)?;
    let mut reader = Reader::new(bytes);
    reader.take(usize::try_from(HEAD).unwrap_or(usize::MAX))?;
    let n = usize::try_from(head.n).unwrap_or(usize::MAX);
    let w = usize::from(head.w);
    let rows = reader.blocks(n.saturating_mul(w.saturating_add(1)))?;
    let (c, c_hat) = (reader.blocks(n)?, reader.blocks(n)?);
    let (t, t_hat) = (reader.blocks(w.saturating_add(4))?, reader.blocks(n)?);
    let s = [reader.scalar()?, reader.scalar()?, reader.scalar()?, reader.scalar()?];
    let (s_hat, s_prime) = (reader.blocks(n)?, reader.blocks(n)?);
    reader.finish()?;
    Ok(Mix { head, rows, c, c_hat, t, t_hat, s, s_hat, s_prime })
}

/// What a proof is about, beside the message itself.
pub struct Statement<'a> {
    /// Election id.
    pub election: &'a Hash,
    /// The election key.
    pub key: &'a Key,
    /// Counted-set hash.
    pub counted: &'a Hash,
    /// The input rows.
    pub input: &'a [Hash],
    /// The input rows decoded, if they have been.
    pub decoded: Option<&'a [Point]>,
    /// `h`, `h_1`, …, at least to `h_N`.
    pub bases: &'a [Point],
}

/// Everything that verification needs beside the points.
struct Work<'a> {
    mix: &'a Mix<'a>,
    statement: &'a Statement<'a>,
    u: Vec<Scalar>,
    product: Scalar,
    x: Scalar,
    s_hat: Vec<Scalar>,
    s_prime: Vec<Scalar>,
}

/// One weight for each equation.
struct Weights {
    /// MIX-6, 7, 8, 9.
    single: [Scalar; 4],
    /// MIX-10, column by column.
    columns: Vec<Scalar>,
    /// MIX-11, row by row.
    rows: Vec<Scalar>,
}

/// Verifies the proof. MIX-6 to MIX-11. `name` is the hash of the whole message.
///
/// Gives the decoded output rows if there are at most `keep` points in them.
pub fn verify(
    mix: &Mix<'_>,
    statement: &Statement<'_>,
    name: &Hash,
    keep: usize,
    entropy: &Entropy,
) -> Result<Option<Vec<Point>>, Vec<Fault>> {
    // No term may fall out of the sum for want of a partner.
    let width = usize::from(mix.head.w).saturating_add(1);
    let sized = mix.rows.len() == mix.c.len().saturating_mul(width)
        && statement.input.len() == mix.rows.len()
        && statement.decoded.is_none_or(|points| points.len() == mix.rows.len())
        && statement.bases.len() > mix.c.len()
        && statement.key.columns.len() >= usize::from(mix.head.w);
    if !sized {
        return Err(vec![Fault::new("MIX-12", "N or w are not those of the input")]);
    }
    let scalars = |blocks: &[Hash]| blocks.iter().map(group::scalar).collect::<Result<Vec<_>, _>>();
    let one = |fault| vec![mix.first_bad().unwrap_or(fault)];
    let (s_hat, s_prime) = (scalars(mix.s_hat).map_err(one)?, scalars(mix.s_prime).map_err(one)?);
    let (u, x) = challenges(mix, statement);
    let product = u.iter().product();
    let work = Work { mix, statement, u, product, x, s_hat, s_prime };
    let mut stream = entropy.weights(name);
    let mut draw = |n: usize| -> Vec<Scalar> { std::iter::repeat_with(|| stream.draw()).take(n).collect() };
    let single = draw(4).try_into().unwrap_or([Scalar::ONE; 4]);
    let weights = Weights { single, columns: draw(usize::from(mix.head.w)), rows: draw(mix.c.len()) };
    let keeps = mix.rows.len() <= keep;
    let (sum, rows) = work.sum(&weights, keeps).map_err(one)?;
    if group::is_identity(&sum) { Ok(keeps.then_some(rows)) } else { Err(work.failing(&weights).map_err(one)?) }
}

fn challenges(mix: &Mix<'_>, statement: &Statement<'_>) -> (Vec<Scalar>, Scalar) {
    let width = usize::from(mix.head.w).saturating_add(1);
    let mut transcript = Transcript::new("shuffle");
    transcript.bytes("election", statement.election);
    transcript.bytes("key", &statement.key.id);
    transcript.list("H", statement.key.columns.iter().take(usize::from(mix.head.w)).map(|h| h.bytes.as_slice()));
    transcript.bytes("counted", statement.counted);
    transcript.number("unit", u64::from(mix.head.unit));
    transcript.number("stage", u64::from(mix.head.stage));
    transcript.number("mixer", u64::from(mix.head.mixer));
    transcript.number("N", u64::from(mix.head.n));
    transcript.number("w", u64::from(mix.head.w));
    transcript.list("in", statement.input.chunks_exact(width).map(<[Hash]>::as_flattened));
    transcript.list("out", mix.rows.chunks_exact(width).map(<[Hash]>::as_flattened));
    transcript.blocks("c", mix.c);
    let u = mix.c.iter().map(|_| transcript.challenge("u")).collect();
    transcript.blocks("c_hat", mix.c_hat);
    if let [t_1, t_2, t_3, t_4 @ ..] = mix.t {
        transcript.bytes("t_1", t_1);
        transcript.bytes("t_2", t_2);
        transcript.bytes("t_3", t_3);
        transcript.blocks("t_4", t_4);
    }
    transcript.blocks("t_hat", mix.t_hat);
    (u, transcript.challenge("x"))
}

/// Terms of one multiplication.
#[derive(Default)]
struct Terms {
    scalars: Vec<Scalar>,
    points: Vec<Point>,
}

impl Terms {
    fn add(&mut self, scalar: Scalar, point: Point) {
        self.scalars.push(scalar);
        self.points.push(point);
    }

    fn value(&self) -> Point {
        group::msm(&self.scalars, &self.points)
    }
}

impl Work<'_> {
    /// The weighted sum of all equations, and the decoded output rows if wanted.
    fn sum(&self, weights: &Weights, keeps: bool) -> Result<(Point, Vec<Point>), Fault> {
        let chunks = self.mix.c.len().div_ceil(CHUNK);
        let parts = (0..chunks).into_par_iter().map(|chunk| self.chunk(weights, chunk.saturating_mul(CHUNK), keeps));
        let parts: Vec<_> = parts.collect();
        let mut rows = Vec::new();
        let mut sum = self.constant_terms(weights)?;
        for part in parts {
            let (part, points) = part?;
            sum += part;
            rows.extend(points);
        }
        Ok((sum, rows))
    }

    /// Terms that occur once: the bases `G`, `h`, `H_c`, and the commitments `t`.
    fn constant_terms(&self, weights: &Weights) -> Result<Point, Fault> {
        let [e6, e7, e8, e9] = weights.single;
        let [s_1, s_2, s_3, s_4] = self.mix.s;
        let mut terms = Terms::default();
        let rows: Scalar = weights.rows.iter().zip(&self.s_hat).map(|(e, s)| e * s).sum();
        terms.add(e6 * s_1 + e7 * s_2 + e8 * s_3 - e9 * s_4 + rows, G);
        let first = weights.rows.first().zip(self.s_prime.first()).map_or(Scalar::ZERO, |(e, s)| e * s);
        if let Some(h) = self.statement.bases.first() {
            terms.add(e7 * self.x * self.product + first, *h);
        }
        for (e, h) in weights.columns.iter().zip(&self.statement.key.columns) {
            terms.add(-(e * s_4), h.point);
        }
        for (e, t) in [e6, e7, e8, e9].iter().chain(&weights.columns).zip(self.mix.t) {
            terms.add(-e, group::point(t)?);
        }
        Ok(terms.value())
    }

    /// Terms of up to `CHUNK` rows.
    fn chunk(&self, weights: &Weights, from: usize, keeps: bool) -> Result<(Point, Vec<Point>), Fault> {
        let [e6, e7, e8, e9] = weights.single;
        let n = self.mix.c.len();
        let width = usize::from(self.mix.head.w).saturating_add(1);
        let x = self.x;
        let row_weights: Vec<Scalar> = std::iter::once(e9).chain(weights.columns.iter().copied()).collect();
        let mut terms = Terms::default();
        let mut kept = Vec::new();
        for i in from..n.min(from.saturating_add(CHUNK)) {
            let next = i.saturating_add(1);
            let (Some(u), Some(s), Some(e)) = (self.u.get(i), self.s_prime.get(i), weights.rows.get(i)) else { break };
            let (Some(c), Some(c_hat), Some(t_hat)) = (self.mix.c.get(i), self.mix.c_hat.get(i), self.mix.t_hat.get(i)) else { break };
            let Some(h) = self.statement.bases.get(next) else { break };
            terms.add(e6 * x + e8 * s, *h);
            terms.add(-(x * (e6 + e8 * u)), group::point(c)?);
            let following = match weights.rows.get(next).zip(self.s_prime.get(next)) {
                Some((e, s)) => e * s,
                None => -(e7 * x),
            };
            terms.add(following - x * e, group::point(c_hat)?);
            terms.add(-e, group::point(t_hat)?);
            let at = i.saturating_mul(width);
            let row = at..at.saturating_add(width);
            let xu = x * u;
            let (Some(out), Some(input)) = (self.mix.rows.get(row.clone()), self.statement.input.get(row.clone())) else { break };
            for (e, bytes) in row_weights.iter().zip(out) {
                let point = group::point(bytes)?;
                terms.add(e * s, point);
                if keeps {
                    kept.push(point);
                }
            }
            match self.statement.decoded.and_then(|points| points.get(row)) {
                Some(points) => row_weights.iter().zip(points).for_each(|(e, point)| terms.add(-(e * xu), *point)),
                None => {
                    for (e, bytes) in row_weights.iter().zip(input) {
                        terms.add(-(e * xu), group::point(bytes)?);
                    }
                }
            }
        }
        Ok((terms.value(), kept))
    }

    /// Which rules fail, for a proof that is known to be wrong.
    fn failing(&self, weights: &Weights) -> Result<Vec<Fault>, Fault> {
        let zeros = |scalars: &[Scalar]| vec![Scalar::ZERO; scalars.len()];
        let single = |index: usize| {
            let mut single = [Scalar::ZERO; 4];
            if let Some(weight) = single.get_mut(index) {
                *weight = Scalar::ONE;
            }
            Weights { single, columns: zeros(&weights.columns), rows: zeros(&weights.rows) }
        };
        let none = [Scalar::ZERO; 4];
        let columns = Weights { single: none, columns: weights.columns.clone(), rows: zeros(&weights.rows) };
        let rows = Weights { single: none, columns: zeros(&weights.columns), rows: weights.rows.clone() };
        let groups =
            [("MIX-6", single(0)), ("MIX-7", single(1)), ("MIX-8", single(2)), ("MIX-9", single(3)), ("MIX-10", columns), ("MIX-11", rows)];
        let mut faults = Vec::new();
        for (rule, weights) in &groups {
            if !group::is_identity(&self.sum(weights, false)?.0) {
                faults.push(Fault::new(rule, "the shuffle proof does not verify"));
            }
        }
        Ok(faults)
    }
}
