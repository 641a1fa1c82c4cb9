//! PKCS#12 files (`.p12`, `.pfx`): one file with both keys, or a file for each. Spec: 07a-envelope, ENV-46 and ENV-47.

use super::fault::Fault;
use super::pem::PemEid;
use super::{Answers, Holder, Input, InputKind, Means, Opened, Secret};
use crate::failure::Failure;
use envelope::{EnvelopeError, Identity, Purpose, pkcs12};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Files under a password.
pub const MEANS: Means = Means {
    name: "pkcs12",
    title: "PKCS#12 file",
    inputs: &[
        Input::new("file", "the .p12 or .pfx file", InputKind::Path),
        Input::optional("sign-file", "a second file, if the key for signing is in one of its own", InputKind::Path),
    ],
    open,
};

fn open(answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
    let mut found = read(answers.need("file")?.as_ref(), holder.as_ref())?;
    if let Some(second) = answers.get("sign-file") {
        found.extend(read(second.as_ref(), holder.as_ref())?);
    }
    let mut take = |purpose, what: &str| {
        let at = found.iter().position(|identity| identity.certificate().accept_for(purpose).is_ok());
        at.map(|at| found.swap_remove(at)).ok_or_else(|| Fault::NoCertificate(format!("there is none for {what}")))
    };
    let login = take(Purpose::Login, "logging in (ENV-28)")?;
    let sign = take(Purpose::Signing, "signing (ENV-27)")?;
    Ok(Box::new(PemEid::new(login, sign)?))
}

fn read(path: &Path, holder: &dyn Holder) -> Result<Vec<Identity>, Failure> {
    let bytes = std::fs::read(path).map(Zeroizing::new).map_err(|e| Failure::unreadable(format!("{}: {e}", path.display())))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let password = holder.secret(&Secret::Password(name), None)?;
    pkcs12::open(&bytes, &password).map_err(|e| match e {
        EnvelopeError::Pkcs12Password => Fault::WrongPassword.into(),
        EnvelopeError::Pkcs12(_) => Failure::unreadable(format!("{}: {e}", path.display())).next(
            "If the file is an old one, convert it: `openssl pkcs12 -legacy -in OLD -out x.pem`, then `openssl pkcs12 -export -in x.pem -out \
             NEW`, and remove x.pem.",
        ),
        other => Failure::unreadable(format!("{}: {other}", path.display())),
    })
}
