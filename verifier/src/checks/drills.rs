//! V10: every answer to a drill, and the drill before the order *open*. Rules DRILL-1, DRILL-2, PHASE-2, PHASE-7.

use super::ceremony::name;
use super::phases::Timeline;
use crate::batch;
use crate::bytes::{Fault, Hash};
use crate::entry::{Entry, OrderKind, Post, PostKind};
use crate::group::{self, Point, Scalar};
use crate::interpolate;
use crate::log::{Item, Log};
use crate::logs::Encoded;
use crate::manifest::Manifest;
use crate::messages;
use crate::report::{Check, Place};
use crate::session::Key;
use crate::source::Source;
use crate::transcript::Transcript;
use crate::weights::Entropy;
use std::collections::BTreeMap;

/// One drill: the order, and the correct answers.
pub struct Drill<'a> {
    /// Entry of the order.
    pub entry: u64,
    number: u32,
    key: Option<&'a Key>,
    /// `D`.
    pub base: Encoded,
    /// Trustees that have answered, rightly or not; of right answers `Y`, column by column, and the entry.
    pub answers: BTreeMap<u16, Option<(u64, Vec<Point>)>>,
}

/// Runs V10.
pub fn check(
    source: &Source,
    manifest: &Manifest,
    log: &Log,
    sound: &[bool],
    timeline: &Timeline<'_>,
    confirmed: &[(u64, Key)],
    entropy: &Entropy,
) -> Check {
    let mut check = Check::new("V10", "drills");
    let mut drills: Vec<Drill<'_>> = Vec::new();
    for ((index, item), _) in (0u64..).zip(&log.items).zip(sound).filter(|(_, sound)| **sound) {
        let Item::Plain(entry) = item else { continue };
        match &**entry {
            Entry::Order(order) if order.kind == OrderKind::Drill => {
                check.look();
                let key = confirmed.iter().rev().find(|(entry, _)| *entry < index).map(|(_, key)| key);
                let number = u32::try_from(drills.len().saturating_add(1)).unwrap_or(u32::MAX);
                drills.push(Drill::new(manifest, index, number, key, &order.argument));
            }
            Entry::Post(post) if post.kind == PostKind::Drill => {
                check.look();
                let bytes = source.blob(&post.blob, post.kind.blob_limit()).unwrap_or_default();
                if let Err(fault) = answer(manifest, &mut drills, index, post, &bytes, entropy) {
                    let fault = Fault { text: format!("{}: {}", name(manifest, post.author), fault.text), ..fault };
                    check.note(&Place::Blob(index, post.blob), &fault);
                }
            }
            _ => {}
        }
    }
    for drill in &drills {
        if let Err(fault) = quorums(manifest, drill, entropy) {
            check.fault(&Place::Entry(drill.entry), &fault);
        }
    }
    if let Some((open, order)) = timeline.open {
        check.look();
        if let Err(fault) = before_open(manifest, (open, order.argument), confirmed, &drills) {
            check.fault(&Place::Entry(open), &fault);
        }
    }
    before_seal(manifest, timeline, &drills, &mut check);
    check
}

impl<'a> Drill<'a> {
    /// A drill that has just been ordered.
    pub fn new(manifest: &Manifest, entry: u64, number: u32, key: Option<&'a Key>, nonce: &Hash) -> Self {
        let id = key.map(|key| key.id).unwrap_or_default();
        let base = group::hash_to_group("drill", &[manifest.election.as_slice(), &id, &number.to_be_bytes(), nonce].concat());
        Self { entry, number, key, base: Encoded::of(base), answers: BTreeMap::new() }
    }
}

