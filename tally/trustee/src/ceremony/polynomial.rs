//! A dealer's polynomials, and what everyone knows of them. Spec: 05-key-ceremony, commitments.

use crate::stream::Stream;
use ballot::encode::{DecodeError, Point, Reader};
use ballot::{RistrettoPoint, Scalar};
use board::ceremony::Reveal;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `f_{i,c}(z) = Σ_d a_{i,c,d}·z^d` for every column, all coefficients uniform. Secret.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Polynomials {
    t: usize,
    /// Column by column, from degree 0.
    coefficients: Vec<Scalar>,
}

impl Polynomials {
    /// Independent ones for each column: related ones would leak differences of votes.
    pub fn draw(columns: u16, t: u16, stream: &Stream) -> Self {
        let (w, t) = (usize::from(columns), usize::from(t));
        Self { t, coefficients: (0..w * t).map(|at| stream.scalar("coefficient", at)).collect() }
    }

    /// Column (from 1), degree and coefficient, in the order of the reveal.
    pub fn coefficients(&self) -> impl Iterator<Item = (usize, usize, &Scalar)> {
        self.coefficients.iter().enumerate().map(|(at, a)| (at / self.t.max(1) + 1, at % self.t.max(1), a))
    }

    /// `f_{i,1}(j) … f_{i,W}(j)`
    pub fn at(&self, j: u16) -> Zeroizing<Vec<Scalar>> {
        let j = Scalar::from(j);
        let value = |f: &[Scalar]| f.iter().rev().fold(Scalar::ZERO, |sum, a| sum * j + a);
        Zeroizing::new(self.coefficients.chunks(self.t.max(1)).map(value).collect())
    }

    /// Bytes that [`encode`](Self::encode) writes.
    pub fn encoded_len(&self) -> usize {
        4 + 32 * self.coefficients.len()
    }

    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend((self.coefficients.len() as u32).to_be_bytes());
        self.coefficients.iter().for_each(|a| out.extend(a.as_bytes()));
    }

    pub fn decode(t: u16, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { t: t.into(), coefficients: input.list(32, Reader::scalar)? })
    }
}

/// KEY-7: `f_{i,c}(j)·G = Σ_d j^d·C_{i,c,d}` for every column. Variable time in public values only.
pub(super) fn share_fits(reveal: &Reveal, t: u16, j: u16, share: &[Scalar]) -> bool {
    let x = Scalar::from(j);
    let (t, count) = (usize::from(t).max(1), reveal.coefficients.len());
    let expected = |column: &[(Point, _)]| column.iter().rev().fold(RistrettoPoint::default(), |sum, (c, _)| sum * x + c.point());
    let values = reveal.coefficients.chunks(t).map(expected);
    share.len() * t == count && share.iter().zip(values).all(|(f, value)| RistrettoPoint::mul_base(f) == value)
}
