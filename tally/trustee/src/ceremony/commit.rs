//! Round 1: a promise of everything that round 2 reveals. Spec: 05-key-ceremony.

use super::polynomial::Polynomials;
use super::{RoundError, Setting};
use crate::stream::Stream;
use ballot::RistrettoPoint;
use ballot::encode::{Point, Record, hash};
use ballot::proof::knowledge;
use ballot::transcript::Transcript;
use board::ceremony::{Commit, Reveal, knowledge_transcript};
use rand_core::CryptoRng;

/// Has drawn its polynomials and fixed its reveal; waits for all commits. Secret.
#[must_use = "seal it before posting the commit"]
pub struct Committed {
    pub(super) setting: Setting,
    pub(super) polynomials: Polynomials,
    pub(super) reveal: Vec<u8>,
}

impl Setting {
    /// Draws the polynomials. The reveal, with its proofs, is made now and kept, because the commit is its hash.
    pub fn commit(self, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Committed, RoundError> {
        let mut t = Transcript::new("coefficients");
        t.append("election", &self.election);
        t.append("session", &self.session);
        t.append_u64("trustee", self.trustee.into());
        let polynomials = Polynomials::draw(self.columns, self.t, &Stream::new(t.nonces(b"", rng)));
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let mut coefficients = Vec::new();
        for (column, degree, a) in polynomials.coefficients() {
            let public = Point::from_point(RistrettoPoint::mul_base(a)).ok_or(RoundError::Unlucky)?;
            let context = knowledge_transcript(&self.election, &self.session, self.trustee, column, degree);
            let proof = knowledge::prove(a, &public, context, rng).ok_or(RoundError::Unlucky)?;
            coefficients.push((public, proof));
        }
        let reveal = Reveal { head: self.head(), salt, coefficients }.to_bytes();
        Ok(Committed { setting: self, polynomials, reveal })
    }
}

impl Committed {
    /// The commit to be posted. The same bytes every time.
    pub fn message(&self) -> Vec<u8> {
        let Setting { n, t, columns, .. } = self.setting;
        Commit { head: self.setting.head(), n, t, columns, hash: hash("reveal", &[&self.reveal]) }.to_bytes()
    }
}
