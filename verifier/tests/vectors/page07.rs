use crate::{Case, bytes};
use crate::{hash, hashes, load};
use serde_json::{Value, json};
use std::collections::HashSet;
use verifier::bytes::{Fault, Hash};
use verifier::checks::changes::{self, Amend};
use verifier::checks::{annulments, roll};
use verifier::counted::Line;
use verifier::hash::Labelled;
use verifier::manifest::Manifest;
use verifier::rolls::Rolls;
use verifier::tree;

/// Promises, logins and the voter's own checks are not a verifier's business.
#[test]
fn casting() {
    let file = load("07-casting", "07-casting@v1.0.0");
    let manifest = crate::manifest(file.get("manifest"));
    for case in file.cases() {
        match case.kind() {
            "pseudonym" if case.text("expect") == "accept" => {
                let made = Labelled::new("pseudonym")
                    .with(&manifest.election)
                    .with(&case.hash("blinding"))
                    .with(case.text("person_code").as_bytes());
                assert_eq!(made.done(), hash(case.on_the_way("pseudonym")), "{}", case.name());
            }
            "roll" => {
                let (_, faults) = roll::read(&case.bytes("roll"), &manifest, &case.hash("root"));
                case.check(faults.into_iter().next().map_or(Ok(()), Err));
            }
            "line" => {
                let made = Labelled::new("pseudonym")
                    .with(&manifest.election)
                    .with(&case.hash("blinding"))
                    .with(case.text("person_code").as_bytes());
                let pseudonym = case.hash("pseudonym");
                let line = [pseudonym.as_slice(), &(case.number("district") as u16).to_be_bytes()].concat();
                let path = hashes(case.list("path"));
                let included = tree::included(&tree::leaf(&line), case.number("line"), case.number("lines"), &path, &case.hash("root"));
                let good = included && made.done() == pseudonym;
                case.check(if good { Ok(()) } else { Err(Fault::new("ROLL-2", "")) });
            }
            "annulment" => {
                let lines: Vec<Line> = hashes(case.list("roll")).into_iter().map(|pseudonym| Line { pseudonym, district: 0 }).collect();
                let before: HashSet<Hash> = hashes(case.list("before")).into_iter().collect();
                let (_, faults) = annulments::read(&case.bytes("list"), &lines, case.number("value"), &before);
                case.check(faults.into_iter().next().map_or(Ok(()), Err));
            }
            "reinstatement" => {
                let annulled: HashSet<Hash> = hashes(case.list("annulled")).into_iter().collect();
                let (list, faults) = annulments::read_back(&case.bytes("list"), case.number("value"), &annulled);
                if case.check(faults.into_iter().next().map_or(Ok(()), Err)).is_some() {
                    assert_eq!(list.len() as u64, case.number("value"), "{}", case.name());
                }
            }
            "changes" => changed(&case, &manifest),
            "envelope" => {
                let made = Labelled::new("envelope").with(&case.hash("salt")).with(&case.bytes("container")).done();
                assert_eq!(made, hash(case.on_the_way("envelope")), "{}", case.name());
            }
            "pseudonym" | "login" | "promise" => {}
            other => panic!("unknown kind {other}"),
        }
    }
}

/// A change set on the roll that those before it made.
fn changed(case: &Case<'_>, manifest: &Manifest) {
    let line = |line: &Value| Line { pseudonym: hash(&line[0]), district: line[1].as_u64().unwrap() as u16 };
    let mut rolls = Rolls::new(1, case.list("roll").iter().map(line).collect());
    let before = case.list("before").iter().map(bytes).zip(hashes(case.list("before_roots"))).zip(1u64..);
    for ((set, root), value) in before {
        let (_, faults) = changes::amend(&mut rolls, manifest, &set, Amend { entry: 10 * value, value, root: &root });
        assert_eq!(faults, [], "{}", case.name());
    }
    let (version, old) = (rolls.version(), rolls.now().to_vec());
    let order = Amend { entry: 10 * (version + 1), value: case.number("value"), root: &case.hash("root") };
    let (_, faults) = changes::amend(&mut rolls, manifest, &case.bytes("changes"), order);
    if case.check(faults.into_iter().next().map_or(Ok(()), Err)).is_none() {
        assert_eq!((rolls.version(), rolls.now()), (version, &old[..]), "{}: changes nothing", case.name());
        return;
    }
    let shown = |lines: &[Line]| json!(lines.iter().map(|line| json!([hex::encode(line.pseudonym), line.district])).collect::<Vec<_>>());
    assert_eq!(shown(rolls.now()), *case.on_the_way("lines"), "{}", case.name());
    assert_eq!(shown(&rolls.whole()), *case.on_the_way("whole"), "{}", case.name());
    // The version before stays in force up to the order, and the new one is behind it.
    for Line { pseudonym, district } in rolls.now() {
        let was = old.iter().find(|line| line.pseudonym == *pseudonym).map(|line| line.district);
        assert_eq!(rolls.district_at(pseudonym, order.entry), was, "{}", case.name());
        assert_eq!(rolls.district_at(pseudonym, order.entry + 1), Some(*district), "{}", case.name());
    }
}
