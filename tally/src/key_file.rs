//! The keys of one member, mixer or trustee: a sealed secret file, and a public one for the manifest.

use crate::failure::{Failure, Outcome};
use crate::files::{self, Existing};
use crate::passphrase::{Passphrase, PassphraseArgs};
use crate::random;
use crate::share_file::{self, Content};
use anyhow::anyhow;
use ballot::manifest::{Hex32, Manifest};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use trustee::ceremony::ShareKey;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// For whom a key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRole {
    /// A member of the committee: signs the manifest and orders
    Committee,
    /// Re-encrypts and permutes the ballots of mixed contests
    Mixer,
    /// Holds a part of the election key; gets a second key, under which the others send it its shares
    Trustee,
}

impl KeyRole {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Committee => "committee",
            Self::Mixer => "mixer",
            Self::Trustee => "trustee",
        }
    }
}

/// `NAME.public.json`: what `tally new` needs to know. Other programs make such files too (collector, witness).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicFile {
    /// An id, unique over all roles.
    pub name: String,
    /// Ed25519.
    pub key: Hex32,
    /// Of trustees only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_key: Option<Hex32>,
}

/// The content of a sealed key file. Secret.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Secrets {
    #[zeroize(skip)]
    role: KeyRole,
    name: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share_key: Option<String>,
}

/// An opened key file.
pub struct KeyFile {
    /// For whom it was made.
    pub role: KeyRole,
    /// The name in the manifest.
    pub name: String,
    /// Signs.
    pub signing: SigningKey,
    /// `e_j`, of trustees only (05-key-ceremony).
    pub share: Option<ShareKey>,
}

impl core::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeyFile").field("name", &self.name).field("secrets", &"<redacted>").finish()
    }
}

/// `--key` of commands that sign with one key.
#[derive(clap::Args, Clone, Debug)]
pub struct KeyArgs {
    /// Sealed key file, made by `tally keygen`
    #[arg(long, value_name = "KEYFILE")]
    pub key: PathBuf,
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

impl KeyArgs {
    /// Opens the file of this role; the passphrase serves the state folder too.
    pub fn open(&self, role: KeyRole) -> Outcome<(KeyFile, Passphrase)> {
        let passphrase = self.passphrase.for_file(&self.key, 0)?;
        Ok((KeyFile::open(&self.key, role, &passphrase)?, passphrase))
    }
}

impl KeyFile {
    /// Draws fresh keys.
    pub fn generate(role: KeyRole, name: &str) -> Self {
        let signing = SigningKey::from_bytes(&random::bytes::<32>());
        let share = (role == KeyRole::Trustee).then(|| ShareKey::new(&mut random::rng()));
        Self { role, name: name.to_owned(), signing, share }
    }

    /// What everyone may know.
    pub fn public(&self) -> PublicFile {
        let share_key = self.share.as_ref().map(|e| Hex32(e.public()));
        PublicFile { name: self.name.clone(), key: Hex32(self.signing.verifying_key().to_bytes()), share_key }
    }

    /// Seals it into a new file; an existing one is never replaced.
    pub fn save(&self, path: &Path, passphrase: &Passphrase) -> Outcome {
        let secrets = Secrets {
            role: self.role,
            name: self.name.clone(),
            key: hex::encode(Zeroizing::new(self.signing.to_bytes())),
            share_key: self.share.as_ref().map(|e| hex::encode(e.to_bytes())),
        };
        share_file::seal(path, Content::Key, &secrets, passphrase, Existing::Keep)
    }

    /// Opens a file and checks whose it is.
    pub fn open(path: &Path, role: KeyRole, passphrase: &Passphrase) -> Outcome<Self> {
        let secrets: Secrets = share_file::open(path, Content::Key, passphrase)?;
        let broken = || Failure::file(path, "the keys in it are not keys");
        let bytes = |text: &str| {
            let mut out = Zeroizing::new([0; 32]);
            hex::decode_to_slice(text, out.as_mut()).map_err(|_| broken())?;
            Ok::<_, Failure>(out)
        };
        let share = match &secrets.share_key {
            Some(text) => Some(ShareKey::from_bytes(&*bytes(text)?).ok_or_else(broken)?),
            None => None,
        };
        if secrets.role != role {
            let words = format!("{} is the key of a {}, and this is work of a {}", path.display(), secrets.role.name(), role.name());
            return Err(Failure::Refused(anyhow!(words)));
        }
        let signing = SigningKey::from_bytes(&*bytes(&secrets.key)?);
        Ok(Self { role, name: secrets.name.clone(), signing, share })
    }

    /// Position of this key in its role's list of the manifest, from 1.
    pub fn index(&self, manifest: &Manifest) -> Outcome<u16> {
        let key = Hex32(self.signing.verifying_key().to_bytes());
        let d = manifest.description();
        let at = match self.role {
            KeyRole::Committee => d.committee.members.iter().position(|m| m.key == key),
            KeyRole::Mixer => d.mixers.members.iter().position(|m| m.key == key),
            KeyRole::Trustee => d.trustees.members.iter().position(|m| m.key == key),
        };
        let absent = || {
            let words = "is not in the manifest of this election; is it the key of another election?";
            Failure::Refused(anyhow!("the {} key {:?} {words}", self.role.name(), self.name))
        };
        let at = at.ok_or_else(absent)?;
        if self.role == KeyRole::Trustee {
            let listed = d.trustees.members.get(at).map(|m| m.share_key);
            if listed != self.public().share_key {
                return Err(Failure::Refused(anyhow!("the manifest lists another share_key for {:?}", self.name)));
            }
        }
        Ok(at as u16 + 1)
    }
}

/// Reads a `NAME.public.json`.
pub fn read_public(path: &Path) -> Outcome<PublicFile> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes).map_err(|e| Failure::file(path, format!("not a public key file: {e}")))
}
