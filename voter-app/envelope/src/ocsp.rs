//! Whether a certificate was good when its ballot was cast: questions to an OCSP responder and its answers. Spec: 07c-evidence, OCSP.
//!
//! An answer is judged by the time of casting, offline, so that it says the same years later.

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use der::asn1::{AnyRef, BitString, GeneralizedTime, ObjectIdentifier, OctetString, OctetStringRef};
use der::{Decode, Encode, Enumerated, Sequence, Tag, TagNumber, Tagged};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::tlv::{self, MOST_BYTES, SHA1_OID};
use crate::{Certificate, SignedBy};

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const OCSP_ACCESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// Why an answer is no evidence that the certificate was good. One variant for each rule, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// No answer of the form, or one that says the responder cannot answer.
    #[error("OCSP-1: not one successful basic OCSP answer in DER")]
    Malformed,
    /// Answered by somebody who is neither the issuer nor delegated by it.
    #[error("OCSP-2: the responder is neither the issuer nor one that the issuer has delegated")]
    Responder,
    /// The signature does not verify.
    #[error("OCSP-3: the responder's signature does not verify")]
    Signature,
    /// About another certificate, or about several.
    #[error("OCSP-4: the answer is not about this certificate alone")]
    OtherCertificate,
    /// Revoked or suspended, or unknown to the responder.
    #[error("OCSP-5: the certificate is revoked, suspended or unknown")]
    NotGood,
    /// Too old, or from later.
    #[error("OCSP-6: the answer is too old or from a later time")]
    Time,
    /// The nonce is not that of this container.
    #[error("OCSP-7: the answer is not bound to this container by its nonce")]
    Nonce,
    /// A critical extension that is not understood.
    #[error("OCSP-8: the answer has a critical extension that is not understood")]
    CriticalExtension,
}

/// What the manifest asks of an answer. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// How old what the responder knew may be.
    pub age: u64,
    /// How far apart the clocks may be.
    pub clock: u64,
    /// The nonce that must be there, if one must.
    pub nonce: Option<[u8; 32]>,
}

#[derive(Sequence)]
struct Request {
    signed: RequestBody,
}

#[derive(Sequence)]
struct RequestBody {
    list: Vec<OneRequest>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct OneRequest {
    certificate: RequestedCertificate,
}

#[derive(Sequence)]
struct RequestedCertificate {
    hash: AlgorithmIdentifierOwned,
    issuer_name: OctetString,
    issuer_key: OctetString,
    serial_number: SerialNumber,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[repr(u8)]
enum ResponseStatus {
    Successful = 0,
    Malformed = 1,
    InternalError = 2,
    TryLater = 3,
    SignatureRequired = 5,
    Unauthorized = 6,
}

#[derive(Sequence)]
struct Response<'a> {
    status: ResponseStatus,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    bytes: Option<ResponseBytes<'a>>,
}

#[derive(Sequence)]
struct ResponseBytes<'a> {
    kind: ObjectIdentifier,
    basic: &'a OctetStringRef,
}

#[derive(Sequence)]
struct Basic<'a> {
    data: AnyRef<'a>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certificates: Option<Vec<AnyRef<'a>>>,
}

/// The version is the default and so left out; an explicit one stands where the responder's name must.
#[derive(Sequence)]
struct Data<'a> {
    responder: AnyRef<'a>,
    produced_at: GeneralizedTime,
    responses: Vec<Single<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct Single<'a> {
    certificate: CertificateId<'a>,
    status: AnyRef<'a>,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct CertificateId<'a> {
    hash: AlgorithmIdentifierRef<'a>,
    issuer_name: &'a OctetStringRef,
    issuer_key: &'a OctetStringRef,
    serial_number: SerialNumber,
}

