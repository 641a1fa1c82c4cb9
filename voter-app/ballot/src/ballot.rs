//! The encrypted record of one voter. Spec: 06-ballot.

use crate::batch::{Batch, Weights};
use crate::elgamal::{Ciphertext, ElectionKey};
use crate::encode::{DecodeError, Point, Reader, hash};
use crate::manifest::{Manifest, StyleItem};
use crate::proof::{self, BallotProof, Nonces, Statement};
use crate::shape::{Selection, SelectionError, Shape};
use crate::transcript::Transcript;
use crate::{Hash, RistrettoPoint};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use rand_core::CryptoRng;
use std::cmp::Ordering;
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes before the parts.
pub const HEAD_LEN: usize = 2 + 32 + 32 + 2 + 32 + 4 + 32;
const TYPE: u8 = 16;

/// Which ballot of which voter: what a ballot's proofs are bound to, beside election, key and district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Voter reference: the pseudonym.
    pub voter: Hash,
    /// 1 for the first ballot.
    pub number: u32,
    /// Hash of the ballot before; zeros for the first.
    pub previous: Hash,
}

/// One contest of a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The encrypted integers.
    pub ciphertext: Ciphertext,
    /// That they are a selection.
    pub proof: BallotProof,
}

/// A decoded ballot. Its proofs have not been verified unless [`BallotStyle::verify`] said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    context: Context,
    district: usize,
    parts: Vec<Part>,
    bytes: Vec<u8>,
    hash: Hash,
}

impl Ballot {
    /// Voter, number, previous.
    pub fn context(&self) -> &Context {
        &self.context
    }
    /// Position of the district.
    pub fn district(&self) -> usize {
        self.district
    }
    /// One part for each contest of the district.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
    /// The record.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// `H("ballot", bytes)`
    pub fn hash(&self) -> Hash {
        self.hash
    }
    /// The `A` of every part, which may never be seen again (BAL-6).
    pub fn pads(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.parts.iter().map(|p| p.ciphertext.pad.bytes())
    }
}

/// Why a ballot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum BallotError {
    #[error("BAL-1: the ballot has {given} bytes, not {expected}")]
    Length { given: usize, expected: usize },
    #[error("BAL-2: the ballot belongs to another election, key or district")]
    Election,
    #[error("BAL-3: the running number and the previous ballot do not fit")]
    Number,
    #[error("BAL-4: {0}")]
    Decode(#[from] DecodeError),
    #[error("BAL-5: contest {contest} of the ballot: its proof does not verify")]
    Proof { contest: usize },
    #[error("BAL-6: an encryption is repeated in the ballot")]
    Repeated,
    #[error("{0} (an opened ballot has the length of its district)")]
    OpenedLength(DecodeError),
    #[error("CHAL-1: the ballot is not what its seed and selections give")]
    Opened,
}

impl BallotError {
    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Length { .. } => "BAL-1",
            Self::Election => "BAL-2",
            Self::Number => "BAL-3",
            Self::Decode(_) => "BAL-4",
            Self::Proof { .. } => "BAL-5",
            Self::Repeated => "BAL-6",
            Self::OpenedLength(e) => e.rule(),
            Self::Opened => "CHAL-1",
        }
    }
}

/// 32 secret bytes from which, with context and selections, a whole ballot follows (BAL-7).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed(pub [u8; 32]);

impl core::fmt::Debug for Seed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(<redacted>)")
    }
}

impl Seed {
    /// Hashes fresh entropy with a secret of the installation and the context, so that neither a weak generator nor a
    /// cloned machine alone repeats a seed (D13).
    pub fn new(rng: &mut (impl CryptoRng + ?Sized), installation: &[u8; 32], election: &Hash, context: &Context) -> Self {
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill_bytes(fresh.as_mut());
        Self(hash("seed", &[fresh.as_ref(), installation, election, &context.voter, &context.number.to_be_bytes(), &context.previous]))
    }
}

#[derive(Clone, Debug)]
struct PartStyle {
    item: StyleItem,
    shape: Shape,
    /// Transcript with everything but the voter absorbed.
    prefix: Transcript,
}

/// How ballots of one district are made, read and verified under one election key.
#[derive(Clone, Debug)]
pub struct BallotStyle {
    election: Hash,
    key: Arc<ElectionKey>,
    bases: Arc<Vec<RistrettoPoint>>,
    district: usize,
    len: usize,
    parts: Vec<PartStyle>,
}

impl BallotStyle {
    /// The styles of all districts, in manifest order. Nothing if the key has another number of columns than the manifest asks.
    pub fn all(manifest: &Manifest, key: &ElectionKey) -> Option<Vec<Self>> {
        if key.columns().len() != manifest.columns() {
            return None;
        }
        let districts = 0..manifest.description().districts.len();
        let items = districts.clone().flat_map(|d| manifest.style(d)).filter_map(|&i| manifest.shape(i));
        let bases = Arc::new(proof::bases(items.map(|s| s.bits().len()).max().unwrap_or(0)));
        let key = Arc::new(key.clone());
        districts.map(|d| Self::new(manifest, &key, &bases, d)).collect()
    }

