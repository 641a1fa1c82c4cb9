//! What answers about certificates and time stamps have in common. Spec: 07c-evidence, Forms.

use crate::asn1::{self, BITS, Element, Elements, GENERALIZED_TIME, NULL, OCTETS, OID, SEQUENCE};
use crate::certificate::Certificate;
use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

/// SHA-1 names certificates here and protects nothing.
pub const SHA1_OID: &[u8] = &[0x2B, 0x0E, 0x03, 0x02, 0x1A];
/// The hash OIDs.
pub const HASHES: [(&[u8], &Algorithm); 3] = [
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], &SHA256),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], &SHA384),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], &SHA512),
];
/// How many certificates of an answer count.
const MOST: usize = 8;

/// The OID of an AlgorithmIdentifier whose parameters are absent or NULL.
pub fn plain_algorithm<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    let mut parts = Elements::within(element.whole, SEQUENCE)?;
    let oid = parts.next(OID)?;
    if let Some(null) = parts.optional(NULL) {
        null.content.is_empty().then_some(())?;
    }
    parts.end()?;
    Some(oid.content)
}

/// Place of a hash OID in their list.
pub fn hash_number(element: &Element<'_>) -> Option<usize> {
    let oid = plain_algorithm(element)?;
    HASHES.iter().position(|(known, _)| *known == oid)
}

/// The hash of this place.
pub fn hash(number: usize, bytes: &[u8]) -> Vec<u8> {
    HASHES.get(number).map(|(_, algorithm)| digest(algorithm, bytes).as_ref().to_vec()).unwrap_or_default()
}

/// SHA-1.
pub fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// `YYYYMMDDHHMMSSZ` as Unix seconds; with `fraction` one may stand before the `Z`, and is cut off.
pub fn time(element: &Element<'_>, fraction: bool) -> Option<u64> {
    let text = std::str::from_utf8(element.content).ok().filter(|_| element.tag == GENERALIZED_TIME)?.strip_suffix('Z')?;
    let whole = match text.split_once('.') {
        Some((whole, digits)) => {
            let good = fraction && !digits.is_empty() && !digits.ends_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
            good.then_some(whole)?
        }
        None => text,
    };
    let good = whole.len() == 14 && whole.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| whole.get(from..to).filter(|_| good)?.parse::<u16>().ok();
    let small = |from: usize| part(from, from.saturating_add(2)).and_then(|number| u8::try_from(number).ok());
    let read = der::DateTime::new(part(0, 4)?, small(4)?, small(6)?, small(8)?, small(10)?, small(12)?).ok()?;
    Some(read.unix_duration().as_secs())
}

/// The bytes of a BIT STRING without unused bits.
pub fn bits<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    let (unused, bytes) = element.content.split_first().filter(|_| element.tag == BITS)?;
    (*unused == 0).then_some(bytes)
}

/// The certificates that count: the first eight, if they satisfy ENV-20 to ENV-24.
pub fn certificates(elements: &[Element<'_>]) -> Vec<Certificate> {
    let read = |element: &Element<'_>| Certificate::read(element.whole).ok().filter(|certificate| certificate.well_made().is_ok());
    elements.iter().take(MOST).filter_map(read).collect()
}

/// One extension.
pub struct Extension<'a> {
    pub oid: &'a [u8],
    pub critical: bool,
    pub value: &'a [u8],
}

/// The content of an `EXPLICIT` tag that holds Extensions.
pub fn extensions<'a>(tagged: &Element<'a>) -> Option<Vec<Extension<'a>>> {
    asn1::all(asn1::only(tagged.content, SEQUENCE)?)?.iter().map(extension).collect()
}

fn extension<'a>(element: &Element<'a>) -> Option<Extension<'a>> {
    let mut parts = Elements::within(element.whole, SEQUENCE)?;
    let oid = parts.next(OID)?.content;
    let critical = parts.optional(0x01);
    if let Some(critical) = critical {
        (critical.content == [0xFF]).then_some(())?;
    }
    let value = parts.next(OCTETS)?.content;
    parts.end()?;
    Some(Extension { oid, critical: critical.is_some(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let read = |text: &str, fraction| {
            let bytes = asn1::element(GENERALIZED_TIME, text.as_bytes());
            time(&asn1::first(&bytes).unwrap().0, fraction)
        };
        assert_eq!((read("20261118120000Z", false), read("19700101000000Z", false)), (Some(1_795_003_200), Some(0)));
        assert_eq!((read("20261118120000.25Z", true), read("20261118120000.25Z", false)), (Some(1_795_003_200), None));
        for bad in [
            "20261118120000",
            "20261118120000.Z",
            "20261118120000.50Z",
            "20261118120000.5",
            "2026111812000Z",
            "20260229120000Z",
            "20261118120060Z",
            "+0261118120000Z",
            "20261118120000.-5Z",
            "20261118120000+0000",
            "",
        ] {
            assert_eq!(read(bad, true), None, "{bad}");
        }
        let other = asn1::element(0x17, b"20261118120000Z");
        assert_eq!(time(&asn1::first(&other).unwrap().0, true), None);
    }
}
