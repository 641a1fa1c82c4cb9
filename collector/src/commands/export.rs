//! `collector export`: files for VIS3-EHS: who has voted (4), the result (6), turnout (7, 8).

use super::{open_log, record_use};
use crate::collector::now;
use crate::state::State;
use crate::store::{self, Database, Use};
use crate::vis3::{DistrictsFile, Place, is_candidate, is_district};
use anyhow::{Context, Result, bail, ensure};
use ballot::manifest::{Contest, Manifest, Rule};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// Where it comes from and goes to.
#[derive(clap::Args)]
pub struct Common {
    /// The data folder
    #[arg(long)]
    data: PathBuf,
    #[command(flatten)]
    place: store::Place,
    /// Where the file is written
    #[arg(long)]
    out: PathBuf,
    /// The election identifier, such as RK_2027; not needed if the state's lists were applied
    #[arg(long, value_name = "ID")]
    election: Option<String>,
}

impl Common {
    /// For the journal.
    pub fn noted(&self, what: &'static str) -> (&Path, &store::Place, &'static str, Vec<&Path>) {
        (&self.data, &self.place, what, vec![])
    }

    fn open(&self) -> Result<(Box<dyn Database>, State, String)> {
        let (_, db, state) = open_log(&self.data, &self.place)?;
        let lists = store::lists(&*db)?;
        let election = lists.first().map(|row| row.election.clone()).or(self.election.clone());
        let election = election.context("say with --election which election it is")?;
        ensure!(self.election.as_ref().is_none_or(|e| *e == election), "the lists are of {election}");
        Ok((db, state, election))
    }

    fn write(&self, value: &Value) -> Result<()> {
        let text = serde_json::to_string_pretty(value)? + "\n";
        fs::write(&self.out, text).with_context(|| format!("cannot write {}", self.out.display()))?;
        println!("file {}", self.out.display());
        Ok(())
    }
}

/// Everybody with a ballot in the box.
struct Voted {
    /// On the lists: personal code without its prefix, place, and the time of the first ballot.
    listed: Vec<(String, Place, u64)>,
    /// How many stand on no list any more.
    missing: u64,
}

fn voted(db: &dyn Database) -> Result<Voted> {
    let mut register = store::register(db)?.0;
    let mut missing = 0;
    let mut listed = Vec::new();
    for (person_code, first) in store::first_ballots(db)? {
        let code = person_code.strip_prefix("PNOEE-").unwrap_or_default();
        match register.remove_entry(code) {
            Some((code, place)) => listed.push((code, place, first)),
            None => missing += 1,
        }
    }
    if missing > 0 {
        eprintln!("{missing} voters with a ballot stand on no list of the state now");
    }
    Ok(Voted { listed, missing })
}

/// VIS3-EHS 4: district → unit → personal codes.
pub fn online_voters(common: &Common, districts: Option<&Path>) -> Result<()> {
    let (db, state, election) = common.open()?;
    let districts = super::vis3::districts(state.replay.manifest(), districts, &election)?;
    let mut all: BTreeMap<&str, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (code, place, _) in voted(&*db)?.listed {
        let position = districts.find(&place).context("a district of the lists that the manifest does not have")?;
        let district = state.replay.manifest().description().districts.get(usize::from(position)).context("no such district")?;
        let unit = if place.unit == "FOREIGN" { "0000".to_owned() } else { place.unit };
        all.entry(&district.id).or_default().entry(unit).or_default().insert(code);
    }
    ensure!(!all.is_empty(), "nobody on the state's lists has voted yet, and the form has no way to say so");
    db.end_snapshot()?;
    record_use(&*db, &Use::of_all("E-hääletanute nimekiri koostati jaoskondadele", "", "VIS3"))?;
    common.write(&json!({ "election": election, "onlinevoters": all }))
}

/// VIS3-EHS 7: how many have voted.
pub fn total(common: &Common) -> Result<()> {
    let (db, _, election) = common.open()?;
    let count = store::first_ballots(&*db)?.len();
    common.write(&json!({ "TOTAL": { "election": election, "online-voters": count, "time": time()? } }))
}

fn time() -> Result<String> {
    Ok(Timestamp::from_second(i64::try_from(now())?)?.to_string())
}

