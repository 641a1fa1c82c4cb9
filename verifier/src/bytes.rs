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
    /// Where a form breaks: the byte of the entry, blob or file. Spec: 12-verification, REPORT.
    pub at: Option<u64>,
}

impl Fault {
    /// A fault against `rule`.
    pub fn new(rule: &'static str, text: impl Into<String>) -> Self {
        Self { rule, text: text.into(), at: None }
    }

    /// The same text under another rule; the old rule moves into the text.
    #[must_use]
    pub fn under(self, rule: &'static str) -> Self {
        if self.rule == rule { self } else { Self { rule, text: format!("{} ({})", self.text, self.rule), at: self.at } }
    }

    /// The same fault at a byte.
    #[must_use]
    pub fn at(self, byte: usize) -> Self {
        Self { at: Some(byte as u64), ..self }
    }

    /// The same fault, its byte counted from `bytes` before the part that was read.
    #[must_use]
    pub fn after(self, bytes: usize) -> Self {
        Self { at: self.at.map(|at| at.saturating_add(bytes as u64)), ..self }
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
            return Err(Fault::new("DEC-5", format!("{n} more bytes are needed, {} are left", self.left())).at(self.at));
        };
        self.rest = tail;
        self.at = self.at.saturating_add(n);
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let at = self.at;
        self.take(N)?.first_chunk::<N>().copied().ok_or_else(|| Fault::new("DEC-5", "ends early").at(at))
    }

    /// The next `n · 32` bytes as blocks of 32.
    pub fn blocks(&mut self, n: usize) -> Result<&'a [Hash], Fault> {
        let length = n.checked_mul(32).ok_or_else(|| Fault::new("DEC-5", "a count beyond memory").at(self.at))?;
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
        group::point(&self.array()?).map_err(|fault| fault.at(at))
    }

    /// A reduced scalar. DEC-3.
    pub fn scalar(&mut self) -> Result<Scalar, Fault> {
        let at = self.at;
        group::scalar(&self.array()?).map_err(|fault| fault.at(at))
    }

    /// The count of a list whose items have `size` bytes each, held against what is left. DEC-5.
    pub fn count(&mut self, size: usize) -> Result<usize, Fault> {
        let at = self.at;
        let count = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        match count.checked_mul(size) {
            Some(length) if length <= self.left() => Ok(count),
            _ => Err(Fault::new("DEC-5", format!("a list of {count} items does not fit into {} bytes", self.left())).at(at)),
        }
    }

    /// `text`: `u16` length and UTF-8 under TEXT. DEC-7.
    pub fn text(&mut self) -> Result<&'a str, Fault> {
        let at = self.at;
        let length = usize::from(self.u16()?);
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Fault::new("DEC-7", "not UTF-8").at(at))?;
        crate::text::check(text).map_err(|fault| fault.at(at))?;
        Ok(text)
    }

    /// The type and the version byte. DEC-6.
    pub fn head(&mut self, kind: u8) -> Result<(), Fault> {
        let at = self.at;
        match self.array()? {
            [k, 1] if k == kind => Ok(()),
            [k, v] => Err(Fault::new("DEC-6", format!("type {k} version {v} where type {kind} version 1 must be")).at(at)),
        }
    }

    /// Nothing may be left. DEC-4.
    pub fn finish(self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::new("DEC-4", format!("{} bytes too many", self.rest.len())).at(self.at)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_held_against_what_is_left() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 1, 2, 3];
        assert_eq!(Reader::new(&bytes).count(32).unwrap_err().rule, "DEC-5");
        assert_eq!(Reader::new(&[0, 0, 0, 2, 9]).count(1).unwrap_err().rule, "DEC-5");
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
    fn a_fault_knows_its_byte() {
        let at = |fault: Fault| (fault.rule, fault.at);
        let mut reader = Reader::new(&[9; 40]);
        reader.take(3).unwrap();
        assert_eq!(at(reader.clone().head(1).unwrap_err()), ("DEC-6", Some(3)));
        assert_eq!(at(reader.clone().take(38).unwrap_err()), ("DEC-5", Some(3)));
        assert_eq!(at(reader.clone().array::<38>().unwrap_err()), ("DEC-5", Some(3)));
        assert_eq!(at(reader.clone().blocks(2).unwrap_err()), ("DEC-5", Some(3)));
        assert_eq!(at(reader.clone().blocks(usize::MAX).unwrap_err()), ("DEC-5", Some(3)));
        assert_eq!(at(reader.clone().count(1).unwrap_err()), ("DEC-5", Some(3)));
        assert_eq!(at(reader.clone().finish().unwrap_err()), ("DEC-4", Some(3)));
        let bytes = [[0; 8].as_slice(), &[0xff; 64]].concat();
        let mut reader = Reader::new(&bytes);
        reader.take(8).unwrap();
        assert_eq!(at(reader.clone().point().unwrap_err()), ("DEC-1", Some(8)));
        assert_eq!(at(reader.clone().scalar().unwrap_err()), ("DEC-3", Some(8)));
        let fault = reader.scalar().unwrap_err().under("BAL-4").after(34);
        assert_eq!((fault.text.ends_with("(DEC-3)"), at(fault)), (true, ("BAL-4", Some(42))));
        assert_eq!(Fault::new("X", "").after(3).at, None);
    }

    #[test]
    fn texts_are_read_with_their_length() {
        let read = |bytes: &[u8]| Reader::new(bytes).text().map(str::to_owned).map_err(|fault| (fault.rule, fault.at));
        assert_eq!(read(&[0, 2, b'a', b'b', b'c']), Ok("ab".to_owned()));
        assert_eq!(read(&[0, 1, 0xff]), Err(("DEC-7", Some(0))));
        assert_eq!(read(&[0, 1, b' ']), Err(("DEC-7", Some(0))));
        assert_eq!(read(&[0, 2, b'a']), Err(("DEC-5", Some(2))));
    }

    #[test]
    fn points_and_scalars_are_canonical() {
        assert_eq!(Reader::new(&[0; 32]).point().unwrap_err().rule, "DEC-2");
        assert_eq!(Reader::new(&[0xff; 32]).point().unwrap_err().rule, "DEC-1");
        assert_eq!(Reader::new(&[0xff; 32]).scalar().unwrap_err().rule, "DEC-3");
        assert_eq!(Reader::new(&[0; 32]).scalar().unwrap(), Scalar::ZERO);
    }
}
