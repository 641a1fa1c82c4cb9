//! What the ballot proof promises: knowledge, zero knowledge, and that nothing a prover sends escapes the challenges.
//! Spec: 04-proofs, BIT; attacks A01, A04, A05, A15.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::ballot::Seed;
use ballot::batch::{Batch, Weights};
use ballot::encode::Point;
use ballot::manifest::Rule;
use ballot::proof::{self, BallotProof, Nonces, Statement};
use ballot::shape::Shape;
use ballot::{RistrettoPoint, Scalar, Transcript};
use common::*;

/// Shapes of every rule, with the bits of one selection.
fn shapes() -> Vec<(Shape, Vec<u8>)> {
    let shape = |(rule, n): (Rule, usize)| {
        let shape = Shape::new(&rule, n).unwrap();
        let bits = shape.bits_of(&selection(&rule, n)).unwrap();
        (shape, bits)
    };
    rules().into_iter().map(shape).collect()
}

fn key(w: usize, name: &str) -> Vec<Point> {
    let mut rng = rng(name);
    (0..w).map(|_| point(g(random_scalar(&mut rng)))).collect()
}

fn scalars(bits: &[u8]) -> Vec<Scalar> {
    bits.iter().map(|b| Scalar::from(*b)).collect()
}

fn context() -> Transcript {
    let mut t = Transcript::new("ballot");
    t.append("election", &[1; 32]);
    t
}

/// The test's own prover and the library write the same proof, so what is shown of the one holds for the other.
#[test]
fn the_prover_of_these_tests_is_the_librarys() {
    let mut rng = rng("same");
    for (shape, bits) in shapes() {
        let h = key(shape.width(), "same");
        let prover = Prover::new(&shape, &h, scalars(&bits), &mut rng);
        let sent = prover.prove(&context());
        let [rho_r, rho_s, rho_c, rho_d] = prover.rho;
        let nonces = Nonces { r: prover.r, s: prover.s, a: prover.a.clone(), rho_r, rho_s, rho_c, rho_d };
        let statement = Statement { shape: &shape, h: &h, p: &prover.p, a: &sent.pad, b: &sent.columns };
        assert_eq!(statement.prove(&bits, &nonces, &mut context()).unwrap(), sent.proof);
        assert!(library_accepts(&shape, &h, &sent, &context()));
    }
}

/// Special soundness: rewound to one `y` and two `x`, a prover gives away `r`, `s` and the bits.
#[test]
fn rewound_transcripts_give_the_witness() {
    let mut rng = rng("extract");
    for (shape, bits) in shapes() {
        let h = key(shape.width(), "extract");
        let prover = Prover::new(&shape, &h, scalars(&bits), &mut rng);
        for _ in 0..shape.width().min(3) + 1 {
            let y = random_scalar(&mut rng);
            let mut runs = Vec::new();
            for _ in 0..3 {
                let (x, mut sent) = (random_scalar(&mut rng), prover.send(y));
                prover.respond(&mut sent, x);
                assert!(equations(&shape, &h, &sent, y, x).failing.is_empty());
                runs.push((x, sent));
            }
            let [(x_1, one), (x_2, two), (x_3, three)] = runs.as_slice() else { panic!() };
            let slope = |a: Scalar, b: Scalar| (a - b) * (x_1 - x_2).invert();
            let r = slope(one.proof.z_r, two.proof.z_r);
            let b: Vec<Scalar> = one.proof.f.iter().zip(&two.proof.f).map(|(f, g)| slope(*f, *g)).collect();
            let (s, a_0) = (slope(one.proof.z_s, two.proof.z_s), one.proof.f[0] - x_1 * b[0]);
            assert_eq!(b, scalars(&bits));
            assert_eq!(three.proof.f[0], x_3 * b[0] + a_0, "the third run lies on the line");
            assert_eq!(g(r), *one.pad.point());
            let opened: RistrettoPoint = s * prover.p[0] + b.iter().zip(&prover.p[1..]).map(|(b, p)| b * p).sum::<RistrettoPoint>();
            assert_eq!(opened, *one.proof.v.point());
            let m = shape.bits().iter().zip(&bits).fold(vec![0u32; shape.width()], |mut m, (bit, b)| {
                if bit.integer > 0 {
                    m[usize::from(bit.integer) - 1] += bit.coefficient * u32::from(*b);
                }
                m
            });
            for ((m, h), column) in m.iter().zip(&h).zip(&one.columns) {
                assert_eq!(g(Scalar::from(*m)) + r * h.point(), *column.point());
            }
        }
    }
}

