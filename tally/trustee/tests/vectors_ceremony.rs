//! Runs specs/vectors/05-key-ceremony.json: the public part through `board`, complaints and drills through this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use ballot::Manifest;
use board::PostKind;
use board::ceremony::{Ceremony, SessionState, drill_point};
use common::vectors::*;
use serde_json::Value;
use trustee::ceremony::{ShareKey, check_quorums, judge};
use trustee::key_share::KeyShare;

const SPEC: &str = "05-key-ceremony@v1.0.0";

fn kind(message: &[u8]) -> PostKind {
    match message.first() {
        Some(33) => PostKind::Reveal,
        Some(34) => PostKind::Deal,
        Some(35) => PostKind::Confirm,
        Some(36) => PostKind::Complaint,
        Some(37) => PostKind::Drill,
        _ => PostKind::Commit,
    }
}

struct Run {
    manifest: Manifest,
    ceremony: Ceremony,
}

impl Run {
    fn new(file: &Value) -> Self {
        let manifest = Manifest::from_bytes(file["manifest"].as_str().unwrap().as_bytes()).unwrap();
        let mut ceremony = Ceremony::new(&manifest);
        ceremony.start(hash(&file["session"]));
        Self { manifest, ceremony }
    }

    /// Rule and culprit of the last post, or nothing if all are right.
    fn posts(&mut self, case: &Value) -> Option<(String, u64)> {
        let posts = list(&case["posts"]);
        for (at, post) in posts.iter().enumerate() {
            let (author, message) = (number(&post["author"]) as u16, bytes(&post["message"]));
            let result = self.ceremony.post(kind(&message), author, &message);
            let session = self.ceremony.sessions().last().unwrap();
            let fault = match &result {
                Err(error) => Some((error.to_string().split(':').next().unwrap().to_owned(), u64::from(author))),
                Ok(()) => session
                    .complaints
                    .last()
                    .map(|c| ("KEY-9".to_owned(), judge(&self.manifest, session, c).map_or(u64::from(author), |j| j.culprit.into()))),
            };
            if fault.is_some() {
                assert_eq!(at + 1, posts.len(), "{}: refused too early: {result:?}", name(case));
                return fault;
            }
        }
        None
    }
}

#[test]
fn runs() {
    let file = load("05-key-ceremony", SPEC);
    for case in cases(&file, "run") {
        let mut run = Run::new(&file);
        let got = run.posts(case);
        let name = name(case);
        if case["expect"] == "accept" {
            assert_eq!(got, None, "{name}");
            let confirmed = run.ceremony.sessions()[0].state == SessionState::Confirmed;
            assert_eq!(case["intermediate"]["confirmed"], confirmed, "{name}");
            continue;
        }
        let (rule, culprit) = got.unwrap_or_else(|| panic!("{name}: accepted"));
        let wanted = case["rule"].as_str().unwrap();
        // The board names KEY-1 where bytes do not decode; the wrong length of KEY-4 is such a case, and so is an unknown dealer.
        let by_board = case["expect"] == "malformed" || wanted == "KEY-4" || name.contains("no such dealer");
        assert!(rule == wanted || by_board && rule == "KEY-1", "{name}: {rule}, not {wanted}");
        let at_fault = number(&case["at_fault"]);
        assert!(culprit == at_fault || at_fault == 0, "{name}: {culprit}, not {at_fault}");
    }
}

#[test]
fn the_whole_run_with_all_its_secrets() {
    let file = load("05-key-ceremony", SPEC);
    let case = cases(&file, "run")[0];
    let mut run = Run::new(&file);
    assert_eq!(run.posts(case), None);
    let wanted = &case["intermediate"];
    let keys = run.ceremony.confirmed().unwrap();
    assert_eq!(keys.key.id(), hash(&wanted["key"]));
    assert_eq!(keys.key.columns(), points(&wanted["H"]));
    for (j, trustee) in list(&wanted["trustees"]).iter().enumerate() {
        assert_eq!(keys.shares[j], points(&trustee["X"]));
        let key = ShareKey::from_bytes(&hash(&trustee["e"])).unwrap();
        assert_eq!(key.public(), run.manifest.description().trustees.members[j].share_key.0);
        // A key share as its file has it.
        let mut bytes = vec![64, 1];
        bytes.extend(keys.key.id());
        bytes.extend(keys.session);
        bytes.extend((j as u16 + 1).to_be_bytes());
        bytes.extend(2u32.to_be_bytes());
        list(&trustee["x"]).iter().for_each(|x| bytes.extend(hash(x)));
        KeyShare::from_bytes(&bytes).unwrap().check(keys).unwrap();
        bytes[67] ^= 1; // another trustee's
        assert!(KeyShare::from_bytes(&bytes).unwrap().check(keys).is_err());
    }
}

#[test]
fn drills() {
    let file = load("05-key-ceremony", SPEC);
    let mut run = Run::new(&file);
    assert_eq!(run.posts(cases(&file, "run")[0]), None);
    let mut all = run.ceremony.clone();
    for case in cases(&file, "drill") {
        let name = name(case);
        let (number_, nonce) = (number(&case["drill"]) as u32, hash(&case["nonce"]));
        let mut ceremony = run.ceremony.clone();
        ceremony.start_drill(number_, nonce);
        let author = number(&case["author"]) as u16;
        let answer = bytes(&case["answer"]);
        let result = ceremony.post(PostKind::Drill, author, &answer);
        assert_eq!(result.is_ok(), case["expect"] == "accept", "{name}: {result:?}");
        if let Some(d) = case["intermediate"]["D"].as_str().filter(|_| result.is_ok()) {
            let point = drill_point(&run.manifest.id(), &hash(&case["key"]), number_, &nonce).unwrap();
            assert_eq!(hex::encode(point.bytes()), d, "{name}");
            if all.drills().is_empty() {
                all.start_drill(number_, nonce);
            }
            all.post(PostKind::Drill, author, &answer).unwrap();
        }
        if let Err(error) = result {
            let rule = error.to_string().split(':').next().unwrap().to_owned();
            assert!(rule == case["rule"].as_str().unwrap() || case["expect"] == "malformed", "{name}: {rule}");
        }
    }
    check_quorums(all.drills().last().unwrap(), run.manifest.trustees().1).unwrap();
}
