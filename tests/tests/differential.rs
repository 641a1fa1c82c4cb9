//! Collector and verifier never disagree: what a real collector accepts, forced into a record, the verifier accepts, and what it refuses
//! the verifier refuses too (H03).
//!
//! Names of rules may differ where several rules are broken; they are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "differential/ballots.rs"]
mod ballots;
#[path = "differential/bodies.rs"]
mod bodies;
#[allow(dead_code)]
#[path = "insiders/check.rs"]
mod check;
#[path = "differential/entries.rs"]
mod entries;
#[path = "differential/server.rs"]
mod server;

use server::Both;

#[test]
fn ballots_of_any_form() {
    let mut both = Both::new(ballots::VOTERS);
    ballots::run(&mut both);
    both.agree();
}

#[test]
fn orders_and_posts_of_any_form() {
    let mut both = Both::new(1);
    entries::run(&mut both);
    both.agree();
}

#[test]
fn bodies_of_any_form() {
    bodies::run(&mut Both::new(bodies::VOTERS));
}
