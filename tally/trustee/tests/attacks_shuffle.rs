//! Forgers of shuffles. Each forged proof passes the careless variant that it is made for, and is refused by ours.
//! A07 (known logarithms), A09 (degenerate sizes), G01 (rows), G02 (stages), G04 (challenges).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::encode::{Point, Record};
use ballot::{Ciphertext, ElectionKey, RistrettoPoint, Scalar};
use common::shuffle::{Model, Order, Secrets};
use common::{World, point, scalar};
use std::sync::Arc;
use trustee::mix::chain::{Chain, Mixing};
use trustee::mix::{Bases, KeyTables, Mix, MixError, ShuffleProof, Statement};

const HASHES: ([u8; 32], [u8; 32]) = ([1; 32], [2; 32]);

fn statement<'a>(key: &'a ElectionKey, inputs: &'a [Ciphertext]) -> Statement<'a> {
    let width = inputs.first().map_or(1, |r| r.columns.len());
    Statement { election: &HASHES.0, key, counted: &HASHES.1, unit: 3, stage: 1, mixer: 2, width, inputs }
}

fn g(x: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(x)
}

/// A row whose nonce and number the forger knows, because it colludes with the voter.
fn known(key: &ElectionKey, m: Scalar, a: &Scalar) -> Ciphertext {
    Ciphertext { pad: point(g(a)), columns: vec![point(g(&m) + a * key.columns()[0].point())] }
}

/// Two colluding voters: the numbers go from (1, 0) to (5, 0).
struct Collusion {
    world: World,
    nonces: [Scalar; 2],
    new_nonces: [Scalar; 2],
    inputs: Vec<Ciphertext>,
    outputs: Vec<Ciphertext>,
}

impl Collusion {
    fn new() -> Self {
        let mut world = World::new("collusion", 1);
        let [nonces, new_nonces] = [(); 2].map(|()| [(); 2].map(|()| scalar(&mut world.rng)));
        let rows = |m: u64, a: &[Scalar; 2]| vec![known(&world.key, Scalar::from(m), &a[0]), known(&world.key, Scalar::ZERO, &a[1])];
        let (inputs, outputs) = (rows(1, &nonces), rows(5, &new_nonces));
        Self { world, nonces, new_nonces, inputs, outputs }
    }

    /// `u'` with the right sum of numbers and the right product: `5·u'_1 = u_1`, `u'_2 = 5·u_2`.
    fn u_prime(u: &[Scalar]) -> Vec<Scalar> {
        let five = Scalar::from(5u8);
        vec![u[0] * five.invert(), u[1] * five]
    }

    fn r_prime(&self, u: &[Scalar], u_prime: &[Scalar]) -> Scalar {
        let dot = |a: &[Scalar], b: &[Scalar]| a.iter().zip(b).map(|(a, b)| a * b).sum::<Scalar>();
        dot(u_prime, &self.new_nonces) - dot(u, &self.nonces)
    }
}

#[test]
fn the_model_and_the_library_accept_each_others_proofs() {
    for (n, w) in [(1, 1), (3, 2), (5, 3)] {
        let mut world = World::new("model", w);
        let inputs = world.rows(n);
        let key = world.key.clone();
        let (s, bases) = (statement(&key, &inputs), Bases::default());
        let mix = s.mix(&bases, &KeyTables::new(&key, w), &mut world.rng).unwrap();
        let model = Model::hashed(n, Order::Right);
        assert!(model.verify(&s, &mix) && model.verify_with_one_weight(&s, &mix));
        assert_eq!(world.contents(&inputs), world.contents(&mix.outputs));
        assert_eq!(Mix::from_bytes(&mix.to_bytes()).unwrap(), mix);
        let honest = honest(&model, &s, &mut world);
        s.verify(&honest, &bases, &mut world.rng).unwrap();
    }
}

/// The model's own honest mix: rows in reverse order.
fn honest(model: &Model, s: &Statement<'_>, world: &mut World) -> Mix {
    cheat(model, s, world, |_| {})
}

/// An honest proof about outputs that were changed before they were absorbed.
fn cheat(model: &Model, s: &Statement<'_>, world: &mut World, change: impl Fn(&mut Vec<Ciphertext>)) -> Mix {
    cheat_twice(model, s, world, change, |_| {})
}

