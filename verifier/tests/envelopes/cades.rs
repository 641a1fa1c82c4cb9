//! ENV-1 to ENV-17 of a CMS container.

use crate::certificates::Chain;
use crate::container::*;
use crate::der::*;
use crate::openssl::openssl;
use crate::{TIME, container, good, judged};
use verifier::certificate::Anchors;
use verifier::envelope::accept;

const KINDS: [&str; 4] = ["P-256", "P-384", "P-521", "rsa:2048"];

#[test]
fn honest_ones_of_every_kind() {
    for kind in KINDS {
        assert_eq!(container(kind, |_| ()), good(), "{kind}");
    }
}

/// The makers of these tests follow the page as openssl understands it.
#[test]
fn openssl_reads_them_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for kind in KINDS {
        let chain = Chain::new(kind);
        let cms = file("container", &Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]).bytes());
        let (content, root) = (file("content", CONTENT), file("root", &openssl(&["x509", "-inform", "DER"], &chain.root.bytes())));
        let args = ["cms", "-verify", "-cades", "-inform", "DER", "-in", &cms, "-content", &content, "-binary", "-CAfile", &root];
        let time = TIME.to_string();
        assert_eq!(openssl(&[&args[..], &["-purpose", "any", "-attime", &time]].concat(), &[]), CONTENT, "{kind}");
    }
}

#[test]
fn length() {
    let of = |length: usize| judged(&vec![0x30; length], &[], TIME);
    assert_eq!((of(16_384), of(16_385)), (Err("ENV-2"), Err("ENV-1")));
}

#[test]
fn one_content_info_in_der() {
    let chain = Chain::new("P-256");
    let anchors = [chain.root.bytes()];
    let honest = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]).bytes();
    assert_eq!(judged(&honest, &anchors, TIME), good());
    assert_eq!(judged(&[honest.as_slice(), &[0]].concat(), &anchors, TIME), Err("ENV-2"));
    assert_eq!(judged(&honest[..honest.len() - 1], &anchors, TIME), Err("ENV-2"));
    assert_eq!(judged(&[], &anchors, TIME), Err("ENV-2"));
    // The outer length in four bytes instead of three; and an indefinite one.
    let longer = [&[0x30, 0x83, 0], &honest[2..]].concat();
    assert_eq!(judged(&longer, &anchors, TIME), Err("ENV-2"));
    assert_eq!(judged(&[&[0x30, 0x80], &honest[4..], &[0, 0]].concat(), &anchors, TIME), Err("ENV-2"));
    assert_eq!(container("P-256", |cms| cms.kind = oid("1.2.840.113549.1.7.3")), Err("ENV-2"));
}

#[test]
fn what_must_not_be_there() {
    assert_eq!(
        container("P-256", |cms| cms.info = seq(&[&oid("1.2.840.113549.1.7.1"), &element(0xA0, &element(OCTETS, CONTENT))])),
        Err("ENV-3")
    );
    assert_eq!(container("P-256", |cms| cms.crls = element(0xA1, &[])), Err("ENV-4"));
    assert_eq!(container("P-256", |cms| cms.signers = 2), Err("ENV-5"));
    assert_eq!(container("P-256", |cms| cms.signers = 0), Err("ENV-5"));
    assert_eq!(container("P-256", |cms| cms.unsigned = element(0xA1, &attribute(SIGNING_TIME, &utc("261118120000Z")))), Err("ENV-6"));
}

#[test]
fn one_to_four_certificates() {
    let certificates = |others: usize| {
        let chain = Chain::new("P-256");
        let other = |n: usize| {
            let mut other = Chain::new("P-256").sub;
            other.serial = vec![7, n as u8];
            other.bytes()
        };
        let others: Vec<Vec<u8>> = (1..others).map(other).chain([chain.sub.bytes()]).collect();
        judged(&Cms::new(&chain, &chain.leaf.bytes(), &others).bytes(), &[chain.root.bytes()], TIME)
    };
    assert_eq!((certificates(3), certificates(4)), (good(), Err("ENV-7")));
    assert_eq!(container("P-256", |cms| cms.certificates.clear()), Err("ENV-7"));
}

