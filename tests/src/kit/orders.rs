//! Orders and posts that are malformed, unsigned, or signed by somebody else. V5, V6.

use super::case::{Case, Row, entry, row};
use crate::insider::{Insider, town};
use crate::lab;
use ballot::Record;
use ballot::signature::{Purpose, sign};
use board::{Entry, Order, OrderKind, PostKind, Role};

const ZERO: [u8; 32] = [0; 32];

/// Something stands in the log while voting goes on; the rest is honest.
pub fn voting(check: &'static str, rule: &'static str, step: impl FnOnce(&mut Insider) -> usize) -> Case {
    let mut i = town::voted();
    let at = step(&mut i);
    i.finish();
    Case::of(i).fails(check, rule, entry(at))
}

/// A note of which the bytes are changed after it was signed.
fn raw_note(rule: &'static str, change: fn(&mut Vec<u8>)) -> Case {
    let case = voting("V6", rule, |i| {
        let at = note(i, |_| {});
        change(&mut i.entries[at]);
        at
    });
    // An order that cannot be read leaves a gap in the numbers and a blob that nobody named.
    if rule.starts_with("DEC") { case.loosely() } else { case }
}

pub fn note(i: &mut Insider, change: impl FnOnce(&mut Order)) -> usize {
    i.order_with(OrderKind::Note, 0, ZERO, Some(b"a note"), change)
}

/// The present order number, kept for the orders to come.
fn same_numbers(i: &mut Insider, step: impl FnOnce(&mut Insider) -> usize) -> usize {
    let before = i.orders;
    let at = step(i);
    i.orders = before + 1;
    at
}

pub fn rows() -> Vec<Row> {
    let mut rows = orders();
    rows.extend(posts());
    rows
}

fn orders() -> Vec<Row> {
    vec![
        row("order: a flipped signature", "E15", || raw_note("ORD-1", |b| *b.last_mut().unwrap() ^= 1)),
        row("order: S + l in a signature", "B04 M30", || {
            raw_note("ORD-1", |b| {
                let at = b.len() - 32;
                let s: [u8; 32] = b[at..].try_into().unwrap();
                b[at..].copy_from_slice(&plus_order(s));
            })
        }),
        row("order: one signature too few", "E15", || {
            raw_note("ORD-1", |b| {
                b.truncate(b.len() - 65);
                b[87] = 1;
            })
        }),
        row("order: one member twice", "B08", || {
            raw_note("DEC-9", |b| {
                let one = b[88..153].to_vec();
                b[153..].copy_from_slice(&one);
            })
        }),
        row("order: members in another order", "B08", || {
            raw_note("DEC-9", |b| {
                let (one, two) = (b[88..153].to_vec(), b[153..].to_vec());
                b[88..153].copy_from_slice(&two);
                b[153..].copy_from_slice(&one);
            })
        }),
        row("order: an unknown member", "E15", || {
            voting("V6", "ORD-1", |i| {
                let at = note(i, |_| {});
                let Entry::Order(mut order) = i.entry(at) else { panic!("an order") };
                order.sign(&i.id(), 3, &lab::signing_key("committee-3"));
                i.entries[at] = Entry::Order(order).to_bytes();
                at
            })
        }),
        row("order: signed for another election", "A13 E13", || {
            voting("V6", "ORD-1", |i| {
                let at = note(i, |_| {});
                let Entry::Order(mut order) = i.entry(at) else { panic!("an order") };
                order.sign(&[3; 32], 1, &lab::signing_key("committee-1"));
                i.entries[at] = Entry::Order(order).to_bytes();
                at
            })
        }),
        row("order: a signature made for a post", "A13 E13", || {
            voting("V6", "ORD-1", |i| {
                let at = note(i, |_| {});
                let Entry::Order(mut order) = i.entry(at) else { panic!("an order") };
                order.signatures[0].1 = sign(&lab::signing_key("committee-1"), Purpose::Post, &i.id(), &order.body());
                i.entries[at] = Entry::Order(order).to_bytes();
                at
            })
        }),
        row("order: a body changed after signing", "E15", || raw_note("ORD-1", |b| b[14] ^= 1)),
        row("order: a used number", "C07 E15", || voting("V6", "ORD-2", |i| same_numbers(i, |i| note(i, |o| o.number -= 1))).loosely()),
        row("order: a number left out", "E15", || voting("V6", "ORD-2", |i| note(i, |o| o.number += 1))),
        row("order: a time before", "E15", || voting("V6", "ORD-3", |i| note(i, |o| o.time = 1))),
        row("order: a field that it does not use", "B08", || voting("V6", "ORD-4", |i| note(i, |o| o.value = 7))),
        row("order: an argument that it does not use", "B08", || voting("V6", "ORD-4", |i| note(i, |o| o.argument = [1; 32]))),
        row("order: a blob that it does not use", "B08", || {
            voting("V6", "ORD-4", |i| {
                let drill = i.order_with(OrderKind::Suspend, 0, ZERO, None, |o| o.blob = [1; 32]);
                i.order(OrderKind::Resume, 0, ZERO, None);
                drill
            })
            .loosely()
        }),
        row("order: no blob named", "B08", || {
            let mut i = town::voted();
            let at = note(&mut i, |o| o.blob = ZERO);
            i.blobs.retain(|name, _| *name != ballot::encode::sha256(b"a note"));
            i.finish();
            Case::of(i).fails("V6", "ORD-4", entry(at)).loosely()
        }),
        row("order: an unknown kind", "B08", || raw_note("DEC-8", |b| b[6] = 16)),
        row("order: a trailing byte", "B04 M33", || raw_note("DEC-4", |b| b.push(0))),
        row("order: too short", "M67", || raw_note("DEC-5", |b| _ = b.pop())),
        row("entry: an unknown type", "B08", || voting("V6", "DEC-6", |i| i.push_bytes(vec![8, 1]))),
        row("entry: another version", "B08", || voting("V6", "DEC-6", |i| i.push_bytes(vec![4, 2, 0, 0, 0, 0]))),
        row("entry: nothing", "B08", || voting("V6", "DEC-5", |i| i.push_bytes(vec![]))),
        row("entry: a leaf encoded again", "M37 B04", || {
            raw_note("DEC-9", |b| {
                // the same signatures, in the other order
                let (one, two) = (b[88..153].to_vec(), b[153..].to_vec());
                b[88..153].copy_from_slice(&two);
                b[153..].copy_from_slice(&one);
            })
        }),
        row("note: too long", "H01", || {
            let mut i = town::voted();
            let at = i.order(OrderKind::Note, 0, ZERO, Some("x".repeat((64 << 10) + 1).as_bytes()));
            i.finish();
            Case::of(i).fails("V5", "ENTRY-7", entry(at))
        }),
        row("note: not UTF-8", "B08", || {
            let mut i = town::voted();
            let at = i.order(OrderKind::Note, 0, ZERO, Some(&[0xff, 0xfe]));
            i.finish();
            Case::of(i).fails("V5", "ORD-4", entry(at)) // the pages give this no rule of its own
        }),
    ]
}

