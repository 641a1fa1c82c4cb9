//! V17: every mix, and each unit mixed. Rules MIX-6 to MIX-16.

use super::entries::member;
use crate::bytes::{Fault, Hash};
use crate::cache::{self, Cache};
use crate::counted::{State, Unit};
use crate::entry::{Post, PostKind};
use crate::group::{self, Point};
use crate::hash;
use crate::log::Log;
use crate::manifest::Manifest;
use crate::mix::{self, Head, Statement};
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::session::Key;
use crate::source::{ReadError, Source, blob_path};
use crate::units::{Rows, UnitMap};
use crate::weights::Entropy;
use rayon::prelude::*;
use std::collections::HashSet;

/// Decoded points that are kept from one stage to the next: 160 bytes each.
const KEEP: usize = 1 << 18;

/// A unit with the rows that trustees open.
pub struct Prepared {
    /// The unit.
    pub unit: Unit,
    /// Rows; 0 if nothing is opened.
    pub n: u32,
    /// Columns.
    pub w: u16,
    /// `N` rows of `w + 1` encodings.
    pub rows: Vec<Hash>,
    /// The same rows decoded, if memory allows.
    pub points: Option<Vec<Point>>,
    /// The stage hash, once there is something to open.
    pub stage_hash: Option<Hash>,
}

/// What the check needs to know.
pub struct Input<'a> {
    /// The record's files.
    pub source: &'a Source,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The log.
    pub log: &'a Log,
    /// Entries that may be used.
    pub sound: &'a [bool],
    /// The election key.
    pub key: &'a Key,
    /// Counted-set hash.
    pub counted: &'a Hash,
    /// The order *result* is there.
    pub finished: bool,
    /// For weights.
    pub entropy: &'a Entropy,
    /// What was verified before.
    pub cache: &'a Cache,
}

/// A post of a mix.
#[derive(Clone, Copy)]
pub struct Posted<'a> {
    /// Its entry.
    pub entry: u64,
    /// The post.
    pub post: &'a Post,
}

/// How far a unit has come.
pub struct Progressing {
    /// The unit as it stands.
    pub prepared: Prepared,
    mixed: bool,
    stage: u16,
    mixers: HashSet<u16>,
    /// Rows before the first stage, if one counts.
    initial: Vec<Hash>,
    /// `c` of each counted mix.
    commitments: Vec<Vec<Hash>>,
    /// What was found wrong with posts.
    pub findings: Vec<Finding>,
}

/// Entry, blob, author, and what is wrong.
pub type Finding = (u64, Hash, u16, Fault);

/// Runs V17, and prepares the rows of all units.
pub fn check(input: &Input<'_>, units: &UnitMap, mut gathered: Rows, progress: Progress) -> (Check, Vec<Prepared>) {
    let mut check = Check::new("V17", "mixes");
    let begin = |(number, unit)| begin(input.manifest, unit, number, &mut gathered);
    let mut states: Vec<Progressing> = units.units.iter().enumerate().map(begin).collect();
    let mut findings: Vec<Finding> = Vec::new();
    // Posts of one unit depend on each other, those of different units do not.
    let mut by_unit: Vec<Vec<(Posted<'_>, Head)>> = states.iter().map(|_| Vec::new()).collect();
    for (entry, post) in input.posts(PostKind::Mix) {
        check.look();
        let head = input.source.read_start(&blob_path(&post.blob), mix::HEAD);
        let head = head.map_err(|_| Fault::new("DEC-5", "the message cannot be read")).and_then(|bytes| mix::head(&bytes));
        match head.map(|head| (by_unit.get_mut(usize::try_from(head.unit).unwrap_or(usize::MAX)), head)) {
            Ok((Some(list), head)) => list.push((Posted { entry, post }, head)),
            Ok((None, _)) => findings.push((entry, post.blob, post.author, Fault::new("MIX-12", "no such unit"))),
            Err(fault) => findings.push((entry, post.blob, post.author, fault)),
        }
    }
    judge(input, &mut states, &by_unit, progress);
    findings.extend(states.iter_mut().flat_map(|state| std::mem::take(&mut state.findings)));
    findings.sort_by_key(|(entry, ..)| *entry);
    for (entry, blob, author, fault) in findings {
        let name = member(&input.manifest.mixers, author).map_or("unknown", |member| member.name.as_str());
        let fault = Fault { text: format!("mixer {author} ({name}): {}", fault.text), ..fault };
        check.note(&Place::Blob(entry, blob), &fault);
    }
    for (number, state) in (0..=u32::MAX).zip(&states).filter(|(_, state)| input.finished && state.mixed) {
        check.look();
        if state.prepared.stage_hash.is_none() {
            let text = format!("{} of {} stages count", state.stage, input.manifest.mixes_required);
            check.fail(&Place::Unit(number), "MIX-16", text);
        }
    }
    (check, states.into_iter().map(|state| state.prepared).collect())
}

/// Takes the posts of each unit in the order of the log, units side by side.
pub fn judge(input: &Input<'_>, states: &mut [Progressing], by_unit: &[Vec<(Posted<'_>, Head)>], progress: Progress) {
    let most = states.iter().filter(|state| state.mixed).map(|state| state.prepared.n).max().unwrap_or(0);
    let any = by_unit.iter().any(|posts| !posts.is_empty());
    let bases = if any { group::shuffle_bases(0, usize::try_from(most).unwrap_or(0).saturating_add(1)) } else { Vec::new() };
    let bar = progress.bar("checking mixes", by_unit.iter().map(|posts| posts.len() as u64).sum());
    states.par_iter_mut().zip(by_unit).for_each(|(state, posts)| {
        for (posted, head) in posts {
            step(input, state, *posted, head, &bases, &HashSet::new());
            bar.step(1);
        }
    });
    if repeats(states) {
        in_log_order(input, states, by_unit, &bases);
    }
}

