//! Sessions as the log shows them: who has posted what, which key is confirmed, who answered a drill. Spec: 05-key-ceremony.

use super::messages::{Commit, Complaint, Confirm, Deal, DrillAnswer, Head, Reveal};
use crate::Hash;
use crate::post::PostKind;
use ballot::elgamal::ElectionKey;
use ballot::encode::{DecodeError, Point, Reader, Record, hash, hash_to_group, sha256};
use ballot::manifest::Manifest;
use ballot::proof::{equality, knowledge};
use ballot::{RistrettoPoint, Scalar, Transcript};
use std::collections::{BTreeMap, HashSet};

/// Why a message of a trustee does not count. Its author is named by the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CeremonyError {
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("KEY-1: the message is not for the present session, round or author")]
    Round,
    #[error("KEY-1: a second message of this kind")]
    Repeated,
    #[error("KEY-2: other numbers of trustees, threshold or columns")]
    Numbers,
    #[error("KEY-4: not exactly W·t commitments")]
    Coefficients,
    #[error("KEY-3: it is not what was committed to")]
    Commitment,
    #[error("KEY-5: the proof of knowledge for column {column}, degree {degree} does not verify")]
    Knowledge { column: usize, degree: usize },
    #[error("KEY-6: a part of the key is the identity, or occurs twice")]
    Degenerate,
    #[error("KEY-8: another key id was confirmed")]
    OtherKey,
    #[error("DRILL-1: the answer for column {column} does not verify")]
    Drill { column: usize },
}

impl CeremonyError {
    /// KEY-11: true if the session ends by it; any other fault is reported, and the message ignored.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::OtherKey | Self::Degenerate)
    }

    /// The rule's ID.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(e) => e.rule(),
            Self::Round | Self::Repeated => "KEY-1",
            Self::Coefficients => "KEY-4",
            Self::Numbers => "KEY-2",
            Self::Commitment => "KEY-3",
            Self::Knowledge { .. } => "KEY-5",
            Self::Degenerate => "KEY-6",
            Self::OtherKey => "KEY-8",
            Self::Drill { .. } => "DRILL-1",
        }
    }
}

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SessionState {
    Running,
    Confirmed,
    Ended,
}

/// The joint public key with every trustee's part, all computed from the commitments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// The session that made it.
    pub session: Hash,
    /// `H_1..H_W` and the key id.
    pub key: ElectionKey,
    /// `X_{j,c}`: trustees from index 0, columns from index 0.
    pub shares: Vec<Vec<Point>>,
}

/// One session.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Session {
    pub id: Hash,
    pub state: SessionState,
    pub commits: BTreeMap<u16, (Commit, Vec<u8>)>,
    pub reveals: BTreeMap<u16, (Reveal, Vec<u8>)>,
    pub deals: BTreeMap<u16, (Deal, Vec<u8>)>,
    pub confirms: BTreeMap<u16, Confirm>,
    pub complaints: Vec<Complaint>,
    pub keys: Option<KeySet>,
}

/// One drill with the answers that are right.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Drill {
    pub number: u32,
    pub nonce: Hash,
    pub key: Hash,
    pub point: Point,
    pub right: BTreeMap<u16, Vec<Point>>,
    answered: HashSet<u16>,
}

/// Who answered a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DrillState {
    pub right: Vec<u16>,
    pub missing: Vec<u16>,
}

/// All sessions and drills of one election.
#[derive(Clone, Debug)]
pub struct Ceremony {
    election: Hash,
    n: usize,
    t: usize,
    columns: usize,
    sessions: Vec<Session>,
    drills: Vec<Drill>,
}

/// The context of one POK (02-encoding, `knowledge`).
pub fn knowledge_transcript(election: &Hash, session: &Hash, trustee: u16, column: usize, degree: usize) -> Transcript {
    let mut t = Transcript::new("knowledge");
    t.append("election", election);
    t.append("session", session);
    t.append_u64("trustee", trustee.into());
    t.append_u64("column", column as u64);
    t.append_u64("degree", degree as u64);
    t
}

/// The context of one answer to a drill (02-encoding, `drill`).
pub fn drill_transcript(election: &Hash, key: &Hash, drill: u32, trustee: u16, column: usize) -> Transcript {
    let mut t = Transcript::new("drill");
    t.append("election", election);
    t.append("key", key);
    t.append_u64("drill", drill.into());
    t.append_u64("trustee", trustee.into());
    t.append_u64("column", column as u64);
    t
}

/// The drill's point, which everyone derives.
pub fn drill_point(election: &Hash, key: &Hash, number: u32, nonce: &Hash) -> Option<Point> {
    Point::from_point(hash_to_group("drill", &[election, key, &number.to_be_bytes(), nonce]))
}

/// What the manifest fixes about every message.
#[derive(Clone, Copy)]
struct Sizes {
    n: usize,
    t: usize,
    columns: usize,
}

