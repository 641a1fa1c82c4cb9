//! V19: every opening, and each unit opened. Rules OPEN-4 to OPEN-7, COMBINE.

use super::ceremony::name;
use super::intents::{Intents, needs_factors};
use super::mixes::{Input, Prepared};
use crate::bytes::{Fault, Hash};
use crate::cache;
use crate::entry::{Post, PostKind};
use crate::group::{self, Point};
use crate::hash;
use crate::opening::{self, Head, Statement};
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::source::{ReadError, blob_path};
use rayon::prelude::*;
use std::cell::LazyCell;
use std::collections::BTreeMap;

/// For each unit, the openings that are combined: trustee and blob, the first `t` in the log.
pub type Chosen = Vec<Vec<(u16, Hash)>>;

/// What one unit's openings come to.
#[derive(Default)]
struct OfUnit {
    chosen: Vec<(u16, Hash)>,
    /// Trustees with a right opening, and its entry.
    right: BTreeMap<u16, u64>,
    findings: Vec<(u64, Hash, u16, Fault)>,
}

/// Runs V19.
pub fn check(input: &Input<'_>, prepared: &[Prepared], intents: &Intents, closed: (u64, Hash), progress: Progress) -> (Check, Chosen) {
    let mut check = Check::new("V19", "openings");
    let mut by_unit: Vec<Vec<(u64, &Post, Head)>> = prepared.iter().map(|_| Vec::new()).collect();
    let mut findings = Vec::new();
    for (entry, post) in input.posts(PostKind::Opening) {
        check.look();
        let head = input.source.read_start(&blob_path(&post.blob), opening::HEAD);
        let head = head.map_err(|_| Fault::new("DEC-5", "the message cannot be read")).and_then(|bytes| opening::head(&bytes));
        match head.map(|head| (by_unit.get_mut(usize::try_from(head.unit).unwrap_or(usize::MAX)), head)) {
            Ok((Some(list), head)) => list.push((entry, post, head)),
            Ok((None, _)) => findings.push((entry, post.blob, post.author, Fault::new("OPEN-5", "no such unit"))),
            Err(fault) => findings.push((entry, post.blob, post.author, fault)),
        }
    }
    let bar = progress.bar("checking openings", check.count);
    let jobs = by_unit.par_iter().zip(prepared).zip(intents);
    let done: Vec<OfUnit> = jobs
        .map(|((posts, prepared), intents)| {
            let done = unit(input, prepared, intents, closed, posts);
            bar.step(posts.len() as u64);
            done
        })
        .collect();
    let mut chosen = Chosen::new();
    let mut absent: Vec<Vec<u32>> = vec![Vec::new(); input.manifest.trustees.len()];
    for ((number, prepared), of_unit) in (0..=u32::MAX).zip(prepared).zip(done) {
        let t = input.manifest.threshold;
        let needed = input.finished && needs_factors(prepared);
        if needed {
            check.look();
            for (trustee, missing) in (1..).zip(&mut absent) {
                if !of_unit.right.contains_key(&trustee) {
                    missing.push(number);
                }
            }
        }
        if needed && of_unit.chosen.len() < t {
            let there: Vec<u16> = of_unit.right.keys().copied().collect();
            let all = 1..=u16::try_from(input.manifest.trustees.len()).unwrap_or(u16::MAX);
            let missing: Vec<String> =
                all.filter(|trustee| !there.contains(trustee)).map(|trustee| name(input.manifest, trustee)).collect();
            check.fail(
                &Place::Unit(number),
                "COMBINE-2",
                format!("{} right openings where {t} are needed; missing: {}", there.len(), missing.join(", ")),
            );
        }
        findings.extend(of_unit.findings);
        chosen.push(of_unit.chosen);
    }
    findings.sort_by_key(|(entry, ..)| *entry);
    for (entry, blob, author, fault) in findings {
        let fault = Fault { text: format!("{}: {}", name(input.manifest, author), fault.text), ..fault };
        check.note(&Place::Blob(entry, blob), &fault);
    }
    for (trustee, units) in (1..).zip(&absent) {
        if let Some(first) = units.first() {
            let text = format!("{} is absent: no right opening of {} units, this the first", name(input.manifest, trustee), units.len());
            check.finding(&Place::Unit(*first), "COMBINE-2", text);
        }
    }
    (check, chosen)
}

