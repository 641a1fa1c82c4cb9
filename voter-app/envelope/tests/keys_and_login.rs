//! Identities from files, and logging in. ENV-40 to ENV-43, and the login message.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use envelope::login::{login_message, sign_login, verify_login};
use envelope::{Certificate, EnvelopeError, Identity};

mod common;

use common::pki::{P256, P384, Person};
use common::{identity, other_half, test_pki};

#[test]
fn from_files() {
    let folder = tempfile::tempdir().unwrap();
    let people: Vec<_> = (1..=9).map(Person::numbered).collect();
    test_pki().write_voters(&people, P256, folder.path()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 36);
    for person in &people {
        for usage in ["login", "sign"] {
            let path = |end: &str| folder.path().join(format!("{}.{usage}.{end}", person.code));
            let identity = Identity::from_files(&path("key.pem"), &path("pem")).unwrap();
            assert_eq!(identity.certificate().person_code(), Ok(person.code.as_str()));
            assert_eq!(identity.intermediates().len(), 1);
        }
    }
    let missing = Identity::from_files(Path::new("none"), Path::new("none")).unwrap_err();
    assert_eq!(missing, EnvelopeError::File(std::io::ErrorKind::NotFound), "ENV-40");
}

#[test]
fn refused_keys() {
    let pki = test_pki();
    let eid = pki.voter(&Person::numbered(1), P256).unwrap();
    let (key, chain) = (&eid.sign.key_pem, &eid.sign.chain_pem);
    let refusal = |key: &str, chain: &str| Identity::from_pem(key, chain).unwrap_err();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let p384 = pki.voter(&Person::numbered(1), P384).unwrap().sign.key_pem;
    for bad in ["", "no PEM", chain, &encrypted, &p384] {
        assert_eq!(refusal(bad, chain), EnvelopeError::KeyFile, "ENV-41");
    }
    for bad in ["", "no PEM", key, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        assert_eq!(refusal(key, bad), EnvelopeError::CertificateFile, "ENV-42");
    }
    assert_eq!(Certificate::list_from_pem("no PEM"), Err(EnvelopeError::CertificateFile), "ENV-42");
    let two = Certificate::list_from_pem(chain).unwrap();
    assert!(two.len() == 2 && two[0] != two[1] && two[0] == two[0].clone());
    assert_eq!(Certificate::from_pem(chain), Err(EnvelopeError::CertificateFile), "two where one is asked for");
    assert_eq!(Certificate::from_pem(&chain[..chain.find("-----END").unwrap() + 25]), Ok(two[0].clone()));
    assert_eq!(refusal(&eid.login.key_pem, chain), EnvelopeError::KeyMismatch, "ENV-43");
    assert!(
        Identity::from_pem(key, &format!("Subject: someone\n{}\n", chain.replace("-----BEGIN", "issuer\n-----BEGIN"))).is_ok(),
        "text around certificates"
    );
}

#[test]
fn debug_shows_no_key() {
    let identity = identity(&test_pki().voter(&Person::numbered(1), P256).unwrap().sign);
    let text = format!("{identity:?}");
    assert!(text.contains("<redacted>") && text.contains("PNOEE-60000000001"), "{text}");
}

#[test]
fn login_message_bytes() {
    let message = login_message(&[1; 32], &[2; 32], &[3; 32]);
    let expected = [&b"haal/1/login\0"[..], &[1; 32], &[2; 32], &[3; 32]].concat();
    assert_eq!((message.len(), message), (109, expected));
}

#[test]
fn login_binds_every_field() {
    let pki = test_pki();
    let (election, log, nonce, other) = ([1; 32], [2; 32], [3; 32], [4; 32]);
    for algorithm in [P256, P384] {
        let eid = pki.voter(&Person::numbered(1), algorithm).unwrap();
        let identity = identity(&eid.login);
        let certificate = identity.certificate();
        let signature = sign_login(&identity, &election, &log, &nonce).unwrap();
        assert_eq!(verify_login(certificate, &election, &log, &nonce, &signature), Ok(()));
        for (election, log, nonce) in [(&other, &log, &nonce), (&election, &other, &nonce), (&election, &log, &other)] {
            let refused = verify_login(certificate, election, log, nonce, &signature);
            assert_eq!(refused, Err(EnvelopeError::Signature), "ENV-17");
        }
        let malleated = other_half(&signature, algorithm);
        let refused = verify_login(certificate, &election, &log, &nonce, &malleated);
        assert_eq!(refused, Err(EnvelopeError::HighS), "ENV-15");
        let longer = [signature.as_slice(), &[0]].concat();
        let refused = verify_login(certificate, &election, &log, &nonce, &longer);
        assert_eq!(refused, Err(EnvelopeError::SignatureEncoding), "ENV-14");
        let stranger = pki.voter(&Person::numbered(2), algorithm).unwrap().login;
        let refused = verify_login(common::identity(&stranger).certificate(), &election, &log, &nonce, &signature);
        assert_eq!(refused, Err(EnvelopeError::Signature), "ENV-17");
    }
}
