//! From JSON to fields: presence, kinds and ranges. Spec: 03-manifest, MAN-2, MAN-3.

use super::Rule;
use crate::bytes::Fault;
use crate::json::Object;
use serde_json::Value;

const MOST: u64 = (1 << 53) - 1;

/// Names and keys of a role, not yet decoded.
#[derive(Default)]
pub struct Role {
    pub members: Vec<(String, String)>,
    pub share_keys: Vec<String>,
}

pub struct File {
    pub kind: String,
    pub title: String,
    pub voting: (u64, u64),
    pub committee: Role,
    pub committee_quorum: u64,
    pub collector: Role,
    pub witnesses: Role,
    pub witness_quorum: u64,
    pub faulty: u64,
    pub trustees: Role,
    pub threshold: u64,
    pub override_rules: bool,
    pub mixers: Role,
    pub required: u64,
    pub profile: String,
    pub anchors: Vec<String>,
    pub asked: super::eid::Fields,
    pub batch_seconds: u64,
    pub k_min: u64,
    pub districts: Vec<(String, String)>,
    pub contests: Vec<ContestFields>,
}

pub struct ContestFields {
    pub id: String,
    pub title: String,
    pub rule: Rule,
    pub count: String,
    pub lists: Vec<ListFields>,
}

pub struct ListFields {
    pub districts: Vec<String>,
    pub options: Vec<OptionFields>,
}

#[derive(PartialEq, Eq, Hash)]
pub struct OptionFields {
    pub id: String,
    pub title: String,
    pub group: String,
}

pub fn file(value: Value) -> Result<File, Fault> {
    let mut top = Object::new(value, "manifest")?;
    top.number("haal", 1, 1)?;
    let mut voting = Object::new(top.take("voting")?, "voting")?;
    let times = (voting.number("from", 0, MOST)?, voting.number("until", 0, MOST)?);
    voting.finish()?;
    let mut board = Object::new(top.take("board")?, "board")?;
    let batch_seconds = board.number("batch_seconds", 1, 3600)?;
    board.number("batch_smallest", 1, 10_000)?;
    board.finish()?;
    let mut second_device = Object::new(top.take("check")?, "check")?;
    second_device.number("minutes", 1, 1440)?;
    second_device.number("releases", 1, 10)?;
    second_device.finish()?;
    let mut eid = Object::new(top.take("eid")?, "eid")?;
    let (profile, anchors) = (eid.string("profile")?, strings(eid.array("anchors")?, "eid.anchors")?);
    let asked = super::eid::Fields::take(&mut eid)?;
    eid.finish()?;
    let mut committee = Object::new(top.take("committee")?, "committee")?;
    let committee_quorum = committee.number("quorum", 0, MOST)?;
    let mut witnesses = Object::new(top.take("witnesses")?, "witnesses")?;
    let (witness_quorum, faulty) = (witnesses.number("quorum", 0, MOST)?, witnesses.number("faulty", 0, 1000)?);
    let mut trustees = Object::new(top.take("trustees")?, "trustees")?;
    let (threshold, override_rules) = (trustees.number("threshold", 0, MOST)?, trustees.boolean("override")?);
    let mut mixers = Object::new(top.take("mixers")?, "mixers")?;
    let required = mixers.number("required", 0, MOST)?;
    let mut collector = Role::default();
    let mut fields = Object::new(top.take("collector")?, "collector")?;
    collector.members.push((fields.string("name")?, fields.string("key")?));
    fields.finish()?;
    let file = File {
        kind: top.string("kind")?,
        title: top.string("title")?,
        voting: times,
        committee: role(committee, false, "committee.members")?,
        committee_quorum,
        collector,
        witnesses: role(witnesses, false, "witnesses.members")?,
        witness_quorum,
        faulty,
        trustees: role(trustees, true, "trustees.members")?,
        threshold,
        override_rules,
        mixers: role(mixers, false, "mixers.members")?,
        required,
        profile,
        anchors,
        asked,
        batch_seconds,
        k_min: top.number("k_min", 1, 1000)?,
        districts: top.array("districts")?.into_iter().map(district).collect::<Result<_, _>>()?,
        contests: top.array("contests")?.into_iter().map(contest).collect::<Result<_, _>>()?,
    };
    top.finish()?;
    Ok(file)
}

fn role(mut fields: Object<'_>, with_share_key: bool, path: &str) -> Result<Role, Fault> {
    let mut role = Role::default();
    for member in fields.array("members")? {
        let mut member = Object::new(member, path)?;
        role.members.push((member.string("name")?, member.string("key")?));
        if with_share_key {
            role.share_keys.push(member.string("share_key")?);
        }
        member.finish()?;
    }
    fields.finish()?;
    Ok(role)
}

pub fn strings(values: Vec<Value>, path: &str) -> Result<Vec<String>, Fault> {
    let string = |value| match value {
        Value::String(text) => Ok(text),
        _ => Err(Fault::new("MAN-2", format!("{path} holds something that is not a string"))),
    };
    values.into_iter().map(string).collect()
}

fn district(value: Value) -> Result<(String, String), Fault> {
    let mut fields = Object::new(value, "districts[]")?;
    let district = (fields.string("id")?, fields.string("title")?);
    fields.finish()?;
    Ok(district)
}

fn contest(value: Value) -> Result<ContestFields, Fault> {
    let mut fields = Object::new(value, "contests[]")?;
    let contest = ContestFields {
        id: fields.string("id")?,
        title: fields.string("title")?,
        rule: rule(fields.take("rule")?)?,
        count: fields.string("count")?,
        lists: fields.array("lists")?.into_iter().map(list).collect::<Result<_, _>>()?,
    };
    fields.finish()?;
    Ok(contest)
}

fn rule(value: Value) -> Result<Rule, Fault> {
    let mut fields = Object::new(value, "contests[].rule")?;
    let kind = fields.string("kind")?;
    // Bounds that depend on the list are MAN-11; a number beyond u32 breaks them as its largest value does.
    let mut small = |name: &str| fields.number(name, 0, MOST).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let rule = match kind.as_str() {
        "choose" => {
            let (min, max) = (small("min")?, small("max")?);
            Rule::Choose { min, max, blank: fields.boolean("blank")? }
        }
        "approve" => Rule::Approve,
        "score" => Rule::Score { most: small("most")? },
        "budget" => Rule::Budget { total: small("total")? },
        "list" => Rule::List,
        "rank" => Rule::Rank { places: small("places")? },
        _ => return Err(Fault::new("MAN-2", format!("no rule has the kind {kind:?}"))),
    };
    fields.finish()?;
    Ok(rule)
}

fn list(value: Value) -> Result<ListFields, Fault> {
    let mut fields = Object::new(value, "contests[].lists[]")?;
    let districts = strings(fields.array("districts")?, "contests[].lists[].districts")?;
    let options = fields.array("options")?.into_iter().map(option).collect::<Result<_, _>>()?;
    fields.finish()?;
    Ok(ListFields { districts, options })
}

fn option(value: Value) -> Result<OptionFields, Fault> {
    let mut fields = Object::new(value, "contests[].lists[].options[]")?;
    let option = OptionFields { id: fields.string("id")?, title: fields.string("title")?, group: fields.string("group")? };
    fields.finish()?;
    Ok(option)
}
