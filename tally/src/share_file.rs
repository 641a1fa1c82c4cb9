//! Sealed files: keys, and what a trustee keeps between two rounds. Spec: 05-key-ceremony; attacks F10.
//!
//! The outer form is that of age with a passphrase, so any `age` tool opens one (`age --decrypt FILE`). Inside is a line that names
//! content and version, then JSON. age detects every damaged bit and every cut; the line detects a file of another kind or version.

use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::passphrase::Passphrase;
use age::scrypt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

const VERSION: u32 = 1;
/// The most work that is done to open a file: 2^22 · 1 KiB of memory, some tens of seconds.
const MOST_WORK: u8 = 22;
const FAST_WORK: u8 = 4;

/// What a sealed file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Secret keys of one member, mixer or trustee.
    Key,
    /// What a trustee keeps in its state folder.
    State,
}

impl Content {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::State => "state",
        }
    }
}

/// Why a sealed file does not open. No variant holds anything of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFileError {
    #[error("not a sealed file: it does not begin as an age file does, or its head is damaged")]
    NotSealed,
    #[error("sealed to a key instead of a passphrase; this program opens passphrases only")]
    NoPassphrase,
    #[error("wrong passphrase, or the head of the file is damaged")]
    Passphrase,
    #[error("the passphrase fits, but the file is damaged or cut short")]
    Damaged,
    #[error("the file is cut short")]
    Cut,
    #[error("opening it would take far too much work (2^{0}); was it made by this program?")]
    Work(u8),
    #[error("this is not a {expected} file but {found}")]
    Kind { expected: &'static str, found: String },
    #[error("written by an older version of this program (form {found}, this one reads {VERSION}); open it with that one")]
    Older { found: u32 },
    #[error("written by a newer version of this program (form {found}, this one reads {VERSION})")]
    Newer { found: u32 },
    #[error("its content is not what a file of this kind holds (line {line}, column {column})")]
    Content { line: usize, column: usize },
}

/// Seals a value into a file, in one step.
pub fn seal(path: &Path, content: Content, value: &impl Serialize, passphrase: &Passphrase, existing: Existing) -> Outcome {
    let failed = |e: &dyn std::fmt::Display| Failure::Unreadable(anyhow::anyhow!("cannot seal {}: {e}", path.display()));
    let mut plain = Zeroizing::new(format!("haal {} file {VERSION}\n", content.name()).into_bytes());
    plain.extend(Zeroizing::new(serde_json::to_vec(value).map_err(|e| failed(&e))?).iter());
    plain.push(b'\n');
    files::write(path, &encrypt(&plain, passphrase).map_err(|e| failed(&e))?, existing, true)
}

fn encrypt(plain: &[u8], passphrase: &Passphrase) -> anyhow::Result<Vec<u8>> {
    let mut recipient = scrypt::Recipient::new(passphrase.secret());
    if passphrase.is_fast() {
        recipient.set_work_factor(FAST_WORK);
    }
    let mut sealed = Vec::new();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))?;
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(plain)?;
    writer.finish()?;
    Ok(sealed)
}

/// Opens a file that [`seal`] made.
pub fn open<T: DeserializeOwned>(path: &Path, content: Content, passphrase: &Passphrase) -> Outcome<T> {
    let sealed = files::read(path)?;
    let opened = decrypt(&sealed, passphrase).and_then(|plain| read(&plain, content));
    opened.map_err(|e| Failure::Unreadable(anyhow::Error::from(e).context(path.display().to_string())))
}

fn decrypt(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, ShareFileError> {
    let mut identity = scrypt::Identity::new(passphrase.secret());
    identity.set_max_work_factor(MOST_WORK);
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|e| head_error(e, sealed))?;
    if !decryptor.is_scrypt() {
        return Err(ShareFileError::NoPassphrase);
    }
    let mut reader = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|e| head_error(e, sealed))?;
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len())); // no copies left behind by growing
    reader.read_to_end(&mut plain).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => ShareFileError::Cut,
        _ => ShareFileError::Damaged,
    })?;
    Ok(plain)
}

fn head_error(error: age::DecryptError, sealed: &[u8]) -> ShareFileError {
    use age::DecryptError as E;
    match error {
        E::DecryptionFailed | E::NoMatchingKeys | E::KeyDecryptionFailed => ShareFileError::Passphrase,
        E::ExcessiveWork { required, .. } => ShareFileError::Work(required),
        E::InvalidMac => ShareFileError::Damaged,
        E::Io(_) if sealed.starts_with(b"age-encryption.org/") => ShareFileError::Cut,
        _ => ShareFileError::NotSealed,
    }
}

fn read<T: DeserializeOwned>(plain: &[u8], content: Content) -> Result<T, ShareFileError> {
    let kind = |found: String| ShareFileError::Kind { expected: content.name(), found };
    let end = plain.iter().position(|b| *b == b'\n').ok_or_else(|| kind("something else".to_owned()))?;
    let (line, json) = plain.split_at_checked(end).ok_or(ShareFileError::Cut)?;
    let line = std::str::from_utf8(line).unwrap_or_default();
    let words: Vec<&str> = line.split(' ').collect();
    let ["haal", name, "file", version] = words.as_slice() else { return Err(kind("something else".to_owned())) };
    if *name != content.name() {
        return Err(kind(if *name == "key" || *name == "state" { format!("a {name} file") } else { "something else".to_owned() }));
    }
    match version.parse::<u32>() {
        Ok(VERSION) => {}
        Ok(found) if found < VERSION => return Err(ShareFileError::Older { found }),
        Ok(found) => return Err(ShareFileError::Newer { found }),
        Err(_) => return Err(kind("something else".to_owned())),
    }
    serde_json::from_slice(json).map_err(|e| ShareFileError::Content { line: e.line(), column: e.column() })
}
