//! From a cast ballot to a recorded one. Spec: 07-casting, VOTER-4 and VOTER-5.
//!
//! ```text
//!   CastBallot --sign--> SignedBallot --send--> PromisedBallot --receipt--> RecordedBallot
//!                             |                       `--deadline passed, or a receipt that does not hold--> complaint file
//!                             `-- kept on disk: the same bytes are sent again until the collector answers
//! ```

use crate::client::{CastReply, Collector, ReceiptReply};
use crate::complaint::{self, GRACE};
use crate::election::Election;
use crate::failure::{Failure, Kind};
use crate::memory::Memory;
use crate::session::Session;
use crate::view;
use ballot::encode::{Record, hash};
use ballot::manifest::{Hex32, Manifest};
use ballot::voter::{CastBallot, ChallengedBallot};
use ballot::{Hash, Reader};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::checkpoint::Checkpoint;
use board::entry::envelope_hash;
use board::{Entry, Promise, Source, tree};
use serde::{Deserialize, Serialize};
use std::thread::sleep;
use std::time::Duration;
use zeroize::Zeroizing;

/// Signed by the eID. From here on only these bytes are ever sent.
#[derive(Debug)]
pub struct SignedBallot {
    ballot: Vec<u8>,
    hash: Hash,
    container: Vec<u8>,
}

/// The collector has given its word that this is, or will be, a leaf of the log.
#[derive(Clone, Debug)]
pub struct PromisedBallot {
    /// The ballot hash.
    pub hash: Hash,
    /// The leaf hash of its entry.
    pub leaf: Hash,
    /// The collector's word.
    pub promise: Promise,
}

/// In the log, under a checkpoint with a quorum of cosignatures.
#[derive(Clone, Debug)]
pub struct RecordedBallot {
    /// Its entry's index.
    pub index: u64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
}

impl SignedBallot {
    /// Has the eID sign the ballot, whole.
    pub fn sign(cast: CastBallot, session: &Session<'_>) -> Result<Self, Failure> {
        let container = session.sign(cast.ballot().bytes())?;
        Ok(Self::from_parts(&cast, container))
    }

    /// Joins a ballot and its container.
    pub fn from_parts(cast: &CastBallot, container: Vec<u8>) -> Self {
        Self { container, ballot: cast.ballot().bytes().to_vec(), hash: cast.ballot().hash() }
    }

    /// Sends it. After a cut line the same bytes are sent again, which leads to the same promise and never to a second ballot (CAST-3).
    ///
    /// `second_device` are token and pad (16-second-device). Gives the salt of the envelope hash too.
    pub fn send(
        &self,
        session: &mut Session<'_>,
        election: &Election,
        second_device: &[u8; 64],
    ) -> Result<(PromisedBallot, Hex32), Failure> {
        let body = Zeroizing::new([second_device, self.ballot.as_slice(), &self.container].concat());
        let reply = session.cast(&body)?;
        let promise = accept_promise(election, &self.hash, &reply)?;
        let salt = reply.salt.ok_or_else(|| Failure::new("VOTER-5: the collector's answer has no salt"))?;
        let entry = Entry::Ballot { envelope: envelope_hash(&salt.0, &self.container), ballot: self.ballot.clone() };
        Ok((PromisedBallot { hash: self.hash, leaf: tree::leaf_hash(&entry.to_bytes()), promise }, salt))
    }
}

/// Hands in an opened ballot to be published (CAST-10).
pub fn publish(opened: &ChallengedBallot, session: &mut Session<'_>, election: &Election) -> Result<PromisedBallot, Failure> {
    let (hash, opened) = (opened.opened().ballot.hash(), opened.opened().to_bytes());
    let reply = session.challenge(&opened)?;
    let promise = accept_promise(election, &hash, &reply)?;
    Ok(PromisedBallot { hash, leaf: tree::leaf_hash(&Entry::Challenged { opened }.to_bytes()), promise })
}

/// VOTER-4: the promise is for this ballot, signed by this collector, and not further away than the rule.
pub fn accept_promise(election: &Election, ballot: &Hash, reply: &CastReply) -> Result<Promise, Failure> {
    let refuse = |what: &str| {
        Failure::new(format!("VOTER-4: {what}")).next(
            "The ballot was handed in, but the collector's word is worth nothing. Run `voter-app status`; tell the election committee, \
             and vote on paper if it is not recorded.",
        )
    };
    let bytes = STANDARD.decode(&reply.promise).map_err(|_| refuse("the promise cannot be read"))?;
    let promise = Promise::from_bytes(&bytes).map_err(|_| refuse("the promise cannot be read"))?;
    if promise.election != election.id() || promise.ballot != *ballot {
        return Err(refuse("the promise is for another ballot"));
    }
    promise.verify(election.collector_key()).map_err(|_| refuse("the promise is not signed by this election's collector"))?;
    if promise.deadline > election.clock.latest().saturating_add(election.promise_seconds()) {
        return Err(refuse("the promise allows more time than the rule"));
    }
    Ok(promise)
}

