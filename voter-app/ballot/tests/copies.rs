//! Ballots made from other people's ballots, and ballots that repeat. Spec: 06-ballot; attacks C01, C03, C04, C08, D01, D09, D11, D13, D14.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::{OpenedBallot, Part, Seed};
use ballot::elgamal::Ciphertext;
use ballot::encode::Point;
use ballot::manifest::Rule;
use ballot::rng::SeededRng;
use ballot::shape::Selection;
use ballot::voter::MarkedBallot;
use ballot::{Ballot, Context, RistrettoPoint, Scalar};
use common::*;
use rand_core::{TryCryptoRng, TryRng};
use std::collections::HashSet;

const ONE_OF_THREE: (Rule, usize) = (Rule::Choose { min: 1, max: 1, blank: true }, 3);

fn refused(sample: &Sample, ballot: &Ballot) -> bool {
    let style = &sample.styles[0];
    match style.decode(ballot.bytes()) {
        Ok(read) => style.verify(&read, &mut rng("v")).is_err(),
        Err(_) => true,
    }
}

fn with_part(sample: &Sample, context: Context, part: Part) -> Ballot {
    sample.styles[0].assemble(context, vec![part])
}

fn moved(p: &Point, by: RistrettoPoint) -> Point {
    point(p.point() + by)
}

/// C01, C02: a copy under another name, number or predecessor is refused, whole or in part, at the first try.
#[test]
fn copies_are_refused() {
    let sample = sample(&[ONE_OF_THREE, ONE_OF_THREE]);
    let style = &sample.styles[0];
    let alice = honest(&sample, &first(1), 1);
    let contexts = [
        first(2),
        Context { number: 2, previous: [5; 32], ..first(1) },
        Context { number: 2, previous: alice.hash(), ..first(1) },
        Context { number: u32::MAX, previous: [5; 32], ..first(1) },
    ];
    for context in contexts {
        assert!(refused(&sample, &style.assemble(context, alice.parts().to_vec())));
        let own = honest(&sample, &context, 9);
        for contest in 0..2 {
            let mut parts = own.parts().to_vec();
            parts[contest] = alice.parts()[contest].clone();
            assert!(refused(&sample, &style.assemble(context, parts)));
        }
    }
    let [one, two] = [0, 1].map(|i| alice.parts()[i].clone());
    assert!(refused(&sample, &style.assemble(first(1), vec![two.clone(), one.clone()])), "contests exchanged");
    assert_eq!(style.decode(style.assemble(first(1), vec![one.clone(), one]).bytes()).unwrap_err().rule(), "BAL-6");
    // The other district reads the same contests, and still refuses.
    let other = sample.styles[1].assemble(first(1), alice.parts().to_vec());
    let read = sample.styles[1].decode(other.bytes()).unwrap();
    assert!(sample.styles[1].verify(&read, &mut rng("v")).is_err());
    // Another election with the same contests and key.
    let elsewhere = titled_sample("Elsewhere", &[ONE_OF_THREE, ONE_OF_THREE]);
    assert_eq!(elsewhere.styles[0].decode(alice.bytes()).unwrap_err().rule(), "BAL-2");
}

