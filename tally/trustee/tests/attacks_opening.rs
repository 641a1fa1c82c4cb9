//! Forgers of openings: A02 and A08 (adaptive proofs), votes moved between columns, and what every byte decides.
//! Each forged proof passes the careless variant that it is made for, and is refused by ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::elgamal::CipherSum;
use ballot::encode::{Point, Record};
use ballot::proof::equality::{self, EqualityProof};
use ballot::proof::knowledge::{self, KnowledgeProof};
use ballot::{Ciphertext, RistrettoPoint, Scalar, Transcript};
use common::opening::{Model, Weights};
use common::{World, point, scalar};
use trustee::key_share::KeyShare;
use trustee::open::{Closed, Decoder, Opening, OpeningError, Rows, Statement, combine};

const CLOSED: Closed = Closed { election: [1; 32], key: [3; 32], session: [4; 32], counted: [5; 32], size: 77, root: [6; 32] };

fn g(x: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(x)
}

/// One trustee that holds the whole key, so that its factors open everything.
struct One {
    world: World,
    share: KeyShare,
}

impl One {
    fn new(seed: &str, w: usize) -> Self {
        let world = World::new(seed, w);
        let mut bytes = vec![64, 1];
        bytes.extend(CLOSED.key);
        bytes.extend(CLOSED.session);
        bytes.extend([0, 1]);
        bytes.extend((w as u32).to_be_bytes());
        world.secrets.iter().for_each(|x| bytes.extend(x.as_bytes()));
        Self { share: KeyShare::from_bytes(&bytes).unwrap(), world }
    }

    fn statement<'a>(&'a self, rows: &'a Rows) -> Statement<'a> {
        Statement { closed: &CLOSED, unit: 2, stage: [8; 32], rows, trustee: 1, public: self.world.key.columns() }
    }

    fn factors(&self, rows: &Rows) -> Vec<Point> {
        rows.pads().iter().flat_map(|a| self.world.secrets.iter().map(move |x| point(x * a))).collect()
    }
}

fn mixed(rows: &[Ciphertext]) -> Rows {
    Rows::mixed(rows[0].columns.len(), rows)
}

#[test]
fn the_model_and_the_library_accept_each_others_proofs() {
    for (n, w) in [(1, 1), (2, 3), (5, 2), (300, 2)] {
        let mut one = One::new("model", w);
        let rows = mixed(&one.world.rows(n));
        let mut rng = one.world.rng;
        one.world.rng = ballot::rng::SeededRng::new(b"other");
        let s = one.statement(&rows);
        let opening = s.open(&one.share, &mut rng).unwrap();
        s.verify(&opening).unwrap();
        assert_eq!(Opening::from_bytes(&opening.to_bytes()).unwrap(), opening);
        assert_eq!(opening.to_bytes().len(), 46 + 32 * n * w + 96);
        let model = Model { statement: s, omit: &[], weights: Weights::Independent };
        assert!(model.verify(&opening));
        let again = model.prove(&one.world.secrets, one.factors(&rows), scalar(&mut rng));
        s.verify(&again).unwrap();
        let points = combine(&rows, &[&opening]).unwrap();
        let numbers = Decoder::mixed(2000).decode(w, &points).unwrap();
        let expected: Vec<u64> = (0..n as u64).flat_map(|i| (1..=w as u64).map(move |c| i * c)).collect();
        assert_eq!(numbers, expected);
    }
}

#[test]
fn equal_column_weights_move_votes_between_columns() {
    let mut one = One::new("equal", 2);
    let rows = mixed(&one.world.rows(3));
    let mut factors = one.factors(&rows);
    let five = g(&Scalar::from(5u8));
    factors[2] = point(factors[2].point() + five);
    factors[3] = point(factors[3].point() - five);
    let k = scalar(&mut one.world.rng);
    let s = one.statement(&rows);
    let careless = Model { statement: s, omit: &[], weights: Weights::EqualColumns };
    let forged = careless.prove(&one.world.secrets, factors.clone(), k);
    assert!(careless.verify(&forged), "the forger is wrong");
    assert!(s.verify(&forged).is_err());
    let ours = Model { weights: Weights::Independent, ..careless };
    assert_eq!(s.verify(&ours.prove(&one.world.secrets, factors, k)), Err(OpeningError::Factors));
}

