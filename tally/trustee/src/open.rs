//! The opening of one unit by one trustee: its factors, and one proof for all of them. Spec: 10-tally, openings.

pub mod combine;
pub mod intent;
pub mod memory;
pub mod message;
pub mod rows;

use crate::key_share::KeyShare;
use crate::parallel::{BATCH, public_sum};
use ballot::encode::{DecodeError, Point, Reader, Record};
use ballot::transcript::Transcript;
use ballot::{Hash, RistrettoPoint, Scalar};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_core::CryptoRng;
use rayon::prelude::*;
use zeroize::Zeroizing;

pub use combine::{CombineError, Decoder, combine, lagrange};
pub use intent::Intent;
pub use memory::Declared;
pub use message::{Opening, OpeningHead};
pub use rows::Rows;

/// What all openings of an election are bound to. Built by each reader from the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Closed {
    pub election: Hash,
    pub key: Hash,
    pub session: Hash,
    pub counted: Hash,
    /// Size of the log right after the closing entry.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Hash,
}

/// What one trustee's opening of one unit must be about.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The closed checkpoint and what led to it.
    pub closed: &'a Closed,
    /// Number of the unit.
    pub unit: u32,
    /// Stage hash.
    pub stage: Hash,
    /// The rows that are opened.
    pub rows: &'a Rows,
    /// Index of the trustee, from 1.
    pub trustee: u16,
    /// `X_{j,1} …` of that trustee, at least as many as the rows have columns.
    pub public: &'a [Point],
}

/// Why an opening is not right. Variants follow 10-tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum OpeningError {
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("OPEN-4: the proof does not fit the trustee's key")]
    Key,
    #[error("OPEN-4: the factors are not those of the rows")]
    Factors,
    #[error("OPEN-5: the opening names another trustee, unit, stage or size")]
    Names,
    #[error("OPEN-7: the sum needs no factors")]
    NothingToOpen,
    #[error("KEY-7: the key share is not that of this trustee and election")]
    Share,
    #[error("the trustee drew an identity by chance (2^-250); open again")]
    Unlucky,
}

impl OpeningError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(e) => e.rule(),
            Self::Key | Self::Factors => "OPEN-4",
            Self::Names => "OPEN-5",
            Self::NothingToOpen => "OPEN-7",
            Self::Share => "KEY-7",
            Self::Unlucky => "OPEN-4",
        }
    }
}

/// The random numbers of one opening: `ρ_1..ρ_N` and `σ_1..σ_w`, each on its own. Equal `σ`, or `σ` that are powers like the rows',
/// let a trustee move votes between columns (OPEN-5).
struct Mixed {
    rho: Vec<Scalar>,
    sigma: Vec<Scalar>,
}

