//! How the roll changes while the election runs. Spec: 07-casting, ROLL-4 to ROLL-6.

use crate::Hash;
use crate::roll::{Roll, RollLine};
use ballot::encode::{DecodeError, Reader, Record, put_list};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What happens to a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Act {
    Added = 1,
    Removed,
    Moved,
}

/// One change: 35 bytes. The district is the new one, or the one that a removed voter had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Change {
    pub pseudonym: Hash,
    pub act: Act,
    pub district: u16,
}

/// The sorted list of changes that one order *amend* makes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ChangeSet {
    lines: Vec<Change>,
}

impl ChangeSet {
    /// Sorts changes; nothing if a pseudonym stands twice.
    pub fn new(mut lines: Vec<Change>) -> Option<Self> {
        lines.sort();
        lines.is_sorted_by(|a, b| a.pseudonym < b.pseudonym).then_some(Self { lines })
    }

    /// What leads from one roll to the other.
    pub fn between(from: &Roll, to: &Roll) -> Self {
        let mut lines = Vec::new();
        let district_in = |roll: &Roll, p: &Hash| roll.find(p).map(|(_, line)| line.district);
        for &RollLine { pseudonym, district } in from.lines() {
            match district_in(to, &pseudonym) {
                None => lines.push(Change { pseudonym, act: Act::Removed, district }),
                Some(new) if new != district => lines.push(Change { pseudonym, act: Act::Moved, district: new }),
                Some(_) => {}
            }
        }
        let new = to.lines().iter().filter(|line| district_in(from, &line.pseudonym).is_none());
        lines.extend(new.map(|line| Change { pseudonym: line.pseudonym, act: Act::Added, district: line.district }));
        lines.sort();
        Self { lines }
    }

    /// The changes by pseudonym.
    pub fn lines(&self) -> &[Change] {
        &self.lines
    }

    /// How many voters are added, removed and moved.
    pub fn counts(&self) -> [usize; 3] {
        [Act::Added, Act::Removed, Act::Moved].map(|act| self.lines.iter().filter(|c| c.act == act).count())
    }
}

impl Record for ChangeSet {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([51, 1]);
        put_list(out, &self.lines, |out, c| {
            out.extend(c.pseudonym);
            out.push(c.act as u8);
            out.extend(c.district.to_be_bytes());
        });
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(51)?;
        let lines = input.list(35, |i| {
            let pseudonym = i.array()?;
            let act = match i.u8()? {
                1 => Act::Added,
                2 => Act::Removed,
                3 => Act::Moved,
                _ => return Err(DecodeError::Value),
            };
            Ok(Change { pseudonym, act, district: i.u16()? })
        })?;
        if lines.is_sorted_by(|a, b| a.pseudonym < b.pseudonym) { Ok(Self { lines }) } else { Err(DecodeError::Order) }
    }
}

/// Why a change set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum AmendError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("ROLL-4: the order gives version {given} of the roll, but the next is {next}")]
    Version { given: u64, next: u64 },
    #[error("ROLL-5: change {line} names an unknown district, adds a voter who is on the roll, or takes one who is not on it so")]
    Change { line: usize },
    #[error("ROLL-6: the roll that results has another root")]
    Root,
}

impl AmendError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(e) => e.rule(),
            Self::Version { .. } => "ROLL-4",
            Self::Change { .. } => "ROLL-5",
            Self::Root => "ROLL-6",
        }
    }
}

/// Every version of the roll: who may vote in which district, at each place of the log.
#[derive(Clone, Debug)]
pub struct Rolls {
    first: Arc<Roll>,
    now: Arc<Roll>,
    entry: u64,
    /// The entries of the orders *amend*, one for each later version.
    amended: Vec<u64>,
    /// For everybody who was ever changed: from which entry on in which district, or in none.
    changed: BTreeMap<Hash, Vec<(u64, Option<u16>)>>,
}

impl Rolls {
    /// Version 0, which stands at `entry` of the log.
    pub fn new(roll: Roll, entry: u64) -> Self {
        let first = Arc::new(roll);
        Self { now: first.clone(), first, entry, amended: Vec::new(), changed: BTreeMap::new() }
    }

    /// The roll in force now.
    pub fn now(&self) -> &Arc<Roll> {
        &self.now
    }
    /// Its version.
    pub fn version(&self) -> u64 {
        self.amended.len() as u64
    }
    /// The version in force at an entry (SET-6).
    pub fn version_at(&self, entry: u64) -> u64 {
        self.amended.partition_point(|amend| *amend < entry) as u64
    }
    /// The entry of the order that gave it.
    pub fn entry(&self) -> u64 {
        self.amended.last().copied().unwrap_or(self.entry)
    }

