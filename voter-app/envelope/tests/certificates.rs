//! Each rule about one certificate, broken alone. ENV-20 to ENV-29.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use envelope::certificate::verify_chain;
use envelope::{Certificate, EnvelopeError, Purpose};
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};

mod common;

use common::pki::{Credential, P256, P384, Person, TestPki, Use, serial_number_type};
use common::{NOW, anchors, chain, test_pki};

fn accept(pki: &TestPki, credential: &Credential, at: u64, purpose: Purpose) -> Result<(), EnvelopeError> {
    let (leaf, intermediates) = chain(credential);
    verify_chain(&leaf, &intermediates, &anchors(pki), at, purpose)
}

fn voter() -> Person {
    Person::numbered(1)
}

/// A voter's certificate with changed parameters, for one purpose.
fn changed(usage: Use, change: impl FnOnce(&mut CertificateParams)) -> Result<(), EnvelopeError> {
    let pki = test_pki();
    let mut params = pki.params(&voter(), usage);
    change(&mut params);
    let credential = pki.issuing.issue(&params, P256).unwrap();
    let purpose = if usage == Use::Sign { Purpose::Signing } else { Purpose::Login };
    accept(&pki, &credential, NOW, purpose)
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn signing_der() -> Vec<u8> {
    let pki = test_pki();
    chain(&pki.voter(&voter(), P256).unwrap().sign).0.as_der().to_vec()
}

#[test]
fn both_certificates_serve_their_own_purpose_only() {
    let pki = test_pki();
    for algorithm in [P256, P384] {
        let eid = pki.voter(&voter(), algorithm).unwrap();
        assert_eq!(accept(&pki, &eid.sign, NOW, Purpose::Signing), Ok(()));
        assert_eq!(accept(&pki, &eid.login, NOW, Purpose::Login), Ok(()));
        assert_eq!(accept(&pki, &eid.login, NOW, Purpose::Signing), Err(EnvelopeError::NotForSigning), "ENV-27");
        assert_eq!(accept(&pki, &eid.sign, NOW, Purpose::Login), Err(EnvelopeError::SigningCertificateAtLogin), "ENV-29");
        assert_eq!(chain(&eid.login).0.person_code(), Ok("PNOEE-60000000001"));
    }
}

#[test]
fn malformed() {
    let der = signing_der();
    assert!(Certificate::from_der(&der).is_ok());
    for bytes in [&[][..], &der[..der.len() - 1], &[der.as_slice(), &[0]].concat()] {
        assert_eq!(Certificate::from_der(bytes), Err(EnvelopeError::CertificateMalformed), "ENV-20");
    }
    for at in 0..der.len() {
        let mut bytes = der.clone();
        bytes[at] ^= 0xff;
        let _ = Certificate::from_der(&bytes).map(|certificate| drop(certificate.person_code().map(str::len)));
    }
    // A keyUsage that is no BIT STRING.
    let bytes = replace(
        &der,
        &[0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03],
        &[0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x04],
    );
    assert_eq!(Certificate::from_der(&bytes), Err(EnvelopeError::CertificateMalformed), "ENV-20");
}

#[test]
fn version() {
    let bytes = replace(&signing_der(), &[0xa0, 0x03, 0x02, 0x01, 0x02], &[0xa0, 0x03, 0x02, 0x01, 0x01]);
    assert_eq!(Certificate::from_der(&bytes), Err(EnvelopeError::CertificateVersion), "ENV-21");
}

#[test]
fn two_signature_algorithms() {
    let sha384 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    let sha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let bytes = replace(&signing_der(), &sha384, &sha256); // the first is inside the signed part
    assert_eq!(Certificate::from_der(&bytes), Err(EnvelopeError::CertificateAlgorithm), "ENV-22");
}

#[test]
fn extensions() {
    let extension = || CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![0x05, 0x00]);
    let with = |list: Vec<CustomExtension>| {
        let pki = test_pki();
        let mut params = pki.params(&voter(), Use::Sign);
        params.custom_extensions = list;
        let pem = pki.issuing.issue(&params, P256).unwrap().chain_pem;
        Certificate::list_from_pem(&pem).map(drop)
    };
    let mut critical = extension();
    critical.set_criticality(true);
    assert_eq!(with(vec![extension()]), Ok(()));
    assert_eq!(with(vec![extension(), extension()]), Err(EnvelopeError::RepeatedExtension), "ENV-23");
    assert_eq!(with(vec![critical]), Err(EnvelopeError::UnknownCriticalExtension), "ENV-24");
}

