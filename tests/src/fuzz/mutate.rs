//! Blind changes of inputs, for the ordinary test: what a coverage-guided fuzzer does, without coverage.

use ballot::rng::SeededRng;
use rand_core::Rng;

fn below(rng: &mut SeededRng, n: usize) -> usize {
    (rng.next_u64() % n.max(1) as u64) as usize
}

/// Values at which counts and lengths turn.
const EDGES: [u64; 10] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// One to four changes; parts of `other` may come in.
pub fn mutate(rng: &mut SeededRng, from: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..=below(rng, 4) {
        let at = below(rng, bytes.len() + 1);
        let to = at + below(rng, (bytes.len() - at).min(64) + 1);
        match below(rng, 9) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << below(rng, 8),
            2 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..to)),
            5 => {
                let part = bytes[at..to].to_vec();
                let to = below(rng, bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            6 => {
                let part: Vec<u8> = (0..below(rng, 8)).map(|_| rng.next_u64() as u8).collect();
                bytes.splice(at..at, part);
            }
            7 => {
                let size = 1 << below(rng, 4);
                let edge = EDGES[below(rng, EDGES.len())].to_be_bytes();
                let end = (at + size).min(bytes.len());
                bytes[at..end].copy_from_slice(&edge[8 - (end - at)..]);
            }
            _ => {
                let from = below(rng, other.len() + 1);
                let part = &other[from..from + below(rng, other.len() - from + 1)];
                let to = if below(rng, 2) == 0 { at } else { (at + part.len()).min(bytes.len()) };
                bytes.splice(at..to, part.iter().copied());
            }
        }
    }
    bytes
}
