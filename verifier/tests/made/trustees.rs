//! The key ceremony and drills. Spec: 05-key-ceremony.

use super::board::Board;
use super::secret;
use verifier::bytes::Hash;
use verifier::group::{self, Point, Scalar};
use verifier::hash::{Labelled, labelled, sha256};
use verifier::logs::Encoded;
use verifier::manifest::Manifest;
use verifier::session::Key;
use verifier::transcript::Transcript;

const SESSION: Hash = [7; 32];

fn coefficient(i: usize, c: usize, d: usize) -> Scalar {
    secret(&format!("coefficient {i} {c} {d}"))
}

/// `x_{j,c}`, `t = 2`.
pub fn share(j: u16, c: usize) -> Scalar {
    (1..=3).map(|i| coefficient(i, c, 0) + Scalar::from(j) * coefficient(i, c, 1)).sum()
}

fn head(kind: u8, trustee: usize) -> Vec<u8> {
    [&[kind, 1][..], &SESSION, &(trustee as u16).to_be_bytes()].concat()
}

fn reveal(manifest: &Manifest, i: usize) -> Vec<u8> {
    let mut message = [head(33, i), vec![i as u8; 32]].concat();
    for c in 1..=manifest.columns {
        for d in 0..2 {
            let (x, k) = (coefficient(i, c, d), secret(&format!("k {i} {c} {d}")));
            let (point, t) = (group::encode(&group::times_g(&x)), group::encode(&group::times_g(&k)));
            let mut transcript = Transcript::new("knowledge");
            transcript.bytes("election", &manifest.election);
            transcript.bytes("session", &SESSION);
            transcript.number("trustee", i as u64);
            transcript.number("column", c as u64);
            transcript.number("degree", d as u64);
            transcript.bytes("X", &point);
            transcript.bytes("T", &t);
            let z = k + transcript.challenge("c") * x;
            message.extend([point, t, z.to_bytes()].concat());
        }
    }
    message
}

/// Four rounds, by all three trustees.
pub fn ceremony(board: &mut Board, manifest: &Manifest) -> Key {
    let w = manifest.columns;
    board.order(2, 1_794_000_001, 0, SESSION, [0; 32]);
    let reveals: Vec<Vec<u8>> = (1..=3).map(|i| reveal(manifest, i)).collect();
    let sizes = [3u16, 2, w as u16].map(u16::to_be_bytes).concat();
    let commits: Vec<Vec<u8>> =
        (1..=3).map(|i| [head(32, i), sizes.clone(), labelled("reveal", &reveals[i - 1]).to_vec()].concat()).collect();
    // Nobody complains, so nobody looks into the ciphertexts.
    let sealed =
        |i: usize, j: usize| [group::encode(&group::times_g(&secret(&format!("R {i} {j}")))).to_vec(), vec![0; 32 * w + 16]].concat();
    let deals: Vec<Vec<u8>> = (1..=3).map(|i| [head(34, i), (1..=3).flat_map(|j| sealed(i, j)).collect()].concat()).collect();
    let mut id = Labelled::new("key").with(&manifest.election).with(&SESSION).with(&3u32.to_be_bytes());
    for i in 0..3 {
        id = id.with(&sha256(&commits[i])).with(&sha256(&reveals[i])).with(&sha256(&deals[i]));
    }
    let id = id.done();
    let confirms: Vec<Vec<u8>> = (1..=3).map(|i| [head(35, i), id.to_vec()].concat()).collect();
    for (messages, kind) in [commits, reveals, deals, confirms].into_iter().zip(1..) {
        for (message, author) in messages.into_iter().zip(1..) {
            board.post(author, kind, message);
        }
    }
    let column = |c| Encoded::of((1..=3).map(|i| group::times_g(&coefficient(i, c, 0))).sum::<Point>());
    let shares = |j| (1..=w).map(|c| Encoded::of(group::times_g(&share(j, c)))).collect();
    Key { id, session: SESSION, columns: (1..=w).map(column).collect(), shares: (1..=3).map(shares).collect() }
}

/// The order *drill* and three right answers.
pub fn drill(board: &mut Board, manifest: &Manifest, key: &Key, number: u32, time: u64) {
    let nonce = [number as u8; 32];
    board.order(3, time, 0, nonce, [0; 32]);
    let d = group::hash_to_group("drill", &[manifest.election.as_slice(), &key.id, &number.to_be_bytes(), &nonce].concat());
    for j in 1..=3u16 {
        let mut message = [head(37, usize::from(j)), number.to_be_bytes().to_vec()].concat();
        for c in 1..=manifest.columns {
            let (x, k) = (share(j, c), secret(&format!("drill {number} {j} {c}")));
            let points = [d, group::times_g(&x), x * d, group::times_g(&k), k * d].map(|point| group::encode(&point));
            let mut transcript = Transcript::new("drill");
            transcript.bytes("election", &manifest.election);
            transcript.bytes("key", &key.id);
            transcript.number("drill", u64::from(number));
            transcript.number("trustee", u64::from(j));
            transcript.number("column", c as u64);
            for (label, point) in ["D", "X", "Y", "T_1", "T_2"].into_iter().zip(&points) {
                transcript.bytes(label, point);
            }
            let z = k + transcript.challenge("c") * x;
            message.extend([points[2], points[3], points[4], z.to_bytes()].concat());
        }
        board.post(j, 6, message);
    }
}
