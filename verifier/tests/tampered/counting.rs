//! Mixes, intents, openings and the result: V17 to V20.

use super::*;

#[test]
fn mixes_and_openings() {
    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(7));
    record.change_blob(index, 6, |mix| mix[48] ^= 2);
    let checks = record.run();
    assert!(failing(&checks).iter().any(|(id, notes)| *id == "V17" && notes[0].0 == "MIX-16"), "{:?}", failing(&checks));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(8));
    record.change_blob(index, 6, |intent| intent[5] ^= 1);
    let checks = record.run();
    assert!(checks.iter().any(|check| check.id == "V18" && check.findings.iter().any(|note| note.rule == "OPEN-2")));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(9));
    record.change_blob(index, 6, |opening| *opening.last_mut().unwrap() ^= 1);
    let checks = record.run();
    let place = format!("entry {index} blob");
    assert!(checks.iter().any(|check| check.id == "V19" && check.findings.iter().any(|note| note.place.starts_with(&place))));
}

/// Findings of a check: rule and entry.
fn found(checks: &[Check], id: &str) -> Vec<(String, String)> {
    let check = checks.iter().find(|check| check.id == id).unwrap();
    let entry = |place: &str| place.split(" blob").next().unwrap().to_owned();
    check.findings.iter().map(|note| (note.rule.clone(), entry(&note.place))).collect()
}

fn note(rule: &str, entry: usize) -> (String, String) {
    (rule.to_owned(), format!("entry {entry}"))
}

/// Trustee 2 opens nothing in the made election.
fn absent() -> (String, String) {
    ("COMBINE-2".to_owned(), "unit 0".to_owned())
}

#[test]
fn openings_out_of_place() {
    let record = Tampered::new();
    let (intent, opening) = (record.find(&[3, 1], post(8)), record.find(&[3, 1], post(9)));
    assert_eq!((intent + 2, opening + 7), (opening, record.entries.len()));

    // A second one, right as it is.
    let mut record = Tampered::new();
    record.entries.insert(opening + 1, record.entries[opening].clone());
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V19")), (vec![], vec![note("OPEN-6", opening + 1), absent()]));

    // Before the second intent: too early, and then one is missing.
    let mut record = Tampered::new();
    record.entries.swap(opening - 1, opening);
    let checks = record.run();
    assert_eq!(failing(&checks), [("V19", vec![("COMBINE-2".to_owned(), "unit 0".to_owned())])]);
    assert!(found(&checks, "V19").contains(&note("OPEN-6", opening - 1)));

    // After both, but without an intent of its own.
    let mut record = Tampered::new();
    record.entries[opening - 1] = record.entries[opening - 2].clone();
    let checks = record.run();
    assert_eq!(ids(&checks), ["V18", "V19"], "{:?}", failing(&checks));

    for (at, value, rule) in [(3, 2, "OPEN-5"), (4, 1, "OPEN-5"), (8, 1, "OPEN-5"), (43, 9, "OPEN-5"), (45, 9, "OPEN-5"), (0, 9, "DEC-6")] {
        let mut record = Tampered::new();
        record.change_blob(opening, 6, |opening| opening[at] ^= value);
        let checks = record.run();
        assert!(found(&checks, "V19").contains(&note(rule, opening)), "{at}: {:?}", found(&checks, "V19"));
        assert_eq!(ids(&checks), ["V19"]);
    }
    for (change, rule) in [(0, "DEC-5"), (1, "DEC-4")] {
        let mut record = Tampered::new();
        record.change_blob(opening, 6, |opening| if change == 0 { opening.truncate(opening.len() - 1) } else { opening.push(0) });
        assert!(found(&record.run(), "V19").contains(&note(rule, opening)));
    }
}

