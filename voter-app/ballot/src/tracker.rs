//! The short name of a ballot that a voter keeps. Spec: 06-ballot.

use crate::Hash;

/// 15 bytes of the ballot hash in base32: `abcd-efgh-…`, six groups of four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker(String);

impl Tracker {
    /// The tracker of the ballot with this hash.
    pub fn new(ballot: &Hash) -> Self {
        let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut text = String::new();
        for (i, five) in ballot.chunks(5).take(3).enumerate() {
            let bits = five.iter().fold(0u64, |n, &b| (n << 8) | u64::from(b));
            for j in 0..8 {
                if (i, j) != (0, 0) && j % 4 == 0 {
                    text.push('-');
                }
                let digit = (bits >> (35 - 5 * j)) & 31;
                text.push(char::from(alphabet.get(digit as usize).copied().unwrap_or_default()));
            }
        }
        Self(text)
    }
}

impl core::fmt::Display for Tracker {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}
