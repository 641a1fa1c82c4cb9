//! A whole record, tampered with behind the backs of its signers: for each check something that only it may see.
//!
//! The record is a small one that these tests make from the pages (`made`); the tests of the whole system change records
//! that the real programs wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod asked;
mod counting;
#[path = "../made/mod.rs"]
mod made;
mod noise;
mod preparation;
mod rolls;
mod voting;

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use verifier::bytes::Hash;
use verifier::cache::Cache;
use verifier::checks::{annulments, ballots, ceremony, chains, closing, drills, intents, mixes, openings, phases, result, roll};
use verifier::counted;
use verifier::hash::sha256;
use verifier::log::Log;
use verifier::manifest::Manifest;
use verifier::progress::Progress;
use verifier::report::{Check, Report, State, Verdict};
use verifier::run::{self, Options};
use verifier::source::Source;
use verifier::tiles;
use verifier::units::UnitMap;
use verifier::weights::Entropy;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// A copy of the record whose entries and blobs a test may change.
struct Tampered {
    folder: TempDir,
    manifest: Manifest,
    entries: Vec<Vec<u8>>,
    /// Entries of the record as it was.
    size: u64,
}

impl Tampered {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        copy(made::record(), folder.path());
        let manifest = Manifest::read(&fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
        let checkpoint = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
        let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
        let mut entries = Vec::new();
        for (index, width) in tiles::of_level(size, 0) {
            let bytes = fs::read(folder.path().join(tiles::bundle(index, width))).unwrap();
            entries.extend(tiles::entries(&bytes, width).unwrap().into_iter().map(<[u8]>::to_vec));
        }
        Self { folder, manifest, entries, size }
    }

    /// The first entry, from some place on, that begins like this.
    fn find(&self, head: &[u8], which: impl Fn(&[u8]) -> bool) -> usize {
        self.entries.iter().position(|entry| entry.starts_with(head) && which(entry)).expect("such an entry")
    }

    fn blob(&self, name: &[u8]) -> Vec<u8> {
        fs::read(self.folder.path().join("blob").join(hex::encode(name))).unwrap_or_else(|_| vec![0])
    }

    /// Changes the blob that an entry names, and its name in the entry.
    fn change_blob(&mut self, entry: usize, at: usize, change: impl FnOnce(&mut Vec<u8>)) {
        let mut blob = self.blob(&self.entries[entry][at..at + 32]);
        change(&mut blob);
        let name = sha256(&blob);
        fs::write(self.folder.path().join("blob").join(hex::encode(name)), blob).unwrap();
        self.entries[entry][at..at + 32].copy_from_slice(&name);
    }

    fn write(&self) {
        for (index, width) in tiles::of_level(self.entries.len() as u64, 0) {
            let from = (index * 256) as usize;
            let mut bytes = Vec::new();
            for entry in &self.entries[from..from + width as usize] {
                bytes.extend((entry.len() as u16).to_be_bytes());
                bytes.extend(entry);
            }
            fs::write(self.folder.path().join(tiles::bundle(index, width)), bytes).unwrap();
        }
    }

    /// Runs V7 to V20 as if every signature were good, and each whatever the others say.
    fn run(&self) -> Vec<Check> {
        self.write();
        let (manifest, progress, entropy) = (&self.manifest, Progress::new(false), Entropy::fresh().unwrap());
        let source = Source::folder(self.folder.path().to_str().unwrap()).unwrap();
        let log = Log::read(&source, manifest, self.entries.len() as u64, progress, &mut Vec::new()).unwrap().unwrap();
        let sound = vec![true; self.entries.len()];
        let (v7, timeline) = phases::check(manifest, &log, &sound);
        let (v8, rolls) = roll::check(&source, manifest, &log, &timeline);
        let found = ceremony::check(&source, manifest, &log, &sound, &timeline, &entropy);
        let v10 = drills::check(&source, manifest, &log, &sound, &timeline, &found.confirmed, &entropy);
        let mut checks = vec![v7, v8, found.check, v10];
        let (Some(rolls), Some(key)) = (rolls, found.key) else { return checks };
        let v14 = chains::check(&log, &rolls);
        let (v15, annulled) = annulments::check(&source, &rolls, &timeline);
        let set = counted::counted_set(manifest, &log.ballots, &rolls.whole(), &annulled.into_keys().collect());
        let units = UnitMap::new(manifest, counted::units(manifest, &set.by_district));
        let pass = ballots::Pass {
            source: &source,
            manifest,
            log: &log,
            rolls: &rolls,
            key: &key,
            statuses: &set.statuses,
            units: &units,
            entropy: &entropy,
            cache: &Cache::off(),
            counting: true,
        };
        let found = ballots::check(&pass, progress).unwrap();
        checks.extend(found.checks);
        checks.extend([v14, v15]);
        let (Some(closing), Some(result)) = (timeline.closing, timeline.result) else { return checks };
        checks.push(closing::check(&set, closing));
        // The closed checkpoint and the counted set are those that the closing entry had before anybody changed a byte.
        let original = self.original();
        let input = mixes::Input {
            source: &source,
            manifest,
            log: &log,
            sound: &sound,
            key: &key,
            counted: &original.0,
            finished: true,
            entropy: &entropy,
            cache: &Cache::off(),
        };
        let (v17, prepared) = mixes::check(&input, &units, found.rows, progress);
        let (v18, right) = intents::check(&input, &prepared, original.1);
        let (v19, chosen) = openings::check(&input, &prepared, &right, original.1, progress);
        checks.extend([v17, v18, v19]);
        if checks.last().unwrap().passed() {
            checks.push(result::check(&input, prepared, &chosen, result, progress));
        }
        checks
    }

    /// Counted-set hash and closed checkpoint of the record as it was.
    fn original(&self) -> (Hash, (u64, Hash)) {
        let source = Source::folder(made::record().to_str().unwrap()).unwrap();
        let log = Log::read(&source, &self.manifest, self.size, Progress::new(false), &mut Vec::new()).unwrap().unwrap();
        let sound = vec![true; log.items.len()];
        let (_, timeline) = phases::check(&self.manifest, &log, &sound);
        (timeline.closing.unwrap().1, log.closed.unwrap())
    }
}

/// What a test changes, and the checks that must fail; others may fail too only if they are named.
fn failing(checks: &[Check]) -> Vec<(&'static str, Vec<(String, String)>)> {
    let notes = |check: &Check| check.failures.iter().map(|note| (note.rule.clone(), note.place.clone())).collect();
    checks.iter().filter(|check| check.state == State::Failed).map(|check| (check.id, notes(check))).collect()
}

fn ids(checks: &[Check]) -> Vec<&'static str> {
    failing(checks).iter().map(|(id, _)| *id).collect()
}

const BALLOT: &[u8] = &[5, 1];
/// Bytes of a ballot entry before the parts.
const PARTS: usize = 34 + 136;

fn post(kind: u8) -> impl Fn(&[u8]) -> bool {
    move |entry| entry[0] == 3 && entry[5] == kind
}

fn order(kind: u8) -> impl Fn(&[u8]) -> bool {
    move |entry| entry[0] == 2 && entry[6] == kind
}
