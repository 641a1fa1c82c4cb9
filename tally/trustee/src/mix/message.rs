//! What a mixer posts. Spec: 09-mixing, message.

use super::ShuffleProof;
use crate::parallel;
use ballot::encode::{DecodeError, Reader, Record};
use ballot::{Ciphertext, Hash};

const TYPE: u8 = 38;

/// What a mixer posts. Written by one mixer, read by the next, by every trustee and by the verifier.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 48 | `head` | [`MixHead`] |
/// | `32·N·(w+1)` | `outputs` | rows |
/// | `32·(5N+w+8)` | `proof` | that the rows are the input's |
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Mix {
    pub head: MixHead,
    pub outputs: Vec<Ciphertext>,
    pub proof: ShuffleProof,
}

/// What a mix says about itself. Compared with what it must be before anything large is read.
///
/// | bytes | field | meaning |
/// | ---: | --- | --- |
/// | 1, 1 | type, version | 38, 1 |
/// | 4 | `unit` | number of the unit |
/// | 2 | `stage` | from 1 |
/// | 2 | `mixer` | index in the manifest's mixers, from 1 |
/// | 32 | `input` | `H("rows", …)` over the input rows |
/// | 4, 2 | `rows`, `width` | `N`, `w` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MixHead {
    pub unit: u32,
    pub stage: u16,
    pub mixer: u16,
    pub input: Hash,
    pub rows: u32,
    pub width: u16,
}

impl Record for MixHead {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([TYPE, 1]);
        out.extend(self.unit.to_be_bytes());
        out.extend(self.stage.to_be_bytes());
        out.extend(self.mixer.to_be_bytes());
        out.extend(self.input);
        out.extend(self.rows.to_be_bytes());
        out.extend(self.width.to_be_bytes());
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        input.head(TYPE)?;
        let (unit, stage, mixer, rows_of) = (input.u32()?, input.u16()?, input.u16()?, input.array()?);
        Ok(Self { unit, stage, mixer, input: rows_of, rows: input.u32()?, width: input.u16()? })
    }
}

impl Record for Mix {
    fn encode(&self, out: &mut Vec<u8>) {
        self.head.encode(out);
        self.outputs.iter().for_each(|row| out.extend(row.row()));
        self.proof.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = MixHead::decode(input)?;
        let (n, w) = (head.rows as usize, usize::from(head.width));
        let need = (n as u128 * (w as u128 + 6) + w as u128 + 8) * 32;
        if need > input.left() as u128 {
            return Err(DecodeError::Short); // before memory is taken (DEC-5)
        }
        let mut points = parallel::points(input, n * (w + 1))?.into_iter();
        let mut outputs = Vec::with_capacity(n);
        while let Some(pad) = points.next() {
            outputs.push(Ciphertext { pad, columns: points.by_ref().take(w).collect() });
        }
        Ok(Self { head, outputs, proof: ShuffleProof::decode(input, n, w)? })
    }
}
