//! DER, written by hand: whoever lies about an envelope chooses every byte of it.

/// A value with its tag and length.
pub fn tlv(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut out = vec![tag];
    match content.len() {
        n @ 0..=0x7f => out.push(n as u8),
        n @ 0x80..=0xff => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

/// A SEQUENCE.
pub fn sequence(content: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, content)
}

/// A SET OF, or what has another tag and is one, in ascending order.
pub fn set_of(tag: u8, elements: &[Vec<u8>]) -> Vec<u8> {
    let mut sorted: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    sorted.sort();
    tlv(tag, &sorted)
}

/// A positive INTEGER.
pub fn integer(big_endian: &[u8]) -> Vec<u8> {
    let start = big_endian.iter().position(|b| *b != 0).unwrap_or(big_endian.len().saturating_sub(1));
    let digits = &big_endian[start..];
    let zero: &[u8] = if digits[0] >= 0x80 { &[0] } else { &[] };
    tlv(2, &[zero, digits])
}

/// An OBJECT IDENTIFIER: the two first numbers in one byte, then each number.
pub fn oid(first: u8, rest: &[u32]) -> Vec<u8> {
    let mut content = vec![first];
    for n in rest {
        let mut digits = vec![(n & 0x7f) as u8];
        let mut n = n >> 7;
        while n > 0 {
            digits.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        content.extend(digits.iter().rev());
    }
    tlv(6, &[&content])
}

/// A UTF8String.
pub fn text(text: &str) -> Vec<u8> {
    tlv(12, &[text.as_bytes()])
}

/// A UTCTime of January 1970.
pub fn time(seconds: u64) -> Vec<u8> {
    let (day, rest) = (seconds / 86_400 + 1, seconds % 86_400);
    let text = format!("7001{day:02}{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60);
    tlv(23, &[text.as_bytes()])
}
