//! The rules that a manifest must obey. Spec: 03-manifest, MAN.

use super::{Contest, Count, Description, Manifest, OptionList, Rule, StyleItem};
use crate::encode::{Point, sha256};
use crate::shape::Shape;
use crate::{signature, text};
use base64::Engine;
use std::collections::{HashMap, HashSet};

/// Why a manifest is refused. `at` names the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ManifestError {
    #[error("MAN-1: not JSON in RFC 8785 form, or larger than 16 MiB")]
    NotCanonical,
    #[error("MAN-2: {0}")]
    Fields(String),
    #[error("MAN-3: {at}: a number is out of range")]
    Number { at: String },
    #[error("MAN-4: {at}: an identifier is not allowed, or stands twice")]
    Id { at: String },
    #[error("MAN-5: {at}: a text is not allowed, or two options read the same")]
    Text { at: String },
    #[error("MAN-6: {at}: a key is not allowed, or stands twice")]
    Key { at: String },
    #[error("MAN-7: {at}: a quorum exceeds the members, or members are missing")]
    Quorum { at: String },
    #[error("MAN-8: threshold {threshold} of {n} trustees is not allowed without the override")]
    Threshold { threshold: u64, n: u64 },
    #[error("MAN-9: two witness quorums may have no honest witness in common")]
    Witnesses,
    #[error("MAN-10: {at}: districts, contests or lists are missing, unknown, or repeated")]
    Districts { at: String },
    #[error("MAN-11: {at}: the rule has no shape")]
    Rule { at: String },
    #[error("MAN-12: {at}: another counting method")]
    Count { at: String },
    #[error("MAN-13: a ballot of district {at} would not fit into a log entry")]
    Size { at: String },
    #[error("MAN-14: {at}: not base64, or a certificate stands twice")]
    Anchor { at: String },
    #[error("MAN-16: {at}: not a list of different dotted OIDs")]
    Policies { at: String },
    #[error(
        "MAN-17: with {n} trustees, threshold {threshold} and {columns} columns (the widest contest) a {message} would have {bytes} bytes, and \
             1048576 are allowed: nobody could make the key. Take fewer trustees, or fewer options in the widest contest"
    )]
    Ceremony { message: &'static str, bytes: usize, n: usize, threshold: usize, columns: usize },
}

impl ManifestError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::NotCanonical => "MAN-1",
            Self::Fields(_) => "MAN-2",
            Self::Number { .. } => "MAN-3",
            Self::Id { .. } => "MAN-4",
            Self::Text { .. } => "MAN-5",
            Self::Key { .. } => "MAN-6",
            Self::Quorum { .. } => "MAN-7",
            Self::Threshold { .. } => "MAN-8",
            Self::Witnesses => "MAN-9",
            Self::Districts { .. } => "MAN-10",
            Self::Rule { .. } => "MAN-11",
            Self::Count { .. } => "MAN-12",
            Self::Size { .. } => "MAN-13",
            Self::Anchor { .. } => "MAN-14",
            Self::Policies { .. } => "MAN-16",
            Self::Ceremony { .. } => "MAN-17",
        }
    }
}

type Checked = Result<(), ManifestError>;

/// The largest file (MAN-1), ballot (MAN-13) and message of the ceremony (MAN-17) in bytes.
const MOST_BYTES: usize = 16 << 20;
const MOST_BALLOT: usize = 60_000;
const MOST_MESSAGE: usize = 1 << 20;

