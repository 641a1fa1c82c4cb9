//! The public side of one session of the key ceremony, replayed message by message. Spec: 05-key-ceremony.

use crate::batch;
use crate::bytes::{Fault, Hash};
use crate::entry::PostKind;
use crate::group::{self, Point, Scalar};
use crate::hash::Labelled;
use crate::logs::Encoded;
use crate::manifest::Manifest;
use crate::transcript::Transcript;
use crate::weights::Entropy;
use crate::{hash, messages};
use curve25519_dalek::traits::Identity;
use std::collections::HashSet;

/// The key that a session makes.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key id.
    pub id: Hash,
    /// The session.
    pub session: Hash,
    /// `H_1..H_W`.
    pub columns: Vec<Encoded>,
    /// `X_{j,c}`: for each trustee, column by column.
    pub shares: Vec<Vec<Encoded>>,
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Messages are awaited.
    Running,
    /// It will never be confirmed.
    Ended,
    /// All confirmed.
    Confirmed,
}

/// Messages of one trustee so far: names of blobs, and what later messages need.
#[derive(Clone, Default)]
struct Author {
    commit: Option<(Hash, Hash)>,
    reveal: Option<Hash>,
    deal: Option<Hash>,
    confirmed: bool,
}

/// One session.
pub struct Session {
    /// Its id.
    pub id: Hash,
    /// How far it has come.
    pub phase: Phase,
    /// The key, once all have dealt.
    pub key: Option<Key>,
    authors: Vec<Author>,
    /// `Σ_i C_{i,c,d}`.
    sums: Vec<Vec<Point>>,
    /// `C_{i,c,d}` of each author, for complaints.
    coefficients: Vec<Vec<Vec<Point>>>,
}

/// A message as it stands in the log.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// What the post says it is.
    pub kind: PostKind,
    /// Its author, from 1.
    pub author: u16,
    /// Name of the blob.
    pub name: Hash,
    /// The blob.
    pub bytes: &'a [u8],
}

/// A broken rule, and who broke it.
pub struct Blame {
    /// The rule and what was found.
    pub fault: Fault,
    /// The trustee at fault, from 1; nobody in particular if 0.
    pub author: u16,
}

impl Session {
    /// A session that an order has just opened.
    pub fn new(id: Hash, manifest: &Manifest) -> Self {
        let n = manifest.trustees.len();
        let sums = vec![vec![Point::identity(); manifest.threshold]; manifest.columns];
        Self { id, phase: Phase::Running, key: None, authors: vec![Author::default(); n], sums, coefficients: vec![Vec::new(); n] }
    }

    /// Takes the next message of this session. `blob` reads a blob posted before.
    pub fn take(
        &mut self,
        manifest: &Manifest,
        entropy: &Entropy,
        message: &Message<'_>,
        blob: &dyn Fn(&Hash) -> Option<Vec<u8>>,
    ) -> Result<(), Blame> {
        let author = message.author;
        let blame = |fault| Blame { fault, author };
        if self.phase != Phase::Running {
            return Err(blame(Fault::new("KEY-1", "the session is over")));
        }
        // KEY-1: ignored whatever it says, even a confirm of another key.
        if self.has_used(message) {
            return Err(blame(Fault::new("KEY-1", "a second message of one kind")));
        }
        let taken = match message.kind {
            PostKind::Commit => self.commit(manifest, message).map_err(blame),
            PostKind::Reveal => self.reveal(manifest, entropy, message).map_err(blame),
            // What is wrong with the key as a whole is nobody's fault in particular.
            PostKind::Deal => {
                self.deal(manifest, message).map_err(|fault| Blame { author: if fault.rule == "KEY-6" { 0 } else { author }, fault })
            }
            PostKind::Confirm => self.confirm(message).map_err(blame),
            PostKind::Complaint => self.complaint(manifest, entropy, message, blob),
            _ => Ok(()),
        };
        // KEY-11: what breaks a rule is ignored; only a degenerate key leaves nothing to go on from.
        if taken.as_ref().is_err_and(|blame| blame.fault.rule == "KEY-6") {
            self.phase = Phase::Ended;
        }
        taken
    }

    fn author(&mut self, index: u16) -> Result<&mut Author, Fault> {
        let position = usize::from(index).checked_sub(1);
        let author = position.and_then(|position| self.authors.get_mut(position));
        author.ok_or_else(|| Fault::new("KEY-1", "no such trustee"))
    }

    /// Is there a message of this kind by this author that broke no rule? KEY-11.
    fn has_used(&mut self, message: &Message<'_>) -> bool {
        let Ok(author) = self.author(message.author) else { return false };
        match message.kind {
            PostKind::Commit => author.commit.is_some(),
            PostKind::Reveal => author.reveal.is_some(),
            PostKind::Deal => author.deal.is_some(),
            PostKind::Confirm => author.confirmed,
            _ => false,
        }
    }

