//! Faults in the ceremony and while mixing that the election survives: named with their author, and no alarm.

use super::case::{Case, Row, entry, row};
use crate::insider::{Insider, Script, town};
use ballot::Scalar;
use ballot::encode::{Point, Record};
use board::PostKind;

const SESSION: [u8; 32] = [5; 32];

/// A session that goes wrong, and then a good one.
fn session(script: Script<'_>, found: impl Fn(&Insider) -> Vec<(&'static str, usize)>) -> Case {
    let mut i = town::new();
    i.ceremony_with(script);
    let found = found(&i);
    finish(i, found)
}

fn finish(mut i: Insider, found: Vec<(&'static str, usize)>) -> Case {
    i.begin();
    i.votes();
    i.finish();
    found.into_iter().fold(Case::of(i), |case, (rule, at)| case.finds("V9", rule, entry(at))).and_late_messages()
}

/// The session that the election uses, with a post put in at a place; everything else goes on.
fn put_in(at: usize, make: impl FnOnce(&mut Insider) -> (PostKind, u16, Vec<u8>), rule: &'static str) -> Case {
    let mut i = town::new();
    i.ceremony();
    let (kind, author, blob) = make(&mut i);
    i.post(kind, author, &blob);
    let entry_of = i.entries.pop().unwrap();
    i.entries.insert(at, entry_of);
    i.open_for(12);
    i.votes();
    i.finish();
    Case::of(i).finds("V9", rule, entry(at))
}

/// Trustee 1's post of entry `of`, with another last byte, put in at a place.
fn again(at: usize, kind: PostKind, of: usize, rule: &'static str) -> Case {
    let changed = |i: &mut Insider| {
        let first = i.blobs[&i.blob_of(of)].clone();
        (kind, 1, [&first[..first.len() - 1], &[7]].concat())
    };
    put_in(at, changed, rule)
}

/// The post of a trustee breaks a rule.
fn from(i: &Insider, kind: PostKind, trustee: usize, rule: &'static str) -> Vec<(&'static str, usize)> {
    vec![(rule, i.posts_of(kind)[trustee - 1])]
}

fn three_mixers() -> Insider {
    let mut setup = town::setup();
    setup.mixers = (3, 2);
    let mut i = Insider::new(setup.manifest());
    i.begin();
    i.votes();
    i.end();
    i.fix();
    i
}

/// Mixer 1 does something to the first unit, 2 and 3 do their work; the others are honest.
fn mixers(rules: &[&'static str], step: impl FnOnce(&mut Insider) -> Vec<usize>) -> Case {
    let mut i = three_mixers();
    let posts = step(&mut i);
    for unit in 3..6 {
        let stages = i.units[unit].mixes.len();
        for mixer in [2, 3].into_iter().take(2 - stages) {
            i.mix(unit, mixer);
        }
    }
    i.open_and_count();
    assert_eq!(rules.len(), posts.len());
    posts.iter().zip(rules).fold(Case::of(i), |case, (post, rule)| case.finds("V17", rule, entry(*post)))
}

pub fn rows() -> Vec<Row> {
    let mut rows = ceremonies();
    rows.extend(mixing());
    rows
}

fn ceremonies() -> Vec<Row> {
    vec![
        row("fault: a commit with another threshold, then a good session", "F03 F08", || {
            let mut script = Script::honest(SESSION);
            script.commit = Box::new(|j, b| {
                if j == 2 {
                    b[39] += 1;
                }
            });
            session(script, |i| from(i, PostKind::Commit, 2, "KEY-2"))
        }),
        row("fault: another reveal than committed, then a good session", "F02 F01", || {
            let mut script = Script::honest(SESSION);
            script.commit = Box::new(|j, b| {
                if j == 3 {
                    b[50] ^= 1;
                }
            });
            session(script, |i| from(i, PostKind::Reveal, 3, "KEY-3"))
        }),
        row("fault: a proof of knowledge fails, then a good session", "F01", || {
            let mut script = Script::honest(SESSION);
            script.reveal = Box::new(|j, b| {
                if j == 1 {
                    *b.last_mut().unwrap() = 0;
                    let at = b.len() - 32;
                    b[at] ^= 1;
                }
            });
            session(script, |i| from(i, PostKind::Reveal, 1, "KEY-5"))
        }),
        row("fault: a wrong share, a complaint, then a good session", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.dealt = Box::new(|f| f[2][0][0] += Scalar::ONE);
            script.confirming = vec![1];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 3, "share-2");
            let at = i.post(PostKind::Complaint, 2, &complaint);
            finish(i, vec![("KEY-9", at)])
        }),
        row("fault: a share that cannot be decrypted, a complaint", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.deal = Box::new(|j, b| {
                if j == 3 {
                    b[36 + 176 + 40] ^= 1; // trustee 2's ciphertext
                }
            });
            script.confirming = vec![];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 3, "share-2");
            let at = i.post(PostKind::Complaint, 2, &complaint);
            finish(i, vec![("KEY-9", at)])
        }),
        row("fault: a complaint without reason, then a good session", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.confirming = vec![1];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 3, "share-2");
            let at = i.post(PostKind::Complaint, 2, &complaint);
            finish(i, vec![("KEY-9", at)])
        }),
        row("fault: a complaint with another key, then a good session", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.dealt = Box::new(|f| f[2][0][0] += Scalar::ONE);
            script.confirming = vec![];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 3, "share-1");
            let at = i.post(PostKind::Complaint, 2, &complaint);
            finish(i, vec![("KEY-9", at)])
        }),
        row("fault: a complaint about nobody, then a good session", "F05", || {
            let mut i = town::new();
            let mut script = Script::honest(SESSION);
            script.confirming = vec![];
            i.ceremony_with(script);
            let complaint = i.complaint(2, 9, "share-2");
            let at = i.post(PostKind::Complaint, 2, &complaint);
            finish(i, vec![("KEY-9", at)])
        }),
        row("fault: a complaint that cannot be read ends nothing", "F05 B08", || {
            let mut i = town::new();
            let mut script = Script::honest([7; 32]);
            script.confirming = vec![1, 2];
            i.ceremony_with(script);
            let mut complaint = i.complaint(2, 3, "share-2");
            complaint.pop();
            let at = i.post(PostKind::Complaint, 2, &complaint);
            let head = board::ceremony::Head { session: [7; 32], trustee: 3 };
            let confirm = board::ceremony::Confirm { head, key: i.keys().set.key.id() }.to_bytes();
            i.post(PostKind::Confirm, 3, &confirm);
            i.open_for(12);
            i.votes();
            i.finish();
            Case::of(i).finds("V9", "DEC-5", entry(at))
        }),
        row("fault: rubbish before a right commit", "F08 F02", || put_in(2, |_| (PostKind::Commit, 1, b"rubbish".to_vec()), "DEC-5")),
        row("fault: a second commit", "F02 F08", || again(4, PostKind::Commit, 2, "KEY-1")),
        row("fault: a second reveal", "F02 F08", || again(7, PostKind::Reveal, 5, "KEY-1")),
        row("fault: a deal before the last reveal", "F02 F08", || again(7, PostKind::Deal, 8, "KEY-1")),
        row("fault: a confirm before the last deal", "F04 F08", || again(10, PostKind::Confirm, 11, "KEY-1")),
        row("fault: a wrong reveal before the right one", "F02 F08", || again(5, PostKind::Reveal, 5, "KEY-3")),
        row("fault: a reveal of another degree before the right one", "F03 F08", || {
            put_in(
                5,
                |i| {
                    let reveal = i.blobs[&i.blob_of(5)].clone();
                    (PostKind::Reveal, 1, reveal[..reveal.len() - 96].to_vec())
                },
                "KEY-3",
            )
        }),
        row("fault: another key confirmed, then a good session", "F04", || {
            let mut script = Script::honest(SESSION);
            script.confirm = Box::new(|j, b| {
                if j == 1 {
                    b[40] ^= 1;
                }
            });
            session(script, |i| from(i, PostKind::Confirm, 1, "KEY-8"))
        }),
        row("fault: a message after the key is confirmed", "F08", || {
            let mut i = town::new();
            i.ceremony();
            let confirm = i.blobs[&i.blob_of(*i.posts_of(PostKind::Confirm).last().unwrap())].clone();
            let other = [&confirm[..confirm.len() - 32], &[1; 32]].concat();
            let at = i.post(PostKind::Confirm, 3, &other);
            i.open_for(12);
            i.votes();
            i.finish();
            Case::of(i).finds("V9", "KEY-1", entry(at))
        }),
        row("fault: garbage before any session", "F08 B08", || {
            let mut i = town::new();
            let at = i.post(PostKind::Reveal, 2, b"garbage");
            finish(i, vec![("KEY-1", at)])
        }),
    ]
}