impl<'a> Input<'a> {
    /// Posts of one kind that may be used, in the order of the log.
    pub fn posts(&self, kind: PostKind) -> impl Iterator<Item = (u64, &'a Post)> {
        let sound = self.sound;
        let is_sound = move |entry: u64| usize::try_from(entry).ok().and_then(|entry| sound.get(entry)) == Some(&true);
        self.log.posts().filter(move |(entry, post)| post.kind == kind && is_sound(*entry))
    }
}

fn begin(manifest: &Manifest, unit: &Unit, number: usize, gathered: &mut Rows) -> Progressing {
    let contest = manifest.contests.get(usize::from(unit.contest));
    let list = contest.and_then(|contest| contest.lists.get(usize::try_from(unit.list).ok()?));
    let w = list.and_then(|list| u16::try_from(list.shape.w).ok()).unwrap_or(0);
    let mut prepared = Prepared { unit: unit.clone(), n: 0, w, rows: Vec::new(), points: None, stage_hash: None };
    let mut mixed = false;
    if unit.state == State::Opened {
        let gathered = gathered.take(number, usize::from(w).saturating_add(1));
        mixed = contest.is_some_and(|contest| contest.rule.is_mixed());
        if mixed {
            (prepared.n, prepared.rows) = (u32::try_from(unit.ballots).unwrap_or(u32::MAX), gathered.rows);
        } else {
            (prepared.n, prepared.rows) = (1, gathered.sum.iter().map(group::encode).collect());
            prepared.stage_hash = Some(hash::rows(1, w, prepared.rows.as_flattened()));
            prepared.points = Some(gathered.sum);
        }
    }
    Progressing::new(prepared, mixed)
}

impl Progressing {
    /// A unit before its first stage.
    pub fn new(prepared: Prepared, mixed: bool) -> Self {
        let (mixers, initial, commitments, findings) = (HashSet::new(), Vec::new(), Vec::new(), Vec::new());
        Self { prepared, mixed, stage: 0, mixers, initial, commitments, findings }
    }
}

/// Does some `c` stand in two counted mixes? MIX-15.
fn repeats(states: &[Progressing]) -> bool {
    let mut seen: HashSet<&Hash> = HashSet::new();
    states.iter().flat_map(|state| &state.commitments).any(|commitments| {
        let again = commitments.iter().any(|c| seen.contains(c));
        seen.extend(commitments);
        again
    })
}

