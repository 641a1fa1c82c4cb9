//! The order that a bad list be skipped: `*.skip.yaml`. VIS3-EHS 3, §2.4.

use super::{Bad, is_election, is_time, number};

/// Three lines of YAML: `election`, `changeset`, and in quotes which list it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipOrder {
    pub election: String,
    pub number: u64,
    /// Path, query and time of the list; the query names the same list.
    pub list: String,
}

impl SkipOrder {
    /// Reads a file strictly: these three keys, each once, in any order, and nothing else.
    pub fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let text = std::str::from_utf8(bytes).map_err(|_| Bad::new("3 §2.4", 0, "not UTF-8"))?;
        let (mut election, mut changeset, mut list) = (None, None, None);
        for (at, line) in text.lines().enumerate() {
            let bad = |text: &str| Bad::new("3 §2.4", at + 1, text);
            let (key, value) = line.split_once(": ").ok_or_else(|| bad("not a line of the form `key: value`"))?;
            let place = match key {
                "election" => &mut election,
                "changeset" => &mut changeset,
                "skip_voter_list" => &mut list,
                _ => return Err(bad("a key other than election, changeset and skip_voter_list")),
            };
            let value =
                value.strip_prefix('"').map_or(Some(value), |v| v.strip_suffix('"')).filter(|v| !v.contains(['"', '\\', '\'', '#']));
            let value = value.ok_or_else(|| bad("a value that is not plain text, or text in double quotes"))?;
            if place.replace(value.to_owned()).is_some() {
                return Err(bad("a key stands twice"));
            }
        }
        let missing = |key: &str| Bad::new("3 §2.4", 0, format!("{key} is missing"));
        let election = election.ok_or_else(|| missing("election"))?;
        let changeset = changeset.ok_or_else(|| missing("changeset"))?;
        let list = list.ok_or_else(|| missing("skip_voter_list"))?;
        if !is_election(&election) {
            return Err(Bad::new("3 §2.4", 0, "election is not an election identifier"));
        }
        let number = number(&changeset).ok_or_else(|| Bad::new("3 §2.4", 0, "changeset is not the number of a list"))?;
        let (url, time) = list
            .rsplit_once(' ')
            .filter(|(_, time)| is_time(time))
            .ok_or_else(|| Bad::new("3 §2.4", 0, "skip_voter_list does not end with a time of RFC 3339"))?;
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let named = |key: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key).map(|(_, v)| v);
        let of_election = named("electionCode").or_else(|| named("election_identifier"));
        if named("changeset") != Some(changeset.as_str()) || of_election != Some(election.as_str()) || time.is_empty() {
            return Err(Bad::new("3 §2.4", 0, "skip_voter_list names another list than election and changeset"));
        }
        Ok(Self { election, number, list })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "election: RK_2019\nchangeset: 3\nskip_voter_list: \"/ehs-election-voters-changeset?electionCode=RK_2019&changeset=3 2019-02-23T22:00:00Z\"\n";

    #[test]
    fn an_order_and_every_way_to_spoil_it() {
        let order = SkipOrder::read(GOOD.as_bytes()).unwrap();
        assert_eq!((order.election.as_str(), order.number), ("RK_2019", 3));
        assert!(SkipOrder::read(GOOD.replace('"', "").as_bytes()).is_ok());
        assert!(SkipOrder::read(GOOD.replace("electionCode", "election_identifier").as_bytes()).is_ok());
        for (from, to) in [
            ("election: RK_2019\n", ""),
            ("changeset: 3\n", ""),
            ("changeset: 3\n", "changeset: 3\nchangeset: 3\n"),
            ("changeset: 3\n", "changeset: 4\n"),
            ("changeset: 3\n", "changeset: 03\n"),
            ("changeset: 3\n", "changeset: \n"),
            ("changeset: 3\n", "changeset: 3 # four\n"),
            ("changeset: 3\n", "changeset: 3\nreason: x\n"),
            ("changeset: 3\n", "- changeset\n"),
            ("election: RK_2019", "election: RK_2023"),
            ("electionCode=RK_2019", "electionCode=RK_2023"),
            ("&changeset=3", ""),
            ("&changeset=3", "&changeset=33"),
            (" 2019-02-23T22:00:00Z", ""),
            (" 2019-02-23T22:00:00Z", " yesterday"),
            ("Z\"", "Z"),
        ] {
            let spoilt = GOOD.replacen(from, to, 1);
            assert_ne!(spoilt, GOOD);
            assert!(SkipOrder::read(spoilt.as_bytes()).is_err(), "{from:?} -> {to:?}");
        }
        assert!(SkipOrder::read(b"").is_err() && SkipOrder::read(b"\xff").is_err());
    }
}
