//! X.509 certificates, one by one. Spec: 07a-envelope, ENV-20 to ENV-27, ENV-30, ENV-31, ENV-34 to ENV-36; 07c-evidence, ENV-39.

mod key;
mod path;

use crate::asn1::{self, Elements, OID, SEQUENCE};
use crate::bytes::{Fault, Hash};
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode, Tag, Tagged};
use std::collections::HashSet;
use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

pub use key::{Curve, PublicKey, algorithm_with};
pub use path::Anchors;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
const POLICIES: ObjectIdentifier = oid("2.5.29.32");
const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");

/// Is this exactly one DER certificate with readable extensions? MAN-14, by ENV-20.
pub fn is_certificate(bytes: &[u8]) -> bool {
    Certificate::read(bytes).is_ok()
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
    /// SubjectPublicKeyInfo, in DER.
    pub info: Vec<u8>,
    /// The bits of the key in it.
    pub key_bits: Vec<u8>,
    parsed: X509,
    /// What its issuer signed, and how.
    signed: Vec<u8>,
    algorithm: Vec<u8>,
    constraints: Option<BasicConstraints>,
    usage: Option<KeyUsage>,
    /// extendedKeyUsage: critical, and the purposes.
    extended: (bool, Vec<String>),
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
        let info = tbs.subject_public_key_info();
        let bits = info.subject_public_key.as_bytes().unwrap_or_default();
        let mut certificate = Self {
            hash: crate::hash::sha256(bytes),
            bytes: bytes.to_vec(),
            issuer: tbs.issuer().to_der().map_err(fault)?,
            subject: tbs.subject().to_der().map_err(fault)?,
            serial: tbs.serial_number().to_der().map_err(fault)?,
            key: PublicKey::read(&info.algorithm.to_der().map_err(fault)?, bits),
            info: info.to_der().map_err(fault)?,
            key_bits: bits.to_vec(),
            signed: tbs.to_der().map_err(fault)?,
            algorithm: parsed.signature_algorithm().to_der().map_err(fault)?,
            constraints: None,
            usage: None,
            extended: (false, Vec::new()),
            parsed: parsed.clone(),
        };
        for extension in tbs.extensions().into_iter().flatten() {
            let value = extension.extn_value.as_bytes();
            match extension.extn_id {
                BASIC_CONSTRAINTS => certificate.constraints = Some(BasicConstraints::from_der(value).map_err(fault)?),
                KEY_USAGE => certificate.usage = Some(KeyUsage::from_der(value).map_err(fault)?),
                EXTENDED_KEY_USAGE => {
                    let purposes = ExtendedKeyUsage::from_der(value).map_err(fault)?.0;
                    certificate.extended = (extension.critical, purposes.iter().map(ToString::to_string).collect());
                }
                _ => {}
            }
        }
        Ok(certificate)
    }

    /// Issuer and serial number, as a sid names it.
    pub fn name(&self) -> Vec<u8> {
        asn1::holding(SEQUENCE, &[&self.issuer, &self.serial])
    }

    /// Rules of every certificate of a path. ENV-21 to ENV-24.
    pub fn well_made(&self) -> Result<(), Fault> {
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

    /// extendedKeyUsage: whether it is critical, and the purposes as dotted OIDs.
    pub fn purposes(&self) -> (bool, &[String]) {
        (self.extended.0, &self.extended.1)
    }

    /// Is one of its policies listed? Policies are contents of OIDs. ENV-39.
    fn has_policy(&self, listed: &[Vec<u8>]) -> Result<(), Fault> {
        let extensions = self.parsed.tbs_certificate().extensions().into_iter().flatten();
        let values: Vec<&[u8]> = extensions.filter(|other| other.extn_id == POLICIES).map(|other| other.extn_value.as_bytes()).collect();
        let policies = match values.as_slice() {
            [value] => Elements::within(value, SEQUENCE).and_then(|all| all.rest(SEQUENCE)),
            _ => None,
        };
        let oids: Option<Vec<&[u8]>> =
            policies.and_then(|all| all.iter().map(|one| Some(Elements::of(one.content).next(OID)?.content)).collect());
        if oids.is_some_and(|oids| oids.iter().any(|oid| listed.iter().any(|listed| listed == oid))) {
            return Ok(());
        }
        Err(Fault::new("ENV-39", "none of the certificate policies that the manifest lists"))
    }

    /// ENV-30, ENV-31.
    pub fn valid_at(&self, time: u64) -> Result<(), Fault> {
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
    pub fn issued_by(&self, issuer: &Self) -> Result<(), Fault> {
        issuer.key.verify(&self.algorithm, &self.signed, self.parsed.signature().as_bytes().unwrap_or_default())
    }
}
