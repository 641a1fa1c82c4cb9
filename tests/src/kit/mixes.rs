//! Mixers that drop, add, turn or trace rows, and chains that are broken. V17.
//!
//! A mix that does not verify is a finding with its author; here nobody steps in, so the unit fails as well. Where somebody does, see
//! `faults`.

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

pub fn rows() -> Vec<Row> {
    let mut rows = contents();
    rows.extend(proofs());
    rows.extend(chains());
    rows.extend(encodings());
    rows
}

fn contents() -> Vec<Row> {
    let g = RistrettoPoint::mul_base;
    vec![
        row("mix: the prover of these tests is right", "", || {
            let mut i = town::sealed();
            let shuffler = i.shuffler(UNIT, 1);
            let mix = shuffler.mix();
            assert!(shuffler.convinces(&mix));
            i.post_mix(mix, 1);
            i.mix(UNIT, 2);
            for unit in [4, 5] {
                i.mix(unit, 1);
                i.mix(unit, 2);
            }
            i.open_and_count();
            Case::of(i)
        }),
        row("mix: a row dropped and another doubled", "G01 M43 M44", || {
            outputs("MIX-9", |rows, s| {
                let again = s.rho[2];
                rows[0] = reencrypted(s, &s.inputs[s.psi[1]].clone(), again);
            })
        }),
        row("mix: a row dropped and another doubled, and committed to", "G01 M43 M44", || {
            shuffler("MIX-6", |s| {
                s.psi = vec![1, 1, 0];
                s.mix()
            })
        }),
        row("mix: a row replaced", "G01 M45 M04", move || {
            outputs("MIX-9", move |rows, s| {
                let r = lab::scalar("r");
                let column = g(&Scalar::from(3u8)) + r * s.key.columns()[0].point();
                rows[0] = Ciphertext { pad: p(g(&r)), columns: vec![p(column)] };
            })
        }),
        row("mix: a vote changed in place", "G01 M45", move || {
            outputs("MIX-10", move |rows, _| {
                rows[1].columns[0] = p(rows[1].columns[0].point() + g(&Scalar::ONE));
            })
        }),
        row("mix: votes changed so that they cancel", "G01 M63", move || {
            outputs("MIX-10", move |rows, _| {
                rows[0].columns[0] = p(rows[0].columns[0].point() + g(&Scalar::ONE));
                rows[1].columns[0] = p(rows[1].columns[0].point() - g(&Scalar::ONE));
            })
        }),
        row("mix: columns of two rows exchanged", "G01 M45", || {
            outputs("MIX-10", |rows, _| {
                let one = rows[0].columns[0];
                rows[0].columns[0] = rows[1].columns[0];
                rows[1].columns[0] = one;
            })
        }),
        row("mix: a row times two", "C08 G01", || {
            shuffler("MIX-7", |s| {
                s.tilt[1] = Scalar::from(2u8);
                s.mix()
            })
        }),
        row("mix: other rows mixed with an honest proof", "G01 G02 C05", || {
            first_stage("MIX-12", |i| {
                let mut rows = i.units[UNIT].rows.clone();
                rows[0] = i.units[UNIT + 1].rows[0].clone();
                i.make_mix_of(&rows, UNIT, 1, 1)
            })
        }),
        row("mix: other rows mixed, the right input named", "G01 G02", || {
            first_stage("MIX-6", |i| {
                let mut rows = i.units[UNIT].rows.clone();
                rows[0] = i.units[UNIT + 1].rows[0].clone();
                let right = i.make_mix(UNIT, 1).head.input;
                let mut mix = i.make_mix_of(&rows, UNIT, 1, 1);
                mix.head.input = right;
                mix
            })
        }),
        row("mix: one voter's ballot in many copies", "C05 G01", || {
            first_stage("MIX-12", |i| {
                let row = i.units[UNIT].rows[0].clone();
                i.make_mix_of(&[row.clone(), row.clone(), row], UNIT, 1, 1)
            })
        }),
        row("mix: input not sorted", "C12 G02", || {
            first_stage("MIX-12", |i| {
                let mut rows = i.units[UNIT].rows.clone();
                rows.swap(0, 1);
                i.make_mix_of(&rows, UNIT, 1, 1)
            })
        }),
        row("mix: a superseded ballot among the rows", "F07 M54 G01", || {
            first_stage("MIX-12", |i| {
                let old = i.casts.iter().find(|c| c.facts.voter == i.voter(0) && c.facts.number == 1).unwrap().parts[1].clone();
                let mut rows = i.units[UNIT].rows.clone();
                rows[0] = old;
                rows.sort_by_key(Ciphertext::row);
                i.make_mix_of(&rows, UNIT, 1, 1)
            })
        }),
        row("mix: one row less", "G01 M43 A09", || {
            first_stage("MIX-12", |i| {
                let rows = i.units[UNIT].rows[1..].to_vec();
                i.make_mix_of(&rows, UNIT, 1, 1)
            })
        }),
        row("mix: one row more", "G01 M44 A09", || {
            first_stage("MIX-12", |i| {
                let mut rows = i.units[UNIT].rows.clone();
                rows.push(i.units[UNIT + 1].rows[0].clone());
                i.make_mix_of(&rows, UNIT, 1, 1)
            })
        }),
        row("mix: nothing changed at all", "G03 M48", || {
            shuffler("MIX-15", |s| {
                s.psi = vec![0, 1, 2];
                s.rho.fill(Scalar::ZERO);
                s.mix()
            })
        }),
        row("mix: permuted, and not re-encrypted", "G03 M48", || {
            shuffler("MIX-15", |s| {
                s.rho.fill(Scalar::ZERO);
                s.mix()
            })
        }),
        row("mix: one victim's row kept", "G03 M48", || {
            shuffler("MIX-15", |s| {
                s.rho[1] = Scalar::ZERO;
                s.mix()
            })
        }),
        row("mix: every row in its place, re-encrypted: nobody can tell", "G03", || {
            let mut i = town::sealed();
            let mut shuffler = i.shuffler(UNIT, 1);
            shuffler.psi = vec![0, 1, 2];
            i.post_mix(shuffler.mix(), 1);
            i.mix(UNIT, 2);
            for unit in [4, 5] {
                i.mix(unit, 1);
                i.mix(unit, 2);
            }
            i.open_and_count();
            Case::of(i)
        }),
        row("mix: votes moved between columns of a ranking", "M66 G01", between_columns),
    ]
}

