//! What a voter's eID does. Spec: 07-casting, login and envelope.
//!
//! One file for each kind of eID. This one: keys in PEM files, for tests and for software keys.

use crate::failure::Failure;
use ballot::Hash;
use envelope::{Identity, cades, login};
use std::path::{Path, PathBuf};

/// The answer to a login nonce.
pub struct LoginAnswer {
    /// DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// ECDSA in DER.
    pub signature: Vec<u8>,
}

/// An eID: it can log in and sign. Both ask the holder on real cards.
pub trait Eid {
    /// The subject serial number of both certificates.
    fn person_code(&self) -> &str;
    /// Signs the login message of this election and collector.
    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure>;
    /// Signs a ballot, whole; gives the container (07a).
    fn sign(&self, ballot: &[u8], time: u64) -> Result<Vec<u8>, Failure>;
}

/// Two keys and their certificates in PEM files.
pub struct PemEid {
    person_code: String,
    login: Identity,
    sign: Identity,
}

impl PemEid {
    /// Reads the four files: key and certificates for login, key and certificates for signing.
    pub fn from_files([login_key, login_cert, sign_key, sign_cert]: [&Path; 4]) -> Result<Self, Failure> {
        let (login, sign) = (identity(login_key, login_cert)?, identity(sign_key, sign_cert)?);
        let person_code = code(&login, login_cert)?;
        if code(&sign, sign_cert)? != person_code {
            return Err(Failure::unreadable("The login and the signing certificate belong to different persons.")
                .next("Give the two certificates of one eID. Nothing was sent."));
        }
        Ok(Self { person_code, login, sign })
    }

    /// Reads `CODE.login.key.pem`, `CODE.login.pem`, `CODE.sign.key.pem` and `CODE.sign.pem`.
    pub fn from_folder(folder: &Path, code: &str) -> Result<Self, Failure> {
        if !ballot::text::is_person_code(code) || code.contains(['/', '\\']) {
            return Err(Failure::unreadable(format!("`{code}` is not a person code such as PNOEE-38001085718.")));
        }
        let file = |name: &str| -> PathBuf { folder.join(format!("{code}.{name}.pem")) };
        let eid = Self::from_files([&file("login.key"), &file("login"), &file("sign.key"), &file("sign")])?;
        if eid.person_code != code {
            return Err(Failure::unreadable(format!("The certificates of {code} belong to {}.", eid.person_code)));
        }
        Ok(eid)
    }
}

fn identity(key: &Path, chain: &Path) -> Result<Identity, Failure> {
    Identity::from_files(key, chain).map_err(|e| Failure::unreadable(format!("{} with {}: {e}", key.display(), chain.display())))
}

fn code(identity: &Identity, path: &Path) -> Result<String, Failure> {
    let code = identity.certificate().person_code().map_err(|e| Failure::unreadable(format!("{}: {e}", path.display())))?;
    Ok(code.to_owned())
}

impl Eid for PemEid {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        let signature = login::sign_login(&self.login, election, collector_key, nonce)?;
        let chain = std::iter::once(self.login.certificate()).chain(self.login.intermediates());
        Ok(LoginAnswer { certificates: chain.map(|c| c.as_der().to_vec()).collect(), signature })
    }

    fn sign(&self, ballot: &[u8], time: u64) -> Result<Vec<u8>, Failure> {
        Ok(cades::sign(ballot, &self.sign, time)?)
    }
}
