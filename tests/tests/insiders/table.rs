//! All rows of the kit.

use super::check::{judge, verify};
use e2e::kit::index::{Entry, entry, files};
use e2e::kit::{self, Row, replay, shelf, work};
use e2e::process;
use std::collections::{BTreeMap, BTreeSet};

/// Judges each row, and holds it against its line of the index in `specs/vectors/records`.
fn run_all(rows: &[Row]) {
    let index = shelf::index().unwrap();
    let index: BTreeMap<&str, &Entry> = index.cases.iter().map(|e| (e.name.as_str(), e)).collect();
    let only = std::env::var("HAAL_ROW").unwrap_or_default();
    let rows: Vec<&Row> = rows.iter().filter(|r| r.name.contains(&only)).collect();
    let judge = |at: usize| {
        let (row, case) = (rows[at], (rows[at].make)());
        judge(&case).map_err(|e| format!("{} [{}]\n{e}", row.name, row.ids))?;
        let same = index.get(row.slug().as_str()) == Some(&&entry(row, &case, &files(&case)));
        if same { Ok(()) } else { Err(format!("{}: the index has another line; `cargo conformance --keep` writes it anew", row.name)) }
    };
    let wrong = work::on_two_threads(rows.len(), judge);
    println!("{} records", rows.len());
    for line in replay::other_names() {
        println!("another rule for one fault: {line}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_attack_is_found_by_the_check_that_is_meant() {
    run_all(&kit::attacks());
}

#[test]
fn honest_records_raise_no_alarm() {
    run_all(&kit::honest());
}

/// What a record can show, of the published attacks.
const IDS: &str = "A02 A03 A07 A08 A09 A12 A13 A15 B01 B02 B03 B04 B07 B08 C01 C03 C04 C05 C06 C08 C10 C13 D09 D14 E01 E02 E03 E04 E05 E06 \
    E09 E10 E13 E15 F01 F02 F03 F04 F05 F06 F07 F08 F13 F14 F15 G01 G02 G03 G04 G05 H02 H03";

#[test]
fn every_attack_that_a_record_can_show_has_a_row() {
    let covered: BTreeSet<String> = kit::attacks().iter().flat_map(|r| r.ids.split(' ').map(str::to_owned)).collect();
    // M20 and M22, revocation, have no rule yet: specs/07a-envelope.md.
    let suite = (1..=19).chain([21, 23]).chain(24..=70).map(|m| format!("M{m:02}"));
    let missing: Vec<String> = IDS.split_whitespace().map(str::to_owned).chain(suite).filter(|id| !covered.contains(id)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

/// What is kept is what the kit makes; the rows above look at the index line by line, and here at its order and at the archives.
#[test]
fn the_kept_records_are_those_that_are_made() {
    let rows: Vec<Row> = kit::honest().into_iter().chain(kit::attacks()).collect();
    let slugs: Vec<String> = rows.iter().map(Row::slug).collect();
    let index = shelf::index().unwrap();
    assert_eq!(index.cases.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), slugs);
    assert_eq!(std::fs::read_to_string(shelf::folder().join("index.json")).unwrap(), index.to_text());
    let mut kept = 0;
    for row in &rows {
        if let Ok(archive) = std::fs::read(shelf::folder().join(format!("{}.zip", row.slug()))) {
            assert!(archive == shelf::archive(&row.slug(), &files(&(row.make)())), "{}", row.name);
            kept += 1;
        }
    }
    assert!(kept > 30, "{kept}");
}

#[test]
fn rows_are_told_apart_by_their_names() {
    let mut seen = BTreeSet::new();
    for row in kit::honest().iter().chain(&kit::attacks()) {
        assert!(seen.insert(row.slug()), "{} is there twice", row.name);
    }
}

/// The rows above ask the library; people run the program.
#[test]
fn the_program_prints_what_the_library_says() {
    let rows: Vec<Row> = kit::honest().into_iter().chain(kit::attacks()).collect();
    for row in rows.iter().step_by(53) {
        let case = (row.make)();
        let folder = work::folder().unwrap();
        let (record, evidence) = (folder.path().join("record"), folder.path().join("evidence"));
        case.write(&record, &evidence).unwrap();
        let said = verify(&record, &case.election_id(), None);
        let args = ["check", record.to_str().unwrap(), "--election-id", &case.election_id(), "--json", "--quiet", "--threads", "1"];
        let program = process::run("verifier", args).unwrap();
        assert_eq!(program.code, said.code, "{}: {}", row.name, program.err);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&program.out).unwrap(), said.report, "{}", row.name);
    }
}
