//! A prover of shuffles that will prove anything. Spec: 09-mixing.

use super::UnitRows;
use crate::lab;
use ballot::elgamal::rows_hash;
use ballot::encode::{Point, hash_to_group};
use ballot::{Ciphertext, ElectionKey, Hash, RistrettoPoint, Scalar, Transcript};
use trustee::mix::{Mix, MixHead, ShuffleProof};

/// A mixer whose every choice is open. Left as it is, it is honest.
#[allow(missing_docs)]
pub struct Shuffler {
    pub election: Hash,
    pub key: ElectionKey,
    pub counted: Hash,
    pub unit: u32,
    pub stage: u16,
    pub mixer: u16,
    pub width: usize,
    pub inputs: Vec<Ciphertext>,
    /// Output `i` comes from input `psi[i]`.
    pub psi: Vec<usize>,
    pub rho: Vec<Scalar>,
    /// By input.
    pub r: Vec<Scalar>,
    /// Output `i` is multiplied by this, and the proof answers for it: it works only with bases whose logarithms are known.
    pub tilt: Vec<Scalar>,
    /// Logarithms of `h` and `h_1…`: the trapdoor.
    pub logs: Option<Vec<Scalar>>,
    /// Bases in place of the hashed ones.
    pub own_bases: Option<Vec<RistrettoPoint>>,
    /// Draw `u` as a weak verifier would.
    pub weak: Option<Weak>,
    pub tag: String,
}

/// Ways of drawing `u` that let a forgery pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Without having absorbed the outputs.
    BeforeOutputs,
    /// Without having absorbed `c`.
    BeforeCommitments,
    /// From the number of rows alone.
    OfCount,
    /// `u_i` is the `i`th power of one number of so many bits.
    Powers(u32),
    /// Each `u_i` has so many bits.
    Short(u32),
}

fn low(scalar: &Scalar, bits: u32) -> Scalar {
    let number = u64::from_le_bytes(scalar.as_bytes()[..8].try_into().expect("8 bytes"));
    Scalar::from(number & ((1 << bits) - 1))
}

fn p(point: RistrettoPoint) -> Point {
    Point::from_point(point).expect("not the identity")
}

fn parts(row: &Ciphertext) -> impl Iterator<Item = &Point> {
    std::iter::once(&row.pad).chain(&row.columns)
}

impl Shuffler {
    /// An honest mixer of a unit's present rows.
    pub fn new(election: Hash, key: &ElectionKey, counted: Hash, of: &UnitRows, mixer: u16) -> Self {
        let (n, stage) = (of.rows.len(), of.mixes.len() as u16 + 1);
        let tag = format!("{} {stage} {mixer}", of.unit.number);
        let secrets = |name: &str| (0..n).map(|i| lab::scalar(&format!("{name} {tag} {i}"))).collect::<Vec<_>>();
        Self {
            election,
            key: key.clone(),
            counted,
            unit: of.unit.number,
            stage,
            mixer,
            width: of.width,
            inputs: of.rows.clone(),
            psi: (0..n).rev().collect(),
            rho: secrets("rho"),
            r: secrets("r"),
            tilt: vec![Scalar::ONE; n],
            logs: None,
            own_bases: None,
            weak: None,
            tag,
        }
    }

    fn secret(&self, name: &str, i: usize) -> Scalar {
        lab::scalar(&format!("{name} {} {i}", self.tag))
    }

    /// The bases that the proof is made with: `h`, then `h_1…`.
    pub fn bases(&self) -> Vec<RistrettoPoint> {
        let hashed = |i: usize| hash_to_group("shuffle-base", &[&(i as u32).to_be_bytes()]);
        match (&self.logs, &self.own_bases) {
            (Some(logs), _) => logs.iter().map(RistrettoPoint::mul_base).collect(),
            (None, Some(bases)) => bases.clone(),
            (None, None) => (0..=self.inputs.len()).map(hashed).collect(),
        }
    }

    /// `A'_i = tilt_i·A_ψ(i) + ρ_i·G` and so on.
    pub fn outputs(&self) -> Vec<Ciphertext> {
        let row = |i: usize| {
            let from = &self.inputs[self.psi[i]];
            let column = |(b, h): (&Point, &Point)| p(self.tilt[i] * b.point() + self.rho[i] * h.point());
            Ciphertext {
                pad: p(self.tilt[i] * from.pad.point() + RistrettoPoint::mul_base(&self.rho[i])),
                columns: from.columns.iter().zip(self.key.columns()).map(column).collect(),
            }
        };
        (0..self.inputs.len()).map(row).collect()
    }

    /// The mix with its own outputs.
    pub fn mix(&self) -> Mix {
        self.prove(self.outputs())
    }

