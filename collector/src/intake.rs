//! The way of one ballot. Spec: 07-casting, CAST-1 to CAST-11.
//!
//! ```text
//!   body --CAST-1--> Received --CAST-2..6--> Eligible --CAST-7,8--> Checked --CAST-9--> Sequenced
//!                            `--CAST-3 (stored already)----------------------------------^
//! ```
//!
//! Before CAST-9 comes what the manifest asks for besides (CAST-11; `evidence`).
//!
//! Only [`Checked`] can be sequenced, and only [`Eligible::check`] makes one. Challenged ballots take the same way (CAST-10).

use crate::collector::{Collector, random};
use crate::limits::FREE_BALLOTS;
use crate::phase;
use crate::refusal::Refusal;
use crate::state::State;
use crate::store::{self, BallotRow, Database, EnvelopeRow, EvidenceRow, SessionRow, StoreError, Tx};
use ballot::Hash;
use ballot::ballot::{BallotStyle, HEAD_LEN};
use ballot::encode::{Reader, Record, hash, sha256};
use ballot::manifest::{self, Manifest, StyleItem};
use ballot::second_device::Pad;
use board::entry::{Entry, envelope_hash};
use board::promise::{self, Promise};
use board::replay::ballot_district;
use envelope::{Profile, SignedBy};
use rand_core::UnwrapErr;

/// Bytes of token and pad.
const SECOND_DEVICE: usize = 64;

/// What is done with the ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Cast,
    Challenge,
}

/// A body whose length fits the district that it names (CAST-1).
#[derive(Debug)]
pub struct Received {
    kind: Kind,
    district: usize,
    /// Whose and which ballot: read from fixed places, not trusted yet.
    head: Head,
    body: Vec<u8>,
    /// Where the container, or seed and selections, begin.
    cut: usize,
    second_device: Option<(Hash, Pad)>,
}

/// What the head of a ballot says.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    hash: Hash,
    pub voter: Hash,
    pub number: u32,
    previous: Hash,
}

/// A ballot of the session's voter, in sequence (CAST-2 to CAST-6).
#[derive(Debug)]
pub struct Eligible {
    received: Received,
    session: SessionRow,
    person_code: String,
    pads: Vec<[u8; 32]>,
    /// How many ballots stand under the pseudonym.
    stored: u32,
}

/// A ballot that is right in everything (CAST-7, CAST-8), with the promise that it will be worth once it is stored.
#[derive(Debug)]
pub struct Checked {
    kind: Kind,
    district: usize,
    head: Head,
    early: bool,
    pads: Vec<[u8; 32]>,
    entry: Vec<u8>,
    envelope: Option<(EnvelopeRow, EvidenceRow)>,
    second_device: Option<(Hash, Pad)>,
    promise: Vec<u8>,
    accepted: u64,
}

/// A ballot that is durable (CAST-9). The promise may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequenced {
    pub promise: Vec<u8>,
    /// For the voter's receipt; nothing for a challenged ballot.
    pub salt: Option<[u8; 32]>,
}

/// Where the first checks lead.
#[derive(Debug)]
pub enum Admission {
    Eligible(Box<Eligible>),
    /// The same ballot is stored already (CAST-3).
    Repeated(Sequenced),
}

/// The longest body that any district allows (HTTP-1).
pub fn most_bytes(kind: Kind, manifest: &Manifest) -> usize {
    let districts = 0..manifest.description().districts.len();
    let before = if kind == Kind::Cast { SECOND_DEVICE } else { 0 };
    let most = |district| before + manifest.ballot_len(district) + extra(kind, district, manifest).1;
    districts.map(most).max().unwrap_or(0)
}

/// How few and how many bytes follow the ballot.
fn extra(kind: Kind, district: usize, manifest: &Manifest) -> (usize, usize) {
    match kind {
        Kind::Cast => (1, profile(manifest).longest(manifest.ballot_len(district))),
        Kind::Challenge => {
            let widths = manifest.style(district).iter().filter_map(|&item| manifest.shape(item)).map(|shape| shape.width());
            let opening = 32 + 4 * widths.sum::<usize>();
            (opening, opening)
        }
    }
}

