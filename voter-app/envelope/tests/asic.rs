//! ASiC-E containers: what is accepted, each rule broken alone, and other programs' opinion. Spec: 07b-asic-e.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::process::Command;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA512, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::{Certificate, EnvelopeError, Identity, Profile, asic, cades};

mod common;

use common::pki::{Algorithm, P256, P384, Person, TestPki, Use};
use common::{NOW, anchors, chain, identity, signer, test_pki};

const CONTENT: &[u8] = b"a ballot\r\nwith any bytes \x00\xff PK\x05\x06";
const P521: Algorithm = &rcgen::PKCS_ECDSA_P521_SHA512;

fn sign(content: &[u8], identity: &Identity) -> Vec<u8> {
    let draft = Profile::AsicE.draft(content, identity.certificate(), identity.intermediates(), NOW).unwrap();
    draft.finish(&identity.sign(draft.message()).unwrap()).unwrap()
}

fn refusal(container: &[u8]) -> EnvelopeError {
    asic::verify(CONTENT, container).unwrap_err()
}

/// A container whose last text is changed; sums and lengths of the ZIP are mended, so that only the text is wrong.
fn rewritten(container: &[u8], change: impl FnOnce(String) -> String) -> Vec<u8> {
    let last = |mark: [u8; 4]| container.windows(4).rposition(|window| window == mark).unwrap();
    let (head, directory, end) = (last([0x50, 0x4b, 3, 4]), last([0x50, 0x4b, 1, 2]), last([0x50, 0x4b, 5, 6]));
    let begin = container[end + 16..end + 20].try_into().map(u32::from_le_bytes).unwrap() as usize;
    let data = head + 30 + "META-INF/signatures0.xml".len();
    let text = change(String::from_utf8(container[data..begin].to_vec()).unwrap()).into_bytes();
    let (sum, length) = (crc32(&text).to_le_bytes(), (text.len() as u32).to_le_bytes());
    let described = [sum, length, length].concat();
    let mut out = container[..data].to_vec();
    out[head + 14..head + 26].copy_from_slice(&described);
    out.extend(&text);
    let moved = (out.len() as u32).to_le_bytes();
    let mut tail = container[begin..].to_vec();
    tail[directory - begin + 16..directory - begin + 28].copy_from_slice(&described);
    tail[end - begin + 16..end - begin + 20].copy_from_slice(&moved);
    [out, tail].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()));
    !bytes.iter().fold(u32::MAX, step)
}

fn between(text: &str, from: &str, to: &str) -> String {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
}

const VALUE: (&str, &str) = ("<ds:SignatureValue Id=\"S0-SIG\">", "</ds:SignatureValue>");

/// Puts another signature in, in base64.
fn with_signature(container: &[u8], change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    rewritten(container, |text| {
        let old = between(&text, VALUE.0, VALUE.1);
        text.replace(&old, &STANDARD.encode(change(STANDARD.decode(&old).unwrap())))
    })
}

#[test]
fn round_trip_with_every_kind_of_key() {
    let pki = test_pki();
    for algorithm in [P256, P384, P521] {
        let credential = pki.voter(&Person::numbered(1), algorithm).unwrap().sign;
        for chain in [credential.chain_pem.clone(), credential.chain_pem.clone() + &pki.root.pem()] {
            let voter = Identity::from_pem(&credential.key_pem, &chain).unwrap();
            let container = sign(CONTENT, &voter);
            assert_eq!(rewritten(&container, |text| text), container, "the helper changes nothing by itself");
            let signed = asic::verify(CONTENT, &container).unwrap();
            assert_eq!((signed.signing_time(), signed.certificate()), (NOW, voter.certificate()));
            assert_eq!(signed.accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));
            println!("{} bytes with {} certificates", container.len() - CONTENT.len(), voter.intermediates().len() + 1);
        }
    }
    let credential = pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), &rcgen::PKCS_RSA_SHA256).unwrap();
    let (_, key) = der::SecretDocument::from_pem(&credential.key_pem).unwrap();
    let (key, (leaf, above)) = (RsaKeyPair::from_pkcs8(key.as_bytes()).unwrap(), chain(&credential));
    let draft = asic::Draft::new(CONTENT, &leaf, &above, NOW).unwrap();
    let mut made = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PSS_SHA512, &SystemRandom::new(), draft.message(), &mut made).unwrap();
    let container = draft.finish(&made).unwrap();
    assert_eq!(asic::verify(CONTENT, &container).unwrap().accept(&anchors(&pki), NOW), Ok("PNOEE-60000000001"));
    assert_eq!(refusal(&with_signature(&container, |raw| raw[1..].to_vec())), EnvelopeError::SignatureEncoding, "ENV-14");
}

