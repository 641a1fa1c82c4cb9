//! The versions of the roll: which one is in force where, and who ever stood on one. Spec: 07-casting, Changes of the roll.

use crate::bytes::{Fault, Hash};
use crate::counted::Line;
use crate::entry::BallotHead;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// What a change does with a pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It comes onto the roll.
    Added,
    /// It goes from the roll.
    Removed,
    /// It goes to another district.
    Moved,
}

/// One change; the line's district is the one that it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is done.
    pub act: Act,
    /// With whom, and where.
    pub line: Line,
}

/// Where somebody stood from an entry on; nowhere if off the roll.
type History = Vec<(u64, Option<u16>)>;

/// All versions of the roll, in the order of the log.
#[derive(Clone, Debug, Default)]
pub struct Rolls {
    /// Entry of the order *roll*.
    from: u64,
    /// Entries of the orders *amend* that gave the later versions.
    amends: Vec<u64>,
    /// The roll in force after the last of them, sorted.
    now: Vec<Line>,
    /// Who stands on it no more, with the district that was the last.
    gone: BTreeMap<Hash, u16>,
    /// Of those that a change set names.
    changed: HashMap<Hash, History>,
}

impl Rolls {
    /// Version 0, by the order *roll* at an entry. The lines are sorted.
    pub fn new(entry: u64, lines: Vec<Line>) -> Self {
        Self { from: entry, now: lines, ..Self::default() }
    }

    /// The version in force at the end.
    pub fn version(&self) -> u64 {
        self.amends.len() as u64
    }

    /// The version in force at an entry.
    pub fn version_at(&self, entry: u64) -> u64 {
        self.amends.partition_point(|amend| *amend < entry) as u64
    }

    /// Its lines.
    pub fn now(&self) -> &[Line] {
        &self.now
    }

    /// The district of a pseudonym at the end; nothing if it is off the roll.
    pub fn district(&self, pseudonym: &Hash) -> Option<u16> {
        let position = self.now.binary_search_by_key(pseudonym, |line| line.pseudonym).ok()?;
        self.now.get(position).map(|line| line.district)
    }