#[test]
fn column_powers_that_meet_the_rows_powers_move_votes() {
    let mut one = One::new("powers", 2);
    let rows = mixed(&one.world.rows(3));
    let mut factors = one.factors(&rows);
    let five = g(&Scalar::from(5u8));
    factors[1] = point(factors[1].point() + five); // row 1, column 2: ρ·ρ²
    factors[2] = point(factors[2].point() - five); // row 2, column 1: ρ²·ρ
    let k = scalar(&mut one.world.rng);
    let s = one.statement(&rows);
    let careless = Model { statement: s, omit: &[], weights: Weights::Powers };
    let forged = careless.prove(&one.world.secrets, factors.clone(), k);
    assert!(careless.verify(&forged), "the forger is wrong");
    assert!(s.verify(&forged).is_err());
    let ours = Model { weights: Weights::Independent, ..careless };
    assert_eq!(s.verify(&ours.prove(&one.world.secrets, factors, k)), Err(OpeningError::Factors));
}

/// A02: the last voter chooses its nonce after the proof, and shifts the result by 7.
#[test]
fn a02_a_proof_made_before_the_last_ballot_shifts_the_sum() {
    let mut one = One::new("adaptive", 1);
    let x = one.world.secrets[0];
    let mut sum = CipherSum::zero(1);
    (0..17).for_each(|_| sum.add(&one.world.encrypt(&[1])));
    let [k, b] = [(); 2].map(|()| scalar(&mut one.world.rng));
    let shift = Scalar::from(7u8);
    // With rows and factors left out, all challenges are known before the last ballot.
    let before = Rows::summed(&sum);
    let omit: &[&str] = &["row", "F"];
    let careless = Model { statement: one.statement(&before), omit, weights: Weights::Independent };
    let head = careless.head();
    let t_1 = point(g(&k));
    // ρ, σ do not depend on T_2 either; T_2 = ρ·(k·A_0 + b·G).
    let (rho, sigma, _) = careless.challenges(&[], &t_1, &t_1);
    let t_2 = point(rho[0] * (k * before.pads()[0] + g(&b)));
    let (_, _, e) = careless.challenges(&[], &t_1, &t_2);
    let z = k + e * sigma[0] * x;
    // The last voter votes 0 honestly, but with r' = (b + e·σ·shift)/k.
    let r = (b + e * sigma[0] * shift) * k.invert();
    sum.add(&Ciphertext { pad: point(g(&r)), columns: vec![point(r * one.world.key.columns()[0].point())] });
    let rows = Rows::summed(&sum);
    let factor = point(x * rows.pads()[0] + g(&shift));
    let forged = Opening { head, factors: vec![factor], t_1, t_2, z };
    let s = one.statement(&rows);
    assert!(Model { statement: s, omit, weights: Weights::Independent }.verify(&forged), "the forger is wrong");
    let points = combine(&rows, &[&forged]).unwrap();
    assert_eq!(Decoder::summed(18).decode(1, &points).unwrap(), [10]); // 17 votes are "proved" to be 10
    assert!(s.verify(&forged).is_err());
    // Each of the two alone is absorbed by us, and either alone refuses it.
    for omit in [&["row"][..], &["F"][..]] {
        assert!(!Model { statement: s, omit, weights: Weights::Independent }.verify(&forged));
    }
}