    fn all(&self, done: fn(&Author) -> bool) -> Result<(), Fault> {
        if self.authors.iter().all(done) { Ok(()) } else { Err(Fault::new("KEY-1", "before its round")) }
    }

    fn commit(&mut self, manifest: &Manifest, message: &Message<'_>) -> Result<(), Fault> {
        let hash = messages::commit(message.bytes, manifest)?;
        self.author(message.author)?.commit = Some((message.name, hash));
        Ok(())
    }

    fn reveal(&mut self, manifest: &Manifest, entropy: &Entropy, message: &Message<'_>) -> Result<(), Fault> {
        self.all(|author| author.commit.is_some())?;
        let committed = self.author(message.author)?.commit.map(|(_, hash)| hash);
        if committed != Some(hash::labelled("reveal", message.bytes)) {
            return Err(Fault::new("KEY-3", "does not hash to its commit"));
        }
        let columns = messages::reveal(message.bytes, manifest)?;
        let mut equations = Vec::new();
        for (column, c) in columns.iter().zip(1u64..) {
            for (coefficient, d) in column.iter().zip(0u64..) {
                let mut transcript = Transcript::new("knowledge");
                transcript.bytes("election", &manifest.election);
                transcript.bytes("session", &self.id);
                transcript.number("trustee", u64::from(message.author));
                transcript.number("column", c);
                transcript.number("degree", d);
                equations.push(vec![coefficient.proof.equation(&coefficient.point, transcript)]);
            }
        }
        if let Some(wrong) = batch::holds(&equations, &message.name, entropy).iter().position(|holds| !holds) {
            return Err(Fault::new("KEY-5", format!("the proof of coefficient {} does not verify", wrong.saturating_add(1))));
        }
        let points: Vec<Vec<Point>> = columns.iter().map(|column| column.iter().map(|c| c.point.point).collect()).collect();
        for (sum, point) in self.sums.iter_mut().flatten().zip(points.iter().flatten()) {
            *sum += point;
        }
        self.author(message.author)?.reveal = Some(message.name);
        let position = usize::from(message.author).saturating_sub(1);
        if let Some(kept) = self.coefficients.get_mut(position) {
            *kept = points;
        }
        Ok(())
    }

    fn deal(&mut self, manifest: &Manifest, message: &Message<'_>) -> Result<(), Fault> {
        self.all(|author| author.reveal.is_some())?;
        messages::deal(message.bytes, manifest)?;
        self.author(message.author)?.deal = Some(message.name);
        if self.all(|author| author.deal.is_some()).is_ok() {
            self.key = Some(self.make_key(manifest)?);
        }
        Ok(())
    }

    /// `H_c`, `X_{j,c}` and the key id. KEY-6.
    fn make_key(&self, manifest: &Manifest) -> Result<Key, Fault> {
        let count = u32::try_from(self.authors.len()).unwrap_or(u32::MAX);
        let mut id = Labelled::new("key").with(&manifest.election).with(&self.id).with(&count.to_be_bytes());
        for author in &self.authors {
            let names = [author.commit.map(|(name, _)| name), author.reveal, author.deal];
            id = names.iter().flatten().fold(id, |id, name| id.with(name));
        }
        let columns: Vec<Encoded> = self.sums.iter().filter_map(|sums| sums.first()).map(|h| Encoded::of(*h)).collect();
        let share = |j: u64| self.sums.iter().map(|sums| Encoded::of(at(sums, j))).collect();
        let shares: Vec<Vec<Encoded>> = (1..=u64::from(count)).map(share).collect();
        sound(&columns, &shares, manifest.threshold)?;
        Ok(Key { id: id.done(), session: self.id, columns, shares })
    }

    fn confirm(&mut self, message: &Message<'_>) -> Result<(), Fault> {
        self.all(|author| author.deal.is_some())?;
        let id = messages::confirm(message.bytes)?;
        if self.key.as_ref().map(|key| key.id) != Some(id) {
            self.phase = Phase::Ended;
            return Err(Fault::new("KEY-8", "confirms another key"));
        }
        self.author(message.author)?.confirmed = true;
        if self.all(|author| author.confirmed).is_ok() {
            self.phase = Phase::Confirmed;
        }
        Ok(())
    }

