//! Who votes what in a rehearsal: drawn from a seed, so that a run can be repeated.

use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use rand_core::Rng;
use std::collections::BTreeMap;

/// A contest as the rehearsal asks it; every district sees the same options.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ContestPlan {
    pub id: String,
    pub title: String,
    pub rule: Rule,
    /// Id, title, group.
    pub options: Vec<(String, String, String)>,
}

/// One voter of the roll.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Voter {
    pub code: String,
    pub district: String,
}

/// What a voter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    Cast,
    Challenge,
}

/// One ballot to be made.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Line {
    pub code: String,
    pub action: Action,
    /// Contest id, as `voter-app` takes it, as integers.
    pub choices: Vec<(String, String, Vec<u32>)>,
}

/// A whole rehearsal.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Plan {
    pub voters: Vec<Voter>,
    /// In the order of casting; a voter's last cast line counts.
    pub lines: Vec<Line>,
    /// Who votes on paper too.
    pub paper: Vec<String>,
    /// Whose ballots are annulled by mistake; it is taken back.
    pub mistaken: Vec<String>,
}

/// How the roll changes while voting runs, and who votes afterwards because of it.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Changes {
    pub added: Vec<Voter>,
    /// With the new district; everybody here votes again.
    pub moved: Vec<Voter>,
    /// Has voted; that ballot stands.
    pub removed: Vec<String>,
    pub lines: Vec<Line>,
}

fn below(rng: &mut SeededRng, n: usize) -> usize {
    (rng.next_u64() % n.max(1) as u64) as usize
}

/// The numbers below `n` in a random order.
pub fn shuffled(rng: &mut SeededRng, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    (1..n).rev().for_each(|i| order.swap(i, below(rng, i + 1)));
    order
}

/// A random selection that the rule allows: as `voter-app` takes it, and as integers.
pub fn draw(contest: &ContestPlan, rng: &mut SeededRng) -> (String, Vec<u32>) {
    let n = contest.options.len();
    let name = |i: usize| contest.options[i].0.clone();
    let marks = |chosen: &[usize], w: usize| (0..w).map(|i| u32::from(chosen.contains(&i))).collect::<Vec<u32>>();
    let scores = |m: &[u32]| (0..n).filter(|&i| m[i] > 0).map(|i| format!("{}:{}", name(i), m[i])).collect::<Vec<_>>().join(",");
    match contest.rule {
        Rule::Choose { min, max, blank } => {
            let w = n + usize::from(blank);
            if blank && below(rng, 8) == 0 {
                return ("-".into(), marks(&[n], w));
            }
            let count = min as usize + below(rng, (max - min) as usize + 1);
            let mut chosen = shuffled(rng, n)[..count].to_vec();
            chosen.sort_unstable();
            (chosen.iter().map(|&i| name(i)).collect::<Vec<_>>().join(","), marks(&chosen, w))
        }
        Rule::Approve {} => {
            let chosen: Vec<usize> = (0..n).filter(|_| below(rng, 2) == 0).collect();
            (chosen.iter().map(|&i| name(i)).collect::<Vec<_>>().join(","), marks(&chosen, n))
        }
        Rule::Score { most } => {
            let m: Vec<u32> = (0..n).map(|_| below(rng, most as usize + 1) as u32).collect();
            (scores(&m), m)
        }
        Rule::Budget { total } => {
            let mut m = vec![0; n];
            (0..total).for_each(|_| m[below(rng, n)] += 1);
            (scores(&m), m)
        }
        Rule::List {} => {
            let at = below(rng, n).min(below(rng, n)); // a few favourites, many small ones
            (name(at), vec![at as u32])
        }
        Rule::Rank { places } => {
            let count = below(rng, places as usize + 1);
            let order = shuffled(rng, n)[..count].to_vec();
            let mut m: Vec<u32> = order.iter().map(|&i| i as u32 + 1).collect();
            m.resize(places as usize, 0);
            (order.iter().map(|&i| name(i)).collect::<Vec<_>>().join(">"), m)
        }
    }
}

/// The four contests of the default rehearsal.
pub fn default_contests() -> Vec<ContestPlan> {
    let plain = |names: &[&str]| names.iter().map(|n| (n.to_lowercase(), (*n).to_owned(), String::new())).collect();
    let parties = ["Sea Party", "Forest Union", "Town Alliance", "Free List"];
    let candidates = (0..40).map(|i| (format!("c{:03}", 101 + i), format!("Candidate {}", 101 + i), parties[i / 10].to_owned())).collect();
    vec![
        ContestPlan {
            id: "mayor".into(),
            title: "Mayor".into(),
            rule: Rule::Choose { min: 1, max: 1, blank: true },
            options: plain(&["Aino", "Bruno", "Clara", "Dag", "Eva"]),
        },
        ContestPlan {
            id: "board".into(),
            title: "School board (up to three)".into(),
            rule: Rule::Choose { min: 1, max: 3, blank: true },
            options: plain(&["Finn", "Greta", "Hugo", "Iris", "Jaan", "Kaja"]),
        },
        ContestPlan { id: "council".into(), title: "Council".into(), rule: Rule::List {}, options: candidates },
        ContestPlan {
            id: "harbour".into(),
            title: "Name of the new harbour (in order)".into(),
            rule: Rule::Rank { places: 4 },
            options: plain(&["Amber", "Birch", "Cod", "Dune", "Eider", "Foam"]),
        },
    ]
}