#[test]
fn nobody_makes_a_second_container_of_a_first() {
    let container = sign(CONTENT, &signer(&test_pki(), P256));
    for at in 0..container.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = container.clone();
            changed[at] ^= flip;
            assert!(asic::verify(CONTENT, &changed).is_err(), "byte {at} ^ {flip:#04x}");
        }
    }
    assert_eq!(refusal(&[container.as_slice(), &[0]].concat()), EnvelopeError::Layout, "ENV-16: a comment");
    assert_eq!(asic::verify(b"another", &container), Err(EnvelopeError::Malformed), "ENV-2");
    assert_eq!(asic::verify(&CONTENT[1..], &container), Err(EnvelopeError::Malformed), "ENV-2");
    for cut in [0, 1, 100, container.len() - 1] {
        assert!(asic::verify(CONTENT, &container[..cut]).is_err());
    }
}

/// An election has one profile: neither takes the other's container.
#[test]
fn profiles_do_not_mix() {
    let voter = signer(&test_pki(), P256);
    let (cms, zip) = (cades::sign(CONTENT, &voter, NOW).unwrap(), sign(CONTENT, &voter));
    assert!(Profile::CadesB.verify(CONTENT, &cms).is_ok() && Profile::AsicE.verify(CONTENT, &zip).is_ok());
    assert!(Profile::CadesB.verify(CONTENT, &zip).is_err() && Profile::AsicE.verify(CONTENT, &cms).is_err());
}

#[test]
fn lengths() {
    let container = sign(CONTENT, &signer(&test_pki(), P256));
    let longest = CONTENT.len() + asic::MAX_EXTRA;
    assert_eq!(Profile::AsicE.longest(CONTENT.len()), longest);
    let padded = |length: usize| [container.clone(), vec![0; length - container.len()]].concat();
    assert_eq!(refusal(&padded(longest)), EnvelopeError::Layout);
    assert_eq!(refusal(&padded(longest + 1)), EnvelopeError::TooLong, "ENV-1");
}

#[test]
fn texts_that_are_missing() {
    let container = sign(CONTENT, &signer(&test_pki(), P256));
    for (from, to) in [
        ("<xades:SigningTime>", "<xades:SigningTime >"),
        ("T14:13:20Z", "T14:13:60Z"),
        ("<ds:SignatureValue Id=\"S0-SIG\">", "<ds:SignatureValue Id=\"S0-SIG\">!"),
        ("<ds:X509Data>", "<ds:X509Data >"),
        ("<ds:X509Certificate>", "<ds:X509Certificate>!"),
        ("<ds:Signature Id=\"S0\">", "<ds:Signature Id=\"S1\">"),
    ] {
        let mut changed = false;
        let bytes = rewritten(&container, |text| {
            changed = text.contains(from);
            text.replacen(from, to, 1)
        });
        assert!(changed, "{from}");
        assert_eq!(refusal(&bytes), EnvelopeError::Malformed, "ENV-2: {to}");
    }
}