#[test]
fn the_sid_names_one_certificate() {
    assert_eq!(container("P-256", |cms| cms.sid = seq(&[&common_name("sub"), &element(INTEGER, &[9, 9])])), Err("ENV-8"));
    assert_eq!(container("P-256", |cms| cms.sid = seq(&[&common_name("bus"), &element(INTEGER, &[1, 2, 10])])), Err("ENV-8"));
    // Another certificate of the same name and number, and the leaf twice.
    let chain = Chain::new("P-256");
    let mut twin = Chain::new("P-384");
    twin.leaf.signed_by(chain.leaf.signer, "sha384");
    for other in [twin.leaf.bytes(), chain.leaf.bytes()] {
        let leaf = chain.leaf.bytes();
        let cms = Cms::new(&chain, &leaf, &[chain.sub.bytes(), other]);
        assert_eq!(judged(&cms.bytes(), &[chain.root.bytes()], TIME), Err("ENV-8"));
    }
}

#[test]
fn an_authority_may_stand_twice_and_is_listed_twice() {
    let chain = Chain::new("P-256");
    let sub = chain.sub.bytes();
    let cms = Cms::new(&chain, &chain.leaf.bytes(), &[sub.clone(), sub]);
    assert_eq!(judged(&cms.bytes(), &[chain.root.bytes()], TIME), good());
}

#[test]
fn algorithms_are_those_of_the_key() {
    assert_eq!(container("P-256", |cms| cms.digests = element(SET, &digest("sha384"))), Err("ENV-10"));
    assert_eq!(container("P-256", |cms| cms.digest = digest("sha384")), Err("ENV-10"));
    assert_eq!(container("P-256", |cms| cms.algorithm = ecdsa("sha384")), Err("ENV-10"));
    assert_eq!(container("P-384", |cms| cms.algorithm = ecdsa("sha256")), Err("ENV-10"));
    assert_eq!(container("P-521", |cms| cms.algorithm = ecdsa("sha384")), Err("ENV-10"));
    assert_eq!(container("P-256", |cms| cms.digest = algorithm("2.16.840.1.101.3.4.2.1", &NULL)), Err("ENV-10"));
    assert_eq!(container("rsa:2048", |cms| cms.algorithm = rsa("sha512")), Err("ENV-10"));
    // The trailer field, written although it is the default.
    let trailer = element(0xA3, &element(INTEGER, &[1]));
    assert_eq!(
        container("rsa:2048", |cms| {
            let inside = verifier::asn1::all(verifier::asn1::only(&cms.algorithm, SEQUENCE).unwrap()).unwrap()[1].content.to_vec();
            cms.algorithm = algorithm("1.2.840.113549.1.1.10", &seq(&[&inside, &trailer]));
        }),
        Err("ENV-10")
    );
}

#[test]
fn four_attributes_with_one_value_that_can_be_read() {
    for kind in 0..4 {
        assert_eq!(container("P-256", |cms| drop(cms.attributes.remove(kind))), Err("ENV-11"), "without {kind}");
        assert_eq!(container("P-256", |cms| cms.attributes.push(cms.attributes[kind].clone())), Err("ENV-11"), "{kind} twice");
    }
    assert_eq!(container("P-256", |cms| cms.attributes.push(attribute("1.2.3.4", &NULL))), Err("ENV-11"));
    assert_eq!(container("P-256", |cms| cms.attribute(CONTENT_TYPE, &oid("1.2.840.113549.1.7.2"))), Err("ENV-11"));
    assert_eq!(
        container("P-256", |cms| cms.attribute(CONTENT_TYPE, &[oid("1.2.840.113549.1.7.1"), NULL.to_vec()].concat())),
        Err("ENV-11")
    );
    assert_eq!(container("P-256", |cms| cms.attribute(CONTENT_TYPE, &[])), Err("ENV-11"));
}

