//! The kinds of key: P-521, and RSA with PSS as Smart-ID has it. ENV-9, ENV-10, ENV-14, ENV-17.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, KeyPair, RsaEncoding, RsaKeyPair};
use der::{Decode, Encode, asn1::OctetString};
use envelope::cades::Draft;
use envelope::login::{login_message, verify_login};
use envelope::{Certificate, EnvelopeError, Identity, Scheme, cades};

mod common;
#[path = "common/forge.rs"]
mod forge;

use common::pki::{Algorithm, Credential, Person, TestPki, Use};
use common::{NOW, anchors, chain, identity, test_pki};

const CONTENT: &[u8] = b"a ballot";
const P521: Algorithm = &rcgen::PKCS_ECDSA_P521_SHA512;
const RSA: Algorithm = &rcgen::PKCS_RSA_SHA256;

fn rsa(pki: &TestPki, usage: Use) -> (Credential, RsaKeyPair) {
    let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), usage), RSA).unwrap();
    let (_, key) = der::SecretDocument::from_pem(&credential.key_pem).unwrap();
    let key = RsaKeyPair::from_pkcs8(key.as_bytes()).unwrap();
    (credential, key)
}

fn pss(key: &RsaKeyPair, padding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut made = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), message, &mut made).unwrap();
    made
}

/// A container with an RSA key of 2,048 bits, and its signer.
fn rsa_container(pki: &TestPki) -> (Vec<u8>, Certificate, RsaKeyPair) {
    let (credential, key) = rsa(pki, Use::Sign);
    let (leaf, above) = chain(&credential);
    let draft = Draft::new(CONTENT, &leaf, &above, NOW).unwrap();
    let container = draft.finish(&pss(&key, &signature::RSA_PSS_SHA512, draft.message())).unwrap();
    (container, leaf, key)
}

fn signed_again(container: &[u8], key: &RsaKeyPair, padding: &'static dyn RsaEncoding, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut data = forge::open(container);
    forge::change_signer(&mut data, |signer| {
        let mut made = pss(key, padding, &signer.signed_attrs.as_ref().unwrap().to_der().unwrap());
        change(&mut made);
        signer.signature = OctetString::new(made).unwrap();
    });
    forge::close(&data)
}

