//! The key ceremony and drills with all trustees' secrets known, and every message open to change. Spec: 05-key-ceremony.

use super::Insider;
use crate::lab;
use ballot::elgamal::ElectionKey;
use ballot::encode::{Point, Record, hash, sha256};
use ballot::proof::equality::Statement;
use ballot::proof::knowledge::{self, KnowledgeProof};
use ballot::rng::SeededRng;
use ballot::{Hash, RistrettoPoint, Scalar, Transcript};
use board::ceremony::{
    Commit, Complaint, Confirm, Deal, DrillAnswer, Head, KeySet, Reveal, drill_point, drill_transcript, knowledge_transcript,
};
use board::{Entry, Order, OrderKind, PostKind, Replay};
use trustee::ceremony::Stage;

/// The key with every trustee's secrets.
#[allow(missing_docs)]
pub struct Keys {
    pub set: KeySet,
    /// `x_{j,c}`: trustees from index 0.
    pub secrets: Vec<Vec<Scalar>>,
}

/// `a_{i,c,d}`: by trustee, column, degree.
pub type Coefficients = Vec<Vec<Vec<Scalar>>>;

type Change<'a> = Box<dyn FnMut(u16, &mut Vec<u8>) + 'a>;

/// What is changed in a ceremony. Each hook sees trustee and message before it is posted; what follows from the message is computed
/// from what was posted.
#[allow(missing_docs)]
pub struct Script<'a> {
    pub session: Hash,
    /// Before anything is made of them.
    pub coefficients: Box<dyn FnMut(&mut Coefficients) + 'a>,
    /// The same, but only for what is dealt.
    pub dealt: Box<dyn FnMut(&mut Coefficients) + 'a>,
    pub reveal: Change<'a>,
    pub commit: Change<'a>,
    pub deal: Change<'a>,
    pub confirm: Change<'a>,
    /// Who confirms.
    pub confirming: Vec<u16>,
}

impl Script<'_> {
    /// An honest ceremony of a session.
    pub fn honest(session: Hash) -> Self {
        let nothing = || Box::new(|_: u16, _: &mut Vec<u8>| {});
        Self {
            session,
            coefficients: Box::new(|_| {}),
            dealt: Box::new(|_| {}),
            reveal: nothing(),
            commit: nothing(),
            deal: nothing(),
            confirm: nothing(),
            confirming: (1..=1000).collect(),
        }
    }
}

/// `f(j)` for each column.
fn shares(f: &[Vec<Scalar>], j: u16) -> Vec<Scalar> {
    f.iter().map(|column| column.iter().rev().fold(Scalar::ZERO, |sum, a| sum * Scalar::from(j) + a)).collect()
}

fn point(x: &Scalar) -> Point {
    Point::from_point(RistrettoPoint::mul_base(x)).unwrap_or_else(|| lab::point("in place of an identity"))
}

/// The point of a drill answer, or any other if it would be the identity.
fn times(x: &Scalar, p: &Point) -> Point {
    Point::from_point(x * p.point()).unwrap_or_else(|| lab::point("in place of an identity"))
}

impl Insider {
    /// A whole honest ceremony.
    pub fn ceremony(&mut self) {
        self.ceremony_with(Script::honest([7; 32]));
    }