#[test]
fn signing_times() {
    let with = |tag: u8, text: &str| container("P-256", |cms| cms.attribute(SIGNING_TIME, &element(tag, text.as_bytes())));
    for (tag, text) in
        [(0x17, "700101000000Z"), (0x17, "491231235959Z"), (0x17, "240229000000Z"), (0x18, "20500101000000Z"), (0x18, "99991231235959Z")]
    {
        assert_eq!(with(tag, text), good(), "{text}");
    }
    let utc = ["691231235959Z", "500101000000Z", "260229000000Z", "261118240000Z", "261118120060Z", "2611181200Z", "261118120000+0000", ""];
    let general = ["20491231235959Z", "20500101000000.5Z", "20500101000000", "19700101000000Z"];
    for (tag, text) in utc.map(|text| (0x17, text)).into_iter().chain(general.map(|text| (0x18, text))) {
        assert_eq!(with(tag, text), Err("ENV-11"), "{text}");
    }
    assert_eq!(with(UTF8, "261118120000Z"), Err("ENV-11"));
}

#[test]
fn another_content() {
    let chain = Chain::new("P-256");
    let bytes = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]).bytes();
    let rule = accept(&bytes, b"another", &Anchors::new(&[chain.root.bytes()]), TIME).map_err(|fault| fault.rule);
    assert_eq!(rule, Err("ENV-12"));
}

#[test]
fn certificates_are_listed() {
    let chain = Chain::new("P-256");
    let (leaf, sub, root) = (chain.leaf.bytes(), chain.sub.bytes(), chain.root.bytes());
    let mut others = [&sub, &root];
    others.sort();
    let with = |list: &[&[u8]]| {
        let mut cms = Cms::new(&chain, &leaf, &[sub.clone(), root.clone()]);
        cms.attribute(SIGNING_CERTIFICATE, &listed(list));
        judged(&cms.bytes(), &[root.clone()], TIME)
    };
    assert_eq!(with(&[&leaf, others[0], others[1]]), good());
    for list in [&[leaf.as_slice()][..], &[&leaf, others[0]], &[&leaf, others[1], others[0]], &[others[0], &leaf, others[1]], &[]] {
        assert_eq!(with(list), Err("ENV-13"));
    }
    assert_eq!(with(&[&leaf, others[0], others[1], others[1]]), Err("ENV-13"));
}

/// r and s as numbers of the test's choice.
fn with_numbers(kind: &'static str, r: Vec<u8>, s: Vec<u8>) -> crate::Judged {
    let pair = seq(&[&element(INTEGER, &r), &element(INTEGER, &s)]);
    container(kind, |cms| cms.sign = Some(Box::new(move |_| pair.clone())))
}

#[test]
fn numbers_below_the_order_and_s_in_the_lower_half() {
    for (kind, order, half) in halves() {
        let number = |value: &[u8], more: u8| {
            let mut value = value.to_vec();
            *value.last_mut().unwrap() += more;
            let value: Vec<u8> = value.into_iter().skip_while(|byte| *byte == 0).collect();
            if value[0] >= 0x80 { [vec![0], value].concat() } else { value }
        };
        let mut below = order.clone();
        *below.last_mut().unwrap() -= 1;
        // What is in form does not verify.
        assert_eq!(with_numbers(kind, number(&below, 0), number(&half, 0)), Err("ENV-17"), "{kind}");
        assert_eq!(with_numbers(kind, vec![1], number(&half, 1)), Err("ENV-15"), "{kind}");
        assert_eq!(with_numbers(kind, vec![1], number(&below, 0)), Err("ENV-15"), "{kind}");
        for (r, s) in [(number(&order, 0), vec![1]), (vec![1], number(&order, 0)), (vec![0], vec![1]), (vec![1], vec![0])] {
            assert_eq!(with_numbers(kind, r, s), Err("ENV-14"), "{kind}");
        }
        for lax in [vec![0, 1], vec![0x81], vec![]] {
            assert_eq!(with_numbers(kind, lax.clone(), vec![1]), Err("ENV-14"), "{kind}");
            assert_eq!(with_numbers(kind, vec![1], lax), Err("ENV-14"), "{kind}");
        }
        let wide = [vec![1], vec![0; 66]].concat();
        assert_eq!(with_numbers(kind, wide, vec![1]), Err("ENV-14"), "{kind}");
    }
    for odd in
        [element(SET, &[2, 1, 1, 2, 1, 1]), seq(&[&[2, 1, 1]]), seq(&[&[2, 1, 1, 2, 1, 1, 2, 1, 1]]), vec![0x30, 6, 2, 1, 1, 2, 1, 1, 0]]
    {
        assert_eq!(container("P-256", |cms| cms.sign = Some(Box::new(move |_| odd.clone()))), Err("ENV-14"));
    }
}

