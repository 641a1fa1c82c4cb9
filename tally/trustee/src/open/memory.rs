//! What a trustee remembers of its own words. Spec: 10-tally, OPEN-2 and OPEN-3.

use super::Closed;
use ballot::Hash;
use ballot::encode::{DecodeError, Reader, Record, put_list};
use std::collections::BTreeMap;

const TYPE: u8 = 66;

/// The statements that a trustee has declared in an intent. Kept on its own disk, because a board can show it another past.
///
/// The same statement may be declared and opened again; another one for the same unit, never: the difference of two openings of
/// nearly the same rows is a vote (C05).
///
/// | bytes | field |
/// | ---: | --- |
/// | 1, 1, 1 | 66, 1, and 1 if the next line is there, else 0 |
/// | 32, 8, 32, 32 | election, size, root, counted-set hash |
/// | 4 + 36·n | units and stage hashes, sorted |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    head: Option<(Hash, u64, Hash, Hash)>,
    units: BTreeMap<u32, Hash>,
}

/// OPEN-2, OPEN-3: this trustee has declared another statement before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("OPEN-2: this trustee has declared another statement before; it declares and opens no other")]
pub struct OtherStatement;

impl Declared {
    /// Remembers a statement, or refuses it. To be written to disk before the intent leaves.
    pub fn declare(&mut self, closed: &Closed, units: &[(u32, Hash)]) -> Result<(), OtherStatement> {
        let mut new = self.clone();
        let head = (closed.election, closed.size, closed.root, closed.counted);
        if *new.head.get_or_insert(head) != head {
            return Err(OtherStatement);
        }
        for (unit, stage) in units {
            if new.units.entry(*unit).or_insert(*stage) != stage {
                return Err(OtherStatement);
            }
        }
        *self = new;
        Ok(())
    }

    /// True if exactly this was declared, so that it may be opened.
    pub fn holds(&self, closed: &Closed, unit: u32, stage: &Hash) -> bool {
        self.head == Some((closed.election, closed.size, closed.root, closed.counted)) && self.units.get(&unit) == Some(stage)
    }
}

impl Record for Declared {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([TYPE, 1, u8::from(self.head.is_some())]);
        if let Some((election, size, root, counted)) = &self.head {
            out.extend(election);
            out.extend(size.to_be_bytes());
            out.extend(root);
            out.extend(counted);
        }
        let units: Vec<_> = self.units.iter().collect();
        put_list(out, &units, |out, (unit, stage)| {
            out.extend(unit.to_be_bytes());
            out.extend(*stage);
        });
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(TYPE)?;
        let head = match input.u8()? {
            0 => None,
            1 => Some((input.array()?, input.u64()?, input.array()?, input.array()?)),
            _ => return Err(DecodeError::Value),
        };
        let units: Vec<(u32, Hash)> = input.list(36, |i| Ok((i.u32()?, i.array()?)))?;
        if !units.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(DecodeError::Order);
        }
        Ok(Self { head, units: units.into_iter().collect() })
    }
}