impl Received {
    /// CAST-1.
    pub fn new(kind: Kind, mut body: Vec<u8>, manifest: &Manifest) -> Result<Self, Refusal> {
        let refuse = |status, message| Refusal::new(status, "CAST-1", message);
        let second_device = match kind {
            Kind::Cast => Some(token_and_pad(&mut body).ok_or_else(|| refuse(400, "CAST-1: token and pad are missing"))?),
            Kind::Challenge => None,
        };
        let district = ballot_district(&body).filter(|d| *d < manifest.description().districts.len());
        let district = district.ok_or_else(|| refuse(400, "CAST-1: this is not a ballot of a district"))?;
        let cut = manifest.ballot_len(district);
        let (least, most) = extra(kind, district, manifest);
        let (ballot, rest) = body.split_at_checked(cut).ok_or_else(|| refuse(400, "CAST-1: the ballot is too short for its district"))?;
        if rest.len() < least {
            return Err(refuse(400, "CAST-1: what must follow the ballot is missing"));
        }
        if rest.len() > most {
            return Err(refuse(413, "CAST-1: too much follows the ballot"));
        }
        let head = Head::read(ballot).ok_or_else(|| refuse(400, "CAST-1: this is not a ballot of a district"))?;
        Ok(Self { kind, district, head, body, cut, second_device })
    }

    fn ballot(&self) -> &[u8] {
        self.body.get(..self.cut).unwrap_or_default()
    }

    fn rest(&self) -> &[u8] {
        self.body.get(self.cut..).unwrap_or_default()
    }

    /// CAST-2 to CAST-6, for a live session.
    pub fn admit(self, collector: &Collector, session: SessionRow, now: u64) -> Result<Admission, Refusal> {
        let line = {
            let state = collector.state();
            phase::takes_ballot(state.replay.phases(), session.early, now)?; // CAST-2
            state.replay.roll().and_then(|roll| roll.find(&session.voter))
        };
        let (_, line) = line.ok_or_else(|| Refusal::new(403, "CAST-4", "CAST-4: the session's voter is not on the roll now"))?;
        let own = self.head.voter == session.voter;
        let pads = pads(self.ballot(), self.district, &collector.manifest);
        let looked_up = collector.read("CAST-9", |db| {
            let repeated = if own { repeated(db, self.kind, &self.head)? } else { None };
            let in_order = check_order(db, &self.head, &pads)?;
            Ok((repeated, in_order, store::voter(db, &session.voter)?, store::ballots_count(db, &session.voter)?))
        })?;
        let (repeated, in_order, voter, stored) = looked_up;
        if let Some(sequenced) = repeated {
            return Ok(Admission::Repeated(sequenced)); // CAST-3
        }
        if !own || self.district != usize::from(line.district) {
            return Err(Refusal::new(403, "CAST-4", "CAST-4: the ballot names another voter or district than the session")); // also E10
        }
        in_order?; // CAST-5, CAST-6
        let voter = voter.ok_or_else(|| Refusal::new(403, "CAST-4", "CAST-4: the session's voter has no opening"))?;
        Ok(Admission::Eligible(Box::new(Eligible { received: self, session, person_code: voter.person_code, pads, stored })))
    }
}

/// What stands before a ballot that is cast: token and pad for the second device (16-second-device). They are cut off.
fn token_and_pad(body: &mut Vec<u8>) -> Option<(Hash, Pad)> {
    let mut input = Reader::new(body.get(..SECOND_DEVICE)?);
    let (token, pad) = (input.array().ok()?, Pad(input.array().ok()?));
    body.drain(..SECOND_DEVICE); // what follows moves over them
    Some((token, pad))
}

impl Head {
    pub fn read(ballot: &[u8]) -> Option<Self> {
        let mut head = ballot.get(68..HEAD_LEN).map(Reader::new)?;
        let (voter, number, previous) = (head.array().ok()?, head.u32().ok()?, head.array().ok()?);
        Some(Self { hash: hash("ballot", &[ballot]), voter, number, previous })
    }
}

/// The `A` of every part, at the places where the district's shapes put them. They need not be points yet.
fn pads(ballot: &[u8], district: usize, manifest: &Manifest) -> Vec<[u8; 32]> {
    let mut at = HEAD_LEN;
    let pad = |&item: &StyleItem| {
        let pad = ballot.get(at..at + 32)?.try_into().ok()?;
        at += manifest.shape(item)?.part_len();
        Some(pad)
    };
    manifest.style(district).iter().filter_map(pad).collect()
}

/// CAST-3: the promise that was given for this very ballot. A challenged ballot is not a cast one, nor the other way round.
fn repeated(db: &dyn Database, kind: Kind, head: &Head) -> Result<Option<Sequenced>, StoreError> {
    let Some(row) = store::ballot(db, &head.hash)?.filter(|row| row.challenged == (kind == Kind::Challenge)) else { return Ok(None) };
    let salt = store::envelope(db, &head.hash)?.map(|e| e.salt);
    Ok(Some(Sequenced { promise: row.promise, salt }))
}