/// `s + l`: the same scalar in other bytes.
pub fn plus_order(s: [u8; 32]) -> [u8; 32] {
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let mut carry = 0u16;
    std::array::from_fn(|i| {
        carry += u16::from(s[i]) + order[i];
        let byte = carry as u8;
        carry >>= 8;
        byte
    })
}

fn posts() -> Vec<Row> {
    // A post that nobody waits for, changed: only V6 may fail.
    let post = |rule: &'static str, change: fn(&mut Vec<u8>)| {
        let case = voting("V6", rule, |i| {
            let at = i.post(PostKind::Commit, 1, b"late");
            change(&mut i.entries[at]);
            at
        });
        if rule.starts_with("DEC") { case.loosely() } else { case }
    };
    vec![
        row("post: a flipped signature", "B04", move || post("ENTRY-4", |b| b[50] ^= 1)),
        row("post: another author", "A06 E13", move || post("ENTRY-4", |b| b[4] = 2)),
        row("post: an author that does not exist", "B08", move || post("ENTRY-4", |b| b[4] = 9)),
        row("post: author 0", "F06 B08", move || post("ENTRY-4", |b| b[4] = 0)),
        row("post: a mixer's role", "B08", move || post("ENTRY-4", |b| b[2] = 2)),
        row("post: an unknown role", "B08", move || post("DEC-8", |b| b[2] = 3)),
        row("post: an unknown kind", "B08", move || post("DEC-8", |b| b[5] = 10)),
        row("post: a trustee posts a mix", "G02", || {
            let mut i = town::sealed();
            let name = i.keep(b"mix");
            let mut post = i.signed_post(PostKind::Mix, 1, name);
            post.role = Role::Trustee;
            let at = i.push(&Entry::Post(post));
            i.count();
            Case::of(i).fails("V6", "ENTRY-4", entry(at))
        }),
        row("post: the same twice", "E02", || {
            let mut i = town::mixed();
            let intent = i.intent(1).to_bytes();
            i.post(PostKind::Intent, 1, &intent);
            let at = i.post(PostKind::Intent, 1, &intent);
            i.open_and_count();
            Case::of(i).fails("V6", "ENTRY-4", entry(at)).loosely()
        }),
        row("post: signed for another election", "A13 E13", || {
            voting("V6", "ENTRY-4", |i| {
                let name = i.keep(b"late");
                let key = lab::signing_key("trustee-1");
                i.push(&Entry::Post(board::Post::new(PostKind::Commit, 1, name, &[5; 32], &key)))
            })
        }),
    ]
}
