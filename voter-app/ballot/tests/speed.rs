//! How long a ballot takes. `cargo test --release -p ballot --test speed -- --ignored --nocapture`
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::Seed;
use ballot::manifest::Rule;
use common::*;
use std::time::Instant;

#[test]
#[ignore = "a measurement"]
fn making_and_verifying() {
    let choose = |n| (Rule::Choose { min: 1, max: 1, blank: true }, n);
    for (name, rule) in [("1 of 5 or blank", choose(5)), ("1 of 20 or blank", choose(20)), ("1 of 153, mixed", (Rule::List {}, 153))] {
        let sample = sample(&[rule]);
        let style = &sample.styles[0];
        let selections: Vec<_> = sample.manifest.style(0).iter().map(|&item| selection_of(&sample, item)).collect();
        let rounds: u32 = 300;
        let begun = Instant::now();
        let ballots: Vec<_> = (0..rounds).map(|i| style.encrypt(&first(i as u8), &selections, &Seed([i as u8; 32])).unwrap()).collect();
        let made = begun.elapsed() / rounds;
        let begun = Instant::now();
        ballots.iter().for_each(|b| style.verify(&style.decode(b.bytes()).unwrap(), &mut rng("v")).unwrap());
        println!("{name}: made in {made:?}, read and verified in {:?}", begun.elapsed() / rounds);
    }
}
