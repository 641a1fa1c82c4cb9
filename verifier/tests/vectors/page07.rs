use crate::{hash, hashes, load};
use std::collections::HashSet;
use verifier::bytes::{Fault, Hash};
use verifier::checks::{annulments, roll};
use verifier::counted::Line;
use verifier::hash::Labelled;
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
            "envelope" => {
                let made = Labelled::new("envelope").with(&case.hash("salt")).with(&case.bytes("container")).done();
                assert_eq!(made, hash(case.on_the_way("envelope")), "{}", case.name());
            }
            "pseudonym" | "login" | "promise" => {}
            other => panic!("unknown kind {other}"),
        }
    }
}
