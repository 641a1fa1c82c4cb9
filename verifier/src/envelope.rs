//! The container of one ballot: CMS SignedData of which every byte is prescribed. Spec: 07a-envelope, ENV-1 to ENV-17.

use crate::asic;
use crate::asn1::{self, CONTEXT_0, CONTEXT_1, Element, OCTETS, OID, SEQUENCE, SET};
use crate::bytes::Fault;
use crate::certificate::{Anchors, Certificate, Curve, PublicKey};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// ENV-1.
pub const LONGEST: u64 = 16_384;

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05];
const SIGNING_CERTIFICATE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];

/// Which container an election has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// This file's.
    CadesB,
    /// 07b's.
    AsicE,
}

impl Profile {
    /// By its name in the manifest.
    pub fn named(name: &str) -> Option<Self> {
        [("cades-b", Self::CadesB), ("asic-e", Self::AsicE)].into_iter().find(|(known, _)| *known == name).map(|(_, profile)| profile)
    }

    /// The longest container of a content of this length.
    pub fn longest(self, content: u64) -> u64 {
        match self {
            Self::CadesB => LONGEST,
            Self::AsicE => content.saturating_add(LONGEST),
        }
    }

    /// Accepts a container over a content at a time; gives the person code.
    pub fn accept(self, container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
        match self {
            Self::CadesB => accept(container, content, anchors, time),
            Self::AsicE => asic::accept(container, content, anchors, time),
        }
    }
}

/// What a leaf's key decides.
pub struct Suite {
    /// The hash H.
    pub digest: &'static digest::Algorithm,
    digest_oid: &'static [u8],
    signature_oid: &'static [u8],
    /// What follows the OID of the signature.
    parameters: &'static [u8],
    /// Of the curve; none for RSA.
    pub order: &'static str,
    /// How a signature is verified.
    pub verification: &'static dyn VerificationAlgorithm,
}

const P256: Suite = Suite {
    digest: &SHA256,
    digest_oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
    parameters: &[],
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    verification: &signature::ECDSA_P256_SHA256_ASN1,
};
const P384: Suite = Suite {
    digest: &SHA384,
    digest_oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
    parameters: &[],
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    verification: &signature::ECDSA_P384_SHA384_ASN1,
};
const P521: Suite = Suite {
    digest: &SHA512,
    digest_oid: SHA512_OID,
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04],
    parameters: &[],
    order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
            51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    verification: &signature::ECDSA_P521_SHA512_ASN1,
};
const RSA: Suite = Suite {
    digest: &SHA512,
    digest_oid: SHA512_OID,
    signature_oid: &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A],
    parameters: &PSS,
    order: "",
    verification: &signature::RSA_PSS_2048_8192_SHA512,
};
const SHA512_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// SHA-512, MGF1 with SHA-512, 64 bytes of salt.
const PSS: [u8; 54] = [
    0x30, 52, 0xA0, 15, 0x30, 13, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0, // [0]
    0xA1, 28, 0x30, 26, 0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, // [1]
    0x30, 13, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0, //
    0xA2, 3, 0x02, 1, 64, // [2]
];

impl Suite {
    fn signature_algorithm(&self) -> Vec<u8> {
        asn1::holding(SEQUENCE, &[&asn1::element(OID, self.signature_oid), self.parameters])
    }
}

/// The fields of a container that are not fixed by its content.
struct Fields<'a> {
    certificates: Vec<&'a [u8]>,
    digests: &'a [u8],
    sid: &'a [u8],
    digest: &'a [u8],
    attributes: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// Accepts a container over a content at a time; gives the person code.
