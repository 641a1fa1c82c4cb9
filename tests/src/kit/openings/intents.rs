//! What trustees say that they will open.

use super::*;

pub fn rows() -> Vec<Row> {
    // Trustees 1 and 2 declare with this turned; then both open rightly.
    let both = |rule: &'static str, change: fn(&mut Intent)| {
        let mut i = town::mixed();
        let mut posts = Vec::new();
        for j in [1, 2] {
            let mut intent = i.intent(j);
            change(&mut intent);
            posts.push(i.post(PostKind::Intent, j, &intent.to_bytes()));
        }
        i.openings();
        i.result();
        let mut case = Case::of(i);
        for unit in 0..6 {
            case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
        }
        posts.iter().fold(case, |case, post| case.finds("V18", rule, entry(*post)))
    };
    vec![
        row("no intents", "C05 C07", || {
            let mut i = town::mixed();
            i.openings();
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            let mut case = Case::of(i).finds("V19", "OPEN-6", entry(first));
            for unit in 0..6 {
                case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
            }
            case
        }),
        row("openings stand before the intents", "C05 C12", || {
            let mut i = town::mixed();
            i.openings();
            i.intents();
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(first)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("one trustee opens before the second intent", "C05 C12", || {
            let mut i = town::mixed();
            i.intents_of(&[1]);
            i.openings_of(&[1]);
            i.intents_of(&[2]);
            i.openings_of(&[2]);
            i.result();
            let first = i.posts_of(PostKind::Opening)[0];
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(first)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("openings of one who has declared nothing", "C05", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2]);
            i.openings_of(&[1, 3]);
            i.result();
            let post = *i.posts_of(PostKind::Opening).last().unwrap();
            (0..6)
                .fold(Case::of(i).finds("V19", "OPEN-6", entry(post)), |case, unit| case.fails("V19", "COMBINE-2", format!("unit {unit}")))
        }),
        row("intents for another counted set", "C05 C06 M54", move || both("OPEN-2", |i| i.counted = [1; 32])),
        row("intents for another size", "C05 M35", move || both("OPEN-2", |i| i.size += 1)),
        row("intents for another root", "C05 E08 M34", move || both("OPEN-2", |i| i.root = [1; 32])),
        row("intents with other stage hashes", "C05 G02", move || both("OPEN-2", |i| i.units.iter_mut().for_each(|u| u.1 = [1; 32]))),
        row("intents with another trustee's index", "C05 F06", move || both("OPEN-2", |i| i.trustee = 3)),
        row("intents not sorted", "A12", || {
            let mut i = town::mixed();
            let mut posts = Vec::new();
            for j in [1, 2] {
                let mut intent = i.intent(j);
                intent.units.swap(0, 1);
                posts.push(i.post(PostKind::Intent, j, &intent.to_bytes()));
            }
            i.openings();
            i.result();
            let mut case = Case::of(i).finds("V18", "DEC-9", entry(posts[0]));
            for unit in 0..6 {
                case = case.fails("V18", "OPEN-3", format!("unit {unit}")).fails("V19", "COMBINE-2", format!("unit {unit}"));
            }
            case
        }),
        row("intents without one unit", "F08", || {
            let mut i = town::mixed();
            for j in [1, 2] {
                let mut intent = i.intent(j);
                intent.units.remove(2);
                i.post(PostKind::Intent, j, &intent.to_bytes());
            }
            i.openings();
            i.result();
            let post = i.posts_of(PostKind::Opening)[2];
            Case::of(i).fails("V18", "OPEN-3", "unit 2").fails("V19", "COMBINE-2", "unit 2").finds("V19", "OPEN-6", entry(post))
        }),
    ]
}
