//! What a journey is made of: its pages, what the voter may do, what the clerk is asked, and what is shown.

use crate::client::Status;
use crate::clock::Clock;
use crate::commands::Place;
use crate::eid::Answers;
use crate::second_device::CodeCard;
use crate::selection::Limit;
use ballot::manifest::{Kind, Manifest};
use ballot::shape::Selection;
use std::sync::Arc;

/// A page. Its address names no choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Languages, and which election.
    Start,
    /// With what the voter logs in.
    Identify,
    /// A job is under way; a PIN may be asked for.
    Wait,
    /// Who, where, and which ballots are in the box.
    Overview,
    /// One contest, from 0.
    Contest(usize),
    /// Every choice in words, before signing.
    Review,
    /// The ballot is in the box.
    Receipt,
    /// A ballot was opened in place of being cast.
    Opened,
    /// Something went wrong.
    Trouble,
    /// The program ends.
    Bye,
}

impl Page {
    /// Its address.
    pub fn path(self) -> String {
        match self {
            Self::Start => "/".to_owned(),
            Self::Identify => "/identify".to_owned(),
            Self::Wait => "/wait".to_owned(),
            Self::Overview => "/overview".to_owned(),
            Self::Contest(n) => format!("/contest/{}", n.saturating_add(1)),
            Self::Review => "/review".to_owned(),
            Self::Receipt => "/receipt".to_owned(),
            Self::Opened => "/opened".to_owned(),
            Self::Trouble => "/trouble".to_owned(),
            Self::Bye => "/bye".to_owned(),
        }
    }

    /// The page of this address.
    pub fn find(path: &str) -> Option<Self> {
        let fixed =
            [Self::Start, Self::Identify, Self::Wait, Self::Overview, Self::Review, Self::Receipt, Self::Opened, Self::Trouble, Self::Bye];
        let contest = || Some(Self::Contest(path.strip_prefix("/contest/")?.parse::<usize>().ok()?.checked_sub(1)?));
        fixed.into_iter().find(|page| page.path() == path).or_else(contest)
    }
}

/// What the clerk does for the voter; one after the other.
pub enum Job {
    /// Load and check the election.
    Enter(Place),
    /// Open the eID and log in.
    LogIn(&'static str, Answers),
    /// Encrypt.
    Seal { revision: u64, selections: Vec<Selection> },
    /// Sign the sealed ballot, hand it in, wait for the receipt.
    Sign,
    /// Send the signed bytes once more.
    Resend,
    /// Open the sealed ballot for checking.
    Open,
    /// Ask which ballots are in the box.
    Look,
    /// Forget the session.
    LogOut,
}

/// What the clerk is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    Entering,
    LoggingIn,
    Sealing,
    Signing,
    Sending,
    Proving,
    Opening,
    Looking,
}

impl Busy {
    /// Its sentence.
    pub fn key(self) -> &'static str {
        match self {
            Self::Entering => "wait-entering",
            Self::LoggingIn => "wait-login",
            Self::Sealing => "wait-sealing",
            Self::Signing => "wait-signing",
            Self::Sending => "wait-sending",
            Self::Proving => "wait-proving",
            Self::Opening => "wait-opening",
            Self::Looking => "wait-looking",
        }
    }
}

/// The election as the page shows it.
#[derive(Clone)]
pub struct Card {
    /// Checked against the election id.
    pub manifest: Arc<Manifest>,
    /// By the collector's word, when it was last asked.
    pub status: Status,
    /// The collector's time.
    pub clock: Clock,
}

impl Card {
    /// A rehearsal, whose ballots count for nothing.
    pub fn practice(&self) -> bool {
        self.manifest.description().kind == Kind::Practice
    }
}

/// Who is logged in.
#[derive(Clone, Debug, Default)]
pub struct Voter {
    /// The person code.
    pub code: String,
    /// Position of the district.
    pub district: usize,
    /// Ballots in the box, the last one counts.
    pub ballots: Vec<InBox>,
}

/// One ballot in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct InBox {
    pub number: u32,
    pub tracker: String,
    /// Entry of the board; none while it waits to be published.
    pub index: Option<u64>,
    /// Cast with this program on this computer.
    pub here: bool,
}

/// A ballot that the collector has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Done {
    pub number: u32,
    pub tracker: String,
    /// By when it must be published.
    pub deadline: u64,
    /// Entry of the board and number of witnesses, once the receipt is checked.
    pub recorded: Option<(u64, usize)>,
    /// For a second device, with the receipt.
    pub code: Option<CodeCard>,
    /// It had arrived before, in spite of a cut line.
    pub before: bool,
}

/// A ballot that was opened in place of being cast.
pub struct Opened {
    pub tracker: String,
    pub selections: Vec<Selection>,
    /// The opened ballot (06-ballot), to be kept as a file.
    pub bytes: Vec<u8>,
    /// Entry of the board.
    pub index: Option<u64>,
}

/// A sentence for the top of the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// What was sent came from a page that is no longer the current one.
    Outdated,
    /// The choices are others than those that were looked at.
    Changed,
    /// The voter was away too long.
    Idle,
    /// The rule of the contest.
    Limit(Limit),
    /// This option (by position) has this place now, from 1.
    Ranked(usize, usize),
    /// This option has no place any more.
    Unranked(usize),
    /// The address of the collector or the election id cannot be one.
    BadPlace,
    /// An input of the eID is missing.
    Missing,
}

/// What the voter does to a ranking. Options by position, places from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    Add(usize),
    Remove(usize),
    Up(usize),
    Down(usize),
    /// The whole order, from dragging.
    Order(Vec<usize>),
}
