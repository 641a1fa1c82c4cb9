//! ENV-9 and ENV-20 to ENV-27: what a voter's certificate has to be.

use crate::certificates::{Tbs, person};
use crate::der::*;
use crate::openssl::key;
use crate::{Judged, TIME, chain, chain_at, good};
use verifier::certificate::is_certificate;

fn leaf(change: impl FnOnce(&mut Tbs)) -> Judged {
    chain(|chain| change(&mut chain.leaf))
}

#[test]
fn kinds_of_keys() {
    for (name, key) in [("secp256k1", key("leaf", "secp256k1")), ("small", key("leaf", "rsa:1024"))] {
        assert_eq!(leaf(|tbs| tbs.key = key.public.clone()), Err("ENV-9"), "{name}");
    }
    // SubjectPublicKeyInfo with another algorithm, other parameters, another form of the point.
    let p256 = key("leaf", "P-256");
    let bits = p256.public[p256.public.len() - 65..].to_vec();
    let (curve, ec) = (oid("1.2.840.10045.3.1.7"), "1.2.840.10045.2.1");
    let info = |algorithm: &[u8], bits: &[u8]| seq(&[algorithm, &element(BITS, &[&[0], bits].concat())]);
    assert_eq!(leaf(|tbs| tbs.key = info(&algorithm(ec, &curve), &bits)), good());
    for odd in [
        info(&algorithm("1.2.840.10045.2.2", &curve), &bits),
        info(&algorithm(ec, &oid("1.3.132.0.34")), &bits),
        info(&algorithm(ec, &[]), &bits),
        info(&algorithm(ec, &curve), &[&[bits[64] & 1 | 2], &bits[1..33]].concat()),
        info(&algorithm(ec, &curve), &p256.public),
    ] {
        assert_eq!(leaf(|tbs| tbs.key = odd), Err("ENV-9"));
    }
    let modulus =
        |bits: usize, lead: u8| element(INTEGER, &[vec![0; usize::from(lead >= 0x80)], vec![lead], vec![1; bits.div_ceil(8) - 1]].concat());
    let rsa = |modulus: &[u8], exponent: &[u8], parameters: &[u8]| {
        let key = info(&algorithm("1.2.840.113549.1.1.1", parameters), &seq(&[modulus, exponent]));
        chain_at(TIME, "rsa:2048", |chain| chain.leaf.key = key)
    };
    let (three, null) = (element(INTEGER, &[3]), &NULL[..]);
    // In range they do not verify; out of it they are not tried.
    assert_eq!(rsa(&modulus(2048, 0x80), &three, null), Err("ENV-17"));
    assert_eq!(rsa(&modulus(2048, 0x7F), &three, null), Err("ENV-9"));
    assert_eq!(rsa(&modulus(8192, 0xFF), &three, null), Err("ENV-14"));
    assert_eq!(rsa(&modulus(8200, 0x01), &three, null), Err("ENV-9"));
    assert_eq!(rsa(&modulus(2048, 0x80), &three, &[]), Err("ENV-9"));
    assert_eq!(rsa(&modulus(2048, 0x80), &element(INTEGER, &[0]), null), Err("ENV-9"));
    assert_eq!(rsa(&element(INTEGER, &[vec![0, 0], vec![0x80; 256]].concat()), &three, null), Err("ENV-9"));
}

/// 65537 to the 128th power: its modulus is no product of two primes, and the mark is all that matters.
#[test]
fn keys_of_a_broken_generator() {
    let mut power = vec![1u8];
    for _ in 0..128 {
        // Times 65536, plus itself; the lowest byte first.
        let shifted = [vec![0, 0], power.clone()].concat();
        let mut carry = 0;
        power = (0..shifted.len() + 1)
            .map(|at| {
                carry += u16::from(shifted.get(at).copied().unwrap_or(0)) + u16::from(power.get(at).copied().unwrap_or(0));
                let byte = carry as u8;
                carry >>= 8;
                byte
            })
            .collect();
        while power.last() == Some(&0) {
            power.pop();
        }
    }
    let info = |number: &[u8]| {
        let modulus: Vec<u8> = number.iter().rev().copied().collect();
        let key = seq(&[&element(INTEGER, &modulus), &element(INTEGER, &[1, 0, 1])]);
        seq(&[&algorithm("1.2.840.113549.1.1.1", &NULL), &element(BITS, &[vec![0], key].concat())])
    };
    let with = |number: &[u8]| {
        let key = info(number);
        chain_at(TIME, "rsa:2048", |chain| chain.leaf.key = key)
    };
    assert_eq!(with(&power), Err("ENV-19"));
    power[0] ^= 2;
    assert_eq!(with(&power), Err("ENV-14"), "another number, and only its length is wrong");
}

