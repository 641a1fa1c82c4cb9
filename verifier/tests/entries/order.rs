//! What may stand where, and when: V7.

use super::*;

/// An election up to *open*; `after` goes on.
fn opened(after: impl FnOnce(&mut Board)) -> Vec<(String, String)> {
    let (mut board, manifest) = start();
    board.order(1, 5, 0, NONE, [9; 32]);
    board.order(4, OPEN + 10, 0, [1; 32], NONE);
    after(&mut board);
    let log = log(&board, &manifest);
    let (check, _) = phases::check(&manifest, &log, &vec![true; log.items.len()]);
    assert_eq!(check.count, log.items.len() as u64);
    broken(&check)
}

#[test]
fn phases_by_time_and_by_place() {
    let cast = |board: &mut Board, time: u64| {
        board.entries.push(batch(time, 1));
        board.entries.push(ballot(1).1);
    };
    let order = |board: &mut Board, kind: u8, time: u64| board.order(kind, time, 0, NONE, NONE);
    let closed_at = |batch: u64, close: u64| {
        opened(|board| {
            cast(board, batch);
            order(board, 6, close);
        })
    };
    assert_eq!(closed_at(OPEN + 10, OPEN + 10), []);
    assert_eq!(closed_at(OPEN + 9, OPEN + 10), place("PHASE-4", 3));
    assert_eq!(closed_at(OPEN + 11, OPEN + 10), place("PHASE-4", 3));
    assert_eq!(closed_at(OPEN + 11, UNTIL), []);
    assert_eq!(closed_at(OPEN + 11, UNTIL + 1), place("PHASE-3", 5));
    let extended = |value: u64, close: u64| {
        opened(|board| {
            board.order(9, OPEN + 20, value, NONE, NONE);
            order(board, 6, close);
        })
    };
    assert_eq!(extended(UNTIL + 5, UNTIL + 5), []);
    assert_eq!(extended(UNTIL + 5, UNTIL + 6), place("PHASE-3", 4));
    assert_eq!(extended(UNTIL, UNTIL), place("PHASE-3", 3));
    // Suspended; a suspension ends with resume and with close.
    let suspended = |resume: bool| {
        opened(|board| {
            order(board, 7, OPEN + 20);
            if resume {
                order(board, 8, OPEN + 21);
            }
            cast(board, OPEN + 22);
        })
    };
    assert_eq!(suspended(false), place("PHASE-4", 5));
    assert_eq!(suspended(true), []);
    assert_eq!(opened(|board| order(board, 8, OPEN + 20)), place("PHASE-1", 3));
    let twice = opened(|board| {
        order(board, 7, OPEN + 20);
        order(board, 7, OPEN + 21);
    });
    assert_eq!(twice, place("PHASE-1", 4));
    // After close: no ballot, but annulments and drills, then seal and the closing entry, then the tally.
    let closing = [&[7, 1][..], &[1; 64]].concat();
    let to_the_end = |mix_first: bool, extra: Option<u8>| {
        opened(|board| {
            order(board, 5, OPEN + 20);
            cast(board, OPEN + 21);
            order(board, 6, OPEN + 30);
            board.order(11, OPEN + 31, 1, NONE, [9; 32]);
            board.order(3, OPEN + 32, 0, [2; 32], NONE);
            if mix_first {
                board.post(1, 7, vec![1]);
            }
            order(board, 12, OPEN + 33);
            board.entries.push(closing.clone());
            for kind in [7, 8, 9] {
                board.post(1, kind, vec![kind, 2]);
            }
            board.order(10, OPEN + 34, 0, NONE, [9; 32]);
            if let Some(kind) = extra {
                board.order(kind, OPEN + 34, 0, NONE, [9; 32]);
            }
            board.order(13, OPEN + 35, 0, [1; 32], [9; 32]);
        })
    };
    assert_eq!(to_the_end(false, None), []);
    assert_eq!(to_the_end(true, None), place("PHASE-6", 9));
    assert_eq!(to_the_end(false, Some(11)), place("PHASE-1", 15));
    assert_eq!(opened(|board| board.order(1, OPEN + 20, 0, NONE, [9; 32])), place("PHASE-1", 3));
}

#[test]
fn openings_of_the_election() {
    let judge = |rolls: usize, time: u64| {
        let (mut board, manifest) = start();
        (0..rolls).for_each(|_| board.order(1, 5, 0, NONE, [9; 32]));
        board.order(4, time, 0, [1; 32], NONE);
        let log = log(&board, &manifest);
        broken(&phases::check(&manifest, &log, &vec![true; log.items.len()]).0)
    };
    assert_eq!(judge(1, OPEN), []);
    assert_eq!(judge(1, UNTIL), []);
    assert_eq!(judge(1, OPEN - 1), place("PHASE-3", 2));
    assert_eq!(judge(1, UNTIL + 1), place("PHASE-3", 2));
    assert_eq!(judge(0, OPEN), place("PHASE-2", 1));
    assert_eq!(judge(2, OPEN), place("PHASE-1", 2));
}
