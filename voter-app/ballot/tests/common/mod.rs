//! What the tests share: vector files, a small election, and a prover that can be told to lie.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::{self, Point};
use ballot::manifest::*;
use ballot::proof::{self, BallotProof};
use ballot::rng::SeededRng;
use ballot::shape::{Selection, Shape};
use ballot::{Context, ElectionKey, Hash, RistrettoPoint, Scalar, Transcript};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use ed25519_dalek::SigningKey;
use rand_core::Rng;
use serde_json::Value;

/// A file of `specs/vectors`.
pub fn vectors(name: &str) -> Value {
    let path = format!("{}/../../specs/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

pub fn cases(file: &Value) -> &[Value] {
    file["cases"].as_array().unwrap()
}

pub fn text<'v>(case: &'v Value, field: &str) -> &'v str {
    case[field].as_str().unwrap_or_else(|| panic!("{}: no {field}", case["name"]))
}

pub fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(text(case, field)).unwrap()
}

pub fn array(value: &Value) -> Hash {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

pub fn points(value: &Value) -> Vec<Point> {
    value.as_array().unwrap().iter().map(|p| Point::decode(&array(p)).unwrap()).collect()
}

pub fn scalar(value: &Value) -> Scalar {
    encode::scalar(array(value)).unwrap()
}

pub fn number(case: &Value, field: &str) -> u64 {
    case[field].as_u64().unwrap_or_else(|| panic!("{}: no {field}", case["name"]))
}

pub fn integers(value: &Value) -> Selection {
    Selection(value.as_array().unwrap().iter().map(|m| m.as_u64().unwrap() as u32).collect())
}

pub fn rng(name: &str) -> SeededRng {
    SeededRng::new(name.as_bytes())
}

pub fn random_scalar(rng: &mut SeededRng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

pub fn point(p: RistrettoPoint) -> Point {
    Point::from_point(p).unwrap()
}

pub fn g(x: Scalar) -> RistrettoPoint {
    x * G
}

/// All the small rules that tests go through, with their number of options.
pub fn rules() -> Vec<(Rule, usize)> {
    let choose = |min, max, blank| Rule::Choose { min, max, blank };
    vec![
        (choose(1, 1, true), 5),
        (choose(1, 1, false), 3),
        (choose(0, 2, false), 3),
        (choose(2, 4, false), 6),
        (choose(2, 3, true), 4),
        (Rule::Approve {}, 4),
        (Rule::Score { most: 5 }, 3),
        (Rule::Budget { total: 10 }, 3),
        (Rule::List {}, 153),
        (Rule::Rank { places: 3 }, 5),
    ]
}

/// An election with these contests, all in both of its districts, and a key whose logarithms `h` are known.
pub struct Sample {
    pub manifest: Manifest,
    pub key: ElectionKey,
    pub h: Vec<Scalar>,
    pub styles: Vec<BallotStyle>,
}

pub fn sample(rules: &[(Rule, usize)]) -> Sample {
    titled_sample("Sample", rules)
}

pub fn titled_sample(title: &str, rules: &[(Rule, usize)]) -> Sample {
    let key = |n: u8| Hex32(SigningKey::from_bytes(&[n; 32]).verifying_key().to_bytes());
    let member = |n: u8, name: &str| Member { key: key(n), name: name.into() };
    let trustee =
        |n: u8| TrusteeMember { key: key(n), name: format!("t{n}"), share_key: Hex32(g(Scalar::from(u64::from(n))).compress().to_bytes()) };
    let contest = |(i, (rule, n)): (usize, &(Rule, usize))| Contest {
        count: match rule {
            Rule::List {} => Count::Plurality,
            Rule::Rank { .. } => Count::InstantRunoff,
            _ => Count::Sum,
        },
        id: format!("c{i}"),
        lists: vec![OptionList {
            districts: vec!["north".into(), "south".into()],
            options: (0..*n).map(|o| ContestOption { group: String::new(), id: format!("o{o}"), title: format!("Option {o}") }).collect(),
        }],
        rule: rule.clone(),
        title: format!("Contest {i}"),
    };
    let description = Description {
        board: Board { batch_seconds: 1, batch_smallest: 1 },
        check: CheckWindow { minutes: 30, releases: 3 },
        collector: member(1, "collector"),
        committee: Committee { members: vec![member(2, "kask")], quorum: 1 },
        contests: rules.iter().enumerate().map(contest).collect(),
        districts: ["north", "south"].map(|id| District { id: id.into(), title: id.into() }).to_vec(),
        eid: Eid::new(vec!["MIIB".into()], Profile::CadesB),
        haal: 1,
        k_min: 1,
        kind: Kind::Practice,
        mixers: Mixers { members: vec![member(3, "m3"), member(4, "m4")], required: 2 },
        title: title.into(),
        trustees: Trustees { members: vec![trustee(5), trustee(6), trustee(7)], override_rules: false, threshold: 2 },
        voting: Span { from: 1, until: 2 },
        witnesses: Witnesses { faulty: 0, members: vec![member(8, "w8")], quorum: 1 },
    };
    let manifest = Manifest::from_description(&description).unwrap();
    let mut rng = rng(title);
    let h: Vec<Scalar> = (0..manifest.columns()).map(|_| random_scalar(&mut rng)).collect();
    let key = ElectionKey::new([9; 32], h.iter().map(|h| point(g(*h))).collect());
    let styles = BallotStyle::all(&manifest, &key).unwrap();
    Sample { manifest, key, h, styles }
}

/// Some selection that the rule allows.
pub fn selection(rule: &Rule, options: usize) -> Selection {
    let mut m = vec![0u32; options];
    match *rule {
        Rule::Choose { min, max, blank } => {
            m.iter_mut().take(min.max(1).min(max) as usize).for_each(|m| *m = 1);
            m.extend(blank.then_some(0));
        }
        Rule::Approve {} => m[options - 1] = 1,
        Rule::Score { most } => m[0] = most as u32 - 1,
        Rule::Budget { total } => (m[0], m[1]) = (total as u32 - 1, 1),
        Rule::List {} => m = vec![options as u32 - 2],
        Rule::Rank { places } => m = (1..=places as u32).rev().collect(),
    }
    Selection(m)
}

pub fn first(voter: u8) -> Context {
    Context { voter: [voter; 32], number: 1, previous: [0; 32] }
}

/// An accepted ballot of the first district.
pub fn honest(sample: &Sample, context: &Context, seed: u8) -> ballot::Ballot {
    let selections: Vec<Selection> = sample.manifest.style(0).iter().map(|&item| selection_of(sample, item)).collect();
    sample.styles[0].encrypt(context, &selections, &Seed([seed; 32])).unwrap()
}

pub fn selection_of(sample: &Sample, item: StyleItem) -> Selection {
    let (contest, list) = sample.manifest.contest(item).unwrap();
    selection(&contest.rule, list.options.len())
}

/// The transcript of one part, written out from the table in spec 02.
pub fn part_transcript(sample: &Sample, district: usize, part: usize, context: &Context) -> Transcript {
    let item = sample.manifest.style(district)[part];
    let (contest, _) = sample.manifest.contest(item).unwrap();
    let shape = sample.manifest.shape(item).unwrap();
    let mut t = Transcript::new("ballot");
    t.append("election", &sample.manifest.id());
    t.append("key", &sample.key.id());
    t.append("contest", contest.id.as_bytes());
    t.append("district", sample.manifest.description().districts[district].id.as_bytes());
    t.append("shape", shape.encoding());
    t.append_points("H", sample.key.first(shape.width()));
    t.append("voter", &context.voter);
    t.append_u64("number", context.number.into());
    t.append("previous", &context.previous);
    t
}

/// A prover that proves whatever it is told, bits that are none included. Straight from spec 04; variable time.
pub struct Prover<'a> {
    pub shape: &'a Shape,
    pub h: &'a [Point],
    pub p: Vec<RistrettoPoint>,
    pub b: Vec<Scalar>,
    pub r: Scalar,
    pub s: Scalar,
    pub a: Vec<Scalar>,
    pub rho: [Scalar; 4],
}

/// What the prover sends before a challenge.
#[derive(Clone)]
pub struct Sent {
    pub pad: Point,
    pub columns: Vec<Point>,
    pub proof: BallotProof,
}

impl<'a> Prover<'a> {
    /// Random nonces, with `L·a = 0`.
    pub fn new(shape: &'a Shape, h: &'a [Point], b: Vec<Scalar>, rng: &mut SeededRng) -> Self {
        let mut a: Vec<Scalar> = b.iter().map(|_| random_scalar(rng)).collect();
        if let Some(l) = shape.constraint() {
            a[0] = -l.coefficients.iter().zip(&a).skip(1).map(|(c, a)| Scalar::from(*c) * a).sum::<Scalar>();
        }
        let (r, s) = (random_scalar(rng), random_scalar(rng));
        let rho = [(); 4].map(|()| random_scalar(rng));
        Self { shape, h, p: proof::bases(b.len()), b, r, s, a, rho }
    }

    /// `(M·v)_i`
    fn sums(&self, v: &[Scalar]) -> Vec<Scalar> {
        let mut m = vec![Scalar::ZERO; self.shape.width()];
        for (bit, v) in self.shape.bits().iter().zip(v) {
            if bit.integer > 0 {
                m[usize::from(bit.integer) - 1] += Scalar::from(bit.coefficient) * v;
            }
        }
        m
    }

    fn commit(&self, blind: Scalar, v: impl Iterator<Item = Scalar>) -> RistrettoPoint {
        blind * self.p[0] + self.p[1..].iter().zip(v).map(|(p, v)| v * p).sum::<RistrettoPoint>()
    }

    /// `A`, `B`, `V`, and everything that follows from `y`; responses are zero until [`respond`](Self::respond).
    pub fn send(&self, y: Scalar) -> Sent {
        let columns = self.sums(&self.b).iter().zip(self.h).map(|(m, h)| point(g(*m) + self.r * h.point())).collect();
        let ys = powers(y, self.shape.width());
        let y_h: RistrettoPoint = ys.iter().zip(self.h).map(|(y, h)| y * h.point()).sum();
        let weighted: Scalar = self.sums(&self.a).iter().zip(&ys).map(|(m, y)| m * y).sum();
        let proof = BallotProof {
            v: point(self.commit(self.s, self.b.iter().copied())),
            t_a: point(g(self.rho[0])),
            t_b: point(g(weighted) + self.rho[0] * y_h),
            t_v: point(self.commit(self.rho[1], self.a.iter().copied())),
            c: point(self.commit(self.rho[2], self.a.iter().zip(&self.b).map(|(a, b)| a * (Scalar::ONE - b - b)))),
            d: point(self.commit(self.rho[3], self.a.iter().map(|a| -a * a))),
            f: vec![Scalar::ZERO; self.b.len()],
            z_r: Scalar::ZERO,
            z_s: Scalar::ZERO,
            z_c: Scalar::ZERO,
        };
        Sent { pad: point(g(self.r)), columns, proof }
    }

    /// BIT-3.
    pub fn respond(&self, sent: &mut Sent, x: Scalar) {
        sent.proof.f = self.b.iter().zip(&self.a).map(|(b, a)| x * b + a).collect();
        sent.proof.z_r = x * self.r + self.rho[0];
        sent.proof.z_s = x * self.s + self.rho[1];
        sent.proof.z_c = x * self.rho[2] + self.rho[3];
    }

    /// The whole proof under the real transcript.
    pub fn prove(&self, t: &Transcript) -> Sent {
        let mut t = t.clone();
        let before = self.send(Scalar::ONE);
        let y = draw_y(&mut t, &before);
        let mut sent = self.send(y);
        let x = draw_x(&mut t, &sent.proof);
        self.respond(&mut sent, x);
        sent
    }
}

pub fn powers(y: Scalar, w: usize) -> Vec<Scalar> {
    (0..w)
        .scan(Scalar::ONE, |at, _| {
            *at *= y;
            Some(*at)
        })
        .collect()
}

pub fn draw_y(t: &mut Transcript, sent: &Sent) -> Scalar {
    t.append_point("A", &sent.pad);
    t.append_points("B", &sent.columns);
    t.append_point("V", &sent.proof.v);
    t.challenge("y")
}

pub fn draw_x(t: &mut Transcript, proof: &BallotProof) -> Scalar {
    for (label, p) in [("T_A", &proof.t_a), ("T_B", &proof.t_b), ("T_V", &proof.t_v), ("C", &proof.c), ("D", &proof.d)] {
        t.append_point(label, p);
    }
    t.challenge("x")
}

/// BIT-4 to BIT-8 one by one: left minus right of the first four, and the names of those that fail.
pub struct Verdict {
    pub residues: [RistrettoPoint; 4],
    pub failing: Vec<&'static str>,
}

pub fn equations(shape: &Shape, h: &[Point], sent: &Sent, y: Scalar, x: Scalar) -> Verdict {
    let Sent { pad, columns, proof } = sent;
    let p = proof::bases(shape.bits().len());
    let ys = powers(y, shape.width());
    let commit = |blind: Scalar, v: &mut dyn Iterator<Item = Scalar>| -> RistrettoPoint {
        blind * p[0] + p[1..].iter().zip(v).map(|(p, v)| v * p).sum::<RistrettoPoint>()
    };
    let weighted: Scalar = shape
        .bits()
        .iter()
        .zip(&proof.f)
        .filter(|(bit, _)| bit.integer > 0)
        .map(|(bit, f)| ys[usize::from(bit.integer) - 1] * Scalar::from(bit.coefficient) * f)
        .sum();
    let y_b: RistrettoPoint = ys.iter().zip(columns).map(|(y, b)| y * b.point()).sum();
    let y_h: RistrettoPoint = ys.iter().zip(h).map(|(y, h)| y * h.point()).sum();
    let residues = [
        x * pad.point() + proof.t_a.point() - g(proof.z_r),
        x * y_b + proof.t_b.point() - g(weighted) - proof.z_r * y_h,
        x * proof.v.point() + proof.t_v.point() - commit(proof.z_s, &mut proof.f.iter().copied()),
        x * proof.c.point() + proof.d.point() - commit(proof.z_c, &mut proof.f.iter().map(|f| f * (x - f))),
    ];
    let names = ["BIT-4", "BIT-5", "BIT-6", "BIT-7"];
    let mut failing: Vec<&str> = residues.iter().zip(names).filter(|(r, _)| **r != RistrettoPoint::default()).map(|(_, n)| n).collect();
    if let Some(l) = shape.constraint() {
        let sum: Scalar = l.coefficients.iter().zip(&proof.f).map(|(c, f)| Scalar::from(*c) * f).sum();
        if sum != x * Scalar::from(l.total) {
            failing.push("BIT-8");
        }
    }
    Verdict { residues, failing }
}

/// The library's verdict on one part by itself.
pub fn library_accepts(shape: &Shape, h: &[Point], sent: &Sent, t: &Transcript) -> bool {
    let mut batch = ballot::batch::Batch::default();
    let mut weights = ballot::batch::Weights::new(&[7; 32], &mut rng("weights"));
    let p = proof::bases(shape.bits().len());
    let statement = proof::Statement { shape, h, p: &p, a: &sent.pad, b: &sent.columns };
    statement.add_to(&sent.proof, &mut t.clone(), &mut batch, &mut weights).is_ok() && batch.holds(h, &p)
}
