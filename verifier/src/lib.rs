//! Checks an election record of Hääl, alone: this crate was written from the specifications and links no other crate of
//! the project. Spec: 12-verification.
//!
//! A folder goes in, a report comes out. Everything is public, so everything here may take variable time; nothing here
//! may panic, whatever the bytes are.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod asked;
pub mod asn1;
pub mod ballot;
pub mod batch;
pub mod bytes;
pub mod cache;
pub mod certificate;
pub mod checkpoint;
pub mod checks;
pub mod code;
pub mod complaint_file;
pub mod count;
pub mod counted;
pub mod detail;
pub mod dlog;
pub mod entry;
pub mod envelope;
pub mod evidence;
pub mod fork;
pub mod group;
pub mod hash;
pub mod head;
pub mod html;
pub mod interpolate;
pub mod json;
pub mod log;
pub mod logs;
pub mod manifest;
pub mod messages;
pub mod mix;
pub mod net;
pub mod opened;
pub mod opening;
pub mod progress;
pub mod proof;
pub mod proof_check;
pub mod proof_file;
pub mod prove;
pub mod questions;
pub mod report;
pub mod rolls;
pub mod run;
pub mod second_device;
pub mod session;
pub mod shape;
pub mod sign;
pub mod source;
pub mod text;
pub mod tiles;
pub mod tracker;
pub mod transcript;
pub mod tree;
pub mod units;
pub mod utc;
pub mod watch;
pub mod weights;
