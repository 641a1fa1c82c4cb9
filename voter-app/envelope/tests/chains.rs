//! Each rule about the path to a trust anchor, broken alone. ENV-30 to ENV-38; attack E11 as far as certificates go.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use der::asn1::Any;
use der::{Decode, Encode};
use envelope::certificate::verify_chain;
use envelope::{Certificate, EnvelopeError, Purpose};
use rcgen::{CertificateParams, IsCa, KeyUsagePurpose};

mod common;

use common::pki::{Algorithm, Authority, Credential, Flaw, P256, P384, Person, TestPki, Use, authority_params, set_validity};
use common::{NOW, VALID, anchors, chain, test_pki};

fn accept(pki: &TestPki, credential: &Credential, at: u64, purpose: Purpose) -> Result<(), EnvelopeError> {
    let (leaf, intermediates) = chain(credential);
    verify_chain(&leaf, &intermediates, &anchors(pki), at, purpose)
}

fn voter() -> Person {
    Person::numbered(1)
}

/// A signing certificate issued by `authority`, which stands below the root of `pki`.
fn below(pki: &TestPki, authority: &Authority) -> Result<(), EnvelopeError> {
    let credential = authority.issue(&pki.params(&voter(), Use::Sign), P256).unwrap();
    accept(pki, &credential, NOW, Purpose::Signing)
}

#[test]
fn every_allowed_algorithm_of_an_authority() {
    use rcgen::{PKCS_ECDSA_P521_SHA256, PKCS_ECDSA_P521_SHA384, PKCS_ECDSA_P521_SHA512};
    use rcgen::{PKCS_RSA_SHA256, PKCS_RSA_SHA384, PKCS_RSA_SHA512};
    let algorithms: [Algorithm; 8] = [
        P256,
        P384,
        &PKCS_ECDSA_P521_SHA256,
        &PKCS_ECDSA_P521_SHA384,
        &PKCS_ECDSA_P521_SHA512,
        &PKCS_RSA_SHA256,
        &PKCS_RSA_SHA384,
        &PKCS_RSA_SHA512,
    ];
    for algorithm in algorithms {
        let pki = TestPki::with_algorithms("TEST eID", VALID, algorithm, algorithm).unwrap();
        let eid = pki.voter(&voter(), P256).unwrap();
        assert_eq!(accept(&pki, &eid.sign, NOW, Purpose::Signing), Ok(()), "{algorithm:?}");
    }
}

/// The list of algorithms is closed: no other key, no other hash, no other parameters.
#[test]
fn other_algorithms_of_an_authority() {
    let pki = TestPki::with_algorithms("TEST eID", VALID, &rcgen::PKCS_ED25519, P384).unwrap();
    let eid = pki.voter(&voter(), P256).unwrap();
    assert_eq!(accept(&pki, &eid.sign, NOW, Purpose::Signing), Err(EnvelopeError::IssuerAlgorithm), "ENV-37");

    let ecdsa = |last: u8| [&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03][..], &[last]].concat();
    let rsa = |last: u8| [&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01][..], &[last]].concat();
    let (sha1, sha224, sha256) = (rsa(5), ecdsa(1), ecdsa(2));
    let null = [0x05, 0x00];
    for (authority, algorithm, expected) in [
        (P256, sha256.clone(), Ok(())), // the check on this test
        (P256, sha224, Err(EnvelopeError::IssuerAlgorithm)),
        (P256, [sha256.as_slice(), &null].concat(), Err(EnvelopeError::IssuerAlgorithm)),
        (P256, [rsa(11).as_slice(), &null].concat(), Err(EnvelopeError::IssuerAlgorithm)),
        (&rcgen::PKCS_RSA_SHA256, rsa(11), Err(EnvelopeError::IssuerAlgorithm)),
        (&rcgen::PKCS_RSA_SHA256, [sha1.as_slice(), &null].concat(), Err(EnvelopeError::IssuerAlgorithm)),
        (&rcgen::PKCS_RSA_SHA256, sha256, Err(EnvelopeError::IssuerAlgorithm)),
    ] {
        let pki = TestPki::with_algorithms("TEST eID", VALID, authority, authority).unwrap();
        let (leaf, intermediates) = chain(&pki.voter(&voter(), P256).unwrap().sign);
        let leaf = with_signature_algorithm(leaf.as_der(), &algorithm);
        let verdict = verify_chain(&leaf, &intermediates, &anchors(&pki), NOW, Purpose::Signing);
        assert_eq!(verdict, expected, "ENV-37: {algorithm:02x?}");
    }
}

/// A certificate naming another signature algorithm in both places, its signature left as it was.
fn with_signature_algorithm(der: &[u8], algorithm: &[u8]) -> Certificate {
    let algorithm = Any::new(der::Tag::Sequence, algorithm).unwrap();
    let mut outer = Vec::<Any>::from_der(der).unwrap();
    let mut signed = Vec::<Any>::from_der(&outer[0].to_der().unwrap()).unwrap();
    signed[2] = algorithm.clone();
    outer[0] = Any::from_der(&signed.to_der().unwrap()).unwrap();
    outer[1] = algorithm;
    Certificate::from_der(&outer.to_der().unwrap()).unwrap()
}