/// A reveal of `count` coefficients; another number is KEY-4, whatever the bytes are.
fn read_reveal(blob: &[u8], count: usize) -> Result<Reveal, CeremonyError> {
    let mut input = Reader::new(blob);
    input.head(33)?;
    input.bytes(34 + 32)?; // session, author, salt
    if input.left() != count * 96 {
        return Err(CeremonyError::Coefficients);
    }
    Ok(Reveal::from_bytes(blob, count)?)
}

impl Ceremony {
    /// Before the first session.
    pub fn new(manifest: &Manifest) -> Self {
        let (n, t) = manifest.trustees();
        Self { election: manifest.id(), n, t, columns: manifest.columns(), sessions: Vec::new(), drills: Vec::new() }
    }

    /// All sessions in order; the last one may be running.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The key of the last confirmed session (KEY-10).
    pub fn confirmed(&self) -> Option<&KeySet> {
        self.sessions.iter().rev().find(|s| s.state == SessionState::Confirmed)?.keys.as_ref()
    }

    /// All drills.
    pub fn drills(&self) -> &[Drill] {
        &self.drills
    }

    /// Who answered the last drill rightly.
    pub fn last_drill(&self) -> Option<DrillState> {
        let drill = self.drills.last()?;
        let (right, missing) = (1..=self.n as u16).partition(|j| drill.right.contains_key(j));
        Some(DrillState { right, missing })
    }

    /// The id of the confirmed key, if some drill with it was answered rightly by all trustees (PHASE-2).
    pub fn ready_key(&self) -> Option<Hash> {
        let id = self.confirmed()?.key.id();
        self.drills.iter().any(|d| d.key == id && d.right.len() == self.n).then_some(id)
    }

    /// An order *ceremony*: ends an unfinished session and begins another.
    pub fn start(&mut self, session: Hash) {
        if let Some(last) = self.sessions.last_mut().filter(|s| s.state == SessionState::Running) {
            last.state = SessionState::Ended;
        }
        self.sessions.push(Session {
            id: session,
            state: SessionState::Running,
            commits: BTreeMap::new(),
            reveals: BTreeMap::new(),
            deals: BTreeMap::new(),
            confirms: BTreeMap::new(),
            complaints: Vec::new(),
            keys: None,
        });
    }

    /// An order *drill*. Without a confirmed key it asks for nothing.
    pub fn start_drill(&mut self, number: u32, nonce: Hash) {
        let Some(key) = self.confirmed().map(|k| k.key.id()) else { return };
        if let Some(point) = drill_point(&self.election, &key, number, &nonce) {
            self.drills.push(Drill { number, nonce, key, point, right: BTreeMap::new(), answered: HashSet::new() });
        }
    }

    /// A post of a trustee. An error means that the message does not count; it is a finding against its author.
    pub fn post(&mut self, kind: PostKind, author: u16, blob: &[u8]) -> Result<(), CeremonyError> {
        if kind == PostKind::Drill {
            return self.drill_answer(author, blob);
        }
        let sizes = Sizes { n: self.n, t: self.t, columns: self.columns };
        let session = self.sessions.last_mut().ok_or(CeremonyError::Round)?;
        let result = session.post(kind, author, blob, sizes, &self.election);
        if result.map_or_else(|error| error.ends_session(), |()| kind == PostKind::Complaint) {
            session.state = SessionState::Ended;
        }
        result
    }

    fn drill_answer(&mut self, author: u16, blob: &[u8]) -> Result<(), CeremonyError> {
        Head::peek(blob)?;
        let answer = DrillAnswer::from_bytes(blob, self.columns)?;
        let drill = self.drills.iter_mut().find(|d| d.number == answer.number).ok_or(CeremonyError::Round)?;
        let keys = self.sessions.iter().filter_map(|s| s.keys.as_ref()).find(|k| k.key.id() == drill.key).ok_or(CeremonyError::Round)?;
        let shares = keys.shares.get(usize::from(author).wrapping_sub(1)).ok_or(CeremonyError::Round)?;
        if answer.head != (Head { session: keys.session, trustee: author }) {
            return Err(CeremonyError::Round);
        }
        if !drill.answered.insert(author) {
            return Err(CeremonyError::Repeated);
        }
        for (c, ((y, proof), x)) in answer.answers.iter().zip(shares).enumerate() {
            let statement = equality::Statement { d: &drill.point, x_g: x, x_d: y };
            let transcript = drill_transcript(&self.election, &drill.key, drill.number, author, c + 1);
            statement.verify(proof, transcript).map_err(|_| CeremonyError::Drill { column: c + 1 })?;
        }
        drill.right.insert(author, answer.answers.iter().map(|(y, _)| *y).collect());
        Ok(())
    }
}