fn unit(input: &Input<'_>, prepared: &Prepared, intents: &BTreeMap<u16, u64>, closed: (u64, Hash), posts: &[(u64, &Post, Head)]) -> OfUnit {
    let mut found = OfUnit::default();
    if posts.is_empty() {
        return found;
    }
    let width = usize::from(prepared.w).saturating_add(1);
    let pads: LazyCell<Vec<Point>, _> = LazyCell::new(|| match &prepared.points {
        Some(points) => points.iter().step_by(width).copied().collect(),
        None => prepared.rows.par_chunks(width).filter_map(|row| group::point(row.first()?).ok()).collect(),
    });
    let rows = hash::rows(prepared.n, prepared.w, prepared.rows.as_flattened());
    let election = &input.manifest.election;
    // Verified once, then known: everything that the proof is about, and the message. CACHE-1.
    let verify = |blob: &Hash, bytes: &[u8], head: &Head| -> Result<(), Fault> {
        let opening = opening::cut(bytes)?;
        // The head was read before; these are the bytes that hash to the blob's name.
        if opening.head != *head {
            return Err(Fault::new("REC-5", "changed while it was being checked"));
        }
        let fields: [&[u8]; 7] = [election, &cache::key(input.key), input.counted, &closed.0.to_be_bytes(), &closed.1, &rows, blob];
        let known = cache::statement("opening", &fields);
        if input.cache.knows(&known) {
            return Ok(());
        }
        let statement = Statement { election, key: input.key, counted: input.counted, closed, rows: &prepared.rows, pads: &pads };
        opening::verify(&opening, &statement).inspect(|()| input.cache.remember(&[known]))
    };
    for (entry, post, head) in posts {
        let result = match found.right.get(&post.author) {
            Some(_) => Err(Fault::new("OPEN-6", "ignored: a second opening of the unit")),
            None => one(input, prepared, intents, &verify, *entry, post, head),
        };
        match result {
            Ok(()) => {
                found.right.insert(post.author, *entry);
                if found.chosen.len() < input.manifest.threshold {
                    found.chosen.push((post.author, post.blob));
                }
            }
            Err(fault) => found.findings.push((*entry, post.blob, post.author, fault)),
        }
    }
    found
}

/// Verifies the proof of a message with this name.
type Verify<'a> = dyn Fn(&Hash, &[u8], &Head) -> Result<(), Fault> + 'a;

/// Is one opening right?
fn one(
    input: &Input<'_>,
    prepared: &Prepared,
    intents: &BTreeMap<u16, u64>,
    verify: &Verify<'_>,
    entry: u64,
    post: &Post,
    head: &Head,
) -> Result<(), Fault> {
    let fault = |rule, text: &str| Err(Fault::new(rule, text));
    let Some(stage_hash) = prepared.stage_hash else {
        return fault("OPEN-5", "the unit is empty, withheld or not mixed yet");
    };
    let fits = head.trustee == post.author && head.stage_hash == stage_hash && (head.n, head.w) == (prepared.n, prepared.w);
    if !fits {
        return fault("OPEN-5", "trustee, stage hash, N or w are not those of the unit");
    }
    if !needs_factors(prepared) {
        return fault("OPEN-7", "no factors are sent for a sum whose A is the identity");
    }
    let before = intents.values().filter(|intent| **intent < entry).count();
    if before < input.manifest.threshold || intents.get(&post.author).is_none_or(|own| *own > entry) {
        return fault("OPEN-6", "stands before enough right intents, or without its trustee's own");
    }
    let length = opening::length(u64::from(prepared.n), u64::from(prepared.w));
    let bytes = match input.source.blob(&post.blob, length.min(post.kind.blob_limit())) {
        Ok(bytes) => bytes,
        Err(ReadError::TooLarge) => return fault("DEC-4", "the message is too long"),
        Err(_) => return fault("DEC-5", "the message cannot be read"),
    };
    verify(&post.blob, &bytes, head)
}
