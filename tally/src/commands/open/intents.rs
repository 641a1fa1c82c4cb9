//! Saying what will be opened, and waiting until a threshold says the same. Spec: 10-tally, OPEN-1 to OPEN-3.

use super::Desk;
use crate::board::Board;
use crate::failure::{Failure, Outcome};
use ballot::Hash;
use ballot::encode::{Record, sha256};
use board::{Entry, PostKind};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use trustee::open::{Closed, Intent};
use trustee::view::View;

/// Declares every unit that can be opened, sends the intents, and gives the units.
///
/// An intent that left before is sent again byte for byte; a statement that differs from a declared one is refused (OPEN-2).
pub fn declare(desk: &mut Desk<'_>, view: &View, out: &mut dyn Write) -> Outcome<Vec<u32>> {
    let open = view.units().iter().filter_map(|u| u.to_open().map(|(_, stage)| (u.unit.number, *stage)));
    let units: Vec<(u32, Hash)> = open.collect();
    let mut declared = desk.state.declared()?;
    declared.declare(view.closed(), &units).map_err(|e| Failure::Refused(e.into()))?;
    let wanted = units.iter().map(|(unit, _)| *unit).collect();
    if desk.args.posting.dry_run {
        writeln!(out, "It would declare and open the units {wanted:?}.")?;
        return Ok(wanted);
    }
    let mut said = BTreeSet::new();
    for submission in desk.state.sent_about("intent ")? {
        if let Ok(intent) = Intent::from_bytes(&submission.blob) {
            said.extend(intent.units.iter().map(|(unit, _)| *unit));
        }
    }
    let new: Vec<(u32, Hash)> = units.into_iter().filter(|(unit, _)| !said.contains(unit)).collect();
    if !new.is_empty() {
        let blob = Intent::new(desk.me, view.closed(), new).to_bytes();
        let subject = format!("intent {}", hex::encode(sha256(&blob)));
        let submission = desk.sign(PostKind::Intent, blob, &view.closed().election);
        desk.state.set_declared(&declared);
        desk.state.remember(&subject, &submission)?;
    }
    desk.state.save()?; // before anything leaves
    for (at, submission) in desk.state.sent_about("intent ")?.iter().enumerate() {
        desk.deliver(submission, &format!("intent-{}", at + 1), out)?;
    }
    Ok(wanted)
}

/// Counts intents as they come, without judging the whole record again each time. The record is judged once more before anything opens.
pub struct Scan {
    closed: Closed,
    threshold: usize,
    stages: HashMap<u32, Hash>,
    authors: HashMap<u32, BTreeSet<u16>>,
    next: usize,
}

impl Scan {
    /// Waits for a threshold of intents for each of these units.
    pub fn new(view: &View, wanted: &[u32]) -> Self {
        let stage = |u: &u32| Some((*u, *view.units().get(*u as usize)?.to_open()?.1));
        let stages: HashMap<u32, Hash> = wanted.iter().filter_map(stage).collect();
        let authors = wanted.iter().map(|u| (*u, BTreeSet::new())).collect();
        let next = view.closed().size as usize;
        Self { closed: *view.closed(), threshold: view.manifest().trustees().1, stages, authors, next }
    }

    /// Looks at what is new; says whether enough is there.
    pub fn look(&mut self, board: &Board) -> Outcome<bool> {
        for entry in board.entries.get(self.next..).unwrap_or_default() {
            let Ok(Entry::Post(post)) = Entry::from_bytes(entry) else { continue };
            if post.kind != PostKind::Intent || post.verify(&board.manifest).is_err() {
                continue;
            }
            let Ok(intent) = Intent::from_bytes(&board.blob(&post.blob)?) else { continue };
            for (unit, stage) in intent.units.iter().filter(|_| intent.is_about(post.author, &self.closed)) {
                if self.stages.get(unit) == Some(stage) {
                    self.authors.entry(*unit).or_default().insert(post.author);
                }
            }
        }
        self.next = board.entries.len();
        Ok(self.authors.values().all(|a| a.len() >= self.threshold))
    }
}
