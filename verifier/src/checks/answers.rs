//! V23: the status of certificates and the time stamps that the manifest asks for. Rules OCSP-1 to OCSP-8, TSP-1 to TSP-9.
//! Needs the restricted evidence.

use super::envelopes::{Cast, Input, LONGEST_ANSWER, cast, path, seconds};
use crate::bytes::{Fault, Hash};
use crate::cache;
use crate::certificate::Anchors;
use crate::evidence::{ocsp, stamp};
use crate::progress::Progress;
use crate::report::{Check, Place};
use rayon::prelude::*;

/// What was found about one ballot: faults, and what is a finding only, each with the end of its file.
#[derive(Default)]
struct Found {
    faults: Vec<(&'static str, Fault)>,
    finding: Option<Fault>,
}

/// The ballots of one bundle; nothing about those that V22 alone is about.
type Bundle = Result<Vec<(Hash, Option<Found>)>, String>;

/// Runs V23, if the manifest asks for anything.
pub fn check(input: &Input<'_>, progress: Progress) -> Result<Option<Check>, String> {
    let asked = &input.manifest.asked;
    if asked.ocsp.is_none() && asked.stamp.is_none() {
        return Ok(None);
    }
    let mut check = Check::new("V23", "status and stamps");
    let bar = progress.bar("checking status and stamps", input.log.bundle_count() as u64);
    let anchors = Anchors::new(&input.manifest.anchors);
    let stampers = Anchors::new(asked.stamp.as_ref().map_or(&[], |stamp| &stamp.anchors));
    let bundles: Vec<usize> = (0..input.log.bundle_count()).collect();
    let found = bundles.par_iter().map(|index| {
        let all = cast(input.source, input.log, *index)?;
        let found: Result<Vec<_>, String> = all.iter().map(|cast| Ok((cast.head.hash, one(input, &anchors, &stampers, cast)?))).collect();
        bar.step(1);
        found
    });
    let found: Vec<Bundle> = found.collect();
    for bundle in found {
        for (hash, found) in bundle? {
            let Some(found) = found else { continue };
            check.look();
            let place = |end: &str| Place::Evidence(path(&hash, end));
            let failed = check.failed;
            found.faults.iter().for_each(|(end, fault)| check.fault(&place(end), fault));
            check.failed = check.failed.min(failed.saturating_add(1)); // a ballot with two faults is one
            found.finding.iter().for_each(|finding| check.note(&place("tsr"), finding));
        }
    }
    Ok(Some(check))
}

/// Nothing if container or time cannot be read, or neither status nor stamp is there: V22 says so.
fn one(input: &Input<'_>, anchors: &Anchors, stampers: &Anchors, cast: &Cast<'_>) -> Result<Option<Found>, String> {
    let manifest = input.manifest;
    let read = |end: &str, most: u64| input.evidence.read(&path(&cast.head.hash, end), most);
    let answer = |end: &str, asked: bool| -> Result<Option<Vec<u8>>, String> {
        if asked { Ok(read(end, LONGEST_ANSWER)?.filter(|answer| !answer.is_empty())) } else { Ok(None) }
    };
    let container = read("p7s", manifest.profile.longest(cast.ballot().len() as u64))?;
    let time = read("time", 21)?.and_then(|time| seconds(&time));
    let (Some(container), Some(time)) = (container, time) else { return Ok(None) };
    let Ok(certificates) = manifest.profile.certificates(&container, cast.ballot()) else { return Ok(None) };
    let [leaf, others @ ..] = certificates.as_slice() else { return Ok(None) };
    let (status, stamped) = (answer("ocsp", manifest.asked.ocsp.is_some())?, answer("tsr", manifest.asked.stamp.is_some())?);
    if status.is_none() && stamped.is_none() {
        return Ok(None);
    }
    let mut found = Found::default();
    // The manifest, and with it what is asked and by whom, is in the election id; the certificates are in the container.
    let name = |kind: &str, about: &[u8], answer: &[u8]| {
        cache::statement(kind, &[&manifest.election, about, cast.ballot(), &time.to_be_bytes(), answer])
    };
    if let (Some(asked), Some(status)) = (&manifest.asked.ocsp, status) {
        let known = name("status", &container, &status);
        if !input.cache.knows(&known) {
            let issuer = anchors.issuer(leaf, others);
            let question = ocsp::Question { asked, election: &manifest.election, container: &container, leaf, issuer, time };
            match ocsp::accept(&status, &question) {
                Ok(()) => input.cache.remember(&[known]),
                Err(fault) => found.faults.push(("ocsp", fault)),
            }
        }
    }
    if let (Some(asked), Some(stamped)) = (&manifest.asked.stamp, stamped) {
        let known = name("stamp", &cast.bytes, &stamped);
        if !input.cache.knows(&known) {
            match stamp::accept(&stamped, &cast.bytes, manifest, asked, stampers, time) {
                // What is worth a finding is looked at each time.
                Ok(None) => input.cache.remember(&[known]),
                Ok(finding) => found.finding = finding,
                Err(fault) => found.faults.push(("tsr", fault)),
            }
        }
    }
    Ok(Some(found))
}