    /// The lines after a change set that fits. It is sorted. ROLL-5.
    pub fn after(&self, changes: &[Change]) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.now.len().saturating_add(changes.len()));
        let mut changes = changes.iter().peekable();
        for line in &self.now {
            while let Some(before) = changes.next_if(|change| change.line.pseudonym < line.pseudonym) {
                lines.push(before.line);
            }
            match changes.next_if(|change| change.line.pseudonym == line.pseudonym) {
                None => lines.push(*line),
                Some(change) if change.act == Act::Removed => {}
                Some(change) => lines.push(change.line),
            }
        }
        lines.extend(changes.map(|change| change.line));
        lines
    }

    /// The next version, by the order *amend* at an entry. `lines` are what `after` gave for these changes.
    pub fn push(&mut self, entry: u64, changes: &[Change], lines: Vec<Line>) {
        for Change { act, line } in changes {
            let before = self.district(&line.pseudonym);
            let from = self.from;
            let history = self.changed.entry(line.pseudonym).or_insert_with(|| vec![(from, before)]);
            history.push((entry, (*act != Act::Removed).then_some(line.district)));
            match act {
                Act::Removed => drop(self.gone.insert(line.pseudonym, line.district)),
                Act::Added | Act::Moved => drop(self.gone.remove(&line.pseudonym)),
            }
        }
        self.now = lines;
        self.amends.push(entry);
    }

    /// The district of a pseudonym on the roll in force at an entry; nothing if it is not on it.
    pub fn district_at(&self, pseudonym: &Hash, entry: u64) -> Option<u16> {
        match self.changed.get(pseudonym) {
            _ if entry <= self.from => None,
            Some(history) => history.iter().rev().find(|(from, _)| *from < entry).and_then(|(_, district)| *district),
            None => self.district(pseudonym),
        }
    }

    /// Is a pseudonym on the whole roll at an entry?
    pub fn whole_has(&self, pseudonym: &Hash, entry: u64) -> bool {
        match self.changed.get(pseudonym) {
            _ if entry <= self.from => false,
            Some(history) => history.iter().any(|(from, district)| *from < entry && district.is_some()),
            None => self.district(pseudonym).is_some(),
        }
    }

    /// The whole roll at the end: everybody, sorted, each with the last district.
    pub fn whole(&self) -> Cow<'_, [Line]> {
        if self.gone.is_empty() {
            return Cow::Borrowed(&self.now);
        }
        let gone = self.gone.iter().map(|(pseudonym, district)| Line { pseudonym: *pseudonym, district: *district });
        let mut lines: Vec<Line> = self.now.iter().copied().chain(gone).collect();
        lines.sort_unstable_by_key(|line| line.pseudonym);
        Cow::Owned(lines)
    }

    /// A ballot names a pseudonym of the roll in force at its entry, and its district there. SET-2.
    pub fn judge(&self, ballot: &BallotHead, entry: u64) -> Result<(), Fault> {
        match self.district_at(&ballot.voter, entry) {
            Some(district) if district == ballot.district => Ok(()),
            Some(_) => Err(Fault::new("SET-2", "not the district of the pseudonym on the roll in force here")),
            None if self.whole_has(&ballot.voter, u64::MAX) => {
                Err(Fault::new("SET-2", "the pseudonym stands on another version of the roll, not on the one in force here"))
            }
            None => Err(Fault::new("SET-2", "the pseudonym is not on the roll")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn line(name: u8, district: u16) -> Line {
        Line { pseudonym: [name; 32], district }
    }

    fn amended(rolls: &mut Rolls, entry: u64, changes: &[(Act, Line)]) {
        let changes: Vec<Change> = changes.iter().map(|(act, line)| Change { act: *act, line: *line }).collect();
        let lines = rolls.after(&changes);
        rolls.push(entry, &changes, lines);
    }

    #[test]
    fn each_entry_has_its_version() {
        let mut rolls = Rolls::new(3, vec![line(2, 0), line(4, 1), line(6, 0)]);
        amended(
            &mut rolls,
            10,
            &[(Act::Added, line(1, 1)), (Act::Removed, line(2, 0)), (Act::Moved, line(4, 0)), (Act::Added, line(9, 1))],
        );
        amended(&mut rolls, 20, &[(Act::Added, line(2, 1)), (Act::Removed, line(9, 1))]);
        amended(&mut rolls, 20, &[]);
        assert_eq!((rolls.version(), rolls.now()), (3, &[line(1, 1), line(2, 1), line(4, 0), line(6, 0)][..]));
        assert_eq!(*rolls.whole(), [line(1, 1), line(2, 1), line(4, 0), line(6, 0), line(9, 1)]);
        let at = |name: u8| [3, 4, 10, 11, 20, 21].map(|entry| rolls.district_at(&[name; 32], entry));
        assert_eq!(at(1), [None, None, None, Some(1), Some(1), Some(1)]);
        assert_eq!(at(2), [None, Some(0), Some(0), None, None, Some(1)]);
        assert_eq!(at(4), [None, Some(1), Some(1), Some(0), Some(0), Some(0)]);
        assert_eq!(at(6), [None, Some(0), Some(0), Some(0), Some(0), Some(0)]);
        assert_eq!(at(9), [None, None, None, Some(1), Some(1), None]);
        assert_eq!(at(5), [None; 6]);
        assert_eq!([3, 10, 11, 20, 21].map(|entry| rolls.version_at(entry)), [0, 0, 1, 1, 3]);
        let whole = |name: u8| [3, 4, 10, 11, 20, 21].map(|entry| rolls.whole_has(&[name; 32], entry));
        assert_eq!(whole(1), [false, false, false, true, true, true]);
        assert_eq!(whole(2), [false, true, true, true, true, true]);
        assert_eq!(whole(6), [false, true, true, true, true, true]);
        assert_eq!(whole(9), [false, false, false, true, true, true]);
        assert_eq!(whole(5), [false; 6]);
    }
}