#[test]
fn certificates() {
    let pki = test_pki();
    let voter = signer(&pki, P256);
    let container = sign(CONTENT, &voter);
    let one = |der: &[u8]| format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(der));
    let with = |list: &[&[u8]]| {
        let list: String = list.iter().map(|der| one(der)).collect();
        rewritten(&container, |text| {
            let old = between(&text, "<ds:X509Data>", "</ds:X509Data>");
            text.replace(&old, &list)
        })
    };
    let (leaf, issuing) = (voter.certificate().as_der(), voter.intermediates()[0].as_der());
    assert_eq!(with(&[leaf, issuing]), container);
    assert_eq!(refusal(&with(&[])), EnvelopeError::CertificateCount, "ENV-7");
    assert_eq!(refusal(&with(&[leaf; 5])), EnvelopeError::CertificateCount, "ENV-7");
    assert_eq!(refusal(&with(&[leaf, &issuing[1..]])), EnvelopeError::CertificateMalformed, "ENV-20");
    assert_eq!(refusal(&with(&[leaf])), EnvelopeError::Layout, "ENV-16: an authority left out");
    assert_eq!(refusal(&with(&[leaf, issuing, pki.root_der()])), EnvelopeError::Layout, "ENV-16: one put in");
    assert!(asic::verify(CONTENT, &with(&[issuing, leaf])).is_err(), "the leaf comes first");
    let edwards = chain(&pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), &rcgen::PKCS_ED25519).unwrap()).0;
    assert_eq!(refusal(&with(&[edwards.as_der(), issuing])), EnvelopeError::KeyType, "ENV-9");
    // Another certificate for the same key and person: the signed hash is of the first.
    let again = chain(&pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), P256).unwrap()).0;
    assert_eq!(refusal(&with(&[again.as_der(), issuing])), EnvelopeError::Layout, "ENV-16");

    let three = Identity::from_pem(&pki.voter(&Person::numbered(1), P256).unwrap().sign.key_pem, "");
    assert_eq!(three.unwrap_err(), EnvelopeError::CertificateFile);
}

#[test]
fn order_of_the_other_certificates() {
    let pki = test_pki();
    let credential = pki.voter(&Person::numbered(1), P256).unwrap().sign;
    let voter = Identity::from_pem(&credential.key_pem, &(credential.chain_pem.clone() + &pki.root.pem())).unwrap();
    let container = sign(CONTENT, &voter);
    let bytes = rewritten(&container, |text| {
        let old = between(&text, "<ds:X509Data>", "</ds:X509Data>");
        let mut list: Vec<&str> = old.split_inclusive("</ds:X509Certificate>").collect();
        list.swap(1, 2);
        text.replace(&old, &list.concat())
    });
    assert!(bytes.len() == container.len() && bytes != container);
    assert_eq!(refusal(&bytes), EnvelopeError::Layout, "ENV-16");
}

