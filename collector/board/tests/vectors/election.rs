//! An election that goes on as the steps of a vector say, with the vectors' manifest and the keys behind it.

use ballot::encode::{Point, Record, hash, sha256};
use ballot::manifest::{Manifest, Member};
use ballot::proof::{equality, knowledge};
use ballot::rng::SeededRng;
use ballot::signature::{self, Purpose};
use ballot::{RistrettoPoint, Scalar};
use board::ceremony::{Commit, Confirm, Deal, DrillAnswer, EncryptedShare, Head, Reveal, drill_transcript, knowledge_transcript};
use board::replay::{Event, ReplayError};
use board::roll::RollLine;
use board::{Entry, Hash, Order, OrderKind, Post, PostKind, Replay, Roll};
use ed25519_dalek::SigningKey;
use std::sync::Arc;

/// The key behind a name of the vectors' manifests.
pub fn secret_key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(&[b"haal test vectors\0key of ", name.as_bytes(), b"\0", &[0, 0, 0, 1]].concat()))
}

fn signing(members: &[Member], at: usize) -> SigningKey {
    let key = secret_key(&members[at].name);
    assert_eq!(key.verifying_key().to_bytes(), members[at].key.0);
    key
}

/// The coefficient of a trustee, column and degree in a session.
fn coefficient(session: &Hash, trustee: u16, column: usize, degree: usize) -> Scalar {
    let seed = [sha256(session), sha256(&[trustee as u8, column as u8, degree as u8])].concat();
    Scalar::from_bytes_mod_order_wide(&seed.try_into().unwrap())
}

/// A log with its first entry.
#[derive(Clone)]
pub struct Election {
    pub replay: Replay,
    manifest: Arc<Manifest>,
    pub roll: Roll,
    posts: u8,
}

impl Election {
    pub fn new(manifest: &str) -> Self {
        let manifest = Arc::new(Manifest::from_bytes(manifest.as_bytes()).unwrap());
        let mut replay = Replay::new(manifest.clone());
        let members = &manifest.description().committee.members;
        let sign = |i: usize| (i as u8 + 1, signature::sign(&signing(members, i), Purpose::Manifest, &manifest.id(), &[]));
        let signatures = (0..members.len()).map(sign).collect();
        replay.apply(&Entry::Manifest { election: manifest.id(), signatures }.to_bytes(), None).unwrap();
        let roll = Roll::new((1..=3).map(|i| RollLine { pseudonym: [i; 32], district: 0 }).collect()).unwrap();
        Self { replay, manifest, roll, posts: 0 }
    }

    /// Applies an entry, which has to be its own re-encoding; a refusal leaves the size as it was.
    pub fn apply(&mut self, entry: &Entry, blob: Option<&[u8]>) -> Result<Event, ReplayError> {
        let (bytes, size) = (entry.to_bytes(), self.replay.size());
        assert_eq!(Entry::from_bytes(&bytes).as_ref(), Ok(entry));
        let result = self.replay.apply(&bytes, blob);
        assert_eq!(self.replay.size(), size + u64::from(result.is_ok()));
        result
    }

    /// Signs an order anew and applies it.
    pub fn order(&mut self, mut order: Order, blob: Option<&[u8]>) -> Result<Event, ReplayError> {
        order.signatures.clear();
        for i in 0..2 {
            order.sign(&self.manifest.id(), i as u8 + 1, &signing(&self.manifest.description().committee.members, i));
        }
        self.apply(&Entry::Order(order), blob)
    }

    /// The next order.
    pub fn next_order(&self, kind: OrderKind) -> Order {
        let phases = self.replay.phases();
        let time = phases.last_time().max(self.manifest.description().voting.from) + 1;
        Order { number: phases.next_order(), kind, time, value: 0, argument: [0; 32], blob: [0; 32], signatures: Vec::new() }
    }

    pub fn post(&mut self, kind: PostKind, author: u16, blob: &[u8]) -> Result<Event, ReplayError> {
        let d = self.manifest.description();
        let name = match kind {
            PostKind::Mix => &d.mixers.members[usize::from(author) - 1].name,
            _ => &d.trustees.members[usize::from(author) - 1].name,
        };
        let post = Post::new(kind, author, sha256(blob), &self.manifest.id(), &secret_key(name));
        self.apply(&Entry::Post(post), Some(blob))
    }

    fn message(&mut self, kind: PostKind, author: u16, blob: &[u8]) {
        self.post(kind, author, blob).unwrap();
        assert_eq!(self.replay.findings(), []);
    }

