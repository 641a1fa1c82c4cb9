//! A board without a server: a manifest, entries with their blobs, and helpers for every role.

use ballot::ballot::{BallotStyle, Seed};
use ballot::encode::{Record, sha256};
use ballot::manifest::*;
use ballot::rng::SeededRng;
use ballot::signature::{Purpose, sign};
use ballot::{Context, Hash, Selection};
use board::changes::ChangeSet;
use board::replay::{Event, ReplayError};
use board::roll::{AnnulReason, AnnulmentList, ReinstatementList, Roll, RollLine};
use board::{Checkpoint, Entry, Order, OrderKind, Post, PostKind, Replay, tree};
use ed25519_dalek::SigningKey;
use std::collections::HashMap;
use std::sync::Arc;
use trustee::ceremony::{Finished, Setting, ShareKey, Stage, answer_drill};
use trustee::counted::{BallotFacts, CountedSet};
use trustee::key_share::KeyShare;
use trustee::mix::Bases;
use trustee::view::{View, ViewError};

pub struct Board {
    pub rng: SeededRng,
    pub manifest: Arc<Manifest>,
    pub replay: Replay,
    pub entries: Vec<Vec<u8>>,
    pub blobs: HashMap<Hash, Vec<u8>>,
    pub share_keys: Vec<ShareKey>,
    pub orders: u32,
    pub ballots: Vec<BallotFacts>,
}

fn signer(role: &str, at: usize) -> SigningKey {
    SigningKey::from_bytes(&sha256(format!("{role} {at}").as_bytes()))
}

fn member(role: &str, at: usize) -> Member {
    Member { key: Hex32(signer(role, at).verifying_key().to_bytes()), name: format!("{role}-{at}") }
}

pub fn options(n: usize) -> Vec<ContestOption> {
    (0..n).map(|i| ContestOption { group: String::new(), id: format!("o{i}"), title: format!("Option {i}") }).collect()
}

pub fn contest(id: &str, rule: Rule, count: Count, n: usize, districts: &[&str]) -> Contest {
    let lists = vec![OptionList { districts: districts.iter().map(|d| (*d).to_owned()).collect(), options: options(n) }];
    Contest { count, id: id.to_owned(), lists, rule, title: id.to_owned() }
}

/// Two districts; a sum of four columns, a list of four options, and a ranking of two places.
pub fn three_contests() -> Vec<Contest> {
    let both = ["north", "south"];
    vec![
        contest("mayor", Rule::Choose { min: 1, max: 1, blank: true }, Count::Sum, 3, &both),
        contest("council", Rule::List {}, Count::Plurality, 4, &both),
        contest("order", Rule::Rank { places: 2 }, Count::InstantRunoff, 3, &both),
    ]
}

impl Board {
    pub fn new(n: usize, t: u64, contests: Vec<Contest>) -> Self {
        Self::with(n, t, contests, |_| {})
    }

    pub fn with(n: usize, t: u64, contests: Vec<Contest>, change: impl Fn(&mut Description)) -> Self {
        let mut rng = SeededRng::new(b"board");
        let share_keys: Vec<ShareKey> = (0..n).map(|_| ShareKey::new(&mut rng)).collect();
        let trustee = |(at, share): (usize, &ShareKey)| {
            let m = member("trustee", at + 1);
            TrusteeMember { key: m.key, name: m.name, share_key: Hex32(share.public()) }
        };
        let mut description = Description {
            board: ballot::manifest::Board { batch_seconds: 1, batch_smallest: 1 },
            check: ballot::manifest::CheckWindow { minutes: 30, releases: 3 },
            collector: member("collector", 1),
            committee: Committee { members: vec![member("committee", 1)], quorum: 1 },
            contests,
            districts: ["north", "south"].map(|id| District { id: id.to_owned(), title: id.to_owned() }).to_vec(),
            eid: Eid::new(vec!["AAAA".to_owned()], Profile::CadesB),
            haal: 1,
            k_min: 2,
            kind: Kind::Election,
            mixers: Mixers { members: (1..=3).map(|i| member("mixer", i)).collect(), required: 2 },
            title: "Election".to_owned(),
            trustees: Trustees {
                members: share_keys.iter().enumerate().map(trustee).collect(),
                override_rules: t < 2 || t == n as u64,
                threshold: t,
            },
            voting: Span { from: 1000, until: 2000 },
            witnesses: Witnesses { faulty: 0, members: vec![], quorum: 0 },
        };
        change(&mut description);
        let manifest = Arc::new(Manifest::from_description(&description).unwrap());
        let replay = Replay::new(manifest.clone());
        let mut board = Self {
            rng,
            manifest: manifest.clone(),
            replay,
            entries: vec![],
            blobs: HashMap::new(),
            share_keys,
            orders: 0,
            ballots: vec![],
        };
        let sig = sign(&signer("committee", 1), Purpose::Manifest, &manifest.id(), &[]);
        board.push(Entry::Manifest { election: manifest.id(), signatures: vec![(1, sig)] }, None).unwrap();
        board
    }

