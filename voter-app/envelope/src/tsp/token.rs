//! The layers around a time stamp: TimeStampResp and CMS SignedData, as far as they are read.

use aws_lc_rs::digest::{Algorithm, SHA256};
use der::asn1::{Any, AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::Certificate;
use crate::tlv;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(super) const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
pub(super) const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// By the length of the hash: PKCS#1 v1.5 and ECDSA.
const BY_HASH: [(usize, ObjectIdentifier, ObjectIdentifier); 3] = [
    (32, ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2")),
    (48, ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3")),
    (64, ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4")),
];

/// What is read of an answer.
pub(super) struct Token<'a> {
    /// The TSTInfo in DER.
    pub content: &'a [u8],
    pub certificates: Option<Vec<AnyRef<'a>>>,
    pub signer: SignerInfo<'a>,
}

#[derive(Sequence)]
struct Response<'a> {
    status: AnyRef<'a>,
    #[asn1(optional = "true")]
    token: Option<ContentInfo<'a>>,
}

#[derive(Sequence)]
struct ContentInfo<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: SignedData<'a>,
}

#[derive(Sequence)]
struct SignedData<'a> {
    version: u8,
    digests: AnyRef<'a>,
    encapsulated: Encapsulated<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<Vec<AnyRef<'a>>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    crls: Option<Vec<AnyRef<'a>>>,
    signers: AnyRef<'a>,
}

#[derive(Sequence)]
struct Encapsulated<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: &'a OctetStringRef,
}

/// The attributes are kept in the order in which they stand, as they were signed.
#[derive(Sequence)]
pub(super) struct SignerInfo<'a> {
    version: u8,
    pub identifier: AnyRef<'a>,
    pub digest: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub attributes: Option<Vec<AnyRef<'a>>>,
    algorithm: AlgorithmIdentifierOwned,
    pub signature: &'a OctetStringRef,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    unsigned: Option<Vec<AnyRef<'a>>>,
}

#[derive(Sequence)]
struct IssuerAndSerialNumber {
    issuer: Name,
    serial_number: SerialNumber,
}

#[derive(Sequence)]
struct Attribute<'a> {
    kind: ObjectIdentifier,
    values: AnyRef<'a>,
}

impl<'a> Token<'a> {
    /// TSP-1, but for the content.
    pub fn read(answer: &'a [u8]) -> Option<Self> {
        let Response { status, token } = Response::from_der(answer).ok()?;
        let status = tlv::elements(status.value()).ok().filter(|_| status.tag() == Tag::Sequence)?;
        if status.first()?.decode_as::<u8>().ok()? != 0 {
            return None;
        }
        let ContentInfo { kind, content: data } = token?;
        if kind != SIGNED_DATA || data.encapsulated.kind != TST_INFO || data.signers.tag() != Tag::Set {
            return None;
        }
        let signers = tlv::elements(data.signers.value()).ok()?;
        let [signer] = signers.as_slice() else { return None };
        let signer = signer.decode_as().ok()?;
        Some(Self { content: data.encapsulated.content.as_bytes(), certificates: data.certificates, signer })
    }
}

/// Issuer and serial number, as CMS names a signer.
pub(super) fn identifier(certificate: &Certificate) -> der::Result<Vec<u8>> {
    let signed = certificate.signed();
    IssuerAndSerialNumber { issuer: signed.issuer().clone(), serial_number: signed.serial_number().clone() }.to_der()
}

/// The only value of the only attribute of this kind.
pub(super) fn value<'a>(attributes: &[AnyRef<'a>], kind: ObjectIdentifier) -> Option<AnyRef<'a>> {
    let read = attributes.iter().map(|any| any.decode_as::<Attribute<'_>>().ok()).collect::<Option<Vec<_>>>()?;
    let mut found = read.iter().filter(|attribute| attribute.kind == kind);
    let (Some(attribute), None) = (found.next(), found.next()) else { return None };
    let values = tlv::elements(attribute.values.value()).ok().filter(|_| attribute.values.tag() == Tag::Set)?;
    match values.as_slice() {
        [value] => Some(*value),
        _ => None,
    }
}

/// Algorithm and hash of the first ESSCertIDv2 of a SigningCertificateV2.
pub(super) fn first_certificate_hash(value: AnyRef<'_>) -> Option<(&'static Algorithm, &OctetStringRef)> {
    let sequence = |any: &AnyRef<'_>| any.tag() == Tag::Sequence;
    let certificates = *tlv::elements(value.value()).ok().filter(|_| sequence(&value))?.first().filter(|any| sequence(any))?;
    let first = *tlv::elements(certificates.value()).ok()?.first().filter(|any| sequence(any))?;
    let fields = tlv::elements(first.value()).ok()?;
    match fields.as_slice() {
        [hash, value, ..] if sequence(hash) => Some((tlv::hash(&hash.decode_as().ok()?)?, value.decode_as().ok()?)),
        [value, ..] => Some((&SHA256, value.decode_as().ok()?)),
        [] => None,
    }
}

/// What is signed: the attributes with the tag of SET OF.
pub(super) fn signed_attributes(attributes: &[AnyRef<'_>]) -> Option<Vec<u8>> {
    let content = attributes.iter().map(Encode::to_der).collect::<der::Result<Vec<_>>>().ok()?.concat();
    Any::new(Tag::Set, content).ok()?.to_der().ok()
}

/// How the stamper signed, if it is with the hash of the digest algorithm: `rsaEncryption` leaves the hash to that.
pub(super) fn signature_algorithm(signer: &SignerInfo<'_>) -> Option<AlgorithmIdentifierOwned> {
    let length = tlv::hash(&signer.digest)?.output_len();
    let (_, rsa, ecdsa) = *BY_HASH.iter().find(|row| row.0 == length)?;
    if signer.algorithm == tlv::with_null(RSA_ENCRYPTION) {
        return Some(tlv::with_null(rsa));
    }
    (signer.algorithm.oid == rsa || signer.algorithm.oid == ecdsa).then(|| signer.algorithm.clone())
}
