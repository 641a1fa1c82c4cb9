//! How long a ballot takes. `cargo test --release -p ballot --test speed -- --ignored --nocapture`
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::Seed;
use ballot::manifest::Rule;
use common::*;
use std::time::{Duration, Instant};

#[test]
#[ignore = "a measurement"]
fn making_and_verifying() {
    let choose = |n| (Rule::Choose { min: 1, max: 1, blank: true }, n);
    for (name, rule) in [("1 of 5 or blank", choose(5)), ("1 of 20 or blank", choose(20)), ("1 of 153, mixed", (Rule::List {}, 153))] {
        let sample = sample(&[rule]);
        let style = &sample.styles[0];
        let selections: Vec<_> = sample.manifest.style(0).iter().map(|&item| selection_of(&sample, item)).collect();
        // The best of many: whatever else the machine does only adds.
        let (mut made, mut verified) = (Duration::MAX, Duration::MAX);
        for i in 0..200u8 {
            let begun = Instant::now();
            let ballot = style.encrypt(&first(i), &selections, &Seed([i; 32])).unwrap();
            made = made.min(begun.elapsed());
            let begun = Instant::now();
            style.verify(&style.decode(ballot.bytes()).unwrap(), &mut rng("v")).unwrap();
            verified = verified.min(begun.elapsed());
        }
        println!("{name}: made in {made:?}, read and verified in {verified:?}");
    }
}
