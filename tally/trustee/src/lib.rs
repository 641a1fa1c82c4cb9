//! Everything that a trustee or a mixer writes or keeps, and everything it recomputes before it writes.
//!
//! No I/O and no clock; entropy is a parameter. Specs 05, 09, 10. Record in, record out: a trustee that trusts nobody runs
//! [`view::View`] over the whole record, and only then uses its share.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod ceremony;
pub mod count;
pub mod counted;
pub mod key_share;
pub mod mix;
pub mod open;
mod parallel;
mod stream;
pub mod units;
pub mod view;