fn mixing() -> Vec<Row> {
    vec![
        row("fault: a mixer replaces a vote, others mix", "F08 G01 M45", || {
            mixers(&["MIX-10"], |i| {
                let shuffler = i.shuffler(3, 1);
                let mut rows = shuffler.outputs();
                let g = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
                rows[0].columns[0] = Point::from_point(rows[0].columns[0].point() + g).unwrap();
                let mix = shuffler.prove(rows).to_bytes();
                vec![i.post(PostKind::Mix, 1, &mix)]
            })
        }),
        row("fault: a mixer keeps a row, others mix", "G03 M48", || {
            mixers(&["MIX-15"], |i| {
                let mut shuffler = i.shuffler(3, 1);
                shuffler.rho[2] = Scalar::ZERO;
                let mix = shuffler.mix().to_bytes();
                vec![i.post(PostKind::Mix, 1, &mix)]
            })
        }),
        row("fault: a mixer posts twice", "F08 G02", || {
            mixers(&["MIX-13"], |i| {
                let again = i.make_mix(3, 1).to_bytes();
                i.mix(3, 1);
                vec![i.post(PostKind::Mix, 1, &again)]
            })
        }),
        row("fault: one stage more than is needed", "G02", || {
            let mut i = three_mixers();
            let mut posts = Vec::new();
            for unit in 3..6 {
                i.mix(unit, 1);
                i.mix(unit, 2);
                let more = i.make_mix(unit, 3).to_bytes();
                posts.push(i.post(PostKind::Mix, 3, &more));
            }
            i.open_and_count();
            posts.iter().fold(Case::of(i), |case, post| case.finds("V17", "MIX-16", entry(*post)))
        }),
        row("fault: a mixer posts garbage", "F08 B08", || {
            mixers(&["DEC-6", "DEC-6", "MIX-12", "MIX-12", "MIX-12"], |i| {
                let right = i.make_mix(3, 1).to_bytes();
                let unit = |n: u8| {
                    let mut bytes = right.clone();
                    bytes[5] = n;
                    bytes
                };
                let long = [b"something longer than the head of any message of a mixer".as_slice(); 2].concat();
                let (sum, none, other) = (unit(0), unit(9), unit(4));
                [b"mix".to_vec(), long, sum, none, other].iter().map(|b| i.post(PostKind::Mix, 1, b)).collect()
            })
        }),
        row("fault: every block of a mix flipped, one by one", "A09 M24 F08 B01 B04", every_block_of_a_mix),
        row("fault: a commitment copied from another unit", "G05 C10", || {
            let mut i = three_mixers();
            let one = i.shuffler(3, 1);
            i.post_mix(one.mix(), 1);
            let mut two = i.shuffler(4, 1);
            two.r.clone_from(&one.r);
            let copied = two.mix().to_bytes();
            let post = i.post(PostKind::Mix, 1, &copied);
            i.mix(3, 2);
            for unit in [4, 5] {
                i.mix(unit, 2);
                i.mix(unit, 3);
            }
            i.open_and_count();
            Case::of(i).finds("V17", "MIX-15", entry(post))
        }),
    ]
}

