//! Random honest records, and records that are not finished.

use super::check::{judge, say};
use board::{OrderKind, PostKind};
use e2e::insider::{Insider, random, town};
use e2e::kit::{Case, Note, counted_as_meant, work};

/// Random elections: no failure, no finding but those that the manifest and absent trustees give rise to, and the count is what the
/// voters meant.
#[test]
fn random_honest_records_pass() {
    let n: u64 = std::env::var("HAAL_HONEST").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let from: u64 = std::env::var("HAAL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let wrong = work::on_two_threads(n as usize, |seed| {
        let i = random::honest(from + seed as u64);
        counted_as_meant(&i);
        let case = Case::of(i).with_weaknesses();
        judge(&case).map_err(|e| format!("seed {}:\n{e}", from + seed as u64))
    });
    assert!(wrong.is_empty(), "{} of {n}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Nothing may rest on a live checkpoint that no quorum has seen.
#[test]
fn a_live_record_without_a_quorum_fails() {
    let mut i = town::voted();
    let alone = i.checkpoint_of(i.entries.len() as u64, &i.root(), &[]);
    i.files.insert("checkpoint".into(), Some(alone.into_bytes()));
    let said = say(&i);
    assert_eq!((said.code, said.failures()), (1, vec![Note::new("V4", "LOG-4", "checkpoint".to_owned())]));
}

/// Unfinished records: consistent so far.
#[test]
fn unfinished_records_are_consistent_so_far() {
    let mut live = town::mixed();
    live.order(OrderKind::Note, 0, [0; 32], Some("the trustees meet tomorrow".as_bytes()));
    let stages: [Insider; 9] = [
        town::new(),
        town::opened(),
        town::voted(),
        town::closed(),
        town::sealed(),
        town::mixed(),
        town::declared(),
        town::unsealed(),
        live,
    ];
    let wrong = work::on_two_threads(stages.len(), |at| {
        let said = say(&stages[at]);
        let found = [said.failures(), said.findings()].concat();
        if said.code == 3 && found.is_empty() { Ok(()) } else { Err(format!("stage {at}: exit code {}, {found:?}", said.code)) }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(town::new().posts_of(PostKind::Commit).is_empty());
}