    /// Opens a session and posts all messages of a script.
    pub fn ceremony_with(&mut self, mut script: Script<'_>) {
        let (n, t) = self.trustees();
        let (session, election, columns) = (script.session, self.id(), self.manifest.columns());
        self.order(OrderKind::Ceremony, 0, session, None);
        let draw = |i: u16, c: usize, d: u16| lab::scalar(&format!("{} {i} {c} {d}", hex::encode(session)));
        let mut f: Coefficients = (1..=n).map(|i| (0..columns).map(|c| (0..t).map(|d| draw(i, c, d)).collect()).collect()).collect();
        (script.coefficients)(&mut f);
        let mut rng = self.rng();
        let mut reveals: Vec<Vec<u8>> = Vec::new();
        for (f, trustee) in f.iter().zip(1..) {
            let mut coefficients = Vec::new();
            for (column, f) in f.iter().enumerate() {
                for (degree, a) in f.iter().enumerate() {
                    let context = knowledge_transcript(&election, &session, trustee, column + 1, degree);
                    let proof: KnowledgeProof = knowledge::prove(a, &point(a), context, &mut rng).expect("not the identity");
                    coefficients.push((point(a), proof));
                }
            }
            reveals.push(Reveal { head: Head { session, trustee }, salt: [trustee as u8; 32], coefficients }.to_bytes());
        }
        let mut dealt = f.clone();
        (script.dealt)(&mut dealt);
        let mut deals = self.deals(&session, &dealt);
        for (reveal, i) in reveals.iter_mut().zip(1..) {
            (script.reveal)(i, reveal);
        }
        let commit = |(reveal, trustee): (&Vec<u8>, u16)| {
            let head = Head { session, trustee };
            let mut commit = Commit { head, n, t, columns: columns as u16, hash: hash("reveal", &[reveal]) }.to_bytes();
            (script.commit)(trustee, &mut commit);
            commit
        };
        let commits: Vec<Vec<u8>> = reveals.iter().zip(1..).map(commit).collect();
        for (deal, i) in deals.iter_mut().zip(1..) {
            (script.deal)(i, deal);
        }
        for (kind, messages) in [(PostKind::Commit, &commits), (PostKind::Reveal, &reveals), (PostKind::Deal, &deals)] {
            for (message, i) in messages.iter().zip(1..) {
                self.post(kind, i, message);
            }
        }
        let messages = commits.iter().zip(reveals.iter().zip(&deals)).flat_map(|(c, (r, d))| [sha256(c), sha256(r), sha256(d)]);
        let id = hash("key", &[&election, &session, &u32::from(n).to_be_bytes(), messages.collect::<Vec<_>>().as_flattened()]);
        for trustee in (1..=n).filter(|j| script.confirming.contains(j)) {
            let mut confirm = Confirm { head: Head { session, trustee }, key: id }.to_bytes();
            (script.confirm)(trustee, &mut confirm);
            self.post(PostKind::Confirm, trustee, &confirm);
        }
        let sum = |j: u16| (0..columns).map(|c| f.iter().map(|f| shares(f, j)[c]).sum()).collect::<Vec<Scalar>>();
        let secrets: Vec<Vec<Scalar>> = (1..=n).map(sum).collect();
        let public = |x: &Vec<Scalar>| x.iter().map(point).collect::<Vec<_>>();
        let set = KeySet { session, key: ElectionKey::new(id, public(&sum(0))), shares: secrets.iter().map(public).collect() };
        self.keys = Some(Keys { set, secrets }.into());
    }

    /// Everyone's deal of these polynomials, made by the library on a board of its own.
    fn deals(&mut self, session: &Hash, f: &[Vec<Vec<Scalar>>]) -> Vec<Vec<u8>> {
        let (n, t) = self.trustees();
        let columns = self.manifest.columns() as u16;
        let mut replay = Replay::new(self.manifest.clone());
        let mut offer = |entry: Entry, blob: Option<&[u8]>| replay.apply(&entry.to_bytes(), blob).expect("an honest entry");
        offer(self.manifest_entry(&self.id()), None);
        let zero = [0; 32];
        let order = Order { number: 1, kind: OrderKind::Ceremony, time: 1, value: 0, argument: *session, blob: zero, signatures: vec![] };
        offer(Entry::Order(self.signed(order)), None);
        let mut rng = self.rng();
        let honest = |f: &Vec<Vec<Scalar>>, trustee: u16| {
            let prove = |(at, a): (usize, &Scalar)| {
                let context = knowledge_transcript(&self.manifest.id(), session, trustee, at / usize::from(t) + 1, at % usize::from(t));
                (point(a), knowledge::prove(a, &point(a), context, &mut SeededRng::new(b"deal")).expect("not the identity"))
            };
            let coefficients = f.iter().flat_map(|f| &f[..usize::from(t)]).enumerate().map(prove).collect();
            Reveal { head: Head { session: *session, trustee }, salt: [0; 32], coefficients }.to_bytes()
        };
        let reveals: Vec<Vec<u8>> = f.iter().zip(1..).map(|(f, i)| honest(f, i)).collect();
        for (reveal, trustee) in reveals.iter().zip(1..) {
            let head = Head { session: *session, trustee };
            let commit = Commit { head, n, t, columns, hash: hash("reveal", &[reveal]) }.to_bytes();
            offer(Entry::Post(self.signed_post(PostKind::Commit, trustee, sha256(&commit))), Some(&commit));
        }
        for (reveal, trustee) in reveals.iter().zip(1..) {
            offer(Entry::Post(self.signed_post(PostKind::Reveal, trustee, sha256(reveal))), Some(reveal));
        }
        let mut deals = Vec::new();
        for ((f, reveal), trustee) in f.iter().zip(&reveals).zip(1u16..) {
            let mut bytes = [&[65, 1, 2][..], &self.id(), session].concat();
            [trustee, n, t, columns].iter().for_each(|x| bytes.extend(x.to_be_bytes()));
            bytes.extend((u32::from(columns) * u32::from(t)).to_be_bytes());
            f.iter().flat_map(|f| &f[..usize::from(t)]).for_each(|a| bytes.extend(a.as_bytes()));
            bytes.extend((reveal.len() as u32).to_be_bytes());
            bytes.extend(reveal);
            let Ok(Stage::Revealed(state)) = Stage::from_bytes(&bytes) else { panic!("the layout of a stage") };
            deals.push(state.deal(&replay, &mut rng).map_err(|e| e.1).expect("an honest board").message().to_vec());
        }
        deals
    }

