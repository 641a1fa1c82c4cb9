//! What a trustee posts to open a unit. Spec: 10-tally, openings.

use crate::parallel;
use ballot::encode::{DecodeError, Point, Reader, Record};
use ballot::{Hash, Scalar};

const TYPE: u8 = 40;

/// What a trustee posts to open a unit. Read by everyone.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 46 | `head` | [`OpeningHead`] |
/// | `32·N·w` | `factors` | `F_i,c = x_c·A_i`, row by row |
/// | 96 | | `T_1 ‖ T_2 ‖ z` |
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Opening {
    pub head: OpeningHead,
    pub factors: Vec<Point>,
    pub t_1: Point,
    pub t_2: Point,
    pub z: Scalar,
}

/// What an opening says about itself. Compared with what it must be before the factors are read.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 1, 1 | type, version | 40, 1 |
/// | 2 | `trustee` | index from 1 |
/// | 4 | `unit` | number of the unit |
/// | 32 | `stage` | stage hash: which rows |
/// | 4, 2 | `rows`, `width` | `N`, `w` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct OpeningHead {
    pub trustee: u16,
    pub unit: u32,
    pub stage: Hash,
    pub rows: u32,
    pub width: u16,
}

impl Record for OpeningHead {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([TYPE, 1]);
        out.extend(self.trustee.to_be_bytes());
        out.extend(self.unit.to_be_bytes());
        out.extend(self.stage);
        out.extend(self.rows.to_be_bytes());
        out.extend(self.width.to_be_bytes());
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(TYPE)?;
        Ok(Self { trustee: input.u16()?, unit: input.u32()?, stage: input.array()?, rows: input.u32()?, width: input.u16()? })
    }
}

impl Record for Opening {
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(out);
        self.factors.iter().chain([&self.t_1, &self.t_2]).for_each(|p| out.extend(p.bytes()));
        out.extend(self.z.as_bytes());
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = OpeningHead::decode(input)?;
        let count = (head.rows as usize).checked_mul(head.width.into()).ok_or(DecodeError::Short)?;
        let factors = parallel::points(input, count)?; // bounded by the bytes that are left
        Ok(Self { head, factors, t_1: input.point()?, t_2: input.point()?, z: input.scalar()? })
    }
}
