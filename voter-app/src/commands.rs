//! The commands, and what they share: whom to ask, who votes, where to remember.

pub mod batch;
pub mod cast;
pub mod challenge;
pub mod contests;
pub mod eid;
pub mod login;
pub mod status;

use crate::client::Collector;
use crate::eid::terminal::Terminal;
use crate::eid::{Answers, Eid, Means, pem};
use crate::election::Election;
use crate::failure::Failure;
use crate::memory::Memory;
use ballot::Hash;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Which collector, and which election.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// Base URL of the collector, such as `https://vote.example`
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    pub collector: String,
    /// Election id: 64 hex digits, from a source other than this server (paper, the gazette)
    #[arg(long, value_name = "HEX", value_parser = parse_id)]
    pub election_id: Hash,
}

/// Reads the address of a collector.
pub fn parse_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if host.is_some_and(|h| !h.is_empty()) { Ok(text.to_owned()) } else { Err("an address begins with https://".to_owned()) }
}

/// Reads an election id.
pub fn parse_id(text: &str) -> Result<Hash, String> {
    ballot::encode::parse_hash(text).ok_or_else(|| "an election id has 64 lower-case hex digits".to_owned())
}

/// Where this installation remembers: a secret, the last checkpoint seen, ballots handed in. Never a seed, never a choice.
#[derive(Debug, clap::Args)]
pub struct State {
    /// Folder of this installation's memory [default: $XDG_STATE_HOME/haal or ~/.local/state/haal]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// The voter's eID: which means, and what it must be told.
#[derive(Debug, clap::Args)]
pub struct EidArgs {
    /// Means of the eID; `voter-app eid` lists them and what each must be told
    #[arg(long, value_name = "MEANS", conflicts_with = "eid_dir")]
    pub eid: Option<String>,
    /// One thing that the means must be told
    #[arg(long, value_name = "NAME=VALUE", requires = "eid")]
    pub eid_with: Vec<String>,
    /// Read PINs from a file in place of asking: PIN1 or a password in the first line, PIN2 in the second
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
    /// Short for --eid folder: folder with CODE.login.key.pem, CODE.login.pem, CODE.sign.key.pem, CODE.sign.pem
    #[arg(long, value_name = "DIR", requires = "person")]
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

impl EidArgs {
    /// The eID, if one is named.
    pub fn open(&self) -> Result<Option<Box<dyn Eid>>, Failure> {
        let mut answers = Answers::default();
        let name = match (&self.eid, &self.eid_dir, &self.person) {
            (Some(name), _, _) => name,
            (None, Some(folder), Some(person)) => {
                answers.set("folder", Zeroizing::new(folder.to_string_lossy().into_owned()));
                answers.set("person", Zeroizing::new(person.clone()));
                pem::FOLDER.name
            }
            _ => return Ok(None),
        };
        for given in &self.eid_with {
            let (name, value) = given.split_once('=').ok_or_else(|| Failure::usage(format!("`{given}` is not NAME=VALUE.")))?;
            answers.set(name, Zeroizing::new(value.to_owned()));
        }
        let holder = Terminal { pin_file: self.pin_file.clone() };
        Means::find(name)?.open(&answers, Arc::new(holder)).map(Some)
    }

    /// The eID; it must be named.
    pub fn require(&self) -> Result<Box<dyn Eid>, Failure> {
        self.open()?
            .ok_or_else(|| Failure::usage("No eID is named: say --eid MEANS (`voter-app eid` lists them), or --eid-dir DIR --person CODE."))
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
