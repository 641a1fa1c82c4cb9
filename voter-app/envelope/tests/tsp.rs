//! Stamps of a real time-stamping party, each rule broken alone. Spec: 07c-evidence, TSP; attack E11.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::ObjectIdentifier;
use envelope::Certificate;
use envelope::tsp::{self, Stamp, StampError};
use std::time::SystemTime;
use tempfile::TempDir;

mod common;

use common::pki::{P256, TestPki};
use common::services::{STAMP_POLICY, Services, der};

const ENTRY: &[u8] = b"an entry of the log";
const NONCE: [u8; 64] = [0x80; 64];

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

fn imprint() -> [u8; 32] {
    digest(&SHA256, ENTRY).as_ref().try_into().unwrap()
}

fn policies() -> [ObjectIdentifier; 2] {
    [ObjectIdentifier::new_unwrap("1.2.3"), ObjectIdentifier::new_unwrap(STAMP_POLICY)]
}

struct World {
    services: Services,
    anchors: Vec<Certificate>,
    pki: TestPki,
    _folder: TempDir,
}

fn world() -> World {
    let valid = (now() - 86_400, now() + 86_400);
    let pki = TestPki::with_algorithms("TEST eID", valid, P256, P256).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let services = Services::new(&pki, folder.path(), valid).unwrap();
    let anchors = vec![Certificate::from_der(services.stamp_root.der()).unwrap()];
    World { services, anchors, pki, _folder: folder }
}

/// A TSTInfo, with everything in it open to change. `time` is GeneralizedTime as text.
fn info(policy: &[u8], imprint: &[u8], nonce: &[u8], time: &str) -> Vec<u8> {
    let sha256 = der(0x30, &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]);
    let imprint = der(0x30, &[sha256, der(0x04, imprint)].concat());
    let fields = [der(0x02, &[1]), der(0x06, policy), imprint, der(0x02, &[9]), der(0x18, time.as_bytes()), der(0x02, nonce)];
    der(0x30, &fields.concat())
}

const POLICY: [u8; 4] = [0x2a, 0x03, 0x04, 0x01];

fn good_info(time: &str) -> Vec<u8> {
    info(&POLICY, &imprint(), &[&[1], NONCE.as_slice()].concat(), time)
}

fn granted(token: &[u8]) -> Vec<u8> {
    der(0x30, &[der(0x30, &der(0x02, &[0])), token.to_vec()].concat())
}

/// Now, as GeneralizedTime.
fn text(time: u64) -> String {
    let time = der::DateTime::from_unix_duration(std::time::Duration::from_secs(time)).unwrap();
    let (y, mo, d, h, mi, s) = (time.year(), time.month(), time.day(), time.hour(), time.minutes(), time.seconds());
    format!("{y:04}{mo:02}{d:02}{h:02}{mi:02}{s:02}Z")
}

fn judge(stamp: &Stamp, at: u64) -> Result<(), StampError> {
    stamp.require(&imprint(), &NONCE, &policies(), at, 60)
}

#[test]
fn openssl_stamps_what_we_ask() {
    let w = world();
    let answer = w.services.stamp(&tsp::request(&imprint(), &NONCE).unwrap()).unwrap();
    let stamp = tsp::verify(&answer, &w.anchors).unwrap();
    assert!(now().abs_diff(stamp.time) < 60);
    assert_eq!(judge(&stamp, now()), Ok(()));
    assert_eq!(stamp.require(&[0; 32], &NONCE, &policies(), now(), 60), Err(StampError::Imprint));
    assert_eq!(stamp.require(&imprint(), &[0x81; 64], &policies(), now(), 60), Err(StampError::Nonce));
    assert_eq!(stamp.require(&imprint(), &NONCE, &policies()[..1], now(), 60), Err(StampError::Policy));
    assert_eq!(judge(&stamp, stamp.time + 60), Ok(()));
    assert_eq!(judge(&stamp, stamp.time + 61), Err(StampError::Early));
    let eid = [Certificate::from_der(w.pki.root_der()).unwrap()];
    assert_eq!(tsp::verify(&answer, &eid), Err(StampError::Stamper), "the eID's anchors are not the party's");
    let mut unread = 0;
    for at in 0..answer.len() {
        let mut other = answer.clone();
        other[at] ^= 0x01;
        let same = tsp::verify(&other, &w.anchors) == Ok(stamp.clone());
        unread += usize::from(same);
    }
    assert!(unread < 30, "versions and digestAlgorithms are not judged; of all else no byte may change: {unread}");
    for wrong in [&answer[..answer.len() - 1], &[answer.clone(), vec![0]].concat(), &[], &vec![0x30; 40_000]] {
        assert_eq!(tsp::verify(wrong, &w.anchors), Err(StampError::Malformed));
    }
}

