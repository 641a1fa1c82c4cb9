//! What a large record costs: `cargo test -p verifier --release --test speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use rayon::prelude::*;
use std::fs;
use std::time::Instant;
use verifier::ballot::{Head, Prefixes};
use verifier::bytes::Hash;
use verifier::checks::ballots::{Pass, check};
use verifier::counted::{self, Line};
use verifier::group::{self, Scalar};
use verifier::hash::sha256;
use verifier::log::Log;
use verifier::logs::Encoded;
use verifier::manifest::Manifest;
use verifier::opened;
use verifier::progress::Progress;
use verifier::proof::Bases;
use verifier::session::Key;
use verifier::source::Source;
use verifier::tiles;
use verifier::units::UnitMap;
use verifier::weights::Entropy;

const DISTINCT: usize = 5_000;
const BALLOTS: usize = 100_000;

#[test]
#[ignore = "takes minutes"]
fn ballots() {
    let vectors = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/vectors/06-ballot.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&vectors).unwrap();
    for name in ["choose 1 of 5 or blank", "list"] {
        let case = vectors["cases"].as_array().unwrap().iter().find(|case| case["name"].as_str().unwrap().starts_with(name)).unwrap();
        measure(name, &Manifest::read(case["manifest"].as_str().unwrap().as_bytes()).unwrap());
    }
}

fn measure(name: &str, manifest: &Manifest) {
    let column = |c: usize| Encoded::of(group::times_g(&Scalar::from(c as u64 + 1000)));
    let key = Key { id: [1; 32], session: [2; 32], columns: (0..manifest.columns).map(column).collect(), shares: Vec::new() };
    let columns: Vec<Hash> = key.columns.iter().map(|h| h.bytes).collect();
    let prefixes = Prefixes::new(manifest, &key.id, &columns);
    let bases = Bases { columns: key.columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(manifest.bits) };
    let make = |i: usize| ballot(manifest, &key, &prefixes, &bases, &sha256(&(i % DISTINCT).to_be_bytes()));
    let made: Vec<Vec<u8>> = (0..DISTINCT).into_par_iter().map(make).collect();
    let folder = tempfile::tempdir().unwrap();
    for (index, width) in tiles::of_level(BALLOTS as u64, 0) {
        let path = folder.path().join(tiles::bundle(index, width));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        for i in 0..width as usize {
            let entry = [&[5, 1][..], &[0; 32], &made[(index as usize * 256 + i) % DISTINCT]].concat();
            bytes.extend((entry.len() as u16).to_be_bytes());
            bytes.extend(entry);
        }
        fs::write(path, bytes).unwrap();
    }
    let size = made[0].len();
    drop(made);
    let mut roll: Vec<Line> = (0..DISTINCT).map(|i| Line { pseudonym: sha256(&i.to_be_bytes()), district: 0 }).collect();
    roll.sort_by_key(|line| line.pseudonym);
    let source = Source::folder(folder.path().to_str().unwrap()).unwrap();
    let entropy = Entropy::fresh().unwrap();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (start, worked) = (Instant::now(), processor_seconds());
            let log = Log::read(&source, manifest, BALLOTS as u64, Progress::new(false), &mut Vec::new()).unwrap().unwrap();
            let read = start.elapsed();
            let set = counted::counted_set(manifest, &log.ballots, &roll, &Default::default());
            let units = UnitMap::new(manifest, counted::units(manifest, &set.by_district));
            let start = Instant::now();
            let statuses = &set.statuses;
            let cache = verifier::cache::Cache::off();
            let (cache, counting) = (&cache, true);
            let pass = Pass {
                source: &source,
                manifest,
                log: &log,
                roll: &roll,
                key: &key,
                statuses,
                units: &units,
                entropy: &entropy,
                cache,
                counting,
            };
            let found = check(&pass, Progress::new(false)).unwrap();
            let passed = start.elapsed();
            assert!(found.checks[1].passed(), "{:?}", found.checks[1].failures.first());
            let each = (processor_seconds() - worked) * 1000.0 / BALLOTS as f64;
            println!(
                "{name}: {size} bytes, {threads} threads: read {read:.2?}, checked {passed:.2?}, {each:.4} ms of a core a ballot, {}",
                memory()
            );
        });
    }
}

fn ballot(manifest: &Manifest, key: &Key, prefixes: &Prefixes, bases: &Bases, seed: &Hash) -> Vec<u8> {
    let head = Head { election: manifest.election, key: key.id, district: 0, voter: *seed, number: 1, previous: [0; 32] };
    let mut bytes = [&[16, 1][..], &head.election, &head.key, &[0, 0], &head.voter, &1u32.to_be_bytes(), &head.previous].concat();
    for (number, part) in manifest.parts[0].iter().enumerate() {
        let (contest, list) = manifest.part(*part).unwrap();
        let mut selection = vec![0; list.shape.w];
        selection[0] = 1;
        let bits = list.shape.bits_of(contest.rule, &selection).unwrap();
        let transcript = prefixes.transcript(manifest, &head, number).unwrap();
        bytes.extend(opened::make(&list.shape, &selection, &bits, seed, transcript, bases));
    }
    bytes
}

/// Processor time of this process; other work on the machine does not count.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(") ").next().unwrap_or("").split(' ').filter_map(|field| field.parse().ok()).collect();
    // Field 14 of proc(5), user time in hundredths; the state letter is no number.
    fields.get(10).copied().unwrap_or(0.0) / 100.0
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("").to_owned()
}
