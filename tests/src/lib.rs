//! Under construction.

pub mod pki;