/// C03, C08: re-randomised, shifted, negated or multiplied copies, with the proof as it was or mauled along.
#[test]
fn mauled_ballots_are_refused() {
    let sample = sample(&[ONE_OF_THREE]);
    let alice = honest(&sample, &first(1), 1);
    let part = &alice.parts()[0];
    let shape = sample.styles[0].shapes().next().unwrap();
    let h = sample.key.first(shape.width());
    let fresh = Scalar::from(77u32);
    let x = {
        let sent = Sent { pad: part.ciphertext.pad, columns: part.ciphertext.columns.clone(), proof: part.proof.clone() };
        let mut t = part_transcript(&sample, 0, 0, &first(1));
        draw_y(&mut t, &sent);
        draw_x(&mut t, &sent.proof)
    };
    let rerandomised = Ciphertext {
        pad: moved(&part.ciphertext.pad, g(fresh)),
        columns: part.ciphertext.columns.iter().zip(h).map(|(b, h)| moved(b, fresh * h.point())).collect(),
    };
    let mut mauled = part.proof.clone();
    mauled.z_r += x * fresh; // right, if only x had stayed the same
    let mut plus_one = part.ciphertext.clone();
    plus_one.columns[0] = moved(&plus_one.columns[0], g(Scalar::ONE));
    let scaled = |k: Scalar| Part {
        ciphertext: Ciphertext {
            pad: point(k * part.ciphertext.pad.point()),
            columns: part.ciphertext.columns.iter().map(|b| point(k * b.point())).collect(),
        },
        proof: {
            let mut proof = part.proof.clone();
            (proof.t_a, proof.t_b) = (point(k * proof.t_a.point()), point(k * proof.t_b.point()));
            proof.z_r *= k;
            proof
        },
    };
    let mut permuted = part.ciphertext.clone();
    permuted.columns.swap(0, 1);
    let forgeries = [
        Part { ciphertext: rerandomised.clone(), proof: part.proof.clone() },
        Part { ciphertext: rerandomised, proof: mauled },
        Part { ciphertext: plus_one, proof: part.proof.clone() },
        Part { ciphertext: permuted, proof: part.proof.clone() },
        scaled(Scalar::from(2u8)),
        scaled(-Scalar::ONE),
        scaled(Scalar::from(3u8).invert()),
    ];
    for (i, forgery) in forgeries.into_iter().enumerate() {
        for voter in [1, 2] {
            assert!(refused(&sample, &with_part(&sample, first(voter), forgery.clone())), "forgery {i} by voter {voter}");
        }
    }
}

/// C04: honest ciphertexts joined into one, each in its own power, would make the count a decryption oracle.
#[test]
fn joined_ballots_are_refused() {
    let sample = sample(&[(Rule::List {}, 20)]);
    let ballots: Vec<Ballot> = (1..=3).map(|v| honest(&sample, &first(v), v)).collect();
    let join = |pick: &dyn Fn(&Ballot) -> RistrettoPoint| {
        point(ballots.iter().zip([1u32, 20, 400]).map(|(b, power)| Scalar::from(power) * pick(b)).sum())
    };
    let ciphertext = Ciphertext {
        pad: join(&|b| *b.parts()[0].ciphertext.pad.point()),
        columns: vec![join(&|b| *b.parts()[0].ciphertext.columns[0].point())],
    };
    for proof in ballots.iter().map(|b| b.parts()[0].proof.clone()) {
        assert!(refused(&sample, &with_part(&sample, first(4), Part { ciphertext: ciphertext.clone(), proof })));
    }
    // A position outside the list, honestly encrypted, has no bits: there is nothing to prove it with.
    let too_far = sample.styles[0].encrypt(&first(4), &[Selection(vec![20])], &Seed([1; 32]));
    assert!(too_far.is_err());
}

/// D11: what was chosen does not show in the length.
#[test]
fn every_choice_has_the_same_length() {
    let sample = sample(&[ONE_OF_THREE, (Rule::Rank { places: 3 }, 4), (Rule::Budget { total: 100 }, 3)]);
    let choices = [[vec![1, 0, 0, 0], vec![0, 0, 0], vec![100, 0, 0]], [vec![0, 0, 0, 1], vec![4, 3, 2], vec![33, 33, 34]]];
    let lengths: HashSet<usize> = choices
        .into_iter()
        .map(|c| sample.styles[0].encrypt(&first(1), &c.map(Selection), &Seed([1; 32])).unwrap().bytes().len())
        .collect();
    assert_eq!(lengths, HashSet::from([sample.manifest.ballot_len(0)]));
}

/// A generator that is stuck: every byte is the same, or counts, or comes back after a snapshot.
struct Stuck(fn(usize) -> u8, usize);

