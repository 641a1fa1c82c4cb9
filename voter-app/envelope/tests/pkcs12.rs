//! PKCS#12 files that OpenSSL made. ENV-41, ENV-43, ENV-46, ENV-47.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use envelope::{EnvelopeError, Identity, Purpose, cades, pkcs12};

mod common;

use common::pki::{Algorithm, Credential, P256, P384, Person, Use};
use common::{NOW, anchors, test_pki};

const PASSWORD: &str = "lumi ja jää €";

/// `openssl pkcs12 -export`, or nothing and a visible word where there is no OpenSSL.
fn export(credential: &Credential, more: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("key.pem"), &credential.key_pem).unwrap();
    fs::write(file("chain.pem"), &credential.chain_pem).unwrap();
    let mut command = Command::new("openssl");
    command.args("pkcs12 -export -inkey key.pem -in chain.pem -out out.p12 -passout".split(' ')).arg(format!("pass:{PASSWORD}"));
    let Ok(run) = command.args(more.split_whitespace()).current_dir(folder.path()).output() else {
        eprintln!("SKIPPED: openssl cannot be run");
        return None;
    };
    assert!(run.status.success(), "{more}: {}", String::from_utf8_lossy(&run.stderr));
    Some(fs::read(Path::new(&file("out.p12"))).unwrap())
}

fn credential(algorithm: Algorithm, usage: Use) -> Credential {
    let pki = test_pki();
    pki.issuing.issue(&pki.params(&Person::numbered(1), usage), algorithm).unwrap()
}

fn refusal(bytes: &[u8], password: &str) -> EnvelopeError {
    pkcs12::open(bytes, password).unwrap_err()
}

#[test]
fn every_curve_and_every_protection_of_today() {
    let pki = test_pki();
    let forms = [
        "",
        "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha384",
        "-macalg sha512 -iter 1",
        "-keypbe NONE -certpbe NONE",
        "-keypbe AES-256-CBC -certpbe NONE -name mine",
    ];
    for algorithm in [P256, P384, &rcgen::PKCS_ECDSA_P521_SHA512] {
        let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), algorithm).unwrap();
        for form in forms {
            let Some(bytes) = export(&credential, form) else { return };
            let found = pkcs12::open(&bytes, PASSWORD).unwrap();
            let [identity] = found.as_slice() else { panic!("{} keys", found.len()) };
            assert_eq!((identity.intermediates().len(), identity.certificate().accept_for(Purpose::Signing)), (1, Ok(())), "{form}");
            let container = cades::sign(b"ballot", identity, NOW).unwrap();
            assert_eq!(cades::verify(b"ballot", &container).unwrap().accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));
        }
    }
}

#[test]
fn wrong_passwords() {
    let Some(bytes) = export(&credential(P256, Use::Login), "") else { return };
    for wrong in ["", "lumi ja jää", "lumi ja jää €\0", "LUMI JA JÄÄ €"] {
        assert_eq!(refusal(&bytes, wrong), EnvelopeError::Pkcs12Password, "ENV-47");
    }
}

#[test]
fn old_protection_is_refused() {
    let credential = credential(P256, Use::Login);
    for (form, why) in [
        ("-keypbe PBE-SHA1-3DES", "encryption other than PBES2 with PBKDF2 and AES-CBC"),
        ("-certpbe PBE-SHA1-3DES", "encryption other than PBES2 with PBKDF2 and AES-CBC"),
        ("-keypbe DES-EDE3-CBC", "encryption other than PBES2 with PBKDF2 and AES-CBC"),
        ("-macalg sha1", "a MAC that is not HMAC with SHA-2"),
        ("-nomac", "no MAC"),
        ("-nokeys", "no key"),
    ] {
        let Some(bytes) = export(&credential, form) else { return };
        assert_eq!(refusal(&bytes, PASSWORD), EnvelopeError::Pkcs12(why), "ENV-46: {form}");
    }
}

#[test]
fn rounds_are_bounded_before_they_are_made() {
    let Some(bytes) = export(&credential(P256, Use::Login), "-iter 2049") else { return };
    let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| *w == [2, 2, 8, 1]).map(|(at, _)| at).collect();
    let last = *places.last().unwrap(); // those of the MAC stand at the end
    let mut more = bytes.clone();
    more.splice(last..last + 4, [2, 2, 0x7f, 0xff]);
    assert_eq!(refusal(&more, PASSWORD), EnvelopeError::Pkcs12Password, "other rounds, another key");
    // Four bytes longer, so the lengths around it grow; the structure is small enough to name them.
    let grown = grow(&bytes, last);
    assert_eq!(refusal(&grown, PASSWORD), EnvelopeError::Pkcs12("too many rounds"), "ENV-46");
}

/// The same file with 2^31 - 1 rounds for its MAC: the INTEGER of two bytes becomes one of four.
fn grow(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut grown = bytes.to_vec();
    grown.splice(at..at + 4, [2, 4, 0x7f, 0xff, 0xff, 0xff]);
    let total = u16::from_be_bytes([grown[2], grown[3]]) + 2;
    grown[2..4].copy_from_slice(&total.to_be_bytes());
    // MacData: the last SEQUENCE that ends with the file.
    let mac = (0..at).rev().find(|&i| bytes[i] == 0x30 && bytes[i + 1] as usize + i + 2 == bytes.len()).unwrap();
    grown[mac + 1] += 2;
    grown
}

#[test]
fn damage_and_other_files() {
    let Some(bytes) = export(&credential(P256, Use::Login), "-iter 1") else { return };
    assert!(matches!(refusal(&bytes[..bytes.len() - 1], PASSWORD), EnvelopeError::Pkcs12(_)));
    assert!(matches!(refusal(&[bytes.as_slice(), &[0]].concat(), PASSWORD), EnvelopeError::Pkcs12(_)));
    assert!(matches!(refusal(b"-----BEGIN CERTIFICATE-----", PASSWORD), EnvelopeError::Pkcs12(_)));
    assert_eq!(refusal(&vec![0x30; 65_537], PASSWORD), EnvelopeError::Pkcs12("too long"), "ENV-46");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        // Never a panic; and never other keys or certificates. What stands outside the MAC is only its own form.
        if let Ok(found) = pkcs12::open(&changed, PASSWORD) {
            assert!(found.len() == 1 && found.iter().all(|i| i.certificate().person_code() == Ok("PNOEE-60000000001")), "byte {at}");
        }
    }
}

#[test]
fn keys_that_are_not_the_certificates_or_not_ec() {
    let (mut one, other) = (credential(P256, Use::Login), credential(P256, Use::Login));
    let rsa = credential(&rcgen::PKCS_RSA_SHA256, Use::Login);
    let Some(bytes) = export(&rsa, "") else { return };
    assert_eq!(refusal(&bytes, PASSWORD), EnvelopeError::KeyFile, "ENV-41");
    // OpenSSL refuses to put a strange key beside a certificate; so does PEM here (ENV-43), and both go through the same check.
    one.key_pem = other.key_pem;
    assert_eq!(Identity::from_pem(&one.key_pem, &one.chain_pem).unwrap_err(), EnvelopeError::KeyMismatch, "ENV-43");
}
