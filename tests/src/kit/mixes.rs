//! Mixers that drop, add, turn or trace rows, and chains that are broken. V17.
//!
//! A mix that does not verify is a finding with its author; here nobody steps in, so the unit fails as well. Where somebody does, see
//! `faults`.

mod chains;
mod contents;

use super::case::{Case, Row, entry, row};
use super::orders::plus_order;
use crate::insider::shuffler::Shuffler;
use crate::insider::{Insider, Setup, town};
use crate::lab;
use ballot::encode::{Point, Record};
use ballot::manifest::Rule;
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use board::PostKind;
use trustee::mix::Mix;

/// The first unit of the council.
const UNIT: usize = 3;

fn p(point: RistrettoPoint) -> Point {
    Point::from_point(point).unwrap()
}

/// Mixer 1 posts this for the first mixed unit; mixer 2 and everybody else are honest about what follows from it.
fn first_stage(rule: &'static str, make: impl FnOnce(&mut Insider) -> Mix) -> Case {
    let mut i = town::sealed();
    let mix = make(&mut i);
    let post = i.post_mix(mix, 1);
    i.mix(UNIT, 2);
    for unit in i.mixed_units().into_iter().filter(|u| *u != UNIT) {
        i.mix(unit, 1);
        i.mix(unit, 2);
    }
    i.open_and_count();
    Case::of(i).fails("V17", "MIX-16", format!("unit {UNIT}")).finds("V17", rule, entry(post))
}

/// The same with bytes that need not be a mix.
fn bytes(rule: &'static str, change: impl FnOnce(&mut Vec<u8>)) -> Case {
    let mut i = town::sealed();
    let mut bytes = i.make_mix(UNIT, 1).to_bytes();
    change(&mut bytes);
    let post = i.post(PostKind::Mix, 1, &bytes);
    for unit in i.mixed_units().into_iter().filter(|u| *u != UNIT) {
        i.mix(unit, 1);
        i.mix(unit, 2);
    }
    i.open_and_count();
    Case::of(i).fails("V17", "MIX-16", format!("unit {UNIT}")).finds("V17", rule, entry(post))
}

/// A cunning prover for the first stage.
pub fn shuffler(rule: &'static str, change: impl FnOnce(&mut Shuffler) -> Mix) -> Case {
    first_stage(rule, |i| {
        let mut shuffler = i.shuffler(UNIT, 1);
        change(&mut shuffler)
    })
}

/// Honest choices, and then other outputs under the proof.
fn outputs(rule: &'static str, change: impl FnOnce(&mut Vec<Ciphertext>, &Shuffler)) -> Case {
    shuffler(rule, |s| {
        let mut outputs = s.outputs();
        change(&mut outputs, s);
        s.prove(outputs)
    })
}

fn reencrypted(s: &Shuffler, row: &Ciphertext, rho: Scalar) -> Ciphertext {
    let columns = row.columns.iter().zip(s.key.columns()).map(|(b, h)| p(b.point() + rho * h.point())).collect();
    Ciphertext { pad: p(row.pad.point() + RistrettoPoint::mul_base(&rho)), columns }
}

pub fn rows() -> Vec<Row> {
    let mut rows = contents::rows();
    rows.extend(proofs());
    rows.extend(chains::rows());
    rows.extend(encodings());
    rows
}

