//! Shown texts and identifiers. Spec: 02-encoding, TEXT.

use crate::bytes::Fault;
use unicode_normalization::is_nfc;

/// Refuses a text that could look like another one. DEC-7.
pub fn check(text: &str) -> Result<(), Fault> {
    if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
        return Err(Fault::new("DEC-7", format!("U+{:04X} is not allowed in a text", u32::from(c))));
    }
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        return Err(Fault::new("DEC-7", "a leading, trailing or doubled space"));
    }
    if is_nfc(text) { Ok(()) } else { Err(Fault::new("DEC-7", "not in NFC")) }
}

/// A character that no shown text may hold.
pub fn is_hidden(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x1f | 0x7f..=0xa0 | 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x1680 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x2800 | 0x3000 | 0x3164 | 0xd800..=0xf8ff | 0xfe00..=0xfe0f
        | 0xfeff | 0xffa0 | 0xfff9..=0xffff | 0xe0000..=0xe0fff | 0xf0000..)
}

/// `[a-z0-9][a-z0-9._-]{0,63}`.
pub fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    id.len() <= 64 && id.bytes().next().is_some_and(plain) && id.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'-'))
}

/// Lower-case hex of exactly 32 bytes.
pub fn hex32(text: &str) -> Option<[u8; 32]> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let mut out = [0; 32];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

/// A decimal number without sign and leading zeros.
pub fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) { None } else { text.parse().ok() }
}

/// Standard base64, padded and canonical.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for good in ["", "Jõgeva", "a b", "日本", "\u{1F5F3}"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
        for bad in [" a", "a ", "a  b", "a\u{200B}", "\u{202E}a", "a\n", "o\u{0303}", "\u{E000}", "\u{F0000}", "\u{AD}", "\u{E0001}"] {
            assert_eq!(check(bad).unwrap_err().rule, "DEC-7", "{bad:?}");
        }
    }

    #[test]
    fn ids_and_numbers() {
        assert!(is_id("a.b-c_0") && is_id(&"a".repeat(64)));
        assert!(!is_id("") && !is_id("-a") && !is_id("A") && !is_id("ä") && !is_id(&"a".repeat(65)));
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        assert!(["", "00", "+1", "1 ", "18446744073709551616"].iter().all(|text| decimal(text).is_none()));
        assert!(base64("QQ==").is_some() && base64("QR==").is_none() && base64("QQ").is_none());
        assert!(hex32(&"0a".repeat(32)).is_some() && hex32(&"0A".repeat(32)).is_none() && hex32("00").is_none());
    }
}
