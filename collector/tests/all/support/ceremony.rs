//! The trustees' public messages. The collector does not look into sealed shares, so nothing is sealed.

use super::election::{Election, signing_key};
use super::server::Server;
use ballot::encode::{Point, Record, hash, sha256};
use ballot::proof::{equality, knowledge};
use ballot::rng::SeededRng;
use board::ceremony::{Commit, Confirm, Deal, DrillAnswer, EncryptedShare, Head, Reveal, drill_transcript, knowledge_transcript};
use board::order::OrderKind;
use board::post::{Post, PostKind};
use curve25519_dalek::{RistrettoPoint, Scalar};

const N: u16 = 3;
const T: usize = 2;

pub struct Trustees;

fn coefficient(i: u16, c: usize, d: usize) -> Scalar {
    Scalar::from_bytes_mod_order(sha256(format!("{i} {c} {d}").as_bytes()))
}

/// `x_{j,c}`
fn share(j: u16, c: usize) -> Scalar {
    let at = |i| (0..T).rev().fold(Scalar::ZERO, |acc, d| acc * Scalar::from(j) + coefficient(i, c, d));
    (1..=N).map(at).sum()
}

fn point(scalar: &Scalar) -> Point {
    Point::from_point(RistrettoPoint::mul_base(scalar)).unwrap()
}

pub fn trustee_key(j: u16) -> ed25519_dalek::SigningKey {
    signing_key(["one", "two", "three"][usize::from(j) - 1])
}

impl Trustees {
    pub fn new() -> Self {
        Self
    }

    fn post(election: &Election, server: &Server, kind: PostKind, j: u16, blob: &[u8]) {
        let post = Post::new(kind, j, sha256(blob), &election.id(), &trustee_key(j));
        server.submit_ok("post", &post.to_bytes(), blob);
    }

    /// A whole ceremony and a drill.
    pub fn run(&self, election: &Election, server: &Server) {
        let (id, columns) = (election.id(), election.manifest.columns());
        let session = sha256(b"session");
        let rng = &mut SeededRng::new(b"trustees");
        server.submit_ok("order", &election.order(OrderKind::Ceremony, |o| o.argument = session).to_bytes(), &[]);
        let head = |trustee| Head { session, trustee };
        let reveals: Vec<Vec<u8>> = (1..=N)
            .map(|i| {
                let mut coefficients = Vec::new();
                for (c, d) in (1..=columns).flat_map(|c| (0..T).map(move |d| (c, d))) {
                    let (a, x) = (coefficient(i, c, d), point(&coefficient(i, c, d)));
                    coefficients.push((x, knowledge::prove(&a, &x, knowledge_transcript(&id, &session, i, c, d), rng).unwrap()));
                }
                Reveal { head: head(i), salt: [7; 32], coefficients }.to_bytes()
            })
            .collect();
        for (i, reveal) in (1..).zip(&reveals) {
            let commit = Commit { head: head(i), n: N, t: T as u16, columns: columns as u16, hash: hash("reveal", &[reveal]) };
            Self::post(election, server, PostKind::Commit, i, &commit.to_bytes());
        }
        for (i, reveal) in (1..).zip(&reveals) {
            Self::post(election, server, PostKind::Reveal, i, reveal);
        }
        for i in 1..=N {
            let sealed = EncryptedShare { ephemeral: point(&Scalar::from(9u8)), sealed: vec![0; 32 * columns + 16] };
            Self::post(election, server, PostKind::Deal, i, &Deal { head: head(i), shares: vec![sealed; usize::from(N)] }.to_bytes());
        }
        let key = election.replay().ceremony().sessions().last().unwrap().keys.as_ref().unwrap().key.id();
        for i in 1..=N {
            Self::post(election, server, PostKind::Confirm, i, &Confirm { head: head(i), key }.to_bytes());
        }
        server.submit_ok("order", &election.order(OrderKind::Drill, |o| o.argument = sha256(b"nonce")).to_bytes(), &[]);
        let (number, d) = election.replay().ceremony().drills().last().map(|d| (d.number, d.point)).unwrap();
        for j in 1..=N {
            let answer = |c| {
                let x = share(j, c);
                let y = Point::from_point(x * d.point()).unwrap();
                let statement = equality::Statement { d: &d, x_g: &point(&x), x_d: &y };
                (y, statement.prove(&x, drill_transcript(&id, &key, number, j, c), &mut SeededRng::new(&[j as u8, c as u8])).unwrap())
            };
            let answer = DrillAnswer { head: head(j), number, answers: (1..=columns).map(answer).collect() };
            Self::post(election, server, PostKind::Drill, j, &answer.to_bytes());
        }
    }
}
