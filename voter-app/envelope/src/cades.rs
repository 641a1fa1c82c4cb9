//! The container: a detached CAdES-B signature (CMS SignedData in DER) in one layout. Spec: 07.
//!
//! Any tool that knows CMS can check a container (`openssl cms -verify -cades`); few could make one, because the rules
//! leave no byte to choice. Once the signer has signed, nobody can make a second container out of the first.

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::attr::Attributes;
use x509_cert::time::Time;

use crate::certificate::{MAX_PATH, Purpose, verify_chain};
use crate::profile::draftable;
use crate::{Certificate, EnvelopeError, Identity};

mod layout;

use layout::{ContentInfo, Fields, SignerInfo};

/// Longest container that is looked at, in bytes.
pub const MAX_CONTAINER: usize = 16 * 1024;

/// Who signed a content, and when they said they did. Made only by [`verify`] and by that of [`asic`](crate::asic).
///
/// The signature holds, but whether the certificate is to be trusted is for [`SignedBy::accept`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the signature holds, but nobody has vouched for the signer yet: call accept"]
pub struct SignedBy {
    certificate: Certificate,
    intermediates: Vec<Certificate>,
    signing_time: u64,
}

impl SignedBy {
    pub(crate) fn new(certificate: Certificate, intermediates: Vec<Certificate>, signing_time: u64) -> Self {
        Self { certificate, intermediates, signing_time }
    }

    /// Accepts the signer at a time: the chain holds and the certificate is for signing. Returns the person code.
    pub fn accept(&self, anchors: &[Certificate], at: u64) -> Result<&str, EnvelopeError> {
        verify_chain(&self.certificate, &self.intermediates, anchors, at, Purpose::Signing)?;
        self.certificate.person_code()
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The other certificates of the container, in its order.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// What the signer's clock said, in Unix seconds. A claim only: validity is decided at the collector's time.
    pub fn signing_time(&self) -> u64 {
        self.signing_time
    }
}

/// A container that only lacks its signature: for a key that is elsewhere, on a card or in a phone.
#[derive(Debug)]
pub struct Draft<'a> {
    fields: Fields<'a>,
    message: Vec<u8>,
}

impl<'a> Draft<'a> {
    /// Prepares the container of `content` for the key of `leaf`. ENV-7, ENV-9, ENV-45.
    pub fn new(
        content: &'a [u8],
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        signing_time: u64,
    ) -> Result<Self, EnvelopeError> {
        let (scheme, _) = draftable(leaf, intermediates, signing_time)?;
        let fields = Fields { scheme, leaf, intermediates, content, signing_time };
        let message = fields.signed_attributes().and_then(|attributes| attributes.to_der()).map_err(|_| EnvelopeError::SigningFailed)?;
        Ok(Self { fields, message })
    }

    /// What the key has to sign; its [`Scheme`](crate::Scheme) hashes it.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The container around a signature in its one encoding, once it verifies. ENV-1, ENV-14, ENV-15, ENV-17.
    pub fn finish(&self, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        self.fields.leaf.verify(&self.message, signature)?;
        self.assemble(signature)
    }

    fn assemble(&self, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let container = self.fields.container(signature).map_err(|_| EnvelopeError::SigningFailed)?;
        if container.len() > MAX_CONTAINER {
            return Err(EnvelopeError::TooLong);
        }
        Ok(container)
    }
}

/// Signs `content` and returns the container, which carries the identity's certificates but not the content.
pub fn sign(content: &[u8], identity: &Identity, signing_time: u64) -> Result<Vec<u8>, EnvelopeError> {
    let draft = Draft::new(content, identity.certificate(), identity.intermediates(), signing_time)?;
    draft.assemble(&identity.sign(draft.message())?)
}