/// Zero knowledge: without a witness, transcripts that satisfy every equation; but not under challenges of the hash.
#[test]
fn simulated_transcripts_satisfy_the_equations() {
    let mut rng = rng("simulate");
    for (shape, _) in shapes() {
        let (h, k, w) = (key(shape.width(), "simulate"), shape.bits().len(), shape.width());
        let p = proof::bases(k);
        let mut draw = || random_scalar(&mut rng);
        let (x, y) = (draw(), draw());
        let mut f: Vec<Scalar> = (0..k).map(|_| draw()).collect();
        if let Some(l) = shape.constraint() {
            let rest: Scalar = l.coefficients.iter().zip(&f).skip(1).map(|(c, f)| Scalar::from(*c) * f).sum();
            f[0] = x * Scalar::from(l.total) - rest;
        }
        let (z_r, z_s, z_c) = (draw(), draw(), draw());
        // A statement that may well be false: nobody knows what these points hold.
        let (pad, v, c) = (g(draw()), g(draw()), g(draw()));
        let columns: Vec<Point> = (0..w).map(|_| point(g(draw()))).collect();
        let ys = powers(y, w);
        let y_b: RistrettoPoint = ys.iter().zip(&columns).map(|(y, b)| y * b.point()).sum();
        let y_h: RistrettoPoint = ys.iter().zip(&h).map(|(y, h)| y * h.point()).sum();
        let commit = |blind: Scalar, v: Vec<Scalar>| blind * p[0] + v.iter().zip(&p[1..]).map(|(v, p)| v * p).sum::<RistrettoPoint>();
        let proof = BallotProof {
            v: point(v),
            t_a: point(g(z_r) - x * pad),
            t_b: point(g(shape.weighted(&ys, &f)) + z_r * y_h - x * y_b),
            t_v: point(commit(z_s, f.clone()) - x * v),
            c: point(c),
            d: point(commit(z_c, f.iter().map(|f| f * (x - f)).collect()) - x * c),
            f,
            z_r,
            z_s,
            z_c,
        };
        let sent = Sent { pad: point(pad), columns, proof };
        assert!(equations(&shape, &h, &sent, y, x).failing.is_empty());
        assert!(!library_accepts(&shape, &h, &sent, &context()));
    }
}

/// Every bit of a ballot, flipped: either it no longer decodes, or its proofs fail. Nothing in it is free (A04, A05, B04).
#[test]
fn no_bit_of_a_ballot_can_change() {
    let sample = sample(&[(Rule::Choose { min: 0, max: 1, blank: false }, 2), (Rule::List {}, 3)]);
    let style = &sample.styles[0];
    let good = honest(&sample, &first(1), 1);
    style.verify(&good, &mut rng("v")).unwrap();
    let mut decoded = 0;
    for at in 0..good.bytes().len() * 8 {
        let mut bytes = good.bytes().to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        if let Ok(ballot) = style.decode(&bytes) {
            decoded += 1;
            assert!(style.verify(&ballot, &mut rng("v")).is_err(), "bit {at}");
        }
    }
    assert!(decoded > 2000, "most scalars and many points still decode: {decoded}");
}