/// The same, and commitments that were changed before `x`.
fn cheat_twice(
    model: &Model,
    s: &Statement<'_>,
    world: &mut World,
    change: impl Fn(&mut Vec<Ciphertext>),
    commitments: impl FnOnce(&mut ShuffleProof),
) -> Mix {
    let n = s.inputs.len();
    let draw = |rng: &mut _| (0..n).map(|_| scalar(rng)).collect::<Vec<_>>();
    let (r, rho, chain) = (draw(&mut world.rng), draw(&mut world.rng), draw(&mut world.rng));
    let columns =
        |row: &Ciphertext, rho: &Scalar| row.columns.iter().zip(s.key.columns()).map(|(b, h)| point(b.point() + rho * h.point())).collect();
    let re = |(row, rho): (&Ciphertext, &Scalar)| Ciphertext { pad: point(row.pad.point() + g(rho)), columns: columns(row, rho) };
    let mut outputs: Vec<Ciphertext> = s.inputs.iter().rev().zip(&rho).map(re).collect();
    change(&mut outputs);
    let c: Vec<Point> = (0..n).map(|j| point(g(&r[j]) + model.list[n - 1 - j])).collect();
    let u = model.early_u(s, Some(&outputs), Some(&c));
    let u_prime: Vec<Scalar> = u.iter().rev().copied().collect();
    let dot = |a: &[Scalar], b: &[Scalar]| a.iter().zip(b).map(|(a, b)| a * b).sum::<Scalar>();
    let secrets =
        Secrets { r_bar: r.iter().sum(), r_hat: chain[n - 1], r_tilde: dot(&u, &r), r_prime: dot(&u_prime, &rho), u_prime, chain };
    model.prove_with(s, outputs, c, &secrets, &mut world.rng, commitments)
}

/// Every pair of equations is spoilt so that the errors cancel out under equal weights.
#[test]
fn every_equation_has_a_weight_of_its_own() {
    let (n, w) = (3, 2);
    let mut world = World::new("weights", w);
    let inputs = world.rows(n);
    let key = world.key.clone();
    let (s, bases) = (statement(&key, &inputs), Bases::default());
    let model = Model::hashed(n, Order::Right);
    let shift = |proof: &mut ShuffleProof, equation: usize, by: RistrettoPoint| {
        let target = match equation {
            0 => &mut proof.t_1,
            1 => &mut proof.t_2,
            2 => &mut proof.t_3,
            3..=5 => &mut proof.t_4[equation - 3],
            _ => &mut proof.t_hat[equation - 6],
        };
        *target = point(target.point() + by);
    };
    let by = g(&scalar(&mut world.rng));
    for first in 0..9 {
        for second in 0..9 {
            let mix = cheat_twice(
                &model,
                &s,
                &mut world,
                |_| {},
                |proof| {
                    shift(proof, first, by);
                    if second != first {
                        shift(proof, second, -by);
                    }
                },
            );
            assert_eq!(s.failing(&mix, &bases).len(), if first == second { 1 } else { 2 });
            assert!(s.verify(&mix, &bases, &mut world.rng).is_err(), "equations {first} and {second}");
        }
    }
}

#[test]
fn g05_a_mixer_that_uses_its_permutation_twice_is_found() {
    let bases = Arc::new(Bases::default());
    let model = Model::hashed(3, Order::Right);
    let mut mixing: Option<Mixing> = None;
    let mut got = Vec::new();
    for unit in [3, 4] {
        let mut world = World::new("twice", 1);
        let key = world.key.clone();
        let inputs = world.rows(3);
        let mut chain = Chain::new(unit, 1, inputs);
        let mixing = mixing.get_or_insert_with(|| Mixing::new(HASHES.0, key, HASHES.1, 2, bases.clone()));
        let mix = cheat(&model, &mixing.next(&chain, 2), &mut world, |_| {}).to_bytes();
        got.push(mixing.offer(&mut chain, 2, &mix, &mut world.rng));
        // G02: the same bytes as the next stage, or by another mixer.
        assert_eq!(
            mixing.offer(&mut chain, 2, &mix, &mut world.rng).map_err(|e| e.rule()),
            Err(if unit == 3 { "MIX-13" } else { "MIX-15" })
        );
    }
    assert_eq!(got, [Ok(()), Err(MixError::CommitmentReused { input: 0 })]);
}

