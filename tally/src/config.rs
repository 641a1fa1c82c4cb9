//! The file that people write for `tally new`, and the manifest that it becomes. Spec: 03-manifest.
//!
//! TOML; `example-election.toml` beside this file explains every field. What is not said there twice is derived: the counting method
//! follows from the rule, keys and certificates are read from the files that are named.

mod eid;

use crate::failure::{Failure, Outcome};
use crate::files;
use crate::key_file;
use crate::when;
use anyhow::anyhow;
use ballot::manifest::{
    Board, CheckWindow, Committee, Contest, ContestOption, Count, Description, District, Kind, Member, Mixers, OptionList, Rule, Span,
    TrusteeMember, Trustees, Witnesses,
};
use eid::EidConfig;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::value::Datetime;

/// The commented example that `tally new --example` prints.
pub const EXAMPLE: &str = include_str!("example-election.toml");

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Shown to voters.
    pub title: String,
    kind: Kind,
    k_min: u64,
    voting: VotingConfig,
    board: BoardConfig,
    check: CheckWindow,
    eid: EidConfig,
    committee: CommitteeConfig,
    collector: CollectorConfig,
    witnesses: WitnessesConfig,
    trustees: TrusteesConfig,
    #[serde(default)]
    mixers: MixersConfig,
    #[serde(default)]
    districts: Vec<District>,
    #[serde(default)]
    contests: Vec<ContestConfig>,
    #[serde(default)]
    vis3: Vis3Config,
}

