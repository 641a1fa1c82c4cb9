//! A time stamp over the entry of one ballot. Spec: 07c-evidence, TSP-1 to TSP-9.

use super::form;
use crate::asn1::{CONTEXT_0, CONTEXT_1, Element, Elements, INTEGER, OCTETS, OID, SEQUENCE, SET};
use crate::bytes::{Fault, Hash};
use crate::certificate::{self, Anchors, Certificate};
use crate::manifest::{self, Manifest};
use crate::sign;

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const TST_INFO: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// A token that can be read. TSP-1.
pub struct Stamp<'a> {
    /// Content octets of the eContent.
    content: &'a [u8],
    certificates: Vec<Certificate>,
    sid: &'a [u8],
    /// Place of the digestAlgorithm in the list of hashes; none if it is no hash OID.
    digest: Option<usize>,
    /// Content of signedAttrs.
    attributes: Option<&'a [u8]>,
    algorithm: &'a [u8],
    signature: &'a [u8],
    policy: &'a [u8],
    imprint_algorithm: Element<'a>,
    imprint: &'a [u8],
    /// genTime.
    pub time: u64,
    nonce: Option<&'a [u8]>,
}

/// Accepts the stamp of an entry, as received; gives what is a finding only.
pub fn accept(
    file: &[u8],
    entry: &[u8],
    manifest: &Manifest,
    asked: &manifest::Stamp,
    anchors: &Anchors,
    time: u64,
) -> Result<Option<Fault>, Fault> {
    let fault = |rule, text: &str| Err(Fault::new(rule, text));
    let stamp = Stamp::read(file)?;
    if stamp.entry() != Some(crate::hash::sha256(entry)) {
        return fault("TSP-2", "a stamp of something else");
    }
    if !stamp.is_of(manifest) {
        return fault("TSP-3", "not the collector's nonce for this ballot");
    }
    if !asked.policies.iter().any(|policy| policy == stamp.policy) {
        return fault("TSP-4", "made under a policy that the manifest does not list");
    }
    if stamp.time < time.saturating_sub(asked.clock) {
        return fault("TSP-5", "from before the ballot");
    }
    stamp.holds(anchors)?;
    let late = stamp.time > time.saturating_add(asked.seconds).saturating_add(asked.clock);
    Ok(late.then(|| Fault::new("TSP-6", "made later than the manifest asks for")))
}

impl<'a> Stamp<'a> {
    /// TSP-1.
    pub fn read(file: &'a [u8]) -> Result<Self, Fault> {
        read(file).ok_or_else(|| Fault::new("TSP-1", "not one TimeStampResp that was granted, with a token of the form"))
    }

    /// The imprint, if it is a SHA-256.
    pub fn entry(&self) -> Option<Hash> {
        form::hash_number(&self.imprint_algorithm).filter(|number| *number == 0)?;
        Hash::try_from(self.imprint).ok()
    }

    /// Did the collector ask for it, for this election? TSP-3.
    pub fn is_of(&self, manifest: &Manifest) -> bool {
        let signature = self.nonce.and_then(|nonce| nonce.strip_prefix(&[1])).and_then(|signature| <[u8; 64]>::try_from(signature).ok());
        let (Some(signature), Some(imprint)) = (signature, self.entry()) else { return false };
        sign::verify(&manifest.collector.key, "stamp", &manifest.election, &imprint, &signature).is_ok()
    }

    /// Is it signed by a time-stamping party under the anchors? TSP-7 to TSP-9.
    pub fn holds(&self, anchors: &Anchors) -> Result<(), Fault> {
        let stamper = self.stamper()?;
        let (critical, purposes) = stamper.purposes();
        if !critical || !matches!(purposes, [one] if one == TIME_STAMPING) {
            return Err(Fault::new("TSP-7", "not a certificate for time stamps and nothing else"));
        }
        anchors.path(stamper, &self.certificates, self.time).map_err(|fault| fault.under("TSP-7"))?;
        let digest = self.digest.ok_or_else(|| Fault::new("TSP-8", "a digest algorithm that is not listed"))?;
        let attributes = self.attributes.ok_or_else(|| Fault::new("TSP-8", "no signed attributes"))?;
        if !attest(attributes, self.content, digest, stamper).unwrap_or(false) {
            return Err(Fault::new("TSP-8", "the signed attributes are not those of this stamp and stamper"));
        }
        let algorithm = certificate::algorithm_with(self.algorithm, digest);
        let algorithm = algorithm.ok_or_else(|| Fault::new("TSP-9", "signed in a way that is not listed, or with another hash"))?;
        let signed = crate::asn1::element(SET, attributes);
        stamper.key.verify(&algorithm, &signed, self.signature).map_err(|fault| fault.under("TSP-9"))
    }

