//! The election as the voter's program believes it, after checking it. Spec: 07-casting, VOTER-1 and VOTER-3.

use crate::client::{Collector, Status};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::memory::Memory;
use crate::view::{self, View, distrust, settled};
use ballot::Hash;
use ballot::ballot::BallotStyle;
use ballot::manifest::{Manifest, Profile};
use board::source::{SourceError, load_blob, load_manifest};
use board::{Entry, OrderKind, Replay};
use envelope::Certificate;
use std::sync::Arc;

/// An open election: its manifest, and what the log up to *open* says.
pub struct Election {
    pub manifest: Arc<Manifest>,
    /// One for each district, under the election key that the ceremony's messages give.
    pub styles: Vec<BallotStyle>,
    /// Root of the roll that the committee signed.
    pub roll_root: Hash,
    /// Lines of the roll.
    pub voters: u64,
    /// The phase, by the collector's word.
    pub status: Status,
    /// The collector's time.
    pub clock: Clock,
    /// The log as far as it was published when this was loaded.
    pub view: View,
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
        let mut roll_root = [0; 32];
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
                if let Entry::Order(order) = &decoded
                    && order.kind == OrderKind::Roll
                {
                    roll_root = order.argument;
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
        let voters = replay.roll().map_or(0, |roll| roll.lines().len() as u64);
        Ok(Self { manifest, styles, roll_root, voters, status, clock, view })
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
