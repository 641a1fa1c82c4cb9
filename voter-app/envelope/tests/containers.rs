//! Each rule about the shape of a container, broken alone. ENV-1 to ENV-10; attack E11.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use cms::revocation::RevocationInfoChoices;
use cms::signed_data::{CertificateSet, SignerIdentifier, SignerInfos};
use der::Decode;
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use envelope::cades::{self, MAX_CONTAINER};
use envelope::{EnvelopeError, Identity};

mod common;
#[path = "common/forge.rs"]
mod forge;

use common::pki::{P256, P384, Person, Use};
use common::{NOW, anchors, chain, identity, signer, test_pki};
use forge::{CONTENT, attribute, certificates, change_signer, changed, close, open, refusal, sign_again, signed};

#[test]
fn round_trip_on_both_curves() {
    let pki = test_pki();
    for algorithm in [P256, P384] {
        let voter = signer(&pki, algorithm);
        for time in [NOW, 2_524_608_000] {
            // the second is 2050-01-01, the first GeneralizedTime
            let container = cades::sign(CONTENT, &voter, time).unwrap();
            let signed_by = cades::verify(CONTENT, &container).unwrap();
            assert_eq!(signed_by.signing_time(), time);
            assert_eq!(signed_by.certificate(), voter.certificate());
            assert_eq!(signed_by.intermediates(), voter.intermediates());
            assert_eq!(signed_by.accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));
            assert_eq!(close(&open(&container)), container, "another library writes the same bytes");
        }
    }
    assert_eq!(cades::sign(CONTENT, &signer(&pki, P256), u64::MAX), Err(EnvelopeError::SigningTime));
}

/// A container may hold no certificate but the leaf, or up to three more; their order in the file does not matter.
#[test]
fn one_to_four_certificates() {
    let pki = test_pki();
    let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), P256).unwrap();
    let (leaf, _) = credential
        .chain_pem
        .split_once("-----BEGIN CERTIFICATE-----\n")
        .map(|_| {
            let end = credential.chain_pem.find("-----END CERTIFICATE-----\n").unwrap() + 26;
            credential.chain_pem.split_at(end)
        })
        .unwrap();
    for (above, allowed) in [
        (vec![], true),
        (vec![pki.issuing.pem(), pki.root.pem()], true),
        (vec![pki.root.pem(), pki.issuing.pem()], true),
        ((0..4).map(|_| test_pki().root.pem()).collect(), false),
    ] {
        let voter = Identity::from_pem(&credential.key_pem, &(leaf.to_owned() + &above.concat())).unwrap();
        match cades::sign(CONTENT, &voter, NOW) {
            Ok(container) if allowed => drop(cades::verify(CONTENT, &container).unwrap()),
            other => assert_eq!((other, allowed), (Err(EnvelopeError::CertificateCount), false)),
        }
    }
}

/// No single changed byte, no cut and no appended byte is accepted; nothing panics.
#[test]
fn no_other_bytes_are_accepted() {
    let (_, _, container) = signed();
    for at in 0..container.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = container.clone();
            bytes[at] ^= flip;
            refusal(&bytes);
        }
        refusal(&container[..at]);
    }
    for byte in [0x00, 0x30] {
        let bytes = [container.as_slice(), &[byte]].concat();
        assert_eq!(refusal(&bytes), EnvelopeError::Malformed, "ENV-2");
    }
}

#[test]
fn too_long() {
    let (_, _, container) = signed();
    let bytes = [container, vec![0; MAX_CONTAINER]].concat();
    assert_eq!(refusal(&bytes[..MAX_CONTAINER]), EnvelopeError::Malformed);
    assert_eq!(refusal(&bytes[..=MAX_CONTAINER]), EnvelopeError::TooLong, "ENV-1");

    // A certificate may be too large to sign with.
    let pki = test_pki();
    let mut params = pki.params(&Person::numbered(1), Use::Sign);
    let large = [vec![0x04, 0x82, 0x40, 0x00], vec![0; MAX_CONTAINER]].concat();
    params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], large)];
    let voter = identity(&pki.issuing.issue(&params, P256).unwrap());
    assert_eq!(cades::sign(CONTENT, &voter, NOW), Err(EnvelopeError::TooLong), "ENV-1");
}

#[test]
fn ber_lengths() {
    let (_, _, container) = signed();
    assert_eq!(container[..2], [0x30, 0x82]);
    let indefinite = [&[0x30, 0x80], &container[4..], &[0x00, 0x00]].concat();
    let long = [&[0x30, 0x83, 0x00], &container[2..]].concat();
    assert_eq!(refusal(&indefinite), EnvelopeError::Malformed, "ENV-2");
    assert_eq!(refusal(&long), EnvelopeError::Malformed, "ENV-2");
}

#[test]
fn content_inside() {
    let (_, _, container) = signed();
    let inside = Any::encode_from(&OctetString::new(CONTENT).unwrap()).unwrap();
    let bytes = changed(&container, |data| data.encap_content_info.econtent = Some(inside));
    assert_eq!(refusal(&bytes), EnvelopeError::EncapsulatedContent, "ENV-3");
}