/// Whoever sees a container can compute n - s, and that verifies too.
#[test]
fn the_other_s_of_a_good_signature() {
    let key = crate::openssl::key("leaf", "P-256");
    let (_, order, _) = halves().into_iter().next().unwrap();
    let rule = container("P-256", move |cms| {
        cms.sign = Some(Box::new(move |signed| {
            let (r, s) = numbers(&sign(key, signed));
            let s = [vec![0; 32 - s.len()], s].concat();
            let mut borrow = 0;
            let mut other: Vec<u8> = order
                .iter()
                .zip(&s)
                .rev()
                .map(|(n, s)| {
                    let difference = i16::from(*n) - i16::from(*s) - borrow;
                    borrow = i16::from(difference < 0);
                    difference.rem_euclid(256) as u8
                })
                .collect();
            other.reverse();
            let unsigned = |value: Vec<u8>| if value[0] >= 0x80 { [vec![0], value].concat() } else { value };
            seq(&[&element(INTEGER, &unsigned(r)), &element(INTEGER, &unsigned(other))])
        }));
    });
    assert_eq!(rule, Err("ENV-15"));
}

#[test]
fn rsa_signatures() {
    let key = crate::openssl::key("leaf", "rsa:2048");
    let with = |make: fn(&crate::openssl::Key, &[u8]) -> Vec<u8>| {
        container("rsa:2048", move |cms| cms.sign = Some(Box::new(move |signed| make(key, signed))))
    };
    assert_eq!(with(|key, signed| key.sign_pss("sha512", 64, signed)), good());
    assert_eq!(with(|key, signed| key.sign_pss("sha512", 32, signed)), Err("ENV-17"));
    assert_eq!(with(|key, signed| key.sign_pss("sha256", 32, signed)), Err("ENV-17"));
    assert_eq!(with(|key, signed| key.sign("sha512", signed)), Err("ENV-17"));
    assert_eq!(with(|key, signed| [vec![0], sign(key, signed)].concat()), Err("ENV-14"));
    assert_eq!(with(|key, signed| sign(key, signed)[1..].to_vec()), Err("ENV-14"));
}

#[test]
fn every_byte_is_prescribed() {
    assert_eq!(container("P-256", |cms| cms.version = element(INTEGER, &[3])), Err("ENV-16"));
    assert_eq!(container("P-256", |cms| cms.signer_version = element(INTEGER, &[3])), Err("ENV-16"));
    assert_eq!(container("P-256", |cms| cms.info = seq(&[&oid("1.2.840.113549.1.7.6")])), Err("ENV-16"));
    assert_eq!(
        container("P-256", |cms| {
            cms.attributes.sort();
            cms.attributes.reverse();
            cms.sorted = false;
        }),
        Err("ENV-16")
    );
    let chain = Chain::new("P-256");
    let honest = Cms::new(&chain, &chain.leaf.bytes(), &[chain.sub.bytes()]).bytes();
    let anchors = Anchors::new(&[chain.root.bytes()]);
    for position in 0..honest.len() {
        for bit in [0x01, 0x80] {
            let mut changed = honest.clone();
            changed[position] ^= bit;
            assert!(accept(&changed, CONTENT, &anchors, TIME).is_err(), "byte {position}");
        }
    }
}

#[test]
fn a_signature_of_something_else() {
    let key = crate::openssl::key("leaf", "P-256");
    assert_eq!(container("P-256", move |cms| cms.sign = Some(Box::new(move |_| sign(key, b"haal/1/login")))), Err("ENV-17"));
    // With the tag [0], as the attributes are sent.
    assert_eq!(
        container("P-256", move |cms| cms.sign = Some(Box::new(move |signed| sign(key, &[&[0xA0], &signed[1..]].concat())))),
        Err("ENV-17")
    );
    let other = crate::openssl::key("other", "P-256");
    assert_eq!(container("P-256", move |cms| cms.sign = Some(Box::new(move |signed| sign(other, signed)))), Err("ENV-17"));
}
