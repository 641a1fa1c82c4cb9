//! What a trustee keeps between two commands, in one sealed file: `state.age`. Spec: 05-key-ceremony, 10-tally.
//!
//! It is written before anything that follows from it leaves the machine. So a power cut at any moment loses nothing, a round that is
//! run again sends the same bytes, and no second message for one round, nor a second statement about one unit, can ever be made.

use crate::board::Board;
use crate::failure::{Failure, Outcome};
use crate::files::Existing;
use crate::minutes::Minutes;
use crate::passphrase::Passphrase;
use crate::seen;
use crate::share_file::{self, Content};
use crate::submission::Submission;
use anyhow::anyhow;
use ballot::Hash;
use ballot::encode::Record;
use ballot::manifest::Hex32;
use board::PostKind;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use trustee::ceremony::Stage;
use trustee::key_share::KeyShare;
use trustee::open::Declared;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes as hex, wiped on drop.
#[derive(Clone, Default, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Secret(String);

impl Secret {
    fn new(bytes: &[u8]) -> Self {
        Self(hex::encode(bytes))
    }
    fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        hex::decode(&self.0).ok().map(Zeroizing::new)
    }
}

/// A message that has left, or was about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// What it is the only message for: round and session, drill and number, or the intent's units.
    subject: String,
    entry: String,
    blob: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    election: Hex32,
    trustee: u16,
    /// The last cosigned checkpoint seen.
    checkpoint: Option<String>,
    stage: Option<Secret>,
    shares: Vec<Secret>,
    declared: String,
    sent: Vec<Sent>,
}

/// An opened state folder; nobody else can open it at the same time.
pub struct State {
    folder: PathBuf,
    passphrase: Passphrase,
    data: Data,
    _lock: File,
}

const FILE: &str = "state.age";

impl State {
    /// Opens a folder, or begins one. It belongs to one trustee of one election for ever.
    pub fn open(folder: &Path, election: &Hash, trustee: u16, passphrase: &Passphrase) -> Outcome<Self> {
        std::fs::create_dir_all(folder).map_err(|e| Failure::file(folder, e))?;
        let lock_path = folder.join("state.lock");
        let lock = File::create(&lock_path).map_err(|e| Failure::file(&lock_path, e))?;
        lock.try_lock().map_err(|_| Failure::Refused(anyhow!("{}: another command is using this folder", folder.display())))?;
        let path = folder.join(FILE);
        let data = if path.exists() {
            share_file::open(&path, Content::State, passphrase)?
        } else {
            let declared = hex::encode(Declared::default().to_bytes());
            let (checkpoint, stage, shares, sent) = (None, None, Vec::new(), Vec::new());
            Data { election: Hex32(*election), trustee, checkpoint, stage, shares, declared, sent }
        };
        if (data.election.0, data.trustee) != (*election, trustee) {
            let whose = format!("trustee {} of election {}", data.trustee, hex::encode(data.election.0));
            return Err(Failure::Refused(anyhow!("{} is the state of {whose}; every trustee and election has its own", path.display())));
        }
        Ok(Self { folder: folder.to_owned(), passphrase: passphrase.clone(), data, _lock: lock })
    }

    /// The minutes of this folder.
    pub fn minutes(&self) -> Minutes {
        Minutes::of(Some(&self.folder))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// E08: refuses a board that does not continue the one seen before; then remembers this one. Nothing is written yet.
    pub fn see(&mut self, board: &Board) -> Outcome {
        if let Some(earlier) = &self.data.checkpoint {
            seen::check(earlier, board, &self.folder)?;
        }
        self.data.checkpoint = Some(board.checkpoint_text.clone());
        Ok(())
    }

    /// Seals everything. Nothing may leave before.
    pub fn save(&self) -> Outcome {
        share_file::seal(&self.folder.join(FILE), Content::State, &self.data, &self.passphrase, Existing::Replace)
    }

    fn damaged(&self) -> Failure {
        Failure::file(&self.folder.join(FILE), "its content is not what it should be")
    }

    /// Where this trustee stands in the ceremony.
    pub fn stage(&self) -> Outcome<Option<Stage>> {
        let Some(secret) = &self.data.stage else { return Ok(None) };
        let bytes = secret.bytes().ok_or_else(|| self.damaged())?;
        Stage::from_bytes(&bytes).map(Some).map_err(|_| self.damaged())
    }

    /// Replaces the stage; a confirmed one leaves its key share.
    pub fn set_stage(&mut self, stage: &Stage) {
        if let Stage::Confirmed(confirmed) = stage {
            self.data.shares.push(Secret::new(&confirmed.share().to_bytes()));
        }
        self.data.stage = Some(Secret::new(&stage.to_bytes()));
    }

    /// The share of the key with this id.
    pub fn share(&self, key: &Hash) -> Outcome<Option<KeyShare>> {
        for secret in &self.data.shares {
            let bytes = secret.bytes().ok_or_else(|| self.damaged())?;
            let share = KeyShare::from_bytes(&bytes).map_err(|_| self.damaged())?;
            if share.key() == *key {
                return Ok(Some(share));
            }
        }
        Ok(None)
    }

    /// What this trustee has declared (OPEN-2).
    pub fn declared(&self) -> Outcome<Declared> {
        let bytes = hex::decode(&self.data.declared).map_err(|_| self.damaged())?;
        Declared::from_bytes(&bytes).map_err(|_| self.damaged())
    }

    /// Replaces it.
    pub fn set_declared(&mut self, declared: &Declared) {
        self.data.declared = hex::encode(declared.to_bytes());
    }

    /// The message sent about a subject, byte for byte.
    pub fn sent(&self, subject: &str) -> Outcome<Option<Submission>> {
        let Some(sent) = self.data.sent.iter().find(|s| s.subject == subject) else { return Ok(None) };
        let bytes = |text: &str| hex::decode(text).map_err(|_| self.damaged());
        Ok(Some(Submission { entry: bytes(&sent.entry)?, blob: bytes(&sent.blob)? }))
    }

    /// All messages whose subject begins with these words.
    pub fn sent_about(&self, words: &str) -> Outcome<Vec<Submission>> {
        let subjects = self.data.sent.iter().filter(|s| s.subject.starts_with(words));
        Ok(subjects.map(|s| self.sent(&s.subject)).collect::<Outcome<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Remembers a message before it leaves; another one about the same subject is refused (KEY-1, OPEN-2).
    pub fn remember(&mut self, subject: &str, submission: &Submission) -> Outcome {
        match self.sent(subject)? {
            Some(earlier) if earlier == *submission => Ok(()),
            Some(_) => Err(Failure::Refused(anyhow!("KEY-1: another message was made for {subject}; there is never a second one"))),
            None => {
                let (entry, blob) = (hex::encode(&submission.entry), hex::encode(&submission.blob));
                self.data.sent.push(Sent { subject: subject.to_owned(), entry, blob });
                Ok(())
            }
        }
    }
}

/// The subject of a ceremony message.
pub fn round(kind: PostKind, session: &Hash) -> String {
    // A complaint takes the place of the confirm: whoever has sent one never sends the other.
    let name = if kind == PostKind::Complaint { PostKind::Confirm.name() } else { kind.name() };
    format!("{name} {}", hex::encode(session))
}