#[test]
fn revocation_lists() {
    let (_, _, container) = signed();
    let bytes = changed(&container, |data| data.crls = Some(RevocationInfoChoices(SetOfVec::new())));
    assert_eq!(refusal(&bytes), EnvelopeError::RevocationLists, "ENV-4");
}

#[test]
fn no_signer_and_two_signers() {
    let (pki, _, container) = signed();
    let none = changed(&container, |data| data.signer_infos = SignerInfos(SetOfVec::new()));
    assert_eq!(refusal(&none), EnvelopeError::SignerCount, "ENV-5");

    let second = open(&cades::sign(CONTENT, &signer(&pki, P384), NOW).unwrap());
    let two = changed(&container, |data| {
        let both = data.signer_infos.0.iter().chain(second.signer_infos.0.iter()).cloned();
        data.signer_infos = SignerInfos::try_from(both.collect::<Vec<_>>()).unwrap();
    });
    assert_eq!(refusal(&two), EnvelopeError::SignerCount, "ENV-5");
}

#[test]
fn unsigned_attributes() {
    let (_, _, container) = signed();
    let bytes = changed(&container, |data| {
        change_signer(data, |signer| {
            let extra = attribute(forge::CONTENT_TYPE, &[0x05, 0x00]);
            signer.unsigned_attrs = Some(SetOfVec::try_from(vec![extra]).unwrap());
        });
    });
    assert_eq!(refusal(&bytes), EnvelopeError::UnsignedAttributes, "ENV-6");
}

#[test]
fn certificate_count() {
    let (_, voter, container) = signed();
    for set in [None, Some(CertificateSet(SetOfVec::new()))] {
        let bytes = changed(&container, |data| data.certificates = set);
        assert_eq!(refusal(&bytes), EnvelopeError::CertificateCount, "ENV-7");
    }
    let others: Vec<_> = (0..4).map(|_| test_pki().root_der().to_vec()).collect();
    let mut five: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    five.push(voter.certificate().as_der());
    let bytes = changed(&container, |data| data.certificates = certificates(&five));
    assert_eq!(refusal(&bytes), EnvelopeError::CertificateCount, "ENV-7");
}

#[test]
fn signer_identifier() {
    let (pki, _, container) = signed();
    // The name of another certificate.
    let stranger = open(&cades::sign(CONTENT, &signer(&pki, P256), NOW).unwrap()).signer_infos.0.get(0).unwrap().clone();
    let bytes = changed(&container, |data| change_signer(data, |signer| signer.sid = stranger.sid));
    assert_eq!(refusal(&bytes), EnvelopeError::SignerIdentifier, "ENV-8");
    // A key identifier, which CMS allows.
    let key_id = SignerIdentifier::from_der(&[0x80, 0x01, 0x07]).unwrap();
    let bytes = changed(&container, |data| change_signer(data, |signer| signer.sid = key_id));
    assert_eq!(refusal(&bytes), EnvelopeError::SignerIdentifier, "ENV-8");
    // Two certificates of one issuer with one serial number: which of them signed?
    let mut params = pki.params(&Person::numbered(1), Use::Sign);
    params.serial_number = Some(7u64.into());
    let twins = [0, 1].map(|_| pki.issuing.issue(&params, P256).unwrap());
    let (other, _) = chain(&twins[1]);
    let voter = identity(&twins[0]);
    let container = cades::sign(CONTENT, &voter, NOW).unwrap();
    let both = certificates(&[voter.certificate().as_der(), other.as_der()]);
    assert_eq!(refusal(&changed(&container, |data| data.certificates = both)), EnvelopeError::SignerIdentifier);
}

#[test]
fn key_type() {
    let (pki, _, container) = signed();
    for algorithm in [&rcgen::PKCS_ED25519] {
        let mut params = pki.params(&Person::numbered(1), Use::Sign);
        params.serial_number = Some(7u64.into());
        let (leaf, _) = chain(&pki.issuing.issue(&params, algorithm).unwrap());
        let bytes = changed(&container, |data| {
            data.certificates = certificates(&[leaf.as_der()]);
            change_signer(data, |signer| {
                if let SignerIdentifier::IssuerAndSerialNumber(name) = &mut signer.sid {
                    name.serial_number = 7u64.into();
                }
            });
        });
        assert_eq!(refusal(&bytes), EnvelopeError::KeyType, "ENV-9");
    }
}

#[test]
fn algorithms() {
    let (_, voter, container) = signed();
    let sha384 = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
    let ecdsa_sha384 = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
    let digest = changed(&container, |data| change_signer(data, |signer| signer.digest_alg.oid = sha384));
    let signature = changed(&container, |data| {
        change_signer(data, |signer| {
            signer.signature_algorithm.oid = ecdsa_sha384;
            sign_again(signer, &voter);
        });
    });
    assert_eq!(refusal(&digest), EnvelopeError::Algorithm, "ENV-10");
    assert_eq!(refusal(&signature), EnvelopeError::Algorithm, "ENV-10");
}
