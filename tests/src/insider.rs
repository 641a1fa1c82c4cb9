//! Whole election records with every key in one hand: an insider can deviate at any one step and recompute everything after it, so that
//! only the check that is meant is left to find it.
//!
//! The steps follow the log: [`Insider::new`], [`Insider::ceremony`], [`Insider::drill`], [`Insider::roll`], [`Insider::open`], batches,
//! [`Insider::close`], [`Insider::closing`], mixes, intents, openings, [`Insider::result`], [`Insider::write`]. Nothing is checked on the
//! way. [`town`] is the small honest record that the attacks start from, [`random`] draws honest ones.

pub mod ballots;
pub mod ceremony;
pub mod closing;
pub mod der;
pub mod eid;
pub mod files;
pub mod mixing;
pub mod opening;
pub mod random;
pub mod rolls;
pub mod setup;
pub mod shuffler;
pub mod town;

use crate::lab;
use crate::plan::Plan;
use ballot::ballot::BallotStyle;
use ballot::encode::{Record, sha256};
use ballot::rng::SeededRng;
use ballot::signature::{Purpose, sign};
use ballot::{Ciphertext, Hash, Manifest};
use board::roll::RollLine;
use board::{Entry, Order, OrderKind, Post, PostKind, tree};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trustee::counted::BallotFacts;
use trustee::open::Closed;

pub use ballots::Item;
pub use ceremony::{Keys, Script};
pub use closing::UnitRows;
pub use setup::Setup;

/// A ballot as the insider's own count sees it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Cast {
    pub facts: BallotFacts,
    pub parts: Vec<Ciphertext>,
}

/// A record in the making.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Insider {
    pub manifest: Arc<Manifest>,
    /// Written in place of the manifest's bytes, for manifests that no program would load.
    pub manifest_file: Option<Vec<u8>>,
    pub entries: Vec<Vec<u8>>,
    pub blobs: BTreeMap<Hash, Vec<u8>>,
    /// Envelope hashes of ballots whose envelopes there are, by ballot hash.
    pub envelopes: BTreeMap<Hash, Hash>,
    /// Number of the last order.
    pub orders: u32,
    /// Time of the last order or batch.
    pub clock: u64,
    /// The roll in force.
    pub lines: Vec<RollLine>,
    /// Who was on it and is no more, with the district that was the last.
    pub gone: Vec<RollLine>,
    /// Number of the last order *amend*.
    pub version: u64,
    /// The key that the trustees hold.
    pub keys: Option<Arc<Keys>>,
    /// Orders *drill* so far.
    pub drills: u32,
    pub casts: Vec<Cast>,
    pub annulled: BTreeSet<Hash>,
    /// Hashes of the counted ballots, if the insider counts others than it should.
    pub chosen: Option<Vec<Hash>>,
    pub closed: Option<Closed>,
    pub units: Vec<UnitRows>,
    /// Files that are written besides, or instead, or not at all.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
    /// Faults of single parties that the election survives: check, rule, and entry.
    pub faults: Vec<(&'static str, &'static str, usize)>,
    /// What the voters meant.
    pub plan: Plan,
    draws: u64,
}

impl Insider {
    /// The manifest and its entry.
    pub fn new(manifest: Manifest) -> Self {
        let mut new = Self {
            clock: manifest.description().voting.from,
            manifest: Arc::new(manifest),
            manifest_file: None,
            entries: Vec::new(),
            blobs: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            orders: 0,
            lines: Vec::new(),
            gone: Vec::new(),
            version: 0,
            keys: None,
            drills: 0,
            casts: Vec::new(),
            annulled: BTreeSet::new(),
            chosen: None,
            closed: None,
            units: Vec::new(),
            files: BTreeMap::new(),
            faults: Vec::new(),
            plan: Plan::default(),
            draws: 0,
        };
        let entry = new.manifest_entry(&new.manifest.id());
        new.push(&entry);
        new
    }

    /// Entry 0 for this election id, signed by the whole committee.
    pub fn manifest_entry(&self, election: &Hash) -> Entry {
        let signature = |m: u8| (m, sign(&lab::signing_key(&format!("committee-{m}")), Purpose::Manifest, election, &[]));
        let members = self.manifest.description().committee.members.len() as u8;
        Entry::Manifest { election: *election, signatures: (1..=members).map(signature).collect() }
    }

    /// The election id.
    pub fn id(&self) -> Hash {
        self.manifest.id()
    }

    /// Entropy that follows from how often it was asked for.
    pub fn rng(&mut self) -> SeededRng {
        self.draws += 1;
        SeededRng::new(&[self.id().as_slice(), &self.draws.to_be_bytes()].concat())
    }

    /// Appends an entry; gives its index.
    pub fn push(&mut self, entry: &Entry) -> usize {
        self.push_bytes(entry.to_bytes())
    }

    /// Appends any bytes as an entry; gives its index.
    pub fn push_bytes(&mut self, bytes: Vec<u8>) -> usize {
        self.entries.push(bytes);
        self.entries.len() - 1
    }

