//! Faults of single trustees while the election is opened, or before it is sealed: named with their author, and no alarm.

use super::case::{Case, Row, entry, row};
use crate::insider::{Item, town};
use crate::lab;
use ballot::Scalar;
use ballot::encode::{Point, Record};
use board::PostKind;

pub fn rows() -> Vec<Row> {
    let mut rows = opening();
    rows.extend(drills());
    rows
}

fn opening() -> Vec<Row> {
    vec![
        row("fault: a trustee sends garbage", "F08 B08", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2, 3]);
            let posts = [
                ("DEC-6", i.post(PostKind::Opening, 3, b"garbage")),
                ("DEC-6", i.post(PostKind::Opening, 3, &[7; 60])),
                ("DEC-5", i.post(PostKind::Opening, 3, &[])),
            ];
            i.openings();
            i.result();
            posts.iter().fold(Case::of(i), |case, (rule, post)| case.finds("V19", rule, entry(*post)))
        }),
        row("fault: every block of an opening flipped, one by one", "A09 F08 M50 B01 B04", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2, 3]);
            let right = i.opening(3, 3).to_bytes();
            let mut posts = Vec::new();
            for block in 0..(right.len() - 46) / 32 {
                let mut wrong = right.clone();
                let at = 46 + 32 * block;
                wrong[at] ^= 2;
                let array: [u8; 32] = wrong[at..at + 32].try_into().unwrap();
                let last = block == (right.len() - 46) / 32 - 1;
                let rule = match (last, Point::decode(&array).is_ok()) {
                    (false, false) => "DEC-1",
                    _ => "OPEN-4",
                };
                posts.push((rule, i.post(PostKind::Opening, 3, &wrong)));
            }
            i.openings();
            i.result();
            posts.into_iter().fold(Case::of(i), |case, (rule, post)| case.finds("V19", rule, entry(post)))
        }),
        row("fault: a trustee's factors are wrong, others suffice", "F08 M50", || {
            let mut i = town::mixed();
            i.intents_of(&[1, 2, 3]);
            let mut wrong = i.opening(1, 0);
            wrong.factors.swap(0, 1);
            let post = i.post(PostKind::Opening, 1, &wrong.to_bytes());
            i.openings_of(&[2, 3]);
            i.result();
            Case::of(i).finds("V19", "OPEN-4", entry(post))
        }),
        row("fault: a trustee opens twice", "F08 M53", || {
            let mut i = town::declared();
            i.openings();
            let again = i.opening(1, 0);
            let post = i.post(PostKind::Opening, 1, &again.to_bytes());
            i.result();
            Case::of(i).finds("V19", "OPEN-6", entry(post))
        }),
        row("a trustee opens after the result", "F08", || {
            let mut i = town::done();
            i.intents_of(&[3]);
            let late = i.opening(3, 0).to_bytes();
            let at = i.post(PostKind::Opening, 3, &late);
            Case::of(i).fails("V7", "PHASE-8", entry(at)).fails("V7", "PHASE-8", entry(at - 1))
        }),
        row("fault: a trustee opens a unit that is withheld", "C13 C06", || {
            let mut i = town::withheld();
            assert!(i.to_open().is_empty());
            let unit = &mut i.units[0];
            unit.rows = i.casts.iter().map(|c| c.parts[0].clone()).collect();
            unit.stage = Some(unit.opened_rows().hash());
            let opening = i.opening(1, 0).to_bytes();
            let post = i.post(PostKind::Opening, 1, &opening);
            let mut intent = i.intent(1);
            intent.units = vec![(0, i.units[0].stage.unwrap())];
            let declared = i.post(PostKind::Intent, 1, &intent.to_bytes());
            i.result();
            Case::of(i).finds("V18", "OPEN-2", entry(declared)).finds("V19", "OPEN-5", entry(post))
        }),
        row("fault: factors for a sum that needs none", "B02 F08", || {
            let mut i = town::new();
            i.begin();
            // Voters 0 and 3 are alone in their district, and their nonces cancel out in the first contest.
            let nonce = lab::scalar("a nonce");
            let mut items = Vec::new();
            for (voter, nonce) in [(0, nonce), (3, -nonce)] {
                let ballot = i.ballot(voter, &town::vote(1, 1));
                let m = [0u8, 1, 0, 0];
                let part = i.cunning_part(ballot.context(), (0, 0), (&m.map(Scalar::from), &m), Some(nonce), |_| {});
                let parts = vec![part, ballot.parts()[1].clone()];
                items.push(Item::Cast(i.styles()[0].assemble(*ballot.context(), parts).bytes().to_vec()));
            }
            i.batch(items);
            i.close();
            i.drill();
            i.fix();
            i.mixes();
            i.intents();
            let mut opening = i.opening(1, 3);
            opening.head = trustee::open::OpeningHead { unit: 0, stage: i.units[0].stage.unwrap(), rows: 1, width: 4, ..opening.head };
            opening.factors = (0..4).map(|c| lab::point(&format!("any {c}"))).collect();
            let post = i.post(PostKind::Opening, 1, &opening.to_bytes());
            i.openings();
            i.result();
            Case::of(i).finds("V19", "OPEN-7", entry(post))
        }),
        row("fault: one wrong intent, others suffice", "C05 C06", || {
            let mut i = town::mixed();
            let mut wrong = i.intent(1);
            wrong.counted = [1; 32];
            let post = i.post(PostKind::Intent, 1, &wrong.to_bytes());
            i.intents_of(&[2, 3]);
            i.openings_of(&[2, 3]);
            i.result();
            Case::of(i).finds("V18", "OPEN-2", entry(post))
        }),
        row("fault: a second intent that differs", "C05 C13", || {
            let mut i = town::declared();
            let mut second = i.intent(1);
            second.units[0].1 = [1; 32];
            let post = i.post(PostKind::Intent, 1, &second.to_bytes());
            i.openings();
            i.result();
            Case::of(i).finds("V18", "OPEN-2", entry(post))
        }),
        row("fault: a second intent for fewer units is none", "C05", || {
            let mut i = town::declared();
            let mut second = i.intent(1);
            second.units.truncate(2);
            i.post(PostKind::Intent, 1, &second.to_bytes());
            i.openings();
            i.result();
            Case::of(i)
        }),
        row("fault: an intent that cannot be read", "B08 C05", || {
            let mut i = town::mixed();
            let post = i.post(PostKind::Intent, 3, b"intent");
            i.open_and_count();
            Case::of(i).finds("V18", "DEC-6", entry(post))
        }),
        row("fault: a trustee opens before its intent", "C05", || {
            let mut i = town::declared();
            let early = i.opening(3, 0).to_bytes();
            let post = i.post(PostKind::Opening, 3, &early);
            i.intents_of(&[3]);
            i.openings();
            i.result();
            Case::of(i).finds("V19", "OPEN-6", entry(post))
        }),
    ]
}