/// Changes the value of an extension.
fn value(id: &str, value: &[u8]) -> Judged {
    leaf(|tbs| tbs.extensions = vec![usage(NON_REPUDIATION), extension(id, false, value)])
}

#[test]
fn readable_and_in_der() {
    assert_eq!(value("2.5.29.19", &seq(&[])), good());
    for broken in [&[][..], &[0x30], &[0x30, 1, 1], &[5, 0], &seq(&[&[1, 1, 1]]), &[0x30, 0, 0]] {
        assert_eq!(value("2.5.29.19", broken), Err("ENV-20"), "basicConstraints {broken:?}");
    }
    assert_eq!(value("2.5.29.37", &seq(&[&oid("1.3.6.1.5.5.7.3.4")])), good());
    for broken in [&[][..], &seq(&[&NULL]), &[0x30, 0, 0]] {
        assert_eq!(value("2.5.29.37", broken), Err("ENV-20"), "extendedKeyUsage {broken:?}");
    }
    for broken in [&[][..], &[3, 1, 0, 0], &[4, 1, 0x40], &[3, 2, 9, 0x40]] {
        assert_eq!(leaf(|tbs| tbs.extensions = vec![extension("2.5.29.15", true, broken)]), Err("ENV-20"), "keyUsage {broken:?}");
    }
    let whole = crate::certificates::Chain::new("P-256").sub.bytes();
    assert!(is_certificate(&whole));
    assert!(!is_certificate(&[whole.as_slice(), &[0]].concat()));
    assert!(!is_certificate(&whole[..whole.len() - 1]));
    assert!(!is_certificate(&[&[0x30, 0x83, 0], &whole[2..]].concat()));
    // What DER and RFC 5280 leave no choice about.
    assert_eq!(leaf(|tbs| tbs.version = element(0xA0, &element(INTEGER, &[0]))), Err("ENV-20"));
    assert_eq!(leaf(|tbs| tbs.from = element(0x18, b"20250101000000Z")), Err("ENV-20"));
    assert_eq!(leaf(|tbs| tbs.serial = vec![0, 1]), Err("ENV-20"));
    assert_eq!((leaf(|tbs| tbs.serial = vec![1; 21]), leaf(|tbs| tbs.serial = vec![1; 22])), (good(), Err("ENV-20")));
    let said = seq(&[&oid("1.2.3"), &[1, 1, 0], &element(OCTETS, &[])]);
    assert_eq!(leaf(|tbs| tbs.extensions.push(said)), Err("ENV-20"));
}

#[test]
fn version_three() {
    assert_eq!(leaf(|tbs| tbs.version = element(0xA0, &element(INTEGER, &[1]))), Err("ENV-21"));
    assert_eq!(
        leaf(|tbs| {
            tbs.version = Vec::new();
            tbs.extensions.clear();
        }),
        Err("ENV-21")
    );
    assert_eq!(chain(|chain| chain.sub.version = element(0xA0, &element(INTEGER, &[1]))), Err("ENV-21"));
}

#[test]
fn one_algorithm_inside_and_outside() {
    assert_eq!(leaf(|tbs| tbs.inner = ecdsa("sha256")), Err("ENV-22"));
    assert_eq!(chain(|chain| chain.sub.inner = ecdsa("sha256")), Err("ENV-22"));
}

#[test]
fn extensions() {
    let unknown = |critical| extension("1.2.3.4", critical, &NULL);
    assert_eq!(leaf(|tbs| tbs.extensions.push(unknown(false))), good());
    assert_eq!(leaf(|tbs| tbs.extensions.extend([unknown(false), unknown(false)])), Err("ENV-23"));
    assert_eq!(leaf(|tbs| tbs.extensions.push(usage(NON_REPUDIATION))), Err("ENV-23"));
    assert_eq!(leaf(|tbs| tbs.extensions.push(unknown(true))), Err("ENV-24"));
    assert_eq!(chain(|chain| chain.sub.extensions.push(unknown(true))), Err("ENV-24"));
    assert_eq!(chain(|chain| chain.root.extensions.push(unknown(true))), Err("ENV-24"));
    assert_eq!(leaf(|tbs| tbs.extensions.push(extension("2.5.29.37", true, &seq(&[&oid("1.3.6.1.5.5.7.3.4")])))), good());
}