impl Statement<'_> {
    fn public(&self) -> Result<&[Point], OpeningError> {
        self.public.get(..self.rows.width()).ok_or(OpeningError::Share)
    }

    /// What an opening of this statement says about itself.
    fn head(&self) -> OpeningHead {
        let (rows, width) = (self.rows.len() as u32, self.rows.width() as u16);
        OpeningHead { trustee: self.trustee, unit: self.unit, stage: self.stage, rows, width }
    }

    /// OPEN-5, then OPEN-7.
    pub(crate) fn check_head(&self, head: &OpeningHead) -> Result<(), OpeningError> {
        if *head != self.head() {
            return Err(OpeningError::Names);
        }
        if self.rows.needs_no_factors() { Err(OpeningError::NothingToOpen) } else { Ok(()) }
    }

    /// Reads an opening of this statement: a wrong head is found before the factors are decoded.
    pub fn read(&self, bytes: &[u8]) -> Result<Opening, OpeningError> {
        self.check_head(&OpeningHead::decode(&mut Reader::new(bytes))?)?;
        Ok(Opening::from_bytes(bytes)?)
    }

    /// Absorbs the whole statement and the factors, and draws the numbers that join them.
    fn absorb(&self, factors: &[Point]) -> Result<(Transcript, Mixed), OpeningError> {
        let (n, w) = (self.rows.len(), self.rows.width());
        let mut t = Transcript::new("opening");
        t.append("election", &self.closed.election);
        t.append("key", &self.closed.key);
        t.append("session", &self.closed.session);
        t.append("counted", &self.closed.counted);
        t.append_u64("size", self.closed.size);
        t.append("root", &self.closed.root);
        t.append_u64("unit", self.unit.into());
        t.append("stage_hash", &self.stage);
        t.append_u64("trustee", self.trustee.into());
        t.append_u64("N", n as u64);
        t.append_u64("w", w as u64);
        t.append_points("X", self.public()?);
        t.append_list("row", self.rows.encoded());
        t.append_list("F", factors.chunks_exact(w.max(1)).map(|row| row.iter().flat_map(Point::bytes).copied().collect::<Vec<u8>>()));
        let rho = (0..n).map(|_| t.challenge_short("rho")).collect();
        let sigma = (0..w).map(|_| t.challenge_short("sigma")).collect();
        Ok((t, Mixed { rho, sigma }))
    }

    /// `A* = Σ ρ_i·A_i`
    fn joined_pads(&self, mixed: &Mixed) -> RistrettoPoint {
        public_sum(&mixed.rho, self.rows.pads())
    }

    /// Computes the factors with the trustee's share, and proves them. Constant time in the share.
    ///
    /// The caller must have checked the record, and posted its intent (OPEN-1 to OPEN-3): this cannot be taken back.
    pub fn open(&self, share: &KeyShare, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Opening, OpeningError> {
        let w = self.rows.width();
        if self.rows.is_empty() || w == 0 {
            return Err(OpeningError::Names);
        }
        let x = share.columns().get(..w).ok_or(OpeningError::Share)?;
        let fits = |(x, public): (&Scalar, &Point)| RistrettoPoint::mul_base(x) == *public.point();
        let own = (share.trustee(), share.key(), share.session()) == (self.trustee, self.closed.key, self.closed.session);
        if !own || !x.iter().zip(self.public()?).all(fits) {
            return Err(OpeningError::Share);
        }
        if self.rows.needs_no_factors() {
            return Err(OpeningError::NothingToOpen);
        }
        // Halves, because doubling and encoding a batch costs one inversion.
        let halves: Zeroizing<Vec<Scalar>> = Zeroizing::new(x.iter().map(Scalar::div_by_2).collect());
        let chunk = |pads: &[RistrettoPoint]| {
            let points: Vec<RistrettoPoint> = pads.iter().flat_map(|a| halves.iter().map(move |x| x * a)).collect();
            Point::batch_from_halves(&points)
        };
        let factors: Vec<Point> = self.rows.pads().par_chunks((BATCH / w.max(1)).max(1)).flat_map_iter(chunk).collect();
        let (mut t, mixed) = self.absorb(&factors)?;
        let x_star = Zeroizing::new(mixed.sigma.iter().zip(x).map(|(s, x)| s * x).sum::<Scalar>());
        let k = Zeroizing::new(t.nonces(x_star.as_bytes(), rng).scalar());
        let t_1 = Point::from_point(RistrettoPoint::mul_base(&k)).ok_or(OpeningError::Unlucky)?;
        let t_2 = Point::from_point(*k * self.joined_pads(&mixed)).ok_or(OpeningError::Unlucky)?;
        let e = draw_e(&mut t, &t_1, &t_2);
        let z = *k + e * *x_star;
        Ok(Opening { head: self.head(), factors, t_1, t_2, z })
    }

    /// Checks OPEN-4, OPEN-5 and OPEN-7. Variable time: every input is public.
    pub fn verify(&self, opening: &Opening) -> Result<(), OpeningError> {
        let (n, w) = (self.rows.len(), self.rows.width());
        self.check_head(&opening.head)?;
        if opening.factors.len() != n * w || n == 0 || w == 0 {
            return Err(OpeningError::Names);
        }
        let (mut t, mixed) = self.absorb(&opening.factors)?;
        let e = draw_e(&mut t, &opening.t_1, &opening.t_2);
        let x_star = RistrettoPoint::vartime_multiscalar_mul(&mixed.sigma, self.public()?.iter().map(Point::point));
        if RistrettoPoint::vartime_double_scalar_mul_basepoint(&-e, &x_star, &opening.z) != *opening.t_1.point() {
            return Err(OpeningError::Key);
        }
        // The inner sums first: their scalars are short.
        let column = |c: usize| {
            let factors: Vec<RistrettoPoint> = opening.factors.iter().skip(c).step_by(w).map(|f| *f.point()).collect();
            public_sum(&mixed.rho, &factors)
        };
        let sums: Vec<RistrettoPoint> = (0..w).into_par_iter().map(column).collect();
        let factors = RistrettoPoint::vartime_multiscalar_mul(&mixed.sigma, &sums);
        let left = RistrettoPoint::vartime_multiscalar_mul([opening.z, -e], [self.joined_pads(&mixed), factors]);
        if left == *opening.t_2.point() { Ok(()) } else { Err(OpeningError::Factors) }
    }
}

fn draw_e(t: &mut Transcript, t_1: &Point, t_2: &Point) -> Scalar {
    t.append_point("T_1", t_1);
    t.append_point("T_2", t_2);
    t.challenge("e")
}
