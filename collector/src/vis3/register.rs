//! What the lists say together: who may vote where. VIS3-EHS 3, §3.1.

use super::list::FIRST;
use super::{Bad, List, Record};
use ballot::Hash;
use ballot::encode::sha256;
use std::collections::{BTreeMap, HashMap};

/// Where somebody stands: the unit (EHAK code or `FOREIGN`), and the number of the electoral district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub unit: String,
    pub district: String,
}

/// Everybody who may vote, by personal code.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Register(pub BTreeMap<String, Place>);

/// What a list has changed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Applied {
    pub added: u64,
    pub removed: u64,
    /// Into another unit or district.
    pub moved: u64,
    /// Removed and added where they were: a name has changed.
    pub same: u64,
    /// Lines that remove somebody who is not there: logged, and gone on with (§3.1, 6.3).
    pub absent: Vec<usize>,
}

impl Register {
    /// The register after a list, and what has changed; on an error there is none (§3.1, 1).
    pub fn after(&self, list: &List) -> Result<(Self, Applied), Bad> {
        let mut new = self.clone();
        let mut done = Applied::default();
        // For each person what came before in this list: where they were removed from, or nothing once they were added.
        let mut seen: HashMap<&str, Option<Option<Place>>> = HashMap::new();
        for (record, line) in list.records.iter().zip(FIRST..) {
            let code = record.code();
            match record {
                Record::Remove { .. } if list.number == 0 => return Err(Bad::new("3 §3.1", line, "the first list removes somebody")),
                Record::Remove { .. } => {
                    let before = new.0.remove(code);
                    if seen.insert(code, Some(before.clone())).is_some() {
                        return Err(Bad::new("3 §3.1", line, "more than one removal and then one addition of a person"));
                    }
                    match before {
                        Some(_) => done.removed += 1,
                        None => done.absent.push(line),
                    }
                }
                Record::Add { unit, district, .. } => {
                    let place = Place { unit: unit.clone(), district: district.clone() };
                    if new.0.contains_key(code) {
                        return Err(Bad::new("3 §3.1", line, "adds somebody who is on the list"));
                    }
                    match seen.insert(code, None) {
                        Some(None) => return Err(Bad::new("3 §3.1", line, "more than one removal and then one addition of a person")),
                        Some(Some(Some(before))) => {
                            done.removed -= 1;
                            *if before == place { &mut done.same } else { &mut done.moved } += 1;
                        }
                        Some(Some(None)) | None => done.added += 1,
                    }
                    new.0.insert(code.to_owned(), place);
                }
            }
        }
        Ok((new, done))
    }
}

/// The hash chain over all lists and orders that were taken: each names the one before, so none can be left out or put in later.
pub fn link(before: &Hash, number: u64, skipped: bool, file: &Hash) -> Hash {
    sha256(&[&b"haal/vis3\0"[..], before, &number.to_be_bytes(), &[u8::from(skipped)], file].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(number: u64, lines: &[&str]) -> List {
        let body: String = lines.iter().map(|line| format!("{}\n", line.replace(' ', "\t"))).collect();
        let text = format!("2\nRK_2027\n{number}\n2027-02-20T22:00:00Z\t2027-02-20T22:00:00Z\n{body}");
        List::read(text.as_bytes()).unwrap()
    }

    fn first() -> Register {
        let first = list(0, &["lisamine 10000000001 A 0482 3", "lisamine 10000000002 B 0514 7", "lisamine 10000000003 C FOREIGN 7"]);
        Register::default().after(&first).unwrap().0
    }

    #[test]
    fn additions_removals_moves_and_names() {
        let change = list(
            1,
            &[
                "kustutamine 10000000002",
                "lisamine 10000000002 B 0735 7",
                "kustutamine 10000000003",
                "lisamine 10000000004 D 0653 4",
                "kustutamine 10000000001",
                "lisamine 10000000001 NEW 0482 3",
                "kustutamine 10000000009",
                "kustutamine 10000000008",
                "lisamine 10000000008 E 0482 3",
            ],
        );
        let (after, done) = first().after(&change).unwrap();
        assert_eq!(done, Applied { added: 2, removed: 1, moved: 1, same: 1, absent: vec![11, 12] });
        assert_eq!(after.0.len(), 4);
        assert_eq!(after.0["10000000002"], Place { unit: "0735".into(), district: "7".into() });
        let (back, _) = after.after(&list(2, &["lisamine 10000000003 C FOREIGN 3"])).unwrap();
        assert_eq!(back.0["10000000003"].district, "3");
    }

    #[test]
    fn a_bad_list_changes_nothing() {
        let register = first();
        for (lines, line) in [
            (&["lisamine 10000000004 D 0653 4", "lisamine 10000000001 A 0482 3"][..], 6),
            (&["lisamine 10000000004 D 0653 4", "lisamine 10000000004 D 0653 4"], 6),
            (&["lisamine 10000000004 D 0653 4", "kustutamine 10000000004"], 6),
            (&["kustutamine 10000000001", "kustutamine 10000000001"], 6),
            (&["kustutamine 10000000001", "lisamine 10000000001 A 0482 4", "kustutamine 10000000001"], 7),
            (&["kustutamine 10000000009", "kustutamine 10000000009"], 6),
        ] {
            let error = register.after(&list(1, lines)).unwrap_err();
            assert_eq!((error.paragraph, error.line), ("3 §3.1", line), "{lines:?}: {error}");
        }
        assert_eq!(register, first());
        let error = Register::default().after(&list(0, &["kustutamine 10000000001"])).unwrap_err();
        assert_eq!((error.paragraph, error.line), ("3 §3.1", 5));
        let error = Register::default().after(&list(0, &["lisamine 10000000001 A 0482 3", "lisamine 10000000001 A 0482 3"])).unwrap_err();
        assert_eq!((error.paragraph, error.line), ("3 §3.1", 6));
    }

    #[test]
    fn the_chain_tells_number_kind_file_and_all_before() {
        let good = link(&[1; 32], 1, false, &[3; 32]);
        assert_ne!(good, link(&[2; 32], 1, false, &[3; 32]));
        assert_ne!(good, link(&[1; 32], 2, false, &[3; 32]));
        assert_ne!(good, link(&[1; 32], 1, true, &[3; 32]));
        assert_ne!(good, link(&[1; 32], 1, false, &[4; 32]));
    }
}
