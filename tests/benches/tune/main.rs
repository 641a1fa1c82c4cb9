//! `cargo tune`: what one operation costs, watched with criterion while it is being improved. `cargo measure` gives the figures to report.
//!
//! What follows is criterion's own: `cargo tune --quick`, `cargo tune mix`, `cargo tune --save-baseline before`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod ballots;
mod log;
mod units;

criterion::criterion_group!(benches, ballots::ballots, units::mixes, units::openings, units::logarithms, log::trees, log::entries);
criterion::criterion_main!(benches);