pub fn accept(container: &[u8], content: &[u8], anchors: &Anchors, time: u64) -> Result<String, Fault> {
    if container.len() as u64 > LONGEST {
        return Err(Fault::new("ENV-1", "too long"));
    }
    let fields = cut(container)?;
    let embedded = fields.certificates.iter().map(|bytes| Certificate::read(bytes)).collect::<Result<Vec<_>, _>>()?;
    let named = |leaf: &&Certificate| asn1::holding(SEQUENCE, &[&leaf.issuer, &leaf.serial]) == fields.sid;
    let mut leaves = embedded.iter().filter(named);
    let (Some(leaf), None) = (leaves.next(), leaves.next()) else {
        return Err(Fault::new("ENV-8", "the sid does not name exactly one certificate"));
    };
    let (suite, key) = suite(leaf)?;
    let digest = algorithm(suite.digest_oid);
    if fields.digest != digest || fields.digests != digest || fields.algorithm != suite.signature_algorithm() {
        return Err(Fault::new("ENV-10", "not the algorithms of the leaf's key"));
    }
    let time_element = attributes(&fields, content, leaf, &embedded, &suite)?;
    match modulus(key).filter(|_| suite.order.is_empty()) {
        Some(length) if length == fields.signature.len() => {}
        Some(_) => return Err(Fault::new("ENV-14", "not as long as the modulus")),
        None => signature_form(fields.signature, &suite)?,
    }
    let signed = signed_attributes(SET, content, leaf, &embedded, &suite, time_element);
    if write(&embedded, leaf, content, &suite, time_element, fields.signature) != container {
        return Err(Fault::new("ENV-16", "a byte that the layout does not prescribe"));
    }
    let verified = UnparsedPublicKey::new(suite.verification, key).verify(&signed, fields.signature);
    verified.map_err(|_| Fault::new("ENV-17", "the signature does not verify"))?;
    anchors.accept(leaf, &embedded, time)?;
    leaf.person_code()
}

/// What the leaf's key decides, and the key. ENV-9.
pub fn suite(leaf: &Certificate) -> Result<(Suite, &[u8]), Fault> {
    match &leaf.key {
        PublicKey::Ec(Curve::P256, key) => Ok((P256, key)),
        PublicKey::Ec(Curve::P384, key) => Ok((P384, key)),
        PublicKey::Ec(Curve::P521, key) => Ok((P521, key)),
        PublicKey::Rsa(key) if modulus(key).is_some() => Ok((RSA, key)),
        _ => Err(Fault::new("ENV-9", "the leaf's key is of no kind that an eID has")),
    }
}

/// Follows the layout from the outside in. ENV-2 to ENV-7.
fn cut(container: &[u8]) -> Result<Fields<'_>, Fault> {
    let broken = || Fault::new("ENV-2", "not one ContentInfo with a SignedData in DER");
    let outer = asn1::only(container, SEQUENCE).and_then(asn1::all).ok_or_else(broken)?;
    let [kind, wrapped] = outer.as_slice() else { return Err(broken()) };
    if kind.tag != OID || kind.content != SIGNED_DATA || wrapped.tag != CONTEXT_0 {
        return Err(broken());
    }
    let data = asn1::only(wrapped.content, SEQUENCE).and_then(asn1::all).ok_or_else(broken)?;
    let [_, digests, info, rest @ ..] = data.as_slice() else { return Err(broken()) };
    let (digests, info) = (inside(digests, SET), inside(info, SEQUENCE));
    let ([digests], [_, content @ ..]) = (digests.as_slice(), info.as_slice()) else { return Err(broken()) };
    if !content.is_empty() {
        return Err(Fault::new("ENV-3", "the content stands inside"));
    }
    let (certificates, rest) = match rest {
        [first, rest @ ..] if first.tag == CONTEXT_0 => (inside(first, CONTEXT_0), rest),
        _ => return Err(Fault::new("ENV-7", "no certificates")),
    };
    if !(1..=4).contains(&certificates.len()) {
        return Err(Fault::new("ENV-7", format!("{} certificates", certificates.len())));
    }
    let signers = match rest {
        [crls, ..] if crls.tag == CONTEXT_1 => return Err(Fault::new("ENV-4", "revocation lists")),
        [signers] => inside(signers, SET),
        _ => return Err(broken()),
    };
    let [signer] = signers.as_slice() else { return Err(Fault::new("ENV-5", format!("{} signers", signers.len()))) };
    let signer = inside(signer, SEQUENCE);
    let [_, sid, digest, attributes, algorithm, signature, unsigned @ ..] = signer.as_slice() else { return Err(broken()) };
    if !unsigned.is_empty() {
        return Err(Fault::new("ENV-6", "unsigned attributes"));
    }
    if attributes.tag != CONTEXT_0 || signature.tag != OCTETS {
        return Err(broken());
    }
    Ok(Fields {
        certificates: certificates.iter().map(|certificate| certificate.whole).collect(),
        digests: digests.whole,
        sid: sid.whole,
        digest: digest.whole,
        attributes: attributes.content,
        algorithm: algorithm.whole,
        signature: signature.content,
    })
}

