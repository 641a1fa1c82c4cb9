//! Fiat-Shamir transcripts: merlin behind our own type. Every label of this crate's proofs. Spec: 02-encoding, LABEL.

use crate::encode::Point;
use curve25519_dalek::Scalar;
use rand_core::CryptoRng;

/// A transcript in which the proof, and then everything that fixes its meaning, has been absorbed.
#[derive(Clone)]
pub struct Transcript(merlin::Transcript);

impl Transcript {
    /// Begins the proof called `proof` in 02-encoding.
    pub fn new(proof: &'static str) -> Self {
        let mut t = merlin::Transcript::new(b"haal/1");
        t.append_message(b"proof", proof.as_bytes());
        Self(t)
    }

    /// Absorbs bytes.
    pub fn append(&mut self, label: &'static str, bytes: &[u8]) {
        self.0.append_message(label.as_bytes(), bytes);
    }

    /// Absorbs a number.
    pub fn append_u64(&mut self, label: &'static str, n: u64) {
        self.0.append_u64(label.as_bytes(), n);
    }

    /// Absorbs a point.
    pub fn append_point(&mut self, label: &'static str, point: &Point) {
        self.append(label, point.bytes());
    }

    /// Absorbs a list: its length, then each item.
    pub fn append_list<T: AsRef<[u8]>>(&mut self, label: &'static str, items: impl ExactSizeIterator<Item = T>) {
        self.append_u64(label, items.len() as u64);
        for item in items {
            self.append(label, item.as_ref());
        }
    }

    /// Absorbs a list of points.
    pub fn append_points(&mut self, label: &'static str, points: &[Point]) {
        self.append_list(label, points.iter().map(Point::bytes));
    }

    /// Draws a challenge: 64 bytes, reduced.
    pub fn challenge(&mut self, label: &'static str) -> Scalar {
        let mut wide = [0; 64];
        self.0.challenge_bytes(label.as_bytes(), &mut wide);
        Scalar::from_bytes_mod_order_wide(&wide)
    }

    /// Draws a short challenge: 128 bits.
    pub fn challenge_short(&mut self, label: &'static str) -> Scalar {
        let mut short = [0; 16];
        self.0.challenge_bytes(label.as_bytes(), &mut short);
        Scalar::from(u128::from_le_bytes(short))
    }

    /// Draws raw bytes: used for batch weights.
    pub fn challenge_bytes<const N: usize>(&mut self, label: &'static str) -> [u8; N] {
        let mut out = [0; N];
        self.0.challenge_bytes(label.as_bytes(), &mut out);
        out
    }

    /// A generator of proof nonces: the transcript so far, the witness and fresh entropy.
    ///
    /// Hedged on purpose: with a broken `rng` two different statements still never share a nonce.
    pub fn nonces(&self, witness: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Nonces {
        let mut fresh = [0; 32];
        rng.fill_bytes(&mut fresh);
        let mut private = self.0.clone();
        private.append_message(b"witness", witness);
        private.append_message(b"entropy", &fresh);
        zeroize::Zeroize::zeroize(&mut fresh);
        Nonces(private)
    }
}

impl core::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Transcript(..)")
    }
}

/// A private clone of a transcript that gives proof nonces. Secret; never compared, printed or stored.
pub struct Nonces(merlin::Transcript);

impl Nonces {
    /// The next nonce.
    pub fn scalar(&mut self) -> Scalar {
        let mut wide = [0; 64];
        self.0.challenge_bytes(b"nonce", &mut wide);
        let scalar = Scalar::from_bytes_mod_order_wide(&wide);
        zeroize::Zeroize::zeroize(&mut wide);
        scalar
    }
}
