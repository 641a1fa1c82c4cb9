//! A witness: cosigns checkpoints that go on from the one it cosigned last. Spec: 15-watching, WIT; C2SP tlog-witness, tlog-cosignature.

mod state;

use super::alarm::Kind;
use super::now;
use super::shared::{Common, Shared, look};
use crate::bytes::Hash;
use crate::checkpoint::{self, Checkpoint};
use crate::manifest::Member;
use crate::{text, tree};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use state::Last;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A witness at work.
pub struct Witness {
    name: String,
    key: SigningKey,
    folder: PathBuf,
    /// What it cosigned last. Whoever signs holds the lock, from the comparison to the disk.
    last: Mutex<Last>,
    common: Common,
    patience: Option<u64>,
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// A cosignature line.
    Cosigned(String),
    /// The size that was cosigned last.
    Conflict(u64),
    /// A status and why.
    Refused(u16, String),
}

/// Draws a key, writes it into a file that only its owner may read, and gives the public key for the manifest. WIT-4.
pub fn new_key(file: &Path, name: &str) -> Result<String, String> {
    if !text::is_id(name) {
        return Err(format!("{name:?} is no name: [a-z0-9][a-z0-9._-]*, at most 64"));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("no entropy: {error}"))?;
    let error = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(error)?;
    out.write_all(format!("{}\n", hex::encode(seed)).as_bytes()).and_then(|()| out.sync_all()).map_err(error)?;
    let key = hex::encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
    Ok(serde_json::json!({ "key": key, "name": name }).to_string())
}

/// Reads a key from a file that only its owner may read, or from the standard input (`-`). WIT-4.
pub fn read_key(file: &Path) -> Result<SigningKey, String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(1 << 10).read_to_string(&mut text).map_err(|error| error.to_string())?;
    } else {
        let error = |error: std::io::Error| format!("{}: {error}", file.display());
        if fs::metadata(file).map_err(error)?.permissions().mode() & 0o077 != 0 {
            return Err(format!("{}: others may read it (chmod 600)", file.display()));
        }
        text = fs::read_to_string(file).map_err(error)?;
    }
    let seed = text::hex32(text.trim_end_matches('\n')).ok_or("the key is not 64 lower-case hex digits")?;
    Ok(SigningKey::from_bytes(&seed))
}

impl Witness {
    /// Goes on from the state in the folder, which the caller has locked. WIT-2.
    pub fn open(folder: &Path, name: &str, key: SigningKey, patience: Option<u64>, common: Common) -> Result<Self, String> {
        let last = Last::open(folder, name, &key.verifying_key())?;
        // Evidence that a crash may have kept from the follower.
        look(&common).ask(last.size, last.root, &last.text);
        Ok(Self { name: name.to_owned(), key, folder: folder.to_owned(), last: Mutex::new(last), common, patience })
    }

    /// Answers `add-checkpoint`. WIT-1 to WIT-3.
    pub fn answer(&self, body: &[u8]) -> Answer {
        let refuse = |status, text: &str| Answer::Refused(status, text.to_owned());
        let Some((old, proof, file)) = parse_request(body) else { return refuse(400, "not a request for a cosignature") };
        let new = match checkpoint::parse(file) {
            Ok(new) => new,
            Err(fault) => return Answer::Refused(400, format!("{} ({})", fault.text, fault.rule)),
        };
        let manifest = look(&self.common).manifest.clone();
        let Some(manifest) = manifest else { return refuse(503, "the manifest is not there yet") };
        if new.origin != format!("haal/{}", hex::encode(manifest.election)) {
            return refuse(404, "another log");
        }
        let collector = &manifest.collector;
        let signed = |line: &&(&str, Vec<u8>)| checkpoint::collector_line(new.note, line, &collector.name, &collector.key).is_ok();
        let Some(line) = new.lines.iter().find(signed) else { return refuse(403, "not signed by the collector") };
        let own = |(_, witness): &(usize, &Member)| witness.name == self.name && witness.key == self.key.verifying_key();
        let Some((position, _)) = manifest.witnesses.iter().enumerate().find(own) else {
            return refuse(503, "this witness is not in the manifest");
        };
        if old > new.size {
            return refuse(400, "the old size is larger than the new one");
        }
        // What was shown to a witness is evidence, whether it signs or not.
        let text = format!("{}\n\u{2014} {} {}\n", new.note, line.0, STANDARD.encode(&line.1));
        if !look(&self.common).ask(new.size, new.root, &text) {
            return refuse(503, "too many checkpoints wait to be held against the log");
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(obstacle) = self.obstacle(&look(&self.common), position, last.size) {
            return Answer::Refused(503, obstacle);
        }
        if old != last.size || new.size == last.size && new.root != last.root {
            return Answer::Conflict(last.size);
        }
        if !tree::consistent(old, &last.root, new.size, &new.root, &proof) {
            return refuse(422, "the consistency proof does not verify");
        }
        if (new.size, new.root) != (last.size, last.root) {
            let next = Last { size: new.size, root: new.root, text };
            if let Err(error) = next.keep(&self.folder) {
                return Answer::Refused(500, error);
            }
            *last = next;
        }
        Answer::Cosigned(self.cosign(&new, now()))
    }

    /// Why nothing is signed now, after `signed` entries were, by the witness at this position. WIT-2, WIT-3.
    fn obstacle(&self, shared: &Shared, position: usize, signed: u64) -> Option<String> {
        if let Some(more) = shared.cosigned.get(&position).filter(|more| **more > signed) {
            return Some(format!("the board shows a cosignature of this witness under {more} entries, and its state knows {signed}"));
        }
        let grave = |(kind, _): &&(Kind, String)| matches!(kind, Kind::Fork | Kind::Changed | Kind::Failed);
        if let Some((_, text)) = shared.standing.iter().find(grave) {
            return Some(text.clone());
        }
        let batch = shared.manifest.as_ref().map_or(0, |manifest| manifest.batch_seconds);
        let patience = Duration::from_secs(self.patience.unwrap_or_else(|| batch.saturating_mul(2).saturating_add(60)));
        let behind = signed > shared.size && shared.shown >= signed;
        let stuck = shared.stuck.as_ref().filter(|(since, _)| behind && since.elapsed() > patience);
        stuck.map(|(_, text)| format!("the log that was cosigned cannot be followed: {text}"))
    }

    fn cosign(&self, new: &Checkpoint<'_>, time: u64) -> String {
        let mut line = checkpoint::key_hash(&self.name, 4, self.key.verifying_key().as_bytes()).to_vec();
        line.extend(time.to_be_bytes());
        line.extend(self.key.sign(format!("cosignature/v1\ntime {time}\n{}", new.note).as_bytes()).to_bytes());
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(line))
    }
}

/// `old <size>`, hashes in base64, an empty line, the checkpoint.
fn parse_request(body: &[u8]) -> Option<(u64, Vec<Hash>, &[u8])> {
    let body = std::str::from_utf8(body).ok()?;
    let (head, file) = body.split_once("\n\n")?;
    let mut lines = head.split('\n');
    let old = text::decimal(lines.next()?.strip_prefix("old ")?)?;
    let proof = lines.map(|line| Hash::try_from(text::base64(line)?).ok()).collect::<Option<Vec<Hash>>>()?;
    (proof.len() <= 63).then_some((old, proof, file.as_bytes()))
}