/// The elements in an element with this tag; none if it has another.
fn inside<'a>(element: &Element<'a>, tag: u8) -> Vec<Element<'a>> {
    if element.tag == tag { asn1::all(element.content).unwrap_or_default() } else { Vec::new() }
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    asn1::holding(SEQUENCE, &[&asn1::element(OID, oid)])
}

/// Reads the four attributes, and gives the element of the signing time. ENV-11 to ENV-13.
fn attributes<'a>(
    fields: &Fields<'a>,
    content: &[u8],
    leaf: &Certificate,
    embedded: &[Certificate],
    suite: &Suite,
) -> Result<&'a [u8], Fault> {
    let fault = || Fault::new("ENV-11", "not the four attributes, each with one value");
    let mut found: Vec<(&[u8], Element<'_>)> = Vec::new();
    for attribute in asn1::all(fields.attributes).ok_or_else(fault)? {
        let parts = inside(&attribute, SEQUENCE);
        let [kind, values] = parts.as_slice() else { return Err(fault()) };
        let values = inside(values, SET);
        let ([value], OID) = (values.as_slice(), kind.tag) else { return Err(fault()) };
        found.push((kind.content, *value));
    }
    let value = |kind: &[u8]| found.iter().find(|(other, _)| *other == kind).map(|(_, value)| *value).ok_or_else(fault);
    let (kind, time) = (value(CONTENT_TYPE)?, value(SIGNING_TIME)?);
    let (digest, certificates) = (value(MESSAGE_DIGEST)?, value(SIGNING_CERTIFICATE)?);
    if found.len() != 4 || kind.whole != asn1::element(OID, DATA) || !is_time(&time) {
        return Err(fault());
    }
    if digest.whole != asn1::element(OCTETS, digest::digest(suite.digest, content).as_ref()) {
        return Err(Fault::new("ENV-12", "signs another content"));
    }
    if certificates.whole != signing_certificate(leaf, embedded) {
        return Err(Fault::new("ENV-13", "does not list the hashes of the certificates"));
    }
    Ok(time.whole)
}

/// UTCTime through 2049, then GeneralizedTime; a day that exists; not before 1970. What the signer's clock said decides nothing.
fn is_time(time: &Element<'_>) -> bool {
    use der::asn1::{GeneralizedTime, UtcTime};
    use der::{Decode, Encode};
    let same = |again: der::Result<Vec<u8>>| again.is_ok_and(|again| again == time.whole);
    match time.tag {
        0x17 => UtcTime::from_der(time.whole).is_ok_and(|utc| same(utc.to_der())),
        0x18 => GeneralizedTime::from_der(time.whole).is_ok_and(|general| general.to_date_time().year() >= 2050 && same(general.to_der())),
        _ => false,
    }
}

fn signing_certificate(leaf: &Certificate, embedded: &[Certificate]) -> Vec<u8> {
    let mut others: Vec<&Certificate> = embedded.iter().filter(|other| other.hash != leaf.hash).collect();
    others.sort_by(|a, b| a.bytes.cmp(&b.bytes));
    let id = |certificate: &&Certificate| asn1::holding(SEQUENCE, &[&asn1::element(OCTETS, &certificate.hash)]);
    let ids: Vec<Vec<u8>> = std::iter::once(&leaf).chain(&others).map(id).collect();
    asn1::holding(SEQUENCE, &[&asn1::element(SEQUENCE, &ids.concat())])
}