/// A08: a valid vote is "proved" to be no vote at all, by a proof made before the factor.
#[test]
fn a08_a_factor_chosen_after_the_proof_nullifies_a_vote() {
    let mut one = One::new("nullify", 1);
    let rows = mixed(&one.world.rows(2));
    let [k, shift] = [(); 2].map(|()| scalar(&mut one.world.rng));
    let s = one.statement(&rows);
    let careless = Model { statement: s, omit: &["F"], weights: Weights::Independent };
    let mut honest = careless.prove(&one.world.secrets, one.factors(&rows), k);
    let (rho, sigma, _) = careless.challenges(&[], &honest.t_1, &honest.t_2);
    honest.t_2 = point(honest.t_2.point() + g(&shift));
    let (_, _, e) = careless.challenges(&[], &honest.t_1, &honest.t_2);
    honest.z = k + e * sigma[0] * one.world.secrets[0];
    let change = shift * (e * rho[1] * sigma[0]).invert();
    honest.factors[1] = point(honest.factors[1].point() - g(&change));
    assert!(careless.verify(&honest), "the forger is wrong");
    assert!(s.verify(&honest).is_err());
    let points = combine(&rows, &[&honest]).unwrap();
    assert!(Decoder::mixed(100).decode(1, &points).is_err());
}

/// The same for commitments and keys that are left out of the last challenge.
#[test]
fn a05_a_commitment_or_key_chosen_after_the_challenge_proves_anything() {
    let mut one = One::new("late", 1);
    let rows = mixed(&one.world.rows(2));
    let [z, k] = [(); 2].map(|()| scalar(&mut one.world.rng));
    let s = one.statement(&rows);
    // T_1 and T_2 are solved from the equations for factors that are plainly wrong.
    let wrong: Vec<Point> = one.factors(&rows).iter().map(|f| point(f.point() + f.point())).collect();
    let careless = Model { statement: s, omit: &["T_1", "T_2"], weights: Weights::Independent };
    let any = wrong[0];
    let (rho, sigma, e) = careless.challenges(&wrong, &any, &any);
    let pads: RistrettoPoint = rho.iter().zip(rows.pads()).map(|(r, a)| r * a).sum();
    let f: RistrettoPoint = rho.iter().zip(&wrong).map(|(r, f)| r * sigma[0] * f.point()).sum();
    let (t_1, t_2) = (point(g(&z) - e * sigma[0] * s.public[0].point()), point(z * pads - e * f));
    let forged = Opening { head: careless.head(), factors: wrong, t_1, t_2, z };
    assert!(careless.verify(&forged), "the forger is wrong");
    assert!(s.verify(&forged).is_err());
    for omit in [&["T_1"][..], &["T_2"][..]] {
        assert!(!Model { omit, ..careless }.verify(&forged));
    }
    // A key X solved after e: factors of one share pass under another key.
    let careless = Model { omit: &["X"], ..careless };
    let factors = one.factors(&rows);
    let t_1 = point(g(&k));
    let (rho, sigma, _) = careless.challenges(&factors, &t_1, &t_1);
    let pads: RistrettoPoint = rho.iter().zip(rows.pads()).map(|(r, a)| r * a).sum();
    let f: RistrettoPoint = rho.iter().zip(&factors).map(|(r, f)| r * sigma[0] * f.point()).sum();
    let t_2 = point(k * pads + f);
    let (_, _, e) = careless.challenges(&factors, &t_1, &t_2);
    let x = one.world.secrets[0];
    let z = k + sigma[0] * x * (e + Scalar::ONE); // T_2 holds one F* too many; z makes up for it, and X* must too
    let public = [point((e * sigma[0]).invert() * (g(&z) - t_1.point()))];
    let lone = Statement { public: &public, ..s };
    let forged = Opening { head: careless.head(), factors, t_1, t_2, z };
    assert!(Model { statement: lone, ..careless }.verify(&forged), "the forger is wrong");
    assert!(lone.verify(&forged).is_err());
}

