//! A trustee's intent, and its factors for a unit with one proof for all of them. Spec: 10-tally, Intents and Openings.

use crate::bytes::{Fault, Hash, Reader};
use crate::group::{self, Point, Scalar};
use crate::session::Key;
use crate::transcript::Transcript;
use rayon::prelude::*;

/// Bytes before the factors.
pub const HEAD: u64 = 46;
/// Rows of one multiplication.
const CHUNK: usize = 4096;

/// What a trustee is about to open.
pub struct Intent {
    /// Trustee, from 1.
    pub trustee: u16,
    /// Size of the closed checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Counted-set hash.
    pub counted: Hash,
    /// Units with their stage hashes, ascending.
    pub units: Vec<(u32, Hash)>,
}

/// Reads an intent.
pub fn intent(bytes: &[u8]) -> Result<Intent, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(39)?;
    let (trustee, size, root, counted) = (reader.u16()?, reader.u64()?, reader.hash()?, reader.hash()?);
    let count = reader.count(36)?;
    let mut units: Vec<(u32, Hash)> = Vec::with_capacity(count);
    for _ in 0..count {
        let at = reader.at();
        let next = (reader.u32()?, reader.hash()?);
        if units.last().is_some_and(|last| last.0 >= next.0) {
            return Err(Fault::new("DEC-9", "units are not sorted").at(at));
        }
        units.push(next);
    }
    reader.finish()?;
    Ok(Intent { trustee, size, root, counted, units })
}

/// A message cut into its fields; no factor has been decoded.
pub struct Opening<'a> {
    /// The head.
    pub head: Head,
    /// `F_1,1 … F_1,w F_2,1 … F_N,w`.
    pub factors: &'a [Hash],
    t_1: (Hash, Point),
    t_2: (Hash, Point),
    z: Scalar,
}

/// What a message says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Trustee, from 1.
    pub trustee: u16,
    /// Unit.
    pub unit: u32,
    /// Stage hash.
    pub stage_hash: Hash,
    /// Rows.
    pub n: u32,
    /// Columns.
    pub w: u16,
}

/// Reads the head.
pub fn head(bytes: &[u8]) -> Result<Head, Fault> {
    let mut reader = Reader::new(bytes);
    reader.head(40)?;
    Ok(Head { trustee: reader.u16()?, unit: reader.u32()?, stage_hash: reader.hash()?, n: reader.u32()?, w: reader.u16()? })
}

/// Length of a whole message.
pub fn length(n: u64, w: u64) -> u64 {
    n.saturating_mul(w).saturating_add(3).saturating_mul(32).saturating_add(HEAD)
}

/// Cuts a message.
pub fn cut(bytes: &[u8]) -> Result<Opening<'_>, Fault> {
    let head = head(bytes)?;
    let mut reader = Reader::new(bytes);
    reader.take(usize::try_from(HEAD).unwrap_or(usize::MAX))?;
    let n = usize::try_from(head.n).unwrap_or(usize::MAX);
    let factors = reader.blocks(n.saturating_mul(usize::from(head.w)))?;
    let mut encoded = || -> Result<(Hash, Point), Fault> { Ok((reader.clone().array()?, reader.point()?)) };
    let (t_1, t_2) = (encoded()?, encoded()?);
    let z = reader.scalar()?;
    reader.finish()?;
    Ok(Opening { head, factors, t_1, t_2, z })
}

/// What an opening is about, beside the message itself.
pub struct Statement<'a> {
    /// Election id.
    pub election: &'a Hash,
    /// The election key.
    pub key: &'a Key,
    /// Counted-set hash.
    pub counted: &'a Hash,
    /// Size and root of the closed checkpoint.
    pub closed: (u64, Hash),
    /// The unit's rows, `w + 1` points each.
    pub rows: &'a [Hash],
    /// The rows' `A`.
    pub pads: &'a [Point],
}

