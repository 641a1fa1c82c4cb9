//! V6, V7, V9 and V10 on small logs with real signatures: each rule broken once, and what stands on the edge of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod files;
#[path = "../made/mod.rs"]
mod made;
mod order;
mod rules;
mod sessions;

use made::board::Board;
use made::trustees;
use tempfile::TempDir;
use verifier::bytes::Hash;
use verifier::checks::{ceremony, drills, entries, phases};
use verifier::entry::{self, Entry};
use verifier::hash::labelled;
use verifier::log::{Item, Log};
use verifier::manifest::Manifest;
use verifier::report::Check;
use verifier::source::Source;
use verifier::weights::Entropy;

/// Within the voting time of the manifest.
const OPEN: u64 = 1_795_000_000;
const UNTIL: u64 = 1_795_001_000;
const NONE: Hash = [0; 32];

fn start() -> (Board, Manifest) {
    let file = made::manifest();
    let manifest = Manifest::read(&file).unwrap();
    (Board::new(file, manifest.election), manifest)
}

fn log(board: &Board, manifest: &Manifest) -> Log {
    let mut log = Log::default();
    for bytes in &board.entries {
        let item = match entry::decode(bytes, &|district| manifest.ballot_length(district)) {
            Ok(Entry::Ballot(head)) => {
                log.ballots.push(head);
                log.ballot_entries.push(log.items.len() as u64);
                Item::Ballot(log.ballots.len() - 1)
            }
            Ok(entry) => Item::Plain(Box::new(entry)),
            Err(fault) => Item::Bad(Box::new(fault)),
        };
        log.items.push(item);
    }
    log
}

fn broken(check: &Check) -> Vec<(String, String)> {
    check.failures.iter().map(|note| (note.rule.clone(), note.place.clone())).collect()
}

/// The failures of V6, as rules and entries.
fn v6(board: &Board, manifest: &Manifest) -> Vec<(String, u64)> {
    let log = log(board, manifest);
    let (check, sound) = entries::check(manifest, &log);
    assert_eq!(check.count, log.items.len().max(1) as u64);
    assert!(check.failed <= check.count);
    let place = |place: &str| place.strip_prefix("entry ").unwrap().split(' ').next().unwrap().parse().unwrap();
    let failures: Vec<(String, u64)> = check.failures.iter().map(|note| (note.rule.clone(), place(&note.place))).collect();
    for (index, sound) in sound.iter().enumerate() {
        assert!(*sound || failures.iter().any(|(_, entry)| *entry == index as u64), "entry {index} is left out in silence");
    }
    failures
}

/// Judges V6 after a change to the manifest entry and two orders *note*.
fn after(change: impl FnOnce(&mut Board)) -> Vec<(String, u64)> {
    let (mut board, manifest) = start();
    board.order(10, 5, 0, NONE, [9; 32]);
    board.order(10, 5, 0, NONE, [9; 32]);
    change(&mut board);
    v6(&board, &manifest)
}

fn one(rule: &str, entry: u64) -> Vec<(String, u64)> {
    vec![(rule.to_owned(), entry)]
}

fn findings(check: &Check) -> Vec<(String, String)> {
    let place = |place: &str| place.split(" blob").next().unwrap().to_owned();
    check.findings.iter().map(|note| (note.rule.clone(), place(&note.place))).collect()
}

/// An entry of type 5 with nothing but a head, and its hash.
fn ballot(n: u8) -> (Hash, Vec<u8>) {
    let body = vec![n; 136];
    (labelled("ballot", &body), [&[5, 1][..], &[0; 32], &body].concat())
}

fn batch(time: u64, count: u32) -> Vec<u8> {
    [&[4, 1][..], &time.to_be_bytes(), &count.to_be_bytes()].concat()
}

fn place(rule: &str, entry: u64) -> Vec<(String, String)> {
    vec![(rule.to_owned(), format!("entry {entry}"))]
}
