//! Trackers: the short names of ballots that voters keep. Spec: 06-ballot.

use crate::bytes::Hash;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Bytes of a ballot hash that a tracker shows.
pub const BYTES: usize = 15;

/// The tracker of a ballot: RFC 4648 base32, lower case, six groups of four.
pub fn of(hash: &Hash) -> String {
    let mut out = String::new();
    let [bytes @ .., _, _] = hash;
    for five in bytes.as_chunks::<5>().0.iter().take(BYTES / 5) {
        let [a, b, c, d, e] = five.map(u64::from);
        let bits = a << 32 | b << 24 | c << 16 | d << 8 | e;
        for (letter, n) in (0..8u32).rev().zip(0..) {
            if n % 4 == 0 && !out.is_empty() {
                out.push('-');
            }
            let value = usize::try_from(bits >> (5 * letter) & 31).unwrap_or(0);
            out.extend(ALPHABET.get(value).map(|letter| char::from(*letter)));
        }
    }
    out
}

/// What somebody typed: a tracker, or the hex of a ballot hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A tracker.
    Tracker([u8; BYTES]),
    /// A ballot hash.
    Hash(Hash),
}

impl Name {
    /// Reads it; hyphens, spaces and capital letters make no difference. ASK-1.
    pub fn read(typed: &str) -> Result<Self, String> {
        let text: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
        if let Some(hash) = crate::text::hex32(&text) {
            return Ok(Self::Hash(hash));
        }
        if text.chars().count() != 24 {
            return Err("neither a tracker (24 letters and digits) nor a ballot hash (64 hex digits)".to_owned());
        }
        let mut bytes = [0; BYTES];
        for (chunk, letters) in bytes.as_chunks_mut::<5>().0.iter_mut().zip(text.as_bytes().as_chunks::<8>().0) {
            let mut bits = 0u64;
            for letter in letters {
                let value = ALPHABET.iter().position(|other| other == letter);
                let value = value.ok_or_else(|| "a tracker has the letters a to z and the digits 2 to 7 only".to_owned())?;
                bits = bits << 5 | value as u64;
            }
            let [_, _, _, last @ ..] = bits.to_be_bytes();
            *chunk = last;
        }
        Ok(Self::Tracker(bytes))
    }

    /// Is this the ballot?
    pub fn names(&self, hash: &Hash) -> bool {
        match self {
            Self::Tracker(tracker) => hash.starts_with(tracker),
            Self::Hash(other) => hash == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trackers_read_back() {
        let mut hash: Hash = std::array::from_fn(|i| (i * 37 + 11) as u8);
        hash[..15].copy_from_slice(b"aasston\x6frane\x07is");
        let tracker = of(&hash);
        assert_eq!(tracker.len(), 29);
        for typed in [tracker.clone(), tracker.to_uppercase(), tracker.replace('-', ""), tracker.replace('-', " ")] {
            assert!(Name::read(&typed).unwrap().names(&hash), "{typed}");
        }
        // Two ballots that share a tracker are both named; their hashes tell them apart.
        let mut other = hash;
        other[15] ^= 1;
        assert_eq!(of(&other), tracker);
        assert!(Name::read(&tracker).unwrap().names(&other));
        assert!(!Name::read(&hex::encode(hash)).unwrap().names(&other));
        other[14] ^= 1;
        assert!(!Name::read(&tracker).unwrap().names(&other));
        assert_eq!(of(b"foobarfoobarfoobarfoobarfoobarfo"), "mzxw-6ytb-ojtg-633c-mfzg-m33p");
    }

    #[test]
    fn what_is_neither() {
        for typed in ["", "mfzw", "mfzw-c43u-nz2g-64tb-nzsq-o2l1", "mfzw-c43u-nz2g-64tb-nzsq-o2l\u{e4}", &"0".repeat(63), &"g".repeat(64)] {
            assert!(Name::read(typed).is_err(), "{typed}");
        }
    }
}
