//! Time stamps of an independent party, RFC 3161: requests, and what its answers show. Spec: 07c-evidence, TSP.
//!
//! The nonce of a request is the collector's signature over what is stamped, so whoever has the stamp has the collector's word.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{DateTime, Decode, Encode, Sequence, Tag, Tagged};
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::Certificate;
use crate::certificate::verify_path;
use crate::tlv::{self, MOST_BYTES, SHA256_OID};

mod token;

use token::{SignerInfo, Token};

/// Why a stamp shows nothing. One variant for each rule, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// No stamp of the form, or a refusal.
    #[error("TSP-1: not one granted time stamp in DER")]
    Malformed,
    /// Of other data.
    #[error("TSP-2: the stamp is not over this ballot's entry")]
    Imprint,
    /// Without the collector's signature as nonce.
    #[error("TSP-3: the stamp's nonce is not the collector's signature over the entry")]
    Nonce,
    /// Under another policy.
    #[error("TSP-4: the stamp has none of the policies that the manifest asks for")]
    Policy,
    /// From before the ballot.
    #[error("TSP-5: the stamp is from before the ballot was accepted")]
    Early,
    /// By a certificate that is not for stamping, or that no anchor vouches for.
    #[error("TSP-7: the stamper's certificate is missing, not for time stamps alone, or on no path to an anchor")]
    Stamper,
    /// The signed attributes do not bind content and certificate.
    #[error("TSP-8: the signed attributes do not bind the stamp to its content and its certificate")]
    Attributes,
    /// The signature does not verify.
    #[error("TSP-9: the stamper's signature does not verify")]
    Signature,
}

/// What a stamp says. Its signature holds, and an anchor vouches for the stamper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The SHA-256 of what is stamped, if it is one.
    pub imprint: Option<[u8; 32]>,
    /// The collector's signature out of the nonce, if it has that form.
    pub nonce: Option<[u8; 64]>,
    /// Under which policy.
    pub policy: ObjectIdentifier,
    /// When, in Unix seconds.
    pub time: u64,
}

#[derive(Sequence)]
struct Request<'a> {
    version: u8,
    imprint: Imprint<'a>,
    nonce: AnyRef<'a>,
    certificates: bool,
}

#[derive(Sequence)]
struct Imprint<'a> {
    hash: AlgorithmIdentifierRef<'a>,
    value: &'a OctetStringRef,
}

/// The request for a stamp over what has this SHA-256, as TimeStampReq in DER; `nonce` is the collector's signature.
pub fn request(imprint: &[u8; 32], nonce: &[u8; 64]) -> Option<Vec<u8>> {
    let hash = AlgorithmIdentifierRef { oid: SHA256_OID, parameters: Some(AnyRef::NULL) };
    let nonce = [&[0x01], nonce.as_slice()].concat();
    let imprint = Imprint { hash, value: OctetStringRef::new(imprint).ok()? };
    Request { version: 1, imprint, nonce: AnyRef::new(Tag::Integer, &nonce).ok()?, certificates: true }.to_der().ok()
}

/// Reads a stamp, and verifies it and its stamper's certificate. TSP-1, TSP-7 to TSP-9.
pub fn verify(answer: &[u8], anchors: &[Certificate]) -> Result<Stamp, StampError> {
    if answer.len() > MOST_BYTES {
        return Err(StampError::Malformed);
    }
    let token = Token::read(answer).ok_or(StampError::Malformed)?;
    let stamp = read_info(token.content).ok_or(StampError::Malformed)?;
    let along = tlv::brought_along(token.certificates.as_deref());
    let stamper = find_stamper(&token.signer, &along, anchors, stamp.time).ok_or(StampError::Stamper)?;
    require_attributes(&token, stamper).ok_or(StampError::Attributes)?;
    verify_signature(&token.signer, stamper).ok_or(StampError::Signature)?;
    Ok(stamp)
}

impl Stamp {
    /// Requires that this is the stamp that was asked for about a ballot accepted at `at` (Unix seconds). TSP-2 to TSP-5.
    pub fn require(
        &self,
        imprint: &[u8; 32],
        nonce: &[u8; 64],
        policies: &[ObjectIdentifier],
        at: u64,
        clock: u64,
    ) -> Result<(), StampError> {
        if self.imprint != Some(*imprint) {
            return Err(StampError::Imprint);
        }
        if self.nonce != Some(*nonce) {
            return Err(StampError::Nonce);
        }
        if !policies.contains(&self.policy) {
            return Err(StampError::Policy);
        }
        if self.time < at.saturating_sub(clock) { Err(StampError::Early) } else { Ok(()) }
    }
}

