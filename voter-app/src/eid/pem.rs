//! Two keys and their certificates in PEM files: test eIDs and software keys. Spec: 07a-envelope, ENV-40 to ENV-43.

use super::fault::Fault;
use super::{Answers, Eid, Holder, Input, InputKind, LoginAnswer, Means, Opened};
use crate::failure::Failure;
use ballot::Hash;
use envelope::{Identity, Profile, login};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder of test eIDs.
pub const FOLDER: Means = Means {
    name: "folder",
    title: "Folder of key files",
    inputs: &[
        Input::new("folder", "the folder with CODE.login.key.pem, CODE.login.pem, CODE.sign.key.pem, CODE.sign.pem", InputKind::Path),
        Input::new("person", "the person code, such as PNOEE-38001085718", InputKind::Text),
    ],
    open: open_folder,
};

/// Four files.
pub const FILES: Means = Means {
    name: "files",
    title: "Key files",
    inputs: &[
        Input::new("login-key", "the PKCS#8 key for logging in", InputKind::Path),
        Input::new("login-cert", "the certificates for logging in, leaf first", InputKind::Path),
        Input::new("sign-key", "the PKCS#8 key for signing", InputKind::Path),
        Input::new("sign-cert", "the certificates for signing, leaf first", InputKind::Path),
    ],
    open: open_files,
};

fn open_folder(answers: &Answers, _: Arc<dyn Holder>) -> Opened {
    Ok(Box::new(PemEid::from_folder(answers.need("folder")?.as_ref(), answers.need("person")?)?))
}

fn open_files(answers: &Answers, _: Arc<dyn Holder>) -> Opened {
    let file = |name| answers.need(name).map(Path::new);
    Ok(Box::new(PemEid::from_files([file("login-key")?, file("login-cert")?, file("sign-key")?, file("sign-cert")?])?))
}

/// Two keys and their certificates in PEM files.
pub struct PemEid {
    person_code: String,
    login: Identity,
    sign: Identity,
}

impl PemEid {
    /// From two keys with their certificates; both must be one person's.
    pub fn new(login: Identity, sign: Identity) -> Result<Self, Failure> {
        let person_code = login.certificate().person_code()?.to_owned();
        let found = sign.certificate().person_code()?;
        if found != person_code {
            return Err(Fault::OtherPerson { expected: person_code, found: found.to_owned() }.into());
        }
        Ok(Self { person_code, login, sign })
    }

    /// Reads the four files: key and certificates for login, key and certificates for signing.
    pub fn from_files([login_key, login_cert, sign_key, sign_cert]: [&Path; 4]) -> Result<Self, Failure> {
        let (login, sign) = (identity(login_key, login_cert)?, identity(sign_key, sign_cert)?);
        for (identity, path) in [(&login, login_cert), (&sign, sign_cert)] {
            identity.certificate().person_code().map_err(|e| Failure::unreadable(format!("{}: {e}", path.display())))?;
        }
        Self::new(login, sign)
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

impl Eid for PemEid {
    fn person_code(&self) -> &str {
        &self.person_code
    }

    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure> {
        let signature = login::sign_login(&self.login, election, collector_key, nonce)?;
        let chain = std::iter::once(self.login.certificate()).chain(self.login.intermediates());
        Ok(LoginAnswer { certificates: chain.map(|c| c.as_der().to_vec()).collect(), signature, form: login::Form::Plain })
    }

    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure> {
        let draft = as_of.0.draft(ballot, self.sign.certificate(), self.sign.intermediates(), as_of.1)?;
        Ok(draft.finish(&self.sign.sign(draft.message())?)?)
    }
}
