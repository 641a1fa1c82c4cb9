//! Codes for a second device: their text, their bytes, and what their pad makes of them. Spec: 16-second-device.

use crate::bytes::{Fault, Hash, Reader};
use crate::hash::{Labelled, labelled};
use crate::shape::Shape;

/// The characters, by their value.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A code whose check characters and sum are right. CHECK-1.
#[derive(Clone, Debug)]
pub struct Code {
    /// The ballot was said to be opened, not cast.
    pub challenged: bool,
    /// Position of the entry.
    pub index: u32,
    /// The first bytes of the election id.
    pub election: [u8; 8],
    masked: Vec<u8>,
}

fn mistyped(text: impl Into<String>) -> Fault {
    Fault::new("CHECK-1", text)
}

/// Doubling in GF(32) modulo x^5 + x^2 + 1.
fn doubled(value: u8) -> u8 {
    let twice = value.wrapping_mul(2);
    if twice >= 32 { twice ^ 0b10_0101 } else { twice }
}

impl Code {
    /// Reads what somebody typed or scanned.
    pub fn read(typed: &str) -> Result<Self, Fault> {
        let mut values = Vec::new();
        for letter in typed.chars().filter(|letter| !matches!(letter, ' ' | '-')) {
            let value = LETTERS.chars().position(|other| other == letter.to_ascii_uppercase());
            let value = value.and_then(|value| u8::try_from(value).ok());
            values.push(value.ok_or_else(|| mistyped("a code has the letters A to Z and the digits 2 to 7 only"))?);
        }
        let (groups, rest) = values.as_chunks::<5>();
        if !rest.is_empty() || groups.len() % 2 == 1 {
            return Err(mistyped("the code is not whole: it has pairs of groups of five"));
        }
        let mut bits = Vec::with_capacity(values.len().saturating_mul(4));
        for (number, [a, b, c, d, check]) in (0usize..).zip(groups) {
            let sum = [a, b, c, d].into_iter().fold(0, |sum, value| doubled(sum ^ value));
            let place = u8::try_from(number % 32).unwrap_or(0);
            if sum ^ place != *check {
                return Err(mistyped(format!("group {} is mistyped", number.saturating_add(1))));
            }
            bits.extend([a, b, c, d].into_iter().flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1)));
        }
        let byte = |bits: &[u8; 8]| bits.iter().fold(0u8, |byte, bit| byte << 1 | bit);
        Self::decode(&bits.as_chunks::<8>().0.iter().map(byte).collect::<Vec<u8>>())
    }

    /// Reads the bytes of a code.
    pub fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() < 50 || bytes.len() > 60_000 || !bytes.len().is_multiple_of(5) {
            return Err(mistyped(format!("{} bytes are no code", bytes.len())));
        }
        let mut reader = Reader::new(bytes);
        let (kind, index, election) = (reader.u8()?, reader.u32()?, reader.array()?);
        let masked = reader.take(reader.left().saturating_sub(4))?.to_vec();
        let (all, _) = bytes.split_at_checked(reader.at()).ok_or_else(|| mistyped("no sum"))?;
        let sum: [u8; 4] = reader.array()?;
        if !labelled("check-code", all).starts_with(&sum) {
            return Err(mistyped("the sum at its end is wrong"));
        }
        if kind != 1 && kind != 2 {
            return Err(mistyped(format!("there is no kind {kind}")));
        }
        Ok(Self { challenged: kind == 2, index, election, masked })
    }

    /// Whether this is a code of the election. CHECK-2.
    pub fn belongs(&self, election: &Hash) -> Result<(), Fault> {
        if election.starts_with(&self.election) { Ok(()) } else { Err(Fault::new("CHECK-2", "the code belongs to another election")) }
    }

    /// What the collector is shown.
    pub fn token(&self, election: &Hash) -> Hash {
        Labelled::new("check-token").with(election).with(&self.masked).done()
    }

    /// Seed, and the integers of each contest. CHECK-12, but for the rules of the contests. A challenged ballot has no pad.
    pub fn open(&self, pad: Option<&Hash>, ballot: &Hash, shapes: &[&Shape]) -> Result<(Hash, Vec<Vec<u32>>), Fault> {
        let wrong = |text: &str| Fault::new("CHECK-12", text);
        let mut opening = self.masked.clone();
        if let Some(pad) = pad {
            for (number, block) in (0u32..).zip(opening.chunks_mut(32)) {
                let mask = Labelled::new("check-mask").with(pad).with(ballot).with(&number.to_be_bytes()).done();
                for (byte, mask) in block.iter_mut().zip(mask) {
                    *byte ^= mask;
                }
            }
        }
        let mut reader = Reader::new(&opening);
        let seed = reader.hash().map_err(|_| wrong("no seed"))?;
        let mut bits = reader.take(reader.left())?.iter().flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
        let mut selections = Vec::new();
        let mut used = 0usize;
        for shape in shapes {
            let mut selection = Vec::new();
            for integer in 1..=u16::try_from(shape.w).unwrap_or(u16::MAX) {
                let width = shape.bits.iter().filter(|bit| bit.integer == integer).count();
                used = used.saturating_add(width);
                selection.push((&mut bits).take(width).fold(0u32, |value, bit| value << 1 | bit));
            }
            selections.push(selection);
        }
        // The code is filled up to a multiple of 5 bytes: 13 before the opening, 4 behind it.
        let length = used.div_ceil(8).saturating_add(49).div_ceil(5).saturating_mul(5).saturating_sub(17);
        if opening.len() != length {
            return Err(wrong("not as long as a ballot of the district needs"));
        }
        if bits.any(|bit| bit != 0) {
            return Err(wrong("an unused bit is set"));
        }
        Ok((seed, selections))
    }
}