impl Session {
    /// In the order that KEY-11 fixes: whose and when it is, what was committed to, what it says.
    fn post(&mut self, kind: PostKind, author: u16, blob: &[u8], sizes: Sizes, election: &Hash) -> Result<(), CeremonyError> {
        let Sizes { n, t, columns } = sizes;
        let mine = Head::peek(blob)? == Head { session: self.id, trustee: author };
        if !mine || self.state != SessionState::Running {
            return Err(CeremonyError::Round);
        }
        let seen = match kind {
            PostKind::Commit => self.commits.contains_key(&author),
            PostKind::Reveal => self.reveals.contains_key(&author),
            PostKind::Deal => self.deals.contains_key(&author),
            PostKind::Confirm => self.confirms.contains_key(&author),
            _ => false,
        };
        if seen {
            return Err(CeremonyError::Repeated);
        }
        let before = match kind {
            PostKind::Commit => n,
            PostKind::Reveal => self.commits.len(),
            PostKind::Deal => self.reveals.len(),
            PostKind::Confirm | PostKind::Complaint => self.deals.len(),
            _ => 0,
        };
        if before != n {
            return Err(CeremonyError::Round);
        }
        match kind {
            PostKind::Commit => {
                let commit = Commit::from_bytes(blob)?;
                if [commit.n, commit.t, commit.columns].map(usize::from) != [n, t, columns] {
                    return Err(CeremonyError::Numbers);
                }
                self.commits.insert(author, (commit, blob.to_vec()));
            }
            PostKind::Reveal => {
                if self.commits.get(&author).is_none_or(|(c, _)| c.hash != hash("reveal", &[blob])) {
                    return Err(CeremonyError::Commitment);
                }
                let reveal = read_reveal(blob, columns * t)?;
                for (at, (point, proof)) in reveal.coefficients.iter().enumerate() {
                    let (column, degree) = (at / t + 1, at % t);
                    let transcript = knowledge_transcript(election, &self.id, author, column, degree);
                    knowledge::verify(point, proof, transcript).map_err(|_| CeremonyError::Knowledge { column, degree })?;
                }
                self.reveals.insert(author, (reveal, blob.to_vec()));
            }
            PostKind::Deal => {
                self.deals.insert(author, (Deal::from_bytes(blob, n, columns)?, blob.to_vec()));
                if self.deals.len() == n {
                    self.keys = Some(self.compute_keys(n, t, columns, election)?);
                }
            }
            PostKind::Confirm => {
                let confirm = Confirm::from_bytes(blob)?;
                if self.keys.as_ref().is_none_or(|k| k.key.id() != confirm.key) {
                    return Err(CeremonyError::OtherKey);
                }
                self.confirms.insert(author, confirm);
                if self.confirms.len() == n {
                    self.state = SessionState::Confirmed;
                }
            }
            PostKind::Complaint => self.complaints.push(Complaint::from_bytes(blob)?),
            PostKind::Drill | PostKind::Mix | PostKind::Intent | PostKind::Opening => return Err(CeremonyError::Round),
        }
        Ok(())
    }

    /// The key id of the session's messages: `H("key", …)`.
    fn key_id(&self, election: &Hash) -> Hash {
        let mut data = Vec::new();
        data.extend(election);
        data.extend(self.id);
        data.extend((self.commits.len() as u32).to_be_bytes());
        for ((_, commit), ((_, reveal), (_, deal))) in self.commits.values().zip(self.reveals.values().zip(self.deals.values())) {
            [commit, reveal, deal].into_iter().for_each(|m| data.extend(sha256(m)));
        }
        hash("key", &[&data])
    }

    fn compute_keys(&self, n: usize, t: usize, columns: usize, election: &Hash) -> Result<KeySet, CeremonyError> {
        // sums[c][d] = Σ_i C_{i,c,d}
        let mut sums = vec![vec![RistrettoPoint::default(); t]; columns];
        for (reveal, _) in self.reveals.values() {
            for (row, points) in sums.iter_mut().zip(reveal.coefficients.chunks(t.max(1))) {
                for (sum, (point, _)) in row.iter_mut().zip(points) {
                    *sum += point.point();
                }
            }
        }
        let at =
            |row: &[RistrettoPoint], j: usize| row.iter().rev().fold(RistrettoPoint::default(), |acc, c| acc * Scalar::from(j as u64) + c);
        let point = |p: RistrettoPoint| Point::from_point(p).ok_or(CeremonyError::Degenerate);
        let key = sums.iter().map(|row| point(at(row, 0))).collect::<Result<Vec<_>, _>>()?;
        let shares = (1..=n).map(|j| sums.iter().map(|row| point(at(row, j))).collect()).collect::<Result<Vec<Vec<_>>, _>>()?;
        let mut seen = HashSet::new();
        let compared = if t == 1 { &[][..] } else { &shares }; // with t = 1 every share is the key (KEY-6)
        if !key.iter().chain(compared.iter().flatten()).all(|p| seen.insert(*p.bytes())) {
            return Err(CeremonyError::Degenerate);
        }
        Ok(KeySet { session: self.id, key: ElectionKey::new(self.key_id(election), key), shares })
    }
}