#[test]
fn signatures() {
    let pki = test_pki();
    let (voter, other) = (signer(&pki, P256), signer(&pki, P256));
    let container = sign(CONTENT, &voter);
    // (r, n - s), which anyone can compute.
    let order = u256("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let high = with_signature(&container, |raw| [&raw[..32], &minus(&order, &raw[32..])].concat());
    assert_eq!(refusal(&high), EnvelopeError::HighS, "ENV-15");
    for change in
        [|raw: Vec<u8>| raw[..63].to_vec(), |raw: Vec<u8>| [raw, vec![0]].concat(), |_| vec![0; 64], |_| vec![0xff; 64], |_| Vec::new()]
    {
        assert_eq!(refusal(&with_signature(&container, change)), EnvelopeError::SignatureEncoding, "ENV-14");
    }
    // A good signature of another key, and one of the same key over another time.
    let strange = sign(CONTENT, &other);
    let value = |container: &[u8]| {
        let mut found = String::new();
        rewritten(container, |text| {
            found = between(&text, VALUE.0, VALUE.1);
            text
        });
        STANDARD.decode(found).unwrap()
    };
    assert_eq!(refusal(&with_signature(&container, |_| value(&strange))), EnvelopeError::Signature, "ENV-17");
    let draft = Profile::AsicE.draft(CONTENT, voter.certificate(), voter.intermediates(), NOW + 1).unwrap();
    let later = draft.finish(&voter.sign(draft.message()).unwrap()).unwrap();
    assert_eq!(refusal(&with_signature(&container, |_| value(&later))), EnvelopeError::Signature, "ENV-17");
    assert_eq!(draft.finish(&other.sign(draft.message()).unwrap()), Err(EnvelopeError::Signature), "ENV-17");
    assert_eq!(asic::Draft::new(CONTENT, voter.certificate(), &[], 253_402_300_800).err(), Some(EnvelopeError::SigningTime), "ENV-45");
    let four: Vec<Certificate> = std::iter::repeat_n(voter.intermediates()[0].clone(), 4).collect();
    assert_eq!(asic::Draft::new(CONTENT, voter.certificate(), &four, NOW).err(), Some(EnvelopeError::CertificateCount), "ENV-7");
}

fn u256(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0i16;
    let mut out = vec![0; a.len()];
    for at in (0..a.len()).rev() {
        let difference = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(difference < 0);
        out[at] = difference.rem_euclid(256) as u8;
    }
    out
}

/// Changes of the text that another XML program would forgive.
#[test]
fn what_xml_forgives_is_refused() {
    let container = sign(CONTENT, &signer(&test_pki(), P256));
    for (from, to) in [
        ("</ds:DigestMethod>", "</ds:DigestMethod> "),
        ("<ds:Object>", "<!-- --><ds:Object>"),
        ("<ds:Object>", "<ds:Object Id=\"a\">"),
        ("<ds:KeyInfo>", "<ds:KeyInfo>\n"),
        ("></ds:SignatureMethod>", "/>"),
        ("URI=\"ballot.bin\"", "URI='ballot.bin'"),
        ("</ds:Object>", "</ds:Object><ds:Object></ds:Object>"),
        ("</asic:XAdESSignatures>", "<ds:Signature Id=\"S1\"></ds:Signature></asic:XAdESSignatures>"),
        ("</xades:QualifyingProperties>", "<xades:UnsignedProperties></xades:UnsignedProperties></xades:QualifyingProperties>"),
        ("ecdsa-sha256", "ecdsa-sha384"),
        ("application/octet-stream</xades", "text/plain</xades"),
        ("xml-c14n11\"></ds:Transform>", "xml-exc-c14n#\"></ds:Transform>"),
    ] {
        let mut changed = false;
        let bytes = rewritten(&container, |text| {
            changed = text.contains(from);
            text.replacen(from, to, 1)
        });
        assert!(changed, "{from}");
        assert_eq!(refusal(&bytes), EnvelopeError::Layout, "ENV-16: {to}");
    }
}

/// Python's ZIP and xmlsec1, which canonicalises in its own way, agree; and xmlsec1 refuses another ballot.
#[test]
fn other_programs_read_it() {
    let pki = test_pki();
    for algorithm in [P256, P384, P521] {
        let voter = signer_of(&pki, algorithm);
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("signed.asice"), sign(CONTENT, &voter)).unwrap();
        fs::write(file("root.pem"), pki.root.pem()).unwrap();
        let run = |program: &str, arguments: &str| {
            let out = Command::new(program).args(arguments.split(' ')).current_dir(folder.path()).output();
            out.map(|out| (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()))
        };
        let Ok((fine, text)) = run("python3", "-m zipfile -e signed.asice .") else { return eprintln!("SKIPPED: python3 cannot be run") };
        assert!(fine, "{text}");
        let Ok((fine, text)) = run("python3", "-m zipfile -t signed.asice") else { return };
        assert!(fine && !text.contains("corrupt"), "{text}");
        assert_eq!(fs::read(file("ballot.bin")).unwrap(), CONTENT);
        assert_eq!(fs::read(file("mimetype")).unwrap(), b"application/vnd.etsi.asic-e+zip");
        let verify = format!(
            "--verify --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties --trusted-pem root.pem \
             --verification-gmt-time {} META-INF/signatures0.xml",
            "2026-09-21+14:13:20"
        );
        let Ok((fine, text)) = run("xmlsec1", &verify) else { return eprintln!("SKIPPED: xmlsec1 is not installed") };
        assert!(fine && text.contains("OK"), "{text}");
        fs::write(file("ballot.bin"), b"another").unwrap();
        assert!(!run("xmlsec1", &verify).unwrap().0, "xmlsec1 accepts another ballot");
    }
}

fn signer_of(pki: &TestPki, algorithm: Algorithm) -> Identity {
    identity(&pki.voter(&Person::numbered(1), algorithm).unwrap().sign)
}
