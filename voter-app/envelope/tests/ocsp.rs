//! Answers of a real OCSP responder, each rule broken alone. Spec: 07c-evidence, OCSP; attack E11, M19 to M22.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use envelope::ocsp::{self, Freshness, StatusError};
use envelope::{Certificate, cades};
use std::time::SystemTime;
use tempfile::TempDir;

mod common;

use common::pki::{P256, P384, Person, TestPki};
use common::services::{Responder, Services};
use common::{anchors, chain, identity};

const NONCE: [u8; 32] = [7; 32];
const LIVE: Freshness = Freshness { age: 60, clock: 60, nonce: Some(NONCE) };
const CACHED: Freshness = Freshness { nonce: None, ..LIVE };

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

struct World {
    pki: TestPki,
    services: Services,
    leaf: Certificate,
    issuer: Certificate,
    _folder: TempDir,
}

fn world() -> World {
    let valid = (now() - 86_400, now() + 86_400);
    let pki = TestPki::with_algorithms("TEST eID", valid, P256, P384).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let services = Services::new(&pki, folder.path(), valid).unwrap();
    let sign = pki.voter(&Person::numbered(1), P256).unwrap().sign;
    services.know(&sign.chain_pem, true).unwrap();
    let (leaf, above) = chain(&sign);
    World { pki, services, leaf, issuer: above[0].clone(), _folder: folder }
}

impl World {
    fn ask(&self, leaf: &Certificate, nonce: Option<&[u8; 32]>, responder: Responder, more: &[&str]) -> Vec<u8> {
        self.services.status(&ocsp::request(leaf, &self.issuer, nonce).unwrap(), responder, more).unwrap()
    }

    fn judge(&self, answer: &[u8], at: u64, wanted: &Freshness) -> Result<(), StatusError> {
        ocsp::verify(answer, &self.leaf, &self.issuer, at, wanted)
    }
}

#[test]
fn who_may_answer() {
    let w = world();
    for (responder, expected) in [
        (Responder::Issuer, Ok(())),
        (Responder::Delegated, Ok(())),
        (Responder::NoPurpose, Err(StatusError::Responder)),
        (Responder::Stranger, Err(StatusError::Responder)),
        (Responder::Expired, Err(StatusError::Responder)),
    ] {
        for more in [&[][..], &["-resp_key_id"]] {
            let answer = w.ask(&w.leaf, Some(&NONCE), responder, more);
            assert_eq!(w.judge(&answer, now(), &LIVE), expected, "{responder:?} {more:?}");
        }
    }
    let alone = w.ask(&w.leaf, Some(&NONCE), Responder::Delegated, &["-resp_no_certs"]);
    assert_eq!(w.judge(&alone, now(), &LIVE), Err(StatusError::Responder), "nobody shows who answered");
    let alone = w.ask(&w.leaf, Some(&NONCE), Responder::Issuer, &["-resp_no_certs"]);
    assert_eq!(w.judge(&alone, now(), &LIVE), Ok(()), "the issuer is known without");
}

#[test]
fn good_revoked_unknown() {
    let w = world();
    let answer = |w: &World| w.ask(&w.leaf, Some(&NONCE), Responder::Delegated, &[]);
    assert_eq!(w.judge(&answer(&w), now(), &LIVE), Ok(()));
    let sign = w.pki.voter(&Person::numbered(1), P256).unwrap().sign;
    let (unknown, _) = chain(&sign);
    let said = w.ask(&unknown, Some(&NONCE), Responder::Delegated, &[]);
    assert_eq!(ocsp::verify(&said, &unknown, &w.issuer, now(), &LIVE), Err(StatusError::NotGood), "unknown");
    w.services.know(&sign.chain_pem, false).unwrap();
    let said = w.ask(&unknown, Some(&NONCE), Responder::Delegated, &[]);
    assert_eq!(ocsp::verify(&said, &unknown, &w.issuer, now(), &LIVE), Err(StatusError::NotGood), "suspended");
    assert_eq!(w.judge(&said, now(), &LIVE), Err(StatusError::OtherCertificate), "about the neighbour");
    assert_eq!(w.judge(&answer(&w), now(), &LIVE), Ok(()), "and still good");
}

