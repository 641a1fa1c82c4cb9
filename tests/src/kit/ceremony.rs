//! Key ceremonies that must not lead to an election, and drills that were not passed. V9, V10.

use super::case::{Case, Row, entry, row};
use crate::insider::{Insider, Script, town};
use crate::lab;
use ballot::encode::hash;
use ballot::{RistrettoPoint, Scalar};
use board::{OrderKind, PostKind};

const SESSION: [u8; 32] = [7; 32];
/// Where a point and its proof stand in a reveal: behind head and salt.
const FIRST: usize = 2 + 32 + 2 + 32;

/// An election with the key of a ceremony that is not honest: it must fail where the key is named, and the post be named with its rule.
fn election(script: Script<'_>, rule: &'static str, (kind, trustee): (PostKind, u16)) -> Case {
    let mut i = town::new();
    i.ceremony_with(script);
    let posts = i.posts_of(kind);
    let post = posts[posts.len().min(trustee.into()) - 1];
    let at = go_on(&mut i);
    // What comes after the fault is late, and stands in the session that *open* names.
    no_key(i, at).fails("V9", rule, entry(post)).within_these_checks()
}

/// Everything after the ceremony; gives the order *open*.
fn go_on(i: &mut Insider) -> usize {
    let at = i.open_for(12);
    i.votes();
    i.finish();
    at
}

fn no_key(i: Insider, open: usize) -> Case {
    Case::of(i).fails("V9", "KEY-10", entry(open)).fails("V10", "PHASE-2", entry(open))
}

fn reveal(rule: &'static str, change: impl Fn(&mut Vec<u8>)) -> Case {
    let mut script = Script::honest(SESSION);
    script.reveal = Box::new(|j, bytes| {
        if j == 2 {
            change(bytes);
        }
    });
    election(script, rule, (PostKind::Reveal, 2))
}

fn commit(rule: &'static str, change: impl Fn(&mut Vec<u8>)) -> Case {
    let mut script = Script::honest(SESSION);
    script.commit = Box::new(|j, bytes| {
        if j == 2 {
            change(bytes);
        }
    });
    election(script, rule, (PostKind::Commit, 2))
}

fn coefficients(rule: &'static str, change: impl FnMut(&mut Vec<Vec<Vec<Scalar>>>)) -> Case {
    let mut script = Script::honest(SESSION);
    script.coefficients = Box::new(change);
    let mut i = town::new();
    i.ceremony_with(script);
    let post = i.posts_of(PostKind::Deal)[2];
    let at = i.open_for(12);
    i.votes();
    i.end();
    i.fix();
    i.result(); // nobody can open anything with such a key
    no_key(i, at).fails("V9", rule, entry(post)).within_these_checks()
}

pub fn rows() -> Vec<Row> {
    let mut rows = messages();
    rows.extend(sessions());
    rows.extend(drills());
    rows
}

