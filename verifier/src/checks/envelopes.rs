//! V22: every ballot has one envelope, signed by the person on the roll at the time of casting. Rules EVID-2 to EVID-4, ENV.
//! Needs the restricted evidence.

use super::phases::Timeline;
use super::roll_openings::People;
use crate::bytes::{Fault, Hash};
use crate::cache::{self, Cache};
use crate::certificate::Anchors;
use crate::entry::{BallotHead, Entry};
use crate::evidence::Evidence;
use crate::hash::Labelled;
use crate::log::{Item, Log};
use crate::manifest::Manifest;
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::source::{Kind, Source};
use crate::text;
use crate::tiles::{self, WIDTH};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// What the check needs to know.
pub struct Input<'a> {
    /// The record's files.
    pub source: &'a Source,
    /// The restricted evidence.
    pub evidence: &'a Evidence,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The log.
    pub log: &'a Log,
    /// When voting was open.
    pub timeline: &'a Timeline<'a>,
    /// Who stands behind a pseudonym, as far as V21 found out.
    pub people: &'a People,
    /// What was verified before.
    pub cache: &'a Cache,
}

/// Runs V22.
pub fn check(input: &Input<'_>, progress: Progress) -> Result<Check, String> {
    let mut check = Check::new("V22", "envelopes");
    let cast = input.log.ballots.iter().filter(|ballot| !ballot.challenged);
    let bar = progress.bar("checking envelopes", cast.clone().count() as u64);
    let anchors = Anchors::new(&input.manifest.anchors).asking(input.manifest.asked.policies.as_deref());
    let times = batch_times(input.log);
    let bundles: Vec<usize> = (0..input.log.bundle_count()).collect();
    let found = bundles.par_iter().map(|index| {
        let found = bundle(input, &anchors, &times, *index)?;
        bar.step(found.0);
        Ok(found)
    });
    let found: Vec<Result<_, String>> = found.collect();
    let mut holders = HashMap::new();
    for found in found {
        let (count, judged) = found?;
        check.count = check.count.saturating_add(count);
        for (hash, judged) in judged {
            let judged = judged.and_then(|signer| {
                let holder = holders.entry(signer.key).or_insert_with(|| signer.person.clone());
                let shared = || Fault::new("EVID-4", "signed with a key that another person has signed with");
                if *holder == signer.person { Ok(()) } else { Err(("p7s", shared())) }
            });
            if let Err((end, fault)) = judged {
                check.fault(&Place::Evidence(path(&hash, end)), &fault);
            }
        }
    }
    let expected: HashSet<&Hash> = cast.map(|ballot| &ballot.hash).collect();
    for (path, kind) in input.evidence.list()? {
        let known = match kind {
            Kind::File => path == "roll.csv" || ballot_of(&path, input.manifest).is_some_and(|ballot| expected.contains(&ballot)),
            Kind::Folder => path == "envelopes",
            Kind::Other => false,
        };
        if !known {
            check.look();
            check.fail(&Place::Evidence(path), "EVID-2", "no ballot on the board calls for it");
        }
    }
    Ok(check)
}

/// The file about a ballot with this end.
pub fn path(ballot: &Hash, end: &str) -> String {
    format!("envelopes/{}.{end}", hex::encode(ballot))
}

/// Which files of status and time stamps there must be. EVID-2.
pub fn asked(manifest: &Manifest) -> impl Iterator<Item = &'static str> {
    [("ocsp", manifest.asked.ocsp.is_some()), ("tsr", manifest.asked.stamp.is_some())]
        .into_iter()
        .filter(|(_, asked)| *asked)
        .map(|(end, _)| end)
}

/// The longest status or time stamp, in bytes.
pub const LONGEST_ANSWER: u64 = 32_768;

/// The ballot that a path of the folder is about.
fn ballot_of(path: &str, manifest: &Manifest) -> Option<Hash> {
    let (name, end) = path.strip_prefix("envelopes/")?.split_once('.')?;
    text::hex32(name).filter(|_| ["p7s", "salt", "time"].into_iter().chain(asked(manifest)).any(|known| known == end))
}

/// For each ballot of the log, the time of its batch.
fn batch_times(log: &Log) -> Vec<u64> {
    let (mut times, mut last) = (Vec::with_capacity(log.ballots.len()), 0);
    for item in &log.items {
        match item {
            Item::Ballot(_) => times.push(last),
            Item::Plain(entry) => {
                if let Entry::Batch { time, .. } = &**entry {
                    last = *time;
                }
            }
            Item::Bad(_) => {}
        }
    }
    times
}

/// The ballots of one bundle: how many, and what was found about each.
fn bundle(input: &Input<'_>, anchors: &Anchors, times: &[u64], index: usize) -> Result<(u64, Vec<(Hash, Judged)>), String> {
    let mut found = Vec::new();
    for cast in cast(input.source, input.log, index)? {
        let batch = times.get(cast.position).copied().unwrap_or(0);
        found.push((cast.head.hash, one(input, anchors, cast.head, cast.ballot(), batch)?));
    }
    Ok((found.len() as u64, found))
}