    pub fn push(&mut self, entry: Entry, blob: Option<&[u8]>) -> Result<Event, ReplayError> {
        let bytes = entry.to_bytes();
        let event = self.replay.apply(&bytes, blob)?;
        self.entries.push(bytes);
        blob.into_iter().for_each(|b| drop(self.blobs.insert(sha256(b), b.to_vec())));
        Ok(event)
    }

    pub fn order(&mut self, kind: OrderKind, value: u64, argument: Hash, blob: Option<&[u8]>) {
        let number = self.orders + 1;
        let name = blob.map_or([0; 32], sha256);
        let mut order = Order { number, kind, time: 1000 + u64::from(number), value, argument, blob: name, signatures: vec![] };
        order.sign(&self.manifest.id(), 1, &signer("committee", 1));
        self.push(Entry::Order(order), blob).unwrap();
        self.orders = number;
    }

    pub fn post(&mut self, kind: PostKind, author: u16, blob: &[u8]) {
        let role = if kind == PostKind::Mix { "mixer" } else { "trustee" };
        let post = Post::new(kind, author, sha256(blob), &self.manifest.id(), &signer(role, author.into()));
        self.push(Entry::Post(post), Some(blob)).unwrap();
    }

    pub fn begin_session(&mut self, session: Hash) -> Vec<Setting> {
        self.order(OrderKind::Ceremony, 0, session, None);
        (1..=self.n()).map(|j| Setting::new(&self.manifest, session, j).unwrap()).collect()
    }

    pub fn n(&self) -> u16 {
        self.manifest.trustees().0 as u16
    }

    /// Every trustee's commit, through a restart.
    pub fn commits(&mut self, session: Hash) -> Vec<trustee::ceremony::Committed> {
        let settings = self.begin_session(session);
        let states: Vec<_> = settings.into_iter().map(|s| s.commit(&mut self.rng).unwrap()).collect();
        for (state, j) in states.iter().zip(1..) {
            self.post(PostKind::Commit, j, &state.message());
        }
        states
    }

    pub fn reveals(&mut self, session: Hash) -> Vec<trustee::ceremony::Revealed> {
        let states: Vec<_> = self.commits(session).into_iter().map(|s| restart(s.reveal(&self.replay).map_err(|e| e.1).unwrap())).collect();
        for (state, j) in states.iter().zip(1..) {
            self.post(PostKind::Reveal, j, state.message());
        }
        states
    }

    pub fn deals(&mut self, session: Hash) -> Vec<trustee::ceremony::Dealt> {
        let states = self.reveals(session);
        let states: Vec<_> = states.into_iter().map(|s| s.deal(&self.replay, &mut self.rng).map_err(|e| e.1).unwrap()).collect();
        for (state, j) in states.iter().zip(1..) {
            self.post(PostKind::Deal, j, state.message());
        }
        states
    }

    pub fn finish(&mut self, state: trustee::ceremony::Dealt, j: u16) -> Finished {
        state.finish(&self.replay, &self.share_keys[usize::from(j) - 1], &mut self.rng).map_err(|e| e.1).unwrap()
    }

    /// A whole ceremony.
    pub fn ceremony(&mut self) -> Vec<KeyShare> {
        let mut shares = Vec::new();
        for (state, j) in self.deals([7; 32]).into_iter().zip(1..) {
            match self.finish(state, j) {
                Finished::Confirmed(confirmed) => {
                    self.post(PostKind::Confirm, j, &confirmed.message());
                    shares.push(confirmed.into_share());
                }
                Finished::Complained(_) => panic!("trustee {j} complains"),
            }
        }
        shares
    }

    pub fn drill(&mut self, shares: &[KeyShare], nonce: Hash) {
        self.order(OrderKind::Drill, 0, nonce, None);
        for share in shares {
            let answer = answer_drill(share, &self.manifest.id(), self.replay.ceremony(), &mut self.rng).unwrap();
            self.post(PostKind::Drill, share.trustee(), &answer);
        }
    }

    pub fn voter(at: u8) -> Hash {
        sha256(&[at])
    }

    /// Roll of `north` voters 0.. in the first district and the rest in the second; then open.
    pub fn open(&mut self, north: u8, south: u8) {
        let line = |i: u8| RollLine { pseudonym: Self::voter(i), district: u16::from(i >= north) };
        let roll = Roll::new((0..north + south).map(line).collect()).unwrap();
        self.order(OrderKind::Roll, 0, roll.tree().root(), Some(&roll.to_bytes()));
        let key = self.replay.ceremony().ready_key().unwrap();
        self.order(OrderKind::Open, 0, key, None);
    }

    pub fn styles(&self) -> Vec<BallotStyle> {
        BallotStyle::all(&self.manifest, &self.replay.ceremony().confirmed().unwrap().key).unwrap()
    }

    /// The next ballot of a voter, as bytes.
    pub fn make(&mut self, voter: u8, selections: &[&[u32]]) -> ballot::Ballot {
        let name = Self::voter(voter);
        let before = self.ballots.iter().rev().find(|b| b.voter == name);
        let (number, previous) = before.map_or((1, [0; 32]), |b| (b.number + 1, b.hash));
        let district = usize::from(self.replay.roll().unwrap().find(&name).unwrap().1.district);
        let context = Context { voter: name, number, previous };
        let seed = Seed::new(&mut self.rng, &[1; 32], &self.manifest.id(), &context);
        let selections: Vec<Selection> = selections.iter().map(|m| Selection(m.to_vec())).collect();
        self.styles()[district].encrypt(&context, &selections, &seed).unwrap()
    }