#[test]
fn every_flaw_of_the_test_eid() {
    let pki = test_pki();
    for (usage, purpose) in [(Use::Sign, Purpose::Signing), (Use::Login, Purpose::Login)] {
        let wrong_use = match usage {
            Use::Sign => EnvelopeError::NotForSigning,
            Use::Login => EnvelopeError::SigningCertificateAtLogin,
        };
        for (flaw, expected) in [
            (Flaw::Expired, EnvelopeError::Expired),
            (Flaw::NotYetValid, EnvelopeError::NotYetValid),
            (Flaw::WrongUse, wrong_use),
            (Flaw::OtherIssuer, EnvelopeError::NoPath),
            (Flaw::ImpostorIssuer, EnvelopeError::IssuerSignature),
            (Flaw::Authority, EnvelopeError::LeafIsAuthority),
        ] {
            let credential = pki.flawed(&voter(), usage, P256, flaw).unwrap();
            assert_eq!(accept(&pki, &credential, NOW, purpose), Err(expected), "{flaw:?}");
        }
    }
}

/// Both ends belong to the validity; the time is that of casting, not of checking.
#[test]
fn validity() {
    let pki = test_pki();
    let sign = pki.voter(&voter(), P256).unwrap().sign;
    let at = |at| accept(&pki, &sign, at, Purpose::Signing);
    assert_eq!((at(VALID.0), at(VALID.1)), (Ok(()), Ok(())));
    assert_eq!(at(VALID.0 - 1), Err(EnvelopeError::NotYetValid), "ENV-30");
    assert_eq!(at(VALID.1 + 1), Err(EnvelopeError::Expired), "ENV-31");

    // The leaf is good and what is above it is not.
    for (valid, expected) in [((0, NOW - 1), EnvelopeError::Expired), ((NOW + 1, VALID.1), EnvelopeError::NotYetValid)] {
        let authority = pki.root.authority(authority_params("Old", valid, None), P256).unwrap();
        assert_eq!(below(&pki, &authority), Err(expected.clone()), "an intermediate");
        let mut root = TestPki::new("TEST eID", VALID).unwrap();
        let mut params = authority_params("TEST eID Root", VALID, None);
        set_validity(&mut params, valid);
        root.root = Authority::root(params, P256).unwrap();
        root.issuing = root.root.authority(authority_params("Issuing", VALID, None), P256).unwrap();
        assert_eq!(below(&root, &root.issuing), Err(expected), "the anchor");
    }
}

#[test]
fn no_path() {
    let pki = test_pki();
    let sign = pki.voter(&voter(), P256).unwrap().sign;
    let (leaf, intermediates) = chain(&sign);
    let verify =
        |intermediates: &[Certificate], anchors: &[Certificate]| verify_chain(&leaf, intermediates, anchors, NOW, Purpose::Signing);
    assert_eq!(verify(&intermediates, &[]), Err(EnvelopeError::NoPath), "ENV-32");
    assert_eq!(verify(&[], &anchors(&pki)), Err(EnvelopeError::NoPath), "ENV-32");
    let self_trust = std::slice::from_ref(&leaf);
    assert_eq!(verify(&[], self_trust), Err(EnvelopeError::NoPath), "a leaf does not vouch for itself");
    assert_eq!(verify(&[], &intermediates), Ok(()), "an issuing authority may be the anchor");

    // An impostor of the same name listed first does not stop the search.
    let impostor = test_pki();
    let both = [anchors(&impostor), anchors(&pki)].concat();
    assert_eq!(verify(&intermediates, &both), Ok(()));
    assert_eq!(verify(&intermediates, &anchors(&impostor)), Err(EnvelopeError::IssuerSignature), "ENV-38");
}

#[test]
fn path_too_long() {
    let pki = test_pki();
    let first = pki.root.authority(authority_params("First", VALID, None), P256).unwrap();
    let second = first.authority(authority_params("Second", VALID, None), P256).unwrap();
    let third = second.authority(authority_params("Third", VALID, None), P256).unwrap();
    assert_eq!(below(&pki, &second), Ok(()), "leaf, two authorities, anchor");
    assert_eq!(below(&pki, &third), Err(EnvelopeError::PathTooLong), "ENV-33");
    // An authority which vouches for itself leads nowhere, and the search ends.
    let stranger = Authority::root(authority_params("Self", VALID, None), P256).unwrap();
    let leaf = stranger.issue(&pki.params(&voter(), Use::Sign), P256).unwrap();
    let leaf = Credential { chain_pem: leaf.chain_pem + &stranger.pem(), ..leaf };
    assert_eq!(accept(&pki, &leaf, NOW, Purpose::Signing), Err(EnvelopeError::PathTooLong), "ENV-33");
}

#[test]
fn issuers() {
    let pki = test_pki();
    let authority = |change: fn(&mut CertificateParams)| {
        let mut params = authority_params("Changed", VALID, None);
        change(&mut params);
        pki.root.authority(params, P256).unwrap()
    };
    assert_eq!(below(&pki, &authority(|_| ())), Ok(()));
    let unsaid = authority(|params| params.is_ca = IsCa::NoCa);
    let denied = authority(|params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(below(&pki, &unsaid), Err(EnvelopeError::IssuerNotAuthority), "ENV-34");
    assert_eq!(below(&pki, &denied), Err(EnvelopeError::IssuerNotAuthority), "ENV-34");
    let crl_only = authority(|params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let unsaid = authority(|params| params.key_usages = Vec::new());
    assert_eq!(below(&pki, &crl_only), Err(EnvelopeError::IssuerKeyUsage), "ENV-35");
    assert_eq!(below(&pki, &unsaid), Err(EnvelopeError::IssuerKeyUsage), "ENV-35");

    // The issuing authority may issue to voters, not to authorities.
    let under = pki.issuing.authority(authority_params("Under", VALID, None), P256).unwrap();
    assert_eq!(below(&pki, &under), Err(EnvelopeError::PathLength), "ENV-36");
}