fn reencrypted(s: &Shuffler, row: &Ciphertext, rho: Scalar) -> Ciphertext {
    let columns = row.columns.iter().zip(s.key.columns()).map(|(b, h)| p(b.point() + rho * h.point())).collect();
    Ciphertext { pad: p(row.pad.point() + RistrettoPoint::mul_base(&rho)), columns }
}

/// What one weight for all columns of MIX-10 would let pass.
fn between_columns() -> Case {
    let order = lab::contest("order", Rule::Rank { places: 2 }, 3);
    let mut i = Insider::new(Setup::new(vec![order], 1).manifest());
    i.ceremony();
    i.open_for(4);
    i.cast(&[(0, vec![vec![1, 2]]), (1, vec![vec![2, 0]]), (2, vec![vec![3, 1]])]);
    i.close();
    i.drill();
    i.fix();
    let shuffler = i.shuffler(0, 1);
    let mut rows = shuffler.outputs();
    let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    rows[0].columns[0] = p(rows[0].columns[0].point() + g);
    rows[0].columns[1] = p(rows[0].columns[1].point() - g);
    let post = i.post_mix(shuffler.prove(rows), 1);
    i.mix(0, 2);
    i.open_and_count();
    Case::of(i).fails("V17", "MIX-16", "unit 0").finds("V17", "MIX-10", entry(post))
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

fn chains() -> Vec<Row> {
    // The first unit as the step leaves it, the others honest.
    let unit = |rule: Option<&'static str>, step: &dyn Fn(&mut Insider) -> usize| {
        let mut i = town::sealed();
        let post = step(&mut i);
        for unit in [4, 5] {
            i.mix(unit, 1);
            i.mix(unit, 2);
        }
        i.open_and_count();
        let case = Case::of(i).fails("V17", "MIX-16", format!("unit {UNIT}"));
        match rule {
            Some(rule) => case.finds("V17", rule, entry(post)),
            None => case,
        }
    };
    vec![
        row("no mix at all", "G03 M48", move || unit(None, &|_| 0)),
        row("one stage of two", "G03 M43", move || unit(None, &|i| i.mix(UNIT, 1))),
        row("one mixer does both stages", "G02 G03", move || {
            unit(Some("MIX-14"), &|i| {
                i.mix(UNIT, 1);
                i.mix(UNIT, 1)
            })
        }),
        row("one mixer, the same output twice", "G02", move || {
            unit(Some("MIX-13"), &|i| {
                let before = i.units[UNIT].clone();
                i.mix(UNIT, 1);
                let after = std::mem::replace(&mut i.units[UNIT], before);
                let post = i.mix(UNIT, 2);
                i.units[UNIT] = after;
                post
            })
        }),
        row("the second stage stands before the first", "G02 M47", move || {
            unit(Some("MIX-12"), &|i| {
                let before = i.units[UNIT].clone();
                let one = i.make_mix(UNIT, 1);
                i.units[UNIT].rows.clone_from(&one.outputs);
                i.units[UNIT].mixes.push(one.clone());
                let two = i.make_mix(UNIT, 2);
                i.units[UNIT] = before;
                let post = i.post_mix(two, 2);
                i.post_mix(one, 1);
                post
            })
        }),
        row("the second stage starts from rows encrypted again", "G02 M46", move || {
            unit(Some("MIX-12"), &|i| {
                i.mix(UNIT, 1);
                let shuffler = i.shuffler(UNIT, 2);
                let rows: Vec<Ciphertext> = i.units[UNIT].rows.iter().map(|r| reencrypted(&shuffler, r, lab::scalar("again"))).collect();
                let mix = i.make_mix_of(&rows, UNIT, 2, 2);
                i.post_mix(mix, 2)
            })
        }),
        row("the second stage starts from the ballots", "G02 M46", move || {
            unit(Some("MIX-12"), &|i| {
                let ballots = i.units[UNIT].rows.clone();
                i.mix(UNIT, 1);
                let mix = i.make_mix_of(&ballots, UNIT, 2, 2);
                i.post_mix(mix, 2)
            })
        }),
        row("the second stage is a copy of the first", "G02 M47", move || {
            unit(Some("MIX-15"), &|i| {
                i.mix(UNIT, 1);
                let mut copy = i.units[UNIT].mixes[0].clone();
                (copy.head.stage, copy.head.mixer) = (2, 2);
                copy.head.input = i.shuffler(UNIT, 2).mix().head.input;
                let mut other = i.shuffler(UNIT, 2);
                other.rho.rotate_left(1);
                copy.outputs = other.outputs();
                i.post_mix(copy, 2)
            })
        }),
        row("the second stage names the first mixer", "G02", move || {
            unit(Some("MIX-12"), &|i| {
                i.mix(UNIT, 1);
                let mix = i.make_mix(UNIT, 1);
                i.post_mix(mix, 2)
            })
        }),
        row("stage 0", "G02 A09", move || {
            unit(Some("MIX-12"), &|i| {
                let mix = i.make_mix_of(&i.units[UNIT].rows.clone(), UNIT, 0, 1);
                i.post_mix(mix, 1)
            })
        }),
        row("the third stage after the first", "G02", move || {
            unit(Some("MIX-12"), &|i| {
                i.mix(UNIT, 1);
                let mix = i.make_mix_of(&i.units[UNIT].rows.clone(), UNIT, 3, 2);
                i.post_mix(mix, 2)
            })
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
