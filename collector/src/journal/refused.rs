//! Orders that were refused. Kept are those that a member has signed; of the others it is counted how many came. Spec: 11-record KEEP-1.

use super::{Line, Outcome};
use crate::collector::Collector;
use crate::refusal::Refusal;
use crate::store::{self, Database, StoreError};
use crate::writer::Job;
use ballot::Hash;
use ballot::encode::{Record, sha256};
use ballot::signature::{self, Purpose};
use board::entry::Entry;
use board::order::Order;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Most lines because of one member's signature: so nobody fills the disk with orders, and nobody keeps others' out.
const MOST: usize = 1000;
/// Before a member's number.
const MEMBER: &str = "member ";
/// How often it is written how many came of nobody.
const HOUR: Duration = Duration::from_secs(3600);

/// A refused order with the members whose signatures hold; there is at least one.
#[derive(Debug)]
pub struct Refused {
    entry: Vec<u8>,
    order: Order,
    signers: Vec<u8>,
    refusal: Refusal,
}

/// The members who have signed an order.
fn signers(collector: &Collector, order: &Order) -> Vec<u8> {
    let (members, body) = (&collector.manifest.description().committee.members, order.body());
    let holds = |member: u8, sig: &[u8; 64]| {
        let key = usize::from(member).checked_sub(1).and_then(|at| members.get(at));
        key.is_some_and(|key| signature::verify(&key.key.0, Purpose::Order, &collector.manifest.id(), &body, sig).is_ok())
    };
    order.signatures.iter().filter(|(member, sig)| holds(*member, sig)).map(|(member, _)| *member).collect()
}

/// Keeps or counts a refused order, before it is answered. What could not be judged (nothing can be stored, the body broke off) is not refused.
pub fn keep(collector: &Collector, entry: Vec<u8>, refusal: Refusal) -> Result<(), Refusal> {
    if refusal.status >= 500 || refusal.rule == "HTTP" {
        return Ok(());
    }
    let signed = match Entry::from_bytes(&entry) {
        Ok(Entry::Order(order)) => Some((signers(collector, &order), order)).filter(|(signers, _)| !signers.is_empty()),
        _ => None,
    };
    let Some((signers, order)) = signed else {
        collector.strangers.fetch_add(1, Ordering::Relaxed);
        return Ok(());
    };
    let refused = Box::new(Refused { entry, order, signers, refusal });
    collector.write("KEEP-1", |reply| Job::Refused { refused, reply })
}

/// What the writer remembers, so that sending something again adds nothing: contents with rule and member.
#[derive(Debug)]
pub struct Kept {
    known: HashSet<(Hash, String, u8)>,
    lines: HashMap<u8, usize>,
    written: Instant,
}

impl Kept {
    /// From the journal. A broken chain is said, and no reason to refuse voters.
    pub fn load(db: &dyn Database) -> Result<Self, StoreError> {
        let mut kept = Self { known: HashSet::new(), lines: HashMap::new(), written: Instant::now() };
        store::for_lines(db, |row| -> Result<(), StoreError> {
            let line: Option<Line> = serde_json::from_str(&row.line).ok();
            let entry = line.as_ref().and_then(|line| hex::decode(&line.order).ok());
            if let (Some(line), Some(Ok(Entry::Order(order)))) = (line, entry.map(|entry| Entry::from_bytes(&entry))) {
                let signers = line.who.split(", ").filter_map(|one| one.strip_prefix(MEMBER)?.parse().ok());
                kept.note(&order, &line.rule, &signers.collect::<Vec<_>>());
            }
            Ok(())
        })?;
        Ok(kept)
    }

    fn note(&mut self, order: &Order, rule: &str, signers: &[u8]) {
        let body = sha256(&order.body());
        for member in signers {
            if self.known.insert((body, rule.to_owned(), *member)) {
                *self.lines.entry(*member).or_default() += 1;
            }
        }
    }

    /// True if some member's signature under this content is new for this rule, and that member's room is not used up.
    fn is_new(&self, refused: &Refused) -> bool {
        let body = sha256(&refused.order.body());
        let is_new = |member: &u8| {
            let room = self.lines.get(member).is_none_or(|lines| *lines < MOST);
            room && !self.known.contains(&(body, refused.refusal.rule.to_owned(), *member))
        };
        refused.signers.iter().any(is_new)
    }

    /// Writes a line if it is new.
    pub fn keep(&mut self, db: &dyn Database, refused: &Refused) -> Result<(), StoreError> {
        if !self.is_new(refused) {
            return Ok(());
        }
        let members: Vec<String> = refused.signers.iter().map(|member| format!("{MEMBER}{member}")).collect();
        let what = format!("order {} {}", refused.order.number, refused.order.kind.name());
        let refusal = &refused.refusal;
        let line = Line::new(members.join(", "), what, Outcome::Refused).because(refusal.rule, &refusal.message);
        Line { order: hex::encode(&refused.entry), ..line }.write(db)?;
        self.note(&refused.order, refusal.rule, &refused.signers);
        Ok(())
    }

    /// Once an hour, and with `now`, says how many came that no member had signed.
    pub fn count(&mut self, db: &dyn Database, collector: &Collector, now: bool) {
        if !now && self.written.elapsed() < HOUR {
            return;
        }
        self.written = Instant::now();
        let count = collector.strangers.swap(0, Ordering::Relaxed);
        if count > 0 {
            let line = Line::new("nobody of the committee".to_owned(), format!("{count} orders"), Outcome::Refused);
            if let Err(error) = line.write(db) {
                tracing::error!("{count} orders of nobody are not in the journal: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use board::order::OrderKind;

    fn refused(number: u32, signers: &[u8]) -> Refused {
        let (kind, zeros) = (OrderKind::Close, [0; 32]);
        let order = Order { number, kind, time: 0, value: 0, argument: zeros, blob: zeros, signatures: Vec::new() };
        Refused { entry: Vec::new(), order, signers: signers.to_vec(), refusal: Refusal::new(409, "ORD-2", "") }
    }

    #[test]
    fn a_member_has_room_for_so_many_lines_and_takes_nobody_elses() {
        let mut kept = Kept { known: HashSet::new(), lines: HashMap::new(), written: Instant::now() };
        for number in 0..MOST as u32 {
            let one = refused(number, &[1]);
            assert!(kept.is_new(&one));
            kept.note(&one.order, "ORD-2", &one.signers);
            assert!(!kept.is_new(&one) && kept.is_new(&refused(number, &[1, 2])));
        }
        assert!(!kept.is_new(&refused(5000, &[1])));
        assert!(kept.is_new(&refused(5000, &[2])) && kept.is_new(&refused(5000, &[1, 2])));
    }
}
