//! V24: what the time-stamping party has sent to the collector, against the board. Rules TSP-12 to TSP-14. Needs its register.

use super::envelopes::cast;
use crate::bytes::Hash;
use crate::certificate::Anchors;
use crate::evidence::{Evidence, stamp::Stamp};
use crate::log::Log;
use crate::manifest::Manifest;
use crate::report::{Check, Place};
use crate::source::{Kind, Source};
use std::collections::HashMap;

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 32_768;

/// Runs V24, if the manifest asks for stamps.
pub fn check(source: &Source, register: &Evidence, manifest: &Manifest, log: &Log) -> Result<Option<Check>, String> {
    let Some(asked) = &manifest.asked.stamp else { return Ok(None) };
    let mut check = Check::new("V24", "register");
    let anchors = Anchors::new(&asked.anchors);
    // Of each imprint the entry, and whether the party has stamped it.
    let mut board: HashMap<Hash, (u64, bool)> = HashMap::new();
    for index in 0..log.bundle_count() {
        for cast in cast(source, log, index)? {
            board.insert(crate::hash::sha256(&cast.bytes), (cast.entry, false));
        }
    }
    check.look_at(board.len());
    for (path, kind) in register.list()? {
        if kind == Kind::Folder {
            continue;
        }
        check.look();
        let place = Place::Register(path.clone());
        let file = if kind == Kind::File { register.read(&path, LONGEST)? } else { None };
        let Some(file) = file else {
            check.fail(&place, "TSP-12", "not a file, or too long");
            continue;
        };
        let stamp = match Stamp::read(&file).and_then(|stamp| stamp.holds(&anchors).map(|()| stamp)) {
            Ok(stamp) => stamp,
            Err(fault) => {
                check.fault(&place, &fault.under("TSP-12"));
                continue;
            }
        };
        if !stamp.is_of(manifest) {
            continue;
        }
        match stamp.entry().and_then(|imprint| board.get_mut(&imprint)) {
            Some((_, stamped)) => *stamped = true,
            None => check.fail(&place, "TSP-13", "the collector asked for it, and the ballot is not on the board"),
        }
    }
    let mut missing: Vec<u64> = board.values().filter(|(_, stamped)| !stamped).map(|(entry, _)| *entry).collect();
    missing.sort_unstable();
    missing.iter().for_each(|entry| check.fail(&Place::Entry(*entry), "TSP-14", "the party was shown no such ballot"));
    Ok(Some(check))
}