/// The TSTInfo. Optional fields stand in their order, each at most once.
fn read_info(content: &[u8]) -> Option<Stamp> {
    let whole = AnyRef::from_der(content).ok().filter(|any| any.tag() == Tag::Sequence)?;
    let fields = tlv::elements(whole.value()).ok()?;
    let [version, policy, imprint, serial, time, rest @ ..] = fields.as_slice() else { return None };
    let imprint: Imprint<'_> = imprint.decode_as().ok()?;
    if version.decode_as::<u8>().ok()? != 1 || serial.tag() != Tag::Integer {
        return None;
    }
    let place = |any: &AnyRef<'_>| match any.tag() {
        Tag::Sequence => Some(0),
        Tag::Boolean => Some(1),
        Tag::Integer => Some(2),
        Tag::ContextSpecific { constructed: true, number } if number.value() < 2 => Some(3 + number.value()),
        _ => None,
    };
    let places = rest.iter().map(place).collect::<Option<Vec<_>>>()?;
    if !places.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let nonce = rest.iter().find(|any| any.tag() == Tag::Integer).and_then(|any| any.value().strip_prefix(&[0x01]));
    let sha256 = imprint.hash.oid == SHA256_OID && tlv::hash(&imprint.hash).is_some();
    Some(Stamp {
        imprint: imprint.value.as_bytes().try_into().ok().filter(|_| sha256),
        nonce: nonce.and_then(|nonce| nonce.try_into().ok()),
        policy: policy.decode_as().ok()?,
        time: read_time(time)?,
    })
}

/// GeneralizedTime, whose fraction of a second is cut off.
fn read_time(any: &AnyRef<'_>) -> Option<u64> {
    let text = std::str::from_utf8(any.value()).ok().filter(|_| any.tag() == Tag::GeneralizedTime)?;
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || fraction.is_some_and(|fraction| !digits(fraction) || fraction.ends_with('0')) {
        return None;
    }
    let two = |at: usize| whole.get(at..at + 2)?.parse().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let time = DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?).ok()?;
    Some(time.unix_duration().as_secs())
}

/// TSP-7.
fn find_stamper<'a>(signer: &SignerInfo<'_>, along: &'a [Certificate], anchors: &[Certificate], time: u64) -> Option<&'a Certificate> {
    let sid = signer.identifier.to_der().ok()?;
    let named: Vec<_> = along.iter().filter(|certificate| token::identifier(certificate).is_ok_and(|name| name == sid)).collect();
    let [stamper] = named.as_slice() else { return None };
    let others: Vec<_> = along.iter().filter(|other| other != stamper).cloned().collect();
    (stamper.is_for_stamps_only() && verify_path(stamper, &others, anchors, time).is_ok()).then_some(*stamper)
}

/// TSP-8.
fn require_attributes(token: &Token<'_>, stamper: &Certificate) -> Option<()> {
    let attributes = token.signer.attributes.as_ref()?;
    let content_type = token::value(attributes, token::CONTENT_TYPE)?;
    let message_digest: &OctetStringRef = token::value(attributes, token::MESSAGE_DIGEST)?.decode_as().ok()?;
    let hash = tlv::hash(&token.signer.digest)?;
    let bound = token::first_certificate_hash(token::value(attributes, token::SIGNING_CERTIFICATE_V2)?)?;
    let right = content_type.decode_as::<ObjectIdentifier>().ok()? == token::TST_INFO
        && message_digest.as_bytes() == tlv::digest(hash, token.content)
        && bound.1.as_bytes() == tlv::digest(bound.0, stamper.as_der());
    right.then_some(())
}

/// TSP-9.
fn verify_signature(signer: &SignerInfo<'_>, stamper: &Certificate) -> Option<()> {
    let algorithm: AlgorithmIdentifierOwned = token::signature_algorithm(signer)?;
    stamper.verify_as(&algorithm, &token::signed_attributes(signer.attributes.as_ref()?)?, signer.signature.as_bytes()).ok()
}