/// Judges one answer.
pub fn answer(
    manifest: &Manifest,
    drills: &mut [Drill<'_>],
    index: u64,
    post: &Post,
    bytes: &[u8],
    entropy: &Entropy,
) -> Result<(), Fault> {
    let head = messages::peek(bytes).ok_or_else(|| Fault::new("DEC-5", "the message ends in its head").at(bytes.len()))?;
    let answer = messages::drill(bytes, manifest)?;
    let position = usize::try_from(answer.number).ok().and_then(|number| number.checked_sub(1));
    let drill = position.and_then(|position| drills.get_mut(position));
    let drill = drill.ok_or_else(|| Fault::new("KEY-1", "answers a drill that has not been ordered"))?;
    let key = drill.key.ok_or_else(|| Fault::new("KEY-1", "answers a drill without a key"))?;
    if head.session != key.session || head.trustee != post.author {
        return Err(Fault::new("KEY-1", "carries another session or another trustee's index"));
    }
    if drill.answers.contains_key(&post.author) {
        return Err(Fault::new("KEY-1", "a second answer to one drill"));
    }
    // An answer that does not verify uses up its author's place too. DRILL-1.
    drill.answers.insert(post.author, None);
    let shares = key.shares.get(usize::from(post.author).saturating_sub(1)).ok_or_else(|| Fault::new("KEY-1", "no such trustee"))?;
    let mut equations = Vec::new();
    for (((y, proof), x), column) in answer.columns.iter().zip(shares).zip(1u64..) {
        let mut transcript = Transcript::new("drill");
        transcript.bytes("election", &manifest.election);
        transcript.bytes("key", &key.id);
        transcript.number("drill", u64::from(drill.number));
        transcript.number("trustee", u64::from(post.author));
        transcript.number("column", column);
        equations.push(proof.equations(&drill.base, x, y, transcript).to_vec());
    }
    if batch::holds(&equations, &post.blob, entropy).iter().all(|holds| *holds) {
        let points = answer.columns.iter().map(|(y, _)| y.point).collect();
        drill.answers.insert(post.author, Some((index, points)));
        Ok(())
    } else {
        Err(Fault::new("DRILL-1", "the answer is wrong: its share is dead"))
    }
}

/// All quorums give the same points. The columns are folded with weights, so one point for each trustee remains.
fn quorums(manifest: &Manifest, drill: &Drill<'_>, entropy: &Entropy) -> Result<(), Fault> {
    let mut stream = entropy.weights(&drill.base.bytes);
    let weights: Vec<Scalar> = std::iter::repeat_with(|| stream.draw()).take(manifest.columns).collect();
    let right = drill.answers.iter().filter_map(|(trustee, answer)| Some((*trustee, answer.as_ref()?)));
    let folded: Vec<(u16, Point)> = right.map(|(trustee, (_, points))| (trustee, group::msm(&weights, points))).collect();
    let mut first = None;
    for quorum in interpolate::quorums(folded.len(), manifest.threshold, manifest.trustees.len()) {
        let chosen: Vec<(u16, Point)> = quorum.iter().filter_map(|position| folded.get(*position)).copied().collect();
        let indices: Vec<u16> = chosen.iter().map(|(trustee, _)| *trustee).collect();
        let points: Vec<Point> = chosen.iter().map(|(_, point)| *point).collect();
        let value = group::msm(&interpolate::scalars(&indices), &points);
        if *first.get_or_insert(value) != value {
            return Err(Fault::new("DRILL-2", format!("the trustees {indices:?} give another point than others")));
        }
    }
    Ok(())
}

/// PHASE-2: every trustee's share of the key that *open* names was seen alive, and it is the last key confirmed.
pub fn before_open(manifest: &Manifest, open: (u64, Hash), confirmed: &[(u64, Key)], drills: &[Drill<'_>]) -> Result<(), Fault> {
    let last = confirmed.iter().rfind(|(entry, _)| *entry < open.0);
    if last.is_none_or(|(_, key)| key.id != open.1) {
        return Err(Fault::new("PHASE-2", "does not name the key confirmed last"));
    }
    let with_key = |drill: &&Drill<'_>| drill.entry < open.0 && drill.key.is_some_and(|key| key.id == open.1);
    let answered = |drill: &Drill<'_>| drill.answers.values().flatten().filter(|(entry, _)| *entry < open.0).count();
    if drills.iter().filter(with_key).any(|drill| answered(drill) == manifest.trustees.len()) {
        Ok(())
    } else {
        Err(Fault::new("PHASE-2", "not all trustees answered a drill with this key before"))
    }
}

/// PHASE-7: only reported.
fn before_seal(manifest: &Manifest, timeline: &Timeline<'_>, drills: &[Drill<'_>], check: &mut Check) {
    let (Some((close, _)), Some((seal, _))) = (timeline.close, timeline.seal) else { return };
    let answered = |drill: &Drill<'_>| drill.answers.values().flatten().filter(|(entry, _)| *entry < seal).count();
    let last = drills.iter().rfind(|drill| (close..seal).contains(&drill.entry));
    let answers = last.map_or(0, answered);
    if answers < manifest.threshold {
        check.finding(&Place::Entry(seal), "PHASE-7", format!("{answers} trustees answered a drill between close and seal"));
    }
}
