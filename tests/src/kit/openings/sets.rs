//! Openings of another set, or for another statement.

use super::*;

/// Trustees declare and open the sum of another set of ballots in unit 0.
fn other_set(choose: impl Fn(&Insider) -> Vec<Ciphertext>, trustees: &[u16]) -> Case {
    let mut i = town::mixed();
    let rows = choose(&i);
    let right = i.units[0].clone();
    let mut other = right.clone();
    other.rows = rows;
    other.stage = Some(other.opened_rows().hash());
    let mut posts = Vec::new();
    for j in [1u16, 2] {
        i.units[0] = if trustees.contains(&j) { other.clone() } else { right.clone() };
        let intent = i.intent(j).to_bytes();
        posts.push(i.post(PostKind::Intent, j, &intent));
    }
    i.units[0] = other.clone();
    for j in [1u16, 2] {
        let kept = i.units[0].openings.clone();
        i.units[0] = if trustees.contains(&j) { other.clone() } else { right.clone() };
        i.units[0].openings = kept;
        i.openings_of(&[j]);
    }
    i.result();
    let mut case = Case::of(i).fails("V18", "OPEN-3", "unit 0").fails("V19", "COMBINE-2", "unit 0");
    for j in trustees {
        case = case.finds("V18", "OPEN-2", entry(posts[usize::from(*j) - 1]));
    }
    case
}

fn of_district(i: &Insider) -> impl Iterator<Item = &crate::insider::Cast> {
    i.casts.iter().filter(|c| c.facts.district == 0)
}

pub fn rows() -> Vec<Row> {
    vec![
        row("the sum of all but one ballot", "F07 M54 C06 C13", || other_set(|i| i.units[0].rows[1..].to_vec(), &[1, 2])),
        row("the sum with a superseded ballot", "F07 M54", || {
            other_set(
                |i| {
                    let old = of_district(i).find(|c| c.facts.voter == i.voter(0) && c.facts.number == 1).unwrap();
                    [i.units[0].rows.clone(), vec![old.parts[0].clone()]].concat()
                },
                &[1, 2],
            )
        }),
        row("the sum with an annulled ballot", "F07 E04 M54", || {
            other_set(
                |i| {
                    let annulled = of_district(i).find(|c| c.facts.voter == i.voter(3)).unwrap();
                    [i.units[0].rows.clone(), vec![annulled.parts[0].clone()]].concat()
                },
                &[1, 2],
            )
        }),
        row("the sum with one ballot twice", "F07 M29 F14", || {
            other_set(|i| [i.units[0].rows.clone(), vec![i.units[0].rows[0].clone()]].concat(), &[1, 2])
        }),
        row("one voter's ballot alone", "C05 C06 C13", || other_set(|i| vec![i.units[0].rows[0].clone()], &[1, 2])),
        row("one trustee opens one voter's ballot", "C05 C06 C13", || other_set(|i| vec![i.units[0].rows[0].clone()], &[1])),
        row("the ballots are opened without the mixes", "C05 C06 G03", || {
            let mut i = town::mixed();
            let mixed = i.units[3].clone();
            i.units[3].rows = town::sealed().units[3].rows.clone();
            i.intents();
            i.openings();
            i.result();
            // The intents name the stage, the openings are of other rows.
            let posts: Vec<usize> = i.posts_of(PostKind::Opening);
            let case = Case::of(i).fails("V19", "COMBINE-2", "unit 3").finds("V19", "OPEN-4", entry(posts[3]));
            assert_eq!(mixed.unit.number, 3);
            case
        }),
    ]
}
