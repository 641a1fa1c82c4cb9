//! What the tests of this crate share: the test eID of the workspace, and ready identities.

#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use envelope::{Certificate, Identity};

/// The same file as `e2e::pki`; that package depends on this one, so it cannot be a dependency here.
#[path = "../../../../tests/src/pki.rs"]
pub mod pki;

/// OCSP responder and time-stamping party, the same file as `e2e::services`.
#[path = "../../../../tests/src/services.rs"]
pub mod services;

use pki::{Algorithm, Credential, Person, TestPki, Use};

/// A year from 2026-06-14; `NOW` lies within.
pub const VALID: (u64, u64) = (1_781_395_200, 1_812_931_200);
/// The moment of casting.
pub const NOW: u64 = 1_790_000_000;

pub fn test_pki() -> TestPki {
    TestPki::new("TEST eID", VALID).unwrap()
}

pub fn anchors(pki: &TestPki) -> Vec<Certificate> {
    vec![Certificate::from_der(pki.root_der()).unwrap()]
}

pub fn identity(credential: &Credential) -> Identity {
    Identity::from_pem(&credential.key_pem, &credential.chain_pem).unwrap()
}

/// Leaf and intermediates of a credential.
pub fn chain(credential: &Credential) -> (Certificate, Vec<Certificate>) {
    let mut list = Certificate::list_from_pem(&credential.chain_pem).unwrap();
    let leaf = list.remove(0);
    (leaf, list)
}

pub fn signer(pki: &TestPki, algorithm: Algorithm) -> Identity {
    identity(&pki.issuing.issue(&pki.params(&Person::numbered(1), Use::Sign), algorithm).unwrap())
}

/// The order of P-256.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// The order of P-384.
const P384_ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// `(r, n-s)` from `(r, s)`: what anyone can make of a signature (attack B04).
pub fn other_half(signature: &[u8], algorithm: Algorithm) -> Vec<u8> {
    let order = if algorithm == pki::P256 { P256_ORDER } else { P384_ORDER };
    let order: Vec<u8> = (0..order.len()).step_by(2).map(|at| u8::from_str_radix(&order[at..at + 2], 16).unwrap()).collect();
    let r_end = 4 + usize::from(signature[3]); // 30 len 02 len r; all lengths are below 128
    let s = &signature[r_end + 2..];
    let s = [vec![0; order.len().saturating_sub(s.len())], s[s.len().saturating_sub(order.len())..].to_vec()].concat();
    let mut borrow = 0i16;
    let mut negated = vec![0u8; order.len()];
    for at in (0..order.len()).rev() {
        let difference = i16::from(order[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(difference < 0);
        negated[at] = difference.rem_euclid(256) as u8;
    }
    let mut integer: Vec<u8> = negated.into_iter().skip_while(|byte| *byte == 0).collect();
    if integer[0] >= 0x80 {
        integer.insert(0, 0);
    }
    let body = [&signature[2..r_end], &[0x02, integer.len() as u8], &integer].concat();
    [&[0x30, body.len() as u8], body.as_slice()].concat()
}
