//! Single entries: V6.

use super::*;

#[test]
fn the_manifest_entry() {
    assert_eq!(after(|_| {}), []);
    assert_eq!(after(|board| board.entries.clear()), one("ENTRY-1", 0));
    assert_eq!(after(|board| drop(board.entries.remove(0))), one("ENTRY-1", 0));
    assert_eq!(after(|board| board.entries.push(board.entries[0].clone())), one("ENTRY-1", 3));
    assert_eq!(after(|board| board.entries[0][2] ^= 1), one("REC-4", 0));
    assert_eq!(after(|board| board.entries[0][40] ^= 1), one("MAN-15", 0));
    // Nobody signed; a member that is not there; a good signature beside a bad one; both good.
    let signed = |members: &'static [(u8, &str)]| {
        move |board: &mut Board| {
            board.entries[0].truncate(34);
            board.entries[0].push(members.len() as u8);
            for (member, name) in members {
                let signature = board.sign("manifest", &[], name);
                board.entries[0].push(*member);
                board.entries[0].extend(signature);
            }
        }
    };
    assert_eq!(after(signed(&[])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(0, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(3, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(1, "member1"), (2, "member1")])), one("MAN-15", 0));
    assert_eq!(after(signed(&[(1, "member1"), (2, "member2")])), []);
    assert_eq!(after(signed(&[(2, "member2"), (1, "member1")])), one("DEC-9", 0));
}

#[test]
fn orders() {
    let last = |entry: &mut Vec<u8>| *entry.last_mut().unwrap() ^= 1;
    // A forged order is left out; the next one goes on.
    assert_eq!(after(|board| last(&mut board.entries[1])), one("ORD-1", 1));
    assert_eq!(after(|board| drop(board.entries[1].splice(87.., [0]))), one("ORD-1", 1));
    assert_eq!(after(|board| board.entries[1][88] = 3), one("ORD-1", 1));
    // Numbers.
    assert_eq!(after(|board| drop(board.entries.remove(1))), one("ORD-2", 1));
    assert_eq!(after(|board| board.entries.push(board.entries[2].clone())), one("ORD-2", 3));
    let skipping = |board: &mut Board| {
        board.orders = 3;
        board.order(10, 5, 0, NONE, [9; 32]);
        board.order(10, 5, 0, NONE, [9; 32]);
    };
    assert_eq!(after(skipping), one("ORD-2", 3));
    // Times: equal ones are fine, and only those of good orders count.
    assert_eq!(after(|board| board.order(10, 4, 0, NONE, [9; 32])), one("ORD-3", 3));
    let forged = |board: &mut Board| {
        board.order(10, 1000, 0, NONE, [9; 32]);
        last(&mut board.entries[3]);
        board.order(10, 6, 0, NONE, [9; 32]);
    };
    assert_eq!(after(forged), one("ORD-1", 3));
    let beyond = |board: &mut Board| {
        board.order(10, 1 << 53, 0, NONE, [9; 32]);
        board.order(9, 6, 1 << 53, NONE, NONE);
        board.order(9, (1 << 53) - 1, (1 << 53) - 1, NONE, NONE);
    };
    assert_eq!(after(beyond), [("ORD-3".to_owned(), 3), ("ORD-3".to_owned(), 4)]);
    // Fields.
    for (kind, value, argument, blob, good) in [
        (10, 0, NONE, NONE, false),
        (10, 1, NONE, [1; 32], false),
        (10, 0, [1; 32], [1; 32], false),
        (6, 0, NONE, [1; 32], false),
        (2, 0, [1; 32], NONE, true),
        (2, 1, [1; 32], NONE, false),
        (2, 0, NONE, NONE, true),
        (1, 0, [1; 32], [1; 32], true),
        (11, 0, NONE, [1; 32], true),
        (11, 0, [1; 32], [1; 32], false),
        (13, 0, [1; 32], [1; 32], true),
        (9, 7, NONE, NONE, true),
    ] {
        let found = after(|board| board.order(kind, 6, value, argument, blob));
        assert_eq!(found, if good { vec![] } else { one("ORD-4", 3) }, "{kind} {value}");
    }
}