    /// The roll that results from a change set on the one in force (ROLL-5); `districts` are there.
    pub fn change(&self, set: &ChangeSet, districts: usize) -> Result<Roll, AmendError> {
        let mut lines: HashMap<Hash, u16> = HashMap::new();
        for (line, change) in set.lines.iter().enumerate() {
            let before = self.now.find(&change.pseudonym).map(|(_, l)| l.district);
            let fits = match (change.act, before) {
                (Act::Added, None) => true,
                (Act::Removed, Some(district)) => district == change.district,
                (Act::Moved, Some(district)) => district != change.district,
                _ => false,
            };
            if !fits || usize::from(change.district) >= districts {
                return Err(AmendError::Change { line });
            }
            lines.insert(change.pseudonym, change.district);
        }
        let stay = self.now.lines().iter().filter(|line| !lines.contains_key(&line.pseudonym)).copied();
        let there = set.lines.iter().filter(|c| c.act != Act::Removed);
        let new = there.map(|c| RollLine { pseudonym: c.pseudonym, district: c.district });
        Roll::new(stay.chain(new).collect()).ok_or(AmendError::Decode(DecodeError::Order))
    }

    /// Takes the change set of an order *amend* at `entry`, which states a version and a root. On an error nothing has changed.
    pub fn amend(&mut self, blob: &[u8], (value, root): (u64, &Hash), entry: u64, districts: usize) -> Result<(), AmendError> {
        let next = self.version().saturating_add(1);
        if value != next {
            return Err(AmendError::Version { given: value, next });
        }
        let set = ChangeSet::from_bytes(blob)?;
        let roll = self.change(&set, districts)?;
        if roll.tree().root() != *root {
            return Err(AmendError::Root);
        }
        for change in set.lines {
            let district = (change.act != Act::Removed).then_some(change.district);
            self.changed.entry(change.pseudonym).or_default().push((entry, district));
        }
        self.now = Arc::new(roll);
        self.amended.push(entry);
        Ok(())
    }

    /// The district of a pseudonym by the roll in force at an entry (SET-2); nothing if it is not on it.
    pub fn district_at(&self, pseudonym: &Hash, entry: u64) -> Option<u16> {
        let changes = self.changed.get(pseudonym).map(Vec::as_slice).unwrap_or_default();
        match changes.iter().rev().find(|(from, _)| *from < entry) {
            Some((_, district)) => *district,
            None => self.first.find(pseudonym).map(|(_, line)| line.district),
        }
    }

    /// True if it stands or stood on a version of the roll (ANN-1).
    pub fn was_ever(&self, pseudonym: &Hash) -> bool {
        self.changed.contains_key(pseudonym) || self.first.find(pseudonym).is_some()
    }

    /// The districts in which people were ever put, once for each time.
    pub fn placed(&self) -> impl Iterator<Item = u16> {
        let changes = self.changed.values().flatten().filter_map(|(_, district)| *district);
        self.first.lines().iter().map(|line| line.district).chain(changes)
    }

    /// The whole roll: everybody who stood on any version, with the last district.
    pub fn whole(&self) -> Arc<Roll> {
        if self.changed.is_empty() {
            return self.first.clone();
        }
        let mut lines: BTreeMap<Hash, u16> = self.first.lines().iter().map(|l| (l.pseudonym, l.district)).collect();
        for (pseudonym, changes) in &self.changed {
            lines.extend(changes.iter().filter_map(|(_, district)| Some((*pseudonym, (*district)?))));
        }
        let lines = lines.into_iter().map(|(pseudonym, district)| RollLine { pseudonym, district });
        Arc::new(Roll::new(lines.collect()).unwrap_or_default()) // a map names nobody twice
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn roll(lines: &[(u8, u16)]) -> Roll {
        Roll::new(lines.iter().map(|&(p, district)| RollLine { pseudonym: [p; 32], district }).collect()).unwrap()
    }

    /// Amends to these lines, at the entry.
    fn amend(rolls: &mut Rolls, lines: &[(u8, u16)], entry: u64) {
        let to = roll(lines);
        let set = ChangeSet::between(rolls.now(), &to);
        rolls.amend(&set.to_bytes(), (rolls.version() + 1, &to.tree().root()), entry, 2).unwrap();
        assert_eq!(**rolls.now(), to);
    }

    #[test]
    fn each_place_has_its_roll() {
        let mut rolls = Rolls::new(roll(&[(1, 0), (2, 0), (3, 1)]), 4);
        assert!(Arc::ptr_eq(&rolls.whole(), rolls.now()));
        amend(&mut rolls, &[(1, 1), (3, 1), (4, 0)], 10);
        amend(&mut rolls, &[(1, 0), (2, 1), (3, 1)], 20);
        assert_eq!((rolls.version(), rolls.entry()), (2, 20));
        let districts = |p: u8| [9, 10, 11, 20, 21].map(|entry| rolls.district_at(&[p; 32], entry));
        assert_eq!(districts(1), [Some(0), Some(0), Some(1), Some(1), Some(0)]);
        assert_eq!(districts(2), [Some(0), Some(0), None, None, Some(1)]);
        assert_eq!(districts(3), [Some(1); 5]);
        assert_eq!(districts(4), [None, None, Some(0), Some(0), None]);
        assert_eq!(districts(5), [None; 5]);
        assert_eq!(*rolls.whole(), roll(&[(1, 0), (2, 1), (3, 1), (4, 0)]));
        assert!(rolls.was_ever(&[4; 32]) && rolls.was_ever(&[3; 32]) && !rolls.was_ever(&[5; 32]));
    }
}