/// CAST-4, when the roll has changed between a login and its ballot.
fn moved() -> Refusal {
    Refusal::new(403, "CAST-4", "CAST-4: the roll has changed, and the voter is not in this ballot's district any more; log in again")
}

/// CAST-5 and CAST-6.
fn check_order(db: &dyn Database, head: &Head, pads: &[[u8; 32]]) -> Result<Result<(), Refusal>, StoreError> {
    let (number, previous) = store::last_ballot(db, &head.voter)?;
    if head.number.checked_sub(1) != Some(number) || head.previous != previous {
        return Ok(Err(Refusal::new(
            409,
            "CAST-5",
            format!("CAST-5: the voter's next ballot is number {}, after the last one", u64::from(number) + 1),
        )));
    }
    for a in pads {
        if store::has_pad(db, a)? {
            return Ok(Err(Refusal::new(409, "CAST-6", "CAST-6: an encryption of this ballot was handed in before")));
        }
    }
    Ok(Ok(()))
}

impl Eligible {
    /// CAST-7 and CAST-8: certificates and proofs. Costly, and needs no lock.
    pub fn check(self, collector: &Collector, now: u64) -> Result<Checked, Refusal> {
        let Self { received, session, person_code, pads, stored } = self;
        collector.ballot_pace.step(session.voter, FREE_BALLOTS, stored)?;
        let styles = collector.state().styles.clone();
        let style = styles.as_ref().and_then(|s| s.get(received.district));
        let style = style.ok_or_else(|| Refusal::new(409, "CAST-2", "CAST-2: voting has not begun"))?;
        let (entry, envelope) = match received.kind {
            Kind::Cast => {
                let container = received.rest().to_vec();
                let step = &collector.metrics;
                let signed = step.step("envelope", || check_envelope(collector, received.ballot(), &container, &person_code, now))?;
                step.step("proof", || check_ballot(style, received.ballot()))?;
                let key = check_key(collector, &signed, &session.voter)?;
                let status = step.step("ask", || ask_others(collector, &signed, &container, now))?;
                let salt = random()?;
                let entry = Entry::Ballot { envelope: envelope_hash(&salt, &container), ballot: received.ballot().to_vec() };
                let imprint = collector.evidence.stamps.is_some().then(|| sha256(&entry.to_bytes()));
                (entry, Some((EnvelopeRow { container, salt, accepted: now }, EvidenceRow { key, status, imprint })))
            }
            Kind::Challenge => {
                check_opened(style, &received.body)?;
                (Entry::Challenged { opened: received.body }, None)
            }
        };
        let election = collector.manifest.id();
        let deadline = promise::deadline(now, collector.manifest.description().board.batch_seconds);
        let promise = Promise::new(election, received.head.hash, deadline, &collector.key).to_bytes();
        let Received { kind, district, head, second_device, .. } = Received { body: Vec::new(), ..received };
        Ok(Checked {
            kind,
            district,
            head,
            early: session.early,
            pads,
            entry: entry.to_bytes(),
            envelope,
            second_device,
            promise,
            accepted: now,
        })
    }
}

/// The one container of this election.
fn profile(manifest: &Manifest) -> Profile {
    match manifest.description().eid.profile {
        manifest::Profile::CadesB => Profile::CadesB,
        manifest::Profile::AsicE => Profile::AsicE,
    }
}

/// CAST-7.
fn check_envelope(collector: &Collector, ballot: &[u8], container: &[u8], person_code: &str, now: u64) -> Result<SignedBy, Refusal> {
    let refuse = |e: envelope::EnvelopeError| Refusal::new(403, "CAST-7", format!("CAST-7: {e}"));
    let signed = profile(&collector.manifest).verify(ballot, container).map_err(refuse)?;
    if signed.accept(&collector.evidence.anchors, now).map_err(refuse)? != person_code {
        return Err(Refusal::new(403, "CAST-7", "CAST-7: the ballot is signed by another person than the session's"));
    }
    if let Some(policies) = &collector.evidence.policies {
        signed.certificate().require_policy(policies).map_err(refuse)?; // ENV-39
    }
    Ok(signed)
}

/// CAST-11: a key is one person's. Gives its hash.
fn check_key(collector: &Collector, signed: &SignedBy, voter: &Hash) -> Result<Hash, Refusal> {
    let key = signed.certificate().public_key().map_err(|e| Refusal::new(403, "CAST-7", format!("CAST-7: {e}")))?;
    let key = sha256(&key);
    let owner = collector.read("CAST-11", |db| store::key_owner(db, &key))?;
    if owner.is_some_and(|owner| owner != *voter) { Err(shared_key()) } else { Ok(key) }
}