#[test]
fn posts() {
    let post = |author: u16, kind: u8| {
        move |board: &mut Board| {
            board.post(author, kind, vec![1]);
        }
    };
    for (author, kind) in [(1, 1), (3, 9), (1, 7), (2, 7)] {
        assert_eq!(after(post(author, kind)), [], "{author} {kind}");
    }
    for (author, kind) in [(0, 1), (4, 1), (3, 7)] {
        assert_eq!(after(post(author, kind)), one("ENTRY-4", 3), "{author} {kind}");
    }
    // A role that does not post this kind, with a signature that is right.
    for (role, kind, name) in [(1, 7, "trustee1"), (2, 1, "mixer1")] {
        let wrong = |board: &mut Board| {
            let mut entry = [&[3, 1, role, 0, 1, kind][..], &[5; 32]].concat();
            let signature = board.sign("post", &entry, name);
            entry.extend(signature);
            board.entries.push(entry);
        };
        assert_eq!(after(wrong), one("ENTRY-4", 3), "role {role}");
    }
    let unsigned = |board: &mut Board| {
        board.post(1, 1, vec![1]);
        board.entries[3][40] ^= 1;
    };
    assert_eq!(after(unsigned), one("ENTRY-4", 3));
    let twice = |board: &mut Board| {
        for (author, kind) in [(1, 1), (2, 1), (1, 2), (1, 1)] {
            board.post(author, kind, vec![1]);
        }
    };
    assert_eq!(after(twice), one("ENTRY-4", 6));
}

#[test]
fn batches() {
    let two = || {
        let mut two = vec![ballot(1), ballot(2)];
        two.sort();
        [two[0].1.clone(), two[1].1.clone()]
    };
    let with = |entries: Vec<Vec<u8>>| after(move |board| board.entries.extend(entries));
    let [a, b] = two();
    assert_eq!(with(vec![batch(9, 2), a.clone(), b.clone(), batch(9, 1), a.clone()]), []);
    assert_eq!(with(vec![batch(9, 2), b.clone(), a.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![batch(9, 2), a.clone(), a.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![a.clone()]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 1), a.clone(), b.clone()]), one("ENTRY-5", 5));
    assert_eq!(with(vec![batch(9, 0)]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 2), a.clone()]), one("ENTRY-5", 3));
    assert_eq!(with(vec![batch(9, 1), a.clone(), batch(8, 1), b.clone()]), one("ENTRY-5", 5));
    // A batch interrupted: whatever interrupts it is at fault, and the rest stands outside of one.
    assert_eq!(with(vec![batch(9, 2), a.clone(), batch(9, 1), b.clone()]), one("ENTRY-5", 5));
    // What does not decode takes its place in the batch.
    assert_eq!(with(vec![batch(9, 2), vec![5, 1], b.clone()]), one("DEC-5", 4));
    assert_eq!(with(vec![batch(9, 1), vec![5, 1], b.clone()]), [("DEC-5".to_owned(), 4), ("ENTRY-5".to_owned(), 5)]);
    // Sorting begins anew with each batch.
    assert_eq!(with(vec![batch(9, 1), b, batch(9, 1), a]), []);
}

#[test]
fn closing_entries() {
    let closing = [&[7, 1][..], &[1; 64]].concat();
    let with = |seal: bool, note: bool, closings: usize| {
        after(|board| {
            if seal {
                board.order(12, 6, 0, NONE, NONE);
            }
            if note {
                board.order(10, 6, 0, NONE, [9; 32]);
            }
            board.entries.extend(vec![closing.clone(); closings]);
        })
    };
    assert_eq!(with(true, false, 1), []);
    assert_eq!(with(true, false, 0), []);
    assert_eq!(with(false, false, 1), one("ENTRY-6", 3));
    assert_eq!(with(true, false, 2), one("ENTRY-6", 5));
    assert_eq!(with(true, true, 1), one("ENTRY-6", 5));
}
