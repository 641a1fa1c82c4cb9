//! Roll, ceremony, drills, lists and closing: what the count rests on.

use super::*;

#[test]
fn roll_ceremony_and_drills() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(1));
    record.change_blob(index, 55, |roll| roll[10] ^= 1);
    assert!(ids(&record.run()).contains(&"V8"));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(2));
    record.change_blob(index, 6, |reveal| *reveal.last_mut().unwrap() ^= 1);
    let checks = record.run();
    assert!(ids(&checks).contains(&"V9"), "{:?}", failing(&checks));

    let mut record = Tampered::new();
    let index = record.find(&[3, 1], post(6));
    record.change_blob(index, 6, |answer| answer[40..72].copy_from_slice(&verifier::group::encode(&verifier::group::G)));
    let checks = record.run();
    assert!(failing(&checks).iter().any(|(id, notes)| *id == "V10" && notes[0].0 == "PHASE-2"));
    assert!(checks.iter().any(|check| check.findings.iter().any(|note| note.rule == "DRILL-1")));
}

#[test]
fn annulments_and_closing() {
    let mut record = Tampered::new();
    let index = record.find(&[2, 1], order(11));
    record.change_blob(index, 55, |list| list[6 + 32] = 9);
    assert!(failing(&record.run()).iter().any(|(id, notes)| *id == "V15" && notes[0].0 == "DEC-8"));
    for (at, rule) in [(2, "SET-4"), (34, "SET-5")] {
        let mut record = Tampered::new();
        let index = record.find(&[7, 1], |_| true);
        record.entries[index][at] ^= 1;
        assert!(failing(&record.run()).iter().any(|(id, notes)| *id == "V16" && notes[0].0 == rule));
    }
}
