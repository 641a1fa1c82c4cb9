//! The official lists and counts of an election, and the ballots that give them.

use crate::plan::shuffled;
use anyhow::{Context, Result, bail, ensure};
use ballot::Manifest;
use ballot::rng::SeededRng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A folder of official data.
pub struct Lists {
    /// The two files that `tally new` reads.
    pub vis3: (PathBuf, PathBuf),
    districts: Vec<District>,
}

/// A district with its candidates and the online votes of each. Ids are in lower case, as in a manifest.
#[derive(Clone)]
struct District {
    id: String,
    votes: Vec<(String, u64)>,
}

/// One ballot: the places of district and candidate in the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Vote {
    pub district: usize,
    pub candidate: usize,
}

/// The ballots that are cast, in their order, and what must come out.
pub struct Sample {
    /// In the order of casting.
    pub votes: Vec<Vote>,
    districts: Vec<District>,
}

impl Lists {
    /// Reads `*.districts.json`, `*.choices.json` and `*.expected_ivote_tally_bydistrict.json`.
    pub fn read(folder: &Path) -> Result<Self> {
        let files = || Ok::<_, std::io::Error>(std::fs::read_dir(folder)?.filter_map(|f| Some(f.ok()?.path())));
        let find = |end: &str| -> Result<PathBuf> {
            let mut all =
                files().with_context(|| format!("there are no official lists in {}: name their folder with --data", folder.display()))?;
            let found = all.find(|path| path.to_string_lossy().ends_with(end));
            Ok(std::path::absolute(found.with_context(|| format!("no *{end} in {}", folder.display()))?)?)
        };
        let vis3 = (find(".districts.json")?, find(".choices.json")?);
        let counts: Value = serde_json::from_slice(&std::fs::read(find(".expected_ivote_tally_bydistrict.json")?)?)?;
        let mut districts = Vec::new();
        for (id, votes) in counts["bydistrict"].as_object().context("the counts have no districts")? {
            let votes = votes.as_object().with_context(|| format!("district {id} has no counts"))?.iter();
            let votes = votes.filter(|(candidate, n)| *candidate != "invalid" || *n != 0);
            let number = |n: &Value| n.as_u64().context("a count is no number");
            let votes = votes.map(|(candidate, n)| Ok((candidate.to_lowercase(), number(n)?))).collect::<Result<_>>()?;
            districts.push(District { id: id.to_lowercase(), votes });
        }
        Ok(Self { vis3, districts })
    }

    /// So large a share of each district's ballots, drawn by a fixed seed; with 1, all of them and the official counts.
    pub fn sample(&self, share: f64) -> Result<Sample> {
        ensure!(share > 0.0 && share <= 1.0, "--scale must be above 0 and at most 1");
        let (mut rng, mut votes, mut districts) = (SeededRng::new(b"rehearsal"), Vec::new(), self.districts.clone());
        for (at, district) in districts.iter_mut().enumerate() {
            let each = district.votes.iter().enumerate();
            let all: Vec<usize> = each.flat_map(|(candidate, (_, n))| std::iter::repeat_n(candidate, *n as usize)).collect();
            let most = (all.len() as f64 * share).ceil() as usize;
            district.votes.iter_mut().for_each(|(_, n)| *n = 0);
            for candidate in shuffled(&mut rng, all.len()).into_iter().take(most).map(|i| all[i]) {
                district.votes[candidate].1 += 1;
                votes.push(Vote { district: at, candidate });
            }
        }
        ensure!(share < 1.0 || districts.iter().zip(&self.districts).all(|(a, b)| a.votes == b.votes), "votes were lost in drawing");
        let votes = shuffled(&mut rng, votes.len()).into_iter().map(|i| votes[i]).collect();
        Ok(Sample { votes, districts })
    }
}

impl Sample {
    /// The id of a vote's district.
    pub fn district(&self, vote: Vote) -> &str {
        &self.districts[vote.district].id
    }

    /// How many districts and candidates there are.
    pub fn size(&self) -> (usize, usize) {
        (self.districts.len(), self.districts.iter().map(|d| d.votes.len()).sum())
    }

    /// For every district, its place in the manifest and there the place of each candidate in the district's list.
    pub fn places(&self, manifest: &Manifest) -> Result<Vec<(usize, Vec<u32>)>> {
        let contest = manifest.description().contests.first().context("no contest")?;
        let places = |district: &District| {
            let id = &district.id;
            let list = contest.lists.iter().find(|l| l.districts.contains(id)).with_context(|| format!("no list for district {id}"))?;
            let place = |candidate: &str| {
                let found = list.options.iter().position(|o| o.id == candidate);
                Ok(found.with_context(|| format!("{candidate} is not on the list of district {id}"))? as u32)
            };
            let candidates = district.votes.iter().map(|(candidate, _)| place(candidate)).collect::<Result<_>>()?;
            Ok((manifest.district(id).with_context(|| format!("no district {id}"))?, candidates))
        };
        self.districts.iter().map(places).collect()
    }

    /// Holds `result.json` against the votes: every district is opened, and every candidate has exactly them. Gives how many candidates.
    pub fn compare(&self, manifest: &Manifest, result: &[u8]) -> Result<usize> {
        let result: Value = serde_json::from_slice(result)?;
        let units = result["units"].as_array().context("no units")?;
        let contest = manifest.description().contests.first().context("no contest")?;
        ensure!(units.len() == self.districts.len(), "{} units for {} districts", units.len(), self.districts.len());
        let mut wrong = Vec::new();
        for district in &self.districts {
            let id = &district.id;
            let unit =
                units.iter().find(|u| u["districts"] == serde_json::json!([id])).with_context(|| format!("no unit for district {id}"))?;
            ensure!(unit["state"] == "opened", "district {id} is {}", unit["state"]);
            let list = contest.lists.iter().find(|l| l.districts.contains(id)).with_context(|| format!("no list for district {id}"))?;
            let counts = unit["counts"].as_array().context("no counts")?;
            ensure!(counts.len() == list.options.len(), "district {id}: {} counts for {} candidates", counts.len(), list.options.len());
            let counted: BTreeMap<&str, u64> =
                list.options.iter().zip(counts).map(|(o, n)| (o.id.as_str(), n.as_u64().unwrap_or(u64::MAX))).collect();
            let meant: BTreeMap<&str, u64> = district.votes.iter().map(|(candidate, n)| (candidate.as_str(), *n)).collect();
            for candidate in counted.keys().chain(meant.keys().filter(|c| !counted.contains_key(*c))) {
                let (counted, meant) = (counted.get(candidate), meant.get(candidate).copied().unwrap_or(0));
                if counted != Some(&meant) {
                    wrong.push(format!("{candidate} in {id} has {counted:?}, and {meant} voted so"));
                }
            }
        }
        if wrong.is_empty() { Ok(self.size().1) } else { bail!("{}", wrong.join("; ")) }
    }
}