/// Verifies that `container` is a signature over `content`, in the one layout. ENV-1 to ENV-17.
pub fn verify(content: &[u8], container: &[u8]) -> Result<SignedBy, EnvelopeError> {
    if container.len() > MAX_CONTAINER {
        return Err(EnvelopeError::TooLong);
    }
    let malformed = |_| EnvelopeError::Malformed;
    let data = ContentInfo::from_der(container).map_err(malformed)?.content;
    if data.encapsulated.content.is_some() {
        return Err(EnvelopeError::EncapsulatedContent);
    }
    if data.crls.is_some() {
        return Err(EnvelopeError::RevocationLists);
    }
    let [signer] = data.signers.as_slice() else {
        return Err(EnvelopeError::SignerCount);
    };
    let signer: SignerInfo<'_> = signer.decode_as().map_err(malformed)?;
    if signer.unsigned_attributes.is_some() {
        return Err(EnvelopeError::UnsignedAttributes);
    }

    let embedded = data.certificates.as_ref().map_or(&[][..], |set| set.as_slice());
    if !(1..=MAX_PATH).contains(&embedded.len()) {
        return Err(EnvelopeError::CertificateCount);
    }
    let certificates =
        embedded.iter().map(|any| Certificate::from_der(&any.to_der().map_err(malformed)?)).collect::<Result<Vec<_>, _>>()?;
    let (leaf, intermediates) = find_signer(certificates, &signer.identifier.to_der().map_err(malformed)?)?;

    let scheme = leaf.scheme()?;
    if signer.digest_algorithm.oid != scheme.digest_oid() || signer.signature_algorithm.to_der().map_err(malformed)? != scheme.algorithm() {
        return Err(EnvelopeError::Algorithm);
    }
    let attributes = signer.signed_attributes.as_ref().ok_or(EnvelopeError::SignedAttributes)?;
    let claimed = SignedValues::read(attributes)?;
    let fields = Fields { scheme, leaf: &leaf, intermediates: &intermediates, content, signing_time: claimed.time };
    if *claimed.message_digest != fields.message_digest().map_err(malformed)? {
        return Err(EnvelopeError::ContentDigest);
    }
    if *claimed.signing_certificate != fields.signing_certificate().map_err(malformed)? {
        return Err(EnvelopeError::CertificateBinding);
    }
    let signature = signer.signature.as_bytes();
    if fields.container(signature).map_err(malformed)? != container {
        return Err(EnvelopeError::Layout);
    }
    // Written anew and equal to the container's, so these are the bytes the signer saw.
    let signed = fields.signed_attributes().and_then(|attributes| attributes.to_der()).map_err(malformed)?;
    leaf.verify(&signed, signature)?;
    let signing_time = claimed.time;
    Ok(SignedBy::new(leaf, intermediates, signing_time))
}

/// The values of the signed attributes which vary.
struct SignedValues<'a> {
    message_digest: &'a Any,
    signing_certificate: &'a Any,
    time: u64,
}

impl<'a> SignedValues<'a> {
    fn read(attributes: &'a Attributes) -> Result<Self, EnvelopeError> {
        if attributes.len() != 4 {
            return Err(EnvelopeError::SignedAttributes);
        }
        single_value(attributes, layout::CONTENT_TYPE)?;
        let time: Time =
            Time::from_der(&single_value(attributes, layout::SIGNING_TIME)?.to_der().map_err(unreadable)?).map_err(unreadable)?;
        Ok(Self {
            message_digest: single_value(attributes, layout::MESSAGE_DIGEST)?,
            signing_certificate: single_value(attributes, layout::SIGNING_CERTIFICATE_V2)?,
            time: time.to_unix_duration().as_secs(),
        })
    }
}

fn unreadable(_: der::Error) -> EnvelopeError {
    EnvelopeError::SignedAttributes
}

/// The only value of an attribute. Four attributes of which each of four types is found are one of each.
fn single_value(attributes: &Attributes, oid: ObjectIdentifier) -> Result<&Any, EnvelopeError> {
    let found = attributes.iter().find(|attribute| attribute.oid == oid);
    match found.map(|attribute| attribute.values.as_slice()) {
        Some([value]) => Ok(value),
        _ => Err(EnvelopeError::SignedAttributes),
    }
}

/// Splits the certificates into the one the identifier names and the rest.
fn find_signer(certificates: Vec<Certificate>, identifier: &[u8]) -> Result<(Certificate, Vec<Certificate>), EnvelopeError> {
    let named = |certificate: &Certificate| layout::signer_identifier(certificate).is_ok_and(|name| name == identifier);
    let (mut leaves, others): (Vec<_>, Vec<_>) = certificates.into_iter().partition(named);
    match (leaves.pop(), leaves.is_empty()) {
        (Some(leaf), true) => Ok((leaf, others)),
        _ => Err(EnvelopeError::SignerIdentifier),
    }
}
