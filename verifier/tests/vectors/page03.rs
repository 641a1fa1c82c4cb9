use crate::{bytes, entropy, hash, load};
use serde_json::Value;
use std::collections::HashSet;
use verifier::bytes::{Fault, Hash, Reader};
use verifier::checks::{drills, entries, phases};
use verifier::entry::{self, BallotHead, Entry, Order, OrderKind, Post, PostKind};
use verifier::log::{Item, Log};
use verifier::manifest::Manifest;
use verifier::session::Key;

#[test]
fn manifests() {
    for case in load("03-manifest", "03-manifest@v1.0.0").cases() {
        let file = match case.get("manifest") {
            Value::String(text) => text.clone().into_bytes(),
            _ => case.bytes("manifest_bytes"),
        };
        let read = Manifest::read(&file);
        if let Err(faults) = &read {
            assert!(faults.len() <= 2, "{}: {faults:?}", case.name());
        }
        // One change may break two rules; the named one must be among them.
        let named = |faults: Vec<Fault>| faults.iter().find(|fault| fault.rule == case.rule()).unwrap_or(&faults[0]).clone();
        let Some(manifest) = case.check(read.map_err(named)) else { continue };
        assert_eq!(hex::encode(manifest.election), case.on_the_way("election").as_str().unwrap(), "{}", case.name());
        assert_eq!(manifest.columns as u64, case.on_the_way("W").as_u64().unwrap());
        for (position, district) in case.on_the_way("districts").as_array().unwrap().iter().enumerate() {
            assert_eq!(manifest.ballot_length(position as u16).unwrap() as u64, district["size"].as_u64().unwrap(), "{}", case.name());
            let expected = district["parts"].as_array().unwrap();
            assert_eq!(manifest.parts[position].len(), expected.len());
            for (part, expected) in manifest.parts[position].iter().zip(expected) {
                let (contest, list) = manifest.part(*part).unwrap();
                assert_eq!(contest.id, expected["contest"].as_str().unwrap());
                assert_eq!(list.shape.encode(), bytes(&expected["shape"]), "{}", case.name());
            }
        }
    }
}

/// A log of the steps. Ballots, closings and posts of the tally stand in with nothing in them.
struct Steps<'a> {
    log: Log,
    confirmed: Vec<(u64, Key)>,
    answered: Vec<u64>,
    manifest: &'a Manifest,
}