/// Bytes of the modulus of an RSAPublicKey, `SEQUENCE { INTEGER n, INTEGER e }`, if it has 2,048 to 8,192 bits. ENV-9.
pub fn modulus(key: &[u8]) -> Option<usize> {
    let parts = asn1::all(asn1::only(key, SEQUENCE)?)?;
    let [n, e] = parts.as_slice() else { return None };
    let (n, _) = (asn1::positive(n)?, asn1::positive(e)?);
    let bits = 8 * n.len() - n.first()?.leading_zeros() as usize;
    (2_048..=8_192).contains(&bits).then_some(n.len())
}

/// Two INTEGERs `r`, `s` below the order; `s` at most half of it. ENV-14, ENV-15.
pub fn signature_form(bytes: &[u8], suite: &Suite) -> Result<(), Fault> {
    let fault = || Fault::new("ENV-14", "not two numbers below the order of the curve");
    let parts = asn1::only(bytes, SEQUENCE).and_then(asn1::all).ok_or_else(fault)?;
    let [r, s] = parts.as_slice() else { return Err(fault()) };
    let order = hex::decode(suite.order).map_err(|_| fault())?;
    let padded = |element: &Element<'_>| -> Option<Vec<u8>> {
        let value = asn1::positive(element)?;
        let zeros = order.len().checked_sub(value.len())?;
        Some([vec![0; zeros], value].concat()).filter(|value| *value < order)
    };
    padded(r).ok_or_else(fault)?;
    let s = padded(s).ok_or_else(fault)?;
    let mut carry = 0;
    let half: Vec<u8> = order
        .iter()
        .map(|byte| {
            let halved = (byte >> 1) | carry;
            carry = byte << 7;
            halved
        })
        .collect();
    if s <= half { Ok(()) } else { Err(Fault::new("ENV-15", "s is in the upper half")) }
}

/// The signed attributes under a tag: `SET` to be signed, `[0]` to be sent.
fn signed_attributes(tag: u8, content: &[u8], leaf: &Certificate, embedded: &[Certificate], suite: &Suite, time: &[u8]) -> Vec<u8> {
    let attribute = |kind: &[u8], value: &[u8]| asn1::holding(SEQUENCE, &[&asn1::element(OID, kind), &asn1::element(SET, value)]);
    let digest = asn1::element(OCTETS, digest::digest(suite.digest, content).as_ref());
    asn1::set_of(
        tag,
        vec![
            attribute(CONTENT_TYPE, &asn1::element(OID, DATA)),
            attribute(SIGNING_TIME, time),
            attribute(MESSAGE_DIGEST, &digest),
            attribute(SIGNING_CERTIFICATE, &signing_certificate(leaf, embedded)),
        ],
    )
}