fn drills() -> Vec<Row> {
    vec![
        row("fault: a dead share before seal, t are alive", "F08 F09", || {
            let mut i = town::voted();
            i.close();
            i.annul(&[3]);
            i.drill_of(&[1, 2]);
            let nonce = ballot::encode::sha256(&i.drills.to_be_bytes());
            let mut wrong = i.keys().secrets[2].clone();
            wrong[1] += lab::scalar("damage");
            let answer = i.answer(3, i.drills, &nonce, &wrong);
            let post = i.post(PostKind::Drill, 3, &answer);
            i.fix();
            i.count();
            Case::of(i).finds("V10", "DRILL-1", entry(post))
        }),
        row("fault: no drill before seal is reported", "F09", || {
            let mut i = town::voted();
            i.close();
            i.annul(&[3]);
            let at = i.seal();
            i.closing();
            i.count();
            Case::of(i).finds("V10", "PHASE-7", entry(at))
        }),
        row("fault: too few answers before seal are reported", "F09", || {
            let mut i = town::voted();
            i.close();
            i.annul(&[3]);
            i.drill_of(&[2]);
            let at = i.seal();
            i.closing();
            i.count();
            Case::of(i).finds("V10", "PHASE-7", entry(at))
        }),
        row("fault: a drill is answered twice", "F06", || {
            let mut i = town::closed();
            let nonce = ballot::encode::sha256(&i.drills.to_be_bytes());
            let secrets = i.keys().secrets[0].clone();
            let again = i.answer(1, i.drills, &nonce, &secrets);
            let post = i.post(PostKind::Drill, 1, &again);
            i.fix();
            i.count();
            Case::of(i).finds("V10", "KEY-1", entry(post))
        }),
        row("fault: a wrong answer, and then the right one", "F08", || {
            let mut i = town::voted();
            i.close();
            i.annul(&[3]);
            i.drill_of(&[2]);
            let nonce = ballot::encode::sha256(&i.drills.to_be_bytes());
            let wrong = i.keys().secrets[1].clone();
            let answer = i.answer(1, i.drills, &nonce, &wrong);
            let first = i.post(PostKind::Drill, 1, &answer);
            let right = i.keys().secrets[0].clone();
            let answer = i.answer(1, i.drills, &nonce, &right);
            let second = i.post(PostKind::Drill, 1, &answer);
            i.drill_of(&[1, 2, 3]);
            i.fix();
            i.count();
            Case::of(i).finds("V10", "DRILL-1", entry(first)).finds("V10", "KEY-1", entry(second))
        }),
    ]
}