#[test]
fn a04_every_byte_of_opening_and_statement_changes_the_challenge() {
    let mut one = One::new("influence", 2);
    let rows = mixed(&one.world.rows(2));
    let mut rng = ballot::rng::SeededRng::new(b"influence");
    let mut other_rows = one.world.rows(2);
    let s = one.statement(&rows);
    let opening = s.open(&one.share, &mut rng).unwrap();
    let bytes = opening.to_bytes();
    // Of the two equations the first has neither rows nor factors nor T_2 in it: it fails only because e does.
    for at in (46..bytes.len() - 32).step_by(32) {
        let mut other = bytes.clone();
        let moved = Point::decode(bytes[at..at + 32].try_into().unwrap()).unwrap().point() + g(&Scalar::ONE);
        other[at..at + 32].copy_from_slice(point(moved).bytes());
        assert_eq!(s.verify(&Opening::from_bytes(&other).unwrap()), Err(OpeningError::Key), "point at {at}");
    }
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(s.read(&other).map_or(true, |o| s.verify(&o).is_err()), "byte {at}");
    }
    other_rows.swap(0, 1);
    let other_rows = mixed(&other_rows);
    let exchanged = [s.public[1], s.public[0]];
    let closed = [
        Closed { election: [9; 32], ..CLOSED },
        Closed { key: [9; 32], ..CLOSED },
        Closed { session: [9; 32], ..CLOSED },
        Closed { counted: [9; 32], ..CLOSED },
        Closed { size: 78, ..CLOSED },
        Closed { root: [9; 32], ..CLOSED },
    ];
    for closed in &closed {
        assert_eq!(Statement { closed, ..s }.verify(&opening), Err(OpeningError::Key));
    }
    assert_eq!(Statement { rows: &other_rows, ..s }.verify(&opening), Err(OpeningError::Key));
    assert_eq!(Statement { public: &exchanged, ..s }.verify(&opening), Err(OpeningError::Key));
    // The names, with the head changed to match.
    let renamed = |change: fn(&mut Opening)| {
        let mut o = opening.clone();
        change(&mut o);
        o
    };
    assert_eq!(Statement { unit: 3, ..s }.verify(&renamed(|o| o.head.unit = 3)), Err(OpeningError::Key));
    assert_eq!(Statement { trustee: 2, ..s }.verify(&renamed(|o| o.head.trustee = 2)), Err(OpeningError::Key));
    assert_eq!(Statement { stage: [9; 32], ..s }.verify(&renamed(|o| o.head.stage = [9; 32])), Err(OpeningError::Key));
    for o in [renamed(|o| o.head.unit = 3), renamed(|o| o.head.rows = 3), renamed(|o| o.head.width = 1), renamed(|o| o.factors.truncate(2))]
    {
        assert_eq!(s.verify(&o), Err(OpeningError::Names));
    }
}

#[test]
fn open_7_a_sum_that_cancels_out_takes_no_factors() {
    let mut one = One::new("cancel", 1);
    let r = scalar(&mut one.world.rng);
    let h = *one.world.key.columns()[0].point();
    let mut sum = CipherSum::zero(1);
    sum.add(&Ciphertext { pad: point(g(&r)), columns: vec![point(g(&Scalar::from(2u8)) + r * h)] });
    sum.add(&Ciphertext { pad: point(g(&-r)), columns: vec![point(g(&Scalar::from(3u8)) - r * h)] });
    let rows = Rows::summed(&sum);
    assert!(rows.needs_no_factors());
    let s = one.statement(&rows);
    let mut rng = ballot::rng::SeededRng::new(b"x");
    assert_eq!(s.open(&one.share, &mut rng), Err(OpeningError::NothingToOpen));
    let points = combine(&rows, &[]).unwrap();
    assert_eq!(Decoder::summed(10).decode(1, &points).unwrap(), [5]);
    assert_eq!(rows.hash(), ballot::elgamal::rows_hash(1, &[sum.row()]));
}

#[test]
fn a_foreign_share_opens_nothing() {
    let one = One::new("one", 1);
    let two = One::new("two", 1);
    let mut world = World::new("one", 1);
    let rows = mixed(&world.rows(2));
    let mut rng = ballot::rng::SeededRng::new(b"x");
    let s = one.statement(&rows);
    assert_eq!(s.open(&two.share, &mut rng), Err(OpeningError::Share));
    assert_eq!(Statement { trustee: 2, ..s }.open(&one.share, &mut rng), Err(OpeningError::Share));
    assert_eq!(Statement { closed: &Closed { session: [0; 32], ..CLOSED }, ..s }.open(&one.share, &mut rng), Err(OpeningError::Share));
    assert!(s.open(&one.share, &mut rng).is_ok());
}

