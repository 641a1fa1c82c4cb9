//! The proof of a shuffle, after Terelius and Wikström. Spec: 09-mixing.

use crate::parallel;
use ballot::Scalar;
use ballot::encode::{DecodeError, Point, Reader};
use ballot::transcript::Transcript;

/// Commitments and responses, with the letters of 09-mixing. `c` is indexed by input, all other lists by output.
///
/// On the wire in this order, `32·(5N + w + 8)` bytes; `N` and `w` are those of the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ShuffleProof {
    pub c: Vec<Point>,
    pub c_hat: Vec<Point>,
    pub t_1: Point,
    pub t_2: Point,
    pub t_3: Point,
    /// `t_4,0 … t_4,w`
    pub t_4: Vec<Point>,
    pub t_hat: Vec<Point>,
    /// `s_1 … s_4`
    pub s: [Scalar; 4],
    pub s_hat: Vec<Scalar>,
    pub s_prime: Vec<Scalar>,
}

impl ShuffleProof {
    /// True if every list has its length.
    pub(super) fn fits(&self, n: usize, w: usize) -> bool {
        [self.c.len(), self.c_hat.len(), self.t_hat.len(), self.s_hat.len(), self.s_prime.len()] == [n; 5] && self.t_4.len() == w + 1
    }

    /// Appends the wire form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let commitments = [&self.t_1, &self.t_2, &self.t_3];
        let points = self.c.iter().chain(&self.c_hat).chain(commitments).chain(&self.t_4).chain(&self.t_hat);
        points.for_each(|p| out.extend(p.bytes()));
        self.s.iter().chain(&self.s_hat).chain(&self.s_prime).for_each(|s| out.extend(s.as_bytes()));
    }

    /// Reads the wire form of a proof about `n` rows of `w` columns.
    pub fn decode(input: &mut Reader<'_>, n: usize, w: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            c: parallel::points(input, n)?,
            c_hat: parallel::points(input, n)?,
            t_1: input.point()?,
            t_2: input.point()?,
            t_3: input.point()?,
            t_4: input.points(w + 1)?,
            t_hat: parallel::points(input, n)?,
            s: [input.scalar()?, input.scalar()?, input.scalar()?, input.scalar()?],
            s_hat: parallel::scalars(input, n)?,
            s_prime: parallel::scalars(input, n)?,
        })
    }
}

/// Absorbs outputs and commitment, and draws `u_1..u_N`. The order is the proof: with `u` known before any of them, rows can be
/// replaced (G04).
pub(super) fn draw_u(t: &mut Transcript, out_rows: &[Vec<u8>], c: &[Point]) -> Vec<Scalar> {
    t.append_list("out", out_rows.iter());
    t.append_points("c", c);
    c.iter().map(|_| t.challenge("u")).collect()
}

/// Absorbs the remaining commitments and draws `x`.
pub(super) fn draw_x(t: &mut Transcript, c_hat: &[Point], t_123: [&Point; 3], t_4: &[Point], t_hat: &[Point]) -> Scalar {
    t.append_points("c_hat", c_hat);
    for (label, point) in ["t_1", "t_2", "t_3"].into_iter().zip(t_123) {
        t.append_point(label, point);
    }
    t.append_points("t_4", t_4);
    t.append_points("t_hat", t_hat);
    t.challenge("x")
}
