//! The election as the voter's program believes it, after checking it. Spec: 07-casting, VOTER-1 and VOTER-3.

use crate::client::{Collector, Status};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::view::{self, View, distrust, settled};
use ballot::Hash;
use ballot::ballot::BallotStyle;
use ballot::manifest::{Manifest, Profile};
use ballot::signature::Purpose;
use board::source::{SourceError, load_blob, load_manifest};
use board::{Entry, Order, OrderKind, Replay};
use envelope::Certificate;
use std::sync::Arc;

/// An open election: its manifest, and what the log up to *open* says.
pub struct Election {
    pub manifest: Arc<Manifest>,
    /// One for each district, under the election key that the ceremony's messages give.
    pub styles: Vec<BallotStyle>,
    /// The roll when voting began; what it became since is read from the log when a login names it.
    pub roll: SignedRoll,
    /// The phase, by the collector's word.
    pub status: Status,
    /// The collector's time.
    pub clock: Clock,
    /// The log as far as it was published when this was loaded.
    pub view: View,
}

/// A version of the roll, as the committee signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedRoll {
    /// Entry of the order *roll* or *amend*.
    pub entry: u64,
    /// Root of the tree over its lines.
    pub root: Hash,
    /// How many lines it has, if the roll itself was read.
    pub lines: Option<u64>,
}

impl SignedRoll {
    fn of(order: &Order, entry: u64) -> Option<Self> {
        matches!(order.kind, OrderKind::Roll | OrderKind::Amend).then_some(Self { entry, root: order.argument, lines: None })
    }
}

/// Reads the manifest of the election that the voter was told of (VOTER-1).
pub fn read_manifest(collector: &Collector, id: &Hash) -> Result<Manifest, Failure> {
    let manifest = load_manifest(collector, Some(id)).map_err(|error| match error {
        SourceError::Anchor => Failure::new("VOTER-1: this server offers another election than the one with your election id")
            .next("Compare the election id with the one that was published on paper or in the gazette. Nothing was sent."),
        SourceError::Manifest(rule) => Failure::new(format!("VOTER-1: the manifest breaks a rule: {rule}"))
            .next("Do not vote; tell the election committee. Nothing was sent."),
        other => distrust(other),
    })?;
    if manifest.anchors().iter().any(|der| Certificate::from_der(der).is_err()) {
        return Err(Failure::new("VOTER-1: the manifest breaks a rule: MAN-14: a trust anchor is not a certificate")
            .next("Do not vote; tell the election committee. Nothing was sent."));
    }
    Ok(manifest)
}

impl Election {
    /// The container of a ballot.
    pub fn profile(&self) -> envelope::Profile {
        match self.manifest.description().eid.profile {
            Profile::CadesB => envelope::Profile::CadesB,
            Profile::AsicE => envelope::Profile::AsicE,
        }
    }

    /// Loads and checks everything that a ballot rests on.
    pub fn load(collector: &Collector, id: &Hash, memory: &mut Memory) -> Result<Self, Failure> {
        let (status, clock) = collector.status()?;
        if let Some(seconds) = clock.disagreement() {
            eprintln!("Note: the clock of this computer and the collector's differ by {seconds} seconds. The collector's is used.");
        }
        let manifest = Arc::new(read_manifest(collector, id)?);
        let mut view = view::read(collector, &manifest)?;
        let mut replay = Replay::new(manifest.clone());
        let mut roll = None;
        let mut index = 0;
        while replay.phases().opened().is_none() {
            if index >= view.bundles() {
                return Err(Failure::new(format!("Voting has not begun: the election is in phase {}", status.phase))
                    .next("Come back when voting is open. Nothing was sent."));
            }
            // Before *open* the log grows rarely; if it does just now, the longer view takes over.
            let entries = settled(|| match view.bundle(collector, index) {
                Err(SourceError::Missing(path)) => {
                    if let Ok(newer) = view::read(collector, &manifest) {
                        view = newer;
                    }
                    Err(SourceError::Missing(path))
                }
                other => other,
            })?;
            for entry in entries.iter().skip((replay.size() % board::tile::WIDTH) as usize) {
                let decoded = view::decode(entry)?;
                if let Entry::Order(order) = &decoded {
                    roll = SignedRoll::of(order, replay.size()).or(roll);
                }
                let blob = decoded.blob().map(|name| load_blob(collector, &name)).transpose().map_err(distrust)?;
                replay.apply(entry, blob.as_deref()).map_err(|e| broken(format!("entry {}: {e}", replay.size())))?;
                if replay.phases().opened().is_some() {
                    break;
                }
            }
            index += 1;
        }
        memory.see(&view, collector)?;
        let (key_id, _) = replay.phases().opened().ok_or_else(|| broken("no order open"))?;
        let keys = replay.ceremony().confirmed().filter(|keys| keys.key.id() == key_id);
        let key = &keys.ok_or_else(|| broken("the order open names another key than the ceremony made"))?.key;
        let styles = BallotStyle::all(&manifest, key).ok_or_else(|| broken("the election key has another number of columns"))?;
        let mut roll = roll.ok_or_else(|| broken("no order roll"))?;
        roll.lines = replay.roll().map(|roll| roll.lines().len() as u64);
        Ok(Self { manifest, styles, roll, status, clock, view })
    }

