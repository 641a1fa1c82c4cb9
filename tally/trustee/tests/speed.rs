//! Microseconds a row. `RAYON_NUM_THREADS=1 cargo test --release -p trustee --test speed -- --ignored --nocapture`

mod common;

use ballot::encode::Record;
use common::World;
use std::time::Instant;
use trustee::mix::{Bases, KeyTables, Mix, Statement};

#[test]
#[ignore = "a measurement"]
fn mix() {
    for (n, w) in [(10_000, 1), (2_000, 10)] {
        let mut world = World::new("speed", w);
        let rows = world.rows(n);
        let bases = Bases::default();
        let us = |t: Instant| t.elapsed().as_secs_f64() * 1e6 / n as f64;
        let t = Instant::now();
        bases.first(n);
        println!("w={w} N={n}: bases {:.1} µs a row", us(t));
        let tables = KeyTables::new(&world.key, w);
        let key = world.key.clone();
        let s = Statement { election: &[1; 32], key: &key, counted: &[2; 32], unit: 0, stage: 1, mixer: 1, width: w, inputs: &rows };
        let t = Instant::now();
        let mix = s.mix(&bases, &tables, &mut world.rng).unwrap();
        println!("  re-encrypt and prove {:.1}", us(t));
        let bytes = mix.to_bytes();
        let t = Instant::now();
        let mix = Mix::from_bytes(&bytes).unwrap();
        println!("  decode {:.1}", us(t));
        let t2 = Instant::now();
        s.verify(&mix, &bases, &mut world.rng).unwrap();
        println!("  verify {:.1}, with decoding {:.1}", us(t2), us(t));
    }
}