    fn stamper(&self) -> Result<&Certificate, Fault> {
        let mut named = self.certificates.iter().filter(|certificate| certificate.name() == self.sid);
        match (named.next(), named.next()) {
            (Some(stamper), None) => Ok(stamper),
            _ => Err(Fault::new("TSP-7", "the sid does not name exactly one certificate")),
        }
    }
}

/// Do the signed attributes name this content and this stamper? TSP-8.
fn attest(attributes: &[u8], content: &[u8], digest: usize, stamper: &Certificate) -> Option<bool> {
    let (mut kinds, mut digests, mut certificates) = (Vec::new(), Vec::new(), Vec::new());
    for attribute in crate::asn1::all(attributes)? {
        let mut parts = Elements::within(attribute.whole, SEQUENCE)?;
        let (kind, values) = (parts.next(OID)?.content, parts.next(SET)?.content);
        parts.end()?;
        match kind {
            CONTENT_TYPE => kinds.push(values),
            MESSAGE_DIGEST => digests.push(values),
            SIGNING_CERTIFICATE => certificates.push(values),
            _ => {}
        }
    }
    let ([kind], [found], [certificates]) = (kinds.as_slice(), digests.as_slice(), certificates.as_slice()) else { return None };
    let first = Elements::within(certificates, SEQUENCE)?.inside(SEQUENCE)?.inside(SEQUENCE)?;
    let named = crate::asn1::only(kind, OID)? == TST_INFO && crate::asn1::only(found, OCTETS)? == form::hash(digest, content);
    Some(named && certificate_hash(first, stamper)?)
}

/// One ESSCertIDv2.
fn certificate_hash(mut id: Elements<'_>, stamper: &Certificate) -> Option<bool> {
    let number = match id.optional(SEQUENCE) {
        Some(algorithm) => form::hash_number(&algorithm)?,
        None => 0,
    };
    Some(id.next(OCTETS)?.content == form::hash(number, &stamper.bytes))
}

fn read(file: &[u8]) -> Option<Stamp<'_>> {
    let mut response = Elements::within(file, SEQUENCE)?;
    (response.inside(SEQUENCE)?.next(INTEGER)?.content == [0]).then_some(())?;
    let mut token = response.inside(SEQUENCE)?;
    response.end()?;
    (token.next(OID)?.content == SIGNED_DATA).then_some(())?;
    let mut data = Elements::within(token.next(CONTEXT_0)?.content, SEQUENCE)?;
    token.end()?;
    data.next(INTEGER)?;
    data.next(SET)?;
    let mut info = data.inside(SEQUENCE)?;
    (info.next(OID)?.content == TST_INFO).then_some(())?;
    let content = crate::asn1::only(info.next(CONTEXT_0)?.content, OCTETS)?;
    info.end()?;
    let certificates = match data.optional(CONTEXT_0) {
        Some(list) => form::certificates(&crate::asn1::all(list.content)?),
        None => Vec::new(),
    };
    data.optional(CONTEXT_1);
    let mut signers = data.inside(SET)?;
    data.end()?;
    let mut signer = signers.inside(SEQUENCE)?;
    signers.end()?;
    signer.next(INTEGER)?;
    let (sid, digest) = (signer.any()?.whole, signer.next(SEQUENCE)?);
    let attributes = signer.optional(CONTEXT_0).map(|attributes| attributes.content);
    let (algorithm, signature) = (signer.next(SEQUENCE)?.whole, signer.next(OCTETS)?.content);
    signer.optional(CONTEXT_1);
    signer.end()?;

    let mut info = Elements::within(content, SEQUENCE)?;
    (info.next(INTEGER)?.content == [1]).then_some(())?;
    let policy = info.next(OID)?.content;
    let mut imprint = info.inside(SEQUENCE)?;
    let (imprint_algorithm, imprinted) = (imprint.next(SEQUENCE)?, imprint.next(OCTETS)?.content);
    imprint.end()?;
    info.next(INTEGER)?;
    let time = form::time(&info.any()?, true)?;
    info.optional(SEQUENCE);
    info.optional(0x01);
    let nonce = info.optional(INTEGER).map(|nonce| nonce.content);
    info.optional(CONTEXT_0);
    info.optional(CONTEXT_1);
    info.end()?;
    Some(Stamp {
        content,
        certificates,
        sid,
        digest: form::hash_number(&digest),
        attributes,
        algorithm,
        signature,
        policy,
        imprint_algorithm,
        imprint: imprinted,
        time,
        nonce,
    })
}
