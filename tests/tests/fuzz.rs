//! Every fuzz target over its seeds, its corpus, and some thousand blind changes of them, without any tool but cargo.
//!
//! `HAAL_FUZZ` multiplies the number of changes; `HAAL_FUZZ_TARGET` names one target; `HAAL_FUZZ_SEED` makes other changes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ballot::rng::SeededRng;
use ballot::{Manifest, Record};
use board::Entry;
use e2e::fuzz::mutate::mutate;
use e2e::fuzz::{TARGETS, Target, board as logs, digidoc, envelope, manifest, papers, questions, requests, town};
use rand_core::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use verifier::questions::proof::Answer;

fn number(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Gives the inputs that the target does not survive, at most a few.
fn fuzz(target: &Target) -> Vec<String> {
    let mut inputs = (target.seeds)();
    assert!(!inputs.is_empty(), "{}: no seeds", target.name);
    inputs.extend(target.corpus());
    let changes = (target.share as f64 * number("HAAL_FUZZ", 1.0)) as usize;
    let mut rng = SeededRng::new(&[target.name.as_bytes(), &(number("HAAL_FUZZ_SEED", 0.0) as u64).to_be_bytes()].concat());
    let changed = (0..changes).map(|_| {
        let [from, other] = [rng.next_u64(), rng.next_u64()].map(|n| &inputs[n as usize % inputs.len()]);
        mutate(&mut rng, from, other)
    });
    let mut wrong = Vec::new();
    for input in inputs.iter().cloned().chain(changed) {
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            let path = std::env::temp_dir().join(format!("haal-fuzz-{}-{}", target.name, wrong.len()));
            let _ = std::fs::write(&path, &input);
            wrong.push(format!("{}: see above; the input is {}", target.name, path.display()));
            if wrong.len() == 5 {
                break;
            }
        }
    }
    wrong
}

#[test]
fn targets_survive_their_corpus_and_changes_of_it() {
    let only = std::env::var("HAAL_FUZZ_TARGET").unwrap_or_default();
    let chosen = TARGETS.iter().filter(|target| only.is_empty() || target.name == only);
    let wrong: Vec<String> = chosen.flat_map(fuzz).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// From seeds that are refused at once, changes would not get far.
#[test]
fn seeds_are_honest() {
    for seed in papers::seeds() {
        assert_eq!(papers::status(&seed), Some(0), "paper {}", seed[0]);
    }
    for (seed, rule) in questions::complaint_seeds().iter().zip(["ASK-7", "ASK-8", "ASK-9"]) {
        assert_eq!(questions::complaint_rule(seed), rule);
    }
    for seed in questions::proof_seeds() {
        let answer = Answer::judge(&seed, Some(&town::DONE.id()));
        assert_eq!(answer.verdict, "holds", "{}", answer.text());
    }
    assert_eq!(requests::seeds().iter().map(|seed| requests::cosigned(seed)).collect::<Vec<_>>(), [3, 2, 2, 1, 2]);
    assert!(logs::entry_seeds().iter().all(|seed| Entry::from_bytes(seed).is_ok()));
    assert!(manifest::seeds().iter().all(|seed| Manifest::from_bytes(seed).is_ok()));
    assert!(digidoc::seeds().iter().all(|seed| digidoc::opens(seed)));
    let accepted = envelope::container_seeds().iter().all(|seed| envelope::accepts(seed));
    assert!(accepted && envelope::issued_seeds().iter().all(|seed| envelope::is_issued(seed)));
}

#[test]
fn the_corpus_is_small_and_has_only_targets() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut size = 0;
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(e2e::fuzz::target(&name).is_some(), "{} is of no target", path.display());
        size += std::fs::read_dir(path).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>();
    }
    assert!(size < 400_000, "{size} bytes of corpus: minimise it");
}