/// Contests that use every rule there is.
pub fn all_contests() -> Vec<ContestPlan> {
    let mut contests = default_contests();
    let plain = |names: &[&str]| names.iter().map(|n| (n.to_lowercase(), (*n).to_owned(), String::new())).collect::<Vec<_>>();
    let more = [
        ("approval", Rule::Approve {}, plain(&["Red", "Green", "Blue"])),
        ("scores", Rule::Score { most: 5 }, plain(&["Bus", "Tram", "Bike"])),
        ("money", Rule::Budget { total: 10 }, plain(&["Park", "Pool", "Stage"])),
    ];
    contests.extend(more.map(|(id, rule, options)| ContestPlan { id: id.into(), title: id.to_uppercase(), rule, options }));
    contests
}

/// Voters spread over districts; about five in six vote, one in eight of them again, one in twenty also on paper, and the first
/// one challenges a ballot before casting. However few there are, the second votes again and the third on paper too.
pub fn draw_plan(contests: &[ContestPlan], districts: &[&str], voters: usize, seed: u64) -> Plan {
    let mut rng = SeededRng::new(&seed.to_be_bytes());
    let mut plan = Plan::default();
    for n in 0..voters {
        let code = crate::pki::Person::numbered(n as u32).code;
        let district = districts[n % districts.len()].to_owned();
        plan.voters.push(Voter { code, district });
    }
    let line = |code: &str, action, rng: &mut SeededRng| Line { code: code.to_owned(), action, choices: draw_all(contests, rng) };
    let mut later = Vec::new();
    for (n, voter) in plan.voters.iter().enumerate() {
        if n == 0 {
            plan.lines.push(line(&voter.code, Action::Challenge, &mut rng));
        }
        if n > 2 && below(&mut rng, 6) == 0 {
            continue;
        }
        plan.lines.push(line(&voter.code, Action::Cast, &mut rng));
        if n == 1 || below(&mut rng, 8) == 0 {
            later.push(line(&voter.code, Action::Cast, &mut rng));
        }
        if n == 2 || below(&mut rng, 20) == 0 {
            plan.paper.push(voter.code.clone());
        }
    }
    plan.lines.extend(later);
    plan
}

fn draw_all(contests: &[ContestPlan], rng: &mut SeededRng) -> Vec<(String, String, Vec<u32>)> {
    contests.iter().map(|c| draw(c, rng)).zip(contests).map(|((text, m), c)| (c.id.clone(), text, m)).collect()
}

/// The first voter moves, the second leaves, somebody comes; and one of those who count is annulled by mistake.
pub fn draw_changes(plan: &mut Plan, contests: &[ContestPlan], districts: &[&str], seed: u64) -> Changes {
    let mut rng = SeededRng::new(&[&seed.to_be_bytes()[..], b"changes"].concat());
    let new = crate::pki::Person::numbered(plan.voters.len() as u32).code;
    let place = |voter: &Voter| (districts.iter().position(|d| *d == voter.district).unwrap_or(0) + 1) % districts.len();
    let voter = |code: &str, district: usize| Voter { code: code.to_owned(), district: districts[district].to_owned() };
    let (first, second) = (plan.voters[0].clone(), plan.voters[1].code.clone());
    let moved = voter(&first.code, place(&first));
    let mistaken = plan.meant().into_keys().rev().find(|code| *code != first.code && *code != second).map(str::to_owned);
    plan.mistaken.extend(mistaken);
    let lines = [&first.code, &new].map(|code| Line { code: code.clone(), action: Action::Cast, choices: draw_all(contests, &mut rng) });
    Changes { added: vec![voter(&new, 0)], moved: vec![moved], removed: vec![second], lines: lines.to_vec() }
}

impl Changes {
    /// The file that `collector roll change` reads.
    pub fn file(&self) -> String {
        let placed = |act: &'static str, voters: &[Voter]| -> Vec<String> {
            voters.iter().map(|v| format!("{act},{},{}\n", v.code, v.district)).collect()
        };
        let removed = self.removed.iter().map(|code| format!("remove,{code}\n"));
        placed("add", &self.added).into_iter().chain(placed("move", &self.moved)).chain(removed).collect()
    }
}

impl Plan {
    /// The file that `voter-app batch` reads.
    pub fn batch_file(&self) -> String {
        let line = |l: &Line| {
            let action = if l.action == Action::Cast { "cast" } else { "challenge" };
            let choices: Vec<String> = l.choices.iter().map(|(c, text, _)| format!("{c}={text}")).collect();
            format!("{}\t{action}\t{}\n", l.code, choices.join(";"))
        };
        self.lines.iter().map(line).collect()
    }

    /// The file that `collector roll import` reads.
    pub fn roll_file(&self) -> String {
        std::iter::once("person_code,district\n".to_owned())
            .chain(self.voters.iter().map(|v| format!("{},{}\n", v.code, v.district)))
            .collect()
    }

    /// Takes over what has changed.
    pub fn change(&mut self, changes: &Changes) {
        for moved in &changes.moved {
            self.voters.iter_mut().filter(|v| v.code == moved.code).for_each(|v| v.district.clone_from(&moved.district));
        }
        self.voters.extend(changes.added.iter().cloned());
        self.lines.extend(changes.lines.iter().cloned());
    }

    /// What each voter meant, if it counts: the last cast line of those who did not vote on paper, with the district.
    pub fn meant(&self) -> BTreeMap<&str, (&str, &Line)> {
        let districts: BTreeMap<&str, &str> = self.voters.iter().map(|v| (v.code.as_str(), v.district.as_str())).collect();
        let mut meant = BTreeMap::new();
        for line in self.lines.iter().filter(|l| l.action == Action::Cast) {
            meant.insert(line.code.as_str(), (districts[line.code.as_str()], line));
        }
        meant.retain(|code, _| !self.paper.iter().any(|p| p == code));
        meant
    }
}