    /// The challenges `u`, and the transcript after them.
    fn draw_u(&self, outputs: &[Ciphertext], c: &[Point]) -> (Transcript, Vec<Scalar>) {
        let mut t = Transcript::new("shuffle");
        t.append("election", &self.election);
        t.append("key", &self.key.id());
        t.append_points("H", self.key.first(self.width));
        t.append("counted", &self.counted);
        t.append_u64("unit", self.unit.into());
        t.append_u64("stage", self.stage.into());
        t.append_u64("mixer", self.mixer.into());
        t.append_u64("N", self.inputs.len() as u64);
        t.append_u64("w", self.width as u64);
        t.append_list("in", self.inputs.iter().map(Ciphertext::row));
        if self.weak != Some(Weak::BeforeOutputs) {
            t.append_list("out", outputs.iter().map(Ciphertext::row));
        }
        if self.weak != Some(Weak::BeforeCommitments) {
            t.append_points("c", c);
        }
        let n = self.inputs.len();
        let all = |t: &mut Transcript| (0..n).map(|_| t.challenge("u")).collect::<Vec<Scalar>>();
        let u = match self.weak {
            Some(Weak::OfCount) => {
                let mut t = Transcript::new("shuffle");
                t.append_u64("N", n as u64);
                all(&mut t)
            }
            Some(Weak::Powers(bits)) => {
                let one = low(&t.challenge("u"), bits);
                (0..n).scan(Scalar::ONE, |power, _| Some(std::mem::replace(power, *power * one) * one)).collect()
            }
            Some(Weak::Short(bits)) => all(&mut t).iter().map(|u| low(u, bits)).collect(),
            _ => all(&mut t),
        };
        if self.weak == Some(Weak::BeforeCommitments) {
            t.append_points("c", c);
        }
        (t, u)
    }

    /// `c`, by input.
    pub fn commitment(&self) -> Vec<Point> {
        let h = self.bases();
        let mut c = vec![None; self.inputs.len()];
        for (i, j) in self.psi.iter().enumerate() {
            c[*j] = Some(p(RistrettoPoint::mul_base(&self.r[*j]) + h[i + 1]));
        }
        c.into_iter().map(|c| c.unwrap_or_else(|| lab::point("a row that nobody took"))).collect()
    }

    /// `u` where it depends on neither outputs nor nonces, or on these outputs alone.
    pub fn known_u(&self, outputs: &[Ciphertext]) -> Vec<Scalar> {
        let c = if self.weak == Some(Weak::BeforeCommitments) { Vec::new() } else { self.commitment() };
        self.draw_u(outputs, &c).1
    }

    /// Tries nonces until `u` for these outputs is as it should be.
    pub fn grind(&mut self, outputs: &[Ciphertext], good: impl Fn(&[Scalar]) -> bool) {
        for attempt in 0u64.. {
            self.r[0] = Scalar::from(attempt);
            if good(&self.known_u(outputs)) {
                return;
            }
        }
    }

    /// Commitments that open to `u'_i = u_ψ(i)/tilt_i`, for a verifier that draws `u` before it sees them: no permutation is in them.
    fn late_commitment(&self, outputs: &[Ciphertext]) -> Vec<Point> {
        let (n, h, u) = (self.inputs.len(), self.bases(), self.known_u(outputs));
        let mut c: Vec<RistrettoPoint> = self.r.iter().map(RistrettoPoint::mul_base).collect();
        for i in 0..n {
            let (one, two) = (self.psi[i], self.psi[(i + 1) % n]);
            let wanted = u[one] * self.tilt[i].invert();
            let share = (wanted - u[two]) * (u[one] - u[two]).invert();
            c[one] += share * h[i + 1];
            c[two] += (Scalar::ONE - share) * h[i + 1];
        }
        c.into_iter().map(p).collect()
    }

