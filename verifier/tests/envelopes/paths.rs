//! ENV-30 to ENV-38: paths to an anchor.

use crate::certificates::{Chain, Tbs};
use crate::container::Cms;
use crate::der::*;
use crate::openssl::key;
use crate::{Judged, TIME, chain, chain_at, good, judged};
use verifier::certificate::{Anchors, Certificate};

/// A container with these others, under these anchors.
fn path(chain: &Chain, others: &[Vec<u8>], anchors: &[Vec<u8>]) -> Judged {
    judged(&Cms::new(chain, &chain.leaf.bytes(), others).bytes(), anchors, TIME)
}

/// One of the three certificates.
type Pick = fn(&mut Chain) -> &mut Tbs;
const EACH: [Pick; 3] = [|chain| &mut chain.leaf, |chain| &mut chain.sub, |chain| &mut chain.root];

#[test]
fn validity_of_every_certificate_with_its_last_second() {
    // 1795003200 is 18 November 2026, 12:00:00.
    let at = |time: u64, pick: Pick, from: &str, until: &str| {
        chain_at(time, "P-256", |chain| (pick(chain).from, pick(chain).until) = (utc(from), utc(until)))
    };
    let noon = 1_795_003_200;
    for pick in EACH {
        assert_eq!(at(noon, pick, "261118120000Z", "261118120000Z"), good());
        assert_eq!(at(noon - 1, pick, "261118120000Z", "261118130000Z"), Err("ENV-30"));
        assert_eq!(at(noon + 1, pick, "261118110000Z", "261118120000Z"), Err("ENV-31"));
    }
}

#[test]
fn names_byte_for_byte() {
    assert_eq!(chain(|chain| chain.leaf.issuer = common_name("Sub")), Err("ENV-32"));
    assert_eq!(chain(|chain| chain.leaf.issuer = name(&[("2.5.4.3", PRINTABLE, "sub")])), Err("ENV-32"));
    assert_eq!(chain(|chain| chain.sub.issuer = common_name("root ")), Err("ENV-32"));
    let chain = Chain::new("P-256");
    assert_eq!(path(&chain, &[], &[chain.root.bytes()]), Err("ENV-32"));
    assert_eq!(path(&chain, &[chain.sub.bytes()], &[]), Err("ENV-32"));
    assert_eq!(path(&chain, &[chain.sub.bytes(), chain.root.bytes()], &[]), Err("ENV-32"), "what the voter brings along is no anchor");
}

#[test]
fn anchors_are_any_authority_and_a_leaf_is_no_path() {
    let mut chain = Chain::new("P-256");
    assert_eq!(path(&chain, &[], &[chain.sub.bytes()]), good());
    assert_eq!(path(&chain, &[chain.sub.bytes()], &[chain.sub.bytes()]), good());
    assert_eq!(path(&chain, &[], &[chain.leaf.bytes()]), Err("ENV-32"));
    // Its own signature is not looked at.
    chain.root.signed_by(key("stranger", "P-256"), "sha256");
    assert_eq!(path(&chain, &[chain.sub.bytes()], &[chain.root.bytes()]), good());
    // A voter who is an own authority.
    chain.leaf.issuer = chain.leaf.subject.clone();
    chain.leaf.signed_by(chain.leaf_key, "sha256");
    assert_eq!(path(&chain, &[], &[chain.leaf.bytes()]), Err("ENV-32"));
}

#[test]
fn four_certificates_at_most() {
    let mut chain = Chain::new("P-256");
    let more = chain.longer("more");
    assert_eq!(path(&chain, &[chain.sub.bytes(), more.bytes()], &[chain.root.bytes()]), good());
    let mut one_too_many = Chain::new("P-256");
    let mut upper = one_too_many.longer("upper");
    let lower = one_too_many.longer("lower");
    upper.subject = common_name("upper");
    let mut lower = lower;
    lower.issuer = common_name("upper");
    lower.signed_by(key("upper", "P-384"), "sha384");
    let others = [one_too_many.sub.bytes(), lower.bytes(), upper.bytes()];
    assert_eq!(path(&one_too_many, &others, &[one_too_many.root.bytes()]), Err("ENV-33"));
}

#[test]
fn issuers_are_authorities() {
    for pick in [EACH[1], EACH[2]] {
        assert_eq!(chain(|chain| pick(chain).extensions = vec![usage(CERT_SIGN)]), Err("ENV-34"));
        assert_eq!(chain(|chain| pick(chain).extensions = vec![extension("2.5.29.19", true, &seq(&[])), usage(CERT_SIGN)]), Err("ENV-34"));
        assert_eq!(chain(|chain| pick(chain).extensions = vec![authority(None)]), Err("ENV-35"));
        assert_eq!(chain(|chain| pick(chain).extensions = vec![authority(None), usage(NON_REPUDIATION)]), Err("ENV-35"));
        assert_eq!(chain(|chain| pick(chain).extensions = vec![authority(None), usage(CERT_SIGN)]), good());
    }
    assert_eq!(chain(|chain| chain.root.extensions = vec![authority(Some(0)), usage(CERT_SIGN)]), Err("ENV-36"));
    // One that issued itself counts too.
    let mut chain = Chain::new("P-256");
    let mut own = Chain::new("P-256").root;
    own.extensions = vec![authority(None), usage(CERT_SIGN)];
    own.subject = common_name("root");
    own.key = key("root again", "P-384").public.clone();
    chain.sub.signed_by(key("root again", "P-384"), "sha384");
    assert_eq!(path(&chain, &[chain.sub.bytes(), own.bytes()], &[chain.root.bytes()]), Err("ENV-36"));
    chain.root.extensions = vec![authority(Some(2)), usage(CERT_SIGN)];
    assert_eq!(path(&chain, &[chain.sub.bytes(), own.bytes()], &[chain.root.bytes()]), good());
}