    /// A complaint of one trustee about a dealer of the last session; `key` is the name of the complainer's share key.
    pub fn complaint(&mut self, complainer: u16, dealer: u16, key: &str) -> Vec<u8> {
        let session = self.keys().set.session;
        let posts = self.posts_of(PostKind::Deal);
        let n = usize::from(self.trustees().0);
        let deal = &self.blobs[&self.blob_of(posts[posts.len() - n + usize::from(dealer.clamp(1, n as u16)) - 1])];
        let deal = Deal::from_bytes(deal, n, self.manifest.columns()).expect("a deal");
        let ephemeral = deal.shares[usize::from(complainer) - 1].ephemeral;
        let secret = lab::scalar(key);
        let mut t = Transcript::new("complaint");
        t.append("election", &self.id());
        t.append("session", &session);
        t.append_u64("dealer", dealer.into());
        t.append_u64("trustee", complainer.into());
        let shared = times(&secret, &ephemeral);
        let statement = Statement { d: &ephemeral, x_g: &point(&secret), x_d: &shared };
        let proof = statement.prove(&secret, t, &mut self.rng()).expect("not the identity");
        Complaint { head: Head { session, trustee: complainer }, dealer, shared, proof }.to_bytes()
    }

    /// An order *drill*, and everybody's answer.
    pub fn drill(&mut self) {
        let n = self.trustees().0;
        self.drill_of(&(1..=n).collect::<Vec<_>>());
    }

    /// An order *drill*, and the answers of these trustees; gives the index of the order.
    pub fn drill_of(&mut self, trustees: &[u16]) -> usize {
        self.drills += 1;
        let nonce = sha256(&self.drills.to_be_bytes());
        let order = self.order(OrderKind::Drill, 0, nonce, None);
        for j in trustees {
            let answer = self.answer(*j, self.drills, &nonce, &self.keys().secrets[usize::from(*j) - 1].clone());
            self.post(PostKind::Drill, *j, &answer);
        }
        order
    }

    /// A trustee's answer to a drill with these secrets; the proof is about them.
    pub fn answer(&mut self, trustee: u16, number: u32, nonce: &Hash, secrets: &[Scalar]) -> Vec<u8> {
        let mut rng = self.rng();
        let set = &self.keys().set;
        let d = drill_point(&self.id(), &set.key.id(), number, nonce).expect("not the identity");
        let one = |(x, column): (&Scalar, usize)| {
            let y = times(x, &d);
            let context = drill_transcript(&self.id(), &set.key.id(), number, trustee, column);
            (y, Statement { d: &d, x_g: &point(x), x_d: &y }.prove(x, context, &mut rng).expect("not the identity"))
        };
        let answers = secrets.iter().zip(1..).map(one).collect();
        DrillAnswer { head: Head { session: set.session, trustee }, number, answers }.to_bytes()
    }
}
