//! Certificates and containers, read by the collector's library and by the verifier. Spec: 07a-envelope.
//!
//! The eID is the insider's: a root on P-256 and one voter, whose keys follow from their names.

use super::agree;
use crate::insider::eid::{self, Container, UNTIL};
use base64::{Engine, engine::general_purpose::STANDARD};
use envelope::certificate::verify_chain;
use envelope::{Certificate, Identity, Purpose, cades};
use std::sync::LazyLock;
use verifier::asn1::{self, SEQUENCE};
use verifier::certificate::{Anchors, Certificate as Theirs};

/// The validity of both certificates, and a time in it.
const VALID: (u64, u64) = (86_400, UNTIL);
pub(super) const TIME: u64 = 10 * 86_400;
/// What the voter signed.
pub(super) const CONTENT: &[u8] = b"a ballot";

static ROOT: LazyLock<eid::Certificate> = LazyLock::new(|| eid::Certificate { valid: VALID, ..eid::Certificate::root() });
pub(super) static VOTER: LazyLock<eid::Certificate> =
    LazyLock::new(|| eid::Certificate { valid: VALID, ..eid::Certificate::of("PNOEE-38001085718") });
static CONTAINER: LazyLock<Vec<u8>> = LazyLock::new(|| Container::new(CONTENT, VOTER.clone(), TIME).der());

static ANCHOR: LazyLock<Certificate> = LazyLock::new(|| Certificate::from_der(&ROOT.der()).expect("a certificate"));
static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| Anchors::new(&[ROOT.der()]));

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// Any certificate. The verifier judges some rules (ENV-21 to ENV-24) when it follows a path.
pub fn certificate(bytes: &[u8]) {
    let (ours, verifiers) = (Certificate::from_der(bytes), Theirs::read(bytes));
    match (ours, verifiers) {
        (Ok(ours), Ok(verifiers)) => {
            assert_eq!(ours.as_der(), bytes);
            agree("person code", &ours.person_code(), &verifiers.person_code());
        }
        (Ok(_), Err(fault)) => panic!("the library accepts what the verifier refuses: {fault:?}"),
        (Err(error), Ok(verifiers)) => {
            let path = ANCHORS.accept(&verifiers, &[], VALID.0);
            assert!(path.is_err(), "the verifier follows a path from what the library refuses: {error}");
        }
        (Err(_), Err(_)) => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Certificate::list_from_pem(text);
        assert!(Identity::from_pem(text, text).is_err() || text.contains("PRIVATE KEY"));
    }
}

/// The certificates of the eID, in DER and PEM.
pub fn certificate_seeds() -> Vec<Vec<u8>> {
    let [root, voter] = [&ROOT, &VOTER].map(|certificate| certificate.der());
    let shown = pem("CERTIFICATE", &voter);
    let key = pem("PRIVATE KEY", &ROOT.key.pkcs8()) + &pem("CERTIFICATE", &root);
    vec![root, voter, shown.into_bytes(), key.into_bytes()]
}

/// What an authority may have signed: any TBSCertificate with a right signature. The first byte is the time at which it is used.
pub fn issued(bytes: &[u8]) {
    is_issued(bytes);
}

/// True if it is a person's certificate at that time.
pub fn is_issued(bytes: &[u8]) -> bool {
    let Some((when, signed)) = bytes.split_first() else { return false };
    if signed.len() > 4000 {
        return false;
    }
    let time = [VALID.0 - 1, VALID.0, TIME, VALID.1, VALID.1 + 1][usize::from(*when) % 5];
    let signature = ROOT.key.sign(signed, false);
    let algorithm = asn1::holding(SEQUENCE, &[&[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]]);
    let bits = asn1::element(0x03, &[&[0], signature.as_slice()].concat());
    let der = asn1::holding(SEQUENCE, &[signed, &algorithm, &bits]);
    let ours = Certificate::from_der(&der).and_then(|leaf| {
        verify_chain(&leaf, &[], std::slice::from_ref(&*ANCHOR), time, Purpose::Signing)?;
        leaf.person_code().map(str::to_owned)
    });
    let verifiers = Theirs::read(&der).and_then(|leaf| {
        // A new list of anchors: the other one remembers what it verified.
        Anchors::new(&[ROOT.der()]).accept(&leaf, std::slice::from_ref(&leaf), time)?;
        leaf.person_code()
    });
    agree("issued certificate", &ours, &verifiers);
    let Ok(ours) = ours else { return false };
    assert_eq!(verifiers.ok(), Some(ours));
    true
}

/// What the root signed.
pub fn issued_seeds() -> Vec<Vec<u8>> {
    vec![[&[2], VOTER.signed().as_slice()].concat()]
}

/// A container over a content that does not change.
pub fn container(bytes: &[u8]) {
    accepts(bytes);
}

/// True if it is the voter's.
pub fn accepts(bytes: &[u8]) -> bool {
    let signed = cades::verify(CONTENT, bytes);
    let ours = signed.and_then(|signed| signed.accept(std::slice::from_ref(&*ANCHOR), TIME).map(str::to_owned));
    let verifiers = verifier::envelope::accept(bytes, CONTENT, &ANCHORS, TIME);
    agree("container", &ours, &verifiers);
    let Ok(ours) = ours else { return false };
    assert_eq!(verifiers.ok(), Some(ours));
    // The layout leaves no byte to choice, but for what the signer signed; and nobody here has the voter's key.
    assert_eq!(bytes, *CONTAINER, "a second container out of the first");
    true
}

/// The voter's.
pub fn container_seeds() -> Vec<Vec<u8>> {
    vec![CONTAINER.to_vec()]
}