/// The certificate that issued the signer's: one of the container's or of the trust anchors.
pub fn issuer<'a>(signed: &'a SignedBy, anchors: &'a [Certificate]) -> Option<&'a Certificate> {
    let leaf = signed.certificate();
    let mut all = anchors.iter().chain(signed.intermediates());
    all.find(|above| leaf.names_issuer(above) && leaf.verify_issued_by(above).is_ok())
}

/// The `http` URL of the responder that a certificate names.
pub fn responder_url(certificate: &Certificate) -> Option<String> {
    let (_, access) = certificate.signed().get_extension::<AuthorityInfoAccessSyntax>().ok()??;
    access.0.iter().find_map(|description| match &description.access_location {
        GeneralName::UniformResourceIdentifier(url) if description.access_method == OCSP_ACCESS && url.as_str().starts_with("http://") => {
            Some(url.as_str().to_owned())
        }
        _ => None,
    })
}

/// The question about `leaf`, as OCSPRequest in DER.
pub fn request(leaf: &Certificate, issuer: &Certificate, nonce: Option<&[u8; 32]>) -> Option<Vec<u8>> {
    let hash = &SHA1_FOR_LEGACY_USE_ONLY;
    let certificate = RequestedCertificate {
        hash: tlv::with_null(SHA1_OID),
        issuer_name: OctetString::new(tlv::digest(hash, &issuer.signed().subject().to_der().ok()?)).ok()?,
        issuer_key: OctetString::new(tlv::digest(hash, key_bits(issuer))).ok()?,
        serial_number: leaf.signed().serial_number().clone(),
    };
    let nonce = nonce.map(|nonce| OctetString::new(nonce_value(nonce))).transpose().ok()?;
    let extensions = nonce.map(|extn_value| vec![Extension { extn_id: NONCE, critical: false, extn_value }]);
    Request { signed: RequestBody { list: vec![OneRequest { certificate }], extensions } }.to_der().ok()
}

/// An OCTET STRING of 32 bytes in DER.
fn nonce_value(nonce: &[u8; 32]) -> Vec<u8> {
    [&[0x04, 0x20], nonce.as_slice()].concat()
}

fn key_bits(certificate: &Certificate) -> &[u8] {
    certificate.signed().subject_public_key_info().subject_public_key.raw_bytes()
}

/// Requires that `answer` shows `leaf`, issued by `issuer`, to have been good at the time `at` (Unix seconds). OCSP-1 to OCSP-8.
///
/// [`StatusError::NotGood`] says that nothing else is wrong.
pub fn verify(answer: &[u8], leaf: &Certificate, issuer: &Certificate, at: u64, wanted: &Freshness) -> Result<(), StatusError> {
    if answer.len() > MOST_BYTES {
        return Err(StatusError::Malformed);
    }
    let malformed = |_| StatusError::Malformed;
    let response = Response::from_der(answer).map_err(malformed)?;
    let bytes = response.bytes.filter(|bytes| response.status == ResponseStatus::Successful && bytes.kind == BASIC);
    let basic = Basic::from_der(bytes.ok_or(StatusError::Malformed)?.basic.as_bytes()).map_err(malformed)?;
    let signed = basic.data.to_der().map_err(malformed)?;
    let data = Data::from_der(&signed).map_err(malformed)?;

    let [single] = data.responses.as_slice() else { return Err(StatusError::OtherCertificate) };
    require_about(&single.certificate, leaf, issuer)?;
    let produced = data.produced_at.to_unix_duration().as_secs();
    let along = tlv::brought_along(basic.certificates.as_deref());
    let responder = find_responder(&data.responder, issuer, &along, produced).ok_or(StatusError::Responder)?;
    let signature = basic.signature.as_bytes().ok_or(StatusError::Malformed)?;
    responder.verify_as(&basic.algorithm, &signed, signature).map_err(|_| StatusError::Signature)?;
    require_time(single, produced, at, wanted)?;
    require_extensions(&data, single, wanted.nonce.as_ref())?;
    if is_good(&single.status)? { Ok(()) } else { Err(StatusError::NotGood) }
}

