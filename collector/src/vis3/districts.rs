//! Which district of the manifest a unit and an electoral district are. VIS3-EHS 1 and 3.

use super::{Bad, Place};
use ballot::manifest::Manifest;
use serde::Deserialize;
use std::collections::HashMap;

/// Number of the district and unit (`0000` for `FOREIGN`) → codes of districts.
pub struct Districts<'a> {
    manifest: &'a Manifest,
    listed: Option<HashMap<(String, String), Vec<String>>>,
}

/// What is read of `*.districts.json` (VIS3-EHS 1).
#[derive(Deserialize)]
pub struct DistrictsFile {
    election: String,
    districts: HashMap<String, Entry>,
    /// County → units.
    pub counties: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Entry {
    parish: Vec<String>,
}

impl DistrictsFile {
    /// Reads the file, which must be of this election.
    pub fn read(json: &[u8], election: &str) -> Result<Self, Bad> {
        let bad = |text: String| Bad::new("1", 0, text);
        let file: Self = serde_json::from_slice(json).map_err(|e| bad(format!("the districts cannot be read: {e}")))?;
        if file.election == election { Ok(file) } else { Err(bad("the districts are those of another election".to_owned())) }
    }

    /// The unit of a district that has one only.
    pub fn only_unit(&self, district: &str) -> Option<String> {
        match self.districts.get(district)?.parish.as_slice() {
            [unit] => Some(unit.clone()),
            _ => None,
        }
    }
}

impl<'a> Districts<'a> {
    /// By the codes alone: `0000.3`, or `0482.3` where a unit has districts of its own.
    pub fn new(manifest: &'a Manifest) -> Self {
        Self { manifest, listed: None }
    }

    /// By the election's `*.districts.json`, which says what units a district has: needed where a city's parts stand in the voter list and the
    /// city's number in the districts'.
    pub fn with(manifest: &'a Manifest, json: &[u8], election: &str) -> Result<Self, Bad> {
        let file = DistrictsFile::read(json, election)?;
        let mut listed: HashMap<(String, String), Vec<String>> = HashMap::new();
        for (code, entry) in file.districts {
            let number = code.rsplit_once('.').map_or("", |(_, number)| number).to_owned();
            for unit in entry.parish {
                listed.entry((number.clone(), unit)).or_default().push(code.clone());
            }
        }
        Ok(Self { manifest, listed: Some(listed) })
    }

    /// Position in the manifest.
    pub fn find(&self, place: &Place) -> Option<u16> {
        let unit = if place.unit == "FOREIGN" { "0000" } else { &place.unit };
        let position = |code: &str| self.manifest.district(&code.to_ascii_lowercase());
        let found = match &self.listed {
            Some(listed) => match listed.get(&(place.district.clone(), unit.to_owned()))?.as_slice() {
                [code] => position(code),
                _ => None, // several: nobody can say which
            },
            None => position(&format!("0000.{}", place.district)).or_else(|| position(&format!("{unit}.{}", place.district))),
        };
        found.and_then(|at| u16::try_from(at).ok())
    }
}
