//! The part of the kit that lies in `specs/vectors/records/`: the index of all cases, and a few of the records.

use super::index::{Entry, Index};
use super::zip;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Result;
use std::path::{Path, PathBuf};

/// Honest records that are kept.
const HONEST: [&str; 7] = [
    "one-ballot-k-min-1",
    "nobody-votes",
    "the-town",
    "sums-alone-no-mixers",
    "suspended-resumed-extended-noted",
    "random-3",
    "with-evidence",
];

/// The longest archive that is kept, in bytes.
const MOST: usize = 100_000;

/// The families of record mutations: each is kept once at least.
const FAMILIES: [(u8, u8); 17] = [
    (1, 4),
    (5, 8),
    (9, 13),
    (14, 17),
    (18, 23),
    (24, 29),
    (30, 33),
    (34, 37),
    (38, 42),
    (43, 48),
    (49, 54),
    (55, 58),
    (59, 62),
    (63, 63),
    (64, 64),
    (65, 66),
    (67, 70),
];

/// Where it lies.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/vectors/records")
}

/// The index that lies there.
pub fn index() -> Result<Index> {
    Ok(Index::from_bytes(&std::fs::read(folder().join("index.json"))?)?)
}

/// Names of the cases whose records are kept: some honest ones, and the first that shows a check, or a family, which none before it shows.
/// Beside a case stands the length of its archive.
pub fn chosen<'a>(cases: impl Iterator<Item = (&'a Entry, usize)>) -> BTreeSet<String> {
    let mut chosen: BTreeSet<String> = HONEST.map(str::to_owned).into();
    let mut shown = BTreeSet::new();
    for (case, _) in cases.filter(|(_, length)| *length <= MOST) {
        let mut shows: BTreeSet<String> = case.expected.failures.iter().chain(&case.expected.findings).map(|n| n.check.clone()).collect();
        for id in &case.ids {
            let number = id.strip_prefix('M').and_then(|n| n.parse::<u8>().ok());
            let family = FAMILIES.iter().find(|(from, to)| number.is_some_and(|n| (*from..=*to).contains(&n)));
            shows.extend(family.map(|f| format!("M{}", f.0)));
        }
        if !shows.is_subset(&shown) {
            shown.extend(shows);
            chosen.insert(case.name.clone());
        }
    }
    chosen
}

/// The archive of a case.
pub fn archive(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    zip::pack(name, files)
}