/// OCSP-4.
fn require_about(id: &CertificateId<'_>, leaf: &Certificate, issuer: &Certificate) -> Result<(), StatusError> {
    let hash = tlv::certificate_id_hash(&id.hash).ok_or(StatusError::OtherCertificate)?;
    let name = issuer.signed().subject().to_der().map_err(|_| StatusError::Malformed)?;
    let same = id.issuer_name.as_bytes() == tlv::digest(hash, &name)
        && id.issuer_key.as_bytes() == tlv::digest(hash, key_bits(issuer))
        && id.serial_number == *leaf.signed().serial_number();
    if same { Ok(()) } else { Err(StatusError::OtherCertificate) }
}

/// OCSP-2: the issuer, or whom it has delegated.
fn find_responder<'a>(named: &AnyRef<'_>, issuer: &'a Certificate, along: &'a [Certificate], produced: u64) -> Option<&'a Certificate> {
    let delegated = along.iter().filter(|certificate| {
        certificate.names_issuer(issuer)
            && certificate.purposes().is_some_and(|purposes| purposes.contains(&OCSP_SIGNING))
            && certificate.require_valid(produced).is_ok()
            && certificate.verify_issued_by(issuer).is_ok()
    });
    std::iter::once(issuer).chain(delegated).find(|certificate| is_named(certificate, named))
}

/// True if this is the certificate of which a responderID speaks.
fn is_named(certificate: &Certificate, named: &AnyRef<'_>) -> bool {
    let tag = |number| Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    if named.tag() == tag(1) {
        certificate.signed().subject().to_der().is_ok_and(|name| name == named.value())
    } else {
        let key = tlv::digest(&SHA1_FOR_LEGACY_USE_ONLY, key_bits(certificate));
        named.tag() == tag(2) && <&OctetStringRef>::from_der(named.value()).is_ok_and(|hash| hash.as_bytes() == key)
    }
}

/// OCSP-6.
fn require_time(single: &Single<'_>, produced: u64, at: u64, wanted: &Freshness) -> Result<(), StatusError> {
    let known = single.this_update.to_unix_duration().as_secs();
    let next = single.next_update.map(|time| time.to_unix_duration().as_secs());
    let (earliest, latest) = (at.saturating_sub(wanted.clock), at.saturating_add(wanted.clock));
    let fresh = (earliest.saturating_sub(wanted.age)..=latest).contains(&known)
        && (known..=latest).contains(&produced)
        && next.is_none_or(|next| earliest <= next)
        && (wanted.nonce.is_none() || earliest <= produced);
    if fresh { Ok(()) } else { Err(StatusError::Time) }
}

/// OCSP-7, OCSP-8.
fn require_extensions(data: &Data<'_>, single: &Single<'_>, nonce: Option<&[u8; 32]>) -> Result<(), StatusError> {
    let (nonces, others): (Vec<_>, Vec<_>) = data.extensions.iter().flatten().partition(|extension| extension.extn_id == NONCE);
    if let Some(nonce) = nonce {
        let [found] = nonces.as_slice() else { return Err(StatusError::Nonce) };
        if found.extn_value.as_bytes() != nonce_value(nonce) {
            return Err(StatusError::Nonce);
        }
    }
    let mut all = others.into_iter().chain(single.extensions.iter().flatten());
    if all.any(|extension| extension.critical) { Err(StatusError::CriticalExtension) } else { Ok(()) }
}

/// OCSP-5: `[0] IMPLICIT NULL`. What is none of the three is malformed.
fn is_good(status: &AnyRef<'_>) -> Result<bool, StatusError> {
    let tag = |constructed, number| Tag::ContextSpecific { constructed, number: TagNumber(number) };
    match status.tag() {
        found if found == tag(false, 0) && status.value().is_empty() => Ok(true),
        found if found == tag(true, 1) || found == tag(false, 2) && status.value().is_empty() => Ok(false),
        _ => Err(StatusError::Malformed),
    }
}