/// Each value that is absorbed, exchanged for another valid one, changes every challenge drawn after it (A04, A05).
#[test]
fn every_value_changes_every_later_challenge() {
    let sample = sample(&[(Rule::Choose { min: 1, max: 1, blank: true }, 3), (Rule::Choose { min: 1, max: 1, blank: true }, 4)]);
    let other = titled_sample("Another", &[(Rule::Choose { min: 1, max: 1, blank: true }, 3), (Rule::Approve {}, 4)]);
    let (shape, h) = (sample.manifest.shape(sample.manifest.style(0)[0]).unwrap(), sample.key.first(4).to_vec());
    let prover = Prover::new(shape, &h, scalars(&[0, 1, 0, 0]), &mut rng("influence"));
    let context = first(1);
    let good = prover.prove(&part_transcript(&sample, 0, 0, &context));
    let challenges = |mut t: Transcript, sent: &Sent| (draw_y(&mut t, sent), draw_x(&mut t, &sent.proof));
    let (y, x) = challenges(part_transcript(&sample, 0, 0, &context), &good);

    // The context, value by value.
    let contexts = [
        part_transcript(&other, 0, 0, &context),  // election, key
        part_transcript(&sample, 1, 0, &context), // district
        part_transcript(&sample, 0, 1, &context), // contest, shape, H
        part_transcript(&sample, 0, 0, &first(2)),
        part_transcript(&sample, 0, 0, &ballot::Context { number: 2, ..context }),
        part_transcript(&sample, 0, 0, &ballot::Context { previous: [1; 32], ..context }),
    ];
    for (i, t) in contexts.into_iter().enumerate() {
        let (other_y, other_x) = challenges(t.clone(), &good);
        assert!(other_y != y && other_x != x, "context {i}");
        assert!(!library_accepts(shape, &h, &good, &t), "context {i}");
    }
    // The points of statement and proof.
    let moved = |p: &Point| point(p.point() + g(Scalar::ONE));
    let mut before_y: Vec<Sent> = Vec::new();
    before_y.push(Sent { pad: moved(&good.pad), ..good.clone() });
    for i in 0..good.columns.len() {
        let mut sent = good.clone();
        sent.columns[i] = moved(&sent.columns[i]);
        before_y.push(sent);
    }
    let mut swapped = good.clone();
    swapped.columns.swap(0, 1);
    before_y.push(swapped);
    let mut shorter = good.clone();
    shorter.columns.pop();
    before_y.push(shorter);
    let with = |change: &dyn Fn(&mut BallotProof)| {
        let mut sent = good.clone();
        change(&mut sent.proof);
        sent
    };
    before_y.push(with(&|p| p.v = moved(&p.v)));
    let before_x = [
        with(&|p| p.t_a = moved(&p.t_a)),
        with(&|p| p.t_b = moved(&p.t_b)),
        with(&|p| p.t_v = moved(&p.t_v)),
        with(&|p| p.c = moved(&p.c)),
        with(&|p| p.d = moved(&p.d)),
    ];
    let t = || part_transcript(&sample, 0, 0, &context);
    for (i, sent) in before_y.iter().enumerate() {
        let (other_y, other_x) = challenges(t(), sent);
        assert!(other_y != y && other_x != x, "value {i} before y");
        assert!(!library_accepts(shape, &h, sent, &t()), "value {i} before y");
    }
    for (i, sent) in before_x.iter().enumerate() {
        let (other_y, other_x) = challenges(t(), sent);
        assert!(other_y == y && other_x != x, "value {i} before x");
        assert!(!library_accepts(shape, &h, sent, &t()), "value {i} before x");
    }
}

/// A bit that is 2 (or -1, or anything else) fails BIT-7, and only that, whatever else fits.
#[test]
fn a_two_is_no_bit() {
    let mut rng = rng("two");
    let minus = -Scalar::ONE;
    let approve = Shape::new(&Rule::Approve {}, 2).unwrap();
    let choose = Shape::new(&Rule::Choose { min: 1, max: 1, blank: false }, 3).unwrap();
    let two = Scalar::from(2u8);
    for (shape, b) in [
        (&approve, vec![two, Scalar::ZERO]),
        (&approve, vec![Scalar::ONE, minus]),
        (&approve, vec![random_scalar(&mut rng), Scalar::ONE]),
        (&choose, vec![two, minus, Scalar::ZERO]), // the constraint holds
    ] {
        let h = key(shape.width(), "two");
        let sent = Prover::new(shape, &h, b, &mut rng).prove(&context());
        let mut t = context();
        let y = draw_y(&mut t, &sent);
        let x = draw_x(&mut t, &sent.proof);
        assert_eq!(equations(shape, &h, &sent, y, x).failing, ["BIT-7"]);
        assert!(!library_accepts(shape, &h, &sent, &context()));
    }
    let h = key(3, "two");
    for b in [[1u8, 1, 0], [0, 0, 0]] {
        let sent = Prover::new(&choose, &h, scalars(&b), &mut rng).prove(&context());
        assert!(!library_accepts(&choose, &h, &sent, &context()), "BIT-8: {b:?}");
    }
}

