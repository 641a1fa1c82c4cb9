//! X.509 certificates and paths of them. Spec: 07a-envelope, ENV-20 to ENV-38.

use crate::bytes::{Fault, Hash};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode, Tag, Tagged};
use std::collections::HashSet;
use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const EC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
const RSA_KEY: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const CURVES: [(ObjectIdentifier, Curve); 3] =
    [(oid("1.2.840.10045.3.1.7"), Curve::P256), (oid("1.3.132.0.34"), Curve::P384), (oid("1.3.132.0.35"), Curve::P521)];
const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");

/// Is this exactly one DER certificate with readable extensions? MAN-14, by ENV-20.
pub fn is_certificate(bytes: &[u8]) -> bool {
    Certificate::read(bytes).is_ok()
}

/// Curves of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Curve {
    P256,
    P384,
    P521,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point as X9.62 writes it.
    Ec(Curve, Vec<u8>),
    /// An RSAPublicKey in DER.
    Rsa(Vec<u8>),
    /// Something that signs nothing here.
    Other,
}

/// A certificate that satisfies ENV-20; the other rules have yet to be checked.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Issuer name, in DER.
    pub issuer: Vec<u8>,
    /// Subject name, in DER.
    pub subject: Vec<u8>,
    /// Serial number, in DER.
    pub serial: Vec<u8>,
    /// Its key.
    pub key: PublicKey,
    parsed: X509,
    signed: Vec<u8>,
    constraints: Option<BasicConstraints>,
    usage: Option<KeyUsage>,
}

