//! Careless use of transcripts, and encodings that leak. Spec: 02-encoding, 04-proofs; attacks A14, B06.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::Seed;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::shape::{Selection, Shape};
use ballot::{Context, Transcript};
use common::sample;
use std::collections::HashSet;

/// A14: order, label, boundary, list length and the name of the proof all change what is drawn.
#[test]
fn no_two_ways_of_absorbing_give_one_challenge() {
    let draw = |proof: &'static str, steps: &[(&'static str, &[u8])]| {
        let mut t = Transcript::new(proof);
        steps.iter().for_each(|(label, bytes)| t.append(label, bytes));
        t.challenge_bytes::<32>("x")
    };
    let list = |items: &[&[u8]]| {
        let mut t = Transcript::new("ballot");
        t.append_list("B", items.iter());
        t.challenge_bytes::<32>("x")
    };
    let mut early = Transcript::new("ballot");
    let before = early.challenge_bytes::<32>("x");
    early.append("A", b"ab");
    let all = [
        draw("ballot", &[("A", b"ab"), ("V", b"c")]),
        draw("ballot", &[("V", b"c"), ("A", b"ab")]),
        draw("ballot", &[("A", b"a"), ("V", b"bc")]),
        draw("ballot", &[("A", b"c"), ("V", b"ab")]),
        draw("ballot", &[("A", b"abc")]),
        draw("drill", &[("A", b"ab"), ("V", b"c")]),
        list(&[b"ab", b"c"]),
        list(&[b"a", b"bc"]),
        list(&[b"abc"]),
        list(&[]),
        list(&[b""]),
        before,
        early.challenge_bytes::<32>("x"),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

/// A14, D13: with a generator that repeats itself, another statement or another witness still gives another nonce.
#[test]
fn nonces_do_not_rest_on_the_generator_alone() {
    let nonce = |statement: &[u8], witness: &[u8], seed: &[u8]| {
        let mut t = Transcript::new("knowledge");
        t.append("X", statement);
        t.nonces(witness, &mut SeededRng::new(seed)).scalar()
    };
    let first = nonce(b"s", b"w", b"broken");
    assert_ne!(first, nonce(b"t", b"w", b"broken"));
    assert_ne!(first, nonce(b"s", b"v", b"broken"));
    assert_ne!(first, nonce(b"s", b"w", b"fresh"), "and fresh entropy does enter");
}

/// B06: every position of a long list has its own bits, they give it back, and nothing outside the list can be encoded.
#[test]
fn positions_of_a_list_are_encoded_one_to_one() {
    for n in [2, 3, 75, 128, 129, 153] {
        let shape = Shape::new(&Rule::List {}, n).unwrap();
        let value = |bits: &[u8]| shape.bits().iter().zip(bits).map(|(b, x)| b.coefficient * u32::from(*x)).sum::<u32>();
        let all: HashSet<Vec<u8>> = (0..n as u32)
            .map(|m| {
                let bits = shape.bits_of(&Selection(vec![m])).unwrap();
                assert_eq!(value(&bits), m);
                bits
            })
            .collect();
        assert_eq!(all.len(), n);
        assert!(shape.bits_of(&Selection(vec![n as u32])).is_err());
        assert_eq!(value(&vec![1; shape.bits().len()]), n as u32 - 1, "all bits set is the last position");
    }
}

/// B06: cheap looks at a ciphertext (each bit of its bytes) tell nothing of the choice: ballots for the first and for the last
/// option have the same share of ones in every bit, within six standard deviations.
#[test]
fn cheap_invariants_of_ciphertexts_do_not_depend_on_the_choice() {
    let sample = sample(&[(Rule::List {}, 153)]);
    let count = 600;
    let ones = |m: u32| {
        let mut ones = vec![0u32; 512];
        for i in 0..count {
            let seed = Seed(ballot::encode::hash("test", &[&m.to_be_bytes(), &u32::to_be_bytes(i)]));
            let context = Context { voter: [9; 32], number: 1, previous: [0; 32] };
            let made = sample.styles[0].encrypt(&context, &[Selection(vec![m])], &seed).unwrap();
            for (at, byte) in made.parts()[0].ciphertext.row().iter().enumerate() {
                (0..8).for_each(|b| ones[at * 8 + b] += u32::from(byte >> b & 1));
            }
        }
        ones
    };
    let (first, last) = (ones(0), ones(152));
    let bound = 6.0 * (f64::from(count) / 2.0).sqrt();
    let worst = first.iter().zip(&last).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs()).fold(0.0, f64::max);
    assert!(worst < bound, "{worst} against {bound}");
    assert!(first.iter().filter(|n| (200..400).contains(*n)).count() > 480, "the bits do vary");
}
