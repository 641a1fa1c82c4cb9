//! The mixer's side: new rows, and the proof. Spec: 09-mixing, MIX-1 to MIX-5.

use super::shuffle_proof::{draw_u, draw_x};
use super::{Bases, KeyTables, Mix, MixError, MixHead, Permutation, ShuffleProof, Statement, rows};
use crate::parallel::{BATCH, secret_sum};
use crate::stream::Stream;
use ballot::elgamal::rows_hash;
use ballot::encode::Point;
use ballot::transcript::Transcript;
use ballot::{Ciphertext, RistrettoPoint, Scalar};
use curve25519_dalek::ristretto::RistrettoBasepointTable;
use rand_core::CryptoRng;
use rayon::prelude::*;
use zeroize::Zeroizing;

type Secret = Zeroizing<Vec<Scalar>>;

impl Statement<'_> {
    /// Re-encrypts and permutes the inputs under a fresh secret permutation, and proves it. Nothing secret outlives the call.
    pub fn mix(&self, bases: &Bases, tables: &KeyTables, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Mix, MixError> {
        self.check_inputs()?;
        let tables = tables.first(self.width).ok_or(MixError::Size { rows: self.inputs.len(), width: self.width })?;
        let in_rows = rows(self.inputs);
        let t = self.transcript(&in_rows);
        let stream = Stream::new(t.nonces(b"", rng));
        let psi = Permutation::draw(self.inputs.len(), &stream);
        let rho = secrets(&stream, "rho", self.inputs.len());
        let outputs = self.re_encrypt(&psi, &rho, tables).ok_or(MixError::Unlucky)?;
        let proof = self.prove(&outputs, &psi, &rho, bases, tables, t, &stream, rng).ok_or(MixError::Unlucky)?;
        let (rows, width) = (self.inputs.len() as u32, self.width as u16);
        let head = MixHead { unit: self.unit, stage: self.stage, mixer: self.mixer, input: rows_hash(self.width, &in_rows), rows, width };
        Ok(Mix { head, outputs, proof })
    }

    /// `A'_i = A_ψ(i) + ρ_i·G`; `B'_i,c = B_ψ(i),c + ρ_i·H_c`
    fn re_encrypt(&self, psi: &Permutation, rho: &[Scalar], tables: &[RistrettoBasepointTable]) -> Option<Vec<Ciphertext>> {
        let from: Vec<&Ciphertext> = psi.apply(self.inputs).collect();
        let row = |(row, rho): (&&Ciphertext, &Scalar)| {
            let column = |(b, h): (&Point, &RistrettoBasepointTable)| Point::from_point(b.point() + h * rho);
            Some(Ciphertext {
                pad: Point::from_point(row.pad.point() + RistrettoPoint::mul_base(rho))?,
                columns: row.columns.iter().zip(tables).map(column).collect::<Option<_>>()?,
            })
        };
        from.par_iter().zip(rho).map(row).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "the two halves of one job; a struct for one call would hide it")]
    fn prove(
        &self,
        outputs: &[Ciphertext],
        psi: &Permutation,
        rho: &[Scalar],
        bases: &Bases,
        tables: &[RistrettoBasepointTable],
        mut t: Transcript,
        stream: &Stream,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Option<ShuffleProof> {
        let n = outputs.len();
        let list = bases.first(n);
        let h = list.get(..n)?;
        // MIX-1; r by input
        let r = secrets(stream, "r", n);
        let c = commit(psi, &r, h)?;
        let u = draw_u(&mut t, &rows(outputs), &c);
        let stream = Stream::new(t.nonces(stream.seed(), rng)); // from here on bound to outputs, c and u as well
        let u_prime: Secret = Zeroizing::new(psi.apply(&u).copied().collect());
        // MIX-2; big_r and big_u from index 0, so that [i] is R_i and U_i
        let mut big_r = secrets(&stream, "R", n + 1);
        *big_r.first_mut()? = Scalar::ZERO;
        let big_u: Secret = Zeroizing::new(
            std::iter::once(Scalar::ONE)
                .chain(u_prime.iter().scan(Scalar::ONE, |last, u| Some(std::mem::replace(last, *last * u) * u)))
                .collect(),
        );
        let c_hat = pairs(big_r.get(1..)?, big_u.get(1..)?, bases);
        // MIX-3
        let r_hat: Secret =
            Zeroizing::new(big_r.iter().skip(1).zip(big_r.iter()).zip(u_prime.iter()).map(|((r, last), u)| r - u * last).collect());
        let witness = Zeroizing::new([r.iter().sum(), *big_r.last()?, dot(&u, &r), dot(&u_prime, rho)]);
        let omega = secrets(&stream, "omega", 4);
        let [omega_1, omega_2, omega_3, omega_4] = omega.first_chunk::<4>()?;
        let (omega_prime, tau) = (secrets(&stream, "omega'", n), secrets(&stream, "tau", n));
        // MIX-4
        let of = |row: &'_ Ciphertext, column: usize| column.checked_sub(1).map_or(Some(row.pad), |c| row.columns.get(c).copied());
        let mixed = |column: usize, secret: RistrettoPoint| {
            let points: Vec<RistrettoPoint> = outputs.iter().filter_map(|row| of(row, column).map(|p| *p.point())).collect();
            Point::from_point(secret_sum(&omega_prime, &points, |p| p) - secret)
        };
        let t_1 = Point::from_point(RistrettoPoint::mul_base(omega_1))?;
        let t_2 = Point::from_point(RistrettoPoint::mul_base(omega_2))?;
        let t_3 = Point::from_point(RistrettoPoint::mul_base(omega_3) + secret_sum(&omega_prime, h, |p| p))?;
        let mut t_4 = vec![mixed(0, RistrettoPoint::mul_base(omega_4))?];
        for (column, table) in tables.iter().enumerate() {
            t_4.push(mixed(column + 1, table * omega_4)?);
        }
        let products: Secret = Zeroizing::new(omega_prime.iter().zip(big_u.iter()).map(|(w, u)| w * u).collect());
        let t_hat = pairs(&tau, &products, bases);
        let x = draw_x(&mut t, &c_hat, [&t_1, &t_2, &t_3], &t_4, &t_hat);
        // MIX-5; ω̂_i = τ_i - ω'_i·R_{i-1}
        let omega_hat = tau.iter().zip(omega_prime.iter().zip(big_r.iter())).map(|(tau, (w, last))| tau - w * last);
        let s_hat = omega_hat.zip(r_hat.iter()).map(|(w, r)| w + x * r).collect();
        let s_prime = omega_prime.iter().zip(u_prime.iter()).map(|(w, u)| w + x * u).collect();
        let mut s = [*omega_1, *omega_2, *omega_3, *omega_4];
        s.iter_mut().zip(witness.iter()).for_each(|(s, w)| *s += x * w);
        Some(ShuffleProof { c, c_hat, t_1, t_2, t_3, t_4, t_hat, s, s_hat, s_prime })
    }
}