/// POK: what is left out of the challenge can be chosen after it. With our challenge it cannot.
#[test]
fn a05_knowledge_absorbs_key_and_commitment() {
    let mut rng = ballot::rng::SeededRng::new(b"pok");
    let context = || board::ceremony::knowledge_transcript(&[1; 32], &[2; 32], 3, 1, 0);
    let x = scalar(&mut rng);
    let x_g = point(g(&x));
    let proof = knowledge::prove(&x, &x_g, context(), &mut rng).unwrap();
    knowledge::verify(&x_g, &proof, context()).unwrap();
    let [z, k] = [(); 2].map(|()| scalar(&mut rng));
    // Without T: T = z·G - c·X for a key that nobody knows.
    let unknown = point(ballot::encode::hash_to_group("test", &[b"x"]));
    let mut t = context();
    t.append_point("X", &unknown);
    let c = t.challenge("c");
    let late_t = point(g(&z) - c * unknown.point());
    assert_eq!(g(&z), late_t.point() + c * unknown.point());
    assert!(knowledge::verify(&unknown, &pok(&late_t, &z), context()).is_err());
    // Without X: X = (z·G - T)/c.
    let early = point(ballot::encode::hash_to_group("test", &[b"t"]));
    let mut t = context();
    t.append_point("T", &early);
    let c = t.challenge("c");
    let late_x = point(c.invert() * (g(&k) - early.point()));
    assert!(knowledge::verify(&late_x, &pok(&early, &k), context()).is_err());
    // Every other context.
    for t in [
        board::ceremony::knowledge_transcript(&[9; 32], &[2; 32], 3, 1, 0),
        board::ceremony::knowledge_transcript(&[1; 32], &[9; 32], 3, 1, 0),
        board::ceremony::knowledge_transcript(&[1; 32], &[2; 32], 4, 1, 0),
        board::ceremony::knowledge_transcript(&[1; 32], &[2; 32], 3, 2, 0),
        board::ceremony::knowledge_transcript(&[1; 32], &[2; 32], 3, 1, 1),
        Transcript::new("knowledge"),
    ] {
        assert!(knowledge::verify(&x_g, &proof, t).is_err());
    }
    for at in 0..64 {
        let mut bytes = proof.to_bytes();
        bytes[at] ^= 1;
        assert!(KnowledgeProof::from_bytes(&bytes).map_or(true, |p| knowledge::verify(&x_g, &p, context()).is_err()));
    }
}

fn pok(t: &Point, z: &Scalar) -> KnowledgeProof {
    KnowledgeProof::from_bytes(&[*t.bytes(), z.to_bytes()].concat()).unwrap()
}

fn eq(t_1: &Point, t_2: &Point, z: &Scalar) -> EqualityProof {
    EqualityProof::from_bytes(&[*t_1.bytes(), *t_2.bytes(), z.to_bytes()].concat()).unwrap()
}

