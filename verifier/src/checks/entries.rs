//! V6: every entry decodes; the manifest entry, signatures, batches. Rules ENTRY-1 to ENTRY-6, ORD-1 to ORD-4, MAN-15, DEC, SIG.

use crate::bytes::{Fault, Hash};
use crate::entry::{Entry, Order, OrderKind, Post, PostKind};
use crate::log::{Item, Log};
use crate::manifest::{Manifest, Member};
use crate::report::{Check, Place};
use crate::sign;
use std::collections::HashSet;

/// For each entry, may later checks use it?
pub type Sound = Vec<bool>;

/// ORD-3: times and values are below it.
const BEYOND: u64 = 1 << 53;

/// Runs V6.
pub fn check(manifest: &Manifest, log: &Log) -> (Check, Sound) {
    let mut check = Check::new("V6", "entries");
    let (posts, batch) = (HashSet::new(), Batch::default());
    let mut walk = Walk { manifest, number: 0, time: 0, posts, batch, closings: 0, after_seal: false };
    let mut sound = Vec::with_capacity(log.items.len());
    for (index, item) in (0u64..).zip(&log.items) {
        check.look();
        let result = walk.entry(index, item, log);
        if let Err(fault) = &result {
            check.fault(&Place::Entry(index), fault);
        }
        sound.push(result.is_ok());
    }
    if log.items.is_empty() {
        check.look();
        check.fail(&Place::Entry(0), "ENTRY-1", "the log is empty");
    }
    if walk.batch.left > 0 {
        check.fail(
            &Place::Entry(walk.batch.entry),
            "ENTRY-5",
            format!("the log ends with {} entries of this batch missing", walk.batch.left),
        );
    }
    (check, sound)
}

/// The batch that is being read.
#[derive(Default)]
struct Batch {
    entry: u64,
    time: u64,
    left: u32,
    last: Option<Hash>,
}

struct Walk<'a> {
    manifest: &'a Manifest,
    /// Number of the order before; 0 if none stood.
    number: u32,
    /// Time of the last order that broke no rule.
    time: u64,
    posts: HashSet<(u8, u16, PostKind, Hash)>,
    batch: Batch,
    closings: u32,
    after_seal: bool,
}