impl Steps<'_> {
    fn add(&mut self, step: &Value) {
        let plain = |entry| Item::Plain(Box::new(entry));
        if let Some(order) = step.get("order") {
            let entry = entry::decode(&bytes(order), &|_| None).unwrap();
            self.log.items.push(plain(entry));
        } else if let Some(key) = step.get("confirmed") {
            let key = Key { id: hash(key), session: [0; 32], columns: Vec::new(), shares: Vec::new() };
            let entry = self.filler();
            self.confirmed.push((entry, key));
        } else if let Some(number) = step.get("answered") {
            self.filler();
            self.answered.push(number.as_u64().unwrap());
        } else if let Some(time) = step.get("batch") {
            self.log.items.push(plain(Entry::Batch { time: time.as_u64().unwrap(), count: 1 }));
            let (hash, voter, previous, envelope) = ([self.log.items.len() as u8; 32], [0; 32], [0; 32], [0; 32]);
            self.log.ballots.push(BallotHead { challenged: false, hash, voter, previous, envelope, number: 1, district: 0 });
            self.log.items.push(Item::Ballot(self.log.ballots.len() - 1));
        } else if step.get("closing").is_some() {
            self.log.items.push(plain(Entry::Closing { counted: [0; 32], root: [0; 32] }));
        } else if step.get("tally_post").is_some() {
            self.post(PostKind::Mix);
        } else {
            panic!("unknown step {step}");
        }
    }

    fn filler(&mut self) -> u64 {
        self.post(PostKind::Confirm);
        self.log.items.len() as u64 - 1
    }

    fn post(&mut self, kind: PostKind) {
        let blob = [self.log.items.len() as u8; 32];
        let post = Post { role: 1, author: 1, kind, blob, body: [0; 38], signature: [0; 64] };
        self.log.items.push(Item::Plain(Box::new(Entry::Post(post))));
    }

    /// Every rule that is broken, with its entry. Posts that stand in for others are not judged themselves.
    fn judge(&self, blobs: &HashSet<Hash>) -> Vec<(u64, String)> {
        let mut broken = Vec::new();
        let place = |place: &str| place.strip_prefix("entry ").unwrap().parse::<u64>().unwrap();
        let is_post = |index: u64| matches!(&self.log.items[index as usize], Item::Plain(entry) if matches!(**entry, Entry::Post(_)));
        // A manifest entry that signatures would be needed for is left out: the walk begins at entry 1.
        let (check, _) = entries::check(self.manifest, &self.log);
        broken.extend(
            check.failures.iter().map(|note| (place(&note.place), note.rule.clone())).filter(|(index, _)| !is_post(*index) && *index > 0),
        );
        let sound = vec![true; self.log.items.len()];
        let (check, timeline) = phases::check(self.manifest, &self.log, &sound);
        broken.extend(check.failures.iter().map(|note| (place(&note.place), note.rule.clone())));
        for (index, order) in self.log.orders() {
            if order.kind.uses().2 && !blobs.contains(&order.blob) {
                broken.push((index, "ENTRY-7".to_owned()));
            }
        }
        if let Some((open, order)) = timeline.open
            && let Err(fault) = drills::before_open(self.manifest, (open, order.argument), &self.confirmed, &self.drills())
        {
            broken.push((open, fault.rule.to_owned()));
        }
        broken.sort();
        broken
    }

    fn drills(&self) -> Vec<drills::Drill<'_>> {
        let mut drills = Vec::new();
        for (index, order) in self.log.orders().filter(|(_, order)| order.kind == OrderKind::Drill) {
            let key = self.confirmed.iter().rev().find(|(entry, _)| *entry < index).map(|(_, key)| key);
            let mut drill = drills::Drill::new(self.manifest, index, drills.len() as u32 + 1, key, &order.argument);
            if self.answered.contains(&(drills.len() as u64 + 1)) {
                let all = 1..=self.manifest.trustees.len() as u16;
                drill.answers = all.map(|trustee| (trustee, Some((index, Vec::new())))).collect();
            }
            drills.push(drill);
        }
        drills
    }
}

#[test]
fn orders() {
    let file = load("03-orders", "03-manifest@v1.0.0");
    let manifest = crate::manifest(file.get("manifest"));
    let _ = entropy();
    for case in file.cases() {
        let blobs: HashSet<Hash> = case.get("blobs").as_array().into_iter().flatten().map(hash).collect();
        let mut steps = Steps { log: Log::default(), confirmed: Vec::new(), answered: Vec::new(), manifest: &manifest };
        // Stands in for the manifest entry.
        steps.log.items.push(Item::Plain(Box::new(Entry::Manifest { election: manifest.election, signatures: Vec::new() })));
        if case.kind() == "order" {
            case.check(one(&manifest, &case.bytes("order")));
            continue;
        }
        for step in case.list("steps") {
            steps.add(step);
        }
        let broken = steps.judge(&blobs);
        let last: Vec<&str> = broken.iter().map(|(_, rule)| rule.as_str()).collect();
        if case.rule().is_empty() {
            assert!(broken.is_empty(), "{}: {broken:?}", case.name());
        } else {
            assert!(last.contains(&case.rule()), "{}: {broken:?}", case.name());
        }
    }
}

/// Judges one order as if its number were in sequence.
fn one(manifest: &Manifest, raw: &[u8]) -> Result<(), Fault> {
    Reader::new(raw).head(2)?;
    let Entry::Order(order) = entry::decode(raw, &|_| None)? else { panic!("not an order") };
    let first = Order { number: order.number, ..order.clone() };
    let mut log = Log::default();
    log.items.push(Item::Plain(Box::new(Entry::Manifest { election: manifest.election, signatures: Vec::new() })));
    log.items.push(Item::Plain(Box::new(Entry::Order(first))));
    let (check, _) = entries::check(manifest, &log);
    match check.failures.iter().find(|note| note.place == "entry 1" && note.rule != "ORD-2") {
        None => Ok(()),
        Some(note) => Err(Fault::new(note.rule.clone().leak(), note.text.clone())),
    }
}
