//! Complaint files: the collector's own signatures against it. Spec: 14-questions, complaint files; 07-casting, VOTER-5 and VOTER-6.

use crate::client::ReceiptReply;
use crate::clock::shown;
use crate::failure::Failure;
use crate::memory::Memory;
use ballot::encode::Record;
use ballot::manifest::Hex32;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use board::Promise;
use serde::Serialize;
use std::path::PathBuf;

/// Seconds after the deadline before it counts as broken: the checkpoint may be signed in time and arrive later.
pub const GRACE: u64 = 3;

/// Exactly the fields of 14-questions.
#[derive(Debug, Serialize)]
struct Complaint<'a> {
    haal: u32,
    kind: &'static str,
    election: Hex32,
    ballot_hash: Hex32,
    deadline: u64,
    promise: String,
    ballot: Option<&'a str>,
    container: Option<&'a str>,
    salt: Option<Hex32>,
    checkpoint: Option<&'a str>,
    receipt: Option<Receipt<'a>>,
}

/// A receipt that the log is said not to honour.
#[derive(Debug, Serialize)]
struct Receipt<'a> {
    index: u64,
    path: &'a [Hex32],
    checkpoint: &'a str,
}

/// Writes the complaint about a promise into the state folder; gives its place, or nothing without a folder.
///
/// The ballot with its container goes along if it was kept here; it shows who votes, and not what.
pub fn write(promise: &Promise, receipt: Option<&ReceiptReply>, memory: &Memory) -> Result<Option<PathBuf>, Failure> {
    let kept = memory.kept()?.into_iter().find(|k| k.hash() == promise.ballot);
    let complaint = Complaint {
        haal: 1,
        kind: "complaint",
        election: Hex32(promise.election),
        ballot_hash: Hex32(promise.ballot),
        deadline: promise.deadline,
        promise: STANDARD.encode(promise.to_bytes()),
        ballot: kept.as_ref().map(|k| k.ballot.as_str()),
        container: kept.as_ref().map(|k| k.container.as_str()),
        salt: kept.as_ref().and_then(|k| k.salt),
        checkpoint: memory.last_checkpoint(),
        receipt: receipt.map(|r| Receipt { index: r.index, path: &r.path, checkpoint: &r.checkpoint }),
    };
    memory.complain(&promise.ballot, &serde_json::to_vec_pretty(&complaint)?)
}

/// The deadline has passed without a receipt.
pub fn overdue(promise: &Promise, memory: &Memory) -> Failure {
    let failure = Failure::new(format!("The collector promised to publish this ballot by {} and has not done so", shown(promise.deadline)));
    filed(failure, promise, None, memory)
}

/// The receipt does not hold (VOTER-5), or the board is not the one that it is about (VOTER-6).
pub fn broken(failure: Failure, promise: &Promise, receipt: &ReceiptReply, memory: &Memory) -> Failure {
    filed(failure, promise, Some(receipt), memory)
}

fn filed(failure: Failure, promise: &Promise, receipt: Option<&ReceiptReply>, memory: &Memory) -> Failure {
    match write(promise, receipt, memory) {
        Err(error) => error,
        Ok(None) => failure.next("Tell the election committee, and vote again, or on paper."),
        Ok(Some(path)) => failure
            .next(format!(
            "Give the file {} to the election committee, or ask `verifier complaint` about it: with it the collector's own signatures prove \
             the fault. Keep the state folder. Vote again, or on paper. The file shows who you are, and not what you chose.",
            path.display()
        ))
        .with_file(path),
    }
}
