//! Each rule about what is signed and how, broken alone. ENV-11 to ENV-17; attack B04.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use cms::content_info::CmsVersion;
use der::Decode;
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use envelope::{EnvelopeError, cades};

mod common;
#[path = "common/forge.rs"]
mod forge;

use common::pki::{P256, P384};
use common::{NOW, other_half, signer, test_pki};
use forge::{CONTENT, attribute, certificates, change_signer, changed, open, refusal, sign_again, signed, with_attributes};

#[test]
fn signed_attributes() {
    let (_, voter, container) = signed();
    let year_1999 = [0x17, 13, b'9', b'9', b'0', b'1', b'0', b'1', b'0', b'0', b'0', b'0', b'0', b'0', b'Z'];
    let mut cases: Vec<Vec<u8>> = Vec::new();
    for missing in 0..4 {
        cases.push(with_attributes(&container, &voter, |list| drop(list.remove(missing))));
    }
    cases.push(with_attributes(&container, &voter, |list| {
        list.push(attribute(ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.15"), &[0x30, 0x00]));
    }));
    cases.push(with_attributes(&container, &voter, |list| {
        list.retain(|attribute| attribute.oid != forge::CONTENT_TYPE);
        list.push(attribute(ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.15"), &[0x30, 0x00]));
    }));
    cases.push(with_attributes(&container, &voter, |list| {
        // One attribute twice in place of another.
        list.retain(|attribute| attribute.oid != forge::CONTENT_TYPE);
        list.push(attribute(forge::SIGNING_TIME, &year_1999));
    }));
    cases.push(with_attributes(&container, &voter, |list| {
        let time = list.iter_mut().find(|attribute| attribute.oid == forge::SIGNING_TIME).unwrap();
        time.values.insert(Any::from_der(&year_1999).unwrap()).unwrap();
    }));
    cases.push(with_attributes(&container, &voter, |list| {
        list.retain(|attribute| attribute.oid != forge::SIGNING_TIME);
        list.push(attribute(forge::SIGNING_TIME, &[0x05, 0x00]));
    }));
    cases.push(changed(&container, |data| change_signer(data, |signer| signer.signed_attrs = None)));
    for bytes in cases {
        assert_eq!(refusal(&bytes), EnvelopeError::SignedAttributes, "ENV-11");
    }
}

#[test]
fn other_content() {
    let (_, _, container) = signed();
    for content in [&b"a ballot "[..], b"", b"A ballot"] {
        assert_eq!(cades::verify(content, &container).unwrap_err(), EnvelopeError::ContentDigest, "ENV-12");
    }
}

#[test]
fn certificate_binding() {
    let (pki, voter, container) = signed();
    let leaf = voter.certificate().as_der();
    // An authority taken away, added, or replaced: whoever forwards a container cannot change it.
    for set in [vec![leaf], vec![leaf, pki.issuing.der(), pki.root_der()], vec![leaf, pki.root_der()]] {
        let bytes = changed(&container, |data| data.certificates = certificates(&set));
        assert_eq!(refusal(&bytes), EnvelopeError::CertificateBinding, "ENV-13");
    }
    // The hash of another certificate, signed by the voter.
    let other = open(&cades::sign(CONTENT, &signer(&pki, P256), NOW).unwrap());
    let attributes = other.signer_infos.0.get(0).unwrap().signed_attrs.clone().unwrap();
    let bound = attributes.iter().find(|one| one.oid == forge::SIGNING_CERTIFICATE_V2).unwrap().clone();
    let bytes = with_attributes(&container, &voter, |list| {
        list.retain(|one| one.oid != forge::SIGNING_CERTIFICATE_V2);
        list.push(bound);
    });
    assert_eq!(refusal(&bytes), EnvelopeError::CertificateBinding, "ENV-13");
}

#[test]
fn signature_encoding() {
    let (_, _, container) = signed();
    let bytes = changed(&container, |data| {
        change_signer(data, |signer| {
            let longer = [signer.signature.as_bytes(), &[0]].concat();
            signer.signature = OctetString::new(longer).unwrap();
        });
    });
    assert_eq!(refusal(&bytes), EnvelopeError::SignatureEncoding, "ENV-14");
}

/// B04: `(r, n-s)` verifies in any library, and is refused here.
#[test]
fn the_other_half_of_a_signature() {
    let pki = test_pki();
    for algorithm in [P256, P384] {
        let container = cades::sign(CONTENT, &signer(&pki, algorithm), NOW).unwrap();
        let twice = changed(&container, |data| {
            change_signer(data, |signer| {
                let once = other_half(signer.signature.as_bytes(), algorithm);
                signer.signature = OctetString::new(other_half(&once, algorithm)).unwrap();
            });
        });
        assert_eq!(twice, container, "the helper negates");
        let bytes = changed(&container, |data| {
            change_signer(data, |signer| {
                let other = other_half(signer.signature.as_bytes(), algorithm);
                signer.signature = OctetString::new(other).unwrap();
            });
        });
        assert_eq!(refusal(&bytes), EnvelopeError::HighS, "ENV-15");
    }
}

#[test]
fn layout() {
    let (_, voter, container) = signed();
    let mut others = Vec::new();
    others.push(changed(&container, |data| data.version = CmsVersion::V3));
    others.push(changed(&container, |data| change_signer(data, |signer| signer.version = CmsVersion::V3)));
    others.push(changed(&container, |data| {
        data.encap_content_info.econtent_type = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
    }));
    others.push(changed(&container, |data| data.digest_algorithms = SetOfVec::new()));
    others.push(changed(&container, |data| {
        change_signer(data, |signer| signer.digest_alg.parameters = Some(Any::null()));
    }));
    // GeneralizedTime before 2050, and a content type which is not data: both signed by the voter.
    others.push(with_attributes(&container, &voter, |list| {
        list.retain(|one| one.oid != forge::SIGNING_TIME);
        list.push(attribute(forge::SIGNING_TIME, b"\x18\x0f20260921140640Z"));
    }));
    others.push(with_attributes(&container, &voter, |list| {
        list.retain(|one| one.oid != forge::CONTENT_TYPE);
        list.push(attribute(forge::CONTENT_TYPE, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"));
    }));
    // The two certificates in the wrong order of the SET.
    let mut set: Vec<_> = vec![voter.certificate().as_der(), voter.intermediates()[0].as_der()];
    set.sort_unstable();
    let (right, wrong) = (set.concat(), [set[1], set[0]].concat());
    let at = container.windows(right.len()).position(|window| window == right).unwrap();
    others.push([&container[..at], &wrong, &container[at + wrong.len()..]].concat());
    // Another outer content type of the same length.
    let mut envelope_type = container.clone();
    assert_eq!(envelope_type[14], 0x02);
    envelope_type[14] = 0x03;
    others.push(envelope_type);
    for (case, bytes) in others.iter().enumerate() {
        assert_eq!(refusal(bytes), EnvelopeError::Layout, "ENV-16, case {case}");
    }
}

#[test]
fn signature() {
    let (pki, _, container) = signed();
    // A good signature of another key, and a good signature over another signing time.
    let bytes = changed(&container, |data| change_signer(data, |it| sign_again(it, &signer(&pki, P256))));
    assert_eq!(refusal(&bytes), EnvelopeError::Signature, "ENV-17");
    let (_, voter, container) = signed();
    let later = open(&cades::sign(CONTENT, &voter, NOW + 1).unwrap()).signer_infos.0.get(0).unwrap().clone();
    let bytes = changed(&container, |data| change_signer(data, |signer| signer.signature = later.signature));
    assert_eq!(refusal(&bytes), EnvelopeError::Signature, "ENV-17");
}