    /// The proof for any outputs, by the steps of 09-mixing; true or not.
    pub fn prove(&self, outputs: Vec<Ciphertext>) -> Mix {
        let (n, h, g) = (self.inputs.len(), self.bases(), RistrettoPoint::mul_base);
        let late = self.weak == Some(Weak::BeforeCommitments);
        let c = if late { self.late_commitment(&outputs) } else { self.commitment() };
        let (mut t, u) = self.draw_u(&outputs, &c);
        let u_prime: Vec<Scalar> = (0..n).map(|i| u[self.psi[i]] * self.tilt[i].invert()).collect();
        let mut big_r = vec![Scalar::ZERO];
        let mut big_u = vec![Scalar::ONE];
        for (i, u) in u_prime.iter().enumerate() {
            big_r.push(self.secret("R", i));
            big_u.push(u * big_u[i]);
        }
        let c_hat: Vec<Point> = (1..=n).map(|i| p(g(&big_r[i]) + big_u[i] * h[0])).collect();
        let mut witness = [
            self.r.iter().sum::<Scalar>(),
            big_r[n],
            u.iter().zip(&self.r).map(|(u, r)| u * r).sum(),
            u_prime.iter().zip(&self.rho).map(|(u, rho)| u * rho).sum(),
        ];
        if let Some(logs) = &self.logs {
            // With the trapdoor the same commitments open to u' as well.
            let product: Scalar = u.iter().product();
            witness[1] += (big_u[n] - product) * logs[0];
            let right: Scalar = (0..n).map(|i| u[self.psi[i]] * logs[i + 1]).sum();
            let told: Scalar = (0..n).map(|i| u_prime[i] * logs[i + 1]).sum();
            witness[2] += right - told;
        }
        let omega: Vec<Scalar> = (0..4).map(|i| self.secret("omega", i)).collect();
        let omega_prime: Vec<Scalar> = (0..n).map(|i| self.secret("omega'", i)).collect();
        let tau: Vec<Scalar> = (0..n).map(|i| self.secret("tau", i)).collect();
        let (t_1, t_2) = (p(g(&omega[0])), p(g(&omega[1])));
        let t_3 = p(g(&omega[2]) + (0..n).map(|i| omega_prime[i] * h[i + 1]).sum::<RistrettoPoint>());
        let column = |c: usize| {
            let sum: RistrettoPoint =
                outputs.iter().zip(&omega_prime).map(|(row, w)| w * parts(row).nth(c).expect("a column").point()).sum();
            let base = if c == 0 { g(&omega[3]) } else { omega[3] * self.key.columns()[c - 1].point() };
            p(sum - base)
        };
        let t_4: Vec<Point> = (0..=self.width).map(column).collect();
        let t_hat: Vec<Point> = (0..n).map(|i| p(g(&tau[i]) + omega_prime[i] * big_u[i] * h[0])).collect();
        t.append_points("c_hat", &c_hat);
        for (label, point) in [("t_1", &t_1), ("t_2", &t_2), ("t_3", &t_3)] {
            t.append_point(label, point);
        }
        t.append_points("t_4", &t_4);
        t.append_points("t_hat", &t_hat);
        let x = t.challenge("x");
        let s = std::array::from_fn(|i| omega[i] + x * witness[i]);
        let s_hat = (0..n).map(|i| tau[i] - omega_prime[i] * big_r[i] + x * (big_r[i + 1] - u_prime[i] * big_r[i])).collect();
        let s_prime = (0..n).map(|i| omega_prime[i] + x * u_prime[i]).collect();
        let rows: Vec<Vec<u8>> = self.inputs.iter().map(Ciphertext::row).collect();
        let input = rows_hash(self.width, &rows);
        let head = MixHead { unit: self.unit, stage: self.stage, mixer: self.mixer, input, rows: n as u32, width: self.width as u16 };
        Mix { head, outputs, proof: ShuffleProof { c, c_hat, t_1, t_2, t_3, t_4, t_hat, s, s_hat, s_prime } }
    }

    /// Would a verifier with this prover's bases and transcript accept it? MIX-6 to MIX-11, one by one.
    pub fn convinces(&self, mix: &Mix) -> bool {
        let (n, h, g, proof) = (self.inputs.len(), self.bases(), RistrettoPoint::mul_base, &mix.proof);
        let (mut t, u) = self.draw_u(&mix.outputs, &proof.c);
        t.append_points("c_hat", &proof.c_hat);
        for (label, point) in [("t_1", &proof.t_1), ("t_2", &proof.t_2), ("t_3", &proof.t_3)] {
            t.append_point(label, point);
        }
        t.append_points("t_4", &proof.t_4);
        t.append_points("t_hat", &proof.t_hat);
        let x = t.challenge("x");
        let sum = |points: &[Point]| points.iter().map(|p| *p.point()).sum::<RistrettoPoint>();
        let dot = |s: &[Scalar], points: &[RistrettoPoint]| s.iter().zip(points).map(|(s, p)| s * p).sum::<RistrettoPoint>();
        let column = |rows: &[Ciphertext], c: usize| rows.iter().map(|r| *parts(r).nth(c).expect("a column").point()).collect::<Vec<_>>();
        let c: Vec<RistrettoPoint> = proof.c.iter().map(|c| *c.point()).collect();
        let [s_1, s_2, s_3, s_4] = &proof.s;
        let product: Scalar = u.iter().product();
        let mut holds = g(s_1) == proof.t_1.point() + x * (sum(&proof.c) - h[1..=n].iter().sum::<RistrettoPoint>());
        holds &= g(s_2) == proof.t_2.point() + x * (proof.c_hat[n - 1].point() - product * h[0]);
        holds &= g(s_3) + dot(&proof.s_prime, &h[1..=n]) == proof.t_3.point() + x * dot(&u, &c);
        for k in 0..=self.width {
            let base = if k == 0 { g(s_4) } else { s_4 * self.key.columns()[k - 1].point() };
            holds &= dot(&proof.s_prime, &column(&mix.outputs, k)) - base == proof.t_4[k].point() + x * dot(&u, &column(&self.inputs, k));
        }
        for i in 0..n {
            let before = if i == 0 { h[0] } else { *proof.c_hat[i - 1].point() };
            holds &= g(&proof.s_hat[i]) + proof.s_prime[i] * before == proof.t_hat[i].point() + x * proof.c_hat[i].point();
        }
        holds
    }
}
