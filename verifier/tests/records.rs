//! Whole records, honest and mutated, with what must be said about each: specs/vectors/records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod kit;

use kit::Unpacked;
use serde_json::Value;
use std::collections::BTreeSet;
use verifier::hash::sha256;
use verifier::report::{Check, Note};
use verifier::run::{self, Options};
use verifier::text;

fn is(check: &Check, note: &Note, wanted: &Value) -> bool {
    let place = note.place.strip_prefix(wanted["place"].as_str().unwrap());
    let goes_on = place.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '@']) || wanted["place"] == "");
    wanted["check"] == check.id && wanted["rule"] == note.rule.as_str() && goes_on
}

fn judge(name: &str) {
    let (case, files) = (kit::case(name), Unpacked::new(name));
    let lines: String = files.files.iter().map(|(path, bytes)| format!("{}  {path}\n", hex::encode(sha256(bytes)))).collect();
    assert_eq!(case["sha256"], hex::encode(sha256(lines.as_bytes())), "{name}");
    let options = Options {
        election: text::hex32(case["election"].as_str().unwrap()),
        evidence: (case["evidence"] == true).then(|| files.evidence().to_str().unwrap().to_owned()),
        register: None,
        threads: 1,
        progress: false,
        cache: None,
    };
    let report = run::check(files.record().to_str().unwrap(), &options);
    assert_eq!(case["code"], report.verdict.code(), "{name}: {}", report.text());
    for (kind, of) in [("failures", (|c| &c.failures) as fn(&Check) -> &Vec<Note>), ("findings", |c| &c.findings)] {
        let wanted = case[kind].as_array().unwrap();
        let notes: Vec<(&Check, &Note)> = report.checks.iter().flat_map(|c| of(c).iter().map(move |n| (c, n))).collect();
        for w in wanted {
            assert!(notes.iter().any(|(c, n)| is(c, n, w)), "{name}: none of the {kind} is {w}\n{}", report.text());
        }
        let exact =
            if kind == "failures" { case["other_failures"] == "none" } else { case["code"] == 0 && case["other_findings"] == false };
        let allowed = case["allowed"].as_array().unwrap();
        for (c, n) in notes.iter().filter(|_| exact) {
            assert!(wanted.iter().chain(allowed).any(|w| is(c, n, w)), "{name}: {kind} {} {} {}", c.id, n.rule, n.place);
        }
    }
}

macro_rules! judged {
    ($($name:ident)*) => {
        const JUDGED: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            judge(&stringify!($name).replace('_', "-"));
        })*
    };
}

judged! {
    a_ballot_before_open
    a_ballot_of_another_election
    a_ballot_of_another_election_dressed_up
    a_dead_share
    a_shifted_sum_with_t_right_openings_beside_it
    an_order_amend_that_was_held_back_for_more_than_an_hour
    annulled_twice_in_one_list
    annulled_without_a_ballot
    annulled_without_a_list
    another_election
    ballot_number_0
    batch_one_ballot_twice
    blob_a_roll_changed
    candidates_titles_swapped_throughout
    challenged_another_seed
    checkpoint_no_witness
    checkpoint_rolled_back
    commit_a_higher_threshold
    envelope_another_ballot_was_signed
    evidence_one_person_twice_on_the_roll
    manifest_a_generator
    manifest_a_space
    manifest_choose_more_than_there_are
    manifest_entry_one_signature_too_few
    mix_a_row_dropped_and_another_doubled
    no_witnesses
    nobody_votes
    one_ballot_k_min_1
    one_contest_copied
    random_3
    random_4
    random_7
    reveal_one_degree_more
    set_hashes_changed_so_that_their_sum_stays
    sums_alone_no_mixers
    suspended_resumed_extended_noted
    the_town
    tile_a_hash_more
    tile_an_entry_exchanged
    two_wrong_ballots_whose_errors_cancel_in_counts
    with_evidence
}

#[test]
fn every_kept_record_is_judged_and_every_check_is_the_one_that_is_meant_in_some() {
    let judged: Vec<String> = JUDGED.iter().map(|name| name.replace('_', "-")).collect();
    assert_eq!(judged, kit::kept());
    let cases: Vec<Value> = judged.iter().map(|name| kit::case(name)).collect();
    let notes = cases.iter().flat_map(|case| [&case["failures"], &case["findings"]]).flat_map(|notes| notes.as_array().unwrap());
    let meant: BTreeSet<&str> = notes.map(|note| note["check"].as_str().unwrap()).collect();
    let missing: Vec<String> = (1..=22).map(|v| format!("V{v}")).filter(|v| !meant.contains(v.as_str())).collect();
    assert!(missing.is_empty(), "no kept record for {missing:?}");
}