#[test]
fn person_code() {
    let code = |text: Option<&str>| {
        let pki = test_pki();
        let mut params = pki.params(&voter(), Use::Sign);
        params.distinguished_name.remove(serial_number_type());
        if let Some(text) = text {
            params.distinguished_name.push(serial_number_type(), text);
        }
        let (leaf, _) = chain(&pki.issuing.issue(&params, P256).unwrap());
        leaf.person_code().map(str::to_owned)
    };
    for good in ["PNOEE-38001085718", "PNOLV-329999-99901"] {
        assert_eq!(code(Some(good)).as_deref(), Ok(good));
    }
    let too_long = format!("PNOEE-{}", "1".repeat(33));
    let bad = [
        "38001085718",
        "EE-38001085718",
        "PASEE-38001085718",
        "pnoEE-38001085718",
        "PNOee-38001085718",
        "PNOE-38001085718",
        "PNOEE38001085718",
        "PNOEE-",
        "PNOEE-3800108571\u{664}",
        "PNOEE-38001085718 ",
        " PNOEE-38001085718",
        &too_long,
    ];
    for bad in bad.into_iter().map(Some).chain([None]) {
        assert_eq!(code(bad), Err(EnvelopeError::PersonCode), "ENV-25: {bad:?}");
    }
    // Two serial numbers, each of them good: the attribute type of the surname changed.
    let pki = test_pki();
    let twice = Person { surname: "PNOEE-38001085718".to_owned(), ..voter() };
    let (leaf, _) = chain(&pki.voter(&twice, P256).unwrap().sign);
    let two = replace(leaf.as_der(), &[0x06, 0x03, 0x55, 0x04, 0x04], &[0x06, 0x03, 0x55, 0x04, 0x05]);
    assert_eq!(Certificate::from_der(&two).unwrap().person_code(), Err(EnvelopeError::PersonCode), "ENV-25");
    // The same bytes as another kind of string (IA5String).
    let other = replace(&signing_der(), b"\x13\x11PNOEE-", b"\x16\x11PNOEE-");
    assert_eq!(Certificate::from_der(&other).unwrap().person_code(), Err(EnvelopeError::PersonCode), "ENV-25");
}

#[test]
fn purposes() {
    use KeyUsagePurpose::{ContentCommitment, DigitalSignature, KeyEncipherment};
    let usages = |usage, list: &[KeyUsagePurpose]| changed(usage, |params| params.key_usages = list.to_vec());
    assert_eq!(usages(Use::Sign, &[ContentCommitment, DigitalSignature]), Ok(()));
    for list in [&[][..], &[DigitalSignature], &[KeyEncipherment]] {
        assert_eq!(usages(Use::Sign, list), Err(EnvelopeError::NotForSigning), "ENV-27");
    }
    for list in [&[][..], &[KeyEncipherment]] {
        assert_eq!(usages(Use::Login, list), Err(EnvelopeError::NotForLogin), "ENV-28");
    }
    let both = usages(Use::Login, &[ContentCommitment, DigitalSignature]);
    assert_eq!(both, Err(EnvelopeError::SigningCertificateAtLogin), "ENV-29");

    let purposes = |list: &[ExtendedKeyUsagePurpose]| changed(Use::Login, |it| it.extended_key_usages = list.to_vec());
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, EmailProtection, ServerAuth};
    assert_eq!(purposes(&[]), Ok(()));
    assert_eq!(purposes(&[EmailProtection, ClientAuth]), Ok(()));
    for list in [&[ServerAuth][..], &[Any]] {
        assert_eq!(purposes(list), Err(EnvelopeError::NotForLogin), "ENV-28");
    }
    for usage in [Use::Sign, Use::Login] {
        let authority = changed(usage, |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
        assert_eq!(authority, Err(EnvelopeError::LeafIsAuthority), "ENV-26");
        assert_eq!(changed(usage, |params| params.is_ca = IsCa::NoCa), Ok(()), "no basicConstraints at all");
    }
}

/// A DER value: tag, length, content.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let n = content.len();
    let length = if n < 128 { vec![n as u8] } else { vec![0x82, (n >> 8) as u8, n as u8] };
    let length = if (128..256).contains(&n) { vec![0x81, n as u8] } else { length };
    [&[tag][..], &length, content].concat()
}

/// The values side by side in a DER content.
fn values(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (n, head) = match bytes[1] {
            0x81 => (usize::from(bytes[2]), 3),
            0x82 => (usize::from(bytes[2]) << 8 | usize::from(bytes[3]), 4),
            n => (usize::from(n), 2),
        };
        found.push((bytes[0], bytes[head..head + n].to_vec()));
        bytes = &bytes[head + n..];
    }
    found
}

/// A reader that takes what another refuses lets one voter spoil a whole record (B08): DEFAULT values must be left out.
#[test]
fn a_default_that_is_written_out_is_not_der() {
    let der = signing_der();
    let certificate = values(&values(&der)[0].1);
    let mut signed = values(&certificate[0].1);
    let at = signed.iter().position(|(tag, _)| *tag == 0xa3).unwrap();
    let mut extensions = values(&values(&signed[at].1)[0].1);
    let plain = extensions.iter_mut().find(|(_, e)| values(e).len() == 2).unwrap();
    let parts = values(&plain.1);
    plain.1 = [value(parts[0].0, &parts[0].1), vec![1, 1, 0], value(parts[1].0, &parts[1].1)].concat(); // critical FALSE
    let join = |list: &[(u8, Vec<u8>)]| list.iter().flat_map(|(tag, c)| value(*tag, c)).collect::<Vec<u8>>();
    signed[at].1 = value(0x30, &join(&extensions));
    let outer = [(0x30, join(&signed)), certificate[1].clone(), certificate[2].clone()];
    assert_eq!(Certificate::from_der(&value(0x30, &join(&outer))).unwrap_err(), EnvelopeError::CertificateMalformed);
    assert!(Certificate::from_der(&value(0x30, &join(&certificate))).is_ok(), "the editor itself changes nothing");
}