/// VOTER-5: the leaf is in a tree under a checkpoint of this log with a quorum of cosignatures.
pub fn accept_receipt(manifest: &Manifest, leaf: &Hash, reply: &ReceiptReply) -> Result<RecordedBallot, Failure> {
    let refuse = |what: String| Failure::broken(format!("VOTER-5: {what}"));
    let checkpoint = Checkpoint::verify(&reply.checkpoint, manifest).map_err(|e| refuse(e.to_string()))?;
    checkpoint.require_quorum(manifest).map_err(|e| refuse(e.to_string()))?;
    let path: Vec<Hash> = reply.path.iter().map(|h| h.0).collect();
    let included = tree::verify_inclusion(leaf, reply.index, reply.size, &path, &checkpoint.root);
    if checkpoint.size != reply.size || included.is_err() {
        return Err(refuse("the receipt does not prove that this ballot is in the log".to_owned()));
    }
    Ok(RecordedBallot { index: reply.index, checkpoint })
}

impl PromisedBallot {
    /// Asks once for the receipt, and checks that its checkpoint belongs to the log that was seen before (VOTER-6).
    pub fn receipt(
        &self,
        manifest: &Manifest,
        collector: &Collector,
        memory: &mut Memory,
    ) -> Result<Option<(RecordedBallot, ReceiptReply)>, Failure> {
        let Some(reply) = collector.receipt(&self.hash)? else { return Ok(None) };
        let recorded = self.judge(manifest, collector, memory, &reply)?;
        Ok(Some((recorded, reply)))
    }

    /// VOTER-5, VOTER-6. A receipt that does not hold, or not on this board, becomes a complaint file.
    pub fn judge(
        &self,
        manifest: &Manifest,
        board: &impl Source,
        memory: &mut Memory,
        reply: &ReceiptReply,
    ) -> Result<RecordedBallot, Failure> {
        let judged = accept_receipt(manifest, &self.leaf, reply).and_then(|recorded| {
            let view = view::read(board, manifest)?;
            memory.see(&view, board)?;
            match view.root_at(board, recorded.checkpoint.size).map_err(crate::view::distrust)? {
                Some(root) if root == recorded.checkpoint.root => Ok(recorded),
                Some(_) => Err(Failure::broken("VOTER-6: the receipt belongs to another log than the board shows")),
                None => Err(Failure::passing("VOTER-6: the board does not show yet what the receipt is about")),
            }
        });
        judged.map_err(|failure| match failure.kind {
            Kind::Broken => complaint::broken(failure, &self.promise, reply, memory),
            _ => failure,
        })
    }

    /// Waits for the receipt until the promise is due, and a little longer.
    pub fn wait(
        &self,
        election: &Election,
        collector: &Collector,
        memory: &mut Memory,
    ) -> Result<Option<(RecordedBallot, ReceiptReply)>, Failure> {
        loop {
            let overdue = election.clock.now() > self.promise.deadline.saturating_add(GRACE);
            match self.receipt(&election.manifest, collector, memory) {
                Ok(None) => {}
                Err(failure) if failure.kind == Kind::Passing && !overdue => {}
                other => return other,
            }
            if overdue {
                return Ok(None);
            }
            sleep(Duration::from_millis(300));
        }
    }
}

/// One ballot in the state folder, as far as it has come: signed, promised, recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// base64 of the ballot.
    pub ballot: String,
    /// base64 of its container.
    pub container: String,
    /// The salt of the envelope hash.
    pub salt: Option<Hex32>,
    /// base64 of the promise.
    pub promise: Option<String>,
    /// The receipt.
    pub receipt: Option<ReceiptReply>,
}

impl Kept {
    /// A signed ballot that has not been sent.
    pub fn signed(ballot: &SignedBallot) -> Self {
        Self {
            ballot: STANDARD.encode(&ballot.ballot),
            container: STANDARD.encode(&ballot.container),
            salt: None,
            promise: None,
            receipt: None,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.ballot).unwrap_or_default()
    }

    /// The ballot hash.
    pub fn hash(&self) -> Hash {
        hash("ballot", &[&self.bytes()])
    }

    /// The pseudonym it stands under.
    pub fn voter(&self) -> Hash {
        head(&self.bytes()).map_or([0; 32], |(voter, _)| voter)
    }

    /// Its running number.
    pub fn number(&self) -> u32 {
        head(&self.bytes()).map_or(0, |(_, number)| number)
    }

    /// The ballot as it was signed, to be sent again.
    pub fn to_signed(&self) -> Option<SignedBallot> {
        let container = STANDARD.decode(&self.container).ok()?;
        Some(SignedBallot { ballot: self.bytes(), hash: self.hash(), container })
    }

    /// The ballot as it was promised.
    pub fn to_promised(&self) -> Option<PromisedBallot> {
        let promise = Promise::from_bytes(&STANDARD.decode(self.promise.as_ref()?).ok()?).ok()?;
        let envelope = envelope_hash(&self.salt?.0, &STANDARD.decode(&self.container).ok()?);
        let entry = Entry::Ballot { envelope, ballot: self.bytes() };
        Some(PromisedBallot { hash: self.hash(), leaf: tree::leaf_hash(&entry.to_bytes()), promise })
    }
}

/// Voter and running number in the head of a ballot (06-ballot).
pub fn head(ballot: &[u8]) -> Option<(Hash, u32)> {
    let mut input = Reader::new(ballot.get(68..)?);
    Some((input.array().ok()?, input.u32().ok()?))
}
