//! Manifests of elections whose members all are the insider.

use crate::lab;
use crate::plan::ContestPlan;
use ballot::manifest::{
    Board, CheckWindow, Committee, Contest, ContestOption, Count, Description, District, Eid, Hex32, Kind, Manifest, Member, Mixers,
    OptionList, Profile, Rule, Span, TrusteeMember, Trustees, Witnesses,
};

/// A self-signed certificate that nobody has the key of.
const ANCHOR: &str = concat!(
    "MIIBjzCCATWgAwIBAgIUadwnMrOR1lbgwDevLWtyRnFQqAAwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCByb290MCAXDTI2MTEyMTE5MjgwOFoYDzIxMjYxMDI4",
    "MTkyODA4WjAUMRIwEAYDVQQDDAlUZXN0IHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATwVrQO3hlYD8V6vM2HKmKHA5lND0zS0lVW3WexyWQtcFytjbm1A5mc",
    "6XyN9kwReUOKEaqtOON+2cssVPR+Te1/o2MwYTAdBgNVHQ4EFgQUenf2TV2VHxmzmX77zHiBfD02zdUwHwYDVR0jBBgwFoAUenf2TV2VHxmzmX77zHiBfD02zdUwDwYD",
    "VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDSAAwRQIgA4pzXkiEmx77aH36auKYFw4zipAdWvOBht/fH3WE6XsCIQDnbJjK/L9Pkt7BCJeZ",
    "qORNA/vFuFPz/qyfIdzZR9DaJg==",
);

/// What an election has. Lists go by district: in contest `c` district `d` has list `lists[c][d]`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Setup {
    pub contests: Vec<ContestPlan>,
    pub districts: usize,
    /// Number and threshold.
    pub trustees: (usize, u64),
    /// Number and stages.
    pub mixers: (usize, u64),
    /// Number and quorum.
    pub witnesses: (usize, u64),
    /// Number and quorum.
    pub committee: (usize, u64),
    pub k_min: u64,
    /// For each contest and district: which variant of the option list, or nothing if the district has no part in it.
    pub lists: Vec<Vec<Option<usize>>>,
}

impl Setup {
    /// 2 of 3 trustees, 2 mixers, 1 witness; every district has the same options.
    pub fn new(contests: Vec<ContestPlan>, districts: usize) -> Self {
        let lists = vec![vec![Some(0); districts]; contests.len()];
        Self { contests, districts, trustees: (3, 2), mixers: (2, 2), witnesses: (1, 1), committee: (2, 2), k_min: 2, lists }
    }

    /// The description, to be changed further.
    pub fn description(&self) -> Description {
        let key = |name: &str| Hex32(lab::signing_key(name).verifying_key().to_bytes());
        let member = |name: String| Member { key: key(&name), name };
        let members = |role: &str, n: usize| (1..=n).map(|i| member(format!("{role}-{i}"))).collect::<Vec<_>>();
        let trustee = |i: usize| {
            let Member { key, name } = member(format!("trustee-{i}"));
            TrusteeMember { key, share_key: Hex32(*lab::point(&format!("share-{i}")).bytes()), name }
        };
        let (n, t) = self.trustees;
        Description {
            board: Board { batch_seconds: 1, batch_smallest: 1 },
            check: CheckWindow { minutes: 30, releases: 3 },
            collector: member("collector".to_owned()),
            committee: Committee { members: members("committee", self.committee.0), quorum: self.committee.1 },
            contests: self.contests.iter().zip(&self.lists).map(|(c, lists)| contest(c, lists)).collect(),
            districts: (0..self.districts).map(|d| District { id: district(d), title: format!("District {d}") }).collect(),
            eid: Eid::new(vec![ANCHOR.to_owned()], Profile::CadesB),
            haal: 1,
            k_min: self.k_min,
            kind: Kind::Election,
            mixers: Mixers { members: members("mixer", self.mixers.0), required: self.mixers.1 },
            title: "Insiders".to_owned(),
            trustees: Trustees { members: (1..=n).map(trustee).collect(), override_rules: t < 2 || t as usize == n, threshold: t },
            voting: Span { from: 1_000, until: 100_000 },
            witnesses: Witnesses { faulty: 0, members: members("witness", self.witnesses.0), quorum: self.witnesses.1 },
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> Manifest {
        Manifest::from_description(&self.description()).expect("a good description")
    }
}

/// Id of the district at a position.
pub fn district(d: usize) -> String {
    format!("d{d}")
}

/// The options of a contest in one of its variants: the first lacks nothing, others carry other titles and one option more.
fn options(c: &ContestPlan, variant: usize) -> Vec<ContestOption> {
    let more = (0..variant).map(|v| (format!("more{v}"), format!("More {v}"), String::new()));
    let option = |(id, title, group): (String, String, String)| ContestOption { group, id, title };
    c.options.iter().cloned().chain(more).map(option).collect()
}

/// The plan of a contest as one of its variants has it.
pub fn variant(c: &ContestPlan, variant: usize) -> ContestPlan {
    let options = options(c, variant).into_iter().map(|o| (o.id, o.title, o.group)).collect();
    ContestPlan { options, ..c.clone() }
}

fn contest(c: &ContestPlan, lists: &[Option<usize>]) -> Contest {
    let count = match c.rule {
        Rule::List {} => Count::Plurality,
        Rule::Rank { .. } => Count::InstantRunoff,
        _ => Count::Sum,
    };
    let most = lists.iter().flatten().max().copied().unwrap_or(0);
    let list = |v: usize| {
        let districts: Vec<String> = (0..lists.len()).filter(|d| lists[*d] == Some(v)).map(district).collect();
        (!districts.is_empty()).then(|| OptionList { districts, options: options(c, v) })
    };
    Contest { count, id: c.id.clone(), lists: (0..=most).filter_map(list).collect(), rule: c.rule.clone(), title: c.title.clone() }
}