    /// All trustees make a key in the session that is open; its id.
    pub fn make_key(&mut self) -> Hash {
        let ((n, t), columns, election) = (self.manifest.trustees(), self.manifest.columns(), self.manifest.id());
        let session = self.replay.ceremony().sessions().last().unwrap().id;
        let head = |trustee| Head { session, trustee };
        let reveals = (1..=n as u16).map(|i| {
            let prove = |at: usize| {
                let (column, degree) = (at / t + 1, at % t);
                let a = coefficient(&session, i, column, degree);
                let point = Point::from_point(RistrettoPoint::mul_base(&a)).unwrap();
                let transcript = knowledge_transcript(&election, &session, i, column, degree);
                (point, knowledge::prove(&a, &point, transcript, &mut SeededRng::new(b"knowledge")).unwrap())
            };
            Reveal { head: head(i), salt: [7; 32], coefficients: (0..columns * t).map(prove).collect() }
        });
        let reveals: Vec<Reveal> = reveals.collect();
        for r in &reveals {
            let hash = hash("reveal", &[&r.to_bytes()]);
            let commit = Commit { head: r.head, n: n as u16, t: t as u16, columns: columns as u16, hash };
            self.message(PostKind::Commit, r.head.trustee, &commit.to_bytes());
        }
        reveals.iter().for_each(|r| self.message(PostKind::Reveal, r.head.trustee, &r.to_bytes()));
        for r in &reveals {
            // What is sealed is for its recipients alone.
            let share = EncryptedShare { ephemeral: r.coefficients[0].0, sealed: vec![0; 32 * columns + 16] };
            self.message(PostKind::Deal, r.head.trustee, &Deal { head: r.head, shares: vec![share; n] }.to_bytes());
        }
        let key = self.replay.ceremony().sessions().last().unwrap().keys.as_ref().unwrap().key.id();
        (1..=n as u16).for_each(|i| self.message(PostKind::Confirm, i, &Confirm { head: head(i), key }.to_bytes()));
        key
    }

    /// All trustees answer the last drill.
    pub fn answer_drill(&mut self) {
        let ((n, t), election, ceremony) = (self.manifest.trustees(), self.manifest.id(), self.replay.ceremony().clone());
        let (keys, drill) = (ceremony.confirmed().unwrap(), ceremony.drills().last().unwrap());
        for j in 1..=n as u16 {
            let answer = |c: usize| {
                let power = |d: usize| (0..d).fold(Scalar::ONE, |z, _| z * Scalar::from(u64::from(j)));
                let of = |i: u16| (0..t).map(|d| power(d) * coefficient(&keys.session, i, c, d)).sum::<Scalar>();
                let x: Scalar = (1..=n as u16).map(of).sum();
                let (x_g, x_d) = (keys.shares[usize::from(j) - 1][c - 1], Point::from_point(x * drill.point.point()).unwrap());
                let statement = equality::Statement { d: &drill.point, x_g: &x_g, x_d: &x_d };
                let transcript = drill_transcript(&election, &drill.key, drill.number, j, c);
                (x_d, statement.prove(&x, transcript, &mut SeededRng::new(b"drill")).unwrap())
            };
            let head = Head { session: keys.session, trustee: j };
            let answer = DrillAnswer { head, number: drill.number, answers: (1..=self.manifest.columns()).map(answer).collect() };
            self.message(PostKind::Drill, j, &answer.to_bytes());
        }
    }

    /// A batch of one ballot, if a batch is allowed.
    pub fn batch(&mut self, time: u64) -> Result<(), ReplayError> {
        self.apply(&Entry::Batch { time, count: 1 }, None)?;
        let ballot = Entry::Ballot { envelope: [0; 32], ballot: vec![0; self.manifest.ballot_len(0)] };
        self.apply(&ballot, None).map(drop)
    }

    /// A mix, an intent and an opening: all are taken, or all refused alike.
    pub fn tally_posts(&mut self) -> Result<(), ReplayError> {
        self.posts += 1;
        let blob = [self.posts];
        let results = [PostKind::Mix, PostKind::Intent, PostKind::Opening].map(|kind| self.post(kind, 1, &blob).map(drop));
        assert!(results.iter().all(|r| *r == results[0]), "{results:?}");
        results[0].clone()
    }

    /// On to *voting*, with this roll.
    pub fn open(&mut self) {
        let (blob, root) = (self.roll.to_bytes(), self.roll.tree().root());
        self.order(Order { argument: root, blob: sha256(&blob), ..self.next_order(OrderKind::Roll) }, Some(&blob)).unwrap();
        self.order(Order { argument: [1; 32], ..self.next_order(OrderKind::Ceremony) }, None).unwrap();
        let key = self.make_key();
        self.order(Order { argument: [2; 32], ..self.next_order(OrderKind::Drill) }, None).unwrap();
        self.answer_drill();
        self.order(Order { argument: key, ..self.next_order(OrderKind::Open) }, None).unwrap();
    }
}