/// Writes the container anew from what is free in it. ENV-16.
fn write(embedded: &[Certificate], leaf: &Certificate, content: &[u8], suite: &Suite, time: &[u8], signature: &[u8]) -> Vec<u8> {
    let one = asn1::element(asn1::INTEGER, &[1]);
    let digest = algorithm(suite.digest_oid);
    let signer = asn1::holding(
        SEQUENCE,
        &[
            &one,
            &asn1::holding(SEQUENCE, &[&leaf.issuer, &leaf.serial]),
            &digest,
            &signed_attributes(CONTEXT_0, content, leaf, embedded, suite, time),
            &suite.signature_algorithm(),
            &asn1::element(OCTETS, signature),
        ],
    );
    let data = asn1::holding(
        SEQUENCE,
        &[
            &one,
            &asn1::element(SET, &digest),
            &asn1::holding(SEQUENCE, &[&asn1::element(OID, DATA)]),
            &asn1::set_of(CONTEXT_0, embedded.iter().map(|certificate| certificate.bytes.clone()).collect()),
            &asn1::element(SET, &signer),
        ],
    );
    asn1::holding(SEQUENCE, &[&asn1::element(OID, SIGNED_DATA), &asn1::element(CONTEXT_0, &data)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SigningKey, date_time_ymd};

    const TIME: u64 = 1_795_000_000; // November 2026
    const CONTENT: &[u8] = b"a ballot";

    fn authority(name: &str, path_length: u8) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
        params
    }

    fn voter(usage: KeyUsagePurpose) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Mari Maasikas");
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), "PNOEE-38001085718");
        params.key_usages = vec![usage];
        (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2030, 1, 1));
        params
    }

    struct Identity {
        anchors: Anchors,
        embedded: Vec<Certificate>,
        key: KeyPair,
    }

    fn identity(path_length: u8, usage: KeyUsagePurpose) -> Identity {
        identity_with(path_length, usage, &rcgen::PKCS_ECDSA_P256_SHA256)
    }

    fn identity_with(path_length: u8, usage: KeyUsagePurpose, algorithm: &'static rcgen::SignatureAlgorithm) -> Identity {
        let key = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let (root_key, sub_key) = (key(), key());
        let root = authority("root", path_length);
        let root_certificate = root.self_signed(&root_key).unwrap();
        let root = Issuer::new(root, root_key);
        let sub = authority("sub", 0);
        let sub_certificate = sub.signed_by(&sub_key, &root).unwrap();
        let sub = Issuer::new(sub, sub_key);
        let key = KeyPair::generate_for(algorithm).unwrap();
        let leaf = voter(usage).signed_by(&key, &sub).unwrap();
        let embedded = [leaf.der(), sub_certificate.der()].map(|der| Certificate::read(der).unwrap()).to_vec();
        Identity { anchors: Anchors::new(&[root_certificate.der().to_vec()]), embedded, key }
    }

    fn sign(identity: &Identity, content: &[u8]) -> Vec<u8> {
        let (leaf, time) = (&identity.embedded[0], asn1::element(0x17, b"261118120000Z"));
        let signed = signed_attributes(SET, content, leaf, &identity.embedded, &P256, &time);
        loop {
            let signature = identity.key.sign(&signed).unwrap();
            if signature_form(&signature, &P256).is_ok() {
                return write(&identity.embedded, leaf, content, &P256, &time, &signature);
            }
        }
    }

    /// Over the attributes of a suite, by any means.
    fn sign_as(identity: &Identity, suite: &Suite, make: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let (leaf, time) = (&identity.embedded[0], asn1::element(0x17, b"261118120000Z"));
        let signed = signed_attributes(SET, CONTENT, leaf, &identity.embedded, suite, &time);
        write(&identity.embedded, leaf, CONTENT, suite, &time, &make(&signed))
    }

    fn judged(identity: &Identity, container: &[u8], content: &[u8], time: u64) -> Result<String, &'static str> {
        accept(container, content, &identity.anchors, time).map_err(|fault| fault.rule)
    }

    #[test]
    fn honest() {
        let identity = identity(1, KeyUsagePurpose::ContentCommitment);
        let container = sign(&identity, CONTENT);
        assert_eq!(judged(&identity, &container, CONTENT, TIME), Ok("PNOEE-38001085718".to_owned()));
        assert_eq!(judged(&identity, &container, b"another", TIME), Err("ENV-12"));
        assert_eq!(judged(&identity, &container, CONTENT, TIME - 100_000_000), Err("ENV-30"));
        assert_eq!(judged(&identity, &container, CONTENT, TIME + 1_000_000_000), Err("ENV-31"));
        let stranger = self::identity(1, KeyUsagePurpose::ContentCommitment);
        assert_eq!(judged(&stranger, &container, CONTENT, TIME), Err("ENV-38"));
    }

    #[test]
    fn other_kinds_of_keys() {
        let p521 = identity_with(1, KeyUsagePurpose::ContentCommitment, &rcgen::PKCS_ECDSA_P521_SHA512);
        let low = |message: &[u8]| loop {
            let signature = p521.key.sign(message).unwrap();
            if signature_form(&signature, &P521).is_ok() {
                return signature;
            }
        };
        assert!(judged(&p521, &sign_as(&p521, &P521, low), CONTENT, TIME).is_ok());
        assert_eq!(judged(&p521, &sign_as(&p521, &P384, low), CONTENT, TIME), Err("ENV-10"));

        let rsa = identity_with(1, KeyUsagePurpose::ContentCommitment, &rcgen::PKCS_RSA_SHA256);
        let key = signature::RsaKeyPair::from_pkcs8(&rsa.key.serialize_der()).unwrap();
        let with = |padding: &'static dyn signature::RsaEncoding| {
            let key = &key;
            move |message: &[u8]| {
                let mut made = vec![0; key.public_modulus_len()];
                key.sign(padding, &aws_lc_rs::rand::SystemRandom::new(), message, &mut made).unwrap();
                made
            }
        };
        let pss = with(&signature::RSA_PSS_SHA512);
        assert!(judged(&rsa, &sign_as(&rsa, &RSA, &pss), CONTENT, TIME).is_ok());
        assert_eq!(judged(&rsa, &sign_as(&rsa, &P521, &pss), CONTENT, TIME), Err("ENV-10"));
        for shorter in [&signature::RSA_PSS_SHA256 as &dyn signature::RsaEncoding, &signature::RSA_PKCS1_SHA512] {
            assert_eq!(judged(&rsa, &sign_as(&rsa, &RSA, with(shorter)), CONTENT, TIME), Err("ENV-17"));
        }
        let longer = |message: &[u8]| [vec![0], pss(message)].concat();
        assert_eq!(judged(&rsa, &sign_as(&rsa, &RSA, longer), CONTENT, TIME), Err("ENV-14"));
        let number = |bits: usize| asn1::element(asn1::INTEGER, &[vec![0, 0x80], vec![0; bits / 8 - 1]].concat());
        let key = |bits| asn1::holding(SEQUENCE, &[&number(bits), &asn1::element(asn1::INTEGER, &[3])]);
        assert_eq!([1024, 2048, 8192, 9216].map(|bits| modulus(&key(bits))), [None, Some(256), Some(1024), None]);
    }

    #[test]
    fn certificates_for_other_uses() {
        let login = identity(1, KeyUsagePurpose::DigitalSignature);
        assert_eq!(judged(&login, &sign(&login, CONTENT), CONTENT, TIME), Err("ENV-27"));
        let short = identity(0, KeyUsagePurpose::ContentCommitment);
        assert_eq!(judged(&short, &sign(&short, CONTENT), CONTENT, TIME), Err("ENV-36"));
    }

    #[test]
    fn every_byte_is_covered() {
        let identity = identity(1, KeyUsagePurpose::ContentCommitment);
        let container = sign(&identity, CONTENT);
        for position in 0..container.len() {
            for bit in [0x01, 0x80] {
                let mut changed = container.clone();
                changed[position] ^= bit;
                assert!(judged(&identity, &changed, CONTENT, TIME).is_err(), "byte {position}");
            }
        }
        assert_eq!(judged(&identity, &[container.as_slice(), &[0]].concat(), CONTENT, TIME), Err("ENV-2"));
        assert_eq!(judged(&identity, &vec![0x30; 20_000], CONTENT, TIME), Err("ENV-1"));
    }

    #[test]
    fn a_high_s_is_refused() {
        let high = [vec![0; 1], hex::decode(P256.order).unwrap()].concat();
        let mut below = high.clone();
        *below.last_mut().unwrap() -= 1; // n - 1
        let number = |bytes: &[u8]| asn1::element(asn1::INTEGER, bytes);
        let pair = |r: &[u8], s: &[u8]| asn1::holding(SEQUENCE, &[&number(r), &number(s)]);
        let rule = |bytes: &[u8]| signature_form(bytes, &P256).map_err(|fault| fault.rule);
        assert_eq!(rule(&pair(&below, &[1])), Ok(()));
        assert_eq!(rule(&pair(&[1], &below)), Err("ENV-15"));
        assert_eq!(rule(&pair(&high, &[1])), Err("ENV-14"));
        assert_eq!(rule(&pair(&[1], &[0])), Err("ENV-14"));
    }
}