pub(super) fn load(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    if bytes.len() > MOST_BYTES {
        return Err(ManifestError::NotCanonical);
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| ManifestError::NotCanonical)?;
    let canonical = serde_json_canonicalizer::to_vec(&value).map_err(|_| ManifestError::NotCanonical)?;
    if canonical != bytes {
        return Err(ManifestError::NotCanonical);
    }
    whole(&value)?;
    let d: Description = serde_json::from_value(value).map_err(|e| match e.to_string() {
        text if text.contains(super::HEX_FORM) => ManifestError::Key { at: text },
        text if text.contains("expected one of `sum`") => ManifestError::Count { at: text },
        text => ManifestError::Fields(text),
    })?;
    numbers(&d)?;
    names(&d)?;
    texts(&d)?;
    keys(&d)?;
    quorums(&d)?;
    let styles = styles(&d)?;
    let mut shapes = Vec::new();
    for contest in &d.contests {
        shapes.push(contest_shapes(contest)?);
    }
    anchors(&d)?;
    let district_positions = d.districts.iter().enumerate().map(|(i, x)| (x.id.clone(), i)).collect();
    let manifest = Manifest { id: sha256(bytes), bytes: bytes.to_vec(), description: d, shapes, styles, district_positions };
    for (i, district) in manifest.description.districts.iter().enumerate() {
        if manifest.ballot_len(i) > MOST_BALLOT {
            return Err(ManifestError::Size { at: district.id.clone() });
        }
    }
    ceremony(&manifest)?;
    Ok(manifest)
}

/// MAN-17: the messages that grow with trustees and columns. MAN-3 and MAN-11 bound the factors.
fn ceremony(manifest: &Manifest) -> Checked {
    let ((n, threshold), columns) = (manifest.trustees(), manifest.columns());
    for (message, bytes) in [("reveal", 68 + 96 * columns * threshold), ("deal", 36 + n * (48 + 32 * columns))] {
        if bytes > MOST_MESSAGE {
            return Err(ManifestError::Ceremony { message, bytes, n, threshold, columns });
        }
    }
    Ok(())
}

/// Every number is whole and not negative (the first half of MAN-3).
fn whole(value: &serde_json::Value) -> Checked {
    use serde_json::Value;
    match value {
        Value::Number(n) if n.as_u64().is_none() => Err(ManifestError::Number { at: n.to_string() }),
        Value::Array(items) => items.iter().try_for_each(whole),
        Value::Object(fields) => fields.values().try_for_each(whole),
        _ => Ok(()),
    }
}

fn numbers(d: &Description) -> Checked {
    let check = |ok: bool, at: &str| if ok { Ok(()) } else { Err(ManifestError::Number { at: at.to_owned() }) };
    let limit = 1 << 53;
    check(d.haal == 1, "haal")?;
    check(d.voting.from < d.voting.until && d.voting.until < limit, "voting")?;
    check(d.committee.members.is_empty() || d.committee.quorum >= 1, "committee.quorum")?;
    check(d.committee.members.len() <= 255, "committee")?;
    check(d.trustees.members.is_empty() || d.trustees.threshold >= 1, "trustees.threshold")?;
    check(d.trustees.members.len() <= 1000, "trustees")?;
    check(d.mixers.members.is_empty() || d.mixers.required >= 1, "mixers.required")?;
    check(d.mixers.members.len() <= 1000, "mixers")?;
    check(d.witnesses.members.is_empty() || d.witnesses.quorum >= 1, "witnesses.quorum")?;
    check(d.witnesses.members.len() <= 1000 && d.witnesses.faulty <= 1000, "witnesses")?;
    check((1..=3600).contains(&d.board.batch_seconds), "board.batch_seconds")?;
    check((1..=10_000).contains(&d.board.batch_smallest), "board.batch_smallest")?;
    check((1..=1440).contains(&d.check.minutes), "check.minutes")?;
    check((1..=10).contains(&d.check.releases), "check.releases")?;
    check((1..=1000).contains(&d.k_min), "k_min")?;
    if let Some(ocsp) = &d.eid.ocsp {
        check((1..=864_000).contains(&ocsp.age), "eid.ocsp.age")?;
        check((10..=600).contains(&ocsp.clock), "eid.ocsp.clock")?;
    }
    if let Some(stamp) = &d.eid.stamp {
        check((10..=86_400).contains(&stamp.seconds), "eid.stamp.seconds")?;
        check((10..=600).contains(&stamp.clock), "eid.stamp.clock")?;
    }
    Ok(())
}

