//! Keys of a broken generator, and policies of certificates. Spec: 07c-evidence, ENV-19, ENV-39; attack E12.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use der::asn1::ObjectIdentifier;
use envelope::{Certificate, EnvelopeError};
use rcgen::{CustomExtension, KeyPair};

mod common;

use common::pki::{P256, P384, Person, Use};
use common::services::der;
use common::{chain, test_pki};

#[test]
fn roca() {
    let pki = test_pki();
    let broken = KeyPair::from_pem(include_str!("common/roca.key.pem")).unwrap();
    let sound = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    for (key, expected) in [(&broken, Err(EnvelopeError::BrokenKey)), (&sound, Ok(()))] {
        for usage in [Use::Sign, Use::Login] {
            let credential = pki.issuing.certify(&pki.params(&Person::numbered(1), usage), key).unwrap();
            let (leaf, _) = chain(&credential);
            assert_eq!(leaf.scheme().map(drop), expected, "{usage:?}");
            assert_eq!(leaf.verify(b"message", &[0; 256]).unwrap_err() == EnvelopeError::BrokenKey, expected.is_err());
        }
    }
}

#[test]
fn policies() {
    let pki = test_pki();
    let certificate = |content: Option<Vec<u8>>| -> Certificate {
        let mut params = pki.params(&Person::numbered(1), Use::Sign);
        params.custom_extensions.extend(content.map(|content| CustomExtension::from_oid_content(&[2, 5, 29, 32], content)));
        chain(&pki.issuing.issue(&params, P256).unwrap()).0
    };
    let wanted = [ObjectIdentifier::new_unwrap("0.4.0.194112.1.2"), ObjectIdentifier::new_unwrap("1.2.3")];
    let (first, other) = (der(0x06, &[0x2a, 0x03]), der(0x06, &[0x2a, 0x04]));
    let qualified = der(0x30, &[first.clone(), der(0x30, &[])].concat());
    for (content, right) in [
        (Some(der(0x30, &der(0x30, &first))), true),
        (Some(der(0x30, &[der(0x30, &other), qualified].concat())), true),
        (Some(der(0x30, &der(0x30, &other))), false),
        (Some(der(0x30, &[])), false),
        (Some(first), false),
        (None, false),
    ] {
        let found = certificate(content.clone()).require_policy(&wanted);
        assert_eq!(found, if right { Ok(()) } else { Err(EnvelopeError::Policy) }, "{content:?}");
    }
}

#[test]
fn the_same_key_shows() {
    let pki = test_pki();
    let key = KeyPair::generate_for(P256).unwrap();
    let leaf = |n| chain(&pki.issuing.certify(&pki.params(&Person::numbered(n), Use::Sign), &key).unwrap()).0;
    let other = chain(&pki.voter(&Person::numbered(1), P256).unwrap().sign).0;
    assert_eq!(leaf(1).public_key(), leaf(2).public_key());
    assert_ne!(leaf(1).public_key(), other.public_key());
}

/// ENV-9, ENV-37: a point in another form than the whole one is no key here, whatever a library makes of it.
#[test]
fn points_in_other_forms() {
    for algorithm in [P256, P384] {
        let credential = test_pki().voter(&Person::numbered(1), algorithm).unwrap().sign;
        let leaf = chain(&credential).0;
        let bytes = leaf.as_der();
        // A BIT STRING without unused bits, then the point.
        let length = if algorithm == P256 { 66 } else { 98 };
        let at = bytes.windows(4).position(|w| w == [0x03, length, 0, 4]).unwrap() + 3;
        for form in [4, 2, 3, 6, 7, 0x30, 0] {
            let mut changed = bytes.to_vec();
            changed[at] = form;
            let found = Certificate::from_der(&changed).unwrap().scheme();
            assert_eq!(found.map(drop), if form == 4 { Ok(()) } else { Err(EnvelopeError::KeyType) }, "{form}");
        }
    }
}
