//! The rules of the manifest beyond its form. Spec: 03-manifest, MAN-4 to MAN-14, MAN-17.

use super::parse::{ContestFields, File, ListFields, Role};
use super::{Contest, List, Manifest, Member, Part, Rule};
use crate::bytes::{Fault, Hash};
use crate::envelope::Profile;
use crate::shape::Shape;
use crate::{group, sign, text};
use std::collections::{HashMap, HashSet};

/// Collects every broken rule instead of stopping at the first.
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, rule: &'static str, text: impl Into<String>) {
        self.0.push(Fault::new(rule, text));
    }

    pub fn require(&mut self, holds: bool, rule: &'static str, text: &str) {
        if !holds {
            self.add(rule, text);
        }
    }
}

pub fn check(mut file: File, election: Hash) -> Result<Manifest, Vec<Fault>> {
    let mut faults = Faults(Vec::new());
    let mut names = HashSet::new();
    let mut keys = HashSet::new();
    let mut role = |role: &Role, faults: &mut Faults| members(role, &mut names, &mut keys, faults);
    let committee = role(&file.committee, &mut faults);
    let collector = role(&file.collector, &mut faults);
    let witnesses = role(&file.witnesses, &mut faults);
    let trustees = role(&file.trustees, &mut faults);
    let mixers = role(&file.mixers, &mut faults);
    let share_keys = share_keys(&file.trustees, &mut faults);
    faults.require(matches!(file.kind.as_str(), "election" | "practice"), "MAN-2", "kind is neither election nor practice");
    title(&file.title, "title", &mut faults);
    faults.require(file.voting.0 < file.voting.1, "MAN-3", "voting.from is not before voting.until");
    let profile = Profile::named(&file.profile);
    faults.require(profile.is_some(), "MAN-2", "eid.profile is neither cades-b nor asic-e");
    quorums(&file, &mut faults);
    let anchors = anchors(&file.anchors, &mut faults);
    let asked = std::mem::take(&mut file.asked).check(&mut faults);
    districts(&file.districts, &mut faults);
    let contests = contests(&file, &mut faults);
    let collector = collector.into_iter().next();
    let (true, Some(collector), Some(profile)) = (faults.0.is_empty(), collector, profile) else { return Err(faults.0) };

    let mut parts = vec![Vec::new(); file.districts.len()];
    for (contest, position) in contests.iter().zip(0..=u8::MAX) {
        for (list, number) in contest.lists.iter().zip(0..=u32::MAX) {
            for district in &list.districts {
                if let Some(parts) = parts.get_mut(usize::from(*district)) {
                    parts.push(Part { contest: position, list: number });
                }
            }
        }
    }
    let shapes = || contests.iter().flat_map(|contest| &contest.lists).map(|list| &list.shape);
    let (columns, bits) = (shapes().map(|s| s.w).max().unwrap_or(0), shapes().map(|s| s.bits.len()).max().unwrap_or(0));
    let (n, threshold) = (trustees.len(), small(file.threshold));
    let findings = weaknesses(&file, threshold, n);
    let manifest = Manifest {
        election,
        practice: file.kind == "practice",
        voting: file.voting,
        committee,
        committee_quorum: small(file.committee_quorum),
        collector,
        witnesses,
        witness_quorum: small(file.witness_quorum),
        trustees,
        share_keys,
        threshold,
        override_rules: file.override_rules,
        mixers,
        mixes_required: small(file.required),
        profile,
        anchors,
        asked,
        batch_seconds: file.batch_seconds,
        k_min: file.k_min,
        districts: file.districts.into_iter().map(|(id, _)| id).collect(),
        contests,
        parts,
        columns,
        bits,
        findings,
    };
    for (id, position) in manifest.districts.iter().zip(0..=u16::MAX) {
        let named = manifest.parts.get(usize::from(position)).is_some_and(|parts| !parts.is_empty());
        faults.require(named, "MAN-10", &format!("no list names the district {id}"));
        let length = manifest.ballot_length(position).unwrap_or(usize::MAX);
        faults.require(length <= 60_000, "MAN-13", &format!("a ballot of the district {id} has {length} bytes"));
    }
    longest_messages(manifest.trustees.len(), manifest.threshold, manifest.columns, &mut faults);
    if faults.0.is_empty() { Ok(manifest) } else { Err(faults.0) }
}