#[test]
fn the_time_of_casting_decides() {
    let w = world();
    let made = now();
    let answer = w.ask(&w.leaf, Some(&NONCE), Responder::Delegated, &[]);
    for (at, wanted, expected) in [
        (made, LIVE, Ok(())),
        (made + 50, LIVE, Ok(())),
        (made - 50, LIVE, Ok(())),
        (made - 70, LIVE, Err(StatusError::Time)), // found out later
        (made + 70, LIVE, Err(StatusError::Time)), // with a nonce it is of the same moment
        (made + 110, CACHED, Ok(())),
        (made + 130, CACHED, Err(StatusError::Time)),
        (made + 300, Freshness { age: 3600, ..CACHED }, Ok(())),
        (made + 370, Freshness { age: 3600, ..CACHED }, Err(StatusError::Time)), // nextUpdate is five minutes on
    ] {
        assert_eq!(w.judge(&answer, at, &wanted), expected, "{} {wanted:?}", at as i64 - made as i64);
    }
}

#[test]
fn the_nonce_binds() {
    let w = world();
    let with = w.ask(&w.leaf, Some(&NONCE), Responder::Delegated, &[]);
    let without = w.ask(&w.leaf, None, Responder::Delegated, &[]);
    let other = Freshness { nonce: Some([8; 32]), ..LIVE };
    assert_eq!(w.judge(&with, now(), &other), Err(StatusError::Nonce));
    assert_eq!(w.judge(&without, now(), &LIVE), Err(StatusError::Nonce));
    assert_eq!([w.judge(&with, now(), &CACHED), w.judge(&without, now(), &CACHED)], [Ok(()), Ok(())]);
}

#[test]
fn every_byte_counts() {
    let w = world();
    let answer = w.ask(&w.leaf, Some(&NONCE), Responder::Issuer, &["-resp_no_certs"]);
    assert_eq!(w.judge(&answer, now(), &LIVE), Ok(()));
    for at in 0..answer.len() {
        let mut other = answer.clone();
        other[at] ^= 0x01;
        assert!(w.judge(&other, now(), &LIVE).is_err(), "byte {at}");
    }
    let mut signature = answer.clone();
    *signature.last_mut().unwrap() ^= 0x01;
    assert_eq!(w.judge(&signature, now(), &LIVE), Err(StatusError::Signature));
    for wrong in
        [&answer[..answer.len() - 1], &[answer.clone(), vec![0]].concat(), &[], &[0x30, 0x03, 0x0a, 0x01, 0x06], &vec![0x30; 40_000]]
    {
        assert_eq!(w.judge(wrong, now(), &LIVE), Err(StatusError::Malformed));
    }
}

#[test]
fn the_issuer_is_found_in_container_or_anchors() {
    let w = world();
    let voter = w.pki.voter(&Person::numbered(2), P256).unwrap().sign;
    let container = cades::sign(b"ballot", &identity(&voter), now()).unwrap();
    let signed = cades::verify(b"ballot", &container).unwrap();
    assert_eq!(ocsp::issuer(&signed, &anchors(&w.pki)), Some(&w.issuer));
    let impostor = TestPki::with_algorithms("TEST eID", (now() - 9, now() + 9), P256, P384).unwrap();
    let impostor = Certificate::from_der(impostor.issuing.der()).unwrap();
    let found = ocsp::issuer(&signed, std::slice::from_ref(&impostor)).cloned();
    assert_eq!(found.as_ref(), Some(&w.issuer), "the same name is not enough");
}

#[test]
fn the_responder_is_named_by_the_certificate() {
    let w = world();
    assert_eq!(ocsp::responder_url(&w.leaf), None);
    let mut params = w.pki.params(&Person::numbered(3), common::pki::Use::Sign);
    params.custom_extensions.push(common::services::ocsp_access("http://ocsp.example/a"));
    let (leaf, _) = chain(&w.pki.issuing.issue(&params, P256).unwrap());
    assert_eq!(ocsp::responder_url(&leaf).as_deref(), Some("http://ocsp.example/a"));
}
