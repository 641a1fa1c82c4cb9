//! `verifier check` on a record changed by somebody who has every key: each change is signed, and every step after it is made anew.
//!
//! Nothing says that such a record fails. But the verifier and a trustee who replays it must say the same, and neither may panic.

use super::choices::Choices;
use super::record::{edit, folder, verify, write};
use super::town::BASES;
use crate::insider::{Insider, town};
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use board::{Checkpoint, Entry, OrderKind};
use trustee::view::View;
use verifier::report::{Report, Verdict};

/// The first byte is the stage, the others are the changes; a change of the finished record comes last.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let (stage, finish) = town::STAGES[choices.below(town::STAGES.len())];
    let mut record = stage();
    for _ in 0..1 + choices.below(3) {
        change(&mut record, &mut choices);
    }
    finish(&mut record);
    while !choices.is_over() {
        change(&mut record, &mut choices);
    }
    if record.entries.iter().any(|entry| entry.len() > usize::from(u16::MAX)) {
        return; // no bundle can hold it
    }
    let named: Vec<_> = record.entries.iter().filter_map(|entry| Entry::from_bytes(entry).ok()?.blob()).collect();
    record.blobs.retain(|name, _| named.contains(name));
    let folder = folder();
    write(&record.record(), folder.path()).expect("a folder to write into");
    compare(&record, &verify(folder.path(), &record.id()));
}

fn change(record: &mut Insider, choices: &mut Choices<'_>) {
    if record.entries.len() < 2 {
        return;
    }
    let at = 1 + choices.below(record.entries.len() - 1);
    match choices.below(10) {
        0 => edit(&mut record.entries[at], choices),
        1 => {
            let other = 1 + choices.below(record.entries.len() - 1);
            record.entries.swap(at, other);
        }
        2 => drop(record.entries.remove(at)),
        3 => {
            let (again, other) = (record.entries[at].clone(), 1 + choices.below(record.entries.len()));
            record.entries.insert(other, again);
        }
        4 => drop(record.blobs.remove(&Entry::from_bytes(&record.entries[at]).ok().and_then(|e| e.blob()).unwrap_or_default())),
        _ => signed_again(record, at, choices),
    }
}

/// The change is the author's own: orders and posts are signed again, and blobs go with them.
fn signed_again(record: &mut Insider, at: usize, choices: &mut Choices<'_>) {
    let Ok(mut entry) = Entry::from_bytes(&record.entries[at]) else { return };
    match &mut entry {
        Entry::Order(order) => match choices.below(6) {
            0 => order.time = order.time.wrapping_add(choices.number()).wrapping_sub(choices.number()),
            1 => order.number = order.number.wrapping_add(choices.number() as u32),
            2 => order.value ^= choices.number().rotate_left(u32::from(choices.byte())),
            3 => order.argument[choices.below(32)] ^= choices.byte(),
            4 => order.kind = OrderKind::ALL[choices.below(OrderKind::ALL.len())],
            _ => order.blob = edited(record, &order.blob, choices),
        },
        Entry::Post(post) => post.blob = edited(record, &post.blob, choices),
        Entry::Batch { time, count } => {
            *time = time.wrapping_add(choices.number()).wrapping_sub(choices.number());
            *count = count.wrapping_add(choices.number() as u32);
        }
        Entry::Ballot { ballot: bytes, .. } | Entry::Challenged { opened: bytes } => edit(bytes, choices),
        Entry::Closing { counted, root } => {
            let which = if choices.below(2) == 0 { counted } else { root };
            which[choices.below(32)] ^= choices.byte();
        }
        Entry::Manifest { signatures, .. } => drop(signatures.pop()),
    }
    entry = match entry {
        Entry::Order(order) => Entry::Order(record.signed(order)),
        Entry::Post(post) => Entry::Post(record.signed_post(post.kind, post.author, post.blob)),
        other => other,
    };
    record.entries[at] = entry.to_bytes();
}

fn edited(record: &mut Insider, name: &[u8; 32], choices: &mut Choices<'_>) -> [u8; 32] {
    let mut blob = record.blobs.get(name).cloned().unwrap_or_default();
    edit(&mut blob, choices);
    record.keep(&blob)
}

/// The trustee's library on the same entries and blobs.
fn compare(record: &Insider, report: &Report) {
    let early = ["V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "V14", "V15", "V16"];
    let failures = || report.checks.iter().flat_map(|check| check.failures.iter().map(move |note| (check.id, note)));
    let refused: Vec<_> = failures().filter(|(check, _)| early.contains(check)).collect();
    let blob = |name: &[u8; 32]| record.blobs.get(name).filter(|b| sha256(b) == *name).cloned();
    let view = Checkpoint::verify(&record.checkpoint(), &record.manifest).map_err(|e| e.to_string()).and_then(|checkpoint| {
        let mut rng = SeededRng::new(b"trustee");
        View::new(record.manifest.clone(), &checkpoint, &record.entries, blob, BASES.clone(), &mut rng).map_err(|e| e.to_string())
    });
    let view = match view {
        Ok(_) if !refused.is_empty() => panic!("the trustee accepts what the verifier refuses: {refused:?}"),
        Err(error) if refused.is_empty() && report.verdict != Verdict::Unfinished => {
            panic!("the trustee refuses what the verifier accepts: {error}")
        }
        Ok(view) => view,
        Err(_) => return,
    };
    let result = record.orders_of(OrderKind::Result).last().map(|at| record.entry(*at));
    let (Some(Entry::Order(order)), true) = (result, failures().all(|(check, _)| check == "V20")) else { return };
    let published = record.blobs.get(&order.blob);
    let same = order.argument == view.closed().counted && view.result().is_ok_and(|r| Some(&r.to_bytes()) == published);
    let passed = report.checks.iter().any(|check| check.id == "V20" && check.passed());
    assert_eq!(same, passed, "the trustee's own result is the published one, and what the verifier says of it");
}

/// Each stage untouched, and with some changes.
pub fn seeds() -> Vec<Vec<u8>> {
    let plain = (0..7).map(|stage| vec![stage]);
    let changed = (0..7).map(|stage| vec![stage, 1, stage * 11, 5 + stage % 5, stage, 3, 1, 0, 0]);
    plain.chain(changed).collect()
}
