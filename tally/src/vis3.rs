//! Districts and candidates from the files of the Estonian election information system VIS3-EHS.
//!
//! `*.districts.json` and `*.choices.json` become districts and one contest of the kind `list`, whose options differ by district.
//! The party is the option's group. Ids are those of the files in lower case; titles are taken as they are.

use crate::config::{Imported, Vis3Config};
use crate::failure::{Failure, Outcome};
use crate::files;
use anyhow::anyhow;
use ballot::manifest::{Contest, ContestOption, Count, District, OptionList, Rule};
use ballot::text;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::collections::HashSet;
use std::marker::PhantomData;
use std::path::Path;

/// A JSON object in the order of its file, in which no name stands twice.
#[derive(Clone, Debug)]
struct Ordered<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Ordered<V>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut entries, mut seen) = (Vec::new(), HashSet::new());
                while let Some(name) = map.next_key::<String>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("{name:?} stands twice")));
                    }
                    entries.push((name, map.next_value()?));
                }
                Ok(Ordered(entries))
            }
        }
        d.deserialize_map(Entries(PhantomData))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistrictsFile {
    election: String,
    regions: Ordered<Region>,
    districts: Ordered<DistrictEntry>,
    counties: Ordered<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // read so that an unknown field is noticed
struct Region {
    state: Option<String>,
    county: Option<String>,
    parish: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistrictEntry {
    name: Option<String>,
    parish: Vec<String>,
}

/// District → party → candidate number → name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoicesFile {
    election: String,
    choices: Ordered<Ordered<Ordered<String>>>,
}

/// Reads both files. `names` and `title` name the contest.
pub fn import(districts: &Path, choices: &Path, names: &Vis3Config, title: &str) -> Outcome<Imported> {
    let districts_file: DistrictsFile = read(districts)?;
    let choices_file: ChoicesFile = read(choices)?;
    if districts_file.election != choices_file.election {
        let (a, b) = (&districts_file.election, &choices_file.election);
        return Err(Failure::Refused(anyhow!("the two files are of different elections: {a:?} and {b:?}")));
    }
    let at = |path: &Path, e: anyhow::Error| Failure::Refused(e.context(path.display().to_string()));
    let list = convert_districts(&districts_file).map_err(|e| at(districts, e))?;
    let lists = convert_choices(&choices_file, &list).map_err(|e| at(choices, e))?;
    let id = match &names.contest {
        Some(id) => id.clone(),
        None => identifier(&choices_file.election).map_err(|e| at(choices, e))?,
    };
    let title = names.title.clone().unwrap_or_else(|| title.to_owned());
    Ok(Imported { districts: list, contest: Contest { count: Count::Plurality, id, lists, rule: Rule::List {}, title } })
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Outcome<T> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes).map_err(|e| Failure::file(path, e))
}

/// An id of the form of 02-encoding.
fn identifier(text: &str) -> anyhow::Result<String> {
    let id = text.to_ascii_lowercase();
    if text::is_id(&id) { Ok(id) } else { Err(anyhow!("{text:?} cannot be made an identifier ([a-z0-9][a-z0-9._-]{{0,63}})")) }
}

/// `0141.1`: four digits of the EHAK classifier, a dot, and a number of one to `most` digits.
fn is_numbered(text: &str, most: usize) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(unit, number)| unit.len() == 4 && digits(unit) && digits(number) && number.len() <= most)
}

fn convert_districts(file: &DistrictsFile) -> anyhow::Result<Vec<District>> {
    let regions: HashSet<&str> = file.regions.0.iter().map(|(code, _)| code.as_str()).collect();
    for (county, parishes) in &file.counties.0 {
        if let Some(code) = parishes.iter().find(|p| !regions.contains(p.as_str())) {
            return Err(anyhow!("counties {county:?}: parish {code:?} is not among the regions"));
        }
    }
    let mut list: Vec<District> = Vec::new();
    for (code, entry) in &file.districts.0 {
        if !is_numbered(code, 2) {
            return Err(anyhow!("district {code:?} does not have the form 0000.1"));
        }
        let mut seen = HashSet::new();
        for parish in &entry.parish {
            if !regions.contains(parish.as_str()) || !seen.insert(parish) {
                return Err(anyhow!("district {code:?}: parish {parish:?} is not among the regions, or stands twice"));
            }
        }
        list.push(District { id: identifier(code)?, title: entry.name.clone().unwrap_or_else(|| code.clone()) });
    }
    // In local elections every town has a "district no. 1"; people must be able to tell them apart.
    let titles: Vec<String> = list.iter().map(|d| d.title.clone()).collect();
    for district in &mut list {
        if titles.iter().filter(|t| **t == district.title).count() > 1 {
            district.title = format!("{} ({})", district.title, district.id);
        }
    }
    Ok(list)
}

fn convert_choices(file: &ChoicesFile, districts: &[District]) -> anyhow::Result<Vec<OptionList>> {
    let mut lists: Vec<OptionList> = Vec::new();
    let mut named = HashSet::new();
    for (code, parties) in &file.choices.0 {
        let district = identifier(code)?;
        if !districts.iter().any(|d| d.id == district) {
            return Err(anyhow!("choices for district {code:?}, which the districts file does not have"));
        }
        let options = convert_options(code, parties)?;
        named.insert(district.clone());
        // Districts that vote on the same options share a list (MAN-10), and are opened together if they are small.
        match lists.iter_mut().find(|l| l.options == options) {
            Some(list) => list.districts.push(district),
            None => lists.push(OptionList { districts: vec![district], options }),
        }
    }
    match districts.iter().find(|d| !named.contains(&d.id)) {
        Some(d) => Err(anyhow!("no choices for district {:?}", d.id)),
        None => Ok(lists),
    }
}

fn convert_options(code: &str, parties: &Ordered<Ordered<String>>) -> anyhow::Result<Vec<ContestOption>> {
    let (mut options, mut ids): (Vec<ContestOption>, _) = (Vec::new(), HashSet::new());
    for (party, candidates) in &parties.0 {
        for (number, name) in &candidates.0 {
            if !is_numbered(number, 4) {
                return Err(anyhow!("district {code:?}, {party:?}: choice {number:?} does not have the form 0000.101"));
            }
            let id = identifier(number)?;
            if !ids.insert(id.clone()) {
                return Err(anyhow!("district {code:?}: choice {number:?} stands twice"));
            }
            options.push(ContestOption { group: party.clone(), id, title: name.clone() });
        }
    }
    if options.is_empty() {
        return Err(anyhow!("no choices for district {code:?}"));
    }
    // Two candidates of one name on one list are told apart by their number (MAN-5).
    let names: Vec<(String, String)> = options.iter().map(|o| (o.group.clone(), o.title.clone())).collect();
    for option in &mut options {
        if names.iter().filter(|(g, t)| *g == option.group && *t == option.title).count() > 1 {
            option.title = format!("{} ({})", option.title, option.id);
        }
    }
    Ok(options)
}
