//! X.509 certificates of voters and authorities, and what each may be used for. Spec: 07.

use std::fmt;

use der::asn1::{AnyRef, BitString, ObjectIdentifier};
use der::oid::AssociatedOid;
use der::{Decode, Document, Encode, Sequence, Tag, Tagged};
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::{EnvelopeError, Scheme};

mod chain;
mod issued;
mod keys;

pub(crate) use chain::verify_path;
pub use chain::{MAX_PATH, verify_chain};
pub(crate) use issued::{KeyKind, Sha, algorithm};

const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const SMART_ID_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.62306.5.7.0");

/// What a voter's certificate is to be used for. An eID has one certificate for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing a ballot: keyUsage nonRepudiation (contentCommitment).
    Signing,
    /// Logging in: keyUsage digitalSignature without nonRepudiation.
    Login,
}

/// One certificate, read but not yet trusted: only [`verify_chain`] says who vouches for it.
///
/// Equal certificates are equal byte strings. Extensions other than basicConstraints, keyUsage and extendedKeyUsage
/// are not read; a critical one refuses the certificate.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    signed_bytes: Vec<u8>,
    signed: TbsCertificate,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Option<ExtendedKeyUsage>,
}

/// The outer layer, with the signed part left as the bytes which were signed.
#[derive(Sequence)]
struct Outer<'a> {
    signed: AnyRef<'a>,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl Certificate {
    /// Reads one certificate in DER; bytes after it are refused. ENV-20 to ENV-24.
    pub fn from_der(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let malformed = |_| EnvelopeError::CertificateMalformed;
        let outer = Outer::from_der(bytes).map_err(malformed)?;
        let signed_bytes = outer.signed.to_der().map_err(malformed)?;
        let signed = TbsCertificate::from_der(&signed_bytes).map_err(malformed)?;
        // Written anew it must be the same bytes: an optional value that is the default, say, is not DER.
        if signed.to_der().map_err(malformed)? != signed_bytes || outer.to_der().map_err(malformed)? != bytes {
            return Err(EnvelopeError::CertificateMalformed);
        }
        let signature = outer.signature.as_bytes().ok_or(EnvelopeError::CertificateMalformed)?.to_vec();

        if signed.version() != Version::V3 {
            return Err(EnvelopeError::CertificateVersion);
        }
        if *signed.signature() != outer.signature_algorithm {
            return Err(EnvelopeError::CertificateAlgorithm);
        }
        require_understood(&signed)?;
        Ok(Self {
            basic_constraints: extension(&signed)?,
            key_usage: extension(&signed)?,
            extended_key_usage: extension(&signed)?,
            der: bytes.to_vec(),
            signed_bytes,
            signed,
            signature_algorithm: outer.signature_algorithm,
            signature,
        })
    }

    /// Reads one certificate in PEM (RFC 7468).
    pub fn from_pem(text: &str) -> Result<Self, EnvelopeError> {
        match Self::list_from_pem(text)?.as_slice() {
            [one] => Ok(one.clone()),
            _ => Err(EnvelopeError::CertificateFile),
        }
    }

    /// Reads one or more certificates in PEM, in the order of the text. Text between them is skipped.
    pub fn list_from_pem(text: &str) -> Result<Vec<Self>, EnvelopeError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let mut blocks = text.split(BEGIN);
        blocks.next(); // what precedes the first
        let list: Vec<_> = blocks
            .map(|block| {
                let (body, _) = block.split_once(END).ok_or(EnvelopeError::CertificateFile)?;
                let pem = format!("{BEGIN}{body}{END}\n");
                let (_, document) = Document::from_pem(&pem).map_err(|_| EnvelopeError::CertificateFile)?;
                Self::from_der(document.as_bytes())
            })
            .collect::<Result<_, _>>()?;
        if list.is_empty() { Err(EnvelopeError::CertificateFile) } else { Ok(list) }
    }

    /// The certificate's bytes, as the authority made them.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The subject's serialNumber whole, such as `PNOEE-38001085718` (ETSI EN 319 412-1, 5.1.3). ENV-25.
    ///
    /// It is compared with the voter roll as text, so the country and the kind of code are part of it.
    pub fn person_code(&self) -> Result<&str, EnvelopeError> {
        let mut found = self.signed.subject().iter().filter(|attribute| attribute.oid == SERIAL_NUMBER);
        let (Some(attribute), None) = (found.next(), found.next()) else {
            return Err(EnvelopeError::PersonCode);
        };
        let value = &attribute.value;
        if !matches!(value.tag(), Tag::PrintableString | Tag::Utf8String) {
            return Err(EnvelopeError::PersonCode);
        }
        std::str::from_utf8(value.value()).ok().filter(|code| is_person_code(code)).ok_or(EnvelopeError::PersonCode)
    }

    /// Accepts a voter's certificate for one purpose. ENV-26 to ENV-29.
    pub fn accept_for(&self, purpose: Purpose) -> Result<(), EnvelopeError> {
        if self.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
            return Err(EnvelopeError::LeafIsAuthority);
        }
        let signing = self.key_usage.is_some_and(|usage| usage.non_repudiation());
        match purpose {
            Purpose::Signing if !signing => Err(EnvelopeError::NotForSigning),
            // The key that makes legally binding signatures must never answer a server's challenge.
            Purpose::Login if signing => Err(EnvelopeError::SigningCertificateAtLogin),
            Purpose::Login if !self.may_log_in() => Err(EnvelopeError::NotForLogin),
            Purpose::Signing | Purpose::Login => Ok(()),
        }
    }

    fn may_log_in(&self) -> bool {
        self.key_usage.is_some_and(|usage| usage.digital_signature())
            && self
                .extended_key_usage
                .as_ref()
                .is_none_or(|purposes| purposes.0.contains(&CLIENT_AUTH) || purposes.0.contains(&SMART_ID_AUTHENTICATION))
    }

    /// How the key of this voter's certificate signs. ENV-9, ENV-19.
    pub fn scheme(&self) -> Result<Scheme, EnvelopeError> {
        Ok(self.voter_key()?.0)
    }

    /// The kind and bytes of a voter's key: a point, or an RSAPublicKey in DER. ENV-9, ENV-19.
    pub(crate) fn voter_key(&self) -> Result<(Scheme, &[u8]), EnvelopeError> {
        let (kind, key) = issued::public_key(&self.signed).ok_or(EnvelopeError::KeyType)?;
        let scheme = match kind {
            issued::KeyKind::P256 => Scheme::P256,
            issued::KeyKind::P384 => Scheme::P384,
            issued::KeyKind::P521 => Scheme::P521,
            issued::KeyKind::Rsa => {
                let modulus = keys::modulus(key).ok_or(EnvelopeError::KeyType)?;
                if keys::is_broken(&modulus) {
                    return Err(EnvelopeError::BrokenKey);
                }
                Scheme::RsaPss(modulus.len())
            }
        };
        Ok((scheme, key))
    }

    /// The kind and bytes of the key, if it is one of those that authorities may have: a point, or an RSAPublicKey in DER.
    pub(crate) fn key(&self) -> Option<(KeyKind, &[u8])> {
        issued::public_key(&self.signed)
    }

    /// The subject as text (RFC 4514), to be shown.
    pub fn subject(&self) -> String {
        self.signed.subject().to_string()
    }

    /// True if this certificate names that one as its issuer. Says nothing about a signature.
    pub fn names_issuer(&self, other: &Self) -> bool {
        self.signed.issuer() == other.signed.subject()
    }

    /// What it says it is for, if it limits that.
    pub(crate) fn purposes(&self) -> Option<&[ObjectIdentifier]> {
        self.extended_key_usage.as_ref().map(|usage| usage.0.as_slice())
    }

    /// True if it is for time stamps and nothing else, and whoever reads it has to know (TSP-7).
    pub(crate) fn is_for_stamps_only(&self) -> bool {
        let mut extensions = self.signed.extensions().into_iter().flatten();
        let critical = extensions.any(|extension| extension.extn_id == ExtendedKeyUsage::OID && extension.critical);
        critical && self.purposes() == Some(&[TIME_STAMPING])
    }

    /// The subjectPublicKeyInfo in DER: two certificates with the same one have the same key (EVID-4).
    pub fn public_key(&self) -> Result<Vec<u8>, EnvelopeError> {
        self.signed.subject_public_key_info().to_der().map_err(|_| EnvelopeError::CertificateMalformed)
    }

    pub(crate) fn signed(&self) -> &TbsCertificate {
        &self.signed
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, issued by {})", self.signed.subject(), self.signed.issuer())
    }
}

/// `PNO`, two capital letters of the country, `-`, then letters, digits or `-`.
fn is_person_code(code: &str) -> bool {
    let Some((country, number)) = code.strip_prefix("PNO").and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=32).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Every extension at most once, and no critical one beyond the three which are read. ENV-23, ENV-24.
fn require_understood(signed: &TbsCertificate) -> Result<(), EnvelopeError> {
    let understood = [BasicConstraints::OID, KeyUsage::OID, ExtendedKeyUsage::OID];
    let mut seen = Vec::new();
    for extension in signed.extensions().into_iter().flatten() {
        if seen.contains(&extension.extn_id) {
            return Err(EnvelopeError::RepeatedExtension);
        }
        if extension.critical && !understood.contains(&extension.extn_id) {
            return Err(EnvelopeError::UnknownCriticalExtension);
        }
        seen.push(extension.extn_id);
    }
    Ok(())
}

fn extension<T>(signed: &TbsCertificate) -> Result<Option<T>, EnvelopeError>
where
    T: for<'a> Decode<'a, Error = der::Error> + AssociatedOid,
{
    let found = signed.get_extension::<T>().map_err(|_| EnvelopeError::CertificateMalformed)?;
    Ok(found.map(|(_, extension)| extension))
}
