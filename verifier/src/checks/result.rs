//! V20: factors combined, numbers decoded, counted again, and held against the result. Rules DECODE-1, COUNT-1 to COUNT-4.

use super::mixes::{Input, Prepared};
use super::openings::Chosen;
use crate::bytes::{Fault, Hash};
use crate::cache;
use crate::count::{self, Tally};
use crate::counted::State;
use crate::dlog::{SmallLog, Tables};
use crate::entry::Order;
use crate::group::{self, Point, Scalar};
use crate::hash;
use crate::interpolate::{self, Small};
use crate::manifest::Rule;
use crate::opening;
use crate::progress::Progress;
use crate::report::{Check, Place};
use crate::source::blob_path;
use rayon::prelude::*;

/// Rows of one piece of work.
const CHUNK: usize = 1024;

/// Runs V20.
pub fn check(input: &Input<'_>, prepared: Vec<Prepared>, chosen: &Chosen, result: (u64, &Order), progress: Progress) -> Check {
    let mut check = Check::new("V20", "result");
    let bar = progress.bar("counting", prepared.len() as u64);
    let (entry, order) = result;
    check.look_at(2); // the order and its blob
    if order.argument != *input.counted {
        check.fail(&Place::Entry(entry), "COUNT-4", "the order names another counted set");
    }
    let statement = statement(input, &prepared, chosen, order);
    let there = input.source.hash(&blob_path(&order.blob), order.kind.blob_limit()).is_ok_and(|(_, hash)| hash == order.blob);
    if check.passed() && there && input.cache.knows(&statement) {
        check.look_at(prepared.len());
        return check;
    }
    let mut tables = Tables::default();
    let mut tallies = Vec::new();
    for ((number, prepared), chosen) in (0..=u32::MAX).zip(prepared).zip(chosen) {
        check.look();
        bar.step(1);
        let tally = match prepared.unit.state {
            State::Opened => match tally(input, &prepared, chosen, &mut tables) {
                Ok(tally) => Some(tally),
                Err(fault) => {
                    check.fault(&Place::Unit(number), &fault);
                    None
                }
            },
            State::Empty | State::Withheld => None,
        };
        tallies.push((prepared.unit, tally));
    }
    if !check.passed() {
        return check;
    }
    let expected = count::result(input.manifest, input.counted, &tallies);
    let place = Place::Blob(entry, order.blob);
    match input.source.blob(&order.blob, order.kind.blob_limit()) {
        Ok(bytes) if bytes == expected => {}
        Ok(bytes) => {
            let at = bytes.iter().zip(&expected).take_while(|(a, b)| a == b).count();
            let from = at.saturating_sub(60);
            let place = place.at(at as u64);
            let shown = |bytes: &[u8]| {
                String::from_utf8_lossy(bytes.get(from..bytes.len().min(at.saturating_add(40))).unwrap_or_default()).into_owned()
            };
            check.fail(&place, "COUNT-4", format!("{} where {} must be", shown(&bytes), shown(&expected)));
        }
        Err(_) => check.fail(&place, "COUNT-4", "the result cannot be read"),
    }
    if check.passed() {
        input.cache.remember(&[statement]);
    }
    check
}

/// Everything that the count depends on: units with their rows, the openings that are combined, and the result. CACHE-1.
fn statement(input: &Input<'_>, prepared: &[Prepared], chosen: &Chosen, order: &Order) -> Hash {
    let mut units = Vec::new();
    for (prepared, chosen) in prepared.iter().zip(chosen) {
        let (unit, rows) = (&prepared.unit, hash::rows(prepared.n, prepared.w, prepared.rows.as_flattened()));
        let openings: Vec<u8> = chosen.iter().flat_map(|(trustee, blob)| trustee.to_be_bytes().into_iter().chain(*blob)).collect();
        let unit = format!("{} {} {:?} {} {:?}", unit.contest, unit.list, unit.districts, unit.ballots, unit.state);
        units.push(cache::statement("unit", &[unit.as_bytes(), &rows, &openings]));
    }
    cache::statement("result", &[&input.manifest.election, input.counted, units.as_flattened(), &order.argument, &order.blob])
}