    pub fn cast(&mut self, voter: u8, selections: &[&[u32]]) {
        let ballot = self.make(voter, selections);
        self.cast_bytes(ballot.bytes());
        self.ballots.push(BallotFacts::new(self.entries.len() as u64 - 1, &ballot));
    }

    pub fn cast_bytes(&mut self, bytes: &[u8]) {
        self.push(Entry::Batch { time: 1000 + u64::from(self.orders), count: 1 }, None).unwrap();
        self.push(Entry::Ballot { envelope: [9; 32], ballot: bytes.to_vec() }, None).unwrap();
    }

    /// An opened ballot, whose seed is all sevens.
    pub fn challenged(&mut self, voter: u8, selections: &[&[u32]]) -> ballot::ballot::OpenedBallot {
        let context = Context { voter: Self::voter(voter), number: 1, previous: [0; 32] };
        let selections: Vec<Selection> = selections.iter().map(|m| Selection(m.to_vec())).collect();
        let seed = Seed([7; 32]);
        let ballot = self.styles()[0].encrypt(&context, &selections, &seed).unwrap();
        ballot::ballot::OpenedBallot { ballot, seed, selections }
    }

    pub fn challenge_bytes(&mut self, bytes: &[u8]) {
        self.push(Entry::Batch { time: 1000 + u64::from(self.orders), count: 1 }, None).unwrap();
        self.push(Entry::Challenged { opened: bytes.to_vec() }, None).unwrap();
    }

    pub fn annul(&mut self, voters: &[u8]) {
        let list = AnnulmentList::new(voters.iter().map(|v| (Self::voter(*v), AnnulReason::Paper)).collect()).unwrap();
        self.order(OrderKind::Annul, voters.len() as u64, [0; 32], Some(&list.to_bytes()));
    }

    /// Takes annulments back.
    pub fn reinstate(&mut self, voters: &[u8]) {
        let list = ReinstatementList::new(voters.iter().map(|v| Self::voter(*v)).collect()).unwrap();
        self.order(OrderKind::Reinstate, voters.len() as u64, [0; 32], Some(&list.to_bytes()));
    }

    /// Puts a voter into a district, or takes the voter off the roll.
    pub fn amend(&mut self, voter: u8, district: Option<u16>) {
        let rolls = self.replay.rolls().unwrap().clone();
        let others = rolls.now().lines().iter().filter(|line| line.pseudonym != Self::voter(voter)).copied();
        let line = district.map(|district| RollLine { pseudonym: Self::voter(voter), district });
        let to = Roll::new(others.chain(line).collect()).unwrap();
        let set = ChangeSet::between(rolls.now(), &to);
        self.order(OrderKind::Amend, rolls.version() + 1, to.tree().root(), Some(&set.to_bytes()));
    }

    pub fn close(&mut self) {
        self.order(OrderKind::Close, 0, [0; 32], None);
        self.order(OrderKind::Seal, 0, [0; 32], None);
        let annulled = self.replay.annulled().clone();
        let rolls = self.replay.rolls().unwrap().clone();
        let set = CountedSet::new(&self.manifest.id(), &self.ballots, &rolls, |v| annulled.contains_key(v));
        let (counted, root) = set.map(|s| (s.hash, s.root)).unwrap_or_default();
        self.push(Entry::Closing { counted, root }, None).unwrap();
    }

    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_at(self.entries.len())
    }

    pub fn checkpoint_at(&self, size: usize) -> Checkpoint {
        Checkpoint { size: size as u64, root: tree::root_of(&self.entries[..size]), witnesses: vec![] }
    }

    pub fn view(&mut self, bases: &Arc<Bases>) -> Result<View, ViewError> {
        let mut rng = std::mem::replace(&mut self.rng, SeededRng::new(b""));
        let view = self.view_at(self.entries.len(), bases, &mut rng);
        self.rng = rng;
        view
    }

    /// The record when it had `size` entries.
    pub fn view_at(&self, size: usize, bases: &Arc<Bases>, rng: &mut SeededRng) -> Result<View, ViewError> {
        let blob = |name: &Hash| self.blobs.get(name).cloned();
        View::new(self.manifest.clone(), &self.checkpoint_at(size), &self.entries[..size], blob, bases.clone(), rng)
    }
}

/// Through the sealed file and back, as after a restart: the message must be the same.
fn restart(state: trustee::ceremony::Revealed) -> trustee::ceremony::Revealed {
    let stage = Stage::Revealed(state);
    let bytes = stage.to_bytes();
    let again = Stage::from_bytes(&bytes).unwrap();
    assert_eq!((again.message(), again.to_bytes()), (stage.message(), bytes));
    match again {
        Stage::Revealed(state) => state,
        other => panic!("{other:?}"),
    }
}