/// EQ: for each value that the challenge might forget, a forged proof of a wrong `Y`, which ours refuses.
#[test]
fn a05_equality_absorbs_every_point() {
    let mut rng = ballot::rng::SeededRng::new(b"eq");
    let context = || board::ceremony::drill_transcript(&[1; 32], &[2; 32], 1, 3, 1);
    let [x, k, shift] = [(); 3].map(|()| scalar(&mut rng));
    let (d, x_g) = (point(ballot::encode::hash_to_group("test", &[b"d"])), point(g(&x)));
    let right = point(x * d.point());
    let honest = equality::Statement { d: &d, x_g: &x_g, x_d: &right };
    let proof = honest.prove(&x, context(), &mut rng).unwrap();
    honest.verify(&proof, context()).unwrap();
    let challenge = |omit: &str, d: &Point, y: &Point, t_1: &Point, t_2: &Point| {
        let mut t = context();
        for (label, point) in [("D", d), ("X", &x_g), ("Y", y), ("T_1", t_1), ("T_2", t_2)] {
            if label != omit {
                t.append_point(label, point);
            }
        }
        t.challenge("c")
    };
    let holds = |c: Scalar, d: &Point, y: &Point, t_1: &Point, t_2: &Point, z: &Scalar| {
        g(z) == t_1.point() + c * x_g.point() && z * d.point() == t_2.point() + c * y.point()
    };
    let t_1 = point(g(&k));
    // T_2 chosen last, for a Y that is plainly wrong.
    let wrong = point(right.point() + g(&shift));
    let c = challenge("T_2", &d, &wrong, &t_1, &t_1);
    let z = k + c * x;
    let t_2 = point(z * d.point() - c * wrong.point());
    assert!(holds(c, &d, &wrong, &t_1, &t_2, &z), "the forger is wrong");
    let statement = equality::Statement { d: &d, x_g: &x_g, x_d: &wrong };
    assert!(statement.verify(&eq(&t_1, &t_2, &z), context()).is_err());
    // Y chosen last.
    let t_2 = point(k * d.point() + g(&shift));
    let c = challenge("Y", &d, &right, &t_1, &t_2);
    let z = k + c * x;
    let late = point(c.invert() * (z * d.point() - t_2.point()));
    assert!(holds(c, &d, &late, &t_1, &t_2, &z) && late != right, "the forger is wrong");
    let statement = equality::Statement { d: &d, x_g: &x_g, x_d: &late };
    assert!(statement.verify(&eq(&t_1, &t_2, &z), context()).is_err());
    // D chosen last.
    let c = challenge("D", &d, &right, &t_1, &t_2);
    let z = k + c * x;
    let late_d = point(z.invert() * (t_2.point() + c * right.point()));
    assert!(holds(c, &late_d, &right, &t_1, &t_2, &z), "the forger is wrong");
    let statement = equality::Statement { d: &late_d, x_g: &x_g, x_d: &right };
    assert!(statement.verify(&eq(&t_1, &t_2, &z), context()).is_err());
    for t in [
        board::ceremony::drill_transcript(&[9; 32], &[2; 32], 1, 3, 1),
        board::ceremony::drill_transcript(&[1; 32], &[9; 32], 1, 3, 1),
        board::ceremony::drill_transcript(&[1; 32], &[2; 32], 2, 3, 1),
        board::ceremony::drill_transcript(&[1; 32], &[2; 32], 1, 4, 1),
        board::ceremony::drill_transcript(&[1; 32], &[2; 32], 1, 3, 2),
        Transcript::new("complaint"),
    ] {
        assert!(honest.verify(&proof, t).is_err());
    }
    for at in 0..96 {
        let mut bytes = proof.to_bytes();
        bytes[at] ^= 1;
        assert!(EqualityProof::from_bytes(&bytes).map_or(true, |p| honest.verify(&p, context()).is_err()));
    }
}

/// Factors are as many as rows times columns, and what has none is not opened.
#[test]
fn openings_of_another_size_are_refused() {
    let mut one = One::new("sizes", 2);
    let rows = mixed(&one.world.rows(3));
    let mut rng = ballot::rng::SeededRng::new(b"sizes");
    let good = one.statement(&rows).open(&one.share, &mut rng).unwrap();
    assert_eq!(one.statement(&rows).verify(&good), Ok(()));
    let changes: [fn(&mut Opening); 3] = [|o| o.factors.truncate(5), |o| o.factors.push(o.factors[0]), |o| o.factors.clear()];
    for change in changes {
        let mut other = good.clone();
        change(&mut other);
        assert_eq!(one.statement(&rows).verify(&other), Err(OpeningError::Names));
    }
    let bare = Ciphertext { pad: *good.factors.first().unwrap(), columns: Vec::new() };
    for nothing in [Rows::mixed(2, &[]), Rows::mixed(0, &[bare])] {
        assert_eq!(nothing.is_empty(), nothing.len() == 0);
        let s = one.statement(&nothing);
        assert_eq!(s.open(&one.share, &mut rng), Err(OpeningError::Names));
        let mut other = good.clone();
        (other.head.rows, other.head.width) = (nothing.len() as u32, nothing.width() as u16);
        other.factors.clear();
        assert_eq!(s.verify(&other), Err(OpeningError::Names));
    }
}