    /// Keeps a blob; gives its name.
    pub fn keep(&mut self, blob: &[u8]) -> Hash {
        let name = sha256(blob);
        self.blobs.insert(name, blob.to_vec());
        name
    }

    /// An order at the next tick of the clock, signed by the quorum.
    pub fn order(&mut self, kind: OrderKind, value: u64, argument: Hash, blob: Option<&[u8]>) -> usize {
        self.order_with(kind, value, argument, blob, |_| {})
    }

    /// The same, changed before it is signed.
    pub fn order_with(
        &mut self,
        kind: OrderKind,
        value: u64,
        argument: Hash,
        blob: Option<&[u8]>,
        change: impl FnOnce(&mut Order),
    ) -> usize {
        let name = blob.map_or([0; 32], |b| self.keep(b));
        self.clock += 1;
        let mut order = Order { number: self.orders + 1, kind, time: self.clock, value, argument, blob: name, signatures: vec![] };
        change(&mut order);
        self.orders = order.number;
        let order = self.signed(order);
        self.push(&Entry::Order(order))
    }

    /// An order with the signatures of a quorum, whatever it had.
    pub fn signed(&self, mut order: Order) -> Order {
        order.signatures.clear();
        for member in 1..=self.manifest.description().committee.quorum as u8 {
            order.sign(&self.id(), member, &lab::signing_key(&format!("committee-{member}")));
        }
        order
    }

    /// A post of a trustee or mixer with its blob.
    pub fn post(&mut self, kind: PostKind, author: u16, blob: &[u8]) -> usize {
        let name = self.keep(blob);
        let post = self.signed_post(kind, author, name);
        self.push(&Entry::Post(post))
    }

    /// A post with its author's signature.
    pub fn signed_post(&self, kind: PostKind, author: u16, blob: Hash) -> Post {
        let role = if kind == PostKind::Mix { "mixer" } else { "trustee" };
        Post::new(kind, author, blob, &self.id(), &lab::signing_key(&format!("{role}-{author}")))
    }

    /// Decodes an entry, changes it, and puts it back; orders and posts are signed again.
    pub fn edit(&mut self, index: usize, change: impl FnOnce(&mut Entry)) {
        let mut entry = Entry::from_bytes(&self.entries[index]).expect("an entry of this library");
        change(&mut entry);
        entry = match entry {
            Entry::Order(order) => Entry::Order(self.signed(order)),
            Entry::Post(post) => Entry::Post(self.signed_post(post.kind, post.author, post.blob)),
            other => other,
        };
        self.entries[index] = entry.to_bytes();
    }

    /// The entry at an index.
    pub fn entry(&self, index: usize) -> Entry {
        Entry::from_bytes(&self.entries[index]).expect("an entry of this library")
    }

    /// Indices of the orders of a kind.
    pub fn orders_of(&self, kind: OrderKind) -> Vec<usize> {
        self.find(|e| matches!(e, Entry::Order(o) if o.kind == kind))
    }

    /// Indices of the posts of a kind.
    pub fn posts_of(&self, kind: PostKind) -> Vec<usize> {
        self.find(|e| matches!(e, Entry::Post(p) if p.kind == kind))
    }

    /// Indices of the entries that fit; those that do not decode fit nothing.
    pub fn find(&self, fits: impl Fn(&Entry) -> bool) -> Vec<usize> {
        let fits = |i: &usize| Entry::from_bytes(&self.entries[*i]).is_ok_and(|e| fits(&e));
        (0..self.entries.len()).filter(fits).collect()
    }

    /// The blob that an entry names.
    pub fn blob_of(&self, index: usize) -> Hash {
        self.entry(index).blob().expect("an entry with a blob")
    }

    /// Root over the entries so far.
    pub fn root(&self) -> Hash {
        tree::root_of(&self.entries)
    }

    /// The styles of all districts under the key that the trustees hold.
    pub fn styles(&self) -> Vec<BallotStyle> {
        BallotStyle::all(&self.manifest, &self.keys().set.key).expect("as many columns as the manifest asks")
    }

    /// The key.
    pub fn keys(&self) -> &Arc<Keys> {
        self.keys.as_ref().expect("after the ceremony")
    }

    /// Rules by which the manifest weakens the election, and may.
    pub fn weaknesses(&self) -> Vec<&'static str> {
        let description = self.manifest.description();
        let (n, t) = self.manifest.trustees();
        let weak = [
            ("MAN-2", description.kind == ballot::manifest::Kind::Practice),
            ("MAN-7", description.witnesses.members.is_empty()),
            ("MAN-8", description.trustees.override_rules || 2 * t <= n),
        ];
        weak.into_iter().filter(|w| w.1).map(|w| w.0).collect()
    }

    /// Number of trustees, and threshold.
    pub fn trustees(&self) -> (u16, u16) {
        let (n, t) = self.manifest.trustees();
        (n as u16, t as u16)
    }
}