impl Certificate {
    /// Reads a certificate. ENV-20.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let fault = |_| Fault::new("ENV-20", "not exactly one DER certificate with readable extensions");
        let parsed = X509::from_der(bytes).map_err(fault)?;
        if parsed.to_der().map_err(fault)? != bytes {
            return Err(Fault::new("ENV-20", "a certificate that is not in DER"));
        }
        let tbs = parsed.tbs_certificate();
        let mut certificate = Self {
            hash: crate::hash::sha256(bytes),
            bytes: bytes.to_vec(),
            issuer: tbs.issuer().to_der().map_err(fault)?,
            subject: tbs.subject().to_der().map_err(fault)?,
            serial: tbs.serial_number().to_der().map_err(fault)?,
            key: public_key(&parsed),
            signed: tbs.to_der().map_err(fault)?,
            constraints: None,
            usage: None,
            parsed: parsed.clone(),
        };
        for extension in tbs.extensions().into_iter().flatten() {
            let value = extension.extn_value.as_bytes();
            match extension.extn_id {
                BASIC_CONSTRAINTS => certificate.constraints = Some(BasicConstraints::from_der(value).map_err(fault)?),
                KEY_USAGE => certificate.usage = Some(KeyUsage::from_der(value).map_err(fault)?),
                EXTENDED_KEY_USAGE => drop(ExtendedKeyUsage::from_der(value).map_err(fault)?),
                _ => {}
            }
        }
        Ok(certificate)
    }

    /// Rules of every certificate of a path. ENV-21 to ENV-24.
    fn well_made(&self) -> Result<(), Fault> {
        let tbs = self.parsed.tbs_certificate();
        if tbs.version() != x509_cert::certificate::Version::V3 {
            return Err(Fault::new("ENV-21", "not of version 3"));
        }
        if tbs.signature() != self.parsed.signature_algorithm() {
            return Err(Fault::new("ENV-22", "two signature algorithms"));
        }
        let mut seen = HashSet::new();
        for extension in tbs.extensions().into_iter().flatten() {
            if !seen.insert(extension.extn_id) {
                return Err(Fault::new("ENV-23", "an extension stands twice"));
            }
            let known = [BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE].contains(&extension.extn_id);
            if extension.critical && !known {
                return Err(Fault::new("ENV-24", format!("the critical extension {}", extension.extn_id)));
            }
        }
        Ok(())
    }

    /// The person code. ENV-25.
    pub fn person_code(&self) -> Result<String, Fault> {
        let fault = || Fault::new("ENV-25", "the subject has not exactly one serial number of a person");
        let name = self.parsed.tbs_certificate().subject();
        let mut numbers = name.iter().filter(|attribute| attribute.oid == SERIAL_NUMBER);
        let (Some(number), None) = (numbers.next(), numbers.next()) else { return Err(fault()) };
        let text = match number.value.tag() {
            Tag::PrintableString | Tag::Utf8String => std::str::from_utf8(number.value.value()).map_err(|_| fault())?,
            _ => return Err(fault()),
        };
        let rest = text
            .strip_prefix("PNO")
            .and_then(|rest| rest.split_at_checked(2))
            .filter(|(country, _)| country.bytes().all(|b| b.is_ascii_uppercase()));
        let number = rest.and_then(|(_, rest)| rest.strip_prefix('-')).ok_or_else(fault)?;
        let good = (1..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if good { Ok(text.to_owned()) } else { Err(fault()) }
    }

    /// Rules of a certificate that a person signs with. ENV-25 to ENV-27.
    fn signs_for_a_person(&self) -> Result<(), Fault> {
        self.person_code()?;
        if self.constraints.as_ref().is_some_and(|constraints| constraints.ca) {
            return Err(Fault::new("ENV-26", "an authority's certificate"));
        }
        if !self.usage.as_ref().is_some_and(KeyUsage::non_repudiation) {
            return Err(Fault::new("ENV-27", "not a certificate for signing"));
        }
        Ok(())
    }

    /// ENV-30, ENV-31.
    fn valid_at(&self, time: u64) -> Result<(), Fault> {
        let validity = self.parsed.tbs_certificate().validity();
        if time < validity.not_before.to_unix_duration().as_secs() {
            return Err(Fault::new("ENV-30", "not yet valid"));
        }
        if time > validity.not_after.to_unix_duration().as_secs() {
            return Err(Fault::new("ENV-31", "no longer valid"));
        }
        Ok(())
    }

    /// Rules of an issuer with so many authorities below it. ENV-34 to ENV-36.
    fn may_issue(&self, below: usize) -> Result<(), Fault> {
        let constraints = self.constraints.as_ref().filter(|constraints| constraints.ca);
        let constraints = constraints.ok_or_else(|| Fault::new("ENV-34", "an issuer that is no authority"))?;
        if !self.usage.as_ref().is_some_and(KeyUsage::key_cert_sign) {
            return Err(Fault::new("ENV-35", "an issuer whose key may not sign certificates"));
        }
        match constraints.path_len_constraint {
            Some(most) if below > usize::from(most) => Err(Fault::new("ENV-36", "too many authorities below an issuer")),
            _ => Ok(()),
        }
    }

    /// ENV-37, ENV-38.
    fn issued_by(&self, issuer: &Self) -> Result<(), Fault> {
        let unknown = || Fault::new("ENV-37", "signed in a way that is not listed");
        let algorithm = self.parsed.signature_algorithm();
        let plain = algorithm.parameters.is_none();
        let null = algorithm.parameters.as_ref().is_some_and(|any| any.tag() == Tag::Null);
        let name = algorithm.oid.to_string();
        let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match (name.as_str(), &issuer.key) {
            ("1.2.840.10045.4.3.2", PublicKey::Ec(curve, key)) if plain => (ecdsa(*curve, 256), key),
            ("1.2.840.10045.4.3.3", PublicKey::Ec(curve, key)) if plain => (ecdsa(*curve, 384), key),
            ("1.2.840.10045.4.3.4", PublicKey::Ec(curve, key)) if plain => (ecdsa(*curve, 512), key),
            ("1.2.840.113549.1.1.11", PublicKey::Rsa(key)) if null => (&signature::RSA_PKCS1_2048_8192_SHA256, key),
            ("1.2.840.113549.1.1.12", PublicKey::Rsa(key)) if null => (&signature::RSA_PKCS1_2048_8192_SHA384, key),
            ("1.2.840.113549.1.1.13", PublicKey::Rsa(key)) if null => (&signature::RSA_PKCS1_2048_8192_SHA512, key),
            _ => return Err(unknown()),
        };
        let signed = self.parsed.signature().as_bytes().ok_or_else(unknown)?;
        let verified = UnparsedPublicKey::new(algorithm, key).verify(&self.signed, signed);
        verified.map_err(|_| Fault::new("ENV-38", "a certificate's signature does not verify under its issuer's key"))
    }
}

