//! ECDSA in one encoding only: strict DER, and the lower of the two values of `s`.
//!
//! `(r, n-s)` verifies wherever `(r, s)` does, and anyone can compute it (attack B04). Refusing the higher half leaves
//! one byte string per signature.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};

use crate::EnvelopeError;

/// The order of P-256, big-endian.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order of P-384, big-endian.
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a,
    0xcc, 0xc5, 0x29, 0x73,
];

/// The order of P-521, big-endian.
const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc,
    0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
];

/// The curve of a voter's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
            Self::P384 => &ECDSA_P384_SHA384_ASN1,
            Self::P521 => &ECDSA_P521_SHA512_ASN1,
        }
    }

    fn order(self) -> &'static [u8] {
        match self {
            Self::P256 => &P256_ORDER,
            Self::P384 => &P384_ORDER,
            Self::P521 => &P521_ORDER,
        }
    }
}

/// `ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 5480).
#[derive(Sequence)]
struct Pair<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

impl<'a> Pair<'a> {
    fn decode(signature: &'a [u8]) -> Result<Self, EnvelopeError> {
        // The decoder takes only the shortest lengths and integers, no negative ones, and no byte more.
        Self::from_der(signature).map_err(|_| EnvelopeError::SignatureEncoding)
    }

    /// `n - s`, and whether it is below `s`. Refuses numbers that are not in `1..n` (ENV-14).
    fn negated(&self, curve: Curve) -> Result<(Vec<u8>, bool), EnvelopeError> {
        let (r, s) = (padded(self.r.as_bytes(), curve)?, padded(self.s.as_bytes(), curve)?);
        let zero = |number: &[u8]| number.iter().all(|byte| *byte == 0);
        if zero(&r) || zero(&s) || r.as_slice() >= curve.order() {
            return Err(EnvelopeError::SignatureEncoding);
        }
        let negated = subtract(curve.order(), &s).ok_or(EnvelopeError::SignatureEncoding)?;
        let high = negated < s;
        Ok((negated, high))
    }
}

/// Refuses every encoding of a signature but the one. Says nothing about the message.
fn require_canonical(curve: Curve, signature: &[u8]) -> Result<(), EnvelopeError> {
    let (_, high) = Pair::decode(signature)?.negated(curve)?;
    if high { Err(EnvelopeError::HighS) } else { Ok(()) }
}

/// The canonical encoding of a signature a key or card has made.
pub(crate) fn canonical(curve: Curve, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let pair = Pair::decode(signature)?;
    let (negated, high) = pair.negated(curve)?;
    if !high {
        return Ok(signature.to_vec());
    }
    let s = UintRef::new(&negated).map_err(|_| EnvelopeError::SignatureEncoding)?;
    Pair { r: pair.r, s }.to_der().map_err(|_| EnvelopeError::SignatureEncoding)
}

/// The canonical encoding of `r` and `s` side by side, each as long as the order (PKCS#11, JWS, XML signatures).
pub(crate) fn from_raw(curve: Curve, raw: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let malformed = |_| EnvelopeError::SignatureEncoding;
    let (r, s) = raw.split_at_checked(curve.order().len()).filter(|(r, s)| r.len() == s.len()).ok_or(EnvelopeError::SignatureEncoding)?;
    let pair = Pair { r: UintRef::new(r).map_err(malformed)?, s: UintRef::new(s).map_err(malformed)? };
    canonical(curve, &pair.to_der().map_err(malformed)?)
}

/// `r` and `s` side by side, each as long as the order.
pub(crate) fn to_raw(curve: Curve, signature: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let pair = Pair::decode(signature)?;
    Ok([padded(pair.r.as_bytes(), curve)?, padded(pair.s.as_bytes(), curve)?].concat())
}

/// Verifies a canonical signature over `message` under an uncompressed or compressed point.
pub(crate) fn verify(curve: Curve, point: &[u8], message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
    require_canonical(curve, signature)?;
    UnparsedPublicKey::new(curve.verification(), point).verify(message, signature).map_err(|_| EnvelopeError::Signature)
}

/// Left-pads an integer to the length of the order.
fn padded(integer: &[u8], curve: Curve) -> Result<Vec<u8>, EnvelopeError> {
    let zeros = curve.order().len().checked_sub(integer.len()).ok_or(EnvelopeError::SignatureEncoding)?;
    let mut bytes = vec![0; zeros];
    bytes.extend_from_slice(integer);
    Ok(bytes)
}

/// `a - b` for big-endian integers of one length; `None` unless `a > b`. Variable time: signatures are public.
fn subtract(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    if a.len() != b.len() || a <= b {
        return None;
    }
    let mut borrow = false;
    let mut difference: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(x, y)| {
            let (d, under) = x.overflowing_sub(*y);
            let (d, under_again) = d.overflowing_sub(u8::from(borrow));
            borrow = under || under_again;
            d
        })
        .collect();
    difference.reverse();
    Some(difference)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn encode(r: &[u8], s: &[u8]) -> Vec<u8> {
        Pair { r: UintRef::new(r).unwrap(), s: UintRef::new(s).unwrap() }.to_der().unwrap()
    }

    /// The boundary: `(n-1)/2` is low, `(n+1)/2` is high, `n` is not a signature.
    #[test]
    fn half_the_order_is_the_boundary() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let mut half = curve.order().to_vec();
            let mut carry = 0u8;
            for byte in &mut half {
                let next = *byte & 1;
                *byte = (*byte >> 1) | (carry << 7);
                carry = next;
            }
            let mut above = half.clone();
            *above.last_mut().unwrap() += 1; // neither order's half ends in 0xff
            assert_eq!(require_canonical(curve, &encode(&[1], &half)), Ok(()));
            assert_eq!(require_canonical(curve, &encode(&[1], &above)), Err(EnvelopeError::HighS));
            for (r, s) in [(&[1][..], curve.order()), (curve.order(), &[1]), (&[0], &[1]), (&[1], &[0])] {
                assert_eq!(require_canonical(curve, &encode(r, s)), Err(EnvelopeError::SignatureEncoding));
            }
            assert_eq!(canonical(curve, &encode(&[1], &above)).unwrap(), encode(&[1], &half));
        }
    }

    #[test]
    fn other_encodings_are_refused() {
        let refused: [&[u8]; 7] = [
            &[],
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01],                   // cut short
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00],       // a byte after it
            &[0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],       // long form of a short length
            &[0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01],       // padded integer
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x81],             // negative integer
            &[0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00, 0x00], // indefinite length
        ];
        assert_eq!(require_canonical(Curve::P256, &encode(&[1], &[1])), Ok(()));
        for bytes in refused {
            assert_eq!(require_canonical(Curve::P256, bytes), Err(EnvelopeError::SignatureEncoding), "{bytes:02x?}");
        }
    }
}
