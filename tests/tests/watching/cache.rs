//! What was verified is not verified again, and nothing else changes: CACHE-1 to CACHE-4.

use super::scene::{done, more, voted, write};
use e2e::insider::Insider;
use e2e::process::program;
use std::path::Path;
use std::process::Command;

/// Exit code, report, and how many proofs were verified and remembered.
fn check(record: &Path, cache: &[&str]) -> (i32, String, (u64, u64)) {
    let mut command = Command::new(program("verifier"));
    command.arg("check").arg(record).args(["--json", "--quiet", "--work"]).args(cache).env_remove("VERIFIER_NO_CACHE");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let numbers: Vec<u64> = said.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [verified, remembered] = numbers[..] else { panic!("{said}") };
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), (verified, remembered))
}

fn written(log: &Insider) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(log, &folder.path().join("record"));
    folder
}

#[test]
fn the_report_is_the_same_and_the_second_time_costs_nothing() {
    let folder = written(&done(more(&voted(), 4)));
    let (record, cache) = (folder.path().join("record"), folder.path().join("cache"));
    let cache = ["--cache", cache.to_str().unwrap()];
    let without = check(&record, &["--no-cache"]);
    assert_eq!(without.2.1, 0);
    // 12 ballots, 2 mixes of at least one unit, openings of 2 trustees at least, the result.
    assert!(without.2.0 >= 12 + 2 + 2 + 1, "{:?}", without.2);
    let first = check(&record, &cache);
    assert_eq!((&first.0, &first.1, first.2), (&without.0, &without.1, without.2));
    let second = check(&record, &cache);
    assert_eq!((&second.0, &second.1), (&without.0, &without.1));
    assert_eq!(second.2, (0, without.2.0));
    // In the user's cache folder, if none is named; and nothing is looked up with --no-cache.
    assert_eq!(check(&record, &["--no-cache"]).2, without.2);
}

#[test]
fn a_record_that_grew_costs_what_is_new() {
    let mut log = voted();
    let folder = written(&log);
    let cache = folder.path().join("cache");
    let cache = ["--cache", cache.to_str().unwrap()];
    assert_eq!(check(&folder.path().join("record"), &cache).2, (11, 0));
    for voter in [4, 5] {
        log = more(&log, voter);
        let grown = written(&log);
        let record = grown.path().join("record");
        let said = check(&record, &cache);
        assert_eq!((said.2.0, &said.1), (1, &check(&record, &["--no-cache"]).1));
    }
}

#[test]
fn a_damaged_cache_costs_time_and_no_verdict() {
    let folder = written(&done(voted()));
    let (record, cache) = (folder.path().join("record"), folder.path().join("cache"));
    let args = ["--cache", cache.to_str().unwrap()];
    let honest = check(&record, &args);
    let file = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&file).unwrap();
    let flipped: Vec<u8> = good.iter().map(|byte| byte ^ 0x55).collect();
    let shifted = good[1..].to_vec();
    for damaged in [vec![], vec![0; 100_000], flipped, shifted, good[..33].to_vec()] {
        std::fs::write(&file, &damaged).unwrap();
        let said = check(&record, &args);
        assert_eq!((&said.0, &said.1), (&honest.0, &honest.1), "{} bytes", damaged.len());
        assert_eq!(said.2.0 + said.2.1, honest.2.0);
        assert_eq!(check(&record, &args).2.0, 0, "it is good again");
    }
    std::fs::remove_dir_all(&cache).unwrap();
    assert_eq!(check(&record, &args), honest);
}

#[test]
fn what_fails_is_not_remembered_and_fails_again() {
    let mut log = voted();
    let mut bytes = log.ballot(11, &e2e::insider::town::vote(0, 0)).bytes().to_vec();
    let last = bytes.len() - 32;
    bytes[last] ^= 1;
    log.batch(vec![e2e::insider::Item::Cast(bytes)]);
    let folder = written(&log);
    let (record, cache) = (folder.path().join("record"), folder.path().join("cache"));
    let cache = ["--cache", cache.to_str().unwrap()];
    let without = check(&record, &["--no-cache"]);
    assert_eq!(without.0, 1);
    for _ in 0..2 {
        let said = check(&record, &cache);
        assert_eq!((&said.0, &said.1), (&without.0, &without.1));
    }
    // A good ballot that was verified does not vouch for the same ballot with another byte.
    let good = voted();
    let folder = written(&good);
    let record = folder.path().join("record");
    let cache = folder.path().join("cache");
    let cache = ["--cache", cache.to_str().unwrap()];
    assert_eq!(check(&record, &cache).0, 3);
    let mut changed = good;
    let ballot = changed.entries.len() - 1;
    let last = changed.entries[ballot].len() - 32;
    changed.entries[ballot][last] ^= 1;
    let folder = written(&changed);
    assert_eq!(check(&folder.path().join("record"), &cache).0, 1);
}
