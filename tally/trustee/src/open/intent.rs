//! What a trustee declares before it opens anything. Spec: 10-tally, intents.

use super::Closed;
use ballot::Hash;
use ballot::encode::{DecodeError, Reader, Record, put_list};

const TYPE: u8 = 39;

/// "I have replayed the record, and these are the rows that I shall open."
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 1, 1 | type, version | 39, 1 |
/// | 2 | `trustee` | index from 1 |
/// | 8, 32 | `size`, `root` | the closed checkpoint |
/// | 32 | `counted` | counted-set hash |
/// | 4 + 36·n | `units` | number and stage hash, sorted by number |
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Intent {
    pub trustee: u16,
    pub size: u64,
    pub root: Hash,
    pub counted: Hash,
    pub units: Vec<(u32, Hash)>,
}

impl Intent {
    /// What `trustee` is to post about these units.
    pub fn new(trustee: u16, closed: &Closed, mut units: Vec<(u32, Hash)>) -> Self {
        units.sort_unstable();
        Self { trustee, size: closed.size, root: closed.root, counted: closed.counted, units }
    }

    /// OPEN-2, but for the units: the author, the closed checkpoint and the counted set.
    pub fn is_about(&self, author: u16, closed: &Closed) -> bool {
        (self.trustee, self.size, self.root, self.counted) == (author, closed.size, closed.root, closed.counted)
    }
}

impl Record for Intent {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([TYPE, 1]);
        out.extend(self.trustee.to_be_bytes());
        out.extend(self.size.to_be_bytes());
        out.extend(self.root);
        out.extend(self.counted);
        put_list(out, &self.units, |out, (unit, stage)| {
            out.extend(unit.to_be_bytes());
            out.extend(stage);
        });
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(TYPE)?;
        let (trustee, size, root, counted) = (input.u16()?, input.u64()?, input.array()?, input.array()?);
        let units: Vec<(u32, Hash)> = input.list(36, |i| Ok((i.u32()?, i.array()?)))?;
        if !units.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(DecodeError::Order); // DEC-9
        }
        Ok(Self { trustee, size, root, counted, units })
    }
}
