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

/// The code points of TEXT, first and last, in the order of the page; below U+0020 and from U+F0000 included.
const HIDDEN: [(u32, u32); 23] = [
    (0x0000, 0x001F),
    (0x007F, 0x00A0),
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x1680, 0x1680),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xD800, 0xF8FF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFF),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
];

/// A character that no shown text may hold.
pub fn is_hidden(c: char) -> bool {
    let c = u32::from(c);
    c >= 0xF_0000 || HIDDEN.iter().any(|(first, last)| (*first..=*last).contains(&c))
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

/// Lower-case hex of any bytes.
pub fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { None } else { hex::decode(text).ok() }
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

    /// Each range by its two ends and what stands beside them, as the page lists them.
    #[test]
    fn hidden_characters_are_exactly_those_of_the_page() {
        let page = "0000-001F 007F-00A0 00AD 034F 061C 115F-1160 1680 17B4-17B5 180B-180F 2000-200F 2028-202F 205F-206F 2800 3000 3164 \
                    D800-F8FF FE00-FE0F FEFF FFA0 FFF0-FFFF 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF F0000-10FFFF";
        let number = |text: &str| u32::from_str_radix(text, 16).unwrap();
        let ranges: Vec<(u32, u32)> = page
            .split_whitespace()
            .map(|range| range.split_once('-').unwrap_or((range, range)))
            .map(|(a, b)| (number(a), number(b)))
            .collect();
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let listed = ranges.iter().any(|(a, b)| (*a..=*b).contains(&u32::from(c)));
            assert_eq!(is_hidden(c), listed, "U+{:04X}", u32::from(c));
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
