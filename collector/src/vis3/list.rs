//! One list as a file. VIS3-EHS 3, §3.

use super::{Bad, is_digits, is_election, is_time, number};

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// `lisamine`: somebody gets the right to vote. `unit` is an EHAK code or `FOREIGN`, `district` the number of the electoral district.
    Add { code: String, name: String, unit: String, district: String },
    /// `kustutamine`: somebody loses it.
    Remove { code: String },
}

impl Record {
    pub fn code(&self) -> &str {
        match self {
            Self::Add { code, .. } | Self::Remove { code } => code,
        }
    }
}

/// A list that has the right form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    pub election: String,
    pub number: u64,
    /// Start and end of what it covers, as text; nothing rests on them.
    pub period: (String, String),
    pub records: Vec<Record>,
}

/// The line of the first record.
pub(super) const FIRST: usize = 5;

impl List {
    /// Reads a file strictly: UTF-8 without BOM, every line ended by LF, fields parted by TAB.
    pub fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = 1 + bytes.iter().take(e.valid_up_to()).filter(|b| **b == b'\n').count();
            Bad::new("3 §3", line, "not UTF-8")
        })?;
        if text.starts_with('\u{feff}') {
            return Err(Bad::new("3 §3", 1, "begins with a byte order mark"));
        }
        let body = text.strip_suffix('\n').ok_or_else(|| Bad::new("3 §3", text.lines().count(), "the last line has no line end"))?;
        if let Some(at) = body.split('\n').position(|line| line.contains(|c: char| c.is_control() && c != '\t')) {
            return Err(Bad::new("3 §3", at + 1, "a control character other than TAB and LF"));
        }
        let mut lines = body.split('\n');
        let mut head = |name: &str, line| lines.next().ok_or_else(|| Bad::new("3 §3", line, format!("{name} is missing")));
        let (version, election, changeset, period) =
            (head("the version", 1)?, head("the election identifier", 2)?, head("the number", 3)?, head("the period", 4)?);
        if version != "2" {
            return Err(Bad::new("3 §3", 1, "the version is not 2"));
        }
        if !is_election(election) {
            return Err(Bad::new("3 §3", 2, "not an election identifier"));
        }
        let number = number(changeset).ok_or_else(|| Bad::new("3 §3", 3, "not the number of a list"))?;
        let period = period.split_once('\t').filter(|(from, to)| is_time(from) && is_time(to));
        let (from, to) = period.ok_or_else(|| Bad::new("3 §3", 4, "not two times of RFC 3339"))?;
        let records = lines.enumerate().map(|(at, line)| record(line).map_err(|text| Bad::new("3 §3", FIRST + at, text)));
        Ok(Self {
            election: election.to_owned(),
            number,
            period: (from.to_owned(), to.to_owned()),
            records: records.collect::<Result<_, _>>()?,
        })
    }
}