/// A ballot that was cast.
pub struct Cast<'a> {
    /// Which of all ballots it is.
    position: usize,
    /// Position of its entry in the log.
    pub entry: u64,
    /// What the log says of it.
    pub head: &'a BallotHead,
    /// The entry.
    pub bytes: Vec<u8>,
}

impl Cast<'_> {
    /// The ballot in the entry.
    pub fn ballot(&self) -> &[u8] {
        self.bytes.get(34..).unwrap_or_default()
    }
}

/// The ballots cast of one bundle.
pub fn cast<'a>(source: &Source, log: &'a Log, index: usize) -> Result<Vec<Cast<'a>>, String> {
    let start = (index as u64).saturating_mul(WIDTH);
    let from = log.ballot_entries.partition_point(|entry| *entry < start);
    let to = log.ballot_entries.partition_point(|entry| *entry < start.saturating_add(WIDTH));
    if from == to {
        return Ok(Vec::new());
    }
    let (bytes, width) = log.bundle(source, index)?;
    let entries = tiles::entries(&bytes, width).map_err(|fault| fault.text)?;
    let mut found = Vec::new();
    for position in from..to {
        let (Some(head), Some(entry)) = (log.ballots.get(position), log.ballot_entries.get(position)) else { break };
        if !head.challenged {
            let within = usize::try_from(entry.saturating_sub(start)).unwrap_or(usize::MAX);
            found.push(Cast { position, entry: *entry, head, bytes: entries.get(within).map(|entry| entry.to_vec()).unwrap_or_default() });
        }
    }
    Ok(found)
}

/// Who signed: the leaf's key, hashed, and the person.
struct Signer {
    key: Hash,
    person: String,
}

/// The content of a file `.time`.
pub fn seconds(bytes: &[u8]) -> Option<u64> {
    text::decimal(std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?)
}

type Judged = Result<Signer, (&'static str, Fault)>;

fn one(input: &Input<'_>, anchors: &Anchors, head: &BallotHead, ballot: &[u8], batch: u64) -> Result<Judged, String> {
    let read = |end: &'static str, most: u64| input.evidence.read(&path(&head.hash, end), most);
    let (container, salt, time) = (read("p7s", input.manifest.profile.longest(ballot.len() as u64))?, read("salt", 32)?, read("time", 21)?);
    let missing = |end| Ok(Err((end, Fault::new("EVID-2", "missing or too long"))));
    let Some(container) = container else { return missing("p7s") };
    let Some(salt) = salt else { return missing("salt") };
    let Some(time) = time else { return missing("time") };
    if Labelled::new("envelope").with(&salt).with(&container).done() != head.envelope || salt.len() != 32 {
        return Ok(Err(("p7s", Fault::new("EVID-2", "container and salt do not give the entry's envelope hash"))));
    }
    let late = |text: &str| Ok(Err(("time", Fault::new("EVID-3", text))));
    let Some(time) = seconds(&time) else { return late("not a decimal number and a line end") };
    let opened = input.timeline.open.is_some_and(|(_, open)| time >= open.time);
    let closed = input.timeline.close.is_some_and(|(_, close)| time > close.time);
    if !opened || closed || time > batch {
        return late("not between the orders open and close, or later than the ballot's batch");
    }
    for end in asked(input.manifest) {
        if read(end, LONGEST_ANSWER)?.is_none_or(|answer| answer.is_empty()) {
            return Ok(Err((end, Fault::new("EVID-2", "missing, empty or too long"))));
        }
    }
    let expected = input.people.get(&head.voter);
    // Only the hash of all this is kept, and the container in it is far beyond guessing.
    let person = expected.map_or(&[][..], |person| person.as_bytes());
    let fields: [&[u8]; 6] = [&input.manifest.election, &container, ballot, &time.to_be_bytes(), &[u8::from(expected.is_some())], person];
    let known = cache::statement("envelope", &fields);
    let profile = input.manifest.profile;
    let signer = || -> Result<Signer, Fault> {
        let leaf = profile.certificates(&container, ballot)?.into_iter().next();
        let leaf = leaf.ok_or_else(|| Fault::new("ENV-7", "no certificate"))?;
        Ok(Signer { key: crate::hash::sha256(&leaf.info), person: leaf.person_code()? })
    };
    if input.cache.knows(&known) {
        return Ok(signer().map_err(|fault| ("p7s", fault)));
    }
    Ok(match profile.accept(&container, ballot, anchors, time) {
        Err(fault) => Err(("p7s", fault)),
        Ok(person) if expected.is_some_and(|expected| *expected != person) => {
            Err(("p7s", Fault::new("EVID-3", "signed by another person than the pseudonym's")))
        }
        Ok(_) => {
            input.cache.remember(&[known]);
            signer().map_err(|fault| ("p7s", fault))
        }
    })
}
