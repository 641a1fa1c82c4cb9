//! Mixes whose output is not the input in another order.

use super::*;

pub fn rows() -> Vec<Row> {
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
