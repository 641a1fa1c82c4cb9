//! Weak keys, and what a certificate's policies say of the device that holds the key. Spec: 07c-evidence, ENV-19, ENV-39.

use der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use der::{Decode, Sequence};

use super::Certificate;
use crate::EnvelopeError;

const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");

/// The primes of ENV-19.
const PRIMES: [u32; 20] = [3, 5, 7, 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// The modulus of an RSAPublicKey in DER, big-endian, if it has 2,048 to 8,192 bits.
pub(super) fn modulus(key: &[u8]) -> Option<Vec<u8>> {
    #[derive(Sequence)]
    struct RsaPublicKey<'a> {
        modulus: UintRef<'a>,
        exponent: UintRef<'a>,
    }
    let modulus = RsaPublicKey::from_der(key).ok()?.modulus.as_bytes().to_vec();
    let leading = modulus.first()?.leading_zeros() as usize;
    (2048..=8192).contains(&(8 * modulus.len() - leading)).then_some(modulus)
}

/// True if a modulus has the mark of the generator that made its primes as powers of 65537 (Nemec and others, 2017).
pub(super) fn is_broken(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let powers = std::iter::successors(Some(1), |power| Some(power * 65_537 % prime));
        powers.take(*prime as usize).any(|power| power == rest)
    })
}

impl Certificate {
    /// Requires one of these certificate policies. ENV-39.
    pub fn require_policy(&self, wanted: &[ObjectIdentifier]) -> Result<(), EnvelopeError> {
        #[derive(Sequence)]
        struct PolicyInformation<'a> {
            policy: ObjectIdentifier,
            #[asn1(optional = "true")]
            qualifiers: Option<AnyRef<'a>>,
        }
        let mut extensions = self.signed.extensions().into_iter().flatten();
        let found = extensions.find(|extension| extension.extn_id == CERTIFICATE_POLICIES).ok_or(EnvelopeError::Policy)?;
        let policies = Vec::<PolicyInformation<'_>>::from_der(found.extn_value.as_bytes()).map_err(|_| EnvelopeError::Policy)?;
        if policies.iter().any(|information| wanted.contains(&information.policy)) { Ok(()) } else { Err(EnvelopeError::Policy) }
    }
}
