//! How large an election is, and what it asks of others.

use crate::plan::ContestPlan;
use std::ffi::OsString;
use std::path::PathBuf;

/// How many of whom.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Setup {
    pub title: String,
    /// A practice election; else one that counts.
    pub practice: bool,
    pub trustees: usize,
    pub threshold: usize,
    pub mixers: usize,
    pub required: usize,
    pub witnesses: usize,
    pub k_min: u64,
    /// Id and title.
    pub districts: Vec<(String, String)>,
    pub contests: Vec<ContestPlan>,
    /// VIS3 files in place of districts and contests: `*.districts.json`, `*.choices.json`.
    pub vis3: Option<(PathBuf, PathBuf)>,
    /// The container of a ballot: `cades-b` or `asic-e`.
    pub profile: String,
    /// An OCSP answer and a time stamp for each ballot (07c-evidence), from OpenSSL's services.
    pub services: Asked,
    /// URL of the PostgreSQL that holds the ballots, in place of a file of the collector.
    pub store: Option<String>,
}

/// What the manifest asks of others about a ballot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    #[default]
    Nothing,
    /// A time stamp for each ballot, and an OCSP answer that may serve several ballots of one certificate.
    Cached,
    /// A time stamp and an OCSP answer of its own for each ballot.
    Each,
}

impl Setup {
    /// 5 trustees of whom 3 open, 3 mixers, 2 witnesses, 3 districts, 4 contests.
    pub fn default_rehearsal() -> Self {
        let district = |id: &str, title: &str| (id.to_owned(), title.to_owned());
        Self {
            title: "Rehearsal election".into(),
            practice: true,
            trustees: 5,
            threshold: 3,
            mixers: 3,
            required: 3,
            witnesses: 2,
            k_min: 2,
            districts: vec![district("north", "North Shore"), district("town", "Old Town"), district("isles", "The Isles")],
            contests: crate::plan::default_contests(),
            vis3: None,
            profile: "cades-b".into(),
            services: Asked::Nothing,
            store: None,
        }
    }

    /// The words that say it to the collector.
    pub(super) fn place(&self) -> Vec<OsString> {
        self.store.iter().flat_map(|url| args!["--store", url]).collect()
    }

    /// 2 of 3 trustees, 2 mixers, 1 witness: quick enough for many tests.
    pub fn small() -> Self {
        Self { trustees: 3, threshold: 2, mixers: 2, required: 2, witnesses: 1, ..Self::default_rehearsal() }
    }
}