fn messages() -> Vec<Row> {
    vec![
        row("commit: a higher threshold", "F03", || commit("KEY-2", |b| b[39] += 1)),
        row("commit: fewer columns", "F03", || commit("KEY-2", |b| b[41] -= 1)),
        row("commit: another number of trustees", "F03", || commit("KEY-2", |b| b[37] += 1)),
        row("commit: a byte more", "M33", || commit("DEC-4", |b| b.push(0))),
        row("commit: another type", "B08", || commit("DEC-6", |b| b[0] = 33)),
        row("reveal: not what was committed to", "F01 F02", || {
            let mut script = Script::honest(SESSION);
            script.commit = Box::new(|j, bytes| {
                if j == 3 {
                    *bytes.last_mut().unwrap() ^= 1;
                }
            });
            election(script, "KEY-3", (PostKind::Reveal, 3))
        }),
        row("reveal: one degree more", "F03 M38", || {
            let mut script = Script::honest(SESSION);
            script.coefficients = Box::new(|f| f[1].iter_mut().enumerate().for_each(|(c, f)| f.push(lab::scalar(&format!("more {c}")))));
            election(script, "KEY-4", (PostKind::Reveal, 2))
        }),
        row("reveal: one degree less", "F03 M38", || reveal("KEY-4", |b| b.truncate(b.len() - 96))),
        row("reveal: without proofs", "F01 M39", || reveal("KEY-4", |b| b.truncate(b.len() - 64))),
        row("reveal: a proof of nothing", "F01 M39", || {
            reveal("KEY-5", |b| {
                let at = b.len() - 32;
                b[at..].copy_from_slice(Scalar::ZERO.as_bytes());
            })
        }),
        row("reveal: the last trustee chooses the key", "F01", || {
            // C_3 = X - C_1 - C_2, with a proof that was made up: T = z·G - c·X for a c of its own.
            let mut script = Script::honest(SESSION);
            script.reveal = Box::new(|j, bytes| {
                if j == 3 {
                    let rogue = lab::scalar("rogue");
                    let (z, c) = (lab::scalar("z"), lab::scalar("c"));
                    let x = RistrettoPoint::mul_base(&rogue);
                    let t = RistrettoPoint::mul_base(&z) - c * x;
                    bytes[FIRST..FIRST + 32].copy_from_slice(x.compress().as_bytes());
                    bytes[FIRST + 32..FIRST + 64].copy_from_slice(t.compress().as_bytes());
                    bytes[FIRST + 64..FIRST + 96].copy_from_slice(z.as_bytes());
                }
            });
            election(script, "KEY-5", (PostKind::Reveal, 3))
        }),
        row("reveal: another trustee's coefficient and proof", "F01 A13", || {
            let first = std::cell::RefCell::new(Vec::new());
            let mut script = Script::honest(SESSION);
            script.reveal = Box::new(|j, bytes| match j {
                1 => *first.borrow_mut() = bytes[FIRST..FIRST + 96].to_vec(),
                2 => bytes[FIRST..FIRST + 96].copy_from_slice(&first.borrow()),
                _ => {}
            });
            election(script, "KEY-5", (PostKind::Reveal, 2))
        }),
        row("reveal: coefficients of two columns swapped", "A13 F01", || {
            reveal("KEY-5", |b| {
                let (one, two) = (b[FIRST..FIRST + 192].to_vec(), b[FIRST + 192..FIRST + 384].to_vec());
                b[FIRST..FIRST + 192].copy_from_slice(&two);
                b[FIRST + 192..FIRST + 384].copy_from_slice(&one);
            })
        }),
        row("reveal: a coefficient that is the identity", "B03 M40 F03", || reveal("DEC-2", |b| b[FIRST + 96..FIRST + 128].fill(0))),
        row("reveal: a coefficient that is no point", "B01", || reveal("DEC-1", |b| b[FIRST..FIRST + 32].fill(0xff))),
        row("reveal: a negative encoding", "B01", || reveal("DEC-1", |b| b[FIRST] ^= 1)),
        row("reveal: s + l in a proof", "B04", || {
            reveal("DEC-3", |b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&super::orders::plus_order(s));
            })
        }),
        row("deal: one recipient too few", "F05", || deal("DEC-5", |b| b.truncate(b.len() - 176))),
        row("deal: a byte more", "F05 M33", || deal("DEC-4", |b| b.push(0))),
        row("deal: an ephemeral key that is the identity", "F05 B03", || deal("DEC-2", |b| b[36..68].fill(0))),
        row("confirm: another key", "F04 M41", || {
            let mut script = Script::honest(SESSION);
            script.confirm = Box::new(|j, bytes| {
                if j == 2 {
                    *bytes.last_mut().unwrap() ^= 1;
                }
            });
            election(script, "KEY-8", (PostKind::Confirm, 2))
        }),
        row("a key that is the identity", "B03", || coefficients("KEY-6", |f| f[2][0][0] = -(f[0][0][0] + f[1][0][0]))),
        row("two columns with one key", "B03 D13", || coefficients("KEY-6", |f| f.iter_mut().for_each(|f| f[1] = f[0].clone()))),
        row("a trustee whose part is the identity", "B03", || {
            coefficients("KEY-6", |f| {
                // f(2) = 0 in column 1: a_1 = -a_0/2
                let zero: Scalar = f.iter().map(|f| f[0][0]).sum();
                f[2][0][1] = -(zero * Scalar::from(2u8).invert()) - f[0][0][1] - f[1][0][1];
            })
        }),
    ]
}

fn deal(rule: &'static str, change: impl Fn(&mut Vec<u8>)) -> Case {
    let mut script = Script::honest(SESSION);
    script.deal = Box::new(|j, bytes| {
        if j == 2 {
            change(bytes);
        }
    });
    election(script, rule, (PostKind::Deal, 2))
}

fn sessions() -> Vec<Row> {
    vec![
        row("one trustee has not confirmed", "F04 M41", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.confirming = vec![1, 3];
            i.ceremony_with(script);
            let at = go_on(&mut i);
            no_key(i, at)
        }),
        row("open names another key", "M42 E15", || {
            let mut i = town::new();
            i.ceremony();
            i.drill();
            i.enrol(12);
            i.roll();
            let at = i.order(OrderKind::Open, 0, hash("key", &[b"another"]), None);
            i.votes();
            i.finish();
            no_key(i, at)
        }),
        row("open names the key of an earlier session", "M42 E15", || {
            let mut i = town::new();
            i.ceremony_with(Script::honest([6; 32]));
            i.drill();
            let first = i.keys.clone();
            i.ceremony();
            i.drill();
            i.keys = first;
            i.enrol(12);
            i.roll();
            let at = i.open();
            i.votes();
            i.finish();
            no_key(i, at)
        }),
        row("confirmed in spite of a complaint", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.confirming = vec![];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 3, "share-2");
            let post = i.post(PostKind::Complaint, 2, &complaint);
            for trustee in 1..=3 {
                let head = board::ceremony::Head { session: SESSION, trustee };
                let confirm = board::ceremony::Confirm { head, key: i.keys().set.key.id() };
                i.post(PostKind::Confirm, trustee, &ballot::Record::to_bytes(&confirm));
            }
            let at = go_on(&mut i);
            no_key(i, at).fails("V9", "KEY-9", entry(post)).within_these_checks()
        }),
        row("a session id used twice", "F02", || {
            let mut i = town::new();
            i.order(OrderKind::Ceremony, 0, SESSION, None);
            let second = i.entries.len();
            i.begin();
            i.votes();
            i.finish();
            Case::of(i).fails("V9", "KEY-10", entry(second))
        }),
        row("messages of one trustee under another's name", "F04 F05", || {
            let mut script = Script::honest(SESSION);
            script.commit = Box::new(|j, bytes| {
                if j == 2 {
                    bytes[35] = 3;
                }
            });
            election(script, "KEY-1", (PostKind::Commit, 2))
        }),
        row("messages of another session", "F05 A13", || {
            let mut script = Script::honest(SESSION);
            script.deal = Box::new(|j, bytes| {
                if j == 2 {
                    bytes[2] ^= 1;
                }
            });
            let mut i = town::new();
            i.ceremony_with(script);
            let post = i.posts_of(PostKind::Deal)[1];
            let at = go_on(&mut i);
            no_key(i, at).finds("V9", "KEY-1", entry(post)).within_these_checks()
        }),
    ]
}