fn tally(input: &Input<'_>, prepared: &Prepared, chosen: &[(u16, Hash)], tables: &mut Tables) -> Result<Tally, Fault> {
    let missing = || Fault::new("DECODE-1", "the unit's contest is not there");
    let contest = input.manifest.contests.get(usize::from(prepared.unit.contest)).ok_or_else(missing)?;
    let list = usize::try_from(prepared.unit.list).ok().and_then(|list| contest.lists.get(list)).ok_or_else(missing)?;
    let largest = u64::from(list.shape.largest);
    let most = if contest.rule.is_mixed() { largest } else { largest.saturating_mul(prepared.unit.ballots) };
    let length = opening::length(u64::from(prepared.n), u64::from(prepared.w));
    let read = |(trustee, blob): &(u16, Hash)| Some((*trustee, input.source.blob(blob, length).ok()?));
    let openings = chosen.iter().map(read).collect::<Option<Vec<_>>>();
    let openings = openings.ok_or_else(|| Fault::new("COMBINE-1", "an opening cannot be read"))?;
    let rows = decode(prepared, openings, most, tables)?;
    check_rows(contest.rule, &rows)?;
    Ok(count::count(contest.rule, list.options.len(), &rows))
}

/// Combines the openings of a quorum and decodes every row. COMBINE-1, DECODE-1.
pub fn decode(prepared: &Prepared, openings: Vec<(u16, Vec<u8>)>, most: u64, tables: &mut Tables) -> Result<Vec<Vec<u64>>, Fault> {
    let (indices, bytes): (Vec<u16>, Vec<Vec<u8>>) = openings.into_iter().unzip();
    // Small coefficients pay off for many rows; the one row of a sum does without, so that all sums share a table whatever
    // quorum opened them.
    let small = if prepared.n > 1 { Small::new(&indices) } else { None };
    let denominator = small.as_ref().map_or(1, |small| small.denominator);
    let table = tables.get(denominator, most);
    let factors = Factors { bytes, small, lambdas: interpolate::scalars(&indices), most };
    let width = usize::from(prepared.w).saturating_add(1);
    let chunks: Vec<usize> = (0..prepared.rows.len() / width.max(1)).step_by(CHUNK).collect();
    let rows: Vec<_> = chunks.par_iter().map(|from| factors.rows(prepared, *from, &table)).collect();
    // The first row that fails is named, whichever thread is faster.
    let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    Ok(rows.chunks_exact(usize::from(prepared.w).max(1)).map(<[u64]>::to_vec).collect())
}

/// A summed unit has one row. COUNT-1.
fn check_rows(rule: Rule, rows: &[Vec<u64>]) -> Result<(), Fault> {
    if rule.is_mixed() || rows.len() == 1 { Ok(()) } else { Err(Fault::new("DECODE-1", "a sum is missing")) }
}

/// Openings of the quorum, with their coefficients.
struct Factors {
    bytes: Vec<Vec<u8>>,
    small: Option<Small>,
    lambdas: Vec<Scalar>,
    most: u64,
}

impl Factors {
    /// `m_i,c` of up to `CHUNK` rows. COMBINE-1, DECODE-1.
    fn rows(&self, prepared: &Prepared, from: usize, table: &SmallLog) -> Result<Vec<u64>, Fault> {
        let w = usize::from(prepared.w);
        let width = w.saturating_add(1);
        let here = |step: usize| from.saturating_mul(step)..from.saturating_add(CHUNK).saturating_mul(step);
        let mut values: Vec<Point> = match &prepared.points {
            Some(points) => columns(&clip(points, here(width)), width),
            None => {
                let blocks = columns(&clip(&prepared.rows, here(width)), width);
                blocks.iter().map(group::point).collect::<Result<_, _>>()?
            }
        };
        if let Some(small) = &self.small {
            values.iter_mut().for_each(|value| *value = group::times(small.denominator, value));
        }
        for (number, bytes) in self.bytes.iter().enumerate() {
            let opening = opening::cut(bytes)?;
            let numerator = self.small.as_ref().and_then(|small| small.numerators.get(number)).copied();
            let lambda = self.lambdas.get(number).copied().unwrap_or_default();
            for (value, factor) in values.iter_mut().zip(clip(opening.factors, here(w))) {
                let factor = group::point(&factor)?;
                *value -= match numerator {
                    Some(numerator) => interpolate::times(numerator, &factor),
                    None => lambda * factor,
                };
            }
        }
        let found = table.find(&values, self.most).into_iter().enumerate();
        let none =
            |i: usize| Fault::new("DECODE-1", format!("row {} does not open to an allowed number", from.saturating_add(i / w.max(1))));
        found.map(|(i, value)| value.ok_or_else(|| none(i))).collect()
    }
}

/// The part of `items` that lies in `range`.
fn clip<T: Copy>(items: &[T], range: std::ops::Range<usize>) -> Vec<T> {
    items.get(range.start.min(items.len())..range.end.min(items.len())).unwrap_or_default().to_vec()
}

/// Rows without their first item.
fn columns<T: Copy>(rows: &[T], width: usize) -> Vec<T> {
    rows.chunks_exact(width.max(1)).flat_map(|row| row.iter().skip(1).copied()).collect()
}
