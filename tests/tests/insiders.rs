//! Attacks by whoever writes the record: each changes one thing and recomputes the rest, and the real verifier has to name what is
//! wrong, where, and by which rule, and nothing else. Beside them honest records, of which none may raise an alarm.
//!
//! The ids are those of published attacks and of the suite of record mutations. `HAAL_HONEST` sets how many random honest records are
//! checked, `HAAL_NOISE` how many disturbed ones; `HAAL_ROW` picks rows by a part of their name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "insiders/absent.rs"]
mod absent;
#[path = "insiders/ballots.rs"]
mod ballots;
#[path = "insiders/case.rs"]
mod case;
#[path = "insiders/ceremony.rs"]
mod ceremony;
#[path = "insiders/challenged.rs"]
mod challenged;
#[path = "insiders/counted.rs"]
mod counted;
#[path = "insiders/faults.rs"]
mod faults;
#[path = "insiders/files.rs"]
mod files;
#[path = "insiders/honest.rs"]
mod honest;
#[path = "insiders/manifest.rs"]
mod manifest;
#[path = "insiders/mixes.rs"]
mod mixes;
#[path = "insiders/noise.rs"]
mod noise;
#[path = "insiders/openings.rs"]
mod openings;
#[path = "insiders/orders.rs"]
mod orders;
#[path = "insiders/phases.rs"]
mod phases;
#[path = "insiders/results.rs"]
mod results;

use case::{Row, run_all};
use std::collections::BTreeSet;

fn attacks() -> Vec<Row> {
    [
        manifest::rows(),
        files::rows(),
        orders::rows(),
        phases::rows(),
        ceremony::rows(),
        ballots::rows(),
        challenged::rows(),
        counted::rows(),
        mixes::rows(),
        openings::rows(),
        results::rows(),
        faults::rows(),
        absent::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_attack_is_found_by_the_check_that_is_meant() {
    run_all(&attacks());
}

#[test]
fn honest_records_raise_no_alarm() {
    run_all(&honest::rows());
}

/// What a record can show, of the published attacks.
const IDS: &str = "A02 A03 A07 A08 A09 A12 A13 A15 B01 B02 B03 B04 B07 B08 C01 C03 C04 C05 C06 C08 C10 C13 D09 D14 E01 E02 E03 E04 E05 E06 \
    E09 E10 E13 E15 F01 F02 F03 F04 F05 F06 F07 F08 F13 F14 F15 G01 G02 G03 G04 G05 H02 H03";

#[test]
fn every_attack_that_a_record_can_show_has_a_row() {
    let covered: BTreeSet<String> = attacks().iter().flat_map(|r| r.ids.split(' ').map(str::to_owned)).collect();
    let suite = (1..=17).chain(24..=70).map(|m| format!("M{m:02}"));
    let missing: Vec<String> = IDS.split_whitespace().map(str::to_owned).chain(suite).filter(|id| !covered.contains(id)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
