//! Noise that a corrupt writer signs: whatever one reader accepts the other accepts too, and both name the same posts (B08).
//!
//! `HAAL_NOISE` sets how many records are made.

use super::check::say;
use ballot::Record;
use ballot::rng::SeededRng;
use board::{Entry, OrderKind};
use e2e::insider::{Insider, town};
use e2e::kit::{replay, work};
use rand_core::Rng;

fn below(rng: &mut SeededRng, n: usize) -> usize {
    (rng.next_u64() % n.max(1) as u64) as usize
}

fn flip(rng: &mut SeededRng, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        bytes[below(rng, bytes.len())] ^= 1 << below(rng, 8);
    }
}

/// Changes something in one entry; gives what was done.
fn disturb(i: &mut Insider, rng: &mut SeededRng) -> String {
    let at = 1 + below(rng, i.entries.len() - 1);
    let Ok(named) = Entry::from_bytes(&i.entries[at]).map(|e| e.name()) else { return "nothing more".to_owned() };
    let what = match below(rng, 8) {
        0 => {
            flip(rng, &mut i.entries[at]);
            "flipped"
        }
        1 => {
            i.entries[at].pop();
            "cut"
        }
        2 => {
            i.entries[at].push(rng.next_u64() as u8);
            "longer"
        }
        3 => {
            let other = 1 + below(rng, i.entries.len() - 1);
            i.entries.swap(at, other);
            "exchanged"
        }
        4 => {
            i.entries.remove(at);
            "removed"
        }
        5 => {
            let again = i.entries[at].clone();
            let other = 1 + below(rng, i.entries.len());
            i.entries.insert(other, again);
            "repeated"
        }
        _ => signed_again(i, rng, at),
    };
    format!("entry {at}, a {named}, {what}")
}

/// The change is the author's own: orders and posts are signed again, and blobs go with them.
fn signed_again(i: &mut Insider, rng: &mut SeededRng, at: usize) -> &'static str {
    let mut entry = i.entry(at);
    let what = match &mut entry {
        Entry::Order(order) => match below(rng, 6) {
            0 => {
                order.time = order.time.wrapping_add(below(rng, 5) as u64).wrapping_sub(2);
                "at another time"
            }
            1 => {
                order.number = order.number.wrapping_add(1);
                "with another number"
            }
            2 => {
                order.value ^= 1 << below(rng, 64);
                "with another value"
            }
            3 => {
                order.argument[below(rng, 32)] ^= 1;
                "with another argument"
            }
            4 => {
                order.kind = OrderKind::ALL[below(rng, OrderKind::ALL.len())];
                "of another kind"
            }
            _ => match i.blobs.get(&order.blob).cloned() {
                Some(mut blob) => {
                    flip(rng, &mut blob);
                    order.blob = i.keep(&blob);
                    "with another blob"
                }
                None => "as it was",
            },
        },
        Entry::Post(post) => {
            let mut blob = i.blobs.get(&post.blob).cloned().unwrap_or_default();
            match below(rng, 3) {
                0 => flip(rng, &mut blob),
                1 => _ = blob.pop(),
                _ => blob.push(0),
            }
            post.blob = i.keep(&blob);
            "with another message"
        }
        Entry::Batch { time, count } => {
            if below(rng, 2) == 0 {
                *time = time.wrapping_add(below(rng, 5) as u64).wrapping_sub(2);
            } else {
                *count = count.wrapping_add(below(rng, 3) as u32).wrapping_sub(1);
            }
            "changed"
        }
        Entry::Ballot { ballot, .. } => {
            flip(rng, ballot);
            "with another ballot"
        }
        Entry::Challenged { opened } => {
            flip(rng, opened);
            "with another ballot"
        }
        Entry::Closing { counted, root } => {
            let which = if below(rng, 2) == 0 { counted } else { root };
            flip(rng, which);
            "changed"
        }
        Entry::Manifest { .. } => "as it was",
    };
    entry = match entry {
        Entry::Order(order) => Entry::Order(i.signed(order)),
        Entry::Post(post) => Entry::Post(i.signed_post(post.kind, post.author, post.blob)),
        other => other,
    };
    i.entries[at] = entry.to_bytes();
    what
}

/// Blobs that an entry names, and no others.
fn tidy(i: &mut Insider) {
    let named: Vec<_> = (0..i.entries.len()).filter_map(|at| Entry::from_bytes(&i.entries[at]).ok()?.blob()).collect();
    i.blobs.retain(|name, _| named.contains(name));
}

#[test]
fn readers_agree_on_noise() {
    let n: usize = std::env::var("HAAL_NOISE").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let wrong = work::on_two_threads(n, |seed| {
        let mut rng = SeededRng::new(&[b"noise".as_slice(), &seed.to_be_bytes()].concat());
        let (stage, finish) = town::STAGES[below(&mut rng, town::STAGES.len())];
        let mut i = stage();
        let mut what = Vec::new();
        for _ in 0..=below(&mut rng, 2) {
            what.push(disturb(&mut i, &mut rng));
        }
        finish(&mut i);
        tidy(&mut i);
        let said = say(&i);
        let differences = replay::differences(&i, &said);
        if differences.is_empty() { Ok(()) } else { Err(format!("{seed}: {}\n{differences}  {:?}", what.join("; "), said.failures())) }
    });
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}
