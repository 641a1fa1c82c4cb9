//! A secret permutation. Spec: 09-mixing.

use crate::stream::Stream;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `ψ`, from index 0: output `i` comes from input `ψ(i)`. Secret; wiped on drop, never printed.
///
/// Reading memory at `ψ(i)` is not constant-time: an observer inside the mixer's machine could learn it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Permutation(Vec<u32>);

impl Permutation {
    /// Draws one uniformly (Fisher, Yates).
    pub(crate) fn draw(n: usize, stream: &Stream) -> Self {
        let mut list: Vec<u32> = (0..n as u32).collect();
        let mut at = 0;
        for i in (1..n).rev() {
            let j = stream.below("permutation", &mut at, i as u64 + 1) as usize;
            list.swap(i, j);
        }
        Self(list)
    }

    /// `list[ψ(i)]` for every `i`.
    pub fn apply<'a, T>(&'a self, list: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.0.iter().filter_map(|&j| list.get(j as usize))
    }

    /// `ψ(1), ψ(2), …`, from index 0.
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

impl core::fmt::Debug for Permutation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Permutation(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ballot::Transcript;
    use ballot::rng::SeededRng;
    use std::collections::HashMap;

    #[test]
    fn every_permutation_of_four_is_equally_likely() {
        let mut rng = SeededRng::new(b"permutations");
        let mut seen: HashMap<Vec<u32>, u32> = HashMap::new();
        for _ in 0..24_000 {
            let stream = Stream::new(Transcript::new("test").nonces(b"", &mut rng));
            *seen.entry(Permutation::draw(4, &stream).0.clone()).or_default() += 1;
        }
        assert_eq!(seen.len(), 24);
        assert!(seen.values().all(|n| (850..1150).contains(n)), "{seen:?}");
    }
}
