//! The order of stages, and who mixes.

use super::*;

pub fn rows() -> Vec<Row> {
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
