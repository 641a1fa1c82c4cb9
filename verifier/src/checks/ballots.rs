//! V11, V12 and V13 in one pass over the bundles, because a point is decoded once: ballots decode and belong, proofs
//! verify, challenged ballots are recomputed. Rules BAL-1 to BAL-6, SET-2, BIT, CHAL-1.
//!
//! The same pass adds up the rows of summed units and collects those of mixed ones; nothing uses them unless V16 passes.

use crate::ballot::{self, BallotBytes, Decoded, Prefixes};
use crate::bytes::{Fault, Hash, Reader};
use crate::cache::{self, Cache};
use crate::counted::Status;
use crate::entry::BallotHead;
use crate::group::{self, Point};
use crate::log::Log;
use crate::manifest::Manifest;
use crate::opened;
use crate::progress::Progress;
use crate::proof::{self, Bases, Sum};
use crate::report::{Check, Place};
use crate::rolls::Rolls;
use crate::session::Key;
use crate::source::Source;
use crate::tiles::{self, WIDTH};
use crate::units::{Rows, UnitMap};
use crate::weights::{Entropy, Weights};
use rayon::prelude::*;

/// Points of one multiplication; buckets pay off up to about here.
const POINTS: usize = 8192;

/// What the pass needs to know.
pub struct Pass<'a> {
    /// The record's files.
    pub source: &'a Source,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The log.
    pub log: &'a Log,
    /// The versions of the roll.
    pub rolls: &'a Rolls,
    /// The election key.
    pub key: &'a Key,
    /// For each ballot of the log.
    pub statuses: &'a [Status],
    /// Which unit a row belongs to.
    pub units: &'a UnitMap,
    /// For weights.
    pub entropy: &'a Entropy,
    /// Ballots that were verified before.
    pub cache: &'a Cache,
    /// Will the rows be used? Only behind a closing entry.
    pub counting: bool,
}

/// What the pass found out.
pub struct Found {
    /// V11, V12, V13.
    pub checks: [Check; 3],
    /// Rows of the units.
    pub rows: Rows,
}

/// Faults by check, each with its entry, and every `A` with its entry.
#[derive(Default)]
struct Faults {
    lists: [Vec<(u64, Fault)>; 3],
    pads: Vec<(Hash, u64)>,
    /// Ballots whose proofs were looked at, and challenged ones that were made again.
    proofs: u64,
    opened: u64,
}

impl Faults {
    fn count(&self) -> usize {
        self.lists.iter().map(Vec::len).sum()
    }
}

/// Runs V11, V12 and V13.
pub fn check(pass: &Pass<'_>, progress: Progress) -> Result<Found, String> {
    let bar = progress.bar("checking ballots", pass.log.ballots.len() as u64);
    let columns: Vec<Hash> = pass.key.columns.iter().map(|h| h.bytes).collect();
    let shared = Shared {
        prefixes: Prefixes::new(pass.manifest, &pass.key.id, &columns),
        bases: Bases { columns: pass.key.columns.iter().map(|h| h.point).collect(), bits: group::ballot_bases(pass.manifest.bits) },
        rows: Rows::new(pass.units),
        key: cache::key(pass.key),
    };
    // Two bundles make about the size of one multiplication.
    let jobs: Vec<usize> = (0..pass.log.bundle_count()).step_by(2).collect();
    let found: Vec<Result<Faults, String>> = jobs.par_iter().map(|first| job(pass, &shared, *first, &bar)).collect();
    let mut checks = [Check::new("V11", "ballots"), Check::new("V12", "proofs"), Check::new("V13", "challenged")];
    let mut all = Faults::default();
    // Per part of a ballot 40 bytes here and 40 in `found`, which goes piece by piece.
    all.pads.reserve_exact(found.iter().flatten().map(|part| part.pads.len()).sum());
    for part in found {
        let part = part?;
        for (list, faults) in all.lists.iter_mut().zip(part.lists) {
            list.extend(faults);
        }
        all.pads.extend(part.pads);
        all.proofs = all.proofs.saturating_add(part.proofs);
        all.opened = all.opened.saturating_add(part.opened);
    }
    let [first, ..] = &mut all.lists;
    first.extend(repeated(all.pads));
    for (check, mut faults) in checks.iter_mut().zip(all.lists) {
        faults.sort_by_key(|(entry, _)| *entry);
        faults.dedup_by_key(|(entry, _)| *entry);
        faults.iter().for_each(|(entry, fault)| check.fault(&Place::Entry(*entry), fault));
    }
    for (check, count) in checks.iter_mut().zip([pass.log.ballots.len() as u64, all.proofs, all.opened]) {
        check.count = count;
    }
    Ok(Found { checks, rows: shared.rows })
}