/// MAN-17: a reveal has a commitment with proof for each column and degree, a deal one box for each recipient. Spec: 05-key-ceremony, Messages.
fn longest_messages(trustees: usize, threshold: usize, columns: usize, faults: &mut Faults) {
    let reveal = columns.saturating_mul(threshold).saturating_mul(32 + 64).saturating_add(36 + 32);
    let deal = columns.saturating_mul(32).saturating_add(32 + 16).saturating_mul(trustees).saturating_add(36);
    for (message, length) in [("reveal", reveal), ("deal", deal)] {
        let text = format!("a {message} of {trustees} trustees, threshold {threshold} and {columns} columns has {length} bytes");
        faults.require(length <= 1 << 20, "MAN-17", &text);
    }
}

/// What is allowed, and said. Spec: 12-verification, V2.
fn weaknesses(file: &File, threshold: usize, n: usize) -> Vec<Fault> {
    let mut findings = Faults(Vec::new());
    findings.require(file.kind != "practice", "MAN-2", "a practice election: its ballots count for nothing");
    findings.require(!file.witnesses.members.is_empty(), "MAN-7", "there are no witnesses: nobody but the collector vouches for the log");
    findings.require(!file.override_rules, "MAN-8", "trustees.override is set: the usual bounds on trustees and mixers do not hold");
    let text = format!("{threshold} of {n} trustees can open: no majority is needed");
    findings.require(threshold.saturating_mul(2) > n, "MAN-8", &text);
    findings.0
}

