//! The commands, and what they share: whom to ask, who votes, where to remember.

pub mod batch;
pub mod cast;
pub mod challenge;
pub mod contests;
pub mod login;
pub mod status;

use crate::client::Collector;
use crate::eid::{Eid, PemEid};
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::Memory;
use ballot::Hash;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Which collector, and which election.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// Base URL of the collector, such as `https://vote.example`
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    pub collector: String,
    /// Election id: 64 hex digits, from a source other than this server (paper, the gazette)
    #[arg(long, value_name = "HEX", value_parser = parse_id)]
    pub election_id: Hash,
}

fn parse_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if host.is_some_and(|h| !h.is_empty()) { Ok(text.to_owned()) } else { Err("an address begins with https://".to_owned()) }
}

fn parse_id(text: &str) -> Result<Hash, String> {
    ballot::encode::parse_hash(text).ok_or_else(|| "an election id has 64 lower-case hex digits".to_owned())
}

/// Where this installation remembers: a secret, the last checkpoint seen, ballots handed in. Never a seed, never a choice.
#[derive(Debug, clap::Args)]
pub struct State {
    /// Folder of this installation's memory [default: $XDG_STATE_HOME/haal or ~/.local/state/haal]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// The voter's eID: four PEM files, or a folder of test eIDs.
#[derive(Debug, clap::Args)]
pub struct EidFiles {
    /// PKCS#8 key for logging in
    #[arg(long, value_name = "FILE", requires_all = ["login_cert", "sign_key", "sign_cert"])]
    pub login_key: Option<PathBuf>,
    /// Certificates for logging in, leaf first
    #[arg(long, value_name = "FILE", requires = "login_key")]
    pub login_cert: Option<PathBuf>,
    /// PKCS#8 key for signing
    #[arg(long, value_name = "FILE", requires = "login_key")]
    pub sign_key: Option<PathBuf>,
    /// Certificates for signing, leaf first
    #[arg(long, value_name = "FILE", requires = "login_key")]
    pub sign_cert: Option<PathBuf>,
    /// Folder with CODE.login.key.pem, CODE.login.pem, CODE.sign.key.pem, CODE.sign.pem
    #[arg(long, value_name = "DIR", requires = "person", conflicts_with = "login_key")]
    pub eid_dir: Option<PathBuf>,
    /// Person code, such as PNOEE-38001085718
    #[arg(long, value_name = "CODE", requires = "eid_dir")]
    pub person: Option<String>,
}

impl Place {
    /// The collector's HTTP.
    pub fn collector(&self) -> Collector {
        Collector::new(&self.collector)
    }
}

impl State {
    /// Opens the memory of this installation.
    pub fn memory(&self, election: &Hash) -> Result<Memory, Failure> {
        let folder = self.state.clone().or_else(Memory::default_place);
        let folder = folder.ok_or_else(|| Failure::usage("There is no home folder to remember in: say --state DIR."))?;
        Memory::open(&folder, election)
    }
}

/// The collector, the memory of this installation, and the election as both show it.
pub fn enter(place: &Place, state: &State) -> Result<(Collector, Memory, Election), Failure> {
    let collector = Collector::new(&place.collector);
    let mut memory = state.memory(&place.election_id)?;
    let election = Election::load(&collector, &place.election_id, &mut memory)?;
    Ok((collector, memory, election))
}

impl EidFiles {
    /// The eID, if one is named.
    pub fn open(&self) -> Result<Option<Box<dyn Eid>>, Failure> {
        if let (Some(folder), Some(code)) = (&self.eid_dir, &self.person) {
            return Ok(Some(Box::new(PemEid::from_folder(folder, code)?)));
        }
        let (Some(login_key), Some(login_cert), Some(sign_key), Some(sign_cert)) =
            (&self.login_key, &self.login_cert, &self.sign_key, &self.sign_cert)
        else {
            return Ok(None);
        };
        Ok(Some(Box::new(PemEid::from_files([login_key, login_cert, sign_key, sign_cert])?)))
    }

    /// The eID; it must be named.
    pub fn require(&self) -> Result<Box<dyn Eid>, Failure> {
        self.open()?.ok_or_else(|| {
            Failure::usage("No eID is named: say --eid-dir DIR --person CODE, or --login-key, --login-cert, --sign-key and --sign-cert.")
        })
    }
}

/// Asks on the terminal; nothing if there is none.
pub fn ask(question: &str) -> Result<Option<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    eprint!("{question}");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(Some(answer.trim().to_owned()))
}