fn shared_key() -> Refusal {
    Refusal::new(403, "CAST-11", "CAST-11: the ballot is signed with a key that has signed for another person")
}

/// CAST-11: what the manifest asks for; gives the OCSP answer.
fn ask_others(collector: &Collector, signed: &SignedBy, container: &[u8], now: u64) -> Result<Option<Vec<u8>>, Refusal> {
    if let Some(stamps) = &collector.evidence.stamps {
        stamps.require_room(collector, now)?;
    }
    let status = collector.evidence.status.as_ref();
    status.map(|status| status.require(&collector.manifest.id(), signed, container, &collector.evidence.anchors, now)).transpose()
}

/// CAST-8.
fn check_ballot(style: &BallotStyle, bytes: &[u8]) -> Result<(), Refusal> {
    let refuse = |e| Refusal::new(400, "CAST-8", format!("CAST-8: {e}"));
    let ballot = style.decode(bytes).map_err(refuse)?;
    style.verify(&ballot, &mut UnwrapErr(getrandom::SysRng)).map_err(refuse)
}

/// CAST-10.
fn check_opened(style: &BallotStyle, bytes: &[u8]) -> Result<(), Refusal> {
    let refuse = |e| Refusal::new(400, "CAST-10", format!("CAST-10: {e}"));
    let opened = style.decode_opened(bytes).map_err(refuse)?;
    style.check_opened(&opened).map_err(refuse)
}

impl Checked {
    /// CAST-9, within the writer's transaction: what may have changed since is checked again, then all is stored.
    ///
    /// An error of the store undoes the whole transaction; a refusal has stored nothing of this ballot. False beside the result
    /// says that the ballot was stored before.
    pub fn sequence(self, tx: &Tx<'_>, state: &State) -> Result<Result<(Sequenced, bool), Refusal>, StoreError> {
        if let Some(sequenced) = repeated(&**tx, self.kind, &self.head)? {
            return Ok(Ok((sequenced, false)));
        }
        if let Err(refusal) = phase::takes_ballot(state.replay.phases(), self.early, self.accepted) {
            return Ok(Err(refusal));
        }
        if state
            .replay
            .roll()
            .and_then(|roll| roll.find(&self.head.voter))
            .is_none_or(|(_, line)| usize::from(line.district) != self.district)
        {
            return Ok(Err(moved())); // CAST-4 again: the roll may have changed since
        }
        if let Err(refusal) = check_order(&**tx, &self.head, &self.pads)? {
            return Ok(Err(refusal));
        }
        if let Some((_, evidence)) = &self.envelope
            && store::key_owner(&**tx, &evidence.key)?.is_some_and(|owner| owner != self.head.voter)
        {
            return Ok(Err(shared_key()));
        }
        let Head { hash, voter, number, .. } = self.head;
        let challenged = self.kind == Kind::Challenge;
        let row = BallotRow { hash, voter, number, challenged, promise: self.promise, position: None };
        store::insert_ballot(tx, &row, &self.pads, &self.entry, self.accepted)?;
        if let Some((envelope, evidence)) = &self.envelope {
            store::insert_envelope(tx, &hash, envelope)?;
            store::insert_evidence(tx, &hash, &voter, evidence, self.accepted)?;
        }
        if let Some((token, pad)) = &self.second_device {
            store::insert_pad(tx, token, pad, &hash)?; // CHECK-5
        }
        Ok(Ok((Sequenced { promise: row.promise, salt: self.envelope.map(|(e, _)| e.salt) }, true)))
    }
}

/// A session's secret: the voter has it, the database its hash.
pub struct Token([u8; 32]);

impl Token {
    pub fn new() -> Result<Self, Refusal> {
        random().map(Self)
    }

    /// From `Authorization: Bearer <hex>`.
    pub fn parse(header: Option<&str>) -> Option<Self> {
        ballot::encode::parse_hash(header?.strip_prefix("Bearer ")?).map(Self)
    }

    pub fn reveal(&self) -> String {
        hex::encode(self.0)
    }

    pub fn hash(&self) -> Hash {
        sha256(&self.0)
    }

    /// The live session of this token.
    pub fn session(&self, collector: &Collector, now: u64) -> Result<SessionRow, Refusal> {
        let row = collector.read("CAST-2", |db| store::session(db, &self.hash()))?;
        row.filter(|s| now < s.ends).ok_or_else(no_session)
    }
}

/// CAST-2, without a session.
pub fn no_session() -> Refusal {
    Refusal::new(401, "CAST-2", "CAST-2: no live session; log in again")
}