    fn new(manifest: &Manifest, key: &Arc<ElectionKey>, bases: &Arc<Vec<RistrettoPoint>>, district: usize) -> Option<Self> {
        let id = &manifest.description().districts.get(district)?.id;
        let mut parts = Vec::new();
        for &item in manifest.style(district) {
            let (contest, _) = manifest.contest(item)?;
            let shape = manifest.shape(item)?.clone();
            let mut prefix = Transcript::new("ballot");
            prefix.append("election", &manifest.id());
            prefix.append("key", &key.id());
            prefix.append("contest", contest.id.as_bytes());
            prefix.append("district", id.as_bytes());
            prefix.append("shape", shape.encoding());
            prefix.append_points("H", key.first(shape.width()));
            parts.push(PartStyle { item, shape, prefix });
        }
        let len = manifest.ballot_len(district);
        Some(Self { election: manifest.id(), key: key.clone(), bases: bases.clone(), district, len, parts })
    }

    /// Election id.
    pub fn election(&self) -> Hash {
        self.election
    }
    /// Position of the district.
    pub fn district(&self) -> usize {
        self.district
    }
    /// Bytes of a ballot.
    pub fn ballot_len(&self) -> usize {
        self.len
    }
    /// The contests in order.
    pub fn items(&self) -> impl Iterator<Item = StyleItem> {
        self.parts.iter().map(|p| p.item)
    }
    /// Their shapes.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.parts.iter().map(|p| &p.shape)
    }
    /// `H_1..H_W` of the election.
    pub fn key(&self) -> &ElectionKey {
        &self.key
    }
    /// `P_0..` for every shape of the election.
    pub fn bases(&self) -> &[RistrettoPoint] {
        &self.bases
    }

    fn transcript(&self, part: &PartStyle, context: &Context) -> Transcript {
        let mut t = part.prefix.clone();
        t.append("voter", &context.voter);
        t.append_u64("number", context.number.into());
        t.append("previous", &context.previous);
        t
    }

    /// Makes a ballot: a pure function of context, selections and seed (06-ballot).
    pub fn encrypt(&self, context: &Context, selections: &[Selection], seed: &Seed) -> Result<Ballot, SelectionError> {
        if selections.len() != self.parts.len() {
            return Err(SelectionError);
        }
        let parts = self
            .parts
            .iter()
            .zip(selections)
            .map(|(part, selection)| self.encrypt_part(part, context, selection, seed))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.assemble(*context, parts))
    }

    fn encrypt_part(&self, style: &PartStyle, context: &Context, selection: &Selection, seed: &Seed) -> Result<Part, SelectionError> {
        let bits = Zeroizing::new(style.shape.bits_of(selection)?);
        let mut t = self.transcript(style, context);
        let mut private = t.clone();
        private.append("seed", &seed.0);
        private.append("bits", &bits);
        let nonces = Nonces::draw(&mut private, &style.shape);
        let h = self.key.first(style.shape.width());
        let pad = Point::from_point(RistrettoPoint::mul_base(&nonces.r)).ok_or(SelectionError)?;
        let column = |(h, m): (&Point, &u32)| Point::from_point(small_multiple(*m, style.shape.largest()) + nonces.r * h.point());
        let columns = h.iter().zip(&selection.0).map(column).collect::<Option<Vec<_>>>().ok_or(SelectionError)?;
        let statement = Statement { shape: &style.shape, h, p: &self.bases, a: &pad, b: &columns };
        let proof = statement.prove(&bits, &nonces, &mut t).ok_or(SelectionError)?;
        Ok(Part { ciphertext: Ciphertext { pad, columns }, proof })
    }

    /// Joins parts into a record. The parts must follow this style.
    pub fn assemble(&self, context: Context, parts: Vec<Part>) -> Ballot {
        let mut bytes = Vec::with_capacity(self.len);
        bytes.extend([TYPE, 1]);
        bytes.extend(self.election);
        bytes.extend(self.key.id());
        bytes.extend((self.district as u16).to_be_bytes());
        bytes.extend(context.voter);
        bytes.extend(context.number.to_be_bytes());
        bytes.extend(context.previous);
        for part in &parts {
            bytes.extend(part.ciphertext.row());
            part.proof.encode(&mut bytes);
        }
        let hash = hash("ballot", &[&bytes]);
        Ballot { context, district: self.district, parts, bytes, hash }
    }

    /// Reads a ballot of this district: BAL-1 to BAL-4, and that no `A` repeats within it. Proofs are not verified yet.
    pub fn decode(&self, bytes: &[u8]) -> Result<Ballot, BallotError> {
        if bytes.len() != self.len {
            return Err(BallotError::Length { given: bytes.len(), expected: self.len });
        }
        let mut input = Reader::new(bytes);
        input.head(TYPE)?;
        let fits = input.array()? == self.election && input.array()? == self.key.id() && usize::from(input.u16()?) == self.district;
        if !fits {
            return Err(BallotError::Election);
        }
        let context = Context { voter: input.array()?, number: input.u32()?, previous: input.array()? };
        if context.number < 1 || (context.number == 1) != (context.previous == [0; 32]) {
            return Err(BallotError::Number);
        }
        let mut parts: Vec<Part> = Vec::with_capacity(self.parts.len());
        for style in &self.parts {
            let ciphertext = Ciphertext { pad: input.point()?, columns: input.points(style.shape.width())? };
            if parts.iter().any(|p| p.ciphertext.pad == ciphertext.pad) {
                return Err(BallotError::Repeated);
            }
            parts.push(Part { ciphertext, proof: BallotProof::decode(&mut input, style.shape.bits().len())? });
        }
        input.end()?;
        Ok(Ballot { context, district: self.district, parts, bytes: bytes.to_vec(), hash: hash("ballot", &[bytes]) })
    }

    /// Adds the equations of all parts to a batch; BIT-8 is checked at once.
    pub fn add_to(&self, ballot: &Ballot, batch: &mut Batch, weights: &mut Weights) -> Result<(), BallotError> {
        if ballot.parts.len() != self.parts.len() || ballot.district != self.district {
            return Err(BallotError::Election);
        }
        for (contest, (style, part)) in self.parts.iter().zip(&ballot.parts).enumerate() {
            let Ciphertext { pad, columns } = &part.ciphertext;
            let statement = Statement { shape: &style.shape, h: self.key.first(style.shape.width()), p: &self.bases, a: pad, b: columns };
            let mut t = self.transcript(style, &ballot.context);
            statement.add_to(&part.proof, &mut t, batch, weights).map_err(|_| BallotError::Proof { contest })?;
        }
        Ok(())
    }

    /// Verifies all proofs of one ballot (BAL-5), and says which contest fails.
    pub fn verify(&self, ballot: &Ballot, rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), BallotError> {
        let mut weights = Weights::new(&ballot.hash, rng);
        let mut batch = Batch::default();
        self.add_to(ballot, &mut batch, &mut weights)?;
        if batch.holds(self.key.columns(), &self.bases) {
            return Ok(());
        }
        for (contest, (style, part)) in self.parts.iter().zip(&ballot.parts).enumerate() {
            let mut one = Batch::default();
            let Ciphertext { pad, columns } = &part.ciphertext;
            let statement = Statement { shape: &style.shape, h: self.key.first(style.shape.width()), p: &self.bases, a: pad, b: columns };
            let sound = statement.add_to(&part.proof, &mut self.transcript(style, &ballot.context), &mut one, &mut weights);
            if sound.is_err() || !one.holds(self.key.columns(), &self.bases) {
                return Err(BallotError::Proof { contest });
            }
        }
        Err(BallotError::Proof { contest: 0 })
    }

    /// Checks an opened ballot: it must be byte for byte what its context, selections and seed give (CHAL-1).
    pub fn check_opened(&self, opened: &OpenedBallot) -> Result<(), BallotError> {
        let again = self.encrypt(&opened.ballot.context, &opened.selections, &opened.seed).map_err(|_| BallotError::Opened)?;
        if again.bytes == opened.ballot.bytes { Ok(()) } else { Err(BallotError::Opened) }
    }

    /// Reads an opened ballot; [`check_opened`](Self::check_opened) is a step of its own.
    pub fn decode_opened(&self, bytes: &[u8]) -> Result<OpenedBallot, BallotError> {
        let widths: usize = self.parts.iter().map(|p| p.shape.width()).sum();
        let (ballot, rest) = match bytes.len().cmp(&(self.len + 32 + 4 * widths)) {
            Ordering::Less => return Err(BallotError::OpenedLength(DecodeError::Short)),
            Ordering::Equal => bytes.split_at_checked(self.len).ok_or(DecodeError::Short)?,
            Ordering::Greater => return Err(BallotError::OpenedLength(DecodeError::Trailing)),
        };
        let ballot = self.decode(ballot)?;
        let mut input = Reader::new(rest);
        let seed = Seed(input.array()?);
        let selection = |p: &PartStyle| Ok(Selection(input.many(p.shape.width(), 4, Reader::u32)?));
        let selections = self.parts.iter().map(selection).collect::<Result<_, DecodeError>>()?;
        Ok(OpenedBallot { ballot, seed, selections })
    }
}

/// `m·G` for a secret `m ≤ most`, in time that depends on `most` alone.
fn small_multiple(m: u32, most: u64) -> RistrettoPoint {
    let nothing = RistrettoPoint::default();
    (0..=most.max(1).ilog2()).rev().fold(nothing, |sum, i| {
        sum + sum + RistrettoPoint::conditional_select(&nothing, &RISTRETTO_BASEPOINT_POINT, Choice::from((m >> i) as u8 & 1))
    })
}

/// A challenged ballot with what it was made from. Published; it can never be cast.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct OpenedBallot {
    pub ballot: Ballot,
    pub seed: Seed,
    pub selections: Vec<Selection>,
}

impl OpenedBallot {
    /// The wire form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.ballot.bytes.clone();
        out.extend(self.seed.0);
        self.selections.iter().flat_map(|s| &s.0).for_each(|m| out.extend(m.to_be_bytes()));
        out
    }
}