#[test]
fn every_kind_of_key_signs() {
    let pki = test_pki();
    let identity = identity(&pki.voter(&Person::numbered(1), P521).unwrap().sign);
    assert_eq!(identity.certificate().scheme(), Ok(Scheme::P521));
    let container = cades::sign(CONTENT, &identity, NOW).unwrap();
    assert_eq!(cades::verify(CONTENT, &container).unwrap().accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));

    let (container, leaf, _) = rsa_container(&pki);
    assert_eq!(leaf.scheme(), Ok(Scheme::RsaPss(256)));
    assert_eq!(cades::verify(CONTENT, &container).unwrap().accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));
    assert_eq!(cades::verify(b"another", &container), Err(EnvelopeError::ContentDigest));
    for at in 0..container.len() {
        let mut changed = container.clone();
        changed[at] ^= 1;
        assert!(cades::verify(CONTENT, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn openssl_accepts_every_kind() {
    let pki = test_pki();
    let p521 = cades::sign(CONTENT, &identity(&pki.voter(&Person::numbered(1), P521).unwrap().sign), NOW).unwrap();
    for container in [p521, rsa_container(&pki).0] {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("container", container.as_slice()), ("content", CONTENT), ("root.pem", pki.root.pem().as_bytes())] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let arguments = format!(
            "cms -verify -cades -inform DER -in container -content content -binary -CAfile root.pem -purpose any -attime {NOW} -out out"
        );
        let run = std::process::Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder.path()).output();
        let Ok(run) = run else { return eprintln!("SKIPPED: openssl cannot be run") };
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn rsa_in_another_way_is_refused() {
    let pki = test_pki();
    let (container, leaf, key) = rsa_container(&pki);
    let refusal = |bytes: &[u8]| cades::verify(CONTENT, bytes).unwrap_err();
    assert!(cades::verify(CONTENT, &signed_again(&container, &key, &signature::RSA_PSS_SHA512, |_| ())).is_ok());
    for padding in [&signature::RSA_PSS_SHA256 as &dyn RsaEncoding, &signature::RSA_PKCS1_SHA512] {
        assert_eq!(refusal(&signed_again(&container, &key, padding, |_| ())), EnvelopeError::Signature, "ENV-17");
    }
    for change in [|made: &mut Vec<u8>| made.insert(0, 0), |made: &mut Vec<u8>| made.truncate(255)] {
        let bytes = signed_again(&container, &key, &signature::RSA_PSS_SHA512, change);
        assert_eq!(refusal(&bytes), EnvelopeError::SignatureEncoding, "ENV-14");
    }
    // A salt of 32 bytes in the name of the algorithm; the parameters left out; PKCS#1 v1.5.
    let mut data = forge::open(&container);
    let mut shorter = data.signer_infos.0.get(0).unwrap().signature_algorithm.parameters.clone().unwrap().to_der().unwrap();
    *shorter.last_mut().unwrap() = 32;
    let shorter = der::Any::from_der(&shorter).unwrap();
    let pkcs1 = der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
    for (oid, parameters) in [(None, Some(shorter)), (None, None), (Some(pkcs1), Some(der::Any::null()))] {
        forge::change_signer(&mut data, |signer| {
            signer.signature_algorithm.parameters = parameters;
            signer.signature_algorithm.oid = oid.unwrap_or(signer.signature_algorithm.oid);
        });
        assert_eq!(refusal(&forge::close(&data)), EnvelopeError::Algorithm, "ENV-10");
    }
    assert_eq!(leaf.verify(CONTENT, &pss(&key, &signature::RSA_PSS_SHA512, CONTENT)), Ok(()));
}

#[test]
fn rsa_logs_in_and_has_no_key_file() {
    let pki = test_pki();
    let (credential, key) = rsa(&pki, Use::Login);
    let (leaf, _) = chain(&credential);
    let made = pss(&key, &signature::RSA_PSS_SHA512, &login_message(&[1; 32], &[2; 32], &[3; 32]));
    assert_eq!(verify_login(&leaf, &[1; 32], &[2; 32], &[3; 32], &made), Ok(()));
    assert_eq!(verify_login(&leaf, &[1; 32], &[2; 32], &[4; 32], &made), Err(EnvelopeError::Signature), "ENV-17");
    let refused = Identity::from_pem(&credential.key_pem, &credential.chain_pem).unwrap_err();
    assert_eq!(refused, EnvelopeError::KeyFile, "ENV-41");
}

/// A draft takes no signature of another key, and `r` and `s` side by side become the one encoding.
#[test]
fn a_draft_checks_what_it_is_given() {
    let pki = test_pki();
    for algorithm in [common::pki::P256, common::pki::P384, P521] {
        let mine = identity(&pki.voter(&Person::numbered(1), algorithm).unwrap().sign);
        let other = identity(&pki.voter(&Person::numbered(2), algorithm).unwrap().sign);
        let draft = Draft::new(CONTENT, mine.certificate(), mine.intermediates(), NOW).unwrap();
        assert_eq!(draft.finish(&other.sign(draft.message()).unwrap()), Err(EnvelopeError::Signature), "ENV-17");
        assert_eq!(draft.finish(&[]), Err(EnvelopeError::SignatureEncoding), "ENV-14");

        let made = mine.sign(draft.message()).unwrap();
        let pair = Vec::<der::asn1::Uint>::from_der(&made).unwrap();
        let scheme = mine.certificate().scheme().unwrap();
        let width = scheme.bits().min(528) as usize / 8 + if scheme == Scheme::P521 { 2 } else { 0 };
        let raw: Vec<u8> =
            pair.iter().flat_map(|half| [vec![0; width - half.as_bytes().len()], half.as_bytes().to_vec()].concat()).collect();
        assert_eq!(scheme.canonical(&raw), Ok(made.clone()));
        assert_eq!(draft.finish(&scheme.canonical(&raw).unwrap()), Ok(cades_of(&draft, &made)));
        assert_eq!(scheme.canonical(&raw[1..]), Err(EnvelopeError::SignatureEncoding));
        assert_eq!(scheme.canonical(&vec![0xff; 2 * width]), Err(EnvelopeError::SignatureEncoding));
        assert_eq!(scheme.canonical(&[]), Err(EnvelopeError::SignatureEncoding));
    }
}

fn cades_of(draft: &Draft<'_>, signature: &[u8]) -> Vec<u8> {
    draft.finish(signature).unwrap()
}

/// ENV-9: RSA keys that are too short or too long, by the length in the certificate.
#[test]
fn lengths_of_rsa_keys() {
    let pki = test_pki();
    let (credential, key) = rsa(&pki, Use::Sign);
    let (leaf, _) = chain(&credential);
    let at = leaf.as_der().windows(5).position(|w| w == [0x02, 0x82, 0x01, 0x01, 0x00]).unwrap(); // the modulus
    let mut shorter = leaf.as_der().to_vec();
    shorter[at + 5] &= 0x7f; // 2,047 bits; still DER only without the zero before it, so the certificate's form is broken or the key is
    let refused = Certificate::from_der(&shorter).and_then(|leaf| leaf.scheme());
    assert_eq!(refused, Err(EnvelopeError::KeyType), "ENV-9");
    assert_eq!(key.public_key().as_ref().len(), 270);
}
