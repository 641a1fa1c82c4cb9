//! What a voter's eID does, and what it asks of its holder. Spec: 07-casting, login and envelope.
//!
//! One file for each means; a new one is a file that makes a [`Means`], and a line in [`MEANS`]. A means never reads a terminal: what the
//! voter types beforehand comes as [`Answers`], what happens while it works goes through a [`Holder`]. A page and a terminal are holders.

use crate::failure::Failure;
use ballot::Hash;
use envelope::Profile;
use envelope::login::Form;
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

mod act;
pub mod card;
pub mod fault;
pub mod mobile_id;
pub mod pem;
pub mod pkcs12;
mod service;
pub mod smart_id;
mod smart_id_link;
pub mod terminal;
#[cfg(test)]
pub mod tests;
pub mod web_eid;

/// Every means of this program, in the order of a menu.
pub const MEANS: &[Means] = &[card::MEANS, mobile_id::MEANS, smart_id::MEANS, web_eid::MEANS, pkcs12::MEANS, pem::FOLDER, pem::FILES];

/// An eID that is ready, or why it is not.
pub type Opened = Result<Box<dyn Eid>, Failure>;

/// A way to use an eID.
#[derive(Debug)]
pub struct Means {
    /// Short name on the command line, such as `card`.
    pub name: &'static str,
    /// Name for people, in English.
    pub title: &'static str,
    /// What must be known before it can be opened.
    pub inputs: &'static [Input],
    /// Opens it. Talks to the card or service, but asks for no PIN unless it cannot be helped.
    pub open: fn(&Answers, Arc<dyn Holder>) -> Opened,
}

/// One thing that a means must be told.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Name in [`Answers`] and on the command line: `--eid-with phone=…`.
    pub name: &'static str,
    /// Label for people, in English.
    pub title: &'static str,
    /// What it is.
    pub kind: InputKind,
    /// May be left out.
    pub optional: bool,
}

/// Who gives an input, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// The voter types it: a phone number, a personal code.
    Text,
    /// The voter points to a file or folder.
    Path,
    /// Whoever sets the program up gives it, once: a PKCS#11 module, the address of a service. A page does not show it.
    Setting,
}

/// The inputs of a means by name. Wiped when dropped; never printed.
#[derive(Default)]
pub struct Answers(BTreeMap<String, Zeroizing<String>>);

/// Which secret a voter is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The PIN for logging in.
    Pin1,
    /// The PIN for signing.
    Pin2,
    /// The password of a key file of this name.
    Password(String),
}

/// What the voter must see while the eID works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Compare this code with the one on the phone, then enter the PIN there. Shown until the next notice.
    Code(String),
    /// The phone shows several codes: choose this one there. Shown until the next notice.
    Choose(String),
    /// Scan this link with the eID's app on the phone, and enter the PIN there. A new one comes each second.
    Scan(String),
    /// Enter this PIN on the keys of the card reader, or in the window that another program has opened.
    Elsewhere(Secret),
    /// The act is over, well or not: nothing of the above is to be shown any more.
    Over,
}

/// Whoever sits in front of the program, as a page or a terminal reaches them. Called from the thread that works with the eID.
pub trait Holder: Send + Sync {
    /// Asks for a secret and waits. `tries` is how many are left, if the card says so. [`fault::Fault::Cancelled`] if the voter will not.
    fn secret(&self, which: &Secret, tries: Option<u8>) -> Result<Zeroizing<String>, Failure>;
    /// Shows something and returns at once.
    fn show(&self, notice: &Notice);
    /// True once the voter has given up; asked about once a second while a service is waited for.
    fn gave_up(&self) -> bool {
        false
    }
}

/// The answer to a login nonce.
pub struct LoginAnswer {
    /// DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// In the one encoding of its kind of key (07a).
    pub signature: Vec<u8>,
    /// What was signed around the nonce.
    pub form: Form,
}

/// An opened eID: it can log in and sign. Both ask the holder.
pub trait Eid: Send + Sync {
    /// The subject serial number of both certificates.
    fn person_code(&self) -> &str;
    /// Signs the login message of this election and collector.
    fn login(&self, election: &Hash, collector_key: &[u8; 32], nonce: &[u8; 32]) -> Result<LoginAnswer, Failure>;
    /// Signs a ballot, whole; gives the container of this profile (07a, 07b) with this signing time.
    fn sign(&self, ballot: &[u8], as_of: (Profile, u64)) -> Result<Vec<u8>, Failure>;
}

impl Means {
    /// The means of this name.
    pub fn find(name: &str) -> Result<&'static Self, Failure> {
        MEANS.iter().find(|means| means.name == name).ok_or_else(|| {
            let known: Vec<&str> = MEANS.iter().map(|means| means.name).collect();
            Failure::usage(format!("There is no eID of the kind `{name}`: say one of {}.", known.join(", ")))
        })
    }

    /// Opens it, once every input that is needed is there and no other.
    pub fn open(&self, answers: &Answers, holder: Arc<dyn Holder>) -> Opened {
        if let Some(missing) = self.inputs.iter().find(|input| !input.optional && answers.get(input.name).is_none()) {
            return Err(Failure::usage(format!("The eID `{}` needs {}: say --eid-with {}=…", self.name, missing.title, missing.name)));
        }
        if let Some(strange) = answers.0.keys().find(|name| !self.inputs.iter().any(|input| input.name == name.as_str())) {
            return Err(Failure::usage(format!("The eID `{}` takes no `{strange}`.", self.name)));
        }
        (self.open)(answers, holder)
    }
}

impl Input {
    const fn new(name: &'static str, title: &'static str, kind: InputKind) -> Self {
        Self { name, title, kind, optional: false }
    }

    const fn optional(name: &'static str, title: &'static str, kind: InputKind) -> Self {
        Self { name, title, kind, optional: true }
    }
}

impl Answers {
    /// Adds or replaces an answer.
    pub fn set(&mut self, name: &str, value: Zeroizing<String>) {
        self.0.insert(name.to_owned(), value);
    }

    /// The answer of this name, if it was given and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The answer of this name, which [`Means::open`] has asked for.
    fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::usage(format!("The eID needs `{name}`.")))
    }
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