fn secrets(stream: &Stream, name: &'static str, n: usize) -> Secret {
    Zeroizing::new((0..n).into_par_iter().with_min_len(64).map(|i| stream.scalar(name, i)).collect())
}

fn dot(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `c_ψ(i) = r_ψ(i)·G + h_i`, in the order of inputs.
fn commit(psi: &Permutation, r: &[Scalar], h: &[RistrettoPoint]) -> Option<Vec<Point>> {
    let of_output: Vec<&Scalar> = psi.apply(r).collect();
    let points =
        of_output.par_iter().zip(h).map(|(r, h)| Point::from_point(RistrettoPoint::mul_base(r) + h)).collect::<Option<Vec<_>>>()?;
    let mut by_input: Vec<Point> = points.clone();
    for (point, &j) in points.iter().zip(psi.as_slice()) {
        *by_input.get_mut(j as usize)? = *point;
    }
    Some(by_input)
}

/// `a_i·G + b_i·h` for every `i`. Computed with halved scalars, because doubling and encoding a batch costs one inversion.
fn pairs(a: &[Scalar], b: &[Scalar], bases: &Bases) -> Vec<Point> {
    let chunk = |(a, b): (&[Scalar], &[Scalar])| {
        let half = |(a, b): (&Scalar, &Scalar)| RistrettoPoint::mul_base(&a.div_by_2()) + bases.h_table() * &b.div_by_2();
        Point::batch_from_halves(&a.iter().zip(b).map(half).collect::<Vec<_>>())
    };
    a.par_chunks(BATCH).zip(b.par_chunks(BATCH)).flat_map_iter(chunk).collect()
}