#[test]
fn ways_of_signing() {
    let issuers = [("P-256", "sha256"), ("P-384", "sha384"), ("P-521", "sha512"), ("rsa:2048", "sha256")];
    for (kind, _) in issuers {
        for hash in ["sha256", "sha384", "sha512"] {
            let own = key("issuer", kind);
            let with = |inner: Option<Vec<u8>>| {
                chain(|chain| {
                    chain.sub.key = own.public.clone();
                    chain.leaf.signed_by(own, hash);
                    if let Some(inner) = inner {
                        (chain.leaf.inner, chain.leaf.outer) = (inner.clone(), inner);
                    }
                })
            };
            assert_eq!(with(None), good(), "{kind} {hash}");
            let other = if hash == "sha256" { "sha384" } else { "sha256" };
            let (named, odd) = if kind.starts_with("rsa") { (rsa(other), ecdsa(hash)) } else { (ecdsa(other), rsa(hash)) };
            assert_eq!(with(Some(named)), Err("ENV-38"), "{kind} {hash}, another named");
            assert_eq!(with(Some(odd)), Err("ENV-37"), "{kind} {hash}, of another kind of key");
        }
    }
    let own = key("issuer", "rsa:2048");
    let with = |hash: &'static str, named: Vec<u8>| {
        chain(|chain| {
            chain.sub.key = own.public.clone();
            (chain.leaf.signer, chain.leaf.hash) = (own, hash);
            (chain.leaf.inner, chain.leaf.outer) = (named.clone(), named);
        })
    };
    assert_eq!(with("sha1", rsa("sha1")), Err("ENV-37"));
    assert_eq!(with("sha256", algorithm("1.2.840.113549.1.1.11", &[])), Err("ENV-37"));
    assert_eq!(with("sha256", algorithm("1.2.840.113549.1.1.11", &[5, 1, 0])), Err("ENV-37"));
    assert_eq!(
        chain(|chain| (chain.leaf.inner, chain.leaf.outer) =
            (algorithm("1.2.840.10045.4.3.3", &NULL), algorithm("1.2.840.10045.4.3.3", &NULL))),
        Err("ENV-37")
    );
}

#[test]
fn impostors() {
    let stranger = key("stranger", "P-384");
    assert_eq!(chain(|chain| chain.leaf.signer = stranger), Err("ENV-38"));
    assert_eq!(chain(|chain| chain.sub.signer = stranger), Err("ENV-38"));
    let small = key("issuer", "rsa:1024");
    let weak = |chain: &mut Chain| {
        chain.sub.key = small.public.clone();
        chain.leaf.signed_by(small, "sha256");
    };
    assert_eq!(chain(weak), Err("ENV-38"));
}

/// A dead end does not hide the way that holds, whichever comes first.
#[test]
fn one_path_is_enough() {
    let mut chain = Chain::new("P-256");
    let mut expired = Chain::new("P-256").sub;
    (expired.until, expired.serial) = (utc("250101000000Z"), vec![7]);
    let mut impostor = Chain::new("P-256").sub;
    (impostor.key, impostor.serial) = (key("stranger", "P-384").public.clone(), vec![8]);
    let others = [expired.bytes(), impostor.bytes(), chain.sub.bytes()];
    assert_eq!(path(&chain, &others, &[chain.root.bytes()]), good());
    chain.root.serial = vec![9];
    assert_eq!(path(&chain, &others[..2], &[chain.root.bytes()]).is_err(), true);
}

/// Of several that have the issuer's name, the one whose key signed the leaf: a responder vouches for that one's certificates only.
#[test]
fn the_issuer_is_who_signed() {
    let chain = Chain::new("P-256");
    let mut impostor = Chain::new("P-256").sub;
    (impostor.key, impostor.serial) = (key("stranger", "P-384").public.clone(), vec![8]);
    let read = |bytes: Vec<u8>| Certificate::read(&bytes).unwrap();
    let (leaf, right, wrong) = (read(chain.leaf.bytes()), read(chain.sub.bytes()), read(impostor.bytes()));
    let found = |anchors: &[Vec<u8>], beside: &[Vec<u8>]| {
        let beside: Vec<Certificate> = beside.iter().map(|bytes| Certificate::read(bytes).unwrap()).collect();
        Anchors::new(anchors).issuer(&leaf, &beside).map(|issuer| issuer.hash)
    };
    let (sub, other, root) = (chain.sub.bytes(), impostor.bytes(), chain.root.bytes());
    assert_eq!(found(&[root.clone()], &[other.clone(), sub.clone()]), Some(right.hash));
    assert_eq!(found(&[other.clone(), sub.clone()], &[]), Some(right.hash));
    assert_eq!(found(&[root], &[other]), None);
    assert_ne!(right.hash, wrong.hash);
    // Nor one of another name whose key it is.
    let mut renamed = Chain::new("P-256").sub;
    renamed.subject = common_name("another name");
    assert_eq!(found(&[renamed.bytes()], &[]), None);
}

/// Embedded certificates that are on no path need only be readable.
#[test]
fn strangers_beside_the_path() {
    let chain = Chain::new("P-256");
    let mut odd = Chain::new("P-256").sub;
    odd.version = element(0xA0, &element(INTEGER, &[1]));
    odd.subject = common_name("nobody");
    assert_eq!(path(&chain, &[chain.sub.bytes(), odd.bytes()], &[chain.root.bytes()]), good());
    odd.extensions = vec![extension("2.5.29.15", true, &[5, 0])];
    assert_eq!(path(&chain, &[chain.sub.bytes(), odd.bytes()], &[chain.root.bytes()]), Err("ENV-20"));
}