/// BIT-10: who knows the logarithm of `H_1` fools BIT-4 and BIT-5 merged into one equation, and not the two.
#[test]
fn the_merged_equation_can_be_forged() {
    let mut rng = rng("merged");
    let shape = Shape::new(&Rule::Approve {}, 1).unwrap();
    let log = random_scalar(&mut rng);
    let h = [point(g(log))];
    let m = Scalar::from(1000u32); // what the ciphertext will open to
    let claimed = Scalar::ONE; // what the proof speaks about
    let (r_1, r_2) = (random_scalar(&mut rng), random_scalar(&mut rng));
    let mut prover = Prover::new(&shape, &h, vec![claimed], &mut rng);
    let (pad, column) = (point(g(r_1)), point(g(m) + r_2 * h[0].point()));
    let forged = |y: Scalar, prover: &Prover<'_>| Sent { pad, columns: vec![column], ..prover.send(y) };

    let mut t = context();
    let y = draw_y(&mut t, &forged(Scalar::ONE, &prover));
    prover.r = (r_1 + y * (m - claimed) + y * r_2 * log) * (Scalar::ONE + y * log).invert();
    let mut sent = forged(y, &prover);
    let x = draw_x(&mut t, &sent.proof);
    prover.respond(&mut sent, x);

    let verdict = equations(&shape, &h, &sent, y, x);
    assert_eq!(verdict.residues[0] + verdict.residues[1], RistrettoPoint::default(), "the merged equation holds");
    assert_eq!(verdict.failing, ["BIT-4", "BIT-5"]);
    assert!(!library_accepts(&shape, &h, &sent, &context()));
    // With weights that are the same for both equations, the batch would be the merged equation.
    assert_ne!(verdict.residues[0] + Scalar::from(2u8) * verdict.residues[1], RistrettoPoint::default());
}

/// Square roots modulo `ℓ`, which is 5 modulo 8.
fn sqrt(a: Scalar) -> Option<Scalar> {
    let power = |base: Scalar, exponent: [u8; 32]| {
        exponent.iter().rev().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).fold(Scalar::ONE, |mut at, bit| {
            at *= at;
            if bit == 1 { at * base } else { at }
        })
    };
    let shifted = |mut n: [u8; 32], by: u32| {
        for i in 0..32 {
            let above = n.get(i + 1).copied().unwrap_or(0);
            n[i] = n[i] >> by | above << (8 - by);
        }
        n
    };
    let minus_one = (-Scalar::ONE).to_bytes(); // ℓ - 1
    let mut plus_three = minus_one;
    plus_three[0] += 4; // ℓ + 3, without a carry
    let root = power(a, shifted(plus_three, 3));
    let i = power(Scalar::from(2u8), shifted(minus_one, 2));
    [root, root * i].into_iter().find(|r| r * r == a)
}

/// A01: if the challenges did not cover the statement, a prover could pick the responses first and solve for a ciphertext. The bit is then a
/// root of a quadratic equation, and the integer anything at all. Ours cover it.
#[test]
fn weak_fiat_shamir_would_admit_a_huge_vote() {
    let mut rng = rng("weak");
    let shape = Shape::new(&Rule::Approve {}, 1).unwrap();
    let log = random_scalar(&mut rng);
    let h = [point(g(log))];
    let p = proof::bases(1);
    // The weak variant: commitments only.
    let weak_y = |t: &mut Transcript| t.challenge("y");
    let (forged, y, x) = loop {
        let [rho, tau, sigma_0, sigma, gamma_0, gamma, delta_0, delta] = [(); 8].map(|()| random_scalar(&mut rng));
        let mut t = context();
        let y = weak_y(&mut t);
        let commit = |blind: Scalar, v: Scalar| blind * p[0] + v * p[1];
        let mut proof = BallotProof {
            v: point(g(Scalar::ONE)), // solved for below, after x
            t_a: point(g(rho)),
            t_b: point(g(tau) + rho * y * h[0].point()),
            t_v: point(commit(sigma_0, sigma)),
            c: point(commit(gamma_0, gamma)),
            d: point(commit(delta_0, delta)),
            f: vec![],
            z_r: random_scalar(&mut rng),
            z_s: random_scalar(&mut rng),
            z_c: Scalar::ZERO,
        };
        let x = draw_x(&mut t, &proof);
        // f(x - f) = x·γ + δ
        let Some(root) = sqrt(x * x - Scalar::from(4u8) * (x * gamma + delta)) else { continue };
        let f = (x + root) * Scalar::from(2u8).invert();
        proof.f = vec![f];
        proof.z_c = x * gamma_0 + delta_0;
        let over_x = x.invert();
        proof.v = point(over_x * (commit(proof.z_s, f) - proof.t_v.point()));
        let pad = point(over_x * (g(proof.z_r) - proof.t_a.point()));
        let y_b = over_x * (g(y * f) + proof.z_r * y * h[0].point() - proof.t_b.point());
        break (Sent { pad, columns: vec![point(y.invert() * y_b)], proof }, y, x);
    };
    assert!(equations(&shape, &h, &forged, y, x).failing.is_empty(), "the weak variant accepts");
    let plain = forged.columns[0].point() - log * forged.pad.point();
    assert!((0u32..1000).all(|m| g(Scalar::from(m)) != plain), "and the integer is neither 0 nor 1 nor small");
    assert!(!library_accepts(&shape, &h, &forged, &context()));
}

