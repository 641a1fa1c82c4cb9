//! Which texts and identifiers may be shown. Spec: 02-encoding, TEXT.

use unicode_normalization::is_nfc;

/// True for a text that two people who read it also compare as equal (DEC-7).
pub fn is_allowed(text: &str) -> bool {
    is_nfc(text) && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") && text.chars().all(|c| !forbidden(c))
}

fn forbidden(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0xd800..=0xf8ff | 0xfeff | 0xfff9..=0xffff | 0xe0000..=0xe0fff | 0xf0000..)
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