#[test]
fn intents_that_are_wrong() {
    let record = Tampered::new();
    let intent = record.find(&[3, 1], post(8));
    // Head: type, version, trustee, size, root, counted set; then the list, units 0 and 1 first.
    for (at, rule) in
        [(3, "OPEN-2"), (11, "OPEN-2"), (12, "OPEN-2"), (44, "OPEN-2"), (0, "DEC-6"), (79, "DEC-5"), (83, "OPEN-2"), (84, "OPEN-2")]
    {
        let mut record = Tampered::new();
        record.change_blob(intent, 6, |intent| intent[at] ^= 64);
        let checks = record.run();
        let found = found(&checks, "V18");
        // Of 64 for unit 0 the list is not sorted any more.
        let rule = if at == 83 { "DEC-9" } else { rule };
        assert_eq!(found, [note(rule, intent)], "{at}");
        // A trustee less: units that only two were to open have one right intent.
        let failed = failing(&checks);
        let units = if at == 84 { 1 } else { 3 };
        assert_eq!((failed[0].0, failed[0].1.len(), failed[0].1[0].0.as_str()), ("V18", units, "OPEN-3"), "{at}");
    }
    // Both are wrong: more than n - t.
    let mut record = Tampered::new();
    for index in [intent, intent + 1] {
        record.change_blob(index, 6, |intent| intent[20] ^= 1);
    }
    let last = record.entries.len() - 1;
    assert_eq!(found(&record.run(), "V18"), [note("OPEN-2", intent), note("OPEN-2", intent + 1), note("OPEN-3", last)]);
    // A second intent that differs from the first for one unit, which is right all the same.
    let mut record = Tampered::new();
    record.entries.insert(intent + 2, record.entries[intent].clone());
    record.change_blob(intent + 2, 6, |intent| intent[84] ^= 1);
    let checks = record.run();
    assert!(ids(&checks).is_empty());
    assert_eq!(found(&checks, "V18"), [note("OPEN-2", intent + 2), note("OPEN-2", intent + 2)]);
    // A unit that is not to be opened: the empty one.
    let mut record = Tampered::new();
    record.entries.insert(intent + 2, record.entries[intent].clone());
    record.change_blob(intent + 2, 6, |intent| intent[80 + 36 * 2 + 3] = 4);
    let checks = record.run();
    assert!(ids(&checks).is_empty());
    assert_eq!(found(&checks, "V18"), [note("OPEN-2", intent + 2)]);
}

#[test]
fn mixes_out_of_place() {
    let record = Tampered::new();
    let mix = record.find(&[3, 1], post(7));
    // The same again: the stage counts already; a stage more: none is required; the second one alone: its input is not there.
    let mut record = Tampered::new();
    record.entries.insert(mix + 1, record.entries[mix].clone());
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V17")), (vec![], vec![note("MIX-13", mix + 1)]));
    let mut record = Tampered::new();
    record.entries.insert(mix + 2, record.entries[mix + 1].clone());
    record.change_blob(mix + 2, 6, |mix| mix[7] = 3);
    let checks = record.run();
    assert_eq!((ids(&checks), found(&checks, "V17")), (vec![], vec![note("MIX-16", mix + 2)]));
    let mut record = Tampered::new();
    record.entries.remove(mix);
    let checks = record.run();
    let unit = ("MIX-16".to_owned(), "unit 3".to_owned());
    assert_eq!((failing(&checks)[0].clone(), found(&checks, "V17")), (("V17", vec![unit.clone()]), vec![note("MIX-12", mix)]));
    // Unit, stage, mixer, input, N, w; a unit that is summed; one that is not there.
    for (at, value, rule) in [
        (5, 0, "MIX-12"),
        (2, 9, "MIX-12"),
        (7, 0, "MIX-12"),
        (9, 2, "MIX-12"),
        (12, 0, "MIX-12"),
        (45, 9, "MIX-12"),
        (47, 2, "MIX-12"),
        (1, 9, "DEC-6"),
    ] {
        let mut record = Tampered::new();
        record.change_blob(mix, 6, |mix| if mix[at] == value { mix[at] ^= 1 } else { mix[at] = value });
        let checks = record.run();
        assert_eq!(found(&checks, "V17")[0], note(rule, mix), "{at}");
        assert_eq!(failing(&checks)[0], ("V17", vec![unit.clone()]), "{at}");
    }
    // An output row that is an input row.
    let mut record = Tampered::new();
    let second: Vec<u8> = record.blob(&record.entries[mix + 1][6..38].to_vec())[48..48 + 64].to_vec();
    record.change_blob(mix, 6, |mix| mix[48..48 + 64].copy_from_slice(&second));
    assert_eq!(found(&record.run(), "V17")[0].1, format!("entry {mix}"));
    for (change, rule) in [(0, "DEC-5"), (1, "DEC-4")] {
        let mut record = Tampered::new();
        record.change_blob(mix, 6, |mix| if change == 0 { mix.truncate(mix.len() - 1) } else { mix.push(0) });
        assert_eq!(found(&record.run(), "V17")[0], note(rule, mix));
    }
}

#[test]
fn another_result() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(13));
    record.change_blob(index, 55, |result| {
        *result = String::from_utf8(result.clone()).unwrap().replacen("\"unit\":0", "\"unit\":1", 1).into()
    });
    assert_eq!(ids(&record.run()), ["V20"]);
}
