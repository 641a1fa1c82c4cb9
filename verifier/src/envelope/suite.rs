//! What the kind of a leaf's key decides: hash, algorithms, and the form of a signature. Spec: 07a-envelope, ENV-9, ENV-10, ENV-14, ENV-15.

use super::roca;
use crate::asn1::{self, Element, OID, SEQUENCE};
use crate::bytes::Fault;
use crate::certificate::{Certificate, Curve, PublicKey};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// One line of the page's table, with the leaf's key.
pub struct Suite<'a> {
    kind: &'static Kind,
    key: &'a [u8],
    /// Bytes of the modulus of an RSA key.
    modulus: Option<usize>,
}

struct Kind {
    hash: &'static digest::Algorithm,
    digest_oid: &'static [u8],
    signature_oid: &'static [u8],
    /// What follows the OID of the signature.
    parameters: &'static [u8],
    /// Of the curve; none for RSA.
    order: &'static str,
    verification: &'static dyn VerificationAlgorithm,
}

const P256: Kind = Kind {
    hash: &SHA256,
    digest_oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
    parameters: &[],
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    verification: &signature::ECDSA_P256_SHA256_ASN1,
};
const P384: Kind = Kind {
    hash: &SHA384,
    digest_oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
    parameters: &[],
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    verification: &signature::ECDSA_P384_SHA384_ASN1,
};
const P521: Kind = Kind {
    hash: &SHA512,
    digest_oid: SHA512_OID,
    signature_oid: &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04],
    parameters: &[],
    order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
            51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    verification: &signature::ECDSA_P521_SHA512_ASN1,
};
const RSA: Kind = Kind {
    hash: &SHA512,
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

impl<'a> Suite<'a> {
    /// ENV-9, ENV-19.
    pub fn of(leaf: &'a Certificate) -> Result<Self, Fault> {
        let (kind, key, modulus) = match &leaf.key {
            PublicKey::Ec(Curve::P256, key) => (&P256, key, None),
            PublicKey::Ec(Curve::P384, key) => (&P384, key, None),
            PublicKey::Ec(Curve::P521, key) => (&P521, key, None),
            PublicKey::Rsa(key) if modulus(key).is_some() => (&RSA, key, modulus(key)),
            _ => return Err(Fault::new("ENV-9", "the leaf's key is of no kind that an eID has")),
        };
        if modulus.is_some() && numbers(key).is_some_and(|(n, _)| roca::is_marked(&n)) {
            return Err(Fault::new("ENV-19", "an RSA key of a generator that is known to be broken"));
        }
        Ok(Self { kind, key, modulus })
    }

    /// H.
    pub fn hash(&self, bytes: &[u8]) -> Vec<u8> {
        digest::digest(self.kind.hash, bytes).as_ref().to_vec()
    }

    /// DIGEST.
    pub fn digest(&self) -> Vec<u8> {
        asn1::holding(SEQUENCE, &[&asn1::element(OID, self.kind.digest_oid)])
    }

    /// SIGNATURE.
    pub fn signature(&self) -> Vec<u8> {
        asn1::holding(SEQUENCE, &[&asn1::element(OID, self.kind.signature_oid), self.kind.parameters])
    }

    /// Bytes of a number below the order of the curve; none for RSA.
    pub fn width(&self) -> Option<usize> {
        self.modulus.is_none().then_some(self.kind.order.len() / 2)
    }

    /// The form of a signature. ENV-14, ENV-15.
    pub fn well_formed(&self, signature: &[u8]) -> Result<(), Fault> {
        match self.modulus {
            None => two_numbers(signature, self.kind.order),
            Some(length) if length == signature.len() => Ok(()),
            Some(_) => Err(Fault::new("ENV-14", "not as long as the modulus")),
        }
    }

    /// ENV-17.
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let verified = UnparsedPublicKey::new(self.kind.verification, self.key).verify(signed, signature);
        verified.map_err(|_| Fault::new("ENV-17", "the signature does not verify"))
    }
}

/// Bytes of the modulus of an RSAPublicKey, `SEQUENCE { INTEGER n, INTEGER e }`, if it has 2,048 to 8,192 bits. ENV-9.
fn modulus(key: &[u8]) -> Option<usize> {
    let (n, _) = numbers(key)?;
    let bits = (8 * n.len()).saturating_sub(n.first()?.leading_zeros() as usize);
    (2_048..=8_192).contains(&bits).then_some(n.len())
}

/// Modulus and exponent.
fn numbers(key: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let parts = asn1::all(asn1::only(key, SEQUENCE)?)?;
    let [n, e] = parts.as_slice() else { return None };
    Some((asn1::positive(n)?, asn1::positive(e)?))
}

/// Two INTEGERs `r`, `s` below the order; `s` at most half of it. ENV-14, ENV-15.
fn two_numbers(bytes: &[u8], order: &str) -> Result<(), Fault> {
    let fault = || Fault::new("ENV-14", "not two numbers below the order of the curve");
    let parts = asn1::only(bytes, SEQUENCE).and_then(asn1::all).ok_or_else(fault)?;
    let [r, s] = parts.as_slice() else { return Err(fault()) };
    let order = hex::decode(order).map_err(|_| fault())?;
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
