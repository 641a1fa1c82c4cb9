//! The eID-signed container around a ballot, certificates, and logging in with an eID. Spec: 07.
//!
//! A voter signs a ballot with the signing certificate of the eID ([`cades::sign`]) and proves who they are with the
//! login certificate ([`login`]). The collector, and everyone after it, reads the container with [`cades::verify`] and
//! asks [`cades::SignedBy::accept`] whether a trusted authority vouches for the signer. Nothing here reads a clock or
//! a network: the time at which certificates must be valid is an argument.
//!
//! Revocation ([`ocsp`]) and time stamps ([`tsp`]) are separate evidence, kept beside the container as raw DER.

pub mod asic;
pub mod cades;
pub mod certificate;
pub mod detached;
pub mod digidoc;
mod ecdsa;
mod error;
pub mod identity;
pub mod login;
pub mod ocsp;
pub mod pkcs12;
mod profile;
mod scheme;
mod tlv;
pub mod tsp;

pub use cades::SignedBy;
pub use certificate::{Certificate, Purpose};
pub use der::asn1::ObjectIdentifier;
pub use error::EnvelopeError;
pub use identity::Identity;
pub use profile::{Draft, Profile};
pub use scheme::Scheme;
