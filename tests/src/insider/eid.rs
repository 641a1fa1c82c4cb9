//! An eID whose authority is the insider: keys, certificates and containers that follow from names. Spec: 07a-envelope.

use super::der::{integer, oid, sequence, set_of, text, time, tlv};
use ballot::encode::{hash, sha256};
use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::scalar::IsHigh;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{ProjectivePoint, Scalar, U256};

const EC: (u8, &[u32]) = (0x2a, &[840, 10045, 2, 1]);
const P256: (u8, &[u32]) = (0x2a, &[840, 10045, 3, 1, 7]);
const ECDSA: (u8, &[u32]) = (0x2a, &[840, 10045, 4, 3, 2]);
const SHA256: (u8, &[u32]) = (0x60, &[840, 1, 101, 3, 4, 2, 1]);
const PKCS: &[u32] = &[840, 113_549, 1];

fn id((first, rest): (u8, &[u32])) -> Vec<u8> {
    oid(first, rest)
}

fn pkcs(rest: &[u32]) -> Vec<u8> {
    oid(0x2a, &[PKCS, rest].concat())
}

/// The last second of the eID: 20 January 1970.
pub const UNTIL: u64 = 20 * 86_400 - 1;

/// A P-256 key that follows from its name.
#[derive(Clone, Debug)]
pub struct Key(Scalar);

fn scalar(bytes: [u8; 32]) -> Scalar {
    <Scalar as Reduce<U256>>::reduce_bytes(&bytes.into())
}

impl Key {
    /// The key of this name.
    pub fn named(name: &str) -> Self {
        Self(scalar(hash("eid", &[name.as_bytes()])))
    }

    fn spki(&self) -> Vec<u8> {
        let point = (ProjectivePoint::GENERATOR * self.0).to_affine().to_encoded_point(false);
        sequence(&[&sequence(&[&id(EC), &id(P256)]), &tlv(3, &[&[0], point.as_bytes()])])
    }

    /// The key in PKCS #8, DER.
    pub fn pkcs8(&self) -> Vec<u8> {
        let key = sequence(&[&[2, 1, 1], &tlv(4, &[self.0.to_repr().as_slice()])]);
        sequence(&[&[2, 1, 0], &sequence(&[&id(EC), &id(P256)]), &tlv(4, &[&key])])
    }

    /// `r` and `s`; the nonce follows from key and message.
    fn numbers(&self, message: &[u8]) -> (Scalar, Scalar) {
        let nonce = scalar(hash("eid", &[self.0.to_repr().as_slice(), message]));
        let point = (ProjectivePoint::GENERATOR * nonce).to_affine().to_encoded_point(false);
        let x: [u8; 32] = point.as_bytes()[1..33].try_into().expect("32 bytes");
        let r = scalar(x);
        (r, nonce.invert().expect("not zero") * (scalar(sha256(message)) + r * self.0))
    }

    /// The signature in DER, with the lower or the higher `s`.
    pub fn sign(&self, message: &[u8], high: bool) -> Vec<u8> {
        let (r, s) = self.numbers(message);
        let s = if bool::from(s.is_high()) == high { s } else { -s };
        sequence(&[&integer(&r.to_repr()), &integer(&s.to_repr())])
    }
}

/// A certificate to be issued; as it is made it is right.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Certificate {
    pub subject: Vec<u8>,
    pub key: Key,
    pub issuer: Vec<u8>,
    pub issuer_key: Key,
    pub valid: (u64, u64),
    pub is_authority: bool,
    /// Unused bits and bits of keyUsage.
    pub usage: [u8; 2],
}

/// keyUsage digitalSignature: for logging in.
pub const DIGITAL_SIGNATURE: [u8; 2] = [7, 0x80];
/// keyUsage nonRepudiation: for signing.
pub const NON_REPUDIATION: [u8; 2] = [6, 0x40];

fn name(common: &str, code: Option<&str>) -> Vec<u8> {
    let one = |number: u32, value: &str| tlv(0x31, &[&sequence(&[&oid(0x55, &[4, number]), &text(value)])]);
    let code = code.map_or_else(Vec::new, |code| one(5, code));
    sequence(&[&one(3, common), &code])
}

impl Certificate {
    /// The root authority.
    pub fn root() -> Self {
        let (subject, key) = (name("Insiders' eID", None), Key::named("root"));
        let (issuer, issuer_key) = (subject.clone(), key.clone());
        Self { subject, key, issuer, issuer_key, valid: (0, UNTIL), is_authority: true, usage: [1, 6] }
    }

    /// A person's, for signing.
    pub fn of(code: &str) -> Self {
        let root = Self::root();
        let (subject, key) = (name(code, Some(code)), Key::named(code));
        Self { subject, key, issuer: root.subject, issuer_key: root.key, valid: (0, UNTIL), is_authority: false, usage: NON_REPUDIATION }
    }

