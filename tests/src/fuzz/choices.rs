//! Bytes read as decisions, for targets that change something honest.

/// Gives zeros when the bytes are used up.
pub struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    /// From the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// True if nothing is left to decide.
    pub fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// At most `n` of the bytes that are left.
    pub fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.rest.split_at(n.min(self.rest.len()));
        self.rest = tail;
        head
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// Four bytes, little-endian.
    pub fn number(&mut self) -> u64 {
        self.bytes(4).iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        let drawn = if n <= 256 { u64::from(self.byte()) } else { self.number() };
        (drawn % n.max(1) as u64) as usize
    }
}
