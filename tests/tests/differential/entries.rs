//! Orders and posts: each byte turned, and turned and signed again.

use super::server::Both;
use ballot::Hash;
use ballot::encode::{Record, sha256};
use board::{Entry, Order, OrderKind, PostKind};

fn bytes(order: Order) -> Vec<u8> {
    Entry::Order(order).to_bytes()
}

fn orders(both: &mut Both) {
    let text = "Märge".as_bytes();
    let note = |both: &Both, change: &dyn Fn(&mut Order)| {
        let mut order = both.next_order(OrderKind::Note, sha256(text));
        change(&mut order);
        bytes(both.record.signed(order))
    };
    let good = note(both, &|_| {});
    for at in 0..good.len() {
        for bit in [0, 7] {
            let mut turned = good.clone();
            turned[at] ^= 1 << bit;
            both.entry(&format!("order, byte {at}, bit {bit}"), &turned, text);
        }
    }
    for (what, turned) in [("a byte less", good[..good.len() - 1].to_vec()), ("a byte more", [good.as_slice(), &[0]].concat())] {
        both.entry(&format!("order, {what}"), &turned, text);
    }
    let far = |seconds: u64| move |o: &mut Order| o.time += seconds;
    let changes: Vec<(&str, Box<dyn Fn(&mut Order)>)> = vec![
        ("the number before", Box::new(|o| o.number -= 1)),
        ("a number left out", Box::new(|o| o.number += 1)),
        ("earlier than the last one", Box::new(|o| o.time -= 2)),
        ("at the same time as the last one", Box::new(|o| o.time -= 1)),
        ("with a value", Box::new(|o| o.value = 1)),
        ("with an argument", Box::new(|o| o.argument[0] = 1)),
        ("without its blob", Box::new(|o| o.blob = [0; 32])),
        ("with another blob", Box::new(|o| o.blob[0] ^= 1)),
        ("at a time beyond 2^53", Box::new(far(1 << 53))),
    ];
    for (what, change) in &changes {
        let turned = note(both, change.as_ref());
        both.entry(&format!("order signed again, {what}"), &turned, text);
    }
    // Signatures: none, too few, twice, in another order, a stranger's.
    type Turn = fn(&mut Vec<(u8, [u8; 64])>);
    let turns: [(&str, Turn); 6] = [
        ("no signature", |s| s.clear()),
        ("one signature", |s| s.truncate(1)),
        ("the same signature twice", |s| s[1] = s[0]),
        ("signatures in another order", |s| s.reverse()),
        ("a signature of nobody", |s| s[1].0 = 9),
        ("a signature under another number", |s| s[1].0 = 1),
    ];
    for (what, turn) in turns {
        let Ok(Entry::Order(mut order)) = Entry::from_bytes(&good) else { unreachable!() };
        turn(&mut order.signatures);
        both.entry(&format!("order, {what}"), &bytes(order), text);
    }
    for (what, blob) in
        [("not UTF-8", vec![0xff]), ("a control character", vec![7]), ("empty", vec![]), ("too long", vec![b'a'; (1 << 16) + 1])]
    {
        let order = both.next_order(OrderKind::Note, sha256(&blob));
        let order = bytes(both.record.signed(order));
        both.entry(&format!("note, {what}"), &order, &blob);
    }
    both.entry("note", &note(both, &|_| {}), text);
    // Every kind of order with nothing in it, and with something; those that end voting come last.
    let none: Hash = [0; 32];
    for kind in [
        OrderKind::Roll,
        OrderKind::Ceremony,
        OrderKind::Open,
        OrderKind::Resume,
        OrderKind::Extend,
        OrderKind::Annul,
        OrderKind::Seal,
        OrderKind::Result,
    ] {
        for value in [0, 1, 1 << 60] {
            let mut order = both.next_order(kind, none);
            order.value = value;
            let order = bytes(both.record.signed(order));
            both.entry(&format!("{} with value {value}", kind.name()), &order, &[]);
        }
        let mut order = both.next_order(kind, sha256(text));
        order.argument = [1; 32];
        let order = bytes(both.record.signed(order));
        both.entry(&format!("{} with another's blob", kind.name()), &order, text);
    }
    for kind in [OrderKind::Suspend, OrderKind::Resume, OrderKind::Drill, OrderKind::LastLogin, OrderKind::Close] {
        let mut order = both.next_order(kind, none);
        order.argument = if kind == OrderKind::Drill { [7; 32] } else { none };
        let order = bytes(both.record.signed(order));
        both.entry(kind.name(), &order, &[]);
    }
}

fn posts(both: &mut Both) {
    let blob = b"a message that nobody can read";
    let good =
        |both: &Both, kind: PostKind, author: u16, blob: &[u8]| Entry::Post(both.record.signed_post(kind, author, sha256(blob))).to_bytes();
    let drill = good(both, PostKind::Drill, 1, blob);
    for at in 0..drill.len() {
        for bit in [0, 7] {
            let mut turned = drill.clone();
            turned[at] ^= 1 << bit;
            both.entry(&format!("post, byte {at}, bit {bit}"), &turned, blob);
        }
    }
    for (what, turned) in [("a byte less", drill[..drill.len() - 1].to_vec()), ("a byte more", [drill.as_slice(), &[0]].concat())] {
        both.entry(&format!("post, {what}"), &turned, blob);
    }
    for kind in [
        PostKind::Commit,
        PostKind::Reveal,
        PostKind::Deal,
        PostKind::Confirm,
        PostKind::Complaint,
        PostKind::Drill,
        PostKind::Mix,
        PostKind::Intent,
        PostKind::Opening,
    ] {
        for author in [0, 1, 3, 4, 256] {
            let text = format!("{} {author}", kind.name());
            both.entry(&format!("{} of {author}", kind.name()), &good(both, kind, author, text.as_bytes()), text.as_bytes());
        }
        both.entry(&format!("{}, with another blob", kind.name()), &good(both, kind, 1, b"one"), b"two");
        both.entry(&format!("{}, with no blob", kind.name()), &good(both, kind, 1, &[]), &[]);
    }
    both.entry("a commit beyond its limit", &good(both, PostKind::Commit, 1, &vec![0; (1 << 20) + 1]), &vec![0; (1 << 20) + 1]);
}

pub fn run(both: &mut Both) {
    posts(both);
    orders(both);
}
