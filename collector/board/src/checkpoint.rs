//! Signed tree heads in the C2SP forms. Spec: 08-board, LOG-1 to LOG-6.

use crate::Hash;
use ballot::manifest::Manifest;
use ballot::signature::verify_bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};

const LOG_SIGNATURE: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum CheckpointError {
    #[error("LOG-1: the origin is not that of this election")]
    Origin,
    #[error("LOG-1: there is an extension line")]
    Extension,
    #[error("LOG-6: the checkpoint is not in the form of signed-note")]
    Form,
    #[error("LOG-3: the collector's signature is missing or wrong")]
    Collector,
    #[error("LOG-4: line {0}: not a listed witness, out of order, repeated, or wrong")]
    Witness(usize),
    #[error("LOG-4: {given} cosignatures, {needed} needed")]
    Quorum { given: usize, needed: usize },
}

/// A checkpoint whose lines have all been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Positions (from 1) of the witnesses whose cosignatures stand below, with their times.
    pub witnesses: Vec<(usize, u64)>,
}

/// The origin line of an election's log (LOG-1).
pub fn origin(election: &Hash) -> String {
    format!("haal/{}", hex::encode(election))
}

/// The text that is signed.
pub fn note_text(election: &Hash, size: u64, root: &Hash) -> String {
    format!("{}\n{size}\n{}\n", origin(election), STANDARD.encode(root))
}

fn key_hash(name: &str, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let digest: Hash = Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(key).finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn line(name: &str, kind: u8, key: &[u8; 32], payload: &[u8]) -> String {
    let mut bytes = key_hash(name, kind, key).to_vec();
    bytes.extend(payload);
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The collector's line under a text (LOG-3).
pub fn sign(text: &str, name: &str, key: &SigningKey) -> String {
    line(name, LOG_SIGNATURE, key.verifying_key().as_bytes(), &key.sign(text.as_bytes()).to_bytes())
}

/// A witness's line under a text (LOG-4, LOG-5).
pub fn cosign(text: &str, name: &str, key: &SigningKey, time: u64) -> String {
    let mut payload = time.to_be_bytes().to_vec();
    payload.extend(key.sign(cosigned_message(time, text).as_bytes()).to_bytes());
    line(name, COSIGNATURE, key.verifying_key().as_bytes(), &payload)
}

/// A checkpoint cut into its text, size, root and signature lines `(name, key hash and signature)`; nothing verified.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// What is signed.
    pub text: &'a str,
    /// First line.
    pub origin: &'a str,
    /// Number of entries.
    pub size: u64,
    /// Root.
    pub root: Hash,
    lines: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Reads the form (LOG-6).
    pub fn parse(file: &'a str) -> Result<Self, CheckpointError> {
        let form = CheckpointError::Form;
        let cut = file.find("\n\n").ok_or(form.clone())? + 1;
        let (text, rest) = file.split_at_checked(cut).ok_or(form.clone())?;
        let rest = rest.strip_prefix('\n').and_then(|r| r.strip_suffix('\n')).ok_or(form.clone())?;
        let mut head = text.strip_suffix('\n').ok_or(form.clone())?.split('\n');
        let (Some(origin), Some(number), Some(root64)) = (head.next(), head.next(), head.next()) else { return Err(form) };
        let size: u64 = number.parse().map_err(|_| form.clone())?;
        let root: Hash = STANDARD.decode(root64).ok().and_then(|r| r.try_into().ok()).ok_or(form.clone())?;
        if size.to_string() != number {
            return Err(form);
        }
        if head.next().is_some() {
            return Err(CheckpointError::Extension);
        }
        let mut lines = Vec::new();
        for l in rest.split('\n') {
            let (name, sig) = l.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' ')).ok_or(form.clone())?;
            lines.push((name, STANDARD.decode(sig).map_err(|_| form.clone())?));
        }
        Ok(Self { text, origin, size, root, lines })
    }
}

/// Verifies a line made by [`cosign`], and gives its time.
pub fn verify_cosignature(text: &str, name: &str, key: &[u8; 32], line_name: &str, payload: &[u8]) -> Option<u64> {
    let (hash, rest) = payload.split_first_chunk::<4>()?;
    let (time, sig) = rest.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    let sig: &[u8; 64] = sig.try_into().ok()?;
    let fits = line_name == name && *hash == key_hash(name, COSIGNATURE, key);
    (fits && verify_bytes(key, cosigned_message(time, text).as_bytes(), sig).is_ok()).then_some(time)
}

impl Checkpoint {
    /// Reads a checkpoint file and verifies the collector's line and every cosignature in it.
    pub fn verify(file: &str, manifest: &Manifest) -> Result<Self, CheckpointError> {
        let note = Note::parse(file)?;
        if note.origin != origin(&manifest.id()) {
            return Err(CheckpointError::Origin);
        }
        let d = manifest.description();
        let (first, others) = note.lines.split_first().ok_or(CheckpointError::Collector)?;
        let signed = || {
            let (hash, sig) = first.1.split_first_chunk::<4>()?;
            let sig: &[u8; 64] = sig.try_into().ok()?;
            let fits = first.0 == d.collector.name && *hash == key_hash(&d.collector.name, LOG_SIGNATURE, &d.collector.key.0);
            (fits && verify_bytes(&d.collector.key.0, note.text.as_bytes(), sig).is_ok()).then_some(())
        };
        signed().ok_or(CheckpointError::Collector)?;
        let mut witnesses: Vec<(usize, u64)> = Vec::new();
        for (i, (name, payload)) in others.iter().enumerate() {
            let wrong = || CheckpointError::Witness(i + 2);
            let (at, member) = d.witnesses.members.iter().enumerate().find(|(_, w)| w.name == *name).ok_or_else(wrong)?;
            let time = verify_cosignature(note.text, &member.name, &member.key.0, name, payload).ok_or_else(wrong)?;
            if witnesses.last().is_some_and(|(last, _)| at < *last) {
                return Err(wrong());
            }
            witnesses.push((at + 1, time));
        }
        Ok(Self { size: note.size, root: note.root, witnesses })
    }

    /// Requires the manifest's quorum of cosignatures (LOG-4, live).
    pub fn require_quorum(&self, manifest: &Manifest) -> Result<(), CheckpointError> {
        let needed = manifest.description().witnesses.quorum as usize;
        let given = self.witnesses.len();
        if given >= needed { Ok(()) } else { Err(CheckpointError::Quorum { given, needed }) }
    }
}
