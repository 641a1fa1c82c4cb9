//! Many secret numbers from one secret seed, in any order, so that all cores can draw at once.

use ballot::Scalar;
use ballot::transcript::Nonces;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// SHA-512 of seed, name and position. The seed comes from a transcript that has absorbed statement, witness and fresh
/// entropy, so neither a weak generator nor a machine that is set back makes two statements share a number (G05).
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Stream {
    seed: [u8; 32],
}

impl Stream {
    /// Takes the seed from a transcript's private clone.
    pub fn new(mut nonces: Nonces) -> Self {
        let seed = Zeroizing::new(nonces.scalar());
        Self { seed: *seed.as_bytes() }
    }

    /// Feeds another transcript's nonces with everything drawn here.
    pub fn seed(&self) -> &[u8] {
        &self.seed
    }

    fn block(&self, name: &'static str, at: u64) -> Zeroizing<[u8; 64]> {
        let hash = Sha512::new().chain_update(self.seed).chain_update(at.to_be_bytes()).chain_update(name).finalize();
        Zeroizing::new(hash.into())
    }

    /// A uniform scalar.
    pub fn scalar(&self, name: &'static str, at: usize) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.block(name, at as u64))
    }

    /// A uniform number below `bound`, which must not be 0; `at` moves on by as many blocks as were used.
    pub fn below(&self, name: &'static str, at: &mut u64, bound: u64) -> u64 {
        let reach = u64::MAX - u64::MAX % bound; // a multiple of `bound`: numbers from it on would favour small results
        loop {
            let block = self.block(name, *at);
            *at += 1;
            let (words, _) = block.as_chunks::<8>();
            if let Some(word) = words.iter().map(|w| u64::from_be_bytes(*w)).find(|w| *w < reach) {
                return word % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_name_and_place_and_stay_below_the_bound() {
        let s = Stream { seed: [7; 32] };
        assert_ne!(s.scalar("a", 0), s.scalar("a", 1));
        assert_ne!(s.scalar("a", 0), s.scalar("b", 0));
        let mut at = 0;
        let mut seen = [0; 5];
        for _ in 0..5000 {
            seen[s.below("p", &mut at, 5) as usize] += 1;
        }
        assert!(seen.iter().all(|n| (850..1150).contains(n)), "{seen:?}");
    }
}
