//! The bytes of a container: the structures of RFC 5652, and the one way to fill them.
//!
//! Reading takes out certificates, signing time and signature; [`Fields::container`] writes the container anew from
//! these alone. A container which differs from that in any byte is refused, so nothing can hide in it.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::{Any, AnyRef, ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{DateTime, Decode, Encode, Sequence, Tag};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierRef;
use x509_cert::time::Time;

use crate::{Certificate, Scheme};

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(super) const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
pub(super) const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

#[derive(Sequence)]
pub(super) struct ContentInfo<'a> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub content: SignedData<'a>,
}

#[derive(Sequence)]
pub(super) struct SignedData<'a> {
    version: u8,
    digest_algorithms: SetOfVec<AlgorithmIdentifierRef<'a>>,
    pub encapsulated: EncapsulatedContentInfo<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub certificates: Option<SetOfVec<AnyRef<'a>>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub crls: Option<SetOfVec<AnyRef<'a>>>,
    pub signers: SetOfVec<AnyRef<'a>>,
}

#[derive(Sequence)]
pub(super) struct EncapsulatedContentInfo<'a> {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub content: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
pub(super) struct SignerInfo<'a> {
    version: u8,
    pub identifier: AnyRef<'a>,
    pub digest_algorithm: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub signed_attributes: Option<Attributes>,
    pub signature_algorithm: AlgorithmIdentifierRef<'a>,
    pub signature: &'a OctetStringRef,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    pub unsigned_attributes: Option<SetOfVec<AnyRef<'a>>>,
}

#[derive(Sequence)]
struct IssuerAndSerialNumber {
    issuer: Name,
    serial_number: SerialNumber,
}

/// RFC 5035 with the defaults left out: SHA-256, and no issuerSerial.
#[derive(Sequence)]
struct SigningCertificateV2<'a> {
    certificates: Vec<EssCertificateId<'a>>,
}

#[derive(Sequence)]
struct EssCertificateId<'a> {
    hash: &'a OctetStringRef,
}

/// Everything a container is made of, but the signature.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub scheme: Scheme,
    pub leaf: &'a Certificate,
    pub intermediates: &'a [Certificate],
    pub content: &'a [u8],
    /// Unix seconds.
    pub signing_time: u64,
}

impl Fields<'_> {
    /// The SET OF which is signed: its DER with the universal tag.
    pub fn signed_attributes(&self) -> der::Result<Attributes> {
        let attribute = |oid, value| Ok::<_, der::Error>(Attribute { oid, values: SetOfVec::try_from([value])? });
        SetOfVec::try_from([
            attribute(CONTENT_TYPE, Any::encode_from(&DATA)?)?,
            attribute(SIGNING_TIME, Any::encode_from(&time(self.signing_time)?)?)?,
            attribute(MESSAGE_DIGEST, self.message_digest()?)?,
            attribute(SIGNING_CERTIFICATE_V2, self.signing_certificate()?)?,
        ])
    }

    pub fn message_digest(&self) -> der::Result<Any> {
        Any::new(Tag::OctetString, self.scheme.digest(self.content))
    }

    /// The leaf's hash, then those of the other certificates in the order of the certificate set.
    pub fn signing_certificate(&self) -> der::Result<Any> {
        let mut others: Vec<&[u8]> = self.intermediates.iter().map(Certificate::as_der).collect();
        others.sort_unstable();
        let hashes: Vec<_> = [self.leaf.as_der()].into_iter().chain(others).map(|der| digest(&SHA256, der)).collect();
        let certificates =
            hashes.iter().map(|hash| Ok(EssCertificateId { hash: OctetStringRef::new(hash.as_ref())? })).collect::<der::Result<_>>()?;
        Any::encode_from(&SigningCertificateV2 { certificates })
    }

    /// Writes the container around a signature.
    pub fn container(&self, signature: &[u8]) -> der::Result<Vec<u8>> {
        let algorithm = |oid| AlgorithmIdentifierRef { oid, parameters: None };
        let identifier = signer_identifier(self.leaf)?;
        let signer = SignerInfo {
            version: 1,
            identifier: AnyRef::from_der(&identifier)?,
            digest_algorithm: algorithm(self.scheme.digest_oid()),
            signed_attributes: Some(self.signed_attributes()?),
            signature_algorithm: AlgorithmIdentifierRef::from_der(self.scheme.algorithm())?,
            signature: OctetStringRef::new(signature)?,
            unsigned_attributes: None,
        }
        .to_der()?;
        let certificates = [self.leaf].into_iter().chain(self.intermediates);
        let certificates = certificates.map(|certificate| AnyRef::from_der(certificate.as_der()));
        ContentInfo {
            content_type: SIGNED_DATA,
            content: SignedData {
                version: 1,
                digest_algorithms: SetOfVec::try_from([algorithm(self.scheme.digest_oid())])?,
                encapsulated: EncapsulatedContentInfo { content_type: DATA, content: None },
                certificates: Some(SetOfVec::try_from(certificates.collect::<der::Result<Vec<_>>>()?)?),
                crls: None,
                signers: SetOfVec::try_from([AnyRef::from_der(&signer)?])?,
            },
        }
        .to_der()
    }
}

/// The issuer's name and the serial number of a certificate, as CMS names a signer.
pub(super) fn signer_identifier(certificate: &Certificate) -> der::Result<Vec<u8>> {
    IssuerAndSerialNumber { issuer: certificate.signed().issuer().clone(), serial_number: certificate.signed().serial_number().clone() }
        .to_der()
}

/// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5652, 11.3).
pub(super) fn time(unix_seconds: u64) -> der::Result<Time> {
    DateTime::from_unix_duration(Duration::from_secs(unix_seconds)).map(Time::from)
}