    /// The certificate in DER.
    pub fn der(&self) -> Vec<u8> {
        let signed = self.signed();
        let signature = self.issuer_key.sign(&signed, false);
        sequence(&[&signed, &sequence(&[&id(ECDSA)]), &tlv(3, &[&[0], &signature])])
    }

    /// What its issuer signs: TBSCertificate in DER.
    pub fn signed(&self) -> Vec<u8> {
        let extension = |number: u32, value: &[u8]| sequence(&[&oid(0x55, &[29, number]), &[1, 1, 0xff], &tlv(4, &[value])]);
        let basic = if self.is_authority { sequence(&[&[1, 1, 0xff]]) } else { sequence(&[]) };
        let extensions = sequence(&[&extension(19, &basic), &extension(15, &tlv(3, &[&self.usage]))]);
        sequence(&[
            &tlv(0xa0, &[&[2, 1, 2]]),
            &self.serial(),
            &sequence(&[&id(ECDSA)]),
            &self.issuer,
            &sequence(&[&time(self.valid.0), &time(self.valid.1)]),
            &self.subject,
            &self.key.spki(),
            &tlv(0xa3, &[&extensions]),
        ])
    }

    fn serial(&self) -> Vec<u8> {
        integer(&sha256(&self.key.spki())[..16])
    }
}

/// A container to be made; as it is made it is right.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Container {
    pub content: Vec<u8>,
    pub signer: Certificate,
    pub signing_time: u64,
    /// A second content, inside.
    pub inner: Option<Vec<u8>>,
    /// One more signer of the same content.
    pub second: Option<Certificate>,
    /// The higher `s`.
    pub high: bool,
    /// Signed for this content instead.
    pub signed_for: Option<Vec<u8>>,
    /// The certificate that stands in it in place of the signer's, which the signed attributes name.
    pub shown: Option<Certificate>,
    /// The key that signs, if not the signer's.
    pub key: Option<Key>,
}

impl Container {
    /// A right one.
    pub fn new(content: &[u8], signer: Certificate, signing_time: u64) -> Self {
        let content = content.to_vec();
        Self { content, signer, signing_time, inner: None, second: None, high: false, signed_for: None, shown: None, key: None }
    }

    /// The container in DER.
    pub fn der(&self) -> Vec<u8> {
        let inner = self.inner.as_ref().map_or_else(Vec::new, |inner| tlv(0xa0, &[&tlv(4, &[inner])]));
        let shown = self.shown.as_ref().unwrap_or(&self.signer);
        let mut certificates = vec![shown.der()];
        certificates.extend(self.second.as_ref().map(Certificate::der));
        let mut signers = vec![self.signer_info(&self.signer, &certificates)];
        signers.extend(self.second.as_ref().map(|second| self.signer_info(second, &certificates)));
        let data = sequence(&[
            &[2, 1, 1],
            &set_of(0x31, &[sequence(&[&id(SHA256)])]),
            &sequence(&[&pkcs(&[7, 1]), &inner]),
            &set_of(0xa0, &certificates),
            &set_of(0x31, &signers),
        ]);
        sequence(&[&pkcs(&[7, 2]), &tlv(0xa0, &[&data])])
    }

    fn signer_info(&self, signer: &Certificate, certificates: &[Vec<u8>]) -> Vec<u8> {
        let attribute = |of: &[u32], value: Vec<u8>| sequence(&[&pkcs(of), &tlv(0x31, &[&value])]);
        let digest = tlv(4, &[&sha256(self.signed_for.as_ref().unwrap_or(&self.content))]);
        let (own, shown) = (signer.der(), self.shown.as_ref().map(Certificate::der));
        let mut others: Vec<&Vec<u8>> = certificates.iter().filter(|c| **c != own && Some(*c) != shown.as_ref()).collect();
        others.sort();
        let hashes: Vec<u8> = std::iter::once(&own).chain(others).flat_map(|c| sequence(&[&tlv(4, &[&sha256(c)])])).collect();
        let attributes = [
            attribute(&[9, 3], pkcs(&[7, 1])),
            attribute(&[9, 5], time(self.signing_time)),
            attribute(&[9, 4], digest),
            attribute(&[9, 16, 2, 47], sequence(&[&sequence(&[&hashes])])),
        ];
        let signature = self.key.as_ref().unwrap_or(&signer.key).sign(&set_of(0x31, &attributes), self.high);
        let shown = self.shown.as_ref().unwrap_or(signer);
        sequence(&[
            &[2, 1, 1],
            &sequence(&[&shown.issuer, &shown.serial()]),
            &sequence(&[&id(SHA256)]),
            &set_of(0xa0, &attributes),
            &sequence(&[&id(ECDSA)]),
            &tlv(4, &[&signature]),
        ])
    }
}