/// Every entry that holds an `A` of an earlier place. BAL-6.
fn repeated(mut pads: Vec<(Hash, u64)>) -> Vec<(u64, Fault)> {
    pads.par_sort_unstable();
    let mut faults = Vec::new();
    for equal in pads.chunk_by(|a, b| a.0 == b.0) {
        let Some((_, first)) = equal.first() else { continue };
        let again = equal.iter().skip(1);
        faults.extend(again.map(|(_, entry)| (*entry, Fault::new("BAL-6", format!("an A that stands in entry {first} already")))));
    }
    faults
}

struct Shared {
    prefixes: Prefixes,
    bases: Bases,
    rows: Rows,
    /// Stands for the election key in statements.
    key: Hash,
}

/// The bytes of a challenged ballot, and what opens it.
type Opened<'b> = Option<(&'b [u8], &'b [u8])>;

/// A ballot whose equations are in the sum.
struct Pending<'a> {
    entry: u64,
    ballot: BallotBytes<'a>,
}

/// Two bundles.
fn job(pass: &Pass<'_>, shared: &Shared, first: usize, bar: &crate::progress::Bar) -> Result<Faults, String> {
    let mut faults = Faults::default();
    for index in [first, first.saturating_add(1)].into_iter().filter(|index| *index < pass.log.bundle_count()) {
        let start = (index as u64).saturating_mul(WIDTH);
        let from = pass.log.ballot_entries.partition_point(|entry| *entry < start);
        let to = pass.log.ballot_entries.partition_point(|entry| *entry < start.saturating_add(WIDTH));
        if from == to {
            continue;
        }
        let (bytes, width) = pass.log.bundle(pass.source, index)?;
        let entries = tiles::entries(&bytes, width).map_err(|fault| fault.text)?;
        let weights = pass.entropy.weights(&pass.log.bundle_hash(index));
        let mut bundle = Bundle {
            pass,
            shared,
            weights,
            sum: Sum::new(&shared.bases),
            pending: Vec::new(),
            decoded: Decoded::default(),
            faults: &mut faults,
            fresh: Vec::new(),
        };
        let faults_before = bundle.faults.count();
        for position in from..to {
            let (Some(head), Some(entry)) = (pass.log.ballots.get(position), pass.log.ballot_entries.get(position)) else { break };
            let within = usize::try_from(entry.saturating_sub(start)).unwrap_or(usize::MAX);
            let Some(bytes) = entries.get(within) else { break };
            bundle.ballot(position, *entry, head, bytes);
        }
        bundle.flush();
        if bundle.faults.count() == faults_before {
            pass.cache.remember(&bundle.fresh);
        }
        bar.step(to.saturating_sub(from) as u64);
    }
    Ok(faults)
}

/// The state of one bundle's pass.
struct Bundle<'a, 'b> {
    pass: &'a Pass<'a>,
    shared: &'a Shared,
    weights: Weights,
    sum: Sum,
    pending: Vec<Pending<'b>>,
    decoded: Decoded,
    faults: &'a mut Faults,
    /// What is verified here, and was not before.
    fresh: Vec<Hash>,
}