    /// Judges a complaint; whoever is right, the session is over. KEY-9.
    fn complaint(
        &mut self,
        manifest: &Manifest,
        entropy: &Entropy,
        message: &Message<'_>,
        blob: &dyn Fn(&Hash) -> Option<Vec<u8>>,
    ) -> Result<(), Blame> {
        let blame = |author, fault| Blame { author, fault };
        let complainer = message.author;
        self.all(|author| author.deal.is_some()).map_err(|fault| blame(complainer, fault))?;
        let complaint = messages::complaint(message.bytes).map_err(|fault| blame(complainer, fault))?;
        self.phase = Phase::Ended;
        let unfounded = |text: &str| blame(complainer, Fault::new("KEY-9", text));
        let deal = self.author(complaint.dealer).map_err(|_| unfounded("complains about a dealer that does not exist"))?.deal;
        let position = usize::from(complainer).saturating_sub(1);
        let deal = deal.and_then(|name| blob(&name)).ok_or_else(|| unfounded("the deal is not there"))?;
        let shares = messages::deal(&deal, manifest).map_err(|fault| blame(complaint.dealer, fault))?;
        let (Some(share), Some(e)) = (shares.get(position), manifest.share_keys.get(position)) else {
            return Err(unfounded("no such recipient"));
        };
        let mut transcript = Transcript::new("complaint");
        transcript.bytes("election", &manifest.election);
        transcript.bytes("session", &self.id);
        transcript.number("dealer", u64::from(complaint.dealer));
        transcript.number("trustee", u64::from(complainer));
        let equations = complaint.proof.equations(&share.r, &Encoded::of(*e), &complaint.s, transcript);
        if batch::holds(&[equations.to_vec()], &message.name, entropy) != [true] {
            return Err(unfounded("the complaint's own proof does not verify"));
        }
        let info = Info { election: &manifest.election, session: &self.id, dealer: complaint.dealer, recipient: complainer };
        let dealer = usize::from(complaint.dealer).saturating_sub(1);
        let coefficients = self.coefficients.get(dealer).map_or(&[][..], Vec::as_slice);
        if opens(&info, &share.r.bytes, &complaint.s.bytes, share.ciphertext, coefficients) {
            Err(unfounded("complains about a share that is right"))
        } else {
            Err(blame(complaint.dealer, Fault::new("KEY-9", format!("dealt trustee {complainer} a wrong share"))))
        }
    }
}

/// No `H_c` and no `X_{j,c}` is the identity, and no two of them are equal; with `t = 1` every `X_{j,c}` is `H_c`, and only
/// the `H` are compared. KEY-6.
fn sound(columns: &[Encoded], shares: &[Vec<Encoded>], threshold: usize) -> Result<(), Fault> {
    let fault = |text: &str| Err(Fault::new("KEY-6", text));
    if columns.iter().chain(shares.iter().flatten()).any(|point| group::is_identity(&point.point)) {
        return fault("a part of the key is the identity");
    }
    let mut compared: Vec<&Encoded> = columns.iter().collect();
    if threshold > 1 {
        compared.extend(shares.iter().flatten());
    }
    let distinct: HashSet<&Hash> = compared.iter().map(|point| &point.bytes).collect();
    if distinct.len() == compared.len() { Ok(()) } else { fault("two parts of the key are equal") }
}

/// `Σ_d j^d·C_d`.
fn at(coefficients: &[Point], j: u64) -> Point {
    coefficients.iter().rev().fold(Point::identity(), |sum, c| group::times(j, &sum) + c)
}

struct Info<'a> {
    election: &'a Hash,
    session: &'a Hash,
    dealer: u16,
    recipient: u16,
}

/// Does the share open with `S`, to scalars that fit the commitments? KEY-7.
fn opens(info: &Info<'_>, r: &Hash, s: &Hash, ciphertext: &[u8], coefficients: &[Vec<Point>]) -> bool {
    use chacha20poly1305::aead::{Aead, KeyInit};
    let mut text = b"haal/1/share\0".to_vec();
    text.extend(info.election);
    text.extend(info.session);
    text.extend(info.dealer.to_be_bytes());
    text.extend(info.recipient.to_be_bytes());
    text.extend(r);
    let mut key = [0; 32];
    if hkdf::Hkdf::<sha2::Sha256>::new(None, s).expand(&text, &mut key).is_err() {
        return false;
    }
    let cipher = chacha20poly1305::ChaCha20Poly1305::new(&key.into());
    let Ok(opened) = cipher.decrypt(&[0; 12].into(), ciphertext) else { return false };
    let scalars: Vec<Scalar> = opened.as_chunks::<32>().0.iter().filter_map(|bytes| group::scalar(bytes).ok()).collect();
    let fits = |(share, column): (&Scalar, &Vec<Point>)| group::times_g(share) == at(column, u64::from(info.recipient));
    scalars.len() == coefficients.len() && scalars.iter().zip(coefficients).all(fits)
}
