//! Microseconds a row. `RAYON_NUM_THREADS=1 cargo test --release -p trustee --test speed -- --ignored --nocapture`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::encode::Record;
use common::World;
use std::time::Instant;
use trustee::key_share::KeyShare;
use trustee::mix::{Bases, KeyTables, Mix, Statement as MixStatement};
use trustee::open::{Closed, Decoder, Rows, Statement, combine};

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
        let s = MixStatement { election: &[1; 32], key: &key, counted: &[2; 32], unit: 0, stage: 1, mixer: 1, width: w, inputs: &rows };
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

#[test]
#[ignore = "a measurement"]
fn open() {
    for (n, w) in [(10_000, 1), (2_000, 10)] {
        let mut world = World::new("speed", w);
        let rows = Rows::mixed(w, &world.rows(n));
        let mut bytes = [vec![64, 1], vec![3; 32], vec![4; 32], vec![0, 1], (w as u32).to_be_bytes().to_vec()].concat();
        world.secrets.iter().for_each(|x| bytes.extend(x.as_bytes()));
        let share = KeyShare::from_bytes(&bytes).unwrap();
        let closed = Closed { election: [1; 32], key: [3; 32], session: [4; 32], counted: [2; 32], size: 9, root: [5; 32] };
        let s = Statement { closed: &closed, unit: 0, stage: [6; 32], rows: &rows, trustee: 1, public: world.key.columns() };
        let us = |t: Instant| t.elapsed().as_secs_f64() * 1e6 / n as f64;
        let t = Instant::now();
        let opening = s.open(&share, &mut world.rng).unwrap();
        println!("w={w} N={n}: open {:.1} µs a row", us(t));
        let bytes = opening.to_bytes();
        let t = Instant::now();
        let opening = s.read(&bytes).unwrap();
        s.verify(&opening).unwrap();
        println!("  read and verify {:.1}", us(t));
        let t = Instant::now();
        let points = combine(&rows, &[&opening]).unwrap();
        Decoder::mixed(100_000).decode(w, &points).unwrap();
        println!("  combine (t = 1) and decode {:.1}", us(t));
    }
}