    /// The version of the roll that a login names: an order of the committee at that entry of the log, not older than the one when voting
    /// began (ROLL-2). Its place in the log is fetched; what stands between is not read.
    pub fn roll_at(&self, collector: &Collector, entry: u64) -> Result<SignedRoll, Failure> {
        if entry == self.roll.entry {
            return Ok(self.roll);
        }
        let mut view = self.view.clone();
        let entries = settled(|| {
            if entry >= view.size() {
                view = View::read(collector, &self.manifest)?; // ordered just now: the next checkpoint shows it
            }
            if entry >= view.size() {
                return Err(SourceError::Missing(format!("entry {entry}")));
            }
            view.bundle(collector, entry / board::tile::WIDTH)
        })?;
        if view.root_at(collector, self.view.size()).map_err(distrust)? != Some(self.view.checkpoint.root) {
            return Err(Failure::broken("VOTER-6: the board says something else about the past than it did before"));
        }
        let found = entries.get((entry % board::tile::WIDTH) as usize).map(|bytes| view::decode(bytes)).transpose()?;
        let signed = |order: &Order| self.manifest.check_committee(Purpose::Order, &order.body(), &order.signatures).is_ok();
        let roll = match found {
            Some(Entry::Order(order)) if signed(&order) => SignedRoll::of(&order, entry),
            _ => None,
        };
        roll.filter(|roll| roll.entry > self.roll.entry).ok_or_else(|| {
            Failure::new(format!(
                "VOTER-2: entry {entry} of the log is no roll that the committee signed after the one that voting began with"
            ))
            .next("Do not vote over this server; tell the election committee, or vote on paper. No ballot was handed in.")
        })
    }

    /// Stops before anything is signed if ballots are not taken now.
    pub fn require_open(&self) -> Result<(), Failure> {
        if self.status.takes_ballots() {
            return Ok(());
        }
        Err(Failure::new(format!("No ballots are taken now: {}", self.status.words()))
            .next("Nothing was signed or sent. `voter-app status` shows what is recorded for you."))
    }

    /// The election id.
    pub fn id(&self) -> Hash {
        self.manifest.id()
    }

    /// The collector's key: for its promises, its checkpoints, and in the login message.
    pub fn collector_key(&self) -> &[u8; 32] {
        &self.manifest.description().collector.key.0
    }

    /// The most seconds between acceptance and publication that a promise may allow (07-casting).
    pub fn promise_seconds(&self) -> u64 {
        board::promise::deadline(0, self.manifest.description().board.batch_seconds)
    }

    /// The title of a district.
    pub fn district_title(&self, district: usize) -> &str {
        self.manifest.description().districts.get(district).map_or("", |d| &d.title)
    }
}

fn broken(what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("VOTER-3: the log does not give the election key: {what}"))
        .next("Do not vote over this server; tell the election committee. Nothing was sent.")
}