fn ecdsa(curve: Curve, bits: u16) -> &'static dyn VerificationAlgorithm {
    match (curve, bits) {
        (Curve::P256, 256) => &signature::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, 384) => &signature::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, _) => &signature::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, 256) => &signature::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, 384) => &signature::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, _) => &signature::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, 256) => &signature::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, 384) => &signature::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, _) => &signature::ECDSA_P521_SHA512_ASN1,
    }
}

fn public_key(certificate: &X509) -> PublicKey {
    let info = certificate.tbs_certificate().subject_public_key_info();
    let Some(key) = info.subject_public_key.as_bytes() else { return PublicKey::Other };
    let parameters = info.algorithm.parameters.as_ref();
    if info.algorithm.oid == RSA_KEY && parameters.is_some_and(|any| any.tag() == Tag::Null) {
        return PublicKey::Rsa(key.to_vec());
    }
    let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok()).filter(|_| info.algorithm.oid == EC_KEY);
    let curve = named.and_then(|named| CURVES.iter().find(|(oid, _)| *oid == named));
    curve.map_or(PublicKey::Other, |(_, curve)| PublicKey::Ec(*curve, key.to_vec()))
}

/// Certificates that the manifest names, and signatures among issuers that have been verified.
pub struct Anchors {
    certificates: Vec<Certificate>,
    verified: std::sync::Mutex<HashSet<(Hash, Hash)>>,
}

impl Anchors {
    /// The anchors that can be read; the manifest's check has refused others already.
    pub fn new(anchors: &[Vec<u8>]) -> Self {
        let certificates = anchors.iter().filter_map(|bytes| Certificate::read(bytes).ok()).collect();
        Self { certificates, verified: std::sync::Mutex::default() }
    }

    /// Accepts a signing certificate at a time if one path holds. ENV-21 to ENV-38.
    pub fn accept(&self, leaf: &Certificate, embedded: &[Certificate], time: u64) -> Result<(), Fault> {
        leaf.well_made()?;
        leaf.signs_for_a_person()?;
        leaf.valid_at(time)?;
        let mut nearest = None;
        let mut path = vec![leaf];
        if self.search(&mut path, embedded, time, &mut nearest) {
            Ok(())
        } else {
            Err(nearest.map_or_else(|| Fault::new("ENV-32", "no issuer of that name"), |(_, fault)| fault))
        }
    }

    /// Tries every issuer of the last certificate. `nearest` is the fault of the longest path that failed.
    fn search<'a>(
        &'a self,
        path: &mut Vec<&'a Certificate>,
        embedded: &'a [Certificate],
        time: u64,
        nearest: &mut Option<(usize, Fault)>,
    ) -> bool {
        let Some(last) = path.last().copied() else { return false };
        let issuers = self.certificates.iter().zip(std::iter::repeat(true)).chain(embedded.iter().zip(std::iter::repeat(false)));
        for (issuer, is_anchor) in issuers {
            if issuer.subject != last.issuer || path.iter().any(|other| other.hash == issuer.hash) {
                continue;
            }
            let fault = if path.len() >= 4 {
                Err(Fault::new("ENV-33", "a path of more than four certificates"))
            } else {
                self.step(last, issuer, path.len(), time)
            };
            match fault {
                Err(fault) => {
                    if nearest.as_ref().is_none_or(|(length, _)| *length < path.len()) {
                        *nearest = Some((path.len(), fault));
                    }
                }
                Ok(()) if is_anchor => return true,
                Ok(()) => {
                    path.push(issuer);
                    if self.search(path, embedded, time, nearest) {
                        return true;
                    }
                    path.pop();
                }
            }
        }
        false
    }

    fn step(&self, child: &Certificate, issuer: &Certificate, length: usize, time: u64) -> Result<(), Fault> {
        issuer.well_made()?;
        issuer.valid_at(time)?;
        issuer.may_issue(length.saturating_sub(1))?;
        // Authorities sign each other once for all voters; a voter's own certificate is verified each time.
        let pair = (child.hash, issuer.hash);
        let known = length > 1 && self.verified.lock().is_ok_and(|verified| verified.contains(&pair));
        if !known {
            child.issued_by(issuer)?;
            if length > 1
                && let Ok(mut verified) = self.verified.lock()
                && verified.len() < 10_000
            {
                verified.insert(pair);
            }
        }
        Ok(())
    }
}