/// Every member of every role that has a name and an Ed25519 key.
fn members(d: &Description) -> impl Iterator<Item = (&str, [u8; 32])> {
    let lists = [&d.committee.members, &d.mixers.members, &d.witnesses.members];
    lists
        .into_iter()
        .flatten()
        .map(|m| (m.name.as_str(), m.key.0))
        .chain(d.trustees.members.iter().map(|m| (m.name.as_str(), m.key.0)))
        .chain(std::iter::once((d.collector.name.as_str(), d.collector.key.0)))
}

fn names(d: &Description) -> Checked {
    let unique = |ids: &mut dyn Iterator<Item = &str>, at: &str| -> Checked {
        let mut seen = HashSet::new();
        for id in ids {
            if !text::is_id(id) || !seen.insert(id) {
                return Err(ManifestError::Id { at: format!("{at} {id:?}") });
            }
        }
        Ok(())
    };
    unique(&mut members(d).map(|m| m.0), "name")?;
    unique(&mut d.districts.iter().map(|x| x.id.as_str()), "district")?;
    unique(&mut d.contests.iter().map(|x| x.id.as_str()), "contest")?;
    for contest in &d.contests {
        for list in &contest.lists {
            unique(&mut list.options.iter().map(|o| o.id.as_str()), &format!("contest {} option", contest.id))?;
        }
    }
    Ok(())
}

fn texts(d: &Description) -> Checked {
    let check = |s: &str, least: usize, at: &str| {
        if (least..=200).contains(&s.len()) && text::is_allowed(s) {
            Ok(())
        } else {
            Err(ManifestError::Text { at: format!("{at} {s:?}") })
        }
    };
    check(&d.title, 1, "title")?;
    for district in &d.districts {
        check(&district.title, 1, "district")?;
    }
    for contest in &d.contests {
        check(&contest.title, 1, "contest")?;
        for list in &contest.lists {
            let mut seen = HashSet::new();
            for option in &list.options {
                check(&option.title, 1, "option")?;
                check(&option.group, 0, "group")?;
                if !seen.insert((&option.group, &option.title)) {
                    return Err(ManifestError::Text { at: format!("option {:?}", option.title) });
                }
            }
        }
    }
    Ok(())
}

fn keys(d: &Description) -> Checked {
    let mut seen = HashSet::new();
    for (name, key) in members(d) {
        if signature::verifying_key(&key).is_err() || !seen.insert(key) {
            return Err(ManifestError::Key { at: name.to_owned() });
        }
    }
    let mut shares = HashSet::new();
    for trustee in &d.trustees.members {
        if Point::decode(&trustee.share_key.0).is_err() || !shares.insert(trustee.share_key) {
            return Err(ManifestError::Key { at: format!("{} share_key", trustee.name) });
        }
    }
    Ok(())
}

fn quorums(d: &Description) -> Checked {
    let check = |ok: bool, at: &str| if ok { Ok(()) } else { Err(ManifestError::Quorum { at: at.to_owned() }) };
    let (n, t) = (d.trustees.members.len() as u64, d.trustees.threshold);
    check(!d.committee.members.is_empty() && d.committee.quorum <= d.committee.members.len() as u64, "committee")?;
    check(n > 0, "trustees")?;
    check(d.witnesses.quorum <= d.witnesses.members.len() as u64, "witnesses")?;
    check(d.mixers.required <= d.mixers.members.len() as u64, "mixers")?;
    if d.contests.iter().any(|c| c.rule.is_mixed()) {
        check(d.mixers.required >= if d.trustees.override_rules { 1 } else { 2 }, "mixers.required")?;
    }
    let usual = 2 <= t && t < n;
    if !(usual || d.trustees.override_rules && t <= n) {
        return Err(ManifestError::Threshold { threshold: t, n });
    }
    let n_w = d.witnesses.members.len() as u64;
    if n_w > 0 && 2 * d.witnesses.quorum <= n_w + d.witnesses.faulty {
        return Err(ManifestError::Witnesses);
    }
    Ok(())
}

