//! A slow model of the shuffle proof that can be made careless: other bases, another order of absorbing, one weight for all columns.
//!
//! It types the labels of page 02 again, and shares no code with the prover and verifier under test.

use super::{point, scalar};
use ballot::encode::{Point, hash_to_group};
use ballot::rng::SeededRng;
use ballot::{Ciphertext, RistrettoPoint, Scalar, Transcript};
use trustee::mix::{Mix, MixHead, ShuffleProof, Statement};

/// When `u` is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Right,
    BeforeCommitment,
    BeforeOutputs,
}

pub struct Model {
    pub h: RistrettoPoint,
    pub list: Vec<RistrettoPoint>,
    pub order: Order,
}

pub struct Secrets {
    /// `u'` as the prover claims it.
    pub u_prime: Vec<Scalar>,
    pub r_bar: Scalar,
    pub r_hat: Scalar,
    pub r_tilde: Scalar,
    pub r_prime: Scalar,
    /// `R_1 … R_N`
    pub chain: Vec<Scalar>,
}

fn g(x: &Scalar) -> RistrettoPoint {
    RistrettoPoint::mul_base(x)
}

impl Model {
    pub fn hashed(n: usize, order: Order) -> Self {
        let base = |i: u32| hash_to_group("shuffle-base", &[&i.to_be_bytes()]);
        Self { h: base(0), list: (1..=n as u32).map(base).collect(), order }
    }

    pub fn begin(s: &Statement<'_>) -> Transcript {
        let mut t = Transcript::new("shuffle");
        t.append("election", s.election);
        t.append("key", &s.key.id());
        t.append_points("H", s.key.first(s.width));
        t.append("counted", s.counted);
        t.append_u64("unit", s.unit.into());
        t.append_u64("stage", s.stage.into());
        t.append_u64("mixer", s.mixer.into());
        t.append_u64("N", s.inputs.len() as u64);
        t.append_u64("w", s.width as u64);
        t.append_list("in", s.inputs.iter().map(Ciphertext::row));
        t
    }

    fn draw(t: &mut Transcript, n: usize) -> Vec<Scalar> {
        (0..n).map(|_| t.challenge("u")).collect()
    }

    /// `u` as soon as this order allows; what is not known yet is given as `None`.
    pub fn early_u(&self, s: &Statement<'_>, outputs: Option<&[Ciphertext]>, c: Option<&[Point]>) -> Vec<Scalar> {
        self.absorb(s, outputs.unwrap_or_default(), c.unwrap_or_default()).1
    }

    /// The transcript up to `u` and all that belongs before `c_hat`.
    fn absorb(&self, s: &Statement<'_>, outputs: &[Ciphertext], c: &[Point]) -> (Transcript, Vec<Scalar>) {
        let (mut t, n) = (Self::begin(s), s.inputs.len());
        let out = |t: &mut Transcript| t.append_list("out", outputs.iter().map(Ciphertext::row));
        let u;
        match self.order {
            Order::Right => {
                out(&mut t);
                t.append_points("c", c);
                u = Self::draw(&mut t, n);
            }
            Order::BeforeCommitment => {
                out(&mut t);
                u = Self::draw(&mut t, n);
                t.append_points("c", c);
            }
            Order::BeforeOutputs => {
                t.append_points("c", c);
                u = Self::draw(&mut t, n);
                out(&mut t);
            }
        }
        (t, u)
    }

    fn draw_x(t: &mut Transcript, p: &ShuffleProof) -> Scalar {
        t.append_points("c_hat", &p.c_hat);
        t.append_point("t_1", &p.t_1);
        t.append_point("t_2", &p.t_2);
        t.append_point("t_3", &p.t_3);
        t.append_points("t_4", &p.t_4);
        t.append_points("t_hat", &p.t_hat);
        t.challenge("x")
    }

    /// MIX-2 to MIX-5 with whatever the prover claims.
    pub fn prove(&self, s: &Statement<'_>, outputs: Vec<Ciphertext>, c: Vec<Point>, w: &Secrets, rng: &mut SeededRng) -> Mix {
        self.prove_with(s, outputs, c, w, rng, |_| {})
    }

