//! Weights of batches: independent 128-bit scalars that the maker of a record cannot foresee. Spec: 04-proofs, BIT-9.
//!
//! They come from a hash of every byte of the batch and of entropy drawn afresh for each run. No report depends on them.

use crate::bytes::Hash;
use crate::group::Scalar;
use sha2::{Digest, Sha512};

/// 32 bytes of the operating system, drawn once a run.
#[derive(Clone)]
pub struct Entropy([u8; 32]);

impl Entropy {
    /// Asks the operating system.
    pub fn fresh() -> Result<Self, String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| format!("the operating system gives no entropy: {error}"))?;
        Ok(Self(bytes))
    }

    /// The weights of the batch with this hash.
    pub fn weights(&self, batch: &Hash) -> Weights {
        let mut seed = Sha512::new();
        seed.update(b"weights");
        seed.update(self.0);
        seed.update(batch);
        Weights { seed: seed.finalize().into(), counter: 0, ready: Vec::new() }
    }
}

/// A stream of weights.
pub struct Weights {
    seed: [u8; 64],
    counter: u64,
    ready: Vec<u128>,
}

impl Weights {
    /// The next weight.
    pub fn draw(&mut self) -> Scalar {
        loop {
            if let Some(weight) = self.ready.pop() {
                // Zero would drop an equation; it comes up once in 2^128.
                return Scalar::from(weight.max(1));
            }
            let mut block = Sha512::new();
            block.update(self.seed);
            block.update(self.counter.to_be_bytes());
            self.counter = self.counter.wrapping_add(1);
            let block: [u8; 64] = block.finalize().into();
            self.ready.extend(block.as_chunks::<16>().0.iter().map(|bytes| u128::from_le_bytes(*bytes)));
        }
    }
}