fn small(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn title(text: &str, what: &str, faults: &mut Faults) {
    faults.require((1..=200).contains(&text.len()), "MAN-5", &format!("{what} has not 1 to 200 bytes"));
    if let Err(fault) = text::check(text) {
        faults.add("MAN-5", format!("{what}: {} (DEC-7)", fault.text));
    }
}

/// MAN-4 and MAN-6 for one role.
fn members(role: &Role, names: &mut HashSet<String>, keys: &mut HashSet<String>, faults: &mut Faults) -> Vec<Member> {
    let mut members = Vec::new();
    for (name, key) in &role.members {
        faults.require(text::is_id(name), "MAN-4", &format!("the name {name:?} is not an id"));
        faults.require(names.insert(name.clone()), "MAN-4", &format!("the name {name:?} stands twice"));
        faults.require(keys.insert(key.clone()), "MAN-6", &format!("the key of {name} stands twice"));
        match text::hex32(key).and_then(|bytes| sign::key(&bytes)) {
            Some(key) => members.push(Member { name: name.clone(), key }),
            None => faults.add("MAN-6", format!("the key of {name} is not a sound Ed25519 key in lower-case hex")),
        }
    }
    members
}

fn share_keys(role: &Role, faults: &mut Faults) -> Vec<group::Point> {
    let mut seen = HashSet::new();
    let mut points = Vec::new();
    for key in &role.share_keys {
        faults.require(seen.insert(key), "MAN-6", "a share key stands twice");
        match text::hex32(key).and_then(|bytes| group::point(&bytes).ok()) {
            Some(point) => points.push(point),
            None => faults.add("MAN-6", "a share key is not a point in lower-case hex"),
        }
    }
    points
}

/// MAN-7 to MAN-9, and the widths of indices in entries.
fn quorums(file: &File, faults: &mut Faults) {
    let (committee, witnesses) = (file.committee.members.len() as u64, file.witnesses.members.len() as u64);
    let (trustees, mixers) = (file.trustees.members.len() as u64, file.mixers.members.len() as u64);
    faults.require(committee > 0 && trustees > 0, "MAN-7", "committee and trustees need members");
    let few = committee <= 255 && [witnesses, trustees, mixers].iter().all(|members| *members <= 1000);
    faults.require(few, "MAN-3", "a role has too many members");
    faults.require(file.committee_quorum <= committee, "MAN-7", "the committee's quorum exceeds its members");
    faults.require(file.witness_quorum <= witnesses, "MAN-7", "the witnesses' quorum exceeds their number");
    faults.require(file.required <= mixers, "MAN-7", "more stages are required than there are mixers");
    for (members, number, text) in [
        (committee, file.committee_quorum, "committee.quorum is 0"),
        (witnesses, file.witness_quorum, "witnesses.quorum is 0"),
        (trustees, file.threshold, "trustees.threshold is 0"),
        (mixers, file.required, "mixers.required is 0"),
    ] {
        faults.require(members == 0 || number >= 1, "MAN-3", text);
    }
    let mixed = file.contests.iter().any(|contest| contest.rule.is_mixed());
    let enough = file.required >= if file.override_rules { 1 } else { 2 };
    faults.require(!mixed || enough, "MAN-7", "too few stages for a mixed contest");
    let (least, most) = if file.override_rules { (1, trustees) } else { (2, trustees.saturating_sub(1)) };
    faults.require((least..=most).contains(&file.threshold), "MAN-8", "the threshold does not fit the number of trustees");
    let overlap = u128::from(file.witness_quorum) * 2 > u128::from(witnesses) + u128::from(file.faulty);
    faults.require(witnesses == 0 || overlap, "MAN-9", "two quorums of witnesses need not share an honest one");
}

/// MAN-14.
pub fn anchors(texts: &[String], faults: &mut Faults) -> Vec<Vec<u8>> {
    let mut seen = HashSet::new();
    let mut anchors = Vec::new();
    faults.require(!texts.is_empty(), "MAN-14", "there is no anchor");
    for anchor in texts {
        let der = text::base64(anchor);
        faults.require(seen.insert(anchor), "MAN-14", "an anchor stands twice");
        match der.filter(|der| crate::certificate::is_certificate(der)) {
            Some(der) => anchors.push(der),
            None => faults.add("MAN-14", "an anchor is not the base64 of a DER certificate"),
        }
    }
    anchors
}

fn districts(districts: &[(String, String)], faults: &mut Faults) {
    faults.require((1..=65_535).contains(&districts.len()), "MAN-10", "there are not 1 to 65535 districts");
    let mut ids = HashSet::new();
    for (id, name) in districts {
        faults.require(text::is_id(id), "MAN-4", &format!("the district {id:?} has no proper id"));
        faults.require(ids.insert(id), "MAN-4", &format!("the district {id} stands twice"));
        title(name, &format!("the title of the district {id}"), faults);
    }
}

fn contests(file: &File, faults: &mut Faults) -> Vec<Contest> {
    faults.require((1..=255).contains(&file.contests.len()), "MAN-10", "there are not 1 to 255 contests");
    let positions: HashMap<&str, u16> = file.districts.iter().zip(0..=u16::MAX).map(|((id, _), p)| (id.as_str(), p)).collect();
    let mut ids = HashSet::new();
    let mut contests = Vec::new();
    for contest in &file.contests {
        let id = &contest.id;
        faults.require(text::is_id(id), "MAN-4", &format!("the contest {id:?} has no proper id"));
        faults.require(ids.insert(id), "MAN-4", &format!("the contest {id} stands twice"));
        title(&contest.title, &format!("the title of the contest {id}"), faults);
        faults.require(contest.count == contest.rule.count(), "MAN-12", &format!("the contest {id} is not counted by its rule's method"));
        faults.require(!contest.lists.is_empty(), "MAN-10", &format!("the contest {id} has no list"));
        contests.push(Contest { id: id.clone(), rule: contest.rule, lists: lists(contest, &positions, faults) });
    }
    contests
}

fn lists(contest: &ContestFields, positions: &HashMap<&str, u16>, faults: &mut Faults) -> Vec<List> {
    let id = &contest.id;
    let mut used = HashSet::new();
    let mut lists = Vec::new();
    let mut contents = HashSet::new();
    for list in &contest.lists {
        faults.require(!list.districts.is_empty(), "MAN-10", &format!("a list of the contest {id} names no district"));
        let mut districts = Vec::new();
        for name in &list.districts {
            faults.require(used.insert(name), "MAN-10", &format!("the contest {id} names the district {name} twice"));
            match positions.get(name.as_str()) {
                Some(position) => districts.push(*position),
                None => faults.add("MAN-10", format!("the contest {id} names the unknown district {name:?}")),
            }
        }
        districts.sort_unstable();
        faults.require(contents.insert(&list.options), "MAN-10", &format!("two lists of the contest {id} have the same options"));
        if options(contest, list, faults) {
            let shape = Shape::new(contest.rule, list.options.len());
            lists.push(List { districts, options: list.options.iter().map(|option| option.id.clone()).collect(), shape });
        }
    }
    lists
}

/// MAN-4, MAN-5 and MAN-11 for one list; says whether a shape may be built.
fn options(contest: &ContestFields, list: &ListFields, faults: &mut Faults) -> bool {
    let (mut ids, mut shown) = (HashSet::new(), HashSet::new());
    for option in &list.options {
        let what = format!("the option {:?} of the contest {}", option.id, contest.id);
        faults.require(text::is_id(&option.id), "MAN-4", &format!("{what} has no proper id"));
        faults.require(ids.insert(&option.id), "MAN-4", &format!("{what} stands twice"));
        title(&option.title, &format!("the title of {what}"), faults);
        faults.require(
            option.group.len() <= 200 && text::check(&option.group).is_ok(),
            "MAN-5",
            &format!("the group of {what} is not allowed"),
        );
        faults.require(shown.insert((&option.group, &option.title)), "MAN-5", &format!("{what} has the group and title of another one"));
    }
    let n = list.options.len() as u64;
    let most = if matches!(contest.rule, Rule::List) { 10_000 } else { 500 };
    let fits = (1..=most).contains(&n)
        && match contest.rule {
            Rule::Choose { min, max, blank } => 1 <= max && u64::from(max) <= n && min <= max && (!blank || min >= 1),
            Rule::Approve => true,
            Rule::Score { most } => (1..=1000).contains(&most),
            Rule::Budget { total } => (1..=1000).contains(&total),
            Rule::List => n >= 2,
            Rule::Rank { places } => 1 <= places && u64::from(places) <= n,
        };
    faults.require(fits, "MAN-11", &format!("the rule of the contest {} does not fit a list of {n} options", contest.id));
    fits
}

#[cfg(test)]
mod tests {
    use super::{Faults, longest_messages};

    /// MAN-17, on both sides of 1 048 576 bytes as near as the sizes come: 1 048 484 and 1 048 580; 1 048 564 and 1 048 580.
    #[test]
    fn the_longest_messages_of_a_ceremony() {
        let faults = |trustees, threshold, columns| {
            let mut faults = Faults(Vec::new());
            longest_messages(trustees, threshold, columns, &mut faults);
            faults.0.into_iter().map(|fault| fault.text).collect::<Vec<_>>()
        };
        assert_eq!(faults(68, 67, 163), [""; 0]);
        assert_eq!(faults(44, 43, 254), ["a reveal of 44 trustees, threshold 43 and 254 columns has 1048580 bytes"]);
        assert_eq!(faults(71, 2, 460), [""; 0]);
        assert_eq!(faults(302, 2, 107), ["a deal of 302 trustees, threshold 2 and 107 columns has 1048580 bytes"]);
        assert_eq!(faults(1000, 999, 501).len(), 2);
    }
}
