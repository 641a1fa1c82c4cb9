//! An answer of the issuer's OCSP responder about the leaf of one container. Spec: 07c-evidence, OCSP-1 to OCSP-8.

use super::form::{self, Extension, SHA1_OID};
use crate::asn1::{CONTEXT_0, CONTEXT_1, Element, Elements, OCTETS, OID, SEQUENCE};
use crate::bytes::{Fault, Hash};
use crate::certificate::Certificate;
use crate::hash::Labelled;
use crate::manifest::Ocsp;

const BASIC: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
const NONCE: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const ENUMERATED: u8 = 0x0A;
const CONTEXT_2: u8 = 0xA2;
const GOOD: [u8; 2] = [0x80, 0];
const UNKNOWN: [u8; 2] = [0x82, 0];

/// What an answer is about.
pub struct Question<'a> {
    /// What the manifest asks for.
    pub asked: &'a Ocsp,
    /// The election id.
    pub election: &'a Hash,
    /// The container as received.
    pub container: &'a [u8],
    /// Its leaf.
    pub leaf: &'a Certificate,
    /// Who issued the leaf, if it is among the container's certificates and the anchors.
    pub issuer: Option<&'a Certificate>,
    /// When the ballot was accepted.
    pub time: u64,
}

struct Answer<'a> {
    /// tbsResponseData.
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    certificates: Vec<Certificate>,
    responder: Element<'a>,
    produced: u64,
    singles: Vec<Single<'a>>,
    extensions: Vec<Extension<'a>>,
}

struct Single<'a> {
    hash: Element<'a>,
    name_hash: &'a [u8],
    key_hash: &'a [u8],
    serial: &'a [u8],
    status: &'a [u8],
    this_update: u64,
    next_update: Option<u64>,
    extensions: Vec<Extension<'a>>,
}

/// Accepts an answer, as received.
pub fn accept(file: &[u8], question: &Question<'_>) -> Result<(), Fault> {
    let fault = |rule, text: &str| Err(Fault::new(rule, text));
    let answer = read(file).ok_or_else(|| Fault::new("OCSP-1", "not one successful basic OCSPResponse"))?;
    let Some(issuer) = question.issuer else { return fault("OCSP-2", "the leaf's issuer is not known") };
    let responders = responders(&answer, issuer);
    if responders.is_empty() {
        return fault("OCSP-2", "no responder that may vouch for this issuer");
    }
    let verified = |responder: &&Certificate| responder.key.verify(answer.algorithm, answer.signed, answer.signature).is_ok();
    if !responders.iter().any(verified) {
        return fault("OCSP-3", "the signature does not verify under the responder's key");
    }
    let [single] = answer.singles.as_slice() else { return fault("OCSP-4", "not about exactly one certificate") };
    if !names(single, question.leaf, issuer) {
        return fault("OCSP-4", "about another certificate");
    }
    if single.status != GOOD {
        return fault("OCSP-5", if single.status == UNKNOWN { "the certificate is not known" } else { "the certificate is revoked" });
    }
    times(&answer, single, question)?;
    let nonces: Vec<&Extension<'_>> = answer.extensions.iter().filter(|extension| extension.oid == NONCE).collect();
    if question.asked.nonce {
        let nonce = Labelled::new("ocsp").with(question.election).with(question.container).done();
        let [one] = nonces.as_slice() else { return fault("OCSP-7", "not exactly one nonce") };
        if one.value != crate::asn1::element(OCTETS, &nonce) {
            return fault("OCSP-7", "the nonce of another request");
        }
    }
    let others = answer.extensions.iter().filter(|extension| extension.oid != NONCE).chain(&single.extensions);
    if others.into_iter().any(|extension| extension.critical) {
        return fault("OCSP-8", "a critical extension");
    }
    Ok(())
}

/// OCSP-6.
fn times(answer: &Answer<'_>, single: &Single<'_>, question: &Question<'_>) -> Result<(), Fault> {
    let late = |text: &str| Err(Fault::new("OCSP-6", text));
    let (asked, time) = (question.asked, question.time);
    let (before, after) = (time.saturating_sub(asked.clock), time.saturating_add(asked.clock));
    if single.this_update < before.saturating_sub(asked.age) {
        return late("older than the manifest allows");
    }
    if single.this_update > after || answer.produced > after {
        return late("later than the ballot");
    }
    if single.this_update > answer.produced {
        return late("produced before what it says was known");
    }
    if single.next_update.is_some_and(|next| next < before) {
        return late("a newer answer was due");
    }
    if asked.nonce && answer.produced < before {
        return late("produced before it was asked for");
    }
    Ok(())
}

