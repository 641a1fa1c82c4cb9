//! Which texts and identifiers may be shown. Spec: 02-encoding, TEXT.

use unicode_normalization::is_nfc;

/// True for a text that two people who read it also compare as equal (DEC-7).
pub fn is_allowed(text: &str) -> bool {
    is_nfc(text) && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") && text.chars().all(|c| !forbidden(c))
}

fn forbidden(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x1f | 0x7f..=0xa0 | 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x1680 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x2800 | 0x3000 | 0x3164 | 0xd800..=0xf8ff | 0xfe00..=0xfe0f
        | 0xfeff | 0xffa0 | 0xfff0..=0xffff | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0xe0fff | 0xf0000..)
}

/// True for an identifier: `[a-z0-9][a-z0-9._-]{0,63}`.
pub fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=64).contains(&text.len())
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'-'))
}

/// True for a person code: 1–64 printable ASCII characters without space or comma (ROLL).
pub fn is_person_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}
