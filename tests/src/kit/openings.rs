//! Trustees that open something else, too early, or wrongly. V18, V19.

mod adaptive;
mod intents;
mod sets;

use super::case::{Case, Row, entry, row};
use super::orders::plus_order;
use crate::insider::opening::Forge;
use crate::insider::{Insider, Item, town};
use crate::lab;
use ballot::encode::{Point, Record};
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use board::PostKind;
use trustee::open::{Intent, Opening};

fn p(point: RistrettoPoint) -> Point {
    Point::from_point(point).unwrap()
}

/// Trustee 1 opens a unit in its own way, trustee 2 rightly, trustee 3 not at all.
fn opening(rule: &'static str, unit: usize, make: impl FnOnce(&mut Insider) -> Opening) -> Case {
    let mut i = town::declared();
    i.openings_of(&[2]);
    let made = make(&mut i);
    let post = i.post_opening(made);
    for other in (0..i.units.len()).filter(|u| *u != unit) {
        let right = i.opening(1, other);
        i.post_opening(right);
    }
    i.result();
    Case::of(i).fails("V19", "COMBINE-2", format!("unit {unit}")).finds("V19", rule, entry(post))
}

/// The same with bytes that need not be an opening.
fn bytes(rule: &'static str, change: impl FnOnce(&mut Vec<u8>)) -> Case {
    let mut i = town::declared();
    i.openings_of(&[2]);
    let mut bytes = i.opening(1, 0).to_bytes();
    change(&mut bytes);
    let post = i.post(PostKind::Opening, 1, &bytes);
    for other in 1..i.units.len() {
        let right = i.opening(1, other);
        i.post_opening(right);
    }
    i.result();
    Case::of(i).fails("V19", "COMBINE-2", "unit 0").finds("V19", rule, entry(post))
}

fn forge<'a>(i: &'a Insider, unit: usize) -> Forge<'a> {
    Forge { closed: i.closed.as_ref().unwrap(), unit: &i.units[unit], trustee: 1, x: &i.keys().secrets[0], weak: false }
}

/// Trustee 1's factors turned, the proof as for the right ones.
fn factors(unit: usize, change: impl FnOnce(&mut Vec<RistrettoPoint>)) -> Case {
    opening("OPEN-4", unit, |i| {
        let forge = forge(i, unit);
        let factors = forge.factors(change);
        forge.open(factors)
    })
}

pub fn rows() -> Vec<Row> {
    let mut rows = adaptive::rows();
    rows.extend(proofs());
    rows.extend(sets::rows());
    rows.extend(intents::rows());
    rows.extend(encodings());
    rows
}

/// An opening whose proof speaks of another closed checkpoint, key, session or set.
fn other_statement(change: impl FnOnce(&mut trustee::open::Closed)) -> Case {
    opening("OPEN-4", 0, |i| {
        let mut closed = i.closed.unwrap();
        change(&mut closed);
        let forge = Forge { closed: &closed, ..forge(i, 0) };
        forge.open(forge.factors(|_| {}))
    })
}