/// VIS3-EHS 8: by county and day, each the sum up to that day. A cell of fewer than `min_count` people is left out; if it is the only one of its
/// day, the total goes too, or it could be computed.
pub fn counties(common: &Common, districts: &Path, day: Date, zone: &str, min_count: u64) -> Result<()> {
    let (db, state, election) = common.open()?;
    let file = DistrictsFile::read(&fs::read(districts).with_context(|| format!("cannot read {}", districts.display()))?, &election)?;
    let county_of: HashMap<&String, &String> =
        file.counties.iter().flat_map(|(county, units)| units.iter().map(move |u| (u, county))).collect();
    let zone = TimeZone::get(zone).with_context(|| format!("the time zone {zone} is not known here (package tzdata)"))?;
    let date_of = |seconds: u64| -> Result<Date> { Ok(Timestamp::from_second(i64::try_from(seconds)?)?.to_zoned(zone.clone()).date()) };
    let order = |date: Date| -> Result<i32> { Ok(date.until(day)?.get_days()) };
    let Voted { listed: voters, missing } = voted(&*db)?;
    let opened = state.replay.phases().opened().context("voting has not begun")?.1;
    let (first, last) = (order(date_of(opened)?)?, order(date_of(now().min(state.replay.phases().until()))?)?.max(0));
    ensure!(
        missing == 0 || min_count == 0,
        "with people on no list the total tells a small cell: leave --min-count out, or add them up yourself"
    );
    let mut by_county: BTreeMap<String, BTreeMap<i32, u64>> = BTreeMap::new();
    for (_, place, at) in &voters {
        let county = match place.unit.as_str() {
            "FOREIGN" => "FOREIGN".to_owned(),
            unit => {
                county_of.get(&unit.to_owned()).with_context(|| format!("the districts file has no county for unit {unit}"))?.to_string()
            }
        };
        let day = order(date_of(*at)?)?;
        for county in [county, "TOTAL".to_owned()] {
            *by_county.entry(county).or_default().entry(day).or_default() += 1;
        }
    }
    let days: Vec<i32> = (last..=first).rev().collect();
    let upto = |cells: &BTreeMap<i32, u64>, day: i32| cells.range(day..).map(|(_, n)| n).sum::<u64>();
    let is_small = |count: u64| 0 < count && count < min_count;
    let mut data = Vec::new();
    for (county, cells) in &by_county {
        let shown = |day: &&i32| {
            let small = by_county.iter().filter(|(name, cells)| *name != "TOTAL" && is_small(upto(cells, **day))).count();
            !is_small(upto(cells, **day)) && (county != "TOTAL" || small != 1)
        };
        let cell = |day: &i32| json!({ "day-order": day.to_string(), "voted-count": upto(cells, *day) });
        data.push(json!({ "county": county, "online-voters": days.iter().filter(shown).map(cell).collect::<Vec<_>>() }));
    }
    common.write(&json!({ "data": data, "election-code": election, "time": time()? }))
}

/// What is read of the order *result* (10-tally).
#[derive(Deserialize)]
struct Stated {
    units: Vec<StatedUnit>,
}

#[derive(Deserialize)]
struct StatedUnit {
    ballots: u64,
    contest: String,
    counts: Vec<u64>,
    districts: Vec<String>,
    state: String,
    unit: u32,
}

/// VIS3-EHS 6: the result that the committee has signed, by district. Nothing is invalid: every ballot was proven when it was cast. Nothing is
/// counted below districts either, so a district is its one unit there. One with fewer than `min_count` ballots is left out.
pub fn results(common: &Common, contest: Option<&str>, districts: Option<&Path>, min_count: u64) -> Result<()> {
    let (_, state, election) = common.open()?;
    let manifest = state.replay.manifest();
    let blob = state.replay.result().context("there is no order `result` yet")?;
    let stated: Stated = serde_json::from_slice(blob).context("the order `result` names something else than a result")?;
    let contest = chosen(manifest, contest)?;
    let file = districts.map(|path| -> Result<_> { Ok(DistrictsFile::read(&fs::read(path)?, &election)?) }).transpose()?;
    let (mut by_district, mut by_parish) = (Map::new(), Map::new());
    for unit in stated.units.iter().filter(|unit| unit.contest == contest.id) {
        let [district] = unit.districts.as_slice() else {
            bail!("unit {} holds several districts, which were too small to be opened alone: the form cannot say so", unit.unit);
        };
        if unit.state == "withheld" || (0 < unit.ballots && unit.ballots < min_count) {
            eprintln!("district {district} has {} ballots and is left out", unit.ballots);
            continue;
        }
        let list = contest.lists.iter().find(|list| list.districts.contains(district)).context("a district without options")?;
        ensure!(is_district(district), "{district:?} is no code of a district in VIS3");
        ensure!(list.options.len() == unit.counts.len(), "unit {}: another number of counts than options", unit.unit);
        let mut counts = Map::new();
        for (option, count) in list.options.iter().zip(&unit.counts) {
            ensure!(is_candidate(&option.id), "{:?} is no number of a candidate in VIS3", option.id);
            counts.insert(option.id.clone(), json!(count));
        }
        counts.insert("invalid".to_owned(), json!(0));
        let parish = file.as_ref().and_then(|file| file.only_unit(district)).unwrap_or_else(|| district.chars().take(4).collect());
        by_parish.insert(district.clone(), json!({ parish: counts }));
        by_district.insert(district.clone(), Value::Object(counts));
    }
    ensure!(!by_district.is_empty(), "no district is left that may be shown");
    common.write(&json!({ "bydistrict": by_district, "byparish": by_parish, "election": election }))
}

fn chosen<'a>(manifest: &'a Manifest, id: Option<&str>) -> Result<&'a Contest> {
    let contests = &manifest.description().contests;
    let contest = match (id, contests.as_slice()) {
        (Some(id), _) => contests.iter().find(|c| c.id == id).with_context(|| format!("there is no contest {id:?}"))?,
        (None, [one]) => one,
        (None, _) => bail!("there are several contests: say with --contest which one"),
    };
    ensure!(
        matches!(contest.rule, Rule::List {} | Rule::Choose { blank: false, .. }),
        "VIS3 has no form for the result of this kind of contest"
    );
    Ok(contest)
}