/// Verifies an opening whose head has been held against the unit. OPEN-4.
pub fn verify(opening: &Opening<'_>, statement: &Statement<'_>) -> Result<(), Fault> {
    let Head { trustee, unit, stage_hash, n, w } = &opening.head;
    let w = usize::from(*w);
    let position = usize::from(*trustee).saturating_sub(1);
    let shares = statement.key.shares.get(position).and_then(|shares| shares.get(..w));
    let shares = shares.ok_or_else(|| Fault::new("OPEN-5", "no such trustee or column"))?;
    // No term may fall out of a sum for want of a partner.
    let rows = usize::try_from(*n).unwrap_or(usize::MAX);
    let sized = statement.pads.len() == rows
        && statement.rows.len() == rows.saturating_mul(w.saturating_add(1))
        && opening.factors.len() == rows.saturating_mul(w);
    if !sized {
        return Err(Fault::new("OPEN-5", "N or w are not those of the unit"));
    }
    let mut transcript = Transcript::new("opening");
    transcript.bytes("election", statement.election);
    transcript.bytes("key", &statement.key.id);
    transcript.bytes("session", &statement.key.session);
    transcript.bytes("counted", statement.counted);
    transcript.number("size", statement.closed.0);
    transcript.bytes("root", &statement.closed.1);
    transcript.number("unit", u64::from(*unit));
    transcript.bytes("stage_hash", stage_hash);
    transcript.number("trustee", u64::from(*trustee));
    transcript.number("N", u64::from(*n));
    transcript.number("w", w as u64);
    transcript.list("X", shares.iter().map(|x| x.bytes.as_slice()));
    transcript.list("row", statement.rows.chunks_exact(w.saturating_add(1)).map(<[Hash]>::as_flattened));
    transcript.list("F", opening.factors.chunks_exact(w.max(1)).map(<[Hash]>::as_flattened));
    let rho: Vec<Scalar> = (0..*n).map(|_| transcript.short("rho")).collect();
    let sigma: Vec<Scalar> = (0..w).map(|_| transcript.short("sigma")).collect();
    transcript.bytes("T_1", &opening.t_1.0);
    transcript.bytes("T_2", &opening.t_2.0);
    let e = transcript.challenge("e");

    let points: Vec<Point> = shares.iter().map(|x| x.point).collect();
    let x_star = group::msm(&sigma, &points);
    let pads = rho.par_chunks(CHUNK).zip(statement.pads.par_chunks(CHUNK)).map(|(rho, pads)| group::msm(rho, pads));
    let a_star: Point = pads.collect::<Vec<_>>().iter().sum();
    let factors = rho.par_chunks(CHUNK).zip(opening.factors.par_chunks(CHUNK.saturating_mul(w.max(1))));
    // The first factor that does not decode is named, whichever thread finds another one first.
    let columns: Vec<_> = factors.map(|(rho, factors)| columns(rho, factors, w)).collect();
    let columns =
        columns.into_iter().collect::<Result<Vec<_>, _>>().map_err(|fault| group::first_bad(opening.factors, HEAD).unwrap_or(fault))?;
    let f_star: Point = columns.iter().flat_map(|sums| sums.iter().zip(&sigma)).map(|(sum, sigma)| sigma * sum).sum();
    let holds = |point: Point, t: Point, image: Point| opening.z * point == t + e * image;
    if holds(group::G, opening.t_1.1, x_star) && holds(a_star, opening.t_2.1, f_star) {
        Ok(())
    } else {
        Err(Fault::new("OPEN-4", "the proof of the factors does not verify"))
    }
}

/// `Σ_i ρ_i·F_i,c` for each column `c` of some rows; short scalars cost half.
fn columns(rho: &[Scalar], factors: &[Hash], w: usize) -> Result<Vec<Point>, Fault> {
    let points = factors.iter().map(group::point).collect::<Result<Vec<_>, _>>()?;
    let column = |c: usize| -> Vec<Point> { points.iter().skip(c).step_by(w.max(1)).copied().collect() };
    Ok((0..w).map(|c| group::msm(rho, &column(c))).collect())
}