#[test]
fn who_may_stamp() {
    let w = world();
    let content = good_info(&text(now()));
    for (stamper, more, expected) in [
        ("stamper", &["-cades", "-md", "sha256"][..], None),
        ("stamper", &["-cades", "-md", "sha512"], None),
        ("stamper-rsa", &["-cades", "-md", "sha256"], None),
        ("stamper-rsa", &["-cades", "-md", "sha384"], None),
        ("stamper", &["-cades", "-md", "sha1"], Some(StampError::Attributes)),
        ("stamper", &["-md", "sha256"], Some(StampError::Attributes)),
        ("stamper", &["-cades", "-md", "sha256", "-nocerts"], Some(StampError::Stamper)),
        ("stamper", &["-cades", "-md", "sha256", "-keyid"], Some(StampError::Stamper)),
        ("stamper-lax", &["-cades", "-md", "sha256"], Some(StampError::Stamper)),
        ("stamper-none", &["-cades", "-md", "sha256"], Some(StampError::Stamper)),
        ("stamper-other", &["-cades", "-md", "sha256"], Some(StampError::Stamper)),
        ("stamper", &["-cades", "-md", "sha256", "-signer", "stamper-rsa.pem", "-inkey", "stamper-rsa.key"], Some(StampError::Malformed)),
    ] {
        let token = w.services.token(&content, stamper, more).unwrap();
        let found = tsp::verify(&granted(&token), &w.anchors);
        assert_eq!(found.as_ref().err(), expected.as_ref(), "{stamper} {more:?}");
        assert!(found.is_err() || judge(&found.unwrap(), now()).is_ok());
    }
}

#[test]
fn what_a_stamp_must_say() {
    let w = world();
    let nonce = [&[1], NONCE.as_slice()].concat();
    let stamp =
        |content: &[u8]| tsp::verify(&granted(&w.services.token(content, "stamper", &["-cades", "-md", "sha256"]).unwrap()), &w.anchors);
    let time = text(now());
    assert_eq!(judge(&stamp(&info(&POLICY, &[1; 32], &nonce, &time)).unwrap(), now()), Err(StampError::Imprint));
    assert_eq!(judge(&stamp(&info(&POLICY, &[1; 20], &nonce, &time)).unwrap(), now()), Err(StampError::Imprint));
    assert_eq!(judge(&stamp(&info(&POLICY, &imprint(), &NONCE[..20], &time)).unwrap(), now()), Err(StampError::Nonce));
    assert_eq!(judge(&stamp(&info(&[0x2a, 0x07], &imprint(), &nonce, &time)).unwrap(), now()), Err(StampError::Policy));
    let fraction = format!("{}.25Z", time.trim_end_matches('Z'));
    assert_eq!(judge(&stamp(&good_info(&fraction)).unwrap(), now()), Ok(()));
    for wrong in
        [time.trim_end_matches('Z').to_owned(), fraction.replace("25", "250"), fraction.replace("25", ""), time.replace('Z', "+0200")]
    {
        assert_eq!(stamp(&good_info(&wrong)), Err(StampError::Malformed), "{wrong}");
    }
    // At the time that it names, the stamper must have been valid.
    assert_eq!(stamp(&good_info(&text(now() - 200_000))), Err(StampError::Stamper));

    let token = w.services.token(&good_info(&time), "stamper", &["-cades", "-md", "sha256"]).unwrap();
    for status in [1, 2] {
        let answer = der(0x30, &[der(0x30, &der(0x02, &[status])), token.clone()].concat());
        assert_eq!(tsp::verify(&answer, &w.anchors), Err(StampError::Malformed), "status {status}");
    }
    assert_eq!(tsp::verify(&der(0x30, &der(0x30, &der(0x02, &[0]))), &w.anchors), Err(StampError::Malformed), "no token");
    let doubled = [good_info(&time), vec![0x05, 0x00]].concat();
    assert_eq!(stamp(&doubled), Err(StampError::Malformed), "bytes after the content");
}
