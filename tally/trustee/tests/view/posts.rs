//! Posts that are wrong, and a record that grows.

use super::{Election, check, voted};
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use board::{Checkpoint, PostKind, tree};
use trustee::mix::MixError;
use trustee::open::Opening;
use trustee::view::{OpenRefusal, PostFault, ViewError};

#[test]
fn f08_wrong_posts_are_named_and_the_count_goes_on() {
    let mut e = voted(5, 3);
    e.board.close();
    // Mixes: garbage, a valid one cut, a copy under another name, a second one for a stage, by the same mixer, one too many.
    e.board.post(PostKind::Mix, 1, b"garbage");
    let one = e.mix(1, 1);
    let mut broken = one.clone();
    let at = broken.len() - 1;
    broken[at - 31] ^= 1;
    e.board.post(PostKind::Mix, 1, &broken);
    e.board.post(PostKind::Mix, 3, &one);
    e.board.post(PostKind::Mix, 1, &one);
    let late = {
        let mut l = one.clone();
        l[8] = 0;
        l[9] = 2;
        l
    };
    e.board.post(PostKind::Mix, 2, &late);
    assert_eq!(e.view().next_mix(1, 1).unwrap_err(), MixError::SecondStage { mixer: 1 });
    assert_eq!(e.view().next_mix(0, 1).unwrap_err(), MixError::Unit { unit: 0 });
    e.mix_all_but_first();
    assert_eq!(e.view().next_mix(1, 3).unwrap_err(), MixError::Surplus);
    // Intents: 5 names another stage, 4 the wrong trustee, 4 none that can be read; opening before t right ones.
    let view = e.view();
    let right = view.intent(5).unwrap();
    let mut wrong = right.clone();
    wrong.units[0].1 = [1; 32];
    e.board.post(PostKind::Intent, 5, &wrong.to_bytes());
    e.board.post(PostKind::Intent, 4, &right.to_bytes());
    e.intents(&[1, 2]);
    let declared = e.declared(&view, 1);
    let early = e.view().may_open(1, 0, &declared).map(drop);
    assert_eq!(early, Err(OpenRefusal::Intents { unit: 0, right: 2, threshold: 3 }));
    e.intents(&[3]);
    let foreign = e.opening(1, 0);
    e.board.post(PostKind::Opening, 4, &foreign); // another's
    let mut spoilt = Opening::from_bytes(&e.opening(2, 0)).unwrap();
    spoilt.factors.swap(0, 1);
    e.board.post(PostKind::Opening, 2, &spoilt.to_bytes());
    e.board.post(PostKind::Opening, 3, b"(\x01");
    e.open_all(&[3, 2, 1]);
    let again = e.opening(1, 0);
    e.board.post(PostKind::Opening, 1, &again);
    let view = e.view();
    let result = view.result().unwrap();
    check(&result);
    let found: Vec<(u16, &str)> = view.findings().iter().map(|f| (f.author, f.fault.rule())).collect();
    let expected = [
        (1, "DEC-6"), // not even a mix
        (1, "MIX-8"),
        (3, "MIX-12"),
        (2, "MIX-13"),
        (5, "OPEN-2"),
        (4, "OPEN-2"),
        (4, "OPEN-5"),
        (2, "OPEN-4"),
        (3, "DEC-5"),
        (1, "OPEN-6"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (got, wanted) in found.iter().zip(expected) {
        assert_eq!(*got, wanted, "{found:?}");
    }
    assert_eq!(view.wrong_intents().collect::<Vec<_>>(), [4, 5]);
    extended(&e);
}

/// Every beginning of the record since its closing entry, extended to the whole, is what the whole gives at once.
fn extended(e: &Election) {
    let (board, mut rng) = (&e.board, SeededRng::new(b"extend"));
    let blob = |name: &[u8; 32]| board.blobs.get(name).cloned();
    let whole = board.view_at(board.entries.len(), &e.bases, &mut rng).unwrap();
    for size in whole.closed().size as usize..=board.entries.len() {
        let before = board.view_at(size, &e.bases, &mut rng).unwrap();
        let after = before.extend(&board.checkpoint_at(board.entries.len()), &board.entries, blob, &mut rng).unwrap();
        assert_eq!(after.findings(), whole.findings(), "{size}");
        assert!(after.wrong_intents().eq(whole.wrong_intents()), "{size}");
        assert_eq!(format!("{:?}", after.units()), format!("{:?}", whole.units()), "{size}");
        assert_eq!(after.result().unwrap(), whole.result().unwrap(), "{size}");
    }
}

#[test]
fn a_view_is_extended_by_the_same_record_only() {
    let mut e = voted(3, 2);
    e.board.close();
    e.mix_all();
    let size = e.board.entries.len();
    e.intents(&[1]);
    let (board, mut rng) = (&e.board, SeededRng::new(b"extend"));
    let blob = |name: &[u8; 32]| board.blobs.get(name).cloned();
    let view = |rng: &mut SeededRng| board.view_at(size, &e.bases, rng).unwrap();
    let all = board.checkpoint_at(size + 1);
    assert_eq!(view(&mut rng).extend(&all, &board.entries[..size], blob, &mut rng).unwrap_err(), ViewError::Checkpoint);
    let mut other = board.entries.clone();
    other[size - 1] = other[size].clone();
    let forked = Checkpoint { size: all.size, root: tree::root_of(&other), witnesses: vec![] };
    assert_eq!(view(&mut rng).extend(&forked, &other, blob, &mut rng).unwrap_err(), ViewError::Fork);
    let shorter = board.checkpoint_at(size - 1);
    assert_eq!(view(&mut rng).extend(&shorter, &board.entries[..size - 1], blob, &mut rng).unwrap_err(), ViewError::Fork);
    let unread = view(&mut rng).extend(&all, &board.entries, |_| None, &mut rng).unwrap_err();
    assert_eq!(unread.rule(), "ENTRY-7");
}

#[test]
fn a_blob_that_is_not_there_is_an_error() {
    let mut e = voted(3, 2);
    e.board.close();
    let mix = e.mix(1, 1);
    e.board.post(PostKind::Mix, 1, &mix);
    e.board.blobs.remove(&sha256(&mix));
    let error = e.board.view(&e.bases).unwrap_err();
    assert_eq!(error.rule(), "ENTRY-7");
    assert!(PostFault::Intent.rule() == "OPEN-2");
}