/// Two wrong proofs whose errors cancel under equal weights (A15).
#[test]
fn errors_of_two_proofs_do_not_cancel() {
    let sample = sample(&[(Rule::Approve {}, 2)]);
    let style = &sample.styles[0];
    let error = Scalar::from(12345u32);
    let spoiled = |voter: u8, error: Scalar| {
        let ballot = honest(&sample, &first(voter), voter);
        let mut part = ballot.parts()[0].clone();
        part.proof.z_c += error; // after the challenges, so they stay
        style.assemble(first(voter), vec![part])
    };
    let (one, two) = (spoiled(1, error), spoiled(2, -error));
    let residue = |b: &ballot::Ballot| {
        let part = &b.parts()[0];
        let sent = Sent { pad: part.ciphertext.pad, columns: part.ciphertext.columns.clone(), proof: part.proof.clone() };
        let mut t = part_transcript(&sample, 0, 0, b.context());
        let y = draw_y(&mut t, &sent);
        let x = draw_x(&mut t, &sent.proof);
        let shape = style.shapes().next().unwrap();
        equations(shape, sample.key.first(shape.width()), &sent, y, x).residues.iter().sum::<RistrettoPoint>()
    };
    assert_ne!(residue(&one), RistrettoPoint::default());
    assert_eq!(residue(&one) + residue(&two), RistrettoPoint::default(), "equal weights would be fooled");
    assert!(!together(&sample, &[&one, &two]));
}

fn together(sample: &Sample, ballots: &[&ballot::Ballot]) -> bool {
    let style = &sample.styles[0];
    let mut batch = Batch::default();
    let mut weights = Weights::new(&[3; 32], &mut rng("batch"));
    let sound = ballots.iter().all(|b| style.add_to(b, &mut batch, &mut weights).is_ok());
    sound && batch.holds(sample.key.columns(), style.bases())
}

/// The verdict on a batch is that of all its ballots, whatever stands where; batches of none and one included.
#[test]
fn a_batch_is_as_strict_as_its_ballots() {
    let sample = sample(&[(Rule::Choose { min: 1, max: 1, blank: true }, 2), (Rule::List {}, 4)]);
    let style = &sample.styles[0];
    let good: Vec<_> = (1..=6).map(|v| honest(&sample, &first(v), v)).collect();
    let bad: Vec<_> = good
        .iter()
        .enumerate()
        .map(|(i, ballot)| {
            let mut parts = ballot.parts().to_vec();
            let proof = &mut parts[i % 2].proof;
            match i / 2 {
                0 => proof.z_r += Scalar::ONE,
                1 => proof.z_s += Scalar::ONE,
                _ => proof.f[0] += Scalar::ONE,
            }
            style.assemble(*ballot.context(), parts)
        })
        .collect();
    assert!(together(&sample, &[]));
    for choice in 0..64u32 {
        let batch: Vec<_> = (0..6).map(|i| if choice >> i & 1 == 1 { &bad[i] } else { &good[i] }).collect();
        assert_eq!(together(&sample, &batch), choice == 0, "{choice:06b}");
    }
    for (good, bad) in good.iter().zip(&bad) {
        assert!(together(&sample, &[good]) && !together(&sample, &[bad]));
        style.verify(good, &mut rng("v")).unwrap();
        assert_eq!(style.verify(bad, &mut rng("v")).unwrap_err().rule(), "BAL-5");
    }
}

/// Weights are 128 bits wide, fresh, and depend on every byte of the batch.
#[test]
fn weights_are_wide_and_fresh() {
    let mut draws = std::collections::HashSet::new();
    for all in [[0; 32], [1; 32]] {
        for seed in ["a", "b"] {
            let mut weights = Weights::new(&all, &mut rng(seed));
            for _ in 0..500 {
                let weight = weights.draw().to_bytes();
                assert_eq!(weight[16..], [0; 16]);
                assert!(draws.insert(weight));
            }
        }
    }
    assert!(draws.iter().any(|w| w[15] > 127), "the top bit is used");
}

/// What every other test rests on: an honest ballot of every rule is accepted.
#[test]
fn honest_ballots_are_accepted() {
    let sample = sample(&rules());
    for style in &sample.styles {
        let selections: Vec<_> = sample.manifest.style(style.district()).iter().map(|&item| selection_of(&sample, item)).collect();
        let made = style.encrypt(&first(1), &selections, &Seed([1; 32])).unwrap();
        let read = style.decode(made.bytes()).unwrap();
        assert_eq!(read, made);
        style.verify(&read, &mut rng("v")).unwrap();
    }
}
