//! OpenSSL as the second opinion: it accepts our containers, and what it accepts of (r, n-s) we refuse.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use der::asn1::OctetString;
use envelope::{Certificate, EnvelopeError, Identity, Purpose, cades, certificate::verify_chain};

mod common;
#[path = "common/forge.rs"]
mod forge;

use common::pki::{P256, P384, Person, TestPki};
use common::{NOW, identity, other_half, test_pki};

const CONTENT: &[u8] = b"a ballot\r\nwith any bytes \x00\xff";

/// Runs OpenSSL in a folder, or says visibly that it is absent.
fn openssl(folder: &Path, arguments: &str) -> Option<Output> {
    match Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("SKIPPED: openssl cannot be run ({error})");
            None
        }
    }
}

/// `openssl cms -verify -cades` at the moment of casting.
fn accepted(pki: &TestPki, container: &[u8], content: &[u8]) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("container"), container).unwrap();
    fs::write(file("content"), content).unwrap();
    fs::write(file("root.pem"), pki.root.pem()).unwrap();
    let verify = format!(
        "cms -verify -cades -inform DER -in container -content content -binary -CAfile root.pem -purpose any \
         -attime {NOW} -out out"
    );
    let output = openssl(folder.path(), &verify)?;
    Some(match output.status.success() {
        true if fs::read(file("out")).unwrap() == content => Ok(()),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

#[test]
fn openssl_accepts_our_containers() {
    let pki = test_pki();
    for algorithm in [P256, P384] {
        let credential = pki.voter(&Person::numbered(1), algorithm).unwrap().sign;
        // With the issuing authority, and with the root too.
        for chain in [credential.chain_pem.clone(), credential.chain_pem.clone() + &pki.root.pem()] {
            let voter = Identity::from_pem(&credential.key_pem, &chain).unwrap();
            let container = cades::sign(CONTENT, &voter, NOW).unwrap();
            let Some(verdict) = accepted(&pki, &container, CONTENT) else { return };
            assert_eq!(verdict, Ok(()));
            let other = accepted(&pki, &container, b"other").unwrap();
            assert!(other.is_err(), "OpenSSL accepts other content");
            println!("{} bytes with {} certificates", container.len(), voter.intermediates().len() + 1);
        }
    }
}

/// B04: the rule is ours. OpenSSL takes both halves, so a second container could be made of every first.
#[test]
fn openssl_accepts_the_other_half() {
    let pki = test_pki();
    let voter = identity(&pki.voter(&Person::numbered(1), P256).unwrap().sign);
    let container = cades::sign(CONTENT, &voter, NOW).unwrap();
    let mut data = forge::open(&container);
    forge::change_signer(&mut data, |signer| {
        let other = other_half(signer.signature.as_bytes(), P256);
        signer.signature = OctetString::new(other).unwrap();
    });
    let second = forge::close(&data);
    let Some(verdict) = accepted(&pki, &second, CONTENT) else { return };
    assert_eq!(verdict, Ok(()));
    assert_eq!(cades::verify(CONTENT, &second), Err(EnvelopeError::HighS), "ENV-15");
}

/// ENV-38: an authority with an RSA key of 1024 bits, which no library here will make.
#[test]
fn short_rsa_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let subject = "/CN=Weak/serialNumber=PNOEE-60000000001";
    let config = "[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
                  [leaf]\nkeyUsage=critical,nonRepudiation\n[req]\ndistinguished_name=dn\n";
    fs::write(file("cnf"), config).unwrap();
    for (bits, expected) in [(2048, Ok(())), (1024, Err(EnvelopeError::IssuerSignature))] {
        for command in [
            format!("req -x509 -newkey rsa:{bits} -noenc -keyout ca.key -out ca.pem -subj /CN=CA -config cnf -extensions ca -days 9"),
            format!("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout key -out csr -subj {subject} -config cnf"),
            "x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile cnf -extensions leaf -days 8 -out leaf.pem".into(),
        ] {
            let Some(output) = openssl(folder.path(), &command) else { return };
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let read = |name: &str| Certificate::from_pem(&fs::read_to_string(file(name)).unwrap()).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let verdict = verify_chain(&read("leaf.pem"), &[], &[read("ca.pem")], now, Purpose::Signing);
        assert_eq!(verdict, expected, "{bits} bits");
    }
}