    /// The same, with the commitments changed before `x` is drawn.
    pub fn prove_with(
        &self,
        s: &Statement<'_>,
        outputs: Vec<Ciphertext>,
        c: Vec<Point>,
        w: &Secrets,
        rng: &mut SeededRng,
        change: impl FnOnce(&mut ShuffleProof),
    ) -> Mix {
        let (mut t, _) = self.absorb(s, &outputs, &c);
        let n = outputs.len();
        let (omega, omega_prime): (Vec<Scalar>, Vec<Scalar>) =
            ((0..4).map(|_| scalar(rng)).collect(), (0..n).map(|_| scalar(rng)).collect());
        let tau: Vec<Scalar> = (0..n).map(|_| scalar(rng)).collect();
        let before: Vec<Scalar> = [Scalar::ZERO].into_iter().chain(w.chain.iter().copied()).collect();
        let mut product = vec![Scalar::ONE];
        w.u_prime.iter().for_each(|u| product.push(product[product.len() - 1] * u));
        let c_hat = (0..n).map(|i| point(g(&w.chain[i]) + product[i + 1] * self.h)).collect();
        let t_hat = (0..n).map(|i| point(g(&tau[i]) + omega_prime[i] * product[i] * self.h)).collect();
        let sum = |points: Vec<RistrettoPoint>| omega_prime.iter().zip(points).map(|(w, p)| w * p).sum::<RistrettoPoint>();
        let mut t_4 = vec![point(sum(outputs.iter().map(|r| *r.pad.point()).collect()) - g(&omega[3]))];
        for (k, h) in s.key.first(s.width).iter().enumerate() {
            t_4.push(point(sum(outputs.iter().map(|r| *r.columns[k].point()).collect()) - omega[3] * h.point()));
        }
        let mut proof = ShuffleProof {
            c,
            c_hat,
            t_1: point(g(&omega[0])),
            t_2: point(g(&omega[1])),
            t_3: point(g(&omega[2]) + sum(self.list.clone())),
            t_4,
            t_hat,
            s: [Scalar::ZERO; 4],
            s_hat: vec![],
            s_prime: vec![],
        };
        change(&mut proof);
        let x = Self::draw_x(&mut t, &proof);
        proof.s = [omega[0] + x * w.r_bar, omega[1] + x * w.r_hat, omega[2] + x * w.r_tilde, omega[3] + x * w.r_prime];
        proof.s_hat = (0..n).map(|i| tau[i] - omega_prime[i] * before[i] + x * (w.chain[i] - w.u_prime[i] * before[i])).collect();
        proof.s_prime = (0..n).map(|i| omega_prime[i] + x * w.u_prime[i]).collect();
        let rows: Vec<Vec<u8>> = s.inputs.iter().map(Ciphertext::row).collect();
        let head = MixHead {
            unit: s.unit,
            stage: s.stage,
            mixer: s.mixer,
            input: ballot::elgamal::rows_hash(s.width, &rows),
            rows: n as u32,
            width: s.width as u16,
        };
        Mix { head, outputs, proof }
    }

    /// Right minus left of MIX-6, 7, 8, then 9 and each 10, then each 11.
    fn differences(&self, s: &Statement<'_>, mix: &Mix) -> [Vec<RistrettoPoint>; 3] {
        let p = &mix.proof;
        let (mut t, u) = self.absorb(s, &mix.outputs, &p.c);
        let x = Self::draw_x(&mut t, p);
        let sum = |k: &[Scalar], points: Vec<RistrettoPoint>| k.iter().zip(points).map(|(k, p)| k * p).sum::<RistrettoPoint>();
        let c: Vec<RistrettoPoint> = p.c.iter().map(|c| *c.point()).collect();
        let c_hat: Vec<RistrettoPoint> = [self.h].into_iter().chain(p.c_hat.iter().map(|c| *c.point())).collect();
        let first = vec![
            p.t_1.point() + x * (c.iter().sum::<RistrettoPoint>() - self.list.iter().sum::<RistrettoPoint>()) - g(&p.s[0]),
            p.t_2.point() + x * (c_hat[c.len()] - u.iter().product::<Scalar>() * self.h) - g(&p.s[1]),
            p.t_3.point() + x * sum(&u, c) - g(&p.s[2]) - sum(&p.s_prime, self.list.clone()),
        ];
        let part = |rows: &[Ciphertext], k: usize| -> Vec<RistrettoPoint> {
            rows.iter().map(|r| if k == 0 { *r.pad.point() } else { *r.columns[k - 1].point() }).collect()
        };
        let base = |k: usize| if k == 0 { g(&Scalar::ONE) } else { *s.key.columns()[k - 1].point() };
        let rows = (0..=s.width)
            .map(|k| p.t_4[k].point() + x * sum(&u, part(s.inputs, k)) - sum(&p.s_prime, part(&mix.outputs, k)) + p.s[3] * base(k))
            .collect();
        let links = (0..u.len()).map(|i| p.t_hat[i].point() + x * c_hat[i + 1] - g(&p.s_hat[i]) - p.s_prime[i] * c_hat[i]).collect();
        [first, rows, links]
    }

    /// True if every equation holds.
    pub fn verify(&self, s: &Statement<'_>, mix: &Mix) -> bool {
        self.differences(s, mix).iter().flatten().all(|d| *d == RistrettoPoint::default())
    }

    /// The careless verifier: MIX-9 and all of MIX-10 under one weight.
    pub fn verify_with_one_weight(&self, s: &Statement<'_>, mix: &Mix) -> bool {
        let [first, rows, links] = self.differences(s, mix);
        let joined: RistrettoPoint = rows.iter().sum();
        first.iter().chain(&links).chain([&joined]).all(|d| *d == RistrettoPoint::default())
    }
}