fn record(line: &str) -> Result<Record, &'static str> {
    let fields: Vec<&str> = line.split('\t').collect();
    match fields.as_slice() {
        ["kustutamine", code] if is_digits(code, 11..=11) => Ok(Record::Remove { code: (*code).to_owned() }),
        ["lisamine", code, name, unit, district] => {
            if !is_digits(code, 11..=11) {
                return Err("the personal code does not have 11 digits");
            }
            if !(1..=100).contains(&name.chars().count()) {
                return Err("the name does not have 1 to 100 characters");
            }
            if !(is_digits(unit, 4..=4) || *unit == "FOREIGN") {
                return Err("the unit has neither four digits nor is it FOREIGN");
            }
            if !is_digits(district, 1..=10) {
                return Err("the electoral district does not have 1 to 10 digits");
            }
            let [code, name, unit, district] = [code, name, unit, district].map(|field| (*field).to_owned());
            Ok(Record::Add { code, name, unit, district })
        }
        ["kustutamine", _] => Err("the personal code does not have 11 digits"),
        ["lisamine" | "kustutamine", ..] => Err("another number of fields than this action has"),
        _ => Err("the action is neither lisamine nor kustutamine"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "2\nRK_2027\n1\n2027-02-20T22:00:00Z\t2027-02-21T22:00:00Z\nkustutamine\t38001085718\nlisamine\t38001085718\tJÕEORG JAAK\t0793\t10\n";

    #[test]
    fn a_list_and_every_way_to_spoil_its_form() {
        let list = List::read(GOOD.as_bytes()).unwrap();
        assert_eq!((list.election.as_str(), list.number, list.records.len()), ("RK_2027", 1, 2));
        assert_eq!(
            list.records[1],
            Record::Add { code: "38001085718".into(), name: "JÕEORG JAAK".into(), unit: "0793".into(), district: "10".into() }
        );
        let without = List::read(b"2\nKOV_2025\n0\n2027-02-20T22:00:00Z\t2027-02-20T22:00:00Z\n").unwrap();
        assert!(without.records.is_empty() && List::read(GOOD.replace("0793", "FOREIGN").as_bytes()).is_ok());
        let bad = |from: &str, to: &str, line: usize| {
            let spoilt = GOOD.replacen(from, to, 1);
            assert_ne!(spoilt, GOOD);
            let error = List::read(spoilt.as_bytes()).unwrap_err();
            assert_eq!((error.paragraph, error.line), ("3 §3", line), "{from:?} -> {to:?}: {error}");
            assert!(!error.to_string().contains("38001085718"), "no personal code in a message");
        };
        bad("2\nRK", "3\nRK", 1);
        bad("2\nRK", "02\nRK", 1);
        bad("2\nRK", "\u{feff}2\nRK", 1);
        bad("2\nRK", "2\r\nRK", 1);
        bad("RK_2027", "", 2);
        bad("RK_2027", "RK 2027", 2);
        bad("RK_2027", "RK_20270123456789012345678901", 2);
        for number in ["", "01", "-1", "1 ", "1000000", "1.0"] {
            bad("\n1\n", &format!("\n{number}\n"), 3);
        }
        bad("2027-02-20T22:00:00Z\t", "2027-02-20T22:00:00Z ", 4);
        bad("2027-02-20T22:00:00Z\t", "2027-02-30T22:00:00Z\t", 4);
        bad("2027-02-21T22:00:00Z\n", "2027-02-21T22:00:00Z\t2027-02-21T22:00:00Z\n", 4);
        bad("kustutamine", "Kustutamine", 5);
        bad("kustutamine\t38001085718", "kustutamine\t3800108571", 5);
        bad("kustutamine\t38001085718", "kustutamine\t3800108571a", 5);
        bad("kustutamine\t38001085718", "kustutamine\t38001085718\tX", 5);
        bad("kustutamine\t38001085718", "kustutamine 38001085718", 5);
        bad("kustutamine\t38001085718", "", 5);
        bad("lisamine\t38001085718", "lisamine\t380010857180", 6);
        bad("JÕEORG JAAK", "", 6);
        bad("JÕEORG JAAK", &"Õ".repeat(101), 6);
        bad("JÕEORG JAAK", "J\u{1}", 6);
        bad("0793", "793", 6);
        bad("0793", "foreign", 6);
        bad("\t10\n", "\t\n", 6);
        bad("\t10\n", "\t12345678901\n", 6);
        bad("\t10\n", "\n", 6);
        bad("\t10\n", "\t10\t\n", 6);
        bad("\t10\n", "\t10\n\n", 7);
        bad("\t10\n", "\t10", 6);
        let mut latin = GOOD.as_bytes().to_vec();
        let at = GOOD.find('Õ').unwrap();
        latin.splice(at..at + 2, [0xd5]);
        assert_eq!(List::read(&latin).unwrap_err().line, 6);
        for end in 0..GOOD.find("kust").unwrap() - 1 {
            assert!(List::read(&GOOD.as_bytes()[..end]).is_err(), "cut at {end}");
        }
        assert!(List::read(GOOD.replace("JÕEORG JAAK", &"Õ".repeat(100)).as_bytes()).is_ok());
    }
}
