//! Certificates and containers, read by the collector's library and by the verifier. Spec: 07a-envelope.
//!
//! The eID of these targets lies in `tests/src/fuzz/eid/`: a root on P-256 and one voter, with their keys. [`make_eid`] made it.

use super::agree;
use crate::pki;
use envelope::certificate::verify_chain;
use envelope::{Certificate, Identity, Purpose, cades};
use rcgen::{CertifiedIssuer, KeyPair};
use std::path::Path;
use std::sync::LazyLock;
use verifier::asn1::{self, SEQUENCE};
use verifier::certificate::{Anchors, Certificate as Theirs};

/// The validity of both certificates.
const VALID: (u64, u64) = (1_700_000_000, 2_000_000_000);
/// What the voter signed.
const CONTENT: &[u8] = b"a ballot";

const ROOT_KEY: &str = include_str!("eid/root.key.pem");
const ROOT: &str = include_str!("eid/root.pem");
const VOTER: &str = include_str!("eid/voter.pem");
const CONTAINER: &[u8] = include_bytes!("eid/container.p7s");

static ANCHOR: LazyLock<Certificate> = LazyLock::new(|| Certificate::from_pem(ROOT).expect("a certificate"));
static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| Anchors::new(&[ANCHOR.as_der().to_vec()]));
static ISSUER: LazyLock<Identity> = LazyLock::new(|| Identity::from_pem(ROOT_KEY, ROOT).expect("a key"));

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
    let leaf = Certificate::from_pem(VOTER).expect("a certificate");
    vec![ANCHOR.as_der().to_vec(), leaf.as_der().to_vec(), VOTER.as_bytes().to_vec(), [ROOT_KEY, ROOT].concat().into_bytes()]
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
    let time = [VALID.0 - 1, VALID.0, 1_800_000_000, VALID.1, VALID.1 + 1][usize::from(*when) % 5];
    let Ok(signature) = ISSUER.sign(signed) else { return false };
    let algorithm = asn1::holding(SEQUENCE, &[&[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]]);
    let bits = asn1::element(0x03, &[&[0], signature.as_slice()].concat());
    let der = asn1::holding(SEQUENCE, &[signed, &algorithm, &bits]);
    let ours = Certificate::from_der(&der).and_then(|leaf| {
        verify_chain(&leaf, &[], std::slice::from_ref(&*ANCHOR), time, Purpose::Signing)?;
        leaf.person_code().map(str::to_owned)
    });
    let verifiers = Theirs::read(&der).and_then(|leaf| {
        // A new list of anchors: the other one remembers what it verified.
        Anchors::new(&[ANCHOR.as_der().to_vec()]).accept(&leaf, std::slice::from_ref(&leaf), time)?;
        leaf.person_code()
    });
    agree("issued certificate", &ours, &verifiers);
    let Ok(ours) = ours else { return false };
    assert_eq!(verifiers.ok(), Some(ours));
    true
}

/// What the root signed.
pub fn issued_seeds() -> Vec<Vec<u8>> {
    let tbs = |pem: &str| {
        let der = Certificate::from_pem(pem).expect("a certificate").as_der().to_vec();
        let whole = asn1::only(&der, SEQUENCE).expect("a sequence").to_vec();
        let (_, rest) = asn1::first(&whole).expect("a sequence");
        [&[2], &whole[..whole.len() - rest.len()]].concat()
    };
    vec![tbs(VOTER)]
}

/// A container over a content that does not change.
pub fn container(bytes: &[u8]) {
    accepts(bytes);
}

/// True if it is the voter's.
pub fn accepts(bytes: &[u8]) -> bool {
    let time = 1_800_000_000;
    let signed = cades::verify(CONTENT, bytes);
    let ours = signed.and_then(|signed| signed.accept(std::slice::from_ref(&*ANCHOR), time).map(str::to_owned));
    let verifiers = verifier::envelope::accept(bytes, CONTENT, &ANCHORS, time);
    agree("container", &ours, &verifiers);
    let Ok(ours) = ours else { return false };
    assert_eq!(verifiers.ok(), Some(ours));
    // The layout leaves no byte to choice, but for what the signer signed; and nobody here has the voter's key.
    assert_eq!(bytes, CONTAINER, "a second container out of the first");
    true
}

/// The voter's.
pub fn container_seeds() -> Vec<Vec<u8>> {
    vec![CONTAINER.to_vec()]
}

/// Makes the eID of these targets anew.
pub fn make_eid(folder: &Path) -> std::io::Result<()> {
    let other = std::io::Error::other::<rcgen::Error>;
    let root_key = KeyPair::generate_for(pki::P256).map_err(other)?;
    std::fs::write(folder.join("root.key.pem"), root_key.serialize_pem())?;
    let root = CertifiedIssuer::self_signed(pki::authority_params("Fuzz Root", VALID, Some(0)), root_key).map_err(other)?;
    std::fs::write(folder.join("root.pem"), root.pem())?;
    let voter = pki::TestPki::new("Fuzz", VALID)?.params(&pki::Person::numbered(1), pki::Use::Sign);
    let key = KeyPair::generate_for(pki::P256).map_err(other)?;
    let certificate = voter.signed_by(&key, &root).map_err(other)?.pem();
    std::fs::write(folder.join("voter.pem"), &certificate)?;
    let identity = Identity::from_pem(&key.serialize_pem(), &certificate).map_err(std::io::Error::other)?;
    let container = cades::sign(CONTENT, &identity, 1_800_000_000).map_err(std::io::Error::other)?;
    std::fs::write(folder.join("container.p7s"), container)
}
