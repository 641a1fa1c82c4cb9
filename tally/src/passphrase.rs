//! Where the passphrase of a sealed file comes from: a file, the environment, or a person.

use crate::failure::{Failure, Outcome};
use crate::files;
use age::secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const VARIABLE: &str = "HAAL_PASSPHRASE";

/// Options of every command that opens or makes a sealed file.
#[derive(clap::Args, Clone, Debug)]
pub struct PassphraseArgs {
    /// File whose first line is the passphrase; else the variable HAAL_PASSPHRASE, else you are asked
    ///
    /// Given once, it serves every key of the command line; given several times, the first file is for the first key and so on.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Vec<PathBuf>,
    /// Seal new files with a passphrase that is quickly guessed; for tests and rehearsals only (also HAAL_INSECURE_FAST=1)
    #[arg(long, hide = true)]
    insecure_fast: bool,
}

/// A passphrase and how much work guessing it shall cost. Never printed.
#[derive(Clone)]
pub struct Passphrase {
    secret: SecretString,
    fast: bool,
}

impl Passphrase {
    /// For the library that seals.
    pub fn secret(&self) -> SecretString {
        self.secret.clone()
    }

    /// True if new files are sealed for tests and rehearsals only.
    pub fn is_fast(&self) -> bool {
        self.fast
    }
}

impl PassphraseArgs {
    /// The passphrase of a file that exists; `at` is its position among the keys of the command line.
    pub fn for_file(&self, path: &Path, at: usize) -> Outcome<Passphrase> {
        std::fs::File::open(path).map_err(|e| Failure::file(path, e))?; // before anybody is asked for what opens it
        let secret = match self.given(at)? {
            Some(secret) => secret,
            None => ask(&format!("Passphrase of {}: ", path.display()))?,
        };
        Ok(self.with(secret))
    }

    /// A passphrase for a new file; a person types it twice.
    pub fn for_new(&self, path: &Path) -> Outcome<Passphrase> {
        let secret = match self.given(0)? {
            Some(secret) => secret,
            None => {
                let first = ask(&format!("New passphrase for {}: ", path.display()))?;
                let second = ask("The same again: ")?;
                if first.expose_secret() != second.expose_secret() {
                    return Err(Failure::Refused(anyhow::anyhow!("the two passphrases differ; nothing was written")));
                }
                first
            }
        };
        let passphrase = self.with(secret);
        if passphrase.fast {
            eprintln!("WARNING: --insecure-fast: {} can be opened by guessing. For tests and rehearsals only.", path.display());
        } else if passphrase.secret.expose_secret().chars().count() < 12 {
            eprintln!("Warning: this passphrase is short; five or more words chosen by dice are better.");
        }
        Ok(passphrase)
    }

    fn with(&self, secret: SecretString) -> Passphrase {
        let variable = std::env::var("HAAL_INSECURE_FAST").is_ok_and(|v| v == "1");
        Passphrase { secret, fast: self.insecure_fast || variable }
    }

    fn given(&self, at: usize) -> Outcome<Option<SecretString>> {
        let file = if self.passphrase_file.len() > 1 { self.passphrase_file.get(at) } else { self.passphrase_file.first() };
        if let Some(path) = file {
            let text = Zeroizing::new(files::read_text(path)?);
            let line = text.lines().next().unwrap_or_default();
            return accept(line, &path.display().to_string()).map(Some);
        }
        if !self.passphrase_file.is_empty() {
            return Err(Failure::Usage("there are more keys than --passphrase-file".to_owned()));
        }
        match std::env::var(VARIABLE) {
            Ok(line) => accept(&Zeroizing::new(line), VARIABLE).map(Some),
            Err(_) => Ok(None),
        }
    }
}

fn accept(line: &str, place: &str) -> Outcome<SecretString> {
    if line.is_empty() {
        return Err(Failure::Refused(anyhow::anyhow!("{place}: an empty passphrase is none")));
    }
    Ok(SecretString::from(line.to_owned()))
}

fn ask(words: &str) -> Outcome<SecretString> {
    let terminal = console::Term::stderr();
    if !terminal.is_term() {
        let ways = "give --passphrase-file FILE or set HAAL_PASSPHRASE";
        return Err(Failure::Unreadable(anyhow::anyhow!("a passphrase is needed and there is no terminal to ask for it: {ways}")));
    }
    terminal.write_str(words)?;
    let line = Zeroizing::new(terminal.read_secure_line()?);
    accept(&line, "the terminal")
}
