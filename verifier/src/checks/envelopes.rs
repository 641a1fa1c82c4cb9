//! V22: every ballot has one envelope, signed by the person on the roll at the time of casting. Rules EVID-2, EVID-3, ENV.

use super::phases::Timeline;
use super::roll_openings::People;
use crate::evidence::Evidence;
use crate::log::Log;
use crate::manifest::Manifest;
use crate::progress::Progress;
use crate::report::Check;
use crate::source::Source;

/// Runs V22.
pub fn check(
    _evidence: &Evidence,
    _manifest: &Manifest,
    _log: &Log,
    _source: &Source,
    _timeline: &Timeline<'_>,
    _people: &People,
    _progress: Progress,
) -> Result<Check, String> {
    let mut check = Check::new("V22", "envelopes");
    check.skip("not written yet");
    Ok(check)
}
