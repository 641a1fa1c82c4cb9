//! V4: the checkpoint, its signers, the tiles and the root. Rules LOG-1 to LOG-6, REC-2, REC-3.

use crate::checkpoint::{self, Checkpoint};
use crate::entry::OrderKind;
use crate::log::Log;
use crate::manifest::Manifest;
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::source::Source;

/// What V4 found out.
pub struct Found {
    /// The check.
    pub check: Check,
    /// Size and root that the checkpoint states.
    pub head: Option<(u64, [u8; 32])>,
    /// The entries, if all bundles are there.
    pub log: Option<Log>,
    /// The collector signed the checkpoint, for this election.
    pub signed: bool,
    /// The collector signed the root of these very entries.
    pub trusted: bool,
}

/// Runs V4.
pub fn check(source: &Source, manifest: &Manifest, bytes: &[u8], progress: Progress) -> Result<Found, String> {
    let mut check = Check::new("V4", "log");
    check.look();
    let parsed = match checkpoint::parse(bytes) {
        Ok(parsed) => parsed,
        Err(fault) => {
            check.fault(&Place::Checkpoint, &fault);
            return Ok(Found { check, head: None, log: None, signed: false, trusted: false });
        }
    };
    let head = Some((parsed.size, parsed.root));
    let (named, signed) = (origin(&parsed, manifest, &mut check), collector(&parsed, manifest, &mut check));
    if !named || !signed {
        // The size is nobody's word for this election, so nothing is read by it: a hostile folder could be of any size.
        return Ok(Found { check, head, log: None, signed: false, trusted: false });
    }
    let mut faults = Vec::new();
    let log = Log::read(source, manifest, parsed.size, progress, &mut faults)?;
    check.look_at(log.as_ref().map_or(faults.len(), |log| log.files(parsed.size)));
    faults.iter().for_each(|(place, fault)| check.fault(place, fault));
    let same = log.as_ref().is_some_and(|log| log.root == parsed.root);
    if log.is_some() && !same {
        check.fail(&Place::Checkpoint, "REC-3", "states another root than that of the entries");
    }
    let finished = log.as_ref().is_some_and(|log| log.orders().any(|(_, order)| order.kind == OrderKind::Result));
    witnesses(&parsed, manifest, finished, &mut check);
    Ok(Found { check, head, log, signed, trusted: same })
}

/// Judges the form and the signatures of a checkpoint, without the entries. LOG-1, LOG-3 to LOG-6.
pub fn judge(bytes: &[u8], manifest: &Manifest, finished: bool) -> Check {
    let mut check = Check::new("V4", "log");
    match checkpoint::parse(bytes) {
        Err(fault) => check.fault(&Place::Checkpoint, &fault),
        Ok(parsed) => {
            origin(&parsed, manifest, &mut check);
            collector(&parsed, manifest, &mut check);
            witnesses(&parsed, manifest, finished, &mut check);
        }
    }
    check
}

/// LOG-1.
fn origin(parsed: &Checkpoint<'_>, manifest: &Manifest, check: &mut Check) -> bool {
    let named = parsed.origin == format!("haal/{}", hex::encode(manifest.election));
    if !named {
        check.fail(&Place::Checkpoint, "LOG-1", "the origin line does not name this election");
    }
    named
}

/// LOG-3.
fn collector(parsed: &Checkpoint<'_>, manifest: &Manifest, check: &mut Check) -> bool {
    let collector = &manifest.collector;
    let line = parsed.lines.first().ok_or_else(|| crate::bytes::Fault::new("LOG-3", "no signature"));
    match line.and_then(|line| checkpoint::collector_line(parsed.note, line, &collector.name, &collector.key)) {
        Ok(()) => true,
        Err(fault) => {
            check.fault(&Place::Checkpoint, &fault);
            false
        }
    }
}

/// LOG-4: known witnesses, in order, each once; all of them under a finished record.
fn witnesses(parsed: &Checkpoint<'_>, manifest: &Manifest, finished: bool, check: &mut Check) {
    let mut known = manifest.witnesses.iter();
    let mut cosigned = 0;
    for line in parsed.lines.iter().skip(1) {
        let Some(witness) = known.by_ref().find(|witness| witness.name == line.0) else {
            check.fail(&Place::Checkpoint, "LOG-4", format!("the line of {:?} is of no witness, repeated or out of order", line.0));
            return;
        };
        match checkpoint::witness_line(parsed.note, line, &witness.key) {
            Ok(()) => cosigned += 1,
            Err(fault) => check.fault(&Place::Checkpoint, &fault),
        }
    }
    let all = manifest.witnesses.len();
    if finished && cosigned < all {
        check.fail(&Place::Checkpoint, "LOG-4", format!("{cosigned} of {all} witnesses signed the finished record"));
    } else if cosigned < manifest.witness_quorum {
        check.fail(&Place::Checkpoint, "LOG-4", format!("{cosigned} witnesses signed, {} are a quorum", manifest.witness_quorum));
    }
}