fn proofs() -> Vec<Row> {
    let logs = || Some((0..4).map(|i| lab::scalar(&format!("log {i}"))).collect::<Vec<_>>());
    vec![
        row("mix: bases with a trapdoor, a row replaced", "A07 A09", move || {
            shuffler("MIX-6", move |s| {
                s.logs = logs();
                s.tilt[0] = Scalar::from(5u8);
                let mix = s.mix();
                assert!(s.convinces(&mix), "with its own bases the forgery is perfect");
                mix
            })
        }),
        row("mix: bases with a trapdoor, honest otherwise", "A07", move || {
            shuffler("MIX-6", move |s| {
                s.logs = logs();
                let mix = s.mix();
                assert!(s.convinces(&mix));
                mix
            })
        }),
        row("mix: bases in another order", "A07 B07", || {
            shuffler("MIX-8", |s| {
                let mut bases = s.bases();
                bases.swap(1, 2);
                s.own_bases = Some(bases);
                let mix = s.mix();
                assert!(s.convinces(&mix));
                mix
            })
        }),
        row("mix: one base twice", "A07 B07", || {
            shuffler("MIX-6", |s| {
                let mut bases = s.bases();
                bases[2] = bases[1];
                s.own_bases = Some(bases);
                let mix = s.mix();
                assert!(s.convinces(&mix));
                mix
            })
        }),
        row("mix: bases from another seed", "B07 A07", || {
            shuffler("MIX-6", |s| {
                let base = |i: u32| ballot::encode::hash_to_group("shuffle-base-2", &[&i.to_be_bytes()]);
                s.own_bases = Some((0..4).map(base).collect());
                let mix = s.mix();
                assert!(s.convinces(&mix));
                mix
            })
        }),
        row("mix: a proof for another election", "A13 E13", || {
            shuffler("MIX-6", |s| {
                s.election = [1; 32];
                s.mix()
            })
        }),
        row("mix: a proof for another counted set", "A13 F07 M54", || {
            shuffler("MIX-6", |s| {
                s.counted = [1; 32];
                s.mix()
            })
        }),
        row("mix: a proof for another unit", "A13 G02", || {
            shuffler("MIX-6", |s| {
                s.unit = 4;
                let mut mix = s.mix();
                mix.head.unit = 3;
                mix
            })
        }),
        row("mix: a proof for another stage", "A13 G02", || {
            shuffler("MIX-6", |s| {
                s.stage = 2;
                let mut mix = s.mix();
                mix.head.stage = 1;
                mix
            })
        }),
        row("mix: a proof by another mixer", "A13 G02 E13", || {
            shuffler("MIX-6", |s| {
                s.mixer = 2;
                let mut mix = s.mix();
                mix.head.mixer = 1;
                mix
            })
        }),
        row("mix: all of the proof is G and zero", "A09", || {
            bytes("MIX-6", |b| {
                let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED;
                let at = 48 + 6 * 32;
                b[at..at + 14 * 32].chunks_mut(32).for_each(|c| c.copy_from_slice(g.as_bytes()));
                b[at + 14 * 32..].fill(0);
            })
        }),
        row("one permutation for two units", "C10 G05", || {
            let mut i = town::sealed();
            let (one, mut two) = (i.shuffler(3, 1), i.shuffler(4, 1));
            two.r.clone_from(&one.r);
            assert_eq!(one.commitment(), two.commitment());
            i.post_mix(one.mix(), 1);
            let post = i.post_mix(two.mix(), 1);
            i.mix(3, 2);
            i.mix(4, 2);
            i.mix(5, 1);
            i.mix(5, 2);
            i.open_and_count();
            Case::of(i).fails("V17", "MIX-16", "unit 4").finds("V17", "MIX-15", entry(post))
        }),
        row("one permutation for two stages", "G05 C10", || {
            let mut i = town::sealed();
            let one = i.shuffler(3, 1);
            i.post_mix(one.mix(), 1);
            let mut two = i.shuffler(3, 2);
            two.r.clone_from(&one.r);
            let post = i.post_mix(two.mix(), 2);
            for unit in [4, 5] {
                i.mix(unit, 1);
                i.mix(unit, 2);
            }
            i.open_and_count();
            Case::of(i).fails("V17", "MIX-16", "unit 3").finds("V17", "MIX-15", entry(post))
        }),
    ]
}

fn encodings() -> Vec<Row> {
    const ROWS: usize = 48;
    vec![
        row("mix: an output that is no point", "B01 M32", || bytes("DEC-1", |b| b[ROWS] ^= 1)),
        row("mix: an output that is the identity", "B02 M31", || bytes("DEC-2", |b| b[ROWS..ROWS + 32].fill(0))),
        row("mix: s + l in the proof", "B04 M30", || {
            bytes("DEC-3", |b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&plus_order(s));
            })
        }),
        row("mix: a byte more", "M33 B08", || bytes("DEC-4", |b| b.push(0))),
        row("mix: a byte less", "M67 B08", || bytes("DEC-5", |b| _ = b.pop())),
        row("mix: a head and nothing more", "A09 B08", || bytes("DEC-5", |b| b.truncate(48))),
        row("mix: half a head", "A09 B08", || bytes("DEC-5", |b| b.truncate(20))),
        row("mix: four billion rows", "A09 B08", || bytes("MIX-12", |b| b[42..46].fill(0xff))),
        row("mix: no rows", "A09", || bytes("MIX-12", |b| b[42..46].fill(0))),
        row("mix: two columns", "A09", || bytes("MIX-12", |b| b[47] = 2)),
        row("mix: another type", "B08", || bytes("DEC-6", |b| b[0] = 39)),
        row("mix: another input", "G02", || bytes("MIX-12", |b| b[10] ^= 1)),
    ]
}
