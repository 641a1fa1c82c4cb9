//! What a voter encrypts: manifests, shapes, ballots and their one proof, and the forms in which everything is written.
//!
//! No I/O and no clock; entropy is a parameter. Specs 02, 03, 04, 06. The library of every program but `verifier`,
//! which has its own.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod ballot;
pub mod batch;
pub mod elgamal;
pub mod encode;
pub mod manifest;
pub mod proof;
pub mod rng;
pub mod second_device;
pub mod shape;
pub mod signature;
pub mod text;
pub mod tracker;
pub mod transcript;
pub mod voter;

pub use crate::ballot::{Ballot, Context, Part};
pub use crate::elgamal::{Ciphertext, ElectionKey};
pub use crate::encode::{DecodeError, Point, Reader, Record};
pub use crate::manifest::Manifest;
pub use crate::shape::{Selection, Shape};
pub use crate::transcript::Transcript;
pub use curve25519_dalek::{RistrettoPoint, Scalar};

/// A SHA-256 output, or 32 opaque bytes (spec 02).
pub type Hash = [u8; 32];
