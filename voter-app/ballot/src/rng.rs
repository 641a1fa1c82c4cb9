//! A deterministic generator for tests and rehearsals that must be repeatable. Never the source of a real secret.

use crate::transcript::Transcript;
use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};

/// SHA-strength bytes that depend on a seed alone.
#[derive(Debug)]
pub struct SeededRng {
    transcript: Transcript,
    buffer: [u8; 64],
    used: usize,
}

impl SeededRng {
    /// Begins a stream.
    pub fn new(seed: &[u8]) -> Self {
        let mut transcript = Transcript::new("seeded-rng");
        transcript.append("seed", seed);
        Self { transcript, buffer: [0; 64], used: 64 }
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut b = [0; 4];
        self.try_fill_bytes(&mut b)?;
        Ok(u32::from_le_bytes(b))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut b = [0; 8];
        self.try_fill_bytes(&mut b)?;
        Ok(u64::from_le_bytes(b))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for byte in out {
            if self.used == self.buffer.len() {
                self.buffer = self.transcript.challenge_bytes("block");
                self.used = 0;
            }
            *byte = self.buffer.get(self.used).copied().unwrap_or_default();
            self.used += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}
