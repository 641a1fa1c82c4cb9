//! Targets for fuzzing: each takes any bytes, and panics if a program would have done something wrong with them.
//!
//! What is asserted is more than that nothing panics: what decodes is the only encoding of its value, and the libraries and the verifier,
//! which share no code, accept and refuse the same bytes. `tests/fuzz/` runs the targets with coverage; the test `fuzz` runs them on
//! stable over the corpus in `tests/corpus/`, the seeds, and changes of both.

pub mod ballots;
pub mod board;
pub mod ceremony;
pub mod choices;
pub mod digidoc;
pub mod envelope;
pub mod manifest;
pub mod mutate;
pub mod papers;
pub mod questions;
pub mod record;
pub mod requests;
pub mod resealed;
pub mod tally;
pub mod town;

use std::path::PathBuf;

/// One target.
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Panics if something is wrong.
    pub run: fn(&[u8]),
    /// Bytes to start from: what honest programs write.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many inputs the ordinary test takes; one costs from microseconds to half a second.
    pub share: usize,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "manifest", run: manifest::run, seeds: manifest::seeds, share: 4000 },
    Target { name: "entry", run: board::entry, seeds: board::entry_seeds, share: 20_000 },
    Target { name: "lists", run: board::lists, seeds: board::list_seeds, share: 10_000 },
    Target { name: "checkpoint", run: board::checkpoint, seeds: board::checkpoint_seeds, share: 4000 },
    Target { name: "tiles", run: board::tiles, seeds: board::tile_seeds, share: 10_000 },
    Target { name: "trees", run: board::trees, seeds: board::tree_seeds, share: 4000 },
    Target { name: "request", run: requests::run, seeds: requests::seeds, share: 500 },
    Target { name: "ballot", run: ballots::run, seeds: ballots::seeds, share: 500 },
    Target { name: "message", run: ceremony::message, seeds: ceremony::message_seeds, share: 4000 },
    Target { name: "kept", run: ceremony::kept, seeds: ceremony::kept_seeds, share: 10_000 },
    Target { name: "mix", run: tally::mix, seeds: tally::mix_seeds, share: 500 },
    Target { name: "opening", run: tally::opening, seeds: tally::opening_seeds, share: 2000 },
    Target { name: "certificate", run: envelope::certificate, seeds: envelope::certificate_seeds, share: 4000 },
    Target { name: "issued", run: envelope::issued, seeds: envelope::issued_seeds, share: 1000 },
    Target { name: "container", run: envelope::container, seeds: envelope::container_seeds, share: 2000 },
    Target { name: "digidoc", run: digidoc::run, seeds: digidoc::seeds, share: 2000 },
    Target { name: "papers", run: papers::run, seeds: papers::seeds, share: 1000 },
    Target { name: "proofs", run: questions::proofs, seeds: questions::proof_seeds, share: 2000 },
    Target { name: "complaints", run: questions::complaints, seeds: questions::complaint_seeds, share: 1000 },
    Target { name: "record", run: record::run, seeds: record::seeds, share: 40 },
    Target { name: "resealed", run: resealed::run, seeds: resealed::seeds, share: 20 },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|t| t.name == name)
}

impl Target {
    /// Where its corpus lies.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name)
    }

    /// The corpus, sorted by file name.
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let Ok(folder) = std::fs::read_dir(self.folder()) else { return Vec::new() };
        let mut files: Vec<PathBuf> = folder.map(|file| file.expect("a readable folder").path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read(file).expect("a readable file")).collect()
    }
}

/// Both readers accept, or both refuse.
pub(crate) fn agree<A, B, E: std::fmt::Debug, F: std::fmt::Debug>(what: &str, ours: &Result<A, E>, verifiers: &Result<B, F>) {
    match (ours, verifiers) {
        (Ok(_), Err(fault)) => panic!("{what}: the library accepts what the verifier refuses: {fault:?}"),
        (Err(error), Ok(_)) => panic!("{what}: the verifier accepts what the library refuses: {error:?}"),
        _ => {}
    }
}
