//! The one door from bytes to values: a reader that never reads past the end and never trusts a count. Spec: 02-encoding.

use crate::group::{self, Point, Scalar};

/// 32 bytes: a SHA-256 output or an opaque identifier.
pub type Hash = [u8; 32];

/// A broken rule, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule's id in the specifications.
    pub rule: &'static str,
    /// What was found, for people.
    pub text: String,
}

impl Fault {
    /// A fault against `rule`.
    pub fn new(rule: &'static str, text: impl Into<String>) -> Self {
        Self { rule, text: text.into() }
    }

    /// The same text under another rule; the old rule moves into the text.
    #[must_use]
    pub fn under(self, rule: &'static str) -> Self {
        if self.rule == rule { self } else { Self { rule, text: format!("{} ({})", self.text, self.rule) } }
    }
}

/// Reads one record from its first byte to its last.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Position of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Number of bytes not yet read.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes. DEC-5.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let Some((head, tail)) = self.rest.split_at_checked(n) else {
            return Err(Fault::new("DEC-5", format!("ends at byte {}, {n} more are needed, {} are left", self.at, self.left())));
        };
        self.rest = tail;
        self.at = self.at.saturating_add(n);
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let at = self.at;
        self.take(N)?.first_chunk::<N>().copied().ok_or_else(|| Fault::new("DEC-5", format!("ends at byte {at}")))
    }

    /// The next `n · 32` bytes as blocks of 32.
    pub fn blocks(&mut self, n: usize) -> Result<&'a [Hash], Fault> {
        let length = n.checked_mul(32).ok_or_else(|| Fault::new("DEC-5", "a count beyond memory"))?;
        Ok(self.take(length)?.as_chunks::<32>().0)
    }

    /// `u8`.
    pub fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// `u16`, big-endian.
    pub fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// `u32`, big-endian.
    pub fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// `u64`, big-endian.
    pub fn u64(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// A hash or an identifier of 32 bytes.
    pub fn hash(&mut self) -> Result<Hash, Fault> {
        self.array()
    }

    /// A canonical point that is not the identity. DEC-1, DEC-2.
    pub fn point(&mut self) -> Result<Point, Fault> {
        let at = self.at;
        group::point(&self.array()?).map_err(|fault| at_byte(fault, at))
    }

    /// A reduced scalar. DEC-3.
    pub fn scalar(&mut self) -> Result<Scalar, Fault> {
        let at = self.at;
        group::scalar(&self.array()?).map_err(|fault| at_byte(fault, at))
    }

    /// The count of a list whose items have `size` bytes each, held against what is left. DEC-5.
    pub fn count(&mut self, size: usize) -> Result<usize, Fault> {
        let count = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        match count.checked_mul(size) {
            Some(length) if length <= self.left() => Ok(count),
            _ => Err(Fault::new("DEC-5", format!("a list of {count} items does not fit into {} bytes", self.left()))),
        }
    }

    /// `text`: `u16` length and UTF-8 under TEXT. DEC-7.
    pub fn text(&mut self) -> Result<&'a str, Fault> {
        let length = usize::from(self.u16()?);
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Fault::new("DEC-7", "not UTF-8"))?;
        crate::text::check(text)?;
        Ok(text)
    }

    /// The type and the version byte. DEC-6.
    pub fn head(&mut self, kind: u8) -> Result<(), Fault> {
        match self.array()? {
            [k, 1] if k == kind => Ok(()),
            [k, v] => Err(Fault::new("DEC-6", format!("type {k} version {v} where type {kind} version 1 must be"))),
        }
    }

    /// Nothing may be left. DEC-4.
    pub fn finish(self) -> Result<(), Fault> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Fault::new("DEC-4", format!("{} bytes too many from byte {}", self.rest.len(), self.at)))
        }
    }
}

fn at_byte(fault: Fault, at: usize) -> Fault {
    Fault { rule: fault.rule, text: format!("{} at byte {at}", fault.text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_held_against_what_is_left() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 1, 2, 3];
        assert_eq!(Reader::new(&bytes).count(32).unwrap_err().rule, "DEC-5");
        assert_eq!(Reader::new(&[0, 0, 0, 1, 9]).count(1).unwrap(), 1);
    }

    #[test]
    fn ends_are_exact() {
        let mut reader = Reader::new(&[1, 1, 7]);
        reader.head(1).unwrap();
        assert_eq!(reader.clone().finish().unwrap_err().rule, "DEC-4");
        assert_eq!(reader.u16().unwrap_err().rule, "DEC-5");
        assert_eq!(reader.u8().unwrap(), 7);
        reader.finish().unwrap();
        assert_eq!(Reader::new(&[1, 2]).head(1).unwrap_err().rule, "DEC-6");
    }

    #[test]
    fn points_and_scalars_are_canonical() {
        assert_eq!(Reader::new(&[0; 32]).point().unwrap_err().rule, "DEC-2");
        assert_eq!(Reader::new(&[0xff; 32]).point().unwrap_err().rule, "DEC-1");
        assert_eq!(Reader::new(&[0xff; 32]).scalar().unwrap_err().rule, "DEC-3");
        assert_eq!(Reader::new(&[0; 32]).scalar().unwrap(), Scalar::ZERO);
    }
}
