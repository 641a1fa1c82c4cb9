//! What status answers and time stamps have in common: elements of a SET or SEQUENCE, hashes, certificates brought along. Spec: 07c-evidence.

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Reader, SliceReader};
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::Certificate;

/// The longest answer or stamp, in bytes.
pub(crate) const MOST_BYTES: usize = 32_768;
/// How many of the certificates that are brought along count.
const MOST_CERTIFICATES: usize = 8;

pub(crate) const SHA1_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
pub(crate) const SHA256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// The elements that follow one another in `content`.
pub(crate) fn elements(content: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader)?);
    }
    Ok(found)
}

/// A hash by its AlgorithmIdentifier: SHA-256, SHA-384 or SHA-512, parameters absent or NULL.
pub(crate) fn hash(named: &AlgorithmIdentifierRef<'_>) -> Option<&'static Algorithm> {
    let algorithm = match named.oid {
        SHA256_OID => &SHA256,
        SHA384_OID => &SHA384,
        SHA512_OID => &SHA512,
        _ => return None,
    };
    has_no_parameters(named).then_some(algorithm)
}

/// The hashes of a CertID: SHA-1 or SHA-256.
pub(crate) fn certificate_id_hash(named: &AlgorithmIdentifierRef<'_>) -> Option<&'static Algorithm> {
    let algorithm = match named.oid {
        SHA1_OID => &SHA1_FOR_LEGACY_USE_ONLY,
        SHA256_OID => &SHA256,
        _ => return None,
    };
    has_no_parameters(named).then_some(algorithm)
}

fn has_no_parameters(named: &AlgorithmIdentifierRef<'_>) -> bool {
    named.parameters.is_none_or(|any| any.is_null())
}

pub(crate) fn digest(algorithm: &'static Algorithm, data: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, data).as_ref().to_vec()
}

/// A hash or signature algorithm whose parameters are NULL.
pub(crate) fn with_null(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: Some(der::asn1::Null.into()) }
}

/// The first certificates that are brought along; those that break a rule of certificates are passed over.
pub(crate) fn brought_along(embedded: Option<&[AnyRef<'_>]>) -> Vec<Certificate> {
    let first = embedded.unwrap_or_default().iter().take(MOST_CERTIFICATES);
    first.filter_map(|any| Certificate::from_der(&any.to_der().ok()?).ok()).collect()
}