fn styles(d: &Description) -> Result<Vec<Vec<StyleItem>>, ManifestError> {
    let error = |at: &str| ManifestError::Districts { at: at.to_owned() };
    if !(1..=65535).contains(&d.districts.len()) || !(1..=255).contains(&d.contests.len()) {
        return Err(error("districts or contests"));
    }
    let position: HashMap<&str, usize> = d.districts.iter().enumerate().map(|(i, x)| (x.id.as_str(), i)).collect();
    let mut styles = vec![Vec::new(); d.districts.len()];
    for (c, contest) in d.contests.iter().enumerate() {
        let mut lists_seen: HashSet<Vec<(&str, &str, &str)>> = HashSet::new();
        let mut named = HashSet::new();
        for (l, list) in contest.lists.iter().enumerate() {
            let options = list.options.iter().map(|o| (o.id.as_str(), o.group.as_str(), o.title.as_str())).collect();
            if list.districts.is_empty() || !lists_seen.insert(options) {
                return Err(error(&contest.id));
            }
            for id in &list.districts {
                let at = *position.get(id.as_str()).ok_or_else(|| error(id))?;
                if !named.insert(at) {
                    return Err(error(id));
                }
                if let Some(style) = styles.get_mut(at) {
                    style.push(StyleItem { contest: c, list: l });
                }
            }
        }
    }
    match styles.iter().position(Vec::is_empty) {
        Some(i) => Err(error(d.districts.get(i).map_or("", |x| &x.id))),
        None => Ok(styles),
    }
}

fn contest_shapes(contest: &Contest) -> Result<Vec<Shape>, ManifestError> {
    let count = match contest.rule {
        Rule::List {} => Count::Plurality,
        Rule::Rank { .. } => Count::InstantRunoff,
        _ => Count::Sum,
    };
    if contest.count != count {
        return Err(ManifestError::Count { at: contest.id.clone() });
    }
    let shape =
        |list: &OptionList| Shape::new(&contest.rule, list.options.len()).ok_or_else(|| ManifestError::Rule { at: contest.id.clone() });
    if contest.lists.is_empty() {
        return Err(ManifestError::Districts { at: contest.id.clone() });
    }
    contest.lists.iter().map(shape).collect()
}

fn anchors(d: &Description) -> Checked {
    check_anchors("eid.anchors", &d.eid.anchors)?;
    policies("eid.policies", d.eid.policies.as_deref())?;
    d.eid.stamp.as_ref().map_or(Ok(()), |stamp| {
        check_anchors("eid.stamp.anchors", &stamp.anchors)?;
        policies("eid.stamp.policies", Some(&stamp.policies))
    })
}

fn check_anchors(field: &str, anchors: &[String]) -> Checked {
    let mut seen = HashSet::new();
    if anchors.is_empty() {
        return Err(ManifestError::Anchor { at: field.to_owned() });
    }
    for anchor in anchors {
        if base64(anchor).is_none() || !seen.insert(anchor) {
            return Err(ManifestError::Anchor { at: anchor.chars().take(20).collect() });
        }
    }
    Ok(())
}

/// MAN-16: 1 to 16 dotted OIDs, none twice.
fn policies(field: &str, listed: Option<&[String]>) -> Checked {
    let Some(listed) = listed else { return Ok(()) };
    let distinct = listed.iter().collect::<HashSet<_>>().len() == listed.len();
    let right = (1..=16).contains(&listed.len()) && distinct && listed.iter().all(|oid| is_dotted_oid(oid));
    if right { Ok(()) } else { Err(ManifestError::Policies { at: field.to_owned() }) }
}

fn is_dotted_oid(text: &str) -> bool {
    let number = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        part.parse::<u32>().ok().filter(|_| plain)
    };
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    text.len() <= 64
        && numbers.is_some_and(|numbers| match numbers.as_slice() {
            [first, second, ..] => numbers.len() <= 20 && *first <= 2 && *second <= 39,
            _ => false,
        })
}

/// Standard base64, padded and canonical.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