#[test]
fn a07_two_known_logarithms_replace_a_vote_under_the_forgers_bases_only() {
    let mut f = Collusion::new();
    let logs = [scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let model = Model { h: Model::hashed(0, Order::Right).h, list: logs.iter().map(g).collect(), order: Order::Right };
    let key = f.world.key.clone();
    let s = statement(&key, &f.inputs);
    let r = [scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let c: Vec<Point> = (0..2).map(|j| point(g(&r[j]) + model.list[j])).collect();
    let u = model.early_u(&s, Some(&f.outputs), Some(&c));
    let u_prime = Collusion::u_prime(&u);
    let chain = vec![scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let secrets = Secrets {
        r_bar: r[0] + r[1],
        r_hat: chain[1],
        r_tilde: u[0] * r[0] + u[1] * r[1] + (u[0] - u_prime[0]) * logs[0] + (u[1] - u_prime[1]) * logs[1],
        r_prime: f.r_prime(&u, &u_prime),
        u_prime,
        chain,
    };
    let mix = model.prove(&s, f.outputs.clone(), c, &secrets, &mut f.world.rng);
    assert!(model.verify(&s, &mix), "the forger is wrong");
    assert_ne!(f.world.contents(&f.inputs), f.world.contents(&mix.outputs));
    assert!(s.verify(&mix, &Bases::default(), &mut f.world.rng).is_err());
}

#[test]
fn a07_the_logarithms_of_h_and_one_base_replace_a_vote_under_the_forgers_bases_only() {
    let mut f = Collusion::new();
    let [log_h, log_1] = [(); 2].map(|()| scalar(&mut f.world.rng));
    let hashed = Model::hashed(2, Order::Right);
    let model = Model { h: g(&log_h), list: vec![g(&log_1), hashed.list[1]], order: Order::Right };
    let key = f.world.key.clone();
    let s = statement(&key, &f.inputs);
    let r = [scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let c: Vec<Point> = (0..2).map(|j| point(g(&r[j]) + model.list[j])).collect();
    let u = model.early_u(&s, Some(&f.outputs), Some(&c));
    let u_prime = vec![u[0] * Scalar::from(5u8).invert(), u[1]];
    let chain = vec![scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let secrets = Secrets {
        r_bar: r[0] + r[1],
        r_hat: chain[1] + (u_prime[0] * u_prime[1] - u[0] * u[1]) * log_h,
        r_tilde: u[0] * r[0] + u[1] * r[1] + (u[0] - u_prime[0]) * log_1,
        r_prime: f.r_prime(&u, &u_prime),
        u_prime,
        chain,
    };
    let mix = model.prove(&s, f.outputs.clone(), c, &secrets, &mut f.world.rng);
    assert!(model.verify(&s, &mix), "the forger is wrong");
    assert!(s.verify(&mix, &Bases::default(), &mut f.world.rng).is_err());
}

#[test]
fn g04_with_u_drawn_before_the_commitment_a_vote_is_replaced() {
    let mut f = Collusion::new();
    let key = f.world.key.clone();
    let s = statement(&key, &f.inputs);
    let model = Model::hashed(2, Order::BeforeCommitment);
    let u = model.early_u(&s, Some(&f.outputs), None);
    let u_prime = Collusion::u_prime(&u);
    let [r_bar, r_tilde] = [(); 2].map(|()| scalar(&mut f.world.rng));
    // c_1 + c_2 = h_1 + h_2 + r̄·G and u_1·c_1 + u_2·c_2 = u'_1·h_1 + u'_2·h_2 + r̃·G
    let sum = model.list[0] + model.list[1] + g(&r_bar);
    let weighted = u_prime[0] * model.list[0] + u_prime[1] * model.list[1] + g(&r_tilde);
    let c_2 = (u[1] - u[0]).invert() * (weighted - u[0] * sum);
    let c = vec![point(sum - c_2), point(c_2)];
    let chain = vec![scalar(&mut f.world.rng), scalar(&mut f.world.rng)];
    let secrets = Secrets { r_bar, r_hat: chain[1], r_tilde, r_prime: f.r_prime(&u, &u_prime), u_prime, chain };
    let mix = model.prove(&s, f.outputs.clone(), c, &secrets, &mut f.world.rng);
    assert!(model.verify(&s, &mix), "the forger is wrong");
    assert_ne!(f.world.contents(&f.inputs), f.world.contents(&mix.outputs));
    assert!(s.verify(&mix, &Bases::default(), &mut f.world.rng).is_err());
}

#[test]
fn g04_with_u_drawn_before_the_outputs_anybodys_vote_is_replaced() {
    let mut world = World::new("before outputs", 1);
    let inputs = world.rows(2);
    let key = world.key.clone();
    let s = statement(&key, &inputs);
    let model = Model::hashed(2, Order::BeforeOutputs);
    let mut draw = || [scalar(&mut world.rng), scalar(&mut world.rng)];
    let (r, rho, chain) = (draw(), draw(), draw());
    let c: Vec<Point> = (0..2).map(|j| point(g(&r[j]) + model.list[j])).collect();
    let u = model.early_u(&s, None, Some(&c));
    // The first vote becomes another, and the second nothing that anyone voted.
    let change = [Scalar::from(5u8), -(Scalar::from(5u8) * u[0] * u[1].invert())];
    let h = key.columns()[0].point();
    let row = |i: usize| Ciphertext {
        pad: point(inputs[i].pad.point() + g(&rho[i])),
        columns: vec![point(inputs[i].columns[0].point() + rho[i] * h + g(&change[i]))],
    };
    let secrets = Secrets {
        r_bar: r[0] + r[1],
        r_hat: chain[1],
        r_tilde: u[0] * r[0] + u[1] * r[1],
        r_prime: u[0] * rho[0] + u[1] * rho[1],
        u_prime: u,
        chain: chain.to_vec(),
    };
    let mix = model.prove(&s, vec![row(0), row(1)], c, &secrets, &mut world.rng);
    assert!(model.verify(&s, &mix), "the forger is wrong");
    assert_ne!(world.contents(&inputs), world.contents(&mix.outputs));
    assert!(s.verify(&mix, &Bases::default(), &mut world.rng).is_err());
}

#[test]
fn g04_with_one_weight_for_all_columns_five_votes_move_between_them() {
    let mut world = World::new("one weight", 3);
    let inputs = world.rows(4);
    let key = world.key.clone();
    let (s, bases) = (statement(&key, &inputs), Bases::default());
    let model = Model::hashed(4, Order::Right);
    let five = g(&Scalar::from(5u8));
    let mix = cheat(&model, &s, &mut world, |rows| {
        rows[1].columns[0] = point(rows[1].columns[0].point() + five);
        rows[1].columns[2] = point(rows[1].columns[2].point() - five);
    });
    assert!(model.verify_with_one_weight(&s, &mix), "the forger is wrong");
    assert!(!model.verify(&s, &mix));
    assert_eq!(s.verify(&mix, &bases, &mut world.rng), Err(MixError::Column { column: 0 }));
    assert_eq!(s.failing(&mix, &bases), [MixError::Column { column: 0 }, MixError::Column { column: 2 }]);
}

#[test]
fn g01_rows_cannot_be_replaced_doubled_swapped_or_torn_apart() {
    let mut world = World::new("rows", 2);
    let inputs = world.rows(3);
    let other = world.rows(1).remove(0);
    let key = world.key.clone();
    let (s, bases) = (statement(&key, &inputs), Bases::default());
    let model = Model::hashed(3, Order::Right);
    type Change<'a> = Box<dyn Fn(&mut Vec<Ciphertext>) + 'a>;
    let table: Vec<(&str, Change<'_>)> = vec![
        ("replaced", Box::new(|r| r[1] = other.clone())),
        ("doubled", Box::new(|r| r[1] = r[0].clone())),
        ("exchanged", Box::new(|r| r.swap(0, 1))),
        (
            "pad and column exchanged",
            Box::new(|r| {
                let row = &mut r[0];
                std::mem::swap(&mut row.pad, &mut row.columns[0]);
            }),
        ),
        (
            "columns shuffled apart",
            Box::new(|r| {
                let b = r[0].columns[1];
                r[0].columns[1] = r[2].columns[1];
                r[2].columns[1] = b;
            }),
        ),
        ("columns exchanged", Box::new(|r| r[0].columns.swap(0, 1))),
        ("one number more", Box::new(|r| r[2].columns[0] = point(r[2].columns[0].point() + g(&Scalar::ONE)))),
    ];
    for (name, change) in table {
        let mix = cheat(&model, &s, &mut world, |rows| change(rows));
        let error = s.verify(&mix, &bases, &mut world.rng);
        assert!(matches!(error, Err(MixError::Pads | MixError::Column { .. })), "{name}: {error:?}");
    }
    // Another key's column.
    let wrong = ElectionKey::new(key.id(), vec![key.columns()[1], key.columns()[0]]);
    let mix = cheat(&model, &statement(&wrong, &inputs), &mut world, |_| {});
    assert!(s.verify(&mix, &bases, &mut world.rng).is_err());
}

#[test]
fn g03_a_row_that_is_not_re_encrypted_is_refused() {
    let mut world = World::new("kept", 1);
    let inputs = world.rows(3);
    let key = world.key.clone();
    let (s, bases) = (statement(&key, &inputs), Bases::default());
    let mix = cheat(&Model::hashed(3, Order::Right), &s, &mut world, |r| r[1] = inputs[1].clone());
    assert_eq!(s.verify(&mix, &bases, &mut world.rng), Err(MixError::RowKept { output: 1 }));
}

#[test]
fn a09_other_sizes_are_refused_without_a_panic() {
    let mut world = World::new("sizes", 2);
    let inputs = world.rows(3);
    let key = world.key.clone();
    let (bases, tables) = (Bases::default(), KeyTables::new(&key, 2));
    let s = statement(&key, &inputs);
    let mix = s.mix(&bases, &tables, &mut world.rng).unwrap();
    let changes: [fn(&mut Mix); 12] = [
        |m| m.outputs.clear(),
        |m| drop(m.outputs.pop()),
        |m| m.outputs.push(m.outputs[0].clone()),
        |m| m.outputs[0].columns.truncate(1),
        |m| m.proof.c.truncate(1),
        |m| m.proof.c_hat.truncate(1),
        |m| m.proof.t_hat.truncate(1),
        |m| m.proof.t_4.truncate(1),
        |m| m.proof.s_hat.push(Scalar::ONE),
        |m| m.proof.s_prime.clear(),
        |m| m.head.rows = 4,
        |m| m.head.width = 1,
    ];
    for change in changes {
        let mut other = mix.clone();
        change(&mut other);
        assert!(matches!(s.verify(&other, &bases, &mut world.rng), Err(MixError::Size { .. })));
        assert!(s.failing(&other, &bases).is_empty());
    }
    // Statements that nobody can prove.
    let bare: Vec<Ciphertext> = inputs.iter().map(|row| Ciphertext { columns: Vec::new(), ..row.clone() }).collect();
    for (width, inputs) in [(2, &inputs[..0]), (0, &inputs[..]), (1, &inputs[..]), (3, &inputs[..]), (0, &bare[..])] {
        let s = Statement { width, inputs, ..s };
        assert!(matches!(s.mix(&bases, &tables, &mut world.rng), Err(MixError::Size { .. })));
        assert!(matches!(s.verify(&mix, &bases, &mut world.rng), Err(MixError::Size { .. })));
        assert!(s.failing(&mix, &bases).is_empty());
    }
    // An empty mix of an empty unit does not stand either.
    let mut empty = mix.to_bytes();
    empty.truncate(42);
    empty.extend([0, 0, 0, 0, 0, 2]);
    assert!(Mix::from_bytes(&empty).is_err());
    // 2^32 - 1 rows in 48 bytes cost nothing.
    empty[42..48].fill(0xff);
    assert_eq!(Mix::from_bytes(&empty).unwrap_err().rule(), "DEC-5");
}

#[test]
fn a09_trivial_scalars_and_equal_rows() {
    let mut world = World::new("trivial", 1);
    let key = world.key.clone();
    let (bases, tables) = (Bases::default(), KeyTables::new(&key, 1));
    let row = world.rows(1).remove(0);
    let inputs = vec![row.clone(), row.clone(), row];
    let s = statement(&key, &inputs);
    let mix = s.mix(&bases, &tables, &mut world.rng).unwrap();
    s.verify(&mix, &bases, &mut world.rng).unwrap(); // equal inputs are no fault of the mixer
    for value in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE] {
        let mut other = mix.clone();
        other.proof.s = [value; 4];
        other.proof.s_hat.fill(value);
        other.proof.s_prime.fill(value);
        assert!(s.verify(&other, &bases, &mut world.rng).is_err());
    }
}

#[test]
fn a04_every_byte_of_proof_and_statement_changes_every_later_challenge() {
    let mut world = World::new("influence", 2);
    let inputs = world.rows(2);
    let key = world.key.clone();
    let (s, bases) = (statement(&key, &inputs), Bases::default());
    let mix = s.mix(&bases, &KeyTables::new(&key, 2), &mut world.rng).unwrap();
    assert_eq!(s.failing(&mix, &bases), []);
    // If x changes, all six equations fail; the responses alone may leave some standing.
    let all_fail = |s: &Statement<'_>, mix: &Mix, what: &str| {
        let mut rules: Vec<_> = s.failing(mix, &bases).iter().map(MixError::rule).collect();
        rules.dedup();
        assert_eq!(rules, ["MIX-6", "MIX-7", "MIX-8", "MIX-9", "MIX-10", "MIX-11"], "{what}");
    };
    let bytes = mix.to_bytes();
    let commitments = 32 * (2 * 3 + 2 + 2 + 3 + 3 + 2);
    for at in (48..48 + commitments).step_by(32) {
        let mut other = bytes.clone();
        let moved = Point::decode(bytes[at..at + 32].try_into().unwrap()).unwrap().point() + g(&Scalar::ONE);
        other[at..at + 32].copy_from_slice(point(moved).bytes());
        all_fail(&s, &Mix::from_bytes(&other).unwrap(), &format!("point at {at}"));
    }
    for at in 48..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        let refused = Mix::from_bytes(&other).map_or(true, |mix| s.verify(&mix, &bases, &mut world.rng).is_err());
        assert!(refused, "byte {at}");
    }
    let other_id = ElectionKey::new([9; 32], key.columns().to_vec());
    let other_h = ElectionKey::new(key.id(), vec![key.columns()[1], key.columns()[0]]);
    let mut other_rows = inputs.clone();
    other_rows.swap(0, 1);
    for (what, s) in [
        ("election", Statement { election: &[9; 32], ..s }),
        ("key", Statement { key: &other_id, ..s }),
        ("H", Statement { key: &other_h, ..s }),
        ("counted", Statement { counted: &[9; 32], ..s }),
        ("unit", Statement { unit: 4, ..s }),
        ("stage", Statement { stage: 2, ..s }),
        ("mixer", Statement { mixer: 3, ..s }),
        ("in", Statement { inputs: &other_rows, ..s }),
    ] {
        all_fail(&s, &mix, what);
        assert!(s.verify(&mix, &bases, &mut world.rng).is_err());
    }
}

#[test]
fn g05_two_runs_with_one_broken_generator_share_nothing() {
    let bases = Bases::default();
    let mix = |n: usize, unit: u32| {
        let mut world = World::new("same", 1);
        let inputs = world.rows(n);
        let key = world.key.clone();
        let s = Statement { unit, ..statement(&key, &inputs) };
        // The same state of the generator for both statements.
        s.mix(&bases, &KeyTables::new(&key, 1), &mut ballot::rng::SeededRng::new(b"stuck")).unwrap()
    };
    let (a, b) = (mix(4, 1), mix(4, 2));
    assert!(a.outputs.iter().all(|row| !b.outputs.contains(row)));
    assert!(a.proof.c.iter().all(|c| !b.proof.c.contains(c)));
    assert_ne!(a.proof.s_prime, b.proof.s_prime);
}