/// The slow way, needed only if somebody copied commitments: all posts once more, and the first in the log counts.
fn in_log_order(input: &Input<'_>, states: &mut [Progressing], by_unit: &[Vec<(Posted<'_>, Head)>], bases: &[Point]) {
    for state in states.iter_mut().filter(|state| state.stage > 0) {
        state.prepared.rows = std::mem::take(&mut state.initial);
        (state.prepared.points, state.prepared.stage_hash, state.stage) = (None, None, 0);
    }
    for state in states.iter_mut() {
        state.mixers.clear();
        state.commitments.clear();
        state.findings.clear();
    }
    let mut posts: Vec<&(Posted<'_>, Head)> = by_unit.iter().flatten().collect();
    posts.sort_by_key(|(posted, _)| posted.entry);
    let mut seen = HashSet::new();
    for (posted, head) in posts {
        let Some(state) = usize::try_from(head.unit).ok().and_then(|unit| states.get_mut(unit)) else { continue };
        step(input, state, *posted, head, bases, &seen);
        seen.extend(state.commitments.iter().flatten().copied());
        state.commitments.clear();
    }
}

fn step(input: &Input<'_>, state: &mut Progressing, posted: Posted<'_>, head: &Head, bases: &[Point], seen: &HashSet<Hash>) {
    if let Err(fault) = try_step(input, state, posted, head, bases, seen) {
        state.findings.push((posted.entry, posted.post.blob, posted.post.author, fault));
    }
}

/// Judges one post; if it counts, the unit moves on.
fn try_step(
    input: &Input<'_>,
    state: &mut Progressing,
    posted: Posted<'_>,
    head: &Head,
    bases: &[Point],
    seen: &HashSet<Hash>,
) -> Result<(), Fault> {
    let fault = |rule, text: &str| Err(Fault::new(rule, text));
    let (post, prepared) = (posted.post, &state.prepared);
    let required = u16::try_from(input.manifest.mixes_required).unwrap_or(u16::MAX);
    let next = state.stage.saturating_add(1);
    if !state.mixed {
        return fault("MIX-12", "the unit is not mixed");
    }
    if head.mixer != post.author || head.stage == 0 || (head.n, head.w) != (prepared.n, prepared.w) {
        return fault("MIX-12", "author, stage, N or w are not those of the unit");
    }
    if head.stage <= state.stage {
        return fault("MIX-13", "ignored: the stage counts already");
    }
    if state.stage >= required {
        return fault("MIX-16", "ignored: no more stages are required");
    }
    if head.stage != next {
        return fault("MIX-12", "the stage before it does not count");
    }
    if state.mixers.contains(&post.author) {
        return fault("MIX-14", "the mixer has a counted stage of this unit");
    }
    let length = mix::length(u64::from(prepared.n), u64::from(prepared.w));
    let bytes = match input.source.blob(&post.blob, length.min(post.kind.blob_limit())) {
        Ok(bytes) => bytes,
        Err(ReadError::TooLarge) => return fault("DEC-4", "the message is too long"),
        Err(_) => return fault("DEC-5", "the message cannot be read"),
    };
    let mix = mix::cut(&bytes)?;
    // The head was read before; these are the bytes that hash to the blob's name.
    if mix.head != *head {
        return fault("REC-5", "changed while it was being checked");
    }
    if head.input != hash::rows(prepared.n, prepared.w, prepared.rows.as_flattened()) {
        return fault("MIX-12", "the input is not that of the stage");
    }
    let width = usize::from(prepared.w).saturating_add(1);
    let inputs: HashSet<&[Hash]> = prepared.rows.chunks_exact(width).collect();
    if mix.rows.chunks_exact(width).any(|row| inputs.contains(row)) {
        return fault("MIX-15", "an output row equals an input row");
    }
    let earlier: HashSet<&Hash> = state.commitments.iter().flatten().collect();
    if mix.c.iter().any(|c| earlier.contains(c) || seen.contains(c)) {
        return fault("MIX-15", "a commitment stands in another counted mix");
    }
    let statement = Statement {
        election: &input.manifest.election,
        key: input.key,
        counted: input.counted,
        input: &prepared.rows,
        decoded: prepared.points.as_deref(),
        bases,
    };
    let known = cache::statement("mix", &[&input.manifest.election, &cache::key(input.key), input.counted, &head.input, &post.blob]);
    let verify = || mix::verify(&mix, &statement, &post.blob, KEEP, input.entropy);
    let points = if input.cache.knows(&known) { Ok(None) } else { verify().inspect(|_| input.cache.remember(&[known])) };
    let points = points.map_err(|faults| {
        let rules: Vec<&str> = faults.iter().map(|fault| fault.rule).collect();
        let fault = faults.first().cloned().unwrap_or_else(|| Fault::new("MIX-13", "the shuffle proof does not verify"));
        if rules.len() > 1 { Fault { text: format!("{} ({})", fault.text, rules.join(" ")), ..fault } } else { fault }
    })?;
    let rows = mix.rows.to_vec();
    state.commitments.push(mix.c.to_vec());
    state.stage = next;
    state.mixers.insert(post.author);
    let before = std::mem::replace(&mut state.prepared.rows, rows);
    if next == 1 {
        state.initial = before;
    }
    state.prepared.points = points;
    if next == required {
        state.prepared.stage_hash = Some(post.blob);
    }
    Ok(())
}
