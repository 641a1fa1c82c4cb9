//! Pieces of DER for the makers.

pub use verifier::asn1::{element, holding, set_of};

pub const INTEGER: u8 = 0x02;
pub const BITS: u8 = 0x03;
pub const OCTETS: u8 = 0x04;
pub const NULL: [u8; 2] = [0x05, 0];
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
pub const UTF8: u8 = 0x0C;
pub const PRINTABLE: u8 = 0x13;

pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    holding(SEQUENCE, parts)
}

pub fn oid(text: &str) -> Vec<u8> {
    let numbers: Vec<u32> = text.split('.').map(|number| number.parse().unwrap()).collect();
    let mut content = vec![u8::try_from(numbers[0] * 40 + numbers[1]).unwrap()];
    for number in &numbers[2..] {
        let groups: Vec<u8> = (0..5).rev().map(|i| (number >> (7 * i) & 0x7F) as u8).skip_while(|group| *group == 0).collect();
        let groups = if groups.is_empty() { vec![0] } else { groups };
        let (last, first) = groups.split_last().unwrap();
        content.extend(first.iter().map(|group| group | 0x80));
        content.push(*last);
    }
    element(0x06, &content)
}

/// An AlgorithmIdentifier.
pub fn algorithm(text: &str, parameters: &[u8]) -> Vec<u8> {
    seq(&[&oid(text), parameters])
}

pub fn digest(hash: &str) -> Vec<u8> {
    algorithm(
        match hash {
            "sha256" => "2.16.840.1.101.3.4.2.1",
            "sha384" => "2.16.840.1.101.3.4.2.2",
            "sha512" => "2.16.840.1.101.3.4.2.3",
            other => panic!("{other}"),
        },
        &[],
    )
}

pub fn ecdsa(hash: &str) -> Vec<u8> {
    algorithm(
        match hash {
            "sha256" => "1.2.840.10045.4.3.2",
            "sha384" => "1.2.840.10045.4.3.3",
            "sha512" => "1.2.840.10045.4.3.4",
            other => panic!("{other}"),
        },
        &[],
    )
}

pub fn rsa(hash: &str) -> Vec<u8> {
    algorithm(
        match hash {
            "sha1" => "1.2.840.113549.1.1.5",
            "sha256" => "1.2.840.113549.1.1.11",
            "sha384" => "1.2.840.113549.1.1.12",
            "sha512" => "1.2.840.113549.1.1.13",
            other => panic!("{other}"),
        },
        &NULL,
    )
}

pub fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 1, 0xFF] } else { &[] };
    seq(&[&oid(id), critical, &element(OCTETS, value)])
}

/// keyUsage with one bit, counted as RFC 5280 does.
pub fn usage(bit: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &element(BITS, &[7 - bit, 0x80 >> bit]))
}

pub const DIGITAL_SIGNATURE: u8 = 0;
pub const NON_REPUDIATION: u8 = 1;
pub const CERT_SIGN: u8 = 5;

/// basicConstraints of an authority.
pub fn authority(below: Option<u8>) -> Vec<u8> {
    let below = below.map_or_else(Vec::new, |below| element(INTEGER, &[below]));
    extension("2.5.29.19", true, &seq(&[&[0x01, 1, 0xFF], &below]))
}

/// A Name of one attribute for each RDN.
pub fn name(parts: &[(&str, u8, &str)]) -> Vec<u8> {
    let rdn = |(id, tag, text): &(&str, u8, &str)| element(SET, &seq(&[&oid(id), &element(*tag, text.as_bytes())]));
    element(SEQUENCE, &parts.iter().flat_map(rdn).collect::<Vec<u8>>())
}

pub fn common_name(text: &str) -> Vec<u8> {
    name(&[("2.5.4.3", UTF8, text)])
}

/// UTCTime.
pub fn utc(text: &str) -> Vec<u8> {
    element(0x17, text.as_bytes())
}
