//! Forged containers, taken apart and put together by another CMS library.

#![allow(dead_code, clippy::unwrap_used)]

use cms::cert::CertificateChoices;
use cms::cert::x509::attr::Attribute;
use cms::content_info::ContentInfo;
use cms::signed_data::{CertificateSet, SignedData, SignerInfo, SignerInfos};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode};
use envelope::{EnvelopeError, Identity, cades};

use crate::common::pki::{P256, TestPki};
use crate::common::{NOW, signer, test_pki};

/// What is signed.
pub const CONTENT: &[u8] = b"a ballot";

pub const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
pub const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// The inside of a container.
pub fn open(container: &[u8]) -> SignedData {
    ContentInfo::from_der(container).unwrap().content.decode_as().unwrap()
}

/// A container around a changed inside, its signatures left as they are.
pub fn close(data: &SignedData) -> Vec<u8> {
    let content_type = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    ContentInfo { content_type, content: Any::encode_from(data).unwrap() }.to_der().unwrap()
}

/// Changes the only signer.
pub fn change_signer(data: &mut SignedData, change: impl FnOnce(&mut SignerInfo)) {
    let mut signer = data.signer_infos.0.get(0).unwrap().clone();
    change(&mut signer);
    data.signer_infos = SignerInfos::try_from(vec![signer]).unwrap();
}

/// Signs the signed attributes again, so that only the rule under test is broken.
pub fn sign_again(signer: &mut SignerInfo, identity: &Identity) {
    let signed = signer.signed_attrs.as_ref().unwrap().to_der().unwrap();
    signer.signature = OctetString::new(identity.sign(&signed).unwrap()).unwrap();
}

/// A container whose signed attributes were changed and then signed by the same voter.
pub fn with_attributes(container: &[u8], identity: &Identity, change: impl FnOnce(&mut Vec<Attribute>)) -> Vec<u8> {
    let mut data = open(container);
    change_signer(&mut data, |signer| {
        let mut attributes = signer.signed_attrs.clone().unwrap().into_vec();
        change(&mut attributes);
        signer.signed_attrs = Some(SetOfVec::try_from(attributes).unwrap());
        sign_again(signer, identity);
    });
    close(&data)
}

/// An attribute with one value given in DER.
pub fn attribute(oid: ObjectIdentifier, value: &[u8]) -> Attribute {
    Attribute { oid, values: SetOfVec::try_from(vec![Any::from_der(value).unwrap()]).unwrap() }
}

/// A P-256 voter and their container.
pub fn signed() -> (TestPki, Identity, Vec<u8>) {
    let pki = test_pki();
    let voter = signer(&pki, P256);
    let container = cades::sign(CONTENT, &voter, NOW).unwrap();
    (pki, voter, container)
}

/// Why a container around `CONTENT` is refused.
pub fn refusal(container: &[u8]) -> EnvelopeError {
    cades::verify(CONTENT, container).unwrap_err()
}

/// A container with a changed inside, not signed again.
pub fn changed(container: &[u8], change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
    let mut data = open(container);
    change(&mut data);
    close(&data)
}

/// A certificate set.
pub fn certificates(list: &[&[u8]]) -> Option<CertificateSet> {
    let choice = |der: &&[u8]| CertificateChoices::Certificate(cms::cert::x509::Certificate::from_der(der).unwrap());
    Some(CertificateSet::try_from(list.iter().map(choice).collect::<Vec<_>>()).unwrap())
}
