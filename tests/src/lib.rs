//! Whole elections with the real programs: the harness behind `cargo election`, the end-to-end tests and `cargo measure`.
//!
//! Nothing here is trusted by anybody; the verifier judges what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod browser;
pub mod card;
pub mod check_page;
pub mod cluster;
pub mod election;
pub mod faults;
pub mod fuzz;
pub mod insider;
pub mod kit;
pub mod lab;
pub mod load;
pub mod oracle;
pub mod own_client;
pub mod pki;
pub mod plan;
pub mod process;
pub mod rehearsal;
pub mod services;
pub mod web;