/// Whoever the answer may come from. OCSP-2.
fn responders<'a>(answer: &'a Answer<'_>, issuer: &'a Certificate) -> Vec<&'a Certificate> {
    let named = |certificate: &Certificate| match answer.responder.tag {
        CONTEXT_1 => answer.responder.content == certificate.subject,
        _ => crate::asn1::only(answer.responder.content, OCTETS) == Some(&form::sha1(&certificate.key_bits)),
    };
    let delegated = |certificate: &&Certificate| {
        certificate.issuer == issuer.subject
            && certificate.issued_by(issuer).is_ok()
            && certificate.purposes().1.iter().any(|purpose| purpose == OCSP_SIGNING)
            && certificate.valid_at(answer.produced).is_ok()
    };
    std::iter::once(issuer).chain(answer.certificates.iter().filter(delegated)).filter(|certificate| named(certificate)).collect()
}

/// Is the CertID that of the leaf? OCSP-4.
fn names(single: &Single<'_>, leaf: &Certificate, issuer: &Certificate) -> bool {
    let hash = |bytes: &[u8]| match form::plain_algorithm(&single.hash) {
        Some(SHA1_OID) => Some(form::sha1(bytes)),
        _ => form::hash_number(&single.hash).filter(|number| *number == 0).map(|number| form::hash(number, bytes)),
    };
    let is = |found: &[u8], bytes: &[u8]| hash(bytes).is_some_and(|hash| hash == found);
    is(single.name_hash, &issuer.subject) && is(single.key_hash, &issuer.key_bits) && single.serial == leaf.serial
}

/// OCSP-1.
fn read(file: &[u8]) -> Option<Answer<'_>> {
    let mut outer = Elements::within(file, SEQUENCE)?;
    (outer.next(ENUMERATED)?.content == [0]).then_some(())?;
    let mut wrapped = Elements::within(outer.next(CONTEXT_0)?.content, SEQUENCE)?;
    outer.end()?;
    (wrapped.next(OID)?.content == BASIC).then_some(())?;
    let mut basic = Elements::within(wrapped.next(OCTETS)?.content, SEQUENCE)?;
    wrapped.end()?;
    let (signed, algorithm) = (basic.next(SEQUENCE)?, basic.next(SEQUENCE)?);
    let signature = form::bits(&basic.any()?)?;
    let certificates = match basic.optional(CONTEXT_0) {
        Some(list) => form::certificates(&Elements::within(list.content, SEQUENCE)?.rest(SEQUENCE)?),
        None => Vec::new(),
    };
    basic.end()?;

    let mut data = Elements::within(signed.whole, SEQUENCE)?;
    if let Some(version) = data.optional(CONTEXT_0) {
        crate::asn1::only(version.content, crate::asn1::INTEGER)?;
    }
    let responder = data.any().filter(|responder| match responder.tag {
        CONTEXT_1 => crate::asn1::only(responder.content, SEQUENCE).is_some(),
        CONTEXT_2 => crate::asn1::only(responder.content, OCTETS).is_some(),
        _ => false,
    })?;
    let produced = form::time(&data.any()?, false)?;
    let singles = data.inside(SEQUENCE)?.rest(SEQUENCE)?.iter().map(single).collect::<Option<_>>()?;
    let extensions = data.optional(CONTEXT_1).map_or_else(|| Some(Vec::new()), |tagged| form::extensions(&tagged))?;
    data.end()?;
    Some(Answer { signed: signed.whole, algorithm: algorithm.whole, signature, certificates, responder, produced, singles, extensions })
}

fn single<'a>(element: &Element<'a>) -> Option<Single<'a>> {
    let mut parts = Elements::within(element.whole, SEQUENCE)?;
    let mut id = parts.inside(SEQUENCE)?;
    let (hash, name_hash, key_hash) = (id.next(SEQUENCE)?, id.next(OCTETS)?.content, id.next(OCTETS)?.content);
    let serial = id.next(crate::asn1::INTEGER)?.whole;
    id.end()?;
    let status = parts.any()?.whole;
    (status == GOOD || status == UNKNOWN || status.starts_with(&[CONTEXT_1])).then_some(())?;
    let this_update = form::time(&parts.any()?, false)?;
    let next_update = match parts.optional(CONTEXT_0) {
        Some(tagged) => {
            let mut inner = Elements::of(tagged.content);
            let time = form::time(&inner.any()?, false)?;
            inner.end()?;
            Some(time)
        }
        None => None,
    };
    let extensions = parts.optional(CONTEXT_1).map_or_else(|| Some(Vec::new()), |tagged| form::extensions(&tagged))?;
    parts.end()?;
    Some(Single { hash, name_hash, key_hash, serial, status, this_update, next_update, extensions })
}