impl<'b> Bundle<'_, 'b> {
    fn fault(&mut self, check: usize, entry: u64, fault: Fault) {
        if let Some(list) = self.faults.lists.get_mut(check) {
            list.push((entry, fault));
        }
    }

    fn ballot(&mut self, position: usize, entry: u64, head: &BallotHead, bytes: &'b [u8]) {
        let statement = cache::statement("ballot", &[&self.pass.manifest.election, &self.shared.key, bytes]);
        let known = self.pass.cache.knows(&statement);
        let ballot = match self.belongs(head, entry, bytes, known) {
            Ok((ballot, opening)) => {
                if let Some((ballot_bytes, opening)) = opening {
                    self.faults.opened = self.faults.opened.saturating_add(1);
                    let (manifest, shared) = (self.pass.manifest, self.shared);
                    let make = || opened::check(manifest, &shared.prefixes, &shared.bases, &ballot, ballot_bytes, opening);
                    if !known && let Err(fault) = make() {
                        self.fault(2, entry, fault);
                    }
                }
                ballot
            }
            Err(fault) => return self.fault(0, entry, fault),
        };
        self.faults.pads.extend(ballot.parts.iter().filter_map(|part| part.points.first()).map(|a| (*a, entry)));
        self.faults.proofs = self.faults.proofs.saturating_add(1);
        if !known && let Err(fault) = self.add(&ballot) {
            return self.fault(1, entry, fault.under("BAL-5"));
        }
        if self.pass.counting && self.pass.statuses.get(position) == Some(&Status::Counted) {
            self.shared.rows.add(self.pass.units, self.pass.manifest, &ballot, &self.decoded.points);
        }
        if known {
            return;
        }
        self.fresh.push(statement);
        self.pending.push(Pending { entry, ballot });
        if self.sum.len() >= POINTS {
            self.flush();
        }
    }

    /// BAL-1 to BAL-4 and SET-2; gives the ballot and what an opened one has after it. Of a known ballot only what is added up is decoded.
    fn belongs(&mut self, head: &BallotHead, index: u64, entry: &'b [u8], known: bool) -> Result<(BallotBytes<'b>, Opened<'b>), Fault> {
        let mut reader = Reader::new(entry);
        let before = if head.challenged { 2 } else { 34 };
        reader.take(before)?;
        let manifest = self.pass.manifest;
        let unknown = || Fault::new("BAL-2", format!("the manifest has no district at position {}", head.district));
        let length = manifest.ballot_length(head.district).ok_or_else(unknown)?;
        let integers = manifest.ballot_integers(head.district).ok_or_else(unknown)?;
        let (bytes, opening) = if head.challenged {
            let bytes = reader.take(length)?;
            let opening = reader.take(integers.saturating_mul(4).saturating_add(32))?;
            reader.finish()?;
            (bytes, Some((bytes, opening)))
        } else {
            (reader.take(reader.left())?, None)
        };
        let ballot = ballot::cut(bytes, manifest, &self.pass.key.id).map_err(|fault| fault.after(before))?;
        match known {
            false => self.decoded.fill(&ballot).map_err(|fault| fault.after(before))?,
            true if self.pass.counting => self.decoded.fill_rows(&ballot, manifest)?,
            true => {}
        }
        self.pass.rolls.judge(head, index)?;
        Ok((ballot, opening))
    }

    /// Adds all parts of the decoded ballot to the sum. BIT.
    fn add(&mut self, ballot: &BallotBytes<'_>) -> Result<(), Fault> {
        let parts = parts(self.pass, self.shared, ballot, &self.decoded)?;
        parts.iter().try_for_each(proof::Part::keeps_constraint)?;
        for part in parts {
            self.sum.add(&part, &mut self.weights);
        }
        Ok(())
    }

    /// Evaluates the sum, and finds the culprits if it is not zero. BIT-9.
    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if !self.sum.is_empty() && !self.sum.is_zero(&self.shared.bases) {
            self.split(&pending);
        }
    }

    fn split(&mut self, pending: &[Pending<'_>]) {
        if let [one] = pending {
            let parts = self.decoded.fill(&one.ballot).and_then(|()| parts(self.pass, self.shared, &one.ballot, &self.decoded));
            let failing = parts.map(|parts| parts.iter().find_map(|part| part.failing(&self.shared.bases).into_iter().next()));
            if let Some(fault) = failing.unwrap_or_else(Some) {
                self.fault(1, one.entry, fault.under("BAL-5"));
            }
            return;
        }
        let (left, right) = pending.split_at_checked(pending.len() / 2).unwrap_or((&[], &[]));
        for half in [left, right] {
            for one in half {
                // It decoded before, so it decodes again.
                let _ = self.decoded.fill(&one.ballot).and_then(|()| self.add(&one.ballot));
            }
            if !self.sum.is_empty() && !self.sum.is_zero(&self.shared.bases) {
                self.split(half);
            }
        }
    }
}

/// The parts of a decoded ballot with their challenges.
fn parts<'a>(pass: &'a Pass<'_>, shared: &Shared, ballot: &BallotBytes<'_>, decoded: &'a Decoded) -> Result<Vec<proof::Part<'a>>, Fault> {
    let (mut points, mut scalars): (&[Point], &[group::Scalar]) = (&decoded.points, &decoded.scalars);
    let mut found = Vec::with_capacity(ballot.parts.len());
    let manifest: &'a Manifest = pass.manifest;
    let its = manifest.parts.get(usize::from(ballot.head.district)).map_or(&[][..], Vec::as_slice);
    for (number, (bytes, part)) in ballot.parts.iter().zip(its).enumerate() {
        let missing = || Fault::new("BAL-1", "a part is missing");
        let (contest, list) = manifest.part(*part).ok_or_else(missing)?;
        let (here, rest) = points.split_at_checked(bytes.points.len()).ok_or_else(missing)?;
        let (its_scalars, more) = scalars.split_at_checked(bytes.scalars.len()).ok_or_else(missing)?;
        (points, scalars) = (rest, more);
        let transcript = shared.prefixes.transcript(manifest, &ballot.head, number).ok_or_else(missing)?;
        let made = proof::Part::new(&list.shape, bytes, here, its_scalars, transcript);
        found.push(made.map_err(|fault| Fault::new(fault.rule, format!("contest {}: {}", contest.id, fault.text)))?);
    }
    Ok(found)
}