impl TryRng for Stuck {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out).map(|()| u32::from_le_bytes(out))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out).map(|()| u64::from_le_bytes(out))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for byte in out {
            *byte = (self.0)(self.1);
            self.1 += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

/// D13: with a generator that always says the same, seeds still differ by installation, election, voter, number and predecessor.
#[test]
fn a_broken_generator_alone_repeats_no_seed() {
    let generators: [fn(usize) -> u8; 3] = [|_| 0, |_| 0x42, |i| i as u8];
    for generator in generators {
        let contexts = [
            first(1),
            first(2),
            Context { number: 2, previous: [1; 32], ..first(1) },
            Context { number: 2, previous: [2; 32], ..first(1) },
            Context { number: 3, previous: [2; 32], ..first(1) },
        ];
        let mut seeds = HashSet::new();
        for installation in [[0; 32], [1; 32]] {
            for election in [[0; 32], [1; 32]] {
                for context in &contexts {
                    assert!(seeds.insert(Seed::new(&mut Stuck(generator, 0), &installation, &election, context).0));
                }
            }
        }
    }
    // And with one installation and context, a generator that works gives fresh ones.
    let mut rng = SeededRng::new(b"works");
    let seeds: HashSet<_> = (0..100).map(|_| Seed::new(&mut rng, &[0; 32], &[0; 32], &first(1)).0).collect();
    assert_eq!(seeds.len(), 100);
}

/// D01: one seed in the hands of two voters (or for two ballots of one) still gives ballots without a common point.
#[test]
fn one_seed_gives_two_voters_different_ballots() {
    let sample = sample(&[ONE_OF_THREE, ONE_OF_THREE]);
    let contexts = [first(1), first(2), Context { number: 2, previous: [1; 32], ..first(1) }];
    let ballots: Vec<Ballot> = contexts.iter().map(|c| honest(&sample, c, 7)).collect();
    let mut seen = HashSet::new();
    for part in ballots.iter().flat_map(|b| b.parts()) {
        let proof = &part.proof;
        for p in [&part.ciphertext.pad, &proof.v, &proof.t_a, &proof.t_b, &proof.t_v, &proof.c, &proof.d] {
            assert!(seen.insert(*p.bytes()));
        }
        assert!(part.ciphertext.columns.iter().all(|b| seen.insert(*b.bytes())));
    }
    // Another choice under the same seed and context shares nothing either: the bits are hashed into the nonces.
    let choose = |at: usize| {
        let mut m = vec![0; 4];
        m[at] = 1;
        sample.styles[0].encrypt(&first(1), &[Selection(m), selection(&ONE_OF_THREE.0, 3)], &Seed([7; 32])).unwrap()
    };
    assert_ne!(choose(0).pads().next(), choose(1).pads().next());
}

/// D14: a ballot is a function of context, selections and seed, so an opened one can be made again, byte for byte.
#[test]
fn an_opened_ballot_is_made_again() {
    let sample = sample(&rules());
    let style = &sample.styles[0];
    let selections: Vec<Selection> = sample.manifest.style(0).iter().map(|&item| selection_of(&sample, item)).collect();
    let again = || MarkedBallot::new(first(1), selections.clone()).encrypt(style, Seed([8; 32])).unwrap();
    assert_eq!(again().tracker(), again().tracker());
    let challenged = again().challenge();
    let opened = style.decode_opened(&challenged.opened().to_bytes()).unwrap();
    style.check_opened(&opened).unwrap();
    assert_eq!(again().cast().ballot().bytes(), opened.ballot.bytes(), "cast or challenged, the program cannot know before");

    let change = |f: &dyn Fn(&mut OpenedBallot)| {
        let mut other = opened.clone();
        f(&mut other);
        style.check_opened(&other).map_err(|e| e.rule())
    };
    assert_eq!(change(&|o| o.seed.0[0] ^= 1), Err("CHAL-1"));
    assert_eq!(change(&|o| o.selections[0].0.swap(0, 1)), Err("CHAL-1"));
    assert_eq!(change(&|o| o.selections[0].0[0] = 7), Err("CHAL-1"));
    assert_eq!(change(&|o| o.selections.truncate(1)), Err("CHAL-1"));
    // A sound proof with other nonces is not what the seed gives: here is no room for a hidden message.
    let other = honest(&sample, &first(1), 9);
    style.verify(&other, &mut rng("v")).unwrap();
    assert_eq!(change(&|o| o.ballot = other.clone()), Err("CHAL-1"));
}

/// The seed and the choice are printed by nobody.
#[test]
fn secrets_are_redacted() {
    let marked = MarkedBallot::new(first(1), vec![Selection(vec![123_454_321])]);
    assert!(!format!("{marked:?}").contains("123454321"));
    assert!(!format!("{:?}", Seed([0xaa; 32])).contains("170"));
}