fn drills() -> Vec<Row> {
    // Ceremony, a drill as the step does it, then all the rest.
    let drill = |step: &dyn Fn(&mut Insider) -> Option<(&'static str, usize)>| {
        let mut i = town::new();
        i.ceremony();
        let found = step(&mut i);
        i.enrol(12);
        i.roll();
        let at = i.open();
        i.votes();
        i.finish();
        let case = Case::of(i).fails("V10", "PHASE-2", entry(at));
        match found {
            Some((rule, post)) => case.finds("V10", rule, entry(post)),
            None => case,
        }
    };
    let nonce = |i: &Insider| ballot::encode::sha256(&i.drills.to_be_bytes());
    vec![
        row("no drill", "F09", move || drill(&|_| None)),
        row("a drill without one trustee", "F09", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                None
            })
        }),
        row("two drills, each without one trustee", "F09", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                i.drill_of(&[2, 3]);
                None
            })
        }),
        row("a dead share", "F09 F05 M51", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                let mut wrong = i.keys().secrets[2].clone();
                wrong[0] += Scalar::ONE;
                let answer = i.answer(3, 1, &nonce(i), &wrong);
                Some(("DRILL-1", i.post(PostKind::Drill, 3, &answer)))
            })
        }),
        row("a share with two columns exchanged", "F09 F05", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                let mut wrong = i.keys().secrets[2].clone();
                wrong.swap(0, 1);
                let answer = i.answer(3, 1, &nonce(i), &wrong);
                Some(("DRILL-1", i.post(PostKind::Drill, 3, &answer)))
            })
        }),
        row("one trustee answers for another", "F06 F09 M53", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                let copied = i.blobs[&i.blob_of(*i.posts_of(PostKind::Drill).last().unwrap())].clone();
                Some(("KEY-1", i.post(PostKind::Drill, 3, &copied)))
            })
        }),
        row("one trustee answers in another's name", "F06 F09 M53", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                let other = i.keys().secrets[1].clone();
                let answer = i.answer(3, 1, &nonce(i), &other);
                Some(("DRILL-1", i.post(PostKind::Drill, 3, &answer)))
            })
        }),
        row("an answer to an earlier drill", "F09 A13", move || {
            drill(&|i| {
                i.drill_of(&[1, 2]);
                let first = nonce(i);
                i.drill_of(&[1, 2]);
                let secrets = i.keys().secrets[2].clone();
                let answer = i.answer(3, 2, &first, &secrets);
                Some(("DRILL-1", i.post(PostKind::Drill, 3, &answer)))
            })
        }),
        row("a drill of the key before", "F09", move || {
            let mut i = town::new();
            i.ceremony_with(Script::honest([6; 32]));
            i.drill();
            i.ceremony();
            i.enrol(12);
            i.roll();
            let at = i.open();
            i.votes();
            i.finish();
            Case::of(i).fails("V10", "PHASE-2", entry(at))
        }),
        row("the drill comes after open", "F09", move || {
            let mut i = town::new();
            i.ceremony();
            i.enrol(12);
            i.roll();
            let at = i.open();
            i.drill();
            i.votes();
            i.finish();
            Case::of(i).fails("V10", "PHASE-2", entry(at))
        }),
        row("answers after open", "F09", move || {
            let mut i = town::new();
            i.ceremony();
            i.drill_of(&[1, 2]);
            i.enrol(12);
            i.roll();
            let at = i.open();
            let secrets = i.keys().secrets[2].clone();
            let answer = i.answer(3, 1, &nonce(&i), &secrets);
            i.post(PostKind::Drill, 3, &answer);
            i.votes();
            i.finish();
            Case::of(i).fails("V10", "PHASE-2", entry(at))
        }),
    ]
}