fn proofs() -> Vec<Row> {
    let g = || RistrettoPoint::mul_base(&Scalar::ONE);
    vec![
        row("opening: a wrong factor", "M50 F08", move || factors(0, move |f| f[0] += g())),
        row("opening: votes moved between columns", "M50 M66 A15", move || {
            factors(0, move |f| {
                f[0] += g();
                f[1] -= g();
            })
        }),
        row("opening: votes moved between rows", "M50 A15", move || {
            factors(3, move |f| {
                f[0] += g();
                f[1] -= g();
            })
        }),
        row("opening: factors of two columns exchanged", "M50", || factors(0, |f| f.swap(0, 1))),
        row("opening: factors of two rows exchanged", "M50", || factors(3, |f| f.swap(0, 1))),
        row("opening: one row's factor is anything", "F13 M52", || factors(3, |f| f[1] = *lab::point("anything").point())),
        row("opening: one factor for all rows", "A09 F13", || factors(3, |f| (1..3).for_each(|k| f[k] = f[0]))),
        row("opening: a dead share", "M51 F08", || {
            opening("OPEN-4", 0, |i| {
                let mut x = i.keys().secrets[0].clone();
                x[2] += Scalar::ONE;
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: another trustee's share", "M51 F06", || {
            opening("OPEN-4", 0, |i| {
                let x = i.keys().secrets[2].clone();
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: another trustee's opening under one's own index", "M53 F06", || {
            opening("OPEN-4", 0, |i| {
                let mut made = i.opening(2, 0);
                made.head.trustee = 1;
                made
            })
        }),
        row("opening: another trustee's opening as it is", "M53 F06", || bytes("OPEN-5", |b| b[3] = 2)),
        row("opening: index 0", "M53 F06", || bytes("OPEN-5", |b| b[3] = 0)),
        row("opening: shares of another session", "F06 A13", || {
            opening("OPEN-4", 0, |i| {
                let keys = i.keys.clone();
                let mut other = i.clone();
                other.ceremony_with(crate::insider::Script::honest([3; 32]));
                let x = other.keys().secrets[0].clone();
                i.keys = keys;
                let forge = Forge { x: &x, ..forge(i, 0) };
                forge.open(forge.factors(|_| {}))
            })
        }),
        row("opening: a proof for another election", "A13 E13", || other_statement(|c| c.election = [1; 32])),
        row("opening: a proof for another key", "A13 E13", || other_statement(|c| c.key = [1; 32])),
        row("opening: a proof for another session", "A13 E13", || other_statement(|c| c.session = [1; 32])),
        row("opening: a proof for another counted set", "A13 F07 M54", || other_statement(|c| c.counted = [1; 32])),
        row("opening: a proof for another size of the log", "A13 C05", || other_statement(|c| c.size -= 1)),
        row("opening: a proof for another root", "A13 E13 M34", || other_statement(|c| c.root = [1; 32])),
        row("opening: a proof for another unit", "A13 G02", || {
            opening("OPEN-4", 0, |i| {
                let mut unit = i.units[0].clone();
                unit.unit.number = 1;
                let forge = Forge { unit: &unit, ..forge(i, 0) };
                let mut made = forge.open(forge.factors(|_| {}));
                made.head.unit = 0;
                made
            })
        }),
        row("opening: all of the proof is G and zero", "A09", || {
            bytes("OPEN-4", |b| {
                let at = b.len() - 96;
                let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
                b[at..at + 32].copy_from_slice(g.as_bytes());
                b[at + 32..at + 64].copy_from_slice(g.as_bytes());
                b[at + 64..].fill(0);
            })
        }),
    ]
}

fn encodings() -> Vec<Row> {
    const FACTORS: usize = 46;
    vec![
        row("opening: a factor that is no point", "B01 M32", || bytes("DEC-1", |b| b[FACTORS] ^= 1)),
        row("opening: a factor that is the identity", "B02 M31", || bytes("DEC-2", |b| b[FACTORS..FACTORS + 32].fill(0))),
        row("opening: s + l in the proof", "B04 M30", || {
            bytes("DEC-3", |b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&plus_order(s));
            })
        }),
        row("opening: a byte more", "M33", || bytes("DEC-4", |b| b.push(0))),
        row("opening: without its proof", "F13 M52", || bytes("DEC-5", |b| b.truncate(b.len() - 96))),
        row("opening: without one column", "F13 M52", || bytes("OPEN-5", |b| b[45] = 3)),
        row("opening: four billion rows", "A09 B08", || bytes("OPEN-5", |b| b[40..44].fill(0xff))),
        row("opening: no rows", "A09 F13", || bytes("OPEN-5", |b| b[40..44].fill(0))),
        row("opening: another stage", "G02 M54", || bytes("OPEN-5", |b| b[9] ^= 1)),
        row("opening: a unit that does not exist", "C13", || bytes("OPEN-5", |b| b[7] = 9)),
        row("opening: half a head", "B08", || bytes("DEC-5", |b| b.truncate(20))),
        row("openings of one trustee too few", "F06 F08 M52", || {
            let mut i = town::declared();
            i.openings_of(&[1]);
            i.result();
            (0..6).fold(Case::of(i), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("one unit without a second opening", "F13 M52", || {
            let mut i = town::declared();
            i.openings_of(&[1]);
            for unit in 1..6 {
                let right = i.opening(2, unit);
                i.post_opening(right);
            }
            i.result();
            Case::of(i).fails("V19", "COMBINE-2", "unit 0")
        }),
        row("one trustee opens twice, another not at all", "F06 M53", || {
            let mut i = town::declared();
            i.openings_of(&[1, 1]);
            i.result();
            let post = i.posts_of(PostKind::Opening)[6];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(post)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustee::open::Statement;

    /// The prover that may lie is believed when it does not.
    #[test]
    fn an_honest_opening_convinces_the_library() {
        let mut i = town::declared();
        let closed = i.closed.unwrap();
        let made = i.opening(1, 0);
        let rows = i.units[0].opened_rows();
        let stage = i.units[0].stage.unwrap();
        let statement = Statement { closed: &closed, unit: 0, stage, rows: &rows, trustee: 1, public: &i.keys().set.shares[0] };
        statement.verify(&made).unwrap();
        let forge = forge(&i, 0);
        statement.verify(&forge.open(forge.factors(|_| {}))).unwrap();
    }
}