impl Walk<'_> {
    fn entry(&mut self, index: u64, item: &Item, log: &Log) -> Result<(), Fault> {
        let after_seal = std::mem::take(&mut self.after_seal);
        let entry = match item {
            Item::Bad(fault) => {
                self.batch.left = self.batch.left.saturating_sub(1);
                return Err((**fault).clone());
            }
            Item::Ballot(position) => return self.ballot(log.ballots.get(*position).map(|ballot| ballot.hash)),
            Item::Plain(entry) => &**entry,
        };
        let broken = std::mem::take(&mut self.batch.left);
        let result = match entry {
            Entry::Manifest { election, signatures } => self.manifest_entry(index, election, signatures),
            Entry::Order(order) => {
                self.after_seal = order.kind == OrderKind::Seal;
                self.order(order)
            }
            Entry::Post(post) => self.post(post),
            Entry::Batch { time, count } => self.batch(index, *time, *count),
            Entry::Closing { .. } => {
                self.closings = self.closings.saturating_add(1);
                if after_seal && self.closings == 1 {
                    Ok(())
                } else {
                    Err(Fault::new("ENTRY-6", "a second closing entry, or not directly after seal"))
                }
            }
            Entry::Ballot(_) => Ok(()),
        };
        if index == 0 && !matches!(entry, Entry::Manifest { .. }) {
            return Err(Fault::new("ENTRY-1", "the first entry is not the manifest entry"));
        }
        if broken > 0 {
            return Err(Fault::new("ENTRY-5", format!("stands where {broken} more entries of a batch must be")));
        }
        result
    }

    fn manifest_entry(&self, index: u64, election: &Hash, signatures: &[(u8, [u8; 64])]) -> Result<(), Fault> {
        if index != 0 {
            return Err(Fault::new("ENTRY-1", "a second manifest entry"));
        }
        if *election != self.manifest.election {
            return Err(Fault::new("REC-4", "names another election"));
        }
        self.committee("manifest", &[], signatures, "MAN-15")
    }

    /// At least a quorum of valid signatures, and none invalid.
    fn committee(&self, label: &str, body: &[u8], signatures: &[(u8, [u8; 64])], rule: &'static str) -> Result<(), Fault> {
        for (number, signature) in signatures {
            let member = member(&self.manifest.committee, u16::from(*number));
            let member = member.ok_or_else(|| Fault::new(rule, format!("there is no committee member {number}")))?;
            let verified = sign::verify(&member.key, label, &self.manifest.election, body, signature);
            verified.map_err(|fault| Fault::new(rule, format!("committee member {}: {}", member.name, fault.text)))?;
        }
        let quorum = self.manifest.committee_quorum;
        if signatures.len() >= quorum {
            Ok(())
        } else {
            Err(Fault::new(rule, format!("{} signatures where {quorum} are needed", signatures.len())))
        }
    }

    fn order(&mut self, order: &Order) -> Result<(), Fault> {
        // Whatever else is wrong with an order, it stands before the next one.
        let expected = std::mem::replace(&mut self.number, order.number).checked_add(1);
        self.committee("order", &order.body, &order.signatures, "ORD-1")?;
        if Some(order.number) != expected {
            return Err(Fault::new("ORD-2", format!("order {} where order {} must stand", order.number, expected.unwrap_or(0))));
        }
        if [order.time, order.value].iter().any(|number| *number >= BEYOND) {
            return Err(Fault::new("ORD-3", "a time or value of 2^53 or more"));
        }
        if order.time < self.time {
            return Err(Fault::new("ORD-3", format!("given at {}, the order before it at {}", order.time, self.time)));
        }
        let (value, argument, blob) = order.kind.uses();
        if !value && order.value != 0 || !argument && order.argument != [0; 32] || !blob && order.blob != [0; 32] {
            return Err(Fault::new("ORD-4", "a field that its kind does not use is not zero"));
        }
        if blob && order.blob == [0; 32] {
            return Err(Fault::new("ORD-4", "names no blob"));
        }
        // A time counts once its order does: a forged or broken one makes no later order wrong.
        self.time = order.time;
        Ok(())
    }

    fn post(&mut self, post: &Post) -> Result<(), Fault> {
        let fault = |text: String| Fault::new("ENTRY-4", text);
        let (members, is_mixer) = if post.role == 2 { (&self.manifest.mixers, true) } else { (&self.manifest.trustees, false) };
        if is_mixer != (post.kind == PostKind::Mix) {
            return Err(fault(format!("role {} does not post kind {:?}", post.role, post.kind)));
        }
        let author = member(members, post.author).ok_or_else(|| fault(format!("there is no author {}", post.author)))?;
        let verified = sign::verify(&author.key, "post", &self.manifest.election, &post.body, &post.signature);
        verified.map_err(|fault| Fault::new("ENTRY-4", format!("{}: {}", author.name, fault.text)))?;
        if self.posts.insert((post.role, post.author, post.kind, post.blob)) {
            Ok(())
        } else {
            Err(fault("the same post stood before".to_owned()))
        }
    }

    fn batch(&mut self, index: u64, time: u64, count: u32) -> Result<(), Fault> {
        let before = self.batch.time;
        self.batch = Batch { entry: index, time: before.max(time), left: count, last: None };
        if count == 0 {
            return Err(Fault::new("ENTRY-5", "a batch of nothing"));
        }
        if time < before { Err(Fault::new("ENTRY-5", "earlier than the batch before it")) } else { Ok(()) }
    }

    fn ballot(&mut self, hash: Option<Hash>) -> Result<(), Fault> {
        let Some(left) = self.batch.left.checked_sub(1) else {
            return Err(Fault::new("ENTRY-5", "a ballot outside of a batch"));
        };
        self.batch.left = left;
        let before = std::mem::replace(&mut self.batch.last, hash);
        if before.is_some() && before >= hash { Err(Fault::new("ENTRY-5", "not in the order of the ballot hashes")) } else { Ok(()) }
    }
}

/// A member by its index from 1.
pub fn member(members: &[Member], index: u16) -> Option<&Member> {
    members.get(usize::from(index).checked_sub(1)?)
}