/// Thirty wrong posts by one mixer, each with another block of rows or proof changed; then the right one.
fn every_block_of_a_mix() -> Case {
    let mut i = town::sealed();
    let right = i.make_mix(3, 1);
    let bytes = right.to_bytes();
    let mut posts = Vec::new();
    for block in 0..(bytes.len() - 48) / 32 {
        let mut wrong = bytes.clone();
        let at = 48 + 32 * block;
        wrong[at] ^= 2;
        let point = block < 6 + 14;
        let array: [u8; 32] = wrong[at..at + 32].try_into().unwrap();
        let decodes = if point { Point::decode(&array).is_ok() } else { ballot::encode::scalar(array).is_ok() };
        // Which equation fails first follows from what the block enters: outputs and commitments change every challenge.
        let rule = match (decodes, block) {
            (false, _) if point => "DEC-1",
            (false, _) => "DEC-3",
            (true, 0..20) => "MIX-6",
            (true, 20) => "MIX-6",
            (true, 21) => "MIX-7",
            (true, 22) => "MIX-8",
            (true, 23) => "MIX-9",
            (true, 24..27) => "MIX-11",
            (true, _) => "MIX-8",
        };
        posts.push((rule, i.post(PostKind::Mix, 1, &wrong)));
    }
    i.post_mix(right, 1);
    i.mix(3, 2);
    for unit in [4, 5] {
        i.mix(unit, 1);
        i.mix(unit, 2);
    }
    i.open_and_count();
    posts.into_iter().fold(Case::of(i), |case, (rule, post)| case.finds("V17", rule, entry(post)))
}
