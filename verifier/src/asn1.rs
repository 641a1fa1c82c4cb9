//! The few forms of DER that containers are made of: strict reading, and writing. Spec: 07a-envelope, Layout.

/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub const BITS: u8 = 0x03;
/// `OCTET STRING`.
pub const OCTETS: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OID: u8 = 0x06;
/// `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// `SEQUENCE`.
pub const SEQUENCE: u8 = 0x30;
/// `SET`.
pub const SET: u8 = 0x31;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xA0;
/// `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xA1;

/// One element: its tag, its content, and all its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Tag.
    pub tag: u8,
    /// Content.
    pub content: &'a [u8],
    /// Tag, length and content.
    pub whole: &'a [u8],
}

/// The first element of some bytes, and what is after it. Lengths are definite and shortest.
pub fn first(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7F => (usize::from(*length), rest),
        0x81 => {
            let (length, rest) = rest.split_first_chunk::<1>()?;
            (usize::from(u8::from_be_bytes(*length)), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    let (whole, _) = bytes.split_at_checked(bytes.len().checked_sub(after.len())?)?;
    // Written again it must be the same: no longer form of the length.
    (whole == element(*tag, content)).then_some((Element { tag: *tag, content, whole }, after))
}

/// All elements of some bytes.
pub fn all(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = first(bytes)?;
        found.push(element);
        bytes = rest;
    }
    Some(found)
}

/// The elements of some bytes, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Those inside the one element that some bytes are, if it has this tag.
    pub fn within(bytes: &'a [u8], tag: u8) -> Option<Self> {
        only(bytes, tag).map(Self)
    }

    /// Those that some bytes are.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Those inside the next element, if it has this tag.
    pub fn inside(&mut self, tag: u8) -> Option<Self> {
        self.next(tag).map(|element| Self(element.content))
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Option<Element<'a>> {
        let (element, rest) = first(self.0)?;
        self.0 = rest;
        Some(element)
    }

    /// The next element, if it has this tag.
    pub fn next(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The next element, if there is one and it has this tag; else it is left there.
    pub fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let found = ahead.next(tag)?;
        *self = ahead;
        Some(found)
    }

    /// All that are left, if each has this tag.
    pub fn rest(self, tag: u8) -> Option<Vec<Element<'a>>> {
        all(self.0).filter(|elements| elements.iter().all(|element| element.tag == tag))
    }

    /// Nothing may be left.
    pub fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// The content of the one element that some bytes are, if it has this tag.
pub fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    match first(bytes)? {
        (element, []) if element.tag == tag => Some(element.content),
        _ => None,
    }
}

/// Writes an element.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = (content.len() as u64).to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    match significant.as_slice() {
        [] => out.push(0),
        [short @ 0..=0x7F] => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend(long);
        }
    }
    out.extend(content);
    out
}

/// Writes an element that holds others.
pub fn holding(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// Writes a SET OF: elements in ascending order.
pub fn set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(tag, &parts.concat())
}

/// The value of a positive INTEGER in its only form, without leading zeros.
pub fn positive(element: &Element<'_>) -> Option<Vec<u8>> {
    match element.content {
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Some(rest.to_vec()),
        [head, ..] if (1..0x80).contains(head) => Some(element.content.to_vec()),
        _ => None,
    }
    .filter(|_| element.tag == INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_form() {
        for length in [0, 1, 127, 128, 255, 256, 65535] {
            let written = element(OCTETS, &vec![7; length]);
            assert_eq!(only(&written, OCTETS).unwrap().len(), length);
            assert!(only(&[written.as_slice(), &[0]].concat(), OCTETS).is_none());
        }
        for bad in [&[4, 0x81, 1, 7][..], &[4, 0x80, 0, 0], &[4, 0x82, 0, 1, 7], &[4, 2, 7], &[4], &[0x1F, 1, 1]] {
            assert!(first(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn one_after_the_other() {
        let bytes = holding(SEQUENCE, &[&element(OID, &[1]), &holding(SET, &[&element(OCTETS, &[])])]);
        let mut elements = Elements::within(&bytes, SEQUENCE).unwrap();
        assert!(Elements::within(&bytes, SET).is_none() && elements.end().is_none());
        assert!(elements.optional(SET).is_none() && elements.clone().next(SET).is_none());
        assert_eq!(elements.optional(OID).unwrap().content, [1]);
        assert!(elements.rest(OID).is_none() && elements.rest(SET).is_some());
        assert!(elements.inside(SET).unwrap().next(OCTETS).is_some());
        assert!(elements.end().is_some() && elements.any().is_none());
    }

    #[test]
    fn integers_have_one_form() {
        let read = |content: &[u8]| positive(&first(&element(INTEGER, content)).unwrap().0);
        assert_eq!(read(&[1]), Some(vec![1]));
        assert_eq!(read(&[0, 0x80]), Some(vec![0x80]));
        for bad in [&[][..], &[0], &[0x80], &[0, 1]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