#[test]
fn person_codes() {
    let code = |text: &str| leaf(|tbs| tbs.subject = person(text));
    for good in ["PNOEE-38001085718", "PNOLV-32-9", "PNOXX-a", &format!("PNOEE-{}", "9".repeat(32))] {
        assert_eq!(code(good), Ok(good.to_owned()));
    }
    let long = format!("PNOEE-{}", "9".repeat(33));
    for bad in
        ["", "38001085718", "PNOEE-", "PNOee-1", "PNOE1-1", "PASEE-1", "PNOEE1", "PNOEEE-1", "PNOEE-1 2", "PNOEE-1.2", "pnoEE-1", &long]
    {
        assert_eq!(code(bad), Err("ENV-25"), "{bad}");
    }
    let subject = |subject: Vec<u8>| leaf(|tbs| tbs.subject = subject);
    assert_eq!(subject(common_name("Mari")), Err("ENV-25"));
    let number = |tag| ("2.5.4.5", tag, "PNOEE-1");
    assert_eq!(subject(name(&[number(UTF8)])), Ok("PNOEE-1".to_owned()));
    assert_eq!(subject(name(&[number(0x16)])), Err("ENV-25"));
    assert_eq!(subject(name(&[number(UTF8), number(PRINTABLE)])), Err("ENV-25"));
    assert_eq!(subject(name(&[("2.5.4.5", UTF8, "PNOEE-õ")])), Err("ENV-25"));
    // Twice within one RDN.
    let one = |text: &str| seq(&[&oid("2.5.4.5"), &element(UTF8, text.as_bytes())]);
    assert_eq!(subject(seq(&[&set_of(SET, vec![one("PNOEE-1"), one("PNOEE-2")])])), Err("ENV-25"));
}

#[test]
fn signing_certificates_of_persons() {
    assert_eq!(leaf(|tbs| tbs.extensions.push(authority(None))), Err("ENV-26"));
    assert_eq!(leaf(|tbs| tbs.extensions.clear()), Err("ENV-27"));
    assert_eq!(leaf(|tbs| tbs.extensions = vec![usage(DIGITAL_SIGNATURE)]), Err("ENV-27"));
    let both = extension("2.5.29.15", true, &element(BITS, &[6, 0xC0]));
    assert_eq!(leaf(|tbs| tbs.extensions = vec![both]), good());
}

#[test]
fn policies_that_are_asked_for() {
    let one = seq(&[&seq(&[&oid("1.2.3.4")])]);
    let two = seq(&[&seq(&[&oid("1.2.9")]), &seq(&[&oid("1.2.3.4"), &seq(&[&seq(&[&oid("1.3.6.1.5.5.7.2.1")])])])]);
    let other = seq(&[&seq(&[&oid("1.2.3.4.5")])]);
    let with = |values: &[&[u8]]| {
        let mut chain = crate::certificates::Chain::new("P-256");
        chain.leaf.extensions.extend(values.iter().map(|value| extension("2.5.29.32", false, value)));
        let cms = crate::container::Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]);
        let listed = [oid("1.2.7"), oid("1.2.3.4")].map(|oid| oid[2..].to_vec());
        let anchors = verifier::certificate::Anchors::new(&[chain.root.bytes()]).asking(Some(&listed));
        verifier::envelope::accept(&cms.bytes(), crate::container::CONTENT, &anchors, TIME).map_err(|fault| fault.rule)
    };
    assert_eq!((with(&[&one]), with(&[&two])), (good(), good()));
    for bad in [&[][..], &[&other[..]], &[&seq(&[])], &[&NULL[..]], &[&[]], &[&seq(&[&oid("1.2.3.4")])]] {
        assert_eq!(with(bad), Err("ENV-39"), "{bad:?}");
    }
    assert_eq!(with(&[&one, &one]), Err("ENV-23"));
}