/// A time in any of the ways that people write one.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a time like 2027-03-01T09:00:00+02:00, or Unix seconds")]
enum When {
    Seconds(u64),
    Date(Datetime),
    Text(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VotingConfig {
    from: When,
    until: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardConfig {
    batch_seconds: u64,
    batch_smallest: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitteeConfig {
    quorum: u64,
    members: Vec<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectorConfig {
    key: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessesConfig {
    quorum: u64,
    faulty: u64,
    members: Vec<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrusteesConfig {
    threshold: u64,
    #[serde(default, rename = "override")]
    override_rules: bool,
    members: Vec<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MixersConfig {
    required: u64,
    members: Vec<PathBuf>,
}

/// How a contest from VIS3 files is called; else by the event's id and the election's title.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vis3Config {
    /// Id of the contest.
    pub contest: Option<String>,
    /// Its title.
    pub title: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContestConfig {
    id: String,
    title: String,
    rule: Rule,
    #[serde(default)]
    options: Vec<OptionConfig>,
    #[serde(default)]
    lists: Vec<ListConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListConfig {
    districts: Vec<String>,
    options: Vec<OptionConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionConfig {
    id: String,
    title: String,
    #[serde(default)]
    group: String,
}

/// Districts and contests from elsewhere.
#[derive(Clone, Debug)]
pub struct Imported {
    /// In the order of their file.
    pub districts: Vec<District>,
    /// The contest.
    pub contest: Contest,
}

impl Config {
    /// Reads the file; an error names line and column.
    pub fn read(path: &Path) -> Outcome<Self> {
        let text = files::read_text(path)?;
        toml::from_str(&text).map_err(|e| Failure::Unreadable(anyhow!("{}: {}", path.display(), e.to_string().trim_end())))
    }

    /// Names for a contest from VIS3 files.
    pub fn vis3(&self) -> &Vis3Config {
        &self.vis3
    }

    /// Looks up keys and certificates beside the file. The rules of the manifest are not yet checked.
    pub fn describe(&self, path: &Path, imported: Option<Imported>) -> Outcome<Description> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let members = |field: &str, files: &[PathBuf]| -> Outcome<Vec<Member>> {
            let one = |(i, file): (usize, &PathBuf)| Ok(member(folder, &format!("{field}[{i}]"), file)?.0);
            files.iter().enumerate().map(one).collect()
        };
        let (districts, contests) = self.districts_and_contests(imported)?;
        Ok(Description {
            board: Board { batch_seconds: self.board.batch_seconds, batch_smallest: self.board.batch_smallest },
            check: self.check.clone(),
            collector: member(folder, "collector.key", &self.collector.key)?.0,
            committee: Committee { members: members("committee.members", &self.committee.members)?, quorum: self.committee.quorum },
            contests,
            districts,
            eid: self.eid.describe(folder)?,
            haal: 1,
            k_min: self.k_min,
            kind: self.kind,
            mixers: Mixers { members: members("mixers.members", &self.mixers.members)?, required: self.mixers.required },
            title: self.title.clone(),
            trustees: Trustees {
                members: trustees(folder, &self.trustees.members)?,
                override_rules: self.trustees.override_rules,
                threshold: self.trustees.threshold,
            },
            voting: Span { from: self.voting.from.seconds("voting.from")?, until: self.voting.until.seconds("voting.until")? },
            witnesses: Witnesses {
                faulty: self.witnesses.faulty,
                members: members("witnesses.members", &self.witnesses.members)?,
                quorum: self.witnesses.quorum,
            },
        })
    }

    fn districts_and_contests(&self, imported: Option<Imported>) -> Outcome<(Vec<District>, Vec<Contest>)> {
        if let Some(imported) = imported {
            if !self.districts.is_empty() || !self.contests.is_empty() {
                let words = "districts and contests come from the VIS3 files; take [[districts]] and [[contests]] out of the TOML file";
                return Err(Failure::Refused(anyhow!(words)));
            }
            return Ok((imported.districts, vec![imported.contest]));
        }
        let all: Vec<String> = self.districts.iter().map(|d| d.id.clone()).collect();
        let contests = self.contests.iter().map(|c| c.describe(&all)).collect::<Outcome<_>>()?;
        Ok((self.districts.clone(), contests))
    }
}

impl When {
    fn seconds(&self, field: &str) -> Outcome<u64> {
        let seconds = match self {
            Self::Seconds(s) => Ok(*s),
            Self::Date(d) => when::from_datetime(d),
            Self::Text(t) => when::parse(t),
        };
        seconds.map_err(|e| Failure::Refused(anyhow!("{field}: {e}")))
    }
}

impl ContestConfig {
    fn describe(&self, all: &[String]) -> Outcome<Contest> {
        let options = |list: &[OptionConfig]| {
            let one = |o: &OptionConfig| ContestOption { group: o.group.clone(), id: o.id.clone(), title: o.title.clone() };
            list.iter().map(one).collect()
        };
        let lists = match (self.options.is_empty(), self.lists.is_empty()) {
            (false, true) => vec![OptionList { districts: all.to_vec(), options: options(&self.options) }],
            (true, false) => {
                self.lists.iter().map(|l| OptionList { districts: l.districts.clone(), options: options(&l.options) }).collect()
            }
            _ => {
                let words = "give either `options`, for all districts, or [[contests.lists]] with `districts` and `options`";
                return Err(Failure::Refused(anyhow!("contests {:?}: {words}", self.id)));
            }
        };
        let count = match self.rule {
            Rule::List {} => Count::Plurality,
            Rule::Rank { .. } => Count::InstantRunoff,
            _ => Count::Sum,
        };
        Ok(Contest { count, id: self.id.clone(), lists, rule: self.rule.clone(), title: self.title.clone() })
    }
}

fn member(folder: &Path, field: &str, file: &Path) -> Outcome<(Member, Option<ballot::manifest::Hex32>)> {
    let public = key_file::read_public(&folder.join(file)).map_err(|e| e.context(field.to_owned()))?;
    Ok((Member { key: public.key, name: public.name }, public.share_key))
}

fn trustees(folder: &Path, files: &[PathBuf]) -> Outcome<Vec<TrusteeMember>> {
    let one = |(i, file): (usize, &PathBuf)| {
        let field = format!("trustees.members[{i}]");
        let (member, share_key) = member(folder, &field, file)?;
        let missing = || anyhow!("{field}: {} has no share_key; make it with `tally keygen --role trustee`", file.display());
        let share_key = share_key.ok_or_else(|| Failure::Refused(missing()))?;
        Ok(TrusteeMember { key: member.key, name: member.name, share_key })
    };
    files.iter().enumerate().map(one).collect()
}
