//! The factors, once they may leave. Spec: 10-tally, OPEN-3 to OPEN-7.

use super::Desk;
use crate::board::wait_until_shown;
use crate::failure::{Failure, Outcome};
use crate::submission::Submission;
use crate::{progress, random};
use ballot::encode::Record;
use board::{Post, PostKind};
use std::io::Write;
use std::path::PathBuf;
use trustee::key_share::KeyShare;
use trustee::open::{Opening, Statement};
use trustee::view::{OpenRefusal, View};

/// Opens every unit that may be opened; gives the first reason why one may not.
pub fn open(desk: &mut Desk<'_>, view: &View, share: &KeyShare, wanted: &[u32], out: &mut dyn Write) -> Outcome<Option<OpenRefusal>> {
    let declared = desk.state.declared()?;
    let (mut refused, mut last) = (None, None);
    let bar = progress::bar("Opening", wanted.len() as u64);
    for &unit in wanted {
        bar.inc(1);
        if view.units().get(unit as usize).is_some_and(|u| u.openings.iter().any(|o| o.head.trustee == desk.me)) {
            continue; // it stands on the board
        }
        match view.may_open(desk.me, unit, &declared) {
            Ok(statement) => {
                let submission = opening(desk, view, &statement, share)?;
                last = last.max(desk.deliver(&submission, &format!("opening-unit-{unit:05}"), out)?);
            }
            Err(e) => refused = refused.or(Some(e)),
        }
    }
    bar.finish_and_clear();
    desk.state.save()?;
    if let (Some(index), false) = (last, desk.args.posting.no_wait) {
        wait_until_shown(desk.args.board.url()?, view.manifest(), index, 30 + 2 * view.manifest().description().board.batch_seconds);
    }
    Ok(refused)
}

/// The opening of a unit: the one that was made before, byte for byte, or a new one, which is kept before it leaves.
///
/// It is public, so it lies in the folder unsealed. A lost or damaged file is made again: what must never differ is the statement, and
/// that is sealed; two proofs of one statement with fresh nonces tell nobody more than one.
fn opening(desk: &Desk<'_>, view: &View, statement: &Statement<'_>, share: &KeyShare) -> Outcome<Submission> {
    let folder = desk.state.folder().join("openings");
    let path: PathBuf = folder.join(format!("unit-{:05}.post", statement.unit));
    if path.exists()
        && let Ok(kept) = Submission::read(&path)
        && let Ok(opening) = Opening::from_bytes(&kept.blob)
        && statement.verify(&opening).is_ok()
        && Post::from_bytes(&kept.entry).is_ok_and(|p| p.author == desk.me && p.verify(view.manifest()).is_ok())
    {
        return Ok(kept);
    }
    let opening = statement.open(share, &mut random::rng());
    let opening = opening.map_err(|e| Failure::Refused(anyhow::Error::from(e).context(format!("unit {}", statement.unit))))?;
    let submission = desk.sign(PostKind::Opening, opening.to_bytes(), &view.closed().election);
    submission.write(&path)?;
    Ok(submission)
}
